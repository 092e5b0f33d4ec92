/* The summary at the end of a scan: what answered, what expires, what is broken, in few lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "feature_set.h"
#include "terminal.h"
#include "tlscensus/sql.h"

#define SUMMARY_TEXT_MAX ((size_t)1024 * 1024)
#define SUMMARY_INDENT   13U
#define WIDEST_SEVERITY  14U /* ", " and " ▲ critical" and a comma */
#define NAMED_OUTCOMES   4U
#define NAMED_HOST_WIDTH 40U

struct summary {
    struct tc_terminal term;
    struct tc_store *store;
    int64_t scan_id;
    struct tc_error *error;
};

static enum tc_status open_rows(struct tc_rows **out, struct summary *summary, const char *sql)
{
    enum tc_status status = tc_rows_open(out, summary->store, sql, summary->error);
    if (status == TC_OK) {
        tc_rows_bind_int(*out, ":scan_id", summary->scan_id);
    }
    return status;
}

/* "connect-timeout 3, refused 1, …": the most frequent; the rest as one number. */
static enum tc_status draw_outcomes(struct summary *summary)
{
    struct tc_terminal *term = &summary->term;
    struct tc_rows *rows = NULL;
    int64_t others = 0;
    unsigned num_outcomes = 0;
    enum tc_status status = open_rows(&rows, summary, tc_sql_report_summary_outcomes);
    if (status != TC_OK) {
        return status;
    }
    while ((status = tc_rows_next(rows, summary->error)) == TC_OK) {
        if (num_outcomes < NAMED_OUTCOMES) {
            char text[96];
            snprintf(text, sizeof text, "%.60s %" PRId64, tc_row_text(rows, "outcome"),
                     tc_row_int(rows, "endpoints"));
            tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, num_outcomes > 0 ? "," : ";", text);
        } else {
            others += tc_row_int(rows, "endpoints");
        }
        num_outcomes++;
    }
    tc_rows_close(rows);
    if (others > 0) {
        char text[48];
        snprintf(text, sizeof text, "others %" PRId64, others);
        tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, ",", text);
    }
    return status == TC_ERR_END ? TC_OK : status;
}

/* "www.example.edu:443 in 3 d" */
static void draw_expiring_host(struct tc_terminal *term, const struct tc_rows *rows,
                               const char *separator)
{
    struct tc_buf text;
    int64_t days_left = tc_row_int(rows, "days_left");
    tc_buf_init(&text, SUMMARY_TEXT_MAX);
    struct tc_terminal into = tc_term_into(term, &text);
    into.color = false;
    tc_term_host(&into, TC_STYLE_PLAIN, tc_row_text(rows, "host"),
                 (unsigned)tc_row_int(rows, "port"), NAMED_HOST_WIDTH);
    if (days_left < 0) {
        tc_buf_addf(&text, " %" PRIu64 " d ago", 0 - (uint64_t)days_left);
    } else {
        tc_buf_addf(&text, " in %" PRId64 " d", days_left);
    }
    if (text.data != NULL) {
        tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, separator, text.data);
    }
    tc_buf_cleanup(&text);
}

/* The number of certificates past or near their end, with the three worst hosts. */
static enum tc_status draw_expiry(struct summary *summary, const char *label, int64_t count,
                                  bool expired)
{
    struct tc_terminal *term = &summary->term;
    struct tc_rows *rows = NULL;
    if (count == 0) {
        return TC_OK;
    }
    enum tc_status status = open_rows(&rows, summary, tc_sql_report_summary_expiring);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":expired", expired ? 1 : 0);
    tc_term_fact_begin(term, label);
    tc_term_printf(term, expired ? TC_STYLE_CRITICAL : TC_STYLE_MEDIUM, "%" PRId64, count);
    const char *separator = ":";
    while ((status = tc_rows_next(rows, summary->error)) == TC_OK) {
        draw_expiring_host(term, rows, separator);
        separator = ",";
    }
    tc_rows_close(rows);
    tc_term_newline(term);
    return status == TC_ERR_END ? TC_OK : status;
}

static void draw_broken(struct tc_terminal *term, const struct tc_rows *counts)
{
    static const struct {
        const char *column;
        const char *words;
    } kinds[] = {{"untrusted", "not trusted"},
                 {"wrong_name", "for another name"},
                 {"incomplete", "with an incomplete chain"}};
    bool any = false;
    for (size_t i = 0; i < TC_ARRAY_LEN(kinds); i++) {
        int64_t count = tc_row_int(counts, kinds[i].column);
        char text[64];
        if (count == 0) {
            continue;
        }
        if (!any) {
            tc_term_fact_begin(term, "broken");
        }
        snprintf(text, sizeof text, "%" PRId64 " %s", count, kinds[i].words);
        tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, any ? "," : "", text);
        any = true;
    }
    if (any) {
        tc_term_newline(term);
    } else if (tc_row_int(counts, "with_certificate") > 0) {
        tc_term_fact_line(term, TC_STYLE_GOOD, "broken", "none: every chain and name holds");
    }
}

static enum tc_status draw_findings(struct summary *summary)
{
    struct tc_terminal *term = &summary->term;
    struct tc_rows *rows = NULL;
    bool any = false;
    enum tc_status status = open_rows(&rows, summary, tc_sql_report_summary_findings);
    if (status != TC_OK) {
        return status;
    }
    tc_term_fact_begin(term, "findings");
    while ((status = tc_rows_next(rows, summary->error)) == TC_OK) {
        char text[48];
        bool waived = tc_row_is_null(rows, "severity");
        snprintf(text, sizeof text, "%" PRId64 "%s", tc_row_int(rows, "findings"),
                 waived ? " waived" : "");
        if (any && !term->never_cut &&
            term->column + strlen(text) + WIDEST_SEVERITY > term->width) {
            tc_term_text(term, TC_STYLE_PLAIN, ",");
            tc_term_newline(term);
            tc_term_pad(term, SUMMARY_INDENT);
        } else if (any) {
            tc_term_text(term, TC_STYLE_PLAIN, ", ");
        }
        tc_term_text(term, TC_STYLE_PLAIN, text);
        if (!waived) {
            tc_term_text(term, TC_STYLE_PLAIN, " ");
            tc_term_severity(term, (unsigned)tc_row_int(rows, "severity"));
        }
        any = true;
    }
    tc_term_text(term, TC_STYLE_PLAIN, any ? "" : "none");
    tc_term_newline(term);
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* ---- the survey ---- */

/* Endpoints that were surveyed; of two questions, who answered yes and who answered at all. */
struct surveyed {
    int64_t endpoints;
    int64_t confirmed; /* by few questions, of an earlier survey */
    int64_t legacy;
    int64_t legacy_known;
    int64_t hybrid;
    int64_t hybrid_known;
};

static enum tc_status count_surveyed(struct summary *summary, struct surveyed *out)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = open_rows(&rows, summary, tc_sql_report_sets);
    if (status != TC_OK) {
        return status;
    }
    while ((status = tc_rows_next(rows, summary->error)) == TC_OK) {
        struct tc_set_flags flags;
        tc_set_flags_read(&flags, rows);
        out->endpoints += flags.endpoints;
        out->confirmed += flags.is_confirmed ? flags.endpoints : 0;
        out->legacy += flags.legacy == TC_YES ? flags.endpoints : 0;
        out->legacy_known += flags.legacy != TC_UNKNOWN ? flags.endpoints : 0;
        out->hybrid += flags.post_quantum == TC_YES ? flags.endpoints : 0;
        out->hybrid_known += flags.post_quantum != TC_UNKNOWN ? flags.endpoints : 0;
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* "58; 5 of 55 accept TLS 1.1 or older, 24 of 55 post-quantum groups": nothing in profile
 * quick. */
static enum tc_status draw_surveyed(struct summary *summary)
{
    struct tc_terminal *term = &summary->term;
    struct surveyed counts = {0};
    char text[96];
    enum tc_status status = count_surveyed(summary, &counts);
    if (status != TC_OK || counts.endpoints == 0) {
        return status;
    }
    tc_term_fact_begin(term, "surveyed");
    tc_term_printf(term, TC_STYLE_PLAIN, "%" PRId64, counts.endpoints);
    if (counts.confirmed > 0) {
        snprintf(text, sizeof text, "%" PRId64 " of them confirmed from an earlier scan",
                 counts.confirmed);
        tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, ",", text);
    }
    if (counts.legacy_known > 0) {
        snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " accept TLS 1.1 or older",
                 counts.legacy, counts.legacy_known);
        tc_term_item(term, counts.legacy > 0 ? TC_STYLE_MEDIUM : TC_STYLE_PLAIN, SUMMARY_INDENT,
                     ";", text);
    }
    if (counts.hybrid_known > 0) {
        snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " post-quantum groups", counts.hybrid,
                 counts.hybrid_known);
        tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, counts.legacy_known > 0 ? "," : ";",
                     text);
    }
    tc_term_newline(term);
    return status;
}

/* ---- phases ---- */

/*
 * Times in buckets that are 1/64 of their octave wide, so a percentile is right within 1 % and
 * the memory does not grow with the scan.
 */
#define OCTAVE_BUCKETS ((size_t)64)
#define NUM_BUCKETS    (OCTAVE_BUCKETS * 58U)

struct phase {
    const char *name;
    uint64_t counts[NUM_BUCKETS];
    uint64_t total;
};

static size_t bucket_of(uint64_t us)
{
    size_t octave = 0;
    while (us >= (uint64_t)2 * OCTAVE_BUCKETS) {
        us >>= 1;
        octave++;
    }
    return octave * OCTAVE_BUCKETS + (size_t)us; /* below 128: exact */
}

/* The middle of a bucket, in microseconds. */
static double bucket_middle(size_t bucket)
{
    if (bucket < (size_t)2 * OCTAVE_BUCKETS) {
        return (double)bucket;
    }
    size_t octave = bucket / OCTAVE_BUCKETS - 1;
    double width = (double)((uint64_t)1 << octave);
    return ((double)(bucket - octave * OCTAVE_BUCKETS) + 0.5) * width;
}

static double phase_percentile(const struct phase *phase, uint64_t percent)
{
    uint64_t wanted = (phase->total * percent + 99) / 100;
    uint64_t seen = 0;
    size_t bucket = 0;
    while (bucket + 1 < NUM_BUCKETS && seen + phase->counts[bucket] < wanted) {
        seen += phase->counts[bucket];
        bucket++;
    }
    return bucket_middle(bucket) / 1000.0;
}

#define NUM_PHASES 4U

static enum tc_status count_phases(struct summary *summary, struct phase *phases)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = open_rows(&rows, summary, tc_sql_report_summary_phases);
    if (status != TC_OK) {
        return status;
    }
    while ((status = tc_rows_next(rows, summary->error)) == TC_OK) {
        for (size_t i = 0; i < NUM_PHASES; i++) {
            int64_t us = tc_rows_int(rows, (int)i);
            if (!tc_rows_is_null(rows, (int)i) && us >= 0) {
                phases[i].counts[bucket_of((uint64_t)us)]++;
                phases[i].total++;
            }
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* Median and 95th percentile of each phase; the slowest is said first. */
static enum tc_status draw_phases(struct summary *summary)
{
    static const char *const names[NUM_PHASES] = {"dns", "connect", "starttls", "handshake"};
    struct tc_terminal *term = &summary->term;
    const struct phase *slowest = NULL;
    struct phase *phases = calloc(NUM_PHASES, sizeof *phases);
    if (phases == NULL) {
        return tc_fail(summary->error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    enum tc_status status = count_phases(summary, phases);
    for (size_t i = 0; i < NUM_PHASES; i++) {
        phases[i].name = names[i];
        if (phases[i].total > 0 &&
            (slowest == NULL || phase_percentile(&phases[i], 50) > phase_percentile(slowest, 50))) {
            slowest = &phases[i];
        }
    }
    if (status == TC_OK && slowest != NULL) {
        tc_term_fact_begin(term, "slowest");
        tc_term_printf(term, TC_STYLE_PLAIN, "%s; median/95th in ms", slowest->name);
        const char *separator = ":";
        for (size_t i = 0; i < NUM_PHASES; i++) {
            char text[96];
            if (phases[i].total > 0) {
                snprintf(text, sizeof text, "%s %.1f/%.1f", phases[i].name,
                         phase_percentile(&phases[i], 50), phase_percentile(&phases[i], 95));
                tc_term_item(term, TC_STYLE_PLAIN, SUMMARY_INDENT, separator, text);
                separator = ",";
            }
        }
        tc_term_newline(term);
    }
    free(phases);
    return status;
}

static enum tc_status draw_summary(struct summary *summary, const struct tc_rows *counts)
{
    struct tc_terminal *term = &summary->term;
    int64_t rejected = tc_row_int(counts, "rejected");
    int64_t targets = tc_row_int(counts, "targets");
    int64_t endpoints = tc_row_int(counts, "endpoints");
    tc_term_printf(term, TC_STYLE_BOLD,
                   "scan %" PRId64 " %s: %" PRId64 " target%s, %" PRId64 " endpoint%s",
                   summary->scan_id, tc_row_text(counts, "state"), targets, targets == 1 ? "" : "s",
                   endpoints, endpoints == 1 ? "" : "s");
    tc_term_newline(term);
    tc_term_fact_begin(term, "answered");
    tc_term_printf(term, TC_STYLE_PLAIN, "%" PRId64 " of %" PRId64, tc_row_int(counts, "answered"),
                   tc_row_int(counts, "endpoints"));
    enum tc_status status = draw_outcomes(summary);
    tc_term_newline(term);
    if (status == TC_OK) {
        status = draw_expiry(summary, "expired", tc_row_int(counts, "expired"), true);
    }
    if (status == TC_OK) {
        status = draw_expiry(summary, "in 30 days", tc_row_int(counts, "expiring"), false);
    }
    if (status == TC_OK) {
        draw_broken(term, counts);
        status = draw_surveyed(summary);
    }
    if (status == TC_OK) {
        status = draw_findings(summary);
    }
    if (status == TC_OK) {
        status = draw_phases(summary);
    }
    if (rejected > 0) {
        tc_term_fact_begin(term, "rejected");
        tc_term_printf(term, TC_STYLE_MEDIUM, "%" PRId64 " input line%s", rejected,
                       rejected == 1 ? "" : "s");
        tc_term_newline(term);
    }
    return status;
}

enum tc_status tc_report_summary(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                                 const struct tc_terminal_options *options, struct tc_error *error)
{
    struct tc_buf text;
    struct tc_rows *counts = NULL;
    struct summary summary = {.store = store, .scan_id = scan_id, .error = error};
    tc_buf_init(&text, SUMMARY_TEXT_MAX);
    tc_term_init(&summary.term, &text, options);
    enum tc_status status = open_rows(&counts, &summary, tc_sql_report_summary);
    if (status != TC_OK) {
        return status;
    }
    status = tc_rows_next(counts, error);
    if (status == TC_OK) {
        status = draw_summary(&summary, counts);
    } else if (status == TC_ERR_END) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "there is no scan %" PRId64, scan_id);
    }
    if (status == TC_OK && text.data != NULL) {
        tc_output_write(output, text.data, text.len);
    }
    tc_rows_close(counts);
    tc_buf_cleanup(&text);
    return status;
}
