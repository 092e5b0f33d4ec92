/* strdup is in _POSIX_C_SOURCE 200809L. */
#include "endpoint_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tc_observation *tc_origin_record(const struct tc_endpoint_origin *origin,
                                        const struct tc_address *address, const struct tc_io *io,
                                        enum tc_outcome outcome, enum tc_stage stage,
                                        const char *detail)
{
    struct tc_observation *observation = tc_observation_new();
    if (observation == NULL) {
        return NULL;
    }
    observation->target_id = origin->target->target_id;
    observation->endpoints_count = origin->endpoints_count;
    tc_address_format(observation->address, address);
    if (origin->cname_chain != NULL) {
        observation->cname_chain = strdup(origin->cname_chain);
    }
    observation->observed_s = io->wall_s(io->context);
    observation->outcome = outcome;
    observation->stage = outcome == TC_OUTCOME_OK ? TC_STAGE_NONE : stage;
    if (outcome != TC_OUTCOME_OK && detail != NULL) {
        observation->detail = strdup(detail);
    }
    observation->timing.dns_us = origin->dns_us;
    observation->timing.total_us = origin->dns_us;
    return observation;
}

static int64_t known_or_zero(int64_t interval_us)
{
    return interval_us == TC_TIME_UNKNOWN ? 0 : interval_us;
}

static void record_timing(const struct tc_endpoint *endpoint, struct tc_timing *timing)
{
    const struct tc_connection *connection = endpoint->connection;
    const struct tc_handshake *handshake = &endpoint->handshake;
    timing->connect_us = endpoint->reach.connect_us;
    timing->starttls_us = endpoint->reach.starttls_us;
    timing->handshake_us = endpoint->handshake_us;
    timing->rtt_us = endpoint->reach.rtt_us;
    if (connection != NULL && handshake->ssl != NULL) {
        timing->own_us = handshake->own_us;
        if (handshake->hello_us > 0 && connection->first_byte_us >= handshake->hello_us) {
            timing->server_hello_us = connection->first_byte_us - handshake->hello_us;
        } else if (handshake->hello_us > 0 && connection->first_byte_us >= 0) {
            timing->server_hello_us = 0; /* it spoke first: its bytes were there before ours left */
        }
    }
    if (connection != NULL) {
        timing->loop_lag_us = tc_loop_lag_since(endpoint->shared->lag, endpoint->begun_us);
    }
    if (timing->dns_us != TC_TIME_UNKNOWN || timing->connect_us != TC_TIME_UNKNOWN) {
        timing->total_us = known_or_zero(timing->dns_us) + known_or_zero(timing->connect_us) +
                           known_or_zero(timing->starttls_us) + known_or_zero(timing->handshake_us);
    }
}

void tc_record_replace_outcome(struct tc_observation *observation, enum tc_outcome outcome,
                               const char *format, ...)
{
    char detail[TC_DETAIL_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    observation->outcome = outcome;
    observation->stage = TC_STAGE_TLS;
    free(observation->detail);
    observation->detail = strdup(detail);
}

/* The row then has no chain. */
static void blame_certificates(struct tc_observation *observation, enum tc_status status,
                               const struct tc_scan_options *options)
{
    if (status == TC_ERR_LIMIT) {
        tc_record_replace_outcome(observation, TC_OUTCOME_LIMIT_EXCEEDED,
                                  "more than %zu certificates, or one of more than %zu bytes",
                                  options->max_certs, options->max_cert_bytes);
    } else {
        tc_record_replace_outcome(observation, TC_OUTCOME_LOCAL_ERROR, "certificates: %s",
                                  tc_status_str(status));
    }
}

struct tc_chain_reader tc_endpoint_chain_reader(const struct tc_endpoint *endpoint)
{
    return (struct tc_chain_reader){
        .memory = endpoint->shared->cert_memory,
        .options = endpoint->origin->options,
        .reference_name = tc_target_reference_name(endpoint->origin->target),
    };
}

struct tc_observation *tc_endpoint_record(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                          enum tc_stage stage, const char *detail)
{
    const struct tc_endpoint_shared *shared = endpoint->shared;
    struct tc_observation *observation =
        tc_origin_record(endpoint->origin, &endpoint->address, shared->io, outcome, stage, detail);
    if (observation == NULL) {
        return NULL;
    }
    observation->attempts = endpoint->attempts;
    observation->connections = endpoint->connections;
    observation->read_bytes = endpoint->read_bytes;
    if (endpoint->connection != NULL) {
        observation->read_bytes += endpoint->reach.read_bytes + endpoint->connection->read_bytes;
    }
    observation->starttls_leftover_bytes = endpoint->reach.leftover_bytes;
    record_timing(endpoint, &observation->timing);
    tc_handshake_record(&endpoint->handshake, observation);
    const struct tc_chain_reader reader = tc_endpoint_chain_reader(endpoint);
    struct tc_read_chain read;
    enum tc_status status = tc_handshake_read_chain(&endpoint->handshake, &read, &reader);
    if (status != TC_OK) {
        blame_certificates(observation, status, endpoint->origin->options);
    } else {
        observation->chain = read.chain;
        observation->name_match = read.name_match;
        observation->cn_match = read.cn_match;
    }
    return observation;
}
