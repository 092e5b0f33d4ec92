#include "finding_sets.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "recorder.h"
#include "tlscensus/sql.h"

#define KNOWN_SETS   8192U
#define KNOWN_HASHES 4096U /* of details, by their number */
#define FIRST_ROWS   16U

/* One finding of the endpoint that is gathered. */
struct row {
    int64_t rule_id;
    int64_t severity;
    int64_t detail_id; /* of temp.assess_detail; 0 where the rule said nothing */
};

struct hashed {
    int64_t detail_id;
    uint8_t sha256[TC_SHA256_BYTES];
};

struct bundler {
    struct tc_store *store;
    int64_t scan_id;
    sqlite3_stmt *list;
    sqlite3_stmt *find_hash;
    sqlite3_stmt *find_set;
    sqlite3_stmt *put_set;
    sqlite3_stmt *put_row;
    sqlite3_stmt *put_detail;
    sqlite3_stmt *put_bundle;
    struct tc_known sets;
    struct hashed *hashes; /* direct-mapped */
    struct row *rows;
    size_t num_rows;
    size_t capacity;
};

/* ---- one set ---- */

/* The hash of a detail's text; borrowed until the next call. */
static enum tc_status find_hash(struct bundler *bundler, int64_t detail_id, const uint8_t **out,
                                struct tc_error *error)
{
    struct hashed *slot = &bundler->hashes[(uint64_t)detail_id % KNOWN_HASHES];
    *out = slot->sha256;
    if (slot->detail_id == detail_id) {
        return TC_OK;
    }
    enum tc_status status = TC_OK;
    struct tc_binder find = tc_binder_start(bundler->find_hash);
    tc_bind_int(&find, detail_id);
    if (find.rc == SQLITE_OK && sqlite3_step(find.statement) == SQLITE_ROW &&
        sqlite3_column_bytes(find.statement, 0) == TC_SHA256_BYTES) {
        memcpy(slot->sha256, sqlite3_column_blob(find.statement, 0), TC_SHA256_BYTES);
        slot->detail_id = detail_id;
    } else {
        status = tc_db_fail(bundler->store, error, "storing findings");
    }
    (void)sqlite3_reset(find.statement);
    return status;
}

/* Rule, severity, whether there is a detail, and its hash: no two sets are the same. */
static enum tc_status hash_rows(struct bundler *bundler, uint8_t out[TC_SHA256_BYTES],
                                struct tc_error *error)
{
    SHA256_CTX hash;
    SHA256_Init(&hash);
    for (size_t i = 0; i < bundler->num_rows; i++) {
        const struct row *row = &bundler->rows[i];
        const uint64_t head[] = {(uint64_t)row->rule_id, (uint64_t)row->severity,
                                 row->detail_id != 0};
        SHA256_Update(&hash, head, sizeof head);
        if (row->detail_id != 0) {
            const uint8_t *sha256 = NULL;
            enum tc_status status = find_hash(bundler, row->detail_id, &sha256, error);
            if (status != TC_OK) {
                return status;
            }
            SHA256_Update(&hash, sha256, TC_SHA256_BYTES);
        }
    }
    SHA256_Final(out, &hash);
    return TC_OK;
}

static enum tc_status put_rows(struct bundler *bundler, int64_t set_id, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < bundler->num_rows && status == TC_OK; i++) {
        const struct row *row = &bundler->rows[i];
        if (row->detail_id != 0) {
            struct tc_binder put = tc_binder_start(bundler->put_detail);
            tc_bind_int(&put, row->detail_id);
            status = tc_binder_run(bundler->store, &put, "storing findings", error);
        }
        if (status == TC_OK) {
            struct tc_binder put = tc_binder_start(bundler->put_row);
            tc_bind_int(&put, set_id);
            tc_bind_int(&put, row->rule_id);
            tc_bind_int(&put, row->severity);
            tc_bind_id(&put, row->detail_id);
            status = tc_binder_run(bundler->store, &put, "storing findings", error);
        }
    }
    return status;
}

static enum tc_status find_set(struct bundler *bundler, const uint8_t key[TC_SHA256_BYTES],
                               int64_t *out, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_binder find = tc_binder_start(bundler->find_set);
    tc_bind_bytes(&find, key, TC_SHA256_BYTES);
    int rc = sqlite3_step(find.statement);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(find.statement, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        status = tc_db_fail(bundler->store, error, "storing findings");
    }
    (void)sqlite3_reset(find.statement);
    return status;
}

/* The number of the set of the rows that are gathered. */
static enum tc_status keep_set(struct bundler *bundler, int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    enum tc_status status = hash_rows(bundler, key, error);
    if (status != TC_OK) {
        return status;
    }
    *out = tc_known_get(&bundler->sets, key);
    if (*out != 0) {
        return TC_OK;
    }
    status = find_set(bundler, key, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = tc_binder_start(bundler->put_set);
        tc_bind_bytes(&put, key, sizeof key);
        tc_bind_int(&put, bundler->scan_id);
        status = tc_binder_run(bundler->store, &put, "storing findings", error);
        if (status == TC_OK) {
            *out = sqlite3_last_insert_rowid(bundler->store->db);
            status = put_rows(bundler, *out, error);
        }
    }
    if (status == TC_OK) {
        tc_known_put(&bundler->sets, key, *out);
    }
    return status;
}

/* ---- the walk over what was found ---- */

/* Ends the observation that is gathered, if there is one. */
static enum tc_status end_observation(struct bundler *bundler, int64_t observation_id,
                                      struct tc_error *error)
{
    int64_t set_id = 0;
    if (bundler->num_rows == 0) {
        return TC_OK;
    }
    enum tc_status status = keep_set(bundler, &set_id, error);
    if (status == TC_OK) {
        struct tc_binder put = tc_binder_start(bundler->put_bundle);
        tc_bind_int(&put, observation_id);
        tc_bind_int(&put, set_id);
        status = tc_binder_run(bundler->store, &put, "storing findings", error);
    }
    bundler->num_rows = 0;
    return status;
}

static enum tc_status gather_row(struct bundler *bundler, struct tc_error *error)
{
    if (bundler->num_rows == bundler->capacity) {
        size_t capacity = bundler->capacity == 0 ? FIRST_ROWS : bundler->capacity * 2;
        struct row *rows = realloc(bundler->rows, capacity * sizeof *rows);
        if (rows == NULL) {
            return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", bundler->store->path);
        }
        bundler->rows = rows;
        bundler->capacity = capacity;
    }
    bundler->rows[bundler->num_rows++] =
        (struct row){.rule_id = sqlite3_column_int64(bundler->list, 1),
                     .severity = sqlite3_column_int64(bundler->list, 2),
                     .detail_id = sqlite3_column_int64(bundler->list, 3)};
    return TC_OK;
}

static enum tc_status gather_all(struct bundler *bundler, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    int64_t observation_id = 0;
    int rc = SQLITE_DONE;
    while (status == TC_OK && (rc = sqlite3_step(bundler->list)) == SQLITE_ROW) {
        int64_t next_id = sqlite3_column_int64(bundler->list, 0);
        if (next_id != observation_id) {
            status = end_observation(bundler, observation_id, error);
            observation_id = next_id;
        }
        if (status == TC_OK) {
            status = gather_row(bundler, error);
        }
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(bundler->store, error, "storing findings");
    }
    return status == TC_OK ? end_observation(bundler, observation_id, error) : status;
}

static enum tc_status prepare(struct bundler *bundler, struct tc_error *error)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } statements[] = {
        {&bundler->list, tc_sql_assess_list_found},
        {&bundler->find_hash, tc_sql_find_found_detail},
        {&bundler->find_set, tc_sql_find_finding_set},
        {&bundler->put_set, tc_sql_put_finding_set},
        {&bundler->put_row, tc_sql_put_finding_set_row},
        {&bundler->put_detail, tc_sql_put_finding_detail},
        {&bundler->put_bundle, tc_sql_put_bundle},
    };
    enum tc_status status =
        tc_db_exec(bundler->store, tc_sql_assess_make_bundles, "preparing the findings", error);
    for (size_t i = 0; i < TC_ARRAY_LEN(statements) && status == TC_OK; i++) {
        status =
            tc_db_prepare(bundler->store, statements[i].statement, statements[i].sql, false, error);
    }
    if (status == TC_OK) {
        bundler->hashes = calloc(KNOWN_HASHES, sizeof *bundler->hashes);
        if (bundler->hashes == NULL || tc_known_init(&bundler->sets, KNOWN_SETS) != TC_OK) {
            status = tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", bundler->store->path);
        }
    }
    return status;
}

static enum tc_status share_sets(struct bundler *bundler, struct tc_error *error)
{
    sqlite3_stmt *share = NULL;
    enum tc_status status =
        tc_db_prepare(bundler->store, &share, tc_sql_share_finding_sets, false, error);
    if (status == TC_OK) {
        struct tc_binder binder = tc_binder_start(share);
        tc_bind_int(&binder, bundler->scan_id);
        status = tc_binder_run(bundler->store, &binder, "storing findings", error);
    }
    sqlite3_finalize(share);
    return status;
}

enum tc_status tc_finding_sets_bundle(struct tc_store *store, int64_t scan_id,
                                      struct tc_error *error)
{
    struct bundler bundler = {.store = store, .scan_id = scan_id};
    enum tc_status status = prepare(&bundler, error);
    if (status == TC_OK) {
        status = gather_all(&bundler, error);
    }
    if (status == TC_OK) {
        status = share_sets(&bundler, error);
    }
    sqlite3_finalize(bundler.list);
    sqlite3_finalize(bundler.find_hash);
    sqlite3_finalize(bundler.find_set);
    sqlite3_finalize(bundler.put_set);
    sqlite3_finalize(bundler.put_row);
    sqlite3_finalize(bundler.put_detail);
    sqlite3_finalize(bundler.put_bundle);
    tc_known_cleanup(&bundler.sets);
    free(bundler.hashes);
    free(bundler.rows);
    return status;
}
