/* The first screen: one sentence, the tiles, who must act on what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html_report.h"

#define MAX_OWNERS 8
#define MAX_FIXES  8

/* ---- pieces that other sections use too ---- */

void html_part_icon(struct html_writer *writer, const void *tone)
{
    HTML_BLOCK(writer, "icon", SLOT_RAW("tone", tone));
}

void html_part_more(struct html_writer *writer, const void *more)
{
    const struct html_more *that = more;
    if (that->text != NULL) {
        HTML_BLOCK(writer, "more", SLOT_TEXT("link", that->link), SLOT_TEXT("text", that->text));
    }
}

static void bar_label(struct html_writer *writer, const void *context)
{
    const struct html_bar *bar = context;
    if (bar->key == NULL) {
        html_text(writer, bar->label);
        return;
    }
    HTML_BLOCK(writer, "link", SLOT_RAW("key", bar->key), SLOT_URL("value", bar->value),
               SLOT_TEXT("text", bar->label));
}

void html_bar(struct html_writer *writer, const struct html_bar *bar)
{
    char share[HTML_WORDS];
    HTML_BLOCK(writer, "bar", SLOT_PART("label", bar_label, bar), SLOT_RAW("tone", bar->tone),
               SLOT_TENTH("width", /* tenths of a percent */
                          (int64_t)(bar->count > 0 ? (bar->count * 1000 + bar->largest - 1) /
                                                         (bar->largest > 0 ? bar->largest : 1)
                                                   : 0)),
               SLOT_COUNT("count", bar->count),
               SLOT_TEXT("share", html_words_share(share, bar->count, bar->whole)));
}

/* ---- the sentence ---- */

static void strong(struct html_writer *writer, const char *text)
{
    HTML_BLOCK(writer, "strong", SLOT_TEXT("text", text));
}

static void say_broken(struct html_report *report, bool first)
{
    const struct html_totals *totals = &report->stats.totals;
    char count[HTML_WORDS];
    html_text(report->writer,
              html_format(&report->passing, "%s%.20s %s chain, name or trust checks",
                          first ? "" : " and ", html_words_count(count, totals->broken),
                          html_plural(totals->broken, "endpoint fails", "endpoints fail")));
}

static void say_trouble(struct html_report *report)
{
    const struct html_totals *totals = &report->stats.totals;
    struct html_arena *arena = &report->passing;
    char count[HTML_WORDS];
    if (totals->expired > 0) {
        strong(report->writer,
               html_format(arena, "%.20s %s", html_words_count(count, totals->expired),
                           html_plural(totals->expired, "endpoint has an expired certificate",
                                       "endpoints have an expired certificate")));
    }
    if (totals->exp7 > 0) {
        html_text(report->writer,
                  html_format(arena, "%s%.20s %s within 7 days", totals->expired > 0 ? ", " : "",
                              html_words_count(count, totals->exp7),
                              totals->expired > 0
                                  ? html_plural(totals->exp7, "more expires", "more expire")
                                  : html_plural(totals->exp7, "certificate expires",
                                                "certificates expire")));
    }
    if (totals->broken > 0) {
        say_broken(report, totals->expired + totals->exp7 == 0);
    }
    html_text(report->writer, ". ");
}

/* Good news of the few that answered is no all-clear. */
static void say_silent(struct html_report *report, bool is_most)
{
    const struct html_totals *totals = &report->stats.totals;
    int64_t silent = totals->endpoints - totals->seen;
    char count[HTML_WORDS];
    char all[HTML_WORDS];
    if (silent == 0 || is_most != (2 * silent >= totals->endpoints)) {
        return;
    }
    const char *words =
        html_format(&report->passing, "%.20s of %.20s endpoints showed no certificate",
                    html_words_count(count, silent), html_words_count(all, totals->endpoints));
    if (is_most) {
        strong(report->writer, words);
        html_text(report->writer, ". ");
    } else {
        html_text(report->writer, html_format(&report->passing, " %s.", words));
    }
}

const char *html_action_words(struct html_arena *arena, const struct html_totals *totals)
{
    char act[HTML_WORDS];
    char seen[HTML_WORDS];
    return html_format(arena, "%.20s of %.20s %s %s action", html_words_count(act, totals->act),
                       html_words_count(seen, totals->seen),
                       html_plural(totals->seen, "endpoint", "endpoints"),
                       html_plural(totals->act, "needs", "need"));
}

static void part_verdict(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_totals *totals = &report->stats.totals;
    char seen[HTML_WORDS];
    html_arena_reset(&report->passing);
    if (totals->seen == 0) {
        strong(writer, "No endpoint showed a certificate.");
        html_text(writer, totals->endpoints > 0 ? " What came instead is listed under Unreachable."
                                                : " Nothing was scanned.");
        return;
    }
    say_silent(report, true);
    if (totals->expired + totals->exp7 + totals->broken > 0) {
        say_trouble(report);
    } else {
        html_text(writer, "No certificate has expired or expires within 7 days, and every chain, "
                          "name and trust check ");
        html_text(writer, totals->unjudged > 0 ? "that could be made passed. " : "passed. ");
    }
    html_words_count(seen, totals->seen);
    if (totals->act > 0) {
        strong(writer, html_action_words(&report->passing, totals));
        html_text(writer, "; the most urgent come first below.");
    } else {
        strong(writer,
               html_format(&report->passing, "None of %.20s %s has a critical or high finding.",
                           seen, html_plural(totals->seen, "endpoint", "endpoints")));
    }
    say_silent(report, false);
}

/* ---- tiles ---- */

struct tile {
    const char *name;
    const char *link;
    const char *tone;
    const char *of;
    const char *note;
    int64_t number;
};

static void write_tile(struct html_writer *writer, const struct tile *tile)
{
    HTML_BLOCK(writer, "tile", SLOT_RAW("tone", tile->number > 0 ? tile->tone : ""),
               SLOT_RAW("link", tile->link), SLOT_TEXT("name", tile->name),
               SLOT_COUNT("number", tile->number), SLOT_TEXT("of", tile->of),
               SLOT_TEXT("note", tile->note));
}

/* Adds "2 DNS" to a list of what is not zero. */
static const char *add_part(struct html_arena *arena, const char *list, int64_t number,
                            const char *name)
{
    char count[HTML_WORDS];
    return number == 0 ? list
                       : html_format(arena, "%s%s%.20s %s", list, list[0] != '\0' ? ", " : "",
                                     html_words_count(count, number), name);
}

static const char *lost_words(struct html_report *report)
{
    const struct html_totals *totals = &report->stats.totals;
    struct html_arena *arena = &report->passing;
    const char *list = add_part(arena, "", totals->lost_dns, "at DNS");
    list = add_part(arena, list, totals->lost_tcp, "at TCP");
    list = add_part(arena, list, totals->lost_starttls, "at STARTTLS");
    list = add_part(arena, list, totals->lost_tls, "at TLS");
    return list[0] == '\0' ? "every one answered" : html_format(arena, "lost: %s", list);
}

static const char *broken_words(struct html_report *report)
{
    const struct html_totals *totals = &report->stats.totals;
    struct html_arena *arena = &report->passing;
    const char *list = add_part(arena, "", totals->untrusted, "untrusted");
    list = add_part(arena, list, totals->incomplete, "incomplete");
    list = add_part(arena, list, totals->mismatched, "wrong name");
    return list[0] == '\0' ? "none untrusted" : list;
}

static const char *of_words(struct html_report *report, int64_t whole)
{
    char count[HTML_WORDS];
    return html_format(&report->passing, "of %.20s", html_words_count(count, whole));
}

static void date_tiles(struct html_report *report)
{
    const struct html_totals *totals = &report->stats.totals;
    struct html_arena *arena = &report->passing;
    const char *of = of_words(report, totals->dated);
    char days[HTML_WORDS];
    const char *oldest =
        totals->expired > 0
            ? html_format(arena, "longest: %s", html_words_left(days, totals->first_days))
            : "none";
    const char *soon = html_format(arena, "%lld within 7 days", (long long)totals->exp7);
    write_tile(report->writer, &(struct tile){.name = "Expired now",
                                              .link = "show=expired",
                                              .tone = " c-crit",
                                              .number = totals->expired,
                                              .of = of,
                                              .note = oldest});
    write_tile(report->writer, &(struct tile){.name = "Expire in 30 days",
                                              .link = "show=exp30",
                                              .tone = totals->exp7 > 0 ? " c-high" : " c-med",
                                              .number = totals->exp30,
                                              .of = of,
                                              .note = soon});
}

/* ", 3 not measured": why a tile is of fewer than were surveyed. */
static const char *unmeasured_words(struct html_report *report, int64_t measured)
{
    char count[HTML_WORDS];
    int64_t rest = report->stats.survey.endpoints - measured;
    return rest <= 0 ? ""
                     : html_format(&report->passing, ", %.20s not measured",
                                   html_words_count(count, rest));
}

/* Where a survey was made: how much that is old or missing is accepted. */
static void survey_tiles(struct html_report *report)
{
    const struct html_survey *survey = &report->stats.survey;
    struct html_arena *arena = &report->passing;
    int64_t legacy = survey->legacy.yes + survey->legacy.no;
    int64_t exchange = survey->post_quantum.yes + survey->post_quantum.no;
    char count[HTML_WORDS];
    if (legacy > 0) {
        write_tile(report->writer,
                   &(struct tile){.name = "Old TLS",
                                  .link = "show=legacy",
                                  .tone = " c-high",
                                  .number = survey->legacy.yes,
                                  .of = of_words(report, legacy),
                                  .note = html_format(arena, "accept TLS 1.1 or older%s",
                                                      unmeasured_words(report, legacy))});
    }
    if (exchange > 0) {
        const char *missing =
            html_format(arena, "%.20s %s not", html_words_count(count, survey->post_quantum.no),
                        html_plural(survey->post_quantum.no, "does", "do"));
        write_tile(
            report->writer,
            &(struct tile){.name = "Post-quantum",
                           .link = "show=pq",
                           .tone = survey->post_quantum.no == 0 ? " c-ok" : "",
                           .number = survey->post_quantum.yes,
                           .of = of_words(report, exchange),
                           .note = html_format(arena, "accept keys with ML-KEM; %s%s", missing,
                                               unmeasured_words(report, exchange))});
    }
}

static void part_tiles(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_totals *totals = &report->stats.totals;
    int64_t keys = report->all_keys;
    char count[HTML_WORDS];
    html_arena_reset(&report->passing);
    const char *seen = of_words(report, totals->seen);
    write_tile(writer, &(struct tile){.name = "Endpoints answered",
                                      .link = "unreachable",
                                      .number = totals->seen,
                                      .tone = "",
                                      .of = of_words(report, totals->endpoints),
                                      .note = lost_words(report)});
    write_tile(writer, &(struct tile){.name = "Need action",
                                      .link = "show=act",
                                      .tone = " c-crit",
                                      .number = totals->act,
                                      .of = seen,
                                      .note = "a critical or high finding"});
    date_tiles(report);
    write_tile(writer, &(struct tile){.name = "Chain or trust broken",
                                      .link = "show=chain",
                                      .tone = " c-high",
                                      .number = totals->broken,
                                      .of = seen,
                                      .note = broken_words(report)});
    survey_tiles(report);
    write_tile(
        writer,
        &(struct tile){.name = "Keys on several hosts",
                       .link = keys > 0 ? "keys" : "method",
                       .tone = " c-med",
                       .number = keys,
                       .of = "",
                       .note = keys == 0
                                   ? "each host has a key of its own"
                                   : html_format(&report->passing, "most shared: %.20s hosts",
                                                 html_words_count(count, report->keys[0].hosts))});
}

/* ---- the action list ---- */

/* The first finding of a row, in words, and how many more stand. */
struct action {
    const struct html_row *row;
    const struct html_rule *rule;
    const char *tone;
    const char *detail;
    const char *more;
};

static void action_icon(struct html_writer *writer, const void *context)
{
    html_part_icon(writer, ((const struct action *)context)->tone);
}

static void write_action(struct html_report *report, const struct html_row *row)
{
    struct action action = {.row = row, .tone = "high", .detail = "", .more = ""};
    size_t standing = 0;
    while (standing < row->num_findings && row->findings[standing].waived_until_s == HTML_UNKNOWN) {
        standing++;
    }
    if (standing > 0) {
        const struct html_finding *finding = &row->findings[0];
        action.rule = finding->rule;
        action.tone = html_severity_tone(finding->severity);
        action.detail = finding->detail[0] != '\0'
                            ? html_format(&report->passing, " (%s)", finding->detail)
                            : "";
    }
    if (standing > 1) {
        action.more = html_format(&report->passing, " +%zu\u00a0more", standing - 1);
    }
    HTML_BLOCK(report->writer, "action", SLOT_URL("link", row->endpoint),
               SLOT_NAME("host", html_endpoint_name(&report->passing, row->host, row->port, true)),
               SLOT_TEXT("owner", row->owner), SLOT_PART("icon", action_icon, &action),
               SLOT_TEXT("title", action.rule != NULL ? action.rule->title : ""),
               SLOT_TEXT("detail", action.detail), SLOT_TEXT("more", action.more));
}

static void action_items(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_stats *stats = &report->stats;
    (void)writer;
    for (size_t i = 0; i < stats->top.num && i < HTML_MAX_ACTIONS; i++) {
        const struct html_row *row = html_walk_find(report->walk, &stats->top.items[i]);
        if (row == NULL || !html_row_needs_action(row)) {
            break;
        }
        html_arena_reset(&report->passing);
        write_action(report, row);
    }
}

static void part_actions(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    char count[HTML_WORDS];
    struct html_more more = {.link = "show=act"};
    if (report->stats.totals.act == 0) {
        return;
    }
    html_arena_reset(&report->passing);
    if (report->stats.totals.act > HTML_MAX_ACTIONS) {
        more.text = html_copy(&report->lasting,
                              html_format(&report->passing, "All %.20s that need action",
                                          html_words_count(count, report->stats.totals.act)));
    }
    HTML_BLOCK(writer, "actions", SLOT_PART("items", action_items, report),
               SLOT_PART("more", html_part_more, &more));
}

/* ---- who has to act ---- */

static int compare_acts(const void *left, const void *right)
{
    const struct html_bar *a = left;
    const struct html_bar *b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : strcmp(a->label, b->label);
}

static void owner_bars(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    const struct html_stats *stats = &report->stats;
    struct html_bar *bars = calloc(stats->groups.num, sizeof *bars);
    size_t num = 0;
    for (size_t i = 0; bars != NULL && i < stats->groups.num; i++) {
        if (stats->group_facts[i].act > 0) {
            bars[num++] = (struct html_bar){.label = stats->groups.entries[i].text,
                                            .key = "show=act&amp;owner",
                                            .value = stats->groups.entries[i].text,
                                            .tone = "high",
                                            .count = stats->group_facts[i].act,
                                            .whole = stats->group_facts[i].seen};
        }
    }
    if (num > 0) {
        qsort(bars, num, sizeof *bars, compare_acts);
    }
    for (size_t i = 0; i < num && i < MAX_OWNERS; i++) {
        bars[i].largest = bars[0].count;
        html_bar(writer, &bars[i]);
    }
    free(bars);
}

/* Rules that found something critical or high, those with most endpoints first. */
static void fix_bars(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    int64_t largest = 0;
    int num = 0;
    for (size_t i = 0; i < report->num_rules; i++) {
        const struct html_rule *rule = &report->rules[i];
        largest = rule->worst >= 3 && rule->standing > largest ? rule->standing : largest;
    }
    for (size_t i = 0; i < report->num_rules && num < MAX_FIXES; i++) {
        const struct html_rule *rule = &report->rules[i];
        if (rule->standing > 0 && rule->worst >= 3) {
            html_bar(writer, &(struct html_bar){.label = rule->title,
                                                .key = "rule",
                                                .value = rule->name,
                                                .tone = html_severity_tone(rule->worst),
                                                .count = rule->standing,
                                                .largest = largest,
                                                .whole = report->stats.totals.seen});
            num++;
        }
    }
}

static bool has_owners(const struct html_report *report)
{
    return report->stats.totals.act > 0 && report->stats.groups.num > 1;
}

static void part_owners(struct html_writer *writer, const void *context)
{
    if (has_owners(context)) {
        HTML_BLOCK(writer, "owners", SLOT_PART("bars", owner_bars, context),
                   SLOT_PART("fixes", fix_bars, context));
    }
}

static bool has_survey_tiles(const struct html_report *report)
{
    return report->stats.survey.endpoints > 0;
}

void html_section_glance(struct html_writer *writer, const void *context)
{
    HTML_BLOCK(
        writer, "glance", SLOT_PART("verdict", part_verdict, context),
        SLOT_RAW("many", has_survey_tiles(context) ? " many" : ""),
        SLOT_PART("tiles", part_tiles, context), SLOT_PART("since", html_part_since, context),
        SLOT_PART("trend", html_part_trend, context),
        SLOT_RAW("columns", has_owners(context) ? "" : " one"),
        SLOT_PART("actions", part_actions, context), SLOT_PART("owners", part_owners, context));
}
