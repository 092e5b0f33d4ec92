/* Lines that gave no target (see scan_run.h). */
#ifndef CLI_REJECTIONS_H
#define CLI_REJECTIONS_H

#include <stdbool.h>

#include "tlscensus/store.h"
#include "tlscensus/target.h"

struct cli_rejections;
TC_MUST_USE enum tc_status cli_rejections_new(struct cli_rejections **out, bool strict);
void cli_rejections_free(struct cli_rejections *rejections);

/*
 * cli_rejections_learn reads which lines the scan before could not use either: of these nothing is
 * said where nobody looks on, since cron mails what is said and told it then. They are kept and
 * counted like others. Before the first line is read.
 */
TC_MUST_USE enum tc_status cli_rejections_learn(struct cli_rejections *rejections,
                                                struct tc_store *store, int64_t before_id,
                                                struct tc_error *error);
/* From now on rejected lines are kept in the database too; NULL ends it. */
void cli_rejections_attach(struct cli_rejections *rejections, struct tc_writer *writer);
/* The `rejected` callback of target readers; `context` is the rejections. */
void cli_rejections_add(void *context, const struct tc_rejection *rejection);
/* With --strict and a rejected line: TC_ERR_INPUT and its file:line: reason. Else TC_OK. */
TC_MUST_USE enum tc_status cli_rejections_verdict(struct cli_rejections *rejections,
                                                  struct tc_error *error);

#endif
