/*
 * Running rules: one SELECT each, under an authorizer that allows reading only and with a bound on
 * the work, whoever wrote it.
 */
#ifndef SCHEMA_RULE_RUN_H
#define SCHEMA_RULE_RUN_H

#include <sqlite3.h>

#include "database.h"
#include "rule_set.h"

/*
 * Guards the connection while rules run. One at a time; the caller's own statements must be
 * prepared after tc_rule_guard_start, which makes SQLite compile anew what was prepared before.
 */
struct tc_rule_guard {
    struct tc_store *store;
    bool armed;       /* a rule is compiled or stepped now, not a statement of ours */
    int64_t ops_left; /* calls of the progress handler that the running rule has left */
    bool out_of_ops;
    bool reads_survey;    /* the rule that was compiled last asks what a survey found */
    int denied;           /* the authorizer's action code that was refused last, 0: none */
    char denied_name[64]; /* what it was about: a function, a table */
};

void tc_rule_guard_start(struct tc_rule_guard *guard, struct tc_store *store);
void tc_rule_guard_stop(struct tc_rule_guard *guard);

/* What a rule gives for one row; its text is borrowed for the call. */
struct tc_rule_row {
    int64_t observation_id;
    unsigned severity;
    const char *detail; /* NULL for none */
    size_t detail_len;
};
typedef enum tc_status (*tc_rule_sink)(void *context, const struct tc_rule_row *row,
                                       struct tc_error *error);

struct tc_rule_input {
    int64_t scan_id;
    int64_t as_of_s;
    int64_t num_observations; /* of the scan: the bound on a rule's work grows with it */
};

/*
 * tc_rule_run compiles and runs one rule and hands every row to `sink`.
 *
 * Errors: TC_ERR_INPUT (the rule; `error` has its file and line), what `sink` fails with,
 *         TC_ERR_NOMEM, TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status tc_rule_run(struct tc_rule_guard *guard, const struct tc_rule_file *rule,
                                       const struct tc_rule_input *input, tc_rule_sink sink,
                                       void *context, struct tc_error *error);

#endif
