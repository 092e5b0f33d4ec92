#include <string.h>

#include <openssl/sha.h>

#include "flight_internal.h"
#include "tlscensus/registry.h"

#define CURVE_NAMED 3      /* RFC 8422 section 5.4 */
#define CURVE_CHAR2 2      /* explicit curves are 1 and 2 (RFC 4492 section 5.4) */
#define DH_MAX_BITS 16384U /* more is nothing that a client can work with */

/* What stands in a ServerKeyExchange. */
enum form {
    FORM_UNKNOWN = 0, /* not to be read: SRP, GOST, suites that nobody has registered */
    FORM_NONE,        /* there is no such message */
    FORM_ECDHE,
    FORM_DHE,
    FORM_RSA_EXPORT,
    FORM_PSK /* a hint alone */
};

/* RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279 sections 2 to 4, RFC 5489 section 2. */
static enum form suite_form(const struct tc_suite *suite)
{
    if (suite == NULL) {
        return FORM_UNKNOWN;
    }
    switch (suite->kx) {
    case TC_KX_ECDHE:
    case TC_KX_ECDHE_PSK:
        return FORM_ECDHE;
    case TC_KX_DHE:
    case TC_KX_DHE_PSK:
        return FORM_DHE;
    case TC_KX_RSA:
        return suite->is_export ? FORM_RSA_EXPORT : FORM_NONE;
    case TC_KX_PSK:
    case TC_KX_RSA_PSK:
        return FORM_PSK;
    case TC_KX_DH:
    case TC_KX_ECDH:
        return FORM_NONE;
    case TC_KX_NONE:
    case TC_KX_ANY:
    case TC_KX_SRP:
    case TC_KX_KRB5:
    case TC_KX_GOST:
    case TC_KX_ECCPWD:
    default:
        return FORM_UNKNOWN;
    }
}

/* RFC 4279 section 2: the hint of an identity comes first, and nothing is signed. */
static bool has_hint(const struct tc_suite *suite)
{
    return suite != NULL && (suite->kx == TC_KX_PSK || suite->kx == TC_KX_RSA_PSK ||
                             suite->kx == TC_KX_DHE_PSK || suite->kx == TC_KX_ECDHE_PSK);
}

/* Whether the server proves itself with one, and signs its parameters where it sends any. */
static bool has_certificate(const struct tc_suite *suite)
{
    return suite != NULL && (suite->auth == TC_AUTH_RSA || suite->auth == TC_AUTH_DSS ||
                             suite->auth == TC_AUTH_ECDSA || suite->auth == TC_AUTH_GOST);
}

/* A number of 1 to 2^16 - 1 bytes behind its length, without its leading zeros; never 0. */
static bool get_number(CBS *body, CBS *out)
{
    if (!CBS_get_u16_length_prefixed(body, out)) {
        return false;
    }
    while (CBS_len(out) > 0 && CBS_data(out)[0] == 0) {
        (void)CBS_skip(out, 1);
    }
    return CBS_len(out) > 0;
}

static size_t number_bits(CBS number)
{
    size_t bits = 8 * (CBS_len(&number) - 1);
    for (unsigned first = CBS_data(&number)[0]; first > 0; first >>= 1) {
        bits++;
    }
    return bits;
}

static bool is_below(CBS number, CBS limit)
{
    if (CBS_len(&number) != CBS_len(&limit)) {
        return CBS_len(&number) < CBS_len(&limit);
    }
    return memcmp(CBS_data(&number), CBS_data(&limit), CBS_len(&limit)) < 0;
}

/* RFC 5246 section 7.4.3: ServerDHParams. */
static bool read_dh(struct tc_flight *flight, CBS *body)
{
    CBS p;
    CBS g;
    CBS y;
    if (!get_number(body, &p) || !get_number(body, &g) || !get_number(body, &y)) {
        return flight_malformed(flight, "malformed Diffie-Hellman parameters");
    }
    size_t bits = number_bits(p);
    if (bits > DH_MAX_BITS) {
        return flight_malformed(flight, "a Diffie-Hellman prime of more than 16,384 bits");
    }
    if ((CBS_data(&p)[CBS_len(&p) - 1] & 1U) == 0) {
        return flight_malformed(flight, "a Diffie-Hellman prime that is even");
    }
    if (!is_below(g, p) || !is_below(y, p)) {
        return flight_malformed(flight, "a Diffie-Hellman number that is not below the prime");
    }
    flight->exchange = TC_EXCHANGE_DHE;
    flight->dh_bits = (uint16_t)bits;
    SHA256(CBS_data(&p), CBS_len(&p), flight->dh_p_sha256);
    SHA256(CBS_data(&y), CBS_len(&y), flight->dh_y_sha256);
    for (size_t i = 0; CBS_len(&g) <= sizeof flight->dh_g && i < CBS_len(&g); i++) {
        flight->dh_g = (flight->dh_g << 8) | CBS_data(&g)[i];
    }
    return true;
}

/* RFC 8422 section 5.4. `*out_is_whole` where the rest is not to be read: explicit curves. */
static bool read_ecdh(struct tc_flight *flight, CBS *body, bool *out_is_whole)
{
    uint8_t curve_type = 0;
    CBS point;
    *out_is_whole = false;
    if (!CBS_get_u8(body, &curve_type)) {
        return flight_malformed(flight, "malformed ECDH parameters");
    }
    if (curve_type > 0 && curve_type <= CURVE_CHAR2) {
        flight->exchange = TC_EXCHANGE_OTHER;
        *out_is_whole = true;
        return true;
    }
    if (curve_type != CURVE_NAMED || !CBS_get_u16(body, &flight->group) || flight->group == 0 ||
        !CBS_get_u8_length_prefixed(body, &point) || CBS_len(&point) == 0) {
        return flight_malformed(flight, "malformed ECDH parameters");
    }
    flight->exchange = TC_EXCHANGE_ECDHE;
    return true;
}

/* RFC 6101 section 5.6.5: ServerRSAParams. */
static bool read_rsa_export(struct tc_flight *flight, CBS *body)
{
    CBS modulus;
    CBS exponent;
    if (!get_number(body, &modulus) || !get_number(body, &exponent)) {
        return flight_malformed(flight, "malformed RSA parameters");
    }
    flight->exchange = TC_EXCHANGE_RSA_EXPORT;
    return true;
}

/* The signature over the parameters; its algorithm is named in TLS 1.2 alone. */
static bool read_signature(struct tc_flight *flight, CBS *body)
{
    CBS signature;
    if ((flight->version == VERSION_TLS12 && !CBS_get_u16(body, &flight->signature_scheme)) ||
        !CBS_get_u16_length_prefixed(body, &signature) || CBS_len(&signature) == 0) {
        return flight_malformed(flight, "a malformed signature in ServerKeyExchange");
    }
    return true;
}

static bool read_parameters(struct tc_flight *flight, enum form form, CBS *body, bool *out_is_whole)
{
    switch (form) {
    case FORM_ECDHE:
        return read_ecdh(flight, body, out_is_whole);
    case FORM_DHE:
        return read_dh(flight, body);
    case FORM_RSA_EXPORT:
        return read_rsa_export(flight, body);
    case FORM_NONE:
        return flight_malformed(flight, "a ServerKeyExchange that the suite does not have");
    case FORM_PSK:
        flight->exchange = TC_EXCHANGE_OTHER;
        return true;
    case FORM_UNKNOWN:
    default:
        flight->exchange = TC_EXCHANGE_OTHER;
        *out_is_whole = true;
        return true;
    }
}

bool flight_read_key_exchange(struct tc_flight *flight, CBS body)
{
    const struct tc_suite *suite = tc_suite_find(flight->suite);
    bool is_signed = has_certificate(suite) && !has_hint(suite);
    bool is_whole = false;
    CBS hint;
    if (has_hint(suite) && !CBS_get_u16_length_prefixed(&body, &hint)) {
        return flight_malformed(flight, "a malformed PSK identity hint");
    }
    if (!read_parameters(flight, suite_form(suite), &body, &is_whole)) {
        return false;
    }
    if (is_whole) {
        return true;
    }
    if (is_signed && !read_signature(flight, &body)) {
        return false;
    }
    return CBS_len(&body) == 0 || flight_malformed(flight, "bytes behind ServerKeyExchange");
}

bool flight_check_exchange(struct tc_flight *flight)
{
    const struct tc_suite *suite = tc_suite_find(flight->suite);
    enum form form = suite_form(suite);
    if ((form == FORM_ECDHE || form == FORM_DHE) && flight->exchange == TC_EXCHANGE_NONE) {
        return flight_malformed(flight, "no ServerKeyExchange, which the suite needs");
    }
    if (has_certificate(suite) && flight->num_certificates == 0) {
        return flight_malformed(flight, "no certificate, which the suite needs");
    }
    return true;
}
