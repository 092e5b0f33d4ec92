#include "tlscensus/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_CAPACITY 64U

void tc_buf_init(struct tc_buf *buf, size_t max_len)
{
    *buf = (struct tc_buf){.max_len = max_len};
}

void tc_buf_cleanup(struct tc_buf *buf)
{
    free(buf->data);
    tc_buf_init(buf, buf->max_len);
}

void tc_buf_clear(struct tc_buf *buf)
{
    buf->len = 0;
    buf->failed = TC_OK;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

/* Makes room for `more` bytes and the NUL behind them. */
static enum tc_status buf_reserve(struct tc_buf *buf, size_t more)
{
    if (buf->failed != TC_OK) {
        return buf->failed;
    }
    if (more > buf->max_len - buf->len) {
        return buf->failed = TC_ERR_LIMIT;
    }
    size_t needed = buf->len + more + 1;
    if (needed <= buf->capacity) {
        return TC_OK;
    }
    size_t capacity = buf->capacity > 0 ? buf->capacity : BUF_FIRST_CAPACITY;
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    }
    char *data = realloc(buf->data, capacity);
    if (data == NULL) {
        return buf->failed = TC_ERR_NOMEM;
    }
    buf->data = data;
    buf->capacity = capacity;
    return TC_OK;
}

char *tc_buf_take(struct tc_buf *buf)
{
    char *data = NULL;
    if (buf_reserve(buf, 0) == TC_OK) {
        buf->data[buf->len] = '\0';
        data = buf->data;
        buf->data = NULL;
    }
    tc_buf_cleanup(buf);
    return data;
}

enum tc_status tc_buf_add(struct tc_buf *buf, const void *bytes, size_t len)
{
    enum tc_status status = buf_reserve(buf, len);
    if (status != TC_OK) {
        return status;
    }
    if (len > 0) {
        memcpy(buf->data + buf->len, bytes, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
    return TC_OK;
}

enum tc_status tc_buf_add_str(struct tc_buf *buf, const char *text)
{
    return tc_buf_add(buf, text, strlen(text));
}

enum tc_status tc_buf_add_char(struct tc_buf *buf, char c)
{
    return tc_buf_add(buf, &c, 1);
}

enum tc_status tc_buf_addf(struct tc_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0) {
        return buf->failed = TC_ERR_MALFORMED;
    }
    enum tc_status status = buf_reserve(buf, (size_t)len);
    if (status != TC_OK) {
        return status;
    }
    va_start(arguments, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buf->len += (size_t)len;
    return TC_OK;
}

enum tc_status tc_buf_add_hex(struct tc_buf *buf, const uint8_t *bytes, size_t len, char separator)
{
    const char *digits = separator != 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t start = buf->len;
    for (size_t i = 0; i < len; i++) {
        if (separator != 0 && i > 0) {
            tc_buf_add_char(buf, separator);
        }
        tc_buf_add_char(buf, digits[bytes[i] >> 4]);
        tc_buf_add_char(buf, digits[bytes[i] & 15]);
    }
    if (buf->failed != TC_OK && buf->data != NULL) { /* all of the piece or nothing */
        buf->len = start;
        buf->data[start] = '\0';
    }
    return buf->failed;
}
