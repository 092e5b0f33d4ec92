/*
 * Whether an address can be reached from here at all, and from which local address we leave.
 * Nothing is ever sent: a UDP connect() only asks the kernel for a route.
 */
#ifndef TLSCENSUS_SCANNER_ROUTE_H
#define TLSCENSUS_SCANNER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "address.h"
#include "tlscensus/status.h"

#define TC_INTERFACE_NAME_MAX 32

/* How one address family leaves this machine. */
struct tc_vantage_family {
    bool tried; /* an address of this family was met */
    bool has_route;
    struct tc_address local; /* the first that was seen; a loopback one gives way to another */
    char interface[TC_INTERFACE_NAME_MAX]; /* "" where it has no name */
};
/* Plain data, so that workers can merge theirs. The zero state is: nothing met. */
struct tc_vantage {
    struct tc_vantage_family ipv4;
    struct tc_vantage_family ipv6;
};
void tc_vantage_merge(struct tc_vantage *into, const struct tc_vantage *from);
/* "IPv4 192.0.2.1 eth0; IPv6 none"; a family that was never met is left out. */
void tc_vantage_text(char *out, size_t out_len, const struct tc_vantage *vantage);

/* One for each worker. */
struct tc_router;
/*
 * tc_router_new opens a UDP socket for each family that this machine knows.
 *
 * `source_address` is --source-address, or NULL where the kernel chooses.
 * Errors: TC_ERR_INPUT (no address, or none of this machine), TC_ERR_IO, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_router_new(struct tc_router **out, const char *source_address,
                                         struct tc_error *error);
/*
 * tc_router_test asks whether there is a route to `address`. Returns 0, or the kernel's errno
 * (ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT …). It also fills the vantage.
 */
int tc_router_test(struct tc_router *router, const struct tc_address *address);
/* The same for directed broadcast addresses of this machine's networks: never contacted. */
bool tc_router_is_broadcast(const struct tc_router *router, const struct tc_address *address);
/* tc_router_bind binds a socket that will connect to `peer` to --source-address, where one was
   given and is of the peer's family. Returns 0 or errno. */
int tc_router_bind(const struct tc_router *router, int fd, const struct tc_address *peer);
void tc_router_get_vantage(const struct tc_router *router, struct tc_vantage *out);
void tc_router_free(struct tc_router *router);

#endif
