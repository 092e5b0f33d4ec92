/* Names of codes that are ours: each enumerator of features.h has its word, and nothing else has.
 */
#include "test_support.h"

#include <string.h>

#include "tlscensus/features.h"
#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* More codes than any of the enums has. */
#define CODES_MAX 256

/* Every trait once: its enumerator and its word. */
#define TRAITS(X)                                                                                  \
    X(EXTENDED_MASTER_SECRET, "extended_master_secret")                                            \
    X(ENCRYPT_THEN_MAC, "encrypt_then_mac")                                                        \
    X(SECURE_RENEGOTIATION, "secure_renegotiation")                                                \
    X(CLIENT_RENEGOTIATION, "client_renegotiation")                                                \
    X(SESSION_TICKET, "session_ticket")                                                            \
    X(SESSION_ID_RESUMPTION, "session_id_resumption")                                              \
    X(TICKET_RESUMPTION, "ticket_resumption")                                                      \
    X(PSK_RESUMPTION, "psk_resumption")                                                            \
    X(EARLY_DATA, "early_data")                                                                    \
    X(COMPRESSION, "compression")                                                                  \
    X(HEARTBEAT, "heartbeat")                                                                      \
    X(RECORD_SIZE_LIMIT, "record_size_limit")                                                      \
    X(FALLBACK_SCSV, "fallback_scsv")                                                              \
    X(DOWNGRADE_SENTINEL, "downgrade_sentinel")                                                    \
    X(CLIENT_CERTIFICATE_REQUEST, "client_certificate_request")                                    \
    X(CERTIFICATE_COMPRESSION_ZLIB, "certificate_compression_zlib")                                \
    X(CERTIFICATE_COMPRESSION_BROTLI, "certificate_compression_brotli")                            \
    X(CERTIFICATE_COMPRESSION_ZSTD, "certificate_compression_zstd")                                \
    X(ECH_RETRY_CONFIGS, "ech_retry_configs")                                                      \
    X(CIPHER_ORDER, "cipher_order")                                                                \
    X(GROUP_ORDER, "group_order")                                                                  \
    X(NO_SNI_ANSWERED, "no_sni_answered")                                                          \
    X(NO_SNI_SAME_CERTIFICATE, "no_sni_same_certificate")                                          \
    X(UNKNOWN_SNI_ANSWERED, "unknown_sni_answered")                                                \
    X(UNKNOWN_SNI_SAME_CERTIFICATE, "unknown_sni_same_certificate")                                \
    X(ECDSA_CERTIFICATE, "ecdsa_certificate")                                                      \
    X(RSA_CERTIFICATE, "rsa_certificate")                                                          \
    X(VERSION_TOLERANCE, "version_tolerance")                                                      \
    X(EXTENSION_TOLERANCE, "extension_tolerance")                                                  \
    X(LARGE_HELLO_TOLERANCE, "large_hello_tolerance")                                              \
    X(SPLIT_HELLO_TOLERANCE, "split_hello_tolerance")                                              \
    X(ALPN_STRICT, "alpn_strict")                                                                  \
    X(DH_KEY_REUSE, "dh_key_reuse")                                                                \
    X(STATUS_REQUEST, "status_request")                                                            \
    X(SCT_EXTENSION, "sct_extension")                                                              \
    X(NPN, "npn")                                                                                  \
    X(CONSISTENT, "consistent")                                                                    \
    X(HEARTBEAT_UNPADDED, "heartbeat_unpadded")                                                    \
    X(EARLY_CCS, "early_ccs")                                                                      \
    X(HTTP_UPGRADE, "http_upgrade")                                                                \
    X(CIPHERS_COMPLETE, "ciphers_complete")                                                        \
    X(GROUPS_COMPLETE, "groups_complete")                                                          \
    X(SIGNATURES_COMPLETE, "signatures_complete")                                                  \
    X(ALPN_COMPLETE, "alpn_complete")                                                              \
    X(SURVEY_COMPLETE, "survey_complete")                                                          \
    X(POST_QUANTUM, "post_quantum")

#define AS_WORD(trait, word) [TC_TRAIT_##trait] = (word),
#define AS_CASE(trait, word) case TC_TRAIT_##trait:

static const char *const k_trait_words[] = {TRAITS(AS_WORD)};

/* -Wswitch-enum stops the build here when an enumerator is added: it then wants its word. */
static const char *trait_word(uint32_t code)
{
    switch ((enum tc_trait)code) {
        TRAITS(AS_CASE)
        return k_trait_words[code];
    }
    return NULL;
}

static const char *dh_word(uint32_t code)
{
    switch ((enum tc_dh_offer)code) {
    case TC_DH_CONFIGURED:
        return "configured";
    case TC_DH_NAMED:
        return "named";
    case TC_DH_EXPORT:
        return "export";
    }
    return NULL;
}

static const char *fingerprint_word(uint32_t code)
{
    switch ((enum tc_fingerprint)code) {
    case TC_FINGERPRINT_JARM:
        return "jarm";
    case TC_FINGERPRINT_JA3S:
        return "ja3s";
    }
    return NULL;
}

static struct word_case {
    const char *name;
    enum tc_registry_kind kind;
    const char *(*word)(uint32_t code);
} word_cases[] = {
    {"words: traits", TC_REGISTRY_TRAIT, trait_word},
    {"words: what DH was offered", TC_REGISTRY_DH, dh_word},
    {"words: fingerprints", TC_REGISTRY_FINGERPRINT, fingerprint_word},
};

static void check_words(void **state)
{
    const struct word_case *row = *state;
    size_t named = 0;
    for (uint32_t code = 0; code < CODES_MAX; code++) {
        const char *expected = row->word(code);
        const char *name = tc_registry_name(row->kind, code);
        if (expected == NULL) {
            assert_null(name);
        } else {
            assert_non_null(name);
            assert_string_equal(name, expected);
            named++;
        }
    }
    size_t num = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num);
    for (size_t i = 0; i < num; i++) {
        named -= entries[i].kind == row->kind;
    }
    assert_int_equal(named, 0); /* none of its entries lies beyond CODES_MAX */
}

/* Kinds of features whose codes the registry names are spelt alike: the store joins them by it. */
static void features_and_registry_use_the_same_words(void **state)
{
    (void)state;
    for (enum tc_feature_kind kind = 0; kind < TC_FEATURE_KIND_COUNT; kind++) {
        size_t found = 0;
        for (enum tc_registry_kind ours = 0; ours < TC_REGISTRY_KIND_COUNT; ours++) {
            found += strcmp(tc_feature_kind_str(kind), tc_registry_kind_str(ours)) == 0;
        }
        assert_int_equal(found, 1);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(word_cases) + 1] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(word_cases); i++) {
        tests[i].name = word_cases[i].name;
        tests[i].test_func = check_words;
        tests[i].initial_state = &word_cases[i];
    }
    tests[TC_ARRAY_LEN(word_cases)].name = "words: kinds of features are kinds of the registry";
    tests[TC_ARRAY_LEN(word_cases)].test_func = features_and_registry_use_the_same_words;
    return cmocka_run_group_tests_name("registry_words", tests, NULL, NULL);
}
