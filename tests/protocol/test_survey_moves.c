/* Whatever has moved since the last survey is found: the features are those of a new survey. */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "confirm_player.h"

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

static void add_first_group12(struct fake_policy *policy)
{
    reverse(policy->groups12);
    add_number(policy->groups12, 0x001e);
    reverse(policy->groups12);
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
#define EC_OWN     "ECDSA, one suite, the server's order"
#define EC_NEEDY   "ECDSA, its leaf's curve on offer but liked least"
#define OLD        "TLS 1.0 to 1.2 as ten years ago"

/* What becomes of the last survey. */
enum fate { SURVEYED_ANEW = 0, TLS13_ANEW, CONFIRMED };

static struct move_case {
    const char *name;
    const char *policy;
    void (*move)(struct fake_policy *policy);
    enum fate fate;
} move_cases[] = {
    {"a weak suite comes, own order", BOTH_OWN, add_worst_suite, SURVEYED_ANEW},
    {"a weak suite comes, the client's order", RSA_CLIENT, add_worst_suite, SURVEYED_ANEW},
    {"a suite of TLS 1.3 comes", BOTH_OWN, add_suite13, TLS13_ANEW},
    {"a suite of TLS 1.0 alone comes", OLD, add_old_suite, SURVEYED_ANEW},
    {"the best suite goes, own order", BOTH_OWN, remove_first_suite, SURVEYED_ANEW},
    {"the best suite of TLS 1.3 goes, own order", BOTH_OWN, remove_suite13, SURVEYED_ANEW},
    {"weak suites go", OLD, remove_static, SURVEYED_ANEW},
    {"a post-quantum group comes, own order", BOTH_OWN, add_group13, TLS13_ANEW},
    {"a post-quantum group comes, the client's order", RSA_CLIENT, add_group13, TLS13_ANEW},
    {"the best group goes", BOTH_OWN, remove_first_group13, SURVEYED_ANEW},
    {"a group comes in all versions", BOTH_OWN, add_group_of_both, SURVEYED_ANEW},
    {"a group comes where there is no TLS 1.3", OLD, add_group12, SURVEYED_ANEW},
    {"a group comes beside an ECDSA leaf, and is liked least", EC_OWN, add_group12, SURVEYED_ANEW},
    {"a group comes beside a leaf whose curve has to be on offer", EC_NEEDY, add_first_group12,
     SURVEYED_ANEW},
    {"TLS 1.1 comes", RSA_CLIENT, add_tls11, SURVEYED_ANEW},
    {"TLS 1.0 comes, and no TLS 1.1", RSA_CLIENT, add_tls10, SURVEYED_ANEW},
    {"SSL 3.0 comes", RSA_CLIENT, add_ssl3, SURVEYED_ANEW},
    {"SSL 3.0 comes where it is nearer", OLD, add_ssl3, SURVEYED_ANEW},
    {"SSL 2.0 comes", OLD, add_ssl2, SURVEYED_ANEW},
    {"TLS 1.3 comes", OLD, add_tls13, SURVEYED_ANEW},
    {"TLS 1.3 goes", RSA_CLIENT, remove_tls13, SURVEYED_ANEW},
    {"TLS 1.2 goes", RSA_CLIENT, remove_tls12, SURVEYED_ANEW},
    {"TLS 1.0 goes", OLD, remove_tls10, SURVEYED_ANEW},
    {"TLS 1.1 goes, and TLS 1.0 does not", OLD, remove_tls11, SURVEYED_ANEW},
    {"the server's order comes", RSA_CLIENT, turn_order, SURVEYED_ANEW},
    {"the client's order comes", BOTH_OWN, turn_order, SURVEYED_ANEW},
    {"the server's order turns", BOTH_OWN, reverse_order, SURVEYED_ANEW},
    {"the client's order of groups comes", BOTH_OWN, turn_group_order, SURVEYED_ANEW},
    {"the server's order of groups comes", RSA_CLIENT, turn_group_order, SURVEYED_ANEW},
    {"another kind of leaf", RSA_CLIENT, change_leaf, SURVEYED_ANEW},
    {"one of two leaves goes", BOTH_OWN, drop_rsa_leaf, SURVEYED_ANEW},
    {"weaker Diffie-Hellman parameters", RSA_CLIENT, other_dh, SURVEYED_ANEW},
    {"a protocol name comes", RSA_CLIENT, add_alpn, SURVEYED_ANEW},
    {"a protocol name goes", RSA_CLIENT, drop_h2, SURVEYED_ANEW},
    {"the extended master secret goes", RSA_CLIENT, drop_ems, SURVEYED_ANEW},
    {"heartbeats come", BOTH_OWN, add_heartbeat, SURVEYED_ANEW},
    {"the downgrade sentinel goes", RSA_CLIENT, hide_sentinel, SURVEYED_ANEW},
    {"client certificates are asked for", RSA_CLIENT, ask_certificate, SURVEYED_ANEW},
    {"early data comes", EC_CLIENT, take_early_data, SURVEYED_ANEW},
    {"compression comes", RSA_CLIENT, compress, CONFIRMED},
    {"strangers are refused", BOTH_OWN, refuse_strangers, CONFIRMED},
    {"the fallback signal is honoured at last", "no fallback signal, no sentinel", repair_fallback,
     CONFIRMED},
};

static void check_move(void **state)
{
    const struct move_case *row = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct played before;
        struct played again;
        struct played anew;
        struct fake_policy policy = *fake_policy_find(row->policy);
        confirm_play(&before, &policy, NULL, TC_SURVEY_STANDARD, seed);
        row->move(&policy);
        confirm_play(&again, &policy, &before.features, TC_SURVEY_STANDARD, seed + 1);
        confirm_play(&anew, &policy, NULL, TC_SURVEY_STANDARD, seed + 1);
        unsigned wrong = confirm_differences(&anew.features, &again.features, row->name) +
                         confirm_differences(&again.features, &anew.features, row->name);
        assert_int_equal(wrong, 0);
        assert_int_equal(confirm_is_told(&again.features), row->fate == CONFIRMED);
        assert_int_equal(confirm_is_told_but_tls13(&again.features), row->fate == TLS13_ANEW);
        assert_true(row->fate == SURVEYED_ANEW || again.connections < anew.connections);
        tc_features_cleanup(&before.features);
        tc_features_cleanup(&again.features);
        tc_features_cleanup(&anew.features);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(move_cases)] = {{0}};
    for (size_t i = 0; i < TC_ARRAY_LEN(move_cases); i++) {
        tests[i] = (struct CMUnitTest){
            .name = move_cases[i].name, .test_func = check_move, .initial_state = &move_cases[i]};
    }
    return cmocka_run_group_tests_name("survey_moves", tests, NULL, NULL);
}
