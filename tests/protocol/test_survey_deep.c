/* Profile deep: what was not tolerated and how it is named, and fingerprints. */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "survey_player.h"
#include "tlscensus/fingerprint.h"

static const char k_modern[] = "modern, both certificates, its own order";

static struct fake_policy policy_of(const char *name)
{
    return *fake_policy_find(name);
}

static void play_deep(struct played *out, const struct fake_policy *policy)
{
    struct fake_server server = {.policy = policy, .random = 3};
    struct play play = {.options = survey_options(TC_SURVEY_DEEP, 2), .seed = 5};
    survey_play(out, &server, &play);
}

/* ---- tolerance ---- */

static struct tolerance_case {
    const char *name;
    const char *policy;
    unsigned minds;
    bool by_silence;
    enum tc_trait trait;
    enum tc_tristate value;
    const char *text; /* NULL: none */
} tolerance_cases[] = {
    {"tolerance: a version in the hello's own field", k_modern, FAKE_MINDS_VERSION, false,
     TC_TRAIT_VERSION_TOLERANCE, TC_NO, "legacy_version"},
    {"tolerance: a version in supported_versions", k_modern, FAKE_MINDS_VERSIONS, false,
     TC_TRAIT_VERSION_TOLERANCE, TC_NO, "supported_versions"},
    {"tolerance: the field is not asked where TLS 1.3 is all there is", "TLS 1.3 alone",
     FAKE_MINDS_VERSION, false, TC_TRAIT_VERSION_TOLERANCE, TC_YES, NULL},
    {"tolerance: the extension is not asked where there is no TLS 1.3", "TLS 1.2 alone, one suite",
     FAKE_MINDS_VERSIONS, false, TC_TRAIT_VERSION_TOLERANCE, TC_YES, NULL},
    {"tolerance: to fall silent is intolerance", k_modern, FAKE_MINDS_VERSION, true,
     TC_TRAIT_VERSION_TOLERANCE, TC_NO, "legacy_version"},
    {"tolerance: all is well", k_modern, 0, false, TC_TRAIT_EXTENSION_TOLERANCE, TC_YES, NULL},
    {"tolerance: GREASE in the suites", k_modern, FAKE_MINDS_SUITE, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "suite"},
    {"tolerance: GREASE in the groups", k_modern, FAKE_MINDS_GROUP, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "group"},
    {"tolerance: GREASE as an extension", k_modern, FAKE_MINDS_EXTENSION, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "extension"},
    {"tolerance: GREASE in the protocol names", k_modern, FAKE_MINDS_ALPN, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "ALPN"},
    {"tolerance: GREASE in the versions", k_modern, FAKE_MINDS_VERSIONS, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "version"},
    {"tolerance: two of them, in silence", k_modern, FAKE_MINDS_SUITE | FAKE_MINDS_EXTENSION, true,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "suite, extension"},
    {"tolerance: GREASE below TLS 1.3", "TLS 1.2 alone, one suite", FAKE_MINDS_GROUP, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_NO, "group"},
    {"tolerance: large hellos", k_modern, FAKE_MINDS_LARGE, true, TC_TRAIT_LARGE_HELLO_TOLERANCE,
     TC_NO, NULL},
    {"tolerance: large hellos below TLS 1.3", "TLS 1.0 alone", FAKE_MINDS_LARGE, false,
     TC_TRAIT_LARGE_HELLO_TOLERANCE, TC_NO, NULL},
    {"tolerance: large hellos are no GREASE", k_modern, FAKE_MINDS_LARGE, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_YES, NULL},
    {"tolerance: hellos in two halves", k_modern, FAKE_MINDS_SPLIT, true,
     TC_TRAIT_SPLIT_HELLO_TOLERANCE, TC_NO, NULL},
    {"tolerance: whole hellos are fine", k_modern, FAKE_MINDS_SPLIT, false,
     TC_TRAIT_LARGE_HELLO_TOLERANCE, TC_YES, NULL},
    {"tolerance: SSL 3.0 has no extensions to mind", "SSL 3.0 alone", FAKE_MINDS_EXTENSION, false,
     TC_TRAIT_EXTENSION_TOLERANCE, TC_UNKNOWN, NULL},
};

static void check_tolerance(void **state)
{
    const struct tolerance_case *row = *state;
    struct fake_policy policy = policy_of(row->policy);
    struct played played;
    policy.quirks.minds = row->minds;
    policy.quirks.minds_by_silence = row->by_silence;
    play_deep(&played, &policy);
    const struct tc_feature *found =
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, row->trait);
    assert_int_equal(found == NULL ? TC_UNKNOWN : found->supported, row->value);
    if (row->text != NULL) {
        assert_string_equal(found->text, row->text);
    } else {
        assert_true(found == NULL || found->text == NULL);
    }
    tc_features_cleanup(&played.features);
}

/* ---- what lists wait for in vain holds up nobody ---- */

static struct lost_case {
    const char *name;
    const char *lost[4]; /* kinds of track none of whose questions gets out */
} lost_cases[] = {
    {"lost: whose order of suites it is", {"order of suites", "order at TLS 1.3"}},
    {"lost: all that tells whether sessions get ids",
     {"order of suites", "order at TLS 1.3", "names", "compression"}},
    {"lost: the loops", {"suites", "tls13"}},
};
static const struct lost_case *lost;

static void lose(struct tc_survey *survey, const char *name, struct fake_reply *reply)
{
    (void)survey;
    for (size_t i = 0; i < TC_ARRAY_LEN(lost->lost) && lost->lost[i] != NULL; i++) {
        if (strcmp(lost->lost[i], name) == 0) {
            reply->end = TC_ANSWER_LOCAL;
            reply->len = 0;
        }
    }
}

static void check_lost(void **state)
{
    struct fake_policy policy = policy_of(k_modern);
    lost = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct fake_server server = {.policy = &policy, .random = seed};
        struct play play = {.options = survey_options(TC_SURVEY_DEEP, 1 + (unsigned)seed % 4),
                            .meddler = lose,
                            .seed = seed};
        struct played played;
        survey_play(&played, &server, &play);
        assert_non_null(
            tc_features_find(&played.features, TC_FEATURE_FINGERPRINT, 0, TC_FINGERPRINT_JARM));
        assert_string_equal(
            tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE)->text,
            "this machine could not send a question");
        tc_features_cleanup(&played.features);
    }
}

/* ---- fingerprints ---- */

/* What the ten hellos get, asked without a survey. */
static void jarm_of(char out[TC_JARM_CHARS + 1], const struct fake_policy *policy)
{
    static struct tc_jarm jarm;
    struct fake_server server = {.policy = policy};
    jarm = (struct tc_jarm){0};
    for (unsigned i = 0; i < TC_JARM_PROBES; i++) {
        static struct tc_hello hello;
        static struct fake_reply reply;
        struct tc_flight flight;
        const struct tc_flight_options options = {.max_bytes = 65536};
        uint8_t bytes[TC_HELLO_MAX_BYTES];
        size_t len = 0;
        tc_jarm_hello(&hello, i, FAKE_SERVER_NAME, 99);
        assert_int_equal(tc_hello_write(&hello, bytes, sizeof bytes, &len), TC_OK);
        fake_server_answer(&server, &reply, bytes, len, false);
        tc_flight_init(&flight, &options);
        (void)tc_flight_feed(&flight, reply.bytes, reply.len);
        tc_jarm_note(&jarm, i, reply.end == TC_ANSWER_SILENCE ? NULL : &flight);
        tc_flight_cleanup(&flight);
    }
    assert_true(tc_jarm_result(&jarm, out));
}

static struct jarm_case {
    const char *name;
    const char *policy;
    enum fake_refusal refusal;
    bool is_zero;
} jarm_cases[] = {
    {"JARM: a modern server", k_modern, FAKE_REFUSES_BY_ALERT, false},
    {"JARM: an old one", "TLS 1.0 to 1.2 as ten years ago", FAKE_REFUSES_BY_ALERT, false},
    {"JARM: one that hangs up where it should alert", "TLS 1.3 alone", FAKE_REFUSES_BY_CLOSE,
     false},
    {"JARM: one that resets", "TLS 1.3 alone", FAKE_REFUSES_BY_RESET, false},
    {"JARM: silence makes it zero", "TLS 1.3 alone", FAKE_REFUSES_BY_SILENCE, true},
    {"JARM: SSL 3.0 answers as well", "SSL 3.0 alone", FAKE_REFUSES_BY_ALERT, false},
};

static void check_jarm(void **state)
{
    const struct jarm_case *row = *state;
    struct fake_policy policy = policy_of(row->policy);
    struct played played;
    char expected[TC_JARM_CHARS + 1];
    policy.quirks.refusal = row->refusal;
    play_deep(&played, &policy);
    jarm_of(expected, &policy);
    const struct tc_feature *found =
        tc_features_find(&played.features, TC_FEATURE_FINGERPRINT, 0, TC_FINGERPRINT_JARM);
    assert_non_null(found);
    assert_string_equal(found->text, expected);
    assert_int_equal(strspn(found->text, "0") == TC_JARM_CHARS, row->is_zero);
    tc_features_cleanup(&played.features);
}

static void ja3s_of(char out[TC_JA3S_CHARS + 1], const char *policy_name, uint64_t seed)
{
    struct fake_policy policy = policy_of(policy_name);
    struct fake_server server = {.policy = &policy, .random = seed};
    struct play play = {.options = survey_options(TC_SURVEY_DEEP, 1), .seed = seed};
    struct played played;
    play.options.seed = seed;
    survey_play(&played, &server, &play);
    const struct tc_feature *found =
        tc_features_find(&played.features, TC_FEATURE_FINGERPRINT, 0, TC_FINGERPRINT_JA3S);
    assert_non_null(found);
    (void)snprintf(out, TC_JA3S_CHARS + 1, "%s", found->text);
    tc_features_cleanup(&played.features);
}

/* What is random in the hello does not show; another server does. */
static void test_ja3s(void **state)
{
    char one[TC_JA3S_CHARS + 1];
    char again[TC_JA3S_CHARS + 1];
    char other[TC_JA3S_CHARS + 1];
    (void)state;
    ja3s_of(one, k_modern, 1);
    ja3s_of(again, k_modern, 2);
    ja3s_of(other, "TLS 1.2 alone, one suite", 1);
    assert_int_equal(strlen(one), TC_JA3S_CHARS);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
}

int main(void)
{
    static struct CMUnitTest tests[96] = {cmocka_unit_test(test_ja3s)};
    size_t num = 1;
    ADD_ROWS(tolerance_cases, check_tolerance)
    ADD_ROWS(lost_cases, check_lost)
    ADD_ROWS(jarm_cases, check_jarm)
    return _cmocka_run_group_tests("survey_deep", tests, num, NULL, NULL);
}
