/* What goes from a database, and what stays of it because later reports refer to it. */
#include "tlscensus/keeping.h"

#include <limits.h>

#include "database.h"
#include "tlscensus/sql.h"
#include "tlscensus/sql_prune.h"

static const char k_pruning[] = "pruning";

/* What prune_count.sql counts, in its order. */
enum {
    HELD_SCANS = 0,
    HELD_OBSERVATIONS,
    HELD_CERTIFICATES,
    HELD_FREE_PAGES,
    PAGE_BYTES,
    NUM_HELD
};

static enum tc_status count_holding(struct tc_store *store, int64_t out[NUM_HELD],
                                    struct tc_error *error)
{
    return tc_db_get_ints(store, out, NUM_HELD, tc_sql_prune_count, k_pruning, error);
}

static enum tc_status count_left(struct tc_store *store, struct tc_prune_counts *counts,
                                 struct tc_error *error)
{
    int64_t left[2] = {0};
    enum tc_status status =
        tc_db_get_ints(store, left, TC_ARRAY_LEN(left), tc_sql_prune_count_left, k_pruning, error);
    counts->scans_left = (uint64_t)left[0];
    counts->observations_left = (uint64_t)left[1];
    return status;
}

/* What `before` had and `after` has not. */
static void count_gone(struct tc_prune_counts *counts, const int64_t before[NUM_HELD],
                       const int64_t after[NUM_HELD])
{
    counts->scans = (uint64_t)(before[HELD_SCANS] - after[HELD_SCANS]);
    counts->observations = (uint64_t)(before[HELD_OBSERVATIONS] - after[HELD_OBSERVATIONS]);
    counts->certificates = (uint64_t)(before[HELD_CERTIFICATES] - after[HELD_CERTIFICATES]);
    int64_t freed = after[HELD_FREE_PAGES] - before[HELD_FREE_PAGES];
    counts->bytes =
        freed > 0 ? (uint64_t)(freed * after[PAGE_BYTES]) : 0; /* a longer notice may take a page */
}

static enum tc_status choose_scans(struct tc_store *store, const struct tc_prune_options *options,
                                   struct tc_error *error)
{
    sqlite3_stmt *fill = NULL;
    enum tc_status status = tc_db_prepare(store, &fill, tc_sql_prune_fill_scans, false, error);
    if (status != TC_OK) {
        return status;
    }
    /* Without a number the newest finished scan stays: a report needs one. */
    uint64_t keep = options->keep_scans > 0 ? options->keep_scans : 1;
    tc_db_bind_int(fill, ":keep_scans", keep < INT64_MAX ? (int64_t)keep : INT64_MAX);
    if (options->begun_before_s != 0) {
        tc_db_bind_int(fill, ":before_s", options->begun_before_s);
    }
    if (sqlite3_step(fill) != SQLITE_DONE) {
        status = tc_db_fail(store, error, k_pruning);
    }
    sqlite3_finalize(fill);
    return status;
}

/* schema/prune, file by file, in the order of their names. */
static enum tc_status run_steps(struct tc_store *store, struct tc_error *error)
{
    enum tc_status status = tc_db_exec(store, tc_sql_prune_fill_kept, k_pruning, error);
    for (const struct tc_embedded *step = tc_embedded_prune; step->name != NULL && status == TC_OK;
         step++) {
        status = tc_db_exec(store, step->text, k_pruning, error);
    }
    return status;
}

static enum tc_status drop_ders(struct tc_store *store, int64_t since_s,
                                struct tc_prune_counts *counts, struct tc_error *error)
{
    sqlite3_stmt *drop = NULL;
    enum tc_status status = tc_db_prepare(store, &drop, tc_sql_prune_drop_der, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(drop, ":since_s", since_s);
    if (sqlite3_step(drop) == SQLITE_DONE) {
        counts->ders = (uint64_t)sqlite3_changes64(store->db);
    } else {
        status = tc_db_fail(store, error, k_pruning);
    }
    sqlite3_finalize(drop);
    return status;
}

/*
 * All references at once: checked row by row, each certificate that goes would be looked for among
 * all observations. It finds too what a table refers to that these steps do not know.
 */
static enum tc_status check_references(struct tc_store *store, struct tc_error *error)
{
    sqlite3_stmt *check = NULL;
    enum tc_status status = tc_db_prepare(store, &check, "PRAGMA foreign_key_check", false, error);
    if (status != TC_OK) {
        return status;
    }
    int rc = sqlite3_step(check);
    if (rc == SQLITE_ROW) {
        status = tc_fail(error, TC_ERR_STORE,
                         "%s: not pruned: its table %s refers to rows of %s that would go",
                         store->path, (const char *)sqlite3_column_text(check, 0),
                         (const char *)sqlite3_column_text(check, 2));
    } else if (rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, k_pruning);
    }
    sqlite3_finalize(check);
    return status;
}

/* Inside the transaction. */
static enum tc_status prune(struct tc_store *store, const struct tc_prune_options *options,
                            struct tc_prune_counts *counts, struct tc_error *error)
{
    int64_t before[NUM_HELD] = {0};
    int64_t after[NUM_HELD] = {0};
    bool has_reason = options->keep_scans != 0 || options->begun_before_s != 0;
    enum tc_status status = count_holding(store, before, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_prune_make, k_pruning, error);
    }
    if (status == TC_OK && has_reason) {
        status = choose_scans(store, options, error);
    }
    if (status == TC_OK && has_reason) {
        status = run_steps(store, error);
    }
    if (status == TC_OK && options->drop_der_since_s != 0) {
        status = drop_ders(store, options->drop_der_since_s, counts, error);
    }
    if (status == TC_OK) {
        status = count_left(store, counts, error);
    }
    if (status == TC_OK) {
        status = count_holding(store, after, error);
    }
    if (status == TC_OK) {
        status = check_references(store, error);
    }
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_prune_drop, k_pruning, error);
    }
    count_gone(counts, before, after);
    return status;
}

enum tc_status tc_prune(struct tc_store *store, const struct tc_prune_options *options,
                        struct tc_prune_counts *out, struct tc_error *error)
{
    struct tc_prune_counts counts = {0};
    /* It cannot be switched inside a transaction. */
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = prune(store, options, &counts, error);
    }
    if (status == TC_OK && !options->dry_run) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store); /* does nothing after a commit */
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (status == TC_OK) {
        *out = counts;
    }
    return status;
}
