/*
 * Surveys that are given the last one's features: few questions where nothing has moved, and all
 * that has moved is found.
 */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "confirm_player.h"
#include "fake_policies.h"
#include "fake_truth.h"

#define NUM_POLICIES 400
/* Two hellos for certificates are asked in any case, and where no hello shows them handshakes. */
#define CERTIFICATES 2

/* ---- nothing has moved ---- */

/* Those whose way of answering leaves something open are surveyed as ever. */
static bool can_be_confirmed(const struct fake_policy *policy, const struct played *first)
{
    return first->own.is_done && first->own.leaf_key != TC_LEAF_NONE &&
           !policy->quirks.wants_real_share && (policy->quirks.minds & FAKE_MINDS_RIDERS) == 0 &&
           policy->quirks.refusal == FAKE_REFUSES_BY_ALERT;
}

static void check_same(void **state)
{
    const struct fake_policy *policy = *state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        enum tc_survey_depth depth = seed % 2 == 0 ? TC_SURVEY_DEEP : TC_SURVEY_STANDARD;
        struct played first;
        struct played again;
        confirm_play(&first, policy, NULL, depth, seed);
        confirm_play(&again, policy, &first.features, depth, seed + 1);
        bool confirmed = confirm_is_told(&again.features);
        if (seed <= 2) {
            (void)printf("%s: %u connections, then %u%s\n", policy->name, first.connections,
                         again.connections, confirmed ? "" : ", surveyed anew");
        }
        if (confirmed) {
            unsigned wrong = confirm_differences(&first.features, &again.features, policy->name) +
                             confirm_differences(&again.features, &first.features, policy->name);
            assert_int_equal(wrong, 0);
            assert_true(again.connections < first.connections);
        } else {
            assert_false(can_be_confirmed(policy, &first) && depth == TC_SURVEY_STANDARD);
        }
        tc_features_cleanup(&first.features);
        tc_features_cleanup(&again.features);
    }
}

/* The usual servers: how many connections a confirmation may cost. */
static const struct {
    const char *policy;
    unsigned most;
} few_cases[] = {
    {"modern, both certificates, its own order", 7 + CERTIFICATES},
    {"modern, RSA, the client's order", 6 + CERTIFICATES},
    {"modern, ECDSA alone, the client's order", 6 + CERTIFICATES},
    {"TLS 1.3 alone, one suite, one group, RSA", 7 + CERTIFICATES},
    {"TLS 1.2 alone, one suite", 4 + CERTIFICATES},
};

static void check_few(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(few_cases); i++) {
        const struct fake_policy *policy = fake_policy_find(few_cases[i].policy);
        struct played first;
        struct played again;
        confirm_play(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
        confirm_play(&again, policy, &first.features, TC_SURVEY_STANDARD, 1);
        assert_true(confirm_is_told(&again.features));
        if (again.connections > few_cases[i].most) {
            fail_msg("%s: %u connections", few_cases[i].policy, again.connections);
        }
        tc_features_cleanup(&first.features);
        tc_features_cleanup(&again.features);
    }
}

/* A confirmed survey confirms the next one. */
static void check_chain(void **state)
{
    const struct fake_policy *policy = fake_policy_find("modern, RSA, the client's order");
    struct played played[3];
    (void)state;
    confirm_play(&played[0], policy, NULL, TC_SURVEY_STANDARD, 1);
    confirm_play(&played[1], policy, &played[0].features, TC_SURVEY_STANDARD, 2);
    confirm_play(&played[2], policy, &played[1].features, TC_SURVEY_STANDARD, 3);
    assert_true(confirm_is_told(&played[2].features));
    assert_int_equal(confirm_differences(&played[0].features, &played[2].features, "chain"), 0);
    for (size_t i = 0; i < TC_ARRAY_LEN(played); i++) {
        tc_features_cleanup(&played[i].features);
    }
}

/* ---- any policy, and what became of it ---- */

#define BOTH_OWN   "modern, both certificates, its own order"
#define RSA_CLIENT "modern, RSA, the client's order"

static unsigned play_pair(const struct fake_policy *before, const struct fake_policy *after,
                          enum tc_survey_depth depth, uint64_t seed, unsigned *out_confirmed)
{
    static struct fake_truth truth;
    struct played first;
    struct played again;
    char label[80];
    confirm_play(&first, before, NULL, depth, seed);
    confirm_play(&again, after, &first.features, depth, seed + 1);
    (void)snprintf(label, sizeof label, "pair %u, depth %d", (unsigned)seed, (int)depth);
    fake_truth_tell(&truth, after, &again.own, depth, 0);
    unsigned wrong = confirm_is_told(&again.features)
                         ? fake_truth_wrong_noes(&truth, &again.features, label)
                         : fake_truth_lies(&truth, &again.features, label);
    *out_confirmed += confirm_is_told(&again.features) ? 1 : 0;
    if (before == after && confirm_is_told(&again.features)) {
        wrong += confirm_differences(&first.features, &again.features, label);
    }
    tc_features_cleanup(&first.features);
    tc_features_cleanup(&again.features);
    return wrong;
}

static void check_pairs(void **state)
{
    unsigned wrong = 0;
    unsigned confirmed = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= NUM_POLICIES; seed++) {
        struct fake_policy before;
        struct fake_policy after;
        enum tc_survey_depth depth = seed % 2 == 0 ? TC_SURVEY_DEEP : TC_SURVEY_STANDARD;
        fake_policy_invent(&before, seed);
        after = before;
        fake_policy_vary(&after, seed);
        wrong += play_pair(&before, &after, depth, seed, &confirmed);
        wrong += play_pair(&after, &before, depth, seed, &confirmed);
        wrong += play_pair(&before, &before, depth, seed, &confirmed);
        fake_policy_invent(&after, seed + 1);
        wrong += play_pair(&before, &after, depth, seed, &confirmed);
    }
    (void)printf("%u of %u confirmed\n", confirmed, 4 * NUM_POLICIES);
    assert_int_equal(wrong, 0);
    assert_in_range(confirmed, NUM_POLICIES / 5,
                    4 * NUM_POLICIES); /* many speak no suite of ours */
}

/* A server with a quirk now, which it had not, or had. */
static void check_spoiled(void **state)
{
    unsigned wrong = 0;
    unsigned confirmed = 0;
    (void)state;
    for (size_t kind = 0; kind < fake_num_spoilers(); kind++) {
        for (uint64_t seed = 1; seed <= 25; seed++) {
            struct fake_policy before;
            struct fake_policy after;
            fake_policy_invent(&before, 1000 * (kind + 1) + seed);
            after = before;
            (void)fake_policy_spoil(&after, kind, seed);
            wrong += play_pair(&before, &after, TC_SURVEY_STANDARD, seed, &confirmed);
            wrong += play_pair(&after, &after, TC_SURVEY_STANDARD, seed, &confirmed);
        }
    }
    assert_int_equal(wrong, 0);
}

/* However few connections are allowed, nothing is confirmed that was not. */
static void check_budgets(void **state)
{
    (void)state;
    for (unsigned budget = 0; budget < 40; budget++) {
        struct fake_policy policy = *fake_policy_find(BOTH_OWN);
        static struct fake_truth truth;
        struct played first;
        struct played again;
        confirm_play(&first, &policy, NULL, TC_SURVEY_STANDARD, budget);
        policy.suites[TC_LEVEL_TLS1_2][fake_len(policy.suites[TC_LEVEL_TLS1_2])] = 0x000a;
        struct fake_server server = {.policy = &policy, .random = budget};
        struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = budget};
        play.options.max_connections = budget;
        play.options.previous = &first.features;
        survey_play(&again, &server, &play);
        fake_truth_tell(&truth, &policy, &again.own, TC_SURVEY_STANDARD, 0);
        assert_int_equal(fake_truth_lies(&truth, &again.features, "few connections"), 0);
        assert_false(confirm_is_told(&again.features));
        tc_features_cleanup(&first.features);
        tc_features_cleanup(&again.features);
    }
}

/* What cannot be built on is not: every row that the questions need, missing or unknown. */
static void check_unusable(void **state)
{
    static const struct {
        const char *name;
        struct tc_feature row;
    } cases[] = {
        {"it was cut short",
         {.kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_SURVEY_COMPLETE, .supported = TC_NO}},
        {"a version is open",
         {.kind = TC_FEATURE_VERSION, .code = TC_TLS1_1, .supported = TC_UNKNOWN}},
        {"a newer version than now",
         {.kind = TC_FEATURE_VERSION, .code = TC_TLS1_3, .supported = TC_NO}},
        {"suites are open",
         {.kind = TC_FEATURE_TRAIT,
          .version = TC_TLS1_2,
          .code = TC_TRAIT_CIPHERS_COMPLETE,
          .supported = TC_UNKNOWN}},
        {"groups are open",
         {.kind = TC_FEATURE_TRAIT,
          .version = TC_TLS1_3,
          .code = TC_TRAIT_GROUPS_COMPLETE,
          .supported = TC_UNKNOWN}},
        {"two machines behind one name",
         {.kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_CONSISTENT, .supported = TC_NO}},
        {"a suite that is chosen now was not there",
         {.kind = TC_FEATURE_CIPHER,
          .version = TC_TLS1_3,
          .code = 0x1301,
          .supported = TC_UNKNOWN}},
    };
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        const struct fake_policy *policy = fake_policy_find(RSA_CLIENT);
        struct played first;
        struct played again;
        confirm_play(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
        unsigned usual = first.connections;
        assert_int_equal(tc_features_put(&first.features, &cases[i].row), TC_OK);
        confirm_play(&again, policy, &first.features, TC_SURVEY_STANDARD, 1);
        if (confirm_is_told(&again.features) || again.connections < usual) {
            fail_msg("%s: %u connections", cases[i].name, again.connections);
        }
        tc_features_cleanup(&first.features);
        tc_features_cleanup(&again.features);
    }
}

/* Equal questions are answered differently now, of which the last survey knows nothing. */
static void contradict(struct tc_survey *survey, const char *name, struct fake_reply *reply)
{
    (void)name;
    (void)reply;
    if (survey->plan == TC_PLAN_CONFIRM) {
        tc_survey_inconsistent(survey, "said so by a test");
    }
}

static void check_contradiction(void **state)
{
    const struct fake_policy *policy = fake_policy_find(RSA_CLIENT);
    struct fake_server server = {.policy = policy, .random = 1};
    struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = 1};
    struct played first;
    struct played again;
    (void)state;
    confirm_play(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
    const struct tc_feature open = {
        .kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_CONSISTENT, .supported = TC_UNKNOWN};
    assert_int_equal(tc_features_put(&first.features, &open), TC_OK);
    play.options.previous = &first.features;
    play.meddler = contradict;
    survey_play(&again, &server, &play);
    assert_false(confirm_is_told(&again.features));
    tc_features_cleanup(&first.features);
    tc_features_cleanup(&again.features);
}

/* A later program may know suites that this one does not, and its library choose them. */
static void check_unknown_suite(void **state)
{
    const struct fake_policy *policy = fake_policy_find("TLS 1.2 alone, one suite");
    struct fake_server server = {.policy = policy, .random = 1};
    struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = 1};
    const struct tc_feature row = {
        .kind = TC_FEATURE_CIPHER, .version = TC_TLS1_2, .code = 0xeeee, .supported = TC_YES};
    struct played first;
    struct played again;
    (void)state;
    confirm_play(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
    assert_int_equal(tc_features_put(&first.features, &row), TC_OK);
    play.options.previous = &first.features;
    play.options.handshake = first.own;
    play.options.handshake.suite = 0xeeee;
    survey_play(&again, &server, &play);
    assert_int_equal(tc_features_get(&again.features, TC_FEATURE_VERSION, 0, TC_TLS1_2), TC_YES);
    tc_features_cleanup(&first.features);
    tc_features_cleanup(&again.features);
}

int main(void)
{
    struct CMUnitTest tests[128] = {
        {.name = "usual servers, few connections", .test_func = check_few},
        {.name = "a confirmed survey confirms the next", .test_func = check_chain},
        {.name = "any policy, and what became of it", .test_func = check_pairs},
        {.name = "any policy, and a quirk", .test_func = check_spoiled},
        {.name = "any number of connections", .test_func = check_budgets},
        {.name = "features that cannot be built on", .test_func = check_unusable},
        {.name = "a contradiction that is new", .test_func = check_contradiction},
        {.name = "a suite that only others know", .test_func = check_unknown_suite},
    };
    size_t num = 8;
    for (size_t i = 0; i < fake_num_policies; i++, num++) {
        tests[num] = (struct CMUnitTest){.name = fake_policies[i].name,
                                         .test_func = check_same,
                                         .initial_state = (void *)(uintptr_t)&fake_policies[i]};
    }
    return _cmocka_run_group_tests("survey_confirm", tests, num, NULL, NULL);
}
