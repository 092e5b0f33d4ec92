/* Block "Accepts" of a detail. */
#ifndef REPORT_HTML_ACCEPTS_H
#define REPORT_HTML_ACCEPTS_H

#include "html_report.h"

struct html_accepts {
    struct html_report *report;
    const struct html_row *row;
};
/* Nothing where no survey was made. The context is a struct html_accepts. */
void html_part_accepts(struct html_writer *writer, const void *context);

#endif
