/* The trend in the glance: a small chart and its numbers for each thing that is counted by scan. */
#include <string.h>

#include "html_report.h"
#include "svg.h"
#include "tlscensus/sql.h"

#define MAX_SCANS  8 /* as many as the query gives */
#define SPARK_HIGH 240
#define SPARK_STEP 110
#define PER_MILLE  1000

/* Columns of the query, after the time. */
enum {
    COUNT_ENDPOINTS = 0,
    COUNT_ANSWERED,
    COUNT_GRADED,
    COUNT_GOOD,
    COUNT_JUDGED,
    COUNT_ACT,
    NUM_COUNTS
};

struct trend {
    struct html_report *report;
    size_t num_scans;
    char dates[MAX_SCANS][HTML_WORDS];
    int64_t counts[MAX_SCANS][NUM_COUNTS];
};

/* A line: how many of `of`, in each scan. */
struct line {
    const char *name;
    const char *tone;
    int count;
    int of;
    const struct trend *trend;
};

static void load_trend(struct html_report *report, struct trend *trend)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_trend);
    while (html_query_next(report, rows) && trend->num_scans < MAX_SCANS) {
        size_t scan = trend->num_scans++;
        html_words_date(trend->dates[scan], html_number(rows, 0));
        for (int i = 0; i < NUM_COUNTS; i++) {
            trend->counts[scan][i] = html_number(rows, 1 + i);
        }
    }
    tc_rows_close(rows);
}

static int64_t share_of(const struct line *line, size_t scan)
{
    int64_t of = line->trend->counts[scan][line->of];
    return of > 0 ? line->trend->counts[scan][line->count] * PER_MILLE / of : 0;
}

/* Bars are shares, so that a longer list is no rise; the highest takes all the room. */
static void line_bars(struct html_writer *writer, const void *context)
{
    const struct line *line = context;
    size_t num = line->trend->num_scans;
    int64_t largest = 0;
    for (size_t i = 0; i < num; i++) {
        largest = share_of(line, i) > largest ? share_of(line, i) : largest;
    }
    for (size_t i = 0; i < num; i++) {
        bool is_some = line->trend->counts[i][line->count] > 0;
        int64_t height = is_some ? svg_bar(share_of(line, i) + 1, largest + 1, SPARK_HIGH, 10) : 0;
        HTML_BLOCK(writer, "spark_bar", SLOT_RAW("tone", line->tone),
                   SLOT_TENTH("x", (int64_t)(MAX_SCANS - num + i) * SPARK_STEP),
                   SLOT_TENTH("y", SPARK_HIGH - height), SLOT_TENTH("height", height));
    }
}

/* "56 of 67" */
static const char *count_words(const struct line *line, size_t scan)
{
    const struct trend *trend = line->trend;
    char count[HTML_WORDS];
    char of[HTML_WORDS];
    if (trend->counts[scan][line->of] == 0) {
        return "not known";
    }
    return html_format(&trend->report->passing, "%.20s of %.20s",
                       html_words_count(count, trend->counts[scan][line->count]),
                       html_words_count(of, trend->counts[scan][line->of]));
}

/* All numbers of a chart, for who does not see it. */
static const char *all_words(const struct line *line)
{
    const struct trend *trend = line->trend;
    struct html_arena *arena = &trend->report->passing;
    const char *words = line->name;
    for (size_t i = 0; i < trend->num_scans; i++) {
        words = html_format(arena, "%s%s %s, %s", words, i == 0 ? ":" : ";", trend->dates[i],
                            count_words(line, i));
    }
    return words;
}

static void trend_lines(struct html_writer *writer, const void *context)
{
    const struct trend *trend = context;
    const struct line lines[] = {
        {"Answered", "", COUNT_ANSWERED, COUNT_ENDPOINTS, trend},
        {"Grade A", "ok", COUNT_GOOD, COUNT_GRADED, trend},
        {"Need action", "crit", COUNT_ACT, COUNT_JUDGED, trend},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(lines); i++) {
        html_arena_reset(&trend->report->passing);
        HTML_BLOCK(writer, "trend_line", SLOT_TEXT("name", lines[i].name),
                   SLOT_TEXT("words", all_words(&lines[i])),
                   SLOT_PART("bars", line_bars, &lines[i]),
                   SLOT_TEXT("first", count_words(&lines[i], 0)),
                   SLOT_TEXT("last", count_words(&lines[i], trend->num_scans - 1)));
    }
}

/* Pages of one group have none: each would count the whole of eight scans anew. */
void html_part_trend(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct trend trend = {.report = report};
    if (report->split != NULL || report->stats.totals.endpoints == 0) {
        return;
    }
    load_trend(report, &trend);
    if (trend.num_scans > 1) {
        HTML_BLOCK(writer, "trend", SLOT_INT("count", (int64_t)trend.num_scans),
                   SLOT_RAW("first", trend.dates[0]),
                   SLOT_RAW("last", trend.dates[trend.num_scans - 1]),
                   SLOT_PART("lines", trend_lines, &trend));
    }
}
