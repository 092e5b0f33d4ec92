/* Pages for man(1), from the program's own tables. For the build. */
#ifndef CLI_MAN_PAGE_H
#define CLI_MAN_PAGE_H

#include <stdbool.h>
#include <stdio.h>

/* tlscensus-NAME(1) of a subcommand; false where there is none of that name. `date` as in .TH. */
bool cli_man_subcommand(FILE *out, const char *name, const char *date);
/* How each of them begins: title line, section, date. */
void cli_man_head(FILE *out, const char *page, const char *section, const char *date);

#endif
