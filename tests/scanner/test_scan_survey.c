/* Runs of profile standard: many surveys side by side, on several threads, against real sockets. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "run_support.h"
#include "tlscensus/survey.h"

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

/* What another run found, and how often it was asked for. */
struct earlier {
    struct run *run;
    const struct run *first;
    atomic_uint asked;
    atomic_uint strangers; /* asked for with an address that the first run had not */
};

static bool give_earlier(void *context, struct tc_features *out, int64_t target_id,
                         const char *address, enum tc_profile profile)
{
    struct earlier *earlier = context;
    assert_int_equal(profile, TC_PROFILE_STANDARD);
    atomic_fetch_add(&earlier->asked, 1);
    for (size_t i = 0; i < earlier->first->num_rows; i++) {
        const struct tc_observation *row = earlier->first->rows[i];
        if (row->target_id == target_id && strcmp(row->address, address) == 0) {
            for (size_t j = 0; j < row->features.num_items; j++) {
                if (tc_features_put(out, &row->features.items[j]) != TC_OK) {
                    abort();
                }
            }
            return row->features.num_items > 0;
        }
    }
    atomic_fetch_add(&earlier->strangers, 1);
    return false;
}

static void observed_by_earlier(void *context, struct tc_observation *observation)
{
    struct earlier *earlier = context;
    run_observed(earlier->run, observation);
}

static const struct tc_observation *row_of(const struct run *run, int64_t target_id)
{
    for (size_t i = 0; i < run->num_rows; i++) {
        if (run->rows[i]->target_id == target_id) {
            return run->rows[i];
        }
    }
    fail_msg("target %d has no row", (int)target_id);
    return NULL;
}

static bool is_of_survey(const struct tc_feature *item)
{
    return item->kind == TC_FEATURE_TRAIT &&
           (item->code == TC_TRAIT_SURVEY_COMPLETE || item->code == TC_TRAIT_CONSISTENT);
}

static void assert_same_features(const struct tc_features *features,
                                 const struct tc_features *others)
{
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *item = &features->items[i];
        const struct tc_feature *other =
            tc_features_find(others, item->kind, item->version, item->code);
        if (!is_of_survey(item) &&
            (other == NULL || other->supported != item->supported || other->rank != item->rank)) {
            fail_msg("%s %04x %04x differs", tc_feature_kind_str(item->kind), item->version,
                     (unsigned)item->code);
        }
    }
}

static void survey_all(struct run *run, int64_t num, size_t num_sites)
{
    run->options.profile = TC_PROFILE_STANDARD;
    run->options.per_address = 2;
    run_start(run);
    for (int64_t i = 0; i < num; i++) {
        run_push(run, "host.example", run->farm.sites[(size_t)i % num_sites].address, i);
    }
    run_finish(run);
    tls_farm_stop(&run->farm);
    assert_int_equal(run->num_rows, num);
}

static void earlier_surveys_are_confirmed(void **state)
{
    (void)state;
    enum { NUM = 12, SITES = 6 };
    struct run first;
    struct run second;
    struct earlier earlier = {.run = &second, .first = &first};
    run_init(&first, SITES, false);
    survey_all(&first, NUM, SITES);
    run_init(&second, SITES, false);
    second.hooks.context = &earlier;
    second.hooks.observed = observed_by_earlier;
    second.hooks.earlier = give_earlier;
    second.hooks.notice = NULL;
    survey_all(&second, NUM, SITES);
    assert_int_equal(atomic_load(&earlier.asked), NUM);
    assert_int_equal(atomic_load(&earlier.strangers), 0);
    for (int64_t i = 0; i < NUM; i++) {
        const struct tc_observation *before = row_of(&first, i);
        const struct tc_observation *after = row_of(&second, i);
        assert_int_equal(is_complete(after), TC_YES);
        assert_string_equal(
            tc_features_find(&after->features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE)->text,
            TC_SURVEY_CONFIRMED_TEXT);
        assert_in_range(after->connections, 4, 16);
        assert_in_range(after->connections, 4, before->connections - 1);
        assert_same_features(&before->features, &after->features);
        assert_same_features(&after->features, &before->features);
    }
    run_cleanup(&first);
    run_cleanup(&second);
}

/* The hook has nothing for endpoints that are new: they are surveyed as ever. */
static void new_endpoints_are_surveyed(void **state)
{
    (void)state;
    enum { NUM = 4 };
    struct run first = {.num_rows = 0};
    struct run second;
    struct earlier earlier = {.run = &second, .first = &first};
    run_init(&second, NUM, false);
    second.hooks.context = &earlier;
    second.hooks.observed = observed_by_earlier;
    second.hooks.earlier = give_earlier;
    second.hooks.notice = NULL;
    survey_all(&second, NUM, NUM);
    assert_int_equal(atomic_load(&earlier.strangers), NUM);
    for (int64_t i = 0; i < NUM; i++) {
        const struct tc_observation *row = row_of(&second, i);
        assert_null(
            tc_features_find(&row->features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE)->text);
        assert_in_range(row->connections, 13, 75);
    }
    run_cleanup(&second);
}

static void quick_asks_for_nothing_earlier(void **state)
{
    (void)state;
    struct run first = {.num_rows = 0};
    struct run second;
    struct earlier earlier = {.run = &second, .first = &first};
    run_init(&second, 1, false);
    second.hooks.context = &earlier;
    second.hooks.observed = observed_by_earlier;
    second.hooks.earlier = give_earlier;
    second.hooks.notice = NULL;
    run_start(&second);
    run_push(&second, "host.example", second.farm.sites[0].address, 1);
    run_finish(&second);
    tls_farm_stop(&second.farm);
    assert_int_equal(second.num_rows, 1);
    assert_int_equal(atomic_load(&earlier.asked), 0);
    run_cleanup(&second);
}

static void push_profile(struct run *run, enum tc_profile profile, int64_t id)
{
    struct tc_target *target = run_target(run, "host.example", run->farm.sites[0].address, id);
    target->has_profile = true;
    target->profile = profile;
    assert_int_equal(tc_scan_push(run->scan, target), TC_OK);
}

/* Which profiles were asked for, a bit each. */
static atomic_uint g_asked_profiles;

static bool note_profile(void *context, struct tc_features *out, int64_t target_id,
                         const char *address, enum tc_profile profile)
{
    (void)context;
    (void)out;
    (void)address;
    assert_int_equal(target_id, profile); /* by what it was pushed with */
    atomic_fetch_or(&g_asked_profiles, 1U << profile);
    return false;
}

/* Whatever the run's own profile is, a target's holds: its survey, its depth, its messages. */
static void check_mixed(enum tc_profile own)
{
    struct run run;
    run_init(&run, 1, false);
    run.options.profile = own;
    run.hooks.earlier = note_profile;
    atomic_store(&g_asked_profiles, 0);
    run_start(&run);
    for (int profile = 0; profile < TC_PROFILE_COUNT; profile++) {
        push_profile(&run, (enum tc_profile)profile, profile);
    }
    run_push(&run, "host.example", run.farm.sites[0].address, own);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, TC_PROFILE_COUNT + 1);
    unsigned num_of[TC_PROFILE_COUNT] = {0};
    for (size_t i = 0; i < run.num_rows; i++) {
        const struct tc_observation *row = run.rows[i];
        bool is_quick = row->target_id == TC_PROFILE_QUICK;
        bool is_deep = row->target_id == TC_PROFILE_DEEP;
        num_of[row->target_id]++;
        assert_string_equal(tc_outcome_str(row->outcome), "ok");
        assert_int_equal(is_complete(row), is_quick ? TC_UNKNOWN : TC_YES);
        assert_int_equal(row->features.num_items == 0, is_quick);
        assert_int_equal(row->connections == 1, is_quick);
        assert_int_equal(tc_features_get(&row->features, TC_FEATURE_TRAIT, 0,
                                         TC_TRAIT_VERSION_TOLERANCE) != TC_UNKNOWN,
                         is_deep);
        assert_int_equal(row->num_messages > 0, is_deep);
    }
    for (int profile = 0; profile < TC_PROFILE_COUNT; profile++) {
        assert_int_equal(num_of[profile], profile == (int)own ? 2 : 1);
    }
    assert_int_equal(atomic_load(&g_asked_profiles),
                     1U << TC_PROFILE_STANDARD | 1U << TC_PROFILE_DEEP);
    run_cleanup(&run);
}

static void targets_have_profiles_of_their_own(void **state)
{
    (void)state;
    for (int own = 0; own < TC_PROFILE_COUNT; own++) {
        check_mixed((enum tc_profile)own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold_for_probes_too),
        cmocka_unit_test(one_address_does_not_hold_up_another),
        cmocka_unit_test(a_stop_interrupts_surveys),
        cmocka_unit_test(a_stop_at_once_waits_for_nothing),
        cmocka_unit_test(silent_servers_are_asked_little),
        cmocka_unit_test(earlier_surveys_are_confirmed),
        cmocka_unit_test(new_endpoints_are_surveyed),
        cmocka_unit_test(quick_asks_for_nothing_earlier),
        cmocka_unit_test(targets_have_profiles_of_their_own),
    };
    return cmocka_run_group_tests_name("scan_survey", tests, run_set_up, run_tear_down);
}
