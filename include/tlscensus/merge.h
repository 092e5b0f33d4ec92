/*
 * Databases into one: the shards of a scan, or the histories of several machines.
 */
#ifndef TLSCENSUS_MERGE_H
#define TLSCENSUS_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/certificate.h"
#include "tlscensus/status.h"
#include "tlscensus/store.h"

/*
 * tc_merge_check looks at a file that is to be merged: whose it is and of which version, whether it
 * is whole, and whether nobody writes to it. The file may come from a stranger: certificates go by
 * hashes that are checked; those of label sets, chains and feature sets are believed, so take files
 * from those whose scans you would believe.
 *
 * Errors: as of tc_store_open() with TC_STORE_READ; TC_ERR_BUSY, TC_ERR_STORE (damaged).
 */
TC_MUST_USE enum tc_status tc_merge_check(const char *path, struct tc_error *error);

struct tc_merge_options {
    const char *const *paths; /* the shards, in any order */
    size_t num_paths;
    void *context;
    void (*notice)(void *context, const char *text); /* a scan that is left out, and the like */
    /* May be NULL. Called before each file is merged; `num_before` were. */
    void (*progress)(void *context, const char *path, size_t num_before);
};

/* What was new. */
struct tc_merge_counts {
    uint64_t scans;
    uint64_t joined; /* shards that were added to a scan that was there */
    uint64_t observations;
    uint64_t certificates;
};

/*
 * tc_merge takes from each shard the scans that the database lacks, in one transaction a file. What
 * is the same is known by what it is (names, hashes, a scan by its UUID), so that a second time
 * changes nothing. Shards of one scan become one scan, which counts as interrupted until it is
 * judged: tc_merge_each_part(). A scan that did not finish is left out.
 *
 * Errors: as of tc_merge_check(); TC_ERR_INPUT (a shard that did not finish, or is of another
 *         partition; the database itself), TC_ERR_VERSION (shards of one scan by different
 *         programs). What was merged from the files before stays.
 */
TC_MUST_USE enum tc_status tc_merge(struct tc_store *store, const struct tc_merge_options *options,
                                    struct tc_merge_counts *out, struct tc_error *error);

/* A scan that is put together from shards. */
struct tc_merge_part {
    int64_t scan_id;
    int64_t started_s;
    const uint8_t *trust_store_sha256; /* TC_SHA256_BYTES; NULL where it is not known */
    const char *missing;               /* the shards that lack, "2,5-7 of 8"; "" where none does */
};
/*
 * tc_merge_each_part calls `judge` for every scan that is put together from shards and is not yet
 * done: what is found depends on the whole. One that lacks nothing is then marked done.
 *
 * Errors: those of `judge`; TC_ERR_STORE, TC_ERR_NOMEM.
 */
typedef enum tc_status (*tc_merge_judge)(void *context, const struct tc_merge_part *part,
                                         struct tc_error *error);
TC_MUST_USE enum tc_status tc_merge_each_part(struct tc_store *store, tc_merge_judge judge,
                                              void *context, struct tc_error *error);

#endif
