#include "dns_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "dns_message.h"

struct lookup *tc_lookup_new(struct tc_resolver *resolver, const char *name, enum lookup_kind kind)
{
    size_t len = strlen(name);
    struct lookup *lookup = calloc(1, sizeof *lookup + len + 1);
    if (lookup == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        lookup->name[i] =
            (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    }
    if (len > 1 && lookup->name[len - 1] == '.') {
        lookup->name[len - 1] = '\0';
    }
    lookup->resolver = resolver;
    lookup->ipv4 = (struct query){.lookup = lookup, .type = DNS_TYPE_A};
    lookup->ipv6 = (struct query){.lookup = lookup, .type = DNS_TYPE_AAAA};
    lookup->mx = (struct query){.lookup = lookup, .type = DNS_TYPE_MX};
    lookup->ipv4.wanted = kind == LOOKUP_BOTH || kind == LOOKUP_IPV4;
    lookup->ipv6.wanted = kind == LOOKUP_BOTH || kind == LOOKUP_IPV6;
    lookup->mx.wanted = kind == LOOKUP_MX;
    return lookup;
}

void tc_lookup_free(struct lookup *lookup)
{
    if (lookup != NULL) {
        tc_dns_facts_release(lookup->ipv4.facts);
        tc_dns_facts_release(lookup->ipv6.facts);
        tc_dns_facts_release(lookup->mx.facts);
        tc_dns_facts_release(lookup->facts);
        free(lookup->joined);
        free(lookup);
    }
}

unsigned tc_lookup_num_wanted(const struct lookup *lookup)
{
    return lookup->mx.wanted ? 1U
                             : (lookup->ipv4.wanted ? 1U : 0U) + (lookup->ipv6.wanted ? 1U : 0U);
}

enum tc_status tc_lookup_join(struct lookup *lookup, const struct waiter *waiter)
{
    if (lookup->num_joined == lookup->max_joined) {
        size_t max = lookup->max_joined > 0 ? lookup->max_joined * 2 : 4;
        struct waiter *joined = realloc(lookup->joined, max * sizeof *joined);
        if (joined == NULL) {
            return TC_ERR_NOMEM;
        }
        lookup->joined = joined;
        lookup->max_joined = max;
    }
    lookup->joined[lookup->num_joined++] = *waiter;
    return TC_OK;
}

void tc_lookup_deliver(struct lookup *lookup)
{
    const struct tc_dns_facts *facts = lookup->facts;
    struct tc_resolution resolution = {
        .outcome = lookup->interrupted ? TC_OUTCOME_INTERRUPTED : TC_OUTCOME_LOCAL_ERROR,
        .detail = lookup->interrupted ? "stopped before an answer came" : "out of memory",
        .dns_us = TC_TIME_UNKNOWN,
        .source = lookup->source,
    };
    if (facts != NULL) {
        resolution.outcome = facts->outcome;
        resolution.detail = facts->detail;
        resolution.addresses = facts->addresses;
        resolution.num_addresses = facts->num_addresses;
        resolution.cname_chain = facts->cname_chain;
        resolution.exchanges = facts->exchanges;
    }
    if (lookup->answered_us > lookup->sent_us) {
        resolution.dns_us = (int64_t)(lookup->answered_us - lookup->sent_us);
    }
    lookup->first.callback(lookup->first.context, &resolution);

    resolution.dns_us = TC_TIME_UNKNOWN; /* nothing was asked for those that joined */
    if (resolution.source == TC_DNS_NETWORK) {
        resolution.source = TC_DNS_CACHE;
    }
    for (size_t i = 0; i < lookup->num_joined; i++) {
        lookup->joined[i].callback(lookup->joined[i].context, &resolution);
    }
}

void tc_lookup_list_append(struct lookup_list *list, struct lookup *lookup)
{
    lookup->previous = list->tail;
    lookup->next = NULL;
    if (list->tail != NULL) {
        list->tail->next = lookup;
    } else {
        list->head = lookup;
    }
    list->tail = lookup;
    list->len++;
}

void tc_lookup_list_remove(struct lookup_list *list, struct lookup *lookup)
{
    if (lookup->previous != NULL) {
        lookup->previous->next = lookup->next;
    } else {
        list->head = lookup->next;
    }
    if (lookup->next != NULL) {
        lookup->next->previous = lookup->previous;
    } else {
        list->tail = lookup->previous;
    }
    list->len--;
}
