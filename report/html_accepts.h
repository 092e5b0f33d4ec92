/* Block "Accepts" of a detail. */
#ifndef REPORT_HTML_ACCEPTS_H
#define REPORT_HTML_ACCEPTS_H

#include "html_report.h"

struct html_accepts {
    struct html_report *report;
    const struct html_row *row;
    const char *link; /* of the detail */
};
/*
 * Nothing where no survey was made. The first detail with a set has it in full, later ones say
 * whose it is: sets are long, and like servers share them. The context is a struct html_accepts.
 */
void html_part_accepts(struct html_writer *writer, const void *context);

#endif
