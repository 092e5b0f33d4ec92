/* LDAP's StartTLS: one extended request and its answer (RFC 4511 section 4.14, in BER of 5.1). */
#include "starttls_way.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bytestring.h>

#define MESSAGE_ID 1U
/* RFC 4511 section 4 and X.690 section 8.1.2: identifier octets. */
enum {
    BER_INTEGER = 0x02,
    BER_OCTET_STRING = 0x04,
    BER_ENUMERATED = 0x0a,
    BER_SEQUENCE = 0x30,
    LDAP_EXTENDED_RESPONSE = 0x78, /* [APPLICATION 24], constructed */
    LDAP_RESPONSE_NAME = 0x8a      /* [10] of it */
};

enum ber_result { BER_WAIT = 0, BER_READ, BER_BAD };

/*
 * Reads one element. Its length may take more octets than it needs, as some servers send it: BER
 * allows that and DER does not. RFC 4511 section 5.1 forbids the indefinite form.
 */
static enum ber_result ber_read(CBS *from, uint8_t *out_tag, CBS *out_body)
{
    CBS at = *from;
    uint8_t first = 0;
    size_t len = 0;
    if (!CBS_get_u8(&at, out_tag) || !CBS_get_u8(&at, &first)) {
        return BER_WAIT;
    }
    if (first < 0x80) {
        len = first;
    } else if (first == 0x80 || first > 0x84) {
        return BER_BAD;
    }
    for (unsigned i = 0x80; i < first; i++) {
        uint8_t octet = 0;
        if (!CBS_get_u8(&at, &octet)) {
            return BER_WAIT;
        }
        len = len << 8 | octet;
    }
    if (!CBS_get_bytes(&at, out_body, len)) {
        return BER_WAIT;
    }
    *from = at;
    return BER_READ;
}

static bool ber_take(CBS *from, uint8_t tag, CBS *out_body)
{
    uint8_t found = 0;
    return ber_read(from, &found, out_body) == BER_READ && found == tag;
}

/* A number that is not negative, of at most four octets: what LDAP counts with. */
static bool ber_take_number(CBS *from, uint8_t tag, uint32_t *out)
{
    CBS body;
    uint32_t number = 0;
    uint8_t octet = 0;
    if (!ber_take(from, tag, &body) || CBS_len(&body) == 0 || CBS_len(&body) > 4 ||
        (CBS_data(&body)[0] & 0x80) != 0) {
        return false;
    }
    while (CBS_get_u8(&body, &octet)) {
        number = number << 8 | octet;
    }
    *out = number;
    return true;
}

struct ldap_response {
    uint32_t message_id;
    uint32_t result;
    CBS message; /* diagnosticMessage */
    CBS name;    /* responseName; empty where there is none */
};

/* LDAPMessage with an ExtendedResponse. What may follow (referral, value, controls) is left. */
static bool response_parse(struct ldap_response *out, CBS message)
{
    CBS response;
    CBS matched;
    CBS body;
    uint8_t tag = 0;
    *out = (struct ldap_response){0};
    if (!ber_take_number(&message, BER_INTEGER, &out->message_id) ||
        !ber_take(&message, LDAP_EXTENDED_RESPONSE, &response) ||
        !ber_take_number(&response, BER_ENUMERATED, &out->result) ||
        !ber_take(&response, BER_OCTET_STRING, &matched) ||
        !ber_take(&response, BER_OCTET_STRING, &out->message)) {
        return false;
    }
    while (CBS_len(&response) > 0) {
        if (ber_read(&response, &tag, &body) != BER_READ) {
            return false;
        }
        if (tag == LDAP_RESPONSE_NAME) {
            out->name = body;
        }
    }
    return true;
}

/* RFC 4511 appendix A.1, as far as an answer to StartTLS may have it. */
static const char *result_name(uint32_t result)
{
    switch (result) {
    case 1:
        return "operationsError";
    case 2:
        return "protocolError";
    case 8:
        return "strongerAuthRequired";
    case 10:
        return "referral";
    case 12:
        return "unavailableCriticalExtension";
    case 50:
        return "insufficientAccessRights";
    case 51:
        return "busy";
    case 52:
        return "unavailable";
    case 53:
        return "unwillingToPerform";
    case 80:
        return "other";
    default:
        return "no success";
    }
}

/* RFC 4511 section 4.4.1: an answer to nothing, by a server that hangs up. */
static bool is_disconnection(const struct ldap_response *response)
{
    static const char oid[] = "1.3.6.1.4.1.1466.20036";
    return response->message_id == 0 &&
           CBS_mem_equal(&response->name, (const uint8_t *)oid, sizeof oid - 1);
}

static enum way_progress refuse_by_result(struct tc_starttls *dialogue,
                                          const struct ldap_response *response)
{
    char words[TC_STARTTLS_WORDS_MAX];
    tc_starttls_words(words, CBS_data(&response->message), CBS_len(&response->message));
    return tc_starttls_refuse(dialogue, "%s: result %u (%s)%s%s",
                              dialogue->is_closing ? "the server hangs up" : dialogue->awaited,
                              (unsigned)response->result, result_name(response->result),
                              words[0] != '\0' ? ": " : "", words);
}

static enum way_progress read_message(struct tc_starttls *dialogue)
{
    struct ldap_response response;
    CBS all;
    CBS message;
    uint8_t tag = 0;
    CBS_init(&all, dialogue->reply, dialogue->reply_len);
    if (dialogue->reply_len > 0 && dialogue->reply[0] != BER_SEQUENCE) {
        return tc_starttls_fail_strange(dialogue);
    }
    switch (ber_read(&all, &tag, &message)) {
    case BER_WAIT:
        return WAY_WAIT;
    case BER_READ:
        break;
    case BER_BAD:
    default:
        return tc_starttls_fail(dialogue, "%s is no LDAP message", dialogue->awaited);
    }
    dialogue->reply_at = dialogue->reply_len - CBS_len(&all);
    if (!response_parse(&response, message)) {
        return tc_starttls_fail(dialogue, "%s is no extended response", dialogue->awaited);
    }
    dialogue->is_closing = is_disconnection(&response);
    if (response.message_id != MESSAGE_ID && !dialogue->is_closing) {
        return tc_starttls_fail(dialogue, "%s is one to message %u", dialogue->awaited,
                                (unsigned)response.message_id);
    }
    if (response.result != 0 || dialogue->is_closing) {
        return refuse_by_result(dialogue, &response);
    }
    return tc_starttls_agree(dialogue);
}

/* LDAPMessage { messageID 1, ExtendedRequest { requestName "1.3.6.1.4.1.1466.20037" } } */
static void begin_request(struct tc_starttls *dialogue)
{
    static const char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                  "1.3.6.1.4.1.1466.20037";
    dialogue->awaited = "the answer to StartTLS";
    tc_starttls_say(dialogue, request, sizeof request - 1);
}

/* UnbindRequest, message 2 (RFC 4511 section 4.3). */
#define UNBIND "\x30\x05\x02\x01\x02\x42\x00"

const struct tc_starttls_way tc_starttls_way_ldap = {
    .begin = begin_request,
    .read = read_message,
    .farewell = UNBIND,
    .farewell_len = sizeof UNBIND - 1,
    .last_words = UNBIND,
    .last_words_len = sizeof UNBIND - 1,
};
