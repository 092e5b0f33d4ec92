/*
 * Inside the room: the steps of a merge. They run with a shard attached (tc_store_attach()).
 */
#ifndef SCHEMA_MERGING_H
#define SCHEMA_MERGING_H

#include "database.h"
#include "tlscensus/merge.h"

struct tc_merging {
    struct tc_store *store;
    const char *path; /* of the shard, for messages */
    const struct tc_merge_options *options;
    char doing[256]; /* "merging shard-3.db" */
};

/* ---- merge_scans.c ---- */

/* Puts the scans that the database lacks into temp.merge_plan, which gives them their numbers. */
TC_MUST_USE enum tc_status tc_merging_plan(const struct tc_merging *merging,
                                           struct tc_error *error);
/* Puts the scans that are taken into temp.merge_scan. In the file's transaction. */
TC_MUST_USE enum tc_status tc_merging_choose(const struct tc_merging *merging, size_t *out_num,
                                             struct tc_error *error);

/* ---- merge_findings.c ---- */

/*
 * Stores the rules that are new and the finding sets of the whole scans. temp.assess_bundle says
 * then which set is which.
 */
TC_MUST_USE enum tc_status tc_merging_findings(const struct tc_merging *merging,
                                               struct tc_error *error);
TC_MUST_USE enum tc_status tc_merging_drop_findings(const struct tc_merging *merging,
                                                    struct tc_error *error);

#endif
