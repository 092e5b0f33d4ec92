/*
 * What one feature set says in a few flags: what is counted over a scan. A value that was not
 * measured is TC_UNKNOWN, and counts neither as good nor as bad.
 */
#ifndef REPORT_FEATURE_SET_H
#define REPORT_FEATURE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "tlscensus/store.h"
#include "tlscensus/tristate.h"

/* Oldest first, as report_sets.sql has them. */
enum tc_set_version {
    TC_SET_SSL2 = 0,
    TC_SET_SSL3,
    TC_SET_TLS1_0,
    TC_SET_TLS1_1,
    TC_SET_TLS1_2,
    TC_SET_TLS1_3,
    TC_SET_NUM_VERSIONS
};

enum tc_suite_quality {
    TC_SUITE_UNKNOWN = 0,
    TC_SUITE_RECOMMENDED,
    TC_SUITE_SUFFICIENT,
    TC_SUITE_WEAK,
    TC_SUITE_INSECURE,
    TC_SUITE_NUM_QUALITIES
};

struct tc_set_flags {
    int64_t id;
    int64_t endpoints; /* of the scan that have it */
    enum tc_tristate versions[TC_SET_NUM_VERSIONS];
    enum tc_tristate legacy;       /* TLS 1.1 or older is accepted; no needs all four refused */
    enum tc_tristate post_quantum; /* a hybrid or ML-KEM group is accepted */
    enum tc_suite_quality weakest; /* of the suites accepted; known only where all suites are */
    bool is_complete;              /* the survey was not cut short */
    bool is_confirmed;             /* an earlier survey's facts are repeated, by --incremental */
};
/* Reads a row of report_sets.sql. */
void tc_set_flags_read(struct tc_set_flags *out, const struct tc_rows *rows);

/* "TLS 1.3", "SSL 2.0" and its ProtocolVersion */
const char *tc_set_version_name(enum tc_set_version version);
int64_t tc_set_version_code(enum tc_set_version version);
/* "recommended", …; "not measured" */
const char *tc_suite_quality_name(enum tc_suite_quality quality);
/* TC_SUITE_UNKNOWN where it is none of them. */
enum tc_suite_quality tc_suite_quality_find(const char *name);

#endif
