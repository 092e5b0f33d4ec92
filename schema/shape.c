/*
 * Whether the tables and views of a file are those that this program makes. A file may come from a
 * stranger: a view may never end, a table may be a view, a trigger may run with every row.
 */
#include "database.h"

#include <string.h>

#include "tlscensus/sql.h"
#include "tlscensus/sql_migrations.h"

/* The same in memory, to compare with. */
static enum tc_status make_model(sqlite3 **out)
{
    int rc = sqlite3_open_v2(
        ":memory:", out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    const struct tc_embedded *step = tc_embedded_migrations;
    for (; rc == SQLITE_OK && step->name != NULL; step++) {
        rc = sqlite3_exec(*out, step->text, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(*out, tc_sql_views, NULL, NULL, NULL);
    }
    return rc == SQLITE_OK ? TC_OK : TC_ERR_NOMEM; /* our own SQL: nothing else can fail */
}

/* Compares one object of the model; `find` looks it up in the file. */
static enum tc_status compare(struct tc_store *store, sqlite3_stmt *wanted, sqlite3_stmt *find,
                              bool *out_stale_views, struct tc_error *error)
{
    const char *type = (const char *)sqlite3_column_text(wanted, 0);
    const char *name = (const char *)sqlite3_column_text(wanted, 1);
    const char *sql = (const char *)sqlite3_column_text(wanted, 2);
    if (type == NULL || name == NULL || sql == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    tc_db_bind_text(find, ":type", type);
    tc_db_bind_text(find, ":name", name);
    int rc = sqlite3_step(find);
    const char *found = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(find, 0) : NULL;
    enum tc_status status = TC_OK;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, "reading its tables");
    } else if (found == NULL || strcmp(found, sql) != 0) {
        if (strcmp(type, "view") == 0) {
            *out_stale_views = true;
        } else {
            status = tc_fail(error, TC_ERR_FOREIGN,
                             "%s: its %s %s is not as tlscensus makes it: another program changed "
                             "it: use a copy",
                             store->path, type, name);
        }
    }
    (void)sqlite3_reset(find);
    return status;
}

static enum tc_status compare_all(struct tc_store *store, sqlite3 *model, bool *out_stale_views,
                                  struct tc_error *error)
{
    sqlite3_stmt *wanted = NULL;
    sqlite3_stmt *find = NULL;
    enum tc_status status = tc_db_prepare(store, &find, tc_sql_schema_object, false, error);
    if (status == TC_OK &&
        sqlite3_prepare_v2(model, tc_sql_schema_objects, -1, &wanted, NULL) != SQLITE_OK) {
        status = tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    while (status == TC_OK && sqlite3_step(wanted) == SQLITE_ROW) {
        status = compare(store, wanted, find, out_stale_views, error);
    }
    sqlite3_finalize(wanted);
    sqlite3_finalize(find);
    return status;
}

static enum tc_status check_triggers(struct tc_store *store, struct tc_error *error)
{
    int64_t num_triggers = 0;
    enum tc_status status =
        tc_db_get_int(store, &num_triggers, tc_sql_schema_triggers, "reading its tables", error);
    if (status == TC_OK && num_triggers > 0) {
        status = tc_fail(error, TC_ERR_FOREIGN,
                         "%s: has triggers, which tlscensus does not make: remove them, or use "
                         "another --db",
                         store->path);
    }
    return status;
}

/* Views hold no facts: whoever may write makes them anew. */
static enum tc_status renew_views(struct tc_store *store, struct tc_error *error)
{
    enum tc_status status = tc_db_begin(store, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_views, "making the views", error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    return status;
}

enum tc_status tc_shape_check(struct tc_store *store, struct tc_error *error)
{
    sqlite3 *model = NULL;
    bool stale_views = false;
    enum tc_status status = make_model(&model);
    if (status != TC_OK) {
        (void)tc_fail(error, status, "%s: out of memory", store->path);
    } else {
        status = compare_all(store, model, &stale_views, error);
    }
    (void)sqlite3_close(model);
    if (status != TC_OK) {
        return status;
    }
    if (store->mode == TC_STORE_READ) {
        return !stale_views ? TC_OK
                            : tc_fail(error, TC_ERR_VERSION,
                                      "%s: its views are of another tlscensus: `tlscensus assess "
                                      "--db %s` makes them anew",
                                      store->path, store->path);
    }
    status = check_triggers(store, error);
    return status == TC_OK && stale_views ? renew_views(store, error) : status;
}
