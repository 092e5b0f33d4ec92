#include "cli/dry_run.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/clock.h"
#include "cli/feeder.h"
#include "cli/talk.h"
#include "cli/version.h"

/* A web server of TLS 1.2 and 1.3: its handshake, seven questions, two for certificates. */
#define CONFIRMED_CONNECTIONS 10U

/* Registers every target in a database that nobody sees: duplicates are counted as a scan would. */
static enum tc_status count_targets(struct cli_scan_job *job, struct cli_rejections *rejections,
                                    struct tc_error *error)
{
    struct tc_store *store = NULL;
    struct cli_feeder feeder = {.inputs = job->inputs,
                                .num_inputs = job->num_inputs,
                                .rejections = rejections,
                                .shard = cli_scan_shard(job->settings)};
    const struct tc_scan_start_record record = {.profile = tc_profile_str(TC_PROFILE_QUICK),
                                                .started_s = cli_now_s(),
                                                .tool_version = CLI_VERSION,
                                                .options_json = "{}",
                                                .trust_store = ""};
    enum tc_status status = tc_store_open(&store, ":memory:", TC_STORE_CREATE, error);
    if (status == TC_OK) {
        status = tc_store_begin_scan(store, &job->scan_id, &record, error);
    }
    if (status == TC_OK) {
        status = tc_writer_start(&feeder.writer, store, job->scan_id, false, error);
    }
    if (status == TC_OK) {
        cli_rejections_attach(rejections, feeder.writer);
        status = cli_feeder_start(&feeder);
        if (status == TC_OK) {
            cli_feeder_join(&feeder, false);
            status = feeder.status;
            *error = feeder.error;
            job->num_elsewhere = atomic_load(&feeder.num_elsewhere);
        }
        cli_rejections_attach(rejections, NULL);
        enum tc_status stopped =
            tc_writer_stop(feeder.writer, &job->counts, status == TC_OK ? error : NULL);
        status = status != TC_OK ? status : stopped;
    }
    tc_store_close(store);
    return status;
}

static void print_sums(const struct cli_scan_job *job)
{
    const struct tc_scan_options limits = cli_scan_limits(job->settings);
    uint64_t targets = job->counts.targets;
    unsigned each = tc_scan_max_connections(&limits);
    char address[CLI_LIMITS_WORDS];
    printf("targets                    %" PRIu64 "\n", targets);
    if (job->num_elsewhere > 0) {
        printf("targets of other shards    %" PRIu64 "\n", job->num_elsewhere);
    }
    printf("duplicates, scanned once   %" PRIu64 "\n", job->counts.duplicates);
    if (job->settings->mx) {
        printf("mail domains               one target each here; --mx looks their hosts up\n");
    }
    if (job->settings->expand_names > 0) {
        printf(
            "names in certificates      not known before: at most %u of each registrable domain, "
            "%u in all; they are not in the sums below\n",
            job->settings->expand_names, CLI_EXPANSION_MAX);
    }
    printf("lines that cannot be used  %" PRIu64 "\n", job->counts.rejected);
    printf("profile                    %s\n", tc_profile_str(limits.profile));
    printf("connections to an endpoint at most %u (%u retr%s included)\n", each, limits.retries,
           limits.retries == 1 ? "y" : "ies");
    if (job->settings->incremental) {
        printf("to one without changes     about %u, where an earlier survey is confirmed\n",
               CONFIRMED_CONNECTIONS);
    }
    printf("connections in all         at most %" PRIu64 " where each target has one address\n",
           targets * each);
    printf("endpoints in flight        at most %zu\n", limits.concurrency);
    printf("to one address             %s\n", cli_address_limits(address, &limits));
    /* With every target silent: each slot is held for the connect timeout. */
    double worst = (double)targets / (double)limits.concurrency;
    worst = (worst < 1 ? 1 : worst) * limits.connect_timeout_ms / 1000.0;
    if (targets > 0 && limits.profile != TC_PROFILE_QUICK && limits.address_rate > 0) {
        printf("time of one endpoint       at least %.0f s, if it needs all its connections\n",
               each / limits.address_rate);
    }
    if (targets > 0) {
        printf("time                       about %.0f s if every target stays silent\n", worst);
    }
}

int cli_dry_run(struct cli_scan_job *job, struct cli_rejections *rejections)
{
    struct tc_error error = {""};
    enum tc_status status = count_targets(job, rejections, &error);
    if (status != TC_OK) {
        return cli_give_up(status, &error);
    }
    print_sums(job);
    return CLI_DONE;
}
