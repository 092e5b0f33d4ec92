/* The verifier: its memories, and what chain.c builds a verdict from. */
#ifndef PKI_VERIFIER_INTERNAL_H
#define PKI_VERIFIER_INTERNAL_H

#include "cache.h"
#include "path.h"
#include "shortcut.h"
#include "trust.h"

struct tc_verifier {
    struct tc_trust_store *store;
    struct cert_index fleet;
    int64_t as_of_s;
    uint64_t hash_key[2]; /* of this process: strangers cannot aim at a bucket */
    struct cache *certs;
    struct cache *chains;
    struct cache *tails;
    struct cache *issuer_paths;
    struct cache *shortcuts;
};

/* The tail from the cache, or made. One reference. */
TC_MUST_USE enum tc_status verifier_tail(struct tc_verifier *verifier, struct tail **out,
                                         struct tc_cert *const *certs, size_t num_certs);
/* What is remembered of the path from `issuer` on, with one reference, or NULL. */
struct issuer_path *verifier_issuer_path(struct tc_verifier *verifier, struct tail *tail,
                                         const struct pki_cert *issuer, bool with_fleet);
/* Remembers the part of the best path above the leaf. Failure is harmless: it is found again. */
void verifier_remember(struct tc_verifier *verifier, const struct path_search *search);

/* Forgets every verdict, whole or in part; certificates stay. Not while others use it. */
void verifier_forget(struct tc_verifier *verifier);

/* chain_judge makes the verdict on presented certificates, without a look at remembered ones. */
TC_MUST_USE enum tc_status chain_judge(struct tc_verifier *verifier, struct tc_chain **out,
                                       struct tc_cert *const *presented, size_t num_presented);

/* trust_text, from malloc; NULL when memory ran out. */
char *chain_words(const struct tc_chain *chain, const struct path *path, const struct flaw *flaw,
                  const struct pki_cert *broken_issuer);

#endif
