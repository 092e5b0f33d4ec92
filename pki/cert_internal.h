/* A certificate as the rooms see it, and what only this room needs of it. */
#ifndef PKI_CERT_INTERNAL_H
#define PKI_CERT_INTERNAL_H

#include <stdatomic.h>
#include <string.h>

#include <openssl/pool.h>
#include <openssl/x509.h>

#include "arena.h"
#include "ordinary.h"
#include "tlscensus/certificate.h"

/*
 * The library's X509 is needed once for a leaf (its verdict) and again and again for an issuer.
 * So an issuer keeps it, and a leaf gives it away at its first use: it is several times as large
 * as the facts, and thousands of leaves are remembered.
 */
struct pki_cert {
    struct tc_cert facts; /* first: a struct tc_cert is one of these */
    struct arena arena;   /* every text of facts */
    CRYPTO_BUFFER *der;
    _Atomic(X509 *) x509; /* NULL: given away, or the library cannot read the certificate */
    bool has_x509;        /* whether the library can read it */
    bool keeps_x509;      /* it may issue others: x509 stays for its life */
    bool is_ordinary;     /* the library was not asked yet: it would have nothing to add */
    bool has_policy_limits;
    bool has_odd_policies; /* certificatePolicies that are not of the ordinary kind */
    struct ordinary ordinary;
    atomic_bool owes_proof; /* whether is_self_signed is still to be found out */
    /* What only the library tells; of an ordinary leaf once pki_cert_ask() was called. */
    atomic_bool was_asked;
    atomic_uint extension_flags; /* EXFLAG_* */
    atomic_uint
        subject_hash; /* of the canonical names, for look-ups; equal names have equal ones */
    atomic_uint issuer_hash;
    const uint8_t *subject_der; /* the Names inside der, NULL where they were not reached */
    size_t subject_der_len;
    const uint8_t *issuer_der;
    size_t issuer_der_len;
};

/* Every struct tc_cert comes from tc_cert_new, so this is always legal. */
static inline struct pki_cert *pki_cert_of(const struct tc_cert *cert)
{
    union {
        const struct tc_cert *in;
        struct pki_cert *out;
    } same = {.in = cert};
    return same.out;
}

/* The same certificate, byte for byte. */
static inline bool pki_cert_equal(const struct pki_cert *a, const struct pki_cert *b)
{
    return a == b || memcmp(a->facts.sha256, b->facts.sha256, TC_SHA256_BYTES) == 0;
}

/* Whether a path may go through it: the library reads it, and we too. */
static inline bool pki_cert_is_usable(const struct pki_cert *cert)
{
    return cert->has_x509 && cert->facts.parse_error == NULL;
}

/*
 * pki_cert_ask makes sure that the library was asked about the certificate: the search for paths
 * needs that, and so does every certificate that may be an issuer. Any thread.
 */
void pki_cert_ask(struct pki_cert *cert);

/*
 * pki_cert_new_unproved is tc_cert_new() for what is not worth a signature's verification yet, as
 * the hundred anchors of a trust store that no path comes to: `is_self_signed` holds once
 * pki_cert_prove() was called, by any thread.
 */
TC_MUST_USE enum tc_status pki_cert_new_unproved(struct tc_cert **out, const uint8_t *der,
                                                 size_t der_len);
void pki_cert_prove(struct pki_cert *cert);

/*
 * pki_cert_take_x509 gives the certificate's X509, parsed again where it was given away, or NULL
 * where the library cannot read it (or memory ran out). Any thread. Hand it to
 * pki_cert_drop_x509() afterwards: that frees it unless the certificate keeps it.
 */
X509 *pki_cert_take_x509(struct pki_cert *cert);
void pki_cert_drop_x509(struct pki_cert *cert, X509 *x509);

#endif
