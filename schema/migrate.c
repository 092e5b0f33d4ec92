#include "database.h"

#include <stdio.h>
#include <stdlib.h>

#include "tlscensus/outcome.h"
#include "tlscensus/registry.h"
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

/* Runs `insert` with (code, name) and whatever was bound before. */
static enum tc_status put_name(struct tc_store *store, sqlite3_stmt *insert, int64_t code,
                               const char *name, struct tc_error *error)
{
    tc_db_bind_int(insert, ":code", code);
    tc_db_bind_text(insert, ":name", name);
    int rc = sqlite3_step(insert);
    (void)sqlite3_reset(insert);
    return rc == SQLITE_DONE ? TC_OK : tc_db_fail(store, error, "writing names of codes");
}

static enum tc_status put_outcomes(struct tc_store *store, struct tc_error *error)
{
    sqlite3_stmt *insert = NULL;
    enum tc_status status = tc_db_prepare(store, &insert, tc_sql_put_outcome, false, error);
    for (int i = 0; i < TC_OUTCOME_COUNT && status == TC_OK; i++) {
        status = put_name(store, insert, i, tc_outcome_str((enum tc_outcome)i), error);
    }
    sqlite3_finalize(insert);
    return status;
}

#ifdef TLSCENSUS_HAS_REGISTRY
static enum tc_status put_registry(struct tc_store *store, struct tc_error *error)
{
    sqlite3_stmt *insert = NULL;
    size_t num_entries = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num_entries);
    enum tc_status status = tc_db_prepare(store, &insert, tc_sql_put_registry_name, false, error);
    for (size_t i = 0; i < num_entries && status == TC_OK; i++) {
        const struct tc_registry_entry *entry = &entries[i];
        tc_db_bind_text(insert, ":kind", tc_registry_kind_str(entry->kind));
        if (entry->kind == TC_REGISTRY_CIPHER) {
            tc_db_bind_int(insert, ":forward_secrecy", entry->forward_secrecy ? 1 : 0);
        }
        status = put_name(store, insert, entry->code, entry->name, error);
        (void)sqlite3_clear_bindings(insert);
    }
    sqlite3_finalize(insert);
    return status;
}
#else
static enum tc_status put_registry(struct tc_store *store, struct tc_error *error)
{
    (void)store;
    (void)error;
    return TC_OK;
}
#endif

enum tc_status tc_migrate_lookups(struct tc_store *store, struct tc_error *error)
{
    enum tc_status status = put_outcomes(store, error);
    return status == TC_OK ? put_registry(store, error) : status;
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
        status = tc_migrate_lookups(store, error);
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
