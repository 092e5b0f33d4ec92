#include "flight_internal.h"

#define STATUS_OCSP       1
#define STATUS_OCSP_MULTI 2 /* RFC 6961 section 2.2 */

bool flight_read_certificate(struct tc_flight *flight, CBS body)
{
    CBS rest = body;
    CBS list;
    CBS certificate;
    if (!CBS_get_u24_length_prefixed(&rest, &list) || CBS_len(&rest) > 0) {
        return flight_malformed(flight, "a malformed Certificate");
    }
    while (CBS_len(&list) > 0) {
        if (!CBS_get_u24_length_prefixed(&list, &certificate) || CBS_len(&certificate) == 0) {
            return flight_malformed(flight, "a malformed Certificate");
        }
        flight->num_certificates++;
    }
    return !flight->keep_certificates || flight_keep(flight, &flight->certificates, body);
}

/* RFC 6066 section 8: one response that is not empty, or a list of them. */
bool flight_read_certificate_status(struct tc_flight *flight, CBS body)
{
    uint8_t type = 0;
    CBS response;
    if (!CBS_get_u8(&body, &type) || (type != STATUS_OCSP && type != STATUS_OCSP_MULTI) ||
        !CBS_get_u24_length_prefixed(&body, &response) || CBS_len(&response) == 0 ||
        CBS_len(&body) > 0) {
        return flight_malformed(flight, "a malformed CertificateStatus");
    }
    flight->has_certificate_status = true;
    return true;
}

static bool are_names(CBS names)
{
    CBS name;
    while (CBS_len(&names) > 0) {
        if (!CBS_get_u16_length_prefixed(&names, &name) || CBS_len(&name) == 0) {
            return false;
        }
    }
    return true;
}

/* RFC 5246 section 7.4.4; the list of algorithms is there in TLS 1.2 alone. */
bool flight_read_certificate_request(struct tc_flight *flight, CBS body)
{
    CBS types;
    CBS schemes;
    CBS names;
    bool is_right = CBS_get_u8_length_prefixed(&body, &types) && CBS_len(&types) > 0;
    if (is_right && flight->version == VERSION_TLS12) {
        is_right = CBS_get_u16_length_prefixed(&body, &schemes) && CBS_len(&schemes) > 0 &&
                   CBS_len(&schemes) % 2 == 0;
    }
    if (!is_right || !CBS_get_u16_length_prefixed(&body, &names) || CBS_len(&body) > 0 ||
        !are_names(names)) {
        return flight_malformed(flight, "a malformed CertificateRequest");
    }
    flight->has_certificate_request = true;
    return !flight->keep_certificates || flight_keep(flight, &flight->ca_names, names);
}
