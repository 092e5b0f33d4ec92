#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

#define TEXT_MAX ((size_t)1024 * 1024)

/* ---- CSV cells ---- */

static struct csv_case {
    const char *name;
    const char *text;
    const char *guarded;
    const char *plain; /* without the guard; NULL: the same */
    size_t len;        /* 0: strlen(text) */
} csv_cases[] = {
    {"csv: plain text is quoted", "www.example.edu", "\"www.example.edu\"", NULL, 0},
    {"csv: empty text", "", "\"\"", NULL, 0},
    {"csv: a quote is doubled", "a\"b\"", "\"a\"\"b\"\"\"", NULL, 0},
    {"csv: a comma and a semicolon need nothing more", "a,b;c", "\"a,b;c\"", NULL, 0},
    {"csv: a formula", "=cmd|'/C calc'!A0", "\"'=cmd|'/C calc'!A0\"", "\"=cmd|'/C calc'!A0\"", 0},
    {"csv: plus", "+1", "\"'+1\"", "\"+1\"", 0},
    {"csv: minus", "-1'--", "\"'-1'--\"", "\"-1'--\"", 0},
    {"csv: at", "@SUM(A1)", "\"'@SUM(A1)\"", "\"@SUM(A1)\"", 0},
    {"csv: full-width equals",
     "\xef\xbc\x9d"
     "1",
     "\"'\xef\xbc\x9d"
     "1\"",
     "\"\xef\xbc\x9d"
     "1\"",
     0},
    {"csv: full-width plus", "\xef\xbc\x8b", "\"'\xef\xbc\x8b\"", "\"\xef\xbc\x8b\"", 0},
    {"csv: full-width minus", "\xef\xbc\x8d", "\"'\xef\xbc\x8d\"", "\"\xef\xbc\x8d\"", 0},
    {"csv: full-width at", "\xef\xbc\xa0", "\"'\xef\xbc\xa0\"", "\"\xef\xbc\xa0\"", 0},
    {"csv: small equals", "\xef\xb9\xa6", "\"'\xef\xb9\xa6\"", "\"\xef\xb9\xa6\"", 0},
    {"csv: a tab in front", "\tx", "\"' x\"", "\" x\"", 0},
    {"csv: a carriage return in front", "\rx", "\"' x\"", "\" x\"", 0},
    {"csv: a newline in front", "\nx", "\"' x\"", "\" x\"", 0},
    {"csv: a formula behind spaces", "  =1", "\"'  =1\"", "\"  =1\"", 0},
    {"csv: a formula behind a control character", "\x01=1", "\"' =1\"", "\" =1\"", 0},
    {"csv: a formula behind a no-break space", "\xc2\xa0=1", "\"'\xc2\xa0=1\"", "\"\xc2\xa0=1\"",
     0},
    {"csv: a formula further on is text", "a=1", "\"a=1\"", NULL, 0},
    {"csv: a wildcard is text", "*.example.edu", "\"*.example.edu\"", NULL, 0},
    {"csv: newlines become spaces", "a\r\nb\nc", "\"a  b c\"", NULL, 0},
    {"csv: NUL becomes a space", "a\0b", "\"a b\"", NULL, 3},
    {"csv: controls and DEL become spaces", "\x1b[31m\x7f", "\" [31m \"", NULL, 0},
    {"csv: C1 controls become spaces",
     "a\xc2\x9b"
     "b",
     "\"a b\"", NULL, 0},
    {"csv: markup is text", "</script><b>", "\"</script><b>\"", NULL, 0},
    {"csv: an override stays",
     "\xe2\x80\xae"
     "x",
     "\"\xe2\x80\xae"
     "x\"",
     NULL, 0},
    {"csv: a byte that is not UTF-8",
     "a\xff"
     "b",
     "\"a\xef\xbf\xbd"
     "b\"",
     NULL, 0},
    {"csv: a cut character", "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\"", NULL, 0},
    {"csv: an overlong slash", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"", NULL, 0},
    {"csv: a surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", NULL, 0},
};

static void check_csv(void **state)
{
    const struct csv_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, TEXT_MAX);
    size_t len = row->len > 0 ? row->len : strlen(row->text);
    tc_escape_csv_text(&out, row->text, len, true);
    assert_string_equal(out.data, row->guarded);
    tc_buf_clear(&out);
    tc_escape_csv_text(&out, row->text, len, false);
    assert_string_equal(out.data, row->plain != NULL ? row->plain : row->guarded);
    tc_buf_cleanup(&out);
}

/* A cell of `num` times `unit`, as text or as a list. */
static void escape_many(struct tc_buf *out, const char *unit, size_t num, bool is_list)
{
    struct tc_buf text;
    tc_buf_init(&text, TEXT_MAX);
    tc_buf_init(out, TEXT_MAX);
    for (size_t i = 0; i < num; i++) {
        tc_buf_add_str(&text, unit);
    }
    if (is_list) {
        tc_escape_csv_list(out, text.data, text.len, true);
    } else {
        tc_escape_csv_text(out, text.data, text.len, true);
    }
    tc_buf_cleanup(&text);
}

static void assert_ends(const struct tc_buf *text, const char *end)
{
    size_t len = strlen(end);
    assert_true(text->len > len);
    assert_string_equal(text->data + text->len - len, end);
}

static void csv_cells_end_in_time(void **state)
{
    (void)state;
    struct tc_buf out;
    escape_many(&out, "x", 32000, false); /* exactly full */
    assert_int_equal(out.len, 32002);
    assert_ends(&out, "xx\"");
    tc_buf_cleanup(&out);

    escape_many(&out, "x", 40000, false);
    assert_ends(&out, "x \xe2\x80\xa6(+8000 more)\"");
    tc_buf_cleanup(&out);

    escape_many(&out, "\"", 32001, false); /* doubling does not count */
    assert_ends(&out, "\"\" \xe2\x80\xa6(+1 more)\"");
    tc_buf_cleanup(&out);

    escape_many(&out, "\xc3\xa9", 20000, false); /* 40,000 bytes, 20,000 characters */
    assert_int_equal(out.len, 40002);
    tc_buf_cleanup(&out);

    escape_many(&out, "\xf0\x9f\x98\x80", 16001, false); /* two UTF-16 units each */
    assert_ends(&out, " \xe2\x80\xa6(+2 more)\"");
    tc_buf_cleanup(&out);
}

static void csv_lists_end_between_values(void **state)
{
    (void)state;
    struct tc_buf out;
    escape_many(&out, "aaaaaaa ", 5000, true); /* 40,000 characters, 5,001 values: one is empty */
    assert_ends(&out, "aaaaaaa \xe2\x80\xa6(+1001 more)\"");
    tc_buf_cleanup(&out);

    escape_many(&out, "x", 40000, true); /* one value, too long alone */
    assert_ends(&out, "x \xe2\x80\xa6(+8000 more)\"");
    tc_buf_cleanup(&out);
}

/* ---- JSON strings ---- */

static struct json_case {
    const char *name;
    const char *text;
    const char *json;
    size_t len;
} json_cases[] = {
    {"json: plain", "abc", "\"abc\"", 0},
    {"json: empty", "", "\"\"", 0},
    {"json: quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"", 0},
    {"json: newline", "a\nb", "\"a\\nb\"", 0},
    {"json: NUL", "a\0b", "\"a\\u0000b\"", 3},
    {"json: controls", "\x01\x1b\t\x7f", "\"\\u0001\\u001b\\u0009\\u007f\"", 0},
    {"json: line separator", "\xe2\x80\xa8", "\"\\u2028\"", 0},
    {"json: override", "\xe2\x80\xae", "\"\\u202e\"", 0},
    {"json: a tag character is a surrogate pair", "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"", 0},
    {"json: markup and formulas are exact", "=</script>", "\"=</script>\"", 0},
    {"json: letters beyond ASCII", "b\xc3\xbcrger", "\"b\xc3\xbcrger\"", 0},
    {"json: not UTF-8", "\xff", "\"\xef\xbf\xbd\"", 0},
};

static void check_json(void **state)
{
    const struct json_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, TEXT_MAX);
    tc_escape_json(&out, row->text, row->len > 0 ? row->len : strlen(row->text));
    assert_string_equal(out.data, row->json);
    tc_buf_cleanup(&out);
}

/* ---- Prometheus labels, iCalendar text ---- */

static struct quoted_case {
    const char *name;
    const char *text;
    const char *prometheus;
    const char *icalendar;
    size_t len; /* 0: strlen(text) */
} quoted_cases[] = {
    {"quoted: plain", "Web team", "Web team", "Web team", 0},
    {"quoted: empty", "", "", "", 0},
    {"quoted: a backslash", "a\\b", "a\\\\b", "a\\\\b", 0},
    {"quoted: what looks escaped is not", "\\n\\\"", "\\\\n\\\\\\\"", "\\\\n\\\\\"", 0},
    {"quoted: a quote", "a\"} 1", "a\\\"} 1", "a\"} 1", 0},
    {"quoted: comma and semicolon", "a,b;c", "a,b;c", "a\\,b\\;c", 0},
    {"quoted: a colon needs nothing", "END:VEVENT", "END:VEVENT", "END:VEVENT", 0},
    {"quoted: a line end", "a\nb", "a\\nb", "a\\nb", 0},
    {"quoted: a line end of two characters", "a\r\nb\r\n", "a\\nb\\n", "a\\nb\\n", 0},
    {"quoted: CR alone is spelt", "a\rb\r", "a\\\\u{D}b\\\\u{D}", "a\\\\u{D}b\\\\u{D}", 0},
    {"quoted: tab and NUL are spelt", "a\tb\0", "a\\\\u{9}b\\\\u{0}", "a\\\\u{9}b\\\\u{0}", 4},
    {"quoted: an override is spelt", "\xe2\x80\xae", "\\\\u{202E}", "\\\\u{202E}", 0},
    {"quoted: a line separator is spelt", "\xe2\x80\xa8", "\\\\u{2028}", "\\\\u{2028}", 0},
    {"quoted: a C1 control is spelt", "\xc2\x85", "\\\\u{85}", "\\\\u{85}", 0},
    {"quoted: letters beyond ASCII", "b\xc3\xbcrger \xf0\x9f\x98\x80",
     "b\xc3\xbcrger \xf0\x9f\x98\x80", "b\xc3\xbcrger \xf0\x9f\x98\x80", 0},
    {"quoted: not UTF-8", "a\xff\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
     "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0},
};

static void check_quoted(void **state)
{
    const struct quoted_case *row = *state;
    size_t len = row->len > 0 ? row->len : strlen(row->text);
    struct tc_buf out;
    tc_buf_init(&out, TEXT_MAX);
    tc_escape_prometheus(&out, row->text, len);
    assert_string_equal(out.len > 0 ? out.data : "", row->prometheus);
    tc_buf_clear(&out);
    tc_escape_icalendar(&out, row->text, len);
    assert_string_equal(out.len > 0 ? out.data : "", row->icalendar);
    tc_buf_cleanup(&out);
}

/* ---- terminal text ---- */

static struct terminal_case {
    const char *name;
    const char *text;
    const char *utf8;
    const char *ascii;
    size_t len;
    size_t width; /* of the UTF-8 form */
} terminal_cases[] = {
    {"terminal: plain", "abc", "abc", "abc", 0, 3},
    {"terminal: an escape sequence", "\x1b[31mred", "\\u{1B}[31mred", "\\u{1B}[31mred", 0, 13},
    {"terminal: newline and tab", "a\nb\tc", "a\\u{A}b\\u{9}c", "a\\u{A}b\\u{9}c", 0, 13},
    {"terminal: NUL", "a\0b", "a\\u{0}b", "a\\u{0}b", 3, 7},
    {"terminal: a C1 control", "\xc2\x9b", "\\u{9B}", "\\u{9B}", 0, 6},
    {"terminal: right-to-left override", "\xe2\x80\xae", "\\u{202E}", "\\u{202E}", 0, 8},
    {"terminal: an isolate", "\xe2\x81\xa6", "\\u{2066}", "\\u{2066}", 0, 8},
    {"terminal: zero width",
     "a\xe2\x80\x8b"
     "b",
     "a\\u{200B}b", "a\\u{200B}b", 0, 10},
    {"terminal: a byte order mark", "\xef\xbb\xbf", "\\u{FEFF}", "\\u{FEFF}", 0, 8},
    {"terminal: not UTF-8", "\xff", "\\xFF", "\\xFF", 0, 4},
    {"terminal: a letter with dots", "b\xc3\xbc", "b\xc3\xbc", "b\\u{FC}", 0, 2},
    {"terminal: a wide letter", "\xe6\x97\xa5", "\xe6\x97\xa5", "\\u{65E5}", 0, 2},
    {"terminal: a combining mark", "e\xcc\x81", "e\xcc\x81", "e\\u{301}", 0, 1},
};

static void check_terminal(void **state)
{
    const struct terminal_case *row = *state;
    size_t len = row->len > 0 ? row->len : strlen(row->text);
    struct tc_buf out;
    tc_buf_init(&out, TEXT_MAX);
    tc_escape_terminal(&out, row->text, len, true);
    assert_string_equal(out.data, row->utf8);
    assert_int_equal(tc_terminal_width(out.data, out.len), row->width);
    tc_buf_clear(&out);
    tc_escape_terminal(&out, row->text, len, false);
    assert_string_equal(out.data, row->ascii);
    tc_buf_cleanup(&out);
}

#define NUM_OTHERS 2
static struct CMUnitTest tests[TC_ARRAY_LEN(csv_cases) + TC_ARRAY_LEN(json_cases) +
                               TC_ARRAY_LEN(quoted_cases) + TC_ARRAY_LEN(terminal_cases) +
                               NUM_OTHERS];

int main(void)
{
    size_t num = 0;
    ADD_ROWS(csv_cases, check_csv)
    ADD_ROWS(json_cases, check_json)
    ADD_ROWS(quoted_cases, check_quoted)
    ADD_ROWS(terminal_cases, check_terminal)
    tests[num++] = (struct CMUnitTest)cmocka_unit_test(csv_cells_end_in_time);
    tests[num++] = (struct CMUnitTest)cmocka_unit_test(csv_lists_end_between_values);
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
