#include "trust.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "pile.h"
#include "tlscensus/chain.h"

#define TRUST_FILE_CERTS_MAX 65536U

enum tc_status tc_trust_store_new(struct tc_trust_store **out)
{
    struct tc_trust_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return TC_ERR_NOMEM;
    }
    *out = store;
    return TC_OK;
}

enum tc_status tc_trust_store_add_pile(struct tc_trust_store *store, size_t *out_added,
                                       const uint8_t *bytes, size_t len, struct tc_error *error)
{
    static const struct pile_rules rules = {.max_certs = TRUST_FILE_CERTS_MAX,
                                            .make = pki_cert_new_unproved};
    struct tc_cert_pile pile = {0};
    size_t num_added = 0;
    enum tc_status status = pile_read(&pile, bytes, len, &rules, error);
    for (size_t i = 0; status == TC_OK && i < pile.num_certs; i++) {
        bool is_new = false;
        if (!pki_cert_is_usable(pki_cert_of(pile.certs[i]))) {
            continue; /* nothing can be verified with it */
        }
        status = cert_index_add(&store->anchors, pile.certs[i], &is_new);
        num_added += is_new ? 1 : 0;
        store->holds_leaves = store->holds_leaves || !pile.certs[i]->is_ca;
    }
    tc_cert_pile_cleanup(&pile);
    if (status == TC_OK) {
        *out_added = num_added;
    }
    return status;
}

size_t tc_trust_store_count(const struct tc_trust_store *store)
{
    return store->anchors.num_slots;
}

static int compare_hashes(const void *left, const void *right)
{
    return memcmp(left, right, TC_SHA256_BYTES);
}

void tc_trust_store_sha256(const struct tc_trust_store *store, uint8_t out[TC_SHA256_BYTES])
{
    size_t count = store->anchors.num_slots;
    uint8_t *hashes = calloc(count + 1, TC_SHA256_BYTES);
    memset(out, 0, TC_SHA256_BYTES);
    if (hashes == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(hashes + i * TC_SHA256_BYTES, store->anchors.slots[i].cert->facts.sha256,
               TC_SHA256_BYTES);
    }
    qsort(hashes, count, TC_SHA256_BYTES, compare_hashes);
    SHA256(hashes, count * TC_SHA256_BYTES, out);
    free(hashes);
}

void tc_trust_store_free(struct tc_trust_store *store)
{
    if (store != NULL) {
        cert_index_cleanup(&store->anchors);
        free(store);
    }
}
