/*
 * --expand-names: targets beyond the list, from names in certificates that the list's own domains
 * have sent. The store tells the names, the ordinary target reader makes targets of them.
 */
#ifndef CLI_EXPANSION_H
#define CLI_EXPANSION_H

#include "tlscensus/shard.h"
#include "tlscensus/store.h"
#include "tlscensus/target.h"

/* Names found in one scan, in all domains: what a list with many hostile domains may bring. */
#define CLI_EXPANSION_MAX 100000U
#define CLI_DOMAIN_BYTES  256

struct cli_expansion {
    const char *db;
    int64_t scan_id;
    unsigned per_domain; /* --expand-names: names of one registrable domain at most */
    struct tc_shard shard;
    const struct tc_exclusions *exclusions; /* NULL: none */

    /* What the last round left out because of the ceilings. */
    uint64_t num_left;
    uint64_t num_full_domains;
    char full_domain[CLI_DOMAIN_BYTES]; /* one of them */
};

struct cli_found_targets {
    struct tc_target **items;
    size_t num_items;
};
void cli_found_targets_cleanup(struct cli_found_targets *found);

/*
 * cli_expansion_round reads what the scan has found and not yet scanned; nothing where that is all.
 * The writer must have been flushed. A name counts that the public suffix list puts into the
 * registrable domain of the host that sent it, that is no wildcard, of this shard and not excluded.
 *
 * Ownership: the caller's, cli_found_targets_cleanup(); a target that moves on is set to NULL.
 * Errors:    as tc_store_each_found_name(); TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_expansion_round(struct cli_expansion *expansion,
                                               struct cli_found_targets *out,
                                               struct tc_error *error);

/* "the ceiling … was reached …", one line; nothing where it was not. */
void cli_expansion_add_notice(struct tc_buf *out, const struct cli_expansion *expansion);

#endif
