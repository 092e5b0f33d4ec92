/*
 * From a leaf to a trust anchor: the search for a path and the verdict on it.
 *
 * Every path is found by names first and judged by X509_verify_cert, once. What that said of the
 * part above the leaf is remembered (struct issuer_path), so the next leaf under the same issuer,
 * with the same certificates beside it, costs one signature and a few checks of its own.
 */
#ifndef PKI_PATH_H
#define PKI_PATH_H

#include "cert_index.h"
#include "signature.h"
#include "tail.h"
#include "tlscensus/chain.h"

#define PATH_CERTS_MAX 12U /* leaf and anchor counted; no public path has more than 6 */

struct path_step {
    struct pki_cert *cert;
    enum tc_cert_origin origin;
};

struct path {
    struct path_step steps[PATH_CERTS_MAX];
    size_t num_steps;
    bool is_anchored; /* the last step is in the trust store */
};

/* What is wrong, and with which certificate of the path. */
struct flaw {
    enum tc_trust_detail detail; /* TC_TRUST_OK: nothing */
    size_t step;
    int library_error; /* X509_V_ERR_*, 0 where the library was not asked */
};

/* The flaw that comes first by enum tc_trust_detail; its order is the order of precedence. */
struct flaw flaw_worse(struct flaw a, struct flaw b);

/* What a path is judged with: all borrowed, immutable, and the same for every leaf. */
struct path_world {
    const struct cert_index *anchors;
    const struct cert_index *fleet;
    int64_t as_of_s;
};

/* The part of a judged path above its leaf. Immutable, shared. */
struct issuer_path {
    struct tc_ref ref;
    struct tail *tail; /* one reference: with which certificates beside it */
    bool with_fleet;
    struct path path; /* from step 1 on; step 0 is empty. One reference each */
    struct flaw flaw; /* of these steps */
    bool is_plain;    /* no constraint in it depends on the leaf */
};

/* One leaf on its way to a verdict. */
struct path_search {
    const struct path_world *world;
    struct tail *tail;
    struct pki_cert *leaf;
    X509 *leaf_x509; /* NULL until it is needed */
    bool with_fleet;
    /* The signature of the leaf by a key that was tried already. */
    const struct pki_cert *tried_issuer;
    enum signature tried_signature;

    struct path path;               /* being built */
    unsigned paths_left;            /* to be judged, */
    unsigned steps_left;            /* and to be walked: these end a hostile heap of look-alikes */
    struct pki_cert *broken_issuer; /* has the issuer's name and cannot be read */
    bool no_memory;

    struct path best;
    struct flaw best_flaw;        /* the whole path's */
    struct flaw best_issuer_flaw; /* without the leaf */
    bool has_best;
};

/* Whether `issuer` has the name that `child` gives as its issuer's (RFC 5280 section 7.1). */
bool path_names_link(struct pki_cert *child, struct pki_cert *issuer);
/* Whether `cert` is one of its steps. */
bool path_has(const struct path *path, const struct pki_cert *cert);
/* The leaf's signature by the key of `issuer`, computed once for each key. */
enum signature path_leaf_signature(struct path_search *search, struct pki_cert *issuer);

/*
 * path_judge_anchored asks the library about the path being built. `*out_leaf` is what is wrong
 * with the leaf, `*out_issuers` with the rest; dates of both included.
 */
void path_judge_anchored(struct path_search *search, struct flaw *out_leaf,
                         struct flaw *out_issuers);
/* What is wrong with a leaf by itself, where its issuers are known: no library path needed. */
struct flaw path_judge_leaf(struct path_search *search, struct pki_cert *issuer);
/* The date of one step. */
struct flaw path_judge_date(const struct path_world *world, const struct pki_cert *cert,
                            size_t step);

/*
 * path_find_issuers gives the certificates that may have issued `child`, best first: the trust
 * store's, then what was sent, then the fleet's; within each, those valid now first.
 */
#define PATH_ISSUERS_MAX 8U
size_t path_find_issuers(struct path_search *search, struct pki_cert *child,
                         struct path_step out[PATH_ISSUERS_MAX]);
/* Runs the search; the result is in best, best_flaw and best_issuer_flaw. */
void path_search_run(struct path_search *search);

#endif
