/*
 * A scan in parts: which targets a part has, and which parts of a scan are at hand.
 */
#ifndef TLSCENSUS_SHARD_H
#define TLSCENSUS_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

#define TC_SHARDS_MAX 10000 /* parts of one scan: more than a cluster has places */

/* The zero state is no shard; {1, 1} is the whole. */
struct tc_shard {
    unsigned number; /* from 1 */
    unsigned total;
};

/*
 * tc_shard_parse reads "K/N", 1 <= K <= N <= TC_SHARDS_MAX.
 * Errors: TC_ERR_MALFORMED, TC_ERR_RANGE.
 */
TC_MUST_USE enum tc_status tc_shard_parse(struct tc_shard *out, const char *text);
/*
 * tc_shard_number says to which of `total` shards a target belongs, from 1. It goes by protocol,
 * host and port as they are normalised, and by nothing else: neither the rest of the list nor the
 * machine or the version plays a part, so the answer must never change.
 */
unsigned tc_shard_number(enum tc_protocol protocol, const char *host, uint16_t port,
                         unsigned total);
bool tc_shard_has(const struct tc_shard *shard, const struct tc_target *target);

/* Some of the shards of one scan. */
struct tc_shard_set {
    unsigned total;
    uint8_t bits[TC_SHARDS_MAX / 8 + 1];
};

/*
 * tc_shard_set_parse reads "3/8", "1-3,5/8" or "1/1", as tc_shard_set_add_text writes them.
 * Errors: TC_ERR_MALFORMED, TC_ERR_RANGE.
 */
TC_MUST_USE enum tc_status tc_shard_set_parse(struct tc_shard_set *out, const char *text);
/*
 * tc_shard_set_join adds the shards of `other` to `set`; a whole scan has all of them.
 * Errors: TC_ERR_RANGE (the parts of both are not of the same number).
 */
TC_MUST_USE enum tc_status tc_shard_set_join(struct tc_shard_set *set,
                                             const struct tc_shard_set *other);
/* Whether every shard of `other` is in `set`, however many parts either has: a whole has all. */
bool tc_shard_set_has(const struct tc_shard_set *set, const struct tc_shard_set *other);
bool tc_shard_set_is_whole(const struct tc_shard_set *set);
/* The lowest number in it. */
unsigned tc_shard_set_first(const struct tc_shard_set *set);
/* "1-3,5/8" */
void tc_shard_set_add_text(struct tc_buf *out, const struct tc_shard_set *set);
/* The numbers that it lacks, "4,6-8"; nothing where it is whole. */
void tc_shard_set_add_missing(struct tc_buf *out, const struct tc_shard_set *set);

#endif
