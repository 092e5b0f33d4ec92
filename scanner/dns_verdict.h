/* What the answers to a name's one or two questions mean, and the words for it. Pure. */
#ifndef TLSCENSUS_SCANNER_DNS_VERDICT_H
#define TLSCENSUS_SCANNER_DNS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns.h"

/*
 * tc_dns_judge says what one query came to: OK, DNS_NOT_FOUND, DNS_NO_ADDRESS, DNS_FAILURE,
 * DNS_TIMEOUT or LOCAL_ERROR. `ares_status` counts only where there is no answer (`bytes` NULL):
 * c-ares gives one status to several codes. `*out_may_differ` says that another server may know
 * better. NULL when out of memory.
 *
 * Ownership: the caller gets one reference.
 */
struct tc_dns_facts *tc_dns_judge(bool *out_may_differ, const struct tc_dns *dns, uint16_t type,
                                  int ares_status, const uint8_t *bytes, size_t len);
/*
 * tc_dns_combine makes one verdict of both families' (either may be NULL: not asked). Addresses of
 * one family stand, whatever became of the other; the detail then says what is missing.
 * `*out_final` says that asking again would change nothing. NULL when out of memory.
 *
 * Ownership: the caller gets one reference; the parts are borrowed.
 */
struct tc_dns_facts *tc_dns_combine(bool *out_final, struct tc_dns_facts *ipv4,
                                    struct tc_dns_facts *ipv6);

#endif
