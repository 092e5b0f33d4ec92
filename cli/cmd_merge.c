/* tlscensus merge: the shards of a scan, or the histories of several machines, in one database. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/open_store.h"
#include "cli/repair.h"
#include "cli/talk.h"
#include "cli/trust_files.h"
#include "tlscensus/merge.h"

#define TRUST_TEXT_MAX 1024

static const char *const k_examples[] = {
    "tlscensus merge all.db shard-*.db",
    "the shards of a scan become one scan, and its rules see the whole",
    "tlscensus merge history.db laptop.db server.db",
    "scans of several machines side by side; what is there already stays",
    NULL,
};
static const struct cli_command k_command = {
    .name = "merge",
    .usage = "OUT IN…",
    .summary = "Take the scans of databases into another one, which is made where it is missing.",
    .examples = k_examples,
};

struct merge_settings {
    const char *ca_file;
    const char *ca_path;
    const char *rules;
    const char *waivers;
    struct cli_talk_settings talk;
};

#define MERGE_OPTIONS_NUM (4 + CLI_TALK_OPTIONS_NUM)

static void merge_rows(struct cli_option rows[MERGE_OPTIONS_NUM], struct merge_settings *s)
{
    const struct cli_option more[] = {
        {"rules", 0, CLI_TEXT, &s->rules, "DIR", "A scan that is put together from shards",
         "Rules of your own that judge it, as the shards had them", NULL, 0, 0, false},
        {"waivers", 0, CLI_TEXT, &s->waivers, "FILE", NULL,
         "CSV with rule, host, until and reason: findings that are accepted for a time", NULL, 0, 0,
         false},
        {"ca-file", 0, CLI_TEXT, &s->ca_file, "FILE", NULL,
         "The roots that the shards trusted, where those are not the system's: a chain may lack "
         "what "
         "an endpoint of another shard sent",
         NULL, 0, 0, false},
        {"ca-path", 0, CLI_TEXT, &s->ca_path, "DIR", NULL, "The same as a folder", NULL, 0, 0,
         false},
    };
    memcpy(rows, more, sizeof more);
    cli_talk_options(rows + TC_ARRAY_LEN(more), &s->talk);
}

/* ---- a scan from shards ---- */

struct judge {
    const struct merge_settings *settings;
    struct tc_store *store;
};

/*
 * The verifier of the shards, if this machine trusts the same roots: `*out` stays NULL otherwise,
 * and verdicts stay as the shards had them.
 */
static enum tc_status find_verifier(struct tc_verifier **out, const struct judge *judge,
                                    const struct tc_merge_part *part, struct tc_error *error)
{
    const struct merge_settings *settings = judge->settings;
    struct tc_trust_store *trust = NULL;
    struct tc_buf origin;
    uint8_t sha256[TC_SHA256_BYTES];
    bool is_named = settings->ca_file != NULL || settings->ca_path != NULL;
    tc_buf_init(&origin, TRUST_TEXT_MAX);
    enum tc_status status =
        cli_load_trust(&trust, &origin, settings->ca_file, settings->ca_path, error);
    tc_buf_cleanup(&origin);
    if (status != TC_OK) {
        return is_named ? status : TC_OK; /* no store of the system: then it is not the shards' */
    }
    tc_trust_store_sha256(trust, sha256);
    if (part->trust_store_sha256 == NULL ||
        memcmp(sha256, part->trust_store_sha256, sizeof sha256) != 0) {
        tc_trust_store_free(trust);
        return TC_OK;
    }
    status = tc_verifier_new(out, trust, part->started_s);
    if (status != TC_OK) {
        tc_trust_store_free(trust);
    }
    return status;
}

static enum tc_status repair(const struct judge *judge, const struct tc_merge_part *part,
                             struct tc_error *error)
{
    struct tc_verifier *verifier = NULL;
    uint64_t repaired = 0;
    enum tc_status status = find_verifier(&verifier, judge, part, error);
    if (status == TC_OK && verifier == NULL) {
        cli_warning("scan %" PRId64
                    ": its shards trusted other roots than are here, so no chain is "
                    "completed from another shard: name theirs with --ca-file",
                    part->scan_id);
    }
    if (verifier != NULL) {
        status = cli_repair_chains(judge->store, part->scan_id, verifier, &repaired, error);
    }
    tc_verifier_free(verifier);
    return status;
}

/* Chains first, then rules: as at the end of a scan. */
static enum tc_status judge_part(void *context, const struct tc_merge_part *part,
                                 struct tc_error *error)
{
    const struct judge *judge = context;
    struct tc_assess_counts counts = {0};
    const struct tc_assess_options options = {.scan_id = part->scan_id,
                                              .rules_dir = judge->settings->rules,
                                              .waivers_path = judge->settings->waivers};
    if (part->missing[0] != '\0') {
        cli_warning("scan %" PRId64 ": not all shards are here; missing by number: %s",
                    part->scan_id, part->missing);
    }
    enum tc_status status = repair(judge, part, error);
    return status == TC_OK ? tc_assess(judge->store, &options, &counts, error) : status;
}

/* ---- the command ---- */

static void say_notice(void *context, const char *text)
{
    (void)context;
    cli_warning("%s", text);
}

/* A large file takes a minute. */
static void say_step(const char *line)
{
    if (cli_talk_is_live()) {
        cli_progress_line(line);
    }
}

static void say_progress(const char *doing, const char *path, size_t num_before, size_t num_paths)
{
    char line[512];
    (void)snprintf(line, sizeof line, "%s %zu/%zu %s", doing, num_before + 1, num_paths, path);
    say_step(line);
}

static void on_file(void *context, const char *path, size_t num_before)
{
    const size_t *num_paths = context;
    say_progress("merging", path, num_before, *num_paths);
}

/* All files are looked at before anything is made or written. */
static enum tc_status check_all(const char *const *paths, size_t num_paths, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_paths && status == TC_OK; i++) {
        say_progress("checking", paths[i], i, num_paths);
        status = tc_merge_check(paths[i], error);
    }
    return status;
}

static enum tc_status merge(const struct merge_settings *settings, const char *out_path,
                            const char *const *paths, size_t num_paths, struct tc_error *error)
{
    struct tc_merge_counts counts = {0};
    struct judge judge = {.settings = settings};
    const struct tc_merge_options options = {
        .paths = paths,
        .num_paths = num_paths,
        .context = &num_paths,
        .notice = say_notice,
        .progress = on_file,
    };
    enum tc_status status = check_all(paths, num_paths, error);
    if (status == TC_OK) {
        status = cli_open_store(&judge.store, out_path, TC_STORE_CREATE, error);
    }
    if (status == TC_OK) {
        status = tc_merge(judge.store, &options, &counts, error);
    }
    if (status == TC_OK) {
        say_step("judging what was put together");
        status = tc_merge_each_part(judge.store, judge_part, &judge, error);
    }
    cli_progress_line(NULL);
    if (status == TC_OK) {
        printf("new in %s: %" PRIu64 " scans, %" PRIu64 " more shards, %" PRIu64
               " observations, %" PRIu64 " certificates\n",
               out_path, counts.scans, counts.joined, counts.observations, counts.certificates);
    }
    tc_store_close(judge.store);
    return status;
}

int cli_merge(int argc, char **argv)
{
    struct merge_settings settings = {.rules = NULL};
    struct cli_option rows[MERGE_OPTIONS_NUM];
    struct tc_error error = {""};
    int first = 0;
    int result = CLI_DONE;
    merge_rows(rows, &settings);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &settings.talk, argc, argv, &first,
                   &result)) {
        return result;
    }
    if (argc - first < 2) {
        cli_usage_error(
            "merge needs the database to merge into and at least one to take from: tlscensus "
            "merge OUT IN…");
        return CLI_USAGE;
    }
    enum tc_status status = merge(&settings, argv[first], (const char *const *)argv + first + 1,
                                  (size_t)(argc - first - 1), &error);
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}
