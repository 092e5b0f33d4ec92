#include "escape.h"

#include <string.h>

/* ---- UTF-8 ---- */

/* The length that a first byte announces and the bits it carries; 0 for one that begins nothing. */
static size_t utf8_head(uint32_t *out_bits, uint8_t byte)
{
    if (byte < 0x80) {
        *out_bits = byte;
        return 1;
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        *out_bits = byte & 0x1fU;
        return 2;
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        *out_bits = byte & 0x0fU;
        return 3;
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        *out_bits = byte & 0x07U;
        return 4;
    }
    return 0;
}

size_t tc_utf8_next(uint32_t *out_code, const char *text, size_t len)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000}; /* below it: overlong */
    uint32_t code = 0;
    size_t size = utf8_head(&code, (uint8_t)text[0]);
    bool valid = size > 0 && size <= len;
    for (size_t i = 1; valid && i < size; i++) {
        uint8_t byte = (uint8_t)text[i];
        valid = (byte & 0xc0) == 0x80;
        code = code << 6 | (byte & 0x3fU);
    }
    if (!valid || code < lowest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        *out_code = TC_UTF8_INVALID;
        return 1;
    }
    *out_code = code;
    return size;
}

void tc_utf8_add(struct tc_buf *out, uint32_t code)
{
    char bytes[4];
    size_t len = 0;
    if (code == TC_UTF8_INVALID) {
        code = 0xfffd;
    }
    if (code < 0x80) {
        bytes[len++] = (char)code;
    } else if (code < 0x800) {
        bytes[len++] = (char)(0xc0 | code >> 6);
        bytes[len++] = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        bytes[len++] = (char)(0xe0 | code >> 12);
        bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[len++] = (char)(0x80 | (code & 0x3f));
    } else {
        bytes[len++] = (char)(0xf0 | code >> 18);
        bytes[len++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
        bytes[len++] = (char)(0x80 | (code & 0x3f));
    }
    tc_buf_add(out, bytes, len);
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool tc_is_deceptive(uint32_t code)
{
    return is_control(code) || code == 0xad ||   /* soft hyphen */
           code == 0x61c || code == 0x180e ||    /* Arabic letter mark, Mongolian separator */
           (code >= 0x200b && code <= 0x200f) || /* zero width, direction marks */
           (code >= 0x2028 && code <= 0x202e) || /* separators, embeddings, overrides */
           (code >= 0x2060 && code <= 0x206f) || /* invisible operators, isolates */
           code == 0xfeff || code == TC_UTF8_INVALID || /* byte order mark, no character at all */
           (code >= 0xe0000 && code <= 0xe0fff);        /* tags */
}

/* ---- CSV ---- */

/* Whether a spreadsheet takes a cell that begins with this character for a formula. */
static bool begins_formula(uint32_t code)
{
    switch (code) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r':
    case '\n':
    case 0xff1d: /* the full-width forms of the four */
    case 0xff0b:
    case 0xff0d:
    case 0xff20:
    case 0xfe66: /* and their small forms */
    case 0xfe62:
    case 0xfe63:
    case 0xfe6b:
        return true;
    default:
        return false;
    }
}

/*
 * Programs trim before they look, and control characters leave as spaces: what counts is the first
 * character that is neither. A tab or line end in front counts by itself.
 */
static bool needs_guard(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, text + at, len - at);
        if (begins_formula(code)) {
            return true;
        }
        if (code != ' ' && code != 0xa0 && !is_control(code)) {
            return false;
        }
    }
    return false;
}

static size_t utf16_units(uint32_t code)
{
    return code != TC_UTF8_INVALID && code > 0xffff ? 2 : 1;
}

/* The bytes of `text` that TC_CSV_CELL_MAX units take, and the units left out behind them. */
static size_t csv_fit(size_t *out_left, const char *text, size_t len)
{
    size_t units = 0;
    size_t fit = len;
    *out_left = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t size = tc_utf8_next(&code, text + at, len - at);
        size_t more = utf16_units(code);
        if (fit == len && units + more > TC_CSV_CELL_MAX) {
            fit = at;
        }
        if (fit < len) {
            *out_left += more;
        } else {
            units += more;
        }
        at += size;
    }
    return fit;
}

/* Moves a cut back to the space before a value, and counts values instead of characters. */
static size_t csv_fit_list(size_t *out_left, const char *text, size_t len, size_t fit)
{
    size_t cut = fit;
    while (cut > 0 && text[cut] != ' ') {
        cut--;
    }
    if (cut == 0) {
        return fit; /* one value alone is too long: it is cut as text is */
    }
    *out_left = 0;
    for (size_t at = cut; at < len; at++) {
        *out_left += text[at] == ' ' ? 1 : 0;
    }
    return cut;
}

static bool is_plain_csv(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"';
}

static void csv_body(struct tc_buf *out, const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t run = at;
        while (run < len && is_plain_csv(text[run])) {
            run++;
        }
        tc_buf_add(out, text + at, run - at);
        at = run;
        if (at == len) {
            return;
        }
        uint32_t code = 0;
        at += tc_utf8_next(&code, text + at, len - at);
        if (code == '"') {
            tc_buf_add(out, "\"\"", 2);
        } else {
            tc_utf8_add(out, code != TC_UTF8_INVALID && is_control(code) ? ' ' : code);
        }
    }
}

static void csv_field(struct tc_buf *out, const char *text, size_t len, bool formula_guard,
                      bool is_list)
{
    size_t left = 0;
    size_t fit = len;
    if (len > TC_CSV_CELL_MAX) { /* no text has more units than bytes */
        fit = csv_fit(&left, text, len);
        if (is_list && fit < len) {
            fit = csv_fit_list(&left, text, len, fit);
        }
    }
    tc_buf_add_char(out, '"');
    if (formula_guard && needs_guard(text, len)) {
        tc_buf_add_char(out, '\'');
    }
    csv_body(out, text, fit);
    if (fit < len) {
        tc_buf_addf(out, " \xe2\x80\xa6(+%zu more)", left);
    }
    tc_buf_add_char(out, '"');
}

void tc_escape_csv_text(struct tc_buf *out, const char *text, size_t len, bool formula_guard)
{
    csv_field(out, text, len, formula_guard, false);
}

void tc_escape_csv_list(struct tc_buf *out, const char *text, size_t len, bool formula_guard)
{
    csv_field(out, text, len, formula_guard, true);
}

/* ---- JSON ---- */

static void json_unit(struct tc_buf *out, uint32_t unit)
{
    tc_buf_addf(out, "\\u%04x", (unsigned)unit);
}

static void json_character(struct tc_buf *out, uint32_t code)
{
    if (code == '"' || code == '\\') {
        tc_buf_add_char(out, '\\');
        tc_buf_add_char(out, (char)code);
    } else if (code == '\n') {
        tc_buf_add(out, "\\n", 2);
    } else if (code == TC_UTF8_INVALID || !tc_is_deceptive(code)) {
        tc_utf8_add(out, code);
    } else if (code > 0xffff) { /* a surrogate pair */
        json_unit(out, 0xd800 + ((code - 0x10000) >> 10));
        json_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
        json_unit(out, code);
    }
}

static bool is_plain_json(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void tc_escape_json(struct tc_buf *out, const char *text, size_t len)
{
    tc_buf_add_char(out, '"');
    for (size_t at = 0; at < len;) {
        size_t run = at;
        while (run < len && is_plain_json(text[run])) {
            run++;
        }
        tc_buf_add(out, text + at, run - at);
        at = run;
        if (at < len) {
            uint32_t code = 0;
            at += tc_utf8_next(&code, text + at, len - at);
            json_character(out, code);
        }
    }
    tc_buf_add_char(out, '"');
}

/* ---- Prometheus, iCalendar ---- */

/*
 * Text in which a backslash escapes itself, the other `specials`, and the line end. CR before LF is
 * part of the line end, as spreadsheets write it inside a cell.
 */
static void escape_backslashed(struct tc_buf *out, const char *text, size_t len,
                               const char *specials)
{
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t size = tc_utf8_next(&code, text + at, len - at);
        if (code == '\n') {
            tc_buf_add(out, "\\n", 2);
        } else if (code == '\r' && at + 1 < len && text[at + 1] == '\n') {
            at++;
            continue;
        } else if (code > 0 && code < 0x80 && strchr(specials, (int)code) != NULL) {
            tc_buf_add_char(out, '\\');
            tc_buf_add_char(out, (char)code);
        } else if (code != TC_UTF8_INVALID && tc_is_deceptive(code)) {
            tc_buf_addf(out, "\\\\u{%X}", (unsigned)code);
        } else {
            tc_utf8_add(out, code);
        }
        at += size;
    }
}

void tc_escape_prometheus(struct tc_buf *out, const char *text, size_t len)
{
    escape_backslashed(out, text, len, "\\\"");
}

void tc_escape_icalendar(struct tc_buf *out, const char *text, size_t len)
{
    escape_backslashed(out, text, len, "\\;,");
}

/* ---- terminal ---- */

void tc_escape_terminal(struct tc_buf *out, const char *text, size_t len, bool utf8)
{
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t size = tc_utf8_next(&code, text + at, len - at);
        if (code == TC_UTF8_INVALID) {
            tc_buf_addf(out, "\\x%02X", (unsigned)(uint8_t)text[at]);
        } else if (tc_is_deceptive(code) || (!utf8 && code > 0x7e)) {
            tc_buf_addf(out, "\\u{%X}", (unsigned)code);
        } else {
            tc_buf_add(out, text + at, size);
        }
        at += size;
    }
}

struct code_range {
    uint32_t first;
    uint32_t last;
};

static bool is_in(const struct code_range *ranges, size_t num_ranges, uint32_t code)
{
    for (size_t i = 0; i < num_ranges; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* wcwidth() depends on the locale; these ranges are what terminals agree on (UAX #11). */
static size_t code_width(uint32_t code)
{
    static const struct code_range wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
    static const struct code_range combining[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    };
    if (code < 0x300) {
        return 1;
    }
    if (is_in(combining, TC_ARRAY_LEN(combining), code)) {
        return 0;
    }
    return is_in(wide, TC_ARRAY_LEN(wide), code) ? 2 : 1;
}

size_t tc_terminal_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, text + at, len - at);
        width += code_width(code);
    }
    return width;
}
