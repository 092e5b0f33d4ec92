#include "tail.h"

#include <stdlib.h>

#include "path.h"

static void tail_destroy(struct tc_ref *ref)
{
    struct tail *tail = (struct tail *)(void *)ref;
    for (size_t i = 0; i < tail->num_certs; i++) {
        tc_cert_release(&tail->certs[i]->facts);
    }
    free(tail->certs);
    free(tail->is_duplicate);
    free(tail);
}

/* Whether `issuer` issued `child`: by name and by signature. */
static bool tail_link_is_good(struct pki_cert *child, struct pki_cert *issuer)
{
    X509 *child_x509 = pki_cert_take_x509(child);
    X509 *issuer_x509 = pki_cert_take_x509(issuer);
    bool is_good = child_x509 != NULL && issuer_x509 != NULL && path_names_link(child, issuer) &&
                   signature_check(&child->facts, child_x509, issuer_x509) != SIGNATURE_BAD;
    pki_cert_drop_x509(child, child_x509);
    pki_cert_drop_x509(issuer, issuer_x509);
    return is_good;
}

enum tc_status tail_new(struct tail **out, struct tc_cert *const *certs, size_t num_certs)
{
    struct tail *tail = calloc(1, sizeof *tail);
    if (tail == NULL) {
        return TC_ERR_NOMEM;
    }
    tc_ref_init(&tail->ref, tail_destroy);
    tail->num_certs = 0;
    tail->certs = calloc(num_certs + 1, sizeof(struct pki_cert *));
    tail->is_duplicate = calloc(num_certs + 1, sizeof *tail->is_duplicate);
    if (tail->certs == NULL || tail->is_duplicate == NULL) {
        tc_ref_release(&tail->ref);
        return TC_ERR_NOMEM;
    }
    for (size_t i = 0; i < num_certs; i++) {
        struct pki_cert *cert = pki_cert_of(certs[i]);
        pki_cert_ask(cert);
        tail->is_duplicate[i] = tail_has(tail, cert);
        tc_ref_get(&cert->facts.ref);
        tail->certs[tail->num_certs++] = cert;
    }
    tail->run = num_certs > 0 ? 1 : 0;
    while (tail->run > 0 && tail->run < num_certs &&
           tail_link_is_good(tail->certs[tail->run - 1], tail->certs[tail->run])) {
        tail->run++;
    }
    *out = tail;
    return TC_OK;
}

bool tail_has(const struct tail *tail, const struct pki_cert *cert)
{
    for (size_t i = 0; i < tail->num_certs; i++) {
        if (pki_cert_equal(tail->certs[i], cert)) {
            return true;
        }
    }
    return false;
}
