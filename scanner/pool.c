#include "pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_IN_BLOCK 64

struct tc_pool_block {
    struct tc_pool_block *next;
    alignas(max_align_t) unsigned char slots[];
};

struct tc_pool_slot {
    struct tc_pool_slot *next;
};

void tc_pool_init(struct tc_pool *pool, size_t slot_bytes)
{
    size_t unit = alignof(max_align_t);
    *pool = (struct tc_pool){.slot_bytes = (slot_bytes + unit - 1) / unit * unit};
}

static void add_block(struct tc_pool *pool)
{
    struct tc_pool_block *block = malloc(sizeof *block + SLOTS_IN_BLOCK * pool->slot_bytes);
    if (block == NULL) {
        return;
    }
    block->next = pool->blocks;
    pool->blocks = block;
    for (size_t i = SLOTS_IN_BLOCK; i-- > 0;) {
        tc_pool_give(pool, block->slots + i * pool->slot_bytes);
    }
}

void *tc_pool_take(struct tc_pool *pool)
{
    if (pool->spare == NULL) {
        add_block(pool);
    }
    struct tc_pool_slot *slot = pool->spare;
    if (slot != NULL) {
        pool->spare = slot->next;
        memset(slot, 0, pool->slot_bytes);
    }
    return slot;
}

void tc_pool_give(struct tc_pool *pool, void *slot)
{
    struct tc_pool_slot *spare = slot;
    spare->next = pool->spare;
    pool->spare = spare;
}

void tc_pool_cleanup(struct tc_pool *pool)
{
    while (pool->blocks != NULL) {
        struct tc_pool_block *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    pool->spare = NULL;
}
