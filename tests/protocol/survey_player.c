#include "survey_player.h"

#include <string.h>

#include "test_support.h"

#define MAX_OUT 16

struct tc_survey_options survey_options(enum tc_survey_depth depth, unsigned parallel)
{
    return (struct tc_survey_options){
        .depth = depth,
        .protocol = TC_PROTOCOL_HTTPS,
        .server_name = FAKE_SERVER_NAME,
        .host = FAKE_SERVER_NAME,
        .max_connections =
            depth == TC_SURVEY_DEEP ? TC_SURVEY_DEEP_CONNECTIONS : TC_SURVEY_STANDARD_CONNECTIONS,
        .parallel = parallel,
        .seed = 7,
    };
}

/* A question that is out, and the answer that is on its way. */
struct out {
    struct tc_question question;
    struct fake_reply reply;
    struct tc_handshake_facts facts;
    char head[256]; /* of a web server */
    size_t head_len;
};

struct player {
    struct tc_survey *survey;
    struct fake_server *server;
    survey_meddler *meddler;
    struct out outs[MAX_OUT];
    size_t num_outs;
    unsigned num_followed;
    uint64_t random;
};

static void check_hello(const struct tc_question *question, const uint8_t *bytes, size_t len,
                        size_t split)
{
    struct fake_hello hello;
    assert_int_equal(split != 0, question->is_split);
    assert_true(split < len);
    if (question->is_ssl2) {
        return;
    }
    assert_true(fake_hello_read(&hello, bytes, len));
    if (!fake_hello_has(&hello, FAKE_MAX_FRAGMENT_LENGTH)) { /* JARM's, whose form is not ours */
        assert_true(hello.num_suites <= 120);                /* old appliances fail at about 128 */
        /* Some load balancers hang on such lengths (RFC 7685). */
        assert_false(hello.num_extensions > 0 && hello.bytes - 5 >= 256 && hello.bytes - 5 <= 511);
        assert_int_equal(hello.record_version, hello.legacy_version == TC_SSL3 ? TC_SSL3 : TC_TLS1);
    }
}

static void meddle(struct player *player, struct out *out)
{
    const struct tc_track *track = tc_survey_find_track(player->survey, out->question.id);
    assert_non_null(track);
    if (player->meddler != NULL) {
        player->meddler(player->survey, track->kind->name, &out->reply);
    }
}

/* The server meets the connection when it is made, so in the order of the questions. */
static void send_out(struct player *player, const struct tc_question *question)
{
    struct out *out = &player->outs[player->num_outs];
    player->num_outs++;
    out->question = *question;
    if (question->kind == TC_QUESTION_HANDSHAKE) {
        out->reply.end = fake_server_handshake(player->server, &out->facts, &question->wish);
        meddle(player, out);
        return;
    }
    uint8_t bytes[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    size_t split = 0;
    assert_int_equal(
        tc_survey_hello(player->survey, question->id, bytes, sizeof bytes, &len, &split), TC_OK);
    if (question->kind == TC_QUESTION_HTTP) {
        assert_true(len < sizeof bytes);
        bytes[len] = 0;
        out->head_len =
            fake_server_http(player->server, out->head, sizeof out->head, (const char *)bytes);
        return;
    }
    check_hello(question, bytes, len, split);
    fake_server_answer(player->server, &out->reply, bytes, len, question->is_split);
    meddle(player, out);
}

static void feed_reply(struct player *player, const struct out *out, const struct tc_flight *flight)
{
    struct tc_survey_reply reply;
    uint8_t bytes[TC_SURVEY_MAX_FOLLOW_UP];
    size_t len = 0;
    enum tc_status status =
        tc_survey_follow_up(player->survey, out->question.id, flight, bytes, sizeof bytes, &len);
    if (status == TC_ERR_RANGE) { /* this flight has not agreed to it */
        assert_false(tc_flight_has_extension(flight, TC_EXTENSION_HEARTBEAT));
        (void)tc_survey_feed(player->survey, out->question.id, out->reply.end, flight);
        return;
    }
    assert_int_equal(status, TC_OK);
    player->num_followed++;
    fake_server_reply(player->server, &reply, bytes, len);
    /* It knew what that was, or was told what to say. */
    assert_true(reply.end != TC_ANSWER_BROKEN || player->server->reply != NULL);
    (void)tc_survey_feed_reply(player->survey, out->question.id, flight, &reply);
}

/* In pieces of any size. */
static void feed_flight(struct player *player, const struct out *out)
{
    struct tc_flight flight;
    const struct tc_flight_options options = {.max_bytes = 262144,
                                              .keep_certificates = out->question.keeps_certificates,
                                              .allows_ssl2 = out->question.is_ssl2};
    tc_flight_init(&flight, &options);
    for (size_t at = 0; at < out->reply.len && flight.state == TC_FLIGHT_READING;) {
        size_t piece = 1 + fake_random(&player->random) % 600;
        piece = piece < out->reply.len - at ? piece : out->reply.len - at;
        (void)tc_flight_feed(&flight, out->reply.bytes + at, piece);
        at += piece;
    }
    enum tc_answer_end end = out->reply.end;
    if (flight.state == TC_FLIGHT_READING && end == TC_ANSWER_COMPLETE) {
        fail_msg("the fake server's flight has no end");
    }
    if (flight.state == TC_FLIGHT_MALFORMED) {
        fail_msg("the fake server's flight is malformed: %s", flight.problem);
    }
    if (out->question.has_follow_up && flight.state == TC_FLIGHT_HELLO_DONE) {
        feed_reply(player, out, &flight);
    } else {
        (void)tc_survey_feed(player->survey, out->question.id, end, &flight);
    }
    tc_flight_cleanup(&flight);
}

static void take_in(struct player *player)
{
    size_t place = fake_random(&player->random) % player->num_outs;
    const struct out out = player->outs[place];
    player->num_outs--;
    player->outs[place] = player->outs[player->num_outs];
    if (out.question.kind == TC_QUESTION_HANDSHAKE) {
        (void)tc_survey_feed_handshake(player->survey, out.question.id, out.reply.end, &out.facts);
    } else if (out.question.kind == TC_QUESTION_HTTP) {
        tc_survey_feed_http(player->survey, out.question.id, TC_ANSWER_COMPLETE, out.head,
                            out.head_len);
    } else {
        feed_flight(player, &out);
    }
}

static bool is_intrusive(const struct tc_question *question)
{
    return question->kind == TC_QUESTION_HTTP || question->has_follow_up ||
           question->wish.renegotiates;
}

static void check_company(const struct player *player)
{
    for (size_t i = 0; i < player->num_outs; i++) {
        assert_true(player->num_outs == 1 || !is_intrusive(&player->outs[i].question));
    }
}

static void note_question(struct played *out, const struct tc_question *question)
{
    if (out->connections == 0) {
        out->first = *question;
    }
    out->connections++;
    assert_int_equal(question->id, out->connections); /* ids count connections */
    out->handshakes += question->kind == TC_QUESTION_HANDSHAKE ? 1 : 0;
    out->renegotiations += question->wish.renegotiates ? 1 : 0;
    out->follow_ups += question->has_follow_up ? 1 : 0;
    out->requests += question->kind == TC_QUESTION_HTTP ? 1 : 0;
    if (!is_intrusive(question)) {
        bool is_before = out->renegotiations + out->follow_ups + out->requests == 0;
        out->ordinary += is_before ? 1 : 0;
        out->ordinary_after += is_before ? 0 : 1;
    }
}

void survey_play(struct played *out, struct fake_server *server, const struct play *play)
{
    static struct player player; /* its replies would fill a stack */
    struct tc_question question;
    struct tc_survey_options options = play->options;
    *out = (struct played){0};
    if (!options.handshake.is_done) {
        (void)fake_server_handshake(server, &options.handshake, NULL);
        server->connections = 0; /* the limiter counts from here, as tests do */
    }
    out->own = options.handshake;
    player = (struct player){.server = server, .meddler = play->meddler, .random = play->seed};
    assert_int_equal(tc_survey_new(&player.survey, &options), TC_OK);
    for (;;) {
        enum tc_survey_step step = tc_survey_next(player.survey, &question);
        if (step == TC_SURVEY_ASK) {
            note_question(out, &question);
            assert_true(player.num_outs < options.parallel);
            send_out(&player, &question);
            check_company(&player);
            out->most_out =
                player.num_outs > out->most_out ? (unsigned)player.num_outs : out->most_out;
        } else if (step == TC_SURVEY_DONE) {
            break;
        } else {
            assert_true(player.num_outs > 0); /* else it would wait for ever */
        }
        if (step == TC_SURVEY_WAIT || fake_random(&player.random) % 3 == 0) {
            take_in(&player);
        }
    }
    assert_int_equal(player.num_outs, 0);
    out->followed = player.num_followed;
    assert_int_equal(tc_survey_connections(player.survey), out->connections);
    assert_true(out->connections <= options.max_connections);
    assert_int_equal(tc_survey_result(player.survey, &out->features), TC_OK);
    tc_survey_free(player.survey);
}
