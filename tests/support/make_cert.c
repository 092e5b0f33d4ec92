#include "make_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/base64.h>
#include <openssl/bn.h>
#include <openssl/bytestring.h>
#include <openssl/curve25519.h>
#include <openssl/ec_key.h>
#include <openssl/mem.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#define CONTEXT(n)             (CBS_ASN1_CONTEXT_SPECIFIC | (n))
#define CONTEXT_CONSTRUCTED(n) (CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | (n))
#define KEYS_MAX               64U

static void must(int worked, const char *what)
{
    if (!worked) {
        fprintf(stderr, "make_cert: %s failed\n", what);
        abort();
    }
}

/* ---- keys ---- */

static EVP_PKEY *new_ec_key(int nid)
{
    EVP_PKEY *key = EVP_PKEY_new();
    EC_KEY *ec = EC_KEY_new_by_curve_name(nid);
    must(key != NULL && ec != NULL && EC_KEY_generate_key(ec) && EVP_PKEY_assign_EC_KEY(key, ec),
         "an EC key");
    return key;
}

static EVP_PKEY *new_rsa_key(int bits)
{
    EVP_PKEY *key = EVP_PKEY_new();
    RSA *rsa = RSA_new();
    BIGNUM *exponent = BN_new();
    must(key != NULL && rsa != NULL && exponent != NULL && BN_set_word(exponent, RSA_F4) &&
             RSA_generate_key_ex(rsa, bits, exponent, NULL) && EVP_PKEY_assign_RSA(key, rsa),
         "an RSA key");
    BN_free(exponent);
    return key;
}

static EVP_PKEY *new_ed25519_key(void)
{
    uint8_t public_key[ED25519_PUBLIC_KEY_LEN];
    uint8_t private_key[ED25519_PRIVATE_KEY_LEN];
    ED25519_keypair(public_key, private_key);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, 32);
    must(key != NULL, "an Ed25519 key");
    return key;
}

static EVP_PKEY *new_key(const char *kind)
{
    if (strcmp(kind, "P-256") == 0) {
        return new_ec_key(NID_X9_62_prime256v1);
    }
    if (strcmp(kind, "P-384") == 0) {
        return new_ec_key(NID_secp384r1);
    }
    if (strcmp(kind, "Ed25519") == 0) {
        return new_ed25519_key();
    }
    must(strncmp(kind, "RSA-", 4) == 0, kind);
    return new_rsa_key((int)strtol(kind + 4, NULL, 10));
}

EVP_PKEY *made_key(const char *kind, unsigned number)
{
    static struct {
        char kind[16];
        unsigned number;
        EVP_PKEY *key;
    } keys[KEYS_MAX];
    size_t i = 0;
    for (; i < KEYS_MAX && keys[i].key != NULL; i++) {
        if (strcmp(keys[i].kind, kind) == 0 && keys[i].number == number) {
            return keys[i].key;
        }
    }
    must(i < KEYS_MAX && strlen(kind) < sizeof keys[i].kind, "room for a key");
    memcpy(keys[i].kind, kind, strlen(kind) + 1);
    keys[i].number = number;
    keys[i].key = new_key(kind);
    return keys[i].key;
}

/* ---- parts ---- */

static void add_oid(CBB *out, const char *oid)
{
    CBB child;
    must(CBB_add_asn1(out, &child, CBS_ASN1_OBJECT) &&
             CBB_add_asn1_oid_from_text(&child, oid, strlen(oid)) && CBB_flush(out),
         oid);
}

static void add_bytes(CBB *out, struct made_bytes bytes)
{
    must(CBB_add_bytes(out, bytes.data, bytes.len), "bytes");
}

/* Gives the finished bytes from malloc, so that free() is all that tests need. */
static uint8_t *finish(CBB *cbb, size_t *out_len)
{
    uint8_t *data = NULL;
    must(CBB_finish(cbb, &data, out_len), "an encoding");
    uint8_t *copy = malloc(*out_len + 1);
    must(copy != NULL, "memory");
    memcpy(copy, data, *out_len);
    OPENSSL_free(data);
    return copy;
}

uint8_t *made_name(const struct made_attribute *attributes, size_t num_attributes, size_t *out_len)
{
    CBB cbb;
    CBB name;
    must(CBB_init(&cbb, 64) && CBB_add_asn1(&cbb, &name, CBS_ASN1_SEQUENCE), "a name");
    for (size_t i = 0; i < num_attributes; i++) {
        CBB rdn;
        CBB attribute;
        CBB value;
        must(CBB_add_asn1(&name, &rdn, CBS_ASN1_SET) &&
                 CBB_add_asn1(&rdn, &attribute, CBS_ASN1_SEQUENCE),
             "an attribute");
        add_oid(&attribute, attributes[i].oid);
        must(CBB_add_asn1(&attribute, &value, attributes[i].tag) &&
                 CBB_add_bytes(&value, (const uint8_t *)attributes[i].value,
                               attributes[i].value_len) &&
                 CBB_flush(&name),
             "a value");
    }
    return finish(&cbb, out_len);
}

static uint8_t *subject_of(const struct cert_recipe *recipe, size_t *out_len)
{
    if (recipe->raw_subject.data != NULL) {
        uint8_t *copy = malloc(recipe->raw_subject.len + 1);
        must(copy != NULL, "memory");
        memcpy(copy, recipe->raw_subject.data, recipe->raw_subject.len);
        *out_len = recipe->raw_subject.len;
        return copy;
    }
    const char *text = recipe->subject != NULL ? recipe->subject : "";
    const struct made_attribute common_name = {"2.5.4.3", CBS_ASN1_UTF8STRING, text, strlen(text)};
    return made_name(&common_name, recipe->subject != NULL ? 1 : 0, out_len);
}

static void add_time(CBB *out, int64_t time_s)
{
    CBB child;
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)time_s;
    must(gmtime_r(&seconds, &parts) != NULL, "a date");
    bool is_utc_time = parts.tm_year >= 50 && parts.tm_year < 150;
    int year = parts.tm_year + 1900;
    int len = snprintf(text, sizeof text, "%0*d%02d%02d%02d%02d%02dZ", is_utc_time ? 2 : 4,
                       is_utc_time ? year % 100 : year, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
    must(len > 0 && (size_t)len < sizeof text &&
             CBB_add_asn1(out, &child, is_utc_time ? CBS_ASN1_UTCTIME : CBS_ASN1_GENERALIZEDTIME) &&
             CBB_add_bytes(&child, (const uint8_t *)text, (size_t)len) && CBB_flush(out),
         "a date");
}

static void add_validity(CBB *out, const struct cert_recipe *recipe)
{
    CBB validity;
    must(CBB_add_asn1(out, &validity, CBS_ASN1_SEQUENCE), "validity");
    if (recipe->raw_validity.data != NULL) {
        add_bytes(&validity, recipe->raw_validity);
    } else {
        add_time(&validity,
                 recipe->not_before_s != 0 ? recipe->not_before_s : MAKE_NOW_S - 30 * MAKE_DAY_S);
        add_time(&validity,
                 recipe->not_after_s != 0 ? recipe->not_after_s : MAKE_NOW_S + 60 * MAKE_DAY_S);
    }
    must(CBB_flush(out), "validity");
}

static void add_serial(CBB *out, const struct cert_recipe *recipe)
{
    static uint32_t counter = 0x1000;
    CBB child;
    must(CBB_add_asn1(out, &child, CBS_ASN1_INTEGER), "a serial number");
    if (recipe->serial.data != NULL) {
        add_bytes(&child, recipe->serial);
    } else {
        must(CBB_add_u8(&child, 0x4d) && CBB_add_u32(&child, counter++), "a serial number");
    }
    must(CBB_flush(out), "a serial number");
}

/* ---- extensions ---- */

static void add_extension(CBB *out, const char *oid, bool is_critical, struct made_bytes value)
{
    CBB extension;
    CBB octets;
    must(CBB_add_asn1(out, &extension, CBS_ASN1_SEQUENCE), oid);
    add_oid(&extension, oid);
    if (is_critical) {
        must(CBB_add_asn1_bool(&extension, 1), oid);
    }
    must(CBB_add_asn1(&extension, &octets, CBS_ASN1_OCTETSTRING), oid);
    add_bytes(&octets, value);
    must(CBB_flush(out), oid);
}

/* Ends `value` and adds it as an extension. */
static void add_built_extension(CBB *out, const char *oid, bool is_critical, CBB *value)
{
    size_t len = 0;
    uint8_t *data = finish(value, &len);
    add_extension(out, oid, is_critical, (struct made_bytes){data, len});
    free(data);
}

static void add_basic_constraints(CBB *out, const struct cert_recipe *recipe)
{
    CBB value;
    CBB sequence;
    must(CBB_init(&value, 16) && CBB_add_asn1(&value, &sequence, CBS_ASN1_SEQUENCE), "CA flag");
    if (recipe->is_ca) {
        must(CBB_add_asn1_bool(&sequence, 1), "CA flag");
        if (recipe->path_len > 0) {
            must(CBB_add_asn1_uint64(&sequence, (uint64_t)(recipe->path_len - 1)), "path length");
        }
    }
    add_built_extension(out, "2.5.29.19", true, &value);
}

static void add_key_usage(CBB *out, const struct cert_recipe *recipe)
{
    uint8_t bits[5] = {CBS_ASN1_BITSTRING, 3, 0, 0, 0};
    int usage = recipe->key_usage;
    if (usage == MAKE_NONE) {
        return;
    }
    if (usage == 0) {
        usage = recipe->is_ca ? 1 << 5 | 1 << 6 : 1 << 0;
    }
    int highest = 0;
    for (int bit = 0; bit <= 8; bit++) {
        if ((usage & (1 << bit)) != 0) {
            bits[3 + bit / 8] = (uint8_t)(bits[3 + bit / 8] | (0x80 >> bit % 8));
            highest = bit;
        }
    }
    bits[1] = (uint8_t)(2 + highest / 8);
    bits[2] = (uint8_t)(7 - highest % 8);
    add_extension(out, "2.5.29.15", true, (struct made_bytes){bits, 2U + bits[1]});
}

static void add_ext_key_usage(CBB *out, const struct cert_recipe *recipe)
{
    static const char *const server[] = {"1.3.6.1.5.5.7.3.1", NULL};
    const char *const *oids = recipe->ext_key_usage;
    CBB value;
    CBB sequence;
    if (oids == NULL && recipe->is_ca) {
        return;
    }
    oids = oids != NULL ? oids : server;
    if (oids[0] == NULL) {
        return;
    }
    must(CBB_init(&value, 32) && CBB_add_asn1(&value, &sequence, CBS_ASN1_SEQUENCE), "EKU");
    for (; *oids != NULL; oids++) {
        add_oid(&sequence, *oids);
    }
    add_built_extension(out, "2.5.29.37", false, &value);
}

static void add_names(CBB *out, const struct cert_recipe *recipe)
{
    CBB value;
    CBB sequence;
    if (recipe->dns == NULL && recipe->raw_names.data == NULL) {
        return;
    }
    must(CBB_init(&value, 64) && CBB_add_asn1(&value, &sequence, CBS_ASN1_SEQUENCE), "names");
    for (const char *const *dns = recipe->dns; dns != NULL && *dns != NULL; dns++) {
        CBB name;
        must(CBB_add_asn1(&sequence, &name, CONTEXT(2U)) &&
                 CBB_add_bytes(&name, (const uint8_t *)*dns, strlen(*dns)) && CBB_flush(&sequence),
             "a name");
    }
    if (recipe->raw_names.data != NULL) {
        add_bytes(&sequence, recipe->raw_names);
    }
    add_built_extension(out, "2.5.29.17", false, &value);
}

static void key_identifier(uint8_t out[SHA_DIGEST_LENGTH], const EVP_PKEY *key)
{
    CBB cbb;
    size_t len = 0;
    must(CBB_init(&cbb, 64) && EVP_marshal_public_key(&cbb, key), "a key identifier");
    uint8_t *spki = finish(&cbb, &len);
    SHA1(spki, len, out);
    free(spki);
}

static void add_key_identifiers(CBB *out, const EVP_PKEY *own, const EVP_PKEY *issuers)
{
    uint8_t subject[2 + SHA_DIGEST_LENGTH] = {CBS_ASN1_OCTETSTRING, SHA_DIGEST_LENGTH};
    uint8_t authority[4 + SHA_DIGEST_LENGTH] = {0x30, 2 + SHA_DIGEST_LENGTH, 0x80,
                                                SHA_DIGEST_LENGTH};
    key_identifier(subject + 2, own);
    key_identifier(authority + 4, issuers);
    add_extension(out, "2.5.29.14", false, (struct made_bytes){subject, sizeof subject});
    add_extension(out, "2.5.29.35", false, (struct made_bytes){authority, sizeof authority});
}

static void add_extensions(CBB *out, const struct cert_recipe *recipe, const EVP_PKEY *own,
                           const EVP_PKEY *issuers)
{
    CBB tagged;
    CBB sequence;
    if (recipe->no_extensions) {
        return;
    }
    must(CBB_add_asn1(out, &tagged, CONTEXT_CONSTRUCTED(3U)) &&
             CBB_add_asn1(&tagged, &sequence, CBS_ASN1_SEQUENCE),
         "extensions");
    add_basic_constraints(&sequence, recipe);
    add_key_usage(&sequence, recipe);
    add_ext_key_usage(&sequence, recipe);
    if (!recipe->no_key_identifiers) {
        add_key_identifiers(&sequence, own, issuers);
    }
    add_names(&sequence, recipe);
    for (size_t i = 0; i < recipe->num_extensions; i++) {
        add_extension(&sequence, recipe->extensions[i].oid, recipe->extensions[i].is_critical,
                      recipe->extensions[i].value);
    }
    must(CBB_flush(out), "extensions");
}

/* ---- signing ---- */

static const EVP_MD *digest_of(const struct cert_recipe *recipe)
{
    switch (recipe->signature) {
    case MAKE_SIGNATURE_SHA1:
        return EVP_sha1();
    case MAKE_SIGNATURE_MD5:
        return EVP_md5();
    case MAKE_SIGNATURE_SHA384:
        return EVP_sha384();
    case MAKE_SIGNATURE_DEFAULT:
    case MAKE_SIGNATURE_PSS_SHA256:
        break;
    }
    return EVP_sha256();
}

static const char *algorithm_oid(const struct cert_recipe *recipe, const EVP_PKEY *signer)
{
    static const char *const rsa[] = {"1.2.840.113549.1.1.11", "1.2.840.113549.1.1.5",
                                      "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.12"};
    static const char *const ecdsa[] = {"1.2.840.10045.4.3.2", "1.2.840.10045.4.1",
                                        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"};
    if (EVP_PKEY_id(signer) == EVP_PKEY_ED25519) {
        return "1.3.101.112";
    }
    return EVP_PKEY_id(signer) == EVP_PKEY_RSA ? rsa[recipe->signature] : ecdsa[recipe->signature];
}

static void add_algorithm(CBB *out, const struct cert_recipe *recipe, const EVP_PKEY *signer)
{
    /* RFC 4055 section 3.1: SHA-256, MGF1 with SHA-256, 32 bytes of salt */
    static const uint8_t pss_sha256[] = {
        0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30,
        0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
        0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
        0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
        0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};
    CBB algorithm;
    CBB null;
    if (recipe->raw_algorithm.data != NULL) {
        add_bytes(out, recipe->raw_algorithm);
        return;
    }
    if (recipe->signature == MAKE_SIGNATURE_PSS_SHA256) {
        add_bytes(out, (struct made_bytes){pss_sha256, sizeof pss_sha256});
        return;
    }
    must(CBB_add_asn1(out, &algorithm, CBS_ASN1_SEQUENCE), "an algorithm");
    add_oid(&algorithm, algorithm_oid(recipe, signer));
    if (EVP_PKEY_id(signer) == EVP_PKEY_RSA) {
        must(CBB_add_asn1(&algorithm, &null, CBS_ASN1_NULL), "an algorithm");
    }
    must(CBB_flush(out), "an algorithm");
}

static void add_signature(CBB *out, const struct cert_recipe *recipe, EVP_PKEY *signer,
                          const uint8_t *tbs, size_t tbs_len)
{
    uint8_t signature[1024];
    size_t len = sizeof signature;
    CBB bits;
    EVP_PKEY_CTX *key_context = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const EVP_MD *digest = EVP_PKEY_id(signer) == EVP_PKEY_ED25519 ? NULL : digest_of(recipe);
    must(context != NULL && EVP_DigestSignInit(context, &key_context, digest, NULL, signer),
         "a signature");
    if (recipe->signature == MAKE_SIGNATURE_PSS_SHA256) {
        must(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32),
             "PSS");
    }
    must(EVP_DigestSign(context, signature, &len, tbs, tbs_len), "a signature");
    EVP_MD_CTX_free(context);
    if (recipe->break_signature) {
        signature[len - 1] ^= 1;
    }
    must(CBB_add_asn1(out, &bits, CBS_ASN1_BITSTRING) && CBB_add_u8(&bits, 0) &&
             CBB_add_bytes(&bits, signature, len) && CBB_flush(out),
         "a signature");
}

static uint8_t *make_tbs(const struct cert_recipe *recipe, const struct made_cert *cert,
                         EVP_PKEY *signer, size_t *out_len)
{
    CBB cbb;
    CBB tbs;
    CBB version;
    unsigned number = recipe->version != 0 ? recipe->version : recipe->no_extensions ? 1 : 3;
    struct made_bytes issuer = recipe->raw_issuer;
    if (issuer.data == NULL) {
        const struct made_cert *from = recipe->issuer != NULL ? recipe->issuer : cert;
        issuer = (struct made_bytes){from->subject, from->subject_len};
    }
    must(CBB_init(&cbb, 1024) && CBB_add_asn1(&cbb, &tbs, CBS_ASN1_SEQUENCE), "a certificate");
    if (number != 1) {
        must(CBB_add_asn1(&tbs, &version, CONTEXT_CONSTRUCTED(0U)) &&
                 CBB_add_asn1_uint64(&version, number - 1),
             "version");
    }
    add_serial(&tbs, recipe);
    add_algorithm(&tbs, recipe, signer);
    add_bytes(&tbs, issuer);
    add_validity(&tbs, recipe);
    add_bytes(&tbs, (struct made_bytes){cert->subject, cert->subject_len});
    if (recipe->raw_spki.data != NULL) {
        add_bytes(&tbs, recipe->raw_spki);
    } else {
        must(EVP_marshal_public_key(&tbs, cert->key), "a public key");
    }
    add_extensions(&tbs, recipe, cert->key, signer);
    return finish(&cbb, out_len);
}

struct made_cert make_cert(const struct cert_recipe *recipe)
{
    struct made_cert cert = {0};
    CBB cbb;
    CBB whole;
    size_t tbs_len = 0;
    cert.subject = subject_of(recipe, &cert.subject_len);
    cert.key = recipe->key != NULL ? recipe->key : new_key("P-256");
    if (recipe->key != NULL) {
        EVP_PKEY_up_ref(cert.key);
    }
    EVP_PKEY *signer = recipe->signing_key != NULL ? recipe->signing_key
                       : recipe->issuer != NULL    ? recipe->issuer->key
                                                   : cert.key;
    uint8_t *tbs = make_tbs(recipe, &cert, signer, &tbs_len);
    must(CBB_init(&cbb, tbs_len + 512) && CBB_add_asn1(&cbb, &whole, CBS_ASN1_SEQUENCE) &&
             CBB_add_bytes(&whole, tbs, tbs_len),
         "a certificate");
    add_algorithm(&whole, recipe, signer);
    add_signature(&whole, recipe, signer, tbs, tbs_len);
    must(CBB_flush(&cbb), "a certificate");
    if (recipe->trailing.data != NULL) {
        add_bytes(&cbb, recipe->trailing);
    }
    cert.der = finish(&cbb, &cert.der_len);
    free(tbs);
    return cert;
}

void made_cert_cleanup(struct made_cert *cert)
{
    free(cert->der);
    free(cert->subject);
    EVP_PKEY_free(cert->key);
    *cert = (struct made_cert){0};
}

char *made_pem(const struct made_cert *cert)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    static const char end[] = "-----END CERTIFICATE-----\n";
    size_t base64_room = 0;
    must(EVP_EncodedLength(&base64_room, cert->der_len), "PEM");
    uint8_t *base64 = malloc(base64_room);
    char *pem = malloc(sizeof begin + sizeof end + base64_room + base64_room / 64 + 2);
    must(base64 != NULL && pem != NULL, "memory");
    size_t len = EVP_EncodeBlock(base64, cert->der, cert->der_len);
    size_t at = sizeof begin - 1;
    memcpy(pem, begin, at);
    for (size_t i = 0; i < len; i += 64) {
        size_t piece = len - i < 64 ? len - i : 64;
        memcpy(pem + at, base64 + i, piece);
        at += piece;
        pem[at++] = '\n';
    }
    memcpy(pem + at, end, sizeof end);
    free(base64);
    return pem;
}
