/* The database explained, from the schema's own comments: for man(1) and for a terminal. */
#ifndef CLI_DATABASE_PAGE_H
#define CLI_DATABASE_PAGE_H

#include <stdio.h>

#include "tlscensus/status.h"

/* tlscensus-database(5): every table, view and column. */
TC_MUST_USE enum tc_status cli_man_database(FILE *out, const char *date, struct tc_error *error);
/* The same for people in a terminal: `tlscensus help database`. */
TC_MUST_USE enum tc_status cli_help_database(FILE *out, struct tc_error *error);

#endif
