#include "cli/scan_run.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "cli/clock.h"
#include "cli/feeder.h"
#include "cli/helo.h"
#include "cli/notices.h"
#include "cli/progress.h"
#include "cli/repair.h"
#include "cli/signals.h"
#include "cli/talk.h"
#include "cli/trust_files.h"
#include "cli/version.h"
#include "tlscensus/json.h"

#define WAIT_MS            50 /* how often signals and failures are looked at */
#define ENOUGH_FOR_A_CABLE 5  /* endpoints */
#define CEILING_TEXT_MAX   4096
#define TRUST_TEXT_MAX     1024
#define MORE_MAX           512 /* of a log line: an address, escaped */

/* Everything that lives as long as the run. Zero state: nothing to release. */
struct run {
    struct cli_scan_job *job;
    struct cli_rejections *rejections;
    struct tc_verifier *verifier;
    struct tc_exclusions *exclusions;
    struct tc_proxy proxy;
    struct tc_scan_options options;
    char helo[CLI_HELO_BYTES]; /* without --helo */
    struct tc_mx *mx;          /* NULL without --mx */
    struct tc_scan *scan;
    struct tc_writer *writer;
    struct tc_earlier *earlier; /* NULL without --incremental */
    atomic_bool said_unreadable;
    bool said_unwritten; /* the stream */
    struct cli_expansion expansion;
    struct cli_feeder feeder;
    struct tc_buf trust_origin;
    uint8_t trust_sha256[TC_SHA256_BYTES];
    struct cli_notices notices;
    struct tc_scan_vantage vantage;
    int64_t started_s;
    struct cli_span span; /* of this run: a resumed scan began earlier */
};

static void on_observed(void *context, struct tc_observation *observation)
{
    struct run *run = context;
    tc_writer_put(run->writer, observation);
}

static bool on_has_room(void *context)
{
    struct run *run = context;
    return tc_writer_has_room(run->writer);
}

/* A line for who follows the log; reports have it in full. */
static void on_stored(void *context, const char *host, uint16_t port,
                      const struct tc_observation *observation)
{
    struct tc_buf more;
    (void)context;
    tc_buf_init(&more, MORE_MAX);
    tc_buf_add_str(&more, "\"address\":");
    if (observation->address[0] != '\0') {
        tc_escape_json(&more, observation->address, strlen(observation->address));
    } else {
        tc_buf_add_str(&more, "null"); /* the name did not resolve */
    }
    const struct cli_log_line about = {.level = CLI_LEVEL_INFO,
                                       .event = CLI_EVENT_ENDPOINT_DONE,
                                       .host = host,
                                       .port = port,
                                       .outcome = tc_outcome_str(observation->outcome),
                                       .more = more.data};
    cli_say(&about, "%s", observation->detail != NULL ? observation->detail : "ok");
    tc_buf_cleanup(&more);
}

/* What the scanner has to say is of this machine: its routes, its limits. */
static void on_notice(void *context, const char *text)
{
    struct run *run = context;
    cli_notices_add_standing(&run->notices, text);
}

/* What cannot be read is surveyed, which is said once. */
static bool on_earlier(void *context, struct tc_features *out, int64_t target_id,
                       const char *address, enum tc_profile profile)
{
    struct run *run = context;
    struct tc_error error = {""};
    enum tc_status status =
        tc_earlier_features(run->earlier, out, target_id, address, profile, &error);
    if (status != TC_OK && status != TC_ERR_NOT_FOUND &&
        !atomic_exchange(&run->said_unreadable, true)) {
        cli_notices_add(&run->notices, CLI_EVENT_NOTICE, error.text);
    }
    return status == TC_OK;
}

static enum tc_status prepare_trust(struct run *run, struct tc_error *error)
{
    const struct cli_scan_settings *settings = run->job->settings;
    struct tc_trust_store *trust = NULL;
    enum tc_status status =
        cli_load_trust(&trust, &run->trust_origin, settings->ca_file, settings->ca_path, error);
    if (status != TC_OK) {
        return status;
    }
    tc_trust_store_sha256(trust, run->trust_sha256);
    status = tc_verifier_new(&run->verifier, trust, run->started_s);
    if (status != TC_OK) {
        tc_trust_store_free(trust);
    }
    return status;
}

static enum tc_status prepare_options(struct run *run, struct tc_error *error)
{
    const struct cli_scan_settings *settings = run->job->settings;
    struct tc_scan_options *options = &run->options;
    enum tc_status status = TC_OK;
    *options = cli_asked_limits(settings);
    if (settings->exclude != NULL) {
        status = tc_exclusions_read(&run->exclusions, settings->exclude, error);
    }
    if (status == TC_OK && settings->proxy != NULL) {
        status = tc_proxy_parse(&run->proxy, settings->proxy, settings->proxy_resolve, error);
        options->proxy = &run->proxy;
    }
    if (status == TC_OK && settings->mx && run->proxy.resolves) {
        status = tc_fail(error, TC_ERR_INPUT,
                         "--mx asks for mail hosts from here, and the proxy is to look names up");
    }
    options->helo = options->helo != NULL ? options->helo : run->helo;
    options->exclusions = run->exclusions;
    options->verifier = run->verifier;
    options->as_given = settings->order == 1;
    options->resolvers = settings->resolvers.items;
    options->num_resolvers = settings->resolvers.num_items;
    options->family_forced = settings->ipv4 || settings->ipv6;
    options->family = settings->ipv4   ? TC_FAMILY_IPV4
                      : settings->ipv6 ? TC_FAMILY_IPV6
                                       : TC_FAMILY_BOTH;
    return status;
}

static enum tc_status begin_scan(struct run *run, struct tc_error *error)
{
    struct cli_scan_job *job = run->job;
    if (job->is_resumed) {
        return TC_OK; /* scan_id was found with the stored options */
    }
    struct tc_scan_start_record record = {
        .profile = tc_profile_str(run->options.profile),
        .started_s = run->started_s,
        .tool_version = CLI_VERSION,
        .options_json = job->options_json,
        .trust_store = run->trust_origin.data,
        .scan_uuid = job->settings->scan_uuid,
        .shard = job->settings->shard,
    };
    memcpy(record.trust_store_sha256, run->trust_sha256, sizeof run->trust_sha256);
    return tc_store_begin_scan(job->store, &job->scan_id, &record, error);
}

/* On a terminal the live line says it; `show` has no scan that anybody could look up. */
static void say_started(const struct cli_scan_job *job)
{
    const struct cli_log_line about = {.event = CLI_EVENT_SCAN_STARTED};
    if (cli_talk_is_json() && job->shows_progress) {
        cli_say(&about, "scan %" PRId64 " %s", job->scan_id,
                job->is_resumed ? "goes on" : "begins");
    }
}

static enum tc_status open_earlier(struct run *run, struct tc_error *error)
{
    const struct cli_scan_job *job = run->job;
    if (!job->settings->incremental) {
        return TC_OK;
    }
    return tc_earlier_open(&run->earlier, tc_store_path(job->store), job->scan_id, error);
}

/* Writer, workers and reader, in this order: each hands on to the one before. */
static enum tc_status start_threads(struct run *run, struct tc_error *error)
{
    struct cli_scan_job *job = run->job;
    const struct tc_scan_hooks hooks = {.context = run,
                                        .observed = on_observed,
                                        .has_room = on_has_room,
                                        .earlier = run->earlier != NULL ? on_earlier : NULL,
                                        .notice = on_notice};
    enum tc_status status =
        tc_writer_start(&run->writer, job->store, job->scan_id, job->is_resumed, error);
    if (status != TC_OK) {
        return status;
    }
    if (cli_talk_tells_endpoints()) {
        tc_writer_tell(run->writer, on_stored, run);
    }
    cli_rejections_attach(run->rejections, run->writer);
    if (job->stream != NULL) {
        status = cli_stream_start(job->stream, tc_store_path(job->store), job->scan_id, error);
        if (status != TC_OK) {
            return status;
        }
    }
    if (job->settings->mx) {
        status = tc_mx_start(&run->mx, &run->options, error);
        if (status != TC_OK) {
            return status;
        }
    }
    status = tc_scan_start(&run->scan, &run->options, &hooks, error);
    if (status != TC_OK) {
        return status;
    }
    run->expansion = (struct cli_expansion){.db = tc_store_path(job->store),
                                            .scan_id = job->scan_id,
                                            .per_domain = job->settings->expand_names,
                                            .shard = cli_scan_shard(job->settings),
                                            .exclusions = run->exclusions};
    run->feeder = (struct cli_feeder){
        .inputs = job->inputs,
        .num_inputs = job->num_inputs,
        .scan = run->scan,
        .writer = run->writer,
        .rejections = run->rejections,
        .mx = run->mx,
        .shard = cli_scan_shard(job->settings),
        .expansion = job->settings->expand_names > 0 ? &run->expansion : NULL,
        .helo = job->settings->limits.helo == NULL ? run->helo : NULL,
    };
    status = cli_feeder_start(&run->feeder);
    if (status != TC_OK) {
        tc_scan_stop(run->scan, true);
        tc_scan_end_of_targets(run->scan);
        while (!tc_scan_wait(run->scan, WAIT_MS)) {
        }
    }
    return status;
}

/* Cron should hear of a list that is never done, and the page tell it. */
static void say_overdue(struct run *run)
{
    char text[128];
    unsigned ms = run->job->settings->max_duration_ms;
    bool is_minutes = ms % 60000 == 0;
    snprintf(text, sizeof text, "stopped after %.10g%s, as --max-duration says%s",
             ms / (is_minutes ? 60000.0 : 1000.0), is_minutes ? " min" : " s",
             run->job->is_for_once ? "" : "; scan --resume does the rest");
    cli_notices_add(&run->notices, CLI_EVENT_SCAN_STOPPING, text);
}

/* What asks for an end: a signal, a time that is over, a failing database, a reader that gave up.
 */
static void look_for_stop(struct run *run, int *stops)
{
    struct cli_scan_job *job = run->job;
    if (cli_signals_stops() > *stops) {
        *stops = cli_signals_stops();
        job->was_interrupted = true;
        cli_signals_stop_after(0); /* a time that ends later is no second signal */
        if (*stops == 1 && cli_signals_is_overdue()) {
            say_overdue(run);
        } else if (*stops == 1) {
            const struct cli_log_line about = {.event = CLI_EVENT_SCAN_STOPPING};
            cli_say(&about, "stopping; what is in flight is recorded as interrupted (again: at "
                            "once)");
        }
        tc_scan_stop(run->scan, *stops > 1);
    }
    if (tc_writer_status(run->writer, NULL) != TC_OK ||
        (atomic_load(&run->feeder.is_finished) && run->feeder.status != TC_OK)) {
        tc_scan_stop(run->scan, false);
    }
}

/*
 * A stream that nobody takes ends the scan; one that cannot be written does so where nothing else
 * would keep what is found.
 */
static void look_at_stream(struct run *run)
{
    struct cli_scan_job *job = run->job;
    struct tc_error error = {""};
    enum cli_stream_state state =
        job->stream != NULL ? cli_stream_state(job->stream) : CLI_STREAM_RUNS;
    if (state == CLI_STREAM_LEFT || (state == CLI_STREAM_FAILED && job->is_for_once)) {
        job->was_interrupted = true;
        tc_scan_stop(run->scan, false);
    } else if (state == CLI_STREAM_FAILED && !run->said_unwritten) {
        run->said_unwritten = true;
        (void)cli_stream_status(job->stream, &error);
        cli_warning("%s; the scan goes on, %s has it", error.text, job->settings->db);
    }
}

static void say_ceiling(struct run *run)
{
    struct tc_buf text;
    tc_buf_init(&text, CEILING_TEXT_MAX);
    cli_expansion_add_notice(&text, &run->expansion);
    if (text.len > 0) {
        cli_notices_add_standing(&run->notices, text.data);
    }
    tc_buf_cleanup(&text);
}

static enum tc_status watch(struct run *run, struct tc_error *error)
{
    struct cli_progress progress;
    int stops = 0;
    cli_progress_start(&progress, run->job->shows_progress, run->job->settings->progress == 1);
    while (!tc_scan_wait(run->scan, WAIT_MS)) {
        look_for_stop(run, &stops);
        look_at_stream(run);
        cli_progress_update(&progress, run->scan, cli_signals_take_status());
    }
    cli_progress_end(&progress);
    cli_signals_stop_after(0); /* what is done is not stopped by a time that ends now */
    cli_feeder_join(&run->feeder, true);
    say_ceiling(run);
    run->job->num_elsewhere = atomic_load(&run->feeder.num_elsewhere);
    /* The reader sees a signal at once and may end the run before the loop above looked. */
    look_for_stop(run, &stops);
    tc_scan_get_vantage(run->scan, &run->vantage);
    enum tc_status status = run->feeder.status;
    if (status == TC_ERR_CANCELLED) { /* the writer's failure or the signal tells more */
        status = TC_OK;
    }
    if (status != TC_OK && error != NULL) {
        *error = run->feeder.error;
    }
    return status;
}

static enum tc_status stop_writer(struct run *run, struct tc_error *error)
{
    if (run->writer == NULL) {
        return TC_OK;
    }
    cli_rejections_attach(run->rejections, NULL);
    struct tc_writer *writer = run->writer;
    run->writer = NULL;
    return tc_writer_stop(writer, &run->job->counts, error);
}

/* The SHA-256 of the list; of the lists' hashes, one after the other, where there are several. */
static void input_sha256(uint8_t out[TC_SHA256_BYTES], const struct cli_scan_job *job)
{
    SHA256_CTX all;
    SHA256_Init(&all);
    for (size_t i = 0; i < job->num_inputs; i++) {
        tc_target_reader_sha256(out, job->inputs[i].reader);
        SHA256_Update(&all, out, TC_SHA256_BYTES);
    }
    if (job->num_inputs > 1) {
        SHA256_Final(out, &all);
    }
}

/* One host that is away is its row; all of them are a cable, and that is said. */
static void look_for_network(struct run *run)
{
    static const enum tc_outcome k_unreached[] = {TC_OUTCOME_DNS_FAILURE, TC_OUTCOME_DNS_TIMEOUT,
                                                  TC_OUTCOME_UNREACHABLE,
                                                  TC_OUTCOME_CONNECT_TIMEOUT};
    struct tc_scan_progress progress;
    uint64_t unreached = 0;
    tc_scan_get_progress(run->scan, &progress);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_unreached); i++) {
        unreached += progress.by_outcome[k_unreached[i]];
    }
    if (progress.endpoints_done >= ENOUGH_FOR_A_CABLE && unreached == progress.endpoints_done) {
        char text[120];
        snprintf(text, sizeof text,
                 "none of %llu endpoints could be reached: is this machine's network up?",
                 (unsigned long long)unreached);
        cli_notices_add(&run->notices, CLI_EVENT_NOTICE, text);
    }
}

/* By the clock that nobody sets, from where this run began. */
static int64_t finished_s(struct run *run)
{
    int64_t set_by_s = 0;
    int64_t end_s = cli_span_end_s(&run->span, &set_by_s);
    if (set_by_s != 0) {
        char text[160];
        snprintf(text, sizeof text,
                 "the clock was set %s by %lld s during the scan: times of observations are by the "
                 "clock as it was then",
                 set_by_s > 0 ? "forward" : "back", llabs(set_by_s));
        cli_notices_add(&run->notices, CLI_EVENT_NOTICE, text);
    }
    return end_s;
}

bool cli_scan_has_list(const struct cli_scan_job *job)
{
    return job->counts.targets + job->num_elsewhere > 0 ||
           (job->settings->allow_empty && job->counts.rejected == 0);
}

/* Findings first, then the state: a scan that says "done" always has them. */
static enum tc_status close_scan(struct run *run, struct tc_error *error)
{
    struct cli_scan_job *job = run->job;
    uint8_t sha256[TC_SHA256_BYTES];
    const struct tc_assess_options assess = {
        .scan_id = job->scan_id,
        .rules_dir = job->settings->rules,
        .waivers_path = job->settings->waivers,
    };
    bool is_whole = !job->was_interrupted && run->feeder.status == TC_OK && cli_scan_has_list(job);
    enum tc_status status =
        cli_repair_chains(job->store, job->scan_id, run->verifier, &job->repaired, error);
    if (status == TC_OK) {
        status = tc_assess(job->store, &assess, &job->findings, error);
    }
    input_sha256(sha256, job);
    int64_t end_s = finished_s(run); /* may have something to say: before the notices are read */
    const struct tc_scan_end_record record = {
        .state = is_whole && status == TC_OK ? TC_SCAN_DONE : TC_SCAN_INTERRUPTED,
        .finished_s = end_s,
        .vantage = run->vantage.text,
        .notices = cli_notices_text(&run->notices),
        .input_sha256 = is_whole ? sha256 : NULL,
        .confirm_after = job->settings->confirm_after,
    };
    enum tc_status ended =
        tc_store_end_scan(job->store, job->scan_id, &record, status == TC_OK ? error : NULL);
    return status != TC_OK ? status : ended;
}

static void run_cleanup(struct run *run)
{
    tc_scan_free(run->scan);
    tc_mx_free(run->mx);
    tc_earlier_close(run->earlier);
    if (run->writer != NULL && stop_writer(run, NULL) != TC_OK) {
        cli_warning("the database did not take everything");
    }
    tc_verifier_free(run->verifier);
    tc_exclusions_free(run->exclusions);
    tc_buf_cleanup(&run->trust_origin);
    cli_notices_cleanup(&run->notices);
}

/* Whether anybody will see what the rules find: not where the stream was all, and has an end. */
static bool is_wanted(const struct cli_scan_job *job)
{
    return !job->is_for_once || cli_stream_state(job->stream) == CLI_STREAM_RUNS;
}

/* What follows the last answer: everything is stored and judged, and may be sent to the end. */
static enum tc_status end_scan(struct run *run, enum tc_status status, struct tc_error *error)
{
    struct tc_error closing = {""};
    look_for_network(run);
    tc_scan_free(run->scan);
    run->scan = NULL;
    tc_earlier_close(run->earlier);
    run->earlier = NULL;
    enum tc_status stopped = stop_writer(run, error);
    enum tc_status closed =
        stopped == TC_OK && is_wanted(run->job) ? close_scan(run, &closing) : stopped;
    if (run->job->stream != NULL) {
        cli_stream_last(run->job->stream, closed == TC_OK);
    }
    if (stopped == TC_OK && status == TC_OK && closed != TC_OK) {
        *error = closing;
    }
    return stopped != TC_OK ? stopped : status != TC_OK ? status : closed;
}

/* What the scan before said of this list and this machine. */
static enum tc_status learn_from_before(struct run *run, struct tc_error *error)
{
    struct tc_store *store = run->job->store;
    int64_t before_id = 0;
    enum tc_status status = tc_store_scan_before(store, run->job->scan_id, &before_id, error);
    if (status == TC_OK && before_id != 0) {
        status = cli_rejections_learn(run->rejections, store, before_id, error);
    }
    if (status == TC_OK && before_id != 0) {
        status = cli_notices_learn(&run->notices, store, before_id, error);
    }
    return status;
}

enum tc_status cli_scan_run(struct cli_scan_job *job, struct cli_rejections *rejections,
                            struct tc_error *error)
{
    struct run run = {.job = job, .rejections = rejections};
    cli_span_start(&run.span);
    run.started_s = run.span.started_s;
    tc_buf_init(&run.trust_origin, TRUST_TEXT_MAX);
    cli_notices_init(&run.notices);
    if (job->is_resumed) {
        run.started_s = job->started_s;
    }
    enum tc_status status = prepare_trust(&run, error);
    if (status == TC_OK) {
        status = prepare_options(&run, error);
    }
    if (status == TC_OK) {
        status = begin_scan(&run, error);
    }
    if (status == TC_OK) {
        status = learn_from_before(&run, error);
    }
    if (status == TC_OK) {
        say_started(job);
        status = open_earlier(&run, error);
    }
    if (status == TC_OK) {
        status = start_threads(&run, error);
    }
    if (status == TC_OK) {
        status = end_scan(&run, watch(&run, error), error);
    }
    run_cleanup(&run);
    return status;
}
