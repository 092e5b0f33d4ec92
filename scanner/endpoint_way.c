/* The way to the peer's TLS: connecting, and what has to be said before. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_state.h"
#include "socket_error.h"

int64_t tc_connect_limit_us(const struct tc_endpoint *endpoint)
{
    return endpoint->shared->options->connect_timeout_ms * TC_US_PER_MS;
}

enum tc_endpoint_step tc_endpoint_finish_errno(struct tc_endpoint *endpoint, int error)
{
    char detail[TC_DETAIL_MAX];
    if (endpoint->shared->proxy_address == NULL) {
        return tc_endpoint_finish(endpoint, tc_socket_error_outcome(error),
                                  tc_socket_error_words(error));
    }
    /* It says nothing about the target, which was not asked. */
    (void)snprintf(detail, sizeof detail, "the proxy cannot be reached: %s",
                   tc_socket_error_words(error));
    return tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR, detail);
}

/* The moment from which the peer's TLS is timed, and no longer the way to it. */
static void set_base(struct tc_endpoint *endpoint, int64_t at_us)
{
    endpoint->base_us = endpoint->connection->event_us;
    endpoint->queued_us = at_us - endpoint->base_us;
    endpoint->connect_us = endpoint->base_us - endpoint->begun_us;
}

/* CONNECT: the SYN is out. Leaves for PROXY or HANDSHAKE, or finishes. */
enum tc_endpoint_step tc_state_connect(struct tc_endpoint *endpoint)
{
    const struct tc_target *target = endpoint->origin->target;
    struct tc_connection *connection = endpoint->connection;
    int64_t rtt_us = TC_TIME_UNKNOWN;
    int result = tc_connection_connected(connection, &rtt_us);
    if (result == -EINPROGRESS) {
        return TC_STEP_WAIT;
    }
    if (result != 0) {
        return tc_endpoint_finish_errno(endpoint, -result);
    }
    set_base(endpoint, tc_endpoint_now_us(endpoint));
    if (endpoint->shared->proxy_address == NULL) {
        endpoint->rtt_us = rtt_us;
        return tc_endpoint_begin_tls(endpoint);
    }
    char host[TC_ADDRESS_TEXT_MAX];
    tc_address_format(host, &endpoint->address);
    endpoint->dialogue = malloc(sizeof *endpoint->dialogue);
    if (endpoint->dialogue == NULL ||
        tc_proxy_dialogue_init(endpoint->dialogue, endpoint->shared->options->proxy,
                               host[0] != '\0' ? host : target->host, target->port) != TC_OK) {
        return tc_endpoint_finish(endpoint, TC_OUTCOME_LOCAL_ERROR,
                                  "the proxy cannot be asked for this name");
    }
    return tc_endpoint_goto(endpoint, TC_ENDPOINT_PROXY);
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

static enum tc_endpoint_step finish_proxy(struct tc_endpoint *endpoint)
{
    char detail[sizeof endpoint->dialogue->detail];
    memcpy(detail, endpoint->dialogue->detail, sizeof detail); /* it goes before the text is used */
    return tc_endpoint_finish(endpoint, endpoint->dialogue->outcome, detail);
}

/* PROXY: connected to the proxy, which is asked for the endpoint. Leaves for HANDSHAKE. */
enum tc_endpoint_step tc_state_proxy(struct tc_endpoint *endpoint)
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
        return TC_STEP_WAIT;
    }
    free(endpoint->dialogue);
    endpoint->dialogue = NULL;
    set_base(endpoint, tc_endpoint_now_us(endpoint));
    endpoint->read_bytes += connection->read_bytes;
    tc_connection_restart_count(connection);
    return tc_endpoint_begin_tls(endpoint);
}
