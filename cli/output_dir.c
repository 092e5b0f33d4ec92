/* renameat2() and flock() are Linux's own. */
#define _GNU_SOURCE
#include "cli/output_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Names that no reader takes for a set. Whoever holds the lock on the folder owns them. */
#define NEW_SET    ".tlscensus-new"
#define NEW_LATEST ".tlscensus-latest"
#define PROBE      ".tlscensus-probe-XXXXXX"

#define LOCK_PAUSE_MS 100
#define LOCK_TRIES    600U

static enum tc_status fail(struct tc_error *error, const char *path, const char *what)
{
    return tc_fail(error, TC_ERR_IO, "%s: %s: %s%s", path, what, strerror(errno),
                   errno == ENOSPC ? "; free some space and repeat" : "");
}

/* ---- before ---- */

/* A real try: permissions alone do not tell of a medium that is read-only. */
static enum tc_status try_to_write(const char *path, struct tc_error *error)
{
    char probe[CLI_OUTPUT_PATH_MAX];
    int len = snprintf(probe, sizeof probe, "%s/" PROBE, path);
    if (len < 0 || (size_t)len >= sizeof probe) {
        errno = ENAMETOOLONG;
        return fail(error, path, "nothing can be written there");
    }
    if (mkdtemp(probe) == NULL) {
        return fail(error, path, "nothing can be written there");
    }
    (void)rmdir(probe);
    return TC_OK;
}

enum tc_status cli_output_dir_check(const char *path, struct tc_error *error)
{
    char latest[CLI_OUTPUT_PATH_MAX];
    struct stat info;
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        return fail(error, path, "cannot be made");
    }
    if (stat(path, &info) != 0) {
        return fail(error, path, "cannot be used");
    }
    if (!S_ISDIR(info.st_mode)) {
        return tc_fail(error, TC_ERR_IO, "%s: is no folder", path);
    }
    snprintf(latest, sizeof latest, "%s/latest", path);
    if (lstat(latest, &info) == 0 && !S_ISLNK(info.st_mode)) {
        return tc_fail(error, TC_ERR_IO, "%s: is in the way of the link of that name: move it",
                       latest);
    }
    return try_to_write(path, error);
}

/* ---- a set ---- */

/* Removes a folder with all that is in it, also what somebody else has put there; one that is not
 * there is fine. */
static void remove_set(int directory, const char *name) /* NOLINT(misc-no-recursion): folders end */
{
    int folder = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = folder >= 0 ? fdopendir(folder) : NULL;
    const struct dirent *entry = NULL;
    while (listing != NULL && (entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (unlinkat(folder, entry->d_name, 0) != 0 && errno == EISDIR) {
            remove_set(folder, entry->d_name);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    } else if (folder >= 0) {
        close(folder);
    }
    (void)unlinkat(directory, name, AT_REMOVEDIR);
}

/*
 * The new set takes the name; an old one of that name has NEW_SET then. Where the file system
 * cannot exchange two names, the old one leaves first, and for a moment there is none.
 */
static bool place_set(int directory, const char *name)
{
    if (renameat(directory, NEW_SET, directory, name) == 0) {
        return true;
    }
    if (errno != EEXIST && errno != ENOTEMPTY) {
        return false;
    }
    if (renameat2(directory, NEW_SET, directory, name, RENAME_EXCHANGE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    remove_set(directory, name);
    return renameat(directory, NEW_SET, directory, name) == 0;
}

/* The link under another name, before the set is there: what can fail about it fails now. */
static bool make_latest(int directory, const char *name)
{
    (void)unlinkat(directory, NEW_LATEST, 0);
    return symlinkat(name, directory, NEW_LATEST) == 0;
}

/* What a directory says is on disk only once it was told so; some file systems cannot be. */
static void sync_folder(int directory, const char *name)
{
    int folder = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        close(folder);
    }
}

/* Waits for its turn; on a medium that knows no locks everybody has it. */
static enum tc_status lock_folder(int directory, const char *path, struct tc_error *error)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    for (unsigned tries = 0; flock(directory, LOCK_EX | LOCK_NB) != 0; tries++) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return TC_OK;
        }
        if (tries == LOCK_TRIES) {
            return tc_fail(error, TC_ERR_BUSY,
                           "%s: another tlscensus has been writing there for a minute", path);
        }
        nanosleep(&pause, NULL);
    }
    return TC_OK;
}

static enum tc_status make_set(int directory, const char *path, const char *name, bool is_latest,
                               cli_output_fill fill, const void *context, struct tc_error *error)
{
    char folder[CLI_OUTPUT_PATH_MAX];
    snprintf(folder, sizeof folder, "%s/" NEW_SET, path);
    if (mkdirat(directory, NEW_SET, 0777) != 0) {
        return fail(error, path, "cannot be written to");
    }
    enum tc_status status = fill(context, folder, error);
    if (status != TC_OK) {
        return status;
    }
    sync_folder(directory, NEW_SET);
    if (is_latest && !make_latest(directory, name)) {
        return fail(error, path, "the link latest cannot be made");
    }
    if (!place_set(directory, name)) {
        (void)unlinkat(directory, NEW_LATEST, 0);
        return fail(error, path, name);
    }
    if (is_latest && renameat(directory, NEW_LATEST, directory, "latest") != 0) {
        return fail(error, path, "the link latest cannot be put in place");
    }
    sync_folder(directory, ".");
    return TC_OK;
}

enum tc_status cli_output_dir_write(const char *path, const char *name, bool is_latest,
                                    cli_output_fill fill, const void *context,
                                    struct tc_error *error)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return fail(error, path, "cannot be used");
    }
    enum tc_status status = lock_folder(directory, path, error);
    if (status == TC_OK) {
        remove_set(directory, NEW_SET); /* of a program that was killed */
        status = make_set(directory, path, name, is_latest, fill, context, error);
        remove_set(directory, NEW_SET); /* what did not become one, or was replaced */
    }
    close(directory);
    return status;
}
