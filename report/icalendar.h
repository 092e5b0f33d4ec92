/* What iCalendar asks of every line. */
#ifndef REPORT_ICALENDAR_H
#define REPORT_ICALENDAR_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"

/*
 * tc_icalendar_line appends a content line, folded: 75 octets at most without CRLF, cut between
 * characters. `line` is UTF-8.
 * Spec: RFC 5545 section 3.1.
 */
void tc_icalendar_line(struct tc_buf *out, const char *line, size_t len);

/*
 * tc_icalendar_trigger appends how long before the end of a certificate somebody is reminded: 14
 * days, or a third of its lifetime if that is less, in whole days or hours.
 * Units: `lifetime_s` in seconds; what is not above 0 is not known.
 * Spec:  RFC 5545 section 3.3.6.
 */
void tc_icalendar_trigger(struct tc_buf *out, int64_t lifetime_s);

#endif
