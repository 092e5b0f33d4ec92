#include "tlscensus/hello.h"

#include <string.h>

#include "put.h"

#define RECORD_HANDSHAKE       22
#define RECORD_HEADER_BYTES    5U
#define HANDSHAKE_CLIENT_HELLO 1
#define HANDSHAKE_HEADER_BYTES 4U
#define SSL2_CLIENT_HELLO      1
#define SSL2_VERSION           0x0002
#define SSL2_CHALLENGE_BYTES   16U
#define COMPRESSION_NULL       0
#define COMPRESSION_DEFLATE    1 /* RFC 3749 section 2 */

void tc_hello_init(struct tc_hello *hello, uint16_t record_version, uint16_t legacy_version,
                   const uint8_t random[TC_HELLO_RANDOM_BYTES])
{
    /* The large arrays are read no further than their lengths, so they are left as they are. */
    hello->record_version = record_version;
    hello->legacy_version = legacy_version;
    memcpy(hello->random, random, TC_HELLO_RANDOM_BYTES);
    hello->session_id_len = 0;
    hello->num_suites = 0;
    hello->offers_compression = false;
    hello->has_extensions = false;
    hello->extensions_len = 0;
    hello->failed = false;
}

void tc_hello_add_suite(struct tc_hello *hello, uint16_t suite)
{
    if (hello->num_suites >= TC_HELLO_MAX_SUITES) {
        hello->failed = true;
        return;
    }
    hello->suites[hello->num_suites++] = suite;
}

size_t tc_hello_handshake_bytes(const struct tc_hello *hello)
{
    size_t methods_bytes = hello->offers_compression ? 2 : 1;
    size_t extensions_bytes = hello->has_extensions ? 2 + hello->extensions_len : 0;
    return HANDSHAKE_HEADER_BYTES + 2 + TC_HELLO_RANDOM_BYTES + 1 + hello->session_id_len + 2 +
           2 * hello->num_suites + 1 + methods_bytes + extensions_bytes;
}

/* What a caller may have written into the struct itself is held against its arrays. */
static bool hello_fits(const struct tc_hello *hello)
{
    return !hello->failed && hello->session_id_len <= sizeof hello->session_id &&
           hello->num_suites <= TC_HELLO_MAX_SUITES &&
           hello->extensions_len <= sizeof hello->extensions;
}

static uint8_t *put_body(uint8_t *at, const struct tc_hello *hello)
{
    at = put_u16(at, hello->legacy_version);
    at = put_bytes(at, hello->random, TC_HELLO_RANDOM_BYTES);
    at = put_u8(at, hello->session_id_len);
    at = put_bytes(at, hello->session_id, hello->session_id_len);
    at = put_u16s(put_u16(at, 2 * hello->num_suites), hello->suites, hello->num_suites);
    at = put_u8(at, hello->offers_compression ? 2 : 1);
    if (hello->offers_compression) {
        at = put_u8(at, COMPRESSION_DEFLATE);
    }
    at = put_u8(at, COMPRESSION_NULL);
    if (hello->has_extensions) {
        at = put_u16(at, hello->extensions_len);
        at = put_bytes(at, hello->extensions, hello->extensions_len);
    }
    return at;
}

enum tc_status tc_hello_write(const struct tc_hello *hello, uint8_t *out, size_t capacity,
                              size_t *out_len)
{
    if (!hello_fits(hello)) {
        return TC_ERR_LIMIT;
    }
    /* All of the struct's arrays together stay below TC_HELLO_MAX_BYTES, so one record holds it. */
    size_t handshake_bytes = tc_hello_handshake_bytes(hello);
    if (capacity < RECORD_HEADER_BYTES + handshake_bytes) {
        return TC_ERR_LIMIT;
    }
    uint8_t *at = put_u8(out, RECORD_HANDSHAKE);
    at = put_u16(at, hello->record_version);
    at = put_u16(at, handshake_bytes);
    at = put_u8(at, HANDSHAKE_CLIENT_HELLO);
    at = put_u24(at, handshake_bytes - HANDSHAKE_HEADER_BYTES);
    at = put_body(at, hello);
    *out_len = (size_t)(at - out);
    return TC_OK;
}

enum tc_status tc_hello_write_ssl2(uint8_t *out, size_t capacity, size_t *out_len,
                                   const uint8_t challenge[16])
{
    /* The seven of the specification, and RC4_64_WITH_MD5 of SSLeay. */
    static const uint32_t k_specs[] = {0x010080, 0x020080, 0x030080, 0x040080,
                                       0x050080, 0x060040, 0x0700c0, 0x080080};
    size_t message_bytes = 9 + 3 * TC_ARRAY_LEN(k_specs) + SSL2_CHALLENGE_BYTES;
    if (capacity < 2 + message_bytes) {
        return TC_ERR_LIMIT;
    }
    /* A header of two bytes: the highest bit says that there is no padding. */
    uint8_t *at = put_u16(out, 0x8000U | message_bytes);
    at = put_u8(at, SSL2_CLIENT_HELLO);
    at = put_u16(at, SSL2_VERSION);
    at = put_u16(at, 3 * TC_ARRAY_LEN(k_specs));
    at = put_u16(at, 0); /* no session to take up */
    at = put_u16(at, SSL2_CHALLENGE_BYTES);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_specs); i++) {
        at = put_u24(at, k_specs[i]);
    }
    at = put_bytes(at, challenge, SSL2_CHALLENGE_BYTES);
    *out_len = (size_t)(at - out);
    return TC_OK;
}

uint16_t tc_grease_value(unsigned index)
{
    return (uint16_t)(0x0a0aU + 0x1010U * (index % 16U));
}
