#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t k_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* "eth0" or "3". 0 where this machine has no such interface. */
static uint32_t zone_parse(const char *text)
{
    uint32_t index = if_nametoindex(text);
    if (index == 0 && text[0] >= '1' && text[0] <= '9') {
        char *end = NULL;
        unsigned long number = strtoul(text, &end, 10);
        index = *end == '\0' && number <= UINT32_MAX ? (uint32_t)number : 0;
    }
    return index;
}

bool tc_address_parse(struct tc_address *out, const char *text)
{
    struct tc_address address = {{0}, 0, 0};
    char plain[INET6_ADDRSTRLEN];
    const char *percent = strchr(text, '%');
    size_t len = percent != NULL ? (size_t)(percent - text) : strlen(text);
    if (len >= sizeof plain) {
        return false;
    }
    memcpy(plain, text, len);
    plain[len] = '\0';

    if (percent == NULL && inet_pton(AF_INET, plain, address.octets) == 1) {
        address.len = TC_IPV4_BYTES;
    } else if (inet_pton(AF_INET6, plain, address.octets) == 1) {
        address.len = TC_IPV6_BYTES;
    } else {
        return false;
    }
    if (percent != NULL) {
        address.zone = zone_parse(percent + 1);
        if (address.zone == 0) {
            return false;
        }
    }
    *out = address;
    return true;
}

bool tc_address_from_octets(struct tc_address *out, const uint8_t *octets, size_t len)
{
    if (len != TC_IPV4_BYTES && len != TC_IPV6_BYTES) {
        return false;
    }
    *out = (struct tc_address){.len = (uint8_t)len};
    memcpy(out->octets, octets, len);
    return true;
}

void tc_address_format(char out[TC_ADDRESS_TEXT_MAX], const struct tc_address *address)
{
    out[0] = '\0';
    if (address->len == 0 ||
        inet_ntop(tc_address_family(address), address->octets, out, TC_ADDRESS_TEXT_MAX) == NULL) {
        return;
    }
    if (address->zone != 0) {
        char name[IF_NAMESIZE];
        size_t len = strlen(out);
        if (if_indextoname(address->zone, name) != NULL) {
            snprintf(out + len, TC_ADDRESS_TEXT_MAX - len, "%%%s", name);
        } else {
            snprintf(out + len, TC_ADDRESS_TEXT_MAX - len, "%%%u", (unsigned)address->zone);
        }
    }
}

bool tc_address_equal(const struct tc_address *a, const struct tc_address *b)
{
    return a->len == b->len && a->zone == b->zone && memcmp(a->octets, b->octets, a->len) == 0;
}

int tc_address_family(const struct tc_address *address)
{
    switch (address->len) {
    case TC_IPV4_BYTES:
        return AF_INET;
    case TC_IPV6_BYTES:
        return AF_INET6;
    default:
        return AF_UNSPEC;
    }
}

socklen_t tc_address_to_sockaddr(struct sockaddr_storage *out, const struct tc_address *address,
                                 uint16_t port)
{
    memset(out, 0, sizeof *out);
    if (address->len == TC_IPV4_BYTES) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, address->octets, TC_IPV4_BYTES);
        return sizeof *in;
    }
    if (address->len == TC_IPV6_BYTES) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        in6->sin6_scope_id = address->zone;
        memcpy(&in6->sin6_addr, address->octets, TC_IPV6_BYTES);
        return sizeof *in6;
    }
    return 0;
}

bool tc_address_from_sockaddr(struct tc_address *out, const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        return tc_address_from_octets(out, (const uint8_t *)&in->sin_addr, TC_IPV4_BYTES);
    }
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
        bool made = tc_address_from_octets(out, in6->sin6_addr.s6_addr, TC_IPV6_BYTES);
        out->zone = in6->sin6_scope_id;
        return made;
    }
    return false;
}

/* The IPv4 octets of an address, also of an IPv4-mapped one; NULL where it has none. */
static const uint8_t *ipv4_octets(const struct tc_address *address)
{
    if (address->len == TC_IPV4_BYTES) {
        return address->octets;
    }
    if (address->len == TC_IPV6_BYTES &&
        memcmp(address->octets, k_mapped_prefix, sizeof k_mapped_prefix) == 0) {
        return address->octets + sizeof k_mapped_prefix;
    }
    return NULL;
}

bool tc_address_is_loopback(const struct tc_address *address)
{
    static const uint8_t loopback6[TC_IPV6_BYTES] = {[TC_IPV6_BYTES - 1] = 1};
    const uint8_t *ipv4 = ipv4_octets(address);
    if (ipv4 != NULL) {
        return ipv4[0] == 127;
    }
    return address->len == TC_IPV6_BYTES && memcmp(address->octets, loopback6, TC_IPV6_BYTES) == 0;
}

const char *tc_address_never_contacted(const struct tc_address *address)
{
    static const uint8_t unspecified[TC_IPV6_BYTES] = {0};
    static const uint8_t broadcast[TC_IPV4_BYTES] = {255, 255, 255, 255};
    const uint8_t *ipv4 = ipv4_octets(address);
    if (ipv4 != NULL) {
        if (ipv4[0] == 0) { /* all of 0.0.0.0/8 means "this host on this network" */
            return "the unspecified address";
        }
        if ((ipv4[0] & 0xf0) == 0xe0) {
            return "a multicast address";
        }
        return memcmp(ipv4, broadcast, sizeof broadcast) == 0 ? "the broadcast address" : NULL;
    }
    if (address->len != TC_IPV6_BYTES) {
        return "no address";
    }
    if (memcmp(address->octets, unspecified, sizeof unspecified) == 0) {
        return "the unspecified address";
    }
    return address->octets[0] == 0xff ? "a multicast address" : NULL;
}
