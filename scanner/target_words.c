/* The text of lists before it means anything: blanks, UTF-8, and the reasons for refusing it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "target_item.h"

enum tc_status tc_target_refuse(struct target_reason *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
    return TC_ERR_MALFORMED;
}

/* Length of the blank that `text` begins with; 0 where it begins with none. */
static size_t blank_in_front(const char *text, size_t len)
{
    if (len > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n')) {
        return 1;
    }
    return len >= 2 && memcmp(text, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

static size_t blank_behind(const char *text, size_t len)
{
    if (len >= 2 && memcmp(text + len - 2, "\xC2\xA0", 2) == 0) {
        return 2;
    }
    return len > 0 ? blank_in_front(text + len - 1, 1) : 0;
}

void tc_target_trim(const char **text, size_t *len)
{
    size_t step = 0;
    while ((step = blank_in_front(*text, *len)) > 0) {
        *text += step;
        *len -= step;
    }
    while ((step = blank_behind(*text, *len)) > 0) {
        *len -= step;
    }
}

void tc_target_line_text(const char **text, size_t *len)
{
    tc_target_trim(text, len);
    for (size_t i = 0; i < *len; i++) {
        if ((*text)[i] == '#' && (i == 0 || (*text)[i - 1] == ' ' || (*text)[i - 1] == '\t')) {
            *len = i;
            break;
        }
    }
    tc_target_trim(text, len);
}

/* Rows of RFC 3629 section 4: the first octet decides the length and the second one's range. */
static const struct utf8_row {
    unsigned char first_low, first_high;
    unsigned char second_low, second_high;
    unsigned char len;
} k_utf8_rows[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Octets of the character that `text` begins with; 0 where it is none. */
static size_t utf8_step(const unsigned char *text, size_t len)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_utf8_rows); i++) {
        const struct utf8_row *row = &k_utf8_rows[i];
        if (text[0] < row->first_low || text[0] > row->first_high) {
            continue;
        }
        if (row->len > len ||
            (row->len > 1 && (text[1] < row->second_low || text[1] > row->second_high))) {
            return 0;
        }
        for (size_t k = 2; k < row->len; k++) {
            if (text[k] < 0x80 || text[k] > 0xbf) {
                return 0;
            }
        }
        return row->len;
    }
    return 0;
}

bool tc_target_is_utf8(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if ((unsigned char)text[i] < 0x80) { /* nearly every octet of a list */
            i++;
            continue;
        }
        size_t step = utf8_step((const unsigned char *)text + i, len - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

/* Windows-1252 from 0x80 to 0x9f (WHATWG Encoding, index windows-1252); 0xa0 on is Latin-1. */
static const uint16_t k_windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

enum tc_status tc_target_add_text(struct tc_buf *buf, const char *text, size_t len)
{
    if (tc_target_is_utf8(text, len)) {
        return tc_buf_add(buf, text, len);
    }
    for (size_t i = 0; i < len; i++) {
        unsigned octet = (unsigned char)text[i];
        unsigned code = octet >= 0x80 && octet < 0xa0 ? k_windows_1252[octet - 0x80] : octet;
        char utf8[3] = {(char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3f)),
                        (char)(0x80 | (code & 0x3f))};
        if (code < 0x80) {
            tc_buf_add_char(buf, (char)code);
        } else if (code < 0x800) {
            utf8[1] = (char)(0xc0 | code >> 6);
            tc_buf_add(buf, utf8 + 1, 2);
        } else {
            tc_buf_add(buf, utf8, 3);
        }
    }
    return buf->failed;
}

/* The text, NUL-terminated, with *** for users and their passwords. */
static void add_without_users(struct tc_buf *out, const char *text)
{
    const char *scheme_end = NULL;
    while ((scheme_end = strstr(text, "://")) != NULL) {
        const char *authority = scheme_end + 3;
        size_t span = strcspn(authority, "@/?# \t,;\"");
        tc_buf_add(out, text, (size_t)(authority - text));
        text = authority;
        if (authority[span] == '@') {
            tc_buf_add_str(out, "***");
            text += span;
        }
    }
    tc_buf_add_str(out, text);
}

enum tc_status tc_target_add_kept_text(struct tc_buf *out, const char *text, size_t len)
{
    struct tc_buf clean;
    tc_buf_init(&clean, out->max_len);
    tc_target_add_text(&clean, text, len);
    for (size_t i = 0; i < clean.len; i++) { /* whoever stores the text would end at a NUL */
        clean.data[i] = clean.data[i] != '\0' ? clean.data[i] : ' ';
    }
    if (clean.failed != TC_OK && out->failed == TC_OK) {
        out->failed = clean.failed;
    }
    add_without_users(out, clean.data != NULL ? clean.data : "");
    tc_buf_cleanup(&clean);
    return out->failed;
}
