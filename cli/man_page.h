/* Pages for man(1), from the program's own tables. For the build. */
#ifndef CLI_MAN_PAGE_H
#define CLI_MAN_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "tlscensus/status.h"

/* tlscensus-NAME(1) of a subcommand; false where there is none of that name. `date` as in .TH. */
bool cli_man_subcommand(FILE *out, const char *name, const char *date);
/* tlscensus-database(5): every table, view and column. */
TC_MUST_USE enum tc_status cli_man_database(FILE *out, const char *date, struct tc_error *error);
/* The same for people in a terminal: `tlscensus help database`. */
TC_MUST_USE enum tc_status cli_help_database(FILE *out, struct tc_error *error);

#endif
