#define _GNU_SOURCE /* memfd_create, environ */
#include "cli/on_change.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/signals.h"
#include "tlscensus/report.h"

#define WORTH_A_MAIL 1       /* the least severity that `diff` tells */
#define GRACE_US     2000000 /* from SIGTERM to SIGKILL */
#define LOOK_NS      10000000
#define NO_STOPS     INT_MAX /* what it does in answer to SIGTERM is not hurried */

/* A file in memory, so that the program may read as slowly as it likes. -1 with `errno`. */
static int file_of(const char *bytes, size_t len)
{
    int file = memfd_create("tlscensus-changes", MFD_CLOEXEC);
    size_t done = 0;
    while (file >= 0 && done < len) {
        ssize_t written = write(file, bytes + done, len - done);
        if (written < 0 && errno != EINTR) {
            int reason = errno;
            (void)close(file);
            errno = reason;
            return -1;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    if (file >= 0) {
        (void)lseek(file, 0, SEEK_SET);
    }
    return file;
}

static enum tc_status changes_file(int *out, struct tc_store *store, int64_t scan_id,
                                   struct tc_error *error)
{
    struct tc_output *output = NULL;
    size_t len = 0;
    enum tc_status status = tc_output_open_memory(&output);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_changes_json(output, store, scan_id, WORTH_A_MAIL, false, error);
    if (status == TC_OK) {
        const char *bytes = tc_output_memory(output, &len);
        *out = file_of(bytes, len);
        if (*out < 0) {
            status = tc_fail(error, TC_ERR_IO, "--on-change: %s", strerror(errno));
        }
    }
    tc_output_discard(output);
    return status;
}

/* Our signals are not its: those that we ignore or wait for have their own meaning there again. */
static int spawn(pid_t *out, const char *program, int input, int output)
{
    extern char **environ;
    char *arguments[] = {strdup(program), NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    if (arguments[0] == NULL) {
        return ENOMEM;
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (output != STDOUT_FILENO) {
        (void)posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    }
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)sigfillset(&signals);
    (void)posix_spawnattr_setsigdefault(&attributes, &signals);
    (void)sigemptyset(&signals);
    (void)posix_spawnattr_setsigmask(&attributes, &signals);
    int failed = posix_spawn(out, program, &actions, &attributes, arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(arguments[0]);
    return failed;
}

/* True where it ended before `until_us` and before a stop was asked for more than `stops` times. */
static bool ends_until(pid_t child, int64_t until_us, int stops, int *out_status)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    for (;;) {
        if (waitpid(child, out_status, WNOHANG) == child) {
            return true;
        }
        if (cli_monotonic_us() >= until_us || cli_signals_stops() > stops) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
}

static enum tc_status judge(const char *program, int status, struct tc_error *error)
{
    if (WIFSIGNALED(status)) {
        return tc_fail(error, TC_ERR_IO, "--on-change %s: was ended by signal %d (%s)", program,
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        return tc_fail(error, TC_ERR_IO, "--on-change %s: ended with %d", program,
                       WEXITSTATUS(status));
    }
    return TC_OK;
}

/* Its whole process group: what it has started in the background too. */
static enum tc_status stop(const char *program, pid_t child, unsigned timeout_ms, int stops,
                           struct tc_error *error)
{
    int status = 0;
    (void)kill(-child, SIGTERM);
    if (!ends_until(child, cli_monotonic_us() + GRACE_US, NO_STOPS, &status)) {
        (void)kill(-child, SIGKILL);
        (void)waitpid(child, &status, 0);
    }
    (void)kill(-child, SIGKILL);
    if (cli_signals_stops() > stops) {
        return tc_fail(error, TC_ERR_IO, "--on-change %s: was stopped with us", program);
    }
    return tc_fail(error, TC_ERR_IO,
                   "--on-change %s: was not done after %g seconds and was stopped", program,
                   timeout_ms / 1000.0);
}

static enum tc_status run(const char *program, int input, int output, unsigned timeout_ms,
                          struct tc_error *error)
{
    pid_t child = 0;
    int status = 0;
    int stops = cli_signals_stops(); /* an earlier one was not about this program */
    (void)signal(SIGCHLD, SIG_DFL); /* who started us may have ignored it: then nobody could wait */
    int failed = spawn(&child, program, input, output);
    if (failed != 0) {
        return tc_fail(error, TC_ERR_IO, "--on-change %s: cannot be run: %s", program,
                       strerror(failed));
    }
    if (!ends_until(child, cli_monotonic_us() + (int64_t)timeout_ms * 1000, stops, &status)) {
        return stop(program, child, timeout_ms, stops, error);
    }
    return judge(program, status, error);
}

enum tc_status cli_on_change_check(const char *program, struct tc_error *error)
{
    struct stat facts;
    if (stat(program, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        return tc_fail(error, TC_ERR_INPUT, "--on-change %s: is a directory", program);
    }
    if (access(program, X_OK) != 0) {
        return tc_fail(error, TC_ERR_INPUT, "--on-change %s: cannot be run: %s", program,
                       strerror(errno));
    }
    return TC_OK;
}

enum tc_status cli_on_change(struct tc_store *store, int64_t scan_id, const char *program,
                             unsigned timeout_ms, int output, struct tc_error *error)
{
    uint64_t num_changes = 0;
    int input = -1;
    enum tc_status status = tc_report_diff_count(&num_changes, store, scan_id, WORTH_A_MAIL, error);
    if (status != TC_OK || num_changes == 0) {
        return status;
    }
    status = changes_file(&input, store, scan_id, error);
    if (status == TC_OK) {
        status = run(program, input, output, timeout_ms, error);
        (void)close(input);
    }
    return status;
}
