/* The chain as a reader sees it: which certificates, in which role, and how we know of each. */
#ifndef REPORT_HTML_CHAIN_H
#define REPORT_HTML_CHAIN_H

#include "html_report.h"

#define HTML_MAX_BOXES 16

struct html_box {
    const char *role;  /* "Intermediate" */
    const char *state; /* "not sent, known from other hosts" */
    const char *tone;  /* of the state: "" or "bad" */
    const char *kind;  /* class of the box: "", " miss", " xtra" */
    const char *name;
    const char *key; /* "RSA 2048 · sha256WithRSAEncryption" */
    int64_t not_before_s;
    int64_t not_after_s;
};

/*
 * html_chain_boxes fills the boxes of a row's chain, leaf first: the verified path and what was
 * sent beside it, or what was sent and the issuer that is missing. Returns their number.
 */
size_t html_chain_boxes(struct html_report *report, const struct html_row *row,
                        struct html_box boxes[HTML_MAX_BOXES]);
/* The small picture in the table: the name of a symbol. Static. */
const char *html_chain_glyph(const struct html_row *row);
/* "complete", "self-signed", "wrong name", … and its tone, "" or "bad". Static or of the row. */
const char *html_chain_words(const struct html_row *row, const char **out_tone);
/* "2 presented, 3 on the verified path" */
const char *html_depth_words(struct html_arena *arena, const struct html_row *row);

#endif
