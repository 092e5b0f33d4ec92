/* tlscensus diff: what changed, by meaning. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "tlscensus/report.h"

enum diff_format { FORMAT_TEXT = 0, FORMAT_CSV, FORMAT_JSON, FORMAT_JSONL };
static const char *const k_formats[] = {"text", "csv", "json", "jsonl", NULL};

static const char *const k_examples[] = {
    "tlscensus diff",
    "what the newest scan found changed; nothing where nothing did, so cron mails only news",
    "tlscensus diff --page https://intranet.example.org/tls.html",
    "with links into the page that was made of it",
    "tlscensus diff --format csv --all 12 40",
    "all that is different between scans 12 and 40, quiet renewals too, as a table",
    NULL,
};
static const struct cli_command k_command = {
    .name = "diff",
    .usage = "[OLD [NEW]] [--format FORMAT]",
    .summary = "Tell what changed between scans, by meaning; nothing where nothing did.",
    .examples = k_examples,
};

struct diff_settings {
    int format;
    const char *db;
    const char *page;
    bool all;
    bool exit_code;
    struct cli_talk_settings talk;
};

#define DIFF_OPTIONS_NUM (5 + CLI_TALK_OPTIONS_NUM)

static void diff_rows(struct cli_option rows[DIFF_OPTIONS_NUM], struct diff_settings *s)
{
    rows[0] = (struct cli_option){.name = "format",
                                  .letter = 'f',
                                  .type = CLI_CHOICE,
                                  .value = &s->format,
                                  .argument = "FORMAT",
                                  .group = "What",
                                  .choices = k_formats,
                                  .help = "What is written; text has 40 lines at most"};
    rows[1] = (struct cli_option){.name = "all",
                                  .type = CLI_FLAG,
                                  .value = &s->all,
                                  .help = "Also what is only for information, as routine renewals"};
    rows[2] = (struct cli_option){.name = "page",
                                  .type = CLI_TEXT,
                                  .value = &s->page,
                                  .argument = "URL",
                                  .help = "Where the page of the new scan is: text links into it"};
    rows[3] = (struct cli_option){.name = "exit-code",
                                  .type = CLI_FLAG,
                                  .value = &s->exit_code,
                                  .help = "Exit with 1 when there is something to tell"};
    rows[4] = (struct cli_option){.name = "db",
                                  .type = CLI_TEXT,
                                  .value = &s->db,
                                  .argument = "FILE",
                                  .help = "The database"};
    cli_talk_options(rows + 5, &s->talk);
}

/* The two scans. 0: as said by nobody. */
struct pair {
    int64_t old_id;
    int64_t new_id;
};

static enum tc_status parse_scan(int64_t *out, const char *text, struct tc_error *error)
{
    char *end = NULL;
    errno = 0;
    long long id = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || id < 1) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%.60s: not the number of a scan; tlscensus scans lists them", text);
    }
    *out = id;
    return TC_OK;
}

static enum tc_status parse_pair(struct pair *out, int num, char *const *arguments,
                                 struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (num > 2) {
        return tc_fail(error, TC_ERR_INPUT, "diff takes two scans at most, the older one first");
    }
    if (num > 0) {
        status = parse_scan(&out->old_id, arguments[0], error);
    }
    if (status == TC_OK && num > 1) {
        status = parse_scan(&out->new_id, arguments[1], error);
    }
    if (status == TC_OK && num > 1 && out->old_id == out->new_id) {
        status =
            tc_fail(error, TC_ERR_INPUT, "scan %" PRId64 " is compared with itself", out->old_id);
    }
    return status;
}

static enum tc_status pick(struct tc_store *store, int64_t wanted, int64_t *out,
                           struct tc_error *error)
{
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = tc_store_pick_scan(store, wanted, out, &state, error);
    if (status == TC_OK && state != TC_SCAN_DONE && wanted == 0) {
        return tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no finished scan yet",
                       tc_store_path(store));
    }
    if (status == TC_OK && state != TC_SCAN_DONE) {
        cli_warning("scan %" PRId64 " is %s: what it has not seen is not compared", *out,
                    state == TC_SCAN_RUNNING ? "still running" : "interrupted");
    }
    return status;
}

/* Stored changes for the newest scan, a comparison for a pair that was named. */
static enum tc_status find_pair(struct tc_store *store, struct pair *pair, struct tc_error *error)
{
    bool is_named = pair->old_id != 0;
    enum tc_status status = pick(store, pair->new_id, &pair->new_id, error);
    if (status != TC_OK) {
        return status;
    }
    if (!is_named) {
        return tc_store_find_base(store, pair->new_id, &pair->old_id, error);
    }
    status = pick(store, pair->old_id, &pair->old_id, error);
    if (status == TC_OK && pair->old_id == pair->new_id) {
        status = tc_fail(error, TC_ERR_INPUT,
                         "scan %" PRId64 " is the newest one: name the one to "
                         "compare it with",
                         pair->old_id);
    }
    return status == TC_OK ? tc_store_compare(store, pair->old_id, pair->new_id, error) : status;
}

static enum tc_status write_changes(struct tc_output *output, struct tc_store *store,
                                    const struct pair *pair, const struct diff_settings *settings,
                                    struct tc_error *error)
{
    struct tc_terminal_options terminal;
    unsigned min_severity = settings->all ? 0 : 1;
    const struct tc_csv_options csv = {.formula_guard = true, .min_severity = min_severity};
    const struct tc_diff_options diff = {
        .terminal = &terminal, .page = settings->page, .min_severity = min_severity};
    uint64_t num_rows = 0;
    switch ((enum diff_format)settings->format) {
    case FORMAT_TEXT:
        cli_terminal_options(&terminal, STDOUT_FILENO, &settings->talk);
        return tc_report_diff(output, store, pair->old_id, pair->new_id, &diff, error);
    case FORMAT_CSV:
        return tc_report_csv(output, store, pair->new_id, TC_TABLE_CHANGES, &csv, &num_rows, error);
    case FORMAT_JSON:
    case FORMAT_JSONL:
        return tc_report_changes_json(output, store, pair->new_id, min_severity,
                                      settings->format == FORMAT_JSONL, error);
    }
    return TC_ERR_UNSUPPORTED;
}

/* Nothing at all is written where nothing changed, in no format. */
static enum tc_status print_changes(struct tc_store *store, const struct pair *pair,
                                    const struct diff_settings *settings, uint64_t *out_num,
                                    struct tc_error *error)
{
    struct tc_output *output = NULL;
    enum tc_status status =
        tc_report_diff_count(out_num, store, pair->new_id, settings->all ? 0 : 1, error);
    if (status != TC_OK || *out_num == 0) {
        return status;
    }
    status = tc_output_open(&output, NULL, error);
    if (status != TC_OK) {
        return status;
    }
    status = write_changes(output, store, pair, settings, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status run_diff(const struct diff_settings *settings, struct pair *pair,
                               uint64_t *out_num, struct tc_error *error)
{
    struct tc_store *store = NULL;
    enum tc_status status = tc_store_open(&store, settings->db, TC_STORE_READ, error);
    if (status == TC_OK) {
        status = find_pair(store, pair, error);
    }
    if (status == TC_OK && pair->old_id == 0) {
        cli_note("scan %" PRId64 " is the first one: there is nothing to compare it with",
                 pair->new_id);
    } else if (status == TC_OK) {
        status = print_changes(store, pair, settings, out_num, error);
    }
    tc_store_close(store);
    return status;
}

int cli_diff(int argc, char **argv)
{
    struct diff_settings settings = {.db = "tlscensus.db"};
    struct cli_option rows[DIFF_OPTIONS_NUM];
    struct tc_error error = {""};
    struct pair pair = {0};
    uint64_t num_changes = 0;
    int first = 0;
    int result = CLI_DONE;
    diff_rows(rows, &settings);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &settings.talk, argc, argv, &first,
                   &result)) {
        return result;
    }
    enum tc_status status = parse_pair(&pair, argc - first, argv + first, &error);
    if (status == TC_OK && settings.page != NULL && settings.format != FORMAT_TEXT) {
        status = tc_fail(&error, TC_ERR_INPUT, "--page is for text alone: --format text");
    }
    if (status == TC_OK) {
        status = run_diff(&settings, &pair, &num_changes, &error);
    }
    if (status != TC_OK) {
        return cli_give_up(status, &error);
    }
    return settings.exit_code && num_changes > 0 ? CLI_FOUND : CLI_DONE;
}
