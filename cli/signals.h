/*
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU (a limit on processor time) and the end of a time ask
 * for an orderly stop, a second signal for an end at once; SIGUSR1 asks for a word.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

void cli_signals_start(void);
/* How often a stop was asked for. */
int cli_signals_stops(void);
/* A stop is asked for once this time is over, as SIGTERM would; 0 for never, and no more. */
void cli_signals_stop_after(unsigned ms);
/* Whether it was that time which asked. */
bool cli_signals_is_overdue(void);
/* Whether SIGUSR1 came since the last call. */
bool cli_signals_take_status(void);

#endif
