/* How a handshake that failed ended, in one outcome and one line. */
#include "handshake.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "tlscensus/boringssl_compat.h"
#include "tlscensus/flight.h"
#include "tlscensus/registry.h"

#define RECORD_HEADER_BYTES 5
/* RFC 8446 section 5.1: the content types, and the version whose high byte has been 3 since SSL 3.
 */
#define RECORD_TYPE_FIRST    20
#define RECORD_TYPE_LAST     24
#define RECORD_VERSION_MAJOR 3
#define SHOWN_MAX            40   /* of the peer's first line */
#define REASON_OF_ALERT_0    1000 /* ERR_GET_REASON of a received alert: this and its number */

bool tc_bytes_are_not_tls(const uint8_t *bytes, size_t len)
{
    if (len >= 1 && (bytes[0] < RECORD_TYPE_FIRST || bytes[0] > RECORD_TYPE_LAST)) {
        return true;
    }
    return len >= 2 && bytes[1] != RECORD_VERSION_MAJOR;
}

bool tc_bytes_are_ssl2_error(const uint8_t *bytes, size_t len)
{
    const struct tc_flight_options options = {.max_bytes = TC_HEAD_BYTES, .allows_ssl2 = true};
    struct tc_flight flight;
    tc_flight_init(&flight, &options);
    enum tc_flight_state state = tc_flight_feed(&flight, bytes, len);
    tc_flight_cleanup(&flight);
    return state == TC_FLIGHT_SSL2_ERROR;
}

/* What a server says first, by its first letters. */
static const struct {
    const char *start;
    const char *name;
} k_greetings[] = {
    {"HTTP/", "HTTP"},
    {"<!DOC", "HTML"},
    {"<html", "HTML"},
    {"<HTML", "HTML"},
    {"SSH-", "SSH"},
    {"220", "a greeting as of SMTP or FTP"},
    {"554", "a refusal as of SMTP"},
    {"421", "a refusal as of SMTP or FTP"},
    {"* OK", "IMAP"},
    {"* BYE", "IMAP"},
    {"+OK", "POP3"},
    {"-ERR", "POP3"},
    {"200 ", "NNTP"},
    {"201 ", "NNTP"},
    {"RFB ", "VNC"},
    {"<?xml", "XML"},
    {"<stream", "XMPP"},
    {"\"IMPL", "ManageSieve"},
    {"AMQP", "AMQP"},
    {"@RSYNCD", "rsync"},
    {"-NOAUTH", "Redis"},
    {"-DENIED", "Redis"},
};

static const char *greeting_name(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_greetings); i++) {
        size_t start_len = strlen(k_greetings[i].start);
        if (len >= start_len && memcmp(bytes, k_greetings[i].start, start_len) == 0) {
            return k_greetings[i].name;
        }
    }
    return NULL;
}

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

/* The first line as far as it is plain text. */
static size_t copy_line(char out[SHOWN_MAX + 1], const uint8_t *bytes, size_t len)
{
    size_t num = 0;
    while (num < len && num < SHOWN_MAX && is_printable(bytes[num])) {
        out[num] = (char)bytes[num];
        num++;
    }
    out[num] = '\0';
    return num;
}

void tc_describe_bytes(char detail[TC_DETAIL_MAX], const uint8_t *bytes, size_t len)
{
    char line[SHOWN_MAX + 1];
    size_t line_len = copy_line(line, bytes, len);
    const char *name = greeting_name(bytes, len);
    if (name != NULL) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server speaks %s: \"%s\"", name, line);
    } else if (line_len >= 4) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server answers with text: \"%s\"", line);
    } else if (len >= 3 && (bytes[0] & 0x80) != 0 && bytes[2] == 4) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server answers with an SSLv2 ServerHello");
    } else if (tc_bytes_are_ssl2_error(bytes, len)) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server answers with an SSLv2 error");
    } else if (len >= 5 && bytes[4] == 10) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server speaks MySQL's protocol");
    } else {
        size_t used = (size_t)snprintf(detail, TC_DETAIL_MAX, "the answer is no TLS record:");
        for (size_t i = 0; i < len && i < 8; i++) {
            used += (size_t)snprintf(detail + used, TC_DETAIL_MAX - used, " %02x", bytes[i]);
        }
    }
}

/* RFC 8446 section 6.2: what a server says that did not like our empty Certificate. */
static bool is_about_certificate(unsigned alert)
{
    return alert == SSL_AD_HANDSHAKE_FAILURE ||
           (alert >= 41 && alert <= SSL_AD_CERTIFICATE_UNKNOWN) || alert == SSL_AD_ACCESS_DENIED ||
           alert == SSL_AD_CERTIFICATE_REQUIRED || alert == SSL_AD_UNKNOWN_CA;
}

static void name_alert(char *out, size_t out_len, unsigned alert)
{
    const char *name = tc_registry_name(TC_REGISTRY_ALERT, alert);
    if (name != NULL) {
        (void)snprintf(out, out_len, "%s", name);
    } else {
        (void)snprintf(out, out_len, "alert %u", alert);
    }
}

static enum tc_outcome explain_alert(const struct tc_handshake *handshake, unsigned alert,
                                     char *detail)
{
    char name[64];
    name_alert(name, sizeof name, alert);
    if (handshake->certificate_request_seen && is_about_certificate(alert)) {
        (void)snprintf(detail, TC_DETAIL_MAX,
                       "the server refuses clients without a certificate: %s", name);
        return TC_OUTCOME_CLIENT_CERTIFICATE;
    }
    (void)snprintf(detail, TC_DETAIL_MAX, "%s", name);
    return TC_OUTCOME_ALERT;
}

/* "WRONG_VERSION_NUMBER" → "wrong version number" */
static void reason_in_words(char *out, size_t out_len, uint32_t error)
{
    const char *reason = ERR_reason_error_string(error);
    size_t num = 0;
    for (; reason != NULL && reason[num] != '\0' && num + 1 < out_len; num++) {
        char c = reason[num];
        if (c == '_') {
            c = ' ';
        } else if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        out[num] = c;
    }
    out[num] = '\0';
}

static enum tc_outcome explain_error(const struct tc_handshake *handshake, char *detail)
{
    int reason = ERR_GET_REASON(handshake->error);
    char words[96];
    if (ERR_GET_LIB(handshake->error) == ERR_LIB_SSL && reason >= REASON_OF_ALERT_0) {
        return explain_alert(handshake, (unsigned)(reason - REASON_OF_ALERT_0), detail);
    }
    reason_in_words(words, sizeof words, handshake->error);
    if (reason == ERR_R_MALLOC_FAILURE) {
        (void)snprintf(detail, TC_DETAIL_MAX, "memory ran out in the TLS library");
        return TC_OUTCOME_LOCAL_ERROR;
    }
    if (ERR_GET_LIB(handshake->error) == ERR_LIB_SSL && reason == SSL_R_EXCESSIVE_MESSAGE_SIZE) {
        (void)snprintf(detail, TC_DETAIL_MAX, "a handshake message is larger than the cap");
        return TC_OUTCOME_LIMIT_EXCEEDED;
    }
    (void)snprintf(detail, TC_DETAIL_MAX, "%s %s",
                   handshake->server_hello_seen ? "after the ServerHello:" : "instead of a hello:",
                   words[0] == '\0' ? "against the protocol" : words);
    return TC_OUTCOME_PROTOCOL_ERROR;
}

static const char *where_it_was(const struct tc_handshake *handshake)
{
    if (handshake->is_done) {
        return "after the handshake";
    }
    if (handshake->server_hello_seen) {
        return "after the ServerHello";
    }
    return handshake->connection->read_bytes > 0 ? "inside its first message"
                                                 : "after the ClientHello, without any answer";
}

static enum tc_outcome explain_end(const struct tc_handshake *handshake, char *detail)
{
    enum tc_outcome outcome =
        tc_connection_explain_end(handshake->connection, where_it_was(handshake), detail);
    if (handshake->is_done && handshake->certificate_request_seen &&
        (outcome == TC_OUTCOME_CLOSED || outcome == TC_OUTCOME_RESET)) {
        (void)snprintf(detail, TC_DETAIL_MAX,
                       "the server asked for a client certificate and hung up when there was none");
        return TC_OUTCOME_CLIENT_CERTIFICATE;
    }
    return outcome;
}

enum tc_outcome tc_handshake_explain(const struct tc_handshake *handshake,
                                     char detail[TC_DETAIL_MAX])
{
    const struct tc_connection *connection = handshake->connection;
    if (tc_bytes_are_not_tls(connection->head, connection->head_len)) {
        tc_describe_bytes(detail, connection->head, connection->head_len);
        return TC_OUTCOME_NOT_TLS;
    }
    return handshake->error != 0 ? explain_error(handshake, detail)
                                 : explain_end(handshake, detail);
}
