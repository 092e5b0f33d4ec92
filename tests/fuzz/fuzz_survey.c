/*
 * A survey of either depth, with or without an earlier one to confirm, whose answers the bytes
 * decide: what a server in memory would say, cut or spoiled, or anything at all, in any order. It
 * has to end within its connections, to keep what it hands out within its bounds, and to leave
 * features that are well formed.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/protocol/fake_policies.h"
#include "tlscensus/features.h"

#define MAX_OUT          8
#define MAX_FLIGHT       4096
#define MAX_STEPS        2000
#define MANY_CONNECTIONS 250
#define FACTS_ALPN       32
#define SILENT_AT_END    TC_ANSWER_SILENCE

static void check(bool is_right)
{
    if (!is_right) {
        abort();
    }
}

/* ---- the bytes ---- */

struct input {
    const uint8_t *bytes;
    size_t len;
};

static uint8_t take_u8(struct input *input)
{
    if (input->len == 0) {
        return 0;
    }
    uint8_t byte = input->bytes[0];
    input->bytes++;
    input->len--;
    return byte;
}

static uint16_t take_u16(struct input *input)
{
    unsigned high = take_u8(input);
    return (uint16_t)(high << 8 | take_u8(input));
}

static enum tc_answer_end take_end(struct input *input)
{
    return (enum tc_answer_end)(take_u8(input) % (TC_ANSWER_LOCAL + 1));
}

/* ---- answers ---- */

struct asker {
    struct input input;
    struct tc_survey *survey;
    struct fake_policy policy;
    struct fake_server server;
    struct tc_question outs[MAX_OUT];
    size_t num_outs;
};

static enum tc_tristate take_tristate(struct input *input)
{
    return (enum tc_tristate)(take_u8(input) % 3 - 1);
}

static void take_facts(struct input *input, struct tc_handshake_facts *out)
{
    static const uint16_t versions[] = {0,         TC_SSL3,   TC_TLS1, TC_TLS1_1,
                                        TC_TLS1_2, TC_TLS1_3, 0xffff,  TC_SSL2};
    uint8_t bits = take_u8(input);
    *out = (struct tc_handshake_facts){
        .is_done = (bits & 1) != 0,
        .is_resumed = (bits & 2) != 0,
        .early_data_accepted = (bits & 4) != 0,
        .ticket_seen = (bits & 8) != 0,
        .tickets_awaited = (bits & 16) != 0,
        .session_kept = (bits & 32) != 0,
        .ech_retry_configs = (bits & 64) != 0,
        .offered_alpn = (bits & 128) != 0,
        .alert = take_u8(input),
        .version = versions[take_u8(input) % TC_ARRAY_LEN(versions)],
        .suite = take_u16(input),
        .group = take_u16(input),
        .signature_scheme = take_u16(input),
        .leaf_key = (enum tc_leaf_key)(take_u8(input) % (TC_LEAF_ECDSA + 1)),
        .ticket_lifetime_s = take_u16(input),
        .max_early_data_bytes = take_u16(input),
        .extended_master_secret = take_tristate(input),
        .secure_renegotiation = take_tristate(input),
        .client_certificate_request = take_tristate(input),
        .certificate_compression = take_u16(input),
        .renegotiation_reply = take_u8(input),
    };
    size_t alpn_len = take_u8(input) % FACTS_ALPN;
    for (size_t i = 0; i < alpn_len; i++) {
        out->alpn[i] = (char)take_u8(input);
    }
    memset(out->leaf_sha256, take_u8(input), sizeof out->leaf_sha256);
}

/* What the server in memory says, with a byte changed or its end cut off; or bytes as they are. */
static void take_flight(struct asker *asker, struct fake_reply *reply,
                        const struct tc_question *question)
{
    struct input *input = &asker->input;
    uint8_t bytes[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    size_t split = 0;
    check(tc_survey_hello(asker->survey, question->id, bytes, sizeof bytes, &len, &split) == TC_OK);
    check((split != 0) == question->is_split && split < len);
    uint8_t how = input->len == 0 ? 0xff : take_u8(input);
    if (how % 4 != 3) {
        fake_server_answer(&asker->server, reply, bytes, len, question->is_split);
    } else {
        reply->end = take_end(input);
        reply->len = take_u16(input) % MAX_FLIGHT;
        for (size_t i = 0; i < reply->len; i++) {
            reply->bytes[i] = take_u8(input);
        }
    }
    if (how % 4 == 1 && reply->len > 0) {
        reply->bytes[take_u16(input) % reply->len] ^= take_u8(input);
    } else if (how % 4 == 2) {
        reply->len = reply->len > 0 ? take_u16(input) % reply->len : 0;
        reply->end = take_end(input);
    }
}

static void feed_follow_up(struct asker *asker, const struct tc_question *question,
                           const struct tc_flight *flight)
{
    uint8_t bytes[TC_SURVEY_MAX_FOLLOW_UP];
    size_t len = 0;
    enum tc_status status =
        tc_survey_follow_up(asker->survey, question->id, flight, bytes, sizeof bytes, &len);
    check(status == TC_ERR_RANGE || (status == TC_OK && flight->state == TC_FLIGHT_HELLO_DONE));
    if (status != TC_OK) {
        (void)tc_survey_feed(asker->survey, question->id, TC_ANSWER_COMPLETE, flight);
        return;
    }
    check(len > 0 && len <= sizeof bytes);
    const struct tc_survey_reply reply = {.end = take_end(&asker->input),
                                          .type = take_u8(&asker->input),
                                          .len = take_u16(&asker->input),
                                          .alert = take_u8(&asker->input)};
    (void)tc_survey_feed_reply(asker->survey, question->id, flight, &reply);
}

static void answer_hello(struct asker *asker, const struct tc_question *question)
{
    static struct fake_reply reply;
    struct tc_flight flight;
    const struct tc_flight_options options = {.max_bytes = 65536,
                                              .keep_certificates = question->keeps_certificates,
                                              .allows_ssl2 = question->is_ssl2};
    take_flight(asker, &reply, question);
    tc_flight_init(&flight, &options);
    (void)tc_flight_feed(&flight, reply.bytes, reply.len);
    enum tc_answer_end end = flight.state != TC_FLIGHT_READING ? TC_ANSWER_COMPLETE
                             : reply.end == TC_ANSWER_COMPLETE ? SILENT_AT_END
                                                               : reply.end;
    bool has_none = end == TC_ANSWER_UNREACHED || end == TC_ANSWER_LOCAL;
    if (question->has_follow_up && end == TC_ANSWER_COMPLETE) {
        feed_follow_up(asker, question, &flight);
    } else {
        (void)tc_survey_feed(asker->survey, question->id, end, has_none ? NULL : &flight);
    }
    tc_flight_cleanup(&flight);
}

static void answer_http(struct asker *asker, const struct tc_question *question)
{
    char head[64];
    size_t len = take_u8(&asker->input) % sizeof head;
    for (size_t i = 0; i < len; i++) {
        head[i] = (char)take_u8(&asker->input);
    }
    tc_survey_feed_http(asker->survey, question->id, take_end(&asker->input), head, len);
}

static void answer_handshake(struct asker *asker, const struct tc_question *question)
{
    struct tc_handshake_facts facts;
    enum tc_answer_end end = TC_ANSWER_COMPLETE;
    if (take_u8(&asker->input) % 3 == 0) {
        take_facts(&asker->input, &facts);
        end = take_end(&asker->input);
    } else {
        end = fake_server_handshake(&asker->server, &facts, &question->wish);
    }
    (void)tc_survey_feed_handshake(asker->survey, question->id, end, &facts);
}

static void answer_any(struct asker *asker)
{
    size_t place = take_u8(&asker->input) % asker->num_outs;
    const struct tc_question question = asker->outs[place];
    asker->num_outs--;
    asker->outs[place] = asker->outs[asker->num_outs];
    switch (question.kind) {
    case TC_QUESTION_HANDSHAKE:
        answer_handshake(asker, &question);
        break;
    case TC_QUESTION_HTTP:
        answer_http(asker, &question);
        break;
    case TC_QUESTION_HELLO:
    default:
        answer_hello(asker, &question);
        break;
    }
}

/* ---- the survey ---- */

static void check_features(const struct tc_features *features)
{
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *feature = &features->items[i];
        check((unsigned)feature->kind < TC_FEATURE_KIND_COUNT);
        check(feature->supported == TC_YES || feature->supported == TC_NO ||
              feature->supported == TC_UNKNOWN);
        check(feature->text == NULL || feature->text[0] != '\0');
        check(feature->value >= TC_FEATURE_NO_VALUE);
        check(feature->rank == 0 || feature->supported == TC_YES);
    }
    check(tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE) != NULL);
    for (unsigned version = TC_SSL3; version <= TC_TLS1_3; version++) {
        check(tc_features_find(features, TC_FEATURE_VERSION, 0, version) != NULL);
    }
}

static void take_options(struct input *input, struct tc_survey_options *out)
{
    *out = (struct tc_survey_options){
        .depth = take_u8(input) % 2 == 0 ? TC_SURVEY_STANDARD : TC_SURVEY_DEEP,
        .intrusive = take_u8(input) % 16,
        .protocol = (enum tc_protocol)(take_u8(input) % TC_PROTOCOL_COUNT),
        .host = FAKE_SERVER_NAME,
        .server_name = take_u8(input) % 4 == 0 ? NULL : FAKE_SERVER_NAME,
        .max_connections = take_u8(input),
        .parallel = 1 + take_u8(input) % MAX_OUT,
        .seed = take_u16(input),
    };
}

static void play(struct asker *asker, const struct tc_survey_options *options,
                 struct tc_features *out)
{
    unsigned asked = 0;
    for (unsigned step = 0;; step++) {
        struct tc_question question;
        check(step < MAX_STEPS);
        enum tc_survey_step next = tc_survey_next(asker->survey, &question);
        if (next == TC_SURVEY_DONE) {
            break;
        }
        if (next == TC_SURVEY_ASK) {
            asked++;
            check(question.id == asked && asker->num_outs < options->parallel);
            asker->outs[asker->num_outs] = question;
            asker->num_outs++;
        }
        check(asker->num_outs > 0); /* who waits for nothing waits for ever */
        if (next == TC_SURVEY_WAIT || take_u8(&asker->input) % 2 == 0) {
            answer_any(asker);
        }
    }
    check(asker->num_outs == 0);
    check(asked == tc_survey_connections(asker->survey) && asked <= options->max_connections);
    check(tc_survey_result(asker->survey, out) == TC_OK);
    check_features(out);
}

/* What an undisturbed survey of the same server has found. */
static void survey_before(struct asker *asker, const struct tc_survey_options *options,
                          struct tc_features *out)
{
    static const uint8_t zeros[16384]; /* each answer as the server in memory gives it, at once */
    struct tc_survey_options before = *options;
    const struct input input = asker->input;
    asker->input = (struct input){.bytes = zeros, .len = sizeof zeros};
    before.max_connections = MANY_CONNECTIONS;
    (void)fake_server_handshake(&asker->server, &before.handshake, NULL);
    check(tc_survey_new(&asker->survey, &before) == TC_OK);
    play(asker, &before, out);
    tc_survey_free(asker->survey);
    asker->input = input;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct asker asker; /* its policy would fill a stack */
    struct tc_survey_options options;
    asker = (struct asker){.input = {.bytes = data, .len = size}};
    take_options(&asker.input, &options);
    fake_policy_invent(&asker.policy, take_u16(&asker.input));
    uint8_t quirk = take_u8(&asker.input);
    if (quirk < 128) {
        (void)fake_policy_spoil(&asker.policy, quirk % fake_num_spoilers(), quirk);
    }
    asker.server = (struct fake_server){.policy = &asker.policy, .random = quirk};
    if (take_u8(&asker.input) % 2 == 0) {
        (void)fake_server_handshake(&asker.server, &options.handshake, NULL);
    } else {
        take_facts(&asker.input, &options.handshake);
    }
    struct tc_features previous = {0};
    struct tc_features features = {0};
    if (take_u8(&asker.input) % 2 == 0) {
        survey_before(&asker, &options, &previous);
        options.previous = &previous;
    }
    check(tc_survey_new(&asker.survey, &options) == TC_OK);
    play(&asker, &options, &features);
    tc_survey_free(asker.survey);
    tc_features_cleanup(&features);
    tc_features_cleanup(&previous);
    return 0;
}
