/* The real struct tc_io: sockets in an epoll set. */
#define _GNU_SOURCE /* struct tcp_info, SOCK_NONBLOCK, EPOLLRDHUP */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "worker.h"

#define EVENTS_AT_ONCE 256
#define NS_PER_US      1000

static int64_t io_now_us(void *context)
{
    (void)context;
    return (int64_t)(uv_hrtime() / NS_PER_US);
}

static int64_t io_wall_s(void *context)
{
    (void)context;
    return (int64_t)time(NULL);
}

/* SplitMix64 (Steele, Lea, Flood): jitter needs no secrecy. */
static uint32_t io_random_u32(void *context)
{
    struct tc_worker *worker = context;
    worker->random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = worker->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static int begin_connect(struct tc_worker *worker, struct tc_connection *connection, int fd,
                         const struct tc_address *address, uint16_t port)
{
    struct sockaddr_storage peer;
    socklen_t peer_len = tc_address_to_sockaddr(&peer, address, port);
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int error = tc_router_bind(worker->router, fd, address);
    if (error != 0) {
        return -error;
    }
    if (connect(fd, (const struct sockaddr *)&peer, peer_len) != 0 && errno != EINPROGRESS) {
        return -errno;
    }
    /* Registered once, after connect(), for a socket that was never connected counts as hung up. */
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data = {.ptr = connection},
    };
    return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int io_open(void *context, struct tc_connection *connection,
                   const struct tc_address *address, uint16_t port)
{
    struct tc_worker *worker = context;
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(tc_address_family(address), type, 0);
    if (fd < 0 && errno == EMFILE && tc_worker_close_oldest(worker)) {
        fd = socket(tc_address_family(address), type, 0);
    }
    if (fd < 0) {
        return -errno;
    }
    int result = begin_connect(worker, connection, fd, address, port);
    if (result != 0) {
        (void)close(fd);
        return result;
    }
    connection->fd = fd;
    return 0;
}

static int pending_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        return errno;
    }
    return error != 0 ? error : ECONNRESET; /* not connected any more, and nobody says why */
}

/* One call on the way that mostly happens: the state and the round trip come together. */
static int io_connected(void *context, struct tc_connection *connection, int64_t *out_rtt_us)
{
    (void)context;
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) {
        return -errno;
    }
    if (info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT) {
        *out_rtt_us = info.tcpi_rtt;
        return 0;
    }
    if (info.tcpi_state == TCP_SYN_SENT) {
        return -EINPROGRESS;
    }
    return -pending_error(connection->fd);
}

static ssize_t io_read(void *context, struct tc_connection *connection, uint8_t *out, size_t len)
{
    (void)context;
    ssize_t got = 0;
    do {
        got = recv(connection->fd, out, len, 0);
    } while (got < 0 && errno == EINTR);
    return got >= 0 ? got : -errno;
}

static ssize_t io_write(void *context, struct tc_connection *connection, const uint8_t *bytes,
                        size_t len)
{
    (void)context;
    ssize_t sent = 0;
    do {
        sent = send(connection->fd, bytes, len, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0 ? sent : -errno;
}

static void io_shutdown(void *context, struct tc_connection *connection)
{
    (void)context;
    (void)shutdown(connection->fd, SHUT_WR);
}

static void io_close(void *context, struct tc_connection *connection)
{
    (void)context;
    (void)close(connection->fd); /* which takes it out of the epoll set too */
}

void tc_worker_io_init(struct tc_worker *worker)
{
    worker->io = (struct tc_io){
        .context = worker,
        .now_us = io_now_us,
        .wall_s = io_wall_s,
        .random_u32 = io_random_u32,
        .open = io_open,
        .connected = io_connected,
        .read = io_read,
        .write = io_write,
        .shutdown = io_shutdown,
        .close = io_close,
    };
}

static void note_event(struct tc_worker *worker, struct tc_connection *connection, uint32_t events,
                       int64_t at_us)
{
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        connection->events |= TC_IO_READABLE;
    }
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        connection->events |= TC_IO_HANGUP;
    }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        connection->events |= TC_IO_WRITABLE;
    }
    if (!connection->is_queued) { /* else the older event is the one that waits */
        connection->event_us = at_us;
        tc_worker_queue_ready(worker, connection);
    }
}

void tc_worker_collect_events(struct tc_worker *worker)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int num = EVENTS_AT_ONCE;
    while (num == EVENTS_AT_ONCE) {
        num = epoll_wait(worker->epoll_fd, events, EVENTS_AT_ONCE, 0);
        int64_t at_us = io_now_us(worker);
        for (int i = 0; i < num; i++) {
            note_event(worker, events[i].data.ptr, events[i].events, at_us);
        }
    }
}
