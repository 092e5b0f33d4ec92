#define _XOPEN_SOURCE 700 /* realpath() is XSI, not base POSIX */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlscensus/buf.h"
#include "tlscensus/report.h"

#define OUTPUT_BUFFER_BYTES ((size_t)64 * 1024)
#define OUTPUT_NAME_TRIES   100U
#define OUTPUT_MEMORY_MAX   ((size_t)1 << 30) /* tests never come near */

struct tc_output {
    char *buffer; /* OUTPUT_BUFFER_BYTES; unused by an output into memory */
    size_t used;
    int fd;           /* -1 for memory */
    bool owns_fd;     /* false for standard output */
    char *name;       /* what to call it in an error */
    char *path;       /* where the finished file goes; NULL where it is written in place */
    char *temporary;  /* beside `path`, until the rename */
    int error_number; /* errno of the first failure, 0 for none */
    bool in_memory;
    struct tc_buf memory;
    tc_output_sink sink; /* takes the bytes in place of a descriptor; NULL for none */
    void *context;
};

static void output_free(struct tc_output *output)
{
    if (output->owns_fd && output->fd >= 0) {
        close(output->fd);
    }
    free(output->buffer);
    free(output->name);
    free(output->path);
    free(output->temporary);
    tc_buf_cleanup(&output->memory);
    free(output);
}

static struct tc_output *output_new(const char *name)
{
    struct tc_output *output = calloc(1, sizeof *output);
    if (output == NULL) {
        return NULL;
    }
    output->fd = -1;
    tc_buf_init(&output->memory, OUTPUT_MEMORY_MAX);
    output->name = strdup(name);
    output->buffer = malloc(OUTPUT_BUFFER_BYTES);
    if (output->name == NULL || output->buffer == NULL) {
        output_free(output);
        return NULL;
    }
    return output;
}

/* Makes a file beside output->path whose name nobody has; the umask decides who may read it. */
static enum tc_status output_create_temporary(struct tc_output *output, struct tc_error *error)
{
    size_t size = strlen(output->path) + 48;
    output->temporary = malloc(size);
    if (output->temporary == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", output->name);
    }
    for (unsigned i = 0; i < OUTPUT_NAME_TRIES && output->fd < 0; i++) {
        snprintf(output->temporary, size, "%s.%ld-%u.part", output->path, (long)getpid(), i);
        output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (output->fd < 0) {
        enum tc_status status =
            tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s", output->name, strerror(errno));
        free(output->temporary);
        output->temporary = NULL; /* nothing of ours is there to remove */
        return status;
    }
    return TC_OK;
}

/* Chooses between a file that is replaced whole and one that is written in place (a device). */
static enum tc_status output_open_path(struct tc_output *output, struct tc_error *error)
{
    struct stat info;
    bool exists = stat(output->name, &info) == 0;
    output->owns_fd = true;
    if (output->name[0] == '\0') {
        return tc_fail(error, TC_ERR_IO,
                       "the output file has no name: name one, or - for standard output");
    }
    if (exists && S_ISDIR(info.st_mode)) {
        return tc_fail(error, TC_ERR_IO, "%s: is a directory; name a file in it", output->name);
    }
    if (exists && !S_ISREG(info.st_mode)) {
        output->fd = open(output->name, O_WRONLY | O_CLOEXEC);
        return output->fd >= 0 ? TC_OK
                               : tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s",
                                         output->name, strerror(errno));
    }
    /* A symbolic link stays one: what it points to is replaced. */
    output->path = exists ? realpath(output->name, NULL) : strdup(output->name);
    if (output->path == NULL) {
        return tc_fail(error, TC_ERR_IO, "%s: %s", output->name, strerror(errno));
    }
    enum tc_status status = output_create_temporary(output, error);
    if (status == TC_OK && exists && fchmod(output->fd, info.st_mode & 0777) != 0) {
        status = tc_fail(error, TC_ERR_IO, "%s: its permissions cannot be kept: %s", output->name,
                         strerror(errno));
    }
    return status;
}

enum tc_status tc_output_open(struct tc_output **out, const char *path, struct tc_error *error)
{
    bool to_stdout = path == NULL || strcmp(path, "-") == 0;
    struct tc_output *output = output_new(to_stdout ? "standard output" : path);
    if (output == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    if (to_stdout) {
        output->fd = STDOUT_FILENO;
    } else {
        enum tc_status status = output_open_path(output, error);
        if (status != TC_OK) {
            tc_output_discard(output);
            return status;
        }
    }
    *out = output;
    return TC_OK;
}

enum tc_status tc_output_open_memory(struct tc_output **out)
{
    struct tc_output *output = output_new("memory");
    if (output == NULL) {
        return TC_ERR_NOMEM;
    }
    output->in_memory = true;
    *out = output;
    return TC_OK;
}

enum tc_status tc_output_open_sink(struct tc_output **out, const char *name, tc_output_sink sink,
                                   void *context, struct tc_error *error)
{
    struct tc_output *output = output_new(name);
    if (output == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", name);
    }
    output->sink = sink;
    output->context = context;
    *out = output;
    return TC_OK;
}

/* A new file in `folder` that is gone with its descriptor; -1 where it cannot be made. */
static int open_nameless(const char *folder, size_t folder_len)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%.*s/tlscensus-XXXXXX", (int)folder_len, folder);
    int fd = len > 0 && (size_t)len < sizeof path ? mkstemp(path) : -1;
    if (fd >= 0) {
        (void)unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

static int open_aside(const struct tc_output *beside)
{
    const char *const folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp", "."};
    int fd = -1;
    if (beside->path != NULL) {
        const char *slash = strrchr(beside->path, '/');
        const char *folder = slash != NULL ? beside->path : ".";
        return open_nameless(folder, slash != NULL ? (size_t)(slash - beside->path) : 1);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(folders) && fd < 0; i++) {
        fd = folders[i] != NULL ? open_nameless(folders[i], strlen(folders[i])) : -1;
    }
    return fd;
}

enum tc_status tc_output_open_aside(struct tc_output **out, const struct tc_output *beside,
                                    struct tc_error *error)
{
    struct tc_output *aside = output_new(beside->name);
    if (aside == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", beside->name);
    }
    aside->in_memory = beside->in_memory;
    aside->owns_fd = true;
    if (!aside->in_memory && (aside->fd = open_aside(beside)) < 0) {
        enum tc_status status = tc_fail(
            error, TC_ERR_IO, "%s: no temporary file can be made for it: %s%s", beside->name,
            strerror(errno), beside->path == NULL ? "; name a folder with room in TMPDIR" : "");
        output_free(aside);
        return status;
    }
    *out = aside;
    return TC_OK;
}

const char *tc_output_memory(const struct tc_output *output, size_t *out_len)
{
    *out_len = output->memory.len;
    return output->memory.data != NULL ? output->memory.data : "";
}

/* Hands bytes to the operating system, or to memory; the first failure is remembered. */
static void output_emit(struct tc_output *output, const char *bytes, size_t len)
{
    if (output->in_memory) {
        if (tc_buf_add(&output->memory, bytes, len) != TC_OK) {
            output->error_number = ENOMEM;
        }
        return;
    }
    if (output->sink != NULL) {
        output->error_number = output->sink(output->context, bytes, len);
        return;
    }
    while (len > 0 && output->error_number == 0) {
        ssize_t written = write(output->fd, bytes, len);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
        } else if (errno != EINTR) {
            output->error_number = errno;
        }
    }
}

void tc_output_flush(struct tc_output *output)
{
    if (output->error_number == 0 && output->used > 0) {
        output_emit(output, output->buffer, output->used);
    }
    output->used = 0;
}

void tc_output_write(struct tc_output *output, const char *bytes, size_t len)
{
    if (output->error_number != 0) {
        return;
    }
    if (output->in_memory || len >= OUTPUT_BUFFER_BYTES) {
        tc_output_flush(output);
        output_emit(output, bytes, len);
        return;
    }
    if (len > OUTPUT_BUFFER_BYTES - output->used) {
        tc_output_flush(output);
    }
    memcpy(output->buffer + output->used, bytes, len);
    output->used += len;
}

void tc_output_append(struct tc_output *output, struct tc_output *aside)
{
    if (aside->in_memory) {
        size_t len = 0;
        const char *bytes = tc_output_memory(aside, &len);
        tc_output_write(output, bytes, len);
        return;
    }
    tc_output_flush(aside);
    ssize_t len = 0;
    if (aside->error_number == 0 && lseek(aside->fd, 0, SEEK_SET) != 0) {
        aside->error_number = errno;
    }
    while (aside->error_number == 0 &&
           (len = read(aside->fd, aside->buffer, OUTPUT_BUFFER_BYTES)) != 0) {
        if (len > 0) {
            tc_output_write(output, aside->buffer, (size_t)len);
        } else if (errno != EINTR) {
            aside->error_number = errno;
        }
    }
    if (output->error_number == 0) {
        output->error_number = aside->error_number;
    }
}

void tc_output_str(struct tc_output *output, const char *text)
{
    tc_output_write(output, text, strlen(text));
}

void tc_output_printf(struct tc_output *output, const char *format, ...)
{
    char small[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (len < 0) {
        output->error_number = EINVAL;
        return;
    }
    if ((size_t)len < sizeof small) {
        tc_output_write(output, small, (size_t)len);
        return;
    }
    char *large = malloc((size_t)len + 1);
    if (large == NULL) {
        output->error_number = ENOMEM;
        return;
    }
    va_start(arguments, format);
    vsnprintf(large, (size_t)len + 1, format, arguments);
    va_end(arguments);
    tc_output_write(output, large, (size_t)len);
    free(large);
}

bool tc_output_failed(const struct tc_output *output)
{
    return output->error_number != 0;
}

/* The rename itself is on disk only once the directory is; a failure here loses no byte. */
static void output_sync_directory(const char *path)
{
    char *directory = strdup(path);
    if (directory == NULL) {
        return;
    }
    char *slash = strrchr(directory, '/');
    if (slash != NULL) {
        slash[slash == directory ? 1 : 0] = '\0';
    }
    int fd = open(slash != NULL ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(directory);
}

/* From a complete temporary file to the named one. */
static void output_publish(struct tc_output *output)
{
    if (output->path == NULL || output->error_number != 0) {
        return;
    }
    /* EINVAL: a file system that has no fsync; the bytes are as safe as it makes them. */
    if (fsync(output->fd) != 0 && errno != EINVAL) {
        output->error_number = errno;
        return;
    }
    int closed = close(output->fd);
    output->fd = -1;
    if (closed != 0 || rename(output->temporary, output->path) != 0) {
        output->error_number = errno;
        return;
    }
    output_sync_directory(output->path);
    free(output->temporary);
    output->temporary = NULL;
}

enum tc_status tc_output_commit(struct tc_output *output, struct tc_error *error)
{
    tc_output_flush(output);
    output_publish(output);
    enum tc_status status = TC_OK;
    if (output->error_number != 0) {
        status = tc_fail(error, TC_ERR_IO, "%s: cannot be written: %s%s", output->name,
                         strerror(output->error_number),
                         output->error_number == ENOSPC ? "; free some space and repeat" : "");
    }
    tc_output_discard(output);
    return status;
}

void tc_output_discard(struct tc_output *output)
{
    if (output == NULL) {
        return;
    }
    if (output->temporary != NULL) {
        (void)unlink(output->temporary);
    }
    output_free(output);
}
