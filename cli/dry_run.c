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

/* What the scan's targets ask for, or those of one of its groups. */
struct sum {
    enum tc_profile profile;
    uint64_t targets;
    uint64_t connections; /* at most, where each target has one address */
    unsigned each;        /* the most to one endpoint */
};

/* Of those of one group, or of none (NULL). */
static struct sum sum_of(const struct cli_scan_job *job, const struct cli_group *group)
{
    const struct cli_scan_settings *settings = job->settings;
    enum tc_profile profile = group != NULL ? cli_group_profile(group, settings->profile)
                                            : (enum tc_profile)settings->profile;
    const struct tc_scan_options limits = cli_profile_limits(settings, profile);
    struct sum sum = {.profile = profile, .each = tc_scan_max_connections(&limits)};
    for (size_t i = 0; i < job->num_inputs; i++) {
        sum.targets += job->inputs[i].group == group ? job->inputs[i].num_targets : 0;
    }
    sum.connections = sum.targets * sum.each;
    return sum;
}

static void add_sum(struct sum *all, const struct sum *sum)
{
    all->targets += sum->targets;
    all->connections += sum->connections;
    all->each = sum->targets > 0 && sum->each > all->each ? sum->each : all->each;
}

/* A line for each group, and one for what is in none. */
static struct sum print_groups(const struct cli_scan_job *job)
{
    const struct cli_scan_settings *settings = job->settings;
    struct sum all = {.targets = 0};
    for (size_t i = 0; i <= settings->groups.num_items; i++) {
        const struct cli_group *group =
            i < settings->groups.num_items ? &settings->groups.items[i] : NULL;
        const struct sum sum = sum_of(job, group);
        add_sum(&all, &sum);
        if (group != NULL) {
            printf("group %-20s %" PRIu64, group->name, sum.targets);
        } else if (sum.targets > 0) {
            printf("%-26s %" PRIu64, "in no group", sum.targets);
        } else {
            break;
        }
        printf(" target%s, profile %s: at most %u connection%s to an endpoint, %" PRIu64
               " in all\n",
               sum.targets == 1 ? "" : "s", tc_profile_str(sum.profile), sum.each,
               sum.each == 1 ? "" : "s", sum.connections);
    }
    return all;
}

static struct sum print_profile(const struct cli_scan_job *job)
{
    const struct sum sum = sum_of(job, NULL);
    unsigned retries = job->settings->limits.retries;
    printf("profile                    %s\n", tc_profile_str(sum.profile));
    printf("connections to an endpoint at most %u (%u retr%s included)\n", sum.each, retries,
           retries == 1 ? "y" : "ies");
    return sum;
}

static void print_times(const struct cli_scan_job *job, const struct sum *sum)
{
    const struct tc_scan_options limits = cli_scan_limits(job->settings);
    /* With every target silent: each slot is held for the connect timeout. */
    double worst = (double)sum->targets / (double)limits.concurrency;
    worst = (worst < 1 ? 1 : worst) * limits.connect_timeout_ms / 1000.0;
    bool has_survey = cli_scan_has_profile(job->settings, TC_PROFILE_STANDARD) ||
                      cli_scan_has_profile(job->settings, TC_PROFILE_DEEP);
    if (sum->targets > 0 && has_survey && limits.address_rate > 0) {
        printf("time of one endpoint       at least %.0f s, if it needs all its connections\n",
               sum->each / limits.address_rate);
    }
    if (sum->targets > 0) {
        printf("time                       about %.0f s if every target stays silent\n", worst);
    }
}

static void print_sums(const struct cli_scan_job *job)
{
    const struct cli_scan_settings *settings = job->settings;
    const struct tc_scan_options limits = cli_scan_limits(settings);
    char address[CLI_LIMITS_WORDS];
    printf("targets                    %" PRIu64 "\n", job->counts.targets);
    if (job->num_elsewhere > 0) {
        printf("targets of other shards    %" PRIu64 "\n", job->num_elsewhere);
    }
    printf("duplicates, scanned once   %" PRIu64 "\n", job->counts.duplicates);
    if (settings->mx) {
        printf("mail domains               one target each here; --mx looks their hosts up\n");
    }
    if (settings->expand_names > 0) {
        printf(
            "names in certificates      not known before: at most %u of each registrable domain, "
            "%u in all; they are not in the sums below\n",
            settings->expand_names, CLI_EXPANSION_MAX);
    }
    printf("lines that cannot be used  %" PRIu64 "\n", job->counts.rejected);
    const struct sum sum = settings->groups.num_items > 0 ? print_groups(job) : print_profile(job);
    if (settings->incremental) {
        printf("to one without changes     about %u, where an earlier survey is confirmed\n",
               CONFIRMED_CONNECTIONS);
    }
    printf("connections in all         at most %" PRIu64 " where each target has one address\n",
           sum.connections);
    printf("endpoints in flight        at most %zu\n", limits.concurrency);
    printf("to one address             %s\n", cli_address_limits(address, &limits));
    print_times(job, &sum);
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
