#include "tlscensus/certificate.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "cert_internal.h"
#include "reader.h"
#include "signature.h"

#define TEXT_MAX_BYTES    (4U << 20) /* four times a certificate's cap with room: \xNN per byte */
#define ARENA_FIRST_BYTES 1536U      /* holds the texts of an ordinary leaf */

#define CONTEXT(n)             (CBS_ASN1_CONTEXT_SPECIFIC | (n))
#define CONTEXT_CONSTRUCTED(n) (CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | (n))

const char *tc_name_kind_str(enum tc_name_kind kind)
{
    static const char *const names[] = {[TC_NAME_DNS] = "dns",
                                        [TC_NAME_IP] = "ip",
                                        [TC_NAME_EMAIL] = "email",
                                        [TC_NAME_URI] = "uri",
                                        [TC_NAME_XMPP] = "xmpp",
                                        [TC_NAME_SRV] = "srv",
                                        [TC_NAME_DIRECTORY] = "directory",
                                        [TC_NAME_OTHER] = "other"};
    return (size_t)kind < TC_ARRAY_LEN(names) ? names[kind] : "other";
}

const char *tc_policy_str(enum tc_policy policy)
{
    static const char *const names[] = {[TC_POLICY_NONE] = "",
                                        [TC_POLICY_DV] = "DV",
                                        [TC_POLICY_OV] = "OV",
                                        [TC_POLICY_IV] = "IV",
                                        [TC_POLICY_EV] = "EV"};
    return (size_t)policy < TC_ARRAY_LEN(names) ? names[policy] : "";
}

void reader_keep(struct reader *reader, struct tc_text *out, struct tc_buf *scratch)
{
    const char *bytes = scratch->data != NULL ? scratch->data : "";
    char *text = scratch->failed == TC_OK ? arena_text(reader->arena, bytes, scratch->len) : NULL;
    if (text == NULL) {
        reader->no_memory = true;
    } else {
        *out = (struct tc_text){.data = text, .len = scratch->len};
    }
    tc_buf_clear(scratch);
}

char *reader_keep_str(struct reader *reader, const char *text)
{
    char *copy = arena_text(reader->arena, text, strlen(text));
    reader->no_memory = reader->no_memory || copy == NULL;
    return copy;
}

char *reader_keep_oid(struct reader *reader, const CBS *oid)
{
    char *dotted = CBS_asn1_oid_to_text(oid);
    char *copy = reader_keep_str(reader, dotted != NULL ? dotted : "unreadable OID");
    OPENSSL_free(dotted);
    return copy;
}

static void set_parse_error(struct reader *reader, const char *why)
{
    if (reader->cert->parse_error == NULL) {
        reader->cert->parse_error = reader_keep_str(reader, why);
    }
}

static bool read_version(struct reader *reader, CBS *tbs)
{
    CBS tagged;
    int is_present = 0;
    uint64_t version = 0;
    if (!CBS_get_optional_asn1(tbs, &tagged, &is_present, CONTEXT_CONSTRUCTED(0U)) ||
        (is_present && (!CBS_get_asn1_uint64(&tagged, &version) || CBS_len(&tagged) != 0))) {
        return false;
    }
    reader->cert->version = version < 1000 ? (unsigned)version + 1 : 1000;
    return true; /* whether there is such a version is the library's to say, as all that follows */
}

static bool read_serial(struct reader *reader, CBS *tbs)
{
    CBS serial;
    struct tc_text text = {0};
    if (!CBS_get_asn1(tbs, &serial, CBS_ASN1_INTEGER)) {
        return false;
    }
    tc_buf_clear(&reader->text);
    tc_buf_add_hex(&reader->text, CBS_data(&serial), CBS_len(&serial), ':');
    reader_keep(reader, &text, &reader->text);
    reader->cert->serial_hex = text.data;
    return true;
}

static bool read_issuer(struct reader *reader, CBS *tbs)
{
    CBS element;
    CBS name;
    struct pki_cert *cert = pki_cert_of(reader->cert);
    if (!CBS_get_asn1_element(tbs, &element, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    cert->issuer_der = CBS_data(&element);
    cert->issuer_der_len = CBS_len(&element);
    return CBS_get_asn1(&element, &name, CBS_ASN1_SEQUENCE) &&
           read_name(reader, name, &cert->facts.issuer, &cert->facts.issuer_cn,
                     &cert->facts.issuer_organization);
}

static bool read_subject(struct reader *reader, CBS *tbs)
{
    CBS element;
    CBS name;
    struct pki_cert *cert = pki_cert_of(reader->cert);
    if (!CBS_get_asn1_element(tbs, &element, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    cert->subject_der = CBS_data(&element);
    cert->subject_der_len = CBS_len(&element);
    return CBS_get_asn1(&element, &name, CBS_ASN1_SEQUENCE) &&
           read_name(reader, name, &cert->facts.subject, &cert->facts.subject_cn, NULL);
}

static bool read_spki(struct reader *reader, CBS *tbs)
{
    CBS element;
    CBS spki;
    if (!CBS_get_asn1_element(tbs, &element, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    SHA256(CBS_data(&element), CBS_len(&element), reader->cert->spki_sha256);
    reader->cert->has_spki = true;
    return CBS_get_asn1(&element, &spki, CBS_ASN1_SEQUENCE) && read_key(reader, spki);
}

/* What follows the key: two unique identifiers that nobody uses, and the extensions. */
static bool read_tail(struct reader *reader, CBS *tbs)
{
    CBS tagged;
    CBS extensions;
    int is_present = 0;
    if (!CBS_get_optional_asn1(tbs, NULL, NULL, CONTEXT(1U)) ||
        !CBS_get_optional_asn1(tbs, NULL, NULL, CONTEXT(2U)) ||
        !CBS_get_optional_asn1(tbs, &tagged, &is_present, CONTEXT_CONSTRUCTED(3U)) ||
        CBS_len(tbs) != 0) {
        return false;
    }
    if (!is_present) {
        return true;
    }
    return CBS_get_asn1(&tagged, &extensions, CBS_ASN1_SEQUENCE) && CBS_len(&tagged) == 0 &&
           read_extensions(reader, extensions);
}

/* TBSCertificate, RFC 5280 section 4.1.2, in its order. A part that can be skipped is skipped. */
static const char *read_tbs(struct reader *reader, CBS tbs)
{
    CBS part;
    const char *bad = NULL;
    if (!read_version(reader, &tbs)) {
        bad = "version";
    }
    if (!read_serial(reader, &tbs)) {
        return bad != NULL ? bad : "serial number";
    }
    if (!CBS_get_asn1(&tbs, &part, CBS_ASN1_SEQUENCE)) {
        return bad != NULL ? bad : "signature algorithm";
    }
    if (!read_issuer(reader, &tbs) && bad == NULL) {
        bad = "issuer";
    }
    if (!CBS_get_asn1(&tbs, &part, CBS_ASN1_SEQUENCE)) {
        return bad != NULL ? bad : "validity";
    }
    if (!read_validity(reader, part) && bad == NULL) {
        bad = "validity";
    }
    if (!read_subject(reader, &tbs) && bad == NULL) {
        bad = "subject";
    }
    if (!read_spki(reader, &tbs)) {
        return bad != NULL ? bad : "public key";
    }
    if (!read_tail(reader, &tbs) && bad == NULL) {
        bad = "list of extensions";
    }
    return bad;
}

/* Certificate, RFC 5280 section 4.1. Returns the name of the first part that cannot be read. */
static const char *read_certificate(struct reader *reader)
{
    CBS der;
    CBS certificate;
    CBS tbs;
    CBS algorithm;
    CBS signature;
    CBS_init(&der, reader->cert->der, reader->cert->der_len);
    if (!CBS_get_asn1(&der, &certificate, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&certificate, &tbs, CBS_ASN1_SEQUENCE)) {
        return "outermost structure";
    }
    const char *bad = read_tbs(reader, tbs);
    if (!CBS_get_asn1(&certificate, &algorithm, CBS_ASN1_SEQUENCE) ||
        !read_signature_algorithm(reader, algorithm)) {
        return bad != NULL ? bad : "signature algorithm";
    }
    if (!CBS_get_asn1(&certificate, &signature, CBS_ASN1_BITSTRING) || CBS_len(&certificate) != 0) {
        return bad != NULL ? bad : "signature";
    }
    if (bad == NULL && CBS_len(&der) != 0) {
        set_parse_error(reader, "bytes follow the end of the certificate");
    }
    return bad;
}

/* Several threads may do so at once: each writes the same. */
static void note_library_facts(struct pki_cert *cert, X509 *x509)
{
    atomic_store_explicit(&cert->extension_flags, X509_get_extension_flags(x509),
                          memory_order_relaxed);
    atomic_store_explicit(&cert->subject_hash, (unsigned)X509_subject_name_hash(x509),
                          memory_order_relaxed);
    atomic_store_explicit(&cert->issuer_hash, (unsigned)X509_issuer_name_hash(x509),
                          memory_order_relaxed);
    atomic_store_explicit(&cert->was_asked, true, memory_order_release);
}

/* What the library says of it, once: readable, self-issued, self-signed, broken extensions. */
static void ask_library(struct reader *reader, struct pki_cert *cert)
{
    struct tc_cert *facts = &cert->facts;
    X509 *x509 = X509_parse_from_buffer(cert->der);
    if (x509 == NULL) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        tc_buf_clear(&reader->text);
        tc_buf_addf(&reader->text, "BoringSSL cannot read it: %s",
                    reason != NULL ? reason : "no reason given");
        if (reader->text.failed == TC_OK) {
            set_parse_error(reader, reader->text.data);
        }
        ERR_clear_error();
        return;
    }
    cert->has_x509 = true;
    note_library_facts(cert, x509);
    unsigned flags = atomic_load_explicit(&cert->extension_flags, memory_order_relaxed);
    facts->is_self_issued = (flags & EXFLAG_SI) != 0;
    if (facts->version == 1 && facts->is_self_issued) {
        facts->is_ca = true;
    }
    if ((flags & EXFLAG_INVALID) != 0) {
        tc_buf_clear(&reader->text);
        tc_buf_addf(&reader->text, "its %s cannot be read",
                    reader->bad_extension != NULL ? reader->bad_extension : "extensions");
        if (reader->text.failed == TC_OK) {
            set_parse_error(reader, reader->text.data);
        }
    }
    cert->keeps_x509 = facts->is_ca || facts->is_self_issued;
    atomic_store_explicit(&cert->x509, x509, memory_order_relaxed);
    atomic_store_explicit(&cert->owes_proof, facts->is_self_issued, memory_order_relaxed);
    ERR_clear_error();
}

/* Several threads may do so at once: each writes the same. */
void pki_cert_prove(struct pki_cert *cert)
{
    if (atomic_load_explicit(&cert->owes_proof, memory_order_acquire)) {
        X509 *x509 = pki_cert_take_x509(cert);
        if (x509 != NULL) {
            cert->facts.is_self_signed = signature_check(&cert->facts, x509, x509) != SIGNATURE_BAD;
        }
        pki_cert_drop_x509(cert, x509);
        atomic_store_explicit(&cert->owes_proof, false, memory_order_release);
    }
}

static enum tc_status read_facts(struct pki_cert *cert)
{
    struct reader reader = {.cert = &cert->facts, .arena = &cert->arena};
    tc_buf_init(&reader.text, TEXT_MAX_BYTES);
    tc_buf_init(&reader.value, TEXT_MAX_BYTES);
    const char *bad = read_certificate(&reader);
    if (bad != NULL) {
        tc_buf_clear(&reader.text);
        tc_buf_addf(&reader.text, "its %s cannot be read", bad);
        if (reader.text.failed == TC_OK) {
            set_parse_error(&reader, reader.text.data);
        }
    }
    cert->has_policy_limits = reader.has_policy_limits;
    cert->has_odd_policies = reader.has_odd_policies;
    if (cert->facts.parse_error == NULL && !cert->facts.is_ca &&
        ordinary_read(&cert->ordinary, &cert->facts)) {
        cert->is_ordinary = true;
        cert->has_x509 = true;
    } else {
        ask_library(&reader, cert);
    }
    tc_buf_cleanup(&reader.text);
    tc_buf_cleanup(&reader.value);
    return reader.no_memory ? TC_ERR_NOMEM : TC_OK;
}

static void cert_destroy(struct tc_ref *ref)
{
    /* The reference is the first member of facts, which is the first of the whole. */
    struct pki_cert *cert = (struct pki_cert *)(void *)ref;
    X509_free(atomic_load_explicit(&cert->x509, memory_order_acquire));
    CRYPTO_BUFFER_free(cert->der);
    arena_cleanup(&cert->arena);
    free(cert);
}

enum tc_status pki_cert_new_unproved(struct tc_cert **out, const uint8_t *der, size_t der_len)
{
    struct pki_cert *cert = calloc(1, sizeof *cert);
    if (cert == NULL) {
        return TC_ERR_NOMEM;
    }
    tc_ref_init(&cert->facts.ref, cert_destroy);
    cert->facts.path_len = -1;
    arena_reserve(&cert->arena, ARENA_FIRST_BYTES);
    cert->der = CRYPTO_BUFFER_new(der, der_len, NULL);
    if (cert->der == NULL) {
        tc_cert_release(&cert->facts);
        return TC_ERR_NOMEM;
    }
    cert->facts.der = CRYPTO_BUFFER_data(cert->der);
    cert->facts.der_len = der_len;
    SHA256(der, der_len, cert->facts.sha256);
    enum tc_status status = read_facts(cert);
    if (status != TC_OK) {
        tc_cert_release(&cert->facts);
        return status;
    }
    *out = &cert->facts;
    return TC_OK;
}

enum tc_status tc_cert_new(struct tc_cert **out, const uint8_t *der, size_t der_len)
{
    enum tc_status status = pki_cert_new_unproved(out, der, der_len);
    if (status == TC_OK) {
        pki_cert_prove(pki_cert_of(*out));
    }
    return status;
}

void tc_cert_release(struct tc_cert *cert)
{
    if (cert != NULL) {
        tc_ref_release(&cert->ref);
    }
}

void pki_cert_ask(struct pki_cert *cert)
{
    if (cert->is_ordinary && !atomic_load_explicit(&cert->was_asked, memory_order_acquire)) {
        X509 *x509 = X509_parse_from_buffer(cert->der);
        X509 *none = NULL;
        if (x509 != NULL) {
            note_library_facts(cert, x509);
        }
        if (!atomic_compare_exchange_strong(&cert->x509, &none, x509)) {
            X509_free(x509); /* another thread was first */
        }
        ERR_clear_error();
    }
}

X509 *pki_cert_take_x509(struct pki_cert *cert)
{
    X509 *x509 = NULL;
    if (!cert->has_x509) {
        return NULL;
    }
    if (cert->keeps_x509) {
        return atomic_load_explicit(&cert->x509, memory_order_acquire);
    }
    x509 = atomic_exchange_explicit(&cert->x509, NULL, memory_order_acq_rel);
    return x509 != NULL ? x509 : X509_parse_from_buffer(cert->der);
}

void pki_cert_drop_x509(struct pki_cert *cert, X509 *x509)
{
    if (!cert->keeps_x509) {
        X509_free(x509);
    }
}
