/*
 * Inside the room: the connection that all of schema/ shares, and how its failures become words.
 */
#ifndef SCHEMA_DATABASE_H
#define SCHEMA_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tlscensus/status.h"
#include "tlscensus/store.h"

struct tc_store {
    sqlite3 *db;
    char *path;      /* as the user gave it, for messages */
    char *real_path; /* absolute, links resolved; NULL for ":memory:" */
    char *kept_copy; /* of the file as it was, where it was brought up to date; from
                        sqlite3_malloc() */
    enum tc_store_mode mode;
    bool is_ours;      /* identified as tlscensus's: before that nothing is changed in it */
    bool is_immutable; /* read without locks and WAL: its medium cannot be written */
    int lock_fd;       /* the writer's lock file, -1 for readers */
    char *lock_path;
};

/*
 * tc_db_fail turns the connection's last error into a status and one line. `doing` completes
 * "… while": "reading scans".
 */
enum tc_status tc_db_fail(struct tc_store *store, struct tc_error *error, const char *doing);

/* tc_db_exec runs all statements of `sql`, which give no rows. */
TC_MUST_USE enum tc_status tc_db_exec(struct tc_store *store, const char *sql, const char *doing,
                                      struct tc_error *error);
/*
 * tc_db_prepare compiles one statement of schema/queries. The caller finalizes it (before the
 * store is closed). With `keep` it is meant to live as long as the connection.
 */
TC_MUST_USE enum tc_status tc_db_prepare(struct tc_store *store, sqlite3_stmt **out,
                                         const char *sql, bool keep, struct tc_error *error);
/* The first `num` columns of the one row that `sql` gives, as integers. */
TC_MUST_USE enum tc_status tc_db_get_ints(struct tc_store *store, int64_t *out, size_t num,
                                          const char *sql, const char *doing,
                                          struct tc_error *error);
/* The same for one column. */
TC_MUST_USE enum tc_status tc_db_get_int(struct tc_store *store, int64_t *out, const char *sql,
                                         const char *doing, struct tc_error *error);
/* The first column of what `sql` finds for :scan_id, a number from 1; 0 where it finds nothing. */
TC_MUST_USE enum tc_status tc_db_find_id(struct tc_store *store, int64_t *out, const char *sql,
                                         int64_t scan_id, const char *doing,
                                         struct tc_error *error);
/* BEGIN IMMEDIATE, COMMIT; tc_db_rollback never fails, and does nothing outside a transaction. */
TC_MUST_USE enum tc_status tc_db_begin(struct tc_store *store, struct tc_error *error);
TC_MUST_USE enum tc_status tc_db_commit(struct tc_store *store, struct tc_error *error);
void tc_db_rollback(struct tc_store *store);

/* Parameters by name. A name that the statement lacks is a programming error. NULL binds NULL. */
void tc_db_bind_int(sqlite3_stmt *statement, const char *name, int64_t value);
void tc_db_bind_text(sqlite3_stmt *statement, const char *name, const char *value);
void tc_db_bind_blob(sqlite3_stmt *statement, const char *name, const void *bytes, size_t len);

/* ---- store.c ---- */

/*
 * tc_store_attach makes the file of `shard`, a store that is open for reading and thereby looked
 * at, readable through `store` under the name `shard`. Outside a transaction.
 */
TC_MUST_USE enum tc_status tc_store_attach(struct tc_store *store, const struct tc_store *shard,
                                           struct tc_error *error);
void tc_store_detach(struct tc_store *store);

/* ---- migrate.c ---- */

#define TC_APPLICATION_ID 0x544C5343 /* "TLSC" */

/* Number of the last migration that this program knows. */
int tc_migrate_latest(void);
/*
 * tc_migrate brings a database from `from` (0: empty) to the latest step, with its views and
 * lookup tables, in one transaction.
 */
TC_MUST_USE enum tc_status tc_migrate(struct tc_store *store, int from, struct tc_error *error);

/* ---- lookups.c ---- */

/*
 * tc_lookups_renew brings the tables that name codes and know their properties (outcome,
 * registry_name, suite, tls_group, scheme) up to what this program knows. In a transaction; what is
 * the same is not written.
 */
TC_MUST_USE enum tc_status tc_lookups_renew(struct tc_store *store, struct tc_error *error);

/* ---- shape.c ---- */

/*
 * tc_shape_check compares tables, indexes and views of a file of the latest step with what this
 * program makes; what users add is their own. Who may write renews views that differ.
 *
 * Errors: TC_ERR_FOREIGN (a table that differs; a trigger, where we would write), TC_ERR_VERSION
 *         (views that differ, with TC_STORE_READ), TC_ERR_STORE, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_shape_check(struct tc_store *store, struct tc_error *error);

/* ---- lock.c ---- */

/*
 * tc_lock_take makes this process the one writer of store->real_path. The lock is the kernel's, on
 * a file of its own (`<database>-lock`), so it ends with the process, however that ends, and does
 * not meet SQLite's locks.
 *
 * Errors: TC_ERR_BUSY (another process writes), TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status tc_lock_take(struct tc_store *store, struct tc_error *error);
void tc_lock_drop(struct tc_store *store);
/* Whether some process holds the writer's lock of this database. */
bool tc_lock_is_held(const struct tc_store *store);

#endif
