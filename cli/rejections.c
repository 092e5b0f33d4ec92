/*
 * Lines that gave no target: said once each, kept in the database, counted for --strict. What the
 * scan before said is not said again to a mail.
 */
#include "cli/rejections.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cli/talk.h"
#include "tlscensus/json.h"
#include "tlscensus/sql.h"

#define REJECTIONS_SHOWN 20     /* a list in a wrong format would fill the terminal */
#define KNOWN_MAX        100000 /* hashes; what is beyond is said again */
#define MORE_MAX         65536  /* a path, escaped, and a number */

struct cli_rejections {
    pthread_mutex_t lock;
    struct tc_writer *writer; /* NULL until the scan has begun */
    bool strict;
    uint64_t count;
    uint64_t num_said;
    struct tc_error first; /* for --strict */
    uint64_t *known;       /* hashes of what the scan before rejected, in their order */
    size_t num_known;
};

enum tc_status cli_rejections_new(struct cli_rejections **out, bool strict)
{
    struct cli_rejections *rejections = calloc(1, sizeof *rejections);
    if (rejections == NULL) {
        return TC_ERR_NOMEM;
    }
    pthread_mutex_init(&rejections->lock, NULL);
    rejections->strict = strict;
    *out = rejections;
    return TC_OK;
}

void cli_rejections_free(struct cli_rejections *rejections)
{
    if (rejections != NULL) {
        pthread_mutex_destroy(&rejections->lock);
        free(rejections->known);
        free(rejections);
    }
}

/* ---- what is known ---- */

/* FNV-1a, of a text and the NUL that ends it. */
static uint64_t add_hash(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (uint8_t)*text) * 0x100000001B3U;
    } while (*text++ != '\0');
    return hash;
}

/* Without the line's number, which moves with every line before it. */
static uint64_t hash_of(const char *file, const char *text)
{
    return add_hash(add_hash(0xCBF29CE484222325U, file), text);
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static enum tc_status add_known(struct cli_rejections *rejections, size_t *room, uint64_t hash)
{
    if (rejections->num_known == *room) {
        size_t more = *room > 0 ? 2 * *room : 64;
        uint64_t *grown = realloc(rejections->known, more * sizeof *grown);
        if (grown == NULL) {
            return TC_ERR_NOMEM;
        }
        rejections->known = grown;
        *room = more;
    }
    rejections->known[rejections->num_known++] = hash;
    return TC_OK;
}

enum tc_status cli_rejections_learn(struct cli_rejections *rejections, struct tc_store *store,
                                    int64_t before_id, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    size_t room = 0;
    if (rejections->strict || cli_talk_is_wanted()) {
        return TC_OK; /* all of them are said, or the first ends it */
    }
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_rejected_of_scan, error);
    if (status == TC_OK) {
        tc_rows_bind_int(rows, ":scan_id", before_id);
        tc_rows_bind_int(rows, ":max_rows", KNOWN_MAX);
    }
    while (status == TC_OK && (status = tc_rows_next(rows, error)) == TC_OK) {
        status =
            add_known(rejections, &room, hash_of(tc_rows_text(rows, 0), tc_rows_text(rows, 1)));
        if (status != TC_OK) {
            (void)tc_fail(error, status, "%s", tc_status_str(status));
        }
    }
    tc_rows_close(rows);
    if (rejections->num_known > 0) {
        qsort(rejections->known, rejections->num_known, sizeof *rejections->known, compare_hashes);
    }
    return status == TC_ERR_END ? TC_OK : status;
}

static bool is_known(const struct cli_rejections *rejections, const struct tc_rejection *rejection)
{
    uint64_t hash = hash_of(rejection->file, rejection->text);
    return rejections->num_known > 0 && bsearch(&hash, rejections->known, rejections->num_known,
                                                sizeof hash, compare_hashes) != NULL;
}

/* ---- one after the other ---- */

void cli_rejections_attach(struct cli_rejections *rejections, struct tc_writer *writer)
{
    rejections->writer = writer;
}

/* "list.csv:7: reason"; an argument has no line, and is named itself. */
static void put_words(struct tc_error *out, const struct tc_rejection *rejection)
{
    if (rejection->line == 0) {
        tc_fail(out, TC_ERR_INPUT, "%s: %s: %s", rejection->file, rejection->text,
                rejection->reason);
    } else {
        tc_fail(out, TC_ERR_INPUT, "%s:%llu: %s", rejection->file,
                (unsigned long long)rejection->line, rejection->reason);
    }
}

static void say_rejection(const struct tc_rejection *rejection, const char *words)
{
    struct tc_buf more;
    tc_buf_init(&more, MORE_MAX);
    tc_buf_add_str(&more, "\"file\":");
    tc_escape_json(&more, rejection->file, strlen(rejection->file));
    if (rejection->line > 0) {
        tc_buf_addf(&more, ",\"line\":%" PRIu64, rejection->line);
    } else {
        tc_buf_add_str(&more, ",\"line\":null");
    }
    const struct cli_log_line about = {.level = CLI_LEVEL_WARNING,
                                       .event = CLI_EVENT_INPUT_REJECTED,
                                       .more = more.failed == TC_OK ? more.data : NULL};
    cli_say(&about, "%s", words);
    tc_buf_cleanup(&more);
}

void cli_rejections_add(void *context, const struct tc_rejection *rejection)
{
    struct cli_rejections *rejections = context;
    bool is_said =
        !rejections->strict && (cli_talk_is_wanted() || !is_known(rejections, rejection));
    struct tc_error words;
    put_words(&words, rejection);
    pthread_mutex_lock(&rejections->lock);
    if (++rejections->count == 1) {
        rejections->first = words;
    }
    rejections->num_said += is_said;
    uint64_t number = rejections->num_said;
    pthread_mutex_unlock(&rejections->lock);
    if (is_said && number <= REJECTIONS_SHOWN) {
        say_rejection(rejection, words.text);
    } else if (is_said && number == REJECTIONS_SHOWN + 1) {
        cli_warning("more lines cannot be used; all of them are listed in the report");
    }
    if (rejections->writer != NULL) {
        tc_writer_reject(rejections->writer, rejection);
    }
}

enum tc_status cli_rejections_verdict(struct cli_rejections *rejections, struct tc_error *error)
{
    pthread_mutex_lock(&rejections->lock);
    bool refused = rejections->strict && rejections->count > 0;
    if (refused && error != NULL) {
        *error = rejections->first;
    }
    pthread_mutex_unlock(&rejections->lock);
    return refused ? TC_ERR_INPUT : TC_OK;
}
