/* What is otherwise than in the scan before, as the page shows it (html_changes.c). */
#ifndef REPORT_HTML_CHANGES_H
#define REPORT_HTML_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "diff_words.h"

#define HTML_MAX_CHANGED 25 /* targets that a part lists */

/* A target in one part: all that changed there. Texts live as long as the page. */
struct html_changed {
    const char *name;
    const char *link; /* of its details */
    const char *owner;
    const char *sentences[TC_DIFF_SENTENCES];
    int64_t num_sentences; /* told or not */
    int64_t worst;
    int64_t place; /* as in report_diff.sql */
};

struct html_changes {
    int64_t base_id;  /* 0: the scan was compared with none */
    const char *base; /* "scan 4 (2026-11-22 03:00 UTC)" */
    const char *note; /* what changed on this machine, or "" */
    int64_t targets[TC_DIFF_PARTS];
    int64_t all_targets; /* the sum of these */
    struct html_changed listed[TC_DIFF_PARTS][HTML_MAX_CHANGED];
    int64_t quiet;    /* changes for information, which are not listed */
    int64_t renewals; /* of them */
};

#endif
