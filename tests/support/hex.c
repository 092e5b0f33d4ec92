#include "hex.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 16U

struct hex_group {
    size_t at;    /* where its length goes */
    size_t width; /* of the length, in bytes */
};

struct hex_reader {
    uint8_t *out;
    size_t capacity;
    size_t len;
    struct hex_group groups[MAX_DEPTH];
    size_t depth;
};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static unsigned hex_digit(char c)
{
    static const char k_digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(k_digits, c) : NULL;
    require(found != NULL);
    return (unsigned)(found - k_digits);
}

static void open_group(struct hex_reader *reader, size_t width)
{
    require(width >= 1 && width <= 3 && reader->depth < MAX_DEPTH &&
            width <= reader->capacity - reader->len);
    reader->groups[reader->depth++] = (struct hex_group){reader->len, width};
    reader->len += width;
}

static void close_group(struct hex_reader *reader)
{
    require(reader->depth > 0);
    struct hex_group group = reader->groups[--reader->depth];
    size_t len = reader->len - group.at - group.width;
    require(len >> (8 * group.width) == 0);
    for (size_t i = group.width; i > 0; i--) {
        reader->out[group.at + i - 1] = (uint8_t)(len & 0xffU);
        len >>= 8;
    }
}

size_t hex_read(uint8_t *out, size_t capacity, const char *text)
{
    struct hex_reader reader = {.out = out, .capacity = capacity};
    while (*text != '\0') {
        size_t taken = 1;
        if (*text == '(') {
            open_group(&reader, hex_digit(text[1]));
            taken = 2;
        } else if (*text == ')') {
            close_group(&reader);
        } else if (*text != ' ') {
            require(reader.len < capacity);
            out[reader.len++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
            taken = 2;
        }
        text += taken;
    }
    require(reader.depth == 0);
    return reader.len;
}
