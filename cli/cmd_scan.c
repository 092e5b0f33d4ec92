/* tlscensus scan: a list in, an audited database out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/filter.h"
#include "cli/on_change.h"
#include "cli/open_store.h"
#include "cli/output_dir.h"
#include "cli/report_set.h"
#include "cli/scan_run.h"
#include "cli/signals.h"
#include "cli/stored_options.h"
#include "tlscensus/report.h"

static const char *const k_examples[] = {
    "tlscensus scan example.org www.example.org:8443",
    "two hosts, every address of each, into tlscensus.db",
    "tlscensus scan -i domains.csv --www --db audit.db",
    "a spreadsheet export; its other columns travel along as labels",
    "tlscensus scan -i domains.csv --dry-run",
    "what would be done, and at most how much",
    "tail -F new-names | tlscensus scan -i - --format jsonl | jq -c .outcome",
    "as a filter: each result as it comes, nothing is kept",
    "tlscensus scan --config census.conf --group mail",
    "one of the groups of targets that the file has, with ports, profile and labels of its own",
    NULL,
};

static const struct cli_command k_command = {
    .name = "scan",
    .usage = "[TARGET…] [-i FILE] [OPTIONS]",
    .summary = "Examine the TLS of many hosts and keep every fact in one database.",
    .examples = k_examples,
};

/* One run of the subcommand. */
struct scan_command {
    struct cli_scan_settings settings;
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    size_t num_rows;
    struct cli_list targets; /* of the command line, or stored ones */
    struct cli_arena arena;  /* texts of stored options */
    struct cli_rejections *rejections;
    struct cli_scan_job job;
    struct cli_filter filter;
    struct tc_buf options_json;
    bool is_done_already; /* --scan-uuid of a scan that the database has */
    bool has_outputs;     /* --output-dir has the reports of this scan */
};

/* What --resume has from the scan that it finishes cannot be told anew. */
static enum tc_status check_resume(const struct scan_command *scan, int argc, char **argv,
                                   struct tc_error *error)
{
    const struct cli_scan_settings *settings = &scan->settings;
    struct cli_given given;
    enum tc_status status = cli_look(&given, scan->rows, scan->num_rows, argc, argv, error);
    if (status != TC_OK) {
        return status;
    }
    if (scan->targets.num_items > 0 || settings->inputs.num_items > 0) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--resume reads the stored list again: leave targets and -i out");
    }
    if (cli_is_given(&given, scan->rows, scan->num_rows, "group")) {
        return tc_fail(error, TC_ERR_INPUT, "--resume keeps the stored groups: leave --group out");
    }
    if (settings->shard != NULL || settings->scan_uuid != NULL) {
        return tc_fail(
            error, TC_ERR_INPUT,
            "--resume keeps the stored shard and UUID: leave --shard and --scan-uuid out");
    }
    return TC_OK;
}

/*
 * The stored options of the scan to finish; what the command line says as well, wins. The table is
 * read three times: defaults, stored texts, and the command line once more on top.
 */
static enum tc_status restore_options(struct scan_command *scan, int argc, char **argv,
                                      struct tc_error *error)
{
    struct cli_scan_settings *settings = &scan->settings;
    bool has_resolvers = settings->resolvers.num_items > 0;
    char *json = NULL;
    enum tc_status status = check_resume(scan, argc, argv, error);
    if (status == TC_OK) {
        status = tc_store_resume_scan(scan->job.store, &scan->job.scan_id, &scan->job.started_s,
                                      &json, error);
    }
    if (status != TC_OK) {
        return status;
    }
    cli_scan_settings_cleanup(settings);
    cli_scan_settings_init(settings);
    status = cli_options_from_json(scan->rows, scan->num_rows, &scan->targets, &settings->groups,
                                   &scan->arena, scan->job.store, json, error);
    free(json);
    if (has_resolvers) {
        cli_list_cleanup(&settings->resolvers);
    }
    if (status == TC_OK) {
        status = cli_parse_again(&k_command, scan->rows, scan->num_rows, argc, argv, error);
    }
    return status;
}

/*
 * The engine that runs shards may run one again, with the same command line: a scan that the
 * database has under its UUID goes on where it was, or is done.
 */
static enum tc_status continue_scan(struct scan_command *scan, struct tc_error *error)
{
    struct cli_scan_job *job = &scan->job;
    const struct cli_scan_settings *settings = &scan->settings;
    enum tc_scan_state state = TC_SCAN_DONE;
    if (settings->scan_uuid == NULL || settings->resume || settings->dry_run) {
        return TC_OK;
    }
    enum tc_status status = tc_store_continue_scan(
        job->store, settings->scan_uuid, settings->shard != NULL ? settings->shard : "1/1",
        &job->scan_id, &job->started_s, &state, error);
    if (status == TC_ERR_NOT_FOUND) {
        return TC_OK; /* a new one */
    }
    scan->is_done_already = status == TC_OK && state == TC_SCAN_DONE;
    job->is_resumed = status == TC_OK;
    return status;
}

/* With --strict nobody is contacted before the whole list has been read once. */
static enum tc_status read_ahead(struct scan_command *scan, struct tc_error *error)
{
    struct cli_scan_input *inputs = NULL;
    size_t num = 0;
    enum tc_status status = cli_scan_open_inputs(&inputs, &num, &scan->settings,
                                                 scan->targets.items, scan->targets.num_items,
                                                 scan->rejections, CLI_INPUTS_WITHOUT_PIPES, error);
    for (size_t i = 0; i < num && status == TC_OK; i++) {
        struct tc_target *target = NULL;
        while (status == TC_OK &&
               (status = tc_target_reader_next(&target, inputs[i].reader, error)) == TC_OK) {
            tc_target_free(target);
            status = cli_rejections_verdict(scan->rejections, error);
        }
        if (status == TC_ERR_END) {
            status = cli_rejections_verdict(scan->rejections, error);
        }
    }
    if (inputs != NULL) {
        cli_scan_close_inputs(inputs, num);
    }
    return status;
}

/* Who has a profile: the names of groups, and what is in none. */
static void add_owners(struct tc_buf *out, const struct scan_command *scan, enum tc_profile profile)
{
    const struct cli_scan_settings *settings = &scan->settings;
    for (size_t i = 0; i < settings->groups.num_items; i++) {
        const struct cli_group *group = &settings->groups.items[i];
        if (cli_group_profile(group, settings->profile) == profile) {
            tc_buf_addf(out, "%s%s", out->len > 0 ? ", " : "group ", group->name);
        }
    }
    if ((int)profile == settings->profile &&
        scan->targets.num_items + settings->inputs.num_items > 0) {
        tc_buf_addf(out, "%s", out->len > 0 ? " and what is in none" : "what is in no group");
    }
}

static void say_profile(const struct scan_command *scan, enum tc_profile profile)
{
    const struct tc_scan_options limits = cli_profile_limits(&scan->settings, profile);
    unsigned connections = tc_scan_max_connections(&limits);
    bool has_groups = scan->settings.groups.num_items > 0;
    char address[CLI_LIMITS_WORDS];
    struct tc_buf owners;
    tc_buf_init(&owners, 1000);
    if (has_groups) {
        add_owners(&owners, scan, profile);
    }
    if (!has_groups || owners.len > 0) {
        const struct cli_log_line about = {.event = CLI_EVENT_LIMITS};
        cli_say(&about,
                "%s%sprofile %s: at most %u connection%s to an endpoint, %zu endpoints in flight; "
                "to one address %s",
                owners.len > 0 ? owners.data : "", owners.len > 0 ? ": " : "",
                tc_profile_str(profile), connections, connections > 1 ? "s (retries included)" : "",
                limits.concurrency, cli_address_limits(address, &limits));
    }
    tc_buf_cleanup(&owners);
}

static void say_limits(const struct scan_command *scan)
{
    if (scan->settings.groups.num_items == 0) {
        say_profile(scan, (enum tc_profile)scan->settings.profile);
        return;
    }
    for (int profile = TC_PROFILE_COUNT - 1; profile >= 0; profile--) {
        say_profile(scan, (enum tc_profile)profile);
    }
}

/* The summary's first line: who reads a log finds the rest in the reports. */
static void say_finished(const char *summary, size_t len)
{
    const struct cli_log_line about = {.event = CLI_EVENT_SCAN_FINISHED};
    const char *end = memchr(summary, '\n', len);
    cli_say(&about, "%.*s", (int)(end != NULL ? (size_t)(end - summary) : len), summary);
}

static void say_next(const struct scan_command *scan)
{
    if (scan->has_outputs) {
        fprintf(stderr, "Reports: %s/latest/report.html\n", scan->settings.output_dir);
    } else if (!scan->job.is_for_once) {
        fprintf(stderr, "Next: tlscensus report --db %s -o report.html\n", scan->settings.db);
    }
}

static void print_summary(struct scan_command *scan)
{
    struct tc_output *output = NULL;
    struct tc_error error = {""};
    struct tc_terminal_options terminal;
    if (!cli_talk_is_wanted() || cli_filter_reader_left(&scan->filter)) {
        return;
    }
    cli_terminal_options(&terminal, STDERR_FILENO, &scan->settings.talk);
    terminal.color = terminal.color && !cli_talk_is_json();
    if (tc_output_open_memory(&output) != TC_OK) {
        return;
    }
    if (tc_report_summary(output, scan->job.store, scan->job.scan_id, &terminal, &error) == TC_OK) {
        size_t len = 0;
        const char *text = tc_output_memory(output, &len);
        if (cli_talk_is_json()) {
            say_finished(text, len);
        } else {
            fwrite(text, 1, len, stderr);
            say_next(scan);
        }
    }
    tc_output_discard(output);
}

/* With what a configuration file tells `report`: a title, labels. */
static enum tc_status write_set(const struct scan_command *scan, struct tc_error *error)
{
    struct cli_option rows[CLI_REPORT_OPTIONS_MAX];
    struct report_settings settings;
    cli_report_settings_init(&settings);
    size_t num_rows = cli_report_options(rows, &settings);
    enum tc_status status = cli_configure("report", rows, num_rows, error);
    settings.output_dir = scan->settings.output_dir;
    settings.output = settings.all_tables = NULL;
    settings.compare_with = 0;
    if (status == TC_OK) {
        status = cli_report_set(&settings, scan->job.store, scan->job.scan_id, error);
    }
    cli_report_settings_cleanup(&settings);
    return status;
}

/*
 * Reports of the scan that just ended, where it is the one that `report` takes: what an interrupted
 * scan has so far does not take the place of a whole one.
 */
static enum tc_status write_outputs(struct scan_command *scan, struct tc_error *error)
{
    const char *output_dir = scan->settings.output_dir;
    struct tc_error reason = {""};
    int64_t newest = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    if (output_dir == NULL) {
        return TC_OK;
    }
    enum tc_status status = tc_store_pick_scan(scan->job.store, 0, &newest, &state, &reason);
    if (status == TC_OK && newest != scan->job.scan_id) {
        cli_note("%s keeps the reports of scan %lld: this one is not finished", output_dir,
                 (long long)newest);
        return TC_OK;
    }
    if (status == TC_OK) {
        status = write_set(scan, &reason);
    }
    scan->has_outputs = status == TC_OK;
    return status == TC_OK
               ? TC_OK
               : tc_fail(error, status,
                         "%s (the scan is stored; tlscensus report --db %s --output-dir %s "
                         "writes its reports)",
                         reason.text, scan->settings.db, output_dir);
}

static void say_interrupted(const struct scan_command *scan)
{
    if (scan->job.is_for_once) {
        cli_note("interrupted");
    } else {
        cli_note("interrupted; tlscensus scan --resume --db %s finishes it", scan->settings.db);
    }
}

static int exit_code(const struct scan_command *scan)
{
    const struct cli_scan_job *job = &scan->job;
    if (job->was_interrupted) {
        say_interrupted(scan);
        return cli_filter_reader_left(&scan->filter) ? CLI_READER_LEFT : CLI_INTERRUPTED;
    }
    if (cli_filter_reader_left(&scan->filter)) {
        return CLI_READER_LEFT;
    }
    if (cli_filter_was_cut(&scan->filter)) {
        cli_note("the scan is done; what its reader had not taken yet was cut%s",
                 cli_signals_is_overdue() ? ", as --max-duration says" : "");
        return CLI_INTERRUPTED;
    }
    return cli_fail_on(scan->settings.fail_on, &scan->job.findings) ? CLI_FOUND : CLI_DONE;
}

static enum tc_status open_everything(struct scan_command *scan, int argc, char **argv,
                                      struct tc_error *error)
{
    struct cli_scan_job *job = &scan->job;
    struct cli_scan_settings *settings = &scan->settings;
    enum tc_status status = cli_filter_open(&scan->filter, job, settings, error);
    if (status == TC_OK && settings->resume) {
        status = cli_open_store(&job->store, settings->db, TC_STORE_WRITE, error);
        if (status == TC_OK) {
            status = restore_options(scan, argc, argv, error);
        }
    } else if (status == TC_OK) {
        status =
            cli_configure_groups(&settings->groups, scan->rows, scan->num_rows, argc, argv, error);
    }
    if (status == TC_OK) {
        status = cli_scan_settings_check(settings, error);
    }
    if (status == TC_OK && scan->targets.num_items == 0 && settings->inputs.num_items == 0 &&
        settings->groups.num_items == 0) {
        status =
            tc_fail(error, TC_ERR_INPUT,
                    "no targets: name hosts, or a list with -i FILE; see tlscensus scan --help");
    }
    if (status == TC_OK) {
        status = cli_filter_check(&scan->filter, settings, error);
    }
    if (status == TC_OK && settings->on_change != NULL) {
        status = cli_on_change_check(settings->on_change, error);
    }
    if (status == TC_OK && settings->output_dir != NULL && !settings->dry_run) {
        status = cli_output_dir_check(settings->output_dir, error);
    }
    if (status == TC_OK && settings->strict && !settings->dry_run) {
        status = read_ahead(scan, error);
    }
    if (status == TC_OK) {
        status =
            cli_scan_open_inputs(&job->inputs, &job->num_inputs, settings, scan->targets.items,
                                 scan->targets.num_items, scan->rejections, CLI_INPUTS_ALL, error);
    }
    if (status == TC_OK) {
        status =
            cli_options_to_json(&scan->options_json, scan->rows, scan->num_rows, &settings->groups,
                                scan->targets.items, scan->targets.num_items, error);
        job->options_json = scan->options_json.data;
    }
    if (status == TC_OK && job->store == NULL && !settings->dry_run) {
        status = cli_open_store(&job->store, settings->db, TC_STORE_CREATE, error);
    }
    return status == TC_OK ? continue_scan(scan, error) : status;
}

/*
 * --on-change, whatever became of the reports: the next scan compares with this one, so what is not
 * told now never is. The scan itself is done, so a failure is said and is no reason to do it again.
 */
static bool tell_program(struct scan_command *scan)
{
    const struct cli_scan_settings *settings = &scan->settings;
    struct tc_error error = {""};
    if (settings->on_change == NULL || scan->job.was_interrupted) {
        return true;
    }
    enum tc_status status = cli_on_change(scan->job.store, scan->job.scan_id, settings->on_change,
                                          settings->on_change_timeout_ms,
                                          cli_filter_child_output(&scan->filter), &error);
    if (status != TC_OK) {
        (void)cli_give_up(status, &error);
    }
    return status == TC_OK;
}

static int run_scan(struct scan_command *scan, int argc, char **argv)
{
    struct tc_error error = {""};
    enum tc_status status = open_everything(scan, argc, argv, &error);
    if (status == TC_OK && scan->settings.dry_run) {
        return cli_dry_run(&scan->job, scan->rejections);
    }
    if (status == TC_OK && scan->is_done_already) {
        cli_note("%s: scan %s is done already", scan->settings.db, scan->settings.scan_uuid);
        return CLI_DONE;
    }
    if (status == TC_OK) {
        say_limits(scan);
        status = cli_scan_run(&scan->job, scan->rejections, &error);
    }
    if (status == TC_OK && !cli_scan_has_list(&scan->job) && !scan->job.was_interrupted) {
        status = tc_fail(&error, TC_ERR_INPUT,
                         "no target in the input; an empty list is not scanned without "
                         "--allow-empty");
    }
    bool is_told = true;
    if (status == TC_OK) {
        status = write_outputs(scan, &error);
        print_summary(scan);
        is_told = tell_program(scan);
    }
    cli_filter_finish(&scan->filter);
    if (status == TC_OK) {
        status = cli_filter_status(&scan->filter, &error);
    }
    if (status != TC_OK) {
        return cli_give_up(status, &error);
    }
    int code = exit_code(scan);
    return is_told || code != CLI_DONE ? code : CLI_FOUND;
}

static void scan_cleanup(struct scan_command *scan)
{
    if (scan->job.inputs != NULL) {
        cli_scan_close_inputs(scan->job.inputs, scan->job.num_inputs);
    }
    cli_filter_cleanup(&scan->filter);
    cli_rejections_free(scan->rejections);
    cli_list_cleanup(&scan->targets);
    cli_arena_cleanup(&scan->arena);
    tc_buf_cleanup(&scan->options_json);
    cli_scan_settings_cleanup(&scan->settings);
}

int cli_scan(int argc, char **argv)
{
    struct scan_command scan = {.targets = {0}};
    int first = 0;
    int result = CLI_FAILED;
    cli_scan_settings_init(&scan.settings);
    tc_buf_init(&scan.options_json, CLI_OPTIONS_JSON_MAX);
    scan.num_rows = cli_scan_options(scan.rows, &scan.settings);
    if (!cli_begin(&k_command, scan.rows, scan.num_rows, &scan.settings.talk, argc, argv, &first,
                   &result)) {
        scan_cleanup(&scan);
        return result;
    }
    for (int i = first; i < argc; i++) {
        const struct cli_option row = {.name = "", .type = CLI_LIST, .value = &scan.targets};
        if (cli_set(&row, 1, "", argv[i], NULL) != TC_OK) {
            scan_cleanup(&scan);
            return cli_give_up(TC_ERR_NOMEM, NULL);
        }
    }
    if (cli_rejections_new(&scan.rejections, scan.settings.strict) == TC_OK) {
        cli_signals_start();
        cli_signals_stop_after(scan.settings.max_duration_ms);
        scan.job.settings = &scan.settings;
        scan.job.is_resumed = scan.settings.resume;
        scan.job.shows_progress = true;
        result = run_scan(&scan, argc, argv);
    }
    scan_cleanup(&scan);
    return result;
}
