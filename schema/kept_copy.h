/* A database as it was, kept beside it before a newer program changes its tables. */
#ifndef SCHEMA_KEPT_COPY_H
#define SCHEMA_KEPT_COPY_H

#include "database.h"

/*
 * tc_keep_copy writes a copy of the store's file, mode 0600, that nobody has yet: FILE.step-2, or
 * FILE.step-2.1, …; `step` is what the file says of itself. The store knows its path then. Outside
 * of a transaction; of a database in memory there is none.
 *
 * Errors: TC_ERR_STORE (no room, a folder that cannot be written), TC_ERR_NOMEM; no copy is left.
 */
TC_MUST_USE enum tc_status tc_keep_copy(struct tc_store *store, int step, struct tc_error *error);

#endif
