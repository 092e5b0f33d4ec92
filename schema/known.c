#include "known.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4U /* entries that share a place */

enum tc_status tc_known_init(struct tc_known *known, size_t num_entries)
{
    assert(num_entries >= WAYS && (num_entries & (num_entries - 1)) == 0);
    *known = (struct tc_known){.num_sets = num_entries / WAYS};
    known->entries = calloc(num_entries, sizeof *known->entries);
    known->next_way = calloc(known->num_sets, sizeof *known->next_way);
    if (known->entries == NULL || known->next_way == NULL) {
        tc_known_cleanup(known);
        return TC_ERR_NOMEM;
    }
    return TC_OK;
}

void tc_known_cleanup(struct tc_known *known)
{
    free(known->entries);
    free(known->next_way);
    *known = (struct tc_known){0};
}

/* A hash is random already: its first bytes are the place. A peer who steers them slows itself. */
static size_t set_of(const struct tc_known *known, const uint8_t *key)
{
    uint64_t place = 0;
    memcpy(&place, key, sizeof place);
    return (size_t)(place & (known->num_sets - 1));
}

int64_t tc_known_get(const struct tc_known *known, const uint8_t key[TC_SHA256_BYTES])
{
    const struct tc_known_entry *set = &known->entries[set_of(known, key) * WAYS];
    for (unsigned way = 0; way < WAYS; way++) {
        if (set[way].id != 0 && memcmp(set[way].key, key, TC_SHA256_BYTES) == 0) {
            return set[way].id;
        }
    }
    return 0;
}

void tc_known_put(struct tc_known *known, const uint8_t key[TC_SHA256_BYTES], int64_t id)
{
    size_t place = set_of(known, key);
    struct tc_known_entry *entry = &known->entries[place * WAYS + known->next_way[place] % WAYS];
    known->next_way[place]++;
    memcpy(entry->key, key, TC_SHA256_BYTES);
    entry->id = id;
}
