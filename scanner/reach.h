/*
 * The way to where TLS may begin: the TCP connection, the proxy's tunnel, the STARTTLS dialogue.
 * The handshake and the survey's hellos go it alike; what comes after is their own affair.
 *
 * An owner begins a way, calls tc_reach_advance() after each event of the connection, keeps a
 * deadline of tc_reach_limit_us() from each new stage on, and adds to `queued_us` what an event has
 * waited in our own queue.
 */
#ifndef TC_SCANNER_REACH_H
#define TC_SCANNER_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "connection.h"
#include "io.h"
#include "proxy.h"
#include "tlscensus/observation.h"
#include "tlscensus/scan.h"
#include "tlscensus/starttls.h"
#include "tlscensus/target.h"

/* Stages only move forward. */
enum tc_reach_stage {
    TC_REACH_CONNECT = 0, /* SYN is out */
    TC_REACH_PROXY,       /* asking the proxy for the endpoint */
    TC_REACH_STARTTLS,    /* asking the server for TLS */
    TC_REACH_READY        /* TLS may begin */
};

enum tc_reach_result {
    TC_REACH_WAIT = 0, /* for the peer */
    TC_REACH_MOVED,    /* the next stage has begun, with a limit of its own: advance again */
    TC_REACH_THERE,    /* the stage is READY: nothing of the peer's TLS has been read */
    TC_REACH_FAILED    /* `outcome` and `detail` say why */
};

/* Where to, and by what means. All is borrowed while the way lasts. */
struct tc_reach_goal {
    const struct tc_io *io;
    const struct tc_scan_options *options;
    const struct tc_address *proxy_address; /* NULL: no proxy */
    const struct tc_target *target;
    const struct tc_address *address; /* none where the proxy gets the name */
    uint16_t port;                    /* mostly the target's */
};

/* Caller's memory. The zero state is a way that was never begun. */
struct tc_reach {
    struct tc_reach_goal goal;
    struct tc_connection *connection; /* borrowed */
    enum tc_reach_stage stage;
    struct tc_proxy_dialogue *proxy; /* in PROXY */
    struct tc_starttls *starttls;    /* in STARTTLS */

    enum tc_outcome outcome; /* with FAILED */
    char *detail;            /* likewise; owned, NULL where memory ran out */

    int64_t begun_us;
    int64_t base_us;        /* connected, the tunnel agreed on, or STARTTLS: the newest of these */
    int64_t queued_us;      /* since then: events waited so long in our own queue */
    int64_t connect_us;     /* TC_TIME_UNKNOWN until known, as the next two */
    int64_t starttls_us;    /* also unknown where there is no dialogue */
    int64_t rtt_us;         /* also unknown behind a proxy */
    int64_t leftover_bytes; /* in the clear behind the server's go; -1 without dialogue */
    uint64_t read_bytes;    /* before TLS */
};

/* Whether TLS begins as soon as the connection stands: a hello may be written ahead. */
bool tc_reach_is_direct(const struct tc_reach_goal *goal);
/* tc_reach_begin opens the connection. WAIT, or FAILED. */
enum tc_reach_result tc_reach_begin(struct tc_reach *reach, const struct tc_reach_goal *goal,
                                    struct tc_connection *connection);
/* tc_reach_advance goes as far as the events noted in the connection allow. */
enum tc_reach_result tc_reach_advance(struct tc_reach *reach);
/* How long the present stage may last. */
int64_t tc_reach_limit_us(const struct tc_reach *reach);
/* tc_reach_expire says that it lasted longer: `outcome` and `detail` are set. */
void tc_reach_expire(struct tc_reach *reach);
/* tc_reach_farewell writes what is polite to say when the way ends here: QUIT, mostly nothing. */
void tc_reach_farewell(struct tc_reach *reach);
/* tc_reach_cleanup frees texts and dialogues; times and bytes stay readable. */
void tc_reach_cleanup(struct tc_reach *reach);

#endif
