#include "cli/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/signals.h"
#include "tlscensus/report.h"
#include "tlscensus/thread.h"

#define LOOK_MS   50 /* how often it is asked what is new, and whether anybody still wants it */
#define NS_PER_MS 1000000L

struct cli_stream {
    char *path; /* NULL for standard output */
    int fd;
    bool owns_fd;
    bool is_made; /* there was no such file */
    bool is_regular;
    bool has_begun; /* the thread was started */
    bool is_joined;
    int stops; /* that were asked for when the end was told */
    struct tc_output *output;
    struct tc_stream *rows;
    pthread_t thread;
    atomic_bool is_last;   /* nothing more will be committed */
    atomic_bool is_closed; /* and the scan has its end; set before is_last */
    atomic_bool is_cut;
    bool has_left;         /* the thread's own */
    enum tc_status status; /* the thread's, until the state says that it has ended */
    struct tc_error error;
    atomic_int state; /* enum cli_stream_state */
};

static const char *name_of(const struct cli_stream *stream)
{
    return stream->path != NULL ? stream->path : "standard output";
}

/* ---- where it goes ---- */

static void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * NS_PER_MS};
    (void)nanosleep(&pause, NULL);
}

/*
 * What O_EXCL makes was not there, not even as a link that leads nowhere: that alone is ours to
 * remove. A FIFO without a reader says ENXIO: its reader may come later.
 */
static enum tc_status open_path(struct cli_stream *stream, struct tc_error *error)
{
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK;
    struct stat facts;
    stream->fd = open(stream->path, flags | O_EXCL, 0666);
    stream->is_made = stream->fd >= 0;
    bool is_fifo = !stream->is_made && stat(stream->path, &facts) == 0 && S_ISFIFO(facts.st_mode);
    while (stream->fd < 0 && (stream->fd = open(stream->path, flags, 0666)) < 0 && errno == ENXIO &&
           is_fifo) {
        if (cli_signals_stops() > 0) {
            return TC_ERR_CANCELLED;
        }
        sleep_ms(LOOK_MS);
    }
    if (stream->fd < 0) {
        return tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s", stream->path,
                       strerror(errno));
    }
    stream->owns_fd = true;
    return TC_OK;
}

/*
 * A pipe that others write into may have no room any more by the time poll() has told of it, so
 * write() must not wait. O_NONBLOCK belongs to the open file, which standard output shares with who
 * started us: the pipe is opened once more. Where that cannot be (no /proc, another user's pipe),
 * poll() has to do; it does for a pipe that is ours alone.
 */
static void open_again(struct cli_stream *stream)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", stream->fd);
    int fd = open(name, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) {
        stream->fd = fd;
        stream->owns_fd = true;
    }
}

static void open_stdout(struct cli_stream *stream)
{
    struct stat facts;
    stream->fd = STDOUT_FILENO;
    if (fstat(stream->fd, &facts) == 0 && S_ISFIFO(facts.st_mode)) {
        open_again(stream);
    }
}

enum tc_status cli_stream_open(struct cli_stream **out, const char *path, struct tc_error *error)
{
    struct stat facts;
    bool to_stdout = path == NULL || strcmp(path, "-") == 0;
    enum tc_status status = TC_OK;
    struct cli_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    stream->fd = -1;
    stream->path = to_stdout ? NULL : strdup(path);
    if (to_stdout) {
        open_stdout(stream);
    } else {
        status = stream->path != NULL ? open_path(stream, error) : TC_ERR_NOMEM;
    }
    if (status == TC_OK && fstat(stream->fd, &facts) != 0) {
        status = tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s", name_of(stream),
                         strerror(errno));
    }
    if (status != TC_OK) {
        cli_stream_free(stream);
        return status;
    }
    stream->is_regular = S_ISREG(facts.st_mode);
    *out = stream;
    return TC_OK;
}

bool cli_stream_is_file(const struct cli_stream *stream, const char *path)
{
    struct stat ours;
    struct stat theirs;
    int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &theirs) : stat(path, &theirs);
    return stream->is_regular && failed == 0 && fstat(stream->fd, &ours) == 0 &&
           ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

bool cli_stream_is_stdout(const struct cli_stream *stream)
{
    struct stat ours;
    struct stat theirs;
    return stream->path == NULL ||
           (fstat(stream->fd, &ours) == 0 && fstat(STDOUT_FILENO, &theirs) == 0 &&
            ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev);
}

bool cli_stream_is_terminal(const struct cli_stream *stream)
{
    return isatty(stream->fd) == 1;
}

/* ---- the thread ---- */

/*
 * For tc_output: waits for the reader as long as anybody wants the rest. What poll() promises of a
 * pipe is room for PIPE_BUF; to write more might wait without an end.
 */
static int put(void *context, const char *bytes, size_t len)
{
    struct cli_stream *stream = context;
    size_t most = stream->is_regular ? len : PIPE_BUF;
    while (len > 0) {
        struct pollfd room = {.fd = stream->fd, .events = POLLOUT};
        if (atomic_load(&stream->is_cut)) {
            return ECANCELED;
        }
        if (poll(&room, 1, LOOK_MS) <= 0) {
            continue;
        }
        ssize_t written = write(stream->fd, bytes, len < most ? len : most);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            stream->has_left = errno == EPIPE || errno == ECONNRESET;
            return errno;
        }
    }
    return 0;
}

/* Until it is time to look again. A pipe says at once that its reader is gone. */
static void rest(struct cli_stream *stream)
{
    struct pollfd reader = {.fd = stream->fd};
    if (poll(&reader, 1, LOOK_MS) > 0) {
        stream->has_left = (reader.revents & (POLLERR | POLLHUP)) != 0;
    }
}

static bool is_over(const struct cli_stream *stream)
{
    return stream->has_left || atomic_load(&stream->is_cut) || tc_output_failed(stream->output);
}

static enum tc_status send_rows(struct cli_stream *stream)
{
    enum tc_status status = TC_OK;
    while (!is_over(stream)) {
        bool is_last = atomic_load(&stream->is_last); /* before the look that finds nothing more */
        status = tc_stream_more(stream->rows, &stream->error);
        if (status == TC_ERR_END && is_last) {
            return TC_OK;
        }
        if (status == TC_ERR_END) {
            rest(stream);
        } else if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

/* What is left in the kernel's hands: a file is safe once it says so. */
static enum tc_status settle(struct cli_stream *stream)
{
    if (stream->is_regular && fsync(stream->fd) != 0 && errno != EINVAL) {
        return tc_fail(&stream->error, TC_ERR_IO, "%s: cannot be written: %s", name_of(stream),
                       strerror(errno));
    }
    return TC_OK;
}

static enum cli_stream_state end_state(const struct cli_stream *stream)
{
    if (stream->has_left) {
        return CLI_STREAM_LEFT;
    }
    if (atomic_load(&stream->is_cut)) {
        return CLI_STREAM_CUT;
    }
    return stream->status == TC_OK ? CLI_STREAM_DONE : CLI_STREAM_FAILED;
}

static void *stream_main(void *argument)
{
    struct cli_stream *stream = argument;
    enum tc_status status = send_rows(stream);
    if (status == TC_OK && !is_over(stream) && atomic_load(&stream->is_closed)) {
        status = tc_stream_end(stream->rows, &stream->error);
    }
    tc_stream_close(stream->rows); /* with it the connection: the writer may tidy the file */
    stream->rows = NULL;
    enum tc_status written = tc_output_commit(stream->output, &stream->error);
    stream->output = NULL;
    if (status == TC_OK) {
        status = written != TC_OK ? written : settle(stream);
    }
    stream->status = status;
    atomic_store(&stream->state, (int)end_state(stream));
    return NULL;
}

/* ---- life ---- */

enum tc_status cli_stream_start(struct cli_stream *stream, const char *db, int64_t scan_id,
                                struct tc_error *error)
{
    if (stream->path != NULL && stream->is_regular && ftruncate(stream->fd, 0) != 0) {
        return tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s", stream->path,
                       strerror(errno));
    }
    enum tc_status status =
        tc_output_open_sink(&stream->output, name_of(stream), put, stream, error);
    if (status == TC_OK) {
        status = tc_stream_open(&stream->rows, stream->output, db, scan_id, error);
    }
    if (status == TC_OK && tc_thread_start(&stream->thread, stream_main, stream) != 0) {
        status =
            tc_fail(error, TC_ERR_NOMEM, "%s: no thread can be made to write it", name_of(stream));
    }
    stream->has_begun = status == TC_OK;
    return status;
}

enum cli_stream_state cli_stream_state(const struct cli_stream *stream)
{
    return (enum cli_stream_state)atomic_load(&stream->state);
}

enum tc_status cli_stream_status(const struct cli_stream *stream, struct tc_error *error)
{
    if (cli_stream_state(stream) != CLI_STREAM_FAILED) {
        return TC_OK;
    }
    *error = stream->error;
    return stream->status;
}

static void join(struct cli_stream *stream)
{
    if (stream->has_begun && !stream->is_joined) {
        pthread_join(stream->thread, NULL);
        stream->is_joined = true;
    }
}

void cli_stream_last(struct cli_stream *stream, bool is_closed)
{
    stream->stops = cli_signals_stops();
    atomic_store(&stream->is_closed, is_closed);
    atomic_store(&stream->is_last, true);
}

bool cli_stream_wait(struct cli_stream *stream, unsigned timeout_ms)
{
    int64_t until_us = cli_monotonic_us() + (int64_t)timeout_ms * 1000;
    if (!stream->has_begun || !atomic_load(&stream->is_last)) {
        return true;
    }
    while (cli_stream_state(stream) == CLI_STREAM_RUNS) {
        if (cli_signals_stops() > stream->stops) {
            atomic_store(&stream->is_cut, true);
        } else if (timeout_ms > 0 && cli_monotonic_us() >= until_us) {
            return false;
        }
        sleep_ms(LOOK_MS / 5);
    }
    join(stream);
    return true;
}

void cli_stream_free(struct cli_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    atomic_store(&stream->is_cut, true);
    join(stream);
    tc_stream_close(stream->rows);
    tc_output_discard(stream->output);
    if (stream->owns_fd) {
        (void)close(stream->fd);
    }
    if (stream->is_made && !stream->has_begun) {
        (void)unlink(stream->path);
    }
    free(stream->path);
    free(stream);
}
