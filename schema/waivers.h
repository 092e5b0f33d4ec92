/* waivers.csv: findings that somebody accepted for a while, and why. */
#ifndef SCHEMA_WAIVERS_H
#define SCHEMA_WAIVERS_H

#include <stdint.h>

#include "rule_set.h"

#define TC_WAIVERS_MAX 100000

struct tc_waiver {
    char *rule;
    char *host; /* as the file has it, ASCII letters in lower case */
    char *reason;
    int64_t until_s; /* the last second of the day named, UTC */
};

/* In the order of the file. Owns its waivers. */
struct tc_waiver_list {
    struct tc_waiver *waivers;
    size_t num_waivers;
    size_t capacity;
};

/*
 * tc_waivers_read reads a file with the columns rule, host, until (YYYY-MM-DD) and reason, in any
 * order and named by the first row; other columns are left alone. Separated by comma, semicolon or
 * tab (RFC 4180 otherwise); empty lines and lines that begin with # are skipped.
 *
 * Ownership: the caller releases `*out` with tc_waivers_cleanup().
 * Errors:    TC_ERR_INPUT (`error` has file and line; a rule that `set` lacks is one),
 *            TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_waivers_read(struct tc_waiver_list *out, const char *path,
                                           const struct tc_rule_set *set, struct tc_error *error);
/* The same from memory; `path` is for messages. */
TC_MUST_USE enum tc_status tc_waivers_parse(struct tc_waiver_list *out, const char *path,
                                            const char *text, size_t len,
                                            const struct tc_rule_set *set, struct tc_error *error);
void tc_waivers_cleanup(struct tc_waiver_list *list);

#endif
