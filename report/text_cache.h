/*
 * Pieces of a report that many rows share (a label set, a chain), remembered by their id: a fleet
 * has few of them. Direct-mapped, so its memory is bounded and it needs no tidying.
 */
#ifndef REPORT_TEXT_CACHE_H
#define REPORT_TEXT_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"

/* Appends the text of `id` to `out`. */
typedef enum tc_status (*tc_text_fill)(struct tc_buf *out, void *context, int64_t id,
                                       struct tc_error *error);

struct tc_text_cache;
/* `context` is borrowed until the cache is freed. */
TC_MUST_USE enum tc_status tc_text_cache_new(struct tc_text_cache **out, tc_text_fill fill,
                                             void *context, struct tc_error *error);
void tc_text_cache_free(struct tc_text_cache *cache);
/* tc_text_cache_add appends the text of `id` to `out`. */
TC_MUST_USE enum tc_status tc_text_cache_add(struct tc_buf *out, struct tc_text_cache *cache,
                                             int64_t id, struct tc_error *error);

#endif
