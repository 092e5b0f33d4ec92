/* Whether one certificate signed another: the only place where public keys are used. */
#ifndef PKI_SIGNATURE_H
#define PKI_SIGNATURE_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "tlscensus/certificate.h"

/*
 * signature_is_good says whether the key of `issuer` verifies the signature of `x509`, whose facts
 * are `cert`. Where the library refuses the algorithm for its age (MD5), the mathematics is done
 * all the same: who issued what is a fact, and trust is judged elsewhere.
 */
bool signature_is_good(const struct tc_cert *cert, X509 *x509, X509 *issuer);

#endif
