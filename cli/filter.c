#include "cli/filter.h"

#include <dirent.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/commands.h"
#include "cli/signals.h"
#include "cli/temporary_db.h"
#include "tlscensus/buf.h"

#define PATH_LEN  4096
#define MOMENT_MS 1000 /* most readers are done by then, and the store leaves one tidy file */
#define GRACE_MS  5000 /* what --max-duration leaves to a reader when the scan is done */

enum tc_status cli_filter_open(struct cli_filter *filter, struct cli_scan_job *job,
                               struct cli_scan_settings *settings, struct tc_error *error)
{
    unsigned max_ms = settings->max_duration_ms;
    enum tc_status status = cli_scan_filter_check(settings, error);
    filter->job = job;
    if (status != TC_OK || !cli_scan_is_filter(settings) || settings->dry_run) {
        return status;
    }
    filter->deadline_us = max_ms > 0 ? cli_monotonic_us() + (int64_t)max_ms * 1000 : 0;
    status = cli_stream_open(&job->stream, settings->output, error);
    if (status == TC_OK && cli_scan_is_for_once(settings)) {
        status = cli_temporary_db_make(&filter->temporary_db, error);
    }
    if (status == TC_OK && filter->temporary_db != NULL) {
        settings->db = filter->temporary_db;
        job->is_for_once = true;
    }
    if (status == TC_OK && cli_stream_is_terminal(job->stream) && settings->progress == 0) {
        job->shows_progress = false; /* its line would lie among the results */
    }
    return status;
}

/* ---- what is not written over ---- */

static enum tc_status refuse(const char *path, const char *what, struct tc_error *error)
{
    return tc_fail(error, TC_ERR_INPUT,
                   "%s: the scan has it as %s, and the results would go into it: name another file "
                   "with -o",
                   path, what);
}

static enum tc_status check_file(const struct cli_stream *stream, const char *path,
                                 const char *what, struct tc_error *error)
{
    return path != NULL && cli_stream_is_file(stream, path) ? refuse(path, what, error) : TC_OK;
}

static enum tc_status check_lists(const struct cli_stream *stream, const struct cli_list *lists,
                                  struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < lists->num_items && status == TC_OK; i++) {
        status = check_file(stream, lists->items[i], "a list of targets", error);
    }
    return status;
}

static enum tc_status check_folder(const struct cli_stream *stream, const char *path,
                                   const char *what, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    const struct dirent *entry = NULL;
    DIR *folder = path != NULL ? opendir(path) : NULL;
    if (folder == NULL) {
        return TC_OK; /* who reads it says so */
    }
    while (status == TC_OK && (entry = readdir(folder)) != NULL) {
        struct tc_buf name;
        tc_buf_init(&name, PATH_LEN);
        if (tc_buf_addf(&name, "%s/%s", path, entry->d_name) == TC_OK) {
            status = check_file(stream, name.data, what, error);
        }
        tc_buf_cleanup(&name);
    }
    (void)closedir(folder);
    return status;
}

/* And what lies beside it while it is open. */
static enum tc_status check_database(const struct cli_stream *stream, const char *db,
                                     struct tc_error *error)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal", "-lock"};
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(beside) && status == TC_OK; i++) {
        struct tc_buf name;
        tc_buf_init(&name, PATH_LEN);
        if (tc_buf_addf(&name, "%s%s", db, beside[i]) == TC_OK) {
            status = check_file(stream, name.data, "its database", error);
        }
        tc_buf_cleanup(&name);
    }
    return status;
}

enum tc_status cli_filter_check(const struct cli_filter *filter,
                                const struct cli_scan_settings *settings, struct tc_error *error)
{
    const struct cli_stream *stream = filter->job->stream;
    const struct {
        const char *path;
        const char *what;
    } files[] = {
        {cli_config_path(), "its configuration"}, {settings->exclude, "--exclude"},
        {settings->ca_file, "--ca-file"},         {settings->waivers, "--waivers"},
        {settings->on_change, "--on-change"},
    };
    if (stream == NULL) {
        return TC_OK;
    }
    enum tc_status status = check_database(stream, settings->db, error);
    if (status == TC_OK) {
        status = check_lists(stream, &settings->inputs, error);
    }
    for (size_t i = 0; i < settings->groups.num_items && status == TC_OK; i++) {
        status = check_lists(stream, &settings->groups.items[i].inputs, error);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(files) && status == TC_OK; i++) {
        status = check_file(stream, files[i].path, files[i].what, error);
    }
    if (status == TC_OK) {
        status = check_folder(stream, settings->ca_path, "part of --ca-path", error);
    }
    return status == TC_OK ? check_folder(stream, settings->rules, "part of --rules", error)
                           : status;
}

/* ---- what became of it ---- */

static enum cli_stream_state state_of(const struct cli_filter *filter)
{
    const struct cli_scan_job *job = filter->job;
    return job->stream != NULL ? cli_stream_state(job->stream) : CLI_STREAM_DONE;
}

int cli_filter_child_output(const struct cli_filter *filter)
{
    const struct cli_stream *stream = filter->job->stream;
    return stream != NULL && cli_stream_is_stdout(stream) ? STDERR_FILENO : STDOUT_FILENO;
}

bool cli_filter_reader_left(const struct cli_filter *filter)
{
    return state_of(filter) == CLI_STREAM_LEFT;
}

bool cli_filter_was_cut(const struct cli_filter *filter)
{
    return state_of(filter) == CLI_STREAM_CUT;
}

enum tc_status cli_filter_status(const struct cli_filter *filter, struct tc_error *error)
{
    const struct cli_scan_job *job = filter->job;
    struct tc_error reason = {""};
    enum tc_status status = job->stream != NULL ? cli_stream_status(job->stream, &reason) : TC_OK;
    if (status == TC_OK || job->is_for_once) {
        return status == TC_OK ? TC_OK : tc_fail(error, status, "%s", reason.text);
    }
    return tc_fail(error, status,
                   "%s (the scan is stored; tlscensus report --db %s --scan %lld --format jsonl "
                   "writes all of it)",
                   reason.text, job->settings->db, (long long)job->scan_id);
}

/* ---- its end ---- */

static void set_deadline(const struct cli_filter *filter)
{
    if (filter->deadline_us > 0) {
        int64_t left_ms = (filter->deadline_us - cli_monotonic_us()) / 1000;
        cli_signals_stop_after(left_ms > GRACE_MS ? (unsigned)left_ms : GRACE_MS);
    }
}

/* Who only reads may not tidy up behind himself. Another writer that has the lock does it too. */
static void tidy(const char *db)
{
    struct tc_store *store = NULL;
    if (tc_store_open(&store, db, TC_STORE_WRITE, NULL) == TC_OK) {
        tc_store_close(store);
    }
}

void cli_filter_finish(struct cli_filter *filter)
{
    struct cli_scan_job *job = filter->job;
    if (job->stream == NULL) {
        return;
    }
    set_deadline(filter);
    bool is_slow = !cli_stream_wait(job->stream, MOMENT_MS);
    tc_store_close(job->store);
    job->store = NULL;
    if (is_slow) {
        (void)cli_stream_wait(job->stream, 0);
    }
    if (is_slow && !job->is_for_once) {
        tidy(job->settings->db);
    }
}

void cli_filter_cleanup(struct cli_filter *filter)
{
    struct cli_scan_job *job = filter->job;
    if (job == NULL) {
        return;
    }
    cli_stream_free(job->stream);
    job->stream = NULL;
    tc_store_close(job->store);
    job->store = NULL;
    cli_temporary_db_remove(filter->temporary_db);
    filter->temporary_db = NULL;
}
