#include "kept_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlscensus/sql.h"

#define COPIES_MAX 100 /* of one step: who puts old files back again and again */

/* An empty file of its own, which SQLite then fills. -1 with `errno`. */
static int make_file(char **out, const char *real_path, int step)
{
    for (int number = 0; number < COPIES_MAX; number++) {
        char *path = number == 0 ? sqlite3_mprintf("%s.step-%d", real_path, step)
                                 : sqlite3_mprintf("%s.step-%d.%d", real_path, step, number);
        int file = path != NULL ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
        if (file >= 0 || path == NULL || errno != EEXIST) {
            *out = path;
            return file;
        }
        sqlite3_free(path);
    }
    errno = EEXIST;
    return -1;
}

static enum tc_status fill(struct tc_store *store, const char *path, struct tc_error *error)
{
    sqlite3_stmt *copy = NULL;
    enum tc_status status = tc_db_prepare(store, &copy, tc_sql_keep_copy, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_text(copy, ":path", path);
    if (sqlite3_step(copy) != SQLITE_DONE) {
        status = tc_fail(error, TC_ERR_STORE,
                         "%s: is of an older step, and %s, a copy of it as it was, cannot be "
                         "written: %s: make room, or copy it yourself and bring that copy up to "
                         "date",
                         store->path, path, sqlite3_errmsg(store->db));
    }
    sqlite3_finalize(copy);
    return status;
}

enum tc_status tc_keep_copy(struct tc_store *store, int step, struct tc_error *error)
{
    char *path = NULL;
    if (store->real_path == NULL) {
        return TC_OK;
    }
    int file = make_file(&path, store->real_path, step);
    if (file < 0) {
        enum tc_status status = tc_fail(
            error, path != NULL || errno == EEXIST ? TC_ERR_STORE : TC_ERR_NOMEM,
            "%s: is of an older step, and no copy of it as it was can be made beside it: %s",
            store->path, strerror(errno));
        sqlite3_free(path);
        return status;
    }
    enum tc_status status = fill(store, path, error);
    if (status == TC_OK && fsync(file) != 0) {
        status = tc_fail(error, TC_ERR_STORE, "%s: %s", path, strerror(errno));
    }
    (void)close(file);
    if (status != TC_OK) {
        (void)unlink(path);
        sqlite3_free(path);
        return status;
    }
    store->kept_copy = path;
    return TC_OK;
}
