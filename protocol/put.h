/*
 * Numbers in network order, put where there is room: whoever puts has counted before. Each returns
 * the place behind what it put. Numbers are cut to their width.
 */
#ifndef PROTOCOL_PUT_H
#define PROTOCOL_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *put_u8(uint8_t *at, size_t number)
{
    at[0] = (uint8_t)(number & 0xffU);
    return at + 1;
}

static inline uint8_t *put_u16(uint8_t *at, size_t number)
{
    return put_u8(put_u8(at, number >> 8), number);
}

static inline uint8_t *put_u24(uint8_t *at, size_t number)
{
    return put_u16(put_u8(at, number >> 16), number);
}

static inline uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    if (len > 0) {
        memcpy(at, bytes, len);
    }
    return at + len;
}

static inline uint8_t *put_u16s(uint8_t *at, const uint16_t *numbers, size_t num_numbers)
{
    for (size_t i = 0; i < num_numbers; i++) {
        at = put_u16(at, numbers[i]);
    }
    return at;
}

#endif
