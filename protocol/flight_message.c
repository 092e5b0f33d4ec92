#include <string.h>

#include "flight_internal.h"

#define MESSAGE_HEADER_BYTES 4U
#define MAX_MESSAGES         64U
/* RFC 8446 appendix B.3 */
#define MESSAGE_HELLO_REQUEST 0

static bool read_hello_done(struct tc_flight *flight, CBS body)
{
    if (CBS_len(&body) > 0) {
        return flight_malformed(flight, "a ServerHelloDone that is not empty");
    }
    return flight_check_exchange(flight) && flight_settle(flight, TC_FLIGHT_HELLO_DONE);
}

/* In the order of the flight, each once (RFC 5246 section 7.3, RFC 6066 section 8). */
static const struct message_rule {
    uint8_t type;
    bool (*read)(struct tc_flight *flight, CBS body);
} k_messages[] = {
    {2, flight_read_hello},
    {11, flight_read_certificate},
    {22, flight_read_certificate_status},
    {12, flight_read_key_exchange},
    {13, flight_read_certificate_request},
    {14, read_hello_done},
};

/* The rule's place in the order, from 1; 0 where no message of this type belongs here. */
static unsigned message_place(uint8_t type)
{
    for (unsigned i = 0; i < TC_ARRAY_LEN(k_messages); i++) {
        if (k_messages[i].type == type) {
            return i + 1;
        }
    }
    return 0;
}

static bool read_message_body(struct tc_flight *flight, uint8_t type, CBS body)
{
    if (flight->num_messages >= MAX_MESSAGES) {
        return flight_too_large(flight, TC_ERR_LIMIT);
    }
    flight->num_messages++;
    if (type == MESSAGE_HELLO_REQUEST && CBS_len(&body) == 0) {
        return true; /* a client in the middle of a handshake passes over it (RFC 5246, 7.4.1.1) */
    }
    unsigned place = message_place(type);
    if (place == 0) {
        return flight_malformed(flight, "a message of a type that does not belong here");
    }
    if (place <= flight->last_place || (place > 1 && !flight->has_hello)) {
        return flight_malformed(flight, "a message out of order");
    }
    flight->last_place = place;
    return k_messages[place - 1].read(flight, body);
}

/* Reads one message. False where more bytes are needed, or the flight is settled. */
static bool read_message(struct tc_flight *flight, CBS *payload)
{
    CBS message;
    uint8_t type = 0;
    uint32_t body_len = 0;
    if (!flight_gather(flight, &message, &flight->handshake, payload, MESSAGE_HEADER_BYTES) ||
        !CBS_get_u8(&message, &type) || !CBS_get_u24(&message, &body_len)) {
        return false;
    }
    size_t need = MESSAGE_HEADER_BYTES + body_len;
    if (need > flight->max_bytes) { /* it can never become whole */
        return flight_too_large(flight, TC_ERR_LIMIT);
    }
    if (!flight_gather(flight, &message, &flight->handshake, payload, need)) {
        return false;
    }
    (void)CBS_skip(&message, MESSAGE_HEADER_BYTES);
    bool goes_on = read_message_body(flight, type, message);
    flight_gathered(&flight->handshake, payload, need);
    return goes_on;
}

bool flight_read_handshake(struct tc_flight *flight, CBS payload)
{
    while (CBS_len(&payload) > 0 && read_message(flight, &payload)) {
    }
    /* Keys change or the client speaks next, so a record ends here (RFC 8446 section 5.1). */
    if (CBS_len(&payload) > 0 &&
        (flight->state == TC_FLIGHT_HELLO_RETRY || flight->state == TC_FLIGHT_SERVER_HELLO ||
         flight->state == TC_FLIGHT_HELLO_DONE)) {
        return flight_malformed(flight, "handshake bytes behind the flight's end");
    }
    return flight->state == TC_FLIGHT_READING;
}
