/* How far the scan is: a live line on a terminal, JSON lines for machines, nothing else. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tlscensus/scan.h"

struct cli_progress {
    bool is_live;
    bool is_json;
    int64_t started_us;
    int64_t last_us; /* when it was last shown */
};

void cli_progress_start(struct cli_progress *progress, bool wanted, bool json);
/* Shows the state when it is time to; `now` on request (SIGUSR1). */
void cli_progress_update(struct cli_progress *progress, struct tc_scan *scan, bool now);
void cli_progress_end(struct cli_progress *progress);

#endif
