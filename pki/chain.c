/* The verdict on what a server sent: the path found, and how what was sent lies to it. */
#include "tlscensus/chain.h"

#include <stdlib.h>

#include "verifier_internal.h"

const char *tc_chain_status_str(enum tc_chain_status status)
{
    static const char *const names[] = {
        [TC_CHAIN_UNKNOWN] = "",
        [TC_CHAIN_COMPLETE] = "complete",
        [TC_CHAIN_INCOMPLETE] = "incomplete",
        [TC_CHAIN_OUT_OF_ORDER] = "out-of-order",
        [TC_CHAIN_EXTRA_CERTIFICATES] = "extra-certificates",
        [TC_CHAIN_NO_PATH] = "no-path",
    };
    return (size_t)status < TC_ARRAY_LEN(names) ? names[status] : "";
}

const char *tc_trust_detail_str(enum tc_trust_detail detail)
{
    static const char *const names[] = {
        [TC_TRUST_OK] = "",
        [TC_TRUST_SELF_SIGNED] = "self-signed",
        [TC_TRUST_UNTRUSTED_ROOT] = "untrusted-root",
        [TC_TRUST_INCOMPLETE_CHAIN] = "incomplete-chain",
        [TC_TRUST_UNKNOWN_ISSUER] = "unknown-issuer",
        [TC_TRUST_BAD_SIGNATURE] = "bad-signature",
        [TC_TRUST_UNPARSABLE] = "unparsable",
        [TC_TRUST_CONSTRAINT] = "constraint",
        [TC_TRUST_PURPOSE] = "purpose",
        [TC_TRUST_EXPIRED] = "expired",
        [TC_TRUST_NOT_YET_VALID] = "not-yet-valid",
    };
    return (size_t)detail < TC_ARRAY_LEN(names) ? names[detail] : "";
}

static void chain_destroy(struct tc_ref *ref)
{
    struct tc_chain *chain = (struct tc_chain *)(void *)ref;
    for (size_t i = 0; i < chain->num_presented; i++) {
        tc_cert_release(chain->presented[i]);
    }
    for (size_t i = 0; i < chain->num_path; i++) {
        tc_cert_release(chain->path[i].cert);
    }
    free(chain->presented);
    free(chain->path);
    free(chain->trust_text);
    free(chain);
}

void tc_chain_release(struct tc_chain *chain)
{
    if (chain != NULL) {
        tc_ref_release(&chain->ref);
    }
}

/* ---- the path ---- */

static bool is_only_a_date(enum tc_trust_detail detail)
{
    return detail == TC_TRUST_EXPIRED || detail == TC_TRUST_NOT_YET_VALID;
}

static void use_issuer_path(struct path_search *search, const struct issuer_path *known,
                            struct flaw whole)
{
    search->best = known->path;
    search->best.steps[0] = (struct path_step){.cert = search->leaf, .origin = TC_ORIGIN_SENT};
    search->best_flaw = whole;
    search->best_issuer_flaw = known->flaw;
    search->has_best = true;
}

/*
 * An ordinary leaf whose issuer, by name and key identifier, was the only candidate beside these
 * certificates before: its signature and its dates are all that is left to look at.
 */
static bool judge_shortcut(struct tc_verifier *verifier, struct path_search *search)
{
    if (!search->leaf->is_ordinary || verifier->store->holds_leaves) {
        return false;
    }
    struct shortcut *shortcut = shortcut_find(verifier->shortcuts, verifier->hash_key, search->tail,
                                              &search->leaf->ordinary);
    if (shortcut == NULL) {
        return false;
    }
    const struct issuer_path *known = shortcut->path;
    bool may_be_repaired =
        known->flaw.detail == TC_TRUST_UNKNOWN_ISSUER && verifier->fleet.num_slots > 0;
    bool is_settled = !may_be_repaired && ordinary_verify(&search->leaf->ordinary, shortcut->key);
    if (is_settled) {
        struct flaw leaf = {0};
        if (known->path.is_anchored) {
            leaf = path_judge_date(search->world, search->leaf, 0);
        }
        use_issuer_path(search, known, flaw_worse(leaf, known->flaw));
        search->tried_issuer = known->path.steps[1].cert;
        search->tried_signature = SIGNATURE_GOOD;
    }
    tc_ref_release(&shortcut->ref);
    return is_settled;
}

/*
 * The leaf under an issuer path that is remembered: its own checks and one signature. False where
 * that does not settle it: nothing remembered, constraints that depend on the leaf, a signature
 * that does not fit, or another issuer that might do better.
 */
static bool judge_remembered(struct tc_verifier *verifier, struct path_search *search,
                             const struct path_step *issuers, size_t num_issuers)
{
    struct issuer_path *known =
        verifier_issuer_path(verifier, search->tail, issuers[0].cert, search->with_fleet);
    bool is_settled = known != NULL && known->is_plain && pki_cert_is_usable(search->leaf) &&
                      !search->leaf->has_odd_policies;
    if (is_settled) {
        struct flaw leaf = {0};
        if (known->path.is_anchored) {
            leaf = path_judge_leaf(search, issuers[0].cert);
        }
        struct flaw whole = flaw_worse(leaf, known->flaw);
        is_settled = path_leaf_signature(search, issuers[0].cert) != SIGNATURE_BAD &&
                     (whole.detail == TC_TRUST_OK || num_issuers == 1);
        if (is_settled) {
            use_issuer_path(search, known, whole);
            if (num_issuers == 1 && !search->with_fleet) {
                shortcut_remember(verifier->shortcuts, verifier->hash_key, known, search->leaf);
            }
        }
    }
    if (known != NULL) {
        tc_ref_release(&known->ref);
    }
    return is_settled;
}

/* One pass over the search: remembered if that settles it, else from the ground. */
static void judge_pass(struct tc_verifier *verifier, struct path_search *search)
{
    struct path_step issuers[PATH_ISSUERS_MAX];
    size_t num_issuers = 0;
    bool leaf_is_anchor = cert_index_has(search->world->anchors, search->leaf);
    search->path.num_steps = 0;
    search->has_best = false;
    if (!leaf_is_anchor && !search->leaf->facts.is_self_signed) {
        num_issuers = path_find_issuers(search, search->leaf, issuers);
    }
    if (num_issuers > 0 && judge_remembered(verifier, search, issuers, num_issuers)) {
        return;
    }
    path_search_run(search);
    /* Of a leaf that is not the issuer's nothing is learnt: a worse path may have won for it. */
    if (num_issuers > 0 && search->best.num_steps > 1 &&
        search->best.steps[1].cert == issuers[0].cert &&
        path_leaf_signature(search, issuers[0].cert) == SIGNATURE_GOOD) {
        verifier_remember(verifier, search);
    }
}

/* A certificate that cannot be read, or whose issuer cannot: said before "unknown". */
static void note_unreadable(struct path_search *search)
{
    struct flaw *flaw = &search->best_flaw;
    bool is_top_unknown = flaw->detail == TC_TRUST_UNKNOWN_ISSUER;
    if (!pki_cert_is_usable(search->leaf) && flaw->detail != TC_TRUST_SELF_SIGNED) {
        search->broken_issuer = NULL;
        *flaw = (struct flaw){.detail = TC_TRUST_UNPARSABLE};
    } else if (is_top_unknown && search->broken_issuer != NULL) {
        flaw->detail = TC_TRUST_UNPARSABLE;
    } else {
        search->broken_issuer = NULL;
    }
}

/* First with what was sent and the trust store; then, if an issuer is unknown, with the fleet. */
static void judge_path(struct tc_verifier *verifier, struct path_search *search)
{
    judge_pass(verifier, search);
    if (search->best_flaw.detail == TC_TRUST_UNKNOWN_ISSUER && verifier->fleet.num_slots > 0) {
        struct path_search repaired = *search;
        repaired.with_fleet = true;
        judge_pass(verifier, &repaired);
        if (repaired.best.is_anchored && (repaired.best_flaw.detail == TC_TRUST_OK ||
                                          is_only_a_date(repaired.best_flaw.detail))) {
            *search = repaired;
            search->best_flaw = (struct flaw){.detail = TC_TRUST_INCOMPLETE_CHAIN};
        }
        search->tried_issuer = repaired.tried_issuer;
        search->tried_signature = repaired.tried_signature;
        search->no_memory = search->no_memory || repaired.no_memory;
    }
    note_unreadable(search);
}

/* ---- what was sent, against the path ---- */

/* Counts duplicates, strangers and a root; returns how many were sent that belong to the path. */
static size_t count_presented(struct tc_chain *chain, const struct path_search *search)
{
    const struct tail *tail = search->tail;
    size_t num_on_path = 1; /* the leaf */
    for (size_t i = 0; i < tail->num_certs; i++) {
        if (tail->is_duplicate[i] || pki_cert_equal(tail->certs[i], search->leaf)) {
            chain->num_duplicates++;
            continue;
        }
        chain->root_sent = chain->root_sent || tail->certs[i]->facts.is_self_signed;
        if (path_has(&search->best, tail->certs[i])) {
            num_on_path++;
        } else if (!tail->certs[i]->facts.is_self_signed) {
            chain->num_extraneous++;
        }
    }
    return num_on_path;
}

static size_t presented_run(struct path_search *search)
{
    if (search->tail->num_certs == 0 || !search->leaf->has_x509) {
        return 1;
    }
    struct pki_cert *next = search->tail->certs[0];
    bool is_linked = next->has_x509 && path_names_link(search->leaf, next) &&
                     path_leaf_signature(search, next) != SIGNATURE_BAD;
    return is_linked ? 1 + search->tail->run : 1;
}

static void set_first_to_expire(struct tc_chain *chain, struct tc_cert *cert)
{
    if (cert->has_validity &&
        (chain->path_first_to_expire == NULL || cert->not_after_s < chain->path_not_after_s)) {
        chain->path_first_to_expire = cert;
        chain->path_not_after_s = cert->not_after_s;
    }
}

/* The earliest end on the verified path without its anchor, else of what was presented. */
static void find_first_to_expire(struct tc_chain *chain)
{
    for (size_t i = 0; i < chain->num_verified; i++) {
        if (!chain->path[i].is_anchor || chain->num_verified == 1) {
            set_first_to_expire(chain, chain->path[i].cert);
        }
    }
    for (size_t i = 0; chain->num_verified == 0 && i < chain->num_presented; i++) {
        set_first_to_expire(chain, chain->presented[i]);
    }
}

static enum tc_chain_status status_of(const struct tc_chain *chain)
{
    if (chain->num_verified == 0) {
        return TC_CHAIN_NO_PATH;
    }
    for (size_t i = 0; i < chain->num_path; i++) {
        if (chain->path[i].origin != TC_ORIGIN_SENT && !chain->path[i].is_anchor) {
            return TC_CHAIN_INCOMPLETE;
        }
    }
    if (!chain->order_ok) {
        return TC_CHAIN_OUT_OF_ORDER;
    }
    return chain->num_extraneous > 0 ? TC_CHAIN_EXTRA_CERTIFICATES : TC_CHAIN_COMPLETE;
}

static void set_verdict(struct tc_chain *chain, struct path_search *search)
{
    enum tc_trust_detail detail = search->best_flaw.detail;
    size_t num_on_path = count_presented(chain, search);
    chain->trust_detail = detail;
    chain->trusted = detail == TC_TRUST_OK;
    chain->trusted_but_for_date = is_only_a_date(detail);
    if (chain->trusted || chain->trusted_but_for_date || detail == TC_TRUST_INCOMPLETE_CHAIN) {
        chain->num_verified = chain->num_path;
    }
    chain->presented_chain_len = presented_run(search);
    chain->order_ok = chain->presented_chain_len >= num_on_path;
    chain->status = status_of(chain);
    find_first_to_expire(chain);
}

/* Copies the two lists into the verdict, with references of its own. */
static enum tc_status fill_lists(struct tc_chain *chain, const struct path *path,
                                 struct tc_cert *const *presented, size_t num_presented)
{
    chain->presented = calloc(num_presented, sizeof(struct tc_cert *));
    chain->path = calloc(path->num_steps, sizeof *chain->path);
    if (chain->presented == NULL || chain->path == NULL) {
        return TC_ERR_NOMEM;
    }
    for (size_t i = 0; i < num_presented; i++) {
        tc_ref_get(&presented[i]->ref);
        chain->presented[chain->num_presented++] = presented[i];
    }
    for (size_t i = 0; i < path->num_steps; i++) {
        struct tc_cert *cert = &path->steps[i].cert->facts;
        tc_ref_get(&cert->ref);
        chain->path[chain->num_path++] =
            (struct tc_path_entry){.cert = cert,
                                   .origin = path->steps[i].origin,
                                   .is_anchor = path->is_anchored && i + 1 == path->num_steps};
    }
    return TC_OK;
}

enum tc_status chain_judge(struct tc_verifier *verifier, struct tc_chain **out,
                           struct tc_cert *const *presented, size_t num_presented)
{
    enum tc_status status = TC_ERR_NOMEM;
    const struct path_world world = {.anchors = &verifier->store->anchors,
                                     .fleet = &verifier->fleet,
                                     .as_of_s = verifier->as_of_s};
    struct path_search search = {.world = &world, .leaf = pki_cert_of(presented[0])};
    struct tc_chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL) {
        return TC_ERR_NOMEM;
    }
    tc_ref_init(&chain->ref, chain_destroy);
    status = verifier_tail(verifier, &search.tail, presented + 1, num_presented - 1);
    if (status != TC_OK) {
        goto done;
    }
    if (!judge_shortcut(verifier, &search)) {
        pki_cert_ask(search.leaf);
        search.leaf_x509 = pki_cert_take_x509(search.leaf);
        judge_path(verifier, &search);
    }
    status =
        search.no_memory ? TC_ERR_NOMEM : fill_lists(chain, &search.best, presented, num_presented);
    if (status != TC_OK) {
        goto done;
    }
    set_verdict(chain, &search);
    chain->trust_text = chain_words(chain, &search.best, &search.best_flaw, search.broken_issuer);
    if (chain->trust_text == NULL) {
        status = TC_ERR_NOMEM;
        goto done;
    }
    *out = chain;
    chain = NULL;

done:
    pki_cert_drop_x509(search.leaf, search.leaf_x509);
    if (search.tail != NULL) {
        tc_ref_release(&search.tail->ref);
    }
    tc_chain_release(chain);
    return status;
}
