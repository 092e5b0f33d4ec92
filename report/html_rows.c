/* Section `endpoints`: the table, its controls, and one row. */
#include <stdlib.h>
#include <string.h>

#include "html_chain.h"
#include "html_report.h"
#include "svg.h"
#include "tlscensus/outcome.h"

#define ROWS_IN_BLOCK  100
#define MANY_ROWS      300    /* above it, blocks out of sight are not laid out */
#define TIME_FULL_US   300000 /* the whole length of a row's bar */
#define MAX_SELECT     300    /* values that a filter offers; search finds the others */
#define MAX_CHIP_NAMES 200U

struct row_part {
    struct html_report *report;
    const struct html_row *row;
};

/* ---- cells ---- */

static void cell_expiry(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    const struct html_leaf *leaf = &part->row->leaf;
    int64_t days = html_row_days(part->report, part->row);
    char left[HTML_WORDS];
    char date[HTML_WORDS];
    if (days == HTML_UNKNOWN) {
        HTML_BLOCK(writer, "no",
                   SLOT_TEXT("text", leaf->id == 0 ? "no certificate" : "unreadable"));
        return;
    }
    int64_t left_s = leaf->not_after_s - part->report->scan.as_of_s;
    int64_t life_s =
        leaf->not_before_s == HTML_UNKNOWN ? 0 : leaf->not_after_s - leaf->not_before_s;
    HTML_BLOCK(writer, "row_expiry", SLOT_RAW("tone", html_expiry_tone(life_s, left_s)),
               SLOT_TEXT("left", html_words_left(left, days)),
               SLOT_RAW("date", html_words_date(date, leaf->not_after_s)),
               SLOT_INT("width", html_life_used(life_s, left_s)));
}

static const char *depth_text(struct html_arena *arena, int64_t depth)
{
    return depth == HTML_UNKNOWN ? "–" : html_format(arena, "%lld", (long long)depth);
}

static void cell_chain(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    struct html_arena *arena = &part->report->passing;
    const char *tone = "";
    if (part->row->leaf.id == 0) {
        return;
    }
    const char *words = html_chain_words(part->row, &tone);
    HTML_BLOCK(writer, "row_chain", SLOT_RAW("glyph", html_chain_glyph(part->row)),
               SLOT_RAW("presented", depth_text(arena, part->row->presented_depth)),
               SLOT_RAW("verified", depth_text(arena, part->row->verified_depth)),
               SLOT_RAW("tone", tone), SLOT_TEXT("status", words));
}

static void cell_version(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    int64_t version = part->row->tls_version;
    if (version == HTML_UNKNOWN) {
        HTML_BLOCK(writer, "no", SLOT_TEXT("text", "–"));
        return;
    }
    const char *name = html_code_name(part->report, "version", version);
    HTML_BLOCK(writer, "row_version", SLOT_RAW("tone", version < 0x0303 ? "w" : ""),
               SLOT_TEXT("text", strncmp(name, "TLS ", 4) == 0 ? name + 4 : name));
}

/* Each phase with its number in the style; what follows the first byte is the handshake's rest. */
static size_t phases_of(const struct html_row *row, int64_t out_us[5], int out_numbers[5])
{
    bool has_hello = row->server_hello_us != HTML_UNKNOWN;
    int64_t rest = row->handshake_us == HTML_UNKNOWN ? HTML_UNKNOWN
                   : has_hello                       ? row->handshake_us - row->server_hello_us
                                                     : row->handshake_us;
    const int64_t times[5] = {row->dns_us, row->connect_us, row->starttls_us, row->server_hello_us,
                              rest};
    static const int k_numbers[5] = {1, 2, 5, 3, 4};
    size_t num = 0;
    for (size_t i = 0; i < 5; i++) {
        if (times[i] != HTML_UNKNOWN && times[i] >= 0) {
            out_us[num] = times[i];
            out_numbers[num++] = k_numbers[i];
        }
    }
    return num;
}

static void time_parts(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    int64_t times[5];
    int numbers[5];
    int64_t before = 0;
    size_t num = phases_of(part->row, times, numbers);
    for (size_t i = 0; i < num; i++) {
        int64_t x = svg_scale(before, TIME_FULL_US, 1000);
        before += times[i];
        int64_t width = svg_scale(before, TIME_FULL_US, 1000) - x;
        if (width > 0) {
            HTML_BLOCK(writer, "row_time_part", SLOT_INT("number", numbers[i]), SLOT_TENTH("x", x),
                       SLOT_TENTH("width", width));
        }
    }
}

static void cell_time(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    char total[HTML_WORDS];
    if (part->row->total_us == HTML_UNKNOWN) {
        HTML_BLOCK(writer, "no", SLOT_TEXT("text", "–"));
        return;
    }
    HTML_BLOCK(writer, "row_time", SLOT_RAW("total", html_words_ms(total, part->row->total_us)),
               SLOT_PART("parts", time_parts, part));
}

static void cell_chips(struct html_writer *writer, const void *context)
{
    const struct row_part *part = context;
    struct html_arena *arena = &part->report->passing;
    const char *names[5] = {"", "", "", "", ""};
    if (part->row->score == 0) {
        HTML_BLOCK(writer, "no", SLOT_TEXT("text", "none"));
        return;
    }
    for (size_t i = 0; i < part->row->num_findings; i++) {
        const struct html_finding *finding = &part->row->findings[i];
        int64_t severity = finding->severity;
        if (finding->waived_until_s == HTML_UNKNOWN && severity >= 0 && severity <= 4 &&
            strlen(names[severity]) < MAX_CHIP_NAMES) {
            names[severity] =
                html_format(arena, "%s%s%s", names[severity], names[severity][0] != '\0' ? " " : "",
                            finding->rule->name);
        }
    }
    for (int severity = 4; severity >= 0; severity--) {
        unsigned count = html_row_findings(part->row, (unsigned)severity);
        const char *tone = html_severity_tone(severity);
        if (count > 0) {
            HTML_BLOCK(writer, "chip", SLOT_RAW("tone", tone), SLOT_TEXT("rules", names[severity]),
                       SLOT_PART("icon", html_part_icon, tone), SLOT_INT("count", count),
                       SLOT_RAW("severity", html_severity_word(severity)));
        }
    }
}

static const char *address_words(struct html_arena *arena, const struct html_row *row)
{
    if (row->all_addresses == 1) {
        return row->addresses;
    }
    if (row->num_addresses == row->all_addresses) {
        return html_format(arena, "%lld addresses", (long long)row->num_addresses);
    }
    return html_format(arena, "%s (%lld of %lld addresses, which differ)", row->addresses,
                       (long long)row->num_addresses, (long long)row->all_addresses);
}

/* The line under the name: international form, owner, addresses, what else to know. */
static const char *under_words(struct html_arena *arena, const struct html_row *row)
{
    const char *unicode =
        row->host_unicode[0] != '\0' ? html_format(arena, "%s · ", row->host_unicode) : "";
    const char *addresses = address_words(arena, row);
    const char *outcome =
        row->outcome_id != TC_OUTCOME_OK ? tc_outcome_str((enum tc_outcome)row->outcome_id) : "";
    return html_format(arena, "%s%s%s%s%s%s", unicode, row->owner,
                       addresses[0] != '\0' ? " · " : "", addresses,
                       outcome[0] != '\0' ? " · " : "", outcome);
}

/* ---- rows ---- */

static void row_id(struct html_writer *writer, const void *context)
{
    const struct html_row *row = context;
    if (row != NULL) {
        HTML_BLOCK(writer, "row_id", SLOT_TEXT("link", row->endpoint));
    }
}

static const char *issuer_words(const struct html_leaf *leaf)
{
    if (leaf->is_self_signed) {
        return "self-signed";
    }
    return leaf->issuer_organization[0] != '\0' ? leaf->issuer_organization : leaf->issuer_cn;
}

static void write_row(struct html_report *report, const struct html_row *row, bool with_id)
{
    struct row_part part = {report, row};
    struct html_arena *arena = &report->passing;
    bool is_default_port = row->port == 443;
    html_arena_reset(arena);
    HTML_BLOCK(
        report->writer, "row", SLOT_PART("id", row_id, with_id ? row : NULL),
        SLOT_RAW("tone", html_grade_tone(row->grade)),
        SLOT_TEXT("grade", row->grade[0] != '\0' ? row->grade : "–"),
        SLOT_URL("link", row->endpoint),
        SLOT_NAME("host", html_endpoint_name(arena, row->host, 443, true)),
        SLOT_RAW("port", is_default_port ? "" : html_format(arena, ":%lld", (long long)row->port)),
        SLOT_TEXT("under", under_words(arena, row)), SLOT_PART("expiry", cell_expiry, &part),
        SLOT_PART("chain", cell_chain, &part), SLOT_TEXT("issuer", issuer_words(&row->leaf)),
        SLOT_TEXT("issuer_cn", row->leaf.is_self_signed ? "" : row->leaf.issuer_cn),
        SLOT_TEXT("key", row->leaf.key), SLOT_PART("version", cell_version, &part),
        SLOT_TEXT("exchange", html_exchange_name(report, row)), SLOT_PART("time", cell_time, &part),
        SLOT_PART("chips", cell_chips, &part));
}

static void part_rows(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_stats *stats = &report->stats;
    const char *before = "";
    for (size_t i = 0; i < stats->top.num; i++) {
        const struct html_row *row = html_walk_find(report->walk, &stats->top.items[i]);
        if (row == NULL) {
            break;
        }
        if (i % ROWS_IN_BLOCK == 0) {
            html_block(writer, "rows_start", NULL);
        }
        /* The first of a name is what a link means; details have the link where they are drawn. */
        bool is_first = strcmp(before, stats->top.items[i].endpoint) != 0;
        write_row(report, row, is_first && i >= report->max_details && report->options->no_script);
        before = stats->top.items[i].endpoint;
        if (i % ROWS_IN_BLOCK == ROWS_IN_BLOCK - 1 || i + 1 == stats->top.num) {
            html_block(writer, "rows_end", NULL);
        }
    }
}

/* ---- the table's frame ---- */

static const char *const k_heads[][2] = {
    {"g", "Grade"}, {"h", "Endpoint"}, {"d", "Expires"}, {"c", "Chain"}, {"i", "Issuer"},
    {"k", "Key"},   {"v", "TLS"},      {"x", "Group"},   {"t", "Time"},  {"f", "Findings"}};

static void part_heads(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_heads); i++) {
        HTML_BLOCK(writer, report->options->no_script ? "head" : "head_sort",
                   SLOT_RAW("key", k_heads[i][0]), SLOT_TEXT("name", k_heads[i][1]));
    }
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void part_options(struct html_writer *writer, const void *context)
{
    const struct html_dict *dict = context;
    const char **names = calloc(dict->num + 1, sizeof *names);
    size_t num = 0;
    for (size_t i = 0; names != NULL && i < dict->num; i++) {
        names[num++] = dict->entries[i].text;
    }
    if (num > 0) {
        qsort(names, num, sizeof *names, compare_names);
    }
    for (size_t i = 0; i < num && i < MAX_SELECT; i++) {
        HTML_BLOCK(writer, "option", SLOT_TEXT("name", names[i]));
    }
    free(names);
}

static void part_selects(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    if (report->stats.groups.num > 1) {
        HTML_BLOCK(writer, "select", SLOT_TEXT("name", report->group_head), SLOT_RAW("id", "group"),
                   SLOT_PART("options", part_options, &report->stats.groups));
    }
    if (report->stats.owners.num > 1) {
        HTML_BLOCK(writer, "select", SLOT_TEXT("name", report->owner_head), SLOT_RAW("id", "owner"),
                   SLOT_PART("options", part_options, &report->stats.owners));
    }
}

static void part_controls(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    if (!report->options->no_script) {
        HTML_BLOCK(writer, "controls", SLOT_PART("selects", part_selects, context),
                   SLOT_PART("survey", html_part_survey_filters, context));
    }
}

/* Without the script a link to a filter leads to the head of the table. */
static void part_anchors(struct html_writer *writer, const void *context)
{
    static const char *const k_names[] = {"show=act", "show=expired", "show=exp7", "show=exp30",
                                          "show=chain"};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_names); i++) {
        HTML_BLOCK(writer, "anchor", SLOT_RAW("name", k_names[i]));
    }
    html_survey_anchors((struct html_report *)(uintptr_t)context);
}

static void part_none(struct html_writer *writer, const void *context)
{
    (void)context;
    html_block(writer, "none", NULL);
}

static const char *rows_said(struct html_report *report)
{
    const struct html_totals *totals = &report->stats.totals;
    char rows[HTML_WORDS];
    char all[HTML_WORDS];
    if (report->is_windowed) {
        return html_format(&report->lasting, "worst %.20s of %.20s rows; search covers all",
                           html_words_count(rows, (int64_t)report->stats.top.num),
                           html_words_count(all, totals->rows));
    }
    return html_format(&report->lasting, "%.20s, worst first%s",
                       html_words_count(all, totals->seen),
                       (int64_t)report->stats.top.num < totals->seen
                           ? "; addresses of a name that are alike share a row"
                           : "");
}

void html_section_endpoints(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct html_more more = {.link = "method"};
    if (report->stats.totals.seen == 0) {
        return;
    }
    if (report->is_windowed) {
        more.text = "These are the worst rows. The rest is in this file and is drawn by its "
                    "script; endpoints.csv has every row.";
    }
    HTML_BLOCK(writer, "endpoints", SLOT_TEXT("said", rows_said(report)),
               SLOT_PART("anchors", part_anchors, report),
               SLOT_PART("controls", part_controls, report),
               SLOT_RAW("sortable", report->options->no_script
                                        ? ""
                                        : ". Column heads that are buttons sort the table"),
               SLOT_RAW("size", report->stats.top.num > MANY_ROWS ? " big" : ""),
               SLOT_PART("heads", part_heads, report), SLOT_PART("rows", part_rows, report),
               SLOT_PART("none", part_none, NULL), SLOT_PART("more", html_part_more, &more));
}
