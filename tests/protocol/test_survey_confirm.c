/*
 * Surveys that are given the last one's features: few questions where nothing has moved, and all
 * that has moved is found.
 */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "fake_truth.h"
#include "survey_player.h"

#define NUM_POLICIES     400
#define MANY_CONNECTIONS 400
/* Two hellos for certificates are asked in any case, and where no hello shows them handshakes. */
#define CERTIFICATES 2

static void survey_once(struct played *out, const struct fake_policy *policy,
                        const struct tc_features *previous, enum tc_survey_depth depth,
                        uint64_t seed)
{
    static const unsigned parallels[] = {1, 2, 4};
    struct fake_server server = {.policy = policy, .random = seed};
    struct play play = {.options = survey_options(depth, parallels[seed % 3]), .seed = seed};
    play.options.max_connections = MANY_CONNECTIONS;
    play.options.previous = previous;
    survey_play(out, &server, &play);
}

static bool is_confirmed(const struct tc_features *features)
{
    const struct tc_feature *row =
        tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    return row != NULL && row->supported == TC_YES && row->text != NULL &&
           strcmp(row->text, TC_SURVEY_CONFIRMED_TEXT) == 0;
}

static bool is_equal(const struct tc_feature *row, const struct tc_feature *other)
{
    const char *text = row->text != NULL ? row->text : "";
    return other != NULL && row->supported == other->supported && row->rank == other->rank &&
           row->value == other->value && strcmp(text, other->text != NULL ? other->text : "") == 0;
}

/* How the survey went is no feature of the server. */
static bool is_of_survey(const struct tc_feature *row)
{
    return row->kind == TC_FEATURE_TRAIT &&
           (row->code == TC_TRAIT_SURVEY_COMPLETE || row->code == TC_TRAIT_CONSISTENT);
}

/* How many rows of one are not in the other as they are. */
static unsigned differences(const struct tc_features *features, const struct tc_features *others,
                            const char *label)
{
    unsigned num = 0;
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *row = &features->items[i];
        const struct tc_feature *other =
            tc_features_find(others, row->kind, row->version, row->code);
        if (!is_of_survey(row) && !is_equal(row, other)) {
            (void)fprintf(stderr, "%s: %s %04x %04x: %d, rank %d; else %d, rank %d\n", label,
                          tc_feature_kind_str(row->kind), row->version, (unsigned)row->code,
                          (int)row->supported, row->rank,
                          other != NULL ? (int)other->supported : -9,
                          other != NULL ? other->rank : -9);
            num++;
        }
    }
    return num;
}

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
        survey_once(&first, policy, NULL, depth, seed);
        survey_once(&again, policy, &first.features, depth, seed + 1);
        bool confirmed = is_confirmed(&again.features);
        if (seed <= 2) {
            (void)printf("%s: %u connections, then %u%s\n", policy->name, first.connections,
                         again.connections, confirmed ? "" : ", surveyed anew");
        }
        if (confirmed) {
            unsigned wrong = differences(&first.features, &again.features, policy->name) +
                             differences(&again.features, &first.features, policy->name);
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
        survey_once(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
        survey_once(&again, policy, &first.features, TC_SURVEY_STANDARD, 1);
        assert_true(is_confirmed(&again.features));
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
    survey_once(&played[0], policy, NULL, TC_SURVEY_STANDARD, 1);
    survey_once(&played[1], policy, &played[0].features, TC_SURVEY_STANDARD, 2);
    survey_once(&played[2], policy, &played[1].features, TC_SURVEY_STANDARD, 3);
    assert_true(is_confirmed(&played[2].features));
    assert_int_equal(differences(&played[0].features, &played[2].features, "chain"), 0);
    for (size_t i = 0; i < TC_ARRAY_LEN(played); i++) {
        tc_features_cleanup(&played[i].features);
    }
}

/* ---- something has moved ---- */

static void add_number(uint16_t *numbers, uint16_t number)
{
    numbers[fake_len(numbers)] = number;
}

static void remove_number(uint16_t *numbers, uint16_t number)
{
    size_t num = fake_len(numbers);
    for (size_t i = 0; i < num; i++) {
        if (numbers[i] == number) {
            memmove(numbers + i, numbers + i + 1, (num - i) * sizeof numbers[0]);
            return;
        }
    }
    fail_msg("there is no %04x to remove", number);
}

static void reverse(uint16_t *numbers)
{
    size_t num = fake_len(numbers);
    for (size_t i = 0; i < num / 2; i++) {
        uint16_t held = numbers[i];
        numbers[i] = numbers[num - 1 - i];
        numbers[num - 1 - i] = held;
    }
}

static void add_worst_suite(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_TLS1_2], 0x000a);
}

static void add_suite13(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_TLS1_3], 0x1304);
}

static void add_old_suite(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_TLS1], 0x0041);
}

static void remove_first_suite(struct fake_policy *policy)
{
    remove_number(policy->suites[TC_LEVEL_TLS1_2], policy->suites[TC_LEVEL_TLS1_2][0]);
}

static void remove_suite13(struct fake_policy *policy)
{
    remove_number(policy->suites[TC_LEVEL_TLS1_3], policy->suites[TC_LEVEL_TLS1_3][0]);
}

/* A repair: what has no forward secrecy goes, in all versions. */
static void remove_static(struct fake_policy *policy)
{
    static const uint16_t weak[] = {0x0035, 0x002f, 0x000a};
    for (size_t level = TC_LEVEL_TLS1; level <= TC_LEVEL_TLS1_2; level++) {
        for (size_t i = 0; i < TC_ARRAY_LEN(weak); i++) {
            if (fake_has(policy->suites[level], fake_len(policy->suites[level]), weak[i])) {
                remove_number(policy->suites[level], weak[i]);
            }
        }
    }
}

static void add_group13(struct fake_policy *policy)
{
    add_number(policy->groups13, 0x11ec);
}

static void remove_first_group13(struct fake_policy *policy)
{
    remove_number(policy->groups13, policy->groups13[0]);
}

static void add_group_of_both(struct fake_policy *policy)
{
    add_number(policy->groups13, 0x0019);
    add_number(policy->groups12, 0x0019);
}

static void add_group12(struct fake_policy *policy)
{
    add_number(policy->groups12, 0x0019);
}

static void add_tls11(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_TLS1_1], 0xc013);
    add_number(policy->suites[TC_LEVEL_TLS1_1], 0x002f);
}

static void add_tls10(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_TLS1], 0x002f);
}

static void add_ssl3(struct fake_policy *policy)
{
    add_number(policy->suites[TC_LEVEL_SSL3], 0x000a);
}

static void add_ssl2(struct fake_policy *policy)
{
    policy->speaks_ssl2 = true;
    policy->ssl2_specs[0] = 0x0700c0;
}

static void add_tls13(struct fake_policy *policy)
{
    policy->ignores_versions_extension = false;
    add_number(policy->suites[TC_LEVEL_TLS1_3], 0x1301);
}

static void remove_tls13(struct fake_policy *policy)
{
    policy->suites[TC_LEVEL_TLS1_3][0] = 0;
}

static void remove_tls12(struct fake_policy *policy)
{
    policy->suites[TC_LEVEL_TLS1_2][0] = 0;
}

static void remove_tls10(struct fake_policy *policy)
{
    policy->suites[TC_LEVEL_TLS1][0] = 0;
}

static void remove_tls11(struct fake_policy *policy)
{
    policy->suites[TC_LEVEL_TLS1_1][0] = 0;
}

static void turn_order(struct fake_policy *policy)
{
    policy->client_order = !policy->client_order;
}

static void reverse_order(struct fake_policy *policy)
{
    reverse(policy->suites[TC_LEVEL_TLS1_2]);
}

static void turn_group_order(struct fake_policy *policy)
{
    policy->client_group_order = !policy->client_group_order;
}

static void change_leaf(struct fake_policy *policy)
{
    static const uint16_t suites[] = {0xc02b, 0xc02c, 0};
    policy->leaves = FAKE_HAS_ECDSA;
    memcpy(policy->suites[TC_LEVEL_TLS1_2], suites, sizeof suites);
    memcpy(policy->schemes12, (uint16_t[]){0x0403, 0}, 4);
    memcpy(policy->schemes13, (uint16_t[]){0x0403, 0}, 4);
}

static void drop_rsa_leaf(struct fake_policy *policy)
{
    policy->leaves = FAKE_HAS_ECDSA;
    memcpy(policy->schemes12, (uint16_t[]){0x0403, 0}, 4);
    memcpy(policy->schemes13, (uint16_t[]){0x0403, 0}, 4);
    for (size_t i = 0; i < 3; i++) {
        remove_number(policy->suites[TC_LEVEL_TLS1_2], (uint16_t[]){0xc030, 0xc02f, 0xcca8}[i]);
    }
}

static void other_dh(struct fake_policy *policy)
{
    policy->dh_bits = 1024;
}

static void add_alpn(struct fake_policy *policy)
{
    policy->alpn[2] = "http/1.0";
}

static void drop_h2(struct fake_policy *policy)
{
    policy->alpn[0] = "http/1.1";
    policy->alpn[1] = NULL;
}

static void drop_ems(struct fake_policy *policy)
{
    policy->acks &= ~(unsigned)FAKE_ACK_EMS;
}

static void add_heartbeat(struct fake_policy *policy)
{
    policy->acks |= FAKE_ACK_HEARTBEAT;
}

static void hide_sentinel(struct fake_policy *policy)
{
    policy->hides_sentinel = true;
}

static void compress(struct fake_policy *policy)
{
    policy->compresses = true;
}

static void refuse_strangers(struct fake_policy *policy)
{
    policy->no_name = FAKE_NAME_REFUSED;
    policy->unknown_name = FAKE_NAME_REFUSED;
}

static void ask_certificate(struct fake_policy *policy)
{
    policy->asks_certificate = true;
}

static void take_early_data(struct fake_policy *policy)
{
    policy->resumes |= FAKE_RESUMES_EARLY_DATA | FAKE_RESUMES_PSK;
}

static void repair_fallback(struct fake_policy *policy)
{
    policy->honours_fallback = true;
}

#define BOTH_OWN   "modern, both certificates, its own order"
#define RSA_CLIENT "modern, RSA, the client's order"
#define EC_CLIENT  "modern, ECDSA alone, the client's order"
#define OLD        "TLS 1.0 to 1.2 as ten years ago"

static struct move_case {
    const char *name;
    const char *policy;
    void (*move)(struct fake_policy *policy);
    bool stays_confirmed; /* it is found, and needs no survey */
} move_cases[] = {
    {"a weak suite comes, own order", BOTH_OWN, add_worst_suite, false},
    {"a weak suite comes, the client's order", RSA_CLIENT, add_worst_suite, false},
    {"a suite of TLS 1.3 comes", BOTH_OWN, add_suite13, false},
    {"a suite of TLS 1.0 alone comes", OLD, add_old_suite, false},
    {"the best suite goes, own order", BOTH_OWN, remove_first_suite, false},
    {"the best suite of TLS 1.3 goes, own order", BOTH_OWN, remove_suite13, false},
    {"weak suites go", OLD, remove_static, false},
    {"a post-quantum group comes, own order", BOTH_OWN, add_group13, false},
    {"a post-quantum group comes, the client's order", RSA_CLIENT, add_group13, false},
    {"the best group goes", BOTH_OWN, remove_first_group13, false},
    {"a group comes in all versions", BOTH_OWN, add_group_of_both, false},
    {"a group comes where there is no TLS 1.3", OLD, add_group12, false},
    {"TLS 1.1 comes", RSA_CLIENT, add_tls11, false},
    {"TLS 1.0 comes, and no TLS 1.1", RSA_CLIENT, add_tls10, false},
    {"SSL 3.0 comes", RSA_CLIENT, add_ssl3, false},
    {"SSL 3.0 comes where it is nearer", OLD, add_ssl3, false},
    {"SSL 2.0 comes", OLD, add_ssl2, false},
    {"TLS 1.3 comes", OLD, add_tls13, false},
    {"TLS 1.3 goes", RSA_CLIENT, remove_tls13, false},
    {"TLS 1.2 goes", RSA_CLIENT, remove_tls12, false},
    {"TLS 1.0 goes", OLD, remove_tls10, false},
    {"TLS 1.1 goes, and TLS 1.0 does not", OLD, remove_tls11, false},
    {"the server's order comes", RSA_CLIENT, turn_order, false},
    {"the client's order comes", BOTH_OWN, turn_order, false},
    {"the server's order turns", BOTH_OWN, reverse_order, false},
    {"the client's order of groups comes", BOTH_OWN, turn_group_order, false},
    {"the server's order of groups comes", RSA_CLIENT, turn_group_order, false},
    {"another kind of leaf", RSA_CLIENT, change_leaf, false},
    {"one of two leaves goes", BOTH_OWN, drop_rsa_leaf, false},
    {"weaker Diffie-Hellman parameters", RSA_CLIENT, other_dh, false},
    {"a protocol name comes", RSA_CLIENT, add_alpn, false},
    {"a protocol name goes", RSA_CLIENT, drop_h2, false},
    {"the extended master secret goes", RSA_CLIENT, drop_ems, false},
    {"heartbeats come", BOTH_OWN, add_heartbeat, false},
    {"the downgrade sentinel goes", RSA_CLIENT, hide_sentinel, false},
    {"client certificates are asked for", RSA_CLIENT, ask_certificate, false},
    {"early data comes", EC_CLIENT, take_early_data, false},
    {"compression comes", RSA_CLIENT, compress, true},
    {"strangers are refused", BOTH_OWN, refuse_strangers, true},
    {"the fallback signal is honoured at last", "no fallback signal, no sentinel", repair_fallback,
     true},
};

static void check_move(void **state)
{
    const struct move_case *row = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct played before;
        struct played again;
        struct played anew;
        struct fake_policy policy = *fake_policy_find(row->policy);
        survey_once(&before, &policy, NULL, TC_SURVEY_STANDARD, seed);
        row->move(&policy);
        survey_once(&again, &policy, &before.features, TC_SURVEY_STANDARD, seed + 1);
        survey_once(&anew, &policy, NULL, TC_SURVEY_STANDARD, seed + 1);
        unsigned wrong = differences(&anew.features, &again.features, row->name) +
                         differences(&again.features, &anew.features, row->name);
        assert_int_equal(wrong, 0);
        assert_int_equal(is_confirmed(&again.features), row->stays_confirmed);
        tc_features_cleanup(&before.features);
        tc_features_cleanup(&again.features);
        tc_features_cleanup(&anew.features);
    }
}

/* ---- any policy, and what became of it ---- */

static unsigned play_pair(const struct fake_policy *before, const struct fake_policy *after,
                          enum tc_survey_depth depth, uint64_t seed, unsigned *out_confirmed)
{
    static struct fake_truth truth;
    struct played first;
    struct played again;
    char label[80];
    survey_once(&first, before, NULL, depth, seed);
    survey_once(&again, after, &first.features, depth, seed + 1);
    (void)snprintf(label, sizeof label, "pair %u, depth %d", (unsigned)seed, (int)depth);
    fake_truth_tell(&truth, after, &again.own, depth, 0);
    unsigned wrong = is_confirmed(&again.features)
                         ? fake_truth_wrong_noes(&truth, &again.features, label)
                         : fake_truth_lies(&truth, &again.features, label);
    *out_confirmed += is_confirmed(&again.features) ? 1 : 0;
    if (before == after && is_confirmed(&again.features)) {
        wrong += differences(&first.features, &again.features, label);
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
        survey_once(&first, &policy, NULL, TC_SURVEY_STANDARD, budget);
        add_worst_suite(&policy);
        struct fake_server server = {.policy = &policy, .random = budget};
        struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = budget};
        play.options.max_connections = budget;
        play.options.previous = &first.features;
        survey_play(&again, &server, &play);
        fake_truth_tell(&truth, &policy, &again.own, TC_SURVEY_STANDARD, 0);
        assert_int_equal(fake_truth_lies(&truth, &again.features, "few connections"), 0);
        assert_false(is_confirmed(&again.features));
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
        survey_once(&first, policy, NULL, TC_SURVEY_STANDARD, 1);
        unsigned usual = first.connections;
        assert_int_equal(tc_features_put(&first.features, &cases[i].row), TC_OK);
        survey_once(&again, policy, &first.features, TC_SURVEY_STANDARD, 1);
        if (is_confirmed(&again.features) || again.connections < usual) {
            fail_msg("%s: %u connections", cases[i].name, again.connections);
        }
        tc_features_cleanup(&first.features);
        tc_features_cleanup(&again.features);
    }
}

int main(void)
{
    struct CMUnitTest tests[192] = {
        {.name = "usual servers, few connections", .test_func = check_few},
        {.name = "a confirmed survey confirms the next", .test_func = check_chain},
        {.name = "any policy, and what became of it", .test_func = check_pairs},
        {.name = "any policy, and a quirk", .test_func = check_spoiled},
        {.name = "any number of connections", .test_func = check_budgets},
        {.name = "features that cannot be built on", .test_func = check_unusable},
    };
    size_t num = 6;
    for (size_t i = 0; i < TC_ARRAY_LEN(move_cases); i++, num++) {
        tests[num] = (struct CMUnitTest){
            .name = move_cases[i].name, .test_func = check_move, .initial_state = &move_cases[i]};
    }
    for (size_t i = 0; i < fake_num_policies; i++, num++) {
        tests[num] = (struct CMUnitTest){.name = fake_policies[i].name,
                                         .test_func = check_same,
                                         .initial_state = (void *)(uintptr_t)&fake_policies[i]};
    }
    return _cmocka_run_group_tests("survey_confirm", tests, num, NULL, NULL);
}
