/* What follows the leaf in a presented list: a CA's customers share it, so it is read once. */
#ifndef PKI_TAIL_H
#define PKI_TAIL_H

#include "cert_internal.h"

struct tail {
    struct tc_ref ref;
    struct pki_cert **certs; /* as sent, one reference each */
    bool *is_duplicate;      /* of an earlier one in the tail */
    size_t num_certs;
    size_t run; /* certificates at its start of which each is issued by the next, 0 if empty */
};

TC_MUST_USE enum tc_status tail_new(struct tail **out, struct tc_cert *const *certs,
                                    size_t num_certs);
/* Whether the tail holds this very certificate. */
bool tail_has(const struct tail *tail, const struct pki_cert *cert);

#endif
