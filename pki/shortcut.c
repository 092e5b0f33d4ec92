#include "shortcut.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/siphash.h>

struct shortcut_key {
    const struct tail *tail;
    const struct ordinary *leaf;
};

static uint64_t shortcut_hash(const uint64_t hash_key[2], const struct shortcut_key *key)
{
    uint64_t parts[3] = {
        (uintptr_t)key->tail,
        SIPHASH_24(hash_key, CBS_data(&key->leaf->issuer), CBS_len(&key->leaf->issuer)),
        SIPHASH_24(hash_key, CBS_data(&key->leaf->authority_key),
                   CBS_len(&key->leaf->authority_key))};
    uint8_t bytes[sizeof parts];
    memcpy(bytes, parts, sizeof bytes);
    return SIPHASH_24(hash_key, bytes, sizeof bytes);
}

bool shortcut_same(const struct tc_ref *value, const void *key)
{
    const struct shortcut *shortcut = (const struct shortcut *)(const void *)value;
    const struct shortcut_key *wanted = key;
    return shortcut->path->tail == wanted->tail &&
           CBS_mem_equal(&wanted->leaf->issuer, shortcut->issuer, shortcut->issuer_len) &&
           CBS_mem_equal(&wanted->leaf->authority_key, shortcut->issuer + shortcut->issuer_len,
                         shortcut->authority_key_len);
}

struct shortcut *shortcut_find(struct cache *cache, const uint64_t hash_key[2],
                               const struct tail *tail, const struct ordinary *leaf)
{
    const struct shortcut_key key = {tail, leaf};
    return (struct shortcut *)(void *)cache_get(cache, shortcut_hash(hash_key, &key), &key);
}

static void shortcut_destroy(struct tc_ref *ref)
{
    struct shortcut *shortcut = (struct shortcut *)(void *)ref;
    tc_ref_release(&shortcut->path->ref);
    EVP_PKEY_free(shortcut->key);
    free(shortcut->issuer);
    free(shortcut);
}

void shortcut_remember(struct cache *cache, const uint64_t hash_key[2], struct issuer_path *path,
                       struct pki_cert *leaf)
{
    struct pki_cert *issuer = path->path.steps[1].cert;
    const struct ordinary *ordinary = &leaf->ordinary;
    const struct shortcut_key key = {path->tail, ordinary};
    if (!leaf->is_ordinary || issuer->subject_der == NULL ||
        !CBS_mem_equal(&ordinary->issuer, issuer->subject_der, issuer->subject_der_len)) {
        return;
    }
    struct shortcut *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return;
    }
    tc_ref_init(&made->ref, shortcut_destroy);
    tc_ref_get(&path->ref);
    made->path = path;
    made->issuer_len = CBS_len(&ordinary->issuer);
    made->authority_key_len = CBS_len(&ordinary->authority_key);
    made->issuer = malloc(made->issuer_len + made->authority_key_len + 1);
    X509 *x509 = pki_cert_take_x509(issuer);
    made->key = x509 != NULL ? X509_get_pubkey(x509) : NULL;
    pki_cert_drop_x509(issuer, x509);
    if (made->issuer != NULL && made->key != NULL) {
        memcpy(made->issuer, CBS_data(&ordinary->issuer), made->issuer_len);
        if (made->authority_key_len > 0) {
            memcpy(made->issuer + made->issuer_len, CBS_data(&ordinary->authority_key),
                   made->authority_key_len);
        }
        tc_ref_release(cache_put(cache, shortcut_hash(hash_key, &key), &key, &made->ref));
    }
    tc_ref_release(&made->ref);
}
