/* What a scan has to say of itself: to who looks on or reads the mail, and kept with the scan. */
#ifndef CLI_NOTICES_H
#define CLI_NOTICES_H

#include <pthread.h>

#include "cli/talk.h"
#include "tlscensus/buf.h"
#include "tlscensus/store.h"

struct cli_notices {
    pthread_mutex_t lock;
    struct tc_buf text;  /* a line each */
    struct tc_buf known; /* those of the scan before */
};

void cli_notices_init(struct cli_notices *notices);
void cli_notices_cleanup(struct cli_notices *notices);

/* cli_notices_learn reads what the scan before said. Before the first is added. */
TC_MUST_USE enum tc_status cli_notices_learn(struct cli_notices *notices, struct tc_store *store,
                                             int64_t before_id, struct tc_error *error);

/* Says and keeps one line. Any thread. */
void cli_notices_add(struct cli_notices *notices, enum cli_event event, const char *text);
/*
 * The same for what is so on this machine, scan after scan: where nobody looks on it is said only
 * if the scan before did not, since cron mails what is said.
 */
void cli_notices_add_standing(struct cli_notices *notices, const char *text);

/* All lines; "" for none. */
const char *cli_notices_text(const struct cli_notices *notices);

#endif
