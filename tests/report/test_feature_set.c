/* What is counted of a feature set: what was not measured is neither good nor bad. */
#include "test_support.h"

#include "report/feature_set.h"
#include "survey_fixture.h"
#include "tlscensus/sql.h"
#include "tlscensus/status.h"

#define OLD_REFUSED                                                                                \
    FEATURE_VERSION(2, 0) FEATURE_VERSION(768, 0) FEATURE_VERSION(769, 0) FEATURE_VERSION(770, 0)
#define ONLY_12 OLD_REFUSED FEATURE_VERSION(771, 1) FEATURE_VERSION(772, 0)
#define ALL_12  FEATURE_TRAIT(771, 41, 1)

static struct survey_fixture fixture;

static struct flags_case {
    const char *name;
    const char *features;
    enum tc_tristate legacy;
    enum tc_tristate post_quantum;
    enum tc_suite_quality weakest;
    bool is_complete;
    bool is_confirmed;
} flags_cases[] = {
    {"flags: nothing is known of an empty set", "", TC_UNKNOWN, TC_UNKNOWN, TC_SUITE_UNKNOWN, false,
     false},
    {"legacy: all four are refused", OLD_REFUSED, TC_NO, TC_UNKNOWN, TC_SUITE_UNKNOWN, false,
     false},
    {"legacy: one that was not measured leaves it open",
     FEATURE_VERSION(2, NULL) FEATURE_VERSION(768, 0) FEATURE_VERSION(769, 0)
         FEATURE_VERSION(770, 0),
     TC_UNKNOWN, TC_UNKNOWN, TC_SUITE_UNKNOWN, false, false},
    {"legacy: one without a row leaves it open",
     FEATURE_VERSION(768, 0) FEATURE_VERSION(769, 0) FEATURE_VERSION(770, 0), TC_UNKNOWN,
     TC_UNKNOWN, TC_SUITE_UNKNOWN, false, false},
    {"legacy: one that is accepted settles it",
     FEATURE_VERSION(2, NULL) FEATURE_VERSION(769, NULL) FEATURE_VERSION(770, 1), TC_YES,
     TC_UNKNOWN, TC_SUITE_UNKNOWN, false, false},
    {"legacy: TLS 1.2 is not old", ONLY_12, TC_NO, TC_UNKNOWN, TC_SUITE_UNKNOWN, false, false},
    {"hybrid: accepted", FEATURE_TRAIT(0, 46, 1), TC_UNKNOWN, TC_YES, TC_SUITE_UNKNOWN, false,
     false},
    {"hybrid: not accepted", FEATURE_TRAIT(0, 46, 0), TC_UNKNOWN, TC_NO, TC_SUITE_UNKNOWN, false,
     false},
    {"hybrid: asked and not answered is not no", FEATURE_TRAIT(0, 46, NULL), TC_UNKNOWN, TC_UNKNOWN,
     TC_SUITE_UNKNOWN, false, false},
    {"suites: the list is complete", ONLY_12 ALL_12 FEATURE_SUITE(771, 0xC02F, 1), TC_NO,
     TC_UNKNOWN, TC_SUITE_RECOMMENDED, false, false},
    {"suites: the weakest counts, not the first",
     ONLY_12 ALL_12 FEATURE_SUITE(771, 0xC02F, 1) FEATURE_SUITE(771, 0x002F, 2), TC_NO, TC_UNKNOWN,
     TC_SUITE_WEAK, false, false},
    {"suites: a list that was cut short may hide a weaker one",
     ONLY_12 FEATURE_TRAIT(771, 41, NULL) FEATURE_SUITE(771, 0xC02F, 1), TC_NO, TC_UNKNOWN,
     TC_SUITE_UNKNOWN, false, false},
    {"suites: so may a version that was not measured",
     FEATURE_VERSION(771, 1) FEATURE_VERSION(769, NULL) ALL_12 FEATURE_SUITE(771, 0xC02F, 1),
     TC_UNKNOWN, TC_UNKNOWN, TC_SUITE_UNKNOWN, false, false},
    {"suites: one that the registry lacks is not judged",
     ONLY_12 ALL_12 FEATURE_SUITE(771, 0xC02F, 1) FEATURE_SUITE(771, 0xFA17, 2), TC_NO, TC_UNKNOWN,
     TC_SUITE_UNKNOWN, false, false},
    {"suites: nothing is worse than an insecure one, so the rest need not be known",
     FEATURE_VERSION(771, 1) FEATURE_SUITE(771, 0x0005, NULL), TC_UNKNOWN, TC_UNKNOWN,
     TC_SUITE_INSECURE, false, false},
    {"suites: SSL 2.0 has no other", FEATURE_VERSION(2, 1), TC_YES, TC_UNKNOWN, TC_SUITE_INSECURE,
     false, false},
    {"survey: complete", FEATURE_TRAIT(0, 45, 1), TC_UNKNOWN, TC_UNKNOWN, TC_SUITE_UNKNOWN, true,
     false},
    {"survey: an earlier one is confirmed",
     "('trait',0,45,1,NULL,NULL,'confirmed by a few questions'),", TC_UNKNOWN, TC_UNKNOWN,
     TC_SUITE_UNKNOWN, true, true},
    {"survey: why it was cut short confirms nothing",
     "('trait',0,45,0,NULL,NULL,'the server stopped answering'),", TC_UNKNOWN, TC_UNKNOWN,
     TC_SUITE_UNKNOWN, false, false},
    {"survey: cut short", FEATURE_TRAIT(0, 45, 0), TC_UNKNOWN, TC_UNKNOWN, TC_SUITE_UNKNOWN, false,
     false},
};

static int setup(void **state)
{
    (void)state;
    survey_fixture_init(&fixture);
    for (size_t i = 0; i < TC_ARRAY_LEN(flags_cases); i++) {
        survey_fixture_add(&fixture, (int)i + 1, (int)i + 3, flags_cases[i].features);
    }
    survey_fixture_open(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    survey_fixture_cleanup(&fixture);
    return 0;
}

static void check_flags(void **state)
{
    const struct flags_case *row = *state;
    int64_t number = (row - flags_cases) + 1;
    struct tc_set_flags flags;
    struct tc_rows *rows = NULL;
    struct tc_error error = {{0}};
    assert_int_equal(tc_rows_open(&rows, fixture.store, tc_sql_report_sets, &error), TC_OK);
    tc_rows_bind_int(rows, ":scan_id", number);
    assert_int_equal(tc_rows_next(rows, &error), TC_OK);
    tc_set_flags_read(&flags, rows);
    assert_int_equal(tc_rows_next(rows, &error), TC_ERR_END);
    tc_rows_close(rows);
    assert_int_equal(flags.id, number);
    assert_int_equal(flags.endpoints, number + 2);
    assert_int_equal(flags.legacy, row->legacy);
    assert_int_equal(flags.post_quantum, row->post_quantum);
    assert_int_equal(flags.weakest, row->weakest);
    assert_int_equal(flags.is_complete, row->is_complete);
    assert_int_equal(flags.is_confirmed, row->is_confirmed);
}

static struct quality_case {
    const char *name;
    const char *text;
    enum tc_suite_quality quality;
} quality_cases[] = {
    {"quality: the best", "recommended", TC_SUITE_RECOMMENDED},
    {"quality: the worst", "insecure", TC_SUITE_INSECURE},
    {"quality: none", "", TC_SUITE_UNKNOWN},
    {"quality: a word that is none of them", "strong", TC_SUITE_UNKNOWN},
    {"quality: what stands for none is none", "not measured", TC_SUITE_UNKNOWN},
    {"quality: case counts", "Weak", TC_SUITE_UNKNOWN},
};

static void check_quality(void **state)
{
    const struct quality_case *row = *state;
    assert_int_equal(tc_suite_quality_find(row->text), row->quality);
    if (row->quality != TC_SUITE_UNKNOWN) {
        assert_string_equal(tc_suite_quality_name(row->quality), row->text);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(flags_cases) + TC_ARRAY_LEN(quality_cases)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(flags_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = flags_cases[i].name,
                                           .test_func = check_flags,
                                           .initial_state = &flags_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(quality_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = quality_cases[i].name,
                                           .test_func = check_quality,
                                           .initial_state = &quality_cases[i]};
    }
    return cmocka_run_group_tests_name("feature_set", tests, setup, teardown);
}
