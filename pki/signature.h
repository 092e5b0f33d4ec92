/* Whether one certificate signed another: the only place where public keys are used. */
#ifndef PKI_SIGNATURE_H
#define PKI_SIGNATURE_H

#include <openssl/x509.h>

#include "tlscensus/certificate.h"

enum signature {
    SIGNATURE_BAD = 0,
    SIGNATURE_REFUSED, /* the mathematics holds; the library refuses the algorithm for its age */
    SIGNATURE_GOOD
};

/*
 * signature_check says whether the key of `issuer` verifies the signature of `x509`, whose facts
 * are `cert`. MD5, which the library refuses, is computed all the same: who issued what is a fact,
 * while trust is judged elsewhere.
 */
enum signature signature_check(const struct tc_cert *cert, X509 *x509, X509 *issuer);

#endif
