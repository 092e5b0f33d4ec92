#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "report/html_arena.h"
#include "report/html_dict.h"
#include "report/html_words.h"
#include "report/html_writer.h"

/* ---- escaping by destination ---- */

static struct escape_case {
    const char *name;
    const char *text;
    const char *as_text;
    const char *as_url;
} escape_cases[] = {
    {"escape: nothing", "", "", ""},
    {"escape: a plain name", "www.example.edu", "www.example.edu", "www.example.edu"},
    {"escape: an endpoint stays readable in a link", "[2001:db8::1]:443", "[2001:db8::1]:443",
     "[2001:db8::1]:443"},
    {"escape: markup", "<b>", "&lt;b&gt;", "%3Cb%3E"},
    {"escape: out of an attribute", "\"'>", "&quot;&#39;&gt;", "%22%27%3E"},
    {"escape: an entity stays text", "&lt;", "&amp;lt;", "%26lt%3B"},
    {"escape: the fragment's own marks", "a&b=c d%", "a&amp;b=c d%", "a%26b%3Dc%20d%25"},
    {"escape: beyond ASCII", "ü", "ü", "%C3%BC"},
    {"escape: the end of a script", "</script>", "&lt;/script&gt;", "%3C%2Fscript%3E"},
    {"escape: a slot's braces are text", "{text}", "{text}", "%7Btext%7D"},
};

static void check_escape(void **state)
{
    const struct escape_case *row = *state;
    struct html_writer writer;
    struct tc_output *output = NULL;
    char expected[256];
    size_t len = 0;
    assert_int_equal(tc_output_open_memory(&output), TC_OK);
    assert_int_equal(
        html_writer_init(
            &writer, output,
            "<!-- block a -->\n<p title=\"{text}\">\n  {text}</p>#{link}\n<!-- end -->"),
        TC_OK);
    HTML_BLOCK(&writer, "a", SLOT_TEXT("text", row->text), SLOT_URL("link", row->text));
    int wanted = snprintf(expected, sizeof expected, "<p title=\"%s\">%s</p>#%s", row->as_text,
                          row->as_text, row->as_url);
    const char *written = tc_output_memory(output, &len);
    assert_int_equal(len, (size_t)wanted);
    assert_memory_equal(written, expected, len);
    html_writer_cleanup(&writer);
    tc_output_discard(output);
}

/* ---- names ---- */

static struct name_case {
    const char *name;
    const char *text;
    const char *written;
} name_cases[] = {
    {"name: nothing", "", ""},
    {"name: as long as any column", "abcdefghij.abcdefgh.abcdef", "abcdefghij.abcdefgh.abcdef"},
    {"name: a letter more breaks before its dots", "abcdefghij.abcdefgh.abcdefg",
     "abcdefghij<wbr>.abcdefgh<wbr>.abcdefg"},
    {"name: long without a dot", "abcdefghijklmnopqrstuvwxyz0123456789",
     "abcdefghijklmnopqrstuvwxyz0123456789"},
    {"name: short markup", "a.<b>", "a.&lt;b&gt;"},
    {"name: long markup", "<b>.abcdefghijklmnopqrstuvwxyz",
     "&lt;b&gt;<wbr>.abcdefghijklmnopqrstuvwxyz"},
    {"name: dots alone", ".............................",
     "<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>."
     "<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>.<wbr>."},
};

static void check_name(void **state)
{
    const struct name_case *row = *state;
    struct html_writer writer;
    struct tc_output *output = NULL;
    char expected[256];
    size_t len = 0;
    assert_int_equal(tc_output_open_memory(&output), TC_OK);
    assert_int_equal(html_writer_init(&writer, output, "<!-- block a --><i>{name}</i><!-- end -->"),
                     TC_OK);
    HTML_BLOCK(&writer, "a", SLOT_NAME("name", row->text));
    const char *written = tc_output_memory(output, &len);
    int wanted = snprintf(expected, sizeof expected, "<i>%s</i>", row->written);
    assert_int_equal(len, (size_t)wanted);
    assert_memory_equal(written, expected, len);
    html_writer_cleanup(&writer);
    tc_output_discard(output);
}

/* ---- text from strangers ---- */

static struct visible_case {
    const char *name;
    const char *text;
    size_t len;
    const char *shown;
} visible_cases[] = {
    {"visible: nothing", "", 0, ""},
    {"visible: plain text", "Central IT", 10, "Central IT"},
    {"visible: letters beyond ASCII stand", "bürger 家", 11, "bürger 家"},
    {"visible: NUL", "a\0b", 3, "a\\u{0000}b"},
    {"visible: a line break", "a\nb", 3, "a\\u{000A}b"},
    {"visible: right to left override", (const char[]){'a', '\xe2', '\x80', '\xae', 'b', '\0'}, 5,
     "a\\u{202E}b"},
    {"visible: isolates", (const char[]){'\xe2', '\x81', '\xa6', '\0'}, 3, "\\u{2066}"},
    {"visible: line separator", "\xe2\x80\xa8", 3, "\\u{2028}"},
    {"visible: C1 control", "\xc2\x9b", 2, "\\u{009B}"},
    {"visible: no UTF-8", "a\xff", 2, "a\xef\xbf\xbd"},
    {"visible: a cut character", "a\xe2\x80", 3, "a\xef\xbf\xbd\xef\xbf\xbd"},
};

static void check_visible(void **state)
{
    const struct visible_case *row = *state;
    struct html_arena arena = {0};
    assert_string_equal(html_visible(&arena, row->text, row->len), row->shown);
    assert_int_equal(arena.failed, TC_OK);
    html_arena_cleanup(&arena);
}

static void check_long_text(void **state)
{
    struct html_arena arena = {0};
    char *text = malloc(40000);
    char expected[HTML_TEXT_MAX + 64];
    (void)state;
    assert_non_null(text);
    memset(text, 'a', 40000);
    memset(expected, 'a', HTML_TEXT_MAX);
    snprintf(expected + HTML_TEXT_MAX, 64, "… (+39,600 more)");
    assert_string_equal(html_visible(&arena, text, 40000), expected);
    html_arena_cleanup(&arena);
    free(text);
}

static void check_many_texts(void **state)
{
    struct html_arena arena = {0};
    const char *first = html_visible(&arena, "first", 5);
    (void)state;
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(html_format(&arena, "%d", i % 10)[0], '0' + i % 10);
    }
    assert_string_equal(first, "first");
    html_arena_cleanup(&arena);
}

/* ---- blocks ---- */

static void check_broken_source(void **state)
{
    struct html_writer writer;
    struct tc_output *output = NULL;
    (void)state;
    assert_int_equal(tc_output_open_memory(&output), TC_OK);
    assert_int_equal(html_writer_init(&writer, output, "<!-- block a -->text"), TC_ERR_MALFORMED);
    html_writer_cleanup(&writer);
    assert_int_equal(html_writer_init(&writer, output, "<!-- block a"), TC_ERR_MALFORMED);
    html_writer_cleanup(&writer);
    tc_output_discard(output);
}

static void check_lean(void **state)
{
    struct html_writer writer = {0};
    char hash[45];
    size_t len = 0;
    (void)state;
    assert_int_equal(tc_output_open_memory(&writer.output), TC_OK);
    html_raw_lean(&writer, "/* said */\n  a {\n    b: c; /* kept */\n\n  }\n// said\n");
    const char *written = tc_output_memory(writer.output, &len);
    assert_int_equal(len, strlen("a {\nb: c; /* kept */\n}\n"));
    assert_memory_equal(written, "a {\nb: c; /* kept */\n}\n", len);
    html_lean_hash(hash, "");
    assert_string_equal(hash, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="); /* of no bytes */
    tc_output_discard(writer.output);
}

static void check_dict(void **state)
{
    struct html_dict dict = {.max = 3};
    char text[16];
    (void)state;
    assert_int_equal(html_dict_put(&dict, "a"), 0);
    assert_int_equal(html_dict_put(&dict, "b"), 1);
    assert_int_equal(html_dict_put(&dict, "a"), 0);
    assert_int_equal(html_dict_put(&dict, ""), 2);
    assert_int_equal(html_dict_put(&dict, "c"), -1); /* full, and it stays usable */
    assert_int_equal(html_dict_put(&dict, "b"), 1);
    html_dict_cleanup(&dict);
    dict.max = 0;
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(html_dict_put(&dict, text), i);
    }
    assert_int_equal(html_dict_put(&dict, "4999"), 4999);
    assert_int_equal(html_dict_put(&dict, "0"), 0);
    html_dict_cleanup(&dict);
}

#define ADD_CASES(cases, check)                                                                    \
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {                                             \
        tests[num++] = (struct CMUnitTest){                                                        \
            .name = (cases)[i].name, .test_func = (check), .initial_state = &(cases)[i]};          \
    }

int main(void)
{
    struct CMUnitTest tests[64] = {{0}};
    size_t num = 0;
    ADD_CASES(escape_cases, check_escape)
    ADD_CASES(name_cases, check_name)
    ADD_CASES(visible_cases, check_visible)
    tests[num++] = (struct CMUnitTest){.name = "a text too long", .test_func = check_long_text};
    tests[num++] = (struct CMUnitTest){.name = "texts stay put", .test_func = check_many_texts};
    tests[num++] = (struct CMUnitTest){.name = "no end", .test_func = check_broken_source};
    tests[num++] = (struct CMUnitTest){.name = "lean assets", .test_func = check_lean};
    tests[num++] = (struct CMUnitTest){.name = "dictionary", .test_func = check_dict};
    return _cmocka_run_group_tests("html_writer", tests, num, NULL, NULL);
}
