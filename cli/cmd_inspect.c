/* tlscensus inspect: chains from files, offline, with the same analysis and rules as a scan. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/talk.h"
#include "cli/trust_files.h"
#include "cli/version.h"
#include "tlscensus/report.h"

#define INSPECT_FILE_MAX_BYTES (64U << 20)
#define INSPECT_MAX_CERTS      20000 /* in one file */
#define INSPECT_PORT           443   /* what a file's chain is filed under */

static const char *const k_examples[] = {
    "tlscensus inspect chain.pem --name www.example.org",
    "judge a chain, leaf first, for a name",
    "tlscensus inspect --together leaf.der intermediate.der",
    "several files that are one chain, in this order",
    "tlscensus inspect --each pile.pem --as-of 2027-01-01",
    "every certificate by itself, as of another day",
    NULL,
};
static const struct cli_command k_command = {
    .name = "inspect",
    .usage = "FILE… [--name HOST] [--as-of DATE]",
    .summary = "Judge certificate chains from PEM or DER files, without network.",
    .examples = k_examples,
};

struct inspect_command {
    const char *name;
    int64_t as_of_s; /* 0: now */
    bool together;
    bool each;
    const char *ca_file;
    const char *ca_path;
    const char *rules;
    struct cli_talk_settings talk;

    struct tc_store *store;
    struct tc_verifier *verifier;
    struct tc_writer *writer;
    int64_t scan_id;
    char **hosts; /* what was filed, in order; owned */
    size_t num_hosts;
};

#define INSPECT_OPTIONS_MAX 16

static size_t inspect_rows(struct cli_option *rows, struct inspect_command *s)
{
    const struct cli_option more[] = {
        {"name", 0, CLI_TEXT, &s->name, "HOST", "What", "The name that the leaf must speak for",
         NULL, 0, 0, false},
        {"as-of", 0, CLI_DATE, &s->as_of_s, "DATE", NULL,
         "Judge as of this day (UTC) instead of now", NULL, 0, 0, false},
        {"together", 0, CLI_FLAG, &s->together, NULL, NULL,
         "All files are one chain, in the order given", NULL, 0, 0, false},
        {"each", 0, CLI_FLAG, &s->each, NULL, NULL,
         "A pile: every certificate of every file is judged by itself", NULL, 0, 0, false},
        {"ca-file", 0, CLI_TEXT, &s->ca_file, "FILE", "Trust and rules",
         "Trust the certificates of this file in place of the system's store", NULL, 0, 0, false},
        {"ca-path", 0, CLI_TEXT, &s->ca_path, "DIR", NULL, "Trust the certificates of this folder",
         NULL, 0, 0, false},
        {"rules", 0, CLI_TEXT, &s->rules, "DIR", NULL, "Rules of your own, one SQL file each", NULL,
         0, 0, false},
    };
    memcpy(rows, more, sizeof more);
    cli_talk_options(rows + TC_ARRAY_LEN(more), &s->talk);
    return TC_ARRAY_LEN(more) + CLI_TALK_OPTIONS_NUM;
}

static enum tc_status prepare(struct inspect_command *inspect, struct tc_error *error)
{
    struct tc_trust_store *trust = NULL;
    struct tc_buf origin;
    int64_t as_of_s = inspect->as_of_s != 0 ? inspect->as_of_s : cli_now_s();
    struct tc_scan_start_record record = {.profile = "inspect",
                                          .started_s = as_of_s,
                                          .tool_version = CLI_VERSION,
                                          .options_json = "{}"};
    tc_buf_init(&origin, 1024);
    enum tc_status status =
        cli_load_trust(&trust, &origin, inspect->ca_file, inspect->ca_path, error);
    if (status == TC_OK) {
        tc_trust_store_sha256(trust, record.trust_store_sha256);
        record.trust_store = origin.data;
        status = tc_verifier_new(&inspect->verifier, trust, as_of_s);
        if (status != TC_OK) {
            tc_trust_store_free(trust);
        }
    }
    if (status == TC_OK) {
        status = tc_store_open(&inspect->store, ":memory:", TC_STORE_CREATE, error);
    }
    if (status == TC_OK) {
        status = tc_store_begin_scan(inspect->store, &inspect->scan_id, &record, error);
    }
    if (status == TC_OK) {
        status = tc_writer_start(&inspect->writer, inspect->store, inspect->scan_id, false, error);
    }
    tc_buf_cleanup(&origin);
    return status;
}

/* A target by the name of a host or a file: made here because no list could hold a file's name. */
static enum tc_status file_target(struct inspect_command *inspect, const char *host,
                                  int64_t *out_target_id)
{
    struct tc_target target = {.protocol = TC_PROTOCOL_TLS, .port = INSPECT_PORT, .input_line = 0};
    enum tc_registration registration = TC_REGISTERED;
    struct tc_target *pointer = &target;
    target.host = strdup(host);
    target.input_text = strdup(host);
    enum tc_status status = TC_ERR_NOMEM;
    if (target.host != NULL && target.input_text != NULL) {
        status = tc_writer_register(inspect->writer, "command line", &pointer, 1, &registration);
        *out_target_id = target.target_id;
    }
    free(target.host);
    free(target.input_text);
    return status;
}

static enum tc_status add_host(struct inspect_command *inspect, const char *host)
{
    char **hosts = realloc(inspect->hosts, (inspect->num_hosts + 1) * sizeof *hosts);
    if (hosts == NULL) {
        return TC_ERR_NOMEM;
    }
    inspect->hosts = hosts;
    hosts[inspect->num_hosts] = strdup(host);
    if (hosts[inspect->num_hosts] == NULL) {
        return TC_ERR_NOMEM;
    }
    inspect->num_hosts++;
    return TC_OK;
}

/* Files one chain as an observation of `host`. */
static enum tc_status file_chain(struct inspect_command *inspect, const char *host,
                                 struct tc_cert *const *certs, size_t num_certs)
{
    int64_t target_id = 0;
    enum tc_status status = file_target(inspect, host, &target_id);
    struct tc_observation *observation = status == TC_OK ? tc_observation_new() : NULL;
    if (observation == NULL) {
        return status == TC_OK ? TC_ERR_NOMEM : status;
    }
    status = tc_verifier_chain(inspect->verifier, &observation->chain, certs, num_certs);
    if (status != TC_OK) {
        tc_observation_free(observation);
        return status;
    }
    observation->target_id = target_id;
    observation->observed_s = cli_now_s();
    observation->attempts = 0;
    if (inspect->name != NULL) {
        observation->name_match = tc_cert_matches_name(certs[0], inspect->name) ? TC_YES : TC_NO;
        observation->cn_match = tc_cert_cn_matches_name(certs[0], inspect->name) ? TC_YES : TC_NO;
    }
    tc_writer_put(inspect->writer, observation);
    return add_host(inspect, host);
}

static enum tc_status file_pile(struct inspect_command *inspect, const char *path,
                                const struct tc_cert_pile *pile)
{
    if (pile->num_certs == 0) { /* read_pile() has refused an empty file */
        return TC_ERR_NOT_FOUND;
    }
    if (!inspect->each) {
        return file_chain(inspect, inspect->name != NULL ? inspect->name : path, pile->certs,
                          pile->num_certs);
    }
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < pile->num_certs && status == TC_OK; i++) {
        struct tc_buf host;
        tc_buf_init(&host, 4096);
        status = tc_buf_addf(&host, "%s#%zu", path, i + 1);
        if (status == TC_OK) {
            status = file_chain(inspect, host.data, &pile->certs[i], 1);
        }
        tc_buf_cleanup(&host);
    }
    return status;
}

static enum tc_status read_pile(struct tc_cert_pile *out, const char *path, struct tc_error *error)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct tc_error why = {""};
    enum tc_status status = cli_read_file(&bytes, &len, path, INSPECT_FILE_MAX_BYTES, error);
    if (status == TC_OK) {
        status = tc_cert_pile_read(out, bytes, len, INSPECT_MAX_CERTS, &why);
        if (status == TC_ERR_NOT_FOUND) {
            status = tc_fail(error, TC_ERR_INPUT, "%s: no certificate in it, PEM or DER", path);
        } else if (status != TC_OK && status != TC_ERR_NOMEM) {
            status = tc_fail(error, TC_ERR_INPUT, "%s: %s", path, why.text);
        }
    }
    free(bytes);
    return status;
}

/* Moves the certificates of `more` behind those of `all`. */
static enum tc_status join_piles(struct tc_cert_pile *all, struct tc_cert_pile *more)
{
    size_t num = all->num_certs + more->num_certs;
    if (more->num_certs == 0) {
        return TC_OK;
    }
    struct tc_cert **certs = realloc(all->certs, num * sizeof *certs);
    if (certs == NULL) {
        return TC_ERR_NOMEM;
    }
    all->certs = certs;
    memcpy(all->certs + all->num_certs, more->certs, more->num_certs * sizeof *certs);
    all->num_certs = num;
    free(more->certs);
    *more = (struct tc_cert_pile){0};
    return TC_OK;
}

static enum tc_status file_all(struct inspect_command *inspect, char **paths, int num_paths,
                               struct tc_error *error)
{
    struct tc_cert_pile all = {0};
    enum tc_status status = TC_OK;
    for (int i = 0; i < num_paths && status == TC_OK; i++) {
        struct tc_cert_pile pile = {0};
        status = read_pile(&pile, paths[i], error);
        if (status == TC_OK && inspect->together) {
            status = join_piles(&all, &pile);
        } else if (status == TC_OK) {
            status = file_pile(inspect, paths[i], &pile);
        }
        tc_cert_pile_cleanup(&pile);
    }
    if (status == TC_OK && inspect->together) {
        status = file_pile(inspect, paths[0], &all);
    }
    tc_cert_pile_cleanup(&all);
    return status;
}

static enum tc_status assess_and_draw(struct inspect_command *inspect, struct tc_error *error)
{
    const struct tc_assess_options assess = {.scan_id = inspect->scan_id,
                                             .rules_dir = inspect->rules};
    const struct tc_scan_end_record end = {
        .state = TC_SCAN_DONE, .finished_s = cli_now_s(), .vantage = "", .notices = ""};
    struct tc_assess_counts counts;
    struct tc_output *output = NULL;
    struct tc_terminal_options terminal;
    enum tc_status status = tc_assess(inspect->store, &assess, &counts, error);
    if (status == TC_OK) {
        status = tc_store_end_scan(inspect->store, inspect->scan_id, &end, error);
    }
    if (status == TC_OK) {
        cli_terminal_options(&terminal, STDOUT_FILENO, &inspect->talk);
        status = tc_output_open(&output, NULL, error);
    }
    if (status != TC_OK) {
        return status;
    }
    for (size_t i = 0; i < inspect->num_hosts && status == TC_OK; i++) {
        tc_output_str(output, i > 0 ? "\n" : "");
        status = tc_report_show(output, inspect->store, inspect->scan_id, inspect->hosts[i],
                                INSPECT_PORT, &terminal, error);
    }
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static int run_inspect(struct inspect_command *inspect, char **paths, int num_paths)
{
    struct tc_error error = {""};
    enum tc_status status = TC_OK;
    if (inspect->each && (inspect->together || inspect->name != NULL)) {
        status = tc_fail(&error, TC_ERR_INPUT,
                         "--each judges certificates one by one: leave "
                         "--together and --name out");
    } else if (num_paths > 1 && inspect->name != NULL && !inspect->together) {
        status = tc_fail(&error, TC_ERR_INPUT,
                         "--name goes with one chain: one file, or "
                         "several with --together");
    }
    if (status == TC_OK) {
        status = prepare(inspect, &error);
    }
    if (status == TC_OK) {
        status = file_all(inspect, paths, num_paths, &error);
    }
    if (inspect->writer != NULL) {
        enum tc_status stopped =
            tc_writer_stop(inspect->writer, NULL, status == TC_OK ? &error : NULL);
        status = status != TC_OK ? status : stopped;
    }
    if (status == TC_OK) {
        status = assess_and_draw(inspect, &error);
    }
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}

static void inspect_cleanup(struct inspect_command *inspect)
{
    for (size_t i = 0; i < inspect->num_hosts; i++) {
        free(inspect->hosts[i]);
    }
    free(inspect->hosts);
    tc_verifier_free(inspect->verifier);
    tc_store_close(inspect->store);
}

int cli_inspect(int argc, char **argv)
{
    struct inspect_command inspect = {.name = NULL};
    struct cli_option rows[INSPECT_OPTIONS_MAX];
    int first = 0;
    int result = CLI_USAGE;
    size_t num_rows = inspect_rows(rows, &inspect);
    if (!cli_begin(&k_command, rows, num_rows, &inspect.talk, argc, argv, &first, &result)) {
        return result;
    }
    if (first == argc) {
        cli_usage_error("inspect needs a file of certificates; see tlscensus inspect --help");
        return CLI_USAGE;
    }
    result = run_inspect(&inspect, argv + first, argc - first);
    inspect_cleanup(&inspect);
    return result;
}
