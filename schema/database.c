#include "database.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/*
 * Why the system refused. SQLite forgets that where it tidies up after a failed commit, and its
 * files still know: the WAL, which is what grows.
 */
static int system_errno(struct tc_store *store)
{
    int code = sqlite3_system_errno(store->db);
    sqlite3_file *wal = NULL;
    if (code == 0 &&
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&wal) ==
            SQLITE_OK &&
        wal != NULL && wal->pMethods != NULL) {
        (void)wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &code);
    }
    return code;
}

static bool disk_is_full(struct tc_store *store, int code)
{
    return code == SQLITE_FULL || (code == SQLITE_IOERR && system_errno(store) == ENOSPC);
}

enum tc_status tc_db_fail(struct tc_store *store, struct tc_error *error, const char *doing)
{
    int code = sqlite3_errcode(store->db) & 0xff;
    const char *path = store->path;

    if (disk_is_full(store, code)) {
        return tc_fail(error, TC_ERR_STORE,
                       "%s: the disk is full (while %s): free some space; what was committed is "
                       "intact",
                       path, doing);
    }
    switch (code) {
    case SQLITE_NOMEM:
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory while %s", path, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tc_fail(error, TC_ERR_BUSY,
                       "%s: another program has locked it (while %s): wait until that ends", path,
                       doing);
    case SQLITE_NOTADB:
        return tc_fail(error, TC_ERR_FOREIGN, "%s: not a database: name another file with --db",
                       path);
    case SQLITE_CORRUPT:
        return tc_fail(error, TC_ERR_STORE,
                       "%s: the file is damaged (while %s): use a copy, or save what can be read "
                       "with `sqlite3 FILE .recover`",
                       path, doing);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return tc_fail(error, TC_ERR_STORE,
                       "%s: cannot be written (while %s): look at the permissions of the file and "
                       "its folder",
                       path, doing);
    case SQLITE_CANTOPEN:
        return tc_fail(error, TC_ERR_STORE,
                       "%s: cannot be opened (while %s): look at the permissions of the file and "
                       "its folder",
                       path, doing);
    case SQLITE_IOERR:
        if (system_errno(store) == EFBIG) {
            return tc_fail(error, TC_ERR_STORE,
                           "%s: may not grow any more (while %s): raise the limit on files (ulimit "
                           "-f); what was committed is intact",
                           path, doing);
        }
        return tc_fail(error, TC_ERR_STORE, "%s: %s while %s: look at the disk and its mount", path,
                       strerror(system_errno(store)), doing);
    default:
        return tc_fail(error, TC_ERR_STORE, "%s: %s while %s", path, sqlite3_errmsg(store->db),
                       doing);
    }
}

enum tc_status tc_db_exec(struct tc_store *store, const char *sql, const char *doing,
                          struct tc_error *error)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return tc_db_fail(store, error, doing);
    }
    return TC_OK;
}

enum tc_status tc_db_prepare(struct tc_store *store, sqlite3_stmt **out, const char *sql, bool keep,
                             struct tc_error *error)
{
    unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    if (sqlite3_prepare_v3(store->db, sql, -1, flags, out, NULL) != SQLITE_OK) {
        return tc_db_fail(store, error, "preparing a query");
    }
    return TC_OK;
}

enum tc_status tc_db_get_ints(struct tc_store *store, int64_t *out, size_t num, const char *sql,
                              const char *doing, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        status = tc_db_fail(store, error, doing);
    } else {
        for (size_t i = 0; i < num; i++) {
            out[i] = sqlite3_column_int64(statement, (int)i);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

enum tc_status tc_db_get_int(struct tc_store *store, int64_t *out, const char *sql,
                             const char *doing, struct tc_error *error)
{
    return tc_db_get_ints(store, out, 1, sql, doing, error);
}

enum tc_status tc_db_find_id(struct tc_store *store, int64_t *out, const char *sql, int64_t scan_id,
                             const char *doing, struct tc_error *error)
{
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(store, &find, sql, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(find, ":scan_id", scan_id);
    int rc = sqlite3_step(find);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, doing);
    }
    (void)sqlite3_finalize(find);
    return status;
}

enum tc_status tc_db_begin(struct tc_store *store, struct tc_error *error)
{
    return tc_db_exec(store, "BEGIN IMMEDIATE", "starting to write", error);
}

enum tc_status tc_db_commit(struct tc_store *store, struct tc_error *error)
{
    enum tc_status status = tc_db_exec(store, "COMMIT", "committing", error);
    if (status != TC_OK) {
        tc_db_rollback(store);
    }
    return status;
}

void tc_db_rollback(struct tc_store *store)
{
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

static int parameter(sqlite3_stmt *statement, const char *name)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    assert(index > 0);
    return index;
}

/*
 * Binding fails only for a wrong index, which is asserted, or when memory is short: then the step
 * that follows runs with NULL and a NOT NULL column or a missing row tells.
 */
void tc_db_bind_int(sqlite3_stmt *statement, const char *name, int64_t value)
{
    (void)sqlite3_bind_int64(statement, parameter(statement, name), value);
}

void tc_db_bind_text(sqlite3_stmt *statement, const char *name, const char *value)
{
    (void)sqlite3_bind_text(statement, parameter(statement, name), value, -1, SQLITE_TRANSIENT);
}

void tc_db_bind_blob(sqlite3_stmt *statement, const char *name, const void *bytes, size_t len)
{
    (void)sqlite3_bind_blob64(statement, parameter(statement, name), bytes, len, SQLITE_TRANSIENT);
}
