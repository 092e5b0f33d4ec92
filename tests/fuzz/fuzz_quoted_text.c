/*
 * Any bytes become one label value of Prometheus and one value of iCalendar: nothing ends them
 * early, nothing hides in them, and a content line is folded so that it unfolds to the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/icalendar.h"

#define FUZZ_MAX ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Every one of `ends` is escaped, and a backslash escapes one of them, itself or `n`. */
static void check_value(const struct tc_buf *value, const char *ends)
{
    for (size_t at = 0; at < value->len;) {
        uint32_t code = 0;
        size_t len = tc_utf8_next(&code, value->data + at, value->len - at);
        require(code != TC_UTF8_INVALID && !tc_is_deceptive(code));
        if (code == '\\') {
            at++;
            require(at < value->len);
            require(value->data[at] == '\\' || value->data[at] == 'n' ||
                    strchr(ends, value->data[at]) != NULL);
        } else {
            require(code >= 0x80 || strchr(ends, (int)code) == NULL);
        }
        at += len;
    }
}

static void check_folded(const struct tc_buf *folded, const struct tc_buf *line)
{
    size_t column = 0;
    size_t at = 0;
    for (size_t i = 0; i < folded->len; i++) {
        if (folded->data[i] != '\r') {
            require(at < line->len && folded->data[i] == line->data[at]);
            at++;
            column++;
            continue;
        }
        require(column <= 75 && folded->data[i + 1] == '\n');
        i++;
        column = 0;
        if (i + 1 < folded->len) { /* goes on, with a whole character behind the space */
            uint32_t code = 0;
            require(folded->data[i + 1] == ' ' && i + 2 < folded->len);
            (void)tc_utf8_next(&code, folded->data + i + 2, folded->len - i - 2);
            require(code != TC_UTF8_INVALID);
            column = 1;
            i++;
        }
    }
    require(at == line->len && column == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_buf value;
    struct tc_buf folded;
    tc_buf_init(&value, FUZZ_MAX);
    tc_buf_init(&folded, FUZZ_MAX);
    tc_escape_prometheus(&value, (const char *)data, size);
    require(value.failed == TC_OK);
    check_value(&value, "\"\n");

    tc_buf_clear(&value);
    tc_escape_icalendar(&value, (const char *)data, size);
    require(value.failed == TC_OK);
    check_value(&value, ";,\n");
    if (value.len > 0) {
        tc_icalendar_line(&folded, value.data, value.len);
        require(folded.failed == TC_OK);
        check_folded(&folded, &value);
    }
    tc_buf_cleanup(&value);
    tc_buf_cleanup(&folded);
    return 0;
}
