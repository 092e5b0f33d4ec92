#include "recorder.h"

#include <openssl/sha.h>
#include <string.h>

#include "tlscensus/sql.h"

static const char k_storing[] = "storing what was learned";

/* A few MiB together; certificates are met again by other addresses and names within a scan. */
#define KNOWN_CERTIFICATES 32768U
#define KNOWN_URLS         4096U
#define KNOWN_CHAINS       8192U
#define KNOWN_CNAMES       4096U
#define KNOWN_LABEL_SETS   8192U
#define KNOWN_FEATURE_SETS 8192U

/* ---- binding ---- */

struct tc_binder tc_binder_start(sqlite3_stmt *statement)
{
    return (struct tc_binder){.statement = statement, .next = 1};
}

static void bound(struct tc_binder *binder, int rc)
{
    binder->next++;
    if (rc != SQLITE_OK && binder->rc == SQLITE_OK) {
        binder->rc = rc;
    }
}

void tc_bind_int(struct tc_binder *binder, int64_t value)
{
    bound(binder, sqlite3_bind_int64(binder->statement, binder->next, value));
}

void tc_bind_null(struct tc_binder *binder)
{
    bound(binder, sqlite3_bind_null(binder->statement, binder->next));
}

void tc_bind_id(struct tc_binder *binder, int64_t value)
{
    if (value == 0) {
        tc_bind_null(binder);
    } else {
        tc_bind_int(binder, value);
    }
}

void tc_bind_known(struct tc_binder *binder, int64_t value)
{
    if (value < 0) {
        tc_bind_null(binder);
    } else {
        tc_bind_int(binder, value);
    }
}

void tc_bind_tristate(struct tc_binder *binder, enum tc_tristate value)
{
    tc_bind_known(binder, (int64_t)value); /* TC_UNKNOWN is below 0 */
}

void tc_bind_text(struct tc_binder *binder, const char *value, size_t len)
{
    bound(binder, sqlite3_bind_text64(binder->statement, binder->next, value, len, SQLITE_STATIC,
                                      SQLITE_UTF8));
}

void tc_bind_str(struct tc_binder *binder, const char *value)
{
    tc_bind_text(binder, value, value != NULL ? strlen(value) : 0);
}

void tc_bind_bytes(struct tc_binder *binder, const void *value, size_t len)
{
    bound(binder, sqlite3_bind_blob64(binder->statement, binder->next, value, len, SQLITE_STATIC));
}

static enum tc_status step(struct tc_store *store, struct tc_binder *binder, const char *doing,
                           int *out_rc, struct tc_error *error)
{
    if (binder->rc == SQLITE_OK) {
        *out_rc = sqlite3_step(binder->statement);
        if (*out_rc == SQLITE_DONE || *out_rc == SQLITE_ROW) {
            return TC_OK;
        }
    }
    enum tc_status status = tc_db_fail(store, error, doing);
    (void)sqlite3_reset(binder->statement);
    return status;
}

enum tc_status tc_binder_run(struct tc_store *store, struct tc_binder *binder, const char *doing,
                             struct tc_error *error)
{
    int rc = SQLITE_OK;
    enum tc_status status = step(store, binder, doing, &rc, error);
    if (status == TC_OK) {
        (void)sqlite3_reset(binder->statement);
    }
    return status;
}

enum tc_status tc_recorder_run(struct tc_recorder *recorder, struct tc_binder *binder,
                               struct tc_error *error)
{
    return tc_binder_run(recorder->store, binder, k_storing, error);
}

enum tc_status tc_recorder_find(struct tc_recorder *recorder, struct tc_binder *binder,
                                int64_t *out, struct tc_error *error)
{
    int rc = SQLITE_OK;
    enum tc_status status = step(recorder->store, binder, k_storing, &rc, error);
    if (status == TC_OK) {
        *out = rc == SQLITE_ROW ? sqlite3_column_int64(binder->statement, 0) : 0;
        (void)sqlite3_reset(binder->statement);
    }
    return status;
}

/* ---- life ---- */

static enum tc_status prepare_all(struct tc_recorder *recorder, struct tc_error *error)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } statements[] = {
#define X(name) {&recorder->name, tc_sql_##name},
        TC_RECORDER_STATEMENTS(X)
#undef X
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(statements); i++) {
        enum tc_status status =
            tc_db_prepare(recorder->store, statements[i].statement, statements[i].sql, true, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status remember(struct tc_recorder *recorder, struct tc_error *error)
{
    const struct {
        struct tc_known *known;
        size_t num_entries;
    } maps[] = {
        {&recorder->certificates, KNOWN_CERTIFICATES},
        {&recorder->urls, KNOWN_URLS},
        {&recorder->chains, KNOWN_CHAINS},
        {&recorder->cname_chains, KNOWN_CNAMES},
        {&recorder->label_sets, KNOWN_LABEL_SETS},
        {&recorder->feature_sets, KNOWN_FEATURE_SETS},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(maps); i++) {
        if (tc_known_init(maps[i].known, maps[i].num_entries) != TC_OK) {
            return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", recorder->store->path);
        }
    }
    return TC_OK;
}

/* Where this run begins. */
static enum tc_status read_run(struct tc_recorder *recorder, struct tc_error *error)
{
    static const char doing[] = "reading where the scan is";
    struct tc_store *store = recorder->store;
    enum tc_status status =
        tc_db_find_id(store, &recorder->run, tc_sql_scan_run, recorder->scan_id, doing, error);
    if (status == TC_OK && recorder->run == 0) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan %lld", store->path,
                         (long long)recorder->scan_id);
    }
    return status == TC_OK ? tc_db_get_int(store, &recorder->last_observation_id,
                                           tc_sql_last_observation, doing, error)
                           : status;
}

enum tc_status tc_recorder_open(struct tc_recorder *recorder, struct tc_store *store,
                                int64_t scan_id, bool resume, struct tc_error *error)
{
    *recorder = (struct tc_recorder){.store = store,
                                     .scan_id = scan_id,
                                     .resume = resume,
                                     .endpoints_are_new = true,
                                     .certificates_are_new = true};
    /*
     * Checking references costs a tenth of a row's time, and every id that is written here was
     * made or found by the same recorder. tc_recorder_close() switches it on again.
     */
    enum tc_status status =
        tc_db_exec(store, "PRAGMA foreign_keys = OFF", "preparing to write", error);
    if (status == TC_OK) {
        status = prepare_all(recorder, error);
    }
    if (status == TC_OK) {
        status = remember(recorder, error);
    }
    return status == TC_OK ? read_run(recorder, error) : status;
}

void tc_recorder_close(struct tc_recorder *recorder)
{
#define X(name) sqlite3_finalize(recorder->name);
    TC_RECORDER_STATEMENTS(X)
#undef X
    tc_known_cleanup(&recorder->certificates);
    tc_known_cleanup(&recorder->urls);
    tc_known_cleanup(&recorder->chains);
    tc_known_cleanup(&recorder->cname_chains);
    tc_known_cleanup(&recorder->label_sets);
    tc_known_cleanup(&recorder->feature_sets);
    (void)sqlite3_exec(recorder->store->db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
    *recorder = (struct tc_recorder){0};
}
