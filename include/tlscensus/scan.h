/*
 * A run: targets go in, observations come out. All network I/O happens behind this door.
 */
#ifndef TLSCENSUS_SCAN_H
#define TLSCENSUS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/observation.h"
#include "tlscensus/profile.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

enum tc_family { TC_FAMILY_BOTH = 0, TC_FAMILY_IPV4, TC_FAMILY_IPV6 };

enum tc_proxy_kind { TC_PROXY_NONE = 0, TC_PROXY_HTTP, TC_PROXY_SOCKS5 };

struct tc_proxy {
    enum tc_proxy_kind kind;
    bool resolves; /* the proxy gets the name: socks5h, or http with --proxy-resolve */
    char host[256];
    uint16_t port;
    char user[256]; /* "" where none; never stored */
    char password[256];
};
/*
 * tc_proxy_parse reads http://[user:password@]host:port, socks5:// or socks5h://.
 * Errors: TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status tc_proxy_parse(struct tc_proxy *out, const char *url, bool resolve,
                                          struct tc_error *error);

/*
 * Limits and choices of a run. Pointers are borrowed while the scan lives. A number that is not 0
 * holds for targets of every profile.
 */
struct tc_scan_options {
    enum tc_profile profile; /* of targets that have none of their own */
    unsigned intrusive;      /* bits of enum tc_intrusive (survey.h), for standard and deep */
    size_t concurrency;      /* endpoints in flight, over all workers */
    unsigned workers;        /* threads */
    unsigned per_address; /* connections at once to one address, 0: no limit; mail servers get 1 */
    double address_rate;  /* new connections a second to one address; 0: no limit */
    double rate;          /* new connections a second, all together; 0: no limit */
    double dns_rate;      /* new lookups a second; 0: no limit */
    unsigned connect_timeout_ms;
    unsigned starttls_timeout_ms; /* greeting and dialogue */
    unsigned handshake_timeout_ms;
    /* The whole talk with an endpoint, all attempts and probes; 0: what suits the profile. */
    unsigned endpoint_timeout_ms;
    unsigned dns_timeout_ms; /* a whole lookup */
    unsigned retries;
    /* The first handshake and the survey's; retries come on top. 0: the profile's ceiling,
     * and what intrusive questions add to it. */
    unsigned connections_per_endpoint;
    size_t max_read_bytes; /* on one connection */
    size_t max_certs;
    size_t max_cert_bytes;
    enum tc_family family;
    bool family_forced; /* -4 or -6 was given: no route test */
    bool one_address;
    bool as_given; /* --order as-given; else shuffled within the intake's window */
    bool keep_messages;
    const char *helo;             /* who greets in SMTP and LMTP; NULL: localhost.localdomain */
    const char *const *resolvers; /* "ADDR" or "ADDR:PORT"; none: the system's, with hosts file */
    size_t num_resolvers;
    const char *source_address;             /* NULL: the kernel chooses */
    const struct tc_proxy *proxy;           /* NULL: none */
    const struct tc_exclusions *exclusions; /* NULL: none */
    struct tc_verifier *verifier;
};
/* tc_scan_options_init sets the defaults, of profile quick. */
void tc_scan_options_init(struct tc_scan_options *options);
/*
 * tc_scan_options_complete puts the profile's own numbers where 0 stands for them, and what a
 * profile brings along. tc_scan_start() does it with its copy.
 */
void tc_scan_options_complete(struct tc_scan_options *options);
/* The most connections to one endpoint with these options, retries included. */
unsigned tc_scan_max_connections(const struct tc_scan_options *options);

/* What the run tells its owner. Called on worker threads. */
struct tc_scan_hooks {
    void *context;
    /* An endpoint is done. Ownership of `observation` moves. Must not block. */
    void (*observed)(void *context, struct tc_observation *observation);
    /* Whether more work may be begun: a worker asks before it takes a target. Must not block. */
    bool (*has_room)(void *context);
    /*
     * What an earlier survey of an endpoint found, as deep as `profile` or deeper, to be confirmed
     * (`--incremental`). False where there is none. Ownership of `*out` moves. May read a file, and
     * wait for no more than that. NULL: all is surveyed.
     */
    bool (*earlier)(void *context, struct tc_features *out, int64_t target_id, const char *address,
                    enum tc_profile profile);
    /* A thing to say once, in words: a family without a route, a lowered limit. */
    void (*notice)(void *context, const char *text);
};

struct tc_scan_progress {
    uint64_t targets_taken; /* pushed so far */
    uint64_t targets_done;
    uint64_t endpoints_done;
    uint64_t in_flight; /* endpoints and probes that hold a slot */
    uint64_t surveying; /* endpoints whose survey is on, whether or not a probe holds a slot */
    uint64_t waiting;   /* lookups, endpoints and probes that wait for a turn */
    uint64_t by_outcome[TC_OUTCOME_COUNT];
    double slowest_phase_us[4]; /* sums over ok endpoints: dns, connect, server hello, rest */
    bool intake_closed;
};

/*
 * What the run found out about itself, for the scan's row: limits after lowering, local addresses.
 */
struct tc_scan_vantage {
    size_t concurrency; /* after the descriptor limit */
    char text[512];     /* "IPv4 192.0.2.1 eth0; IPv6 none"; filled while targets are contacted */
};

struct tc_scan;
/*
 * tc_scan_start makes the worker threads; they wait for targets.
 *
 * Ownership: the caller frees with tc_scan_free() after tc_scan_wait() said finished.
 * Errors:    TC_ERR_RESOLVER, TC_ERR_INPUT (an option that cannot be used), TC_ERR_LIMIT
 *            (descriptors), TC_ERR_TLS, TC_ERR_NOMEM, TC_ERR_IO.
 */
TC_MUST_USE enum tc_status tc_scan_start(struct tc_scan **out,
                                         const struct tc_scan_options *options,
                                         const struct tc_scan_hooks *hooks, struct tc_error *error);
/*
 * tc_scan_push hands a target in and blocks while the intake is full. Ownership moves on success.
 * One thread at a time.
 * Errors: TC_ERR_CANCELLED after a stop.
 */
TC_MUST_USE enum tc_status tc_scan_push(struct tc_scan *scan, struct tc_target *target);
/* No more targets will come; the run ends when all are done. */
void tc_scan_end_of_targets(struct tc_scan *scan);
/*
 * tc_scan_stop ends the run early: endpoints in flight get outcome `interrupted`, targets not begun
 * get none. With `at_once` nothing more is waited for. Any thread.
 */
void tc_scan_stop(struct tc_scan *scan, bool at_once);
/*
 * tc_scan_is_idle says whether all targets that were pushed are done and their observations handed
 * on. Asked by who pushes.
 */
bool tc_scan_is_idle(struct tc_scan *scan);
/* tc_scan_wait waits at most `timeout_ms` and says whether the run has ended. */
bool tc_scan_wait(struct tc_scan *scan, unsigned timeout_ms);
void tc_scan_get_progress(struct tc_scan *scan, struct tc_scan_progress *out);
void tc_scan_get_vantage(struct tc_scan *scan, struct tc_scan_vantage *out);
void tc_scan_free(struct tc_scan *scan);

/* Versions of the libraries, for --version: "BoringSSL API 17, c-ares 1.18.1, libuv 1.44.2". */
void tc_scan_library_versions(char *out, size_t out_len);

#endif
