#include "tlscensus/flight.h"

#include <string.h>

#include <openssl/sha.h>

#include "flight_internal.h"

#define RECORD_CHANGE_CIPHER_SPEC 20
#define RECORD_ALERT              21
#define RECORD_HANDSHAKE          22
#define RECORD_HEARTBEAT          24 /* the last type of record */
#define RECORD_VERSION_MAJOR      3
#define RECORD_HEADER_BYTES       5U
#define RECORD_MAX_BYTES          16384U /* RFC 8446 section 5.1 */
#define MAX_IDLE_RECORDS          32U    /* those in which there is nothing to read */
#define MAX_WARNINGS              8U
#define ALERT_WARNING             1
#define ALERT_FATAL               2

bool flight_settle(struct tc_flight *flight, enum tc_flight_state state)
{
    flight->state = state;
    return false;
}

bool flight_malformed(struct tc_flight *flight, const char *problem)
{
    flight->problem = problem;
    return flight_settle(flight, TC_FLIGHT_MALFORMED);
}

bool flight_too_large(struct tc_flight *flight, enum tc_status reason)
{
    flight->problem = reason == TC_ERR_NOMEM ? "memory ran out" : "a cap was reached";
    return flight_settle(flight, TC_FLIGHT_TOO_LARGE);
}

bool flight_keep(struct tc_flight *flight, struct tc_buf *buf, CBS bytes)
{
    enum tc_status status = tc_buf_add(buf, CBS_data(&bytes), CBS_len(&bytes));
    return status == TC_OK || flight_too_large(flight, status);
}

bool flight_gather(struct tc_flight *flight, CBS *out, struct tc_buf *held, CBS *from, size_t need)
{
    if (held->len == 0 && CBS_len(from) >= need) {
        CBS_init(out, CBS_data(from), need);
        return true;
    }
    CBS taken;
    size_t missing = need > held->len ? need - held->len : 0;
    size_t taken_len = missing < CBS_len(from) ? missing : CBS_len(from);
    if (taken_len > 0 &&
        (!CBS_get_bytes(from, &taken, taken_len) || !flight_keep(flight, held, taken))) {
        return false;
    }
    if (held->len < need) {
        return false;
    }
    CBS_init(out, (const uint8_t *)held->data, need);
    return true;
}

void flight_gathered(struct tc_buf *held, CBS *from, size_t need)
{
    if (held->len > 0) {
        tc_buf_clear(held);
    } else {
        (void)CBS_skip(from, need);
    }
}

/* A record that says nothing is borne, but not without end. */
static bool count_idle_record(struct tc_flight *flight)
{
    flight->num_idle_records++;
    return flight->num_idle_records <= MAX_IDLE_RECORDS ||
           flight_malformed(flight, "too many empty records");
}

static bool read_warning(struct tc_flight *flight, uint8_t description)
{
    if (flight->handshake.len > 0) {
        return flight_malformed(flight, "an alert inside a handshake message");
    }
    if (flight->num_warnings >= MAX_WARNINGS) {
        return flight_malformed(flight, "too many warning alerts");
    }
    flight->num_warnings++;
    flight->last_warning = description;
    return true;
}

static bool read_alerts(struct tc_flight *flight, CBS payload)
{
    while (CBS_len(&payload) > 0) {
        uint8_t level = 0;
        uint8_t description = 0;
        if (!CBS_get_u8(&payload, &level) || !CBS_get_u8(&payload, &description)) {
            return flight_malformed(flight, "a cut alert");
        }
        if (level == ALERT_FATAL) {
            flight->alert = description;
            return flight_settle(flight, TC_FLIGHT_ALERT);
        }
        if (level != ALERT_WARNING) {
            return flight_malformed(flight, "an alert of no known level");
        }
        if (!read_warning(flight, description)) {
            return false;
        }
    }
    return true;
}

/*
 * Servers of TLS 1.3 send one for the sake of middleboxes, and it may come at any time (RFC 8446
 * section 5). Below, none is due before the flight is over.
 */
static bool read_change_cipher_spec(struct tc_flight *flight, CBS payload)
{
    static const uint8_t k_body[] = {1};
    if (!CBS_mem_equal(&payload, k_body, sizeof k_body)) {
        return flight_malformed(flight, "a malformed ChangeCipherSpec");
    }
    if (flight->has_hello || flight->handshake.len > 0) {
        return flight_malformed(flight, "ChangeCipherSpec inside the flight");
    }
    return count_idle_record(flight);
}

/* `record` is whole. */
static bool read_record_body(struct tc_flight *flight, CBS record)
{
    uint8_t type = 0;
    uint16_t version = 0;
    CBS payload;
    if (!CBS_get_u8(&record, &type) || !CBS_get_u16(&record, &version) ||
        !CBS_get_u16_length_prefixed(&record, &payload)) {
        return flight_malformed(flight, "a cut record");
    }
    if (flight->record_version == 0) {
        flight->record_version = version;
    }
    if (CBS_len(&payload) == 0) {
        return count_idle_record(flight);
    }
    switch (type) {
    case RECORD_HANDSHAKE:
        return flight_read_handshake(flight, payload);
    case RECORD_ALERT:
        return read_alerts(flight, payload);
    case RECORD_CHANGE_CIPHER_SPEC:
        return read_change_cipher_spec(flight, payload);
    default:
        return flight_malformed(flight, "a record of a type that does not belong here");
    }
}

/* Whether a record of SSL 3.0 or TLS can begin like this. One byte and three are looked at. */
static bool is_tls_start(CBS seen)
{
    const uint8_t *bytes = CBS_data(&seen);
    return bytes[0] >= RECORD_CHANGE_CIPHER_SPEC && bytes[0] <= RECORD_HEARTBEAT &&
           (CBS_len(&seen) < 3 || bytes[1] == RECORD_VERSION_MAJOR);
}

/* As flight_ssl2_need(), for TLS; 0 where the record is too long. */
static size_t tls_need(CBS seen)
{
    if (CBS_len(&seen) < 3) {
        return 3;
    }
    if (CBS_len(&seen) < RECORD_HEADER_BYTES) {
        return RECORD_HEADER_BYTES;
    }
    const uint8_t *bytes = CBS_data(&seen);
    size_t len = ((size_t)bytes[3] << 8) | bytes[4];
    return len <= RECORD_MAX_BYTES ? RECORD_HEADER_BYTES + len : 0;
}

/*
 * The bytes of the record wanted to go on, of which `seen` are there, at least one; as many as are
 * there where it is whole. 0 where the flight is settled. The answer depends on `seen` alone, so it
 * is the same however the bytes arrive.
 */
static size_t record_need(struct tc_flight *flight, CBS seen, bool is_ssl2)
{
    size_t need = is_ssl2 ? flight_ssl2_need(seen) : 0;
    if (!is_ssl2 && is_tls_start(seen)) {
        need = tls_need(seen);
        if (need == 0) {
            (void)flight_malformed(flight, "a record of more than 2^14 bytes");
        }
    } else if (need == 0 && flight->record_version == 0) {
        (void)flight_settle(flight, TC_FLIGHT_NOT_TLS);
    } else if (need == 0) {
        (void)flight_malformed(flight, "bytes that are no record");
    }
    return need;
}

/* Reads one record. False where more bytes are needed, or the flight is settled. */
static bool read_record(struct tc_flight *flight, CBS *from)
{
    CBS seen;
    bool may_be_ssl2 = flight->allows_ssl2 && flight->record_version == 0;
    bool is_ssl2 = false;
    size_t need = 1;
    size_t next = 1;
    do {
        need = next;
        if (!flight_gather(flight, &seen, &flight->pending, from, need)) {
            return false;
        }
        is_ssl2 = may_be_ssl2 && !is_tls_start(seen);
        next = record_need(flight, seen, is_ssl2);
    } while (next > need);
    if (next == need) {
        (void)(is_ssl2 ? flight_read_ssl2(flight, seen) : read_record_body(flight, seen));
    }
    flight_gathered(&flight->pending, from, need);
    return flight->state == TC_FLIGHT_READING;
}

void tc_flight_init(struct tc_flight *flight, const struct tc_flight_options *options)
{
    *flight = (struct tc_flight){.keep_certificates = options->keep_certificates,
                                 .allows_ssl2 = options->allows_ssl2,
                                 .max_bytes = options->max_bytes};
    tc_buf_init(&flight->certificates, options->max_bytes);
    tc_buf_init(&flight->ca_names, options->max_bytes);
    tc_buf_init(&flight->pending, options->max_bytes);
    tc_buf_init(&flight->handshake, options->max_bytes);
}

enum tc_flight_state tc_flight_feed(struct tc_flight *flight, const uint8_t *bytes, size_t len)
{
    if (flight->state != TC_FLIGHT_READING) {
        return flight->state;
    }
    CBS from;
    size_t room = flight->max_bytes - flight->read_bytes;
    size_t taken = len < room ? len : room;
    CBS_init(&from, bytes, taken);
    while (read_record(flight, &from)) {
    }
    flight->read_bytes += taken - CBS_len(&from);
    if (flight->state == TC_FLIGHT_READING && len > room) {
        (void)flight_too_large(flight, TC_ERR_LIMIT);
    }
    if (flight->state != TC_FLIGHT_READING) { /* nothing more is read: a settled flight is small */
        tc_buf_cleanup(&flight->pending);
        tc_buf_cleanup(&flight->handshake);
    }
    return flight->state;
}

bool tc_flight_leaf_sha256(const struct tc_flight *flight, uint8_t out[32])
{
    CBS body;
    CBS list;
    CBS leaf;
    CBS_init(&body, (const uint8_t *)flight->certificates.data, flight->certificates.len);
    if (!CBS_get_u24_length_prefixed(&body, &list) || !CBS_get_u24_length_prefixed(&list, &leaf)) {
        return false;
    }
    SHA256(CBS_data(&leaf), CBS_len(&leaf), out);
    return true;
}

void tc_flight_cleanup(struct tc_flight *flight)
{
    tc_buf_cleanup(&flight->certificates);
    tc_buf_cleanup(&flight->ca_names);
    tc_buf_cleanup(&flight->pending);
    tc_buf_cleanup(&flight->handshake);
}
