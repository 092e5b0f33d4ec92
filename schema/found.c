#include "found.h"

#include <openssl/sha.h>
#include <string.h>

#include "recorder.h"
#include "tlscensus/sql.h"

#define KNOWN_DETAILS    8192U
#define DETAIL_CHARS_MAX 4000U
#define JOINED_BYTES_MAX ((size_t)64 * 1024) /* twice 4,000 characters of four bytes, and more */

/* ---- details ---- */

/* The length of the first `max` characters; continuation bytes of UTF-8 count for nothing. */
static size_t len_of_chars(const char *text, size_t len, size_t max)
{
    size_t num = 0;
    for (size_t at = 0; at < len; at++) {
        bool begins = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (begins && num++ == max) {
            return at;
        }
    }
    return len;
}

/* The number of a detail; 0 for none. */
static enum tc_status keep_detail(struct tc_found *found, const char *text, size_t len,
                                  int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    *out = 0;
    if (text == NULL) {
        return TC_OK;
    }
    SHA256((const uint8_t *)text, len, key);
    *out = tc_known_get(&found->details, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder put = tc_binder_start(found->put_detail);
    tc_bind_bytes(&put, key, sizeof key);
    tc_bind_text(&put, text, len);
    enum tc_status status = tc_binder_run(found->store, &put, "storing findings", error);
    if (status == TC_OK) {
        *out = sqlite3_last_insert_rowid(found->store->db);
        tc_known_put(&found->details, key, *out);
    }
    return status;
}

/* ---- findings ---- */

/* Makes found->joined of what is there and what comes; false where what is there stands. */
static bool join(struct tc_found *found, const char *before, size_t before_len, const char *more,
                 size_t more_len)
{
    if (more == NULL ||
        (before != NULL && len_of_chars(before, before_len, DETAIL_CHARS_MAX - 1) < before_len)) {
        return false;
    }
    tc_buf_clear(&found->joined);
    if (before != NULL) {
        tc_buf_add(&found->joined, before, before_len);
        tc_buf_add_str(&found->joined, "; ");
    }
    tc_buf_add(&found->joined, more, more_len);
    return true;
}

/* One more row for a finding that is there. */
static enum tc_status merge(struct tc_found *found, const struct tc_finding *finding,
                            size_t detail_len, struct tc_error *error)
{
    struct tc_binder find = tc_binder_start(found->find);
    tc_bind_int(&find, finding->rule_id);
    tc_bind_int(&find, finding->observation_id);
    if (find.rc != SQLITE_OK || sqlite3_step(find.statement) != SQLITE_ROW) {
        enum tc_status status = tc_db_fail(found->store, error, "storing findings");
        (void)sqlite3_reset(find.statement);
        return status;
    }
    int64_t severity = sqlite3_column_int64(find.statement, 0);
    int64_t detail_id = sqlite3_column_int64(find.statement, 1);
    const char *before = (const char *)sqlite3_column_text(find.statement, 2);
    size_t before_len = (size_t)sqlite3_column_bytes(find.statement, 2);
    bool grows = join(found, before, before_len, finding->detail, detail_len);
    (void)sqlite3_reset(find.statement);
    enum tc_status status = found->joined.failed;
    if (status != TC_OK) {
        return tc_fail(error, status, "details of a finding: %s", tc_status_str(status));
    }
    if (grows) {
        status = keep_detail(found, found->joined.len > 0 ? found->joined.data : "",
                             found->joined.len, &detail_id, error);
    }
    if (status == TC_OK) {
        struct tc_binder renew = tc_binder_start(found->renew);
        tc_bind_int(&renew, severity > finding->severity ? severity : finding->severity);
        tc_bind_id(&renew, detail_id);
        tc_bind_int(&renew, finding->rule_id);
        tc_bind_int(&renew, finding->observation_id);
        status = tc_binder_run(found->store, &renew, "storing findings", error);
    }
    return status;
}

enum tc_status tc_found_put(struct tc_found *found, const struct tc_finding *finding,
                            struct tc_error *error)
{
    int64_t detail_id = 0;
    size_t detail_len = finding->detail != NULL
                            ? len_of_chars(finding->detail, finding->detail_len, DETAIL_CHARS_MAX)
                            : 0;
    enum tc_status status = keep_detail(found, finding->detail, detail_len, &detail_id, error);
    if (status != TC_OK) {
        return status;
    }
    struct tc_binder put = tc_binder_start(found->put);
    tc_bind_int(&put, finding->rule_id);
    tc_bind_int(&put, finding->observation_id);
    tc_bind_int(&put, finding->severity);
    tc_bind_id(&put, detail_id);
    status = tc_binder_run(found->store, &put, "storing findings", error);
    if (status == TC_OK && sqlite3_changes(found->store->db) == 0) {
        status = merge(found, finding, detail_len, error);
    }
    return status;
}

/* ---- life ---- */

enum tc_status tc_found_open(struct tc_found *found, struct tc_store *store, struct tc_error *error)
{
    *found = (struct tc_found){.store = store};
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } statements[] = {
        {&found->put, tc_sql_put_found},
        {&found->find, tc_sql_find_found},
        {&found->renew, tc_sql_renew_found},
        {&found->put_detail, tc_sql_put_found_detail},
    };
    tc_buf_init(&found->joined, JOINED_BYTES_MAX);
    enum tc_status status =
        tc_db_exec(store, tc_sql_assess_make_found, "preparing the rules", error);
    for (size_t i = 0; i < TC_ARRAY_LEN(statements) && status == TC_OK; i++) {
        status = tc_db_prepare(store, statements[i].statement, statements[i].sql, false, error);
    }
    if (status == TC_OK && tc_known_init(&found->details, KNOWN_DETAILS) != TC_OK) {
        status = tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    return status;
}

void tc_found_close(struct tc_found *found)
{
    sqlite3_finalize(found->put);
    sqlite3_finalize(found->find);
    sqlite3_finalize(found->renew);
    sqlite3_finalize(found->put_detail);
    tc_known_cleanup(&found->details);
    tc_buf_cleanup(&found->joined);
    *found = (struct tc_found){0};
}
