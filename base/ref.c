#include "tlscensus/ref.h"

#include <assert.h>
#include <stddef.h>

void tc_ref_init(struct tc_ref *ref, void (*destroy)(struct tc_ref *ref))
{
    atomic_init(&ref->count, 1);
    ref->destroy = destroy;
}

void tc_ref_get(struct tc_ref *ref)
{
    unsigned before = atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
    assert(before > 0);
    (void)before;
}

void tc_ref_release(struct tc_ref *ref)
{
    /* Release and acquire: what other holders wrote before they let go is seen by destroy. */
    if (ref != NULL && atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1) {
        ref->destroy(ref);
    }
}
