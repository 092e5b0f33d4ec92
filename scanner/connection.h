/*
 * One TCP connection: bytes, caps, instants. Protocols above it read and write through a BIO
 * (handshake.h) or the calls here; below it is struct tc_io.
 */
#ifndef TC_SCANNER_CONNECTION_H
#define TC_SCANNER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/bio.h>

#include "address_gate.h"
#include "io.h"
#include "timers.h"
#include "tlscensus/outcome.h"
#include "tlscensus/status.h"

#define TC_DETAIL_MAX 256 /* one line about how a talk ended */
#define TC_HEAD_BYTES 48  /* the peer's first bytes are kept, to say what it speaks if not TLS */
/* A read takes this much at once. What a handshake sends mostly fits one read. */
#define TC_SCRATCH_IN_BYTES 16384
/* A flight of ours, the largest being a ClientHello with a post-quantum share, is well below. */
#define TC_SCRATCH_OUT_BYTES 8192

/*
 * Buffers that one worker's connections share, since bytes stay in them only while one of them is
 * driven: what was read is used up before the drive ends, what was written is sent.
 */
struct tc_scratch {
    uint8_t in[TC_SCRATCH_IN_BYTES];
    size_t in_position;
    size_t in_len;
    uint8_t out[TC_SCRATCH_OUT_BYTES];
    size_t out_len;
    /* The last Certificate message body met, for when the library rejects it (handshake.h). */
    uint8_t *certificate;
    size_t certificate_len;
    size_t certificate_capacity;
};
void tc_scratch_cleanup(struct tc_scratch *scratch);

enum tc_connection_end {
    TC_CONNECTION_OPEN = 0,
    TC_CONNECTION_EOF,   /* the peer ended the stream */
    TC_CONNECTION_ERROR, /* `error` says which */
    TC_CONNECTION_CAP    /* more bytes than max_read_bytes */
};

/* Lives in a pool of the worker and is recycled. `fd` belongs to struct tc_io. */
struct tc_connection {
    int fd;          /* -1 while closed */
    unsigned events; /* enum tc_io_event: not used up yet */
    enum tc_connection_end end;
    int error; /* errno of TC_CONNECTION_ERROR */
    bool is_open;
    bool is_connected;
    bool is_queued;    /* in the worker's ready list */
    bool is_lingering; /* FIN is out; what still comes is thrown away */
    void *owner;       /* its endpoint; NULL while lingering */

    const struct tc_io *io;
    struct tc_scratch *scratch;
    BIO *bio; /* calls back here; made once for the slot, shared with the SSL meanwhile */

    int64_t opened_us;
    int64_t event_us;      /* when the newest event was noted */
    int64_t first_byte_us; /* event_us of the first byte; -1 before */
    int64_t sent_us;       /* when the last write returned; -1 before */
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t discarded_bytes;
    size_t max_read_bytes;
    uint8_t head[TC_HEAD_BYTES];
    size_t head_len;
    uint8_t *unsent; /* what the kernel had no room for; NULL mostly */
    size_t unsent_len;
    size_t unsent_sent;

    struct tc_gate_address *permit; /* NULL once it was handed back */
    bool keeps_permit;              /* until the socket is closed, and not until our FIN only */
    struct tc_timer timer;          /* while lingering */
    struct tc_connection *next;     /* in the list of those with events, or of spare slots */
    struct tc_connection *previous;
    struct tc_connection *newer; /* in the list of those that linger */
    struct tc_connection *older;
};

/* tc_connection_init readies a slot for its first use. */
void tc_connection_init(struct tc_connection *connection, const struct tc_io *io,
                        struct tc_scratch *scratch);
void tc_connection_cleanup(struct tc_connection *connection);

/* tc_connection_open begins connecting. Returns 0 or -errno. */
int tc_connection_open(struct tc_connection *connection, const struct tc_address *address,
                       uint16_t port, size_t max_read_bytes);
/* See struct tc_io. */
int tc_connection_connected(struct tc_connection *connection, int64_t *out_rtt_us);
/*
 * tc_connection_read gives bytes: 0 where none are there now, or where `end` says that none will
 * come. `out` may be scratch->in.
 */
size_t tc_connection_read(struct tc_connection *connection, uint8_t *out, size_t len);
/* tc_connection_write puts bytes into the scratch; false when they do not fit. */
bool tc_connection_write(struct tc_connection *connection, const uint8_t *bytes, size_t len);
/*
 * tc_connection_flush sends what was written, as far as the kernel takes it now; the rest is kept.
 * Where that fails, `end` says so (ENOMEM: no memory for the rest).
 */
void tc_connection_flush(struct tc_connection *connection);
/* tc_connection_keep puts what was written aside, for a flush when the connection stands. */
void tc_connection_keep(struct tc_connection *connection);
/* tc_connection_discard reads and forgets `max` bytes or a little more; read_bytes stays. */
void tc_connection_discard(struct tc_connection *connection, size_t max);
/* tc_connection_restart_count forgets what a proxy sent: the peer's bytes begin now. */
void tc_connection_restart_count(struct tc_connection *connection);
void tc_connection_shutdown(struct tc_connection *connection);
/* tc_connection_close reads what is pending first, so that the peer gets FIN and not RST. */
void tc_connection_close(struct tc_connection *connection);

/*
 * tc_connection_explain_end says what it means that `end` is no longer OPEN, with one line in
 * words: CLOSED, RESET, HANDSHAKE_TIMEOUT (the kernel gave up), UNREACHABLE, LIMIT_EXCEEDED or
 * LOCAL_ERROR. `where` is where it was in the talk: "after the ClientHello".
 */
enum tc_outcome tc_connection_explain_end(const struct tc_connection *connection, const char *where,
                                          char detail[TC_DETAIL_MAX]);

/* The BIO's calls; one method for the run. */
TC_MUST_USE enum tc_status tc_connection_bio_method_new(BIO_METHOD **out);

#endif
