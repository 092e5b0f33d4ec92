#include "signature.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/evp.h>

/* md5WithRSAEncryption, RFC 3279 section 2.2.1. */
static bool md5_rsa_is_good(const struct tc_cert *cert, EVP_PKEY *key)
{
    CBS der;
    CBS certificate;
    CBS tbs;
    CBS signature;
    uint8_t unused_bits = 0;
    CBS_init(&der, cert->der, cert->der_len);
    if (EVP_PKEY_id(key) != EVP_PKEY_RSA || !CBS_get_asn1(&der, &certificate, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1_element(&certificate, &tbs, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&certificate, NULL, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&certificate, &signature, CBS_ASN1_BITSTRING) ||
        !CBS_get_u8(&signature, &unused_bits) || unused_bits != 0) {
        return false;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good = context != NULL &&
                   EVP_DigestVerifyInit(context, NULL, EVP_md5(), NULL, key) == 1 &&
                   EVP_DigestVerify(context, CBS_data(&signature), CBS_len(&signature),
                                    CBS_data(&tbs), CBS_len(&tbs)) == 1;
    EVP_MD_CTX_free(context);
    return is_good;
}

enum signature signature_check(const struct tc_cert *cert, X509 *x509, X509 *issuer)
{
    EVP_PKEY *key = X509_get_pubkey(issuer);
    enum signature signature = SIGNATURE_BAD;
    if (key != NULL && X509_verify(x509, key) == 1) {
        signature = SIGNATURE_GOOD;
    } else if (key != NULL && cert->signature != NULL &&
               strcmp(cert->signature, "md5WithRSAEncryption") == 0 && md5_rsa_is_good(cert, key)) {
        signature = SIGNATURE_REFUSED;
    }
    EVP_PKEY_free(key);
    ERR_clear_error();
    return signature;
}
