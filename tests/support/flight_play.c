#include "flight_play.h"

#include <stdlib.h>
#include <string.h>

void flight_play(struct tc_flight *out, const struct tc_flight_options *options,
                 const uint8_t *bytes, size_t len, size_t piece_bytes)
{
    tc_flight_init(out, options);
    for (size_t at = 0; at < len;) {
        size_t left = len - at;
        size_t taken = piece_bytes > 0 && piece_bytes < left ? piece_bytes : left;
        /* A copy of the exact size: a view kept past the call is seen by the sanitizers. */
        uint8_t *piece = malloc(taken);
        if (piece == NULL) {
            abort();
        }
        memcpy(piece, bytes + at, taken);
        enum tc_flight_state state = tc_flight_feed(out, piece, taken);
        free(piece);
        if (state != out->state) {
            abort();
        }
        at += taken;
    }
}

static bool buf_equal(const struct tc_buf *left, const struct tc_buf *right)
{
    return left->len == right->len &&
           (left->len == 0 || memcmp(left->data, right->data, left->len) == 0);
}

static bool hello_equal(const struct tc_flight *left, const struct tc_flight *right)
{
    return left->has_hello == right->has_hello && left->record_version == right->record_version &&
           left->legacy_version == right->legacy_version && left->version == right->version &&
           left->suite == right->suite && left->compression == right->compression &&
           memcmp(left->random, right->random, sizeof left->random) == 0 &&
           left->session_id_len == right->session_id_len && left->group == right->group &&
           left->num_extensions == right->num_extensions &&
           memcmp(left->extensions, right->extensions, sizeof left->extensions) == 0 &&
           strcmp(left->alpn, right->alpn) == 0 &&
           left->record_size_limit == right->record_size_limit;
}

static bool exchange_equal(const struct tc_flight *left, const struct tc_flight *right)
{
    return left->num_certificates == right->num_certificates &&
           left->has_certificate_request == right->has_certificate_request &&
           left->has_certificate_status == right->has_certificate_status &&
           left->exchange == right->exchange && left->signature_scheme == right->signature_scheme &&
           left->dh_bits == right->dh_bits && left->dh_g == right->dh_g &&
           memcmp(left->dh_p_sha256, right->dh_p_sha256, sizeof left->dh_p_sha256) == 0 &&
           memcmp(left->dh_y_sha256, right->dh_y_sha256, sizeof left->dh_y_sha256) == 0 &&
           buf_equal(&left->certificates, &right->certificates) &&
           buf_equal(&left->ca_names, &right->ca_names);
}

bool flight_equal(const struct tc_flight *left, const struct tc_flight *right)
{
    return left->state == right->state && left->problem == right->problem &&
           hello_equal(left, right) && exchange_equal(left, right) &&
           left->num_specs == right->num_specs &&
           memcmp(left->specs, right->specs, sizeof left->specs) == 0 &&
           left->alert == right->alert && left->num_warnings == right->num_warnings &&
           left->last_warning == right->last_warning && left->read_bytes == right->read_bytes;
}

bool flight_is_steady(const struct tc_flight_options *options, const uint8_t *bytes, size_t len)
{
    static const size_t k_pieces[] = {1, 7, 1460};
    struct tc_flight whole;
    bool is_steady = true;
    flight_play(&whole, options, bytes, len, 0);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_pieces); i++) {
        struct tc_flight pieces;
        flight_play(&pieces, options, bytes, len, k_pieces[i]);
        is_steady = is_steady && flight_equal(&whole, &pieces);
        tc_flight_cleanup(&pieces);
    }
    tc_flight_cleanup(&whole);
    return is_steady;
}

/* A state tells whether there is a hello, and whether there is a problem. */
static bool is_state_sound(const struct tc_flight *flight)
{
    switch (flight->state) {
    case TC_FLIGHT_HELLO_RETRY:
    case TC_FLIGHT_SERVER_HELLO:
        return flight->has_hello && flight->version == 0x0304 && flight->problem == NULL;
    case TC_FLIGHT_HELLO_DONE:
        return flight->has_hello && flight->version <= 0x0303 && flight->version >= 0x0300 &&
               flight->problem == NULL;
    case TC_FLIGHT_SSL2_HELLO:
        return flight->has_hello && flight->version == 0x0002 && flight->problem == NULL;
    case TC_FLIGHT_NOT_TLS:
    case TC_FLIGHT_SSL2_ERROR:
        return !flight->has_hello && flight->problem == NULL;
    case TC_FLIGHT_MALFORMED:
    case TC_FLIGHT_TOO_LARGE:
        return flight->problem != NULL;
    case TC_FLIGHT_READING:
    case TC_FLIGHT_ALERT:
    default:
        return flight->problem == NULL;
    }
}

bool flight_is_sound(const struct tc_flight *flight, const struct tc_flight_options *options)
{
    bool holds_nothing = flight->pending.len == 0 && flight->handshake.len == 0;
    return is_state_sound(flight) && flight->num_extensions <= TC_FLIGHT_MAX_EXTENSIONS &&
           flight->num_specs <= TC_FLIGHT_MAX_SPECS &&
           memchr(flight->alpn, '\0', sizeof flight->alpn) != NULL && flight->num_warnings <= 8 &&
           flight->read_bytes <= options->max_bytes &&
           flight->certificates.len <= flight->read_bytes + 6 &&
           flight->ca_names.len <= flight->read_bytes &&
           (options->keep_certificates ||
            (flight->certificates.len == 0 && flight->ca_names.len == 0)) &&
           (flight->state == TC_FLIGHT_READING || holds_nothing);
}
