/*
 * One endpoint: one address and port reached for a target. A state machine that only moves forward,
 * with one exit; a retry is a new walk through it.
 */
#ifndef TC_SCANNER_ENDPOINT_H
#define TC_SCANNER_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "address_gate.h"
#include "connection.h"
#include "handshake.h"
#include "io.h"
#include "loop_lag.h"
#include "reach.h"
#include "timers.h"
#include "tlscensus/observation.h"
#include "tlscensus/scan.h"
#include "tlscensus/target.h"

enum tc_endpoint_state {
    TC_ENDPOINT_WAIT = 0,  /* for its turn, or for a retry: holds no connection, nothing is timed */
    TC_ENDPOINT_CONNECT,   /* SYN is out. Leaves for PROXY, STARTTLS or the talk */
    TC_ENDPOINT_PROXY,     /* asking the proxy for the endpoint. Leaves for STARTTLS or the talk */
    TC_ENDPOINT_STARTTLS,  /* asking the server for TLS. Leaves for the talk: HANDSHAKE, or a
                              probe's SPLIT, HELLO or HTTP */
    TC_ENDPOINT_SPLIT,     /* a probe's hello is half sent. Leaves for HELLO or finishes */
    TC_ENDPOINT_HELLO,     /* a probe's hello is out. Its flight finishes, or leaves for REPLY */
    TC_ENDPOINT_REPLY,     /* a probe's follow-up is out; a record finishes */
    TC_ENDPOINT_HTTP,      /* a probe's request to port 80 is out; the answer's head finishes */
    TC_ENDPOINT_HANDSHAKE, /* TLS. Leaves for ANSWER or finishes */
    TC_ENDPOINT_ANSWER,    /* no client certificate: what does the server say? Its tickets. Time
                              leads to PARTING where a ticket is missing */
    TC_ENDPOINT_PARTING,   /* our goodbye is out. The server's, or a ticket before it, finishes */
    TC_ENDPOINT_SURVEY,    /* probes ask on; holds no connection of its own. Leaves for DONE */
    TC_ENDPOINT_DONE,
    TC_ENDPOINT_STATE_COUNT
};

/* What all endpoints of one target have in common. Outlives them. */
struct tc_endpoint_origin {
    struct tc_target *target;
    const struct tc_scan_options *options; /* with the target's profile; borrowed */
    uint32_t endpoints_count;
    char *cname_chain; /* NULL without alias */
    int64_t dns_us;    /* TC_TIME_UNKNOWN where nothing was asked */
};

struct tc_endpoint;
struct tc_probe;
struct tc_survey_run;

/* What the endpoints of one worker share. Everything is borrowed. */
struct tc_endpoint_shared {
    const struct tc_io *io;
    const struct tc_tls *tls;
    const struct tc_address *proxy_address; /* NULL: no proxy */
    struct tc_scratch *scratch;
    struct tc_cert_memory *cert_memory;
    struct tc_timers *timers;
    const struct tc_loop_lag *lag;
    bool is_stopping; /* no retries any more */
    void *owner;
    /* The endpoint has finished with its connection; the owner lets it linger and closes it. */
    void (*part)(void *owner, struct tc_connection *connection);
    /* An attempt is over and one more is due: the wait has begun, a slot is free. */
    void (*paused)(void *owner, struct tc_endpoint *endpoint);
    /* The wait is over: the endpoint wants its next turn, which does not begin in this call. */
    void (*ready)(void *owner, struct tc_endpoint *endpoint);
    /*
     * The endpoint is done, and its memory may go. Ownership of the observation moves; it is NULL
     * where memory ran out.
     */
    void (*done)(void *owner, struct tc_endpoint *endpoint, struct tc_observation *observation);
    /* The endpoint's own talk is over, and its survey begins. */
    void (*surveys)(void *owner, struct tc_endpoint *endpoint);
    /* What an earlier survey of it found (scan.h); false where there is none. */
    bool (*earlier)(void *owner, const struct tc_endpoint *endpoint, struct tc_features *out);
    /* Memory for an endpoint that is to carry a probe; NULL where there is none. */
    struct tc_endpoint *(*new_probe)(void *owner);
    /* Such an endpoint is done, and its memory may go. It has no row. */
    void (*probe_over)(void *owner, struct tc_endpoint *endpoint);
};

/* In a pool of the worker. */
struct tc_endpoint {
    struct tc_endpoint_shared *shared;
    struct tc_endpoint_origin *origin;
    struct tc_address address; /* none where the proxy gets the name */
    enum tc_endpoint_state state;
    struct tc_connection *connection; /* NULL in WAIT and DONE */
    struct tc_reach reach;            /* the way to where TLS begins */
    struct tc_handshake handshake;
    struct tc_observation *observation; /* from the end of its talk until it is handed over */
    struct tc_survey_run *survey;       /* in SURVEY */
    struct tc_probe *probe;             /* what it carries for another's survey; NULL mostly */
    struct tc_timer timer;              /* the state's deadline, or the end of a wait */

    int64_t spent_us;     /* by earlier attempts */
    int64_t begun_us;     /* this attempt */
    int64_t handshake_us; /* TC_TIME_UNKNOWN until known */
    uint64_t read_bytes;  /* on connections parted with */
    unsigned attempts;
    unsigned connections;

    /* The owner's, for the turns that endpoints take (turns.h). */
    struct tc_gate_waiter waiter;
    struct tc_endpoint_list *list; /* the one it is in */
    struct tc_endpoint *next;
    struct tc_endpoint *previous;
    struct tc_endpoint *called_next; /* in the list of those that the gate called */
    int64_t called_us;               /* when it may ask again */
    bool is_called;
};

/* tc_endpoint_init makes an endpoint in WAIT. `address` may be none. */
void tc_endpoint_init(struct tc_endpoint *endpoint, struct tc_endpoint_shared *shared,
                      struct tc_endpoint_origin *origin, const struct tc_address *address);
/*
 * tc_endpoint_begin starts an attempt on a connection that is not open. The endpoint may be done
 * when it returns.
 */
void tc_endpoint_begin(struct tc_endpoint *endpoint, struct tc_connection *connection);
/*
 * tc_endpoint_prepare makes the ClientHello while the SYN is on its way, where nothing better is to
 * be done: its keys cost as much as all else before the server's answer. False where there was
 * nothing to make, so that no time was spent.
 */
bool tc_endpoint_prepare(struct tc_endpoint *endpoint);
/* tc_endpoint_drive goes as far as the events noted in its connection allow; it may be done then.
 */
void tc_endpoint_drive(struct tc_endpoint *endpoint);
/* The name for SNI; NULL: none. Borrowed from the target. */
const char *tc_endpoint_server_name(const struct tc_endpoint *endpoint);
/* What is left of --endpoint-timeout while an attempt is on. */
int64_t tc_endpoint_left_us(const struct tc_endpoint *endpoint);
/* tc_endpoint_surveyed ends SURVEY, when its row is complete. The endpoint is done then. */
void tc_endpoint_surveyed(struct tc_endpoint *endpoint);
/* tc_endpoint_stop ends it with `interrupted`, in whatever state. It is done then. */
void tc_endpoint_stop(struct tc_endpoint *endpoint);

#endif
