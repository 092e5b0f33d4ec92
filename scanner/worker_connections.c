/* The connections of a worker: slots, the queue of those with events, and those that linger. */
#include "scan_run.h"

#define US_PER_MS INT64_C(1000)
/*
 * After our FIN the peer's last words (session tickets, close_notify, FIN) come a round trip later;
 * a socket that is closed before answers them with RST. How long the talk took says how busy the
 * peer is: twice as long and a little, within bounds.
 */
#define LINGER_TIMES    2
#define LINGER_EXTRA_US (100 * US_PER_MS)
#define LINGER_MAX_US   (3000 * US_PER_MS)
#define LINGER_READ_MAX 65536

static void linger_expired(struct tc_timer *timer);

struct tc_connection *tc_worker_take_connection(struct tc_worker *worker)
{
    struct tc_connection *connection = worker->spare_connections;
    if (connection != NULL) {
        worker->spare_connections = connection->next;
        return connection;
    }
    connection = tc_pool_take(&worker->connections);
    if (connection != NULL) {
        tc_connection_init(connection, &worker->io, &worker->scratch);
        connection->timer.fire = linger_expired;
    }
    return connection;
}

static void unlink_ready(struct tc_worker *worker, struct tc_connection *connection)
{
    if (!connection->is_queued) {
        return;
    }
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        worker->first_ready = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    } else {
        worker->last_ready = connection->previous;
    }
    connection->is_queued = false;
}

void tc_worker_queue_ready(struct tc_worker *worker, struct tc_connection *connection)
{
    connection->is_queued = true;
    connection->next = NULL;
    connection->previous = worker->last_ready;
    if (worker->last_ready != NULL) {
        worker->last_ready->next = connection;
    } else {
        worker->first_ready = connection;
    }
    worker->last_ready = connection;
}

struct tc_connection *tc_worker_next_ready(struct tc_worker *worker)
{
    struct tc_connection *connection = worker->first_ready;
    if (connection != NULL) {
        unlink_ready(worker, connection);
    }
    return connection;
}

static void unlink_lingering(struct tc_worker *worker, struct tc_connection *connection)
{
    if (!connection->is_lingering) {
        return;
    }
    if (connection->older != NULL) {
        connection->older->newer = connection->newer;
    } else {
        worker->first_lingering = connection->newer;
    }
    if (connection->newer != NULL) {
        connection->newer->older = connection->older;
    } else {
        worker->last_lingering = connection->older;
    }
    connection->is_lingering = false;
    worker->num_lingering--;
}

static void give_permit(struct tc_worker *worker, struct tc_connection *connection)
{
    if (connection->permit != NULL) {
        tc_gate_release(worker->scan->gate, connection->permit,
                        worker->io.now_us(worker->io.context));
        connection->permit = NULL;
    }
}

/* The end of a connection: its socket, its address's permit, its slot. */
static void recycle(struct tc_worker *worker, struct tc_connection *connection)
{
    unlink_ready(worker, connection);
    unlink_lingering(worker, connection);
    tc_timers_cancel(&worker->timers, &connection->timer);
    tc_connection_close(connection);
    give_permit(worker, connection);
    connection->owner = NULL;
    connection->next = worker->spare_connections;
    worker->spare_connections = connection;
}

static struct tc_worker *worker_of(const struct tc_connection *connection)
{
    return connection->io->context;
}

static void linger_expired(struct tc_timer *timer)
{
    struct tc_connection *connection =
        (struct tc_connection *)(void *)((char *)timer - offsetof(struct tc_connection, timer));
    recycle(worker_of(connection), connection);
}

static bool should_linger(const struct tc_worker *worker, const struct tc_connection *connection)
{
    return connection->is_open && connection->is_connected && worker->max_lingering > 0 &&
           connection->end != TC_CONNECTION_EOF && connection->end != TC_CONNECTION_ERROR &&
           atomic_load(&worker->scan->stop) != TC_STOP_AT_ONCE;
}

static int64_t linger_until_us(const struct tc_connection *connection, int64_t now_us)
{
    int64_t linger_us = (now_us - connection->opened_us) * LINGER_TIMES + LINGER_EXTRA_US;
    return now_us + (linger_us < LINGER_MAX_US ? linger_us : LINGER_MAX_US);
}

void tc_worker_part(struct tc_worker *worker, struct tc_connection *connection)
{
    connection->owner = NULL;
    int64_t until_us = linger_until_us(connection, worker->io.now_us(worker->io.context));
    if (!should_linger(worker, connection) ||
        tc_timers_set(&worker->timers, &connection->timer, until_us) != TC_OK) {
        recycle(worker, connection);
        return;
    }
    if (worker->num_lingering == worker->max_lingering) {
        (void)tc_worker_close_oldest(worker);
    }
    connection->end = TC_CONNECTION_OPEN; /* a cap does not bind what is thrown away */
    tc_connection_shutdown(connection);
    if (!connection->keeps_permit) { /* our FIN is with the peer before the next SYN can be */
        give_permit(worker, connection);
    }
    connection->is_lingering = true;
    connection->newer = NULL;
    connection->older = worker->last_lingering;
    if (worker->last_lingering != NULL) {
        worker->last_lingering->newer = connection;
    } else {
        worker->first_lingering = connection;
    }
    worker->last_lingering = connection;
    worker->num_lingering++;
    if ((connection->events & TC_IO_READABLE) != 0 && !connection->is_queued) {
        tc_worker_queue_ready(worker, connection); /* its edge has been: none will tell of it */
    }
}

void tc_worker_drive_lingering(struct tc_worker *worker, struct tc_connection *connection)
{
    tc_connection_discard(connection, LINGER_READ_MAX);
    if (connection->end != TC_CONNECTION_OPEN || connection->discarded_bytes > LINGER_READ_MAX) {
        recycle(worker, connection);
    }
}

bool tc_worker_close_oldest(struct tc_worker *worker)
{
    if (worker->first_lingering == NULL) {
        return false;
    }
    recycle(worker, worker->first_lingering);
    return true;
}

void tc_worker_close_lingering(struct tc_worker *worker)
{
    while (tc_worker_close_oldest(worker)) {
    }
}

void tc_worker_cleanup_connections(struct tc_worker *worker)
{
    while (worker->spare_connections != NULL) {
        struct tc_connection *connection = worker->spare_connections;
        worker->spare_connections = connection->next;
        tc_connection_cleanup(connection);
    }
    tc_pool_cleanup(&worker->connections);
}
