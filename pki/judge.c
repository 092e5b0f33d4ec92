/* The verdict on one path: the library's, and the leaf's own part of it. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "path.h"

struct flaw flaw_worse(struct flaw a, struct flaw b)
{
    if (a.detail == TC_TRUST_OK || b.detail == TC_TRUST_OK) {
        return a.detail == TC_TRUST_OK ? b : a;
    }
    return b.detail < a.detail ? b : a;
}

struct flaw path_judge_date(const struct path_world *world, const struct pki_cert *cert,
                            size_t step)
{
    struct flaw flaw = {.step = step};
    if (!cert->facts.has_validity) {
        flaw.detail = TC_TRUST_UNPARSABLE;
    } else if (world->as_of_s > cert->facts.not_after_s) {
        flaw.detail = TC_TRUST_EXPIRED;
    } else if (world->as_of_s < cert->facts.not_before_s) {
        flaw.detail = TC_TRUST_NOT_YET_VALID;
    }
    return flaw;
}

/* A wrong use is a matter of purpose where extKeyUsage says so, else of key usage. */
static enum tc_trust_detail purpose_detail(const struct pki_cert *cert)
{
    bool excludes_servers =
        cert->facts.has_ext_key_usage && (cert->facts.ext_key_usage & TC_EKU_SERVER_AUTH) == 0;
    return excludes_servers ? TC_TRUST_PURPOSE : TC_TRUST_CONSTRAINT;
}

/* The library's errors in our words. Dates are judged by us: both ends of a validity belong to it
 * (RFC 5280 section 4.1.2.5), while the library's comparison leaves the last second out. */
static enum tc_trust_detail error_detail(int error, const struct pki_cert *cert)
{
    switch (error) {
    case X509_V_OK:
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TC_TRUST_OK;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return TC_TRUST_BAD_SIGNATURE;
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_INVALID_EXTENSION:
        return TC_TRUST_UNPARSABLE;
    case X509_V_ERR_INVALID_PURPOSE:
        return purpose_detail(cert);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TC_TRUST_UNKNOWN_ISSUER;
    default: /* names, lengths, CA flag, key usage, critical extensions, policies */
        return TC_TRUST_CONSTRAINT;
    }
}

/* ---- the library ---- */

/* Where the library's verdict gathers while X509_verify_cert runs on. */
struct verdict {
    const struct path *path;
    struct flaw leaf;
    struct flaw issuers;
    bool leaf_is_forged; /* its signature, whatever else comes before that in precedence */
    bool is_complete;    /* it ran to its end, so every signature was computed */
};

static void verdict_add(struct verdict *verdict, int error, int depth)
{
    size_t step = depth >= 0 && (size_t)depth < verdict->path->num_steps ? (size_t)depth : 0;
    struct flaw flaw = {.step = step, .library_error = error};
    flaw.detail = error_detail(error, verdict->path->steps[step].cert);
    if (step == 0) {
        verdict->leaf_is_forged = verdict->leaf_is_forged || flaw.detail == TC_TRUST_BAD_SIGNATURE;
        verdict->leaf = flaw_worse(verdict->leaf, flaw);
    } else {
        verdict->issuers = flaw_worse(verdict->issuers, flaw);
    }
}

/* Notes each error and lets the library go on, so that the verdict knows of all of them. */
static int on_library_error(int ok, X509_STORE_CTX *context)
{
    if (!ok) {
        verdict_add(X509_STORE_CTX_get_app_data(context), X509_STORE_CTX_get_error(context),
                    X509_STORE_CTX_get_error_depth(context));
    }
    return 1;
}

/* The library's objects for the path being built; the leaf's is the search's own. */
static bool take_all(struct path_search *search, X509 *out[PATH_CERTS_MAX])
{
    bool is_complete = search->leaf_x509 != NULL;
    out[0] = search->leaf_x509;
    for (size_t i = 1; i < search->path.num_steps; i++) {
        out[i] = pki_cert_take_x509(search->path.steps[i].cert);
        is_complete = is_complete && out[i] != NULL;
    }
    return is_complete;
}

static void drop_all(struct path_search *search, X509 *x509s[PATH_CERTS_MAX])
{
    for (size_t i = 1; i < search->path.num_steps; i++) {
        pki_cert_drop_x509(search->path.steps[i].cert, x509s[i]);
    }
}

/* Exactly this path, whatever else was sent or is trusted: only its anchor is trusted here. */
static bool run_library(struct path_search *search, X509 *x509s[PATH_CERTS_MAX],
                        struct verdict *verdict)
{
    size_t anchor = search->path.num_steps - 1;
    bool has_run = false;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *between = sk_X509_new_null();
    if (store == NULL || context == NULL || between == NULL ||
        !X509_STORE_add_cert(store, x509s[anchor])) {
        goto done;
    }
    for (size_t i = 1; i < anchor; i++) {
        if (!sk_X509_push(between, x509s[i])) {
            goto done;
        }
    }
    if (!X509_STORE_CTX_init(context, store, x509s[0], between) ||
        !X509_STORE_CTX_set_default(context, "ssl_server")) {
        goto done;
    }
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_CTX_set_time(context, 0, (time_t)search->world->as_of_s);
    X509_STORE_CTX_set_app_data(context, verdict);
    X509_STORE_CTX_set_verify_cb(context, on_library_error);
    has_run = true;
    verdict->is_complete = X509_verify_cert(context) == 1;
    if (!verdict->is_complete) { /* it stopped without asking: what it says counts */
        verdict_add(verdict, X509_STORE_CTX_get_error(context),
                    X509_STORE_CTX_get_error_depth(context));
    }

done:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_free(between);
    ERR_clear_error();
    return has_run;
}

/* The library passes over an issuer whose key usage forbids signing; the path shows it. */
static struct flaw check_links(struct path_search *search, X509 *x509s[PATH_CERTS_MAX])
{
    struct flaw flaw = {0};
    for (size_t i = 0; i + 1 < search->path.num_steps && flaw.detail == TC_TRUST_OK; i++) {
        int error = X509_check_issued(x509s[i + 1], x509s[i]);
        if (error != X509_V_OK) {
            flaw = (struct flaw){TC_TRUST_CONSTRAINT, i + 1, error};
        }
    }
    return flaw;
}

void path_judge_anchored(struct path_search *search, struct flaw *out_leaf,
                         struct flaw *out_issuers)
{
    X509 *x509s[PATH_CERTS_MAX] = {NULL};
    struct verdict verdict = {.path = &search->path};
    if (!take_all(search, x509s)) {
        search->no_memory = true;
    } else {
        verdict.issuers = check_links(search, x509s);
        if (verdict.issuers.detail == TC_TRUST_OK) {
            search->no_memory = !run_library(search, x509s, &verdict) || search->no_memory;
            if (search->path.num_steps > 1 && verdict.is_complete && !verdict.leaf_is_forged) {
                search->tried_issuer = search->path.steps[1].cert;
                search->tried_signature = SIGNATURE_GOOD;
            }
        }
    }
    drop_all(search, x509s);
    verdict.leaf = flaw_worse(verdict.leaf, path_judge_date(search->world, search->leaf, 0));
    for (size_t i = 1; i < search->path.num_steps; i++) {
        verdict.issuers = flaw_worse(verdict.issuers,
                                     path_judge_date(search->world, search->path.steps[i].cert, i));
    }
    *out_leaf = verdict.leaf;
    *out_issuers = verdict.issuers;
}

/* ---- the leaf alone ---- */

enum signature path_leaf_signature(struct path_search *search, struct pki_cert *issuer)
{
    const struct pki_cert *tried = search->tried_issuer;
    if (tried == NULL || memcmp(tried->facts.spki_sha256, issuer->facts.spki_sha256,
                                sizeof issuer->facts.spki_sha256) != 0) {
        X509 *x509 = pki_cert_take_x509(issuer);
        if (search->leaf_x509 == NULL) {
            search->leaf_x509 = pki_cert_take_x509(search->leaf);
        }
        search->tried_issuer = issuer;
        search->tried_signature =
            x509 != NULL && search->leaf_x509 != NULL
                ? signature_check(&search->leaf->facts, search->leaf_x509, x509)
                : SIGNATURE_BAD;
        pki_cert_drop_x509(issuer, x509);
    }
    return search->tried_signature;
}

struct flaw path_judge_leaf(struct path_search *search, struct pki_cert *issuer)
{
    struct flaw flaw = path_judge_date(search->world, search->leaf, 0);
    if ((search->leaf->extension_flags & EXFLAG_CRITICAL) != 0) {
        flaw = flaw_worse(
            flaw, (struct flaw){TC_TRUST_CONSTRAINT, 0, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION});
    }
    if (X509_check_purpose(search->leaf_x509, X509_PURPOSE_SSL_SERVER, 0) != 1) {
        flaw = flaw_worse(
            flaw, (struct flaw){purpose_detail(search->leaf), 0, X509_V_ERR_INVALID_PURPOSE});
    }
    if (path_leaf_signature(search, issuer) != SIGNATURE_GOOD) {
        flaw = flaw_worse(
            flaw, (struct flaw){TC_TRUST_BAD_SIGNATURE, 0, X509_V_ERR_CERT_SIGNATURE_FAILURE});
    }
    return flaw;
}
