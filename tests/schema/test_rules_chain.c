#include "test_support.h"

#include "rules_fixture.h"

#define NO_PATH                                                                                    \
    "verified_depth = NULL, verified_chain_id = NULL, trusted = 0, chain_status = 'no-path'"
#define UNTRUSTED(detail) SEEN(NO_PATH ", trust_detail = '" detail "'")
/* An old intermediate (4), and a chain (12) that was sent in this order after the leaf. */
#define OLD_CA                                                                                     \
    "INSERT INTO certificate SELECT 4, unhex64(4), unhex64(1004), '04', 'Old CA', 'CN=Old CA', "   \
    "issuer_cn, issuer_organization, issuer, not_before_s, not_after_s, key_type, key_bits, "      \
    "signature, version, is_ca, is_self_issued, is_self_signed, path_len, has_name_constraints, "  \
    "key_usage, ext_key_usage, policy, sct_count, must_staple, is_precert, names_count, "          \
    "certificate_url_id, parse_error, der FROM certificate WHERE certificate_id = 2;"
#define SENT_CHAIN(rows)                                                                           \
    "INSERT INTO chain VALUES (12, unhex64(12)); INSERT INTO chain_certificate VALUES " rows ";"   \
    "UPDATE observation SET presented_chain_id = 12 WHERE observation_id = 1;"

static struct rule_case cases[] = {
    {"self-signed: the verdict says so", "cert-self-signed", UNTRUSTED("self-signed"), 3,
     "leaf CN=www.example.org, signed by itself, valid until 2027-02-18"},
    {"self-signed: a trusted one is fine", "cert-self-signed",
     LEAF("is_self_signed = 1") SEEN("verified_depth = 1, verified_chain_id = NULL"), -1, NULL},
    {"self-signed: not an unknown issuer", "cert-self-signed", UNTRUSTED("unknown-issuer"), -1,
     NULL},
    {"self-signed: a leaf without a name", "cert-self-signed",
     LEAF("subject_cn = NULL, subject = NULL") UNTRUSTED("self-signed"), 3,
     "leaf without a name, signed by itself, valid until 2027-02-18"},

    {"untrusted: a sent root that the store lacks", "cert-untrusted-root",
     SEEN("trusted = 0, trust_detail = 'untrusted-root', trust_text = 'root CN=X is not trusted'"),
     3, "leaf CN=www.example.org: root CN=X is not trusted"},
    {"untrusted: an unknown issuer", "cert-untrusted-root", UNTRUSTED("unknown-issuer"), 3,
     "leaf CN=www.example.org: issuer CN=Test CA 1 is not trusted"},
    {"untrusted: not a self-signed leaf", "cert-untrusted-root", UNTRUSTED("self-signed"), -1,
     NULL},
    {"untrusted: not an incomplete chain", "cert-untrusted-root",
     SEEN("trusted = 0, trust_detail = 'incomplete-chain', chain_status = 'incomplete'"), -1, NULL},
    {"untrusted: not an expired one", "cert-untrusted-root",
     SEEN("trusted = 0, trust_detail = 'expired'"), -1, NULL},

    {"invalid: a bad signature", "chain-invalid", UNTRUSTED("bad-signature"), 3,
     "leaf CN=www.example.org: a signature does not verify"},
    {"invalid: unreadable", "chain-invalid", UNTRUSTED("unparsable"), 3, NULL},
    {"invalid: a constraint", "chain-invalid", UNTRUSTED("constraint"), 3, NULL},
    {"invalid: not for servers", "chain-invalid", UNTRUSTED("purpose"), 3, NULL},
    {"invalid: the verdict's own words", "chain-invalid",
     UNTRUSTED("constraint") SEEN("trust_text = 'CN=Test CA 1 may not sign certificates'"), 3,
     "leaf CN=www.example.org: CN=Test CA 1 may not sign certificates"},
    {"invalid: not an unknown issuer", "chain-invalid", UNTRUSTED("unknown-issuer"), -1, NULL},
    {"invalid: not a trusted chain", "chain-invalid", "", -1, NULL},

    {"incomplete: the intermediate was not sent", "chain-incomplete",
     SEEN("chain_status = 'incomplete', trusted = 0, trust_detail = 'incomplete-chain', "
          "presented_chain_id = NULL, presented_depth = 1, presented_chain_len = 1"),
     2, "not sent: CN=Test CA 1 (certificate 2 of the path); sent: 1"},
    {"incomplete: the store held what is missing", "chain-incomplete",
     SEEN("chain_status = 'incomplete', presented_chain_id = NULL, presented_depth = 1, "
          "presented_chain_len = 1"),
     2, NULL},
    {"incomplete: a root that is not sent is not missing", "chain-incomplete", "", -1, NULL},
    {"incomplete: not without a path", "chain-incomplete", UNTRUSTED("unknown-issuer"), -1, NULL},

    {"order: wrong", "chain-order",
     OLD_CA SENT_CHAIN("(12, 1, 1), (12, 2, 2)")
         SEEN("chain_status = 'out-of-order', presented_depth = 3, presented_chain_len = 1"),
     1, "certificate 2 of 3 (CN=Test Root) does not follow what it issued"},
    {"order: right", "chain-order", "", -1, NULL},
    {"order: incomplete and in order", "chain-order",
     SEEN("chain_status = 'incomplete', presented_chain_id = NULL, presented_depth = 1, "
          "presented_chain_len = 1"),
     -1, NULL},
    {"order: incomplete and out of order", "chain-order",
     SENT_CHAIN("(12, 1, 1), (12, 2, 2)")
         SEEN("chain_status = 'incomplete', presented_depth = 3, presented_chain_len = 1"),
     1, "certificate 2 of 3 (CN=Test Root) does not follow what it issued"},
    {"order: extra certificates alone are none", "chain-order",
     OLD_CA SENT_CHAIN("(12, 1, 2), (12, 2, 4)")
         SEEN("chain_status = 'extra-certificates', presented_depth = 3, extraneous_count = 1"),
     -1, NULL},

    {"extraneous: one that leads nowhere", "chain-extraneous",
     OLD_CA SENT_CHAIN("(12, 1, 2), (12, 2, 4)")
         SEEN("chain_status = 'extra-certificates', presented_depth = 3, extraneous_count = 1"),
     0, "not needed: CN=Old CA (certificate 3); sent: 3"},
    {"extraneous: one sent twice", "chain-extraneous",
     SENT_CHAIN("(12, 1, 2), (12, 2, 2)")
         SEEN("presented_depth = 3, duplicates_count = 1, chain_status = 'complete'"),
     0, "sent more than once: 1; sent: 3"},
    {"extraneous: both", "chain-extraneous",
     OLD_CA SENT_CHAIN("(12, 1, 2), (12, 2, 4), (12, 3, 2)")
         SEEN("presented_depth = 4, extraneous_count = 1, duplicates_count = 1"),
     0, "not needed: CN=Old CA (certificate 3); sent more than once: 1; sent: 4"},
    {"extraneous: without a path the number alone", "chain-extraneous",
     OLD_CA SENT_CHAIN("(12, 1, 4), (12, 2, 2)") UNTRUSTED("unknown-issuer")
         SEEN("presented_depth = 3, extraneous_count = 2"),
     0, "not needed: 2; sent: 3"},
    {"extraneous: not a root", "chain-extraneous",
     SENT_CHAIN("(12, 1, 2), (12, 2, 1)") SEEN("presented_depth = 3, root_sent = 1"), -1, NULL},
    {"extraneous: nothing", "chain-extraneous", "", -1, NULL},

    {"root sent: the anchor", "chain-root-sent",
     SENT_CHAIN("(12, 1, 2), (12, 2, 1)") SEEN("presented_depth = 3, root_sent = 1"), 0,
     "certificate 3 of 3 (CN=Test Root)"},
    {"root sent: not a self-signed leaf", "chain-root-sent",
     LEAF("is_self_signed = 1")
         SEEN(NO_PATH ", trust_detail = 'self-signed', root_sent = 1, presented_chain_id = NULL"),
     -1, NULL},
    {"root sent: not when it is not", "chain-root-sent", "", -1, NULL},

    {"RSA: 2048 bits are enough", "key-rsa-small", LEAF("key_type = 'RSA', key_bits = 2048"), -1,
     NULL},
    {"RSA: 2047 bits are not", "key-rsa-small", LEAF("key_type = 'RSA', key_bits = 2047"), 3,
     "leaf CN=www.example.org: RSA 2047 bits"},
    {"RSA: 1024 bits are still high", "key-rsa-small", LEAF("key_type = 'RSA', key_bits = 1024"), 3,
     NULL},
    {"RSA: 1023 bits are critical", "key-rsa-small", LEAF("key_type = 'RSA', key_bits = 1023"), 4,
     NULL},
    {"RSA: a PSS key is one", "key-rsa-small", LEAF("key_type = 'RSA-PSS', key_bits = 1024"), 3,
     NULL},
    {"RSA: an unknown length is not short", "key-rsa-small", LEAF("key_type = 'RSA', key_bits = 0"),
     -1, NULL},
    {"RSA: 256 bits of a curve are not RSA", "key-rsa-small", "", -1, NULL},
    {"RSA: an intermediate counts", "key-rsa-small", CA("key_bits = 1024"), 3,
     "CA CN=Test CA 1: RSA 1024 bits"},
    {"RSA: the worst of several", "key-rsa-small",
     LEAF("key_type = 'RSA', key_bits = 1024") CA("key_bits = 512"), 4,
     "leaf CN=www.example.org: RSA 1024 bits; CA CN=Test CA 1: RSA 512 bits"},
    {"RSA: the anchor does not", "key-rsa-small", ROOT("key_bits = 1024"), -1, NULL},
    {"RSA: what was sent counts without a path", "key-rsa-small",
     CA("key_bits = 1024") UNTRUSTED("unknown-issuer"), 3, NULL},
    {"RSA: what was sent for nothing does not", "key-rsa-small",
     OLD_CA "UPDATE certificate SET key_bits = 1024 WHERE certificate_id = 4;" SENT_CHAIN(
         "(12, 1, 2), (12, 2, 4)") SEEN("presented_depth = 3, extraneous_count = 1"),
     -1, NULL},

    {"SHA-1: the leaf", "sig-sha1-md5", LEAF("signature = 'sha1WithRSAEncryption'"), 4,
     "leaf CN=www.example.org: sha1WithRSAEncryption"},
    {"SHA-1: by ECDSA", "sig-sha1-md5", LEAF("signature = 'ecdsa-with-SHA1'"), 4, NULL},
    {"SHA-1: by PSS", "sig-sha1-md5", LEAF("signature = 'rsassaPss-with-SHA1'"), 4, NULL},
    {"MD5: the leaf", "sig-sha1-md5", LEAF("signature = 'md5WithRSAEncryption'"), 4, NULL},
    {"SHA-1: an intermediate", "sig-sha1-md5", CA("signature = 'sha1WithRSAEncryption'"), 4,
     "CA CN=Test CA 1: sha1WithRSAEncryption"},
    {"SHA-1: never the anchor's own", "sig-sha1-md5", ROOT("signature = 'sha1WithRSAEncryption'"),
     -1, NULL},
    {"SHA-1: never a sent root's", "sig-sha1-md5",
     ROOT("signature = 'sha1WithRSAEncryption'") SENT_CHAIN("(12, 1, 2), (12, 2, 1)")
         SEEN(NO_PATH ", trust_detail = 'untrusted-root', root_sent = 1"),
     -1, NULL},
    {"SHA-1: never a self-signed leaf's", "sig-sha1-md5",
     LEAF("signature = 'sha1WithRSAEncryption', is_self_signed = 1") UNTRUSTED("self-signed"), -1,
     NULL},
    {"SHA-1: not what was sent for nothing", "sig-sha1-md5",
     OLD_CA "UPDATE certificate SET signature = 'sha1WithRSAEncryption' WHERE certificate_id = "
            "4;" SENT_CHAIN("(12, 1, 2), (12, 2, 4)")
                SEEN("presented_depth = 3, extraneous_count = 1"),
     -1, NULL},
    {"SHA-1: what was sent counts without a path", "sig-sha1-md5",
     CA("signature = 'sha1WithRSAEncryption'") UNTRUSTED("unknown-issuer"), 4, NULL},
    {"SHA-256 is fine", "sig-sha1-md5", LEAF("signature = 'ecdsa-with-SHA256'"), -1, NULL},
    {"an unknown signature is not weak", "sig-sha1-md5", LEAF("signature = NULL"), -1, NULL},

    {"must-staple: nothing stapled", "must-staple-unmet", LEAF("must_staple = 1"), 3,
     "leaf CN=www.example.org has the flag, no OCSP answer was stapled"},
    {"must-staple: stapled", "must-staple-unmet", LEAF("must_staple = 1") SEEN("ocsp_stapled = 1"),
     -1, NULL},
    {"must-staple: not known", "must-staple-unmet",
     LEAF("must_staple = 1") SEEN("ocsp_stapled = NULL"), -1, NULL},
    {"must-staple: no flag", "must-staple-unmet", "", -1, NULL},

    {"TLS 1.3 is there", "tls13-missing", "", -1, NULL},
    {"TLS 1.2 is the best", "tls13-missing", SEEN("tls_version = 0x0303"), 1,
     "best version: TLSv1.2"},
    {"TLS 1.1 is another rule's", "tls13-missing", SEEN("tls_version = 0x0302"), -1, NULL},
    {"no version was agreed on", "tls13-missing", SEEN("tls_version = NULL"), -1, NULL},
    {"TLS 1.2 is enough", "tls12-missing-no-tls13", SEEN("tls_version = 0x0303"), -1, NULL},
    {"TLS 1.1 is the best", "tls12-missing-no-tls13", SEEN("tls_version = 0x0302"), 3,
     "best version: TLSv1.1"},
    {"TLS 1.0 is the best", "tls12-missing-no-tls13", SEEN("tls_version = 0x0301"), 3,
     "best version: TLSv1.0"},
    {"no version, no finding", "tls12-missing-no-tls13", SEEN("tls_version = NULL"), -1, NULL},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_chain", tests, NULL, NULL);
}
