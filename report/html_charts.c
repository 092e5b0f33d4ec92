/* Sections `expiry` and `posture`: the histogram, and bars with their numbers. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "html_report.h"
#include "svg.h"

/* The histogram's frame, in SVG units; lengths are in tenths. */
#define HIST_LEFT      400 /* of the column "past" */
#define HIST_STEP      282
#define HIST_BOTTOM    2060
#define HIST_HEIGHT    1860
#define HIST_BAR       242
#define HIST_DAYS      (7 * SVG_LATER_WEEK) /* days on the axis */
#define NUM_COLUMNS    (SVG_LATER_WEEK + 2)
#define HIST_TODAY     (HIST_LEFT + HIST_STEP) /* where day 0 begins */
#define MAX_BARS       8
#define MONTH_NAME_MAX 16

/* The x of a day, tenths. */
static int64_t day_x(int64_t days)
{
    return HIST_TODAY + days * HIST_STEP / 7;
}

struct histogram {
    struct html_report *report;
    int64_t columns[NUM_COLUMNS]; /* [0]: past */
    int64_t largest;
    int64_t tick;
    int64_t top; /* of the axis: a multiple of the tick */
};

static void fill_histogram(struct histogram *histogram, struct html_report *report)
{
    const struct html_stats *stats = &report->stats;
    *histogram = (struct histogram){.report = report};
    histogram->columns[0] = stats->totals.expired;
    for (int64_t day = 0; day < HTML_MAX_DAYS; day++) {
        histogram->columns[svg_week(day) + 1] += stats->days[day];
    }
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        if (histogram->columns[i] > histogram->largest) {
            histogram->largest = histogram->columns[i];
        }
    }
    histogram->tick = svg_tick(histogram->largest);
    /* Room above the tallest column, so that its number stays clear of the words on top. */
    int64_t room = histogram->largest + histogram->largest / 12 + 1;
    histogram->top = (room + histogram->tick - 1) / histogram->tick * histogram->tick;
}

static void hist_zones(struct html_writer *writer, const void *context)
{
    (void)context;
    HTML_BLOCK(writer, "hist_zone", SLOT_RAW("tone", "z7"), SLOT_TENTH("x", day_x(0)),
               SLOT_TENTH("width", day_x(7) - day_x(0)));
    HTML_BLOCK(writer, "hist_zone", SLOT_RAW("tone", "z30"), SLOT_TENTH("x", day_x(7)),
               SLOT_TENTH("width", day_x(30) - day_x(7)));
}

static void hist_grid(struct html_writer *writer, const void *context)
{
    const struct histogram *histogram = context;
    for (int64_t value = 0; value <= histogram->top; value += histogram->tick) {
        int64_t y = HIST_BOTTOM - svg_scale(value, histogram->top, HIST_HEIGHT);
        HTML_BLOCK(writer, "hist_grid", SLOT_TENTH("y", y), SLOT_TENTH("text_y", y + 40),
                   SLOT_COUNT("value", value));
    }
}

static const char *column_words(struct html_arena *arena, size_t column, int64_t count)
{
    char number[HTML_WORDS];
    const char *endpoints = html_plural(count, "endpoint", "endpoints");
    html_words_count(number, count);
    if (column == 0) {
        return html_format(arena, "%.20s %s: expired", number, endpoints);
    }
    int first = ((int)column - 1) * 7;
    if (column == NUM_COLUMNS - 1) {
        return html_format(arena, "%.20s %s: more than %d days", number, endpoints, first - 1);
    }
    return html_format(arena, "%.20s %s: %d–%d days", number, endpoints, first, first + 6);
}

static const char *column_tone(size_t column)
{
    return column == 0 ? "crit" : column == 1 ? "high" : column <= 5 ? "med" : "";
}

static void hist_columns(struct html_writer *writer, const void *context)
{
    const struct histogram *histogram = context;
    struct html_arena *arena = &histogram->report->passing;
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        int64_t count = histogram->columns[i];
        if (count == 0) {
            continue;
        }
        html_arena_reset(arena);
        int64_t x = HIST_LEFT + (int64_t)i * HIST_STEP + (HIST_STEP - HIST_BAR) / 2;
        int64_t height = svg_bar(count, histogram->top, HIST_HEIGHT, 20);
        const char *week = i == 0 ? "-" : html_format(arena, "%lld", ((long long)i - 1) * 7);
        HTML_BLOCK(writer, "hist_bar", SLOT_RAW("week", week), SLOT_RAW("tone", column_tone(i)),
                   SLOT_TENTH("x", x), SLOT_TENTH("y", HIST_BOTTOM - height),
                   SLOT_TENTH("height", height), SLOT_TEXT("title", column_words(arena, i, count)),
                   SLOT_TENTH("middle", x + HIST_BAR / 2),
                   SLOT_TENTH("text_y", HIST_BOTTOM - height - 60), SLOT_COUNT("count", count));
    }
}

/* A tick on the first day of each month; the year is said in January and at first. */
static void hist_months(struct html_writer *writer, int64_t as_of_s)
{
    time_t now = (time_t)as_of_s;
    struct tm day;
    bool is_first = true;
    if (gmtime_r(&now, &day) == NULL) {
        return;
    }
    int64_t midnight = as_of_s - as_of_s % SECONDS_PER_DAY;
    for (int64_t i = 1; i < HIST_DAYS - 10; i++) {
        char text[MONTH_NAME_MAX];
        now = (time_t)(midnight + i * SECONDS_PER_DAY);
        if (gmtime_r(&now, &day) == NULL || day.tm_mday != 1 ||
            strftime(text, sizeof text, is_first || day.tm_mon == 0 ? "%b %Y" : "%b", &day) == 0) {
            continue;
        }
        is_first = false;
        HTML_BLOCK(writer, "hist_month", SLOT_TENTH("x", day_x(i)),
                   SLOT_TENTH("text_x", day_x(i) + 30), SLOT_TEXT("text", text));
    }
}

static void hist_today(struct html_writer *writer, int64_t as_of_s)
{
    time_t now = (time_t)as_of_s;
    struct tm day;
    char text[MONTH_NAME_MAX] = "";
    if (gmtime_r(&now, &day) != NULL && strftime(text, sizeof text, "today, %d %b", &day) == 0) {
        text[0] = '\0';
    }
    HTML_BLOCK(writer, "hist_today", SLOT_TENTH("x", day_x(0)), SLOT_TENTH("text_x", day_x(0) + 40),
               SLOT_TEXT("text", text));
}

static void hist_marks(struct html_writer *writer, const void *context)
{
    const struct histogram *histogram = context;
    const struct html_report *report = histogram->report;
    hist_today(writer, report->scan.as_of_s);
    HTML_BLOCK(writer, "hist_month_line", SLOT_TENTH("x", day_x(30)),
               SLOT_TENTH("text_x", day_x(30) + 40));
    HTML_BLOCK(writer, "hist_edge", SLOT_TENTH("x", HIST_LEFT + HIST_STEP / 2),
               SLOT_TEXT("text", "past"));
    hist_months(writer, report->scan.as_of_s);
    HTML_BLOCK(writer, "hist_edge",
               SLOT_TENTH("x", HIST_LEFT + (NUM_COLUMNS - 1) * HIST_STEP + HIST_STEP / 2),
               SLOT_TEXT("text", "later"));
}

static void part_histogram(struct html_writer *writer, const void *context)
{
    struct histogram histogram;
    fill_histogram(&histogram, (struct html_report *)(uintptr_t)context);
    HTML_BLOCK(writer, "hist", SLOT_PART("zones", hist_zones, &histogram),
               SLOT_PART("grid", hist_grid, &histogram),
               SLOT_PART("columns", hist_columns, &histogram),
               SLOT_PART("marks", hist_marks, &histogram));
}

static void part_windows(struct html_writer *writer, const void *context)
{
    static const struct html_bar k_windows[SVG_WINDOWS] = {
        {.label = "Expired", .key = "show", .value = "expired", .tone = "crit"},
        {.label = "0–7 days", .key = "show", .value = "exp7", .tone = "high"},
        {.label = "8–30 days", .key = "show", .value = "exp30", .tone = "med"},
        {.label = "31–60 days", .tone = ""},
        {.label = "61–90 days", .tone = ""},
        {.label = "91–200 days", .tone = ""},
        {.label = "Over 200 days", .tone = ""}};
    const struct html_report *report = context;
    int64_t counts[SVG_WINDOWS] = {report->stats.totals.expired};
    int64_t largest = 0;
    for (int64_t day = 0; day < HTML_MAX_DAYS; day++) {
        counts[svg_window(day)] += report->stats.days[day];
    }
    for (size_t i = 0; i < SVG_WINDOWS; i++) {
        largest = counts[i] > largest ? counts[i] : largest;
    }
    for (size_t i = 0; i < SVG_WINDOWS; i++) {
        struct html_bar bar = k_windows[i];
        bar.count = counts[i];
        bar.largest = largest;
        bar.whole = report->stats.totals.dated;
        html_bar(writer, &bar);
    }
}

void html_section_expiry(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->stats.totals.dated > 0) {
        HTML_BLOCK(writer, "expiry", SLOT_PART("histogram", part_histogram, context),
                   SLOT_TEXT("said", html_of_endpoints(report, report->stats.totals.dated)),
                   SLOT_PART("windows", part_windows, context));
    }
}

/* ---- posture ---- */

typedef int (*compare_entries)(const void *left, const void *right);

static int by_count(const void *left, const void *right)
{
    const struct html_entry *a = left;
    const struct html_entry *b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : strcmp(a->text, b->text);
}

static int by_text_down(const void *left, const void *right)
{
    return strcmp(((const struct html_entry *)right)->text,
                  ((const struct html_entry *)left)->text);
}

static int grade_rank(const char *grade)
{
    static const char *const k_order[] = {"A+", "A", "A-", "B", "C", "D", "F", "T", "M"};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_order); i++) {
        if (strcmp(k_order[i], grade) == 0) {
            return (int)i;
        }
    }
    return (int)TC_ARRAY_LEN(k_order);
}

static int by_grade(const void *left, const void *right)
{
    return grade_rank(((const struct html_entry *)left)->text) -
           grade_rank(((const struct html_entry *)right)->text);
}

struct panel {
    const char *name;
    const char *key; /* of links, NULL for none */
    const char *note;
    const struct html_dict *dict;
    compare_entries order;
    int64_t whole;
};

static void write_bars(struct html_writer *writer, const struct panel *panel,
                       const struct html_entry *entries, size_t num)
{
    int64_t largest = 0;
    int64_t rest = 0;
    for (size_t i = 0; i < num; i++) {
        largest = entries[i].count > largest ? entries[i].count : largest;
        rest += num > MAX_BARS && i >= MAX_BARS - 1 ? entries[i].count : 0;
    }
    largest = rest > largest ? rest : largest;
    for (size_t i = 0; i < num && (num <= MAX_BARS || i < MAX_BARS - 1); i++) {
        bool has_text = entries[i].text[0] != '\0';
        html_bar(writer, &(struct html_bar){.label = has_text ? entries[i].text : "none",
                                            .key = has_text ? panel->key : NULL,
                                            .value = entries[i].text,
                                            .tone = entries[i].tone,
                                            .count = entries[i].count,
                                            .largest = largest,
                                            .whole = panel->whole});
    }
    if (rest > 0) {
        html_bar(writer, &(struct html_bar){.label = "others",
                                            .tone = "none",
                                            .count = rest,
                                            .largest = largest,
                                            .whole = panel->whole});
    }
}

static void panel_bars(struct html_writer *writer, const void *context)
{
    const struct panel *panel = context;
    size_t num = panel->dict->num;
    struct html_entry *sorted = num > 0 ? malloc(num * sizeof *sorted) : NULL;
    if (sorted != NULL) {
        memcpy(sorted, panel->dict->entries, num * sizeof *sorted);
        qsort(sorted, num, sizeof *sorted, panel->order);
        write_bars(writer, panel, sorted, num);
    }
    free(sorted);
}

static void part_panels(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_stats *stats = &report->stats;
    int64_t seen = stats->totals.seen;
    const char *grade_note = stats->totals.partial > 0 && stats->survey.endpoints > 0
                                 ? "T: not trusted, M: wrong name. Partial: not all that a grade "
                                   "needs could be measured."
                             : stats->totals.partial > 0
                                 ? "T: not trusted, M: wrong name. Partial: a quick scan does not "
                                   "measure all that a grade needs."
                                 : "T: not trusted, M: wrong name. Rubric in Method.";
    const struct panel panels[] = {
        {"Grade", "grade", grade_note, &stats->grades, by_grade, seen},
        {"Protocol version negotiated", "q", "The version that one handshake agreed on.",
         &stats->versions, by_text_down, seen},
        {"Key exchange negotiated", "q", "The group that one handshake agreed on.",
         &stats->exchanges, by_count, seen},
        {"Leaf key", "q", "Keys used on several hosts are listed under Keys.", &stats->keys,
         by_count, seen},
        {"Issuer dependency", "q", "Share of endpoints that stop if this CA stops.",
         &stats->issuers, by_count, seen},
        {"Chain depth: presented / verified", NULL, "Verified counts the trust anchor.",
         &stats->depths, by_count, seen},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(panels); i++) {
        if (i == 1) {
            html_survey_panels(report); /* what is accepted, before what was negotiated */
        }
        if (panels[i].dict->num > 0) {
            HTML_BLOCK(writer, "panel", SLOT_TEXT("name", panels[i].name),
                       SLOT_PART("bars", panel_bars, &panels[i]),
                       SLOT_TEXT("note", panels[i].note));
        }
    }
}

void html_section_posture(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->stats.totals.seen > 0) {
        HTML_BLOCK(
            writer, "posture",
            SLOT_TEXT("said", html_format(&report->lasting, "%s that showed a certificate",
                                          html_of_endpoints(report, report->stats.totals.seen))),
            SLOT_PART("panels", part_panels, context));
    }
}
