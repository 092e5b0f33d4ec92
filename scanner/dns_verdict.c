#include "dns_verdict.h"

#include <stdio.h>
#include <string.h>

#include "cares.h"
#include "dns_message.h"

#define DETAIL_MAX    1024U  /* two causes, one of them with a name */
#define EXCHANGES_MAX 65536U /* far above what a message may have */

static const char *family_name(uint16_t type)
{
    return type == DNS_TYPE_A ? "IPv4" : "IPv6";
}

/* What keeps an answer from having records of the wanted type; OK where nothing does. */
static enum tc_outcome judge_rcode(bool *out_may_differ, char detail[DETAIL_MAX],
                                   const struct tc_dns *dns, const struct tc_dns_message *message,
                                   const char *last)
{
    const char *rcode = tc_dns_rcode_str(message->rcode);
    if (message->rcode == DNS_RCODE_NXDOMAIN) {
        snprintf(detail, DETAIL_MAX, "%s%s%s does not exist (NXDOMAIN)",
                 last != NULL ? "an alias of " : "the name", last != NULL ? last : "",
                 last != NULL ? ", which" : "");
        return TC_OUTCOME_DNS_NOT_FOUND;
    }
    if (message->rcode != DNS_RCODE_NOERROR) {
        *out_may_differ = true;
        if (rcode != NULL) {
            snprintf(detail, DETAIL_MAX, "%s answered %s", dns->servers_text, rcode);
        } else {
            snprintf(detail, DETAIL_MAX, "%s answered with code %u", dns->servers_text,
                     message->rcode);
        }
        return TC_OUTCOME_DNS_FAILURE;
    }
    if (message->too_many_aliases) {
        snprintf(detail, DETAIL_MAX, "more than %d aliases in a row, or a loop of them",
                 TC_MAX_CNAMES);
        return TC_OUTCOME_DNS_FAILURE;
    }
    return TC_OUTCOME_OK;
}

/*
 * Mail hosts. A domain without any is its own (RFC 5321 section 5.1): that is no failure. One whose
 * only mail host is the root takes no mail (RFC 7505).
 */
static struct tc_dns_facts *judge_exchanges(enum tc_outcome outcome, const char *detail,
                                            const char *chain, const struct tc_dns_message *message)
{
    struct tc_dns_facts *facts = NULL;
    struct tc_buf exchanges;
    tc_buf_init(&exchanges, EXCHANGES_MAX);
    if (tc_dns_message_add_exchanges(&exchanges, message) == TC_OK) {
        if (outcome == TC_OUTCOME_OK && message->num_exchanges > 0 && exchanges.len == 0) {
            outcome = TC_OUTCOME_DNS_NO_ADDRESS;
            detail = "the domain takes no mail (null MX, RFC 7505)";
        }
        facts = tc_dns_facts_new_exchanges(outcome, detail, chain,
                                           exchanges.data != NULL ? exchanges.data : "");
    }
    tc_buf_cleanup(&exchanges);
    return facts;
}

/* An answer came and was read. */
static struct tc_dns_facts *judge_message(bool *out_may_differ, const struct tc_dns *dns,
                                          uint16_t type, const struct tc_dns_message *message)
{
    char detail[DETAIL_MAX] = "";
    const char *chain = message->cnames.len > 0 ? message->cnames.data : NULL;
    const char *last = chain != NULL ? chain + message->last_cname : NULL;
    enum tc_outcome outcome = judge_rcode(out_may_differ, detail, dns, message, last);
    if (type == DNS_TYPE_MX) {
        return judge_exchanges(outcome, detail, chain, message);
    }
    if (outcome == TC_OUTCOME_OK && message->num_addresses == 0) {
        outcome = TC_OUTCOME_DNS_NO_ADDRESS;
        snprintf(detail, sizeof detail, "%s%s%s no %s address",
                 last != NULL ? "an alias of " : "the name exists and has",
                 last != NULL ? last : "", last != NULL ? ", which has" : "", family_name(type));
    } else if (outcome == TC_OUTCOME_OK && message->more_addresses) {
        snprintf(detail, sizeof detail, "more than %d %s addresses: the rest is left out",
                 TC_MAX_ADDRESSES, family_name(type));
    }
    return tc_dns_facts_new(outcome, detail, chain, message->addresses,
                            outcome == TC_OUTCOME_OK ? message->num_addresses : 0);
}

/* No answer came, or none that c-ares hands on. */
static struct tc_dns_facts *judge_silence(bool *out_may_differ, const struct tc_dns *dns,
                                          int ares_status)
{
    char detail[DETAIL_MAX] = "";
    enum tc_outcome outcome = TC_OUTCOME_DNS_FAILURE;
    switch (ares_status) {
    case ARES_ETIMEOUT:
        outcome = TC_OUTCOME_DNS_TIMEOUT;
        snprintf(detail, sizeof detail, "no answer from %s within %g s", dns->servers_text,
                 dns->timeout_ms / 1000.0);
        break;
    case ARES_ECONNREFUSED:
        snprintf(detail, sizeof detail, "%s cannot be reached", dns->servers_text);
        break;
    case ARES_EBADNAME: /* a label or the name is too long, or a label is empty */
        outcome = TC_OUTCOME_DNS_NOT_FOUND;
        snprintf(detail, sizeof detail, "not a name that DNS can hold, so it does not exist");
        break;
    case ARES_EBADRESP: /* newer ones read the whole answer before they hand it on */
        *out_may_differ = true;
        snprintf(detail, sizeof detail, "%s gave an answer that cannot be read", dns->servers_text);
        break;
    case ARES_ENOMEM:
        outcome = TC_OUTCOME_LOCAL_ERROR;
        snprintf(detail, sizeof detail, "out of memory");
        break;
    default:
        snprintf(detail, sizeof detail, "%s: %s", dns->servers_text, ares_strerror(ares_status));
        break;
    }
    return tc_dns_facts_new(outcome, detail, NULL, NULL, 0);
}

struct tc_dns_facts *tc_dns_judge(bool *out_may_differ, const struct tc_dns *dns, uint16_t type,
                                  int ares_status, const uint8_t *bytes, size_t len)
{
    struct tc_dns_facts *facts = NULL;
    struct tc_dns_message message;
    *out_may_differ = false;
    if (bytes == NULL) {
        return judge_silence(out_may_differ, dns, ares_status);
    }
    enum tc_status status = tc_dns_message_read(&message, bytes, len);
    if (status == TC_OK) {
        facts = judge_message(out_may_differ, dns, type, &message);
    } else if (status != TC_ERR_NOMEM) {
        char detail[DETAIL_MAX];
        *out_may_differ = true;
        snprintf(detail, sizeof detail, "%s gave an answer that %s", dns->servers_text,
                 status == TC_ERR_LIMIT ? "is too large" : "cannot be read");
        facts = tc_dns_facts_new(TC_OUTCOME_DNS_FAILURE, detail, NULL, NULL, 0);
    }
    tc_dns_message_cleanup(&message);
    return facts;
}

/* A verdict about the name, not about the way to it. */
static bool is_final(enum tc_outcome outcome)
{
    return outcome == TC_OUTCOME_OK || outcome == TC_OUTCOME_DNS_NOT_FOUND ||
           outcome == TC_OUTCOME_DNS_NO_ADDRESS;
}

static bool either(const struct tc_dns_facts *a, const struct tc_dns_facts *b,
                   enum tc_outcome outcome)
{
    return a->outcome == outcome || b->outcome == outcome;
}

/*
 * NXDOMAIN is about the name, whichever type was asked for (RFC 8020), unless the other answer
 * says that the name exists.
 */
static enum tc_outcome combine_outcome(const struct tc_dns_facts *a, const struct tc_dns_facts *b)
{
    static const enum tc_outcome by_weight[] = {TC_OUTCOME_LOCAL_ERROR, TC_OUTCOME_DNS_FAILURE,
                                                TC_OUTCOME_DNS_TIMEOUT};
    if (either(a, b, TC_OUTCOME_OK)) {
        return TC_OUTCOME_OK;
    }
    if (either(a, b, TC_OUTCOME_DNS_NOT_FOUND)) {
        return either(a, b, TC_OUTCOME_DNS_NO_ADDRESS) ? TC_OUTCOME_DNS_NO_ADDRESS
                                                       : TC_OUTCOME_DNS_NOT_FOUND;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(by_weight); i++) {
        if (either(a, b, by_weight[i])) {
            return by_weight[i];
        }
    }
    return TC_OUTCOME_DNS_NO_ADDRESS;
}

static void no_address_detail(char *out, size_t out_len, const char *chain)
{
    if (chain == NULL) {
        snprintf(out, out_len, "the name exists and has no address");
        return;
    }
    const char *space = strrchr(chain, ' ');
    snprintf(out, out_len, "an alias of %s, which has no address",
             space != NULL ? space + 1 : chain);
}

static void combine_detail(char *out, size_t out_len, enum tc_outcome outcome, const char *chain,
                           const struct tc_dns_facts *ipv4, const struct tc_dns_facts *ipv6)
{
    bool tell4 = ipv4->detail[0] != '\0';
    bool tell6 = ipv6->detail[0] != '\0';
    out[0] = '\0';
    if (outcome == TC_OUTCOME_DNS_NO_ADDRESS) {
        no_address_detail(out, out_len, chain);
        return;
    }
    if (outcome == TC_OUTCOME_OK || outcome == TC_OUTCOME_DNS_NOT_FOUND) {
        /* That one family has nothing is no news beside this. */
        tell4 = tell4 && ipv4->outcome != TC_OUTCOME_DNS_NO_ADDRESS &&
                (ipv4->outcome != TC_OUTCOME_DNS_NOT_FOUND || outcome != TC_OUTCOME_OK);
        tell6 = tell6 && ipv6->outcome != TC_OUTCOME_DNS_NO_ADDRESS &&
                (ipv6->outcome != TC_OUTCOME_DNS_NOT_FOUND || outcome != TC_OUTCOME_OK);
    }
    if (tell4 && tell6 && strcmp(ipv4->detail, ipv6->detail) == 0) {
        snprintf(out, out_len, "%s", ipv4->detail);
        return;
    }
    snprintf(out, out_len, "%s%s%s%s%s", tell4 ? "IPv4: " : "", tell4 ? ipv4->detail : "",
             tell4 && tell6 ? "; " : "", tell6 ? "IPv6: " : "", tell6 ? ipv6->detail : "");
}

struct tc_dns_facts *tc_dns_combine(bool *out_final, struct tc_dns_facts *ipv4,
                                    struct tc_dns_facts *ipv6)
{
    struct tc_address addresses[TC_MAX_ADDRESSES];
    char detail[DETAIL_MAX];
    if (ipv4 == NULL || ipv6 == NULL) {
        struct tc_dns_facts *only = ipv4 != NULL ? ipv4 : ipv6;
        *out_final = is_final(only->outcome);
        tc_ref_get(&only->ref);
        return only;
    }
    *out_final = is_final(ipv4->outcome) && is_final(ipv6->outcome);
    enum tc_outcome outcome = combine_outcome(ipv4, ipv6);
    const char *chain = ipv4->cname_chain != NULL ? ipv4->cname_chain : ipv6->cname_chain;
    combine_detail(detail, sizeof detail, outcome, chain, ipv4, ipv6);

    size_t num4 = ipv4->num_addresses;
    size_t num6 = ipv6->num_addresses;
    if (num6 > TC_MAX_ADDRESSES - num4) {
        num6 = TC_MAX_ADDRESSES - num4;
        snprintf(detail, sizeof detail, "more than %d addresses: the rest is left out",
                 TC_MAX_ADDRESSES);
    }
    if (num4 > 0) {
        memcpy(addresses, ipv4->addresses, num4 * sizeof addresses[0]);
    }
    if (num6 > 0) {
        memcpy(addresses + num4, ipv6->addresses, num6 * sizeof addresses[0]);
    }
    return tc_dns_facts_new(outcome, detail, chain, addresses, num4 + num6);
}
