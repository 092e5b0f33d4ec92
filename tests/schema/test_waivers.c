#include "test_support.h"

#include <string.h>

#include "schema/waivers.h"

#define HEAD "rule,host,until,reason\n"

static struct waiver_case {
    const char *name;
    const char *text;
    const char *error;  /* NULL: it is read */
    size_t num_waivers; /* and these are of its last row */
    const char *host;
    const char *reason;
    int64_t until_s;
} waiver_cases[] = {
    {"waivers: one row", HEAD "cert-expired,www.example.org,2026-12-31,moves in January\n", NULL, 1,
     "www.example.org", "moves in January", 1798761599},
    {"waivers: the epoch's first day", HEAD "cert-expired,h,1970-01-01,r", NULL, 1, "h", "r",
     86399},
    {"waivers: a leap day", HEAD "cert-expired,h,2028-02-29,r", NULL, 1, "h", "r", 1835481599},
    {"waivers: a century that is none", HEAD "cert-expired,h,2100-03-01,r", NULL, 1, "h", "r",
     4107628799},
    {"waivers: none", HEAD, NULL, 0, NULL, NULL, 0},
    {"waivers: columns in another order, and one more",
     "ticket;Reason;UNTIL;rule;host\n7;ok;2026-12-31;cert-expired;h\n", NULL, 1, "h", "ok",
     1798761599},
    {"waivers: tabs", "rule\thost\tuntil\treason\ncert-expired\th\t2026-12-31\ta, b; c\n", NULL, 1,
     "h", "a, b; c", 1798761599},
    {"waivers: quotes",
     "\"rule\",\"host\",\"until\",\"reason\"\r\n\"cert-expired\",\"H.Example\","
     "\"2026-12-31\",\"said \"\"yes\"\",\nin writing\"\r\n",
     NULL, 1, "h.example", "said \"yes\",\nin writing", 1798761599},
    {"waivers: a byte order mark, comments, empty rows",
     "\xef\xbb\xbf# ours\n\n" HEAD "# old\n,,,\n   \ncert-expired, h ,2026-12-31, r \n,,,\n", NULL,
     1, "h", "r", 1798761599},
    {"waivers: empty file", "",
     "w.csv: empty: the first row must name rule, host, until and reason", 0, NULL, NULL, 0},
    {"waivers: no first row", "cert-expired,h,2026-12-31,r\n",
     "w.csv:1: no column `rule`: the first row must name rule, host, until and reason", 0, NULL,
     NULL, 0},
    {"waivers: a column is missing", "rule,host,until\n",
     "w.csv:1: no column `reason`: the first row must name rule, host, until and reason", 0, NULL,
     NULL, 0},
    {"waivers: an unknown rule", HEAD "cert-expird,h,2026-12-31,r\n",
     "w.csv:2: no rule `cert-expird`: did you mean cert-expired?", 0, NULL, NULL, 0},
    {"waivers: a rule like no other", HEAD "everything,h,2026-12-31,r\n",
     "w.csv:2: no rule `everything`: `tlscensus rules` lists them", 0, NULL, NULL, 0},
    {"waivers: no host", HEAD "cert-expired,,2026-12-31,r\n",
     "w.csv:2: host is empty: name the one that this is for", 0, NULL, NULL, 0},
    {"waivers: no day", HEAD "cert-expired,h,,r\n", "w.csv:2: until ``: write a day as 2027-03-31",
     0, NULL, NULL, 0},
    {"waivers: a day of another country", HEAD "cert-expired,h,31.12.2026,r\n",
     "w.csv:2: until `31.12.2026`: write a day as 2027-03-31", 0, NULL, NULL, 0},
    {"waivers: a day that does not exist", HEAD "cert-expired,h,2027-02-29,r\n",
     "w.csv:2: until `2027-02-29`: write a day as 2027-03-31", 0, NULL, NULL, 0},
    {"waivers: month 13", HEAD "cert-expired,h,2027-13-01,r\n",
     "w.csv:2: until `2027-13-01`: write a day as 2027-03-31", 0, NULL, NULL, 0},
    {"waivers: day 0", HEAD "cert-expired,h,2027-01-00,r\n",
     "w.csv:2: until `2027-01-00`: write a day as 2027-03-31", 0, NULL, NULL, 0},
    {"waivers: with a time", HEAD "cert-expired,h,2027-01-01T00,r\n",
     "w.csv:2: until `2027-01-01T00`: write a day as 2027-03-31", 0, NULL, NULL, 0},
    {"waivers: no reason", HEAD "cert-expired,h,2026-12-31,\n",
     "w.csv:2: reason is empty: say why this finding is accepted", 0, NULL, NULL, 0},
    {"waivers: a short row", HEAD "cert-expired,h,2026-12-31\n",
     "w.csv:2: reason is empty: say why this finding is accepted", 0, NULL, NULL, 0},
    {"waivers: the line of a row after a long one",
     HEAD "cert-expired,h,2026-12-31,\"a\nb\nc\"\nnone,h,2026-12-31,r\n",
     "w.csv:5: no rule `none`: `tlscensus rules` lists them", 0, NULL, NULL, 0},
    {"waivers: an open quote", HEAD "cert-expired,h,2026-12-31,\"r\n\n",
     "w.csv:2: a quote is not closed", 0, NULL, NULL, 0},
    {"waivers: text after a quote", HEAD "\"cert-expired\"x,h,2026-12-31,r\n",
     "w.csv:2: text after a closing quote", 0, NULL, NULL, 0},
    {"waivers: not UTF-8", HEAD "cert-expired,h,2026-12-31,caf\xe9\n", "w.csv:2: not UTF-8 text", 0,
     NULL, NULL, 0},
};

static void check_waivers(void **state)
{
    const struct waiver_case *row = *state;
    struct tc_rule_set set = {0};
    struct tc_waiver_list list = {0};
    struct tc_error error = {0};
    assert_int_equal(tc_rule_set_load(&set, NULL, &error), TC_OK);
    enum tc_status status =
        tc_waivers_parse(&list, "w.csv", row->text, strlen(row->text), &set, &error);
    if (row->error != NULL) {
        assert_int_equal(status, TC_ERR_INPUT);
        assert_string_equal(error.text, row->error);
        assert_null(list.waivers);
    } else {
        assert_int_equal(status, TC_OK);
        assert_int_equal(list.num_waivers, row->num_waivers);
    }
    if (row->num_waivers > 0 && list.waivers != NULL) { /* there are as many as the row says */
        const struct tc_waiver *last = &list.waivers[list.num_waivers - 1];
        assert_string_equal(last->rule, "cert-expired");
        assert_string_equal(last->host, row->host);
        assert_string_equal(last->reason, row->reason);
        assert_int_equal(last->until_s, row->until_s);
    }
    tc_waivers_cleanup(&list);
    tc_rule_set_cleanup(&set);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct tc_rule_set set = {0};
    struct tc_waiver_list list = {0};
    struct tc_error error = {0};
    assert_int_equal(tc_waivers_read(&list, "/nonexistent/w.csv", &set, &error), TC_ERR_INPUT);
    assert_string_equal(error.text,
                        "/nonexistent/w.csv: cannot be read: No such file or directory");
    assert_int_equal(tc_waivers_read(&list, "/", &set, &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "/: not a regular file");
    assert_int_equal(tc_waivers_read(&list, "/dev/zero", &set, &error), TC_ERR_INPUT);
    assert_null(list.waivers);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(waiver_cases) + 1] = {0};
    size_t num = 0;
    for (; num < TC_ARRAY_LEN(waiver_cases); num++) {
        tests[num].name = waiver_cases[num].name;
        tests[num].test_func = check_waivers;
        tests[num].initial_state = &waiver_cases[num];
    }
    tests[num] = (struct CMUnitTest)cmocka_unit_test(files_that_cannot_be_read);
    return cmocka_run_group_tests_name("waivers", tests, NULL, NULL);
}
