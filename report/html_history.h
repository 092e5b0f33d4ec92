/* What was seen of an endpoint before, in words. */
#ifndef REPORT_HTML_HISTORY_H
#define REPORT_HTML_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct html_report;

struct html_history {
    int64_t observation_id;
    const char *words; /* live as long as the page */
};

/* Reads, in one query, what is known of the `num` worst rows. */
void html_load_histories(struct html_report *report, size_t num);
/* The line for an observation; NULL where nothing else was seen of its endpoint. */
const char *html_find_history(const struct html_report *report, int64_t observation_id);

#endif
