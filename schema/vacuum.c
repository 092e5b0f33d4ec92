/* Writing the file anew, without the pages that nothing uses. */
#include "tlscensus/keeping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "database.h"

#define MIB (1024.0 * 1024.0)

static const char k_vacuuming[] = "making the file smaller";

struct pages {
    int64_t count;
    int64_t free;
    int64_t bytes; /* of one */
};

static enum tc_status count_pages(struct tc_store *store, struct pages *out, struct tc_error *error)
{
    enum tc_status status =
        tc_db_get_int(store, &out->count, "PRAGMA page_count", k_vacuuming, error);
    if (status == TC_OK) {
        status = tc_db_get_int(store, &out->free, "PRAGMA freelist_count", k_vacuuming, error);
    }
    if (status == TC_OK) {
        status = tc_db_get_int(store, &out->bytes, "PRAGMA page_size", k_vacuuming, error);
    }
    return status;
}

/* The folder of the file, for the caller to free; NULL when memory is short. */
static char *folder_of(const char *real_path)
{
    const char *slash = strrchr(real_path, '/');
    size_t len = slash != NULL && slash != real_path ? (size_t)(slash - real_path) : 1;
    return strndup(slash != NULL ? real_path : ".", len);
}

/*
 * SQLite writes what is left into a temporary file and from there into the WAL. The first may lie
 * elsewhere; then this asks for more than is needed, and not for less.
 */
static enum tc_status check_room(struct tc_store *store, const struct pages *pages,
                                 struct tc_error *error)
{
    struct statvfs disk;
    uint64_t needed_bytes = 2 * (uint64_t)(pages->count - pages->free) * (uint64_t)pages->bytes;
    char *folder = folder_of(store->real_path);
    if (folder == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    int rc = statvfs(folder, &disk);
    free(folder);
    if (rc != 0) {
        return tc_fail(error, TC_ERR_STORE, "%s: its disk cannot be looked at: %s", store->path,
                       strerror(errno));
    }
    uint64_t free_bytes = (uint64_t)disk.f_bavail * (uint64_t)disk.f_frsize;
    if (free_bytes >= needed_bytes) {
        return TC_OK;
    }
    return tc_fail(error, TC_ERR_STORE,
                   "%s: not made smaller: that needs %.1f MiB on its disk for a while, twice what "
                   "is left of it, and %.1f are free",
                   store->path, (double)needed_bytes / MIB, (double)free_bytes / MIB);
}

enum tc_status tc_store_vacuum(struct tc_store *store, uint64_t *out_before_bytes,
                               uint64_t *out_after_bytes, struct tc_error *error)
{
    struct pages before = {0};
    struct pages after = {0};
    enum tc_status status = count_pages(store, &before, error);
    if (status == TC_OK && store->real_path != NULL) {
        status = check_room(store, &before, error);
    }
    if (status == TC_OK) {
        status = tc_db_exec(store, "VACUUM", k_vacuuming, error);
    }
    if (status == TC_OK) {
        status = count_pages(store, &after, error);
    }
    if (status == TC_OK) {
        *out_before_bytes = (uint64_t)(before.count * before.bytes);
        *out_after_bytes = (uint64_t)(after.count * after.bytes);
    }
    return status;
}
