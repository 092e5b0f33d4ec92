/*
 * Inside the room: findings as they are kept. What the rules found at one endpoint is a set, which
 * like endpoints share, and so does the next scan.
 */
#ifndef SCHEMA_FINDING_SETS_H
#define SCHEMA_FINDING_SETS_H

#include "database.h"

/*
 * tc_finding_sets_bundle gathers temp.assess_found by observation, stores the sets that are new and
 * puts the number of each observation's into temp.assess_bundle. In a transaction.
 */
TC_MUST_USE enum tc_status tc_finding_sets_bundle(struct tc_store *store, int64_t scan_id,
                                                  struct tc_error *error);

#endif
