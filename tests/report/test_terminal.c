#include "test_support.h"

#include <string.h>

#include "report/show.h"
#include "report/terminal.h"

static struct tc_buf text;

static struct tc_terminal terminal(int columns, bool utf8, bool color)
{
    struct tc_terminal term;
    const struct tc_terminal_options options = {.color = color, .utf8 = utf8, .columns = columns};
    tc_buf_cleanup(&text);
    tc_buf_init(&text, 65536);
    tc_term_init(&term, &text, &options);
    return term;
}

static int cleanup(void **state)
{
    (void)state;
    tc_buf_cleanup(&text);
    return 0;
}

static const char *drawn(void)
{
    return text.data != NULL ? text.data : "";
}

/* ---- hosts ---- */

static struct host_case {
    const char *name;
    const char *host;
    unsigned port;
    int columns; /* 0: never cut */
    size_t max_width;
    bool utf8;
    const char *drawn;
} host_cases[] = {
    {"host: fits", "www.example.edu", 443, 80, 40, true, "www.example.edu:443"},
    {"host: fits exactly", "www.example.edu", 443, 80, 19, true, "www.example.edu:443"},
    {"host: loses its middle, not its port", "averylongname.example.edu", 8443, 80, 20, true,
     "averylo\xe2\x80\xa6ple.edu:8443"},
    {"host: the same in ASCII", "averylongname.example.edu", 8443, 80, 20, false,
     "averylo..le.edu:8443"},
    {"host: never cut when piped", "averylongname.example.edu", 8443, 0, 20, true,
     "averylongname.example.edu:8443"},
    {"host: an address in brackets", "2001:db8::7", 443, 80, 40, true, "[2001:db8::7]:443"},
    {"host: an address is cut inside its brackets", "2001:db8:1111:2222::7", 443, 80, 16, true,
     "[2001:\xe2\x80\xa6"
     "2::7]:443"},
    {"host: no room at all leaves the port", "www.example.edu", 443, 80, 3, true,
     "\xe2\x80\xa6:443"},
    {"host: what deceives is shown, then cut",
     "a\xe2\x80\xae"
     "b.example.edu",
     443, 80, 40, true, "a\\u{202E}b.example.edu:443"},
};

static void check_host(void **state)
{
    const struct host_case *row = *state;
    struct tc_terminal term = terminal(row->columns, row->utf8, false);
    tc_term_host(&term, TC_STYLE_PLAIN, row->host, row->port, row->max_width);
    assert_string_equal(drawn(), row->drawn);
    cleanup(NULL);
}

/* ---- the rest ---- */

static void wraps_at_spaces_and_commas(void **state)
{
    (void)state;
    struct tc_terminal term = terminal(40, true, false);
    tc_term_pad(&term, 4);
    tc_term_wrap(&term, TC_STYLE_PLAIN, 4,
                 "CN=www.example.edu,O=Example University of Somewhere,C=XX");
    assert_string_equal(drawn(), "    CN=www.example.edu,O=Example\n"
                                 "    University of Somewhere,C=XX");
}

static void breaks_a_word_that_no_line_can_hold(void **state)
{
    (void)state;
    char word[101];
    memset(word, 'x', 100);
    word[100] = '\0';
    struct tc_terminal term = terminal(40, true, false);
    tc_term_text(&term, TC_STYLE_PLAIN, "ab");
    tc_term_wrap(&term, TC_STYLE_PLAIN, 2, word); /* 38 beside "ab", 38, 24 */
    assert_int_equal(strcspn(drawn(), "\n"), 40);
    assert_int_equal(text.len, 2 + 100 + 2 * 3);
}

static void never_wraps_when_piped(void **state)
{
    (void)state;
    char words[501] = "";
    for (size_t i = 0; i < 500; i++) {
        words[i] = i % 7 == 6 ? ' ' : 'w';
    }
    struct tc_terminal term = terminal(0, true, false);
    tc_term_wrap(&term, TC_STYLE_PLAIN, 2, words);
    assert_null(strchr(drawn(), '\n'));
    assert_int_equal(text.len, 500);
}

static void puts_two_facts_on_a_line_where_they_fit(void **state)
{
    (void)state;
    struct tc_terminal term = terminal(80, true, false);
    tc_term_fact(&term, "key", "RSA");
    tc_term_fact(&term, "signature", "sha256WithRSAEncryption");
    tc_term_fact(&term, "kind", "v3");
    tc_term_fact_line(&term, TC_STYLE_PLAIN, "serial", "04:E1");
    tc_term_facts_end(&term);
    assert_string_equal(drawn(), "  key        RSA                          signature  "
                                 "sha256WithRSAEncryption\n"
                                 "  kind       v3\n"
                                 "  serial     04:E1\n");
    term = terminal(0, true, false);
    tc_term_fact(&term, "key", "RSA");
    tc_term_fact(&term, "kind", "v3");
    assert_string_equal(drawn(), "  key        RSA\n  kind       v3\n");
}

static void colours_only_when_asked(void **state)
{
    (void)state;
    struct tc_terminal term = terminal(80, true, true);
    tc_term_severity(&term, 4);
    assert_string_equal(drawn(), "\x1b[1;31m\xe2\x96\xb2\x1b[0m \x1b[1;31mcritical\x1b[0m");
    assert_int_equal(term.column, 10); /* colours take no column */
    term = terminal(80, false, false);
    tc_term_severity(&term, 4);
    assert_string_equal(drawn(), "! critical");
    term = terminal(80, false, false);
    tc_term_severity(&term, 9); /* no severity of ours */
    assert_string_equal(drawn(), "");
}

static void says_days_before_and_after(void **state)
{
    (void)state;
    struct tc_terminal term = terminal(80, true, false);
    tc_term_days(&term, TC_STYLE_GOOD, 0, 0);
    tc_term_text(&term, TC_STYLE_PLAIN, " ");
    tc_term_days(&term, TC_STYLE_CRITICAL, 0, -1);
    assert_string_equal(drawn(), "0 d left expired 1 d ago");
}

static void leaves_no_space_at_a_line_end(void **state)
{
    (void)state;
    struct tc_terminal term = terminal(80, true, false);
    tc_term_text(&term, TC_STYLE_PLAIN, "a  ");
    tc_term_newline(&term);
    assert_string_equal(drawn(), "a\n");
}

static void has_a_hint_for_every_outcome_but_ok(void **state)
{
    (void)state;
    assert_string_equal(tc_show_hint("ok"), "");
    assert_string_equal(tc_show_hint("no such outcome"), "");
    for (int i = TC_OUTCOME_OK + 1; i < TC_OUTCOME_COUNT; i++) {
        assert_string_not_equal(tc_show_hint(tc_outcome_str((enum tc_outcome)i)), "");
    }
}

#define NUM_OTHERS 8
static struct CMUnitTest tests[TC_ARRAY_LEN(host_cases) + NUM_OTHERS];

int main(void)
{
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(host_cases); i++) {
        tests[num++] = (struct CMUnitTest){
            .name = host_cases[i].name, .test_func = check_host, .initial_state = &host_cases[i]};
    }
    const struct CMUnitTest others[NUM_OTHERS] = {
        cmocka_unit_test_teardown(wraps_at_spaces_and_commas, cleanup),
        cmocka_unit_test_teardown(breaks_a_word_that_no_line_can_hold, cleanup),
        cmocka_unit_test_teardown(never_wraps_when_piped, cleanup),
        cmocka_unit_test_teardown(puts_two_facts_on_a_line_where_they_fit, cleanup),
        cmocka_unit_test_teardown(colours_only_when_asked, cleanup),
        cmocka_unit_test_teardown(says_days_before_and_after, cleanup),
        cmocka_unit_test_teardown(leaves_no_space_at_a_line_end, cleanup),
        cmocka_unit_test_teardown(has_a_hint_for_every_outcome_but_ok, cleanup),
    };
    memcpy(tests + num, others, sizeof others);
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
