#include "feature_set.h"

#include <string.h>

/* The columns of report_sets.sql, in its order. */
enum set_column {
    COL_ID,
    COL_ENDPOINTS,
    COL_FIRST_VERSION,
    COL_POST_QUANTUM = COL_FIRST_VERSION + TC_SET_NUM_VERSIONS,
    COL_IS_COMPLETE,
    COL_WEAKEST,
    COL_UNKNOWN_SUITES,
    COL_COMPLETE_LISTS,
    COL_IS_CONFIRMED
};

static const struct {
    const char *name;
    int64_t code;
} k_versions[TC_SET_NUM_VERSIONS] = {
    [TC_SET_SSL2] = {"SSL 2.0", 0x0002},   [TC_SET_SSL3] = {"SSL 3.0", 0x0300},
    [TC_SET_TLS1_0] = {"TLS 1.0", 0x0301}, [TC_SET_TLS1_1] = {"TLS 1.1", 0x0302},
    [TC_SET_TLS1_2] = {"TLS 1.2", 0x0303}, [TC_SET_TLS1_3] = {"TLS 1.3", 0x0304},
};

static const char *const k_qualities[TC_SUITE_NUM_QUALITIES] = {"not measured", "recommended",
                                                                "sufficient", "weak", "insecure"};

const char *tc_set_version_name(enum tc_set_version version)
{
    return k_versions[version].name;
}

int64_t tc_set_version_code(enum tc_set_version version)
{
    return k_versions[version].code;
}

const char *tc_suite_quality_name(enum tc_suite_quality quality)
{
    return k_qualities[quality];
}

enum tc_suite_quality tc_suite_quality_find(const char *name)
{
    for (unsigned i = TC_SUITE_RECOMMENDED; i < TC_SUITE_NUM_QUALITIES; i++) {
        if (strcmp(k_qualities[i], name) == 0) {
            return (enum tc_suite_quality)i;
        }
    }
    return TC_SUITE_UNKNOWN;
}

static enum tc_tristate read_tristate(const struct tc_rows *rows, int column)
{
    return tc_rows_is_null(rows, column)    ? TC_UNKNOWN
           : tc_rows_int(rows, column) != 0 ? TC_YES
                                            : TC_NO;
}

static enum tc_tristate any_legacy(const struct tc_set_flags *flags)
{
    enum tc_tristate legacy = TC_NO;
    for (unsigned i = TC_SET_SSL2; i <= TC_SET_TLS1_1; i++) {
        if (flags->versions[i] == TC_YES) {
            return TC_YES;
        }
        legacy = flags->versions[i] == TC_UNKNOWN ? TC_UNKNOWN : legacy;
    }
    return legacy;
}

/* An insecure suite is the worst there is; any other may hide behind one that was not asked. */
static enum tc_suite_quality read_weakest(const struct tc_set_flags *flags,
                                          const struct tc_rows *rows)
{
    int64_t weakest = tc_rows_int(rows, COL_WEAKEST);
    int64_t open_lists = -tc_rows_int(rows, COL_COMPLETE_LISTS);
    for (unsigned i = 0; i < TC_SET_NUM_VERSIONS; i++) {
        if (flags->versions[i] != TC_NO) {
            open_lists += flags->versions[i] == TC_YES ? 1 : TC_SET_NUM_VERSIONS;
        }
    }
    if (flags->versions[TC_SET_SSL2] == TC_YES) {
        return TC_SUITE_INSECURE; /* all that it has is */
    }
    if (weakest < TC_SUITE_RECOMMENDED || weakest > TC_SUITE_INSECURE ||
        (weakest < TC_SUITE_INSECURE &&
         (open_lists > 0 || tc_rows_int(rows, COL_UNKNOWN_SUITES) > 0))) {
        return TC_SUITE_UNKNOWN;
    }
    return (enum tc_suite_quality)weakest;
}

void tc_set_flags_read(struct tc_set_flags *out, const struct tc_rows *rows)
{
    *out = (struct tc_set_flags){
        .id = tc_rows_int(rows, COL_ID),
        .endpoints = tc_rows_int(rows, COL_ENDPOINTS),
        .post_quantum = read_tristate(rows, COL_POST_QUANTUM),
        .is_complete = tc_rows_int(rows, COL_IS_COMPLETE) != 0,
        .is_confirmed = tc_rows_int(rows, COL_IS_CONFIRMED) != 0,
    };
    for (int i = 0; i < TC_SET_NUM_VERSIONS; i++) {
        out->versions[i] = read_tristate(rows, COL_FIRST_VERSION + i);
    }
    out->legacy = any_legacy(out);
    out->weakest = read_weakest(out, rows);
}
