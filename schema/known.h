/*
 * Inside the room: ids that the writer has met, found by a SHA-256. Bounded: when it is full, what
 * was put long ago makes room, and the database is asked again.
 */
#ifndef SCHEMA_KNOWN_H
#define SCHEMA_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/certificate.h"
#include "tlscensus/status.h"

struct tc_known_entry {
    uint8_t key[TC_SHA256_BYTES];
    int64_t id; /* 0: free */
};

struct tc_known {
    struct tc_known_entry *entries;
    uint8_t *next_way; /* per set: which entry makes room next */
    size_t num_sets;   /* a power of two */
};

/* `num_entries` is a power of two, at least 4. Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status tc_known_init(struct tc_known *known, size_t num_entries);
void tc_known_cleanup(struct tc_known *known);
/* The id, or 0. */
int64_t tc_known_get(const struct tc_known *known, const uint8_t key[TC_SHA256_BYTES]);
void tc_known_put(struct tc_known *known, const uint8_t key[TC_SHA256_BYTES], int64_t id);

#endif
