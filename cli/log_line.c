#include "cli/log_line.h"

#include <string.h>
#include <time.h>

#include "cli/options.h"
#include "tlscensus/json.h"

static const struct {
    const char *word;
    const char *meaning;
} k_events[CLI_EVENT_COUNT] = {
    [CLI_EVENT_NOTICE] = {"notice", "Anything else that is worth knowing"},
    [CLI_EVENT_LIMITS] = {"limits", "What a scan may do at most, before it begins"},
    [CLI_EVENT_SCAN_STARTED] = {"scan-started", "A scan begins, or goes on"},
    [CLI_EVENT_INPUT_REJECTED] = {"input-rejected",
                                  "A line of a list that cannot be used; file and line follow"},
    [CLI_EVENT_ENDPOINT_DONE] = {"endpoint-done",
                                 "An endpoint, whatever its outcome; its address follows. With "
                                 "--verbose alone"},
    [CLI_EVENT_PROGRESS] = {"progress",
                            "How far the scan is; done, total, rate, in_flight, not_ok and eta_s "
                            "follow. With --progress json, and upon SIGUSR1"},
    [CLI_EVENT_SCAN_STOPPING] = {"scan-stopping",
                                 "A signal or --max-duration ends the scan before its time"},
    [CLI_EVENT_SCAN_FINISHED] = {"scan-finished", "A scan is done, or interrupted"},
    [CLI_EVENT_USAGE] = {"usage",
                         "Usage, configuration, or an input that cannot be used: exit status 2"},
    [CLI_EVENT_ERROR] = {"error", "The job could not be done, or not all of it"},
};

const char *cli_event_str(enum cli_event event)
{
    return k_events[event].word;
}

void cli_help_events(FILE *out)
{
    for (size_t i = 0; i < CLI_EVENT_COUNT; i++) {
        fputs(".TP\n.B ", out);
        cli_print_roff(out, k_events[i].word);
        fputc('\n', out);
        cli_print_roff(out, k_events[i].meaning);
        fputs(".\n", out);
    }
}

static const char *level_str(enum cli_level level)
{
    static const char *const words[] = {
        [CLI_LEVEL_INFO] = "info", [CLI_LEVEL_WARNING] = "warning", [CLI_LEVEL_ERROR] = "error"};
    return words[level];
}

/* Names are ours, texts a stranger's. NULL becomes null. */
static void add_text(struct tc_buf *out, const char *name, const char *text)
{
    tc_buf_addf(out, ",\"%s\":", name);
    if (text != NULL) {
        tc_escape_json(out, text, strlen(text));
    } else {
        tc_buf_add_str(out, "null");
    }
}

void cli_log_line_add(struct tc_buf *out, const struct cli_log_line *line, int64_t now_s)
{
    time_t now = (time_t)now_s;
    struct tm utc;
    char when[32] = "";
    if (gmtime_r(&now, &utc) != NULL) {
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    tc_buf_addf(out, "{\"time\":\"%s\"", when);
    add_text(out, "level", level_str(line->level));
    add_text(out, "event", cli_event_str(line->event));
    add_text(out, "host", line->host);
    if (line->host != NULL) {
        tc_buf_addf(out, ",\"port\":%u", line->port);
    } else {
        tc_buf_add_str(out, ",\"port\":null");
    }
    add_text(out, "outcome", line->outcome);
    add_text(out, "message", line->message);
    if (line->more != NULL) {
        tc_buf_addf(out, ",%s", line->more);
    }
    tc_buf_add_str(out, "}\n");
}
