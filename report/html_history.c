/* The line of history in an endpoint's details: since when, its grades, its renewals. */
#include "html_history.h"

#include <stdlib.h>

#include "html_report.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"

#define LIST_ITEM 24 /* bytes of an id in the list */

/* "Renewed with 30%, 21% of the lifetime left; next expected by 2027-01-12." */
static const char *renewal_words(struct html_arena *arena, const struct tc_rows *rows)
{
    char date[HTML_WORDS];
    const char *shares = html_visible_column(arena, rows, 4);
    if (shares[0] == '\0') {
        return "";
    }
    const char *next = html_int(rows, 5) == HTML_UNKNOWN
                           ? ""
                           : html_format(arena, "; the next is expected by %.20s",
                                         html_words_date(date, html_number(rows, 5)));
    return html_format(arena, " Last renewed with %s of the lifetime left%s.", shares, next);
}

static const char *history_words(struct html_arena *arena, const struct tc_rows *rows)
{
    char date[HTML_WORDS];
    char scans[HTML_WORDS];
    html_words_count(scans, html_number(rows, 2));
    return html_format(
        arena, "First seen %.20s, in %.20s of the stored scans. Grades, the newest last: %s.%s",
        html_words_date(date, html_number(rows, 1)), scans, html_visible_column(arena, rows, 3),
        renewal_words(arena, rows));
}

/* The query, over the rows that have details. */
static struct tc_rows *query_history(struct html_report *report, size_t num)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_history);
    struct tc_buf list;
    tc_buf_init(&list, (num + 1) * LIST_ITEM);
    tc_buf_add_char(&list, '[');
    for (size_t i = 0; i < num; i++) {
        tc_buf_addf(&list, "%s%lld", i > 0 ? "," : "",
                    (long long)report->stats.top.items[i].observation_id);
    }
    tc_buf_add_char(&list, ']');
    if (list.failed != TC_OK) {
        html_fail(report, list.failed);
    } else if (rows != NULL) {
        tc_rows_bind_text(rows, ":observations", list.data);
    }
    tc_buf_cleanup(&list);
    return rows;
}

void html_load_histories(struct html_report *report, size_t num)
{
    report->histories = calloc(num + 1, sizeof *report->histories);
    if (report->histories == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return;
    }
    struct tc_rows *rows = query_history(report, num);
    while (html_query_next(report, rows) && report->num_histories < num) {
        if (html_number(rows, 2) > 1 || !tc_rows_is_null(rows, 4)) {
            report->histories[report->num_histories++] =
                (struct html_history){.observation_id = tc_rows_int(rows, 0),
                                      .words = history_words(&report->lasting, rows)};
        }
    }
    tc_rows_close(rows);
}

static int compare_history(const void *key, const void *item)
{
    int64_t id = *(const int64_t *)key;
    const struct html_history *history = item;
    return id < history->observation_id ? -1 : id > history->observation_id;
}

const char *html_find_history(const struct html_report *report, int64_t observation_id)
{
    const struct html_history *found =
        bsearch(&observation_id, report->histories, report->num_histories,
                sizeof *report->histories, compare_history);
    return found != NULL ? found->words : NULL;
}
