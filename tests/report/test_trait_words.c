#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/trait_words.h"
#include "tlscensus/features.h"
#include "tlscensus/status.h"

#define DOCS_MAX 65536

/* ---- the words of each fact ---- */

/* Lists of what nobody has to read: orders are said with the suites, the rest is bookkeeping. */
static bool is_bookkeeping(int64_t code)
{
    return code == TC_TRAIT_CIPHER_ORDER || code == TC_TRAIT_GROUP_ORDER ||
           (code >= TC_TRAIT_CIPHERS_COMPLETE && code <= TC_TRAIT_SURVEY_COMPLETE);
}

static void every_trait_has_words(void **state)
{
    (void)state;
    for (int64_t code = 1; code <= TC_TRAIT_POST_QUANTUM; code++) {
        const struct tc_trait_words *words = tc_trait_words_find(code);
        if (is_bookkeeping(code)) {
            assert_null(words);
            continue;
        }
        assert_non_null(words);
        assert_int_equal(words->code, code);
        assert_true(strlen(words->title) > 2);
        assert_int_equal(words->sentence[strlen(words->sentence) - 1], '.');
    }
    assert_null(tc_trait_words_find(0));
    assert_null(tc_trait_words_find(-1));
    assert_null(tc_trait_words_find(TC_TRAIT_POST_QUANTUM + 1));
}

static void no_title_is_used_twice(void **state)
{
    size_t num = 0;
    const struct tc_trait_words *words = tc_trait_words(&num);
    (void)state;
    for (size_t i = 0; i < num; i++) {
        for (size_t k = i + 1; k < num; k++) {
            assert_string_not_equal(words[i].title, words[k].title);
            assert_int_not_equal(words[i].code, words[k].code);
        }
    }
}

static void few_are_asked_on_request_alone(void **state)
{
    (void)state;
    const int64_t on_request[] = {TC_TRAIT_CLIENT_RENEGOTIATION, TC_TRAIT_HEARTBEAT_UNPADDED,
                                  TC_TRAIT_EARLY_CCS, TC_TRAIT_HTTP_UPGRADE};
    size_t num_found = 0;
    for (int64_t code = -1; code <= TC_TRAIT_POST_QUANTUM + 1; code++) {
        num_found += tc_trait_is_on_request(code) ? 1 : 0;
    }
    assert_int_equal(num_found, TC_ARRAY_LEN(on_request));
    for (size_t i = 0; i < TC_ARRAY_LEN(on_request); i++) {
        assert_true(tc_trait_is_on_request(on_request[i]));
        assert_non_null(tc_trait_words_find(on_request[i]));
    }
}

/* docs/facts.md says the same: what is changed here is changed there. */
static void docs_say_the_same(void **state)
{
    (void)state;
    static char docs[DOCS_MAX];
    size_t num = 0;
    const char *source = getenv("TLSCENSUS_SOURCE");
    char path[512];
    assert_non_null(source);
    (void)snprintf(path, sizeof path, "%s/docs/facts.md", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    docs[fread(docs, 1, sizeof docs - 1, file)] = '\0';
    (void)fclose(file);
    const struct tc_trait_words *traits = tc_trait_words(&num);
    for (size_t i = 0; i < num; i++) {
        static const char *const better[] = {"", "yes", "no"};
        char line[512];
        (void)snprintf(line, sizeof line, "| %s | %s | %s |\n", traits[i].title,
                       better[traits[i].sense], traits[i].sentence);
        if (strstr(docs, line) == NULL) {
            fail_msg("docs/facts.md lacks: %s", line);
        }
    }
    const struct tc_fact_words *facts = tc_fact_words(&num);
    for (size_t i = 0; i < num; i++) {
        char line[512];
        (void)snprintf(line, sizeof line, "| %s | %s |\n", facts[i].title, facts[i].sentence);
        if (strstr(docs, line) == NULL) {
            fail_msg("docs/facts.md lacks: %s", line);
        }
    }
}

/* ---- suites ---- */

static struct suite_case {
    const char *name;
    struct tc_suite_facts suite;
    const char *words;
} suite_cases[] = {
    {"suite: nothing to say", {"ECDHE", "RSA", "AES-128", "GCM", 128, true, false}, ""},
    {"suite: TLS 1.3's own", {"any", "any", "ChaCha20", "Poly1305", 0, true, false}, ""},
    {"suite: CBC", {"ECDHE", "RSA", "AES-128", "CBC", 128, true, false}, "CBC"},
    {"suite: static RSA",
     {"RSA", "RSA", "AES-128", "GCM", 128, false, false},
     "no forward secrecy"},
    {"suite: both, worst first",
     {"RSA", "RSA", "AES-128", "CBC", 128, false, false},
     "no forward secrecy, CBC"},
    {"suite: small blocks",
     {"RSA", "RSA", "3DES-EDE", "CBC", 64, false, false},
     "64-bit blocks, no forward secrecy, CBC"},
    {"suite: RC4", {"ECDHE", "RSA", "RC4-128", "stream", 0, true, false}, "RC4"},
    {"suite: export",
     {"RSA", "RSA", "RC4-40", "stream", 0, false, true},
     "export key, RC4, no forward secrecy"},
    {"suite: no encryption",
     {"RSA", "RSA", "NULL", "none", 0, false, false},
     "no encryption, no forward secrecy"},
    {"suite: anonymous", {"DH", "anon", "AES-128", "GCM", 128, true, false}, "no certificate"},
    {"suite: a short tag", {"ECDHE", "ECDSA", "AES-128", "CCM_8", 128, true, false}, "short tag"},
};

static void check_suite(void **state)
{
    const struct suite_case *row = *state;
    char words[128] = "left over";
    tc_suite_words(words, sizeof words, &row->suite);
    assert_string_equal(words, row->words);
}

static void words_are_cut_to_the_room(void **state)
{
    char words[16];
    (void)state;
    tc_suite_words(words, sizeof words, &suite_cases[5].suite);
    assert_string_equal(words, "64-bit blocks, ");
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(suite_cases) + 5] = {
        cmocka_unit_test(every_trait_has_words),          cmocka_unit_test(no_title_is_used_twice),
        cmocka_unit_test(few_are_asked_on_request_alone), cmocka_unit_test(docs_say_the_same),
        cmocka_unit_test(words_are_cut_to_the_room),
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(suite_cases); i++) {
        tests[i + 5] = (struct CMUnitTest){.name = suite_cases[i].name,
                                           .test_func = check_suite,
                                           .initial_state = &suite_cases[i]};
    }
    return cmocka_run_group_tests_name("trait_words", tests, NULL, NULL);
}
