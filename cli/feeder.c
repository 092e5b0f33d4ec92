#include "cli/feeder.h"

#include <string.h>

/* Targets registered with one message to the writer. */
#define FEEDER_BATCH 256
#define IDLE_MS      50 /* how often it is asked whether a round is over */

struct batch {
    struct tc_target *targets[FEEDER_BATCH];
    size_t num_targets;
};

static void batch_drop(struct batch *batch)
{
    for (size_t i = 0; i < batch->num_targets; i++) {
        tc_target_free(batch->targets[i]);
    }
    batch->num_targets = 0;
}

static enum tc_status push_new(struct cli_feeder *feeder, struct batch *batch,
                               struct cli_scan_input *input,
                               const enum tc_registration *registrations)
{
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < batch->num_targets && status == TC_OK; i++) {
        if (input != NULL && registrations[i] != TC_REGISTERED_DUPLICATE) {
            input->num_targets++;
        }
        if (registrations[i] == TC_REGISTERED && feeder->scan != NULL) {
            status = tc_scan_push(feeder->scan, batch->targets[i]);
            if (status == TC_OK) {
                batch->targets[i] = NULL; /* it is the scan's now */
            }
        }
    }
    return status;
}

/*
 * Registers the batch and hands on what is new. The batch is empty afterwards, in every case. What
 * was found in certificates has no input.
 */
static enum tc_status batch_flush(struct cli_feeder *feeder, struct batch *batch,
                                  struct cli_scan_input *input)
{
    const char *file = input != NULL ? input->name : "names in certificates";
    enum tc_registration registrations[FEEDER_BATCH];
    if (batch->num_targets == 0) {
        return TC_OK;
    }
    pthread_mutex_lock(&feeder->lock);
    enum tc_status status =
        tc_writer_register(feeder->writer, file, batch->targets, batch->num_targets, registrations);
    if (status == TC_OK) {
        status = push_new(feeder, batch, input, registrations);
    }
    pthread_mutex_unlock(&feeder->lock);
    batch_drop(batch);
    return status;
}

/*
 * The name that SMTP and LMTP are greeted with is found once such a target is there: the question
 * may take as long as a resolver likes, and most lists need no answer. Workers read it behind the
 * push.
 */
static void find_helo(struct cli_feeder *feeder, const struct tc_target *target)
{
    if (feeder->helo != NULL &&
        (target->protocol == TC_PROTOCOL_SMTP || target->protocol == TC_PROTOCOL_LMTP)) {
        cli_helo_find(feeder->helo);
        feeder->helo = NULL;
    }
}

/* Puts a target into the batch, if it is of the shard that is scanned. Ownership moves. */
static void batch_add(struct cli_feeder *feeder, struct batch *batch, struct tc_target *target)
{
    if (!tc_shard_has(&feeder->shard, target)) {
        atomic_fetch_add(&feeder->num_elsewhere, 1);
        tc_target_free(target);
        return;
    }
    batch->targets[batch->num_targets++] = target;
}

/*
 * A mail domain takes the way by its MX records, anything else the batch. Ownership moves. Every
 * shard looks all mail domains up: two of them may have one mail host, which is one target.
 */
static enum tc_status feed_target(struct cli_feeder *feeder, struct batch *batch,
                                  struct tc_target *target, struct cli_scan_input *input)
{
    find_helo(feeder, target);
    if (feeder->mx == NULL || !tc_mx_is_domain(target)) {
        batch_add(feeder, batch, target);
        return TC_OK;
    }
    enum tc_status status = tc_mx_put(feeder->mx, target, input);
    if (status != TC_OK) {
        tc_target_free(target);
    }
    return status;
}

static enum tc_status feed_input(struct cli_feeder *feeder, struct cli_scan_input *input)
{
    struct batch batch = {.num_targets = 0};
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        struct tc_target *target = NULL;
        status = tc_target_reader_next(&target, input->reader, &feeder->error);
        if (status == TC_OK) {
            status = feed_target(feeder, &batch, target, input);
        }
        if (status == TC_OK) {
            status = cli_rejections_verdict(feeder->rejections, &feeder->error);
        }
        if (status == TC_OK && (input->is_immediate || batch.num_targets == FEEDER_BATCH)) {
            status = batch_flush(feeder, &batch, input);
        }
    }
    if (status == TC_ERR_END) {
        status = cli_rejections_verdict(feeder->rejections, &feeder->error);
    }
    if (status == TC_OK) {
        status = batch_flush(feeder, &batch, input);
    }
    batch_drop(&batch);
    return status;
}

/* Mail hosts that came together; those of one list go on together. */
static enum tc_status collect(struct cli_feeder *feeder, const struct tc_mx_host *hosts, size_t num)
{
    struct batch batch = {.num_targets = 0};
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num; i++) {
        batch_add(feeder, &batch, hosts[i].target);
        bool is_last = i + 1 == num || hosts[i + 1].tag != hosts[i].tag;
        if (is_last && status == TC_OK) {
            const struct cli_scan_input *input = hosts[i].tag;
            status = batch_flush(feeder, &batch, &feeder->inputs[input - feeder->inputs]);
        }
    }
    batch_drop(&batch);
    return status;
}

static void *collector_main(void *argument)
{
    struct cli_feeder *feeder = argument;
    struct tc_mx_host hosts[FEEDER_BATCH];
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        size_t num = 0;
        status = tc_mx_take(feeder->mx, hosts, FEEDER_BATCH, &num);
        if (status == TC_OK) {
            status = collect(feeder, hosts, num);
        }
    }
    if (status != TC_ERR_END) {
        tc_mx_cancel(feeder->mx); /* the reader must not wait for room */
    }
    feeder->collected = status == TC_ERR_END ? TC_OK : status;
    return NULL;
}

/* Those from `first` to before `end`. */
static enum tc_status feed_inputs(struct cli_feeder *feeder, size_t first, size_t end)
{
    enum tc_status status = TC_OK;
    for (size_t i = first; i < end && status == TC_OK; i++) {
        status = feed_input(feeder, &feeder->inputs[i]);
    }
    return status;
}

static enum tc_status feed_and_collect(struct cli_feeder *feeder, size_t first, size_t end)
{
    if (pthread_create(&feeder->collector, NULL, collector_main, feeder) != 0) {
        return TC_ERR_NOMEM;
    }
    enum tc_status status = feed_inputs(feeder, first, end);
    if (status == TC_OK) {
        tc_mx_end(feeder->mx);
    } else {
        tc_mx_cancel(feeder->mx);
    }
    pthread_join(feeder->collector, NULL);
    /* Where the collector gave up first, its reason is the one that counts. */
    return status == TC_OK || status == TC_ERR_CANCELLED ? feeder->collected : status;
}

/*
 * Of what comes twice the first stands, and the deepest profile comes first, of lists and then of
 * pipes: so all mail hosts of one profile are there before anything of the next is read.
 */
static enum tc_status feed_by_profile(struct cli_feeder *feeder)
{
    enum tc_status status = TC_OK;
    size_t end = 0;
    for (size_t first = 0; first < feeder->num_inputs && status == TC_OK; first = end) {
        end = first;
        while (end < feeder->num_inputs &&
               feeder->inputs[end].profile == feeder->inputs[first].profile) {
            end++;
        }
        if (first > 0) {
            tc_mx_go_on(feeder->mx);
        }
        status = feed_and_collect(feeder, first, end);
    }
    return status;
}

/* Until what was handed on is done and stored. */
static enum tc_status settle(struct cli_feeder *feeder)
{
    while (!tc_scan_is_idle(feeder->scan)) {
        if (tc_scan_wait(feeder->scan, IDLE_MS)) {
            return TC_ERR_CANCELLED; /* stopped */
        }
    }
    return tc_writer_flush(feeder->writer);
}

static enum tc_status feed_found(struct cli_feeder *feeder, struct cli_found_targets *found)
{
    struct batch batch = {.num_targets = 0};
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < found->num_items && status == TC_OK; i++) {
        batch_add(feeder, &batch, found->items[i]);
        found->items[i] = NULL;
        if (batch.num_targets == FEEDER_BATCH || i + 1 == found->num_items) {
            status = batch_flush(feeder, &batch, NULL);
        }
    }
    batch_drop(&batch);
    return status;
}

/* What a round finds may have certificates with further names. Each is a target once: it ends. */
static enum tc_status expand(struct cli_feeder *feeder)
{
    size_t num_found = 0;
    enum tc_status status = TC_OK;
    do {
        struct cli_found_targets found = {0};
        status = settle(feeder);
        if (status == TC_OK) {
            status = cli_expansion_round(feeder->expansion, &found, &feeder->error);
        }
        num_found = found.num_items;
        if (status == TC_OK) {
            status = feed_found(feeder, &found);
        }
        cli_found_targets_cleanup(&found);
    } while (status == TC_OK && num_found > 0);
    return status;
}

static void *feeder_main(void *argument)
{
    struct cli_feeder *feeder = argument;
    feeder->status =
        feeder->mx != NULL ? feed_by_profile(feeder) : feed_inputs(feeder, 0, feeder->num_inputs);
    if (feeder->status == TC_OK && feeder->expansion != NULL) {
        feeder->status = expand(feeder);
    }
    if (feeder->scan != NULL) {
        tc_scan_end_of_targets(feeder->scan);
    }
    atomic_store(&feeder->is_finished, true);
    return NULL;
}

enum tc_status cli_feeder_start(struct cli_feeder *feeder)
{
    atomic_init(&feeder->is_finished, false);
    atomic_init(&feeder->num_elsewhere, 0);
    if (pthread_mutex_init(&feeder->lock, NULL) != 0) {
        return TC_ERR_NOMEM;
    }
    if (pthread_create(&feeder->thread, NULL, feeder_main, feeder) != 0) {
        pthread_mutex_destroy(&feeder->lock);
        return TC_ERR_NOMEM;
    }
    return TC_OK;
}

void cli_feeder_join(struct cli_feeder *feeder, bool cancel)
{
    for (size_t i = 0; cancel && i < feeder->num_inputs; i++) {
        tc_target_reader_cancel(feeder->inputs[i].reader);
    }
    if (cancel && feeder->mx != NULL) {
        tc_mx_cancel(feeder->mx);
    }
    pthread_join(feeder->thread, NULL);
    pthread_mutex_destroy(&feeder->lock);
}
