/*
 * Which issuer path an ordinary leaf belongs to, found by the certificates beside it, the name of
 * its issuer and its authorityKeyIdentifier: on these alone depends who may have issued it.
 */
#ifndef PKI_SHORTCUT_H
#define PKI_SHORTCUT_H

#include "cache.h"
#include "path.h"

struct shortcut {
    struct tc_ref ref;
    struct issuer_path *path; /* one reference */
    EVP_PKEY *key;            /* of the first issuer; one reference */
    uint8_t *issuer;          /* Name with its header, then the key identifier's content */
    size_t issuer_len;
    size_t authority_key_len;
};

/* For cache_new(). */
bool shortcut_same(const struct tc_ref *value, const void *key);
/* One reference, or NULL. */
struct shortcut *shortcut_find(struct cache *cache, const uint64_t hash_key[2],
                               const struct tail *tail, const struct ordinary *leaf);
/*
 * Remembers that leaves like this one belong to `path`, where that is sure: an ordinary leaf whose
 * issuer has the very bytes of the name it gives. Failure is harmless.
 */
void shortcut_remember(struct cache *cache, const uint64_t hash_key[2], struct issuer_path *path,
                       struct pki_cert *leaf);

#endif
