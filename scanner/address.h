/* An IP address as the scanner carries it. */
#ifndef TLSCENSUS_SCANNER_ADDRESS_H
#define TLSCENSUS_SCANNER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tlscensus/observation.h"

#define TC_IPV4_BYTES 4
#define TC_IPV6_BYTES 16

/* Plain data: it is copied, and equal addresses have equal text. */
struct tc_address {
    uint8_t octets[TC_IPV6_BYTES]; /* network order; what is past `len` is 0 */
    uint8_t len;                   /* TC_IPV4_BYTES, TC_IPV6_BYTES, or 0: none */
    uint32_t zone;                 /* interface of a link-local IPv6 address, else 0; RFC 4007 */
};

/*
 * tc_address_parse reads an address: "192.0.2.1", "2001:db8::1", "fe80::1%eth0" (no brackets).
 * False where `text` is none; `*out` is then untouched.
 */
bool tc_address_parse(struct tc_address *out, const char *text);
/* tc_address_from_octets makes an address of 4 or 16 octets. False for any other length. */
bool tc_address_from_octets(struct tc_address *out, const uint8_t *octets, size_t len);
/* Canonical text (RFC 5952); "" for none. */
void tc_address_format(char out[TC_ADDRESS_TEXT_MAX], const struct tc_address *address);
bool tc_address_equal(const struct tc_address *a, const struct tc_address *b);
bool tc_address_is_loopback(const struct tc_address *address);
/* AF_INET, AF_INET6 or AF_UNSPEC */
int tc_address_family(const struct tc_address *address);
/* tc_address_to_sockaddr fills `*out` and returns its length; 0 for none. */
socklen_t tc_address_to_sockaddr(struct sockaddr_storage *out, const struct tc_address *address,
                                 uint16_t port);
/* False for any other family; `*out` is then untouched. */
bool tc_address_from_sockaddr(struct tc_address *out, const struct sockaddr_storage *from);

/*
 * tc_address_never_contacted says why an address is never contacted, in words ("a multicast
 * address"), or NULL where it may be: unspecified, multicast and limited broadcast, also inside an
 * IPv4-mapped IPv6 address. Static text.
 * Spec: RFC 1122 section 3.2.1.3, RFC 4291 section 2.4.
 */
const char *tc_address_never_contacted(const struct tc_address *address);

#endif
