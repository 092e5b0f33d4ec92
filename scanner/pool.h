/*
 * Slots of one size, made in blocks and recycled: after the first seconds of a run nothing more is
 * allocated. One thread.
 */
#ifndef TC_SCANNER_POOL_H
#define TC_SCANNER_POOL_H

#include <stddef.h>

struct tc_pool {
    size_t slot_bytes;
    struct tc_pool_block *blocks;
    struct tc_pool_slot *spare;
};

/* Nothing is allocated yet. */
void tc_pool_init(struct tc_pool *pool, size_t slot_bytes);
/* tc_pool_take gives a zeroed slot; NULL without memory. */
void *tc_pool_take(struct tc_pool *pool);
void tc_pool_give(struct tc_pool *pool, void *slot);
/* Frees all slots, also those not given back. */
void tc_pool_cleanup(struct tc_pool *pool);

#endif
