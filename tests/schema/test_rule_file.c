#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "schema/rule_file.h"
#include "tlscensus/store.h"

#define HEAD                                                                                       \
    "-- id: my-rule\n-- severity: low\n-- title: A title\n-- why: Why so\n-- remedy: Do this\n"    \
    "-- source: RFC 1 section 2\n"
#define SELECT "SELECT 1 AS observation_id, 'x' AS detail"

static struct header_case {
    const char *name;
    const char *text;
    const char *error; /* NULL: it is read */
} header_cases[] = {
    {"header: all that is needed", HEAD SELECT, NULL},
    {"header: line ends of another system",
     "-- id: my-rule\r\n-- severity: low\r\n-- title: T\r\n-- why: W\r\n-- remedy: R\r\n-- source: "
     "S\r\n\r\n" SELECT,
     NULL},
    {"header: a byte order mark", "\xef\xbb\xbf" HEAD SELECT, NULL},
    {"header: spaces do not matter",
     "--id:my-rule\n--  severity :  low  \n-- title: T\n-- why: W\n-- remedy: R\n-- source: S\n",
     NULL},
    {"header: a cap", HEAD "-- cap: B\n" SELECT, NULL},
    {"header: a verdict", HEAD "-- verdict: trust\n" SELECT, NULL},
    {"header: comments after a bare line", HEAD "--\n-- just: a comment\n" SELECT, NULL},
    {"header: comments after an empty line", HEAD "\n-- just: a comment\n" SELECT, NULL},
    {"header: a file without anything", "", "f.sql:1: the header has no id"},
    {"header: SQL only", SELECT, "f.sql:1: the header has no id"},
    {"header: no severity", "-- id: my-rule\n-- title: T\n" SELECT,
     "f.sql:1: the header has no severity"},
    {"header: no title", "-- id: my-rule\n-- severity: low\n" SELECT,
     "f.sql:1: the header has no title"},
    {"header: no why",
     "-- id: my-rule\n-- severity: low\n-- title: T\n-- remedy: R\n-- source: S\n",
     "f.sql:1: the header has no why"},
    {"header: no remedy",
     "-- id: my-rule\n-- severity: low\n-- title: T\n-- why: W\n-- source: S\n",
     "f.sql:1: the header has no remedy"},
    {"header: no source",
     "-- id: my-rule\n-- severity: low\n-- title: T\n-- why: W\n-- remedy: R\n",
     "f.sql:1: the header has no source"},
    {"header: a key after the header ended is none",
     "-- id: my-rule\n-- severity: low\n--\n-- title: T\n" SELECT,
     "f.sql:1: the header has no title"},
    {"header: an empty value",
     "-- id: my-rule\n-- severity: low\n-- title:\n-- why: W\n-- remedy: R\n-- source: S\n",
     "f.sql:3: title is empty"},
    {"header: an unknown key", HEAD "-- sverity: low\n" SELECT,
     "f.sql:7: unknown key `sverity`: the keys are id, severity, title, why, remedy, source, cap "
     "and verdict"},
    {"header: a key in capitals", "-- ID: my-rule\n" SELECT,
     "f.sql:1: unknown key `ID`: the keys are id, severity, title, why, remedy, source, cap and "
     "verdict"},
    {"header: a key twice", HEAD "-- title: Again\n" SELECT,
     "f.sql:7: title was given on line 3 already"},
    {"header: no colon", HEAD "-- a remark\n" SELECT,
     "f.sql:7: not `-- key: value`; end the header with a line of only --"},
    {"header: a continuation of nothing", "--    more\n" HEAD SELECT,
     "f.sql:1: continues a value, but there is none above it"},
    {"severity: a number",
     "-- id: my-rule\n-- severity: 3\n-- title: T\n-- why: W\n-- remedy: R\n"
     "-- source: S\n",
     "f.sql:2: severity `3`: write info, low, medium, high or critical"},
    {"severity: another word",
     "-- id: my-rule\n-- severity: High\n-- title: T\n-- why: W\n-- remedy: R\n-- source: S\n",
     "f.sql:2: severity `High`: write info, low, medium, high or critical"},
    {"cap: a grade that is none", HEAD "-- cap: D\n" SELECT,
     "f.sql:7: cap `D`: write A-, B, C or F"},
    {"cap: T is no cap", HEAD "-- cap: T\n" SELECT, "f.sql:7: cap `T`: write A-, B, C or F"},
    {"cap: not with a verdict", HEAD "-- verdict: trust\n-- cap: F\n" SELECT,
     "f.sql:8: a trust rule makes the verdict and has no cap"},
    {"verdict: another word", HEAD "-- verdict: name\n" SELECT,
     "f.sql:7: verdict `name`: only trust is one"},
    {"id: not the file's name",
     "-- id: other\n-- severity: low\n-- title: T\n-- why: W\n-- remedy: R\n-- source: S\n",
     "f.sql:1: id `other` needs a file of that name: other.sql"},
    {"id: capitals",
     "-- id: My-Rule\n-- severity: low\n-- title: T\n-- why: W\n-- remedy: R\n-- source: S\n",
     "f.sql:1: id `My-Rule`: at most 64 small letters, digits and hyphens, a letter first"},
    {"id: a hyphen at the end",
     "-- id: my-\n-- severity: low\n-- title: T\n-- why: W\n-- remedy: R\n-- source: S\n",
     "f.sql:1: id `my-`: at most 64 small letters, digits and hyphens, a letter first"},
    {"id: a path",
     "-- id: ../x\n-- severity: low\n-- title: T\n-- why: W\n-- remedy: R\n"
     "-- source: S\n",
     "f.sql:1: id `../x`: at most 64 small letters, digits and hyphens, a letter first"},
    {"text: not UTF-8", "-- id: my-rule\n-- severity: low\n-- title: caf\xe9\n",
     "f.sql:3: not UTF-8 text"},
    {"text: a surrogate", "-- id: my\xed\xa0\x80\n", "f.sql:1: not UTF-8 text"},
    {"text: longer than it need be", "-- id: my\xc0\xaf\n", "f.sql:1: not UTF-8 text"},
    {"text: cut inside a character", "-- id: my\xe2\x82", "f.sql:1: not UTF-8 text"},
    {"text: an escape character", HEAD "-- cap: \x1b[1mB\n", "f.sql:7: a control character (0x1b)"},
};

static void check_header(void **state)
{
    const struct header_case *row = *state;
    struct tc_rule_file rule = {0};
    struct tc_error error = {0};
    enum tc_status status =
        tc_rule_file_parse(&rule, "f.sql", "my-rule", row->text, strlen(row->text), &error);
    if (row->error == NULL) {
        assert_int_equal(status, TC_OK);
        assert_string_equal(rule.id, "my-rule");
        assert_int_equal(rule.severity, 1);
        tc_rule_file_cleanup(&rule);
    } else {
        assert_int_equal(status, TC_ERR_INPUT);
        assert_string_equal(error.text, row->error);
        assert_null(rule.id);
    }
}

static void values_are_whole(void **state)
{
    (void)state;
    static const char text[] = "-- id: my-rule\n-- severity: critical\n-- title: A: colon, and -- "
                               "dashes\n-- why: First\n--    second\n--\tthird\n";
    static const char good[] = "-- id: my-rule\n-- severity: critical\n-- title: A: colon, and -- "
                               "dashes\n-- why: First\n--    second,\n--      third.\n-- remedy: "
                               "Größe\n-- source: S\n--\n-- about: the SQL\nSELECT 1";
    struct tc_rule_file rule = {0};
    struct tc_error error = {0};
    /* a tab does not continue a value: it is a line without a key */
    assert_int_equal(tc_rule_file_parse(&rule, "f", "my-rule", text, strlen(text), &error),
                     TC_ERR_INPUT);
    assert_int_equal(tc_rule_file_parse(&rule, "f", "my-rule", good, strlen(good), &error), TC_OK);
    assert_string_equal(rule.title, "A: colon, and -- dashes");
    assert_string_equal(rule.why, "First second, third.");
    assert_string_equal(rule.remedy, "Größe");
    assert_string_equal(rule.sql, "-- about: the SQL\nSELECT 1");
    assert_int_equal(rule.sql_line, 10);
    assert_int_equal(rule.severity, 4);
    tc_rule_file_cleanup(&rule);
    tc_rule_file_cleanup(&rule); /* twice does no harm */
}

static void a_value_has_a_limit(void **state)
{
    (void)state;
    char text[6000];
    struct tc_rule_file rule = {0};
    struct tc_error error = {0};
    static const char head[] = {'-', '-', ' ', 't', 'i', 't', 'l', 'e', ':', ' '};
    memset(text, 'x', sizeof text);
    memcpy(text, head, sizeof head);
    assert_int_equal(tc_rule_file_parse(&rule, "f", "my-rule", text, sizeof text, &error),
                     TC_ERR_INPUT);
    assert_string_equal(error.text, "f:1: title is longer than 4000 bytes");
}

static void a_nul_is_no_text(void **state)
{
    (void)state;
    static const char text[] = HEAD "\0" SELECT;
    struct tc_rule_file rule = {0};
    struct tc_error error = {0};
    assert_int_equal(tc_rule_file_parse(&rule, "f", "my-rule", text, sizeof text - 1, &error),
                     TC_ERR_INPUT);
    assert_string_equal(error.text, "f:7: a control character (0x00)");
}

static void caps_follow_severity(void **state)
{
    (void)state;
    struct tc_rule_file rule = {0};
    assert_null(tc_rule_cap(&rule, 0));
    assert_string_equal(tc_rule_cap(&rule, 1), "A-");
    assert_string_equal(tc_rule_cap(&rule, 2), "B");
    assert_string_equal(tc_rule_cap(&rule, 3), "C");
    assert_string_equal(tc_rule_cap(&rule, 4), "F");
    assert_null(tc_rule_cap(&rule, 5));
    memcpy(rule.cap, "C", 2);
    assert_string_equal(tc_rule_cap(&rule, 0), "C");
    assert_string_equal(tc_rule_cap(&rule, 4), "C");
    rule.is_trust = true;
    assert_null(tc_rule_cap(&rule, 4));
}

static void severities_have_words(void **state)
{
    (void)state;
    static const char *const words[] = {"info", "low", "medium", "high", "critical"};
    for (unsigned i = 0; i < TC_ARRAY_LEN(words); i++) {
        assert_string_equal(tc_severity_str(i), words[i]);
        assert_int_equal(tc_severity_parse(words[i]), (int)i);
    }
    assert_string_equal(tc_severity_str(5), "");
    assert_int_equal(tc_severity_parse(""), -1);
    assert_int_equal(tc_severity_parse("Low"), -1);
    assert_int_equal(tc_severity_parse("lowest"), -1);
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(values_are_whole),      cmocka_unit_test(a_value_has_a_limit),
        cmocka_unit_test(a_nul_is_no_text),      cmocka_unit_test(caps_follow_severity),
        cmocka_unit_test(severities_have_words),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(header_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(header_cases); i++, num++) {
        tests[num].name = header_cases[i].name;
        tests[num].test_func = check_header;
        tests[num].initial_state = &header_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("rule_file", tests, NULL, NULL);
}
