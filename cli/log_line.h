/* One line of --log-format json: what is said, as an object with the same members every time. */
#ifndef CLI_LOG_LINE_H
#define CLI_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tlscensus/buf.h"

enum cli_level { CLI_LEVEL_INFO = 0, CLI_LEVEL_WARNING, CLI_LEVEL_ERROR };

/* What a line is about. Programs filter by these words, so they stay as they are. */
enum cli_event {
    CLI_EVENT_NOTICE = 0,
    CLI_EVENT_LIMITS,
    CLI_EVENT_SCAN_STARTED,
    CLI_EVENT_INPUT_REJECTED,
    CLI_EVENT_ENDPOINT_DONE,
    CLI_EVENT_PROGRESS,
    CLI_EVENT_SCAN_STOPPING,
    CLI_EVENT_SCAN_FINISHED,
    CLI_EVENT_USAGE,
    CLI_EVENT_ERROR,
    CLI_EVENT_COUNT
};
/* "input-rejected". Static. */
const char *cli_event_str(enum cli_event event);
/* Every event and what it means, as man source. */
void cli_help_events(FILE *out);

/* Texts are borrowed. Zero state: a notice about no endpoint. */
struct cli_log_line {
    enum cli_level level;
    enum cli_event event;
    const char *host; /* NULL where the line is not about one endpoint: then null, and so port */
    uint16_t port;
    const char *outcome; /* NULL likewise */
    const char *message;
    const char *more; /* further members of this event, as JSON: "\"line\":7"; NULL for none */
};
/* The object on one line, its line end included. `now_s` in seconds since 1970-01-01 UTC. */
void cli_log_line_add(struct tc_buf *out, const struct cli_log_line *line, int64_t now_s);

#endif
