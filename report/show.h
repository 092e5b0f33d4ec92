/* The sections of `show`, one endpoint at a time. */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include "columns.h"
#include "terminal.h"

/* What a section is drawn from. `endpoint` stands on the row of report_show_endpoints.sql. */
struct tc_show {
    struct tc_store *store;
    int64_t scan_id;
    const struct tc_rows *endpoint;
    struct tc_error *error;
};

/* Each draws nothing where its facts are missing. */
TC_MUST_USE enum tc_status tc_show_chain(struct tc_terminal *term, const struct tc_show *show);
TC_MUST_USE enum tc_status tc_show_other_chains(struct tc_terminal *term,
                                                const struct tc_show *show);
TC_MUST_USE enum tc_status tc_show_timeline(struct tc_terminal *term, const struct tc_show *show);
TC_MUST_USE enum tc_status tc_show_survey(struct tc_terminal *term, const struct tc_show *show);
TC_MUST_USE enum tc_status tc_show_certificate(struct tc_terminal *term,
                                               const struct tc_show *show);
TC_MUST_USE enum tc_status tc_show_findings(struct tc_terminal *term, const struct tc_show *show);

/* What to look at when an endpoint ended with this outcome; "" where nothing needs a look. */
const char *tc_show_hint(const char *outcome);

#endif
