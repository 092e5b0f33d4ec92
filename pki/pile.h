/* How a file's certificates are read; tc_cert_pile_read() is what other rooms see of it. */
#ifndef PKI_PILE_H
#define PKI_PILE_H

#include "tlscensus/certificate.h"

struct pile_rules {
    size_t max_certs;
    /* as tc_cert_new() */
    enum tc_status (*make)(struct tc_cert **out, const uint8_t *der, size_t der_len);
};

/* Ownership and errors as tc_cert_pile_read() has them. */
TC_MUST_USE enum tc_status pile_read(struct tc_cert_pile *out, const uint8_t *bytes, size_t len,
                                     const struct pile_rules *rules, struct tc_error *error);

#endif
