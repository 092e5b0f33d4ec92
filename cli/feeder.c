#include "cli/feeder.h"

#include <string.h>

/* Targets registered with one message to the writer. */
#define FEEDER_BATCH 256

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

/* Registers the batch and hands on what is new. The batch is empty afterwards, in every case. */
static enum tc_status batch_flush(struct cli_feeder *feeder, struct batch *batch, const char *file)
{
    enum tc_registration registrations[FEEDER_BATCH];
    if (batch->num_targets == 0) {
        return TC_OK;
    }
    enum tc_status status =
        tc_writer_register(feeder->writer, file, batch->targets, batch->num_targets, registrations);
    for (size_t i = 0; i < batch->num_targets && status == TC_OK && feeder->scan != NULL; i++) {
        if (registrations[i] == TC_REGISTERED) {
            status = tc_scan_push(feeder->scan, batch->targets[i]);
            if (status == TC_OK) {
                batch->targets[i] = NULL; /* it is the scan's now */
            }
        }
    }
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

static enum tc_status feed_input(struct cli_feeder *feeder, struct cli_scan_input *input)
{
    struct batch batch = {.num_targets = 0};
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        struct tc_target *target = NULL;
        status = tc_target_reader_next(&target, input->reader, &feeder->error);
        if (status == TC_OK) {
            find_helo(feeder, target);
            batch.targets[batch.num_targets++] = target;
            status = cli_rejections_verdict(feeder->rejections, &feeder->error);
        }
        if (status == TC_OK && (input->is_immediate || batch.num_targets == FEEDER_BATCH)) {
            status = batch_flush(feeder, &batch, input->name);
        }
    }
    if (status == TC_ERR_END) {
        status = cli_rejections_verdict(feeder->rejections, &feeder->error);
    }
    if (status == TC_OK) {
        status = batch_flush(feeder, &batch, input->name);
    }
    batch_drop(&batch);
    return status;
}

static void *feeder_main(void *argument)
{
    struct cli_feeder *feeder = argument;
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < feeder->num_inputs && status == TC_OK; i++) {
        status = feed_input(feeder, &feeder->inputs[i]);
    }
    feeder->status = status;
    if (feeder->scan != NULL) {
        tc_scan_end_of_targets(feeder->scan);
    }
    atomic_store(&feeder->is_finished, true);
    return NULL;
}

enum tc_status cli_feeder_start(struct cli_feeder *feeder)
{
    atomic_init(&feeder->is_finished, false);
    return pthread_create(&feeder->thread, NULL, feeder_main, feeder) == 0 ? TC_OK : TC_ERR_NOMEM;
}

void cli_feeder_join(struct cli_feeder *feeder, bool cancel)
{
    for (size_t i = 0; cancel && i < feeder->num_inputs; i++) {
        tc_target_reader_cancel(feeder->inputs[i].reader);
    }
    pthread_join(feeder->thread, NULL);
}
