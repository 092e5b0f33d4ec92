/* Bytes written as hexadecimal text in the rows of a test; spaces between them do not count. */
#ifndef HEX_H
#define HEX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline unsigned hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;
    assert(found != NULL);
    return (unsigned)(found - digits);
}

/* Returns the number of bytes; more than `capacity` is a mistake in the test. */
static inline size_t hex_read(uint8_t *out, size_t capacity, const char *text)
{
    size_t len = 0;
    while (*text != '\0') {
        if (*text == ' ') {
            text++;
            continue;
        }
        assert(len < capacity && text[1] != '\0');
        out[len++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        text += 2;
    }
    return len;
}

#endif
