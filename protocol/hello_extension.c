#include "tlscensus/hello.h"

#include <string.h>

#include "put.h"

#define EXTENSION_HEADER_BYTES 4U
#define NAME_TYPE_HOST         0 /* RFC 6066 section 3 */
#define STATUS_TYPE_OCSP       1 /* RFC 6066 section 8 */
#define POINT_UNCOMPRESSED     0 /* RFC 8422 section 5.1.2 */
#define PSK_DHE_KE             1 /* RFC 8446 section 4.2.9 */
#define MAX_U8_LEN             0xffU

/*
 * Opens an extension with a body of `body_len` bytes, and gives the place where its body goes. NULL
 * where it does not fit: the hello has failed then.
 */
static uint8_t *open_extension(struct tc_hello *hello, uint16_t type, size_t body_len)
{
    size_t room = sizeof hello->extensions - hello->extensions_len;
    if (hello->failed || room < EXTENSION_HEADER_BYTES ||
        body_len > room - EXTENSION_HEADER_BYTES) {
        hello->failed = true;
        return NULL;
    }
    uint8_t *at = put_u16(hello->extensions + hello->extensions_len, type);
    at = put_u16(at, body_len);
    hello->extensions_len += EXTENSION_HEADER_BYTES + body_len;
    hello->has_extensions = true;
    return at;
}

/* A list of 16-bit numbers behind its length of two bytes. No list of the three may be empty. */
static void add_u16_list(struct tc_hello *hello, uint16_t type, const uint16_t *numbers,
                         size_t num_numbers)
{
    if (num_numbers == 0 || num_numbers > sizeof hello->extensions / 2) {
        hello->failed = true;
        return;
    }
    uint8_t *at = open_extension(hello, type, 2 + 2 * num_numbers);
    if (at != NULL) {
        put_u16s(put_u16(at, 2 * num_numbers), numbers, num_numbers);
    }
}

void tc_hello_add_extension(struct tc_hello *hello, uint16_t type, const uint8_t *body,
                            size_t body_len)
{
    uint8_t *at = open_extension(hello, type, body_len);
    if (at != NULL) {
        put_bytes(at, body, body_len);
    }
}

void tc_hello_add_server_name(struct tc_hello *hello, const char *name)
{
    size_t len = strlen(name);
    uint8_t *at = NULL;
    if (len == 0 || len > sizeof hello->extensions) {
        hello->failed = true;
        return;
    }
    at = open_extension(hello, TC_EXTENSION_SERVER_NAME, 5 + len);
    if (at != NULL) {
        at = put_u8(put_u16(at, 3 + len), NAME_TYPE_HOST);
        put_bytes(put_u16(at, len), name, len);
    }
}

void tc_hello_add_groups(struct tc_hello *hello, const uint16_t *groups, size_t num_groups)
{
    add_u16_list(hello, TC_EXTENSION_SUPPORTED_GROUPS, groups, num_groups);
}

void tc_hello_add_point_formats(struct tc_hello *hello)
{
    static const uint8_t k_body[] = {1, POINT_UNCOMPRESSED};
    tc_hello_add_extension(hello, TC_EXTENSION_POINT_FORMATS, k_body, sizeof k_body);
}

void tc_hello_add_signature_algorithms(struct tc_hello *hello, const uint16_t *schemes,
                                       size_t num_schemes)
{
    add_u16_list(hello, TC_EXTENSION_SIGNATURE_ALGORITHMS, schemes, num_schemes);
}

void tc_hello_add_alpn(struct tc_hello *hello, const char *const *names, size_t num_names)
{
    size_t list_len = 0;
    for (size_t i = 0; i < num_names; i++) {
        size_t len = strlen(names[i]);
        if (len == 0 || len > MAX_U8_LEN) {
            hello->failed = true;
            return;
        }
        list_len += 1 + len;
    }
    if (list_len == 0) {
        hello->failed = true;
        return;
    }
    uint8_t *at = open_extension(hello, TC_EXTENSION_ALPN, 2 + list_len);
    if (at == NULL) {
        return;
    }
    at = put_u16(at, list_len);
    for (size_t i = 0; i < num_names; i++) {
        size_t len = strlen(names[i]);
        at = put_bytes(put_u8(at, len), names[i], len);
    }
}

void tc_hello_add_status_request(struct tc_hello *hello)
{
    /* Neither responders nor extensions of the request are named. */
    static const uint8_t k_body[] = {STATUS_TYPE_OCSP, 0, 0, 0, 0};
    tc_hello_add_extension(hello, TC_EXTENSION_STATUS_REQUEST, k_body, sizeof k_body);
}

void tc_hello_add_versions(struct tc_hello *hello, const uint16_t *versions, size_t num_versions)
{
    if (num_versions == 0 || 2 * num_versions > MAX_U8_LEN) {
        hello->failed = true;
        return;
    }
    uint8_t *at = open_extension(hello, TC_EXTENSION_SUPPORTED_VERSIONS, 1 + 2 * num_versions);
    if (at != NULL) {
        put_u16s(put_u8(at, 2 * num_versions), versions, num_versions);
    }
}

void tc_hello_add_psk_modes(struct tc_hello *hello)
{
    static const uint8_t k_body[] = {1, PSK_DHE_KE};
    tc_hello_add_extension(hello, TC_EXTENSION_PSK_MODES, k_body, sizeof k_body);
}

void tc_hello_add_key_shares(struct tc_hello *hello, const struct tc_key_share *shares,
                             size_t num_shares)
{
    size_t list_len = 0;
    for (size_t i = 0; i < num_shares; i++) {
        if (shares[i].key_len > sizeof hello->extensions || list_len > sizeof hello->extensions) {
            hello->failed = true;
            return;
        }
        list_len += 4 + shares[i].key_len;
    }
    uint8_t *at = open_extension(hello, TC_EXTENSION_KEY_SHARE, 2 + list_len);
    if (at == NULL) {
        return;
    }
    at = put_u16(at, list_len);
    for (size_t i = 0; i < num_shares; i++) {
        at = put_u16(put_u16(at, shares[i].group), shares[i].key_len);
        at = put_bytes(at, shares[i].key, shares[i].key_len);
    }
}

void tc_hello_add_renegotiation_info(struct tc_hello *hello)
{
    static const uint8_t k_body[] = {0}; /* renegotiated_connection: none before this one */
    tc_hello_add_extension(hello, TC_EXTENSION_RENEGOTIATION_INFO, k_body, sizeof k_body);
}

void tc_hello_pad(struct tc_hello *hello, size_t handshake_bytes)
{
    size_t bytes = tc_hello_handshake_bytes(hello);
    if (bytes >= handshake_bytes) {
        return;
    }
    /* The first extension brings the length of their block with it. */
    bytes += EXTENSION_HEADER_BYTES + (hello->has_extensions ? 0U : 2U);
    /* Never an empty body: some peers fail where the last extension is empty. */
    size_t body_len = handshake_bytes > bytes ? handshake_bytes - bytes : 1;
    uint8_t *at = open_extension(hello, TC_EXTENSION_PADDING, body_len);
    if (at != NULL) {
        memset(at, 0, body_len);
    }
}
