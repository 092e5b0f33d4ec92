/* A database for one run of the filter, in a folder of its own that nobody else may enter. */
#ifndef CLI_TEMPORARY_DB_H
#define CLI_TEMPORARY_DB_H

#include "tlscensus/status.h"

/*
 * cli_temporary_db_make makes the folder, in $TMPDIR, /var/tmp or /tmp, and gives the path of the
 * file that will be in it. It is left behind where the program does not come to its end: SIGKILL, a
 * crash, and signals that signals.h does not name.
 *
 * Ownership: the caller's, who ends with cli_temporary_db_remove().
 * Errors:    TC_ERR_IO, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_temporary_db_make(char **out, struct tc_error *error);
/* Removes the file, what SQLite keeps beside it, and the folder; frees the path. */
void cli_temporary_db_remove(char *path);

#endif
