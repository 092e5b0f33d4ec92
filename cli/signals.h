/* SIGINT and SIGTERM ask for an orderly stop, a second one for an end at once; SIGUSR1 for a word.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

void cli_signals_start(void);
/* How often a stop was asked for. */
int cli_signals_stops(void);
/* Whether SIGUSR1 came since the last call. */
bool cli_signals_take_status(void);

#endif
