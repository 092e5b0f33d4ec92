#include "tlscensus/observation.h"

#include <stdlib.h>

struct tc_observation *tc_observation_new(void)
{
    struct tc_observation *observation = calloc(1, sizeof *observation);
    if (observation != NULL) {
        observation->timing = (struct tc_timing){
            .dns_us = TC_TIME_UNKNOWN,
            .connect_us = TC_TIME_UNKNOWN,
            .starttls_us = TC_TIME_UNKNOWN,
            .server_hello_us = TC_TIME_UNKNOWN,
            .handshake_us = TC_TIME_UNKNOWN,
            .total_us = TC_TIME_UNKNOWN,
            .own_us = TC_TIME_UNKNOWN,
            .loop_lag_us = TC_TIME_UNKNOWN,
            .rtt_us = TC_TIME_UNKNOWN,
        };
        observation->starttls_leftover_bytes = TC_BYTES_UNKNOWN;
        observation->ocsp_stapled = TC_UNKNOWN;
        observation->client_certificate_requested = TC_UNKNOWN;
        observation->hello_retry = TC_UNKNOWN;
        observation->name_match = TC_UNKNOWN;
        observation->cn_match = TC_UNKNOWN;
        observation->endpoints_count = 1;
    }
    return observation;
}

static const char *const k_role_names[TC_CHAIN_ROLE_COUNT] = {
    [TC_CHAIN_OTHER_KEY] = "other-key",
    [TC_CHAIN_NO_SNI] = "no-sni",
    [TC_CHAIN_UNKNOWN_SNI] = "unknown-sni",
};

const char *tc_chain_role_str(enum tc_chain_role role)
{
    return (unsigned)role < TC_CHAIN_ROLE_COUNT ? k_role_names[role] : "unknown";
}

void tc_observation_free(struct tc_observation *observation)
{
    if (observation == NULL) {
        return;
    }
    if (observation->chain != NULL) {
        tc_ref_release(&observation->chain->ref);
    }
    free(observation->cname_chain);
    free(observation->detail);
    free(observation->messages);
    for (size_t i = 0; i < observation->num_other_chains; i++) {
        tc_ref_release(&observation->other_chains[i].chain->ref);
    }
    free(observation->other_chains);
    tc_features_cleanup(&observation->features);
    free(observation);
}
