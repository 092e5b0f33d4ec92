/* The verdict in words: which certificate, what is wrong, whose name to look for. */
#include <string.h>
#include <time.h>

#include <openssl/x509v3.h>

#include "text.h"
#include "verifier_internal.h"

#define WORDS_MAX_BYTES 4096U
#define NAME_MAX_BYTES  200U /* of one name inside the text */

/* A stranger's text, cut to a readable length; a NUL, which would end the whole, made visible. */
static void add_text(struct tc_buf *out, const struct tc_text *text)
{
    CBS rest;
    CBS piece;
    size_t len = 0;
    size_t used = 0;
    CBS_init(&rest, (const uint8_t *)text->data, text->len);
    while ((len = text_utf8_len(&rest)) > 0 && used + len <= NAME_MAX_BYTES &&
           CBS_get_bytes(&rest, &piece, len)) {
        if (CBS_data(&piece)[0] == 0) {
            tc_buf_add_str(out, "\\x00");
        } else {
            tc_buf_add(out, CBS_data(&piece), len);
        }
        used += len;
    }
    if (CBS_len(&rest) > 0) {
        tc_buf_add_str(out, "…");
    }
}

/* A certificate by its common name, else its whole subject, else its serial number. */
static void add_cert(struct tc_buf *out, const struct pki_cert *cert)
{
    if (cert->facts.subject_cn.len > 0) {
        add_text(out, &cert->facts.subject_cn);
    } else if (cert->facts.subject.len > 0) {
        add_text(out, &cert->facts.subject);
    } else if (cert->facts.serial_hex != NULL && strlen(cert->facts.serial_hex) < NAME_MAX_BYTES) {
        tc_buf_addf(out, "the certificate with serial number %s", cert->facts.serial_hex);
    } else {
        tc_buf_add_str(out, "a certificate without a name");
    }
}

static void add_date(struct tc_buf *out, int64_t time_s)
{
    time_t seconds = (time_t)time_s;
    struct tm parts;
    char text[64];
    if (gmtime_r(&seconds, &parts) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) > 0) {
        tc_buf_add_str(out, text);
    }
}

static void add_constraint(struct tc_buf *out, const struct pki_cert *cert, int library_error)
{
    add_cert(out, cert);
    switch (library_error) {
    case X509_V_ERR_INVALID_CA:
        tc_buf_add_str(out, " issued a certificate but is no CA");
        break;
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        tc_buf_add_str(out, " issued a certificate, which its key usage does not allow");
        break;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        tc_buf_addf(out, " allows only %d more CA certificates below itself", cert->facts.path_len);
        break;
    case X509_V_ERR_PERMITTED_VIOLATION:
        tc_buf_add_str(out, " has a name outside of those that its issuers may name");
        break;
    case X509_V_ERR_EXCLUDED_VIOLATION:
        tc_buf_add_str(out, " has a name that its issuers are forbidden to name");
        break;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        tc_buf_add_str(out, " has a critical extension that is not understood");
        break;
    case X509_V_ERR_INVALID_PURPOSE:
        tc_buf_add_str(out, " has a key usage that does not suit its place");
        break;
    default:
        tc_buf_addf(out, ": %s", X509_verify_cert_error_string(library_error));
        break;
    }
}

static void add_signature(struct tc_buf *out, const struct path *path, const struct flaw *flaw)
{
    size_t step = flaw->step;
    const struct pki_cert *cert = path->steps[step].cert;
    if (flaw->library_error == X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY) {
        /* Two libraries disagree about whose depth this error carries: the path is named. */
        tc_buf_add_str(out, "BoringSSL cannot use a key that issued a certificate on the path of ");
        add_cert(out, path->steps[0].cert);
        return;
    }
    tc_buf_add_str(out, "the signature of ");
    add_cert(out, cert);
    if (step + 1 < path->num_steps) {
        tc_buf_add_str(out, " by ");
        add_cert(out, path->steps[step + 1].cert);
    }
    tc_buf_addf(out, " (%s) is not valid",
                cert->facts.signature != NULL ? cert->facts.signature : "unknown algorithm");
}

/* What was not sent, for chains that are verified all the same. Returns how many that is. */
static size_t add_missing(struct tc_buf *out, const struct tc_chain *chain)
{
    size_t num_missing = 0;
    for (size_t i = 0; i < chain->num_path; i++) {
        const struct tc_path_entry *entry = &chain->path[i];
        if (entry->origin != TC_ORIGIN_SENT && !entry->is_anchor) {
            tc_buf_add_str(out, num_missing++ > 0 ? " and " : "");
            add_cert(out, pki_cert_of(entry->cert));
        }
    }
    return num_missing;
}

static void add_path(struct tc_buf *out, const struct path *path)
{
    if (path->num_steps == 1) {
        tc_buf_add_str(out, "the trust store holds this certificate");
        return;
    }
    tc_buf_addf(out, "the path of %zu certificates ends in ", path->num_steps);
    add_cert(out, path->steps[path->num_steps - 1].cert);
}

static void add_unknown_issuer(struct tc_buf *out, const struct pki_cert *cert)
{
    tc_buf_add_str(out, "the issuer of ");
    add_cert(out, cert);
    tc_buf_add_str(out, " was not sent and is not in the trust store: ");
    if (cert->facts.issuer.len > 0) {
        add_text(out, &cert->facts.issuer);
    } else {
        tc_buf_add_str(out, "it has no name");
    }
}

static void add_date_flaw(struct tc_buf *out, const struct pki_cert *cert, bool has_expired)
{
    add_cert(out, cert);
    tc_buf_add_str(out, has_expired ? " expired on " : " is not valid before ");
    add_date(out, has_expired ? cert->facts.not_after_s : cert->facts.not_before_s);
    tc_buf_add_str(out, "; but for the date the path is trusted");
}

static void add_trusted(struct tc_buf *out, const struct tc_chain *chain, const struct path *path)
{
    tc_buf_add_str(out, "trusted: ");
    add_path(out, path);
    if (chain->status == TC_CHAIN_INCOMPLETE) {
        tc_buf_add_str(out, "; the server did not send ");
        (void)add_missing(out, chain);
        tc_buf_add_str(out, ", which the trust store holds");
    }
}

static void add_incomplete(struct tc_buf *out, const struct tc_chain *chain,
                           const struct path *path)
{
    tc_buf_add_str(out, "the server did not send ");
    size_t num_missing = add_missing(out, chain);
    tc_buf_add_str(out, num_missing == 1 ? "; with it, as other endpoints send it, "
                                         : "; with them, as other endpoints send them, ");
    add_path(out, path);
}

static void add_unparsable(struct tc_buf *out, const struct pki_cert *cert)
{
    add_cert(out, cert);
    tc_buf_addf(out, " cannot be used: %s",
                cert->facts.parse_error != NULL ? cert->facts.parse_error : "it cannot be read");
}

char *chain_words(const struct tc_chain *chain, const struct path *path, const struct flaw *flaw,
                  const struct pki_cert *broken_issuer)
{
    struct tc_buf text;
    struct tc_buf *out = &text;
    const struct pki_cert *cert = path->steps[flaw->step].cert;
    tc_buf_init(out, WORDS_MAX_BYTES);
    switch (chain->trust_detail) {
    case TC_TRUST_OK:
        add_trusted(out, chain, path);
        break;
    case TC_TRUST_SELF_SIGNED:
        add_cert(out, cert);
        tc_buf_add_str(out, " is self-signed and not in the trust store");
        break;
    case TC_TRUST_UNTRUSTED_ROOT:
        tc_buf_add_str(out, "the path ends in the root ");
        add_cert(out, cert);
        tc_buf_add_str(out, ", which was sent and is not in the trust store");
        break;
    case TC_TRUST_INCOMPLETE_CHAIN:
        add_incomplete(out, chain, path);
        break;
    case TC_TRUST_UNKNOWN_ISSUER:
        add_unknown_issuer(out, cert);
        break;
    case TC_TRUST_BAD_SIGNATURE:
        add_signature(out, path, flaw);
        break;
    case TC_TRUST_UNPARSABLE:
        add_unparsable(out, broken_issuer != NULL ? broken_issuer : cert);
        break;
    case TC_TRUST_CONSTRAINT:
        add_constraint(out, cert, flaw->library_error);
        break;
    case TC_TRUST_PURPOSE:
        add_cert(out, cert);
        tc_buf_add_str(out, " is not for TLS servers: its extended key usage leaves them out");
        break;
    case TC_TRUST_EXPIRED:
    case TC_TRUST_NOT_YET_VALID:
        add_date_flaw(out, cert, chain->trust_detail == TC_TRUST_EXPIRED);
        break;
    }
    return tc_buf_take(out);
}
