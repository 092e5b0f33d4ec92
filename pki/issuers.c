/* Who may have issued a certificate: by name and key, the most trusted first. */
#include "path.h"

#include <openssl/x509v3.h>

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

bool path_has(const struct path *path, const struct pki_cert *cert)
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
    if (child->issuer_hash != issuer->subject_hash || path_has(&search->path, issuer)) {
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
            pki_cert_prove(cert); /* the path may end in it */
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
