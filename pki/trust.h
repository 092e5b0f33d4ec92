/* The trust store, for this room. */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include "cert_index.h"

struct tc_trust_store {
    struct cert_index anchors;
    bool holds_leaves; /* some anchor is no CA: it may be what a server sends */
};

#endif
