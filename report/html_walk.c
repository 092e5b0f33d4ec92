/*
 * The walk over a scan: report_html_walk.sql gives observations target by target, each with its
 * findings; those of one target that agree become one row. Only the rows of one target are held at
 * a time.
 */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "text_cache.h"
#include "tlscensus/buf.h"
#include "tlscensus/outcome.h"
#include "tlscensus/sql.h"

#define MAX_VARIANTS       64 /* rows of one target; further ones are given as they come */
#define MAX_ADDRESSES_TEXT 300U
#define FIRST_FINDINGS     64U
#define MAX_FINDINGS       131072U /* of one target: its rows times the rules, and more */
#define MAX_LABELS_BYTES   4096    /* a group and an owner */

/* The columns of report_html_walk.sql, in its order. */
enum walk_column {
    COL_OBSERVATION_ID,
    COL_TARGET_ID,
    COL_LABEL_SET_ID,
    COL_HOST,
    COL_PORT,
    COL_ADDRESS,
    COL_DOMAIN,
    COL_HOST_UNICODE,
    COL_PROTOCOL,
    COL_SNI,
    COL_OUTCOME_ID,
    COL_OUTCOME_STAGE,
    COL_OUTCOME_DETAIL,
    COL_ATTEMPTS,
    COL_CONNECTIONS,
    COL_READ_BYTES,
    COL_DNS_US,
    COL_CONNECT_US,
    COL_STARTTLS_US,
    COL_SERVER_HELLO_US,
    COL_HANDSHAKE_US,
    COL_TOTAL_US,
    COL_RTT_US,
    COL_TLS_VERSION,
    COL_CIPHER,
    COL_KX_GROUP,
    COL_SIGNATURE_SCHEME,
    COL_ALPN,
    COL_OCSP_STAPLED,
    COL_CLIENT_CERTIFICATE,
    COL_HELLO_RETRY,
    COL_SCT_COUNT_TLS,
    COL_LEAF_ID,
    COL_PRESENTED_CHAIN_ID,
    COL_VERIFIED_CHAIN_ID,
    COL_PRESENTED_DEPTH,
    COL_VERIFIED_DEPTH,
    COL_BUILT_FROM,
    COL_CHAIN_STATUS,
    COL_TRUSTED,
    COL_TRUST_DETAIL,
    COL_TRUST_TEXT,
    COL_NAME_MATCH,
    COL_GRADE,
    COL_CONFIG_GRADE,
    COL_GRADE_PARTIAL,
    COL_FEATURE_SET_ID,
    COL_SHA256,
    COL_SPKI_SHA256,
    COL_SERIAL_HEX,
    COL_SUBJECT_CN,
    COL_SUBJECT,
    COL_ISSUER_CN,
    COL_ISSUER_ORGANIZATION,
    COL_ISSUER,
    COL_NOT_BEFORE_S,
    COL_NOT_AFTER_S,
    COL_KEY_TYPE,
    COL_KEY_BITS,
    COL_SIGNATURE,
    COL_IS_SELF_SIGNED,
    COL_POLICY,
    COL_SCT_COUNT,
    COL_MUST_STAPLE,
    COL_NAMES_COUNT,
    COL_PARSE_ERROR,
    COL_RULE_ID,
    COL_SEVERITY,
    COL_DETAIL,
    COL_WAIVED_UNTIL_S
};

struct html_walk {
    struct html_report *report;
    struct tc_rows *rows;
    struct html_arena arena;
    struct html_row variants[MAX_VARIANTS];
    size_t num_variants;
    size_t next_variant;
    struct html_finding *findings; /* of all variants, one variant after the other */
    size_t num_findings;
    size_t findings_capacity;
    struct tc_rows *label_rows;
    struct tc_text_cache *labels; /* group and owner of a label set, a NUL between them */
    struct tc_buf labels_text;
    bool is_counting; /* what is met for the first time is noted */
    bool has_pending; /* the cursor stands on a row that was not read yet */
};

/* ---- labels ---- */

static enum tc_status fill_labels(struct tc_buf *out, void *context, int64_t label_set_id,
                                  struct tc_error *error)
{
    struct html_walk *walk = context;
    struct html_report *report = walk->report;
    struct html_arena *arena = &report->passing;
    const char *group = NULL;
    const char *owner = NULL;
    (void)error; /* the queries report to report->error */
    tc_rows_reset(walk->label_rows);
    tc_rows_bind_int(walk->label_rows, ":label_set_id", label_set_id);
    while (html_query_next(report, walk->label_rows)) {
        const char *name = tc_rows_text(walk->label_rows, 0);
        if (group == NULL && strcmp(name, report->group_label) == 0) {
            group = html_visible_column(arena, walk->label_rows, 1);
        }
        if (owner == NULL && strcmp(name, report->owner_label) == 0) {
            owner = html_visible_column(arena, walk->label_rows, 1);
        }
    }
    tc_buf_add_str(out, group != NULL ? group : HTML_NO_GROUP);
    tc_buf_add_char(out, '\0');
    tc_buf_add_str(out, owner != NULL ? owner : "");
    return report->status;
}

/* Sets the group and the owner: labels where the page goes by them, else the domain. */
static void read_labels(struct html_walk *walk, struct html_row *row)
{
    struct html_report *report = walk->report;
    struct tc_buf *text = &walk->labels_text;
    bool by_domain = report->group_label[0] == '\0';
    row->group =
        by_domain ? html_visible_column(&walk->arena, walk->rows, COL_DOMAIN) : HTML_NO_GROUP;
    row->owner = row->group;
    if (row->label_set_id == 0 || (by_domain && report->owner_label[0] == '\0')) {
        return;
    }
    tc_buf_clear(text);
    enum tc_status status = tc_text_cache_add(text, walk->labels, row->label_set_id, report->error);
    if (status != TC_OK) {
        html_fail(report, status);
        return;
    }
    const char *owner = text->data + strlen(text->data) + 1;
    if (!by_domain) {
        row->group = html_copy(&walk->arena, text->data);
    }
    row->owner = owner[0] != '\0' ? html_copy(&walk->arena, owner) : row->group;
}

/* ---- opening ---- */

struct html_walk *html_walk_open(struct html_report *report)
{
    struct html_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return NULL;
    }
    walk->report = report;
    walk->findings = calloc(FIRST_FINDINGS, sizeof *walk->findings);
    walk->findings_capacity = FIRST_FINDINGS;
    tc_buf_init(&walk->labels_text, MAX_LABELS_BYTES);
    walk->rows = html_query(report, tc_sql_report_html_walk);
    walk->label_rows = html_query(report, tc_sql_report_html_labels);
    enum tc_status status = tc_text_cache_new(&walk->labels, fill_labels, walk, report->error);
    if (walk->rows == NULL || walk->label_rows == NULL || walk->findings == NULL ||
        status != TC_OK) {
        html_fail(report, status != TC_OK ? status : TC_ERR_NOMEM);
        html_walk_free(walk);
        return NULL;
    }
    return walk;
}

void html_walk_free(struct html_walk *walk)
{
    if (walk != NULL) {
        tc_rows_close(walk->rows);
        tc_rows_close(walk->label_rows);
        tc_text_cache_free(walk->labels);
        tc_buf_cleanup(&walk->labels_text);
        html_arena_cleanup(&walk->arena);
        free(walk->findings);
        free(walk);
    }
}

static void walk_start(struct html_walk *walk, int64_t first_target, int64_t last_target)
{
    tc_rows_reset(walk->rows);
    tc_rows_bind_int(walk->rows, ":first_target", first_target);
    tc_rows_bind_int(walk->rows, ":last_target", last_target);
    walk->num_variants = 0;
    walk->next_variant = 0;
    walk->has_pending = html_query_next(walk->report, walk->rows);
}

void html_walk_count(struct html_walk *walk)
{
    walk->is_counting = true;
    walk_start(walk, INT64_MIN, INT64_MAX);
}

void html_walk_target(struct html_walk *walk, int64_t target_id)
{
    walk->is_counting = false;
    walk_start(walk, target_id, target_id);
}

/* ---- one observation ---- */

static void read_hash(uint8_t out[TC_SHA256_BYTES], const struct tc_rows *rows, int column)
{
    memset(out, 0, TC_SHA256_BYTES);
    if (tc_rows_bytes(rows, column) == TC_SHA256_BYTES) {
        memcpy(out, tc_rows_blob(rows, column), TC_SHA256_BYTES);
    }
}

static const char *read_key(struct html_arena *arena, const struct tc_rows *rows)
{
    const char *type = html_visible_column(arena, rows, COL_KEY_TYPE);
    int64_t bits = html_number(rows, COL_KEY_BITS);
    bool has_bits = strncmp(type, "RSA", 3) == 0 || strncmp(type, "DSA", 3) == 0;
    return bits > 0 && has_bits ? html_format(arena, "%s %lld", type, (long long)bits) : type;
}

static void read_target_facts(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    row->observation_id = tc_rows_int(rows, COL_OBSERVATION_ID);
    row->target_id = tc_rows_int(rows, COL_TARGET_ID);
    row->label_set_id = tc_rows_int(rows, COL_LABEL_SET_ID);
    row->num_addresses = 1;
    row->all_addresses = 1;
    row->addresses = html_visible_column(arena, rows, COL_ADDRESS);
    row->host = html_visible_column(arena, rows, COL_HOST);
    row->port = html_number(rows, COL_PORT);
    row->host_unicode = html_visible_column(arena, rows, COL_HOST_UNICODE);
    row->protocol = html_visible_column(arena, rows, COL_PROTOCOL);
    row->sni = html_visible_column(arena, rows, COL_SNI);
    row->endpoint = html_endpoint_name(arena, row->host, row->port, false);
    read_labels(walk, row);
}

static void read_talk(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    row->outcome_id = html_number(rows, COL_OUTCOME_ID);
    row->outcome_stage = html_visible_column(arena, rows, COL_OUTCOME_STAGE);
    row->outcome_detail = html_visible_column(arena, rows, COL_OUTCOME_DETAIL);
    row->attempts = html_int(rows, COL_ATTEMPTS);
    row->connections = html_int(rows, COL_CONNECTIONS);
    row->read_bytes = html_int(rows, COL_READ_BYTES);
    row->dns_us = html_int(rows, COL_DNS_US);
    row->connect_us = html_int(rows, COL_CONNECT_US);
    row->starttls_us = html_int(rows, COL_STARTTLS_US);
    row->server_hello_us = html_int(rows, COL_SERVER_HELLO_US);
    row->handshake_us = html_int(rows, COL_HANDSHAKE_US);
    row->total_us = html_int(rows, COL_TOTAL_US);
    row->rtt_us = html_int(rows, COL_RTT_US);
    row->tls_version = html_int(rows, COL_TLS_VERSION);
    row->cipher = html_int(rows, COL_CIPHER);
    row->kx_group = html_int(rows, COL_KX_GROUP);
    row->signature_scheme = html_int(rows, COL_SIGNATURE_SCHEME);
    row->alpn = html_visible_column(arena, rows, COL_ALPN);
    row->ocsp_stapled = html_int(rows, COL_OCSP_STAPLED);
    row->client_certificate_requested = html_int(rows, COL_CLIENT_CERTIFICATE);
    row->hello_retry = html_int(rows, COL_HELLO_RETRY);
    row->sct_count_tls = html_number(rows, COL_SCT_COUNT_TLS);
}

static void read_verdict(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    row->presented_chain_id = tc_rows_int(rows, COL_PRESENTED_CHAIN_ID);
    row->verified_chain_id = tc_rows_int(rows, COL_VERIFIED_CHAIN_ID);
    row->presented_depth = html_int(rows, COL_PRESENTED_DEPTH);
    row->verified_depth = html_int(rows, COL_VERIFIED_DEPTH);
    row->built_from = html_number(rows, COL_BUILT_FROM);
    row->chain_status = html_visible_column(arena, rows, COL_CHAIN_STATUS);
    row->trusted = html_int(rows, COL_TRUSTED);
    row->trust_detail = html_visible_column(arena, rows, COL_TRUST_DETAIL);
    row->trust_text = html_visible_column(arena, rows, COL_TRUST_TEXT);
    row->name_match = html_int(rows, COL_NAME_MATCH);
    row->grade = html_visible_column(arena, rows, COL_GRADE);
    row->config_grade = html_visible_column(arena, rows, COL_CONFIG_GRADE);
    row->grade_partial = html_int(rows, COL_GRADE_PARTIAL);
    row->set = html_find_set(walk->report, tc_rows_int(rows, COL_FEATURE_SET_ID));
}

static void read_leaf(struct html_walk *walk, struct html_leaf *leaf)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    *leaf = (struct html_leaf){
        .id = tc_rows_int(rows, COL_LEAF_ID),
        .cn = html_visible_column(arena, rows, COL_SUBJECT_CN),
        .subject = html_visible_column(arena, rows, COL_SUBJECT),
        .issuer_cn = html_visible_column(arena, rows, COL_ISSUER_CN),
        .issuer_organization = html_visible_column(arena, rows, COL_ISSUER_ORGANIZATION),
        .issuer = html_visible_column(arena, rows, COL_ISSUER),
        .not_before_s = html_int(rows, COL_NOT_BEFORE_S),
        .not_after_s = html_int(rows, COL_NOT_AFTER_S),
        .key = read_key(arena, rows),
        .signature = html_visible_column(arena, rows, COL_SIGNATURE),
        .serial = html_visible_column(arena, rows, COL_SERIAL_HEX),
        .names_count = html_int(rows, COL_NAMES_COUNT),
        .policy = html_visible_column(arena, rows, COL_POLICY),
        .must_staple = html_number(rows, COL_MUST_STAPLE) == 1,
        .sct_count = html_number(rows, COL_SCT_COUNT),
        .parse_error = html_visible_column(arena, rows, COL_PARSE_ERROR),
        .is_self_signed = html_number(rows, COL_IS_SELF_SIGNED) == 1,
        .has_spki = !tc_rows_is_null(rows, COL_SPKI_SHA256),
    };
    read_hash(leaf->sha256, rows, COL_SHA256);
    read_hash(leaf->spki_sha256, rows, COL_SPKI_SHA256);
}

/* ---- its findings ---- */

static int compare_findings(const void *left, const void *right)
{
    const struct html_finding *a = left;
    const struct html_finding *b = right;
    bool a_stands = a->waived_until_s == HTML_UNKNOWN;
    bool b_stands = b->waived_until_s == HTML_UNKNOWN;
    if (a_stands != b_stands) {
        return a_stands ? -1 : 1;
    }
    if (a->severity != b->severity) {
        return a->severity > b->severity ? -1 : 1;
    }
    return strcmp(a->rule->name, b->rule->name);
}

static bool findings_have_room(struct html_walk *walk)
{
    if (walk->num_findings < walk->findings_capacity) {
        return true;
    }
    size_t capacity = walk->findings_capacity * 2;
    struct html_finding *grown =
        capacity <= MAX_FINDINGS ? realloc(walk->findings, capacity * sizeof *grown) : NULL;
    if (grown == NULL) {
        html_fail(walk->report, TC_ERR_NOMEM);
        return false;
    }
    walk->findings = grown;
    walk->findings_capacity = capacity;
    return true;
}

/* Where the cursor's row has a finding, adds it. */
static void take_finding(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    if (tc_rows_is_null(rows, COL_RULE_ID)) {
        return;
    }
    struct html_finding finding = {
        .rule = html_find_rule(walk->report, tc_rows_int(rows, COL_RULE_ID)),
        .severity = html_number(rows, COL_SEVERITY),
        .waived_until_s = html_int(rows, COL_WAIVED_UNTIL_S),
    };
    if (finding.waived_until_s == HTML_UNKNOWN && finding.severity >= 0 && finding.severity <= 4) {
        row->score += (uint64_t)1 << (8 * finding.severity);
    }
    if (finding.rule != NULL && findings_have_room(walk)) {
        finding.detail = html_visible_column(&walk->arena, rows, COL_DETAIL);
        walk->findings[walk->num_findings++] = finding;
        row->num_findings++;
    }
}

/* Reads the observation at the cursor, which then stands on the next one. */
static void read_observation(struct html_walk *walk, struct html_row *row)
{
    *row = (struct html_row){.num_findings = 0};
    read_target_facts(walk, row);
    read_talk(walk, row);
    read_verdict(walk, row);
    read_leaf(walk, &row->leaf);
    row->is_seen = row->leaf.id != 0 || row->outcome_id == TC_OUTCOME_OK ||
                   row->outcome_id == TC_OUTCOME_CLIENT_CERTIFICATE;
    do {
        take_finding(walk, row);
        walk->has_pending = html_query_next(walk->report, walk->rows);
    } while (walk->has_pending &&
             tc_rows_int(walk->rows, COL_OBSERVATION_ID) == row->observation_id);
    if (row->num_findings > 1) {
        qsort(walk->findings + walk->num_findings - row->num_findings, row->num_findings,
              sizeof *walk->findings, compare_findings);
    }
}

/* ---- rows ---- */

/* Addresses agree when a reader would see no difference but in timing. */
static bool rows_agree(const struct html_row *a, const struct html_row *b)
{
    return a->leaf.id == b->leaf.id && a->presented_chain_id == b->presented_chain_id &&
           a->verified_chain_id == b->verified_chain_id && a->outcome_id == b->outcome_id &&
           a->tls_version == b->tls_version && a->cipher == b->cipher &&
           a->kx_group == b->kx_group && a->score == b->score && a->set == b->set &&
           strcmp(a->alpn, b->alpn) == 0 && strcmp(a->grade, b->grade) == 0 &&
           strcmp(a->trust_detail, b->trust_detail) == 0 &&
           strcmp(a->outcome_detail, b->outcome_detail) == 0;
}

static void join_address(struct html_walk *walk, struct html_row *into, const char *address)
{
    into->num_addresses++;
    if (strlen(into->addresses) + strlen(address) < MAX_ADDRESSES_TEXT) {
        into->addresses = html_format(&walk->arena, "%s %s", into->addresses, address);
    }
}

/* Findings of an observation that joins another's row are noted and then forgotten. */
static void take_observation(struct html_walk *walk)
{
    struct html_row row;
    read_observation(walk, &row);
    if (walk->is_counting) {
        row.findings = walk->findings + walk->num_findings - row.num_findings;
        html_note_places(walk->report, &row);
    }
    for (size_t i = 0; i < walk->num_variants; i++) {
        if (rows_agree(&walk->variants[i], &row)) {
            join_address(walk, &walk->variants[i], row.addresses);
            walk->num_findings -= row.num_findings;
            return;
        }
    }
    walk->variants[walk->num_variants++] = row;
}

/* What is known only when all of a target's observations were read. */
static void finish_variants(struct html_walk *walk)
{
    const struct html_finding *findings = walk->findings;
    int64_t all = 0;
    for (size_t i = 0; i < walk->num_variants; i++) {
        all += walk->variants[i].num_addresses;
    }
    for (size_t i = 0; i < walk->num_variants; i++) {
        struct html_row *row = &walk->variants[i];
        row->all_addresses = all;
        row->findings = findings;
        findings += row->num_findings;
    }
}

/* Reads the rows of the cursor's target, up to the first of the next one. */
static void read_target(struct html_walk *walk)
{
    int64_t target_id = tc_rows_int(walk->rows, COL_TARGET_ID);
    html_arena_reset(&walk->arena);
    walk->num_variants = 0;
    walk->num_findings = 0;
    walk->next_variant = 0;
    do {
        take_observation(walk);
    } while (walk->has_pending && walk->num_variants < MAX_VARIANTS &&
             tc_rows_int(walk->rows, COL_TARGET_ID) == target_id);
    finish_variants(walk);
    if (walk->arena.failed != TC_OK) {
        html_fail(walk->report, walk->arena.failed);
    }
}

/* Rows of groups that --split-value leaves out are skipped. */
const struct html_row *html_walk_next(struct html_walk *walk)
{
    for (;;) {
        while (walk->next_variant < walk->num_variants) {
            const struct html_row *row = &walk->variants[walk->next_variant++];
            if (html_wants_group(walk->report, row->group)) {
                return row;
            }
        }
        if (!walk->has_pending || walk->report->status != TC_OK) {
            return NULL;
        }
        read_target(walk);
    }
}

const struct html_row *html_walk_find(struct html_walk *walk, const struct html_top *top)
{
    const struct html_row *row = NULL;
    html_walk_target(walk, top->target_id);
    do {
        row = html_walk_next(walk);
    } while (row != NULL && row->observation_id != top->observation_id);
    return row;
}
