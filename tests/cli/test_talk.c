/* What standard error gets: text of strangers, made harmless for a terminal. */
#include "test_support.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/talk.h"

static struct talk_case {
    const char *name;
    const char *text;
    const char *shown;
} talk_cases[] = {
    {"plain text stays", "list.csv:7: no host", "list.csv:7: no host"},
    {"letters of all languages stay", "b\u00fccher.example \u4f8b\u5b50",
     "b\u00fccher.example \u4f8b\u5b50"},
    {"an escape sequence", "a\033[2Jb", "a?[2Jb"},
    {"a line end, which would begin a line of its own", "a\r\nb", "a??b"},
    {"DEL", "a\177b", "a?b"},
    {"the control sequence introducer as one character", "a\302\2332Jb", "a?2Jb"},
    {"the last of those controls", "a\302\237b", "a?b"},
    {"no control: a space that does not break", "a\302\240b", "a\302\240b"},
    {"text that runs from right to left", "gpj.\u202eexe", "gpj.?exe"},
    {"an isolate and its end", "\u2066a\u2069", "?a?"},
    {"a letter cut in its middle", "a\302", "a\302"},
};

static void check_talk(void **state)
{
    const struct talk_case *row = *state;
    char shown[256] = "";
    char wanted[256];
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(before >= 0);
    assert_int_equal(dup2(fileno(file), STDERR_FILENO), STDERR_FILENO);
    cli_usage_error("%s", row->text);
    assert_int_equal(fflush(stderr), 0);
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(before), 0);
    rewind(file);
    assert_non_null(fgets(shown, sizeof shown, file));
    assert_int_equal(fclose(file), 0);
    (void)snprintf(wanted, sizeof wanted, "tlscensus: %s\n", row->shown);
    assert_string_equal(shown, wanted);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(talk_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(talk_cases); i++) {
        tests[i].name = talk_cases[i].name;
        tests[i].test_func = check_talk;
        tests[i].initial_state = &talk_cases[i];
    }
    return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
