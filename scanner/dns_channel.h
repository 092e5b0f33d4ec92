/* One c-ares channel on a libuv loop: its sockets, and nothing of what is asked. */
#ifndef TLSCENSUS_SCANNER_DNS_CHANNEL_H
#define TLSCENSUS_SCANNER_DNS_CHANNEL_H

#include <stddef.h>

#include <uv.h>

#include "cares.h"
#include "dns.h"

/* The resolver that owns channels. It lives until `num_handles` is 0 again. */
struct tc_dns_channel_owner {
    void *context;
    void (*woke)(void *context);    /* sockets are ready; answers are read after this */
    void (*settled)(void *context); /* answers were read */
    void (*closed)(void *context);  /* a handle is closed; it was counted down */
    size_t num_handles;             /* libuv handles that exist */
};

struct tc_dns_channel;
/*
 * tc_dns_channel_new makes a channel that asks the servers of `dns` in their order, beginning with
 * number `first_server`.
 *
 * Ownership: all that is given is borrowed while the channel lives; `owner` until its handles are
 *            closed.
 * Errors:    TC_ERR_NOMEM, TC_ERR_RESOLVER.
 */
TC_MUST_USE enum tc_status tc_dns_channel_new(struct tc_dns_channel **out, const struct tc_dns *dns,
                                              size_t first_server, uv_loop_t *loop,
                                              struct tc_dns_channel_owner *owner,
                                              struct tc_error *error);
ares_channel tc_dns_channel_get(const struct tc_dns_channel *channel);
/* tc_dns_channel_tick lets c-ares send again what was lost, and give up what is too old. */
void tc_dns_channel_tick(struct tc_dns_channel *channel);
/* Ends all its queries with ARES_EDESTRUCTION; its handles close in the loop's next turns. */
void tc_dns_channel_free(struct tc_dns_channel *channel);

#endif
