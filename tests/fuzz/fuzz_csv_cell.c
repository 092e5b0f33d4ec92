/*
 * Any bytes become one CSV field that reads back as one cell, begins with no formula character,
 * holds no control character, and fits a spreadsheet. The first byte chooses text or list.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

#define FUZZ_MAX ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Reads one field as RFC 4180 says; what it holds goes to `cell`. Nothing may be left. */
static void read_back(struct tc_buf *cell, const char *field, size_t len)
{
    require(len >= 2 && field[0] == '"' && field[len - 1] == '"');
    for (size_t at = 1; at + 1 < len; at++) {
        if (field[at] == '"') {
            at++;
            require(at + 1 < len && field[at] == '"');
        }
        tc_buf_add_char(cell, field[at]);
    }
}

static bool is_formula(uint32_t code)
{
    return code == '=' || code == '+' || code == '-' || code == '@' || code == 0xff1d ||
           code == 0xff0b || code == 0xff0d || code == 0xff20;
}

static void check_cell(const struct tc_buf *cell)
{
    size_t units = 0;
    size_t at = 0;
    bool leading = true;
    while (at < cell->len) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, cell->data + at, cell->len - at);
        require(code != TC_UTF8_INVALID);
        require(code >= 0x20 && !(code >= 0x7f && code < 0xa0));
        require(!leading || !is_formula(code));
        leading = leading && code == ' ';
        units += code > 0xffff ? 2 : 1;
    }
    require(units <= 32767);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_buf field;
    struct tc_buf cell;
    if (size == 0) {
        return 0;
    }
    tc_buf_init(&field, FUZZ_MAX);
    tc_buf_init(&cell, FUZZ_MAX);
    const char *text = (const char *)data + 1;
    if ((data[0] & 1) != 0) {
        tc_escape_csv_list(&field, text, size - 1, true);
    } else {
        tc_escape_csv_text(&field, text, size - 1, true);
    }
    require(field.failed == TC_OK);
    read_back(&cell, field.data, field.len);
    check_cell(&cell);

    /* The other destinations take the same bytes; they only have to survive and stay text. */
    tc_buf_clear(&field);
    tc_escape_json(&field, text, size - 1);
    require(field.failed == TC_OK && field.len >= 2);
    tc_buf_clear(&field);
    tc_escape_terminal(&field, text, size - 1, (data[0] & 2) != 0);
    for (size_t i = 0; i < field.len; i++) {
        require((uint8_t)field.data[i] >= 0x20 && field.data[i] != 0x7f);
    }
    tc_buf_cleanup(&field);
    tc_buf_cleanup(&cell);
    return 0;
}
