/* Choices of what was not on offer: they are told, and the list that they belong to is open. */
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "survey_player.h"

static const char k_rsa[] = "TLS 1.2 alone, one suite";
static const char k_ecdsa[] = "ECDSA, one suite, the server's order";
static const char k_needy[] = "ECDSA, its leaf's curve on offer but liked least";
static const char k_client[] = "modern, ECDSA alone, the client's order";

static const char k_group[] = "a group was chosen that was not offered";
static const char k_name[] = "a protocol name was chosen that was not offered";

static struct unoffered_case {
    const char *name;
    const char *policy;
    uint16_t group; /* chosen whatever is offered; 0: as the policy has it */
    const char *alpn;
    enum tc_survey_depth depth;
    const char *how; /* NULL: nothing is wrong */
} unoffered_cases[] = {
    {"curve: one beside an RSA leaf", k_rsa, 0x0018, NULL, TC_SURVEY_STANDARD, k_group},
    {"curve: one beside an RSA leaf, in deep", k_rsa, 0x0018, NULL, TC_SURVEY_DEEP, k_group},
    {"curve: one that is no leaf's", k_rsa, 0x001d, NULL, TC_SURVEY_STANDARD, k_group},
    {"curve: one that may be the ECDSA leaf's", k_ecdsa, 0x0017, NULL, TC_SURVEY_STANDARD, k_group},
    {"curve: the same in deep", k_ecdsa, 0x0017, NULL, TC_SURVEY_DEEP, k_group},
    {"curve: one that cannot be the leaf's", k_ecdsa, 0x001d, NULL, TC_SURVEY_STANDARD, k_group},
    {"curve: a needy leaf's own, where that is on offer", k_needy, 0, NULL, TC_SURVEY_STANDARD,
     NULL},
    {"curve: one that follows our order", k_client, 0, NULL, TC_SURVEY_STANDARD, NULL},
    {"protocol name: the same again", k_rsa, 0, "h2", TC_SURVEY_STANDARD, k_name},
    {"protocol name: the same again, in deep", k_rsa, 0, "h2", TC_SURVEY_DEEP, k_name},
    {"protocol name: beside TLS 1.3", k_client, 0, "http/1.1", TC_SURVEY_STANDARD, k_name},
    {"protocol name: one that nobody asks for", k_rsa, 0, "x-other", TC_SURVEY_STANDARD, k_name},
    {"protocol name: those that are offered", k_client, 0, NULL, TC_SURVEY_DEEP, NULL},
};

static void expect_trait(const struct tc_features *features, uint16_t version, enum tc_trait trait,
                         enum tc_tristate value)
{
    assert_int_equal(tc_features_get(features, TC_FEATURE_TRAIT, version, trait), value);
}

static void check_unoffered(void **state)
{
    const struct unoffered_case *row = *state;
    struct fake_policy policy = *fake_policy_find(row->policy);
    policy.quirks.always_group = row->group;
    policy.quirks.always_alpn = row->alpn;
    struct fake_server server = {.policy = &policy, .random = 3};
    struct play play = {.options = survey_options(row->depth, 2), .seed = 5};
    struct played played;
    survey_play(&played, &server, &play);
    bool is_fine = row->how == NULL;
    const struct tc_feature *consistent =
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_CONSISTENT);
    const struct tc_feature *complete =
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    if (is_fine) {
        assert_null(consistent); /* equal answers prove nothing */
    } else {
        assert_int_equal(consistent->supported, TC_NO);
        assert_string_equal(consistent->text, row->how);
        assert_string_equal(complete->text, row->how);
    }
    enum tc_tristate lists = is_fine ? TC_YES : TC_UNKNOWN;
    assert_int_equal(complete->supported, is_fine ? TC_YES : TC_NO);
    expect_trait(&played.features, TC_TLS1_2, TC_TRAIT_GROUPS_COMPLETE, lists);
    expect_trait(&played.features, 0, TC_TRAIT_ALPN_COMPLETE, lists);
    tc_features_cleanup(&played.features);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(unoffered_cases)] = {{0}};
    for (size_t i = 0; i < TC_ARRAY_LEN(unoffered_cases); i++) {
        tests[i].name = unoffered_cases[i].name;
        tests[i].test_func = check_unoffered;
        tests[i].initial_state = &unoffered_cases[i];
    }
    return cmocka_run_group_tests_name("survey_unoffered", tests, NULL, NULL);
}
