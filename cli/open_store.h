/* Opening a database to write, with what there is to say about it. */
#ifndef CLI_OPEN_STORE_H
#define CLI_OPEN_STORE_H

#include "tlscensus/store.h"

/*
 * cli_open_store is tc_store_open(); where that brought an older file up to date, the user hears
 * where the file as it was is kept.
 */
TC_MUST_USE enum tc_status cli_open_store(struct tc_store **out, const char *path,
                                          enum tc_store_mode mode, struct tc_error *error);

#endif
