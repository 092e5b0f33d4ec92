/* What a run can be told, and what a profile means. */
#include "tlscensus/scan.h"

#include <uv.h>

#include "tlscensus/survey.h"

/*
 * A profile's ceiling on connections (the first handshake and the survey's), and the time that one
 * endpoint may take. Waits for an address's turn are not counted, so the time is for the network
 * alone: a survey of 74 questions over 300 ms of round trip, two at once, takes 35 s of it.
 */
static const struct {
    unsigned connections;
    unsigned endpoint_timeout_ms;
} k_profiles[TC_PROFILE_COUNT] = {
    [TC_PROFILE_QUICK] = {1, 60000},
    [TC_PROFILE_STANDARD] = {1 + TC_SURVEY_STANDARD_CONNECTIONS, 120000},
    [TC_PROFILE_DEEP] = {1 + TC_SURVEY_DEEP_CONNECTIONS, 240000},
};

void tc_scan_options_init(struct tc_scan_options *options)
{
    *options = (struct tc_scan_options){
        .concurrency = 1000,
        .workers = uv_available_parallelism(),
        .per_address = 2,
        .address_rate = 10,
        .connect_timeout_ms = 5000,
        .starttls_timeout_ms = 30000,
        .handshake_timeout_ms = 10000,
        .dns_timeout_ms = 5000,
        .retries = 1,
        .max_read_bytes = (size_t)256 * 1024,
        .max_certs = 100,
        .max_cert_bytes = (size_t)128 * 1024,
    };
}

void tc_scan_options_complete(struct tc_scan_options *options)
{
    if (options->endpoint_timeout_ms == 0) {
        options->endpoint_timeout_ms = k_profiles[options->profile].endpoint_timeout_ms;
    }
    if (options->connections_per_endpoint == 0) {
        options->connections_per_endpoint = k_profiles[options->profile].connections;
        if (options->profile != TC_PROFILE_QUICK) {
            options->connections_per_endpoint +=
                tc_survey_intrusive_connections(options->intrusive);
        }
    }
    if (options->profile == TC_PROFILE_DEEP) {
        options->keep_messages = true;
    }
}

unsigned tc_scan_max_connections(const struct tc_scan_options *options)
{
    struct tc_scan_options complete = *options;
    tc_scan_options_complete(&complete);
    /* Quick makes one and its retries, whatever the budget; a survey's budget has them inside. */
    unsigned least = 1 + complete.retries;
    bool has_budget =
        complete.profile != TC_PROFILE_QUICK && complete.connections_per_endpoint > least;
    return has_budget ? complete.connections_per_endpoint : least;
}
