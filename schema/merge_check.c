/* A look at a file that is to be merged, on a connection of its own. */
#include <openssl/sha.h>
#include <string.h>

#include "database.h"
#include "tlscensus/merge.h"
#include "tlscensus/sql.h"

static enum tc_status check_whole(struct tc_store *shard, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, shard, tc_sql_merge_check_file, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_rows_next(rows, error);
    if (status == TC_OK && strcmp(tc_rows_text(rows, 0), "ok") != 0) {
        status = tc_fail(error, TC_ERR_STORE, "%s: the file is damaged: %.200s", shard->path,
                         tc_rows_text(rows, 0));
    }
    tc_rows_close(rows);
    return status;
}

static enum tc_status check_references(struct tc_store *shard, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, shard, tc_sql_merge_check_references, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_rows_next(rows, error);
    if (status == TC_OK) {
        status =
            tc_fail(error, TC_ERR_STORE,
                    "%s: the file is damaged: its table %.60s refers to rows of %.60s that are "
                    "not there",
                    shard->path, tc_rows_text(rows, 0), tc_rows_text(rows, 2));
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* A certificate goes by its hash: under a wrong one it would pass for another here. */
static enum tc_status check_certificates(struct tc_store *shard, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, shard, tc_sql_merge_check_certificates, error);
    if (status != TC_OK) {
        return status;
    }
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        uint8_t sha256[TC_SHA256_BYTES]; /* the table's CHECK makes the stored one as long */
        SHA256(tc_rows_blob(rows, 2), tc_rows_bytes(rows, 2), sha256);
        if (memcmp(sha256, tc_rows_blob(rows, 1), sizeof sha256) != 0) {
            status = tc_fail(error, TC_ERR_STORE,
                             "%s: the file is damaged: its certificate %lld is not what its hash "
                             "says",
                             shard->path, (long long)tc_rows_int(rows, 0));
            break;
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_merge_check(const char *path, struct tc_error *error)
{
    struct tc_store *shard = NULL;
    enum tc_status status = tc_store_open(&shard, path, TC_STORE_READ, error);
    if (status == TC_OK && tc_lock_is_held(shard)) {
        status =
            tc_fail(error, TC_ERR_BUSY,
                    "%s: another process is writing to it: merge it when that has ended", path);
    }
    if (status == TC_OK) {
        status = check_whole(shard, error);
    }
    if (status == TC_OK) {
        status = check_references(shard, error);
    }
    if (status == TC_OK) {
        status = check_certificates(shard, error);
    }
    tc_store_close(shard);
    return status;
}
