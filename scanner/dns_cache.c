#include "dns_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct cache_entry {
    struct cache_entry *next_in_bucket;
    struct cache_entry *next_younger;
    struct tc_dns_facts *facts; /* one reference */
    size_t hash;
    char name[];
};

struct tc_dns_cache {
    pthread_mutex_t lock; /* over all that follows; held for a few pointer steps only */
    struct cache_entry **buckets;
    size_t num_buckets; /* a power of two */
    size_t num_entries;
    size_t max_entries;
    struct cache_entry *oldest;
    struct cache_entry *youngest;
};

static void facts_destroy(struct tc_ref *ref)
{
    static_assert(offsetof(struct tc_dns_facts, ref) == 0, "the reference is the object");
    free(ref);
}

/* Bytes that a text takes behind the facts. */
static size_t text_bytes(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* Copies `text` to the cursor and moves the cursor behind it. */
static const char *text_put(char **cursor, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t bytes = text_bytes(text);
    char *copy = memcpy(*cursor, text, bytes);
    *cursor += bytes;
    return copy;
}

/* Any text but `detail` may be NULL. */
static struct tc_dns_facts *facts_new(enum tc_outcome outcome, const char *detail,
                                      const char *cname_chain, const char *exchanges,
                                      const struct tc_address *addresses, size_t num_addresses)
{
    struct tc_dns_facts *facts = NULL;
    size_t addresses_bytes = num_addresses * sizeof *addresses;
    facts = malloc(sizeof *facts + addresses_bytes + text_bytes(detail) + text_bytes(cname_chain) +
                   text_bytes(exchanges));
    if (facts == NULL) {
        return NULL;
    }
    tc_ref_init(&facts->ref, facts_destroy);
    facts->outcome = outcome;
    facts->num_addresses = num_addresses;
    if (num_addresses > 0) {
        memcpy(facts->addresses, addresses, addresses_bytes);
    }
    char *cursor = (char *)&facts->addresses[num_addresses];
    facts->detail = text_put(&cursor, detail);
    facts->cname_chain = text_put(&cursor, cname_chain);
    facts->exchanges = text_put(&cursor, exchanges);
    return facts;
}

struct tc_dns_facts *tc_dns_facts_new(enum tc_outcome outcome, const char *detail,
                                      const char *cname_chain, const struct tc_address *addresses,
                                      size_t num_addresses)
{
    return facts_new(outcome, detail, cname_chain, NULL, addresses, num_addresses);
}

struct tc_dns_facts *tc_dns_facts_new_exchanges(enum tc_outcome outcome, const char *detail,
                                                const char *cname_chain, const char *exchanges)
{
    return facts_new(outcome, detail, cname_chain, exchanges, NULL, 0);
}

void tc_dns_facts_release(struct tc_dns_facts *facts)
{
    if (facts != NULL) {
        tc_ref_release(&facts->ref);
    }
}

size_t tc_dns_name_hash(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (const char *at = name; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * 0x100000001b3U;
    }
    return (size_t)(hash ^ (hash >> 32)); /* the low bits choose the bucket: let all count */
}

enum tc_status tc_dns_cache_new(struct tc_dns_cache **out, size_t max_entries)
{
    enum tc_status status = TC_ERR_NOMEM;
    size_t num_buckets = 1;
    struct tc_dns_cache *cache = calloc(1, sizeof *cache);
    assert(max_entries > 0);
    if (cache == NULL) {
        return status;
    }
    while (num_buckets < max_entries && num_buckets <= SIZE_MAX / 4) {
        num_buckets *= 2;
    }
    cache->buckets = calloc(num_buckets, sizeof(struct cache_entry *));
    if (cache->buckets == NULL || pthread_mutex_init(&cache->lock, NULL) != 0) {
        goto done;
    }
    cache->num_buckets = num_buckets;
    cache->max_entries = max_entries;
    *out = cache;
    cache = NULL;
    status = TC_OK;

done:
    if (cache != NULL) {
        free(cache->buckets);
        free(cache);
    }
    return status;
}

static struct cache_entry **bucket_of(struct tc_dns_cache *cache, size_t hash)
{
    return &cache->buckets[hash & (cache->num_buckets - 1)];
}

static struct cache_entry *find(struct tc_dns_cache *cache, const char *name, size_t hash)
{
    struct cache_entry *entry = *bucket_of(cache, hash);
    while (entry != NULL && (entry->hash != hash || strcmp(entry->name, name) != 0)) {
        entry = entry->next_in_bucket;
    }
    return entry;
}

struct tc_dns_facts *tc_dns_cache_get(struct tc_dns_cache *cache, const char *name)
{
    struct tc_dns_facts *facts = NULL;
    size_t hash = tc_dns_name_hash(name);
    pthread_mutex_lock(&cache->lock);
    const struct cache_entry *entry = find(cache, name, hash);
    if (entry != NULL) {
        facts = entry->facts;
        tc_ref_get(&facts->ref); /* inside the lock: eviction may drop the cache's own */
    }
    pthread_mutex_unlock(&cache->lock);
    return facts;
}

static void entry_free(struct cache_entry *entry)
{
    if (entry != NULL) {
        tc_dns_facts_release(entry->facts);
        free(entry);
    }
}

/* Takes the oldest entry out and gives it to the caller. */
static struct cache_entry *evict(struct tc_dns_cache *cache)
{
    struct cache_entry *entry = cache->oldest;
    struct cache_entry **link = bucket_of(cache, entry->hash);
    while (*link != entry) {
        link = &(*link)->next_in_bucket;
    }
    *link = entry->next_in_bucket;
    cache->oldest = entry->next_younger;
    if (cache->oldest == NULL) {
        cache->youngest = NULL;
    }
    cache->num_entries--;
    return entry;
}

static void insert(struct tc_dns_cache *cache, struct cache_entry *entry)
{
    struct cache_entry **bucket = bucket_of(cache, entry->hash);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    if (cache->youngest != NULL) {
        cache->youngest->next_younger = entry;
    } else {
        cache->oldest = entry;
    }
    cache->youngest = entry;
    cache->num_entries++;
}

void tc_dns_cache_put(struct tc_dns_cache *cache, const char *name, struct tc_dns_facts *facts)
{
    size_t name_bytes = strlen(name) + 1;
    struct cache_entry *unused = NULL; /* freed outside the lock */
    struct cache_entry *entry = malloc(sizeof *entry + name_bytes);
    if (entry == NULL) {
        return;
    }
    *entry = (struct cache_entry){.facts = facts, .hash = tc_dns_name_hash(name)};
    memcpy(entry->name, name, name_bytes);
    tc_ref_get(&facts->ref);

    pthread_mutex_lock(&cache->lock);
    if (find(cache, name, entry->hash) != NULL) { /* another worker was quicker */
        unused = entry;
    } else {
        if (cache->num_entries == cache->max_entries) {
            unused = evict(cache);
        }
        insert(cache, entry);
    }
    pthread_mutex_unlock(&cache->lock);
    entry_free(unused);
}

size_t tc_dns_cache_count(struct tc_dns_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t count = cache->num_entries;
    pthread_mutex_unlock(&cache->lock);
    return count;
}

void tc_dns_cache_free(struct tc_dns_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    while (cache->oldest != NULL) {
        entry_free(evict(cache));
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache->buckets);
    free(cache);
}
