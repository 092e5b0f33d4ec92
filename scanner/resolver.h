/*
 * Names to addresses: c-ares on a worker's libuv loop. One resolver for each worker; what they
 * share (servers, hosts file, answers of the run) is a struct tc_dns that outlives them.
 */
#ifndef TLSCENSUS_SCANNER_RESOLVER_H
#define TLSCENSUS_SCANNER_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "address.h"
#include "tlscensus/outcome.h"
#include "tlscensus/scan.h"
#include "tlscensus/status.h"

/* Addresses of one name; more are left out, and the detail says so. */
#define TC_MAX_ADDRESSES 64

struct tc_dns_options {
    const char *const *servers; /* "ADDR", "ADDR:PORT", "[ADDR]:PORT"; none: the system's */
    size_t num_servers;
    enum tc_family family;        /* which addresses are asked for */
    unsigned timeout_ms;          /* a whole lookup, its re-sends inside */
    double rate;                  /* new lookups a second, over all workers; 0: no limit */
    unsigned workers;             /* that share `rate`; at least 1 */
    const char *resolv_conf_path; /* NULL: /etc/resolv.conf */
    const char *hosts_path;       /* NULL: /etc/hosts. Read once, and only without `servers` */
};

/* What all workers share. Any thread may use it once it is made. */
struct tc_dns;
/*
 * tc_dns_new reads servers and hosts file. On the thread that starts the workers, before them.
 *
 * Ownership: nothing of `options` is kept.
 * Errors:    TC_ERR_INPUT (a server that is no address), TC_ERR_RESOLVER (the system names no
 *            server), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_dns_new(struct tc_dns **out, const struct tc_dns_options *options,
                                      struct tc_error *error);
/* After all its resolvers are gone. */
void tc_dns_free(struct tc_dns *dns);

enum tc_dns_source {
    TC_DNS_LITERAL = 0, /* the name was an address */
    TC_DNS_HOSTS,       /* the hosts file, or localhost by RFC 6761 section 6.3 */
    TC_DNS_CACHE,       /* asked before in this run, or together with an equal lookup */
    TC_DNS_NETWORK      /* asked */
};

/* What came of a lookup. All of it is borrowed for the call. */
struct tc_resolution {
    enum tc_outcome outcome; /* OK, DNS_NOT_FOUND, DNS_NO_ADDRESS, DNS_FAILURE, DNS_TIMEOUT,
                                LOCAL_ERROR (memory, sockets), INTERRUPTED */
    const char *detail;      /* one line in words; never NULL. For OK mostly "", else what is
                                missing: "IPv6: 192.0.2.53 answered SERVFAIL" */
    const struct tc_address *addresses; /* IPv4 first, each family as answered, no duplicates */
    size_t num_addresses;               /* 0 unless OK */
    const char *cname_chain; /* names after the first, separated by a space; NULL without alias */
    const char *exchanges; /* for mail hosts and OK: their names, the preferred ones first, a space
                              between; "" where the domain has no MX, and so is its own */
    int64_t dns_us;        /* first query sent → last answer; TC_TIME_UNKNOWN where nothing was
                              asked for this lookup: literal, hosts file, cache */
    enum tc_dns_source source;
};
typedef void (*tc_resolver_callback)(void *context, const struct tc_resolution *resolution);

struct tc_resolver;
/*
 * tc_resolver_new makes a resolver on `loop`, which it keeps alive only while a lookup waits or a
 * late answer may still come.
 *
 * Ownership: `dns` and `loop` are borrowed until the resolver is gone.
 * Errors:    TC_ERR_RESOLVER, TC_ERR_NOMEM, TC_ERR_IO.
 */
TC_MUST_USE enum tc_status tc_resolver_new(struct tc_resolver **out, struct tc_dns *dns,
                                           uv_loop_t *loop, struct tc_error *error);
/*
 * tc_resolver_lookup starts a lookup of `name` (A-labels, or an address). `callback` runs once, on
 * the loop, never inside this call; it may start lookups and must not free the resolver. Any number
 * may be started: what is above the cap on queries waits its turn, and is not timed while it waits.
 *
 * Errors: TC_ERR_NOMEM; then `callback` never runs.
 */
TC_MUST_USE enum tc_status tc_resolver_lookup(struct tc_resolver *resolver, const char *name,
                                              tc_resolver_callback callback, void *context);
/*
 * tc_resolver_lookup_mx starts a lookup of the domain's mail hosts (RFC 5321 section 5.1) likewise.
 * Neither the hosts file nor the run's cache is asked. A domain that takes no mail (RFC 7505) comes
 * out as DNS_NO_ADDRESS.
 */
TC_MUST_USE enum tc_status tc_resolver_lookup_mx(struct tc_resolver *resolver, const char *domain,
                                                 tc_resolver_callback callback, void *context);
/* Lookups that have not had their callback. */
size_t tc_resolver_pending(const struct tc_resolver *resolver);
/* tc_resolver_cancel ends all lookups now: their callbacks run inside it, with INTERRUPTED. */
void tc_resolver_cancel(struct tc_resolver *resolver);
/*
 * tc_resolver_free cancels all lookups as tc_resolver_cancel does and closes what is open. The
 * memory goes with the last handle: run the loop until uv_run() returns 0 before closing it.
 */
void tc_resolver_free(struct tc_resolver *resolver);

#endif
