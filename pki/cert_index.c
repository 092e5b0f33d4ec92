#include "cert_index.h"

#include <stdlib.h>
#include <string.h>

struct pki_cert *cert_index_next(const struct cert_index *index, uint32_t subject_hash,
                                 size_t *cursor)
{
    size_t at = *cursor == 0 ? index->buckets[subject_hash % CERT_INDEX_BUCKETS]
                             : index->slots[*cursor - 1].next;
    while (at != 0 && index->slots[at - 1].cert->subject_hash != subject_hash) {
        at = index->slots[at - 1].next;
    }
    *cursor = at;
    return at != 0 ? index->slots[at - 1].cert : NULL;
}

bool cert_index_has(const struct cert_index *index, const struct pki_cert *cert)
{
    size_t cursor = 0;
    const struct pki_cert *found = NULL;
    while ((found = cert_index_next(index, cert->subject_hash, &cursor)) != NULL) {
        if (pki_cert_equal(found, cert)) {
            return true;
        }
    }
    return false;
}

enum tc_status cert_index_add(struct cert_index *index, struct tc_cert *cert, bool *out_added)
{
    struct pki_cert *added = pki_cert_of(cert);
    pki_cert_ask(added);
    if (cert_index_has(index, added)) {
        *out_added = false;
        return TC_OK;
    }
    if (index->num_slots == index->room) {
        size_t room = index->room == 0 ? 64 : index->room * 2;
        struct cert_index_slot *slots = realloc(index->slots, room * sizeof *slots);
        if (slots == NULL) {
            return TC_ERR_NOMEM;
        }
        index->slots = slots;
        index->room = room;
    }
    size_t *bucket = &index->buckets[added->subject_hash % CERT_INDEX_BUCKETS];
    index->slots[index->num_slots] = (struct cert_index_slot){.cert = added, .next = *bucket};
    *bucket = ++index->num_slots;
    tc_ref_get(&cert->ref);
    *out_added = true;
    return TC_OK;
}

void cert_index_cleanup(struct cert_index *index)
{
    for (size_t i = 0; i < index->num_slots; i++) {
        tc_cert_release(&index->slots[i].cert->facts);
    }
    free(index->slots);
    memset(index, 0, sizeof *index);
}
