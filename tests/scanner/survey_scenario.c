#include "test_support.h"

#include "survey_scenario.h"

struct tc_scan_options g_standard;
struct tc_tls *g_standard_tls;
const struct tls_peer_options k_survey_tls12 = {.max_version = TLS1_2_VERSION};

int survey_scenario_set_up(void **state)
{
    if (scenario_set_up(state) != 0) {
        return -1;
    }
    tc_scan_options_init(&g_standard);
    g_standard.profile = TC_PROFILE_STANDARD;
    g_standard.verifier = g_scenario.verifier;
    tc_scan_options_complete(&g_standard);
    assert_int_equal(tc_tls_new(&g_standard_tls, &g_standard), TC_OK);
    return 0;
}

int survey_scenario_tear_down(void **state)
{
    tc_tls_free(g_standard_tls);
    return scenario_tear_down(state);
}
