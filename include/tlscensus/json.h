/* Text for whoever writes JSON: reports and log lines alike. */
#ifndef TLSCENSUS_JSON_H
#define TLSCENSUS_JSON_H

#include <stddef.h>

#include "tlscensus/buf.h"

/*
 * tc_escape_json appends one JSON string with its quotes. Its value is exact; bytes that are not
 * UTF-8 become U+FFFD. What could hurt a terminal or a script is written as \uXXXX.
 * Spec: RFC 8259 section 7.
 */
void tc_escape_json(struct tc_buf *out, const char *text, size_t len);

#endif
