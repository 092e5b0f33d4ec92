/* tlscensus assess: findings and grades anew from stored facts. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/open_store.h"
#include "cli/scan_settings.h"
#include "cli/talk.h"
#include "tlscensus/store.h"

static const char *const k_examples[] = {
    "tlscensus assess --as-of 2027-01-01",
    "what will have expired on that day",
    "tlscensus assess --rules my-rules/ --waivers waivers.csv",
    "with rules of your own, and accepted findings marked as such",
    NULL,
};
static const struct cli_command k_command = {
    .name = "assess",
    .usage = "[--rules DIR] [--waivers FILE] [--as-of DATE]",
    .summary = "Derive a scan's findings and grades again from its stored facts, without network.",
    .examples = k_examples,
};

struct assess_settings {
    const char *db;
    uint64_t scan;
    int64_t as_of_s;
    const char *rules;
    const char *waivers;
    int fail_on;
    struct cli_talk_settings talk;
};

#define ASSESS_OPTIONS_NUM (6 + CLI_TALK_OPTIONS_NUM)

static void assess_rows(struct cli_option rows[ASSESS_OPTIONS_NUM], struct assess_settings *s)
{
    rows[0] = (struct cli_option){"db",           0,    CLI_TEXT, &s->db, "FILE", "What",
                                  "The database", NULL, 0,        0,      false};
    rows[1] = (struct cli_option){
        "scan", 0, CLI_COUNT64, &s->scan, "ID", NULL, "This scan; 0 is the newest finished one",
        NULL,   0, 9e15,        false};
    rows[2] = (struct cli_option){
        .name = "as-of",
        .type = CLI_DATE,
        .value = &s->as_of_s,
        .argument = "DATE",
        .help = "Move the scan's clock to this day (UTC); it stays there until it "
                "is moved again"};
    rows[3] = (struct cli_option){.name = "rules",
                                  .type = CLI_TEXT,
                                  .value = &s->rules,
                                  .argument = "DIR",
                                  .help = "Rules of your own, one SQL file each; the same id "
                                          "replaces ours"};
    rows[4] =
        (struct cli_option){.name = "waivers",
                            .type = CLI_TEXT,
                            .value = &s->waivers,
                            .argument = "FILE",
                            .help = "CSV with rule, host, until and reason: findings that are "
                                    "accepted for a time"};
    rows[5] = (struct cli_option){.name = "fail-on",
                                  .type = CLI_CHOICE,
                                  .value = &s->fail_on,
                                  .argument = "SEVERITY",
                                  .choices = cli_fail_on_choices,
                                  .help = "Exit with 1 at a finding of this severity or above"};
    cli_talk_options(rows + 6, &s->talk);
}

static enum tc_status assess(const struct assess_settings *settings,
                             struct tc_assess_counts *counts, struct tc_error *error)
{
    struct tc_store *store = NULL;
    struct tc_assess_options options = {.as_of_s = settings->as_of_s,
                                        .rules_dir = settings->rules,
                                        .waivers_path = settings->waivers};
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = cli_open_store(&store, settings->db, TC_STORE_WRITE, error);
    if (status == TC_OK) {
        status =
            tc_store_pick_scan(store, (int64_t)settings->scan, &options.scan_id, &state, error);
    }
    if (status == TC_OK) {
        status = tc_assess(store, &options, counts, error);
    }
    if (status == TC_OK) {
        printf("scan %" PRId64 ":", options.scan_id);
        for (int severity = 4; severity >= 0; severity--) {
            printf(" %" PRIu64 " %s%s", counts->findings[severity],
                   tc_severity_str((unsigned)severity), severity > 0 ? "," : "");
        }
        if (counts->waived > 0) {
            printf("; %" PRIu64 " waived", counts->waived);
        }
        printf("\n");
    }
    tc_store_close(store);
    return status;
}

int cli_assess(int argc, char **argv)
{
    struct assess_settings settings = {.db = "tlscensus.db"};
    struct cli_option rows[ASSESS_OPTIONS_NUM];
    struct tc_assess_counts counts = {.waived = 0};
    struct tc_error error = {""};
    int first = 0;
    int result = CLI_DONE;
    assess_rows(rows, &settings);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &settings.talk, argc, argv, &first,
                   &result)) {
        return result;
    }
    if (first < argc) {
        cli_usage_error("assess takes no argument: %s; a database is named with --db", argv[first]);
        return CLI_USAGE;
    }
    enum tc_status status = assess(&settings, &counts, &error);
    if (status != TC_OK) {
        return cli_give_up(status, &error);
    }
    return cli_fail_on(settings.fail_on, &counts) ? CLI_FOUND : CLI_DONE;
}
