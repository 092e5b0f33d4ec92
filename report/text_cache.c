#include "text_cache.h"

#include <stdbool.h>
#include <stdlib.h>

#define CACHE_SLOTS    1024U
#define CACHE_TEXT_MAX ((size_t)64 * 1024 * 1024)

struct cache_slot {
    int64_t id;
    bool used;
    struct tc_buf text;
};

struct tc_text_cache {
    tc_text_fill fill;
    void *context;
    struct cache_slot slots[CACHE_SLOTS];
};

enum tc_status tc_text_cache_new(struct tc_text_cache **out, tc_text_fill fill, void *context,
                                 struct tc_error *error)
{
    struct tc_text_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    cache->fill = fill;
    cache->context = context;
    for (size_t i = 0; i < CACHE_SLOTS; i++) {
        tc_buf_init(&cache->slots[i].text, CACHE_TEXT_MAX);
    }
    *out = cache;
    return TC_OK;
}

void tc_text_cache_free(struct tc_text_cache *cache)
{
    for (size_t i = 0; cache != NULL && i < CACHE_SLOTS; i++) {
        tc_buf_cleanup(&cache->slots[i].text);
    }
    free(cache);
}

enum tc_status tc_text_cache_add(struct tc_buf *out, struct tc_text_cache *cache, int64_t id,
                                 struct tc_error *error)
{
    struct cache_slot *slot = &cache->slots[(uint64_t)id % CACHE_SLOTS];
    if (!slot->used || slot->id != id) {
        slot->used = false;
        tc_buf_clear(&slot->text);
        enum tc_status status = cache->fill(&slot->text, cache->context, id, error);
        if (status == TC_OK && slot->text.failed != TC_OK) {
            status = tc_fail(error, slot->text.failed, "%s", tc_status_str(slot->text.failed));
        }
        if (status != TC_OK) {
            return status;
        }
        slot->id = id;
        slot->used = true;
    }
    return tc_buf_add(out, slot->text.data, slot->text.len);
}
