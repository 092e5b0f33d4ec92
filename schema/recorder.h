/*
 * Inside the room: what the writer thread does with each message. One recorder serves one scan on
 * one thread; its statements are prepared once.
 */
#ifndef SCHEMA_RECORDER_H
#define SCHEMA_RECORDER_H

#include "database.h"
#include "known.h"

/* X(name): schema/queries/<name>.sql, kept prepared. */
#define TC_RECORDER_STATEMENTS(X)                                                                  \
    X(find_certificate)                                                                            \
    X(put_certificate)                                                                             \
    X(put_certificate_name)                                                                        \
    X(find_certificate_url)                                                                        \
    X(put_certificate_url)                                                                         \
    X(find_chain)                                                                                  \
    X(put_chain)                                                                                   \
    X(put_chain_certificate)                                                                       \
    X(find_cname_chain)                                                                            \
    X(put_cname_chain)                                                                             \
    X(find_endpoint)                                                                               \
    X(put_endpoint)                                                                                \
    X(put_endpoints_count)                                                                         \
    X(put_observation)                                                                             \
    X(find_feature_set)                                                                            \
    X(put_feature_set)                                                                             \
    X(put_feature)                                                                                 \
    X(put_other_chain)                                                                             \
    X(put_handshake_message)                                                                       \
    X(put_target)                                                                                  \
    X(find_target)                                                                                 \
    X(put_scan_target)                                                                             \
    X(find_scan_target)                                                                            \
    X(find_host)                                                                                   \
    X(renew_scan_target)                                                                           \
    X(drop_interrupted)                                                                            \
    X(drop_interrupted_messages)                                                                   \
    X(drop_interrupted_other_chains)                                                               \
    X(drop_interrupted_waivers)                                                                    \
    X(done_addresses)                                                                              \
    X(find_label_set)                                                                              \
    X(put_label_set)                                                                               \
    X(put_label)                                                                                   \
    X(put_rejected_target)

struct tc_recorder {
    struct tc_store *store;
    int64_t scan_id;
    int64_t run;                 /* scan.runs: above 1 after --resume */
    int64_t last_observation_id; /* no id is given twice: who follows the scan goes by them */
    bool resume;
    bool endpoints_are_new; /* what the last one was: which question to ask first */
    bool certificates_are_new;
#define X(name) sqlite3_stmt *name;
    TC_RECORDER_STATEMENTS(X)
#undef X
    struct tc_known certificates;
    struct tc_known urls;
    struct tc_known chains;
    struct tc_known cname_chains;
    struct tc_known label_sets;
    struct tc_known feature_sets;
};

/*
 * tc_recorder_open prepares everything. The caller closes with tc_recorder_close(), after a failure
 * too.
 */
TC_MUST_USE enum tc_status tc_recorder_open(struct tc_recorder *recorder, struct tc_store *store,
                                            int64_t scan_id, bool resume, struct tc_error *error);
void tc_recorder_close(struct tc_recorder *recorder);

/* These run inside a transaction. After a failure nothing more may be recorded: ids that were
 * remembered may have been rolled back. */

/* `*out_stored` says whether the observation was new to the scan. */
TC_MUST_USE enum tc_status tc_record_observation(struct tc_recorder *recorder,
                                                 const struct tc_observation *observation,
                                                 bool *out_stored, struct tc_error *error);
TC_MUST_USE enum tc_status tc_record_target(struct tc_recorder *recorder, const char *file,
                                            struct tc_target *target, enum tc_registration *out,
                                            struct tc_error *error);
TC_MUST_USE enum tc_status tc_record_rejection(struct tc_recorder *recorder,
                                               const struct tc_rejection *rejection,
                                               struct tc_error *error);
/* Stores a chain's certificates and gives the ids that an observation refers to (0: none). */
struct tc_chain_ids {
    int64_t leaf_id;
    int64_t presented_chain_id;
    int64_t verified_chain_id;
    int64_t first_to_expire_id;
};
TC_MUST_USE enum tc_status tc_record_chain(struct tc_recorder *recorder,
                                           const struct tc_chain *chain, struct tc_chain_ids *out,
                                           struct tc_error *error);
/* Stores a feature set where it is new; `*out` is 0 where nothing was asked. */
TC_MUST_USE enum tc_status tc_record_features(struct tc_recorder *recorder,
                                              const struct tc_features *features, int64_t *out,
                                              struct tc_error *error);
TC_MUST_USE enum tc_status tc_record_other_chains(struct tc_recorder *recorder,
                                                  const struct tc_observation *observation,
                                                  int64_t observation_id, struct tc_error *error);

struct tc_binder;
/* Binds the twelve columns of a verdict, presented_depth to trusted_but_for_date. */
void tc_bind_verdict(struct tc_binder *binder, const struct tc_chain *chain);
/* The eight that other_chain has of it, verified_chain_id to chain_not_after_s. */
void tc_bind_other_verdict(struct tc_binder *binder, const struct tc_chain *chain,
                           const struct tc_chain_ids *ids);

/* ---- binding in order: the statements above take their parameters by position ---- */

struct tc_binder {
    sqlite3_stmt *statement;
    int next;
    int rc; /* the first failure */
};
struct tc_binder tc_binder_start(sqlite3_stmt *statement);
void tc_bind_int(struct tc_binder *binder, int64_t value);
void tc_bind_null(struct tc_binder *binder);
/* NULL where `value` is 0: ids, code points, sizes that are unknown. */
void tc_bind_id(struct tc_binder *binder, int64_t value);
/* NULL where it is unknown or below 0. */
void tc_bind_known(struct tc_binder *binder, int64_t value);
void tc_bind_tristate(struct tc_binder *binder, enum tc_tristate value);
/* Text and bytes are borrowed until the statement is reset. NULL binds NULL. */
void tc_bind_str(struct tc_binder *binder, const char *value);
void tc_bind_text(struct tc_binder *binder, const char *value, size_t len);
void tc_bind_bytes(struct tc_binder *binder, const void *value, size_t len);

/*
 * tc_binder_run runs a statement that gives no rows, or whose rows nobody wants, and makes it ready
 * for the next time. `doing` goes into the error: "storing findings". Errors: as of tc_db_fail().
 */
TC_MUST_USE enum tc_status tc_binder_run(struct tc_store *store, struct tc_binder *binder,
                                         const char *doing, struct tc_error *error);
/* Runs a statement that gives no rows, and resets it. */
TC_MUST_USE enum tc_status tc_recorder_run(struct tc_recorder *recorder, struct tc_binder *binder,
                                           struct tc_error *error);
/* The first column of its only row, 0 where it gives none; and resets it. */
TC_MUST_USE enum tc_status tc_recorder_find(struct tc_recorder *recorder, struct tc_binder *binder,
                                            int64_t *out, struct tc_error *error);

#endif
