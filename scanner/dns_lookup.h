/* One name on its way to addresses or mail hosts: what a resolver keeps for it, and the lists it
 * stands on. */
#ifndef TLSCENSUS_SCANNER_DNS_LOOKUP_H
#define TLSCENSUS_SCANNER_DNS_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns_cache.h"
#include "resolver.h"

enum lookup_state {
    LOOKUP_WAITING = 0, /* for its turn */
    LOOKUP_ASKED,       /* queries are out */
    LOOKUP_READY,       /* facts are there; the callbacks come next */
    LOOKUP_DELIVERED    /* all over, but c-ares may still hold a query of it */
};

/* One question of a lookup. */
struct query {
    struct lookup *lookup;
    uint16_t type;
    bool wanted;
    unsigned num_servers_asked;
    struct tc_dns_facts *facts; /* NULL until it has its verdict */
};

struct waiter {
    tc_resolver_callback callback;
    void *context;
};

struct lookup {
    struct tc_resolver *resolver;
    struct lookup *previous; /* on the list of its state */
    struct lookup *next;
    struct lookup *next_in_bucket;
    enum lookup_state state;
    enum tc_dns_source source;
    bool interrupted;
    bool counted;      /* its open queries count against MAX_QUERIES */
    unsigned num_open; /* queries that c-ares holds */
    struct query ipv4;
    struct query ipv6;
    struct query mx; /* wanted alone, or not at all */
    uint64_t sent_us;
    uint64_t answered_us; /* 0: no answer came */
    struct tc_dns_facts *facts;
    struct waiter first;
    struct waiter *joined; /* equal lookups that came meanwhile */
    size_t num_joined;
    size_t max_joined;
    char name[];
};

struct lookup_list {
    struct lookup *head;
    struct lookup *tail;
    size_t len;
};

/* What is looked for. */
enum lookup_kind { LOOKUP_BOTH = 0, LOOKUP_IPV4, LOOKUP_IPV6, LOOKUP_MX };

/* NULL when out of memory. The name is copied, in lower case and without a dot at its end. */
struct lookup *tc_lookup_new(struct tc_resolver *resolver, const char *name, enum lookup_kind kind);
void tc_lookup_free(struct lookup *lookup);
/* Queries that it sends. */
unsigned tc_lookup_num_wanted(const struct lookup *lookup);
/* One more callback for an equal lookup. Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status tc_lookup_join(struct lookup *lookup, const struct waiter *waiter);
/* Runs the callbacks of a lookup that is off its list; a callback may do anything but free. */
void tc_lookup_deliver(struct lookup *lookup);

void tc_lookup_list_append(struct lookup_list *list, struct lookup *lookup);
void tc_lookup_list_remove(struct lookup_list *list, struct lookup *lookup);

#endif
