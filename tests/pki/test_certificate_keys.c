/* Keys and signatures of certificates: known ones, unnamed ones, broken ones. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/mem.h>

#include "cert_fixture.h"

static struct key_case {
    const char *name;
    struct made_bytes spki;
    const char *type;
    uint32_t bits;
} k_keys[] = {
    {"key: Ed448",
     {(const uint8_t *)"\x30\x0a\x30\x05\x06\x03\x2b\x65\x71\x03\x01\x00", 12},
     "Ed448",
     456},
    {"key: ML-DSA-65",
     {(const uint8_t *)"\x30\x10\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12\x03\x01\x00",
      18},
     "ML-DSA-65",
     0},
    {"key: DSA of 16 bits",
     {(const uint8_t *)"\x30\x1a\x30\x15\x06\x07\x2a\x86\x48\xce\x38\x04\x01\x30\x0a\x02\x03\x00"
                       "\xff\xff\x02\x01\x03\x02\x00\x03\x01\x00",
      28},
     "DSA",
     16},
    {"key: brainpool",
     {(const uint8_t *)"\x30\x19\x30\x14\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x09\x2b\x24\x03"
                       "\x03\x02\x08\x01\x01\x07\x03\x01\x00",
      27},
     "ECDSA brainpoolP256r1",
     256},
    {"key: a curve nobody named",
     {(const uint8_t *)"\x30\x12\x30\x0d\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x02\x2a\x03\x03"
                       "\x01\x00",
      20},
     "ECDSA 1.2.3",
     0},
    {"key: explicit curve",
     {(const uint8_t *)"\x30\x10\x30\x0b\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x00\x03\x01\x00",
      18},
     "ECDSA with explicit parameters",
     0},
    {"key: an algorithm nobody named",
     {(const uint8_t *)"\x30\x09\x30\x04\x06\x02\x2a\x03\x03\x01\x00", 11},
     "1.2.3",
     0},
    {"key: RSA whose numbers cannot be read",
     {(const uint8_t *)"\x30\x14\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03"
                       "\x03\x00\xff\xff",
      22},
     "RSA",
     0},
};

static void check_key(void **state)
{
    const struct key_case *row = *state;
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "key", .raw_spki = row->spki});
    assert_string_equal(cert->key_type, row->type);
    assert_int_equal(cert->key_bits, row->bits);
    assert_true(cert->has_spki && cert->has_validity);
    assert_string_equal(cert->subject_cn.data, "key");
    assert_false(cert->is_self_signed);
    tc_cert_release(cert);
}

static void known_keys_and_signatures(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        enum made_signature signature;
        uint32_t bits;
        const char *type;
        const char *name;
    } rows[] = {
        {"P-256", MAKE_SIGNATURE_DEFAULT, 256, "ECDSA P-256", "ecdsa-with-SHA256"},
        {"P-384", MAKE_SIGNATURE_SHA384, 384, "ECDSA P-384", "ecdsa-with-SHA384"},
        {"P-256", MAKE_SIGNATURE_SHA1, 256, "ECDSA P-256", "ecdsa-with-SHA1"},
        {"RSA-1024", MAKE_SIGNATURE_DEFAULT, 1024, "RSA", "sha256WithRSAEncryption"},
        {"RSA-1024", MAKE_SIGNATURE_SHA1, 1024, "RSA", "sha1WithRSAEncryption"},
        {"RSA-1024", MAKE_SIGNATURE_MD5, 1024, "RSA", "md5WithRSAEncryption"},
        {"RSA-1024", MAKE_SIGNATURE_PSS_SHA256, 1024, "RSA", "rsassaPss-with-SHA256"},
        {"Ed25519", MAKE_SIGNATURE_DEFAULT, 256, "Ed25519", "Ed25519"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct tc_cert *cert = read_recipe((struct cert_recipe){
            .subject = "signed", .key = made_key(rows[i].kind, 0), .signature = rows[i].signature});
        assert_string_equal(cert->key_type, rows[i].type);
        assert_int_equal(cert->key_bits, rows[i].bits);
        assert_string_equal(cert->signature, rows[i].name);
        assert_true(cert->is_self_signed);
        tc_cert_release(cert);
    }
}

/* A modulus of 65,536 bits is a fact like any other. */
static void a_huge_rsa_key_is_told(void **state)
{
    (void)state;
    CBB cbb;
    CBB spki;
    CBB algorithm;
    CBB bits;
    CBB numbers;
    CBB modulus;
    uint8_t *data = NULL;
    uint8_t *out = NULL;
    size_t len = 0;
    static const uint8_t rsa[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    assert_true(CBB_init(&cbb, 9000) && CBB_add_asn1(&cbb, &spki, CBS_ASN1_SEQUENCE) &&
                CBB_add_asn1(&spki, &algorithm, CBS_ASN1_SEQUENCE) &&
                CBB_add_bytes(&algorithm, rsa, sizeof rsa) &&
                CBB_add_asn1(&spki, &bits, CBS_ASN1_BITSTRING) && CBB_add_u8(&bits, 0) &&
                CBB_add_asn1(&bits, &numbers, CBS_ASN1_SEQUENCE) &&
                CBB_add_asn1(&numbers, &modulus, CBS_ASN1_INTEGER) && CBB_add_u8(&modulus, 0) &&
                CBB_add_space(&modulus, &data, 8192));
    if (data == NULL) {
        abort(); /* said for analyzers: CBB_add_space was content */
    }
    memset(data, 0xff, 8192);
    assert_true(CBB_add_asn1_uint64(&numbers, 65537) && CBB_finish(&cbb, &out, &len));
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "huge", .raw_spki = {out, len}});
    assert_string_equal(cert->key_type, "RSA");
    assert_int_equal(cert->key_bits, 65536);
    assert_false(cert->is_self_signed);
    tc_cert_release(cert);
    OPENSSL_free(out);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(k_keys) + 2] = {
        cmocka_unit_test(known_keys_and_signatures),
        cmocka_unit_test(a_huge_rsa_key_is_told),
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(k_keys); i++) {
        tests[i + 2] = (struct CMUnitTest){
            .name = k_keys[i].name, .test_func = check_key, .initial_state = &k_keys[i]};
    }
    return cmocka_run_group_tests_name("certificate_keys", tests, NULL, NULL);
}
