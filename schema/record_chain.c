#include "recorder.h"

#include <openssl/sha.h>
#include <string.h>

/* What was remembered in this transaction stays: a failure ends the recorder. */
static enum tc_status inserted(struct tc_recorder *recorder, struct tc_binder *binder, int64_t *out,
                               struct tc_error *error)
{
    enum tc_status status = tc_recorder_run(recorder, binder, error);
    if (status == TC_OK) {
        *out = sqlite3_last_insert_rowid(recorder->store->db);
    }
    return status;
}

/* ---- addresses that certificates of one CA share ---- */

static void hash_text(SHA256_CTX *hash, const struct tc_text *text)
{
    uint64_t len = text->len; /* so that no two triples have the same bytes */
    SHA256_Update(hash, &len, sizeof len);
    SHA256_Update(hash, text->data != NULL ? text->data : "", text->len);
}

static void bind_text_or_empty(struct tc_binder *binder, const struct tc_text *text)
{
    tc_bind_text(binder, text->data != NULL ? text->data : "", text->len);
}

static struct tc_binder bind_urls(sqlite3_stmt *statement, const struct tc_cert *cert)
{
    struct tc_binder binder = tc_binder_start(statement);
    bind_text_or_empty(&binder, &cert->ocsp_url);
    bind_text_or_empty(&binder, &cert->ca_issuers_url);
    bind_text_or_empty(&binder, &cert->crl_url);
    return binder;
}

/* `*out` is 0 where the certificate names none. */
static enum tc_status record_urls(struct tc_recorder *recorder, const struct tc_cert *cert,
                                  int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    SHA256_CTX hash;
    if (cert->ocsp_url.len + cert->ca_issuers_url.len + cert->crl_url.len == 0) {
        *out = 0;
        return TC_OK;
    }
    SHA256_Init(&hash);
    hash_text(&hash, &cert->ocsp_url);
    hash_text(&hash, &cert->ca_issuers_url);
    hash_text(&hash, &cert->crl_url);
    SHA256_Final(key, &hash);
    *out = tc_known_get(&recorder->urls, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder find = bind_urls(recorder->find_certificate_url, cert);
    enum tc_status status = tc_recorder_find(recorder, &find, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = bind_urls(recorder->put_certificate_url, cert);
        status = inserted(recorder, &put, out, error);
    }
    if (status == TC_OK) {
        tc_known_put(&recorder->urls, key, *out);
    }
    return status;
}

/* ---- certificates ---- */

static void bind_fact(struct tc_binder *binder, const struct tc_text *text)
{
    tc_bind_text(binder, text->data, text->len); /* NULL where there is none */
}

/* A number or a yes or no that a certificate which could not be read does not tell. */
static void bind_read(struct tc_binder *binder, const struct tc_cert *cert, int64_t value)
{
    if (cert->parse_error != NULL) {
        tc_bind_null(binder);
    } else {
        tc_bind_int(binder, value);
    }
}

static void bind_if(struct tc_binder *binder, bool known, int64_t value)
{
    if (known) {
        tc_bind_int(binder, value);
    } else {
        tc_bind_null(binder);
    }
}

/* In the order of put_certificate.sql. */
static struct tc_binder bind_certificate(sqlite3_stmt *put, const struct tc_cert *cert,
                                         int64_t url_id)
{
    struct tc_binder binder = tc_binder_start(put);
    tc_bind_bytes(&binder, cert->sha256, TC_SHA256_BYTES);
    tc_bind_bytes(&binder, cert->has_spki ? cert->spki_sha256 : NULL, TC_SHA256_BYTES);
    tc_bind_str(&binder, cert->serial_hex);
    bind_fact(&binder, &cert->subject_cn);
    bind_fact(&binder, &cert->subject);
    bind_fact(&binder, &cert->issuer_cn);
    bind_fact(&binder, &cert->issuer_organization);
    bind_fact(&binder, &cert->issuer);
    bind_if(&binder, cert->has_validity, cert->not_before_s);
    bind_if(&binder, cert->has_validity, cert->not_after_s);
    tc_bind_str(&binder, cert->key_type);
    tc_bind_id(&binder, cert->key_bits);
    tc_bind_str(&binder, cert->signature);
    tc_bind_id(&binder, cert->version);
    bind_read(&binder, cert, cert->is_ca);
    bind_read(&binder, cert, cert->is_self_issued);
    bind_read(&binder, cert, cert->is_self_signed);
    bind_if(&binder, cert->parse_error == NULL && cert->path_len >= 0, cert->path_len);
    bind_read(&binder, cert, cert->has_name_constraints);
    bind_if(&binder, cert->has_key_usage, cert->key_usage);
    bind_if(&binder, cert->has_ext_key_usage, cert->ext_key_usage);
    tc_bind_str(&binder, cert->policy != TC_POLICY_NONE ? tc_policy_str(cert->policy) : NULL);
    bind_read(&binder, cert, cert->sct_count);
    bind_read(&binder, cert, cert->must_staple);
    bind_read(&binder, cert, cert->is_precert);
    bind_read(&binder, cert, (int64_t)cert->num_names);
    tc_bind_id(&binder, url_id);
    tc_bind_str(&binder, cert->parse_error);
    tc_bind_bytes(&binder, cert->der, cert->der_len);
    return binder;
}

static enum tc_status record_names(struct tc_recorder *recorder, const struct tc_cert *cert,
                                   int64_t certificate_id, struct tc_error *error)
{
    for (size_t i = 0; i < cert->num_names; i++) {
        const struct tc_cert_name *name = &cert->names[i];
        struct tc_binder binder = tc_binder_start(recorder->put_certificate_name);
        tc_bind_int(&binder, certificate_id);
        tc_bind_str(&binder, tc_name_kind_str(name->kind));
        bind_text_or_empty(&binder, &name->text);
        enum tc_status status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status find_certificate(struct tc_recorder *recorder, const struct tc_cert *cert,
                                       int64_t *out, struct tc_error *error)
{
    struct tc_binder find = tc_binder_start(recorder->find_certificate);
    tc_bind_bytes(&find, cert->sha256, TC_SHA256_BYTES);
    return tc_recorder_find(recorder, &find, out, error);
}

/* `*out` is 0 where it is there already. */
static enum tc_status put_certificate(struct tc_recorder *recorder, const struct tc_cert *cert,
                                      int64_t *out, struct tc_error *error)
{
    int64_t url_id = 0;
    *out = 0;
    enum tc_status status = record_urls(recorder, cert, &url_id, error);
    if (status != TC_OK) {
        return status;
    }
    struct tc_binder put = bind_certificate(recorder->put_certificate, cert, url_id);
    status = tc_recorder_run(recorder, &put, error);
    if (status != TC_OK || sqlite3_changes(recorder->store->db) == 0) {
        return status;
    }
    *out = sqlite3_last_insert_rowid(recorder->store->db);
    return record_names(recorder, cert, *out, error);
}

/* As with endpoints: what the last one was says which question to ask first. */
static enum tc_status find_or_put(struct tc_recorder *recorder, const struct tc_cert *cert,
                                  int64_t *out, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    bool was_new = recorder->certificates_are_new;
    *out = 0;
    if (was_new) {
        status = put_certificate(recorder, cert, out, error);
        recorder->certificates_are_new = *out != 0;
    }
    if (status == TC_OK && *out == 0) {
        status = find_certificate(recorder, cert, out, error);
    }
    if (status == TC_OK && *out == 0 && !was_new) {
        status = put_certificate(recorder, cert, out, error);
        recorder->certificates_are_new = true;
    }
    return status;
}

static enum tc_status record_certificate(struct tc_recorder *recorder, const struct tc_cert *cert,
                                         int64_t *out, struct tc_error *error)
{
    *out = tc_known_get(&recorder->certificates, cert->sha256);
    if (*out != 0) {
        return TC_OK;
    }
    enum tc_status status = find_or_put(recorder, cert, out, error);
    if (status == TC_OK) {
        tc_known_put(&recorder->certificates, cert->sha256, *out);
    }
    return status;
}

/* ---- chains: what follows the leaf ---- */

/* One way to walk over both kinds: certificate `i`, from 1. */
typedef const struct tc_cert *(*member_at)(const struct tc_chain *chain, size_t i);

static const struct tc_cert *presented_at(const struct tc_chain *chain, size_t i)
{
    return chain->presented[i];
}

static const struct tc_cert *verified_at(const struct tc_chain *chain, size_t i)
{
    return chain->path[i].cert;
}

static enum tc_status put_members(struct tc_recorder *recorder, const struct tc_chain *chain,
                                  member_at member, size_t num_certs, int64_t chain_id,
                                  struct tc_error *error)
{
    for (size_t i = 1; i < num_certs; i++) {
        int64_t certificate_id = 0;
        enum tc_status status =
            record_certificate(recorder, member(chain, i), &certificate_id, error);
        if (status != TC_OK) {
            return status;
        }
        struct tc_binder binder = tc_binder_start(recorder->put_chain_certificate);
        tc_bind_int(&binder, chain_id);
        tc_bind_int(&binder, (int64_t)i);
        tc_bind_int(&binder, certificate_id);
        status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

/* `*out` is 0 where nothing follows the leaf. */
static enum tc_status record_members(struct tc_recorder *recorder, const struct tc_chain *chain,
                                     member_at member, size_t num_certs, int64_t *out,
                                     struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    SHA256_CTX hash;
    *out = 0;
    if (num_certs <= 1) {
        return TC_OK;
    }
    SHA256_Init(&hash);
    for (size_t i = 1; i < num_certs; i++) {
        SHA256_Update(&hash, member(chain, i)->sha256, TC_SHA256_BYTES);
    }
    SHA256_Final(key, &hash);
    *out = tc_known_get(&recorder->chains, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder find = tc_binder_start(recorder->find_chain);
    tc_bind_bytes(&find, key, sizeof key);
    enum tc_status status = tc_recorder_find(recorder, &find, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = tc_binder_start(recorder->put_chain);
        tc_bind_bytes(&put, key, sizeof key);
        status = inserted(recorder, &put, out, error);
        if (status == TC_OK) {
            status = put_members(recorder, chain, member, num_certs, *out, error);
        }
    }
    if (status == TC_OK) {
        tc_known_put(&recorder->chains, key, *out);
    }
    return status;
}

enum tc_status tc_record_chain(struct tc_recorder *recorder, const struct tc_chain *chain,
                               struct tc_chain_ids *out, struct tc_error *error)
{
    struct tc_chain_ids ids = {0};
    enum tc_status status = TC_OK;
    if (chain->num_presented > 0) {
        status = record_certificate(recorder, chain->presented[0], &ids.leaf_id, error);
    }
    if (status == TC_OK) {
        status = record_members(recorder, chain, presented_at, chain->num_presented,
                                &ids.presented_chain_id, error);
    }
    if (status == TC_OK) {
        status = record_members(recorder, chain, verified_at, chain->num_verified,
                                &ids.verified_chain_id, error);
    }
    if (status == TC_OK && chain->path_first_to_expire != NULL) {
        status = record_certificate(recorder, chain->path_first_to_expire, &ids.first_to_expire_id,
                                    error);
    }
    if (status == TC_OK) {
        *out = ids;
    }
    return status;
}
