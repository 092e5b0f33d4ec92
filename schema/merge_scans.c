/* Which scans of a shard are taken, and what becomes of their rows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merging.h"
#include "tlscensus/shard.h"
#include "tlscensus/sql.h"

#define LINES_BYTES_MAX 8192 /* of notices or vantages, joined */
#define SET_TEXT_MAX    65536

/* In the order of merge_list_scans.sql. */
enum column {
    SCAN_ID = 0,
    UUID,
    STATE,
    SHARD,
    PROFILE,
    TOOL,
    VANTAGE,
    NOTICES,
    OWN_SHARD,
    HERE_ID, /* from here on what the database has; NULL where it has not */
    HERE_SHARD,
    HERE_PROFILE,
    HERE_TOOL,
    HERE_VANTAGE,
    HERE_NOTICES,
    SAME_TRUST,
    OTHER_LIST,
    HERE_UNFINISHED, /* by its own scan, not for want of shards */
    PLANNED_ID
};

enum fate { FATE_SKIP = 0, FATE_TAKE, FATE_JOIN };

struct chooser {
    const struct tc_merging *merging;
    sqlite3_stmt *list;
    sqlite3_stmt *put;
    bool plans; /* the first time: nothing is said, and numbers are wanted */
    size_t num_chosen;
};

/* What a row of the list becomes. */
struct choice {
    enum fate fate;
    bool is_whole;
    struct tc_shard_set own;
    struct tc_shard_set joined;
};

static const char *text(const struct chooser *chooser, enum column column)
{
    const unsigned char *value = sqlite3_column_text(chooser->list, (int)column);
    return value != NULL ? (const char *)value : "";
}

static bool is_null(const struct chooser *chooser, enum column column)
{
    return sqlite3_column_type(chooser->list, (int)column) == SQLITE_NULL;
}

static long long number(const struct chooser *chooser, enum column column)
{
    return sqlite3_column_int64(chooser->list, (int)column);
}

TC_PRINTF(2, 3)
static void notice(const struct chooser *chooser, const char *format, ...)
{
    char line[512];
    va_list arguments;
    const struct tc_merge_options *options = chooser->merging->options;
    if (chooser->plans || options->notice == NULL) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    options->notice(options->context, line);
}

/* ---- lines ---- */

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t count_lines(const char *text)
{
    size_t num_lines = 1;
    for (; *text != '\0'; text++) {
        num_lines += *text == '\n';
    }
    return num_lines;
}

/* Cuts `text` at its newlines and adds the lines. */
static size_t add_lines(char **lines, size_t num_lines, char *text)
{
    while (text != NULL) {
        char *end = strchr(text, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        if (*text != '\0') {
            lines[num_lines++] = text;
        }
        text = end != NULL ? end + 1 : NULL;
    }
    return num_lines;
}

/* The lines of both, each once, in an order that does not depend on which came first. */
static enum tc_status join_lines(struct tc_buf *out, const char *a, const char *b)
{
    char *texts[] = {strdup(a), strdup(b)};
    char **lines = malloc((count_lines(a) + count_lines(b)) * sizeof *lines);
    enum tc_status status = TC_ERR_NOMEM;
    if (texts[0] != NULL && texts[1] != NULL && lines != NULL) {
        size_t num_lines = add_lines(lines, 0, texts[0]);
        num_lines = add_lines(lines, num_lines, texts[1]);
        qsort(lines, num_lines, sizeof *lines, compare_lines);
        tc_buf_add_str(out, "");
        for (size_t i = 0; i < num_lines; i++) {
            if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0) {
                tc_buf_addf(out, "%s%s", out->len > 0 ? "\n" : "", lines[i]);
            }
        }
        /* What is too long is cut: at the end, so that it is the same whichever came first. */
        status = out->failed == TC_ERR_NOMEM ? TC_ERR_NOMEM : TC_OK;
    }
    free(lines);
    free(texts[0]);
    free(texts[1]);
    return status;
}

/* ---- one scan ---- */

/* A scan that its own program did not end. */
static enum tc_status judge_unfinished(const struct chooser *chooser, struct choice *choice,
                                       struct tc_error *error)
{
    const char *path = chooser->merging->path;
    if (!is_null(chooser, OWN_SHARD)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s: shard %s in it did not finish: `tlscensus scan --resume --db %s` does, "
                       "then merge again",
                       path, text(chooser, SHARD), path);
    }
    if (choice->own.total == 1) {
        notice(chooser, "%s: its scan %lld did not finish and is left out", path,
               number(chooser, SCAN_ID));
        choice->fate = FATE_SKIP;
    }
    return TC_OK; /* otherwise a merge put it together, and it lacks shards */
}

/* Shards of one scan must be of one kind, or the whole would be none. */
static enum tc_status judge_join(const struct chooser *chooser, struct choice *choice,
                                 struct tc_error *error)
{
    const char *path = chooser->merging->path;
    if (strcmp(text(chooser, TOOL), text(chooser, HERE_TOOL)) != 0 ||
        strcmp(text(chooser, PROFILE), text(chooser, HERE_PROFILE)) != 0) {
        return tc_fail(error, TC_ERR_VERSION,
                       "%s: shard %s is by %s with profile %s, the others of its scan by "
                       "%s with %s: scan it again as they were",
                       path, text(chooser, SHARD), text(chooser, TOOL), text(chooser, PROFILE),
                       text(chooser, HERE_TOOL), text(chooser, HERE_PROFILE));
    }
    if (tc_shard_set_join(&choice->joined, &choice->own) != TC_OK) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s: shard %s, and of the same scan %s is there already: all shards must be "
                       "of one number",
                       path, text(chooser, SHARD), text(chooser, HERE_SHARD));
    }
    if (number(chooser, SAME_TRUST) == 0) {
        notice(chooser, "%s: shard %s trusts other roots than the others of its scan", path,
               text(chooser, SHARD));
    }
    if (number(chooser, OTHER_LIST) != 0) {
        notice(chooser,
               "%s: shard %s is of another target list than the others of its scan: targets may "
               "be missing",
               path, text(chooser, SHARD));
    }
    choice->fate = FATE_JOIN;
    return TC_OK;
}

static enum tc_status judge(const struct chooser *chooser, struct choice *choice,
                            struct tc_error *error)
{
    bool is_done = strcmp(text(chooser, STATE), "done") == 0;
    choice->fate = FATE_TAKE;
    if (tc_shard_set_parse(&choice->own, text(chooser, SHARD)) != TC_OK) {
        return tc_fail(error, TC_ERR_FOREIGN,
                       "%s: its scan %lld says that it is shard \"%.40s\", which there cannot be",
                       chooser->merging->path, number(chooser, SCAN_ID), text(chooser, SHARD));
    }
    choice->is_whole = is_done && choice->own.total == 1;
    choice->joined = choice->own;
    if (!is_done) {
        enum tc_status status = judge_unfinished(chooser, choice, error);
        if (status != TC_OK || choice->fate == FATE_SKIP) {
            return status;
        }
    }
    if (is_null(chooser, HERE_ID)) {
        return TC_OK;
    }
    if (number(chooser, HERE_UNFINISHED) != 0) {
        const char *here = chooser->merging->store->path;
        return tc_fail(error, TC_ERR_INPUT,
                       "%s: its scan %lld, which %s has too, did not finish: `tlscensus scan "
                       "--resume --db %s` does, then merge again",
                       here, number(chooser, HERE_ID), chooser->merging->path, here);
    }
    if (tc_shard_set_parse(&choice->joined, text(chooser, HERE_SHARD)) != TC_OK ||
        tc_shard_set_has(&choice->joined, &choice->own)) {
        choice->fate = FATE_SKIP;
        return TC_OK;
    }
    return judge_join(chooser, choice, error);
}

/* ---- what is put down ---- */

static enum tc_status run_put(struct chooser *chooser, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (sqlite3_step(chooser->put) != SQLITE_DONE) {
        status = tc_db_fail(chooser->merging->store, error, chooser->merging->doing);
    }
    (void)sqlite3_reset(chooser->put);
    chooser->num_chosen++;
    return status;
}

static enum tc_status put_plan(struct chooser *chooser, const struct choice *choice,
                               struct tc_error *error)
{
    if (choice->fate != FATE_TAKE) {
        return TC_OK;
    }
    tc_db_bind_int(chooser->put, ":old_id", number(chooser, SCAN_ID));
    return run_put(chooser, error);
}

static enum tc_status put_choice(struct chooser *chooser, const struct choice *choice,
                                 struct tc_error *error)
{
    struct tc_buf shard;
    struct tc_buf vantage;
    struct tc_buf notices;
    bool joins = choice->fate == FATE_JOIN;
    struct tc_shard_set here = {.total = 0};
    tc_buf_init(&shard, SET_TEXT_MAX);
    tc_buf_init(&vantage, LINES_BYTES_MAX);
    tc_buf_init(&notices, LINES_BYTES_MAX);
    tc_shard_set_add_text(&shard, &choice->joined);
    enum tc_status status =
        join_lines(&vantage, text(chooser, VANTAGE), joins ? text(chooser, HERE_VANTAGE) : "");
    if (status == TC_OK) {
        status =
            join_lines(&notices, text(chooser, NOTICES), joins ? text(chooser, HERE_NOTICES) : "");
    }
    if (status == TC_OK && joins) {
        status = tc_shard_set_parse(&here, text(chooser, HERE_SHARD));
    }
    if (status != TC_OK) {
        (void)tc_fail(error, status, "%s: %s", chooser->merging->path, tc_status_str(status));
    } else {
        tc_db_bind_int(chooser->put, ":old_id", number(chooser, SCAN_ID));
        tc_db_bind_int(chooser->put, ":new_id", number(chooser, joins ? HERE_ID : PLANNED_ID));
        tc_db_bind_int(chooser->put, ":joins", joins);
        tc_db_bind_int(chooser->put, ":is_whole", choice->is_whole);
        tc_db_bind_int(chooser->put, ":is_first",
                       joins && tc_shard_set_first(&choice->own) < tc_shard_set_first(&here));
        tc_db_bind_text(chooser->put, ":shard", shard.data);
        tc_db_bind_text(chooser->put, ":vantage", vantage.data);
        tc_db_bind_text(chooser->put, ":notices", notices.data);
        status = run_put(chooser, error);
    }
    tc_buf_cleanup(&shard);
    tc_buf_cleanup(&vantage);
    tc_buf_cleanup(&notices);
    return status;
}

static enum tc_status walk(struct chooser *chooser, const char *put, struct tc_error *error)
{
    struct tc_store *store = chooser->merging->store;
    int rc = SQLITE_DONE;
    enum tc_status status =
        tc_db_prepare(store, &chooser->list, tc_sql_merge_list_scans, false, error);
    if (status == TC_OK) {
        status = tc_db_prepare(store, &chooser->put, put, false, error);
    }
    while (status == TC_OK && (rc = sqlite3_step(chooser->list)) == SQLITE_ROW) {
        struct choice choice = {.fate = FATE_SKIP};
        status = judge(chooser, &choice, error);
        if (status == TC_OK && choice.fate != FATE_SKIP) {
            status = chooser->plans ? put_plan(chooser, &choice, error)
                                    : put_choice(chooser, &choice, error);
        }
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, chooser->merging->doing);
    }
    sqlite3_finalize(chooser->list);
    sqlite3_finalize(chooser->put);
    return status;
}

enum tc_status tc_merging_plan(const struct tc_merging *merging, struct tc_error *error)
{
    struct chooser chooser = {.merging = merging, .plans = true};
    return walk(&chooser, tc_sql_merge_put_plan, error);
}

enum tc_status tc_merging_choose(const struct tc_merging *merging, size_t *out_num,
                                 struct tc_error *error)
{
    struct chooser chooser = {.merging = merging};
    enum tc_status status = walk(&chooser, tc_sql_merge_put_scan, error);
    *out_num = chooser.num_chosen;
    return status;
}
