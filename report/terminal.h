/*
 * Drawing for a terminal: styles, cutting, wrapping, pairs of facts. What is drawn goes into a
 * buffer, so that a section can be compared with an earlier one before it is shown.
 */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/report.h"

/* Colour never stands alone: a symbol or a word says the same. */
enum tc_style {
    TC_STYLE_PLAIN = 0,
    TC_STYLE_BOLD,
    TC_STYLE_DIM,
    TC_STYLE_GOOD,
    TC_STYLE_INFO,
    TC_STYLE_LOW,
    TC_STYLE_MEDIUM,
    TC_STYLE_HIGH,
    TC_STYLE_CRITICAL
};

struct tc_terminal {
    struct tc_buf *out;
    bool color;
    bool utf8;
    bool never_cut; /* piped: a line may be as long as it wants */
    size_t width;
    size_t column; /* where the next character goes, from 0 */
};

/* `out` is borrowed. */
void tc_term_init(struct tc_terminal *term, struct tc_buf *out,
                  const struct tc_terminal_options *options);
/* The same terminal, drawing into another buffer. */
struct tc_terminal tc_term_into(const struct tc_terminal *term, struct tc_buf *out);

/* Text from anywhere: escaped. */
void tc_term_text(struct tc_terminal *term, enum tc_style style, const char *text);
void tc_term_printf(struct tc_terminal *term, enum tc_style style, const char *format, ...)
    TC_PRINTF(3, 4);
/* One of our own symbols, in UTF-8 or ASCII. */
void tc_term_symbol(struct tc_terminal *term, enum tc_style style, const char *utf8,
                    const char *ascii);
/* Spaces up to `column`; one at least, unless the line is empty. */
void tc_term_pad(struct tc_terminal *term, size_t column);
void tc_term_newline(struct tc_terminal *term);
/* A section's heading on its own line, after an empty one. */
void tc_term_heading(struct tc_terminal *term, const char *text);

/* Text of at most `max_width` columns; what is too long loses its middle. */
void tc_term_cut(struct tc_terminal *term, enum tc_style style, const char *text, size_t max_width);
/* `host:port` (`[v6]:port`): the host is cut, never the port; port 0 is not shown. */
void tc_term_host(struct tc_terminal *term, enum tc_style style, const char *host, unsigned port,
                  size_t max_width);
/* Text that goes on in the next lines from column `indent`, broken at spaces and commas. */
void tc_term_wrap(struct tc_terminal *term, enum tc_style style, size_t indent, const char *text);
/*
 * An item of a list that stays whole: `separator` at the end of this line, the item after a space
 * or in the next line from `indent`.
 */
void tc_term_item(struct tc_terminal *term, enum tc_style style, size_t indent,
                  const char *separator, const char *text);
/* Columns that `text` takes once escaped. */
size_t tc_term_width(const struct tc_terminal *term, const char *text);

/* `label   value`, two to a line where both fit; tc_term_facts_end ends an odd line. */
void tc_term_fact(struct tc_terminal *term, const char *label, const char *value);
/* The same, on a line of its own. */
void tc_term_fact_line(struct tc_terminal *term, enum tc_style style, const char *label,
                       const char *value);
/* The label alone; the value is drawn by the caller, who ends the line. */
void tc_term_fact_begin(struct tc_terminal *term, const char *label);
void tc_term_facts_end(struct tc_terminal *term);

/* "critical" … "info" */
enum tc_style tc_term_severity_style(unsigned severity);
void tc_term_severity(struct tc_terminal *term, unsigned severity);
/* The style of an expiry: as on the page and in the rules, by what is left of the lifetime. */
enum tc_style tc_term_expiry_style(int64_t life_s, int64_t left_s);
/* "12 d left", "expired 3 d ago"; in the next line from `indent` where this one is full. */
void tc_term_days(struct tc_terminal *term, enum tc_style style, size_t indent, int64_t days_left);

#endif
