/* Names of codes that are ours: each enumerator of features.h has its word, and nothing else has.
 */
#include "test_support.h"

#include <string.h>

#include "tlscensus/features.h"
#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* More codes than any of the enums has. */
#define CODES_MAX 256

/* -Wswitch-enum stops the build here when an enumerator is added: it then wants its word. */
static const char *trait_word(uint32_t code)
{
    switch ((enum tc_trait)code) {
    case TC_TRAIT_EXTENDED_MASTER_SECRET:
        return "extended_master_secret";
    case TC_TRAIT_ENCRYPT_THEN_MAC:
        return "encrypt_then_mac";
    case TC_TRAIT_SECURE_RENEGOTIATION:
        return "secure_renegotiation";
    case TC_TRAIT_CLIENT_RENEGOTIATION:
        return "client_renegotiation";
    case TC_TRAIT_SESSION_TICKET:
        return "session_ticket";
    case TC_TRAIT_SESSION_ID_RESUMPTION:
        return "session_id_resumption";
    case TC_TRAIT_TICKET_RESUMPTION:
        return "ticket_resumption";
    case TC_TRAIT_PSK_RESUMPTION:
        return "psk_resumption";
    case TC_TRAIT_EARLY_DATA:
        return "early_data";
    case TC_TRAIT_COMPRESSION:
        return "compression";
    case TC_TRAIT_HEARTBEAT:
        return "heartbeat";
    case TC_TRAIT_RECORD_SIZE_LIMIT:
        return "record_size_limit";
    case TC_TRAIT_FALLBACK_SCSV:
        return "fallback_scsv";
    case TC_TRAIT_DOWNGRADE_SENTINEL:
        return "downgrade_sentinel";
    case TC_TRAIT_CLIENT_CERTIFICATE_REQUEST:
        return "client_certificate_request";
    case TC_TRAIT_CERTIFICATE_COMPRESSION_ZLIB:
        return "certificate_compression_zlib";
    case TC_TRAIT_CERTIFICATE_COMPRESSION_BROTLI:
        return "certificate_compression_brotli";
    case TC_TRAIT_CERTIFICATE_COMPRESSION_ZSTD:
        return "certificate_compression_zstd";
    case TC_TRAIT_ECH_RETRY_CONFIGS:
        return "ech_retry_configs";
    case TC_TRAIT_CIPHER_ORDER:
        return "cipher_order";
    case TC_TRAIT_GROUP_ORDER:
        return "group_order";
    case TC_TRAIT_NO_SNI_ANSWERED:
        return "no_sni_answered";
    case TC_TRAIT_NO_SNI_SAME_CERTIFICATE:
        return "no_sni_same_certificate";
    case TC_TRAIT_UNKNOWN_SNI_ANSWERED:
        return "unknown_sni_answered";
    case TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE:
        return "unknown_sni_same_certificate";
    case TC_TRAIT_ECDSA_CERTIFICATE:
        return "ecdsa_certificate";
    case TC_TRAIT_RSA_CERTIFICATE:
        return "rsa_certificate";
    case TC_TRAIT_VERSION_TOLERANCE:
        return "version_tolerance";
    case TC_TRAIT_EXTENSION_TOLERANCE:
        return "extension_tolerance";
    case TC_TRAIT_LARGE_HELLO_TOLERANCE:
        return "large_hello_tolerance";
    case TC_TRAIT_SPLIT_HELLO_TOLERANCE:
        return "split_hello_tolerance";
    case TC_TRAIT_ALPN_STRICT:
        return "alpn_strict";
    case TC_TRAIT_DH_KEY_REUSE:
        return "dh_key_reuse";
    case TC_TRAIT_STATUS_REQUEST:
        return "status_request";
    case TC_TRAIT_SCT_EXTENSION:
        return "sct_extension";
    case TC_TRAIT_NPN:
        return "npn";
    case TC_TRAIT_CONSISTENT:
        return "consistent";
    case TC_TRAIT_HEARTBEAT_UNPADDED:
        return "heartbeat_unpadded";
    case TC_TRAIT_EARLY_CCS:
        return "early_ccs";
    case TC_TRAIT_HTTP_UPGRADE:
        return "http_upgrade";
    case TC_TRAIT_CIPHERS_COMPLETE:
        return "ciphers_complete";
    case TC_TRAIT_GROUPS_COMPLETE:
        return "groups_complete";
    case TC_TRAIT_SIGNATURES_COMPLETE:
        return "signatures_complete";
    case TC_TRAIT_ALPN_COMPLETE:
        return "alpn_complete";
    case TC_TRAIT_SURVEY_COMPLETE:
        return "survey_complete";
    case TC_TRAIT_POST_QUANTUM:
        return "post_quantum";
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
