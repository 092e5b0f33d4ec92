/* Scans that are put together from shards: judged as a whole, and done once nothing lacks. */
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "database.h"
#include "tlscensus/merge.h"
#include "tlscensus/shard.h"
#include "tlscensus/sql.h"

#define MISSING_MAX 65536 /* bytes of its text */

static const char k_reading[] = "reading what is merged";

struct part {
    int64_t scan_id;
    int64_t started_s;
    bool has_trust;
    uint8_t trust_store_sha256[TC_SHA256_BYTES];
    char *missing;
};

/* Read to the end before anything is judged: judging writes what is read here. */
struct part_list {
    struct part *parts;
    size_t num_parts;
};

static void part_list_cleanup(struct part_list *list)
{
    for (size_t i = 0; i < list->num_parts; i++) {
        free(list->parts[i].missing);
    }
    free(list->parts);
}

/* "2,5-7 of 8", or "". */
static enum tc_status missing_text(char **out, struct tc_store *store, int64_t scan_id,
                                   const char *shard, struct tc_error *error)
{
    struct tc_shard_set set;
    struct tc_buf text;
    if (shard == NULL || tc_shard_set_parse(&set, shard) != TC_OK) {
        return tc_fail(error, TC_ERR_STORE,
                       "%s: its scan %lld is shard \"%.40s\", which there "
                       "cannot be",
                       store->path, (long long)scan_id, shard != NULL ? shard : "");
    }
    tc_buf_init(&text, MISSING_MAX);
    tc_buf_add_str(&text, "");
    tc_shard_set_add_missing(&text, &set);
    if (text.len > 0) {
        tc_buf_addf(&text, " of %u", set.total);
    }
    *out = tc_buf_take(&text);
    return *out != NULL ? TC_OK : tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
}

static enum tc_status add_part(struct part_list *list, struct tc_store *store, sqlite3_stmt *row,
                               struct tc_error *error)
{
    struct part *grown = realloc(list->parts, (list->num_parts + 1) * sizeof *grown);
    if (grown == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    list->parts = grown;
    struct part *part = &list->parts[list->num_parts];
    *part = (struct part){.scan_id = sqlite3_column_int64(row, 0),
                          .started_s = sqlite3_column_int64(row, 2)};
    if (sqlite3_column_bytes(row, 3) == TC_SHA256_BYTES) {
        part->has_trust = true;
        memcpy(part->trust_store_sha256, sqlite3_column_blob(row, 3), TC_SHA256_BYTES);
    }
    enum tc_status status = missing_text(&part->missing, store, part->scan_id,
                                         (const char *)sqlite3_column_text(row, 1), error);
    if (part->missing != NULL) {
        list->num_parts++;
    }
    return status;
}

static enum tc_status read_parts(struct part_list *list, struct tc_store *store,
                                 struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    int rc = SQLITE_DONE;
    enum tc_status status = tc_db_prepare(store, &statement, tc_sql_merge_list_parts, false, error);
    while (status == TC_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        status = add_part(list, store, statement, error);
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, k_reading);
    }
    sqlite3_finalize(statement);
    return status;
}

static enum tc_status put_done(struct tc_store *store, int64_t scan_id, unsigned *out_confirm_after,
                               struct tc_error *error)
{
    sqlite3_stmt *update = NULL;
    enum tc_status status = tc_db_prepare(store, &update, tc_sql_merge_complete, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(update, ":scan_id", scan_id);
    int rc = SQLITE_DONE;
    while ((rc = sqlite3_step(update)) == SQLITE_ROW) {
        *out_confirm_after = (unsigned)sqlite3_column_int(update, 0);
    }
    if (rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, "ending a merged scan");
    }
    sqlite3_finalize(update);
    return status;
}

/* As when a scan closes: findings first, then the state, and with it what changed. */
static enum tc_status complete(struct tc_store *store, int64_t scan_id, struct tc_error *error)
{
    unsigned confirm_after = 0;
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = put_done(store, scan_id, &confirm_after, error);
    }
    if (status == TC_OK) {
        status = tc_changes_keep(store, scan_id, confirm_after, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    return status;
}

static enum tc_status judge_part(struct tc_store *store, const struct part *part,
                                 tc_merge_judge judge, void *context, struct tc_error *error)
{
    const struct tc_merge_part told = {.scan_id = part->scan_id,
                                       .started_s = part->started_s,
                                       .trust_store_sha256 =
                                           part->has_trust ? part->trust_store_sha256 : NULL,
                                       .missing = part->missing};
    enum tc_status status = judge(context, &told, error);
    return status == TC_OK && part->missing[0] == '\0' ? complete(store, part->scan_id, error)
                                                       : status;
}

enum tc_status tc_merge_each_part(struct tc_store *store, tc_merge_judge judge, void *context,
                                  struct tc_error *error)
{
    struct part_list list = {0};
    enum tc_status status = read_parts(&list, store, error);
    for (size_t i = 0; i < list.num_parts && status == TC_OK; i++) {
        status = judge_part(store, &list.parts[i], judge, context, error);
    }
    part_list_cleanup(&list);
    return status;
}
