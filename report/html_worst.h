/* The worst of many rows, in bounded memory: what is milder than all that are kept is dropped. */
#ifndef REPORT_HTML_WORST_H
#define REPORT_HTML_WORST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

/* Enough of a row to sort it and to find it again: highest score first, then what ends first. */
struct html_top {
    uint64_t score;
    int64_t not_after_s;
    char *endpoint; /* owned; NULL where the order needs no name */
    int64_t target_id;
    int64_t observation_id;
};

/* Zero state: {.max = how many are kept}. */
struct html_worst {
    size_t max;
    struct html_top *items;
    size_t num;
    size_t capacity;
    struct html_top bar; /* the mildest of the last cut, without its endpoint */
    bool has_bar;
};

void html_worst_cleanup(struct html_worst *worst);
/* Adds a row, of which `endpoint` (NULL for none) is copied. Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status html_worst_add(struct html_worst *worst, const struct html_top *row,
                                          const char *endpoint);
/* Sorts what was added, worst first, and drops what is past the maximum. */
void html_worst_cut(struct html_worst *worst);

#endif
