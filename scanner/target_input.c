#include "target_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

/* Room for a line of the greatest length and as much again, so that bytes move seldom. */
#define INPUT_CAPACITY (TARGET_LINE_MAX * 2)
/* How long a silent pipe is waited for before the question whether to stop. */
#define INPUT_ASK_MS 200

struct target_input {
    char *name;
    int fd; /* -1: memory */
    bool owns_fd;
    bool may_wait; /* a pipe, socket or terminal: reading may take as long as it likes */
    bool (*cancelled)(void *context);
    void *context;
    atomic_bool is_cancelled;
    const char *memory;
    size_t memory_len;
    char *buffer; /* INPUT_CAPACITY bytes */
    size_t start; /* the window is buffer[start, end) */
    size_t end;
    bool at_end;
    char newline;
    uint64_t line;
    SHA256_CTX sha256;
};

static enum tc_status input_new(struct target_input **out, const char *name, struct tc_error *error)
{
    struct target_input *input = calloc(1, sizeof *input);
    if (input != NULL) {
        atomic_init(&input->is_cancelled, false);
        input->fd = -1;
        input->newline = '\n';
        input->line = 1;
        input->name = strdup(name);
        input->buffer = malloc(INPUT_CAPACITY);
        SHA256_Init(&input->sha256);
    }
    if (input == NULL || input->name == NULL || input->buffer == NULL) {
        target_input_free(input);
        tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", name);
        return TC_ERR_NOMEM;
    }
    *out = input;
    return TC_OK;
}

enum tc_status target_input_open_file(struct target_input **out, const char *path,
                                      struct tc_error *error)
{
    struct target_input *input = NULL;
    enum tc_status status = input_new(&input, path, error);
    if (status != TC_OK) {
        return status;
    }
    bool is_stdin = strcmp(path, "-") == 0;
    input->owns_fd = !is_stdin;
    input->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat about = {.st_mode = 0};
    if (input->fd < 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    } else if (fstat(input->fd, &about) != 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    } else if (S_ISDIR(about.st_mode)) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: is a directory; name a file in it", path);
    }
    if (status != TC_OK) {
        target_input_free(input);
        return status;
    }
    input->may_wait = !S_ISREG(about.st_mode);
    *out = input;
    return TC_OK;
}

enum tc_status target_input_open_memory(struct target_input **out, const char *name,
                                        const char *bytes, size_t len, struct tc_error *error)
{
    enum tc_status status = input_new(out, name, error);
    if (status == TC_OK) {
        (*out)->memory = bytes;
        (*out)->memory_len = len;
    }
    return status;
}

void target_input_set_cancelled(struct target_input *input, bool (*cancelled)(void *context),
                                void *context)
{
    input->cancelled = cancelled;
    input->context = context;
}

void target_input_cancel(struct target_input *input)
{
    atomic_store(&input->is_cancelled, true);
}

static bool gives_up(const struct target_input *input)
{
    return atomic_load(&input->is_cancelled) ||
           (input->cancelled != NULL && input->cancelled(input->context));
}

void target_input_free(struct target_input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->owns_fd && input->fd >= 0) {
        close(input->fd);
    }
    free(input->buffer);
    free(input->name);
    free(input);
}

const char *target_input_name(const struct target_input *input)
{
    return input->name;
}

uint64_t target_input_line(const struct target_input *input)
{
    return input->line;
}

char target_input_newline(const struct target_input *input)
{
    return input->newline;
}

struct target_window target_input_window(const struct target_input *input)
{
    return (struct target_window){input->buffer + input->start, input->end - input->start};
}

/* One read of what is there now: a pipe's line is not kept waiting for a full block. */
static ssize_t input_read(struct target_input *input, char *out, size_t room)
{
    if (input->fd < 0) {
        size_t n = input->memory_len < room ? input->memory_len : room;
        memcpy(out, input->memory, n);
        input->memory += n;
        input->memory_len -= n;
        return (ssize_t)n;
    }
    ssize_t n = 0;
    do {
        n = read(input->fd, out, room);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Waits until a read would not; every now and then it asks whether to give up. */
static enum tc_status input_wait(struct target_input *input, struct tc_error *error)
{
    struct pollfd ready = {.fd = input->fd, .events = POLLIN};
    for (;;) {
        if (gives_up(input)) {
            return TC_ERR_CANCELLED;
        }
        int n = input->may_wait ? poll(&ready, 1, INPUT_ASK_MS) : 1;
        if (n > 0) {
            return TC_OK;
        }
        if (n < 0 && errno != EINTR) {
            return tc_fail(error, TC_ERR_IO, "%s: cannot be waited for: %s", input->name,
                           strerror(errno));
        }
    }
}

enum tc_status target_input_more(struct target_input *input, struct tc_error *error)
{
    size_t len = input->end - input->start;
    if (input->at_end) {
        return TC_ERR_END;
    }
    if (len > TARGET_LINE_MAX) {
        return TC_ERR_LIMIT;
    }
    if (input->start > 0) { /* at most a line moves, and only once a block is used up */
        memmove(input->buffer, input->buffer + input->start, len);
        input->start = 0;
        input->end = len;
    }
    enum tc_status status = input_wait(input, error);
    if (status != TC_OK) {
        return status;
    }
    ssize_t n = input_read(input, input->buffer + input->end, INPUT_CAPACITY - input->end);
    if (n < 0) {
        return tc_fail(error, TC_ERR_IO, "%s: cannot be read: %s", input->name, strerror(errno));
    }
    if (n == 0) {
        input->at_end = true;
        return TC_ERR_END;
    }
    SHA256_Update(&input->sha256, input->buffer + input->end, (size_t)n);
    input->end += (size_t)n;
    return TC_OK;
}

void target_input_consume(struct target_input *input, size_t n)
{
    const char *at = input->buffer + input->start;
    const char *end = at + n;
    while (at < end && (at = memchr(at, input->newline, (size_t)(end - at))) != NULL) {
        input->line++;
        at++;
    }
    input->start += n;
}

enum tc_status target_input_line_len(size_t *len, size_t *step, struct target_input *input,
                                     size_t offset, struct tc_error *error)
{
    size_t seen = offset;
    for (;;) {
        struct target_window window = target_input_window(input);
        const char *found = window.len > seen
                                ? memchr(window.bytes + seen, input->newline, window.len - seen)
                                : NULL;
        if (found != NULL) {
            *len = (size_t)(found - window.bytes) - offset;
            *step = *len + 1;
            return *len > TARGET_LINE_MAX ? TC_ERR_LIMIT : TC_OK;
        }
        seen = window.len;
        enum tc_status status = target_input_more(input, error);
        if (status == TC_ERR_END && seen > offset) {
            *len = seen - offset;
            *step = *len;
            return *len > TARGET_LINE_MAX ? TC_ERR_LIMIT : TC_OK;
        }
        if (status != TC_OK) {
            return status;
        }
    }
}

enum tc_status target_input_skip_line(struct target_input *input, struct tc_error *error)
{
    for (;;) {
        struct target_window window = target_input_window(input);
        const char *found = memchr(window.bytes, input->newline, window.len);
        if (found != NULL) {
            target_input_consume(input, (size_t)(found - window.bytes) + 1);
            return TC_OK;
        }
        target_input_consume(input, window.len);
        enum tc_status status = target_input_more(input, error);
        if (status == TC_ERR_END) {
            return TC_OK;
        }
        if (status != TC_OK) {
            return status;
        }
    }
}

/* Files that people hand over by mistake, and what to do with them. */
static const struct magic_row {
    const char *bytes;
    size_t len;
    const char *advice;
} k_magics[] = {
    {"\xFF\xFE", 2, "is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"},
    {"\xFE\xFF", 2, "is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"},
    {"PK\x03\x04", 4, "is a spreadsheet or an archive; save the sheet as CSV"},
    {"\xD0\xCF\x11\xE0", 4, "is a spreadsheet; save the sheet as CSV"},
    {"\x1F\x8B", 2, "is compressed; unpack it, or pipe it in: zcat FILE | tlscensus scan -i -"},
    {"%PDF", 4, "is a PDF; a list is text or CSV"},
    {"SQLite format 3", 15, "is a database; a list is text or CSV"},
};

static enum tc_status refuse_binary(const struct target_input *input, struct tc_error *error)
{
    struct target_window window = target_input_window(input);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_magics); i++) {
        if (window.len >= k_magics[i].len &&
            memcmp(window.bytes, k_magics[i].bytes, k_magics[i].len) == 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s: %s", input->name, k_magics[i].advice);
        }
    }
    const char *nul = memchr(window.bytes, '\0', window.len);
    if (nul == NULL) {
        return TC_OK;
    }
    /* ASCII text in UTF-16 without its mark has a NUL in every second place. */
    bool is_utf16 = window.len >= 4 && nul - window.bytes < 2 &&
                    (window.bytes[0] == '\0') != (window.bytes[1] == '\0') &&
                    (window.bytes[0] == '\0') == (window.bytes[2] == '\0') &&
                    (window.bytes[1] == '\0') == (window.bytes[3] == '\0');
    return tc_fail(error, TC_ERR_INPUT, "%s: %s", input->name,
                   is_utf16 ? k_magics[0].advice : "has NUL bytes; a list is text or CSV");
}

/* Old Macintosh exports break lines with CR alone. One LF, or a CR as the last byte, is no proof.
 */
static char guess_newline(struct target_window window)
{
    const char *cr = memchr(window.bytes, '\r', window.len);
    if (cr == NULL || memchr(window.bytes, '\n', window.len) != NULL ||
        cr == window.bytes + window.len - 1) {
        return '\n';
    }
    return '\r';
}

enum tc_status target_input_begin(struct target_input *input, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    /* The longest magic and a byte more; a shorter list ends before that. */
    while (status == TC_OK && target_input_window(input).len < 16 &&
           memchr(target_input_window(input).bytes, '\n', target_input_window(input).len) == NULL) {
        status = target_input_more(input, error);
    }
    if (status != TC_OK && status != TC_ERR_END) {
        return status;
    }
    status = refuse_binary(input, error);
    if (status != TC_OK) {
        return status;
    }
    struct target_window window = target_input_window(input);
    if (window.len >= 3 && memcmp(window.bytes, "\xEF\xBB\xBF", 3) == 0) {
        target_input_consume(input, 3);
    }
    input->newline = guess_newline(target_input_window(input));
    return TC_OK;
}

void target_input_sha256(uint8_t out[32], const struct target_input *input)
{
    SHA256_CTX copy = input->sha256; /* reading may go on */
    SHA256_Final(out, &copy);
}
