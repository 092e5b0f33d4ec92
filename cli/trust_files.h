/* Where trust anchors come from: --ca-file, --ca-path, or the system's store. */
#ifndef CLI_TRUST_FILES_H
#define CLI_TRUST_FILES_H

#include "tlscensus/buf.h"
#include "tlscensus/chain.h"

/*
 * cli_load_trust reads the anchors. With neither file nor path the system's store is looked for
 * where the distributions keep it. `origin` gets the words for the scan's row: path, number of
 * roots, file date.
 *
 * Ownership: the caller frees `*out`, or gives it to a verifier.
 * Errors:    TC_ERR_INPUT (a file that cannot be used, no certificate in it, no system store).
 */
TC_MUST_USE enum tc_status cli_load_trust(struct tc_trust_store **out, struct tc_buf *origin,
                                          const char *ca_file, const char *ca_path,
                                          struct tc_error *error);

#endif
