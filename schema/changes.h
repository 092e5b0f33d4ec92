/* Inside the room: comparing scans. */
#ifndef SCHEMA_CHANGES_H
#define SCHEMA_CHANGES_H

#include "database.h"

/*
 * tc_changes_keep compares a scan that is done with the finished one before it, and stores what
 * changed, in place of what an earlier comparison left. In the caller's transaction.
 */
TC_MUST_USE enum tc_status tc_changes_keep(struct tc_store *store, int64_t scan_id,
                                           unsigned confirm_after, struct tc_error *error);

#endif
