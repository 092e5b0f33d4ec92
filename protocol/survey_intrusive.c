/*
 * What is asked on request alone and at the end, each in the way that harms nobody: a renegotiation
 * is asked for once; a heartbeat says how long it is, so that nothing is read that is not its own;
 * an early ChangeCipherSpec goes to a connection that is given up; and a web server is asked for
 * what it says about TLS. Only conditions are observed.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "protocol/put.h"
#include "protocol/survey_internal.h"

#define RECORD_CHANGE_CIPHER_SPEC 20
#define RECORD_ALERT              21
#define RECORD_HANDSHAKE          22
#define RECORD_HEARTBEAT          24
#define ALERT_BAD_RECORD_MAC      20
#define ALERT_DECRYPTION_FAILED   21
/* Where connections are few, no more than this part of them is kept for what is asked here. */
#define MAX_KEPT_PART 4

/* ---- renegotiation by the client: inside a real handshake of TLS 1.2 ---- */

static enum tc_ask renegotiation_ask(struct tc_survey *survey, struct tc_track *track,
                                     struct tc_question *out)
{
    const struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_2];
    if (track->step > 0 || !survey->options.handshake.is_done) {
        return TC_ASK_NEVER;
    }
    if (level->supported.value != TC_YES) {
        return level->is_decided ? TC_ASK_NEVER : TC_ASK_LATER;
    }
    out->wish.max_version = TC_TLS1_2;
    out->wish.renegotiates = true;
    return TC_ASK_YES;
}

static enum tc_survey_chain renegotiation_hear(struct tc_survey *survey, struct tc_track *track,
                                               enum tc_verdict verdict,
                                               const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict != TC_VERDICT_ACCEPTED) {
        return TC_SURVEY_CHAIN_NONE;
    }
    if (answer->facts->renegotiation_reply == RECORD_HANDSHAKE) {
        tc_survey_trait(survey, TC_TRAIT_CLIENT_RENEGOTIATION, TC_YES);
    } else if (answer->facts->renegotiation_reply == RECORD_ALERT) {
        tc_survey_trait(survey, TC_TRAIT_CLIENT_RENEGOTIATION, TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_renegotiation = {.name = "renegotiation",
                                                     .ask = renegotiation_ask,
                                                     .hear = renegotiation_hear,
                                                     .is_intrusive = true};

/* ---- behind a flight of TLS 1.2 and below ---- */

static enum tc_ask old_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    (void)out;
    return track->step > 0 ? TC_ASK_NEVER : tc_survey_ask_old(survey);
}

static uint8_t *put_record(uint8_t *at, uint8_t type, uint16_t version, const uint8_t *body,
                           size_t body_len)
{
    at = put_u16(put_u8(at, type), version);
    return put_bytes(put_u16(at, body_len), body, body_len);
}

static void describe(struct tc_survey *survey, const struct tc_survey_reply *reply)
{
    char *text = survey->reply_text;
    size_t capacity = sizeof survey->reply_text;
    if (reply->type == RECORD_HEARTBEAT) {
        (void)snprintf(text, capacity, "a heartbeat of %u bytes", reply->len);
    } else if (reply->type == RECORD_ALERT) {
        (void)snprintf(text, capacity, "alert %u", reply->alert);
    } else if (reply->type != 0) {
        (void)snprintf(text, capacity, "a record of type %u", reply->type);
    } else {
        (void)snprintf(text, capacity, "%s",
                       reply->end == TC_ANSWER_SILENCE ? "nothing" : "the end of the connection");
    }
}

/*
 * RFC 6520 section 4: a heartbeat needs 16 bytes of padding, and one without has to be dropped in
 * silence. Who answers reads what is not there (CVE-2014-0160), or pads by other rules.
 */
static enum tc_ask heartbeat_ask(struct tc_survey *survey, struct tc_track *track,
                                 struct tc_question *out)
{
    enum tc_ask answer = old_ask(survey, track, out);
    return answer == TC_ASK_YES && survey->traits[TC_TRAIT_HEARTBEAT].value != TC_YES ? TC_ASK_NEVER
                                                                                      : answer;
}

static void heartbeat_hello(struct tc_survey *survey, struct tc_track *track,
                            struct tc_hello *hello)
{
    static const uint8_t mode[] = {1}; /* RFC 6520 section 2: peer_allowed_to_send */
    enum tc_level_index best = tc_survey_best_old_level(survey);
    (void)track;
    tc_survey_begin_plain_hello(survey, hello, best, TC_HELLO_OWN_NAME);
    tc_hello_add_extension(hello, TC_EXTENSION_HEARTBEAT, mode, sizeof mode);
    tc_survey_end_plain_hello(survey, hello, best);
}

/*
 * A request with an empty payload, whose length says so: nothing is asked for that was not sent. It
 * goes to who has just agreed to get one: another machine may have done so before.
 */
static size_t heartbeat_follow_up(const struct tc_flight *flight,
                                  uint8_t out[TC_SURVEY_MAX_FOLLOW_UP])
{
    static const uint8_t request[] = {1, 0, 0};
    if (!tc_flight_has_extension(flight, TC_EXTENSION_HEARTBEAT)) {
        return 0;
    }
    const uint8_t *end =
        put_record(out, RECORD_HEARTBEAT, flight->version, request, sizeof request);
    return (size_t)(end - out);
}

static enum tc_survey_chain heartbeat_hear(struct tc_survey *survey, struct tc_track *track,
                                           enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_survey_reply *reply = answer->reply;
    track->step = 1;
    if (verdict != TC_VERDICT_ACCEPTED || reply == NULL || reply->end == TC_ANSWER_UNREACHED ||
        reply->end == TC_ANSWER_LOCAL || reply->end == TC_ANSWER_BROKEN) {
        return TC_SURVEY_CHAIN_NONE;
    }
    describe(survey, reply);
    tc_survey_trait(survey, TC_TRAIT_HEARTBEAT_UNPADDED,
                    reply->type == RECORD_HEARTBEAT ? TC_YES : TC_NO);
    survey->traits[TC_TRAIT_HEARTBEAT_UNPADDED].text = survey->reply_text;
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_heartbeat = {.name = "heartbeat",
                                                 .ask = heartbeat_ask,
                                                 .hello = heartbeat_hello,
                                                 .hear = heartbeat_hear,
                                                 .is_strange = true,
                                                 .is_intrusive = true,
                                                 .follow_up = heartbeat_follow_up};

/*
 * Two of them before any key was agreed on. Who takes the first (CVE-2014-0224) finds the second
 * badly encrypted; who does not takes offence at the first already.
 */
static void ccs_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    (void)track;
    tc_survey_plain_hello(survey, hello, tc_survey_best_old_level(survey), TC_HELLO_OWN_NAME);
}

static size_t ccs_follow_up(const struct tc_flight *flight, uint8_t out[TC_SURVEY_MAX_FOLLOW_UP])
{
    static const uint8_t body[] = {1};
    uint8_t *at = put_record(out, RECORD_CHANGE_CIPHER_SPEC, flight->version, body, sizeof body);
    at = put_record(at, RECORD_CHANGE_CIPHER_SPEC, flight->version, body, sizeof body);
    return (size_t)(at - out);
}

static enum tc_survey_chain ccs_hear(struct tc_survey *survey, struct tc_track *track,
                                     enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_survey_reply *reply = answer->reply;
    track->step = 1;
    if (verdict != TC_VERDICT_ACCEPTED || reply == NULL) {
        return TC_SURVEY_CHAIN_NONE;
    }
    bool is_taken = reply->type == RECORD_ALERT && (reply->alert == ALERT_BAD_RECORD_MAC ||
                                                    reply->alert == ALERT_DECRYPTION_FAILED);
    bool is_refused = reply->type == RECORD_ALERT || reply->end == TC_ANSWER_CLOSED ||
                      reply->end == TC_ANSWER_RESET;
    if (is_taken || is_refused) {
        tc_survey_trait(survey, TC_TRAIT_EARLY_CCS, is_taken ? TC_YES : TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_ccs = {.name = "early ChangeCipherSpec",
                                           .ask = old_ask,
                                           .hello = ccs_hello,
                                           .hear = ccs_hear,
                                           .is_intrusive = true,
                                           .follow_up = ccs_follow_up};

/* ---- RFC 2817: TLS inside HTTP, on port 80 (CVE-2025-49812) ---- */

static enum tc_ask http_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)survey;
    (void)out;
    return track->step > 0 ? TC_ASK_NEVER : TC_ASK_YES;
}

static enum tc_status http_request(const struct tc_survey *survey, uint8_t *out, size_t capacity,
                                   size_t *out_len)
{
    const char *host =
        survey->options.server_name != NULL ? survey->options.server_name : survey->options.host;
    bool is_ipv6 = strchr(host, ':') != NULL; /* RFC 3986 section 3.2.2: in brackets */
    int len = snprintf((char *)out, capacity,
                       "HEAD / HTTP/1.1\r\nHost: %s%s%s\r\nUpgrade: TLS/1.0\r\n"
                       "Connection: Upgrade\r\n\r\n",
                       is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "");
    if (len < 0 || (size_t)len >= capacity) {
        return TC_ERR_LIMIT;
    }
    *out_len = (size_t)len;
    return TC_OK;
}

/* Whether one of the lines is an Upgrade header that names a version of TLS. */
static bool has_tls_upgrade(const char *head, size_t head_len)
{
    static const char name[] = "\nupgrade:";
    static const char protocol[] = "tls/";
    for (size_t i = 0; i + sizeof name - 1 <= head_len; i++) {
        if (strncasecmp(head + i, name, sizeof name - 1) != 0) {
            continue;
        }
        for (size_t j = i + sizeof name - 1;
             j + sizeof protocol - 1 <= head_len && head[j] != '\r' && head[j] != '\n'; j++) {
            if (strncasecmp(head + j, protocol, sizeof protocol - 1) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_http(const char *head, size_t head_len)
{
    static const char start[] = "HTTP/1.";
    return head_len > sizeof start && strncmp(head, start, sizeof start - 1) == 0;
}

static enum tc_survey_chain http_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_ACCEPTED && is_http(answer->http, answer->http_len)) {
        bool upgrades = has_tls_upgrade(answer->http, answer->http_len);
        tc_survey_trait(survey, TC_TRAIT_HTTP_UPGRADE, upgrades ? TC_YES : TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_http = {.name = "HTTP upgrade",
                                            .ask = http_ask,
                                            .hear = http_hear,
                                            .is_intrusive = true,
                                            .request = http_request};

static const struct {
    unsigned bit;
    unsigned connections; /* at most */
    const struct tc_track_kind *kind;
} k_rows[] = {{TC_INTRUSIVE_RENEGOTIATION, 2, &k_renegotiation},
              {TC_INTRUSIVE_HEARTBEAT, 2, &k_heartbeat},
              {TC_INTRUSIVE_CCS, 2, &k_ccs},
              {TC_INTRUSIVE_HTTP_UPGRADE, 1, &k_http}};

unsigned tc_survey_intrusive_connections(unsigned intrusive)
{
    unsigned connections = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_rows); i++) {
        connections += (intrusive & k_rows[i].bit) != 0 ? k_rows[i].connections : 0;
    }
    return connections;
}

void tc_survey_add_intrusive(struct tc_survey *survey)
{
    const struct tc_survey_options *options = &survey->options;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_rows); i++) {
        bool fits = k_rows[i].kind != &k_http ||
                    (options->protocol == TC_PROTOCOL_HTTPS && options->host != NULL);
        if ((options->intrusive & k_rows[i].bit) != 0 && fits &&
            tc_survey_add_track(survey, k_rows[i].kind) != NULL) {
            survey->kept_for_intrusive += k_rows[i].connections;
        }
    }
    unsigned most = options->max_connections / MAX_KEPT_PART;
    survey->kept_for_intrusive =
        survey->kept_for_intrusive < most ? survey->kept_for_intrusive : most;
}
