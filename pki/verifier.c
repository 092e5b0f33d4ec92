/* What was seen before: certificates, tails, issuer paths and whole verdicts, each found again. */
#include "verifier_internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/siphash.h>

/*
 * How much is remembered. A fleet has a few dozen tails and issuer paths; its leaves come once or,
 * behind several addresses, close together, so the two large caches need not hold a whole scan.
 */
#define CERTS_REMEMBERED        1024U
#define CHAINS_REMEMBERED       1024U
#define TAILS_REMEMBERED        512U
#define ISSUER_PATHS_REMEMBERED 512U
#define SHORTCUTS_REMEMBERED    512U

/* ---- certificates, by their bytes ---- */

struct cert_key {
    const uint8_t *der;
    size_t der_len;
};

static bool same_cert(const struct tc_ref *value, const void *key)
{
    const struct tc_cert *cert = (const struct tc_cert *)(const void *)value;
    const struct cert_key *wanted = key;
    /* Of no bytes there may be no pointer either, which memcmp() must not be given. */
    return cert->der_len == wanted->der_len &&
           (cert->der_len == 0 || memcmp(cert->der, wanted->der, wanted->der_len) == 0);
}

enum tc_status tc_verifier_cert(struct tc_verifier *verifier, struct tc_cert **out,
                                const uint8_t *der, size_t der_len)
{
    const struct cert_key key = {.der = der, .der_len = der_len};
    uint64_t hash = SIPHASH_24(verifier->hash_key, der, der_len);
    struct tc_cert *cert = (struct tc_cert *)(void *)cache_get(verifier->certs, hash, &key);
    if (cert == NULL) {
        struct tc_cert *made = NULL;
        enum tc_status status = tc_cert_new(&made, der, der_len);
        if (status != TC_OK) {
            return status;
        }
        cert = (struct tc_cert *)(void *)cache_put(verifier->certs, hash, &key, &made->ref);
        tc_cert_release(made);
    }
    *out = cert;
    return TC_OK;
}

/* ---- lists of certificates, by their members' hashes ---- */

struct list_key {
    struct tc_cert *const *certs;
    size_t num_certs;
};

static uint64_t list_hash(const struct tc_verifier *verifier, const struct list_key *key)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < key->num_certs; i++) {
        uint8_t link[sizeof hash + TC_SHA256_BYTES];
        memcpy(link, &hash, sizeof hash);
        memcpy(link + sizeof hash, key->certs[i]->sha256, TC_SHA256_BYTES);
        hash = SIPHASH_24(verifier->hash_key, link, sizeof link);
    }
    return hash;
}

static bool same_chain(const struct tc_ref *value, const void *key)
{
    const struct tc_chain *chain = (const struct tc_chain *)(const void *)value;
    const struct list_key *wanted = key;
    bool is_same = chain->num_presented == wanted->num_certs;
    for (size_t i = 0; is_same && i < wanted->num_certs; i++) {
        is_same = pki_cert_equal(pki_cert_of(chain->presented[i]), pki_cert_of(wanted->certs[i]));
    }
    return is_same;
}

static bool same_tail(const struct tc_ref *value, const void *key)
{
    const struct tail *tail = (const struct tail *)(const void *)value;
    const struct list_key *wanted = key;
    bool is_same = tail->num_certs == wanted->num_certs;
    for (size_t i = 0; is_same && i < wanted->num_certs; i++) {
        is_same = pki_cert_equal(tail->certs[i], pki_cert_of(wanted->certs[i]));
    }
    return is_same;
}

enum tc_status tc_verifier_chain(struct tc_verifier *verifier, struct tc_chain **out,
                                 struct tc_cert *const *presented, size_t num_presented)
{
    const struct list_key key = {.certs = presented, .num_certs = num_presented};
    if (num_presented == 0) {
        return TC_ERR_RANGE;
    }
    uint64_t hash = list_hash(verifier, &key);
    struct tc_chain *chain = (struct tc_chain *)(void *)cache_get(verifier->chains, hash, &key);
    if (chain == NULL) {
        struct tc_chain *made = NULL;
        enum tc_status status = chain_judge(verifier, &made, presented, num_presented);
        if (status != TC_OK) {
            return status;
        }
        chain = (struct tc_chain *)(void *)cache_put(verifier->chains, hash, &key, &made->ref);
        tc_chain_release(made);
    }
    *out = chain;
    return TC_OK;
}

enum tc_status verifier_tail(struct tc_verifier *verifier, struct tail **out,
                             struct tc_cert *const *certs, size_t num_certs)
{
    const struct list_key key = {.certs = certs, .num_certs = num_certs};
    uint64_t hash = list_hash(verifier, &key);
    struct tail *tail = (struct tail *)(void *)cache_get(verifier->tails, hash, &key);
    if (tail == NULL) {
        struct tail *made = NULL;
        enum tc_status status = tail_new(&made, certs, num_certs);
        if (status != TC_OK) {
            return status;
        }
        tail = (struct tail *)(void *)cache_put(verifier->tails, hash, &key, &made->ref);
        tc_ref_release(&made->ref);
    }
    *out = tail;
    return TC_OK;
}

/* ---- issuer paths, by tail and first issuer ---- */

/* A tail is found again as the same object while it is remembered: its address is its identity. */
struct issuer_path_key {
    const struct tail *tail;
    const struct pki_cert *issuer;
    bool with_fleet;
};

static uint64_t issuer_path_hash(const struct tc_verifier *verifier,
                                 const struct issuer_path_key *key)
{
    const uintptr_t tail = (uintptr_t)key->tail;
    uint8_t bytes[sizeof tail + TC_SHA256_BYTES + 1];
    memcpy(bytes, &tail, sizeof tail);
    memcpy(bytes + sizeof tail, key->issuer->facts.sha256, TC_SHA256_BYTES);
    bytes[sizeof bytes - 1] = key->with_fleet ? 1 : 0;
    return SIPHASH_24(verifier->hash_key, bytes, sizeof bytes);
}

static bool same_issuer_path(const struct tc_ref *value, const void *key)
{
    const struct issuer_path *path = (const struct issuer_path *)(const void *)value;
    const struct issuer_path_key *wanted = key;
    return path->tail == wanted->tail && path->with_fleet == wanted->with_fleet &&
           pki_cert_equal(path->path.steps[1].cert, wanted->issuer);
}

struct issuer_path *verifier_issuer_path(struct tc_verifier *verifier, struct tail *tail,
                                         const struct pki_cert *issuer, bool with_fleet)
{
    const struct issuer_path_key key = {tail, issuer, with_fleet};
    uint64_t hash = issuer_path_hash(verifier, &key);
    return (struct issuer_path *)(void *)cache_get(verifier->issuer_paths, hash, &key);
}

static void issuer_path_destroy(struct tc_ref *ref)
{
    struct issuer_path *path = (struct issuer_path *)(void *)ref;
    for (size_t i = 1; i < path->path.num_steps; i++) {
        tc_cert_release(&path->path.steps[i].cert->facts);
    }
    tc_ref_release(&path->tail->ref);
    free(path);
}

/* Whether what an issuer demands depends on the leaf: name constraints and policies do. */
static bool is_plain(const struct path *path)
{
    for (size_t i = 1; i < path->num_steps; i++) {
        if (path->steps[i].cert->facts.has_name_constraints ||
            path->steps[i].cert->has_policy_limits) {
            return false;
        }
    }
    return true;
}

void verifier_remember(struct tc_verifier *verifier, const struct path_search *search)
{
    const struct issuer_path_key key = {search->tail, search->best.steps[1].cert,
                                        search->with_fleet};
    struct issuer_path *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return;
    }
    tc_ref_init(&made->ref, issuer_path_destroy);
    made->tail = search->tail;
    made->with_fleet = search->with_fleet;
    made->path = search->best;
    made->path.steps[0] = (struct path_step){0};
    made->flaw = search->best_issuer_flaw;
    made->is_plain = is_plain(&search->best);
    tc_ref_get(&made->tail->ref);
    for (size_t i = 1; i < made->path.num_steps; i++) {
        tc_ref_get(&made->path.steps[i].cert->facts.ref);
    }
    uint64_t hash = issuer_path_hash(verifier, &key);
    tc_ref_release(cache_put(verifier->issuer_paths, hash, &key, &made->ref));
    tc_ref_release(&made->ref);
}

/* ---- the verifier itself ---- */

enum tc_status tc_verifier_new(struct tc_verifier **out, struct tc_trust_store *store,
                               int64_t as_of_s)
{
    struct tc_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) {
        return TC_ERR_NOMEM;
    }
    verifier->as_of_s = as_of_s;
    verifier->certs = cache_new(CERTS_REMEMBERED, same_cert);
    verifier->chains = cache_new(CHAINS_REMEMBERED, same_chain);
    verifier->tails = cache_new(TAILS_REMEMBERED, same_tail);
    verifier->issuer_paths = cache_new(ISSUER_PATHS_REMEMBERED, same_issuer_path);
    verifier->shortcuts = cache_new(SHORTCUTS_REMEMBERED, shortcut_same);
    if (verifier->certs == NULL || verifier->chains == NULL || verifier->tails == NULL ||
        verifier->issuer_paths == NULL || verifier->shortcuts == NULL) {
        tc_verifier_free(verifier);
        return TC_ERR_NOMEM;
    }
    RAND_bytes((uint8_t *)verifier->hash_key, sizeof verifier->hash_key);
    verifier->store = store;
    *out = verifier;
    return TC_OK;
}

void verifier_forget(struct tc_verifier *verifier)
{
    cache_clear(verifier->shortcuts);
    cache_clear(verifier->issuer_paths);
    cache_clear(verifier->chains);
}

enum tc_status tc_verifier_add_fleet(struct tc_verifier *verifier, struct tc_cert *cert)
{
    bool is_new = false;
    if (!pki_cert_is_usable(pki_cert_of(cert)) || cert->is_self_signed) {
        return TC_OK; /* no path leads through it */
    }
    enum tc_status status = cert_index_add(&verifier->fleet, cert, &is_new);
    if (status == TC_OK && is_new) { /* what was judged without it may be judged anew */
        verifier_forget(verifier);
    }
    return status;
}

void tc_verifier_free(struct tc_verifier *verifier)
{
    if (verifier == NULL) {
        return;
    }
    cache_free(verifier->shortcuts);
    cache_free(verifier->issuer_paths);
    cache_free(verifier->chains);
    cache_free(verifier->tails);
    cache_free(verifier->certs);
    cert_index_cleanup(&verifier->fleet);
    tc_trust_store_free(verifier->store);
    free(verifier);
}
