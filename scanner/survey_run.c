#include "survey_run.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_record.h"

#define US_PER_MS INT64_C(1000)
/*
 * An answer may take so many round trips of the connection and so many of the waits for the first
 * ServerHello; a quick server gets two seconds all the same, and nobody more than ten.
 */
#define ANSWER_CONNECTS    INT64_C(6)
#define ANSWER_HELLOS      INT64_C(4)
#define ANSWER_MIN_US      (2000 * US_PER_MS)
#define ANSWER_MAX_US      (10000 * US_PER_MS)
#define UNKNOWN_NAME_BYTES 32

struct tc_survey_run {
    struct tc_endpoint *endpoint; /* in SURVEY while this lives */
    struct tc_survey *survey;
    struct tc_features previous;               /* what an earlier survey found; empty mostly */
    SSL_SESSION *sessions[TC_SURVEY_SESSIONS]; /* one reference each, or NULL */
    char unknown_name[UNKNOWN_NAME_BYTES];     /* that no server can know */
    int64_t answer_limit_us;
    int64_t left_us;  /* of --endpoint-timeout, when no probe is active */
    int64_t since_us; /* when the first of the active ones began */
    size_t num_active;
    bool is_ending;     /* nothing more is asked */
    bool chain_is_ssl2; /* the row's chain gives way to another */
    size_t num_probes;
    struct tc_probe probes[];
};

static int64_t now_us(const struct tc_survey_run *run)
{
    const struct tc_io *io = run->endpoint->shared->io;
    return io->now_us(io->context);
}

/* ---- beginning ---- */

/* Whether there is somebody to ask. */
static bool is_worth_it(const struct tc_endpoint *endpoint)
{
    enum tc_outcome outcome = endpoint->observation->outcome;
    const struct tc_connection *connection = endpoint->connection;
    if (outcome == TC_OUTCOME_NOT_TLS) { /* what speaks SSL 2.0 alone may answer so */
        return tc_bytes_are_ssl2_error(connection->head, connection->head_len);
    }
    return outcome == TC_OUTCOME_OK || outcome == TC_OUTCOME_CLIENT_CERTIFICATE ||
           outcome == TC_OUTCOME_ALERT || outcome == TC_OUTCOME_CLOSED ||
           outcome == TC_OUTCOME_RESET || outcome == TC_OUTCOME_PROTOCOL_ERROR ||
           outcome == TC_OUTCOME_HANDSHAKE_TIMEOUT;
}

static unsigned parallel(const struct tc_endpoint *endpoint)
{
    unsigned per_address = endpoint->origin->options->per_address;
    if (tc_protocol_is_one_at_a_time(endpoint->origin->target->protocol)) {
        return 1;
    }
    if (per_address == 0) {
        return TC_SURVEY_UNLIMITED_PROBES;
    }
    return per_address < TC_SURVEY_MAX_PROBES ? per_address : TC_SURVEY_MAX_PROBES;
}

static int64_t answer_limit_us(const struct tc_endpoint *endpoint)
{
    const struct tc_timing *timing = &endpoint->observation->timing;
    int64_t handshake_us = endpoint->origin->options->handshake_timeout_ms * US_PER_MS;
    int64_t limit_us = 0;
    limit_us += timing->connect_us > 0 ? timing->connect_us * ANSWER_CONNECTS : 0;
    limit_us += timing->server_hello_us > 0 ? timing->server_hello_us * ANSWER_HELLOS : 0;
    limit_us = limit_us > ANSWER_MIN_US ? limit_us : ANSWER_MIN_US;
    limit_us = limit_us < ANSWER_MAX_US ? limit_us : ANSWER_MAX_US;
    return limit_us < handshake_us ? limit_us : handshake_us;
}

static enum tc_status make_survey(struct tc_survey_run *run, uint64_t seed)
{
    struct tc_endpoint *endpoint = run->endpoint;
    const struct tc_scan_options *options = endpoint->origin->options;
    const struct tc_target *target = endpoint->origin->target;
    const struct tc_chain_reader reader = tc_endpoint_chain_reader(endpoint);
    struct tc_survey_options survey = {
        .depth = options->profile == TC_PROFILE_DEEP ? TC_SURVEY_DEEP : TC_SURVEY_STANDARD,
        .intrusive = options->intrusive,
        .protocol = target->protocol,
        .server_name = tc_endpoint_server_name(endpoint),
        .host = target->host,
        .max_connections = options->connections_per_endpoint > endpoint->connections
                               ? options->connections_per_endpoint - endpoint->connections
                               : 0, /* its own, retries among them, count too */
        .parallel = (unsigned)run->num_probes,
        .seed = seed,
    };
    tc_handshake_get_facts(&endpoint->handshake, &survey.handshake, &reader);
    if (endpoint->shared->earlier != NULL &&
        endpoint->shared->earlier(endpoint->shared->owner, endpoint, &run->previous)) {
        survey.previous = &run->previous;
    }
    return tc_survey_new(&run->survey, &survey);
}

static uint64_t random_u64(const struct tc_io *io)
{
    uint64_t high = io->random_u32(io->context);
    return high << 32 | io->random_u32(io->context);
}

static enum tc_status new_run(struct tc_survey_run **out, struct tc_endpoint *endpoint)
{
    const struct tc_io *io = endpoint->shared->io;
    size_t num_probes = parallel(endpoint);
    struct tc_survey_run *run = calloc(1, sizeof *run + num_probes * sizeof(struct tc_probe));
    if (run == NULL) {
        return TC_ERR_NOMEM;
    }
    uint64_t seed = random_u64(io);
    run->endpoint = endpoint;
    run->num_probes = num_probes;
    run->answer_limit_us = answer_limit_us(endpoint);
    run->left_us = tc_endpoint_left_us(endpoint);
    (void)snprintf(run->unknown_name, sizeof run->unknown_name, "invalid.%016" PRIx64 ".test",
                   seed);
    for (size_t i = 0; i < num_probes; i++) {
        run->probes[i].run = run;
    }
    enum tc_status status = make_survey(run, seed);
    if (status != TC_OK) {
        tc_features_cleanup(&run->previous);
        free(run);
        return status;
    }
    run->sessions[0] = endpoint->handshake.session;
    endpoint->handshake.session = NULL;
    *out = run;
    return TC_OK;
}

bool tc_survey_run_begin(struct tc_endpoint *endpoint)
{
    struct tc_observation *observation = endpoint->observation;
    if (endpoint->origin->options->profile == TC_PROFILE_QUICK || endpoint->shared->is_stopping ||
        observation == NULL || !is_worth_it(endpoint)) {
        return false;
    }
    enum tc_status status = new_run(&endpoint->survey, endpoint);
    if (status != TC_OK) {
        tc_record_replace_outcome(observation, TC_OUTCOME_LOCAL_ERROR, "survey: %s",
                                  tc_status_str(status));
    }
    return status == TC_OK;
}

void tc_survey_run_free(struct tc_survey_run *run)
{
    if (run == NULL) {
        return;
    }
    for (size_t i = 0; i < TC_SURVEY_SESSIONS; i++) {
        SSL_SESSION_free(run->sessions[i]);
    }
    tc_survey_free(run->survey);
    tc_features_cleanup(&run->previous);
    free(run);
}

/* ---- asking ---- */

static struct tc_probe *free_place(struct tc_survey_run *run)
{
    for (size_t i = 0; i < run->num_probes; i++) {
        if (run->probes[i].endpoint == NULL) {
            return &run->probes[i];
        }
    }
    return NULL;
}

/* The planner's question could not even be tried. */
static void fail_to_ask(struct tc_survey_run *run, const struct tc_question *question)
{
    tc_survey_stop(run->survey, "memory ran out");
    if (question->kind == TC_QUESTION_HELLO) {
        (void)tc_survey_feed(run->survey, question->id, TC_ANSWER_LOCAL, NULL);
    } else if (question->kind == TC_QUESTION_HTTP) {
        tc_survey_feed_http(run->survey, question->id, TC_ANSWER_LOCAL, NULL, 0);
    } else {
        const struct tc_handshake_facts none = {0};
        (void)tc_survey_feed_handshake(run->survey, question->id, TC_ANSWER_LOCAL, &none);
    }
}

static void ask(struct tc_survey_run *run, struct tc_probe *probe)
{
    const struct tc_endpoint *own = run->endpoint;
    struct tc_endpoint_shared *shared = own->shared;
    struct tc_endpoint *endpoint = shared->new_probe(shared->owner);
    if (endpoint == NULL) {
        fail_to_ask(run, &probe->question);
        return;
    }
    tc_endpoint_init(endpoint, shared, own->origin, &own->address);
    endpoint->probe = probe;
    probe->endpoint = endpoint;
    int64_t at_us = now_us(run) + probe->question.delay_ms * US_PER_MS;
    if (probe->question.delay_ms == 0) {
        shared->ready(shared->owner, endpoint);
        return;
    }
    shared->paused(shared->owner, endpoint);
    if (tc_timers_set(shared->timers, &endpoint->timer, at_us) != TC_OK) {
        shared->ready(shared->owner, endpoint); /* without a pause rather than never */
    }
}

/* All is asked and answered: the row is complete. */
static void finish(struct tc_survey_run *run)
{
    struct tc_observation *observation = run->endpoint->observation;
    enum tc_status status = tc_survey_result(run->survey, &observation->features);
    if (status != TC_OK) {
        tc_features_cleanup(&observation->features);
        tc_record_replace_outcome(observation, TC_OUTCOME_LOCAL_ERROR, "survey: %s",
                                  tc_status_str(status));
    }
    tc_endpoint_surveyed(run->endpoint);
}

void tc_survey_run_proceed(struct tc_survey_run *run)
{
    struct tc_probe *probe = free_place(run);
    while (probe != NULL) {
        switch (tc_survey_next(run->survey, &probe->question)) {
        case TC_SURVEY_ASK:
            ask(run, probe);
            break;
        case TC_SURVEY_DONE:
            finish(run);
            return;
        case TC_SURVEY_WAIT:
        default:
            return;
        }
        probe = free_place(run);
    }
}

/* ---- the end before its time ---- */

void tc_survey_run_stop(struct tc_survey_run *run)
{
    run->is_ending = true;
    for (size_t i = 0; i < run->num_probes; i++) {
        if (run->probes[i].endpoint != NULL) {
            tc_endpoint_stop(run->probes[i].endpoint);
        }
    }
}

void tc_survey_run_expire(struct tc_survey_run *run)
{
    struct tc_question question;
    tc_survey_stop(run->survey, "the time for this endpoint was over (--endpoint-timeout)");
    tc_survey_run_stop(run);
    enum tc_survey_step step = tc_survey_next(run->survey, &question);
    assert(step == TC_SURVEY_DONE); /* nothing is out */
    (void)step;
    finish(run);
}

bool tc_survey_run_is_behind(const struct tc_survey_run *run)
{
    for (size_t i = 0; i < run->num_probes; i++) {
        const struct tc_endpoint *endpoint = run->probes[i].endpoint;
        if (endpoint != NULL && endpoint->connection != NULL && endpoint->connection->is_queued) {
            return true;
        }
    }
    return false;
}

/* ---- the clock ---- */

void tc_probe_begun(struct tc_probe *probe)
{
    struct tc_survey_run *run = probe->run;
    run->num_active++;
    if (run->num_active == 1) {
        run->since_us = now_us(run);
        /* Without memory for it the probes' own deadlines still end the survey. */
        (void)!tc_timers_set(run->endpoint->shared->timers, &run->endpoint->timer,
                             run->since_us + run->left_us);
    }
}

static void probe_ended(struct tc_survey_run *run)
{
    run->num_active--;
    if (run->num_active == 0) {
        run->left_us -= now_us(run) - run->since_us;
        tc_timers_cancel(run->endpoint->shared->timers, &run->endpoint->timer);
    }
}

int64_t tc_probe_limit_us(const struct tc_probe *probe)
{
    return probe->run->answer_limit_us;
}

/* ---- questions ---- */

enum tc_status tc_probe_hello(struct tc_probe *probe, uint8_t *out, size_t capacity,
                              size_t *out_len, size_t *out_split)
{
    return tc_survey_hello(probe->run->survey, probe->question.id, out, capacity, out_len,
                           out_split);
}

enum tc_status tc_probe_follow_up(struct tc_probe *probe, uint8_t *out, size_t capacity,
                                  size_t *out_len)
{
    if (!probe->question.has_follow_up) {
        return TC_ERR_RANGE;
    }
    return tc_survey_follow_up(probe->run->survey, probe->question.id, &probe->flight, out,
                               capacity, out_len);
}

uint16_t tc_probe_port(const struct tc_probe *probe)
{
    return probe->question.kind == TC_QUESTION_HTTP ? TC_HTTP_PORT
                                                    : probe->endpoint->origin->target->port;
}

void tc_probe_plan(const struct tc_probe *probe, struct tc_handshake_plan *plan)
{
    const struct tc_survey_run *run = probe->run;
    const struct tc_handshake_wish *wish = &probe->question.wish;
    assert(wish->session < TC_SURVEY_SESSIONS);
    plan->wish = wish;
    plan->session = run->sessions[wish->session];
    plan->keep_messages = false;
    if (wish->name == TC_NAME_NONE) {
        plan->server_name = NULL;
    } else if (wish->name == TC_NAME_UNKNOWN) {
        plan->server_name = run->unknown_name;
    }
}

/* ---- answers ---- */

/* How talks end that have got as far as TLS. */
static const struct {
    enum tc_outcome outcome;
    enum tc_answer_end end;
} k_ends[] = {
    {TC_OUTCOME_OK, TC_ANSWER_COMPLETE},
    {TC_OUTCOME_ALERT, TC_ANSWER_COMPLETE},
    {TC_OUTCOME_CLIENT_CERTIFICATE, TC_ANSWER_COMPLETE},
    {TC_OUTCOME_CLOSED, TC_ANSWER_CLOSED},
    {TC_OUTCOME_RESET, TC_ANSWER_RESET},
    {TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_ANSWER_SILENCE},
    {TC_OUTCOME_UNREACHABLE, TC_ANSWER_UNREACHED},
};

static enum tc_answer_end end_of_talk(enum tc_outcome outcome)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_ends); i++) {
        if (k_ends[i].outcome == outcome) {
            return k_ends[i].end;
        }
    }
    return TC_ANSWER_BROKEN; /* not-tls, protocol-error, limit-exceeded */
}

static enum tc_answer_end end_of(const struct tc_endpoint *endpoint, enum tc_outcome outcome)
{
    if (outcome == TC_OUTCOME_LOCAL_ERROR || outcome == TC_OUTCOME_INTERRUPTED) {
        return TC_ANSWER_LOCAL;
    }
    if (endpoint->state < TC_ENDPOINT_SPLIT) {
        return TC_ANSWER_UNREACHED;
    }
    return endpoint->handshake.is_done ? TC_ANSWER_COMPLETE : end_of_talk(outcome);
}

static bool add_other_chain(struct tc_observation *observation, enum tc_chain_role role,
                            const struct tc_read_chain *read)
{
    for (size_t i = 0; i < observation->num_other_chains; i++) {
        if (observation->other_chains[i].role == role) {
            return false; /* the first is as good as any */
        }
    }
    struct tc_other_chain *chains =
        realloc(observation->other_chains, (observation->num_other_chains + 1) * sizeof *chains);
    if (chains == NULL) {
        return false;
    }
    chains[observation->num_other_chains] =
        (struct tc_other_chain){.role = role, .chain = read->chain, .name_match = read->name_match};
    observation->other_chains = chains;
    observation->num_other_chains++;
    return true;
}

/* Takes the chain's reference. */
static void keep_own_chain(struct tc_survey_run *run, enum tc_survey_chain what,
                           const struct tc_read_chain *read)
{
    struct tc_observation *observation = run->endpoint->observation;
    bool gives_way = run->chain_is_ssl2 && what == TC_SURVEY_CHAIN_OWN;
    if (observation->chain != NULL && !gives_way) {
        tc_chain_release(read->chain);
        return;
    }
    tc_chain_release(observation->chain);
    observation->chain = read->chain;
    observation->name_match = read->name_match;
    observation->cn_match = read->cn_match;
    run->chain_is_ssl2 = what == TC_SURVEY_CHAIN_SSL2;
}

/* Takes the chain's reference. */
static void keep_chain(struct tc_survey_run *run, enum tc_survey_chain what,
                       const struct tc_read_chain *read)
{
    static const enum tc_chain_role roles[] = {
        [TC_SURVEY_CHAIN_OTHER_KEY] = TC_CHAIN_OTHER_KEY,
        [TC_SURVEY_CHAIN_NO_SNI] = TC_CHAIN_NO_SNI,
        [TC_SURVEY_CHAIN_UNKNOWN_SNI] = TC_CHAIN_UNKNOWN_SNI,
    };
    if (read->chain == NULL) {
        return;
    }
    if (what == TC_SURVEY_CHAIN_OWN || what == TC_SURVEY_CHAIN_SSL2) {
        keep_own_chain(run, what, read);
    } else if (!add_other_chain(run->endpoint->observation, roles[what], read)) {
        tc_chain_release(read->chain);
    }
}

/* One that is past the caps, or for which memory is short, is left out of the row. */
static void record_chain(struct tc_probe *probe, enum tc_survey_chain what)
{
    const struct tc_endpoint *endpoint = probe->endpoint;
    const struct tc_chain_reader reader = tc_endpoint_chain_reader(endpoint);
    struct tc_read_chain read = {.chain = NULL};
    enum tc_status status = TC_OK;
    if (what == TC_SURVEY_CHAIN_NONE) {
        return;
    }
    if (probe->question.kind == TC_QUESTION_HELLO) {
        const struct tc_buf *body = &probe->flight.certificates;
        status = tc_message_read_chain((const uint8_t *)body->data, body->len, &read, &reader);
    } else {
        status = tc_handshake_read_chain(&endpoint->handshake, &read, &reader);
    }
    if (status == TC_OK) {
        keep_chain(probe->run, what, &read);
    }
}

static enum tc_survey_chain feed_hello(struct tc_probe *probe, enum tc_answer_end end)
{
    struct tc_survey *survey = probe->run->survey;
    if (probe->has_asked_on) {
        probe->reply.end = end;
        return tc_survey_feed_reply(survey, probe->question.id, &probe->flight, &probe->reply);
    }
    return tc_survey_feed(survey, probe->question.id, end,
                          probe->has_flight ? &probe->flight : NULL);
}

static enum tc_survey_chain feed_handshake(struct tc_probe *probe, enum tc_answer_end end)
{
    struct tc_survey_run *run = probe->run;
    struct tc_handshake *handshake = &probe->endpoint->handshake;
    const struct tc_chain_reader reader = tc_endpoint_chain_reader(probe->endpoint);
    const struct tc_handshake_wish *wish = &probe->question.wish;
    struct tc_handshake_facts facts;
    tc_handshake_get_facts(handshake, &facts, &reader);
    if (wish->keeps_session && handshake->session != NULL) {
        SSL_SESSION_free(run->sessions[wish->session]);
        run->sessions[wish->session] = handshake->session;
        handshake->session = NULL;
    }
    return tc_survey_feed_handshake(run->survey, probe->question.id, end, &facts);
}

void tc_probe_end(struct tc_probe *probe, enum tc_outcome outcome)
{
    struct tc_survey_run *run = probe->run;
    enum tc_answer_end end = end_of(probe->endpoint, outcome);
    enum tc_survey_chain chain = TC_SURVEY_CHAIN_NONE;
    switch (probe->question.kind) {
    case TC_QUESTION_HELLO:
        chain = feed_hello(probe, end);
        break;
    case TC_QUESTION_HTTP: /* another server's word: no certificates */
        tc_survey_feed_http(run->survey, probe->question.id, end, probe->head.data,
                            probe->head.len);
        break;
    case TC_QUESTION_HANDSHAKE:
    default:
        chain = feed_handshake(probe, end);
        break;
    }
    record_chain(probe, chain);
    if (probe->endpoint->connections > 0) {
        probe_ended(run);
    }
}

void tc_probe_release(struct tc_probe *probe)
{
    struct tc_survey_run *run = probe->run;
    struct tc_endpoint *endpoint = probe->endpoint;
    struct tc_endpoint_shared *shared = endpoint->shared;
    struct tc_observation *observation = run->endpoint->observation;
    observation->connections += endpoint->connections;
    observation->read_bytes += endpoint->read_bytes;
    if (probe->has_flight) {
        tc_flight_cleanup(&probe->flight);
    }
    tc_buf_cleanup(&probe->head);
    *probe = (struct tc_probe){.run = run};
    shared->probe_over(shared->owner, endpoint);
    if (!run->is_ending) {
        tc_survey_run_proceed(run);
    }
}
