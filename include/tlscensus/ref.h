/*
 * A shared, immutable object: certificates and chain verdicts are found once and used by many
 * observations on several threads.
 */
#ifndef TLSCENSUS_REF_H
#define TLSCENSUS_REF_H

#include <stdatomic.h>

/* The first member of a shared object. `destroy` frees the whole object. */
struct tc_ref {
    atomic_uint count;
    void (*destroy)(struct tc_ref *ref);
};

/* tc_ref_init starts the count at one, held by the caller. */
void tc_ref_init(struct tc_ref *ref, void (*destroy)(struct tc_ref *ref));

/* tc_ref_get takes another reference. Any thread that holds one may call it. */
void tc_ref_get(struct tc_ref *ref);

/* tc_ref_release drops one; the last one destroys. `ref` may be NULL. Any thread. */
void tc_ref_release(struct tc_ref *ref);

#endif
