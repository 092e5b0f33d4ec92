#include "connection.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/boringssl_compat.h"

/* What a close reads off at most, so that the kernel has no reason to send RST. */
#define CLOSE_DISCARD_BYTES 65536

void tc_scratch_cleanup(struct tc_scratch *scratch)
{
    free(scratch->certificate);
    *scratch = (struct tc_scratch){0};
}

void tc_connection_init(struct tc_connection *connection, const struct tc_io *io,
                        struct tc_scratch *scratch)
{
    *connection = (struct tc_connection){.fd = -1, .io = io, .scratch = scratch};
}

void tc_connection_cleanup(struct tc_connection *connection)
{
    BIO_free(connection->bio);
    connection->bio = NULL;
    free(connection->unsent);
    connection->unsent = NULL;
}

/* Back to the state of a slot that was never used, but for what belongs to the slot. */
static void reset(struct tc_connection *connection)
{
    free(connection->unsent);
    *connection = (struct tc_connection){
        .fd = -1,
        .io = connection->io,
        .scratch = connection->scratch,
        .bio = connection->bio,
        .owner = connection->owner,
        .permit = connection->permit,
        .keeps_permit = connection->keeps_permit,
        .timer = {.fire = connection->timer.fire},
        .first_byte_us = -1,
        .sent_us = -1,
    };
}

int tc_connection_open(struct tc_connection *connection, const struct tc_address *address,
                       uint16_t port, size_t max_read_bytes)
{
    reset(connection);
    connection->max_read_bytes = max_read_bytes;
    connection->opened_us = connection->io->now_us(connection->io->context);
    int result = connection->io->open(connection->io->context, connection, address, port);
    connection->is_open = result == 0;
    return result;
}

int tc_connection_connected(struct tc_connection *connection, int64_t *out_rtt_us)
{
    int result = connection->io->connected(connection->io->context, connection, out_rtt_us);
    if (result == 0) {
        connection->is_connected = true;
    }
    return result;
}

static void fail(struct tc_connection *connection, enum tc_connection_end end, int error)
{
    if (connection->end == TC_CONNECTION_OPEN) {
        connection->end = end;
        connection->error = error;
    }
    connection->events &= ~(unsigned)TC_IO_READABLE;
}

static void note_bytes(struct tc_connection *connection, const uint8_t *bytes, size_t len)
{
    if (connection->first_byte_us < 0) {
        connection->first_byte_us = connection->event_us;
    }
    connection->read_bytes += len;
    size_t room = sizeof connection->head - connection->head_len;
    size_t kept = len < room ? len : room;
    memcpy(connection->head + connection->head_len, bytes, kept);
    connection->head_len += kept;
}

size_t tc_connection_read(struct tc_connection *connection, uint8_t *out, size_t len)
{
    if ((connection->events & TC_IO_READABLE) == 0 || connection->end != TC_CONNECTION_OPEN) {
        return 0;
    }
    if (connection->read_bytes >= connection->max_read_bytes) {
        fail(connection, TC_CONNECTION_CAP, 0);
        return 0;
    }
    size_t left = connection->max_read_bytes - (size_t)connection->read_bytes;
    size_t wanted = len < left ? len : left;
    ssize_t got = connection->io->read(connection->io->context, connection, out, wanted);
    if (got == -EAGAIN) {
        connection->events &= ~(unsigned)TC_IO_READABLE;
        return 0;
    }
    if (got <= 0) {
        fail(connection, got == 0 ? TC_CONNECTION_EOF : TC_CONNECTION_ERROR, (int)-got);
        return 0;
    }
    /* A short read has emptied the socket (epoll(7)), unless the peer's end waits behind it. */
    if ((size_t)got < wanted && (connection->events & TC_IO_HANGUP) == 0) {
        connection->events &= ~(unsigned)TC_IO_READABLE;
    }
    note_bytes(connection, out, (size_t)got);
    return (size_t)got;
}

bool tc_connection_write(struct tc_connection *connection, const uint8_t *bytes, size_t len)
{
    struct tc_scratch *scratch = connection->scratch;
    if (len > sizeof scratch->out - scratch->out_len) {
        return false;
    }
    memcpy(scratch->out + scratch->out_len, bytes, len);
    scratch->out_len += len;
    return true;
}

/* How much of `bytes` the kernel took. */
static size_t send_bytes(struct tc_connection *connection, const uint8_t *bytes, size_t len)
{
    size_t sent = 0;
    while (sent < len && connection->is_open) {
        ssize_t got =
            connection->io->write(connection->io->context, connection, bytes + sent, len - sent);
        if (got == -EAGAIN) {
            break;
        }
        if (got <= 0) {
            /* What the peer sent before it went away may still be read: an alert, mostly. */
            if ((connection->events & TC_IO_READABLE) == 0) {
                fail(connection, TC_CONNECTION_ERROR, got == 0 ? EPIPE : (int)-got);
            }
            return len;
        }
        sent += (size_t)got;
        connection->written_bytes += (uint64_t)got;
    }
    return sent;
}

static void send_unsent(struct tc_connection *connection)
{
    connection->unsent_sent += send_bytes(connection, connection->unsent + connection->unsent_sent,
                                          connection->unsent_len - connection->unsent_sent);
    if (connection->unsent_sent == connection->unsent_len) {
        free(connection->unsent);
        connection->unsent = NULL;
        connection->unsent_len = 0;
        connection->unsent_sent = 0;
    }
}

/* Appends what did not go out to what waits already. */
static void keep_unsent(struct tc_connection *connection, const uint8_t *bytes, size_t len)
{
    uint8_t *unsent = realloc(connection->unsent, connection->unsent_len + len);
    if (unsent == NULL) {
        fail(connection, TC_CONNECTION_ERROR, ENOMEM);
        return;
    }
    memcpy(unsent + connection->unsent_len, bytes, len);
    connection->unsent = unsent;
    connection->unsent_len += len;
}

void tc_connection_keep(struct tc_connection *connection)
{
    struct tc_scratch *scratch = connection->scratch;
    if (scratch->out_len > 0) {
        keep_unsent(connection, scratch->out, scratch->out_len);
        scratch->out_len = 0;
    }
}

void tc_connection_flush(struct tc_connection *connection)
{
    struct tc_scratch *scratch = connection->scratch;
    if (connection->unsent == NULL && scratch->out_len == 0) {
        return;
    }
    if (connection->unsent != NULL) {
        send_unsent(connection);
    }
    if (connection->unsent == NULL && scratch->out_len > 0) {
        size_t sent = send_bytes(connection, scratch->out, scratch->out_len);
        scratch->out_len -= sent;
        memmove(scratch->out, scratch->out + sent, scratch->out_len);
    }
    tc_connection_keep(connection);
    connection->sent_us = connection->io->now_us(connection->io->context);
}

void tc_connection_discard(struct tc_connection *connection, size_t max)
{
    size_t done = 0;
    while (done < max && (connection->events & TC_IO_READABLE) != 0 &&
           connection->end == TC_CONNECTION_OPEN) {
        ssize_t got = connection->io->read(connection->io->context, connection,
                                           connection->scratch->in, sizeof connection->scratch->in);
        if (got == -EAGAIN) {
            connection->events &= ~(unsigned)TC_IO_READABLE;
        } else if (got <= 0) {
            fail(connection, got == 0 ? TC_CONNECTION_EOF : TC_CONNECTION_ERROR, (int)-got);
        } else {
            done += (size_t)got;
            if ((size_t)got < sizeof connection->scratch->in &&
                (connection->events & TC_IO_HANGUP) == 0) {
                connection->events &= ~(unsigned)TC_IO_READABLE;
            }
        }
    }
    connection->discarded_bytes += done;
}

void tc_connection_restart_count(struct tc_connection *connection)
{
    connection->read_bytes = 0;
    connection->head_len = 0;
    connection->first_byte_us = -1;
}

void tc_connection_shutdown(struct tc_connection *connection)
{
    connection->io->shutdown(connection->io->context, connection);
}

void tc_connection_close(struct tc_connection *connection)
{
    if (!connection->is_open) {
        return;
    }
    tc_connection_discard(connection, CLOSE_DISCARD_BYTES);
    connection->io->close(connection->io->context, connection);
    connection->is_open = false;
    connection->fd = -1;
    connection->events = 0;
    free(connection->unsent);
    connection->unsent = NULL;
    connection->unsent_len = 0;
    connection->unsent_sent = 0;
}

enum tc_outcome tc_connection_explain_end(const struct tc_connection *connection, const char *where,
                                          char detail[TC_DETAIL_MAX])
{
    bool is_error = connection->end == TC_CONNECTION_ERROR;
    if (connection->end == TC_CONNECTION_CAP) {
        (void)snprintf(detail, TC_DETAIL_MAX, "the server sent more than %zu bytes",
                       connection->max_read_bytes);
        return TC_OUTCOME_LIMIT_EXCEEDED;
    }
    if (is_error && connection->error == ENOMEM) {
        (void)snprintf(detail, TC_DETAIL_MAX, "memory ran out");
        return TC_OUTCOME_LOCAL_ERROR;
    }
    if (is_error && connection->error != ECONNRESET && connection->error != EPIPE) {
        (void)snprintf(detail, TC_DETAIL_MAX, "%s: %s", where, strerror(connection->error));
        return connection->error == ETIMEDOUT ? TC_OUTCOME_HANDSHAKE_TIMEOUT
                                              : TC_OUTCOME_UNREACHABLE;
    }
    (void)snprintf(detail, TC_DETAIL_MAX, "the server %s the connection %s",
                   is_error ? "reset" : "closed", where);
    return is_error ? TC_OUTCOME_RESET : TC_OUTCOME_CLOSED;
}

/* Gives the SSL what the scratch holds, and fills it when it is empty. */
static int bio_read(BIO *bio, char *out, int len)
{
    struct tc_connection *connection = BIO_get_data(bio);
    struct tc_scratch *scratch = connection->scratch;
    BIO_clear_retry_flags(bio);
    if (len <= 0) {
        return 0;
    }
    if (scratch->in_position == scratch->in_len) {
        scratch->in_position = 0;
        scratch->in_len = tc_connection_read(connection, scratch->in, sizeof scratch->in);
    }
    size_t left = scratch->in_len - scratch->in_position;
    if (left == 0) {
        if (connection->end == TC_CONNECTION_OPEN) {
            BIO_set_retry_read(bio);
            return -1;
        }
        return connection->end == TC_CONNECTION_EOF ? 0 : -1;
    }
    size_t taken = left < (size_t)len ? left : (size_t)len;
    memcpy(out, scratch->in + scratch->in_position, taken);
    scratch->in_position += taken;
    return (int)taken;
}

static int bio_write(BIO *bio, const char *bytes, int len)
{
    struct tc_connection *connection = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (len <= 0 || !tc_connection_write(connection, (const uint8_t *)bytes, (size_t)len)) {
        return -1;
    }
    return len;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* the connection flushes when the drive ends */
}

enum tc_status tc_connection_bio_method_new(BIO_METHOD **out)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index(), "tlscensus connection");
    if (method == NULL) {
        return TC_ERR_NOMEM;
    }
    if (!BIO_meth_set_read(method, bio_read) || !BIO_meth_set_write(method, bio_write) ||
        !BIO_meth_set_ctrl(method, bio_control)) {
        BIO_meth_free(method);
        return TC_ERR_TLS;
    }
    *out = method;
    return TC_OK;
}
