#include "test_support.h"

#include "scenario.h"

struct scenario g_scenario;

const struct tc_proxy k_scenario_proxy = {.kind = TC_PROXY_HTTP, .host = "192.0.2.1", .port = 3128};

struct tc_target scenario_target(void)
{
    static char k_host[] = "host.example";
    return (struct tc_target){.protocol = TC_PROTOCOL_HTTPS, .port = 443, .host = k_host};
}

int scenario_set_up(void **state)
{
    (void)state;
    struct tc_trust_store *store = NULL;
    struct tc_error error = {""};
    size_t added = 0;
    assert_int_equal(tc_trust_store_new(&store), TC_OK);
    assert_int_equal(
        tc_trust_store_add_pile(store, &added, peer_ca()->der, peer_ca()->der_len, &error), TC_OK);
    assert_int_equal(tc_verifier_new(&g_scenario.verifier, store, MAKE_NOW_S), TC_OK);
    tc_scan_options_init(&g_scenario.options);
    tc_scan_options_complete(&g_scenario.options);
    g_scenario.options.verifier = g_scenario.verifier;
    assert_int_equal(tc_tls_new(&g_scenario.tls, &g_scenario.options), TC_OK);
    return 0;
}

int scenario_tear_down(void **state)
{
    (void)state;
    tc_tls_free(g_scenario.tls);
    tc_verifier_free(g_scenario.verifier);
    peer_certs_cleanup();
    return 0;
}
