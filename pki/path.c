/* The search: candidates by name, depth first, the most trusted first. */
#include "path.h"

#include <openssl/x509v3.h>

#define PATHS_JUDGED_MAX 8U  /* of one leaf: cross-signed fleets need 3 */
#define STEPS_WALKED_MAX 64U /* on all of them together */

bool path_names_link(struct pki_cert *child, struct pki_cert *issuer)
{
    if (child->issuer_der == NULL || issuer->subject_der == NULL) {
        return false;
    }
    if (child->issuer_der_len == issuer->subject_der_len &&
        memcmp(child->issuer_der, issuer->subject_der, child->issuer_der_len) == 0) {
        return true;
    }
    /* Names that differ in bytes may be equal; their canonical forms then have one hash. */
    pki_cert_ask(child);
    pki_cert_ask(issuer);
    return child->has_x509 && issuer->has_x509 && child->issuer_hash == issuer->subject_hash;
}

static bool is_on_path(const struct path *path, const struct pki_cert *cert)
{
    for (size_t i = 0; i < path->num_steps; i++) {
        if (pki_cert_equal(path->steps[i].cert, cert)) {
            return true;
        }
    }
    return false;
}

/*
 * Whether the library would take `issuer` for the issuer of `child`: names, key identifiers. An
 * issuer that may not sign is one all the same: the verdict tells that.
 */
static bool may_have_issued(struct path_search *search, struct pki_cert *child,
                            struct pki_cert *issuer)
{
    if (child->issuer_hash != issuer->subject_hash || is_on_path(&search->path, issuer)) {
        return false;
    }
    X509 *issuer_x509 = pki_cert_take_x509(issuer);
    X509 *child_x509 = child == search->leaf ? search->leaf_x509 : pki_cert_take_x509(child);
    int error = X509_V_ERR_UNSPECIFIED;
    if (issuer_x509 != NULL && child_x509 != NULL) {
        error = X509_check_issued(issuer_x509, child_x509);
    }
    pki_cert_drop_x509(issuer, issuer_x509);
    if (child != search->leaf) {
        pki_cert_drop_x509(child, child_x509);
    }
    return error == X509_V_OK || error == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

struct issuer_list {
    struct path_step *steps;
    size_t num_steps;
    size_t group_start; /* of the source that is being read */
};

/* Behind those of its source that are valid now, unless it is too: then before the others. */
static void list_add(struct issuer_list *list, const struct path_world *world,
                     struct pki_cert *cert, enum tc_cert_origin origin)
{
    bool is_valid = path_judge_date(world, cert, 0).detail == TC_TRUST_OK;
    size_t at = list->num_steps;
    for (size_t i = 0; i < list->num_steps; i++) {
        if (pki_cert_equal(list->steps[i].cert, cert)) {
            return;
        }
    }
    if (list->num_steps == PATH_ISSUERS_MAX) {
        return;
    }
    while (is_valid && at > list->group_start &&
           path_judge_date(world, list->steps[at - 1].cert, 0).detail != TC_TRUST_OK) {
        list->steps[at] = list->steps[at - 1];
        at--;
    }
    list->steps[at] = (struct path_step){.cert = cert, .origin = origin};
    list->num_steps++;
}

static void list_add_index(struct issuer_list *list, struct path_search *search,
                           struct pki_cert *child, const struct cert_index *index,
                           enum tc_cert_origin origin)
{
    size_t cursor = 0;
    struct pki_cert *cert = NULL;
    list->group_start = list->num_steps;
    while ((cert = cert_index_next(index, child->issuer_hash, &cursor)) != NULL) {
        if (may_have_issued(search, child, cert)) {
            bool was_sent = tail_has(search->tail, cert);
            list_add(list, search->world, cert, was_sent ? TC_ORIGIN_SENT : origin);
        }
    }
}

static void list_add_sent(struct issuer_list *list, struct path_search *search,
                          struct pki_cert *child)
{
    list->group_start = list->num_steps;
    for (size_t i = 0; i < search->tail->num_certs; i++) {
        struct pki_cert *cert = search->tail->certs[i];
        if (search->tail->is_duplicate[i]) {
            continue;
        }
        if (!pki_cert_is_usable(cert)) {
            if (search->broken_issuer == NULL && path_names_link(child, cert)) {
                search->broken_issuer = cert;
            }
        } else if (may_have_issued(search, child, cert)) {
            list_add(list, search->world, cert, TC_ORIGIN_SENT);
        }
    }
}

size_t path_find_issuers(struct path_search *search, struct pki_cert *child,
                         struct path_step out[PATH_ISSUERS_MAX])
{
    struct issuer_list list = {.steps = out};
    if (!pki_cert_is_usable(child)) {
        return 0;
    }
    list_add_index(&list, search, child, search->world->anchors, TC_ORIGIN_STORE);
    list_add_sent(&list, search, child);
    if (search->with_fleet) {
        list_add_index(&list, search, child, search->world->fleet, TC_ORIGIN_FLEET);
    }
    return list.num_steps;
}

/* Smaller is better. A path that fails in its signatures is worth less than none at all. */
static unsigned flaw_rank(enum tc_trust_detail detail)
{
    switch (detail) {
    case TC_TRUST_OK:
        return 0;
    case TC_TRUST_EXPIRED:
    case TC_TRUST_NOT_YET_VALID:
        return 1;
    case TC_TRUST_PURPOSE:
        return 2;
    case TC_TRUST_CONSTRAINT:
        return 3;
    case TC_TRUST_UNTRUSTED_ROOT:
        return 4;
    case TC_TRUST_BAD_SIGNATURE:
        return 6;
    case TC_TRUST_SELF_SIGNED:
    case TC_TRUST_INCOMPLETE_CHAIN:
    case TC_TRUST_UNKNOWN_ISSUER:
    case TC_TRUST_UNPARSABLE:
        return 5;
    }
    return 7;
}

/* Keeps the path if it is better than the best so far; the issuers' part breaks a tie. */
static void keep_if_better(struct path_search *search, struct flaw leaf, struct flaw issuers)
{
    struct flaw whole = flaw_worse(leaf, issuers);
    unsigned rank = flaw_rank(whole.detail);
    unsigned best = search->has_best ? flaw_rank(search->best_flaw.detail) : 8;
    if (rank < best ||
        (rank == best && flaw_rank(issuers.detail) < flaw_rank(search->best_issuer_flaw.detail))) {
        search->best = search->path;
        search->best_flaw = whole;
        search->best_issuer_flaw = issuers;
        search->has_best = true;
    }
}

/* A path that ends outside of the trust store: why that is tells what to do about it. */
static void offer_unanchored(struct path_search *search)
{
    size_t last = search->path.num_steps - 1;
    const struct pki_cert *top = search->path.steps[last].cert;
    struct flaw flaw = {.detail = TC_TRUST_UNKNOWN_ISSUER, .step = last};
    if (top->facts.is_self_signed) {
        flaw.detail = last == 0 ? TC_TRUST_SELF_SIGNED : TC_TRUST_UNTRUSTED_ROOT;
    }
    search->path.is_anchored = false;
    if (last == 0) {
        keep_if_better(search, flaw, (struct flaw){0});
    } else {
        keep_if_better(search, (struct flaw){0}, flaw);
    }
}

/* True where the search may end: this path has no flaw, or enough were tried. */
static bool offer_anchored(struct path_search *search)
{
    struct flaw leaf;
    struct flaw issuers;
    search->path.is_anchored = true;
    path_judge_anchored(search, &leaf, &issuers);
    keep_if_better(search, leaf, issuers);
    search->paths_left--;
    return search->best_flaw.detail == TC_TRUST_OK || search->paths_left == 0 || search->no_memory;
}

static bool extend(struct path_search *search);

/* Goes on through each issuer in turn. True where the search may end. */
static bool extend_through(struct path_search *search, const struct path_step *issuers,
                           size_t num_issuers)
{
    for (size_t i = 0; i < num_issuers; i++) {
        search->path.steps[search->path.num_steps++] = issuers[i];
        bool is_over = extend(search);
        search->path.num_steps--;
        if (is_over) {
            return true;
        }
    }
    return false;
}

/* One step further from the path's last certificate. Recursion ends at PATH_CERTS_MAX. */
static bool extend(struct path_search *search)
{
    struct path_step issuers[PATH_ISSUERS_MAX];
    struct path_step last = search->path.steps[search->path.num_steps - 1];
    bool is_anchor = cert_index_has(search->world->anchors, last.cert);
    size_t num_issuers = 0;
    if (search->steps_left == 0) {
        return true;
    }
    search->steps_left--;
    if (search->path.num_steps < PATH_CERTS_MAX && !last.cert->facts.is_self_signed) {
        num_issuers = path_find_issuers(search, last.cert, issuers);
    }
    if (is_anchor) { /* only the store's own roots lead on from here: clients end at a root */
        size_t num_trusted = 0;
        while (num_trusted < num_issuers &&
               cert_index_has(search->world->anchors, issuers[num_trusted].cert)) {
            num_trusted++;
        }
        return extend_through(search, issuers, num_trusted) || offer_anchored(search);
    }
    if (num_issuers == 0) {
        offer_unanchored(search);
        return false;
    }
    return extend_through(search, issuers, num_issuers);
}

void path_search_run(struct path_search *search)
{
    search->paths_left = PATHS_JUDGED_MAX;
    search->steps_left = STEPS_WALKED_MAX;
    search->path.steps[0] = (struct path_step){.cert = search->leaf, .origin = TC_ORIGIN_SENT};
    search->path.num_steps = 1;
    (void)extend(search);
}
