#include "changes.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/sql.h"

#define UUID_BYTES 16

static const char *const k_states[] = {
    [TC_SCAN_RUNNING] = "running",
    [TC_SCAN_DONE] = "done",
    [TC_SCAN_INTERRUPTED] = "interrupted",
};

static enum tc_scan_state state_parse(const unsigned char *text)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_states) && text != NULL; i++) {
        if (strcmp((const char *)text, k_states[i]) == 0) {
            return (enum tc_scan_state)i;
        }
    }
    return TC_SCAN_INTERRUPTED; /* the table's CHECK allows no other word */
}

/* Random, version 4 (RFC 9562 section 5.4): shards of one scan are joined by it. */
static void make_uuid(char out[37])
{
    uint8_t b[UUID_BYTES];
    RAND_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

/* Runs a statement that gives no rows, and finalizes it. */
static enum tc_status finish(struct tc_store *store, sqlite3_stmt *statement, const char *doing,
                             struct tc_error *error)
{
    int rc = sqlite3_step(statement);
    enum tc_status status = rc == SQLITE_DONE ? TC_OK : tc_db_fail(store, error, doing);
    sqlite3_finalize(statement);
    return status;
}

static enum tc_status insert_scan(struct tc_store *store, const struct tc_scan_start_record *record,
                                  struct tc_error *error)
{
    sqlite3_stmt *insert = NULL;
    char uuid[37];
    enum tc_status status = tc_db_prepare(store, &insert, tc_sql_begin_scan, false, error);
    if (status != TC_OK) {
        return status;
    }
    make_uuid(uuid);
    tc_db_bind_text(insert, ":uuid", record->scan_uuid != NULL ? record->scan_uuid : uuid);
    tc_db_bind_text(insert, ":shard", record->shard != NULL ? record->shard : "1/1");
    tc_db_bind_text(insert, ":profile", record->profile);
    tc_db_bind_int(insert, ":started_s", record->started_s);
    tc_db_bind_text(insert, ":tool_version", record->tool_version);
    tc_db_bind_text(insert, ":options_json", record->options_json);
    tc_db_bind_text(insert, ":trust_store", record->trust_store);
    tc_db_bind_blob(insert, ":trust_store_sha256", record->trust_store_sha256, TC_SHA256_BYTES);
    return finish(store, insert, "beginning a scan", error);
}

enum tc_status tc_store_begin_scan(struct tc_store *store, int64_t *out_scan_id,
                                   const struct tc_scan_start_record *record,
                                   struct tc_error *error)
{
    enum tc_status status = tc_db_begin(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_db_exec(store, tc_sql_abandon_scans, "beginning a scan", error);
    if (status == TC_OK) { /* a code that this program learned since needs its name */
        status = tc_lookups_renew(store, error);
    }
    if (status == TC_OK) {
        status = insert_scan(store, record, error);
    }
    int64_t scan_id = sqlite3_last_insert_rowid(store->db);
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    if (status == TC_OK) {
        *out_scan_id = scan_id;
    }
    return status;
}

static enum tc_status mark_resumed(struct tc_store *store, int64_t scan_id, struct tc_error *error)
{
    sqlite3_stmt *update = NULL;
    enum tc_status status = tc_db_exec(store, tc_sql_abandon_scans, "resuming a scan", error);
    if (status == TC_OK) {
        status = tc_lookups_renew(store, error);
    }
    if (status == TC_OK) {
        status = tc_db_prepare(store, &update, tc_sql_resume_scan, false, error);
    }
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(update, ":scan_id", scan_id);
    return finish(store, update, "resuming a scan", error);
}

static enum tc_status find_unfinished(struct tc_store *store, int64_t *out_scan_id,
                                      int64_t *out_started_s, char **out_options_json,
                                      struct tc_error *error)
{
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(store, &find, tc_sql_find_unfinished_scan, false, error);
    if (status != TC_OK) {
        return status;
    }
    int rc = sqlite3_step(find);
    if (rc == SQLITE_DONE) {
        status =
            tc_fail(error, TC_ERR_NOT_FOUND,
                    "%s: every scan in it is finished: there is nothing to resume", store->path);
    } else if (rc != SQLITE_ROW) {
        status = tc_db_fail(store, error, "looking for a scan to resume");
    } else {
        const unsigned char *options = sqlite3_column_text(find, 2);
        *out_scan_id = sqlite3_column_int64(find, 0);
        *out_started_s = sqlite3_column_int64(find, 1);
        *out_options_json = options != NULL ? strdup((const char *)options) : NULL;
        if (*out_options_json == NULL) {
            status = tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
        }
    }
    sqlite3_finalize(find);
    return status;
}

enum tc_status tc_store_resume_scan(struct tc_store *store, int64_t *out_scan_id,
                                    int64_t *out_started_s, char **out_options_json,
                                    struct tc_error *error)
{
    int64_t scan_id = 0;
    int64_t started_s = 0;
    char *options = NULL;
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = find_unfinished(store, &scan_id, &started_s, &options, error);
    }
    if (status == TC_OK) {
        status = mark_resumed(store, scan_id, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    if (status != TC_OK) {
        free(options);
        return status;
    }
    *out_scan_id = scan_id;
    *out_started_s = started_s;
    *out_options_json = options;
    return TC_OK;
}

/* What is there of a scan, by its UUID; mark_resumed() is left to the caller. */
static enum tc_status find_by_uuid(struct tc_store *store, const char *scan_uuid, const char *shard,
                                   int64_t *out_scan_id, int64_t *out_started_s,
                                   enum tc_scan_state *out_state, struct tc_error *error)
{
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(store, &find, tc_sql_find_scan_by_uuid, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_text(find, ":uuid", scan_uuid);
    int rc = sqlite3_step(find);
    const char *stored = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(find, 3) : NULL;
    if (rc == SQLITE_DONE) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan %s", store->path, scan_uuid);
    } else if (rc != SQLITE_ROW) {
        status = tc_db_fail(store, error, "looking for a scan");
    } else if (stored == NULL || strcmp(stored, shard) != 0) {
        status = tc_fail(error, TC_ERR_INPUT,
                         "%s: has shard %s of scan %s: each shard needs a database of its own, and "
                         "each scan a UUID",
                         store->path, stored != NULL ? stored : "?", scan_uuid);
    } else {
        *out_scan_id = sqlite3_column_int64(find, 0);
        *out_started_s = sqlite3_column_int64(find, 1);
        *out_state = state_parse(sqlite3_column_text(find, 2));
    }
    sqlite3_finalize(find);
    return status;
}

enum tc_status tc_store_continue_scan(struct tc_store *store, const char *scan_uuid,
                                      const char *shard, int64_t *out_scan_id,
                                      int64_t *out_started_s, enum tc_scan_state *out_state,
                                      struct tc_error *error)
{
    int64_t scan_id = 0;
    int64_t started_s = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = find_by_uuid(store, scan_uuid, shard, &scan_id, &started_s, &state, error);
    }
    if (status == TC_OK && state != TC_SCAN_DONE) {
        status = mark_resumed(store, scan_id, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    if (status == TC_OK) {
        *out_scan_id = scan_id;
        *out_started_s = started_s;
        *out_state = state;
    }
    return status;
}

static enum tc_status put_end(struct tc_store *store, int64_t scan_id,
                              const struct tc_scan_end_record *record, struct tc_error *error)
{
    sqlite3_stmt *update = NULL;
    enum tc_status status = tc_db_prepare(store, &update, tc_sql_end_scan, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(update, ":scan_id", scan_id);
    tc_db_bind_text(update, ":state", k_states[record->state]);
    if (record->state != TC_SCAN_RUNNING) {
        tc_db_bind_int(update, ":finished_s", record->finished_s);
    }
    tc_db_bind_text(update, ":vantage", record->vantage);
    tc_db_bind_text(update, ":notices", record->notices);
    if (record->input_sha256 != NULL) {
        tc_db_bind_blob(update, ":input_sha256", record->input_sha256, TC_SHA256_BYTES);
    }
    status = finish(store, update, "ending the scan", error);
    if (status == TC_OK && sqlite3_changes(store->db) == 0) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan %lld", store->path,
                         (long long)scan_id);
    }
    return status;
}

static enum tc_status put_leaves(struct tc_store *store, int64_t scan_id, struct tc_error *error)
{
    sqlite3_stmt *put = NULL;
    enum tc_status status = tc_db_prepare(store, &put, tc_sql_put_endpoint_leaves, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(put, ":scan_id", scan_id);
    return finish(store, put, "ending the scan", error);
}

enum tc_status tc_store_end_scan(struct tc_store *store, int64_t scan_id,
                                 const struct tc_scan_end_record *record, struct tc_error *error)
{
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = put_end(store, scan_id, record, error);
    }
    if (status == TC_OK) {
        status = put_leaves(store, scan_id, error);
    }
    if (status == TC_OK && record->state == TC_SCAN_DONE) {
        status = tc_changes_keep(store, scan_id, record->confirm_after, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store); /* does nothing after a commit */
    return status;
}

static enum tc_status fail_no_scan(struct tc_store *store, int64_t wanted, struct tc_error *error)
{
    if (wanted != 0) {
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "%s: has no scan %lld: `tlscensus scans` lists what there is", store->path,
                       (long long)wanted);
    }
    return tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan yet: make one with `tlscensus scan`",
                   store->path);
}

enum tc_status tc_store_pick_scan(struct tc_store *store, int64_t wanted, int64_t *out_scan_id,
                                  enum tc_scan_state *out_state, struct tc_error *error)
{
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(
        store, &find, wanted != 0 ? tc_sql_pick_scan : tc_sql_pick_newest_scan, false, error);
    if (status != TC_OK) {
        return status;
    }
    if (wanted != 0) {
        tc_db_bind_int(find, ":scan_id", wanted);
    }
    int rc = sqlite3_step(find);
    if (rc == SQLITE_DONE) {
        status = fail_no_scan(store, wanted, error);
    } else if (rc != SQLITE_ROW) {
        status = tc_db_fail(store, error, "looking for a scan");
    }
    int64_t scan_id = sqlite3_column_int64(find, 0);
    enum tc_scan_state state = state_parse(sqlite3_column_text(find, 1));
    sqlite3_finalize(find);
    if (status != TC_OK) {
        return status;
    }
    if (state == TC_SCAN_RUNNING && !tc_lock_is_held(store)) {
        state = TC_SCAN_INTERRUPTED; /* its process was killed */
    }
    if (state == TC_SCAN_RUNNING && wanted == 0) {
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "%s: its only scan (%lld) is still running: wait until it ends, or name it "
                       "with --scan",
                       store->path, (long long)scan_id);
    }
    *out_scan_id = scan_id;
    *out_state = state;
    return TC_OK;
}

enum tc_status tc_store_scan_before(struct tc_store *store, int64_t scan_id, int64_t *out_before_id,
                                    struct tc_error *error)
{
    return tc_db_find_id(store, out_before_id, tc_sql_scan_before, scan_id,
                         "looking for the scan before", error);
}
