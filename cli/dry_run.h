/* scan --dry-run: what would be done, and at most how much, without contacting anybody. */
#ifndef CLI_DRY_RUN_H
#define CLI_DRY_RUN_H

#include "cli/scan_run.h"

/* Reads the job's inputs to the end and prints the sums on standard output. The exit code. */
int cli_dry_run(struct cli_scan_job *job, struct cli_rejections *rejections);

#endif
