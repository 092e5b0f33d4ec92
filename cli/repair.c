#include "cli/repair.h"

static enum tc_status judge_again(void *context, const struct tc_repair *repair,
                                  struct tc_chain **out)
{
    struct tc_verifier *verifier = context;
    return tc_verifier_chain(verifier, out, repair->presented.certs, repair->presented.num_certs);
}

enum tc_status cli_repair_chains(struct tc_store *store, int64_t scan_id,
                                 struct tc_verifier *verifier, uint64_t *out_repaired,
                                 struct tc_error *error)
{
    struct tc_cert_pile cas = {0};
    enum tc_status status = tc_store_fleet_cas(store, &cas, error);
    for (size_t i = 0; i < cas.num_certs && status == TC_OK; i++) {
        status = tc_verifier_add_fleet(verifier, cas.certs[i]);
    }
    if (status == TC_OK && cas.num_certs > 0) {
        status =
            tc_store_each_broken_chain(store, scan_id, judge_again, verifier, out_repaired, error);
    }
    tc_cert_pile_cleanup(&cas);
    return status;
}
