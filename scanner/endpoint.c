#include "endpoint.h"

#include <assert.h>

#include "endpoint_record.h"
#include "endpoint_state.h"
#include "survey_run.h"

/* A retry waits this and up to twice as much again: long enough for a busy server to recover. */
#define RETRY_PAUSE_US (250 * TC_US_PER_MS)
/* When our own loop is late, a deadline is looked at again after this. */
#define LATE_GRACE_US (10 * TC_US_PER_MS)

static enum tc_endpoint_step state_idle(struct tc_endpoint *endpoint);
static enum tc_endpoint_step state_reach(struct tc_endpoint *endpoint);

static int64_t reach_limit_us(const struct tc_endpoint *endpoint)
{
    return tc_reach_limit_us(&endpoint->reach);
}

/* What a state does, how long it may last, and what it means when that was not enough. */
static const struct state_row {
    enum tc_endpoint_step (*step)(struct tc_endpoint *endpoint);
    int64_t (*limit_us)(const struct tc_endpoint *endpoint);
    enum tc_outcome expired; /* on the way, tc_reach_expire() knows */
    enum tc_stage stage;
} k_states[TC_ENDPOINT_STATE_COUNT] = {
    [TC_ENDPOINT_WAIT] = {.step = state_idle, .stage = TC_STAGE_TCP},
    [TC_ENDPOINT_CONNECT] = {state_reach, reach_limit_us, TC_OUTCOME_CONNECT_TIMEOUT, TC_STAGE_TCP},
    [TC_ENDPOINT_PROXY] = {state_reach, reach_limit_us, TC_OUTCOME_CONNECT_TIMEOUT, TC_STAGE_TCP},
    [TC_ENDPOINT_STARTTLS] = {state_reach, reach_limit_us, TC_OUTCOME_STARTTLS_FAILED,
                              TC_STAGE_STARTTLS},
    [TC_ENDPOINT_SPLIT] = {tc_state_split, tc_split_limit_us, TC_OUTCOME_OK, TC_STAGE_TLS},
    [TC_ENDPOINT_HELLO] = {tc_state_hello, tc_hello_limit_us, TC_OUTCOME_HANDSHAKE_TIMEOUT,
                           TC_STAGE_TLS},
    [TC_ENDPOINT_REPLY] = {tc_state_reply, tc_reply_limit_us, TC_OUTCOME_HANDSHAKE_TIMEOUT,
                           TC_STAGE_TLS},
    [TC_ENDPOINT_HTTP] = {tc_state_http, tc_hello_limit_us, TC_OUTCOME_HANDSHAKE_TIMEOUT,
                          TC_STAGE_TLS},
    [TC_ENDPOINT_HANDSHAKE] = {tc_state_handshake, tc_handshake_limit_us,
                               TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS},
    /* Silence after a handshake is consent. */
    [TC_ENDPOINT_ANSWER] = {tc_state_answer, tc_answer_limit_us, TC_OUTCOME_OK, TC_STAGE_TLS},
    /* And silence after a goodbye leaves open what it was asked for. */
    [TC_ENDPOINT_PARTING] = {tc_state_parting, tc_parting_limit_us, TC_OUTCOME_OK, TC_STAGE_TLS},
    /* Its time is measured by the survey: waits for a turn are not counted. */
    [TC_ENDPOINT_SURVEY] = {.step = state_idle, .stage = TC_STAGE_TLS},
    [TC_ENDPOINT_DONE] = {.step = state_idle, .stage = TC_STAGE_NONE},
};

int64_t tc_endpoint_now_us(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->io->now_us(endpoint->shared->io->context);
}

/*
 * What is left of --endpoint-timeout at `at_us`, over all attempts; waits are not counted. Probes
 * share their survey's.
 */
static int64_t budget_us(const struct tc_endpoint *endpoint, int64_t at_us)
{
    if (endpoint->probe != NULL) {
        return INT64_MAX - at_us;
    }
    return endpoint->origin->options->endpoint_timeout_ms * TC_US_PER_MS - endpoint->spent_us -
           (at_us - endpoint->begun_us);
}

int64_t tc_endpoint_left_us(const struct tc_endpoint *endpoint)
{
    return budget_us(endpoint, tc_endpoint_now_us(endpoint));
}

/* The only writer of `state`: the move is forward, or back to WAIT for a whole new attempt. */
enum tc_endpoint_step tc_endpoint_goto(struct tc_endpoint *endpoint, enum tc_endpoint_state state)
{
    struct tc_timers *timers = endpoint->shared->timers;
    assert(state > endpoint->state || state == TC_ENDPOINT_WAIT);
    endpoint->state = state;
    if (k_states[state].limit_us == NULL) {
        tc_timers_cancel(timers, &endpoint->timer);
        return TC_STEP_WAIT;
    }
    int64_t at_us = tc_endpoint_now_us(endpoint);
    int64_t limit_us = k_states[state].limit_us(endpoint);
    int64_t left_us = budget_us(endpoint, at_us);
    at_us += limit_us < left_us ? limit_us : left_us;
    /* Room was made when the attempt began, so this cannot fail. */
    enum tc_status status = tc_timers_set(timers, &endpoint->timer, at_us);
    assert(status == TC_OK);
    (void)status;
    return TC_STEP_AGAIN;
}

static bool wants_retry(const struct tc_endpoint *endpoint, enum tc_outcome outcome, int64_t at_us)
{
    const struct tc_connection *connection = endpoint->connection;
    bool any_byte = connection != NULL && connection->read_bytes > 0;
    return !endpoint->shared->is_stopping && endpoint->connection != NULL &&
           tc_outcome_is_transient(outcome, any_byte) &&
           endpoint->attempts <= endpoint->origin->options->retries &&
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
/* A probe that speaks no TLS of BoringSSL's, and so closes in its own words. */
static bool is_asked_by_hand(enum tc_endpoint_state state)
{
    return state == TC_ENDPOINT_SPLIT || state == TC_ENDPOINT_HELLO || state == TC_ENDPOINT_REPLY ||
           state == TC_ENDPOINT_HTTP;
}

static void say_farewell(struct tc_endpoint *endpoint)
{
    size_t words_len = 0;
    const uint8_t *words = tc_starttls_last_words(endpoint->origin->target->protocol, &words_len);
    if (endpoint->state == TC_ENDPOINT_CONNECT) {
        tc_handshake_cleanup(&endpoint->handshake); /* a hello made ahead was never sent */
        return;
    }
    if (endpoint->connection == NULL) {
        return;
    }
    tc_reach_farewell(&endpoint->reach);
    if (is_asked_by_hand(endpoint->state)) {
        tc_probe_farewell(endpoint->probe); /* nothing where it asked in the clear */
    } else {
        tc_handshake_farewell(&endpoint->handshake, words, words_len);
    }
    tc_connection_flush(endpoint->connection); /* it is closed next in any case */
}

/*
 * The only end of an attempt: success, alert, timeout, stop. Fixes the outcome, takes the facts,
 * says goodbye. endpoint_settle() then tells the owner.
 */
enum tc_endpoint_step tc_endpoint_finish(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                         const char *detail)
{
    int64_t at_us = tc_endpoint_now_us(endpoint);
    enum tc_stage stage = k_states[endpoint->state].stage;
    enum tc_endpoint_state next = TC_ENDPOINT_DONE;
    say_farewell(endpoint); /* before the verdict: the peer need not wait */
    if (endpoint->probe != NULL) {
        tc_probe_end(endpoint->probe, outcome);
    } else if (wants_retry(endpoint, outcome, at_us)) {
        next = TC_ENDPOINT_WAIT;
        endpoint->spent_us += at_us - endpoint->begun_us;
    } else {
        endpoint->observation = tc_endpoint_record(endpoint, outcome, stage, detail);
        next = tc_survey_run_begin(endpoint) ? TC_ENDPOINT_SURVEY : TC_ENDPOINT_DONE;
    }
    part(endpoint);
    return tc_endpoint_goto(endpoint, next);
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
        if (tc_timers_set(shared->timers, &endpoint->timer,
                          tc_endpoint_now_us(endpoint) + pause_us) != TC_OK) {
            shared->ready(shared->owner, endpoint); /* without a pause rather than never */
        }
    } else if (endpoint->state == TC_ENDPOINT_SURVEY) {
        shared->surveys(shared->owner, endpoint);
        tc_survey_run_proceed(endpoint->survey);
    } else if (endpoint->probe != NULL) {
        tc_probe_release(endpoint->probe);
    } else {
        struct tc_observation *observation = endpoint->observation;
        endpoint->observation = NULL;
        shared->done(shared->owner, endpoint, observation);
    }
}

/* WAIT and DONE: events that come late find nothing to do. */
static enum tc_endpoint_step state_idle(struct tc_endpoint *endpoint)
{
    (void)endpoint;
    return TC_STEP_WAIT;
}

/*
 * CONNECT, PROXY, STARTTLS: on the way to where TLS begins. Leaves for the way's next part or for
 * what is to be said there, or finishes.
 */
static enum tc_endpoint_step state_reach(struct tc_endpoint *endpoint)
{
    struct tc_reach *reach = &endpoint->reach;
    switch (tc_reach_advance(reach)) {
    case TC_REACH_WAIT:
        return TC_STEP_WAIT;
    case TC_REACH_MOVED:
        return tc_endpoint_goto(endpoint, reach->stage == TC_REACH_PROXY ? TC_ENDPOINT_PROXY
                                                                         : TC_ENDPOINT_STARTTLS);
    case TC_REACH_THERE:
        return tc_endpoint_begin_tls(endpoint);
    case TC_REACH_FAILED:
    default:
        return tc_endpoint_finish(endpoint, reach->outcome, reach->detail);
    }
}

static void walk(struct tc_endpoint *endpoint)
{
    struct tc_scratch *scratch = endpoint->shared->scratch;
    unsigned hops = 0;
    scratch->in_position = 0; /* what another left there, since it failed, is not ours */
    scratch->in_len = 0;
    while (k_states[endpoint->state].step(endpoint) == TC_STEP_AGAIN) {
        hops++;
        assert(hops < TC_ENDPOINT_STATE_COUNT); /* states only move forward */
    }
}

void tc_endpoint_drive(struct tc_endpoint *endpoint)
{
    int64_t late_us = tc_endpoint_now_us(endpoint) - endpoint->connection->event_us;
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
        (void)tc_endpoint_finish(endpoint, endpoint->reach.outcome, endpoint->reach.detail);
        endpoint_settle(endpoint);
        return;
    }
    if (row->expired != TC_OUTCOME_OK) {
        detail = endpoint->handshake.server_hello_seen  ? "silence after the ServerHello"
                 : endpoint->connection->read_bytes > 0 ? "silence inside the first message"
                                                        : "no answer to our ClientHello";
    }
    (void)tc_endpoint_finish(endpoint, row->expired, detail);
    endpoint_settle(endpoint);
}

/* Time leads on: the rest of a split hello goes out, or our goodbye. */
static void go_on(struct tc_endpoint *endpoint, enum tc_endpoint_state next)
{
    if (next == TC_ENDPOINT_PARTING) {
        say_farewell(endpoint);
    }
    (void)tc_endpoint_goto(endpoint, next);
    walk(endpoint);
    if (endpoint->connection == NULL) {
        endpoint_settle(endpoint);
    }
}

/* What a peer sent in time is looked at before the clock. */
static bool is_behind(const struct tc_endpoint *endpoint)
{
    return endpoint->state == TC_ENDPOINT_SURVEY ? tc_survey_run_is_behind(endpoint->survey)
                                                 : endpoint->connection->is_queued;
}

static void timer_fired(struct tc_timer *timer)
{
    struct tc_endpoint *endpoint =
        (struct tc_endpoint *)(void *)((char *)timer - offsetof(struct tc_endpoint, timer));
    if (endpoint->state == TC_ENDPOINT_WAIT) {
        endpoint->shared->ready(endpoint->shared->owner, endpoint);
        return;
    }
    /* The peer was in time and we are late. */
    if (is_behind(endpoint) &&
        tc_timers_set(endpoint->shared->timers, timer,
                      tc_endpoint_now_us(endpoint) + LATE_GRACE_US) == TC_OK) {
        return;
    }
    if (endpoint->state == TC_ENDPOINT_SURVEY) {
        tc_survey_run_expire(endpoint->survey);
    } else if (endpoint->state == TC_ENDPOINT_SPLIT) {
        go_on(endpoint, TC_ENDPOINT_HELLO);
    } else if (endpoint->state == TC_ENDPOINT_ANSWER &&
               tc_handshake_awaits_ticket(&endpoint->handshake)) {
        go_on(endpoint, TC_ENDPOINT_PARTING);
    } else {
        expire(endpoint);
    }
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
        .options = endpoint->origin->options,
        .proxy_address = endpoint->shared->proxy_address,
        .target = endpoint->origin->target,
        .address = &endpoint->address,
        .port = endpoint->probe != NULL ? tc_probe_port(endpoint->probe)
                                        : endpoint->origin->target->port,
    };
}

void tc_endpoint_begin(struct tc_endpoint *endpoint, struct tc_connection *connection)
{
    const struct tc_reach_goal goal = goal_of(endpoint);
    assert(endpoint->state == TC_ENDPOINT_WAIT);
    endpoint->connection = connection;
    connection->owner = endpoint;
    endpoint->attempts++;
    endpoint->begun_us = tc_endpoint_now_us(endpoint);
    endpoint->handshake_us = TC_TIME_UNKNOWN;
    endpoint->connections++;
    if (endpoint->probe != NULL) {
        tc_probe_begun(endpoint->probe);
    }
    if (tc_timers_set(endpoint->shared->timers, &endpoint->timer, endpoint->begun_us) != TC_OK) {
        (void)tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, tc_status_str(TC_ERR_NOMEM));
    } else if (tc_reach_begin(&endpoint->reach, &goal, connection) == TC_REACH_WAIT) {
        (void)tc_endpoint_goto(endpoint, TC_ENDPOINT_CONNECT);
        return;
    } else {
        (void)tc_endpoint_finish(endpoint, endpoint->reach.outcome, endpoint->reach.detail);
    }
    endpoint_settle(endpoint);
}

void tc_endpoint_surveyed(struct tc_endpoint *endpoint)
{
    tc_survey_run_free(endpoint->survey);
    endpoint->survey = NULL;
    (void)tc_endpoint_goto(endpoint, TC_ENDPOINT_DONE);
    endpoint_settle(endpoint);
}

void tc_endpoint_stop(struct tc_endpoint *endpoint)
{
    static const char k_detail[] = "the scan was stopped";
    if (endpoint->state == TC_ENDPOINT_SURVEY) {
        tc_survey_run_stop(endpoint->survey);
        tc_record_replace_outcome(endpoint->observation, TC_OUTCOME_INTERRUPTED, "%s", k_detail);
        tc_endpoint_surveyed(endpoint);
        return;
    }
    (void)tc_endpoint_finish(endpoint, TC_OUTCOME_INTERRUPTED, k_detail);
    endpoint_settle(endpoint);
}
