/*
 * Keeping a database for years: what goes, and how its room comes back.
 */
#ifndef TLSCENSUS_KEEPING_H
#define TLSCENSUS_KEEPING_H

#include <stdbool.h>
#include <stdint.h>

#include "tlscensus/status.h"
#include "tlscensus/store.h"

struct tc_prune_options {
    uint64_t keep_scans;    /* the newest finished scans that stay; 0: their number is no reason */
    int64_t begun_before_s; /* what began later stays; 0: age is no reason */
    int64_t drop_der_since_s; /* DER of leaves not seen since then goes; 0: it stays */
    bool dry_run;             /* do it all, count, and take it back */
};

struct tc_prune_counts {
    uint64_t scans;        /* gone */
    uint64_t scans_left;   /* of which a part stays: observations_left */
    uint64_t observations; /* gone */
    uint64_t observations_left;
    uint64_t certificates; /* gone */
    uint64_t ders;         /* gone, of certificates that stay */
    uint64_t bytes;        /* free inside the file for what comes; only a vacuum makes it smaller */
};

/*
 * tc_prune removes scans, and what they alone referred to, in one transaction. A scan goes when
 * each reason that was given says so. The newest finished scan and all that is newer stays in any
 * case.
 *
 * Of a scan that goes those observations stay to which reports of the others refer: the last known
 * state of an endpoint that no later scan has, the last answer of one that gives none, where an
 * endpoint, a finding or a certificate of theirs was first seen, and what the oldest of them is
 * compared with. Their scan's row stays with them, and says so in `notices`.
 *
 * Errors: TC_ERR_STORE (also where a table that this program does not know refers to what goes),
 *         TC_ERR_NOMEM. Nothing is changed then.
 */
TC_MUST_USE enum tc_status tc_prune(struct tc_store *store, const struct tc_prune_options *options,
                                    struct tc_prune_counts *out, struct tc_error *error);

/*
 * tc_store_vacuum writes the file anew without its free pages. On the way it takes twice the room
 * of what is left, and it is not begun where the file's folder has less.
 *
 * Units:  bytes of the file before and after.
 * Errors: TC_ERR_STORE (too little room, a full disk: the file stays as it is), TC_ERR_BUSY.
 */
TC_MUST_USE enum tc_status tc_store_vacuum(struct tc_store *store, uint64_t *out_before_bytes,
                                           uint64_t *out_after_bytes, struct tc_error *error);

#endif
