/*
 * Text from strangers, made harmless for one destination each. Facts are stored as they were met;
 * this is the only place where they change shape.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/json.h" /* tc_escape_json() */

#define TC_UTF8_INVALID UINT32_MAX

/* Excel refuses cells of more than 32,767 characters; the rest of one is said as a number. */
#define TC_CSV_CELL_MAX 32000U

/*
 * tc_utf8_next decodes the first character of `text`, which has at least one byte, and returns how
 * many bytes it took. A byte that is not UTF-8 gives TC_UTF8_INVALID and takes one.
 * Spec: RFC 3629 section 4 (no surrogates, no overlong forms).
 */
size_t tc_utf8_next(uint32_t *out_code, const char *text, size_t len);
/* tc_utf8_add appends one character; TC_UTF8_INVALID becomes U+FFFD. */
void tc_utf8_add(struct tc_buf *out, uint32_t code);

/* Control characters and those that reorder or hide text: shown, never sent to a reader's eyes. */
bool tc_is_deceptive(uint32_t code);

/*
 * tc_escape_csv_text appends one quoted CSV field: quotes doubled, control characters as spaces,
 * cut at TC_CSV_CELL_MAX characters (as Excel counts: UTF-16 units) with ` …(+N more)`.
 * With `formula_guard` a text that a spreadsheet would compute gets a leading apostrophe.
 * Spec: RFC 4180 section 2; CWE-1236.
 */
void tc_escape_csv_text(struct tc_buf *out, const char *text, size_t len, bool formula_guard);
/* The same for values separated by one space: cut between values, N counts values. */
void tc_escape_csv_list(struct tc_buf *out, const char *text, size_t len, bool formula_guard);

/*
 * tc_escape_prometheus appends what stands between the quotes of a label's value: `\`, `"` and line
 * ends escaped. Characters that hide or reorder text are spelt, as \u{202E}.
 * Source: Prometheus text format 0.0.4.
 */
void tc_escape_prometheus(struct tc_buf *out, const char *text, size_t len);
/*
 * tc_escape_icalendar appends a value of type TEXT: `\`, `;`, `,` and line ends escaped, hidden
 * characters spelt; a tab is one too. Folding is its writer's.
 * Spec: RFC 5545 section 3.3.11.
 */
void tc_escape_icalendar(struct tc_buf *out, const char *text, size_t len);

/*
 * tc_escape_terminal appends text for a terminal: control, bidirectional and invisible characters
 * as \u{202E}, and without `utf8` everything beyond ASCII too.
 */
void tc_escape_terminal(struct tc_buf *out, const char *text, size_t len, bool utf8);

/* Columns that escaped text takes on a terminal. */
size_t tc_terminal_width(const char *text, size_t len);

#endif
