/*
 * The outside of one endpoint, played from a script: a clock that jumps, dice that always fall the
 * same, a peer that does one step after another. No socket, no sleep.
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
    FAKE_STOP, /* the run is stopped */
    FAKE_AGAIN /* what comes after belongs to the next attempt */
};

struct fake_step {
    enum fake_kind kind;
    int error;
    int64_t after_ms; /* the step before; for FAKE_TLS, each answer's round trip */
    const void *bytes;
    size_t len;
    const struct tls_peer_options *tls; /* NULL: the defaults */
    bool dribble;
    bool one_flight; /* FAKE_TLS: the server falls silent after its first answer */
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
    struct tc_connection connection;
    struct tc_observation *observation; /* the row, once it is done */

    const struct fake_step *step; /* the next one */
    int64_t now_us;
    int64_t queue_us; /* how long each event waits in the scanner's own queue */
    int64_t mark_us;  /* when the step before was */
    int64_t wrote_us;
    size_t write_room; /* how much each write takes; 0: all */
    uint32_t random;
    int connect_error;

    uint8_t *input; /* what the peer has sent and was not read */
    size_t input_len;
    struct tls_peer tls;
    int64_t tls_after_ms;
    size_t tls_left;
    uint8_t *output; /* what the TLS server will have sent at `output_us` */
    size_t output_len;
    int64_t output_us;
    int input_error;

    bool prepares; /* hellos are made while the SYN is out */
    bool is_done;
    bool has_written; /* since the last FAKE_AWAIT */
    bool is_connected;
    bool is_blocked; /* the last write was cut, the next one fails until there is room */
    bool input_end;
    bool has_tls;
    bool tls_one_flight;
    bool tls_dribble;

    unsigned num_opened;
    unsigned num_closed;
    unsigned num_pauses;
    uint64_t num_written;
    uint8_t written[4096]; /* the first of all that the scanner sent */
    char heard[64];        /* by the newest TLS server, from inside */
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
void fake_net_cleanup(struct fake_net *net);

#endif
