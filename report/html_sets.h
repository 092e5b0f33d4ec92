/*
 * The feature sets of the scan on the page: flags for counting and filtering, read once, and what a
 * set holds, read where it is drawn. Like servers share a set, so there are few.
 */
#ifndef REPORT_HTML_SETS_H
#define REPORT_HTML_SETS_H

#include "accepts.h"
#include "html_report.h"

struct html_set {
    struct tc_set_flags flags;
    int64_t endpoints; /* of this page */
    int64_t number;    /* in the data block; -1 while it has none */
    const char *shown; /* the link of the detail that has it in full; NULL before that */
};

/* A label and what stands beside it. */
struct html_said {
    const char *name;
    const char *value;
};
#define HTML_MAX_SAID 24

/* Makes report->accepts hold a set; false after a failure. */
bool html_read_set(struct html_report *report, const struct html_set *set);
/* What report->accepts says of versions, of lists, and of traits not measured: each returns how
 * many. */
size_t html_said_versions(struct html_report *report, struct html_said out[HTML_MAX_SAID]);
size_t html_said_lists(struct html_report *report, struct html_said out[HTML_MAX_SAID]);
size_t html_said_unmeasured(struct html_report *report, struct html_said out[HTML_MAX_SAID]);
/* The certificates that an endpoint showed when it was asked differently. */
size_t html_said_others(struct html_report *report, const struct html_row *row,
                        struct html_said out[HTML_MAX_SAID]);
/* "crit", "med", "ok", "" */
const char *html_suite_tone(enum tc_suite_quality quality);
const char *html_trait_tone(const struct tc_accepted_trait *trait);
/* What a row of the data block calls its set by; the first that asks numbers it. */
int64_t html_set_number(struct html_report *report, const struct html_set *set);
/* Writes ,"says":[…],"sets":[…] of the data block, and numbers the sets. */
void html_write_sets(struct html_report *report, struct tc_output *output);

#endif
