#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

#define CACHE_PARTS 16U
#define NO_SLOT     UINT32_MAX

struct cache_slot {
    struct tc_ref *value; /* one reference, NULL while free */
    uint64_t hash;
    uint32_t next; /* in its bucket */
    bool was_used; /* since the hand passed */
};

struct cache_part {
    pthread_mutex_t lock;
    struct cache_slot *slots;
    uint32_t *buckets; /* first slot of each, as many as slots */
    uint32_t hand;
};

struct cache {
    cache_same same;
    uint32_t slots_per_part;
    uint32_t num_parts; /* whose lock exists */
    struct cache_part parts[CACHE_PARTS];
};

static void part_reset(struct cache_part *part, uint32_t num_slots)
{
    for (uint32_t i = 0; i < num_slots; i++) {
        part->slots[i] = (struct cache_slot){.next = NO_SLOT};
        part->buckets[i] = NO_SLOT;
    }
    part->hand = 0;
}

struct cache *cache_new(size_t capacity, cache_same same)
{
    struct cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return NULL;
    }
    cache->same = same;
    cache->slots_per_part = (uint32_t)(capacity / CACHE_PARTS + 1);
    for (uint32_t i = 0; i < CACHE_PARTS; i++) {
        struct cache_part *part = &cache->parts[i];
        if (pthread_mutex_init(&part->lock, NULL) != 0) {
            cache_free(cache);
            return NULL;
        }
        cache->num_parts++;
        part->slots = calloc(cache->slots_per_part, sizeof *part->slots);
        part->buckets = calloc(cache->slots_per_part, sizeof *part->buckets);
        if (part->slots == NULL || part->buckets == NULL) {
            cache_free(cache);
            return NULL;
        }
        part_reset(part, cache->slots_per_part);
    }
    return cache;
}

void cache_clear(struct cache *cache)
{
    for (uint32_t i = 0; i < cache->num_parts; i++) {
        struct cache_part *part = &cache->parts[i];
        if (part->slots == NULL || part->buckets == NULL) {
            continue; /* of a cache that could not be made */
        }
        for (uint32_t k = 0; k < cache->slots_per_part; k++) {
            tc_ref_release(part->slots[k].value);
        }
        part_reset(part, cache->slots_per_part);
    }
}

void cache_free(struct cache *cache)
{
    if (cache == NULL) {
        return;
    }
    cache_clear(cache);
    for (uint32_t i = 0; i < cache->num_parts; i++) {
        free(cache->parts[i].slots);
        free(cache->parts[i].buckets);
        pthread_mutex_destroy(&cache->parts[i].lock);
    }
    free(cache);
}

/* The low bits choose the part, the next ones the bucket in it. */
static struct cache_part *part_of(struct cache *cache, uint64_t hash)
{
    return &cache->parts[hash % CACHE_PARTS];
}

static uint32_t *bucket_of(const struct cache *cache, struct cache_part *part, uint64_t hash)
{
    return &part->buckets[hash / CACHE_PARTS % cache->slots_per_part];
}

/* With the part's lock held: the equal object with a new reference, or NULL. */
static struct tc_ref *find_locked(struct cache *cache, struct cache_part *part, uint64_t hash,
                                  const void *key)
{
    uint32_t at = *bucket_of(cache, part, hash);
    while (at != NO_SLOT) {
        struct cache_slot *slot = &part->slots[at];
        if (slot->hash == hash && cache->same(slot->value, key)) {
            slot->was_used = true;
            tc_ref_get(slot->value);
            return slot->value;
        }
        at = slot->next;
    }
    return NULL;
}

struct tc_ref *cache_get(struct cache *cache, uint64_t hash, const void *key)
{
    struct cache_part *part = part_of(cache, hash);
    pthread_mutex_lock(&part->lock);
    struct tc_ref *value = find_locked(cache, part, hash, key);
    pthread_mutex_unlock(&part->lock);
    return value;
}

static void unlink_slot(struct cache *cache, struct cache_part *part, uint32_t index)
{
    uint32_t *at = bucket_of(cache, part, part->slots[index].hash);
    while (*at != index) {
        at = &part->slots[*at].next;
    }
    *at = part->slots[index].next;
}

/* A free slot, or the first that was not used for one turn of the hand. Gives what was in it. */
static uint32_t make_room(struct cache *cache, struct cache_part *part, struct tc_ref **out_old)
{
    for (;;) {
        uint32_t index = part->hand;
        struct cache_slot *slot = &part->slots[index];
        part->hand = (part->hand + 1) % cache->slots_per_part;
        if (slot->value != NULL && slot->was_used) {
            slot->was_used = false; /* ends after one turn: then every mark is gone */
            continue;
        }
        *out_old = slot->value;
        if (slot->value != NULL) {
            unlink_slot(cache, part, index);
        }
        return index;
    }
}

struct tc_ref *cache_put(struct cache *cache, uint64_t hash, const void *key, struct tc_ref *value)
{
    struct cache_part *part = part_of(cache, hash);
    struct tc_ref *old = NULL;
    pthread_mutex_lock(&part->lock);
    struct tc_ref *kept = find_locked(cache, part, hash, key);
    if (kept == NULL) {
        uint32_t index = make_room(cache, part, &old);
        uint32_t *bucket = bucket_of(cache, part, hash);
        part->slots[index] = (struct cache_slot){.value = value, .hash = hash, .next = *bucket};
        *bucket = index;
        tc_ref_get(value); /* the cache's */
        tc_ref_get(value); /* the caller's */
        kept = value;
    }
    pthread_mutex_unlock(&part->lock);
    tc_ref_release(old); /* outside the lock: freeing a certificate is long */
    return kept;
}
