/* Any policy and any quirk: what a survey says is true, and what it cannot know it does not say. */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "fake_truth.h"
#include "survey_player.h"

#define NUM_POLICIES 400
#define NUM_SPOILED  60 /* policies for each kind of quirk */
/* More than any profile allows, so that no list is cut short. */
#define MANY_CONNECTIONS 400

static const unsigned k_parallels[] = {1, 2, 4};

static unsigned play_one(const struct fake_policy *policy, const char *quirk,
                         enum tc_survey_depth depth, uint64_t seed)
{
    struct played played;
    static struct fake_truth truth;
    char label[160];
    struct fake_server server = {.policy = policy, .random = seed};
    unsigned parallel = k_parallels[seed % TC_ARRAY_LEN(k_parallels)];
    struct play play = {.options = survey_options(depth, parallel), .seed = seed};
    survey_play(&played, &server, &play);
    (void)snprintf(label, sizeof label, "%s, seed %u, parallel %u, depth %d", quirk, (unsigned)seed,
                   parallel, (int)depth);
    fake_truth_tell(&truth, policy, &played.own, depth, 0);
    unsigned lies = fake_truth_lies(&truth, &played.features, label);
    tc_features_cleanup(&played.features);
    return lies;
}

static void check_invented(void **state)
{
    (void)state;
    unsigned lies = 0;
    for (uint64_t seed = 1; seed <= NUM_POLICIES; seed++) {
        struct fake_policy policy;
        fake_policy_invent(&policy, seed);
        lies += play_one(&policy, "no quirk", TC_SURVEY_STANDARD, seed);
        lies += play_one(&policy, "no quirk", TC_SURVEY_DEEP, seed);
    }
    assert_int_equal(lies, 0);
}

/* Where nothing hinders, all is found, and not only true. */
static void check_found(void **state)
{
    (void)state;
    unsigned gaps = 0;
    for (uint64_t seed = 1; seed <= NUM_POLICIES; seed++) {
        struct fake_policy policy;
        static struct fake_truth truth;
        struct played played;
        char label[80];
        enum tc_survey_depth depth = seed % 2 == 0 ? TC_SURVEY_DEEP : TC_SURVEY_STANDARD;
        fake_policy_invent(&policy, seed);
        if (policy.suites[TC_LEVEL_SSL3][0] != 0 && policy.no_name == FAKE_NAME_REFUSED) {
            policy.no_name = FAKE_SAME_CERTIFICATE; /* else SSL 3.0 is hidden: it has no names */
        }
        struct fake_server server = {.policy = &policy, .random = seed};
        struct play play = {.options = survey_options(depth, k_parallels[seed % 3]), .seed = seed};
        play.options.max_connections = MANY_CONNECTIONS;
        survey_play(&played, &server, &play);
        (void)snprintf(label, sizeof label, "unhindered, seed %u, depth %d", (unsigned)seed,
                       (int)depth);
        fake_truth_tell(&truth, &policy, &played.own, depth, 0);
        gaps += fake_truth_gaps(&truth, &played.features, label);
        tc_features_cleanup(&played.features);
    }
    assert_int_equal(gaps, 0);
}

static void check_spoiled(void **state)
{
    size_t kind = *(const size_t *)*state;
    unsigned lies = 0;
    for (uint64_t seed = 1; seed <= NUM_SPOILED; seed++) {
        struct fake_policy policy;
        fake_policy_invent(&policy, 1000 * (kind + 1) + seed);
        const char *name = fake_policy_spoil(&policy, kind, seed);
        lies += play_one(&policy, name, TC_SURVEY_STANDARD, seed);
        lies += play_one(&policy, name, TC_SURVEY_DEEP, seed);
    }
    assert_int_equal(lies, 0);
}

/* However few connections are allowed: what is said is true, and what was not asked is not said. */
static void check_budgets(void **state)
{
    static const char *const names[] = {
        "all versions from TLS 1.0 on, 61 pairs, its own order",
        "all versions from TLS 1.0 on, 61 pairs, the client's order",
        "modern, both certificates, its own order"};
    (void)state;
    unsigned lies = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        for (unsigned budget = 0; budget < 90; budget++) {
            struct fake_policy policy = *fake_policy_find(names[i]);
            static struct fake_truth truth;
            struct played played;
            char label[80];
            struct fake_server server = {.policy = &policy, .random = budget};
            struct play play = {.options =
                                    survey_options(TC_SURVEY_STANDARD, k_parallels[budget % 3]),
                                .seed = budget};
            play.options.max_connections = budget;
            survey_play(&played, &server, &play);
            (void)snprintf(label, sizeof label, "%u connections", budget);
            fake_truth_tell(&truth, &policy, &played.own, TC_SURVEY_STANDARD, 0);
            lies += fake_truth_lies(&truth, &played.features, label);
            tc_features_cleanup(&played.features);
        }
    }
    assert_int_equal(lies, 0);
}

/* A load balancer before two machines that are not alike: each connection meets one of them. */
static void check_alternating(void **state)
{
    (void)state;
    unsigned lies = 0;
    for (uint64_t seed = 1; seed <= NUM_POLICIES; seed++) {
        struct fake_policy policies[2];
        static struct fake_truth truths[2];
        struct played played;
        char label[80];
        enum tc_survey_depth depth = seed % 2 == 0 ? TC_SURVEY_DEEP : TC_SURVEY_STANDARD;
        fake_policy_invent(&policies[0], seed);
        policies[1] = policies[0];
        fake_policy_vary(&policies[1], seed);
        struct fake_server server = {.policy = &policies[0], .other = &policies[1], .random = seed};
        struct play play = {.options = survey_options(depth, k_parallels[seed % 3]), .seed = seed};
        survey_play(&played, &server, &play);
        (void)snprintf(label, sizeof label, "alternating, seed %u", (unsigned)seed);
        for (size_t i = 0; i < 2; i++) {
            struct fake_server alone = {.policy = &policies[i]};
            struct tc_handshake_facts own;
            (void)fake_server_handshake(&alone, &own, NULL);
            fake_truth_tell(&truths[i], &policies[i], &own, depth, 0);
        }
        lies += fake_truth_lies_of_both(&truths[0], &truths[1], &played.features, label);
        tc_features_cleanup(&played.features);
    }
    assert_int_equal(lies, 0);
}

int main(void)
{
    static size_t kinds[64];
    struct CMUnitTest tests[64] = {
        {.name = "invented policies", .test_func = check_invented},
        {.name = "invented policies, all of them", .test_func = check_found},
        {.name = "any number of connections", .test_func = check_budgets},
        {.name = "two policies by turns", .test_func = check_alternating},
    };
    struct fake_policy policy;
    size_t num = fake_num_spoilers();
    fake_policy_invent(&policy, 1);
    for (size_t i = 0; i < num; i++) {
        kinds[i] = i;
        tests[4 + i].name = fake_policy_spoil(&policy, i, 1);
        tests[4 + i].test_func = check_spoiled;
        tests[4 + i].initial_state = &kinds[i];
    }
    return _cmocka_run_group_tests("survey_property", tests, 4 + num, NULL, NULL);
}
