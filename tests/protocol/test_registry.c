#include "test_support.h"

#include <string.h>

#include <openssl/ssl.h>

#include "tlscensus/registry.h"
#include "tlscensus/status.h"

static struct name_case {
    const char *name;
    enum tc_registry_kind kind;
    uint32_t code;
    const char *expected; /* NULL: the registry has none */
} name_cases[] = {
    {"version: the oldest", TC_REGISTRY_VERSION, 0x0002, "SSLv2"},
    {"version: the newest", TC_REGISTRY_VERSION, 0x0304, "TLSv1.3"},
    {"version: one past the newest", TC_REGISTRY_VERSION, 0x0305, NULL},
    {"version: none", TC_REGISTRY_VERSION, 0, NULL},
    {"cipher: the first of the table", TC_REGISTRY_CIPHER, 0x0000, "TLS_NULL_WITH_NULL_NULL"},
    {"cipher: TLS 1.3", TC_REGISTRY_CIPHER, 0x1301, "TLS_AES_128_GCM_SHA256"},
    {"cipher: a gap between blocks", TC_REGISTRY_CIPHER, 0x001c, NULL},
    {"cipher: the gap inside RFC 8442", TC_REGISTRY_CIPHER, 0xd004, NULL},
    {"cipher: GREASE is no suite", TC_REGISTRY_CIPHER, 0x0a0a, NULL},
    {"cipher: SSL 2.0 has three bytes", TC_REGISTRY_CIPHER, 0x0700c0,
     "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"},
    {"cipher: an export suite outside IANA", TC_REGISTRY_CIPHER, 0x0062,
     "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA"},
    {"cipher: far past the end", TC_REGISTRY_CIPHER, UINT32_MAX, NULL},
    {"group: P-256", TC_REGISTRY_GROUP, 23, "secp256r1"},
    {"group: X25519", TC_REGISTRY_GROUP, 29, "x25519"},
    {"group: post-quantum hybrid", TC_REGISTRY_GROUP, 0x11ec, "X25519MLKEM768"},
    {"group: the draft before it", TC_REGISTRY_GROUP, 0x6399, "X25519Kyber768Draft00"},
    {"group: a cipher's code is none", TC_REGISTRY_GROUP, 0x1301, NULL},
    {"signature: ECDSA", TC_REGISTRY_SIGNATURE, 0x0403, "ecdsa_secp256r1_sha256"},
    {"signature: PSS", TC_REGISTRY_SIGNATURE, 0x0804, "rsa_pss_rsae_sha256"},
    {"signature: ML-DSA", TC_REGISTRY_SIGNATURE, 0x0905, "mldsa65"},
    {"signature: none, as for static RSA", TC_REGISTRY_SIGNATURE, 0, NULL},
    {"alert: 0 is one", TC_REGISTRY_ALERT, 0, "close_notify"},
    {"alert: 40", TC_REGISTRY_ALERT, 40, "handshake_failure"},
    {"alert: 121", TC_REGISTRY_ALERT, 121, "ech_required"},
    {"alert: unassigned", TC_REGISTRY_ALERT, 122, NULL},
    {"message: 0 is one", TC_REGISTRY_MESSAGE, 0, "hello_request"},
    {"message: 25", TC_REGISTRY_MESSAGE, 25, "compressed_certificate"},
    {"message: ours for a record that is none", TC_REGISTRY_MESSAGE, 254, "change_cipher_spec"},
    {"message: ours for an alert", TC_REGISTRY_MESSAGE, 253, "alert"},
    {"message: 255 is none", TC_REGISTRY_MESSAGE, 255, NULL},
    {"extension: 0 is one", TC_REGISTRY_EXTENSION, 0, "server_name"},
    {"extension: heartbeat", TC_REGISTRY_EXTENSION, 15, "heartbeat"},
    {"extension: ECH", TC_REGISTRY_EXTENSION, 0xfe0d, "encrypted_client_hello"},
    {"extension: NPN was never registered", TC_REGISTRY_EXTENSION, 13172,
     "next_protocol_negotiation"},
    {"extension: the last registered", TC_REGISTRY_EXTENSION, 0xff01, "renegotiation_info"},
    {"extension: reserved", TC_REGISTRY_EXTENSION, 40, NULL},
    {"extension: GREASE", TC_REGISTRY_EXTENSION, 0x0a0a, NULL},
    {"alpn: the first", TC_REGISTRY_ALPN, 1, "h2"},
    {"alpn: a slash", TC_REGISTRY_ALPN, 2, "http/1.1"},
    {"alpn: a hyphen and no slash", TC_REGISTRY_ALPN, 13, "xmpp-client"},
    {"alpn: the last", TC_REGISTRY_ALPN, 37, "radius/1.1"},
    {"alpn: 0 is none", TC_REGISTRY_ALPN, 0, NULL},
    {"alpn: one past the last", TC_REGISTRY_ALPN, 38, NULL},
    {"a kind that is none", TC_REGISTRY_KIND_COUNT, 0, NULL},
};

static void check_name(void **state)
{
    const struct name_case *row = *state;
    const char *name = tc_registry_name(row->kind, row->code);
    if (row->expected == NULL) {
        assert_null(name);
    } else {
        assert_non_null(name);
        assert_string_equal(name, row->expected);
    }
}

static struct secrecy_case {
    const char *name;
    uint32_t code;
    bool forward_secrecy;
} secrecy_cases[] = {
    {"forward secrecy: TLS 1.3", 0x1303, true},
    {"forward secrecy: ECDHE", 0xc02f, true},
    {"forward secrecy: DHE", 0x0033, true},
    {"forward secrecy: ECDHE_PSK", 0xc035, true},
    {"forward secrecy: not static RSA", 0x009c, false},
    {"forward secrecy: not fixed DH", 0x0031, false},
    {"forward secrecy: not fixed ECDH", 0xc02d, false},
    {"forward secrecy: not plain PSK", 0x00a8, false},
    {"forward secrecy: not RSA_PSK", 0x00ac, false},
    {"forward secrecy: not Kerberos", 0x001e, false},
    {"forward secrecy: not SSL 2.0", 0x010080, false},
    {"forward secrecy: not a signalling value", 0x00ff, false},
};

static void check_secrecy(void **state)
{
    const struct secrecy_case *row = *state;
    size_t num = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num);
    size_t found = 0;
    for (size_t i = 0; i < num; i++) {
        if (entries[i].kind == TC_REGISTRY_CIPHER && entries[i].code == row->code) {
            assert_int_equal(entries[i].forward_secrecy, row->forward_secrecy);
            found++;
        }
    }
    assert_int_equal(found, 1);
}

static void table_is_sorted_without_duplicates(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num);
    size_t per_kind[TC_REGISTRY_KIND_COUNT] = {0};
    for (size_t i = 0; i < num; i++) {
        assert_true(entries[i].kind < TC_REGISTRY_KIND_COUNT);
        assert_non_null(entries[i].name);
        per_kind[entries[i].kind]++;
        if (i > 0 && entries[i - 1].kind == entries[i].kind) {
            assert_true(entries[i - 1].code < entries[i].code);
        } else if (i > 0) {
            assert_true(entries[i - 1].kind < entries[i].kind);
        }
        assert_true(entries[i].kind == TC_REGISTRY_CIPHER || !entries[i].forward_secrecy);
        /* what the table lists is what the lookup finds */
        assert_ptr_equal(tc_registry_name(entries[i].kind, entries[i].code), entries[i].name);
    }
    assert_int_equal(per_kind[TC_REGISTRY_VERSION], 6);
    assert_int_equal(per_kind[TC_REGISTRY_CIPHER], 384);
    assert_int_equal(per_kind[TC_REGISTRY_GROUP], 61);
    assert_int_equal(per_kind[TC_REGISTRY_SIGNATURE], 63);
    assert_int_equal(per_kind[TC_REGISTRY_ALERT], 37);
    assert_int_equal(per_kind[TC_REGISTRY_MESSAGE], 28);
    assert_int_equal(per_kind[TC_REGISTRY_EXTENSION], 73);
    assert_int_equal(per_kind[TC_REGISTRY_ALPN], 37);
}

static void names_are_unique_within_a_kind(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num);
    for (size_t i = 0; i < num; i++) {
        for (size_t j = i + 1; j < num && entries[j].kind == entries[i].kind; j++) {
            assert_string_not_equal(entries[i].name, entries[j].name);
        }
    }
}

/* Whatever the linked library can agree on has the name that the library gives it. */
static void library_ciphers_have_their_names(void **state)
{
    (void)state;
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    assert_non_null(ctx);
    size_t checked = 0;
    for (uint32_t code = 0; code <= 0xffff; code++) {
        const SSL_CIPHER *cipher = SSL_get_cipher_by_value((uint16_t)code);
        if (cipher != NULL) {
            const char *name = tc_registry_name(TC_REGISTRY_CIPHER, code);
            assert_non_null(name);
            assert_string_equal(name, SSL_CIPHER_standard_name(cipher));
            checked++;
        }
    }
    const STACK_OF(SSL_CIPHER) *offered = SSL_CTX_get_ciphers(ctx);
    for (size_t i = 0; i < sk_SSL_CIPHER_num(offered); i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(offered, i);
        const char *name = tc_registry_name(TC_REGISTRY_CIPHER, SSL_CIPHER_get_protocol_id(cipher));
        assert_non_null(name);
        assert_string_equal(name, SSL_CIPHER_standard_name(cipher));
    }
    assert_true(checked >= sk_SSL_CIPHER_num(offered));
    SSL_CTX_free(ctx);
}

/* The same for signature schemes, which the library names alike. */
static void library_schemes_have_their_names(void **state)
{
    (void)state;
    for (uint32_t code = 1; code <= 0xffff; code++) {
        const char *theirs = SSL_get_signature_algorithm_name((uint16_t)code, 1);
        if (theirs != NULL) {
            const char *ours = tc_registry_name(TC_REGISTRY_SIGNATURE, code);
            assert_non_null(ours);
            assert_string_equal(ours, theirs);
        }
    }
}

static void library_groups_have_names(void **state)
{
    (void)state;
    size_t named = 0;
    for (uint32_t code = 1; code <= 0xffff; code++) {
        if (SSL_get_curve_name((uint16_t)code) != NULL) {
            assert_non_null(tc_registry_name(TC_REGISTRY_GROUP, code));
            named++;
        }
    }
    assert_true(named >= 4);
}

static void library_alerts_have_names(void **state)
{
    (void)state;
    for (int code = 0; code <= 255; code++) {
        /* "unknown" is the library's word for a code that it does not know */
        if (strcmp(SSL_alert_desc_string_long(code), "unknown") != 0) {
            assert_non_null(tc_registry_name(TC_REGISTRY_ALERT, (uint32_t)code));
        }
    }
}

static void kinds_have_words(void **state)
{
    (void)state;
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_VERSION), "version");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_CIPHER), "cipher");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_GROUP), "group");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_SIGNATURE), "signature");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_ALERT), "alert");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_MESSAGE), "message");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_EXTENSION), "extension");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_ALPN), "alpn");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_TRAIT), "trait");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_DH), "dh");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_FINGERPRINT), "fingerprint");
    assert_string_equal(tc_registry_kind_str(TC_REGISTRY_KIND_COUNT), "");
}

static void source_names_registry_and_date(void **state)
{
    (void)state;
    assert_non_null(strstr(tc_registry_source(), "IANA TLS Parameters"));
    assert_non_null(strstr(tc_registry_source(), "2026-11"));
    assert_true(tc_registry_source()[0] != '#');
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(table_is_sorted_without_duplicates),
        cmocka_unit_test(names_are_unique_within_a_kind),
        cmocka_unit_test(library_ciphers_have_their_names),
        cmocka_unit_test(library_schemes_have_their_names),
        cmocka_unit_test(library_groups_have_names),
        cmocka_unit_test(library_alerts_have_names),
        cmocka_unit_test(kinds_have_words),
        cmocka_unit_test(source_names_registry_and_date),
    };
    struct CMUnitTest
        tests[TC_ARRAY_LEN(name_cases) + TC_ARRAY_LEN(secrecy_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++, num++) {
        tests[num].name = name_cases[i].name;
        tests[num].test_func = check_name;
        tests[num].initial_state = &name_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(secrecy_cases); i++, num++) {
        tests[num].name = secrecy_cases[i].name;
        tests[num].test_func = check_secrecy;
        tests[num].initial_state = &secrecy_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
