/* Certificates found by the name of their subject. Filled by one thread, then only read. */
#ifndef PKI_CERT_INDEX_H
#define PKI_CERT_INDEX_H

#include "cert_internal.h"

#define CERT_INDEX_BUCKETS 1024U

struct cert_index_slot {
    struct pki_cert *cert; /* one reference */
    size_t next;           /* in its bucket, 1 more than the index; 0 ends it */
};

/* The zero state is an empty index. */
struct cert_index {
    struct cert_index_slot *slots;
    size_t num_slots;
    size_t room;
    size_t buckets[CERT_INDEX_BUCKETS]; /* 1 more than the index of the first; 0: none */
};

/*
 * cert_index_add takes a reference of its own, unless an equal certificate is there already
 * (`*out_added` false).
 */
TC_MUST_USE enum tc_status cert_index_add(struct cert_index *index, struct tc_cert *cert,
                                          bool *out_added);
/*
 * cert_index_next walks the certificates whose subject has this hash; start with `*cursor` 0.
 * NULL ends it. Equal hashes are no equal names yet.
 */
struct pki_cert *cert_index_next(const struct cert_index *index, uint32_t subject_hash,
                                 size_t *cursor);
/* Whether the same certificate, byte for byte, is in it. */
bool cert_index_has(const struct cert_index *index, const struct pki_cert *cert);
void cert_index_cleanup(struct cert_index *index);

#endif
