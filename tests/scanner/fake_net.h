/*
 * The outside of one endpoint, played from a script: a clock that jumps, dice that always fall the
 * same, peers that do one step after another. No socket, no sleep.
 *
 * A script has a section for each connection, in the order in which they are opened: FAKE_AGAIN
 * parts them. Those for which none is left meet a silent peer, or the last section again
 * (FAKE_REPEAT).
 */
#ifndef FAKE_NET_H
#define FAKE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/endpoint.h"
#include "tls_peer.h"

enum fake_kind {
    FAKE_SILENCE = 0, /* nothing more: also what an array ends with */
    FAKE_OPEN_FAILS,  /* the socket cannot be opened: `error` */
    FAKE_CONNECTED,
    FAKE_CONNECT_FAILS, /* `error` */
    FAKE_AWAIT,         /* until the scanner has written something */
    FAKE_BYTES,         /* the peer sends `bytes`; `dribble`: one by one, a millisecond apart */
    FAKE_TLS,           /* a real server answers, until `len` bytes of it were sent (0: always) */
    FAKE_EOF,
    FAKE_RESET,
    FAKE_STOP,  /* the run is stopped */
    FAKE_AGAIN, /* what comes after belongs to the next connection */
    FAKE_REPEAT /* all further connections are as the last */
};

struct fake_step {
    enum fake_kind kind;
    int error;
    int64_t after_ms; /* the step before; for FAKE_TLS, each answer's round trip */
    const void *bytes;
    size_t len;
    const struct tls_peer_options *tls; /* NULL: the defaults */
    bool dribble;
    bool one_flight;  /* FAKE_TLS: the server falls silent after its first answer */
    unsigned answers; /* FAKE_TLS: or after so many; 0: never */
};

#define FAKE_WRITTEN   4096
#define FAKE_MAX_PEERS 256

/* One connection of the scanner, and who is at its other end. Stays until the end of the play. */
struct fake_peer {
    struct tc_connection connection; /* first member */
    const struct fake_step *step;    /* the next one */
    int64_t mark_us;                 /* when the step before was */
    int64_t opened_us;
    int64_t wrote_us;
    uint16_t port;
    int connect_error;
    uint8_t *input; /* what the peer has sent and was not read */
    size_t input_len;
    int input_error;
    bool input_end;
    struct tls_peer tls;
    int64_t tls_after_ms;
    size_t tls_left;
    int64_t drive_us;  /* when the scanner looks at what it was told; with late_us */
    int64_t output_us; /* when the TLS server's answer arrives */
    bool has_tls;
    unsigned tls_answers; /* that are still to come; 0: any number */
    bool tls_dribble;
    bool is_connected;
    bool is_blocked;  /* the last write was cut, the next one fails until there is room */
    bool has_written; /* since the last FAKE_AWAIT */
    bool has_fin;     /* the scanner ended its side in good order */
    char heard[64];   /* by its TLS server, from inside */
    unsigned num_writes;
    uint64_t num_written;
    uint8_t written[FAKE_WRITTEN]; /* the first of all that the scanner sent */
};

/* An endpoint that waits for its turn. */
struct fake_turn {
    struct tc_endpoint *endpoint;
    int64_t at_us;
};

struct fake_net {
    struct tc_io io;
    struct tc_timers timers;
    struct tc_scratch scratch;
    struct tc_cert_memory cert_memory;
    struct tc_loop_lag lag;
    struct tc_endpoint_shared shared;
    struct tc_endpoint_origin origin;
    struct tc_endpoint endpoint;
    struct tc_observation *observation; /* the row, once it is done */

    const struct fake_step *script;
    struct fake_peer *peers[FAKE_MAX_PEERS]; /* in the order of their connections */
    size_t num_peers;
    struct fake_turn turns[FAKE_MAX_PEERS];
    size_t num_turns;
    int64_t now_us;
    int64_t late_us;   /* how late the scanner's loop looks at events, while timers still run */
    int64_t queue_us;  /* how long each event waits in the scanner's own queue */
    int64_t turn_us;   /* how long an endpoint waits for its turn */
    size_t write_room; /* how much each write takes; 0: all */
    uint32_t random;
    bool prepares;  /* hellos are made while the SYN is out */
    bool no_probes; /* there is no memory for them */
    bool is_done;
    bool is_surveying;

    unsigned num_closed;
    unsigned num_pauses;
    unsigned num_probes; /* alive */
    unsigned num_open;   /* connections now, and at most */
    unsigned most_open;
};

#define FAKE_START_US INT64_C(1000000000)

/* `tls` and the options' verifier are borrowed. The target is https://host.example. */
void fake_net_init(struct fake_net *net, const struct fake_step *script,
                   const struct tc_scan_options *options, const struct tc_tls *tls,
                   struct tc_target *target);
/* Plays until the endpoint is done; false where it would wait for ever. */
bool fake_net_play(struct fake_net *net);
/* Since the start, by the fake clock. */
int64_t fake_net_elapsed_ms(const struct fake_net *net);
/* Whether the scanner sent these bytes to this peer, or to any. */
bool fake_peer_has_bytes(const struct fake_peer *peer, const void *bytes, size_t len);
bool fake_net_has_bytes(const struct fake_net *net, const void *bytes, size_t len);
/* Nothing of the endpoint and its probes is left over. */
bool fake_net_is_clean(const struct fake_net *net);
void fake_net_cleanup(struct fake_net *net);

#endif
