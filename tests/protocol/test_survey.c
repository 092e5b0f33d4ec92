/* The planner against policies that keep the rules: what they say is what the features say. */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "fake_truth.h"
#include "survey_player.h"

/* More than any profile allows, for policies whose suites alone go beyond. */
#define MANY_CONNECTIONS 400

static void play_one(const struct fake_policy *policy, enum tc_survey_depth depth,
                     unsigned parallel, uint64_t seed)
{
    struct played played;
    static struct fake_truth truth;
    char label[160];
    struct fake_server server = {.policy = policy, .random = seed};
    struct play play = {.options = survey_options(depth, parallel), .seed = seed};
    bool is_deep = depth == TC_SURVEY_DEEP;
    play.options.max_connections = MANY_CONNECTIONS;
    survey_play(&played, &server, &play);
    (void)snprintf(label, sizeof label, "%s (%s, parallel %u, order %u)", policy->name,
                   is_deep ? "deep" : "standard", parallel, (unsigned)seed);
    fake_truth_tell(&truth, policy, &played.own, depth, 0);
    unsigned wrong = fake_truth_lies(&truth, &played.features, label) +
                     fake_truth_gaps(&truth, &played.features, label);
    if (seed == 1) {
        (void)printf("%3u connections, %u of them handshakes: %s\n", played.connections,
                     played.handshakes, label);
    }
    assert_in_range(played.connections, 1, is_deep ? policy->most_deep : policy->most_standard);
    assert_in_range(played.most_out, 1, parallel);
    assert_int_equal(played.first.kind, TC_QUESTION_HELLO);
    assert_false(played.first.is_ssl2);
    assert_int_equal(played.renegotiations + played.follow_ups + played.requests, 0);
    tc_features_cleanup(&played.features);
    assert_int_equal(wrong, 0);
}

/* One connection is hung up on: that is made up for, and nobody says that connections ran out. */
static void play_lost(const struct fake_policy *whole, unsigned after, unsigned parallel)
{
    struct played played;
    static struct fake_truth truth;
    struct fake_policy policy = *whole;
    policy.quirks.limit_after = after;
    policy.quirks.limit_for = 1;
    policy.quirks.limit = FAKE_LIMIT_CLOSE;
    struct fake_server server = {.policy = &policy, .random = after};
    struct play play = {.options = survey_options(TC_SURVEY_STANDARD, parallel), .seed = after};
    play.options.max_connections = MANY_CONNECTIONS;
    survey_play(&played, &server, &play);
    fake_truth_tell(&truth, whole, &played.own, TC_SURVEY_STANDARD, 0);
    unsigned wrong = fake_truth_lies(&truth, &played.features, whole->name);
    const struct tc_feature *complete =
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    assert_true(complete->text == NULL || strstr(complete->text, "used up") == NULL);
    tc_features_cleanup(&played.features);
    assert_int_equal(wrong, 0);
}

static void check_policy(void **state)
{
    static const unsigned parallels[] = {1, 2, 4};
    for (size_t i = 0; i < TC_ARRAY_LEN(parallels); i++) {
        for (uint64_t seed = 1; seed <= 8; seed++) {
            play_one(*state, TC_SURVEY_STANDARD, parallels[i], seed);
            play_one(*state, TC_SURVEY_DEEP, parallels[i], seed);
        }
        for (unsigned after = 1; after < 40; after++) {
            play_lost(*state, after, parallels[i]);
        }
    }
}

int main(void)
{
    struct CMUnitTest tests[128] = {{0}};
    for (size_t i = 0; i < fake_num_policies; i++) {
        tests[i].name = fake_policies[i].name;
        tests[i].test_func = check_policy;
        tests[i].initial_state = (void *)(uintptr_t)&fake_policies[i];
    }
    return _cmocka_run_group_tests("survey", tests, fake_num_policies, NULL, NULL);
}
