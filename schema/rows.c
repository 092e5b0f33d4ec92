#include "database.h"

#include <stdlib.h>

struct tc_rows {
    struct tc_store *store;
    sqlite3_stmt *statement;
};

enum tc_status tc_rows_open(struct tc_rows **out, struct tc_store *store, const char *sql,
                            struct tc_error *error)
{
    struct tc_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    rows->store = store;
    enum tc_status status = tc_db_prepare(store, &rows->statement, sql, false, error);
    if (status != TC_OK) {
        free(rows);
        return status;
    }
    *out = rows;
    return TC_OK;
}

void tc_rows_bind_int(struct tc_rows *rows, const char *name, int64_t value)
{
    tc_db_bind_int(rows->statement, name, value);
}

void tc_rows_bind_text(struct tc_rows *rows, const char *name, const char *value)
{
    tc_db_bind_text(rows->statement, name, value);
}

enum tc_status tc_rows_next(struct tc_rows *rows, struct tc_error *error)
{
    switch (sqlite3_step(rows->statement)) {
    case SQLITE_ROW:
        return TC_OK;
    case SQLITE_DONE:
        return TC_ERR_END;
    default:
        return tc_db_fail(rows->store, error, "reading rows");
    }
}

void tc_rows_reset(struct tc_rows *rows)
{
    (void)sqlite3_reset(rows->statement); /* what the last step said was told then */
}

int tc_rows_num_columns(const struct tc_rows *rows)
{
    return sqlite3_column_count(rows->statement);
}

const char *tc_rows_column_name(const struct tc_rows *rows, int column)
{
    const char *name = sqlite3_column_name(rows->statement, column);
    return name != NULL ? name : ""; /* NULL when memory is short */
}

bool tc_rows_is_null(const struct tc_rows *rows, int column)
{
    return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

enum tc_column_type tc_rows_type(const struct tc_rows *rows, int column)
{
    switch (sqlite3_column_type(rows->statement, column)) {
    case SQLITE_INTEGER:
        return TC_COLUMN_INTEGER;
    case SQLITE_FLOAT:
        return TC_COLUMN_REAL;
    case SQLITE_TEXT:
        return TC_COLUMN_TEXT;
    case SQLITE_BLOB:
        return TC_COLUMN_BLOB;
    default:
        return TC_COLUMN_NULL;
    }
}

int64_t tc_rows_int(const struct tc_rows *rows, int column)
{
    return sqlite3_column_int64(rows->statement, column);
}

double tc_rows_real(const struct tc_rows *rows, int column)
{
    return sqlite3_column_double(rows->statement, column);
}

const char *tc_rows_text(const struct tc_rows *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows->statement, column);
    return text != NULL ? (const char *)text : "";
}

size_t tc_rows_bytes(const struct tc_rows *rows, int column)
{
    return (size_t)sqlite3_column_bytes(rows->statement, column); /* never negative */
}

const uint8_t *tc_rows_blob(const struct tc_rows *rows, int column)
{
    return sqlite3_column_blob(rows->statement, column);
}

void tc_rows_close(struct tc_rows *rows)
{
    if (rows != NULL) {
        sqlite3_finalize(rows->statement);
        free(rows);
    }
}

enum tc_status tc_store_begin_read(struct tc_store *store, struct tc_error *error)
{
    /* BEGIN alone takes the snapshot with the first read: this is it. */
    enum tc_status status = tc_db_exec(store, "BEGIN", "starting to read", error);
    int64_t version = 0;
    if (status == TC_OK) {
        status = tc_db_get_int(store, &version, "PRAGMA schema_version", "reading", error);
    }
    if (status != TC_OK) {
        tc_db_rollback(store);
    }
    return status;
}

void tc_store_end_read(struct tc_store *store)
{
    (void)sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    tc_db_rollback(store); /* where that could not be */
}

const char *tc_store_library_version(void)
{
    return sqlite3_libversion();
}
