#include "text.h"

static void append_bad_bytes(struct tc_buf *out, CBS bytes)
{
    uint8_t byte = 0;
    while (CBS_get_u8(&bytes, &byte)) {
        tc_buf_addf(out, "\\x%02X", byte);
    }
}

/* Adds one code point; false for surrogates and what lies past Unicode's end. */
static bool append_code_point(struct tc_buf *out, uint32_t code)
{
    char bytes[4];
    size_t len = 0;
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return false;
    }
    if (code < 0x80) {
        bytes[len++] = (char)code;
    } else if (code < 0x800) {
        bytes[len++] = (char)(0xc0 | (code >> 6));
    } else if (code < 0x10000) {
        bytes[len++] = (char)(0xe0 | (code >> 12));
        bytes[len++] = (char)(0x80 | ((code >> 6) & 0x3f));
    } else {
        bytes[len++] = (char)(0xf0 | (code >> 18));
        bytes[len++] = (char)(0x80 | ((code >> 12) & 0x3f));
        bytes[len++] = (char)(0x80 | ((code >> 6) & 0x3f));
    }
    if (code >= 0x80) {
        bytes[len++] = (char)(0x80 | (code & 0x3f));
    }
    tc_buf_add(out, bytes, len);
    return true;
}

size_t text_utf8_len(const CBS *value)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* below: overlong */
    const uint8_t *bytes = CBS_data(value);
    size_t available = CBS_len(value);
    if (available == 0) {
        return 0;
    }
    uint8_t first = bytes[0];
    if (first < 0x80) {
        return 1;
    }
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || len > available) {
        return 0;
    }
    uint32_t code = first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = (code << 6) | (bytes[i] & 0x3fU);
    }
    bool is_scalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return code >= smallest[len] && is_scalar ? len : 0;
}

void text_append_utf8(struct tc_buf *out, CBS value)
{
    while (CBS_len(&value) > 0) {
        CBS rest = value;
        CBS good;
        CBS bad;
        size_t len = 0;
        while ((len = text_utf8_len(&rest)) > 0) { /* the longest run goes in one piece */
            (void)CBS_skip(&rest, len);
        }
        (void)CBS_get_bytes(&value, &good, CBS_len(&value) - CBS_len(&rest));
        tc_buf_add(out, CBS_data(&good), CBS_len(&good));
        if (CBS_get_bytes(&value, &bad, 1)) {
            append_bad_bytes(out, bad);
        }
    }
}

static void append_latin1(struct tc_buf *out, CBS value)
{
    uint8_t byte = 0;
    while (CBS_get_u8(&value, &byte)) {
        append_code_point(out, byte);
    }
}

static void append_utf16(struct tc_buf *out, CBS value)
{
    while (CBS_len(&value) >= 2) {
        CBS start = value;
        CBS unit;
        uint16_t high = 0;
        uint16_t low = 0;
        (void)CBS_get_u16(&value, &high);
        CBS after = value;
        if (high >= 0xd800 && high <= 0xdbff && CBS_get_u16(&after, &low) && low >= 0xdc00 &&
            low <= 0xdfff) {
            value = after;
            append_code_point(out, 0x10000U + ((high - 0xd800U) << 10) + (low - 0xdc00U));
        } else if (!append_code_point(out, high) && CBS_get_bytes(&start, &unit, 2)) {
            append_bad_bytes(out, unit);
        }
    }
    append_bad_bytes(out, value);
}

static void append_utf32(struct tc_buf *out, CBS value)
{
    while (CBS_len(&value) >= 4) {
        CBS unit;
        uint32_t code = 0;
        CBS start = value;
        (void)CBS_get_u32(&value, &code);
        if (!append_code_point(out, code) && CBS_get_bytes(&start, &unit, 4)) {
            append_bad_bytes(out, unit);
        }
    }
    append_bad_bytes(out, value);
}

bool text_is_string(unsigned tag)
{
    switch (tag) {
    case CBS_ASN1_UTF8STRING:
    case CBS_ASN1_NUMERICSTRING:
    case CBS_ASN1_PRINTABLESTRING:
    case CBS_ASN1_T61STRING:
    case CBS_ASN1_IA5STRING:
    case CBS_ASN1_VISIBLESTRING:
    case CBS_ASN1_GENERALSTRING:
    case CBS_ASN1_UNIVERSALSTRING:
    case CBS_ASN1_BMPSTRING:
        return true;
    default:
        return false;
    }
}

void text_append(struct tc_buf *out, unsigned tag, CBS value)
{
    switch (tag) {
    case CBS_ASN1_T61STRING:
        append_latin1(out, value);
        break;
    case CBS_ASN1_BMPSTRING:
        append_utf16(out, value);
        break;
    case CBS_ASN1_UNIVERSALSTRING:
        append_utf32(out, value);
        break;
    default:
        text_append_utf8(out, value);
        break;
    }
}
