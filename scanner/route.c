#define _DEFAULT_SOURCE /* getifaddrs, struct ifaddrs */
#include "route.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Binding without a port yet, so that the kernel may share one port among many peers. ip(7) */
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* Any port serves: nothing is sent to it. 0 is refused by some kernels. */
#define ROUTE_TEST_PORT 443

struct tc_router {
    int fd4; /* -1 where this machine does not know the family; then fd4_error says why */
    int fd6;
    int fd4_error;
    int fd6_error;
    struct tc_address source;   /* len 0: none given */
    struct ifaddrs *interfaces; /* as they were at the start of the run; may be NULL */
    struct tc_vantage vantage;
};

/* The name of the interface that has `address`; "" where none has. */
static void interface_of(char out[TC_INTERFACE_NAME_MAX], const struct ifaddrs *interfaces,
                         const struct tc_address *address)
{
    out[0] = '\0';
    for (const struct ifaddrs *entry = interfaces; entry != NULL; entry = entry->ifa_next) {
        struct tc_address own = {{0}, 0, 0};
        struct sockaddr_storage storage;
        if (entry->ifa_addr == NULL) {
            continue;
        }
        memset(&storage, 0, sizeof storage);
        if (entry->ifa_addr->sa_family == AF_INET) {
            memcpy(&storage, entry->ifa_addr, sizeof(struct sockaddr_in));
        } else if (entry->ifa_addr->sa_family == AF_INET6) {
            memcpy(&storage, entry->ifa_addr, sizeof(struct sockaddr_in6));
        }
        if (tc_address_from_sockaddr(&own, &storage) && own.len == address->len &&
            memcmp(own.octets, address->octets, own.len) == 0) {
            snprintf(out, TC_INTERFACE_NAME_MAX, "%s", entry->ifa_name);
            return;
        }
    }
    if (tc_address_is_loopback(address)) { /* 127.0.0.0/8 is lo's, though it lists one address */
        snprintf(out, TC_INTERFACE_NAME_MAX, "lo");
    }
}

static int open_udp(int family, int *out_error)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *out_error = fd < 0 ? errno : 0;
    return fd;
}

/* Whether --source-address is an address of this machine: only then can a socket be bound to it. */
static enum tc_status check_source(const struct tc_router *router, const char *text,
                                   struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct sockaddr_storage storage;
    socklen_t len = tc_address_to_sockaddr(&storage, &router->source, 0);
    int fd = socket(tc_address_family(&router->source), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&storage, len) != 0) {
        status =
            tc_fail(error, TC_ERR_INPUT, "--source-address %s: %s; give an address of this machine",
                    text, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

enum tc_status tc_router_new(struct tc_router **out, const char *source_address,
                             struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_router *router = calloc(1, sizeof *router);
    if (router == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    router->fd4 = -1;
    router->fd6 = -1;
    if (source_address != NULL) {
        if (!tc_address_parse(&router->source, source_address)) {
            status = tc_fail(error, TC_ERR_INPUT, "--source-address %s: not an IP address",
                             source_address);
            goto done;
        }
        status = check_source(router, source_address, error);
        if (status != TC_OK) {
            goto done;
        }
    }
    router->fd4 = open_udp(AF_INET, &router->fd4_error);
    router->fd6 = open_udp(AF_INET6, &router->fd6_error);
    if (router->fd4 < 0 && router->fd6 < 0) {
        status =
            tc_fail(error, TC_ERR_IO, "no socket can be opened: %s", strerror(router->fd4_error));
        goto done;
    }
    if (getifaddrs(&router->interfaces) != 0) {
        router->interfaces = NULL; /* interface names are a nicety: the scan goes on without */
    }
    *out = router;
    router = NULL;

done:
    tc_router_free(router);
    return status;
}

void tc_router_free(struct tc_router *router)
{
    if (router == NULL) {
        return;
    }
    if (router->fd4 >= 0) {
        close(router->fd4);
    }
    if (router->fd6 >= 0) {
        close(router->fd6);
    }
    if (router->interfaces != NULL) {
        freeifaddrs(router->interfaces);
    }
    free(router);
}

int tc_router_bind(const struct tc_router *router, int fd, const struct tc_address *peer)
{
    struct sockaddr_storage storage;
    const int on = 1;
    if (router->source.len == 0 || router->source.len != peer->len) {
        return 0;
    }
    /* An older kernel does not know the option: then each connection takes a port of its own. */
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socklen_t len = tc_address_to_sockaddr(&storage, &router->source, 0);
    return bind(fd, (const struct sockaddr *)&storage, len) == 0 ? 0 : errno;
}

/*
 * A connected UDP socket keeps its first source address, which may be wrong for the next peer;
 * AF_UNSPEC dissolves that. udp(7), connect(2)
 */
static int connect_again(int fd, const struct tc_address *address)
{
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct sockaddr_storage storage;
    (void)connect(fd, &none, sizeof none);
    socklen_t len = tc_address_to_sockaddr(&storage, address, ROUTE_TEST_PORT);
    return connect(fd, (const struct sockaddr *)&storage, len) == 0 ? 0 : errno;
}

/* From the source address a socket of its own is needed: dissolving would lose the binding. */
static int connect_from_source(const struct tc_router *router, const struct tc_address *address,
                               struct sockaddr_storage *local, socklen_t *local_len)
{
    struct sockaddr_storage storage;
    int error = 0;
    int fd = open_udp(tc_address_family(address), &error);
    if (fd < 0) {
        return error;
    }
    error = tc_router_bind(router, fd, address);
    if (error == 0) {
        socklen_t len = tc_address_to_sockaddr(&storage, address, ROUTE_TEST_PORT);
        error = connect(fd, (const struct sockaddr *)&storage, len) == 0 ? 0 : errno;
    }
    if (error == 0 && getsockname(fd, (struct sockaddr *)local, local_len) != 0) {
        error = errno;
    }
    close(fd);
    return error;
}

static void note_local(struct tc_router *router, struct tc_vantage_family *family,
                       const struct sockaddr_storage *storage)
{
    struct tc_address local = {{0}, 0, 0};
    if (!tc_address_from_sockaddr(&local, storage)) {
        return;
    }
    family->local = local;
    interface_of(family->interface, router->interfaces, &local);
}

/* Whether the local address is still worth asking for. */
static bool local_is_open(const struct tc_vantage_family *family, const struct tc_address *peer)
{
    return family->local.len == 0 ||
           (tc_address_is_loopback(&family->local) && !tc_address_is_loopback(peer));
}

int tc_router_test(struct tc_router *router, const struct tc_address *address)
{
    bool is_ipv4 = address->len == TC_IPV4_BYTES;
    struct tc_vantage_family *family = is_ipv4 ? &router->vantage.ipv4 : &router->vantage.ipv6;
    struct sockaddr_storage local;
    socklen_t local_len = sizeof local;
    bool wants_local = local_is_open(family, address);
    int fd = is_ipv4 ? router->fd4 : router->fd6;
    int error = 0;

    family->tried = true;
    if (fd < 0) {
        return is_ipv4 ? router->fd4_error : router->fd6_error;
    }
    memset(&local, 0, sizeof local);
    if (router->source.len == address->len) {
        error = connect_from_source(router, address, &local, &local_len);
    } else {
        error = connect_again(fd, address);
        if (error == 0 && wants_local &&
            getsockname(fd, (struct sockaddr *)&local, &local_len) != 0) {
            wants_local = false;
        }
    }
    if (error == 0) {
        family->has_route = true;
        if (wants_local) {
            note_local(router, family, &local);
        }
    }
    return error;
}

bool tc_router_is_broadcast(const struct tc_router *router, const struct tc_address *address)
{
    if (address->len != TC_IPV4_BYTES) {
        return false; /* IPv6 has no broadcast */
    }
    for (const struct ifaddrs *entry = router->interfaces; entry != NULL; entry = entry->ifa_next) {
        struct sockaddr_in broadcast;
        if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_INET ||
            (entry->ifa_flags & IFF_BROADCAST) == 0 || entry->ifa_broadaddr == NULL) {
            continue;
        }
        memcpy(&broadcast, entry->ifa_broadaddr, sizeof broadcast);
        if (memcmp(&broadcast.sin_addr, address->octets, TC_IPV4_BYTES) == 0 &&
            memcmp(entry->ifa_addr, entry->ifa_broadaddr, sizeof broadcast) != 0) {
            return true;
        }
    }
    return false;
}

void tc_router_get_vantage(const struct tc_router *router, struct tc_vantage *out)
{
    *out = router->vantage;
}

static void merge_family(struct tc_vantage_family *into, const struct tc_vantage_family *from)
{
    bool better = from->local.len != 0 && local_is_open(into, &from->local);
    if (better) {
        into->local = from->local;
        memcpy(into->interface, from->interface, sizeof into->interface);
    }
    into->tried = into->tried || from->tried;
    into->has_route = into->has_route || from->has_route;
}

void tc_vantage_merge(struct tc_vantage *into, const struct tc_vantage *from)
{
    merge_family(&into->ipv4, &from->ipv4);
    merge_family(&into->ipv6, &from->ipv6);
}

/* Appends "IPv4 192.0.2.1 eth0"; returns the length now. */
static size_t family_text(char *out, size_t out_len, size_t at, const char *name,
                          const struct tc_vantage_family *family)
{
    char address[TC_ADDRESS_TEXT_MAX];
    int len = 0;
    if (!family->tried) {
        return at;
    }
    tc_address_format(address, &family->local);
    if (family->local.len == 0) {
        snprintf(address, sizeof address, "%s", family->has_route ? "unknown" : "none");
    }
    bool named = family->has_route && family->interface[0] != '\0';
    len = snprintf(out + at, out_len - at, "%s%s %s%s%s", at > 0 ? "; " : "", name, address,
                   named ? " " : "", named ? family->interface : "");
    if (len < 0 || (size_t)len >= out_len - at) {
        out[at] = '\0'; /* all of the piece or nothing */
        return at;
    }
    return at + (size_t)len;
}

void tc_vantage_text(char *out, size_t out_len, const struct tc_vantage *vantage)
{
    assert(out_len > 0);
    out[0] = '\0';
    size_t at = family_text(out, out_len, 0, "IPv4", &vantage->ipv4);
    family_text(out, out_len, at, "IPv6", &vantage->ipv6);
}
