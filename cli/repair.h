/* Chains that lacked an intermediate, judged again with what other endpoints sent. */
#ifndef CLI_REPAIR_H
#define CLI_REPAIR_H

#include "tlscensus/chain.h"
#include "tlscensus/store.h"

/*
 * cli_repair_chains gives the verifier every intermediate of the database and judges each broken
 * chain of the scan again. `*out_repaired` counts observations.
 * Errors: TC_ERR_STORE, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_repair_chains(struct tc_store *store, int64_t scan_id,
                                             struct tc_verifier *verifier, uint64_t *out_repaired,
                                             struct tc_error *error);

#endif
