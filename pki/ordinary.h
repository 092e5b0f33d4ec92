/*
 * Leaves of the ordinary kind, which are nearly all: recognised by a reader so strict that the
 * library has nothing to add. It would read such a certificate, find every extension good and
 * understood, and find it fit for TLS servers; so it is not asked, which is worth half of what a
 * leaf costs besides its signature. Anything else goes to the library as ever.
 *
 * The contract, held by tests on thousands of certificates and by a fuzzer: what is ordinary here
 * X509_parse_from_buffer reads, its extension flags have neither EXFLAG_INVALID nor
 * EXFLAG_CRITICAL nor EXFLAG_SI, and X509_check_purpose allows it for TLS servers.
 */
#ifndef PKI_ORDINARY_H
#define PKI_ORDINARY_H

#include <openssl/bytestring.h>
#include <openssl/evp.h>

#include "tlscensus/certificate.h"

struct ordinary_algorithm;

/* Slices point into the certificate's bytes. */
struct ordinary {
    CBS tbs; /* TBSCertificate with its header: what is signed */
    CBS signature;
    CBS issuer;        /* Name with its header */
    CBS authority_key; /* content of authorityKeyIdentifier, empty where there is none */
    const struct ordinary_algorithm *algorithm;
};

/* Whether `cert`, whose facts were read in full, is an ordinary leaf. */
bool ordinary_read(struct ordinary *out, const struct tc_cert *cert);
/* Whether the content of certificatePolicies is one that the library cannot object to. */
bool ordinary_policies(CBS value);
/* Whether `key` verifies its signature; false for a key of another kind too. */
bool ordinary_verify(const struct ordinary *ordinary, EVP_PKEY *key);

#endif
