/* Shards into one database: each is attached and taken over in one transaction. */
#include <stdio.h>
#include <string.h>

#include "merging.h"
#include "tlscensus/sql.h"
#include "tlscensus/sql_merge.h"

#define SHARD_VALUE_MAX (1 << 28) /* one value of a hostile file, in bytes */
/* Hashes come in no order, so their indexes are met all over: they should stay in memory. */
#define MERGE_SETTINGS "PRAGMA cell_size_check = ON; PRAGMA cache_size = -131072"

/* ---- one file ---- */

/* Everything of one shard, inside the transaction. */
static enum tc_status take_over(const struct tc_merging *merging, struct tc_error *error)
{
    enum tc_status status = tc_merging_findings(merging, error);
    for (const struct tc_embedded *step = tc_embedded_merge; step->name != NULL && status == TC_OK;
         step++) {
        status = tc_db_exec(merging->store, step->text, merging->doing, error);
    }
    return status == TC_OK ? tc_merging_drop_findings(merging, error) : status;
}

static enum tc_status count(const struct tc_merging *merging, struct tc_merge_counts *counts,
                            struct tc_error *error)
{
    int64_t taken[4] = {0};
    enum tc_status status = tc_db_get_ints(merging->store, taken, TC_ARRAY_LEN(taken),
                                           tc_sql_merge_count, merging->doing, error);
    counts->scans += (uint64_t)taken[0];
    counts->joined += (uint64_t)taken[1];
    counts->observations += (uint64_t)taken[2];
    counts->certificates += (uint64_t)taken[3];
    return status;
}

static enum tc_status merge_attached(const struct tc_merging *merging,
                                     struct tc_merge_counts *counts, struct tc_error *error)
{
    struct tc_store *store = merging->store;
    size_t num_chosen = 0;
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_merge_make, merging->doing, error);
    }
    if (status == TC_OK) {
        status = tc_merging_choose(merging, &num_chosen, error);
    }
    if (status == TC_OK && num_chosen > 0) {
        status = take_over(merging, error);
    }
    if (status == TC_OK && num_chosen > 0) {
        status = count(merging, counts, error);
    }
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_merge_drop, merging->doing, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store); /* does nothing after a commit */
    return status;
}

/* Attaches one shard; then it is planned for, or, with `counts`, merged. */
static enum tc_status visit(struct tc_merging *merging, const char *path,
                            struct tc_merge_counts *counts, struct tc_error *error)
{
    struct tc_store *shard = NULL;
    struct tc_store *store = merging->store;
    merging->path = path;
    (void)snprintf(merging->doing, sizeof merging->doing, "merging %s", path);
    enum tc_status status = tc_store_open(&shard, path, TC_STORE_READ, error);
    if (status == TC_OK && store->real_path != NULL &&
        strcmp(shard->real_path, store->real_path) == 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: is the database that the others are merged into",
                         path);
    }
    if (status == TC_OK) {
        status = tc_store_attach(store, shard, error);
        if (status == TC_OK) {
            status = counts != NULL ? merge_attached(merging, counts, error)
                                    : tc_merging_plan(merging, error);
            tc_store_detach(store);
        }
    }
    tc_store_close(shard);
    return status;
}

/* ---- all of them ---- */

static enum tc_status visit_all(struct tc_merging *merging, struct tc_merge_counts *counts,
                                struct tc_error *error)
{
    const struct tc_merge_options *options = merging->options;
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < options->num_paths && status == TC_OK; i++) {
        if (counts != NULL && options->progress != NULL) {
            options->progress(options->context, options->paths[i], i);
        }
        status = visit(merging, options->paths[i], counts, error);
    }
    return status;
}

enum tc_status tc_merge(struct tc_store *store, const struct tc_merge_options *options,
                        struct tc_merge_counts *out, struct tc_error *error)
{
    struct tc_merging merging = {.store = store, .options = options, .doing = "merging"};
    struct tc_merge_counts counts = {0};
    (void)sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, SHARD_VALUE_MAX);
    enum tc_status status = tc_db_exec(store, MERGE_SETTINGS, merging.doing, error);
    if (status == TC_OK) { /* a code that this program learned since needs its name */
        status = tc_db_begin(store, error);
    }
    if (status == TC_OK) {
        status = tc_lookups_renew(store, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_merge_make_plan, merging.doing, error);
    }
    if (status == TC_OK) {
        status = visit_all(&merging, NULL, error);
    }
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_merge_number_plan, merging.doing, error);
    }
    if (status == TC_OK) {
        status = visit_all(&merging, &counts, error);
    }
    tc_db_rollback(store);
    if (status == TC_OK) {
        *out = counts;
    }
    return status;
}
