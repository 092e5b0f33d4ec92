#include "flight_internal.h"
#include "put.h"

/* "The SSL Protocol" (Netscape, 1995): record header and the server's messages. */
#define SSL2_NO_PADDING       0x80U /* in the first byte: a header of two bytes */
#define SSL2_ESCAPE           0x40U /* in the first byte of a header of three */
#define SSL2_ERROR            0
#define SSL2_SERVER_HELLO     4
#define SSL2_VERSION          0x0002
#define SSL2_ERROR_BYTES      3U
#define SSL2_HELLO_BYTES      11U /* its fixed part */
#define SSL2_CONNECTION_MAX   32U
#define CERTIFICATE_LEN_BYTES 3U /* before each certificate and before their list */

/* 2 or 3, by the first byte; 0 where no record begins so. */
static size_t header_bytes(CBS seen)
{
    uint8_t first = CBS_data(&seen)[0];
    if ((first & SSL2_NO_PADDING) != 0) {
        return 2;
    }
    return (first & SSL2_ESCAPE) != 0 ? 0 : 3;
}

/* As the header has it, padding included. */
static size_t record_bytes(CBS seen, size_t header)
{
    const uint8_t *bytes = CBS_data(&seen);
    unsigned mask = header == 2 ? 0x7fU : 0x3fU;
    return ((bytes[0] & mask) << 8) | bytes[1];
}

static size_t padding_bytes(CBS seen, size_t header)
{
    return header == 3 ? CBS_data(&seen)[2] : 0;
}

/* Whether a server's message in the clear can have this type and length. */
static bool is_message(uint8_t type, size_t len)
{
    return type == SSL2_ERROR ? len == SSL2_ERROR_BYTES
                              : type == SSL2_SERVER_HELLO && len >= SSL2_HELLO_BYTES;
}

size_t flight_ssl2_need(CBS seen)
{
    size_t header = header_bytes(seen);
    if (header == 0) {
        return 0;
    }
    if (CBS_len(&seen) < header + 1) { /* the message's type as well: many a greeting fits so far */
        return header + 1;
    }
    size_t len = record_bytes(seen, header);
    size_t padding = padding_bytes(seen, header);
    if (padding > len || !is_message(CBS_data(&seen)[header], len - padding)) {
        return 0;
    }
    return header + len;
}

/* Kept in the form of TLS, so that whoever reads it knows one form alone. */
static bool keep_certificate(struct tc_flight *flight, CBS certificate)
{
    CBS header;
    uint8_t lens[2 * CERTIFICATE_LEN_BYTES];
    size_t len = CBS_len(&certificate);
    put_u24(put_u24(lens, CERTIFICATE_LEN_BYTES + len), len);
    CBS_init(&header, lens, sizeof lens);
    return flight_keep(flight, &flight->certificates, header) &&
           flight_keep(flight, &flight->certificates, certificate);
}

static bool read_specs(struct tc_flight *flight, CBS specs)
{
    uint32_t spec = 0;
    while (CBS_get_u24(&specs, &spec)) {
        if (flight->num_specs >= TC_FLIGHT_MAX_SPECS) {
            return flight_malformed(flight, "too many cipher specs in SERVER-HELLO");
        }
        flight->specs[flight->num_specs++] = spec;
    }
    return CBS_len(&specs) == 0 || flight_malformed(flight, "a cut cipher spec in SERVER-HELLO");
}

/* `message` begins behind its type. */
static bool read_server_hello(struct tc_flight *flight, CBS message)
{
    uint8_t is_known_session = 0;
    uint8_t certificate_type = 0;
    uint16_t lens[3] = {0};
    CBS certificate;
    CBS specs;
    CBS connection;
    if (!CBS_get_u8(&message, &is_known_session) || !CBS_get_u8(&message, &certificate_type) ||
        !CBS_get_u16(&message, &flight->version) || !CBS_get_u16(&message, &lens[0]) ||
        !CBS_get_u16(&message, &lens[1]) || !CBS_get_u16(&message, &lens[2]) ||
        !CBS_get_bytes(&message, &certificate, lens[0]) ||
        !CBS_get_bytes(&message, &specs, lens[1]) ||
        !CBS_get_bytes(&message, &connection, lens[2]) || CBS_len(&message) > 0) {
        return flight_malformed(flight, "a malformed SERVER-HELLO");
    }
    if (flight->version != SSL2_VERSION) {
        return flight_malformed(flight, "a SERVER-HELLO of another version");
    }
    if (is_known_session != 0) {
        return flight_malformed(flight, "a SERVER-HELLO for a session that was not offered");
    }
    if (CBS_len(&connection) > SSL2_CONNECTION_MAX) {
        return flight_malformed(flight, "a connection id of more than 32 bytes");
    }
    if (!read_specs(flight, specs)) {
        return false;
    }
    flight->has_hello = true;
    flight->legacy_version = flight->version;
    if (CBS_len(&certificate) > 0) {
        flight->num_certificates = 1;
        if (flight->keep_certificates && !keep_certificate(flight, certificate)) {
            return false;
        }
    }
    return flight_settle(flight, TC_FLIGHT_SSL2_HELLO);
}

bool flight_read_ssl2(struct tc_flight *flight, CBS record)
{
    size_t header = header_bytes(record);
    size_t padding = padding_bytes(record, header);
    uint8_t type = 0;
    CBS message;
    /* flight_ssl2_need() has held type and lengths against each other. */
    if (!CBS_skip(&record, header) || padding > CBS_len(&record) ||
        !CBS_get_bytes(&record, &message, CBS_len(&record) - padding) ||
        !CBS_get_u8(&message, &type)) {
        return flight_malformed(flight, "a malformed SSL 2.0 record");
    }
    return type == SSL2_ERROR ? flight_settle(flight, TC_FLIGHT_SSL2_ERROR)
                              : read_server_hello(flight, message);
}
