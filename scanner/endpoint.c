#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_record.h"

#define US_PER_MS INT64_C(1000)
/* A retry waits this and up to twice as much again: long enough for a busy server to recover. */
#define RETRY_PAUSE_US (250 * US_PER_MS)
/*
 * How long a refusal of our missing client certificate may take: it comes one round trip after our
 * Finished, and a slow server gets a little more.
 */
#define ANSWER_ROUND_TRIPS 3
#define ANSWER_EXTRA_US    (250 * US_PER_MS)
#define ANSWER_MAX_US      (2000 * US_PER_MS)

/* When our own loop is late, a deadline is looked at again after this. */
#define LATE_GRACE_US (10 * US_PER_MS)

enum endpoint_step { STEP_AGAIN = 0, STEP_WAIT };

static enum endpoint_step state_idle(struct tc_endpoint *endpoint);
static enum endpoint_step state_connect(struct tc_endpoint *endpoint);
static enum endpoint_step state_proxy(struct tc_endpoint *endpoint);
static enum endpoint_step state_handshake(struct tc_endpoint *endpoint);
static enum endpoint_step state_answer(struct tc_endpoint *endpoint);

static int64_t connect_limit(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->options->connect_timeout_ms * US_PER_MS;
}

static int64_t handshake_limit(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->options->handshake_timeout_ms * US_PER_MS;
}

static int64_t answer_limit(const struct tc_endpoint *endpoint)
{
    int64_t limit_us = endpoint->connect_us * ANSWER_ROUND_TRIPS + ANSWER_EXTRA_US;
    return limit_us < ANSWER_MAX_US ? limit_us : ANSWER_MAX_US;
}

/* What a state does, how long it may last, and what it means when that was not enough. */
static const struct state_row {
    const char *name;
    enum endpoint_step (*step)(struct tc_endpoint *endpoint);
    int64_t (*limit_us)(const struct tc_endpoint *endpoint);
    enum tc_outcome expired;
    enum tc_stage stage;
    const char *expired_detail;
} k_states[TC_ENDPOINT_STATE_COUNT] = {
    [TC_ENDPOINT_WAIT] = {.name = "wait", .step = state_idle, .stage = TC_STAGE_TCP},
    [TC_ENDPOINT_CONNECT] = {"connect", state_connect, connect_limit, TC_OUTCOME_CONNECT_TIMEOUT,
                             TC_STAGE_TCP, "no answer to our SYN"},
    [TC_ENDPOINT_PROXY] = {"proxy", state_proxy, connect_limit, TC_OUTCOME_CONNECT_TIMEOUT,
                           TC_STAGE_TCP, "the proxy gave no answer"},
    [TC_ENDPOINT_HANDSHAKE] = {"handshake", state_handshake, handshake_limit,
                               TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS, NULL},
    /* Silence after a handshake is consent. */
    [TC_ENDPOINT_ANSWER] = {"answer", state_answer, answer_limit, TC_OUTCOME_OK, TC_STAGE_TLS,
                            NULL},
    [TC_ENDPOINT_DONE] = {.name = "done", .step = state_idle, .stage = TC_STAGE_NONE},
};

const char *tc_endpoint_state_str(enum tc_endpoint_state state)
{
    return (unsigned)state < TC_ENDPOINT_STATE_COUNT ? k_states[state].name : "unknown";
}

static int64_t now_us(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->io->now_us(endpoint->shared->io->context);
}

/* What is left of --endpoint-timeout at `at_us`, over all attempts; waits are not counted. */
static int64_t budget_us(const struct tc_endpoint *endpoint, int64_t at_us)
{
    return endpoint->shared->options->endpoint_timeout_ms * US_PER_MS - endpoint->spent_us -
           (at_us - endpoint->begun_us);
}

/* The only writer of `state`: the move is forward, or back to WAIT for a whole new attempt. */
static enum endpoint_step endpoint_goto(struct tc_endpoint *endpoint, enum tc_endpoint_state state)
{
    struct tc_timers *timers = endpoint->shared->timers;
    assert(state > endpoint->state || state == TC_ENDPOINT_WAIT);
    endpoint->state = state;
    if (k_states[state].limit_us == NULL) {
        tc_timers_cancel(timers, &endpoint->timer);
        return STEP_WAIT;
    }
    int64_t at_us = now_us(endpoint);
    int64_t limit_us = k_states[state].limit_us(endpoint);
    int64_t left_us = budget_us(endpoint, at_us);
    at_us += limit_us < left_us ? limit_us : left_us;
    /* Room was made when the attempt began, so this cannot fail. */
    enum tc_status status = tc_timers_set(timers, &endpoint->timer, at_us);
    assert(status == TC_OK);
    (void)status;
    return STEP_AGAIN;
}

static bool wants_retry(const struct tc_endpoint *endpoint, enum tc_outcome outcome, int64_t at_us)
{
    const struct tc_connection *connection = endpoint->connection;
    bool any_byte = connection != NULL && connection->read_bytes > 0;
    return !endpoint->shared->is_stopping && endpoint->connection != NULL &&
           tc_outcome_is_transient(outcome, any_byte) &&
           endpoint->attempts <= endpoint->shared->options->retries &&
           budget_us(endpoint, at_us) > 0;
}

static void part(struct tc_endpoint *endpoint)
{
    struct tc_connection *connection = endpoint->connection;
    endpoint->connection = NULL;
    free(endpoint->dialogue);
    endpoint->dialogue = NULL;
    if (connection != NULL) {
        endpoint->read_bytes += connection->read_bytes;
        endpoint->shared->part(endpoint->shared->owner, connection);
    }
    tc_handshake_cleanup(&endpoint->handshake);
}

/*
 * The only end of an attempt: success, alert, timeout, stop. Fixes the outcome, takes the facts,
 * says goodbye. endpoint_settle() then tells the owner.
 */
static enum endpoint_step endpoint_finish(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                          const char *detail)
{
    int64_t at_us = now_us(endpoint);
    enum tc_stage stage = k_states[endpoint->state].stage;
    enum tc_endpoint_state next = TC_ENDPOINT_DONE;
    if (endpoint->state == TC_ENDPOINT_CONNECT) {
        tc_handshake_cleanup(&endpoint->handshake); /* a hello made ahead was never sent */
    } else if (endpoint->connection != NULL) {      /* before the verdict: the peer need not wait */
        tc_handshake_farewell(&endpoint->handshake);
        tc_connection_flush(endpoint->connection); /* it is closed next in any case */
    }
    if (wants_retry(endpoint, outcome, at_us)) {
        next = TC_ENDPOINT_WAIT;
        endpoint->spent_us += at_us - endpoint->begun_us;
    } else {
        endpoint->observation = tc_endpoint_record(endpoint, outcome, stage, detail);
    }
    part(endpoint);
    return endpoint_goto(endpoint, next);
}

/* After a walk through the states: tells the owner what became of it. The last use of `endpoint`.
 */
static void endpoint_settle(struct tc_endpoint *endpoint)
{
    struct tc_endpoint_shared *shared = endpoint->shared;
    if (endpoint->state == TC_ENDPOINT_WAIT) {
        uint32_t jitter = shared->io->random_u32(shared->io->context);
        int64_t pause_us = RETRY_PAUSE_US + (int64_t)(jitter % (2 * (uint32_t)RETRY_PAUSE_US));
        shared->paused(shared->owner, endpoint);
        if (tc_timers_set(shared->timers, &endpoint->timer, now_us(endpoint) + pause_us) != TC_OK) {
            shared->ready(shared->owner, endpoint); /* without a pause rather than never */
        }
    } else if (endpoint->state == TC_ENDPOINT_DONE) {
        struct tc_observation *observation = endpoint->observation;
        endpoint->observation = NULL;
        shared->done(shared->owner, endpoint, observation);
    }
}

static enum tc_outcome outcome_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return TC_OUTCOME_REFUSED;
    case ETIMEDOUT:
        return TC_OUTCOME_CONNECT_TIMEOUT;
    case ECONNRESET:
    case EPIPE:
        return TC_OUTCOME_RESET;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
    case EPERM:
    case EACCES:
        return TC_OUTCOME_LOCAL_ERROR;
    default: /* ENETUNREACH, EHOSTUNREACH, EHOSTDOWN, ENETDOWN, EAFNOSUPPORT, EPROTO … */
        return TC_OUTCOME_UNREACHABLE;
    }
}

static const char *words_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "the port is closed";
    case ETIMEDOUT:
        return "no answer to our SYN";
    case ECONNRESET:
        return "reset as soon as it was connected";
    case EMFILE:
    case ENFILE:
        return "no file descriptors left on this machine";
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
        return "no local ports left on this machine";
    case EPERM:
    case EACCES:
        return "this machine does not allow the connection";
    case ENETUNREACH:
        return "no route to the network";
    case EHOSTUNREACH:
    case EHOSTDOWN:
        return "no route to the host";
    default:
        return strerror(error);
    }
}

static enum endpoint_step finish_by_errno(struct tc_endpoint *endpoint, int error)
{
    char detail[TC_DETAIL_MAX];
    if (endpoint->shared->proxy_address == NULL) {
        return endpoint_finish(endpoint, outcome_of_errno(error), words_of_errno(error));
    }
    /* It says nothing about the target, which was not asked. */
    (void)snprintf(detail, sizeof detail, "the proxy cannot be reached: %s", words_of_errno(error));
    return endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, detail);
}

/* WAIT and DONE: events that come late find nothing to do. */
static enum endpoint_step state_idle(struct tc_endpoint *endpoint)
{
    (void)endpoint;
    return STEP_WAIT;
}

static enum tc_status start_handshake(struct tc_endpoint *endpoint)
{
    const struct tc_target *target = endpoint->origin->target;
    const char *name = tc_target_reference_name(target);
    struct tc_address literal;
    /* RFC 6066 section 3: literal addresses are no server names. */
    if ((target->is_address && target->sni == NULL) || tc_address_parse(&literal, name)) {
        name = NULL;
    }
    return tc_handshake_start(&endpoint->handshake, endpoint->shared->tls, endpoint->connection,
                              target->protocol, name, endpoint->shared->options->keep_messages);
}

void tc_endpoint_prepare(struct tc_endpoint *endpoint)
{
    if (endpoint->state != TC_ENDPOINT_CONNECT || endpoint->shared->proxy_address != NULL ||
        endpoint->connection->is_queued || endpoint->handshake.ssl != NULL) {
        return;
    }
    if (start_handshake(endpoint) == TC_OK &&
        tc_handshake_advance(&endpoint->handshake) == TC_HANDSHAKE_WAIT) {
        tc_connection_keep(endpoint->connection);
    } else { /* the state's own try will say why */
        endpoint->shared->scratch->out_len = 0;
        tc_handshake_cleanup(&endpoint->handshake);
    }
}

static enum endpoint_step begin_handshake(struct tc_endpoint *endpoint)
{
    enum tc_status status = endpoint->handshake.ssl != NULL ? TC_OK : start_handshake(endpoint);
    if (status != TC_OK) {
        return endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
    }
    return endpoint_goto(endpoint, TC_ENDPOINT_HANDSHAKE);
}

/* The moment from which the peer's TLS is timed, and no longer the way to it. */
static void set_base(struct tc_endpoint *endpoint, int64_t at_us)
{
    endpoint->base_us = endpoint->connection->event_us;
    endpoint->queued_us = at_us - endpoint->base_us;
    endpoint->connect_us = endpoint->base_us - endpoint->begun_us;
}

/* CONNECT: the SYN is out. Leaves for PROXY or HANDSHAKE, or finishes. */
static enum endpoint_step state_connect(struct tc_endpoint *endpoint)
{
    const struct tc_target *target = endpoint->origin->target;
    struct tc_connection *connection = endpoint->connection;
    int64_t rtt_us = TC_TIME_UNKNOWN;
    int result = tc_connection_connected(connection, &rtt_us);
    if (result == -EINPROGRESS) {
        return STEP_WAIT;
    }
    if (result != 0) {
        return finish_by_errno(endpoint, -result);
    }
    set_base(endpoint, now_us(endpoint));
    if (endpoint->shared->proxy_address == NULL) {
        endpoint->rtt_us = rtt_us;
        return begin_handshake(endpoint);
    }
    char host[TC_ADDRESS_TEXT_MAX];
    tc_address_format(host, &endpoint->address);
    endpoint->dialogue = malloc(sizeof *endpoint->dialogue);
    if (endpoint->dialogue == NULL ||
        tc_proxy_dialogue_init(endpoint->dialogue, endpoint->shared->options->proxy,
                               host[0] != '\0' ? host : target->host, target->port) != TC_OK) {
        return endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR,
                               "the proxy cannot be asked for this name");
    }
    return endpoint_goto(endpoint, TC_ENDPOINT_PROXY);
}

/* Sends what the dialogue has to say. */
static void speak_to_proxy(struct tc_endpoint *endpoint)
{
    size_t len = 0;
    const uint8_t *bytes = tc_proxy_dialogue_output(endpoint->dialogue, &len);
    if (len > 0 && tc_connection_write(endpoint->connection, bytes, len)) {
        tc_proxy_dialogue_sent(endpoint->dialogue, len);
    }
    tc_connection_flush(endpoint->connection);
}

static enum endpoint_step finish_proxy(struct tc_endpoint *endpoint)
{
    char detail[sizeof endpoint->dialogue->detail];
    memcpy(detail, endpoint->dialogue->detail, sizeof detail); /* it goes before the text is used */
    return endpoint_finish(endpoint, endpoint->dialogue->outcome, detail);
}

/* PROXY: connected to the proxy, which is asked for the endpoint. Leaves for HANDSHAKE. */
static enum endpoint_step state_proxy(struct tc_endpoint *endpoint)
{
    struct tc_connection *connection = endpoint->connection;
    enum tc_proxy_step step = TC_PROXY_MORE;
    uint8_t byte = 0;
    size_t used = 0;
    speak_to_proxy(endpoint);
    /* One byte at a time, so that nothing of the peer behind the proxy is taken. It is short. */
    while (step == TC_PROXY_MORE && tc_connection_read(connection, &byte, 1) == 1) {
        step = tc_proxy_dialogue_input(endpoint->dialogue, &used, &byte, 1);
        if (step == TC_PROXY_MORE) {
            speak_to_proxy(endpoint);
        }
    }
    if (step == TC_PROXY_MORE && connection->end != TC_CONNECTION_OPEN) {
        step = tc_proxy_dialogue_end(endpoint->dialogue);
    }
    if (step == TC_PROXY_FAILED) {
        return finish_proxy(endpoint);
    }
    if (step == TC_PROXY_MORE) {
        return STEP_WAIT;
    }
    free(endpoint->dialogue);
    endpoint->dialogue = NULL;
    set_base(endpoint, now_us(endpoint));
    endpoint->read_bytes += connection->read_bytes;
    tc_connection_restart_count(connection);
    return begin_handshake(endpoint);
}

static enum endpoint_step finish_failed(struct tc_endpoint *endpoint)
{
    char detail[TC_DETAIL_MAX];
    enum tc_outcome outcome = tc_handshake_explain(&endpoint->handshake, detail);
    return endpoint_finish(endpoint, outcome, detail);
}

/* HANDSHAKE: TCP is up and the first flight may be out. Leaves for ANSWER or finishes. */
static enum endpoint_step state_handshake(struct tc_endpoint *endpoint)
{
    struct tc_handshake *handshake = &endpoint->handshake;
    enum tc_handshake_result result = tc_handshake_advance(handshake);
    if (result == TC_HANDSHAKE_DONE) {
        endpoint->handshake_us = now_us(endpoint) - endpoint->base_us - endpoint->queued_us;
        if (!tc_handshake_awaits_answer(handshake)) {
            return endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
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
        return endpoint_goto(endpoint, TC_ENDPOINT_ANSWER);
    }
    return STEP_WAIT;
}

/* ANSWER: the handshake is done, without the client certificate that the server asked for. */
static enum endpoint_step state_answer(struct tc_endpoint *endpoint)
{
    switch (tc_handshake_listen(&endpoint->handshake)) {
    case TC_HANDSHAKE_DONE:
        return endpoint_finish(endpoint, TC_OUTCOME_OK, NULL);
    case TC_HANDSHAKE_FAILED:
        return finish_failed(endpoint);
    case TC_HANDSHAKE_WAIT:
    default:
        return STEP_WAIT;
    }
}

static void walk(struct tc_endpoint *endpoint)
{
    unsigned hops = 0;
    while (k_states[endpoint->state].step(endpoint) == STEP_AGAIN) {
        hops++;
        assert(hops < TC_ENDPOINT_STATE_COUNT); /* states only move forward */
    }
}

void tc_endpoint_drive(struct tc_endpoint *endpoint)
{
    struct tc_scratch *scratch = endpoint->shared->scratch;
    int64_t late_us = now_us(endpoint) - endpoint->connection->event_us;
    scratch->in_position = 0; /* what another left there, since it failed, is not ours */
    scratch->in_len = 0;
    endpoint->queued_us += late_us;
    if (endpoint->handshake.hello_us > 0) {
        endpoint->handshake.queued_us += late_us;
    }
    walk(endpoint);
    if (endpoint->connection == NULL) { /* else it waits for the peer */
        endpoint_settle(endpoint);
    }
}

static void expire(struct tc_endpoint *endpoint)
{
    const struct state_row *row = &k_states[endpoint->state];
    const char *detail = row->expired_detail;
    if (endpoint->state == TC_ENDPOINT_CONNECT && endpoint->shared->proxy_address != NULL) {
        (void)finish_by_errno(endpoint, ETIMEDOUT);
        endpoint_settle(endpoint);
        return;
    }
    if (detail == NULL && row->expired != TC_OUTCOME_OK) {
        detail = endpoint->handshake.server_hello_seen  ? "silence after the ServerHello"
                 : endpoint->connection->read_bytes > 0 ? "silence inside the first message"
                                                        : "no answer to our ClientHello";
    }
    (void)endpoint_finish(endpoint, row->expired, detail);
    endpoint_settle(endpoint);
}

static void timer_fired(struct tc_timer *timer)
{
    struct tc_endpoint *endpoint =
        (struct tc_endpoint *)(void *)((char *)timer - offsetof(struct tc_endpoint, timer));
    if (endpoint->state == TC_ENDPOINT_WAIT) {
        endpoint->shared->ready(endpoint->shared->owner, endpoint);
        return;
    }
    /* The peer was in time and we are late: what it sent is looked at before the clock. */
    if (endpoint->connection->is_queued &&
        tc_timers_set(endpoint->shared->timers, timer, now_us(endpoint) + LATE_GRACE_US) == TC_OK) {
        return;
    }
    expire(endpoint);
}

void tc_endpoint_init(struct tc_endpoint *endpoint, struct tc_endpoint_shared *shared,
                      struct tc_endpoint_origin *origin, const struct tc_address *address)
{
    *endpoint = (struct tc_endpoint){
        .shared = shared,
        .origin = origin,
        .address = *address,
        .timer = {.fire = timer_fired},
        .connect_us = TC_TIME_UNKNOWN,
        .handshake_us = TC_TIME_UNKNOWN,
        .rtt_us = TC_TIME_UNKNOWN,
    };
}

void tc_endpoint_begin(struct tc_endpoint *endpoint, struct tc_connection *connection)
{
    const struct tc_endpoint_shared *shared = endpoint->shared;
    const struct tc_address *address =
        shared->proxy_address != NULL ? shared->proxy_address : &endpoint->address;
    uint16_t port = shared->proxy_address != NULL ? shared->options->proxy->port
                                                  : endpoint->origin->target->port;
    assert(endpoint->state == TC_ENDPOINT_WAIT);
    endpoint->connection = connection;
    connection->owner = endpoint;
    endpoint->attempts++;
    endpoint->begun_us = now_us(endpoint);
    endpoint->connect_us = TC_TIME_UNKNOWN;
    endpoint->handshake_us = TC_TIME_UNKNOWN;
    endpoint->rtt_us = TC_TIME_UNKNOWN;
    endpoint->connections++;
    if (tc_timers_set(shared->timers, &endpoint->timer, endpoint->begun_us) != TC_OK) {
        (void)endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(TC_ERR_NOMEM));
    } else {
        int result = tc_connection_open(connection, address, port, shared->options->max_read_bytes);
        if (result == 0) {
            (void)endpoint_goto(endpoint, TC_ENDPOINT_CONNECT);
            return;
        }
        (void)finish_by_errno(endpoint, -result);
    }
    endpoint_settle(endpoint);
}

void tc_endpoint_stop(struct tc_endpoint *endpoint)
{
    (void)endpoint_finish(endpoint, TC_OUTCOME_INTERRUPTED, "the scan was stopped");
    endpoint_settle(endpoint);
}
