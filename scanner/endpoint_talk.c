/*
 * The talk with the peer's TLS: a handshake, or a hello of our own and its answer. Intrusive
 * questions go on behind that, or ask a web server.
 */
#include "endpoint_state.h"
#include "survey_run.h"

/*
 * How long a refusal of our missing client certificate may take: it comes one round trip after our
 * Finished, and a slow server gets a little more.
 */
#define ANSWER_ROUND_TRIPS 3
#define ANSWER_EXTRA_US    (250 * TC_US_PER_MS)
#define ANSWER_MAX_US      (2000 * TC_US_PER_MS)

/* Tickets come with the answer to our Finished, a little later from a busy server. */
#define TICKET_EXTRA_US (300 * TC_US_PER_MS)
/* And their absence is known when the server has answered our close_notify. */
#define PARTING_MIN_US (1000 * TC_US_PER_MS)
#define PARTING_MAX_US (2000 * TC_US_PER_MS)
/* Between the two segments of a split hello. */
#define SPLIT_PAUSE_US (100 * TC_US_PER_MS)

int64_t tc_split_limit_us(const struct tc_endpoint *endpoint)
{
    (void)endpoint;
    return SPLIT_PAUSE_US;
}

int64_t tc_hello_limit_us(const struct tc_endpoint *endpoint)
{
    return tc_probe_limit_us(endpoint->probe);
}

int64_t tc_reply_limit_us(const struct tc_endpoint *endpoint)
{
    (void)endpoint;
    return TC_SURVEY_REPLY_MS * TC_US_PER_MS;
}

int64_t tc_handshake_limit_us(const struct tc_endpoint *endpoint)
{
    return endpoint->probe != NULL ? tc_probe_limit_us(endpoint->probe)
                                   : endpoint->origin->options->handshake_timeout_ms * TC_US_PER_MS;
}

int64_t tc_answer_limit_us(const struct tc_endpoint *endpoint)
{
    int64_t limit_us = endpoint->reach.connect_us + TICKET_EXTRA_US;
    if (endpoint->handshake.renegotiation != NULL) { /* as much work for it as any hello */
        return tc_probe_limit_us(endpoint->probe);
    }
    if (endpoint->handshake.certificate_request_seen) {
        limit_us = endpoint->reach.connect_us * ANSWER_ROUND_TRIPS + ANSWER_EXTRA_US;
    }
    return limit_us < ANSWER_MAX_US ? limit_us : ANSWER_MAX_US;
}

int64_t tc_parting_limit_us(const struct tc_endpoint *endpoint)
{
    /* Whatever is slow between us, a proxy's way too, was slow in the handshake. */
    int64_t limit_us = endpoint->handshake_us + TICKET_EXTRA_US;
    limit_us = limit_us > PARTING_MIN_US ? limit_us : PARTING_MIN_US;
    return limit_us < PARTING_MAX_US ? limit_us : PARTING_MAX_US;
}

const char *tc_endpoint_server_name(const struct tc_endpoint *endpoint)
{
    const struct tc_target *target = endpoint->origin->target;
    const char *name = tc_target_reference_name(target);
    struct tc_address literal;
    /* RFC 6066 section 3: literal addresses are no server names. */
    return (target->is_address && target->sni == NULL) || tc_address_parse(&literal, name) ? NULL
                                                                                           : name;
}

static enum tc_status start_handshake(struct tc_endpoint *endpoint)
{
    const struct tc_scan_options *options = endpoint->origin->options;
    struct tc_handshake_plan plan = {
        .protocol = endpoint->origin->target->protocol,
        .server_name = tc_endpoint_server_name(endpoint),
        .keep_messages = options->keep_messages,
        .for_survey = options->profile != TC_PROFILE_QUICK,
    };
    if (endpoint->probe != NULL) {
        tc_probe_plan(endpoint->probe, &plan);
    }
    return tc_handshake_start(&endpoint->handshake, endpoint->shared->tls, endpoint->connection,
                              &plan);
}

static enum tc_question_kind kind_of(const struct tc_endpoint *endpoint)
{
    return endpoint->probe != NULL ? endpoint->probe->question.kind : TC_QUESTION_HANDSHAKE;
}

bool tc_endpoint_prepare(struct tc_endpoint *endpoint)
{
    if (endpoint->state != TC_ENDPOINT_CONNECT || !tc_reach_is_direct(&endpoint->reach.goal) ||
        endpoint->connection->is_queued || endpoint->handshake.ssl != NULL ||
        kind_of(endpoint) != TC_QUESTION_HANDSHAKE) {
        return false;
    }
    if (start_handshake(endpoint) == TC_OK &&
        tc_handshake_advance(&endpoint->handshake) == TC_HANDSHAKE_WAIT) {
        tc_connection_keep(endpoint->connection);
    } else { /* the state's own try will say why */
        endpoint->shared->scratch->out_len = 0;
        tc_handshake_cleanup(&endpoint->handshake);
    }
    return true;
}

static enum tc_endpoint_step begin_hello(struct tc_endpoint *endpoint)
{
    bool is_split = false;
    enum tc_status status = tc_probe_say_hello(endpoint->probe, &is_split);
    if (status != TC_OK) {
        return tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
    }
    return tc_endpoint_goto(endpoint, is_split ? TC_ENDPOINT_SPLIT : TC_ENDPOINT_HELLO);
}

static enum tc_endpoint_step begin_request(struct tc_endpoint *endpoint)
{
    enum tc_status status = tc_probe_say_request(endpoint->probe);
    return status == TC_OK
               ? tc_endpoint_goto(endpoint, TC_ENDPOINT_HTTP)
               : tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
}

static enum tc_endpoint_step begin_handshake(struct tc_endpoint *endpoint)
{
    enum tc_status status = endpoint->handshake.ssl != NULL ? TC_OK : start_handshake(endpoint);
    if (status != TC_OK) {
        return tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
    }
    return tc_endpoint_goto(endpoint, TC_ENDPOINT_HANDSHAKE);
}

/* The way to the peer's TLS is free. */
enum tc_endpoint_step tc_endpoint_begin_tls(struct tc_endpoint *endpoint)
{
    switch (kind_of(endpoint)) {
    case TC_QUESTION_HELLO:
        return begin_hello(endpoint);
    case TC_QUESTION_HTTP:
        return begin_request(endpoint);
    case TC_QUESTION_HANDSHAKE:
    default:
        return begin_handshake(endpoint);
    }
}

/* SPLIT: the first segment of a hello is out. Time leads to HELLO; an early answer finishes. */
enum tc_endpoint_step tc_state_split(struct tc_endpoint *endpoint)
{
    enum tc_outcome outcome = TC_OUTCOME_OK;
    return tc_probe_listen(endpoint->probe, &outcome) ? tc_endpoint_finish(endpoint, outcome, NULL)
                                                      : TC_STEP_WAIT;
}

/* Says what is to be said behind the flight, if anything is. */
static enum tc_endpoint_step ask_on(struct tc_endpoint *endpoint)
{
    enum tc_status status = tc_probe_ask_on(endpoint->probe);
    if (status == TC_OK) {
        return tc_endpoint_goto(endpoint, TC_ENDPOINT_REPLY);
    }
    return status == TC_ERR_RANGE
               ? tc_endpoint_finish(endpoint, TC_OUTCOME_OK, NULL)
               : tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
}

/*
 * HELLO: the question is out, or as much of it as the kernel took. Its answer leads to REPLY or
 * finishes.
 */
enum tc_endpoint_step tc_state_hello(struct tc_endpoint *endpoint)
{
    enum tc_outcome outcome = TC_OUTCOME_OK;
    tc_connection_flush(endpoint->connection);
    if (!tc_probe_listen(endpoint->probe, &outcome)) {
        return TC_STEP_WAIT;
    }
    return outcome == TC_OUTCOME_OK ? ask_on(endpoint)
                                    : tc_endpoint_finish(endpoint, outcome, NULL);
}

/* REPLY: something was said behind the server's flight. What comes of it finishes. */
enum tc_endpoint_step tc_state_reply(struct tc_endpoint *endpoint)
{
    enum tc_outcome outcome = TC_OUTCOME_OK;
    tc_connection_flush(endpoint->connection);
    return tc_probe_hear_reply(endpoint->probe, &outcome)
               ? tc_endpoint_finish(endpoint, outcome, NULL)
               : TC_STEP_WAIT;
}

/* HTTP: a web server was asked. Its answer's head finishes. */
enum tc_endpoint_step tc_state_http(struct tc_endpoint *endpoint)
{
    enum tc_outcome outcome = TC_OUTCOME_OK;
    tc_connection_flush(endpoint->connection);
    return tc_probe_hear_head(endpoint->probe, &outcome)
               ? tc_endpoint_finish(endpoint, outcome, NULL)
               : TC_STEP_WAIT;
}

static enum tc_endpoint_step finish_failed(struct tc_endpoint *endpoint)
{
    char detail[TC_DETAIL_MAX];
    enum tc_outcome outcome = tc_handshake_explain(&endpoint->handshake, detail);
    return tc_endpoint_finish(endpoint, outcome, detail);
}

/* HANDSHAKE: TCP is up and the first flight may be out. Leaves for ANSWER or finishes. */
enum tc_endpoint_step tc_state_handshake(struct tc_endpoint *endpoint)
{
    struct tc_handshake *handshake = &endpoint->handshake;
    enum tc_handshake_result result = tc_handshake_advance(handshake);
    if (result == TC_HANDSHAKE_DONE) {
        endpoint->handshake_us =
            tc_endpoint_now_us(endpoint) - endpoint->reach.base_us - endpoint->reach.queued_us;
        if (!tc_handshake_awaits_answer(handshake)) {
            return tc_endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
        }
    }
    tc_connection_flush(endpoint->connection);
    if (handshake->hello_us < 0) {
        handshake->hello_us = endpoint->connection->sent_us;
    }
    if (result == TC_HANDSHAKE_FAILED) {
        return finish_failed(endpoint);
    }
    if (result == TC_HANDSHAKE_DONE) {
        return tc_endpoint_goto(endpoint, TC_ENDPOINT_ANSWER);
    }
    return TC_STEP_WAIT;
}

/*
 * ANSWER: the handshake is done, perhaps without the client certificate that the server asked for;
 * what else a survey wants to know comes now.
 */
enum tc_endpoint_step tc_state_answer(struct tc_endpoint *endpoint)
{
    enum tc_handshake_result result = tc_handshake_listen(&endpoint->handshake);
    tc_connection_flush(endpoint->connection);
    switch (result) {
    case TC_HANDSHAKE_DONE:
        return tc_endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
    case TC_HANDSHAKE_FAILED:
        return endpoint->handshake.certificate_request_seen
                   ? finish_failed(endpoint)
                   : tc_endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
    case TC_HANDSHAKE_WAIT:
    default:
        return TC_STEP_WAIT;
    }
}

/*
 * PARTING: tickets have not come in time, and our goodbye is out: TCP keeps the order, so that they
 * are here before the server's own end, or there are none. Its refusal may still come instead.
 */
enum tc_endpoint_step tc_state_parting(struct tc_endpoint *endpoint)
{
    const struct tc_handshake *handshake = &endpoint->handshake;
    enum tc_handshake_result result = tc_handshake_listen(&endpoint->handshake);
    tc_connection_flush(endpoint->connection);
    if (result == TC_HANDSHAKE_WAIT) {
        return TC_STEP_WAIT;
    }
    return handshake->certificate_request_seen && handshake->error != 0
               ? finish_failed(endpoint)
               : tc_endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
}
