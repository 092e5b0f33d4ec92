#include "terminal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "html_words.h"

#define TERM_DEFAULT_WIDTH 80
#define TERM_LEAST_WIDTH   40
#define TERM_PRINTF_MAX    512U
#define TERM_TEXT_MAX      ((size_t)16 * 1024 * 1024)
#define FACT_INDENT        2U
#define FACT_VALUE         13U /* where values begin */

void tc_term_init(struct tc_terminal *term, struct tc_buf *out,
                  const struct tc_terminal_options *options)
{
    int columns = options->columns > 0 ? options->columns : TERM_DEFAULT_WIDTH;
    columns = columns < TERM_LEAST_WIDTH ? TERM_LEAST_WIDTH : columns;
    *term = (struct tc_terminal){.out = out,
                                 .color = options->color,
                                 .utf8 = options->utf8,
                                 .never_cut = options->columns == 0,
                                 .width = (size_t)columns};
}

struct tc_terminal tc_term_into(const struct tc_terminal *term, struct tc_buf *out)
{
    struct tc_terminal other = *term;
    other.out = out;
    other.column = 0;
    return other;
}

/* ---- characters ---- */

static const char *style_code(enum tc_style style)
{
    static const char *const codes[] = {
        [TC_STYLE_PLAIN] = "",    [TC_STYLE_BOLD] = "1",  [TC_STYLE_DIM] = "2",
        [TC_STYLE_GOOD] = "32",   [TC_STYLE_INFO] = "36", [TC_STYLE_LOW] = "34",
        [TC_STYLE_MEDIUM] = "33", [TC_STYLE_HIGH] = "31", [TC_STYLE_CRITICAL] = "1;31",
    };
    return codes[style];
}

/* Appends text that is already safe. */
static void term_add(struct tc_terminal *term, enum tc_style style, const char *text, size_t len)
{
    bool styled = term->color && style != TC_STYLE_PLAIN && len > 0;
    if (styled) {
        tc_buf_addf(term->out, "\x1b[%sm", style_code(style));
    }
    tc_buf_add(term->out, text, len);
    if (styled) {
        tc_buf_add_str(term->out, "\x1b[0m");
    }
    term->column += tc_terminal_width(text, len);
}

void tc_term_text(struct tc_terminal *term, enum tc_style style, const char *text)
{
    struct tc_buf safe;
    tc_buf_init(&safe, TERM_TEXT_MAX);
    tc_escape_terminal(&safe, text, strlen(text), term->utf8);
    if (safe.data != NULL) {
        term_add(term, style, safe.data, safe.len);
    }
    tc_buf_cleanup(&safe);
}

void tc_term_printf(struct tc_terminal *term, enum tc_style style, const char *format, ...)
{
    char text[TERM_PRINTF_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len > 0) {
        tc_term_text(term, style, text);
    }
}

void tc_term_symbol(struct tc_terminal *term, enum tc_style style, const char *utf8,
                    const char *ascii)
{
    const char *text = term->utf8 ? utf8 : ascii;
    term_add(term, style, text, strlen(text));
}

void tc_term_pad(struct tc_terminal *term, size_t column)
{
    static const char spaces[] = "                ";
    size_t least = term->column > 0 ? 1 : 0;
    size_t missing = term->column + least < column ? column - term->column : least;
    while (missing > 0) {
        size_t step = missing < sizeof spaces - 1 ? missing : sizeof spaces - 1;
        term_add(term, TC_STYLE_PLAIN, spaces, step);
        missing -= step;
    }
}

void tc_term_newline(struct tc_terminal *term)
{
    while (term->out->len > 0 && term->out->data[term->out->len - 1] == ' ') {
        term->out->len--; /* no trailing spaces: output is compared and pasted */
    }
    tc_buf_add_char(term->out, '\n');
    term->column = 0;
}

void tc_term_heading(struct tc_terminal *term, const char *text)
{
    tc_term_newline(term);
    tc_term_text(term, TC_STYLE_BOLD, text);
    tc_term_newline(term);
}

size_t tc_term_width(const struct tc_terminal *term, const char *text)
{
    struct tc_buf safe;
    tc_buf_init(&safe, TERM_TEXT_MAX);
    tc_escape_terminal(&safe, text, strlen(text), term->utf8);
    size_t width = safe.data != NULL ? tc_terminal_width(safe.data, safe.len) : 0;
    tc_buf_cleanup(&safe);
    return width;
}

/* ---- cutting ---- */

/* The bytes of `text` that fit into `width` columns from its start. */
static size_t fit_start(const char *text, size_t len, size_t width)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code = 0;
        size_t size = tc_utf8_next(&code, text + at, len - at);
        size_t next = tc_terminal_width(text, at + size);
        if (next > width) {
            break;
        }
        at += size;
    }
    return at;
}

/* Where the part of `text` begins that fits into `width` columns at its end. */
static size_t fit_end(const char *text, size_t len, size_t width)
{
    size_t at = 0;
    while (at < len && tc_terminal_width(text + at, len - at) > width) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, text + at, len - at);
    }
    return at;
}

/* Cuts text that is already safe. */
static void cut_safe(struct tc_terminal *term, enum tc_style style, const char *text, size_t len,
                     size_t max_width)
{
    const char *mark = term->utf8 ? "\xe2\x80\xa6" : "..";
    size_t mark_width = term->utf8 ? 1 : 2;
    if (term->never_cut || tc_terminal_width(text, len) <= max_width) {
        term_add(term, style, text, len);
        return;
    }
    size_t room = max_width > mark_width ? max_width - mark_width : 0;
    size_t head = fit_start(text, len, (room + 1) / 2);
    size_t tail = fit_end(text, len, room / 2);
    term_add(term, style, text, head);
    term_add(term, style, mark, strlen(mark));
    term_add(term, style, text + tail, len - tail);
}

void tc_term_cut(struct tc_terminal *term, enum tc_style style, const char *text, size_t max_width)
{
    struct tc_buf safe;
    tc_buf_init(&safe, TERM_TEXT_MAX);
    tc_escape_terminal(&safe, text, strlen(text), term->utf8);
    if (safe.data != NULL) {
        cut_safe(term, style, safe.data, safe.len, max_width);
    }
    tc_buf_cleanup(&safe);
}

void tc_term_host(struct tc_terminal *term, enum tc_style style, const char *host, unsigned port,
                  size_t max_width)
{
    bool brackets = strchr(host, ':') != NULL;
    char tail[16];
    int tail_len = port != 0 ? snprintf(tail, sizeof tail, "%s:%u", brackets ? "]" : "", port)
                             : snprintf(tail, sizeof tail, "%s", brackets ? "]" : "");
    size_t taken = (size_t)tail_len + (brackets ? 1 : 0);
    if (brackets) {
        tc_term_text(term, style, "[");
    }
    tc_term_cut(term, style, host, max_width > taken ? max_width - taken : 1);
    tc_term_text(term, style, tail);
}

/* ---- wrapping ---- */

/*
 * How much of a line's worth of text to take: up to the last space, comma or slash that fits; 0
 * where there is none.
 */
static size_t wrap_point(const char *text, size_t len, size_t room)
{
    size_t fit = fit_start(text, len, room);
    if (fit == len) {
        return len;
    }
    for (size_t at = fit; at > 0; at--) {
        if (text[at] == ' ' || text[at - 1] == ',' || text[at - 1] == '/') {
            return at;
        }
    }
    return 0;
}

/* The bytes for this line, at least one where the line is fresh: a word may be too long for any. */
static size_t wrap_take(const struct tc_terminal *term, size_t indent, const char *text, size_t len)
{
    size_t room = term->width > term->column ? term->width - term->column : 0;
    size_t take = term->never_cut ? len : wrap_point(text, len, room);
    if (take == 0 && term->column <= indent) {
        uint32_t code = 0;
        size_t first = tc_utf8_next(&code, text, len);
        take = fit_start(text, len, room);
        take = take > first ? take : first;
    }
    return take;
}

void tc_term_wrap(struct tc_terminal *term, enum tc_style style, size_t indent, const char *text)
{
    struct tc_buf safe;
    tc_buf_init(&safe, TERM_TEXT_MAX);
    tc_escape_terminal(&safe, text, strlen(text), term->utf8);
    const char *rest = safe.data != NULL ? safe.data : "";
    size_t left = safe.len;
    while (left > 0) {
        size_t take = wrap_take(term, indent, rest, left);
        term_add(term, style, rest, take);
        rest += take;
        left -= take;
        if (left > 0) {
            tc_term_newline(term);
            tc_term_pad(term, indent);
        }
        while (left > 0 && *rest == ' ' && term->column <= indent) {
            rest++;
            left--;
        }
    }
    tc_buf_cleanup(&safe);
}

void tc_term_item(struct tc_terminal *term, enum tc_style style, size_t indent,
                  const char *separator, const char *text)
{
    tc_term_text(term, TC_STYLE_PLAIN, separator);
    if (!term->never_cut && term->column > indent &&
        term->column + 2 + tc_term_width(term, text) > term->width) { /* with what follows it */
        tc_term_newline(term);
        tc_term_pad(term, indent);
    } else if (separator[0] != '\0') {
        tc_term_text(term, TC_STYLE_PLAIN, " ");
    }
    tc_term_text(term, style, text);
}

/* ---- facts ---- */

void tc_term_facts_end(struct tc_terminal *term)
{
    if (term->column > 0) {
        tc_term_newline(term);
    }
}

void tc_term_fact(struct tc_terminal *term, const char *label, const char *value)
{
    size_t half = term->width / 2;
    size_t needed = FACT_VALUE + tc_term_width(term, value);
    bool second =
        !term->never_cut && term->column > 0 && term->column < half && half + needed <= term->width;
    if (!second) {
        tc_term_facts_end(term);
    }
    size_t start = second ? half : 0;
    tc_term_pad(term, start + FACT_INDENT);
    tc_term_text(term, TC_STYLE_DIM, label);
    tc_term_pad(term, start + FACT_VALUE);
    tc_term_wrap(term, TC_STYLE_PLAIN, start + FACT_VALUE, value);
    if (second || term->never_cut || term->column >= half) {
        tc_term_newline(term);
    }
}

void tc_term_fact_begin(struct tc_terminal *term, const char *label)
{
    tc_term_facts_end(term);
    tc_term_pad(term, FACT_INDENT);
    tc_term_text(term, TC_STYLE_DIM, label);
    tc_term_pad(term, FACT_VALUE);
}

void tc_term_fact_line(struct tc_terminal *term, enum tc_style style, const char *label,
                       const char *value)
{
    tc_term_fact_begin(term, label);
    tc_term_wrap(term, style, FACT_VALUE, value);
    tc_term_newline(term);
}

/* ---- severities and days ---- */

enum tc_style tc_term_severity_style(unsigned severity)
{
    static const enum tc_style styles[] = {TC_STYLE_INFO, TC_STYLE_LOW, TC_STYLE_MEDIUM,
                                           TC_STYLE_HIGH, TC_STYLE_CRITICAL};
    return severity < TC_ARRAY_LEN(styles) ? styles[severity] : TC_STYLE_PLAIN;
}

void tc_term_severity(struct tc_terminal *term, unsigned severity)
{
    static const struct {
        const char *utf8;
        const char *ascii;
    } symbols[] = {{"\xe2\x97\x8b", "."},  /* ○ */
                   {"\xe2\x97\x8f", "o"},  /* ● */
                   {"\xe2\x96\xa0", "="},  /* ■ */
                   {"\xe2\x97\x86", "#"},  /* ◆ */
                   {"\xe2\x96\xb2", "!"}}; /* ▲ */
    enum tc_style style = tc_term_severity_style(severity);
    if (severity < TC_ARRAY_LEN(symbols)) {
        tc_term_symbol(term, style, symbols[severity].utf8, symbols[severity].ascii);
        tc_term_text(term, TC_STYLE_PLAIN, " ");
        tc_term_text(term, style, tc_severity_str(severity));
    }
}

enum tc_style tc_term_expiry_style(int64_t life_s, int64_t left_s)
{
    const char *tone = html_expiry_tone(life_s, left_s);
    return strcmp(tone, "crit") == 0   ? TC_STYLE_CRITICAL
           : strcmp(tone, "high") == 0 ? TC_STYLE_HIGH
           : strcmp(tone, "med") == 0  ? TC_STYLE_MEDIUM
                                       : TC_STYLE_GOOD;
}

void tc_term_days(struct tc_terminal *term, enum tc_style style, size_t indent, int64_t days_left)
{
    char text[48];
    if (days_left < 0) {
        snprintf(text, sizeof text, "expired %" PRIu64 " d ago", 0 - (uint64_t)days_left);
    } else {
        snprintf(text, sizeof text, "%" PRId64 " d left", days_left);
    }
    if (!term->never_cut && term->column > indent && term->column + strlen(text) > term->width) {
        tc_term_newline(term);
        tc_term_pad(term, indent);
    }
    tc_term_text(term, style, text);
}
