/* Changes in words, for mail and page: the parts they are grouped by, and a sentence of each. */
#ifndef REPORT_DIFF_WORDS_H
#define REPORT_DIFF_WORDS_H

#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/store.h"

/* The parts of report_diff.sql, in its order. */
enum { TC_DIFF_PROBLEM = 0, TC_DIFF_LOST, TC_DIFF_CHANGED, TC_DIFF_FIXED, TC_DIFF_PARTS };
#define TC_DIFF_SENTENCES 6 /* that one target has in a part: what else changed is counted */

/* "New problems" */
const char *tc_diff_heading(int64_t part);
/* What follows the number of a part's targets: "with new problems" */
const char *tc_diff_counted(int64_t part);

/*
 * tc_diff_words appends what the current row of report_diff.sql says, on one line and without the
 * host. Text from the database is left as it is: it is escaped where it is drawn.
 */
void tc_diff_words(struct tc_buf *out, const struct tc_rows *rows);

/*
 * tc_diff_trust_words appends that other roots were trusted than before, from a row of
 * report_diff_scans.sql: news of this machine, not of the servers. Nothing where it is none.
 */
void tc_diff_trust_words(struct tc_buf *out, const struct tc_rows *rows);

/* A value as it stands in a sentence: cut between characters where it is long. */
void tc_diff_add_value(struct tc_buf *out, const char *value);

#endif
