/* The trust store, for this room. */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include "cert_index.h"

struct tc_trust_store {
    struct cert_index anchors;
};

#endif
