/* A log line: always the same members in the same order, whatever strangers wrote. */
#include "test_support.h"

#include <string.h>

#include "cli/log_line.h"

#define NOW_S 1782864007 /* 2026-07-01T00:00:07Z */
#define HEAD  "{\"time\":\"2026-07-01T00:00:07Z\","

static struct line_case {
    const char *name;
    struct cli_log_line line;
    const char *text;
} line_cases[] = {
    {"about no endpoint",
     {.message = "said"},
     HEAD "\"level\":\"info\",\"event\":\"notice\",\"host\":null,\"port\":null,\"outcome\":null,"
          "\"message\":\"said\"}\n"},
    {"about one endpoint, with a member more",
     {.event = CLI_EVENT_ENDPOINT_DONE,
      .host = "www.example.org",
      .port = 443,
      .outcome = "ok",
      .message = "ok",
      .more = "\"address\":null"},
     HEAD
     "\"level\":\"info\",\"event\":\"endpoint-done\",\"host\":\"www.example.org\",\"port\":443,"
     "\"outcome\":\"ok\",\"message\":\"ok\",\"address\":null}\n"},
    {"quotes, a line end, a direction mark and half a character",
     {.level = CLI_LEVEL_ERROR,
      .event = CLI_EVENT_ERROR,
      .host = "\"\\",
      .port = 65535,
      .message = "a\nb\u202ec\xc3"},
     HEAD "\"level\":\"error\",\"event\":\"error\",\"host\":\"\\\"\\\\\",\"port\":65535,"
          "\"outcome\":null,\"message\":\"a\\nb\\u202ec\ufffd\"}\n"},
};

static void check_line(void **state)
{
    const struct line_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, 4096);
    cli_log_line_add(&out, &row->line, NOW_S);
    assert_int_equal(out.failed, TC_OK);
    assert_string_equal(out.data, row->text);
    tc_buf_cleanup(&out);
}

/* A word that is missing, or used twice, would be found by a program of somebody else's. */
static void every_event_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int event = 0; event < CLI_EVENT_COUNT; event++) {
        const char *word = cli_event_str((enum cli_event)event);
        assert_non_null(word);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
        for (int other = 0; other < event; other++) {
            assert_string_not_equal(word, cli_event_str((enum cli_event)other));
        }
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(line_cases) + 1] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(line_cases); i++) {
        tests[i].name = line_cases[i].name;
        tests[i].test_func = check_line;
        tests[i].initial_state = &line_cases[i];
    }
    tests[TC_ARRAY_LEN(line_cases)] =
        (struct CMUnitTest)cmocka_unit_test(every_event_has_a_word_of_its_own);
    return cmocka_run_group_tests_name("log_line", tests, NULL, NULL);
}
