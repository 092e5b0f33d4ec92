/* All rules of one run: the embedded ones, and a user's own that add to or replace them. */
#ifndef SCHEMA_RULE_SET_H
#define SCHEMA_RULE_SET_H

#include "rule_file.h"

#define TC_RULES_MAX 1000

/* Sorted by id, each id once. Owns its rules. */
struct tc_rule_set {
    struct tc_rule_file *rules;
    size_t num_rules;
    size_t capacity;
};

/*
 * tc_rule_set_load reads the embedded rules and, where `dir` is not NULL, every *.sql file of that
 * folder.
 *
 * Ownership: the caller releases `*out` with tc_rule_set_cleanup().
 * Errors:    TC_ERR_INPUT (a file, or a folder without one), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_rule_set_load(struct tc_rule_set *out, const char *dir,
                                            struct tc_error *error);
void tc_rule_set_cleanup(struct tc_rule_set *set);
/* The index of the rule with this id, or -1. */
int tc_rule_set_find(const struct tc_rule_set *set, const char *id);
/* The id that looks most like `word`, or NULL where none does. */
const char *tc_rule_set_nearest(const struct tc_rule_set *set, const char *word);

#endif
