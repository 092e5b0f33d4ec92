#include "cli/progress.h"

#include <inttypes.h>

#include "cli/clock.h"
#include "cli/talk.h"
#include "tlscensus/buf.h"

#define LIVE_INTERVAL_US 200000 /* five a second: more is noise */
#define JSON_INTERVAL_US 10000000

void cli_progress_start(struct cli_progress *progress, bool wanted, bool json)
{
    *progress = (struct cli_progress){
        .is_live = wanted && !json && cli_talk_is_live(),
        .is_json = wanted && json,
        .started_us = cli_monotonic_us(),
    };
}

/* Seconds until done, at the rate so far; negative while nobody can know. */
static double seconds_left(const struct tc_scan_progress *state, double seconds)
{
    if (!state->intake_closed || state->targets_done == 0) {
        return -1;
    }
    double left = (double)(state->targets_taken - state->targets_done);
    return left * seconds / (double)state->targets_done;
}

static void add_duration(struct tc_buf *out, double seconds)
{
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole >= 3600) {
        tc_buf_addf(out, "%luh%02lum", whole / 3600, whole / 60 % 60);
    } else if (whole >= 60) {
        tc_buf_addf(out, "%lum%02lus", whole / 60, whole % 60);
    } else {
        tc_buf_addf(out, "%lus", whole);
    }
}

static uint64_t count_errors(const struct tc_scan_progress *state)
{
    return state->endpoints_done - state->by_outcome[TC_OUTCOME_OK];
}

static void live_line(struct tc_buf *out, const struct tc_scan_progress *state, double seconds)
{
    double left = seconds_left(state, seconds);
    double rate = seconds > 0 ? (double)state->targets_done / seconds : 0.0;
    tc_buf_addf(out, "%" PRIu64 "/%" PRIu64 "%s targets", state->targets_done, state->targets_taken,
                state->intake_closed ? "" : "+");
    tc_buf_addf(out, ", %.*f/s, %" PRIu64 " connection%s", rate < 10 ? 1 : 0, rate,
                state->in_flight, state->in_flight == 1 ? "" : "s");
    if (state->surveying > 0) {
        tc_buf_addf(out, ", %" PRIu64 " under survey", state->surveying);
    }
    if (state->waiting > 0) {
        tc_buf_addf(out, ", %" PRIu64 " waiting for a turn", state->waiting);
    }
    tc_buf_addf(out, ", %" PRIu64 " not ok", count_errors(state));
    if (left >= 0) {
        tc_buf_add_str(out, ", ");
        add_duration(out, left);
        tc_buf_add_str(out, " left");
    }
}

/* Members of an object, for --progress json and for log lines. */
static void json_members(struct tc_buf *out, const struct tc_scan_progress *state, double seconds)
{
    double left = seconds_left(state, seconds);
    tc_buf_addf(out, "\"done\":%" PRIu64 ",\"total\":%" PRIu64, state->targets_done,
                state->targets_taken);
    tc_buf_addf(out, ",\"rate\":%.1f,\"in_flight\":%" PRIu64 ",\"not_ok\":%" PRIu64 ",\"eta_s\":",
                seconds > 0 ? (double)state->targets_done / seconds : 0.0, state->in_flight,
                count_errors(state));
    tc_buf_addf(out, left >= 0 ? "%.0f" : "null", left);
}

static void show(const struct cli_progress *progress, const struct tc_scan_progress *state,
                 double seconds)
{
    struct tc_buf words;
    struct tc_buf members;
    tc_buf_init(&words, 400);
    tc_buf_init(&members, 400);
    live_line(&words, state, seconds);
    json_members(&members, state, seconds);
    if (progress->is_json && !cli_talk_is_json() && members.failed == TC_OK) {
        tc_buf_clear(&words);
        tc_buf_addf(&words, "{\"type\":\"progress\",%s}", members.data);
    }
    const char *text = words.data != NULL ? words.data : "";
    if (progress->is_live) {
        cli_progress_line(text);
    } else {
        cli_progress_log(text, members.data);
    }
    tc_buf_cleanup(&members);
    tc_buf_cleanup(&words);
}

void cli_progress_update(struct cli_progress *progress, struct tc_scan *scan, bool now)
{
    int64_t time_us = cli_monotonic_us();
    int64_t interval = progress->is_json ? JSON_INTERVAL_US : LIVE_INTERVAL_US;
    bool due = time_us - progress->last_us >= interval;
    if (!now && !(due && (progress->is_live || progress->is_json))) {
        return;
    }
    progress->last_us = time_us;
    struct tc_scan_progress state;
    tc_scan_get_progress(scan, &state);
    show(progress, &state, (double)(time_us - progress->started_us) / 1e6);
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->is_live) {
        cli_progress_line(NULL);
    }
}
