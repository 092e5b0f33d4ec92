/* tlscensus prune: what a database need not keep. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/clock.h"
#include "cli/commands.h"
#include "cli/open_store.h"
#include "cli/talk.h"
#include "tlscensus/keeping.h"

#define YEAR_S    (365 * (int64_t)86400)
#define AGE_MAX_S (36525 * 86400.0)
#define MIB       (1024.0 * 1024.0)

static const char *const k_examples[] = {
    "tlscensus prune --keep-scans 30 --dry-run",
    "what would go if the thirty newest finished scans stay",
    "tlscensus prune --older-than 90d --keep-scans 30",
    "what began 90 days ago and is none of the thirty newest goes",
    "tlscensus prune --older-than 52w --drop-der --vacuum",
    "as small as it gets: bytes of old leaves go too, and the file shrinks",
    NULL,
};
static const struct cli_command k_command = {
    .name = "prune",
    .usage = "--keep-scans N | --older-than AGE | --drop-der | --vacuum",
    .summary =
        "Remove old scans, and what they alone needed. The newest finished scan stays, and of "
        "every\nendpoint its last known state.",
    .examples = k_examples,
};

struct prune_settings {
    const char *db;
    uint64_t keep_scans;
    int64_t older_than_s;
    bool drop_der;
    bool dry_run;
    bool vacuum;
    struct cli_talk_settings talk;
};

#define PRUNE_OPTIONS_NUM (6 + CLI_TALK_OPTIONS_NUM)

static void prune_rows(struct cli_option rows[PRUNE_OPTIONS_NUM], struct prune_settings *s)
{
    rows[0] = (struct cli_option){.name = "db",
                                  .type = CLI_TEXT,
                                  .value = &s->db,
                                  .argument = "FILE",
                                  .group = "What",
                                  .help = "The database"};
    rows[1] = (struct cli_option){.name = "keep-scans",
                                  .type = CLI_COUNT64,
                                  .value = &s->keep_scans,
                                  .argument = "N",
                                  .help = "Keep the N newest finished scans; with --older-than "
                                          "both must say that a scan goes",
                                  .min = 1,
                                  .max = 9e15};
    rows[2] = (struct cli_option){.name = "older-than",
                                  .type = CLI_AGE,
                                  .value = &s->older_than_s,
                                  .argument = "AGE",
                                  .help = "Remove scans that began longer ago: 36h, 90d, 12w",
                                  .min = 3600,
                                  .max = AGE_MAX_S};
    rows[3] = (struct cli_option){.name = "drop-der",
                                  .type = CLI_FLAG,
                                  .value = &s->drop_der,
                                  .help = "Remove the bytes (DER) of server certificates that no "
                                          "endpoint has shown for a year; what was read from them "
                                          "stays"};
    rows[4] = (struct cli_option){.name = "dry-run",
                                  .letter = 'n',
                                  .type = CLI_FLAG,
                                  .value = &s->dry_run,
                                  .help = "Say what would go, and change nothing"};
    rows[5] = (struct cli_option){.name = "vacuum",
                                  .type = CLI_FLAG,
                                  .value = &s->vacuum,
                                  .help = "Make the file smaller afterwards; needs twice the room "
                                          "of what is left for a while, which is looked at first"};
    cli_talk_options(rows + 6, &s->talk);
}

static enum tc_status check_settings(const struct prune_settings *settings, struct tc_error *error)
{
    if (settings->keep_scans == 0 && settings->older_than_s == 0 && !settings->drop_der &&
        !settings->vacuum) {
        return tc_fail(error, TC_ERR_INPUT,
                       "say what may go: --keep-scans N, --older-than AGE or --drop-der; or "
                       "--vacuum; see tlscensus prune --help");
    }
    if (settings->dry_run && settings->vacuum) {
        return tc_fail(error, TC_ERR_INPUT, "--dry-run changes nothing: leave --vacuum out");
    }
    return TC_OK;
}

static void print_counts(const struct tc_prune_counts *counts, bool dry_run)
{
    printf("%s\n", dry_run ? "would go" : "gone");
    printf("  scans         %" PRIu64 "\n", counts->scans);
    printf("  observations  %" PRIu64 "\n", counts->observations);
    printf("  certificates  %" PRIu64 "\n", counts->certificates);
    if (counts->ders > 0) {
        printf("  DER           of %" PRIu64 " more\n", counts->ders);
    }
    printf("  bytes         %" PRIu64 "\n", counts->bytes);
    if (counts->scans_left > 0) {
        printf("of %" PRIu64 " older scan%s %" PRIu64
               " observation%s stay%s: later reports refer to %s\n",
               counts->scans_left, counts->scans_left == 1 ? "" : "s", counts->observations_left,
               counts->observations_left == 1 ? "" : "s", counts->observations_left == 1 ? "s" : "",
               counts->observations_left == 1 ? "it" : "them");
    }
}

static enum tc_status prune(const struct prune_settings *settings, struct tc_store *store,
                            struct tc_error *error)
{
    int64_t now_s = cli_now_s();
    const struct tc_prune_options options = {
        .keep_scans = settings->keep_scans,
        .begun_before_s = settings->older_than_s != 0 ? now_s - settings->older_than_s : 0,
        .drop_der_since_s = settings->drop_der ? now_s - YEAR_S : 0,
        .dry_run = settings->dry_run};
    struct tc_prune_counts counts = {0};
    enum tc_status status = tc_prune(store, &options, &counts, error);
    if (status != TC_OK) {
        return status;
    }
    print_counts(&counts, settings->dry_run);
    if (!settings->dry_run && counts.bytes > 0 && !settings->vacuum) {
        cli_note("the bytes are free inside the file, for scans to come; --vacuum makes it "
                 "smaller");
    }
    return TC_OK;
}

static enum tc_status vacuum(struct tc_store *store, struct tc_error *error)
{
    uint64_t before_bytes = 0;
    uint64_t after_bytes = 0;
    enum tc_status status = tc_store_vacuum(store, &before_bytes, &after_bytes, error);
    if (status == TC_OK) {
        printf("file            %.1f MiB, was %.1f\n", (double)after_bytes / MIB,
               (double)before_bytes / MIB);
    }
    return status;
}

int cli_prune(int argc, char **argv)
{
    struct prune_settings settings = {.db = "tlscensus.db"};
    struct cli_option rows[PRUNE_OPTIONS_NUM];
    struct tc_store *store = NULL;
    struct tc_error error = {""};
    int first = 0;
    int result = CLI_DONE;
    prune_rows(rows, &settings);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &settings.talk, argc, argv, &first,
                   &result)) {
        return result;
    }
    if (first < argc) {
        cli_usage_error("prune takes no argument: %s; a database is named with --db", argv[first]);
        return CLI_USAGE;
    }
    enum tc_status status = check_settings(&settings, &error);
    if (status == TC_OK) {
        status = cli_open_store(&store, settings.db, TC_STORE_WRITE, &error);
    }
    if (status == TC_OK &&
        (settings.keep_scans != 0 || settings.older_than_s != 0 || settings.drop_der)) {
        status = prune(&settings, store, &error);
    }
    if (status == TC_OK && settings.vacuum) {
        status = vacuum(store, &error);
    }
    tc_store_close(store);
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}
