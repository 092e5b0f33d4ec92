/* Section `details`: the worst endpoints in full. */
#include <string.h>

#include "html_accepts.h"
#include "html_chain.h"
#include "html_report.h"
#include "svg.h"
#include "tlscensus/outcome.h"
#include "tlscensus/sql.h"

#define MAX_NAMES 24

struct detail {
    struct html_report *report;
    const struct html_row *row;
};

/* ---- chain ---- */

static void box_life(struct html_writer *writer, const void *context)
{
    const struct html_box *box = ((const void *const *)context)[0];
    const struct html_report *report = ((const void *const *)context)[1];
    char left[HTML_WORDS];
    char date[HTML_WORDS];
    if (box->not_after_s == HTML_UNKNOWN) {
        return;
    }
    int64_t left_s = box->not_after_s - report->scan.as_of_s;
    int64_t life_s = box->not_before_s == HTML_UNKNOWN ? 0 : box->not_after_s - box->not_before_s;
    HTML_BLOCK(writer, "box_life", SLOT_RAW("tone", html_expiry_tone(life_s, left_s)),
               SLOT_INT("width", html_life_used(life_s, left_s)),
               SLOT_TEXT("left", html_words_left(left, html_days_between(report->scan.as_of_s,
                                                                         box->not_after_s))),
               SLOT_RAW("date", html_words_date(date, box->not_after_s)));
}

static void part_boxes(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    struct html_box boxes[HTML_MAX_BOXES];
    size_t num = html_chain_boxes(detail->report, detail->row, boxes);
    for (size_t i = 0; i < num; i++) {
        const void *life[] = {&boxes[i], detail->report};
        HTML_BLOCK(writer, "box", SLOT_RAW("kind", boxes[i].kind), SLOT_TEXT("role", boxes[i].role),
                   SLOT_RAW("tone", boxes[i].tone), SLOT_TEXT("state", boxes[i].state),
                   SLOT_TEXT("name", boxes[i].name), SLOT_TEXT("key", boxes[i].key),
                   SLOT_PART("life", box_life, life));
    }
}

static void part_trust(struct html_writer *writer, const void *context)
{
    const struct html_row *row = context;
    const char *text = row->trust_text[0] != '\0' ? row->trust_text : row->trust_detail;
    if (row->trusted == 0 && text[0] != '\0') {
        HTML_BLOCK(writer, "trust", SLOT_TEXT("text", text));
    }
}

static void part_history(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    const char *words = html_find_history(detail->report, detail->row->observation_id);
    if (words != NULL) {
        HTML_BLOCK(writer, "history", SLOT_TEXT("text", words));
    }
}

/* ---- timing ---- */

struct waterfall {
    struct html_report *report;
    int64_t total_us;
    int64_t before_us;
};

static void phase(struct html_writer *writer, struct waterfall *waterfall, const char *name,
                  int number, int64_t time_us)
{
    char time[HTML_WORDS];
    if (time_us == HTML_UNKNOWN || time_us < 0) {
        return;
    }
    int64_t x = svg_scale(waterfall->before_us, waterfall->total_us, 10000);
    int64_t width = svg_bar(time_us, waterfall->total_us, 10000, 40);
    waterfall->before_us += time_us;
    HTML_BLOCK(writer, "phase", SLOT_TEXT("name", name), SLOT_INT("number", number),
               SLOT_INT("x", x / 10), SLOT_INT("width", width / 10),
               SLOT_RAW("time", html_words_ms(time, time_us)));
}

static void part_phases(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    const struct html_row *row = detail->row;
    struct waterfall waterfall = {.report = detail->report, .total_us = row->total_us};
    bool has_hello = row->server_hello_us != HTML_UNKNOWN;
    phase(writer, &waterfall, "DNS", 1, row->dns_us);
    phase(writer, &waterfall, "TCP connect", 2, row->connect_us);
    phase(writer, &waterfall, "STARTTLS", 5, row->starttls_us);
    phase(writer, &waterfall, "Server hello", 3, row->server_hello_us);
    phase(writer, &waterfall, "Handshake", 4,
          has_hello && row->handshake_us != HTML_UNKNOWN ? row->handshake_us - row->server_hello_us
                                                         : row->handshake_us);
}

static void part_timing(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    char total[HTML_WORDS];
    if (detail->row->total_us != HTML_UNKNOWN && detail->row->total_us > 0) {
        HTML_BLOCK(writer, "timing", SLOT_RAW("total", html_words_ms(total, detail->row->total_us)),
                   SLOT_PART("phases", part_phases, detail));
    }
}

/* "server_hello" → "ServerHello" */
static const char *message_name(struct html_arena *arena, const char *name)
{
    char camel[64];
    size_t len = 0;
    bool upper = true;
    for (; *name != '\0' && len < sizeof camel - 1; name++) {
        if (*name == '_') {
            upper = true;
            continue;
        }
        camel[len++] = (char)(upper && *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
        upper = false;
    }
    camel[len] = '\0';
    return html_copy(arena, camel);
}

static void message_rows(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    struct tc_rows *rows = html_query(detail->report, tc_sql_report_html_messages);
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":observation_id", detail->row->observation_id);
    }
    while (html_query_next(detail->report, rows)) {
        char time[HTML_WORDS];
        HTML_BLOCK(writer, "message", SLOT_RAW("arrow", html_number(rows, 0) != 0 ? "←" : "→"),
                   SLOT_TEXT("name", message_name(&detail->report->passing, tc_rows_text(rows, 1))),
                   SLOT_COUNT("size", html_number(rows, 2)),
                   SLOT_RAW("time", html_words_ms(time, html_number(rows, 3))));
    }
    tc_rows_close(rows);
}

static void part_messages(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    struct tc_rows *rows = html_query(detail->report, tc_sql_report_html_messages);
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":observation_id", detail->row->observation_id);
    }
    bool has_messages = html_query_next(detail->report, rows);
    tc_rows_close(rows);
    if (has_messages) {
        HTML_BLOCK(writer, "messages", SLOT_PART("rows", message_rows, detail));
    }
}

/* ---- lists of facts ---- */

static void fact(struct html_writer *writer, const char *block, const char *name, const char *value)
{
    if (value[0] != '\0') {
        HTML_BLOCK(writer, block, SLOT_TEXT("name", name), SLOT_TEXT("value", value));
    }
}

static const char *yes_no(int64_t value)
{
    return value == HTML_UNKNOWN ? "not measured" : value != 0 ? "yes" : "no";
}

static const char *negotiated(struct html_report *report, const struct html_row *row)
{
    if (row->tls_version == HTML_UNKNOWN) {
        return "nothing";
    }
    const char *exchange = html_exchange_name(report, row);
    return html_format(&report->passing, "%s, %s, %s",
                       html_code_name(report, "version", row->tls_version),
                       html_code_name(report, "cipher", row->cipher), exchange);
}

static const char *cost_words(struct html_arena *arena, const struct html_row *row)
{
    char bytes[HTML_WORDS];
    if (row->connections == HTML_UNKNOWN || row->read_bytes == HTML_UNKNOWN) {
        return "";
    }
    return html_format(arena, "%lld %s, %.20s bytes read", (long long)row->connections,
                       html_plural(row->connections, "connection", "connections"),
                       html_words_count(bytes, row->read_bytes));
}

static void part_facts(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    struct html_report *report = detail->report;
    const struct html_row *row = detail->row;
    char rtt[HTML_WORDS];
    const char *of = row->num_addresses == row->all_addresses
                         ? ""
                         : html_format(&report->passing, " (of %lld, which differ)",
                                       (long long)row->all_addresses);
    fact(writer, "fact", row->num_addresses > 1 ? "Addresses" : "Address",
         html_format(&report->passing, "%s%s", row->addresses, of));
    fact(writer, "fact", "Protocol", row->protocol);
    fact(writer, "fact", "SNI", row->sni);
    fact(writer, "fact", "Outcome",
         row->outcome_id == TC_OUTCOME_OK
             ? ""
             : html_format(&report->passing, "%s: %s",
                           tc_outcome_str((enum tc_outcome)row->outcome_id), row->outcome_detail));
    fact(writer, "fact", "Negotiated", negotiated(report, row));
    fact(writer, "fact", "Signed with", html_code_name(report, "signature", row->signature_scheme));
    fact(writer, "fact", "ALPN", row->alpn);
    fact(writer, "fact", "OCSP staple", yes_no(row->ocsp_stapled));
    if (row->rtt_us != HTML_UNKNOWN) {
        fact(writer, "fact", "Round trip",
             html_format(&report->passing, "%.30s ms", html_words_ms(rtt, row->rtt_us)));
    }
    fact(writer, "fact", "Cost", cost_words(&report->passing, row));
    fact(writer, "fact", "Not measured",
         row->grade_partial == 1 && row->set == NULL
             ? "other versions, suites and groups: the grade is partial"
             : "");
}

static const char *name_words(struct html_report *report, const struct html_leaf *leaf)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_names);
    const char *list = "";
    int64_t num = 0;
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":certificate_id", leaf->id);
        tc_rows_bind_int(rows, ":max_rows", MAX_NAMES);
    }
    while (html_query_next(report, rows) && strlen(list) < HTML_TEXT_MAX / 2) {
        const char *name = html_visible_column(&report->passing, rows, 1);
        list = html_format(&report->passing, "%s%s%.200s", list, num > 0 ? ", " : "", name);
        num++;
    }
    tc_rows_close(rows);
    return leaf->names_count > num ? html_format(&report->passing, "%.340s and %lld more", list,
                                                 (long long)(leaf->names_count - num))
                                   : list;
}

static const char *hash_hex(struct html_arena *arena, const uint8_t hash[TC_SHA256_BYTES])
{
    struct tc_buf hex;
    tc_buf_init(&hex, 128);
    tc_buf_add_hex(&hex, hash, TC_SHA256_BYTES, 0);
    const char *words = html_copy(arena, hex.data != NULL ? hex.data : "");
    tc_buf_cleanup(&hex);
    return words;
}

static void part_certificate(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    struct html_report *report = detail->report;
    const struct html_leaf *leaf = &detail->row->leaf;
    struct html_arena *arena = &report->passing;
    char count[HTML_WORDS];
    if (leaf->id == 0) {
        fact(writer, "fact", "Leaf", "none was seen");
        return;
    }
    fact(writer, "fact", "Cannot be read", leaf->parse_error);
    fact(writer, "fact", "Names", name_words(report, leaf));
    fact(writer, "fact", "Name check",
         detail->row->name_match == HTML_UNKNOWN ? "not measured"
         : detail->row->name_match == 1          ? "covers the host"
                                                 : "does not cover the host");
    fact(writer, "fact", "Issuer", leaf->issuer);
    fact(writer, "fact", "Policy", leaf->policy);
    fact(writer, "fact", "SCTs",
         html_words_count(count, leaf->sct_count + detail->row->sct_count_tls));
    fact(writer, "fact", "Must staple", leaf->must_staple ? "yes" : "");
    fact(writer, "fact_code", "Serial", leaf->serial);
    fact(writer, "fact_code", "SHA-256", hash_hex(arena, leaf->sha256));
    fact(writer, "fact_code", "SPKI SHA-256",
         leaf->has_spki ? hash_hex(arena, leaf->spki_sha256) : "");
}

/* ---- findings ---- */

static void finding_em(struct html_writer *writer, const void *text)
{
    if (((const char *)text)[0] != '\0') {
        HTML_BLOCK(writer, "em", SLOT_TEXT("text", text));
    }
}

static const char *waiver_words(struct html_arena *arena, const struct html_finding *finding)
{
    char date[HTML_WORDS];
    if (finding->waived_until_s == HTML_UNKNOWN) {
        return "";
    }
    return html_format(arena, " (waived until %.20s)",
                       html_words_date(date, finding->waived_until_s));
}

static void part_findings(struct html_writer *writer, const void *context)
{
    const struct detail *detail = context;
    const struct html_row *row = detail->row;
    struct html_arena *arena = &detail->report->passing;
    for (size_t i = 0; i < row->num_findings; i++) {
        const struct html_finding *finding = &row->findings[i];
        const char *tone = finding->waived_until_s == HTML_UNKNOWN
                               ? html_severity_tone(finding->severity)
                               : "info";
        HTML_BLOCK(writer, "finding", SLOT_PART("icon", html_part_icon, tone),
                   SLOT_TEXT("title", html_format(arena, "%s%s", finding->rule->title,
                                                  waiver_words(arena, finding))),
                   SLOT_PART("detail", finding_em, finding->detail),
                   SLOT_TEXT("remedy", finding->rule->remedy));
    }
    if (row->num_findings == 0) {
        html_block(writer, "finding_none", NULL);
    }
}

/* ---- the section ---- */

static void part_open(struct html_writer *writer, const void *context)
{
    if (context != NULL) {
        html_block(writer, "open", NULL);
    }
}

/* The title of the worst finding, beside the closed detail. */
static const char *worst_title(const struct html_row *row)
{
    return row->num_findings > 0 && row->findings[0].waived_until_s == HTML_UNKNOWN
               ? row->findings[0].rule->title
               : "No findings";
}

static void write_detail(struct html_report *report, const struct html_row *row, bool is_first)
{
    struct detail detail = {report, row};
    const char *owner = row->num_addresses == row->all_addresses
                            ? row->owner
                            : html_format(&report->passing, "%s · %s", row->owner, row->addresses);
    const char *link =
        row->num_addresses == row->all_addresses
            ? row->endpoint
            : html_format(&report->passing, "%s&a=%s", row->endpoint, row->addresses);
    const struct html_accepts accepts = {report, row, link};
    HTML_BLOCK(
        report->writer, "detail", SLOT_PART("open", part_open, is_first ? report : NULL),
        SLOT_RAW("tone", html_grade_tone(row->grade)),
        SLOT_TEXT("grade", row->grade[0] != '\0' ? row->grade : "–"),
        SLOT_NAME("host", row->endpoint), SLOT_TEXT("owner", owner),
        SLOT_TEXT("worst", worst_title(row)), SLOT_TEXT("link", link),
        SLOT_TEXT("depth", html_depth_words(&report->passing, row)),
        SLOT_PART("boxes", part_boxes, &detail), SLOT_PART("trust", part_trust, row),
        SLOT_PART("history", part_history, &detail), SLOT_PART("timing", part_timing, &detail),
        SLOT_PART("messages", part_messages, &detail), SLOT_PART("facts", part_facts, &detail),
        SLOT_PART("findings", part_findings, &detail),
        SLOT_PART("certificate", part_certificate, &detail),
        SLOT_PART("accepts", html_part_accepts, &accepts));
}

static void part_details(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_stats *stats = &report->stats;
    (void)writer;
    for (size_t i = 0; i < stats->top.num && i < report->max_details; i++) {
        const struct html_row *row = html_walk_find(report->walk, &stats->top.items[i]);
        if (row == NULL) {
            break;
        }
        html_arena_reset(&report->passing);
        write_detail(report, row, i == 0);
    }
}

void html_section_details(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    size_t num =
        report->stats.top.num < report->max_details ? report->stats.top.num : report->max_details;
    if (num == 0) {
        return;
    }
    html_load_histories(report, num);
    bool is_all = (int64_t)num == report->stats.totals.rows;
    const char *title =
        is_all ? "Details"
               : html_format(&report->lasting, "Details of the %zu worst endpoints", num);
    const char *lead =
        is_all ? "Every endpoint in full, worst first."
        : report->options->no_script
            ? "The values of every other endpoint are in endpoints.csv."
            : "Every other endpoint opens in the table when you select its name (needs "
              "JavaScript); all values are in endpoints.csv.";
    HTML_BLOCK(writer, "details", SLOT_TEXT("title", title), SLOT_TEXT("lead", lead),
               SLOT_PART("items", part_details, report));
}
