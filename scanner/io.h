/*
 * How time, randomness and sockets reach the engine: a test plays the peer, the clock and the dice.
 * worker_io.c is the real thing.
 */
#ifndef TC_SCANNER_IO_H
#define TC_SCANNER_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "address.h"

struct tc_connection;

/* What the outside tells a connection; kept by the connection until it is used up. */
enum tc_io_event {
    TC_IO_READABLE = 1 << 0, /* reading may give bytes, the end, or an error */
    TC_IO_WRITABLE = 1 << 1, /* connecting is over, or there is room to write */
    TC_IO_HANGUP = 1 << 2    /* the peer's end or an error is behind what can be read */
};

/*
 * Events come once for each change (edge-triggered), by setting connection->events. Failures are
 * negative errno values, so that no call has to keep errno alive.
 */
struct tc_io {
    void *context;
    /* Monotonic microseconds. */
    int64_t (*now_us)(void *context);
    /* Seconds since 1970-01-01 UTC. */
    int64_t (*wall_s)(void *context);
    uint32_t (*random_u32)(void *context);
    /* Opens a socket and begins connecting. 0, or -errno: then nothing is open. */
    int (*open)(void *context, struct tc_connection *connection, const struct tc_address *address,
                uint16_t port);
    /* After TC_IO_WRITABLE: 0 when connected, -EINPROGRESS, or why not. */
    int (*connected)(void *context, struct tc_connection *connection, int64_t *out_rtt_us);
    /* Bytes, 0 for the end of the stream, -EAGAIN, or another -errno. */
    ssize_t (*read)(void *context, struct tc_connection *connection, uint8_t *out, size_t len);
    /* Bytes taken, -EAGAIN, or another -errno. */
    ssize_t (*write)(void *context, struct tc_connection *connection, const uint8_t *bytes,
                     size_t len);
    /* Sends our end of the stream (FIN); reading goes on. */
    void (*shutdown)(void *context, struct tc_connection *connection);
    /* No event comes after this. */
    void (*close)(void *context, struct tc_connection *connection);
};

#endif
