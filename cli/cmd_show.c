/* tlscensus show: one host on one screen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/scan_run.h"
#include "cli/signals.h"
#include "cli/stored_options.h"
#include "tlscensus/report.h"

static const char *const k_examples[] = {
    "tlscensus show www.example.org",
    "examined now: verdict, certificate, chain, timeline, findings",
    "tlscensus show mail.example.org:993 -4",
    "another port, IPv4 only",
    "tlscensus show www.example.org --db audit.db",
    "what the newest scan stored, without network",
    "tlscensus help facts",
    "what each fact under \"Accepts\" means",
    NULL,
};
static const struct cli_command k_command = {
    .name = "show",
    .usage = "HOST[:PORT] [OPTIONS]",
    .summary = "Show one host's TLS in the terminal, examined now or from a database.",
    .examples = k_examples,
};

struct show_command {
    struct cli_scan_settings settings;
    const char *db; /* NULL: examine now */
    uint64_t scan;
    const char *argument;
    const struct cli_option *rows; /* as parsed: the report asks what was requested */
    size_t num_rows;
};

static size_t show_rows(struct cli_option *rows, struct show_command *show)
{
    rows[0] = (struct cli_option){.name = "db",
                                  .type = CLI_TEXT,
                                  .value = &show->db,
                                  .argument = "FILE",
                                  .group = "From a database",
                                  .help = "Show what this database has; nobody is contacted"};
    rows[1] = (struct cli_option){.name = "scan",
                                  .type = CLI_COUNT64,
                                  .value = &show->scan,
                                  .argument = "ID",
                                  .max = 9e15,
                                  .help = "This scan of it; 0 is the newest finished one"};
    return 2 + cli_show_options(rows + 2, &show->settings);
}

static enum tc_status draw(const struct show_command *show, struct tc_store *store, int64_t scan_id,
                           const char *host, unsigned port, struct tc_error *error)
{
    struct tc_output *output = NULL;
    struct tc_terminal_options terminal;
    cli_terminal_options(&terminal, STDOUT_FILENO, &show->settings.talk);
    enum tc_status status = tc_output_open(&output, NULL, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_show(output, store, scan_id, host, port, &terminal, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

/* The target that the argument stands for, read as `scan` would. */
static enum tc_status parse_target(const struct show_command *show,
                                   struct cli_rejections *rejections, struct tc_target **out,
                                   struct tc_error *error)
{
    struct cli_scan_input *inputs = NULL;
    size_t num = 0;
    enum tc_status status = cli_scan_open_inputs(&inputs, &num, &show->settings, &show->argument, 1,
                                                 rejections, CLI_INPUTS_ALL, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_target_reader_next(out, inputs[0].reader, error);
    enum tc_status refused = cli_rejections_verdict(rejections, error);
    if (refused != TC_OK) {
        status = refused;
    } else if (status == TC_ERR_END) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: no host in it", show->argument);
    }
    cli_scan_close_inputs(inputs, num);
    return status;
}

static enum tc_status show_stored(const struct show_command *show, const struct tc_target *target,
                                  struct tc_error *error)
{
    struct tc_store *store = NULL;
    int64_t scan_id = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = tc_store_open(&store, show->db, TC_STORE_READ, error);
    if (status == TC_OK) {
        status = tc_store_pick_scan(store, (int64_t)show->scan, &scan_id, &state, error);
    }
    if (status == TC_OK) {
        status = draw(show, store, scan_id, target->host, target->port, error);
    }
    tc_store_close(store);
    return status;
}

/* A scan of one target into a database in memory, drawn from there as a stored one would be. */
static enum tc_status show_now(struct show_command *show, const struct tc_target *target,
                               struct cli_rejections *rejections, struct tc_error *error)
{
    struct cli_scan_job job = {.settings = &show->settings};
    struct tc_buf options_json;
    tc_buf_init(&options_json, CLI_OPTIONS_JSON_MAX);
    enum tc_status status = cli_options_to_json(&options_json, show->rows, show->num_rows, NULL,
                                                &show->argument, 1, error);
    job.options_json = options_json.data;
    if (status == TC_OK) {
        status = tc_store_open(&job.store, ":memory:", TC_STORE_CREATE, error);
    }
    if (status == TC_OK) {
        status = cli_scan_open_inputs(&job.inputs, &job.num_inputs, &show->settings,
                                      &show->argument, 1, rejections, CLI_INPUTS_ALL, error);
    }
    if (status == TC_OK) {
        status = cli_scan_run(&job, rejections, error);
    }
    if (status == TC_OK && job.was_interrupted) {
        status = tc_fail(error, TC_ERR_CANCELLED, "interrupted");
    }
    if (status == TC_OK) {
        status = draw(show, job.store, job.scan_id, target->host, target->port, error);
    }
    if (job.inputs != NULL) {
        cli_scan_close_inputs(job.inputs, job.num_inputs);
    }
    tc_store_close(job.store);
    tc_buf_cleanup(&options_json);
    return status;
}

static int run_show(struct show_command *show)
{
    struct tc_error error = {""};
    struct tc_target *target = NULL;
    struct cli_rejections *rejections = NULL;
    enum tc_status status = cli_scan_settings_check(&show->settings, &error);
    if (status == TC_OK) {
        status = cli_rejections_new(&rejections, true);
    }
    if (status == TC_OK) {
        status = parse_target(show, rejections, &target, &error);
    }
    if (status == TC_OK) {
        status = show->db != NULL ? show_stored(show, target, &error)
                                  : show_now(show, target, rejections, &error);
    }
    tc_target_free(target);
    cli_rejections_free(rejections);
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}

int cli_show(int argc, char **argv)
{
    struct show_command show = {.db = NULL};
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    int first = 0;
    int result = CLI_USAGE;
    cli_scan_settings_init(&show.settings);
    show.settings.limits.keep_messages = true;
    show.settings.limits.workers = 1;
    size_t num_rows = show_rows(rows, &show);
    show.rows = rows;
    show.num_rows = num_rows;
    if (cli_begin(&k_command, rows, num_rows, &show.settings.talk, argc, argv, &first, &result)) {
        if (argc - first == 1) {
            show.argument = argv[first];
            cli_signals_start();
            result = run_show(&show);
        } else {
            cli_usage_error("show takes one HOST[:PORT]; see tlscensus show --help");
            result = CLI_USAGE;
        }
    }
    cli_scan_settings_cleanup(&show.settings);
    return result;
}
