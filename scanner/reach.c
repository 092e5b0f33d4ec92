#include "reach.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_MS INT64_C(1000)
/* Who greets where nobody said who we are. */
#define NAMELESS "localhost.localdomain"

static enum tc_reach_result reach_fail(struct tc_reach *reach, enum tc_outcome outcome,
                                       const char *format, ...) TC_PRINTF(3, 4);

/* The only way to FAILED. */
static enum tc_reach_result reach_fail(struct tc_reach *reach, enum tc_outcome outcome,
                                       const char *format, ...)
{
    char detail[TC_DETAIL_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    reach->outcome = outcome;
    free(reach->detail);
    reach->detail = strdup(detail);
    return TC_REACH_FAILED;
}

static int64_t now_us(const struct tc_reach *reach)
{
    return reach->goal.io->now_us(reach->goal.io->context);
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

static enum tc_reach_result fail_by_errno(struct tc_reach *reach, int error)
{
    if (reach->goal.proxy_address == NULL) {
        return reach_fail(reach, outcome_of_errno(error), "%s", words_of_errno(error));
    }
    /* It says nothing about the target, which was not asked. */
    return reach_fail(reach, TC_OUTCOME_LOCAL_ERROR, "the proxy cannot be reached: %s",
                      words_of_errno(error));
}

bool tc_reach_is_direct(const struct tc_reach_goal *goal)
{
    return goal->proxy_address == NULL && !tc_protocol_is_starttls(goal->target->protocol);
}

enum tc_reach_result tc_reach_begin(struct tc_reach *reach, const struct tc_reach_goal *goal,
                                    struct tc_connection *connection)
{
    bool has_proxy = goal->proxy_address != NULL;
    *reach = (struct tc_reach){
        .goal = *goal,
        .connection = connection,
        .begun_us = goal->io->now_us(goal->io->context),
        .connect_us = TC_TIME_UNKNOWN,
        .starttls_us = TC_TIME_UNKNOWN,
        .rtt_us = TC_TIME_UNKNOWN,
        .leftover_bytes = -1,
    };
    int result = tc_connection_open(connection, has_proxy ? goal->proxy_address : goal->address,
                                    has_proxy ? goal->options->proxy->port : goal->port,
                                    goal->options->max_read_bytes);
    return result == 0 ? TC_REACH_WAIT : fail_by_errno(reach, -result);
}

/* The moment from which the peer's TLS is timed, and no longer the way to it. */
static void set_base(struct tc_reach *reach)
{
    reach->base_us = reach->connection->event_us;
    reach->queued_us = now_us(reach) - reach->base_us;
}

/* What was read so far was not TLS: the peer's bytes are counted from here on. */
static void restart_count(struct tc_reach *reach)
{
    reach->read_bytes += reach->connection->read_bytes;
    tc_connection_restart_count(reach->connection);
}

/* The connection to the server stands, through a proxy or not. */
static enum tc_reach_result connected(struct tc_reach *reach)
{
    const struct tc_reach_goal *goal = &reach->goal;
    const char *helo = goal->options->helo;
    const struct tc_starttls_names names = {
        .server = tc_target_reference_name(goal->target),
        .client = helo != NULL ? helo : NAMELESS,
    };
    if (!tc_protocol_is_starttls(goal->target->protocol)) {
        reach->stage = TC_REACH_READY;
        return TC_REACH_THERE;
    }
    reach->starttls = malloc(sizeof *reach->starttls);
    if (reach->starttls == NULL) {
        return reach_fail(reach, TC_OUTCOME_LOCAL_ERROR, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    if (tc_starttls_init(reach->starttls, goal->target->protocol, &names) != TC_OK) {
        free(reach->starttls);
        reach->starttls = NULL;
        return reach_fail(reach, TC_OUTCOME_LOCAL_ERROR, "a name that cannot be said in %s",
                          tc_protocol_str(goal->target->protocol));
    }
    reach->stage = TC_REACH_STARTTLS;
    return TC_REACH_MOVED;
}

/* CONNECT: the SYN is out. */
static enum tc_reach_result advance_connect(struct tc_reach *reach)
{
    const struct tc_reach_goal *goal = &reach->goal;
    int64_t rtt_us = TC_TIME_UNKNOWN;
    int result = tc_connection_connected(reach->connection, &rtt_us);
    if (result == -EINPROGRESS) {
        return TC_REACH_WAIT;
    }
    if (result != 0) {
        return fail_by_errno(reach, -result);
    }
    set_base(reach);
    reach->connect_us = reach->base_us - reach->begun_us;
    if (goal->proxy_address == NULL) {
        reach->rtt_us = rtt_us;
        return connected(reach);
    }
    char host[TC_ADDRESS_TEXT_MAX];
    tc_address_format(host, goal->address);
    reach->proxy = malloc(sizeof *reach->proxy);
    if (reach->proxy == NULL ||
        tc_proxy_dialogue_init(reach->proxy, goal->options->proxy,
                               host[0] != '\0' ? host : goal->target->host, goal->port) != TC_OK) {
        return reach_fail(reach, TC_OUTCOME_LOCAL_ERROR, "the proxy cannot be asked for this name");
    }
    reach->stage = TC_REACH_PROXY;
    return TC_REACH_MOVED;
}

/* Sends what the dialogue has to say. */
static void speak_to_proxy(struct tc_reach *reach)
{
    size_t len = 0;
    const uint8_t *bytes = tc_proxy_dialogue_output(reach->proxy, &len);
    if (len > 0 && tc_connection_write(reach->connection, bytes, len)) {
        tc_proxy_dialogue_sent(reach->proxy, len);
    }
    tc_connection_flush(reach->connection);
}

/* PROXY: connected to the proxy, which is asked for the endpoint. */
static enum tc_reach_result advance_proxy(struct tc_reach *reach)
{
    struct tc_connection *connection = reach->connection;
    enum tc_proxy_step step = TC_PROXY_MORE;
    uint8_t byte = 0;
    size_t used = 0;
    speak_to_proxy(reach);
    /* One byte at a time, so that nothing of the peer behind the proxy is taken. It is short. */
    while (step == TC_PROXY_MORE && tc_connection_read(connection, &byte, 1) == 1) {
        step = tc_proxy_dialogue_input(reach->proxy, &used, &byte, 1);
        if (step == TC_PROXY_MORE) {
            speak_to_proxy(reach);
        }
    }
    if (step == TC_PROXY_MORE && connection->end != TC_CONNECTION_OPEN) {
        step = tc_proxy_dialogue_end(reach->proxy);
    }
    if (step == TC_PROXY_FAILED) {
        return reach_fail(reach, reach->proxy->outcome, "%s", reach->proxy->detail);
    }
    if (step == TC_PROXY_MORE) {
        return TC_REACH_WAIT;
    }
    free(reach->proxy);
    reach->proxy = NULL;
    set_base(reach);
    reach->connect_us = reach->base_us - reach->begun_us;
    restart_count(reach);
    return connected(reach);
}

static void speak_starttls(struct tc_reach *reach)
{
    size_t len = 0;
    const uint8_t *bytes = tc_starttls_output(reach->starttls, &len);
    if (len > 0 && tc_connection_write(reach->connection, bytes, len)) {
        tc_starttls_sent(reach->starttls, len);
    }
    tc_connection_flush(reach->connection);
}

/* The connection is over, before the dialogue. */
static enum tc_reach_result starttls_ended(struct tc_reach *reach)
{
    const struct tc_connection *connection = reach->connection;
    char where[TC_DETAIL_MAX];
    char detail[TC_DETAIL_MAX];
    if (connection->end == TC_CONNECTION_EOF) {
        enum tc_starttls_step step = tc_starttls_end(reach->starttls);
        return reach_fail(reach,
                          step == TC_STARTTLS_REFUSED ? TC_OUTCOME_STARTTLS_REFUSED
                                                      : TC_OUTCOME_STARTTLS_FAILED,
                          "%s", reach->starttls->detail);
    }
    (void)snprintf(where, sizeof where, "before %s", tc_starttls_awaited(reach->starttls));
    enum tc_outcome outcome = tc_connection_explain_end(connection, where, detail);
    return reach_fail(
        reach, outcome == TC_OUTCOME_HANDSHAKE_TIMEOUT ? TC_OUTCOME_STARTTLS_FAILED : outcome, "%s",
        detail);
}

/* The server's go was read: what it has sent behind it is known, and lost. */
static enum tc_reach_result starttls_agreed(struct tc_reach *reach)
{
    int64_t agreed_us = now_us(reach) - reach->base_us - reach->queued_us;
    reach->leftover_bytes = (int64_t)reach->starttls->leftover_bytes;
    free(reach->starttls);
    reach->starttls = NULL;
    set_base(reach);
    reach->starttls_us = agreed_us;
    restart_count(reach);
    reach->stage = TC_REACH_READY;
    return TC_REACH_THERE;
}

/* STARTTLS: connected to the server, which is asked for TLS in its own protocol. */
static enum tc_reach_result advance_starttls(struct tc_reach *reach)
{
    struct tc_connection *connection = reach->connection;
    uint8_t *bytes = connection->scratch->in;
    enum tc_starttls_step step = TC_STARTTLS_MORE;
    size_t len = 0;
    speak_starttls(reach);
    while (step == TC_STARTTLS_MORE &&
           (len = tc_connection_read(connection, bytes, sizeof connection->scratch->in)) > 0) {
        step = tc_starttls_input(reach->starttls, bytes, len);
        speak_starttls(reach);
    }
    switch (step) {
    case TC_STARTTLS_MORE:
        return connection->end == TC_CONNECTION_OPEN ? TC_REACH_WAIT : starttls_ended(reach);
    case TC_STARTTLS_DONE:
        return starttls_agreed(reach);
    case TC_STARTTLS_REFUSED:
        return reach_fail(reach, TC_OUTCOME_STARTTLS_REFUSED, "%s", reach->starttls->detail);
    case TC_STARTTLS_FAILED:
    default:
        return reach_fail(reach, TC_OUTCOME_STARTTLS_FAILED, "%s", reach->starttls->detail);
    }
}

enum tc_reach_result tc_reach_advance(struct tc_reach *reach)
{
    switch (reach->stage) {
    case TC_REACH_CONNECT:
        return advance_connect(reach);
    case TC_REACH_PROXY:
        return advance_proxy(reach);
    case TC_REACH_STARTTLS:
        return advance_starttls(reach);
    case TC_REACH_READY:
    default:
        return TC_REACH_THERE;
    }
}

int64_t tc_reach_limit_us(const struct tc_reach *reach)
{
    const struct tc_scan_options *options = reach->goal.options;
    return US_PER_MS * (reach->stage == TC_REACH_STARTTLS ? options->starttls_timeout_ms
                                                          : options->connect_timeout_ms);
}

void tc_reach_expire(struct tc_reach *reach)
{
    switch (reach->stage) {
    case TC_REACH_CONNECT:
        (void)fail_by_errno(reach, ETIMEDOUT);
        break;
    case TC_REACH_PROXY:
        (void)reach_fail(reach, TC_OUTCOME_CONNECT_TIMEOUT, "the proxy gave no answer");
        break;
    case TC_REACH_STARTTLS:
        (void)reach_fail(reach, TC_OUTCOME_STARTTLS_FAILED, "%s did not come in time",
                         tc_starttls_awaited(reach->starttls));
        break;
    case TC_REACH_READY:
    default:
        break;
    }
}

void tc_reach_farewell(struct tc_reach *reach)
{
    size_t len = 0;
    if (reach->starttls == NULL || reach->connection->end != TC_CONNECTION_OPEN) {
        return;
    }
    const uint8_t *bytes = tc_starttls_farewell(reach->starttls, &len);
    if (len > 0) {
        (void)tc_connection_write(reach->connection, bytes, len); /* polite, and no more */
    }
}

void tc_reach_cleanup(struct tc_reach *reach)
{
    free(reach->detail);
    free(reach->proxy);
    free(reach->starttls);
    reach->detail = NULL;
    reach->proxy = NULL;
    reach->starttls = NULL;
    reach->connection = NULL;
}
