/* A change in words. */
#ifndef REPORT_DIFF_WORDS_H
#define REPORT_DIFF_WORDS_H

#include "tlscensus/buf.h"
#include "tlscensus/store.h"

/*
 * tc_diff_words appends what the current row of report_diff.sql says, on one line and without the
 * host. Text from the database is left as it is: it is escaped where it is drawn.
 */
void tc_diff_words(struct tc_buf *out, const struct tc_rows *rows);

/* A value as it stands in a sentence: cut between characters where it is long. */
void tc_diff_add_value(struct tc_buf *out, const char *value);

#endif
