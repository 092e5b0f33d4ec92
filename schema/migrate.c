#include "database.h"

#include <stdio.h>
#include <stdlib.h>

#include "tlscensus/sql.h"
#include "tlscensus/sql_migrations.h"

/* Files are named NNN_words.sql. */
static int step_of(const struct tc_embedded *migration)
{
    return (int)strtol(migration->name, NULL, 10);
}

int tc_migrate_latest(void)
{
    int latest = 0;
    for (const struct tc_embedded *step = tc_embedded_migrations; step->name != NULL; step++) {
        latest = step_of(step); /* sorted by name */
    }
    return latest;
}

static enum tc_status apply_steps(struct tc_store *store, int from, struct tc_error *error)
{
    for (const struct tc_embedded *step = tc_embedded_migrations; step->name != NULL; step++) {
        if (step_of(step) <= from) {
            continue;
        }
        enum tc_status status = tc_db_exec(store, step->text, "bringing it up to date", error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status stamp(struct tc_store *store, struct tc_error *error)
{
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             TC_APPLICATION_ID, tc_migrate_latest());
    return tc_db_exec(store, sql, "bringing it up to date", error);
}

enum tc_status tc_migrate(struct tc_store *store, int from, struct tc_error *error)
{
    enum tc_status status = tc_db_begin(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = apply_steps(store, from, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_views, "making the views", error);
    }
    if (status == TC_OK) {
        status = tc_lookups_renew(store, error);
    }
    if (status == TC_OK) {
        status = stamp(store, error);
    }
    if (status == TC_OK) {
        return tc_db_commit(store, error);
    }
    tc_db_rollback(store);
    return status;
}
