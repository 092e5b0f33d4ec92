#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum tc_status tc_text_file_read(struct tc_buf *out, const char *path, struct tc_error *error)
{
    char block[4096];
    struct stat file;
    ssize_t got = 0;
    enum tc_status status = TC_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us */
    if (fd < 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: not a regular file", path);
        goto done;
    }
    while (status == TC_OK && (got = read(fd, block, sizeof block)) != 0) {
        if (got > 0) {
            status = tc_buf_add(out, block, (size_t)got);
        } else if (errno != EINTR) {
            status = tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
        }
    }
    if (status == TC_ERR_LIMIT) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: longer than %zu bytes", path, out->max_len);
    } else if (status == TC_ERR_NOMEM) {
        (void)tc_fail(error, status, "%s: out of memory", path);
    }

done:
    close(fd);
    return status;
}

/* Length of the UTF-8 character at `at` (RFC 3629), 0 where there is none. */
static size_t character_len(const unsigned char *at, size_t left)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = at[0] < 0x80             ? 1
                 : (at[0] & 0xe0) == 0xc0 ? 2
                 : (at[0] & 0xf0) == 0xe0 ? 3
                 : (at[0] & 0xf8) == 0xf0 ? 4
                                          : 0;
    if (len == 0 || len > left) {
        return 0;
    }
    uint32_t code = len == 1 ? at[0] : at[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fU);
    }
    bool is_bad = code < lowest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
    return is_bad ? 0 : len;
}

enum tc_status tc_text_check(const char *path, const char *text, size_t len, struct tc_error *error)
{
    unsigned line = 1;
    for (size_t i = 0; i < len;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t step = character_len(at, len - i);
        if (step == 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%u: not UTF-8 text", path, line);
        }
        if ((at[0] < 0x20 && strchr("\t\r\n", at[0]) == NULL) || at[0] == 0x7f || at[0] == 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%u: a control character (0x%02x)", path, line,
                           at[0]);
        }
        line += at[0] == '\n';
        i += step;
    }
    return TC_OK;
}
