/*
 * Answers of this run, shared by all workers. Any thread may call these.
 *
 * A time to live is not kept: a scan is one picture of one moment, and a name that comes up twice
 * in it (two ports, two protocols) should be the same endpoints both times. The cache ends with the
 * run, and its bound drops what is oldest.
 */
#ifndef TLSCENSUS_SCANNER_DNS_CACHE_H
#define TLSCENSUS_SCANNER_DNS_CACHE_H

#include <stddef.h>

#include "address.h"
#include "tlscensus/outcome.h"
#include "tlscensus/ref.h"
#include "tlscensus/status.h"

/* What is known of one name. Immutable once made: any thread that holds a reference may read it. */
struct tc_dns_facts {
    struct tc_ref ref;
    enum tc_outcome outcome;
    const char *detail;      /* never NULL */
    const char *cname_chain; /* NULL without alias */
    const char
        *exchanges; /* mail hosts, a blank between two; NULL where addresses were asked for */
    size_t num_addresses;
    struct tc_address addresses[]; /* the texts lie behind them, in the same allocation */
};
/*
 * tc_dns_facts_new copies all that is given; `cname_chain` may be NULL. NULL when out of memory.
 * Ownership: the caller gets one reference and drops it with tc_dns_facts_release().
 */
struct tc_dns_facts *tc_dns_facts_new(enum tc_outcome outcome, const char *detail,
                                      const char *cname_chain, const struct tc_address *addresses,
                                      size_t num_addresses);
/* The same for a question about mail hosts; `exchanges` is copied too. */
struct tc_dns_facts *tc_dns_facts_new_exchanges(enum tc_outcome outcome, const char *detail,
                                                const char *cname_chain, const char *exchanges);
void tc_dns_facts_release(struct tc_dns_facts *facts);

/* The key is the name alone: which families are asked for is one choice for the whole run. */
struct tc_dns_cache;
TC_MUST_USE enum tc_status tc_dns_cache_new(struct tc_dns_cache **out, size_t max_entries);
/* One reference, or NULL where the name is not known. */
struct tc_dns_facts *tc_dns_cache_get(struct tc_dns_cache *cache, const char *name);
/*
 * tc_dns_cache_put remembers facts (with a reference of its own); the first ones that came for a
 * name stay. Where memory is short nothing is remembered: the name is only asked for again.
 */
void tc_dns_cache_put(struct tc_dns_cache *cache, const char *name, struct tc_dns_facts *facts);
size_t tc_dns_cache_count(struct tc_dns_cache *cache);
void tc_dns_cache_free(struct tc_dns_cache *cache);

/* FNV-1a. Names come from the user's own list, so a seed against chosen names is not needed. */
size_t tc_dns_name_hash(const char *name);

#endif
