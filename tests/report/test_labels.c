#include "test_support.h"

#include <string.h>

#include "report/columns.h"
#include "report/labels.h"

static struct name_case {
    const char *name;
    const char *label;
    const char *column;
} name_cases[] = {
    {"label: two words", "Organization name", "organization_name"},
    {"label: one word", "Owner", "owner"},
    {"label: a run of others is one _", "Domain  -- (type)", "domain_type_"},
    {"label: digits stay", "Floor 3b", "floor_3b"},
    {"label: letters with accents", "D\xc3\x89PARTEMENT", "d\xc3\xa9partement"},
    {"label: Greek", "\xce\xa3\xce\x97", "\xcf\x83\xce\xb7"},
    {"label: Cyrillic", "\xd0\x9e\xd0\x81", "\xd0\xbe\xd1\x91"},
    {"label: Latin beyond the first page", "\xc5\xa0\xc4\x8c", "\xc5\xa1\xc4\x8d"},
    {"label: no letter at all", "#!", "_"},
    {"label: empty", "", ""},
    {"label: a formula is no formula as a name", "=cmd", "_cmd"},
    {"label: quotes and line ends", "a\"b\nc", "a_b_c"},
    {"label: an override",
     "a\xe2\x80\xae"
     "b",
     "a_b"},
    {"label: not UTF-8",
     "a\xff"
     "b",
     "a_b"},
    {"label: punctuation beyond ASCII",
     "a\xe2\x80\x94"
     "b",
     "a_b"},
};

static void check_name(void **state)
{
    const struct name_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, 256);
    tc_label_name(&out, row->label);
    assert_string_equal(out.data != NULL ? out.data : "", row->column);
    tc_buf_cleanup(&out);
}

/* ---- values of lists ---- */

static struct list_case {
    const char *name;
    const char *list;
    size_t num_values;
    const char *last; /* unescaped */
} list_cases[] = {
    {"list: empty", "", 0, ""},
    {"list: one", "a", 1, "a"},
    {"list: three", "a b c", 3, "c"},
    {"list: a space inside a value", "a sp\\u0020ace", 2, "sp ace"},
    {"list: what only looks like an escape", "\\u005cu0020", 1, "\\u0020"},
    {"list: a cut escape", "a\\u002", 1, "a\\u002"},
    {"list: an empty value", "a ", 2, ""},
};

static void check_list(void **state)
{
    const struct list_case *row = *state;
    struct tc_list_walk walk;
    struct tc_buf value;
    size_t num_values = 0;
    tc_buf_init(&value, 256);
    tc_list_begin(&walk, row->list, strlen(row->list));
    while (tc_list_next(&walk)) {
        tc_buf_clear(&value);
        tc_list_unescape(&value, walk.value, walk.value_len);
        num_values++;
    }
    assert_int_equal(num_values, row->num_values);
    assert_string_equal(value.data != NULL ? value.data : "", row->last);
    tc_buf_cleanup(&value);
}

/* ---- numbers ---- */

static struct decimal_case {
    const char *name;
    double value;
    const char *text;
} decimal_cases[] = {
    {"decimal: whole", 12.0, "12"},
    {"decimal: three digits", 12.345, "12.345"},
    {"decimal: a fourth is rounded", 0.0006, "0.001"},
    {"decimal: trailing zeros go", 1.5, "1.5"},
    {"decimal: a zero in the middle stays", 1.05, "1.05"},
    {"decimal: below zero", -0.25, "-0.25"},
    {"decimal: nothing", 0.0, "0"},
    {"decimal: rounded to zero", 0.0001, "0"},
    {"decimal: not a number", 0.0 / 1.0 * (1e308 * 10.0) - (1e308 * 10.0), ""},
    {"decimal: too large to be ours", 1e300, ""},
};

static void check_decimal(void **state)
{
    const struct decimal_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, 64);
    tc_add_decimal(&out, row->value, '.');
    assert_string_equal(out.data != NULL ? out.data : "", row->text);
    tc_buf_cleanup(&out);
}

static void integers_reach_their_limits(void **state)
{
    (void)state;
    struct tc_buf out;
    tc_buf_init(&out, 256);
    tc_add_integer(&out, INT64_MIN);
    tc_buf_add_char(&out, ' ');
    tc_add_integer(&out, INT64_MAX);
    tc_buf_add_char(&out, ' ');
    tc_add_integer(&out, 0);
    tc_buf_add_char(&out, ' ');
    tc_add_integer(&out, -7);
    assert_string_equal(out.data, "-9223372036854775808 9223372036854775807 0 -7");
    tc_buf_cleanup(&out);
}

static void times_have_one_shape(void **state)
{
    (void)state;
    assert_true(tc_is_time("2026-11-24 03:15:00", 19));
    assert_false(tc_is_time("2026-11-24T03:15:00", 19));
    assert_false(tc_is_time("2026-11-24 03:15", 16));
    assert_false(tc_is_time("-4713-11-24 12:00:00", 20));
    assert_false(tc_is_time("=cmd()-dd dd:dd:dd", 18));
    assert_false(tc_is_time("", 0));
}

#define NUM_OTHERS 2
static struct CMUnitTest tests[TC_ARRAY_LEN(name_cases) + TC_ARRAY_LEN(list_cases) +
                               TC_ARRAY_LEN(decimal_cases) + NUM_OTHERS];

int main(void)
{
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++) {
        tests[num++] = (struct CMUnitTest){
            .name = name_cases[i].name, .test_func = check_name, .initial_state = &name_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(list_cases); i++) {
        tests[num++] = (struct CMUnitTest){
            .name = list_cases[i].name, .test_func = check_list, .initial_state = &list_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(decimal_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = decimal_cases[i].name,
                                           .test_func = check_decimal,
                                           .initial_state = &decimal_cases[i]};
    }
    tests[num++] = (struct CMUnitTest)cmocka_unit_test(integers_reach_their_limits);
    tests[num++] = (struct CMUnitTest)cmocka_unit_test(times_have_one_shape);
    return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
