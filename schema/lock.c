/* F_OFD_SETLK is Linux's: a lock that belongs to the descriptor, not lost by another close(). */
#define _GNU_SOURCE
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_SUFFIX   "-lock"
#define LOCK_ATTEMPTS 16 /* each but the first means that a writer ended in between */

static char *lock_path_of(const char *real_path)
{
    size_t len = strlen(real_path) + sizeof LOCK_SUFFIX;
    char *path = malloc(len);
    if (path != NULL) {
        snprintf(path, len, "%s" LOCK_SUFFIX, real_path);
    }
    return path;
}

/* The writer before us removes its lock file when it ends: what we hold may have no name. */
static bool is_still_named(int fd, const char *path)
{
    struct stat held;
    struct stat named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

static enum tc_status fail_busy(struct tc_store *store, int fd, struct tc_error *error)
{
    char text[32] = {0};
    long pid = 0;
    if (pread(fd, text, sizeof text - 1, 0) > 0) {
        pid = strtol(text, NULL, 10);
    }
    if (pid > 0) {
        return tc_fail(error, TC_ERR_BUSY,
                       "%s: process %ld is writing to it: wait until it ends, or use another --db",
                       store->path, pid);
    }
    return tc_fail(error, TC_ERR_BUSY,
                   "%s: another process is writing to it: wait until it ends, or use another --db",
                   store->path);
}

/* The holder's process id is for the message of whoever comes second; nothing depends on it. */
static void write_pid(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0) {
        ssize_t written = pwrite(fd, text, (size_t)len, 0);
        (void)written;
    }
}

/* TC_ERR_END: the file lost its name meanwhile, try again. */
static enum tc_status try_lock(struct tc_store *store, struct tc_error *error)
{
    int fd = open(store->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return tc_fail(error, TC_ERR_STORE, "%s: cannot be written: %s: %s", store->path,
                       store->lock_path, strerror(errno));
    }
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    enum tc_status status = TC_OK;
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
        status = errno == EAGAIN || errno == EACCES
                     ? fail_busy(store, fd, error)
                     : tc_fail(error, TC_ERR_STORE, "%s: cannot be locked: %s: %s", store->path,
                               store->lock_path, strerror(errno));
    } else if (!is_still_named(fd, store->lock_path)) {
        status = TC_ERR_END;
    }
    if (status != TC_OK) {
        close(fd);
        return status;
    }
    write_pid(fd);
    store->lock_fd = fd;
    return TC_OK;
}

enum tc_status tc_lock_take(struct tc_store *store, struct tc_error *error)
{
    store->lock_path = lock_path_of(store->real_path);
    if (store->lock_path == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    for (unsigned attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
        enum tc_status status = try_lock(store, error);
        if (status != TC_ERR_END) {
            return status;
        }
    }
    return tc_fail(error, TC_ERR_BUSY, "%s: other processes keep writing to it: try again later",
                   store->path);
}

void tc_lock_drop(struct tc_store *store)
{
    if (store->lock_fd >= 0) {
        unlink(store->lock_path); /* before the lock ends: is_still_named() then tells the next */
        close(store->lock_fd);
        store->lock_fd = -1;
    }
    free(store->lock_path);
    store->lock_path = NULL;
}

bool tc_lock_is_held(const struct tc_store *store)
{
    if (store->lock_fd >= 0) {
        return true;
    }
    char *path = store->real_path != NULL ? lock_path_of(store->real_path) : NULL;
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    free(path);
    if (fd < 0) {
        return false;
    }
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    close(fd);
    return held;
}
