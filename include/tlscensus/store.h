/*
 * The database: the only room that speaks SQL. Tables and views: schema/migrations,
 * schema/views.sql.
 */
#ifndef TLSCENSUS_STORE_H
#define TLSCENSUS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/features.h"
#include "tlscensus/observation.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

struct tc_store;

enum tc_store_mode {
    TC_STORE_READ,  /* an existing file, never changed, not even migrated */
    TC_STORE_WRITE, /* an existing file, migrated where it is older; the one writer */
    TC_STORE_CREATE /* as WRITE; a missing or empty file becomes a new database, mode 0600 */
};

/*
 * tc_store_open opens a database. ":memory:" gives one that nobody else sees.
 *
 * Ownership: the caller closes with tc_store_close().
 * Errors:    TC_ERR_NOT_FOUND, TC_ERR_FOREIGN (another program's, or none), TC_ERR_VERSION (newer;
 *            or older with TC_STORE_READ), TC_ERR_BUSY (another process writes), TC_ERR_STORE
 *            (read-only, full, damaged), TC_ERR_NOMEM. `error` says what, where and what to do.
 */
TC_MUST_USE enum tc_status tc_store_open(struct tc_store **out, const char *path,
                                         enum tc_store_mode mode, struct tc_error *error);
/* Closes; a writer truncates its WAL first, so that the one file can be copied. */
void tc_store_close(struct tc_store *store);
const char *tc_store_path(const struct tc_store *store);
/* Where the file as it was is kept, if opening it brought it up to date; NULL else. Borrowed. */
const char *tc_store_kept_copy(const struct tc_store *store);

/* ---- scans ---- */

struct tc_scan_start_record {
    const char *profile;
    int64_t started_s;
    const char *tool_version;
    const char *options_json; /* all options that shape the scan, without secrets */
    const char *trust_store;  /* where the anchors came from, in words */
    uint8_t trust_store_sha256[TC_SHA256_BYTES];
    const char *scan_uuid; /* shards of one scan have the same; NULL: a new one */
    const char *shard;     /* "3/8"; NULL: the whole, "1/1" */
};
TC_MUST_USE enum tc_status tc_store_begin_scan(struct tc_store *store, int64_t *out_scan_id,
                                               const struct tc_scan_start_record *record,
                                               struct tc_error *error);
/*
 * tc_store_resume_scan finds the newest scan that did not finish and marks it running. Its stored
 * options come back as JSON, which the caller frees; started_s is the clock of its facts.
 * Errors: TC_ERR_NOT_FOUND (every scan is finished).
 */
TC_MUST_USE enum tc_status tc_store_resume_scan(struct tc_store *store, int64_t *out_scan_id,
                                                int64_t *out_started_s, char **out_options_json,
                                                struct tc_error *error);
enum tc_scan_state { TC_SCAN_RUNNING = 0, TC_SCAN_DONE, TC_SCAN_INTERRUPTED };
/*
 * tc_store_continue_scan finds a scan by its UUID. One that did not finish is marked running, one
 * in state done is left as it is: `*out_state` says which.
 *
 * Errors: TC_ERR_NOT_FOUND (there is none), TC_ERR_INPUT (it is another shard).
 */
TC_MUST_USE enum tc_status tc_store_continue_scan(struct tc_store *store, const char *scan_uuid,
                                                  const char *shard, int64_t *out_scan_id,
                                                  int64_t *out_started_s,
                                                  enum tc_scan_state *out_state,
                                                  struct tc_error *error);
struct tc_scan_end_record {
    enum tc_scan_state state;
    int64_t finished_s;
    const char *vantage;
    const char *notices;         /* what was said once, one a line; "" for nothing */
    const uint8_t *input_sha256; /* NULL where there was no input to the end */
    unsigned confirm_after;      /* scans in a row that must have seen a loss; 0: the default */
};
#define TC_CONFIRM_AFTER_DEFAULT 2
/*
 * tc_store_end_scan gives the scan its state. One that is done is compared with the finished scan
 * before it, in the same transaction: table `change` then says what is new.
 */
TC_MUST_USE enum tc_status tc_store_end_scan(struct tc_store *store, int64_t scan_id,
                                             const struct tc_scan_end_record *record,
                                             struct tc_error *error);
/*
 * tc_store_pick_scan resolves `--scan ID`; 0 means the newest in state done, else the newest
 * interrupted. Errors: TC_ERR_NOT_FOUND.
 */
TC_MUST_USE enum tc_status tc_store_pick_scan(struct tc_store *store, int64_t wanted,
                                              int64_t *out_scan_id, enum tc_scan_state *out_state,
                                              struct tc_error *error);

/* The newest finished scan of the same list before `scan_id`; 0 where there is none. */
TC_MUST_USE enum tc_status tc_store_scan_before(struct tc_store *store, int64_t scan_id,
                                                int64_t *out_before_id, struct tc_error *error);

/* ---- what changed between scans ---- */

/*
 * tc_store_find_base gives the finished scan that `scan_id` was compared with when it closed; 0
 * where there was none. Errors: TC_ERR_NOT_FOUND (no such scan).
 */
TC_MUST_USE enum tc_status tc_store_find_base(struct tc_store *store, int64_t scan_id,
                                              int64_t *out_base_id, struct tc_error *error);
/*
 * tc_store_compare compares any two scans. Nothing is stored: until the store is closed, queries
 * that read the table `change` see this comparison in its place. The two stand alone: what the new
 * one saw is told at once; scans before the old one tell what comes and goes.
 */
TC_MUST_USE enum tc_status tc_store_compare(struct tc_store *store, int64_t old_scan_id,
                                            int64_t new_scan_id, struct tc_error *error);

/* ---- the writer thread ---- */

struct tc_writer;

/* What became of a target that was registered. */
enum tc_registration {
    TC_REGISTERED = 0,
    TC_REGISTERED_DUPLICATE, /* seen in this scan already: not scanned again */
    TC_REGISTERED_DONE       /* --resume: all its endpoints have their observation */
};

struct tc_writer_counts {
    uint64_t observations;
    uint64_t targets;
    uint64_t duplicates;
    uint64_t rejected;
    uint64_t already_done;
};

/*
 * tc_writer_start makes the one thread that writes. It takes the store's connection until
 * tc_writer_stop() gives it back.
 */
TC_MUST_USE enum tc_status tc_writer_start(struct tc_writer **out, struct tc_store *store,
                                           int64_t scan_id, bool resume, struct tc_error *error);
/*
 * tc_writer_tell has `stored` called for each observation that is new to the scan. It runs on the
 * writer's thread, which waits for it: a hearer that is slow slows the intake down and no talk with
 * an endpoint. The transaction may still be open. `host` is borrowed for the call. Before the first
 * tc_writer_put().
 */
typedef void tc_stored_hearer(void *context, const char *host, uint16_t port,
                              const struct tc_observation *observation);
void tc_writer_tell(struct tc_writer *writer, tc_stored_hearer *stored, void *context);
/*
 * tc_writer_register stores targets and their labels, fills target_id and done_addresses, and says
 * what became of each. Where addresses of a target are done already, its profile becomes the one
 * they were examined by. Waits for the writer. A duplicate with other labels is recorded in
 * rejected_target (`file` is the list's name). Not on a worker thread.
 */
TC_MUST_USE enum tc_status tc_writer_register(struct tc_writer *writer, const char *file,
                                              struct tc_target *const *targets, size_t num_targets,
                                              enum tc_registration *out_registrations);
/* Stores a rejected line. Copies. Any thread; may wait for room. */
void tc_writer_reject(struct tc_writer *writer, const struct tc_rejection *rejection);
/* Takes an observation. Never blocks: room is asked for beforehand. Any thread. */
void tc_writer_put(struct tc_writer *writer, struct tc_observation *observation);
/*
 * tc_writer_flush waits until everything that was handed in before it is committed, for who reads
 * the database beside the writer. Not on a worker thread.
 * Errors: as tc_writer_status().
 */
TC_MUST_USE enum tc_status tc_writer_flush(struct tc_writer *writer);
/* Whether the queue is short enough for more work to begin; false for good after a failure. */
bool tc_writer_has_room(struct tc_writer *writer);
/* TC_OK, or why writing failed: then the scan must stop. Any thread. */
enum tc_status tc_writer_status(struct tc_writer *writer, struct tc_error *error);
void tc_writer_get_counts(struct tc_writer *writer, struct tc_writer_counts *out);
/*
 * Commits what is queued, ends the thread, frees the writer, and gives the store back.
 * `*out_counts` (which may be NULL) gets the final counts, in every case.
 */
TC_MUST_USE enum tc_status tc_writer_stop(struct tc_writer *writer,
                                          struct tc_writer_counts *out_counts,
                                          struct tc_error *error);

/* ---- what earlier scans found of an endpoint ---- */

/*
 * Reads earlier surveys while a scan is written, through a connection of its own, which is closed
 * before the store is.
 */
struct tc_earlier;
/*
 * tc_earlier_open reads the database at `path` for a scan that has begun: of its own observations
 * nothing is read.
 * Errors: as tc_store_open().
 */
TC_MUST_USE enum tc_status tc_earlier_open(struct tc_earlier **out, const char *path,
                                           int64_t scan_id, struct tc_error *error);
/*
 * tc_earlier_features gives what the newest survey found that was at least as deep as `profile` and
 * not cut short. Any thread; one waits for another.
 *
 * Ownership: the caller's, tc_features_cleanup().
 * Errors:    TC_ERR_NOT_FOUND (there is none; `error` is untouched), TC_ERR_STORE, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_earlier_features(struct tc_earlier *earlier, struct tc_features *out,
                                               int64_t target_id, const char *address,
                                               enum tc_profile profile, struct tc_error *error);
void tc_earlier_close(struct tc_earlier *earlier);

/* ---- names in certificates that are no target yet ---- */

/* Texts are borrowed for the call. */
struct tc_found_name {
    const char *name;               /* lower case, letters, digits, '-', '_' and '.' alone */
    const char *registrable_domain; /* a target's, which sent it: the name ends with it */
    const char *found_in;           /* the host that sent the certificate */
    uint16_t port;
    bool is_again;      /* found before the scan was interrupted: a target of it already */
    uint64_t num_found; /* names found in this domain so far, in the whole scan */
    uint64_t num_all;   /* the same in all domains */
};
typedef enum tc_status (*tc_found_name_hearer)(void *context, const struct tc_found_name *found);
/*
 * tc_store_each_found_name tells what the database at `path` says of a scan that is under way, read
 * beside its writer, which must have been flushed: names of before an interruption first, then by
 * domain and name. It stops where `hear` does not give TC_OK, and gives what that gave.
 *
 * Errors: as tc_store_open(); TC_ERR_STORE; what `hear` gives.
 */
TC_MUST_USE enum tc_status tc_store_each_found_name(const char *path, int64_t scan_id,
                                                    tc_found_name_hearer hear, void *context,
                                                    struct tc_error *error);

/* ---- closing a scan: paths that other endpoints' intermediates repair ---- */

/* One distinct (leaf, presented chain) of a scan that has no trusted complete path. */
struct tc_repair {
    int64_t leaf_id;
    int64_t presented_chain_id;    /* 0: only the leaf was sent */
    struct tc_cert_pile presented; /* leaf first, as sent */
};
/*
 * tc_store_fleet_cas reads every CA certificate in the database that is not self-signed.
 * The caller cleans the pile up.
 */
TC_MUST_USE enum tc_status tc_store_fleet_cas(struct tc_store *store, struct tc_cert_pile *out,
                                              struct tc_error *error);
/*
 * tc_store_each_broken_chain calls `judge` for every distinct presented chain of the scan whose
 * trust_detail is unknown-issuer or incomplete-chain; what it gives (one reference, or NULL to
 * leave as is) replaces the verdict of all its observations, also where it was another chain.
 * `*out_repaired` counts observations whose own chain it was.
 */
typedef enum tc_status (*tc_repair_judge)(void *context, const struct tc_repair *repair,
                                          struct tc_chain **out);
TC_MUST_USE enum tc_status tc_store_each_broken_chain(struct tc_store *store, int64_t scan_id,
                                                      tc_repair_judge judge, void *context,
                                                      uint64_t *out_repaired,
                                                      struct tc_error *error);

/* ---- rules and grades ---- */

struct tc_assess_options {
    int64_t scan_id;
    int64_t as_of_s;          /* 0: the scan's own as_of_s; else it is moved to this */
    const char *rules_dir;    /* --rules DIR, or NULL */
    const char *waivers_path; /* waivers.csv, or NULL */
};
struct tc_assess_counts {
    uint64_t findings[5]; /* by severity, 0 info … 4 critical; waived ones not counted */
    uint64_t waived;
};
/*
 * tc_assess derives findings and grades from stored facts, in one transaction; what was there
 * before is replaced. No network.
 * Errors: TC_ERR_INPUT (a rule or waiver file: `error` has file and line), TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status tc_assess(struct tc_store *store,
                                     const struct tc_assess_options *options,
                                     struct tc_assess_counts *out, struct tc_error *error);

struct tc_rule {
    const char *id;
    unsigned severity; /* 0 info … 4 critical */
    const char *title;
    const char *why;
    const char *remedy;
    const char *source;
    const char *cap; /* the grade it caps at, "" for none */
    bool is_trust;
    bool is_builtin;
};
/* Calls `each` for every rule in the order of ids. */
TC_MUST_USE enum tc_status tc_rules_each(const char *rules_dir,
                                         void (*each)(void *context, const struct tc_rule *rule),
                                         void *context, struct tc_error *error);
/* "info", "low", "medium", "high", "critical" */
const char *tc_severity_str(unsigned severity);
/* The reverse; -1 for a word that is none. */
int tc_severity_parse(const char *word);

/* ---- rows, for reports ---- */

/*
 * A cursor over one of schema/queries (embedded as `tc_sql_<file name>`). Text is borrowed until
 * the next call of tc_rows_next.
 */
struct tc_rows;
TC_MUST_USE enum tc_status tc_rows_open(struct tc_rows **out, struct tc_store *store,
                                        const char *sql, struct tc_error *error);
/* Parameters by name, ":scan_id". A name that the query lacks is a programming error. */
void tc_rows_bind_int(struct tc_rows *rows, const char *name, int64_t value);
void tc_rows_bind_text(struct tc_rows *rows, const char *name, const char *value);
/* TC_OK with a row, TC_ERR_END, or TC_ERR_STORE. */
TC_MUST_USE enum tc_status tc_rows_next(struct tc_rows *rows, struct tc_error *error);
/* Back to before the first row; parameters stay. */
void tc_rows_reset(struct tc_rows *rows);
int tc_rows_num_columns(const struct tc_rows *rows);
const char *tc_rows_column_name(const struct tc_rows *rows, int column);
bool tc_rows_is_null(const struct tc_rows *rows, int column);
enum tc_column_type {
    TC_COLUMN_NULL,
    TC_COLUMN_INTEGER,
    TC_COLUMN_REAL,
    TC_COLUMN_TEXT,
    TC_COLUMN_BLOB
};
enum tc_column_type tc_rows_type(const struct tc_rows *rows, int column);
int64_t tc_rows_int(const struct tc_rows *rows, int column); /* 0 for NULL */
double tc_rows_real(const struct tc_rows *rows, int column);
const char *tc_rows_text(const struct tc_rows *rows, int column); /* "" for NULL */
size_t tc_rows_bytes(const struct tc_rows *rows, int column);     /* of text or blob */
const uint8_t *tc_rows_blob(const struct tc_rows *rows, int column);
void tc_rows_close(struct tc_rows *rows);

/*
 * One read transaction around several queries, so that a report sees one state. What they wrote
 * into temporary tables stays; rows are closed or reset before the end.
 */
TC_MUST_USE enum tc_status tc_store_begin_read(struct tc_store *store, struct tc_error *error);
void tc_store_end_read(struct tc_store *store);
/*
 * tc_store_follow readies a reader's connection for the queries stream_*.sql, which note in a
 * temporary table which certificates were sent: on disk, where SQLite has its temporary files, and
 * gone with the connection. The database itself stays open for reading alone. Once for a
 * connection.
 *
 * Ownership: nothing new to release.
 * Threads:   the connection's one at a time, as for all of a store.
 * Errors:    TC_ERR_STORE (no temporary table can be made, or there is one already), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_store_follow(struct tc_store *store, struct tc_error *error);

/* "3.40.1" */
const char *tc_store_library_version(void);

#endif
