/* A small public-key infrastructure, made once: every certificate has a short name here. */
#ifndef CHAIN_FIXTURE_H
#define CHAIN_FIXTURE_H

#include <openssl/x509.h>

#include "make_cert.h"
#include "tlscensus/chain.h"

#define FIXTURE_LIST_MAX 128

struct fixture_list {
    struct tc_cert *certs[FIXTURE_LIST_MAX]; /* borrowed from the fixture */
    size_t num_certs;
};

void fixture_make(void);
void fixture_free(void);
/* The certificate of that name; an unknown name fails the test. Borrowed. */
struct tc_cert *fixture_cert(const char *name);
/* One more CA, by that one of the fixture. The caller cleans it up. */
struct made_cert fixture_issue(const char *subject, const char *issuer);
/* The certificates named in `names`, separated by spaces; "" for none. */
struct fixture_list fixture_list(const char *names);
/* A verifier that trusts the certificates named in `trusted`. */
struct tc_verifier *fixture_verifier(const char *trusted, int64_t as_of_s);
/* A library store of anchors; free it with X509_STORE_free(). */
X509_STORE *library_store(struct tc_cert *const *anchors, size_t num_anchors);
/*
 * What X509_verify_cert says of a list with the whole store at once, for TLS servers, any
 * certificate of the store being an anchor. True when it is content.
 */
bool library_trusts(struct tc_cert *const *presented, size_t num_presented, X509_STORE *store,
                    int64_t as_of_s, int *out_error);
/*
 * Fails the test unless our verdict and the library's agree: what it trusts we trust, and what we
 * trust it trusts too when it is given exactly our path.
 */
void assert_library_agrees(const struct tc_chain *chain, X509_STORE *store, int64_t as_of_s,
                           const char *what);

#endif
