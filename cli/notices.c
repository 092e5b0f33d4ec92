#include "cli/notices.h"

#include <string.h>

#include "tlscensus/sql.h"

#define NOTICES_MAX ((size_t)4096)

void cli_notices_init(struct cli_notices *notices)
{
    pthread_mutex_init(&notices->lock, NULL);
    tc_buf_init(&notices->text, NOTICES_MAX);
    tc_buf_init(&notices->known, NOTICES_MAX);
}

void cli_notices_cleanup(struct cli_notices *notices)
{
    tc_buf_cleanup(&notices->text);
    tc_buf_cleanup(&notices->known);
    pthread_mutex_destroy(&notices->lock);
}

enum tc_status cli_notices_learn(struct cli_notices *notices, struct tc_store *store,
                                 int64_t before_id, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_notices_of_scan, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", before_id);
    status = tc_rows_next(rows, error);
    if (status == TC_OK) {
        tc_buf_add_str(&notices->known, tc_rows_text(rows, 0)); /* what is too long is said again */
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* Whether `text` is one of the lines. */
static bool has_line(const struct tc_buf *lines, const char *text)
{
    size_t len = strlen(text);
    const char *at = lines->data != NULL ? lines->data : "";
    while ((at = strstr(at, text)) != NULL) {
        bool begins = at == lines->data || at[-1] == '\n';
        if (begins && (at[len] == '\n' || at[len] == '\0')) {
            return true;
        }
        at += len > 0 ? len : 1;
    }
    return false;
}

static void keep(struct cli_notices *notices, const char *text)
{
    pthread_mutex_lock(&notices->lock);
    tc_buf_addf(&notices->text, "%s%s", notices->text.len > 0 ? "\n" : "", text);
    pthread_mutex_unlock(&notices->lock);
}

static void say(enum cli_event event, const char *text)
{
    const struct cli_log_line about = {.level = CLI_LEVEL_WARNING, .event = event};
    cli_say(&about, "%s", text);
}

void cli_notices_add(struct cli_notices *notices, enum cli_event event, const char *text)
{
    say(event, text);
    keep(notices, text);
}

void cli_notices_add_standing(struct cli_notices *notices, const char *text)
{
    if (cli_talk_is_wanted() || !has_line(&notices->known, text)) {
        say(CLI_EVENT_NOTICE, text);
    }
    keep(notices, text);
}

const char *cli_notices_text(const struct cli_notices *notices)
{
    return notices->text.data != NULL ? notices->text.data : "";
}
