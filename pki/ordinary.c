#include "ordinary.h"

#include <string.h>

#include <openssl/err.h>

#include "text.h"

#define CONTEXT(n)             (CBS_ASN1_CONTEXT_SPECIFIC | (n))
#define CONTEXT_CONSTRUCTED(n) (CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | (n))

/* ---- algorithms: whole AlgorithmIdentifiers, with the parameters that they must have ---- */

struct ordinary_algorithm {
    uint8_t len;
    uint8_t der[13]; /* content of the SEQUENCE */
    int key_type;
    const EVP_MD *(*digest)(void);
};

#define RSA_WITH(n)                                                                                \
    13,                                                                                            \
    {                                                                                              \
        0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, n, 0x05, 0x00                  \
    }
#define ECDSA_WITH(n)                                                                              \
    10,                                                                                            \
    {                                                                                              \
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, n                                    \
    }

static const struct ordinary_algorithm k_algorithms[] = {
    {RSA_WITH(0x0b), EVP_PKEY_RSA, EVP_sha256},
    {RSA_WITH(0x0c), EVP_PKEY_RSA, EVP_sha384},
    {RSA_WITH(0x0d), EVP_PKEY_RSA, EVP_sha512},
    {ECDSA_WITH(0x02), EVP_PKEY_EC, EVP_sha256},
    {ECDSA_WITH(0x03), EVP_PKEY_EC, EVP_sha384}};

static const struct ordinary_algorithm *find_algorithm(const CBS *algorithm)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_algorithms); i++) {
        if (CBS_mem_equal(algorithm, k_algorithms[i].der, k_algorithms[i].len)) {
            return &k_algorithms[i];
        }
    }
    return NULL;
}

/* A key that the library reads: RSA, or on one of the curves that it has. Its bits are free. */
static bool key_is_ordinary(CBS spki)
{
    static const uint8_t rsa[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    static const uint8_t p256[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                   0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t p384[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                   0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    CBS algorithm;
    CBS bits;
    uint8_t unused_bits = 0;
    return CBS_get_asn1(&spki, &algorithm, CBS_ASN1_SEQUENCE) &&
           CBS_get_asn1(&spki, &bits, CBS_ASN1_BITSTRING) && CBS_len(&spki) == 0 &&
           CBS_get_u8(&bits, &unused_bits) && unused_bits == 0 && CBS_len(&bits) > 0 &&
           (CBS_mem_equal(&algorithm, rsa, sizeof rsa) ||
            CBS_mem_equal(&algorithm, p256, sizeof p256) ||
            CBS_mem_equal(&algorithm, p384, sizeof p384));
}

/* ---- names ---- */

static bool is_ascii(CBS text)
{
    uint8_t byte = 0;
    while (CBS_get_u8(&text, &byte)) {
        if (byte == 0 || byte >= 0x80) {
            return false;
        }
    }
    return true;
}

/*
 * UTF-8 below U+F000: every letter of living languages, and none of the code points that the
 * library refuses.
 */
static bool is_plain_text(CBS text)
{
    size_t len = 0;
    while (CBS_len(&text) > 0) {
        uint8_t first = CBS_data(&text)[0];
        len = text_utf8_len(&text);
        if (len == 0 || first == 0 || first >= 0xef) {
            return false;
        }
        (void)CBS_skip(&text, len);
    }
    return true;
}

/* Attribute types of X.520, domain components, email addresses and jurisdictions. */
static bool attribute_type_is_ordinary(const CBS *oid)
{
    static const uint8_t x520[] = {0x55, 0x04};
    static const uint8_t component[] = {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19};
    static const uint8_t email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01};
    static const uint8_t jurisdiction[] = {0x2b, 0x06, 0x01, 0x04, 0x01,
                                           0x82, 0x37, 0x3c, 0x02, 0x01};
    size_t len = CBS_len(oid);
    const uint8_t *bytes = CBS_data(oid);
    return len >= 3 && bytes[len - 1] < 0x80 &&
           ((len == 3 && memcmp(bytes, x520, sizeof x520) == 0) ||
            CBS_mem_equal(oid, component, sizeof component) ||
            CBS_mem_equal(oid, email, sizeof email) ||
            (len == 11 && memcmp(bytes, jurisdiction, sizeof jurisdiction) == 0));
}

/* One attribute in each RDN, in plain text: then its canonical form can always be made. */
static bool name_is_ordinary(CBS name)
{
    CBS rdns;
    if (!CBS_get_asn1(&name, &rdns, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_len(&rdns) > 0) {
        CBS rdn;
        CBS attribute;
        CBS oid;
        CBS value;
        unsigned tag = 0;
        if (!CBS_get_asn1(&rdns, &rdn, CBS_ASN1_SET) ||
            !CBS_get_asn1(&rdn, &attribute, CBS_ASN1_SEQUENCE) || CBS_len(&rdn) != 0 ||
            !CBS_get_asn1(&attribute, &oid, CBS_ASN1_OBJECT) || !attribute_type_is_ordinary(&oid) ||
            !CBS_get_any_asn1(&attribute, &value, &tag) || CBS_len(&attribute) != 0 ||
            !(tag == CBS_ASN1_UTF8STRING
                  ? is_plain_text(value)
                  : (tag == CBS_ASN1_PRINTABLESTRING || tag == CBS_ASN1_IA5STRING) &&
                        is_ascii(value))) {
            return false;
        }
    }
    return true;
}

/* The next character of a name as its canonical form has it: lower case, white space left out. */
static int next_canonical(const struct tc_text *text, size_t *at)
{
    while (*at < text->len && strchr(" \t\n\v\f\r\\", text->data[*at]) != NULL) {
        (*at)++;
    }
    if (*at >= text->len) {
        return -1;
    }
    int c = (unsigned char)text->data[(*at)++];
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Whether subject and issuer might be one name to the library: more than it would say. */
static bool may_be_self_issued(const struct tc_cert *cert)
{
    size_t subject_at = 0;
    size_t issuer_at = 0;
    int subject = 0;
    int issuer = 0;
    do {
        subject = next_canonical(&cert->subject, &subject_at);
        issuer = next_canonical(&cert->issuer, &issuer_at);
    } while (subject == issuer && subject >= 0);
    return subject == issuer;
}

/* ---- extensions ---- */

static bool basic_constraints(struct ordinary *out, CBS value)
{
    CBS sequence;
    (void)out; /* no CA */
    return CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) && CBS_len(&sequence) == 0 &&
           CBS_len(&value) == 0;
}

static bool key_usage(struct ordinary *out, CBS value)
{
    CBS bits;
    (void)out;
    return CBS_get_asn1(&value, &bits, CBS_ASN1_BITSTRING) && CBS_len(&value) == 0 &&
           CBS_is_valid_asn1_bitstring(&bits) && CBS_len(&bits) >= 2 &&
           (CBS_asn1_bitstring_has_bit(&bits, 0) || CBS_asn1_bitstring_has_bit(&bits, 2));
}

/* Only purposes of RFC 5280, and servers among them. */
static bool ext_key_usage(struct ordinary *out, CBS value)
{
    static const uint8_t purpose[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03};
    CBS sequence;
    bool is_for_servers = false;
    (void)out;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0) {
        return false;
    }
    while (CBS_len(&sequence) > 0) {
        CBS oid;
        if (!CBS_get_asn1(&sequence, &oid, CBS_ASN1_OBJECT) || CBS_len(&oid) != 8 ||
            memcmp(CBS_data(&oid), purpose, sizeof purpose) != 0 || CBS_data(&oid)[7] >= 0x80) {
            return false;
        }
        is_for_servers = is_for_servers || CBS_data(&oid)[7] == 1;
    }
    return is_for_servers;
}

static bool subject_key(struct ordinary *out, CBS value)
{
    CBS octets;
    (void)out;
    return CBS_get_asn1(&value, &octets, CBS_ASN1_OCTETSTRING) && CBS_len(&value) == 0;
}

static bool authority_key(struct ordinary *out, CBS value)
{
    CBS sequence;
    CBS key;
    out->authority_key = value;
    return CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) && CBS_len(&value) == 0 &&
           CBS_get_asn1(&sequence, &key, CONTEXT(0U)) && CBS_len(&sequence) == 0;
}

static bool alt_names(struct ordinary *out, CBS value)
{
    CBS sequence;
    (void)out;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0 ||
        CBS_len(&sequence) == 0) {
        return false;
    }
    while (CBS_len(&sequence) > 0) {
        CBS name;
        unsigned tag = 0;
        if (!CBS_get_any_asn1(&sequence, &name, &tag) ||
            !(tag == CONTEXT(2U)
                  ? is_ascii(name)
                  : tag == CONTEXT(7U) && (CBS_len(&name) == 4 || CBS_len(&name) == 16))) {
            return false;
        }
    }
    return true;
}

/* DistributionPoints that hold an address in the plainest form. */
static bool crl_points(struct ordinary *out, CBS value)
{
    CBS sequence;
    (void)out;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0 ||
        CBS_len(&sequence) == 0) {
        return false;
    }
    while (CBS_len(&sequence) > 0) {
        CBS point;
        CBS name;
        CBS full_name;
        CBS uri;
        if (!CBS_get_asn1(&sequence, &point, CBS_ASN1_SEQUENCE) ||
            !CBS_get_asn1(&point, &name, CONTEXT_CONSTRUCTED(0U)) || CBS_len(&point) != 0 ||
            !CBS_get_asn1(&name, &full_name, CONTEXT_CONSTRUCTED(0U)) || CBS_len(&name) != 0 ||
            !CBS_get_asn1(&full_name, &uri, CONTEXT(6U)) || CBS_len(&full_name) != 0 ||
            !is_ascii(uri)) {
            return false;
        }
    }
    return true;
}

/* PolicyQualifiers: addresses of statements only. */
static bool qualifiers_are_ordinary(CBS qualifiers)
{
    static const uint8_t cps[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, 0x01};
    while (CBS_len(&qualifiers) > 0) {
        CBS qualifier;
        CBS oid;
        CBS uri;
        if (!CBS_get_asn1(&qualifiers, &qualifier, CBS_ASN1_SEQUENCE) ||
            !CBS_get_asn1(&qualifier, &oid, CBS_ASN1_OBJECT) ||
            !CBS_mem_equal(&oid, cps, sizeof cps) ||
            !CBS_get_asn1(&qualifier, &uri, CBS_ASN1_IA5STRING) || CBS_len(&qualifier) != 0 ||
            !is_ascii(uri)) {
            return false;
        }
    }
    return true;
}

/* At most one policy of each kind, and no more than eight: the library wants them distinct. */
bool ordinary_policies(CBS value)
{
    CBS sequence;
    CBS seen[8];
    size_t num_seen = 0;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0 ||
        CBS_len(&sequence) == 0) {
        return false;
    }
    while (CBS_len(&sequence) > 0) {
        CBS policy;
        CBS oid;
        CBS qualifiers;
        if (num_seen == TC_ARRAY_LEN(seen) ||
            !CBS_get_asn1(&sequence, &policy, CBS_ASN1_SEQUENCE) ||
            !CBS_get_asn1(&policy, &oid, CBS_ASN1_OBJECT) || CBS_len(&oid) < 3 ||
            CBS_data(&oid)[CBS_len(&oid) - 1] >= 0x80 || CBS_contains_zero_byte(&oid) ||
            memchr(CBS_data(&oid), 0x80, CBS_len(&oid)) != NULL) {
            return false;
        }
        if (CBS_len(&policy) > 0 &&
            (!CBS_get_asn1(&policy, &qualifiers, CBS_ASN1_SEQUENCE) || CBS_len(&policy) != 0 ||
             CBS_len(&qualifiers) == 0 || !qualifiers_are_ordinary(qualifiers))) {
            return false;
        }
        for (size_t i = 0; i < num_seen; i++) {
            if (CBS_mem_equal(&oid, CBS_data(&seen[i]), CBS_len(&seen[i]))) {
                return false;
            }
        }
        seen[num_seen++] = oid;
    }
    return true;
}

static bool policies(struct ordinary *out, CBS value)
{
    (void)out;
    return ordinary_policies(value);
}

/* What no verifier looks into, as long as it is not critical. */
static bool anything(struct ordinary *out, CBS value)
{
    (void)out;
    (void)value;
    return true;
}

#define OID_CE(n)                                                                                  \
    3,                                                                                             \
    {                                                                                              \
        0x55, 0x1d, n                                                                              \
    }

static const struct ordinary_extension {
    uint8_t oid_len;
    uint8_t oid[10];
    bool may_be_critical;
    bool (*read)(struct ordinary *out, CBS value);
} k_extensions[] = {
    {OID_CE(0x13), true, basic_constraints},
    {OID_CE(0x0f), true, key_usage},
    {OID_CE(0x25), true, ext_key_usage},
    {OID_CE(0x0e), false, subject_key},
    {OID_CE(0x23), false, authority_key},
    {OID_CE(0x11), true, alt_names},
    {OID_CE(0x1f), false, crl_points},
    {OID_CE(0x20), false, policies},
    {8, {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01}, false, anything}, /* AIA */
    {8, {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18}, false, anything}, /* TLS feature */
};

/* One Extension; `*seen` has a bit for each that was there already. */
static bool extension_is_ordinary(struct ordinary *out, CBS extension, uint32_t *seen)
{
    CBS oid;
    CBS value;
    CBS critical;
    int is_critical = 0;
    /* 1.3.6.1.4.1: SCT lists, certificate templates and other companies' own */
    static const uint8_t private_arc[] = {0x2b, 0x06, 0x01, 0x04, 0x01};
    if (!CBS_get_asn1(&extension, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_optional_asn1(&extension, &critical, &is_critical, CBS_ASN1_BOOLEAN) ||
        (is_critical && !CBS_mem_equal(&critical, (const uint8_t *)"\xff", 1)) ||
        !CBS_get_asn1(&extension, &value, CBS_ASN1_OCTETSTRING) || CBS_len(&extension) != 0) {
        return false;
    }
    if (CBS_len(&oid) > sizeof private_arc &&
        memcmp(CBS_data(&oid), private_arc, sizeof private_arc) == 0) {
        return !is_critical && CBS_data(&oid)[CBS_len(&oid) - 1] < 0x80 &&
               memchr(CBS_data(&oid), 0x80, CBS_len(&oid)) == NULL;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_extensions); i++) {
        if (CBS_mem_equal(&oid, k_extensions[i].oid, k_extensions[i].oid_len)) {
            bool is_new = (*seen & (1U << i)) == 0;
            *seen |= 1U << i;
            return is_new && (!is_critical || k_extensions[i].may_be_critical) &&
                   k_extensions[i].read(out, value);
        }
    }
    return false;
}

static bool extensions_are_ordinary(struct ordinary *out, CBS *tbs)
{
    CBS tagged;
    CBS extensions;
    CBS extension;
    uint32_t seen = 0;
    if (!CBS_get_asn1(tbs, &tagged, CONTEXT_CONSTRUCTED(3U)) || CBS_len(tbs) != 0 ||
        !CBS_get_asn1(&tagged, &extensions, CBS_ASN1_SEQUENCE) || CBS_len(&tagged) != 0 ||
        CBS_len(&extensions) == 0) {
        return false;
    }
    while (CBS_len(&extensions) > 0) {
        if (!CBS_get_asn1(&extensions, &extension, CBS_ASN1_SEQUENCE) ||
            !extension_is_ordinary(out, extension, &seen)) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ---- */

/* Version 3, a serial number, the algorithm once more, names, dates (read before), key. */
static bool tbs_is_ordinary(struct ordinary *out, CBS tbs, const CBS *algorithm)
{
    static const uint8_t version3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
    CBS version;
    CBS serial;
    CBS inner;
    CBS subject;
    CBS spki;
    return CBS_get_bytes(&tbs, &version, sizeof version3) &&
           CBS_mem_equal(&version, version3, sizeof version3) &&
           CBS_get_asn1(&tbs, &serial, CBS_ASN1_INTEGER) && CBS_is_unsigned_asn1_integer(&serial) &&
           CBS_get_asn1(&tbs, &inner, CBS_ASN1_SEQUENCE) &&
           CBS_mem_equal(&inner, CBS_data(algorithm), CBS_len(algorithm)) &&
           CBS_get_asn1_element(&tbs, &out->issuer, CBS_ASN1_SEQUENCE) &&
           name_is_ordinary(out->issuer) && CBS_get_asn1(&tbs, NULL, CBS_ASN1_SEQUENCE) &&
           CBS_get_asn1_element(&tbs, &subject, CBS_ASN1_SEQUENCE) && name_is_ordinary(subject) &&
           CBS_get_asn1(&tbs, &spki, CBS_ASN1_SEQUENCE) && key_is_ordinary(spki) &&
           extensions_are_ordinary(out, &tbs);
}

bool ordinary_read(struct ordinary *out, const struct tc_cert *cert)
{
    CBS der;
    CBS certificate;
    CBS rest;
    CBS tbs;
    CBS algorithm;
    uint8_t unused_bits = 0;
    *out = (struct ordinary){0};
    CBS_init(&der, cert->der, cert->der_len);
    if (!CBS_get_asn1(&der, &certificate, CBS_ASN1_SEQUENCE) || CBS_len(&der) != 0) {
        return false;
    }
    rest = certificate;
    if (!CBS_get_asn1_element(&certificate, &out->tbs, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&rest, &tbs, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&certificate, &algorithm, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&certificate, &out->signature, CBS_ASN1_BITSTRING) ||
        CBS_len(&certificate) != 0 || !CBS_get_u8(&out->signature, &unused_bits) ||
        unused_bits != 0) {
        return false;
    }
    out->algorithm = find_algorithm(&algorithm);
    return out->algorithm != NULL && cert->has_validity && !may_be_self_issued(cert) &&
           tbs_is_ordinary(out, tbs, &algorithm);
}

bool ordinary_verify(const struct ordinary *ordinary, EVP_PKEY *key)
{
    if (EVP_PKEY_id(key) != ordinary->algorithm->key_type) {
        return false;
    }
    EVP_MD_CTX context;
    EVP_MD_CTX_init(&context);
    bool is_good =
        EVP_DigestVerifyInit(&context, NULL, ordinary->algorithm->digest(), NULL, key) == 1 &&
        EVP_DigestVerify(&context, CBS_data(&ordinary->signature), CBS_len(&ordinary->signature),
                         CBS_data(&ordinary->tbs), CBS_len(&ordinary->tbs)) == 1;
    EVP_MD_CTX_cleanup(&context);
    ERR_clear_error();
    return is_good;
}
