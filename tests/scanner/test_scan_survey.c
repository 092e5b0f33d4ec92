/* Runs of profile standard: many surveys side by side, on several threads, against real sockets. */
#include "test_support.h"

#include "run_support.h"

static enum tc_tristate is_complete(const struct tc_observation *row)
{
    return tc_features_get(&row->features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
}

static void limits_hold_for_probes_too(void **state)
{
    (void)state;
    enum { NUM = 24, SITES = 12 };
    struct run run;
    unsigned connections = 0;
    unsigned accepted = 0;
    run_init(&run, SITES, false);
    run.options.profile = TC_PROFILE_STANDARD;
    run.options.concurrency = 16;
    run.options.per_address = 2;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i % SITES].address, i);
    }
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM);
    for (size_t i = 0; i < NUM; i++) {
        const struct tc_observation *row = run.rows[i];
        assert_string_equal(tc_outcome_str(row->outcome), "ok");
        assert_int_equal(is_complete(row), TC_YES);
        assert_int_equal(tc_features_get(&row->features, TC_FEATURE_VERSION, 0, 0x0304), TC_YES);
        assert_in_range(row->connections, 10, 75);
        connections += row->connections;
    }
    for (size_t i = 0; i < SITES; i++) {
        assert_in_range(run.farm.sites[i].most_at_once, 1, 2);
        accepted += run.farm.sites[i].num_accepted;
    }
    assert_int_equal(accepted, connections);
    assert_int_equal(run.farm.num_resets, 0);
    run_cleanup(&run);
}

static void one_address_does_not_hold_up_another(void **state)
{
    (void)state;
    enum { NUM = 20 };
    struct run run;
    size_t place = 0;
    run_init(&run, 2, false);
    run.options.profile = TC_PROFILE_STANDARD;
    run.options.as_given = true;
    run.options.concurrency = 4;
    run.options.workers = 1;
    run.options.per_address = 1;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", "127.0.2.1", i);
    }
    run_push(&run, "host.example", "127.0.2.2", NUM);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM + 1);
    while (run.rows[place]->target_id != NUM) {
        place++;
    }
    assert_in_range(place, 0, NUM / 2); /* though it came last */
    run_cleanup(&run);
}

/* Until so many endpoints are being surveyed. */
static void await_surveys(struct run *run, uint64_t num)
{
    struct tc_scan_progress progress = {0};
    while (progress.surveying < num) {
        assert_false(tc_scan_wait(run->scan, 5));
        tc_scan_get_progress(run->scan, &progress);
    }
}

static void a_stop_interrupts_surveys(void **state)
{
    (void)state;
    enum { NUM = 30, SITES = 10 };
    struct run run;
    struct tc_scan_progress progress;
    run_init(&run, SITES, false);
    run.options.profile = TC_PROFILE_STANDARD;
    run.options.per_address = 2;
    run.options.address_rate = 5; /* so that nobody comes to its end */
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i % SITES].address, i);
    }
    await_surveys(&run, NUM);
    tc_scan_stop(run.scan, false);
    run_wait(&run);
    tc_scan_get_progress(run.scan, &progress);
    assert_int_equal(run.num_rows, NUM);
    assert_int_equal(run_count(&run, TC_OUTCOME_INTERRUPTED), NUM);
    assert_int_equal(progress.surveying, 0);
    assert_int_equal(progress.in_flight, 0);
    for (size_t i = 0; i < NUM; i++) {
        assert_non_null(run.rows[i]->chain); /* of its own handshake */
        assert_int_equal(is_complete(run.rows[i]), TC_UNKNOWN);
    }
    tls_farm_stop(&run.farm);
    run_cleanup(&run);
}

static void a_stop_at_once_waits_for_nothing(void **state)
{
    (void)state;
    enum { NUM = 8 };
    struct run run;
    run_init(&run, NUM, false);
    run.options.profile = TC_PROFILE_DEEP;
    run.options.address_rate = 5;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i].address, i);
    }
    await_surveys(&run, NUM);
    tc_scan_stop(run.scan, true);
    run_wait(&run);
    assert_int_equal(run_count(&run, TC_OUTCOME_INTERRUPTED), NUM);
    tls_farm_stop(&run.farm);
    run_cleanup(&run);
}

static void silent_servers_are_asked_little(void **state)
{
    (void)state;
    enum { NUM = 6 };
    struct run run;
    run_init(&run, NUM, true);
    run.options.profile = TC_PROFILE_STANDARD;
    run.options.handshake_timeout_ms = 50;
    run.options.endpoint_timeout_ms = 400;
    run.options.retries = 0;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i].address, i);
    }
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run_count(&run, TC_OUTCOME_HANDSHAKE_TIMEOUT), NUM);
    for (size_t i = 0; i < NUM; i++) {
        const struct tc_observation *row = run.rows[i];
        assert_int_equal(is_complete(row), TC_NO);
        assert_int_equal(tc_features_get(&row->features, TC_FEATURE_VERSION, 0, 0x0303),
                         TC_UNKNOWN);
        assert_null(row->chain);
    }
    run_cleanup(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold_for_probes_too),
        cmocka_unit_test(one_address_does_not_hold_up_another),
        cmocka_unit_test(a_stop_interrupts_surveys),
        cmocka_unit_test(a_stop_at_once_waits_for_nothing),
        cmocka_unit_test(silent_servers_are_asked_little),
    };
    return cmocka_run_group_tests_name("scan_survey", tests, run_set_up, run_tear_down);
}
