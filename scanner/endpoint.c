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
static enum endpoint_step state_reach(struct tc_endpoint *endpoint);
static enum endpoint_step state_handshake(struct tc_endpoint *endpoint);
static enum endpoint_step state_answer(struct tc_endpoint *endpoint);

static int64_t reach_limit(const struct tc_endpoint *endpoint)
{
    return tc_reach_limit_us(&endpoint->reach);
}

static int64_t handshake_limit(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->options->handshake_timeout_ms * US_PER_MS;
}

static int64_t answer_limit(const struct tc_endpoint *endpoint)
{
    int64_t limit_us = endpoint->reach.connect_us * ANSWER_ROUND_TRIPS + ANSWER_EXTRA_US;
    return limit_us < ANSWER_MAX_US ? limit_us : ANSWER_MAX_US;
}

/* What a state does, how long it may last, and what it means when that was not enough. */
static const struct state_row {
    const char *name;
    enum endpoint_step (*step)(struct tc_endpoint *endpoint);
    int64_t (*limit_us)(const struct tc_endpoint *endpoint);
    enum tc_outcome expired; /* on the way, tc_reach_expire() knows */
    enum tc_stage stage;
} k_states[TC_ENDPOINT_STATE_COUNT] = {
    [TC_ENDPOINT_WAIT] = {.name = "wait", .step = state_idle, .stage = TC_STAGE_TCP},
    [TC_ENDPOINT_CONNECT] = {"connect", state_reach, reach_limit, TC_OUTCOME_CONNECT_TIMEOUT,
                             TC_STAGE_TCP},
    [TC_ENDPOINT_PROXY] = {"proxy", state_reach, reach_limit, TC_OUTCOME_CONNECT_TIMEOUT,
                           TC_STAGE_TCP},
    [TC_ENDPOINT_STARTTLS] = {"starttls", state_reach, reach_limit, TC_OUTCOME_STARTTLS_FAILED,
                              TC_STAGE_STARTTLS},
    [TC_ENDPOINT_HANDSHAKE] = {"handshake", state_handshake, handshake_limit,
                               TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS},
    /* Silence after a handshake is consent. */
    [TC_ENDPOINT_ANSWER] = {"answer", state_answer, answer_limit, TC_OUTCOME_OK, TC_STAGE_TLS},
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
    if (connection != NULL) {
        endpoint->read_bytes += endpoint->reach.read_bytes + connection->read_bytes;
        endpoint->shared->part(endpoint->shared->owner, connection);
    }
    tc_reach_cleanup(&endpoint->reach);
    tc_handshake_cleanup(&endpoint->handshake);
}

/* Whether inside TLS or still before it: what the protocol has for somebody who leaves. */
static void say_farewell(struct tc_endpoint *endpoint)
{
    size_t words_len = 0;
    const uint8_t *words = tc_starttls_last_words(endpoint->origin->target->protocol, &words_len);
    tc_reach_farewell(&endpoint->reach);
    tc_handshake_farewell(&endpoint->handshake, words, words_len);
    tc_connection_flush(endpoint->connection); /* it is closed next in any case */
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
        say_farewell(endpoint);
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
    if (endpoint->state != TC_ENDPOINT_CONNECT || !tc_reach_is_direct(&endpoint->reach.goal) ||
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

/*
 * CONNECT, PROXY, STARTTLS: on the way to where TLS begins. Leaves for the way's next part or for
 * HANDSHAKE, or finishes.
 */
static enum endpoint_step state_reach(struct tc_endpoint *endpoint)
{
    struct tc_reach *reach = &endpoint->reach;
    switch (tc_reach_advance(reach)) {
    case TC_REACH_WAIT:
        return STEP_WAIT;
    case TC_REACH_MOVED:
        return endpoint_goto(endpoint, reach->stage == TC_REACH_PROXY ? TC_ENDPOINT_PROXY
                                                                      : TC_ENDPOINT_STARTTLS);
    case TC_REACH_THERE:
        return begin_handshake(endpoint);
    case TC_REACH_FAILED:
    default:
        return endpoint_finish(endpoint, reach->outcome, reach->detail);
    }
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
        endpoint->handshake_us =
            now_us(endpoint) - endpoint->reach.base_us - endpoint->reach.queued_us;
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
    endpoint->reach.queued_us += late_us;
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
    const char *detail = NULL;
    if (row->step == state_reach) {
        tc_reach_expire(&endpoint->reach);
        (void)endpoint_finish(endpoint, endpoint->reach.outcome, endpoint->reach.detail);
        endpoint_settle(endpoint);
        return;
    }
    if (row->expired != TC_OUTCOME_OK) {
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
        .reach = {.connect_us = TC_TIME_UNKNOWN,
                  .starttls_us = TC_TIME_UNKNOWN,
                  .rtt_us = TC_TIME_UNKNOWN,
                  .leftover_bytes = -1},
        .handshake_us = TC_TIME_UNKNOWN,
    };
}

static struct tc_reach_goal goal_of(const struct tc_endpoint *endpoint)
{
    return (struct tc_reach_goal){
        .io = endpoint->shared->io,
        .options = endpoint->shared->options,
        .proxy_address = endpoint->shared->proxy_address,
        .target = endpoint->origin->target,
        .address = &endpoint->address,
    };
}

void tc_endpoint_begin(struct tc_endpoint *endpoint, struct tc_connection *connection)
{
    const struct tc_reach_goal goal = goal_of(endpoint);
    assert(endpoint->state == TC_ENDPOINT_WAIT);
    endpoint->connection = connection;
    connection->owner = endpoint;
    endpoint->attempts++;
    endpoint->begun_us = now_us(endpoint);
    endpoint->handshake_us = TC_TIME_UNKNOWN;
    endpoint->connections++;
    if (tc_timers_set(endpoint->shared->timers, &endpoint->timer, endpoint->begun_us) != TC_OK) {
        (void)endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(TC_ERR_NOMEM));
    } else if (tc_reach_begin(&endpoint->reach, &goal, connection) == TC_REACH_WAIT) {
        (void)endpoint_goto(endpoint, TC_ENDPOINT_CONNECT);
        return;
    } else {
        (void)endpoint_finish(endpoint, endpoint->reach.outcome, endpoint->reach.detail);
    }
    endpoint_settle(endpoint);
}

void tc_endpoint_stop(struct tc_endpoint *endpoint)
{
    (void)endpoint_finish(endpoint, TC_OUTCOME_INTERRUPTED, "the scan was stopped");
    endpoint_settle(endpoint);
}
