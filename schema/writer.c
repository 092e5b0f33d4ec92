/*
 * The one thread that writes. Others hand it messages; it stores them in transactions of a thousand
 * rows or half a second.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "queue.h"
#include "recorder.h"
#include "tlscensus/thread.h"

#define BATCH_ROWS 1000U
#define BATCH_MS   500
#define TICK_MS    100  /* how long an observation may lie before the thread looks */
#define WAKE_COUNT 128U /* or so many: a wake-up for each one would cost more than storing it */
#define TAKE_MAX   256U
#define ROOM_COUNT 2048U /* work may begin while fewer than this wait */
#define NS_PER_MS  1000000L
#define NS_PER_S   1000000000L

struct tc_writer {
    struct tc_store *store;
    struct tc_recorder recorder; /* the thread's own */
    tc_stored_hearer *stored;    /* NULL: nobody wants to hear */
    void *stored_context;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* the thread waits on it */
    pthread_cond_t done;  /* who waits for an answer or for room */
    struct tc_queue queue;
    bool stopping;
    bool urgent; /* somebody waits */
    enum tc_status status;
    struct tc_error error;
    struct tc_writer_counts counts;

    atomic_size_t waiting; /* queue.count, and whether writing failed, for tc_writer_has_room() */
    atomic_bool failed;
};

/* What the thread alone knows of the transaction that is open. */
struct batch {
    bool is_open;
    unsigned rows;
    struct timespec deadline;
    struct tc_writer_counts counts; /* not yet added to the writer's */
};

static struct timespec in_ms(long ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (ms % 1000) * NS_PER_MS;
    at.tv_sec += ms / 1000 + at.tv_nsec / NS_PER_S;
    at.tv_nsec %= NS_PER_S;
    return at;
}

static bool is_past(const struct timespec *at)
{
    struct timespec now = in_ms(0);
    return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

/* ---- the thread ---- */

/* The first failure stands; from then on messages are only answered and dropped. */
static void fail(struct tc_writer *writer, enum tc_status status, const struct tc_error *error)
{
    pthread_mutex_lock(&writer->lock);
    if (writer->status == TC_OK) {
        writer->status = status;
        writer->error = *error;
    }
    atomic_store(&writer->failed, true);
    pthread_cond_broadcast(&writer->done);
    pthread_mutex_unlock(&writer->lock);
}

static enum tc_status open_batch(struct tc_writer *writer, struct batch *batch,
                                 struct tc_error *error)
{
    if (batch->is_open) {
        return TC_OK;
    }
    enum tc_status status = tc_db_begin(writer->store, error);
    if (status == TC_OK) {
        batch->is_open = true;
        batch->rows = 0;
        batch->deadline = in_ms(BATCH_MS);
    }
    return status;
}

static enum tc_status close_batch(struct tc_writer *writer, struct batch *batch,
                                  struct tc_error *error)
{
    if (!batch->is_open) {
        return TC_OK;
    }
    batch->is_open = false;
    return tc_db_commit(writer->store, error);
}

static enum tc_status tell(const struct tc_writer *writer, const struct tc_observation *observation,
                           struct tc_error *error)
{
    enum tc_status status = TC_OK;
    sqlite3_stmt *find = writer->recorder.find_host;
    struct tc_binder binder = tc_binder_start(find);
    tc_bind_int(&binder, observation->target_id);
    const char *host = NULL;
    if (binder.rc == SQLITE_OK && sqlite3_step(find) == SQLITE_ROW) {
        host = (const char *)sqlite3_column_text(find, 0);
    }
    if (host != NULL) {
        writer->stored(writer->stored_context, host, (uint16_t)sqlite3_column_int(find, 1),
                       observation);
    } else {
        status = tc_db_fail(writer->store, error, "reading a target");
    }
    (void)sqlite3_reset(find);
    return status;
}

static enum tc_status store_observation(struct tc_writer *writer, struct batch *batch,
                                        const struct tc_observation *observation,
                                        struct tc_error *error)
{
    bool stored = false;
    enum tc_status status = tc_record_observation(&writer->recorder, observation, &stored, error);
    if (status == TC_OK && stored) {
        batch->counts.observations++;
        status = writer->stored != NULL ? tell(writer, observation, error) : TC_OK;
    }
    return status;
}

static enum tc_status store_targets(struct tc_writer *writer, struct batch *batch,
                                    const struct tc_registration_request *request,
                                    struct tc_error *error)
{
    for (size_t i = 0; i < request->num_targets; i++) {
        enum tc_registration registration = TC_REGISTERED;
        enum tc_status status = tc_record_target(&writer->recorder, request->file,
                                                 request->targets[i], &registration, error);
        if (status != TC_OK) {
            return status;
        }
        request->out[i] = registration;
        batch->rows++;
        if (registration == TC_REGISTERED_DUPLICATE) {
            batch->counts.duplicates++;
        } else {
            batch->counts.targets++;
            batch->counts.already_done += registration == TC_REGISTERED_DONE;
        }
    }
    return TC_OK;
}

static enum tc_status store_message(struct tc_writer *writer, struct batch *batch,
                                    const struct tc_queue_message *message, struct tc_error *error)
{
    enum tc_status status = open_batch(writer, batch, error);
    if (status != TC_OK) {
        return status;
    }
    switch (message->kind) {
    case TC_MESSAGE_OBSERVATION:
        batch->rows++;
        status = store_observation(writer, batch, message->content.observation, error);
        break;
    case TC_MESSAGE_REJECTION:
        batch->rows++;
        batch->counts.rejected++;
        status = tc_record_rejection(&writer->recorder, message->content.rejection, error);
        break;
    case TC_MESSAGE_REGISTRATION:
        status = store_targets(writer, batch, message->content.registration, error);
        break;
    case TC_MESSAGE_FLUSH:
        return close_batch(writer, batch, error);
    }
    if (status == TC_OK && batch->rows >= BATCH_ROWS) {
        status = close_batch(writer, batch, error);
    }
    return status;
}

/* Frees what the message owns, and answers who waits. */
static void finish_message(struct tc_writer *writer, const struct tc_queue_message *message,
                           enum tc_status status)
{
    switch (message->kind) {
    case TC_MESSAGE_OBSERVATION:
        tc_observation_free(message->content.observation);
        break;
    case TC_MESSAGE_REJECTION:
        free(message->content.rejection);
        break;
    case TC_MESSAGE_REGISTRATION:
        pthread_mutex_lock(&writer->lock);
        message->content.registration->status = status;
        message->content.registration->answered = true;
        pthread_cond_broadcast(&writer->done);
        pthread_mutex_unlock(&writer->lock);
        break;
    case TC_MESSAGE_FLUSH:
        pthread_mutex_lock(&writer->lock);
        message->content.flush->status = status;
        message->content.flush->answered = true;
        pthread_cond_broadcast(&writer->done);
        pthread_mutex_unlock(&writer->lock);
        break;
    }
}

static void process(struct tc_writer *writer, struct batch *batch,
                    const struct tc_queue_message *messages, size_t num_messages)
{
    for (size_t i = 0; i < num_messages; i++) {
        struct tc_error error = {.text = ""};
        /* Read once: a full queue may set it meanwhile, and half a message must not be committed.
         */
        bool had_failed = atomic_load(&writer->failed);
        enum tc_status status =
            had_failed ? TC_ERR_STORE : store_message(writer, batch, &messages[i], &error);
        if (status != TC_OK && !had_failed) {
            tc_db_rollback(writer->store);
            batch->is_open = false;
            fail(writer, status, &error);
        }
        finish_message(writer, &messages[i], status);
    }
}

static void close_when_due(struct tc_writer *writer, struct batch *batch, bool is_last)
{
    struct tc_error error = {.text = ""};
    if (!batch->is_open || (!is_last && !is_past(&batch->deadline))) {
        return;
    }
    enum tc_status status = close_batch(writer, batch, &error);
    if (status != TC_OK) {
        fail(writer, status, &error);
    }
}

/* Locked by the caller. */
static void publish_counts(struct tc_writer *writer, struct batch *batch)
{
    writer->counts.observations += batch->counts.observations;
    writer->counts.targets += batch->counts.targets;
    writer->counts.duplicates += batch->counts.duplicates;
    writer->counts.rejected += batch->counts.rejected;
    writer->counts.already_done += batch->counts.already_done;
    batch->counts = (struct tc_writer_counts){0};
}

/* Waits until there is enough to do, or somebody waits, or a tick has passed. */
static size_t take(struct tc_writer *writer, struct batch *batch, struct tc_queue_message *out,
                   bool *out_last)
{
    struct timespec tick = in_ms(TICK_MS);
    pthread_mutex_lock(&writer->lock);
    publish_counts(writer, batch);
    while (!writer->stopping && !writer->urgent && writer->queue.count < WAKE_COUNT) {
        if (pthread_cond_timedwait(&writer->wake, &writer->lock, &tick) == ETIMEDOUT) {
            break;
        }
    }
    size_t num = tc_queue_take(&writer->queue, out, TAKE_MAX);
    atomic_store(&writer->waiting, writer->queue.count);
    writer->urgent = writer->urgent && writer->queue.count > 0;
    *out_last = writer->stopping && writer->queue.count == 0;
    pthread_cond_broadcast(&writer->done);
    pthread_mutex_unlock(&writer->lock);
    return num;
}

static void *writer_main(void *argument)
{
    struct tc_writer *writer = argument;
    struct tc_queue_message messages[TAKE_MAX];
    struct batch batch = {0};
    bool is_last = false;
    while (!is_last) {
        size_t num = take(writer, &batch, messages, &is_last);
        process(writer, &batch, messages, num);
        close_when_due(writer, &batch, is_last);
    }
    pthread_mutex_lock(&writer->lock);
    publish_counts(writer, &batch);
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* ---- life ---- */

static void init_locks(struct tc_writer *writer)
{
    pthread_condattr_t monotonic; /* the wall clock may be set while we wait */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, &monotonic);
    pthread_cond_init(&writer->done, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void writer_free(struct tc_writer *writer)
{
    tc_recorder_close(&writer->recorder);
    tc_queue_cleanup(&writer->queue);
    pthread_cond_destroy(&writer->done);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

enum tc_status tc_writer_start(struct tc_writer **out, struct tc_store *store, int64_t scan_id,
                               bool resume, struct tc_error *error)
{
    struct tc_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    writer->store = store;
    init_locks(writer);
    enum tc_status status = tc_recorder_open(&writer->recorder, store, scan_id, resume, error);
    if (status == TC_OK && tc_thread_start(&writer->thread, writer_main, writer) != 0) {
        status = tc_fail(error, TC_ERR_NOMEM, "%s: no thread can be made to write it", store->path);
    }
    if (status != TC_OK) {
        writer_free(writer);
        return status;
    }
    *out = writer;
    return TC_OK;
}

enum tc_status tc_writer_stop(struct tc_writer *writer, struct tc_writer_counts *out_counts,
                              struct tc_error *error)
{
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    enum tc_status status = tc_writer_status(writer, error);
    if (out_counts != NULL) {
        *out_counts = writer->counts;
    }
    writer_free(writer);
    return status;
}

/* ---- the other threads' side ---- */

void tc_writer_tell(struct tc_writer *writer, tc_stored_hearer *stored, void *context)
{
    pthread_mutex_lock(&writer->lock); /* the thread takes it before it sees any observation */
    writer->stored = stored;
    writer->stored_context = context;
    pthread_mutex_unlock(&writer->lock);
}

/* Locked by the caller. */
static enum tc_status push(struct tc_writer *writer, struct tc_queue_message message)
{
    enum tc_status status = tc_queue_push(&writer->queue, message);
    atomic_store(&writer->waiting, writer->queue.count);
    if (status != TC_OK && writer->status == TC_OK) {
        writer->status = tc_fail(&writer->error, status, "%s: %s: too much waits to be written",
                                 writer->store->path, tc_status_str(status));
        atomic_store(&writer->failed, true);
    }
    if (writer->urgent || writer->queue.count == WAKE_COUNT) {
        pthread_cond_signal(&writer->wake);
    }
    return status;
}

void tc_writer_put(struct tc_writer *writer, struct tc_observation *observation)
{
    pthread_mutex_lock(&writer->lock);
    enum tc_status status =
        push(writer, (struct tc_queue_message){.kind = TC_MESSAGE_OBSERVATION,
                                               .content = {.observation = observation}});
    pthread_mutex_unlock(&writer->lock);
    if (status != TC_OK) {
        tc_observation_free(observation);
    }
}

void tc_writer_reject(struct tc_writer *writer, const struct tc_rejection *rejection)
{
    struct tc_rejection *copy = tc_rejection_copy(rejection);
    struct tc_error error;
    if (copy == NULL) {
        (void)tc_fail(&error, TC_ERR_NOMEM, "%s: out of memory", writer->store->path);
        fail(writer, TC_ERR_NOMEM, &error);
        return;
    }
    pthread_mutex_lock(&writer->lock);
    while (writer->queue.count >= ROOM_COUNT && !atomic_load(&writer->failed)) {
        pthread_cond_wait(&writer->done, &writer->lock);
    }
    enum tc_status status = push(writer, (struct tc_queue_message){.kind = TC_MESSAGE_REJECTION,
                                                                   .content = {.rejection = copy}});
    pthread_mutex_unlock(&writer->lock);
    if (status != TC_OK) {
        free(copy);
    }
}

enum tc_status tc_writer_register(struct tc_writer *writer, const char *file,
                                  struct tc_target *const *targets, size_t num_targets,
                                  enum tc_registration *out_registrations)
{
    struct tc_registration_request request = {
        .file = file, .targets = targets, .num_targets = num_targets, .out = out_registrations};
    pthread_mutex_lock(&writer->lock);
    writer->urgent = true;
    enum tc_status status =
        push(writer, (struct tc_queue_message){.kind = TC_MESSAGE_REGISTRATION,
                                               .content = {.registration = &request}});
    while (status == TC_OK && !request.answered) {
        pthread_cond_wait(&writer->done, &writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return status == TC_OK ? request.status : status;
}

enum tc_status tc_writer_flush(struct tc_writer *writer)
{
    struct tc_flush_request request = {.answered = false};
    pthread_mutex_lock(&writer->lock);
    writer->urgent = true;
    enum tc_status status = push(writer, (struct tc_queue_message){.kind = TC_MESSAGE_FLUSH,
                                                                   .content = {.flush = &request}});
    while (status == TC_OK && !request.answered) {
        pthread_cond_wait(&writer->done, &writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return status == TC_OK ? request.status : status;
}

bool tc_writer_has_room(struct tc_writer *writer)
{
    return atomic_load(&writer->waiting) < ROOM_COUNT && !atomic_load(&writer->failed);
}

enum tc_status tc_writer_status(struct tc_writer *writer, struct tc_error *error)
{
    pthread_mutex_lock(&writer->lock);
    enum tc_status status = writer->status;
    if (status != TC_OK && error != NULL) {
        *error = writer->error;
    }
    pthread_mutex_unlock(&writer->lock);
    return status;
}

void tc_writer_get_counts(struct tc_writer *writer, struct tc_writer_counts *out)
{
    pthread_mutex_lock(&writer->lock);
    *out = writer->counts;
    pthread_mutex_unlock(&writer->lock);
}
