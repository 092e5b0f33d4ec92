/*
 * What changed from one scan to another, by meaning. Each family of kinds is a file of
 * schema/changes, and they run in the order of their names: first what is compared, then the kinds.
 */
#include "changes.h"

#include "tlscensus/sql.h"
#include "tlscensus/sql_changes.h"
#include "told.h"

#define LOOK_BACK 16
#define HOLD      8 /* what comes and goes is told when it has lasted so many */
#define TURNS     2 /* told, gone and told again is news: what goes then comes and goes */

static const char k_comparing[] = "comparing scans";

struct comparison {
    struct tc_store *store;
    int64_t scan_id;
    int64_t base_id;
    int64_t confirm_after;
    int64_t look_back; /* scans before the new one of which anything is known */
};

static enum tc_status run(const struct comparison *comparison, sqlite3_stmt *statement,
                          struct tc_error *error)
{
    const struct {
        const char *name;
        int64_t value;
    } parameters[] = {
        {":scan_id", comparison->scan_id},
        {":base_id", comparison->base_id},
        {":look_back", comparison->look_back},
        {":confirm_after", comparison->confirm_after},
        {":hold", HOLD},
        {":turns", TURNS},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(parameters); i++) {
        if (sqlite3_bind_parameter_index(statement, parameters[i].name) > 0) {
            tc_db_bind_int(statement, parameters[i].name, parameters[i].value);
        }
    }
    return sqlite3_step(statement) == SQLITE_DONE
               ? TC_OK
               : tc_db_fail(comparison->store, error, k_comparing);
}

/* Runs all statements of a text, each with the parameters that it has. */
static enum tc_status run_all(const struct comparison *comparison, const char *sql,
                              struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while (status == TC_OK && *sql != '\0') {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(comparison->store->db, sql, -1, &statement, &sql) != SQLITE_OK) {
            status = tc_db_fail(comparison->store, error, k_comparing);
        } else if (statement != NULL) { /* else the rest was a comment */
            status = run(comparison, statement, error);
        }
        (void)sqlite3_finalize(statement);
    }
    return status;
}

/* Fills temp.change. */
static enum tc_status find_changes(const struct comparison *comparison, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (tc_told_register(comparison->store->db) != SQLITE_OK) {
        return tc_db_fail(comparison->store, error, k_comparing);
    }
    for (const struct tc_embedded *step = tc_embedded_changes;
         step->name != NULL && status == TC_OK; step++) {
        status = run_all(comparison, step->text, error);
    }
    return status;
}

enum tc_status tc_changes_keep(struct tc_store *store, int64_t scan_id, unsigned confirm_after,
                               struct tc_error *error)
{
    struct comparison comparison = {.store = store,
                                    .scan_id = scan_id,
                                    .confirm_after = confirm_after > 0 ? (int64_t)confirm_after
                                                                       : TC_CONFIRM_AFTER_DEFAULT,
                                    .look_back = LOOK_BACK};
    enum tc_status status = run_all(&comparison, tc_sql_change_clear, error);
    if (status == TC_OK) {
        status = tc_db_find_id(store, &comparison.base_id, tc_sql_change_base, scan_id, k_comparing,
                               error);
    }
    if (status == TC_OK) {
        status = run_all(&comparison, tc_sql_change_compared, error);
    }
    if (status != TC_OK || comparison.base_id == 0) {
        return status;
    }
    status = find_changes(&comparison, error);
    if (status == TC_OK) {
        status = run_all(&comparison, tc_sql_change_keep, error);
    }
    return status == TC_OK ? run_all(&comparison, tc_sql_change_drop, error) : status;
}

enum tc_status tc_store_find_base(struct tc_store *store, int64_t scan_id, int64_t *out_base_id,
                                  struct tc_error *error)
{
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(store, &find, tc_sql_change_compared_with, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(find, ":scan_id", scan_id);
    int rc = sqlite3_step(find);
    if (rc == SQLITE_ROW) {
        *out_base_id = sqlite3_column_int64(find, 0);
    } else if (rc == SQLITE_DONE) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan %lld", store->path,
                         (long long)scan_id);
    } else {
        status = tc_db_fail(store, error, k_comparing);
    }
    (void)sqlite3_finalize(find);
    return status;
}

/* A reader's connection writes nothing, not even what is temporary, until it is let. */
static enum tc_status let_write_temporary(struct tc_store *store, bool is_let,
                                          struct tc_error *error)
{
    if (store->mode != TC_STORE_READ) {
        return TC_OK;
    }
    return tc_db_exec(store, is_let ? "PRAGMA query_only = OFF" : "PRAGMA query_only = ON",
                      k_comparing, error);
}

enum tc_status tc_store_compare(struct tc_store *store, int64_t old_scan_id, int64_t new_scan_id,
                                struct tc_error *error)
{
    const struct comparison comparison = {.store = store,
                                          .scan_id = new_scan_id,
                                          .base_id = old_scan_id,
                                          .confirm_after = 1,
                                          .look_back = 1};
    enum tc_status status = let_write_temporary(store, true, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, "BEGIN", k_comparing, error);
    }
    if (status == TC_OK) {
        status = find_changes(&comparison, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    enum tc_status closed = let_write_temporary(store, false, status == TC_OK ? error : NULL);
    return status == TC_OK ? closed : status;
}
