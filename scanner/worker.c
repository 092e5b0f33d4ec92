#define _GNU_SOURCE /* epoll_create1 */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "scan_run.h"

#define US_PER_MS INT64_C(1000)
/* How long endpoints are driven before the loop looks for events again: the stamps of what arrives
   meanwhile are late by this at most. */
#define DRIVE_US (2 * US_PER_MS)
/* When the owner of the run has no room for more rows, it is asked again after this. */
#define ROOM_PAUSE_US (10 * US_PER_MS)
#define NEVER         INT64_MAX

static int64_t now_us(const struct tc_worker *worker)
{
    return worker->io.now_us(worker->io.context);
}

void tc_worker_wake(struct tc_worker *worker)
{
    (void)uv_async_send(&worker->wake); /* fails only on a handle that is closed: nobody to wake */
}

/* The shard's lock is held, so the endpoint stays; the worker's own lock comes second, always. */
void tc_worker_gate_wake(struct tc_gate_waiter *waiter, int64_t at_us)
{
    struct tc_endpoint *endpoint =
        (struct tc_endpoint *)(void *)((char *)waiter - offsetof(struct tc_endpoint, waiter));
    struct tc_worker *worker = endpoint->shared->owner;
    uv_mutex_lock(&worker->call_lock);
    endpoint->called_us = at_us;
    bool was_empty = worker->first_called == NULL;
    if (!endpoint->is_called) {
        endpoint->is_called = true;
        endpoint->called_next = worker->first_called;
        worker->first_called = endpoint;
    }
    uv_mutex_unlock(&worker->call_lock);
    if (was_empty) {
        tc_worker_wake(worker);
    }
}

/* One at a time, so that no list of freed endpoints is ever held. */
static struct tc_endpoint *next_called(struct tc_worker *worker, int64_t *out_at_us)
{
    uv_mutex_lock(&worker->call_lock);
    struct tc_endpoint *endpoint = worker->first_called;
    if (endpoint != NULL) {
        worker->first_called = endpoint->called_next;
        endpoint->is_called = false;
        *out_at_us = endpoint->called_us;
    }
    uv_mutex_unlock(&worker->call_lock);
    return endpoint;
}

/* An endpoint's memory goes: no call of the gate may point to it. */
static void forget_call(struct tc_worker *worker, struct tc_endpoint *endpoint)
{
    uv_mutex_lock(&worker->call_lock);
    struct tc_endpoint **link = &worker->first_called;
    while (endpoint->is_called && *link != NULL) {
        if (*link == endpoint) {
            *link = endpoint->called_next;
            endpoint->is_called = false;
            break;
        }
        link = &(*link)->called_next;
    }
    uv_mutex_unlock(&worker->call_lock);
}

static void leave_flight(struct tc_worker *worker, const struct tc_endpoint *endpoint)
{
    if (worker->unprepared == endpoint) {
        worker->unprepared = endpoint->next;
    }
}

/* Nobody knows it any more. */
static void recycle_endpoint(struct tc_worker *worker, struct tc_endpoint *endpoint)
{
    leave_flight(worker, endpoint);
    tc_turns_drop(&worker->turns, endpoint);
    forget_call(worker, endpoint);
    tc_pool_give(&worker->endpoints, endpoint);
}

static void release_endpoint(struct tc_worker *worker, struct tc_endpoint *endpoint)
{
    struct tc_endpoint_origin *origin = endpoint->origin;
    recycle_endpoint(worker, endpoint);
    /* The origin is the first member of its task. */
    tc_task_endpoint_over((struct tc_task *)(void *)origin);
}

/* Without memory for its connection it never begins. */
static void drop_unbegun(struct tc_worker *worker, struct tc_endpoint *endpoint)
{
    if (endpoint->probe != NULL) {
        tc_endpoint_stop(endpoint); /* its survey is told */
    } else {
        tc_worker_emit(worker, NULL);
        release_endpoint(worker, endpoint);
    }
}

/* The turn of an endpoint: it gets a connection, and holds a slot until it parts with it. */
static void begin_endpoint(void *owner, struct tc_endpoint *endpoint,
                           struct tc_gate_address *permit)
{
    struct tc_worker *worker = owner;
    struct tc_connection *connection = tc_worker_take_connection(worker);
    if (connection == NULL) {
        tc_gate_release(worker->scan->gate, permit, now_us(worker));
        tc_turns_give_slot(&worker->turns);
        drop_unbegun(worker, endpoint);
        return;
    }
    connection->permit = permit;
    connection->keeps_permit = tc_protocol_is_one_at_a_time(endpoint->origin->target->protocol);
    tc_endpoint_list_add(&worker->in_flight, endpoint);
    if (worker->unprepared == NULL) {
        worker->unprepared = endpoint;
    }
    tc_endpoint_begin(endpoint, connection);
}

static void part(void *owner, struct tc_connection *connection)
{
    struct tc_worker *worker = owner;
    tc_worker_part(worker, connection);
    tc_turns_give_slot(&worker->turns);
}

static void paused(void *owner, struct tc_endpoint *endpoint)
{
    struct tc_worker *worker = owner;
    leave_flight(worker, endpoint);
    tc_turns_park(&worker->turns, endpoint);
}

static void ready(void *owner, struct tc_endpoint *endpoint)
{
    struct tc_worker *worker = owner;
    tc_turns_add(&worker->turns, endpoint);
}

static void done(void *owner, struct tc_endpoint *endpoint, struct tc_observation *observation)
{
    struct tc_worker *worker = owner;
    tc_worker_emit(worker, observation);
    release_endpoint(worker, endpoint);
}

static void surveys(void *owner, struct tc_endpoint *endpoint)
{
    struct tc_worker *worker = owner;
    leave_flight(worker, endpoint);
    tc_endpoint_list_remove(endpoint);
    tc_endpoint_list_add(&worker->surveying, endpoint);
}

static struct tc_endpoint *new_probe(void *owner)
{
    struct tc_worker *worker = owner;
    return tc_pool_take(&worker->endpoints);
}

static void probe_over(void *owner, struct tc_endpoint *endpoint)
{
    recycle_endpoint(owner, endpoint);
}

static void slot_free(void *owner)
{
    const struct tc_worker *worker = owner;
    tc_scan_wake_starving(worker->scan);
}

/* What has waited longest first, for a few milliseconds. */
static void drive_ready(struct tc_worker *worker)
{
    int64_t until_us = now_us(worker) + DRIVE_US;
    do {
        struct tc_connection *connection = tc_worker_next_ready(worker);
        if (connection == NULL) {
            return;
        }
        if (connection->is_lingering) {
            tc_worker_drive_lingering(worker, connection);
        } else {
            tc_endpoint_drive(connection->owner);
        }
    } while (now_us(worker) < until_us);
}

/* Nothing else is to be done: make hellos, one at a time, so that events are seen at once. */
static void prepare_one(struct tc_worker *worker)
{
    while (worker->unprepared != NULL && worker->first_ready == NULL) {
        struct tc_endpoint *endpoint = worker->unprepared;
        worker->unprepared = endpoint->next;
        if (tc_endpoint_prepare(endpoint)) {
            return;
        }
    }
}

static void hear_calls(struct tc_worker *worker)
{
    int64_t at_us = 0;
    for (;;) {
        struct tc_endpoint *endpoint = next_called(worker, &at_us);
        if (endpoint == NULL) {
            return;
        }
        tc_turns_called(&worker->turns, endpoint, at_us);
    }
}

static bool may_pull(const struct tc_worker *worker)
{
    return !worker->is_stopping && worker->num_lookups + worker->turns.ready.num < TC_LOOKAHEAD &&
           worker->turns.parked.num < TC_MAX_WAITING / worker->scan->num_workers &&
           worker->surveying.num < TC_MAX_SURVEYS / worker->scan->num_workers;
}

static bool has_room(struct tc_worker *worker)
{
    const struct tc_scan_hooks *hooks = &worker->scan->hooks;
    if (hooks->has_room == NULL || hooks->has_room(hooks->context)) {
        return true;
    }
    if (worker->intake_timer.place == 0) {
        /* Without memory for a timer the next event asks again. */
        (void)!tc_timers_set(&worker->timers, &worker->intake_timer,
                             now_us(worker) + ROOM_PAUSE_US);
    }
    return false;
}

static void pull_targets(struct tc_worker *worker)
{
    while (may_pull(worker)) {
        struct tc_target *target = NULL;
        if (!has_room(worker)) {
            return;
        }
        target = tc_intake_pull(worker->scan->intake);
        if (target == NULL && !atomic_exchange(&worker->is_hungry, true)) {
            target = tc_intake_pull(worker->scan->intake); /* one may have come before the flag */
        }
        if (target == NULL) {
            return;
        }
        atomic_store(&worker->is_hungry, false);
        tc_worker_begin_target(worker, target);
    }
}

static void stop_endpoints(struct tc_worker *worker, struct tc_endpoint_list *list)
{
    while (list->first != NULL) {
        struct tc_endpoint *endpoint = list->first;
        if (endpoint->attempts > 0) {
            tc_endpoint_stop(endpoint);
        } else {
            release_endpoint(worker, endpoint); /* never begun: no row, a later run does it */
        }
    }
}

static void stop_if_told(struct tc_worker *worker)
{
    unsigned stop = atomic_load(&worker->scan->stop);
    if (stop != TC_STOP_NO && !worker->is_stopping) {
        worker->is_stopping = true;
        worker->shared.is_stopping = true;
        tc_resolver_cancel(worker->resolver);       /* its targets end in the callbacks */
        stop_endpoints(worker, &worker->surveying); /* first: their probes are in the others */
        stop_endpoints(worker, &worker->in_flight);
        stop_endpoints(worker, &worker->turns.ready);
        stop_endpoints(worker, &worker->turns.parked);
        tc_worker_drop_targets(worker);
        tc_slots_content(&worker->turns.slots);
    }
    if (stop == TC_STOP_AT_ONCE) {
        tc_worker_close_lingering(worker);
    }
}

static void publish(struct tc_worker *worker)
{
    uint64_t waiting = worker->num_lookups + worker->turns.ready.num + worker->turns.parked.num;
    atomic_store_explicit(&worker->counts.surveying, worker->surveying.num, memory_order_relaxed);
    atomic_store_explicit(&worker->counts.waiting, waiting, memory_order_relaxed);
    atomic_store_explicit(&worker->counts.lingering, worker->num_lingering, memory_order_relaxed);
    atomic_store_explicit(&worker->counts.in_flight, worker->in_flight.num, memory_order_relaxed);
}

/* All rows are out: the run has ended, though sockets may linger. */
static bool has_ended(struct tc_worker *worker)
{
    if (!worker->has_ended && worker->num_tasks == 0 &&
        (worker->is_stopping || tc_intake_is_drained(worker->scan->intake))) {
        worker->has_ended = true;
        tc_scan_add_vantage(worker->scan, worker->router);
        tc_scan_worker_ended(worker->scan);
    }
    return worker->has_ended;
}

static void handle_closed(uv_handle_t *handle)
{
    struct tc_worker *worker = handle->loop->data;
    worker->num_handles--;
}

static void close_handles(struct tc_worker *worker)
{
    if (worker->is_closing) {
        return;
    }
    worker->is_closing = true;
    uv_close((uv_handle_t *)&worker->sockets, handle_closed);
    uv_close((uv_handle_t *)&worker->timer, handle_closed);
    uv_close((uv_handle_t *)&worker->wake, handle_closed);
    uv_close((uv_handle_t *)&worker->prepare, handle_closed);
    uv_close((uv_handle_t *)&worker->check, handle_closed);
    uv_close((uv_handle_t *)&worker->idle, handle_closed);
    tc_resolver_free(worker->resolver);
    worker->resolver = NULL;
}

static void idle_turn(uv_idle_t *idle)
{
    (void)idle; /* an active one keeps the loop from sleeping, and that is all */
}

void tc_worker_stay_awake(struct tc_worker *worker)
{
    (void)uv_idle_start(&worker->idle, idle_turn); /* work() stops it */
}

static void timer_fired(uv_timer_t *timer)
{
    struct tc_worker *worker = timer->data;
    worker->armed_us = NEVER;
    /* Deadlines are looked at after the sockets (see work()): this turn must not sleep before. */
    tc_worker_stay_awake(worker);
}

/* One uv_timer for all deadlines. It is moved only when it would ring too late. */
static void arm(struct tc_worker *worker)
{
    int64_t at_us = 0;
    if (!tc_timers_next(&worker->timers, &at_us) || at_us >= worker->armed_us) {
        return;
    }
    int64_t left_us = at_us - now_us(worker);
    uint64_t left_ms = left_us <= 0 ? 0 : (uint64_t)((left_us + US_PER_MS - 1) / US_PER_MS);
    uv_update_time(&worker->loop);
    if (uv_timer_start(&worker->timer, timer_fired, left_ms, 0) == 0) {
        worker->armed_us = at_us;
    }
}

/*
 * After the sockets were looked at: all that the worker does, in an order that matters. Peers are
 * heard before deadlines are checked, so that our own lateness is never taken for theirs.
 */
static void work(uv_check_t *check)
{
    struct tc_worker *worker = check->data;
    worker->looked_us = now_us(worker);
    stop_if_told(worker);
    drive_ready(worker);
    tc_timers_run(&worker->timers, now_us(worker));
    hear_calls(worker);
    tc_turns_run(&worker->turns);
    pull_targets(worker);
    tc_turns_run(&worker->turns); /* addresses need no lookup and may begin at once */
    prepare_one(worker);
    publish(worker);
    if (has_ended(worker) && worker->num_lingering == 0) {
        close_handles(worker);
        return;
    }
    if (worker->first_ready != NULL || worker->unprepared != NULL) {
        tc_worker_stay_awake(worker);
    } else {
        (void)uv_idle_stop(&worker->idle);
    }
    arm(worker);
}

static void before_sleep(uv_prepare_t *prepare)
{
    struct tc_worker *worker = prepare->data;
    int64_t at_us = now_us(worker);
    tc_loop_lag_note(&worker->lag, at_us, at_us - worker->looked_us);
}

static void sockets_ready(uv_poll_t *sockets, int status, int events)
{
    (void)status;
    (void)events;
    tc_worker_collect_events(sockets->data);
}

static void woken(uv_async_t *wake)
{
    (void)wake; /* work() runs in any case */
}

static void intake_timer_fired(struct tc_timer *timer)
{
    (void)timer; /* it has woken the loop, which pulls next */
}

static void run_thread(void *context)
{
    struct tc_worker *worker = context;
    worker->looked_us = now_us(worker);
    tc_worker_wake(worker); /* the first turn looks at the intake */
    (void)uv_run(&worker->loop, UV_RUN_DEFAULT);
    tc_scan_worker_left(worker->scan);
}

static enum tc_status init_handles(struct tc_worker *worker, struct tc_error *error)
{
    int result = uv_loop_init(&worker->loop);
    if (result != 0) {
        return tc_fail(error, TC_ERR_IO, "cannot make an event loop: %s", uv_strerror(result));
    }
    worker->has_loop = true;
    worker->loop.data = worker;
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (worker->epoll_fd < 0) {
        return tc_fail(error, TC_ERR_IO, "cannot make an epoll set: %s", strerror(errno));
    }
    result = uv_async_init(&worker->loop, &worker->wake, woken);
    if (result == 0) {
        worker->num_handles++;
        result = uv_poll_init(&worker->loop, &worker->sockets, worker->epoll_fd);
    }
    if (result != 0) {
        return tc_fail(error, TC_ERR_IO, "cannot watch events: %s", uv_strerror(result));
    }
    worker->num_handles += 5; /* the rest cannot fail */
    (void)uv_timer_init(&worker->loop, &worker->timer);
    (void)uv_prepare_init(&worker->loop, &worker->prepare);
    (void)uv_check_init(&worker->loop, &worker->check);
    (void)uv_idle_init(&worker->loop, &worker->idle);
    worker->sockets.data = worker;
    worker->timer.data = worker;
    worker->prepare.data = worker;
    worker->check.data = worker;
    (void)uv_poll_start(&worker->sockets, UV_READABLE, sockets_ready);
    (void)uv_prepare_start(&worker->prepare, before_sleep);
    (void)uv_check_start(&worker->check, work);
    return TC_OK;
}

static bool earlier(void *owner, const struct tc_endpoint *endpoint, struct tc_features *out)
{
    const struct tc_worker *worker = owner;
    const struct tc_scan_hooks *hooks = &worker->scan->hooks;
    char address[TC_ADDRESS_TEXT_MAX];
    tc_address_format(address, &endpoint->address);
    return hooks->earlier != NULL &&
           hooks->earlier(hooks->context, out, endpoint->origin->target->target_id, address,
                          endpoint->origin->options->profile);
}

static void init_shared(struct tc_worker *worker)
{
    const struct tc_scan *scan = worker->scan;
    worker->shared = (struct tc_endpoint_shared){
        .io = &worker->io,
        .tls = scan->tls,
        .proxy_address = scan->proxy_address.len > 0 ? &scan->proxy_address : NULL,
        .scratch = &worker->scratch,
        .cert_memory = &worker->cert_memory,
        .timers = &worker->timers,
        .lag = &worker->lag,
        .owner = worker,
        .part = part,
        .paused = paused,
        .ready = ready,
        .done = done,
        .surveys = surveys,
        .earlier = earlier,
        .new_probe = new_probe,
        .probe_over = probe_over,
    };
    tc_turns_init(&worker->turns, &worker->io, &worker->timers, scan->gate, &worker->scan->limits);
    worker->turns.owner = worker;
    worker->turns.begin = begin_endpoint;
    worker->turns.slot_free = slot_free;
}

enum tc_status tc_worker_init(struct tc_worker *worker, struct tc_scan *scan,
                              struct tc_error *error)
{
    worker->scan = scan;
    worker->epoll_fd = -1;
    worker->armed_us = NEVER;
    worker->random = uv_hrtime() ^ (uint64_t)(uintptr_t)worker;
    worker->max_lingering = scan->max_lingering / scan->num_workers;
    worker->intake_timer.fire = intake_timer_fired;
    tc_timers_init(&worker->timers);
    tc_pool_init(&worker->endpoints, sizeof(struct tc_endpoint));
    tc_pool_init(&worker->connections, sizeof(struct tc_connection));
    tc_pool_init(&worker->tasks, sizeof(struct tc_task));
    tc_worker_io_init(worker);
    init_shared(worker);
    if (uv_mutex_init(&worker->call_lock) != 0) {
        return tc_fail(error, TC_ERR_NOMEM, "cannot make a lock");
    }
    enum tc_status status = init_handles(worker, error);
    if (status == TC_OK) {
        status = tc_router_new(&worker->router, scan->options.source_address, error);
    }
    if (status == TC_OK) {
        status = tc_resolver_new(&worker->resolver, scan->dns, &worker->loop, error);
    }
    return status;
}

enum tc_status tc_worker_start(struct tc_worker *worker, struct tc_error *error)
{
    int result = uv_thread_create(&worker->thread, run_thread, worker);
    if (result != 0) {
        return tc_fail(error, TC_ERR_IO, "cannot start a thread: %s", uv_strerror(result));
    }
    worker->has_thread = true;
    return TC_OK;
}

/* Handles that were made are closed, though no thread ever ran the loop. */
static void close_unused_loop(struct tc_worker *worker)
{
    if (worker->num_handles == 6) {
        close_handles(worker);
    } else if (worker->num_handles > 0) {
        uv_close((uv_handle_t *)&worker->wake, handle_closed);
    }
    (void)uv_run(&worker->loop, UV_RUN_DEFAULT);
}

void tc_worker_join(struct tc_worker *worker)
{
    if (worker->has_thread) {
        (void)uv_thread_join(&worker->thread);
    }
}

void tc_worker_cleanup(struct tc_worker *worker)
{
    if (worker->scan == NULL) {
        return; /* never got to tc_worker_init() */
    }
    if (worker->has_loop) {
        if (!worker->has_thread) {
            close_unused_loop(worker);
        }
        (void)uv_loop_close(&worker->loop);
    }
    if (worker->epoll_fd >= 0) {
        (void)close(worker->epoll_fd);
    }
    tc_router_free(worker->router);
    tc_timers_cleanup(&worker->timers);
    tc_worker_cleanup_connections(worker);
    tc_pool_cleanup(&worker->endpoints);
    tc_pool_cleanup(&worker->tasks);
    tc_cert_memory_cleanup(&worker->cert_memory);
    tc_scratch_cleanup(&worker->scratch);
    uv_mutex_destroy(&worker->call_lock);
}
