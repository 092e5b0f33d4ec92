/*
 * From mail domains to mail hosts (`--mx`): a stage between the reader of a list and the
 * registration of its targets, with a thread and a resolver of its own. What comes out of it is
 * targets as any other, so that a mail host of many domains is registered, and scanned, once.
 */
#ifndef TLSCENSUS_MX_H
#define TLSCENSUS_MX_H

#include <stdbool.h>
#include <stddef.h>

#include "tlscensus/scan.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

struct tc_mx;

/*
 * tc_mx_start makes the thread that looks domains up.
 *
 * Ownership: of `options`, exclusions are borrowed until tc_mx_free(); resolvers, dns_timeout_ms,
 *            dns_rate and retries count too, and are read now.
 * Errors:    TC_ERR_INPUT, TC_ERR_RESOLVER, TC_ERR_NOMEM, TC_ERR_IO.
 */
TC_MUST_USE enum tc_status tc_mx_start(struct tc_mx **out, const struct tc_scan_options *options,
                                       struct tc_error *error);
/*
 * Whether a target is a mail domain: smtp with a name that is looked up. One with a pinned address
 * or an SNI of its own says itself which host is meant, and port 587 is for submission (RFC 6409),
 * which MX is not about.
 */
bool tc_mx_is_domain(const struct tc_target *target);
/*
 * tc_mx_put hands a domain in, and waits while many are under way. Ownership moves on success.
 * `tag` comes out again with each of its hosts. One thread at a time. Errors: TC_ERR_CANCELLED,
 * TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_mx_put(struct tc_mx *mx, struct tc_target *domain, const void *tag);
/* No more domains will come. */
void tc_mx_end(struct tc_mx *mx);
/* They will: once tc_mx_take() has said TC_ERR_END, and before it is called again. */
void tc_mx_go_on(struct tc_mx *mx);

struct tc_mx_host {
    struct tc_target *target; /* the caller owns it */
    const void *tag;
};
/*
 * tc_mx_take waits for the next mail hosts, and gives those that are there, `max` at most: for each
 * host of a domain, the preferred ones first, a target with the domain's port, labels, profile,
 * text and line. A domain without MX comes out itself (RFC 5321 section 5.1), as one that is
 * excluded does; one that takes no mail (RFC 7505), or whose lookup fails, comes out with
 * `failed_lookup` set. One thread at a time.
 *
 * Errors: TC_ERR_END (after tc_mx_end(), and all have come out), TC_ERR_CANCELLED, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_mx_take(struct tc_mx *mx, struct tc_mx_host *out, size_t max,
                                      size_t *out_num);
/* tc_mx_cancel makes put and take give up, now and from then on. Any thread. */
void tc_mx_cancel(struct tc_mx *mx);
/* tc_mx_free ends the thread; what is inside is freed. */
void tc_mx_free(struct tc_mx *mx);

#endif
