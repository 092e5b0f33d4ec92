/* What the survey adds beside details: its panels of the posture, and the glossary of its facts. */
#include <string.h>

#include "html_sets.h"

/* ---- panels ---- */

static int64_t measured(const struct html_answers *answers)
{
    return answers->yes + answers->no;
}

/* "of 42 surveyed" */
static const char *of_surveyed(struct html_report *report)
{
    char count[HTML_WORDS];
    return html_format(&report->passing, "of %.20s surveyed",
                       html_words_count(count, report->stats.survey.endpoints));
}

static void version_bars(struct html_writer *writer, const void *context)
{
    static const char *const k_tones[TC_SET_NUM_VERSIONS] = {"crit", "crit", "high",
                                                             "high", "",     "ok"};
    const struct html_report *report = context;
    const struct html_survey *survey = &report->stats.survey;
    for (unsigned i = TC_SET_NUM_VERSIONS; i-- > 0;) {
        const struct html_answers *answers = &survey->versions[i];
        if (measured(answers) > 0) {
            html_bar(writer, &(struct html_bar){.label = tc_set_version_name(i),
                                                .tone = k_tones[i],
                                                .count = answers->yes,
                                                .largest = survey->endpoints,
                                                .whole = measured(answers)});
        }
    }
}

/* "Shares are of those where it was measured; not measured: SSL 2.0 on 3." */
static const char *version_note(struct html_report *report)
{
    const struct html_survey *survey = &report->stats.survey;
    struct html_arena *arena = &report->passing;
    const char *list = "";
    for (unsigned i = TC_SET_NUM_VERSIONS; i-- > 0;) {
        int64_t unknown = survey->endpoints - measured(&survey->versions[i]);
        char count[HTML_WORDS];
        if (unknown > 0) {
            list = html_format(arena, "%s%s%s on %.20s", list, list[0] != '\0' ? ", " : "",
                               tc_set_version_name(i), html_words_count(count, unknown));
        }
    }
    return list[0] == '\0'
               ? "Every version that a server accepts, not only the one it prefers."
               : html_format(arena, "Shares are of those where it was measured. Not measured: %s.",
                             list);
}

static void exchange_bars(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    const struct html_survey *survey = &report->stats.survey;
    const struct html_bar bars[] = {
        {.label = "accepted",
         .key = "show",
         .value = "pq",
         .tone = "ok",
         .count = survey->post_quantum.yes},
        {.label = "not accepted", .key = "show", .value = "nopq", .count = survey->post_quantum.no},
        {.label = "not measured", .count = survey->endpoints - measured(&survey->post_quantum)}};
    for (size_t i = 0; i < TC_ARRAY_LEN(bars); i++) {
        struct html_bar bar = bars[i];
        bar.largest = survey->endpoints;
        bar.whole = survey->endpoints;
        bar.tone = bar.tone != NULL ? bar.tone : bar.key != NULL ? "" : "none";
        if (bar.key != NULL || bar.count > 0) {
            html_bar(writer, &bar);
        }
    }
}

static void suite_bars(struct html_writer *writer, const void *context)
{
    static const char *const k_tones[TC_SUITE_NUM_QUALITIES] = {"none", "ok", "", "med", "crit"};
    static const enum tc_suite_quality k_order[] = {TC_SUITE_RECOMMENDED, TC_SUITE_SUFFICIENT,
                                                    TC_SUITE_WEAK, TC_SUITE_INSECURE,
                                                    TC_SUITE_UNKNOWN};
    const struct html_report *report = context;
    const struct html_survey *survey = &report->stats.survey;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_order); i++) {
        int64_t count = survey->weakest[k_order[i]];
        if (count > 0 || k_order[i] != TC_SUITE_UNKNOWN) {
            html_bar(writer, &(struct html_bar){.label = tc_suite_quality_name(k_order[i]),
                                                .tone = k_tones[k_order[i]],
                                                .count = count,
                                                .largest = survey->endpoints,
                                                .whole = survey->endpoints});
        }
    }
}

void html_survey_panels(struct html_report *report)
{
    const struct {
        const char *name;
        html_part bars;
        const char *note;
    } panels[] = {
        {"Protocol versions accepted", version_bars, version_note(report)},
        {"Post-quantum key exchange", exchange_bars,
         "Groups with ML-KEM: who offers them gets keys that a quantum computer cannot find."},
        {"Weakest suite accepted", suite_bars,
         report->stats.survey.weakest[TC_SUITE_UNKNOWN] == 0
             ? "An attacker may try to have the weakest one used."
             : "An attacker may try to have the weakest one used. Not measured: a list was cut "
               "short."},
    };
    if (report->stats.survey.endpoints == 0) {
        return;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(panels); i++) {
        HTML_BLOCK(report->writer, "panel_of", SLOT_TEXT("name", panels[i].name),
                   SLOT_TEXT("said", of_surveyed(report)),
                   SLOT_PART("bars", panels[i].bars, report), SLOT_TEXT("note", panels[i].note));
    }
}

/* ---- the table's filters ---- */

static const struct {
    const char *value;
    const char *name;
} k_filters[] = {{"legacy", "Accepts TLS 1.1 or older"},
                 {"pq", "Post-quantum key exchange"},
                 {"nopq", "No post-quantum key exchange"}};

void html_part_survey_filters(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    for (size_t i = 0; report->stats.survey.endpoints > 0 && i < TC_ARRAY_LEN(k_filters); i++) {
        HTML_BLOCK(writer, "filter", SLOT_RAW("value", k_filters[i].value),
                   SLOT_TEXT("name", k_filters[i].name));
    }
}

void html_survey_anchors(struct html_report *report)
{
    for (size_t i = 0; report->stats.survey.endpoints > 0 && i < TC_ARRAY_LEN(k_filters); i++) {
        HTML_BLOCK(report->writer, "anchor",
                   SLOT_RAW("name", html_format(&report->passing, "show=%s", k_filters[i].value)));
    }
}

/* ---- the glossary ---- */

static void part_words(struct html_writer *writer, const void *context)
{
    size_t num = 0;
    const struct tc_fact_words *facts = tc_fact_words(&num);
    (void)context;
    for (size_t i = 0; i < num; i++) {
        HTML_BLOCK(writer, "word", SLOT_RAW("id", facts[i].name),
                   SLOT_TEXT("title", facts[i].title), SLOT_TEXT("sentence", facts[i].sentence),
                   SLOT_RAW("better", ""));
    }
}

static void part_trait_words(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    size_t num = 0;
    const struct tc_trait_words *words = tc_trait_words(&num);
    for (size_t i = 0; i < num; i++) {
        html_arena_reset(&report->passing);
        HTML_BLOCK(writer, "word",
                   SLOT_RAW("id", html_format(&report->passing, "%lld", (long long)words[i].code)),
                   SLOT_TEXT("title", words[i].title), SLOT_TEXT("sentence", words[i].sentence),
                   SLOT_RAW("better", tc_trait_better(words[i].sense)));
    }
}

void html_section_facts(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    if (report->stats.survey.endpoints > 0) {
        HTML_BLOCK(writer, "facts", SLOT_PART("words", part_words, context),
                   SLOT_PART("traits", part_trait_words, context));
    }
}
