/* The search: depth first, the most trusted first. issuers.c has the candidates of each step. */
#include "path.h"

#define PATHS_JUDGED_MAX 8U  /* of one leaf: cross-signed fleets need 3 */
#define STEPS_WALKED_MAX 64U /* on all of them together */

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
