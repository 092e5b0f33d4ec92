/*
 * A bounded memory of shared objects, found by a hash and a comparison. Any thread may use it: it
 * is split into parts with a lock each, held for a look-up and never while anything is computed.
 * What was not asked for since the clock's hand passed gives way first.
 */
#ifndef PKI_CACHE_H
#define PKI_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/ref.h"

struct cache;

/* Whether `value` is what `key` asks for. Called under a lock: it only compares. */
typedef bool (*cache_same)(const struct tc_ref *value, const void *key);

/* A cache of about `capacity` objects; NULL when memory ran out. */
struct cache *cache_new(size_t capacity, cache_same same);
void cache_free(struct cache *cache);
/* The object with a new reference, or NULL. */
struct tc_ref *cache_get(struct cache *cache, uint64_t hash, const void *key);
/*
 * cache_put remembers `value` (taking a reference of its own) unless an equal one is there, and
 * gives the remembered one with a new reference: where two threads made the same thing at once,
 * both go on with one of them.
 */
struct tc_ref *cache_put(struct cache *cache, uint64_t hash, const void *key, struct tc_ref *value);
/* Forgets everything. Not while others use the cache. */
void cache_clear(struct cache *cache);

#endif
