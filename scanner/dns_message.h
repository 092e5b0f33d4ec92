/* What one DNS answer says to its question: addresses or mail hosts, and the aliases on the way.
 * Pure. */
#ifndef TLSCENSUS_SCANNER_DNS_MESSAGE_H
#define TLSCENSUS_SCANNER_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "resolver.h"
#include "tlscensus/buf.h"
#include "tlscensus/status.h"

/* RFC 1035 section 3.2.2, RFC 3596 section 2.1 */
enum { DNS_TYPE_A = 1, DNS_TYPE_CNAME = 5, DNS_TYPE_MX = 15, DNS_TYPE_AAAA = 28 };
/* RFC 1035 section 4.1.1, RFC 2136 section 2.2 */
enum {
    DNS_RCODE_NOERROR = 0,
    DNS_RCODE_FORMERR = 1,
    DNS_RCODE_SERVFAIL = 2,
    DNS_RCODE_NXDOMAIN = 3,
    DNS_RCODE_NOTIMP = 4,
    DNS_RCODE_REFUSED = 5
};

/* Aliases followed from the question; resolvers themselves stop at 8 to 16. */
#define TC_MAX_CNAMES 16
/* Mail hosts of one domain; more are left out. */
#define TC_MAX_EXCHANGES 32

struct tc_dns_exchange {
    uint16_t preference;
    size_t name_at; /* in exchange_names */
};

struct tc_dns_message {
    unsigned rcode;
    uint16_t type;                                 /* of the question */
    struct tc_address addresses[TC_MAX_ADDRESSES]; /* as answered, no duplicates */
    size_t num_addresses;
    bool more_addresses;   /* there were more than TC_MAX_ADDRESSES */
    bool too_many_aliases; /* more than TC_MAX_CNAMES, or a loop: no addresses then */
    struct tc_buf cnames;  /* names after the first, separated by a space; text is escaped as zone
                              files do it (RFC 1035 section 5.1); empty without alias */
    size_t last_cname;     /* where the last of them begins in `cnames` */
    struct tc_dns_exchange exchanges[TC_MAX_EXCHANGES]; /* as answered */
    size_t num_exchanges;
    struct tc_buf exchange_names; /* each ended by a blank, escaped as cnames are; "." the root */
};

/*
 * tc_dns_message_read reads an answer. Only records of the answer section count, and only those
 * whose owner is the question's name or what its aliases lead to: whatever a server adds besides is
 * not about the name that was asked for.
 *
 * Ownership: the caller releases `*out` with tc_dns_message_cleanup(), also after a failure.
 * Errors:    TC_ERR_MALFORMED, TC_ERR_LIMIT (more records than any real answer has), TC_ERR_NOMEM.
 * Spec:      RFC 1035 section 4 and 3.3.9 (MX), RFC 1034 section 3.6.2 (aliases), RFC 3596 (AAAA).
 */
TC_MUST_USE enum tc_status tc_dns_message_read(struct tc_dns_message *out, const uint8_t *bytes,
                                               size_t len);
void tc_dns_message_cleanup(struct tc_dns_message *message);
/*
 * tc_dns_message_add_exchanges appends the mail hosts, the preferred ones first, a blank between
 * two. The root is none: alone it says that the domain takes no mail (RFC 7505).
 */
enum tc_status tc_dns_message_add_exchanges(struct tc_buf *out,
                                            const struct tc_dns_message *message);
/* "NOERROR", "SERVFAIL" …; NULL for a code without a name here. Static. */
const char *tc_dns_rcode_str(unsigned rcode);

#endif
