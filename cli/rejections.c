/* Lines that gave no target: said once each, kept in the database, counted for --strict. */
#include "cli/rejections.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cli/talk.h"
#include "tlscensus/json.h"

#define REJECTIONS_SHOWN 20    /* a list in a wrong format would fill the terminal */
#define MORE_MAX         65536 /* a path, escaped, and a number */

struct cli_rejections {
    pthread_mutex_t lock;
    struct tc_writer *writer; /* NULL until the scan has begun */
    bool strict;
    uint64_t count;
    struct tc_error first; /* for --strict */
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
        free(rejections);
    }
}

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
    pthread_mutex_lock(&rejections->lock);
    uint64_t number = ++rejections->count;
    struct tc_error words;
    put_words(&words, rejection);
    if (number == 1) {
        rejections->first = words;
    }
    pthread_mutex_unlock(&rejections->lock);
    if (!rejections->strict && number <= REJECTIONS_SHOWN) {
        say_rejection(rejection, words.text);
    } else if (!rejections->strict && number == REJECTIONS_SHOWN + 1) {
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
