/*
 * One rule file: a header of `-- key: value` lines, then one SELECT.
 *
 * A header line that begins with three or more spaces after its `--` continues the value above it.
 * The header ends at a bare `--`, an empty line, or the first line that is no comment; comments
 * about the SQL may follow.
 */
#ifndef SCHEMA_RULE_FILE_H
#define SCHEMA_RULE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "tlscensus/status.h"

#define TC_RULE_SEVERITIES     5
#define TC_RULE_FILE_BYTES_MAX 262144
#define TC_RULE_ID_MAX         64 /* bytes, without a NUL */

/* Owns all its text. */
struct tc_rule_file {
    char *id;
    char *title;
    char *why;
    char *remedy;
    char *source;
    char *path; /* for messages: the file, or `rule cert-expired` for one of ours */
    char *sql;  /* what follows the header, NUL-ended */
    unsigned severity;
    unsigned sql_line; /* line of the file that `sql` begins with, from 1 */
    char cap[3];       /* the header's own cap, "" where there is none */
    bool is_trust;
    bool is_builtin;
};

/*
 * tc_rule_file_parse reads one file. `id` is what the file's name says; the header must agree.
 *
 * Ownership: the caller releases `*out` with tc_rule_file_cleanup().
 * Errors:    TC_ERR_INPUT (`error` has path and line), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_rule_file_parse(struct tc_rule_file *out, const char *path,
                                              const char *id, const char *text, size_t len,
                                              struct tc_error *error);
void tc_rule_file_cleanup(struct tc_rule_file *rule);

/*
 * tc_rule_cap is the grade that a finding of this severity caps at: the header's own cap, else
 * critical F, high C, medium B, low A-, info none. A trust rule never caps.
 * NULL where there is no cap.
 */
const char *tc_rule_cap(const struct tc_rule_file *rule, unsigned severity);

#endif
