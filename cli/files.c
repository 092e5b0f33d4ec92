#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until `len` bytes or the end; the number read, or -1 with errno. */
static ssize_t read_all(int descriptor, uint8_t *out, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t got = read(descriptor, out + done, len - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

enum tc_status cli_read_file(uint8_t **out, size_t *out_len, const char *path, size_t max_len,
                             struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct stat facts;
    uint8_t *bytes = NULL;
    ssize_t len = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if (!S_ISREG(facts.st_mode)) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: %s", path,
                         S_ISDIR(facts.st_mode) ? "is a directory, not a file" : "is not a file");
        goto done;
    }
    if ((uint64_t)facts.st_size > max_len) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: larger than %zu bytes", path, max_len);
        goto done;
    }
    bytes = malloc((size_t)facts.st_size + 1);
    if (bytes == NULL) {
        status = TC_ERR_NOMEM;
        goto done;
    }
    len = read_all(descriptor, bytes, (size_t)facts.st_size);
    if (len < 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
        goto done;
    }
    *out = bytes;
    *out_len = (size_t)len;
    bytes = NULL;

done:
    free(bytes);
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}
