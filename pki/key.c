/* Public keys and signature algorithms: their names and sizes, with or without the library. */
#include <string.h>

#include "reader.h"

struct oid_name {
    uint8_t oid_len;
    uint8_t oid[10];
    uint16_t bits; /* where the algorithm fixes them */
    const char *name;
};

static const struct oid_name *find_oid(const struct oid_name *table, size_t num, const CBS *oid)
{
    for (size_t i = 0; i < num; i++) {
        if (CBS_mem_equal(oid, table[i].oid, table[i].oid_len)) {
            return &table[i];
        }
    }
    return NULL;
}

#define OID_RSA_PREFIX 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01
#define OID_NIST_SIG(n)                                                                            \
    9,                                                                                             \
    {                                                                                              \
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, n                                          \
    }
#define OID_NIST_HASH(n)                                                                           \
    9,                                                                                             \
    {                                                                                              \
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n                                          \
    }

/* namedCurve, RFC 5480 section 2.1.1.1, RFC 5639 and SEC 2 */
static const struct oid_name k_curves[] = {
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 256, "P-256"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x22}, 384, "P-384"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x23}, 521, "P-521"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x21}, 224, "P-224"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01}, 192, "P-192"},
    {5, {0x2b, 0x81, 0x04, 0x00, 0x0a}, 256, "secp256k1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07}, 256, "brainpoolP256r1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b}, 384, "brainpoolP384r1"},
    {9, {0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d}, 512, "brainpoolP512r1"},
    {8, {0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d}, 256, "SM2"},
};

static const struct oid_name k_keys[] = {
    {9, {OID_RSA_PREFIX, 0x01}, 0, "RSA"},
    {9, {OID_RSA_PREFIX, 0x0a}, 0, "RSA-PSS"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}, 0, "ECDSA"},
    {3, {0x2b, 0x65, 0x70}, 256, "Ed25519"},
    {3, {0x2b, 0x65, 0x71}, 456, "Ed448"},
    {3, {0x2b, 0x65, 0x6e}, 256, "X25519"},
    {3, {0x2b, 0x65, 0x6f}, 448, "X448"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01}, 0, "DSA"},
    {OID_NIST_SIG(0x11), 0, "ML-DSA-44"},
    {OID_NIST_SIG(0x12), 0, "ML-DSA-65"},
    {OID_NIST_SIG(0x13), 0, "ML-DSA-87"},
    {OID_NIST_SIG(0x14), 0, "SLH-DSA-SHA2-128s"},
    {OID_NIST_SIG(0x15), 0, "SLH-DSA-SHA2-128f"},
    {OID_NIST_SIG(0x16), 0, "SLH-DSA-SHA2-192s"},
    {OID_NIST_SIG(0x17), 0, "SLH-DSA-SHA2-192f"},
    {OID_NIST_SIG(0x18), 0, "SLH-DSA-SHA2-256s"},
    {OID_NIST_SIG(0x19), 0, "SLH-DSA-SHA2-256f"},
    {8, {0x2a, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01}, 256, "GOST R 34.10-2012-256"},
    {8, {0x2a, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x02}, 512, "GOST R 34.10-2012-512"},
};

/* RFC 3279, 4055, 5758, 8410, 8692, 9881, 9909 */
static const struct oid_name k_signatures[] = {
    {9, {OID_RSA_PREFIX, 0x0b}, 0, "sha256WithRSAEncryption"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}, 0, "ecdsa-with-SHA256"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03}, 0, "ecdsa-with-SHA384"},
    {9, {OID_RSA_PREFIX, 0x0c}, 0, "sha384WithRSAEncryption"},
    {9, {OID_RSA_PREFIX, 0x0d}, 0, "sha512WithRSAEncryption"},
    {9, {OID_RSA_PREFIX, 0x05}, 0, "sha1WithRSAEncryption"},
    {5, {0x2b, 0x0e, 0x03, 0x02, 0x1d}, 0, "sha1WithRSAEncryption"}, /* OIW's older OID */
    {9, {OID_RSA_PREFIX, 0x04}, 0, "md5WithRSAEncryption"},
    {9, {OID_RSA_PREFIX, 0x02}, 0, "md2WithRSAEncryption"},
    {9, {OID_RSA_PREFIX, 0x0e}, 0, "sha224WithRSAEncryption"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04}, 0, "ecdsa-with-SHA512"},
    {8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01}, 0, "ecdsa-with-SHA224"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}, 0, "ecdsa-with-SHA1"},
    {3, {0x2b, 0x65, 0x70}, 0, "Ed25519"},
    {3, {0x2b, 0x65, 0x71}, 0, "Ed448"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03}, 0, "dsa-with-sha1"},
    {OID_NIST_SIG(0x01), 0, "dsa-with-sha224"},
    {OID_NIST_SIG(0x02), 0, "dsa-with-sha256"},
    {OID_NIST_SIG(0x11), 0, "ML-DSA-44"},
    {OID_NIST_SIG(0x12), 0, "ML-DSA-65"},
    {OID_NIST_SIG(0x13), 0, "ML-DSA-87"},
    {8, {0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75}, 0, "sm2-with-SM3"},
};

static const struct oid_name k_pss_hashes[] = {
    {OID_NIST_HASH(0x01), 0, "rsassaPss-with-SHA256"},
    {OID_NIST_HASH(0x02), 0, "rsassaPss-with-SHA384"},
    {OID_NIST_HASH(0x03), 0, "rsassaPss-with-SHA512"},
    {5, {0x2b, 0x0e, 0x03, 0x02, 0x1a}, 0, "rsassaPss-with-SHA1"},
};

static const uint8_t k_oid_pss[] = {OID_RSA_PREFIX, 0x0a};

/* Bits of a non-negative INTEGER, 0 where it is none. */
static uint32_t integer_bits(CBS *sequence)
{
    CBS integer;
    uint8_t first = 0;
    if (!CBS_get_asn1(sequence, &integer, CBS_ASN1_INTEGER)) {
        return 0;
    }
    while (CBS_get_u8(&integer, &first) && first == 0) {
    }
    uint32_t bits = first == 0 ? 0 : (uint32_t)CBS_len(&integer) * 8;
    for (; first != 0; first >>= 1) {
        bits++;
    }
    return bits;
}

/* RSAPublicKey, RFC 8017 appendix A.1.1, in the BIT STRING. */
static uint32_t rsa_bits(CBS key)
{
    CBS sequence;
    uint8_t unused_bits = 0;
    if (!CBS_get_u8(&key, &unused_bits) || !CBS_get_asn1(&key, &sequence, CBS_ASN1_SEQUENCE)) {
        return 0;
    }
    return integer_bits(&sequence);
}

/* Dss-Parms, RFC 3279 section 2.3.2: the bits of p. */
static uint32_t dsa_bits(CBS parameters)
{
    CBS sequence;
    return CBS_get_asn1(&parameters, &sequence, CBS_ASN1_SEQUENCE) ? integer_bits(&sequence) : 0;
}

/* "ECDSA P-256"; a curve without a name here keeps its OID. */
static void read_ec_key(struct reader *reader, CBS parameters)
{
    CBS oid;
    tc_buf_clear(&reader->text);
    if (!CBS_get_asn1(&parameters, &oid, CBS_ASN1_OBJECT)) {
        reader->cert->key_type = reader_keep_str(reader, "ECDSA with explicit parameters");
        return;
    }
    const struct oid_name *curve = find_oid(k_curves, TC_ARRAY_LEN(k_curves), &oid);
    char *dotted = curve == NULL ? reader_keep_oid(reader, &oid) : NULL;
    tc_buf_addf(&reader->text, "ECDSA %s",
                curve != NULL    ? curve->name
                : dotted != NULL ? dotted
                                 : "on an unknown curve");
    struct tc_text text = {0};
    reader_keep(reader, &text, &reader->text);
    reader->cert->key_type = text.data;
    reader->cert->key_bits = curve != NULL ? curve->bits : 0;
}

bool read_key(struct reader *reader, CBS spki)
{
    CBS algorithm;
    CBS oid;
    CBS key;
    struct tc_cert *cert = reader->cert;
    if (!CBS_get_asn1(&spki, &algorithm, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&spki, &key, CBS_ASN1_BITSTRING) || CBS_len(&spki) != 0) {
        return false;
    }
    const struct oid_name *known = find_oid(k_keys, TC_ARRAY_LEN(k_keys), &oid);
    if (known == NULL) {
        cert->key_type = reader_keep_oid(reader, &oid);
        return true;
    }
    if (strcmp(known->name, "ECDSA") == 0) {
        read_ec_key(reader, algorithm);
        return true;
    }
    cert->key_type = reader_keep_str(reader, known->name);
    cert->key_bits = known->bits;
    if (strncmp(known->name, "RSA", 3) == 0) {
        cert->key_bits = rsa_bits(key);
    } else if (strcmp(known->name, "DSA") == 0) {
        cert->key_bits = dsa_bits(algorithm);
    }
    return true;
}

/* RSASSA-PSS-params, RFC 4055 section 3.1: the hash is SHA-1 where it is not said. */
static const char *pss_name(CBS parameters)
{
    CBS sequence;
    CBS tagged;
    CBS algorithm;
    CBS oid;
    const unsigned tag0 = CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
    int has_hash = 0;
    if (!CBS_get_asn1(&parameters, &sequence, CBS_ASN1_SEQUENCE) ||
        !CBS_get_optional_asn1(&sequence, &tagged, &has_hash, tag0)) {
        return "rsassaPss";
    }
    if (!has_hash) {
        return "rsassaPss-with-SHA1";
    }
    if (!CBS_get_asn1(&tagged, &algorithm, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT)) {
        return "rsassaPss";
    }
    const struct oid_name *hash = find_oid(k_pss_hashes, TC_ARRAY_LEN(k_pss_hashes), &oid);
    return hash != NULL ? hash->name : "rsassaPss";
}

bool read_signature_algorithm(struct reader *reader, CBS algorithm)
{
    CBS oid;
    if (!CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT)) {
        return false;
    }
    const struct oid_name *known = find_oid(k_signatures, TC_ARRAY_LEN(k_signatures), &oid);
    if (known != NULL) {
        reader->cert->signature = reader_keep_str(reader, known->name);
    } else if (CBS_mem_equal(&oid, k_oid_pss, sizeof k_oid_pss)) {
        reader->cert->signature = reader_keep_str(reader, pss_name(algorithm));
    } else {
        reader->cert->signature = reader_keep_oid(reader, &oid);
    }
    return true;
}
