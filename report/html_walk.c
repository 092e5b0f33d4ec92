/*
 * The walk over a scan: report_html_walk.sql gives observations target by target; those of one
 * target that agree become one row. Only the rows of one target are held at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "tlscensus/outcome.h"
#include "tlscensus/sql.h"

#define MAX_VARIANTS       64 /* rows of one target; further ones are given as they come */
#define MAX_ADDRESSES_TEXT 300U

/* The columns of report_html_walk.sql, in its order; the light walk ends with COL_ISSUER. */
enum walk_column {
    COL_OBSERVATION_ID,
    COL_TARGET_ID,
    COL_HOST,
    COL_PORT,
    COL_ADDRESS,
    COL_GROUP,
    COL_OWNER,
    COL_SCORE,
    COL_OUTCOME_ID,
    COL_OUTCOME_STAGE,
    COL_OUTCOME_DETAIL,
    COL_TLS_VERSION,
    COL_CIPHER,
    COL_KX_GROUP,
    COL_ALPN,
    COL_LEAF_ID,
    COL_PRESENTED_CHAIN_ID,
    COL_VERIFIED_CHAIN_ID,
    COL_PRESENTED_DEPTH,
    COL_VERIFIED_DEPTH,
    COL_CHAIN_STATUS,
    COL_TRUSTED,
    COL_TRUST_DETAIL,
    COL_NAME_MATCH,
    COL_GRADE,
    COL_GRADE_PARTIAL,
    COL_FEATURE_SET_ID,
    COL_NOT_BEFORE_S,
    COL_NOT_AFTER_S,
    COL_KEY_TYPE,
    COL_KEY_BITS,
    COL_IS_SELF_SIGNED,
    COL_ISSUER_ORGANIZATION,
    COL_ISSUER_CN,
    COL_ISSUER,
    COL_LABEL_SET_ID,
    COL_HOST_UNICODE,
    COL_PROTOCOL,
    COL_SNI,
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
    COL_SIGNATURE_SCHEME,
    COL_OCSP_STAPLED,
    COL_CLIENT_CERTIFICATE,
    COL_HELLO_RETRY,
    COL_SCT_COUNT_TLS,
    COL_BUILT_FROM,
    COL_TRUST_TEXT,
    COL_CONFIG_GRADE,
    COL_SUBJECT_CN,
    COL_SUBJECT,
    COL_SIGNATURE,
    COL_SERIAL_HEX,
    COL_NAMES_COUNT,
    COL_POLICY,
    COL_MUST_STAPLE,
    COL_SCT_COUNT,
    COL_PARSE_ERROR,
    COL_SHA256,
    COL_SPKI_SHA256
};

struct html_walk {
    struct html_report *report;
    struct tc_rows *rows; /* light or full, whichever walks now */
    struct tc_rows *light;
    struct tc_rows *full;
    struct html_arena arena;
    struct html_row variants[MAX_VARIANTS];
    size_t num_variants;
    size_t next_variant;
    bool has_pending; /* the cursor stands on a row that was not read yet */
};

static struct tc_rows *open_walk(struct html_report *report, const char *sql)
{
    struct tc_rows *rows = html_query(report, sql);
    if (rows != NULL) {
        tc_rows_bind_text(rows, ":group_label", report->group_label);
        tc_rows_bind_text(rows, ":owner_label", report->owner_label);
    }
    return rows;
}

struct html_walk *html_walk_open(struct html_report *report)
{
    struct html_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return NULL;
    }
    walk->report = report;
    walk->light = open_walk(report, tc_sql_report_html_walk_light);
    walk->full = open_walk(report, tc_sql_report_html_walk);
    if (walk->light == NULL || walk->full == NULL) {
        html_walk_free(walk);
        return NULL;
    }
    return walk;
}

void html_walk_free(struct html_walk *walk)
{
    if (walk != NULL) {
        tc_rows_close(walk->light);
        tc_rows_close(walk->full);
        html_arena_cleanup(&walk->arena);
        free(walk);
    }
}

static void walk_start(struct html_walk *walk, struct tc_rows *rows, int64_t first_target,
                       int64_t last_target)
{
    walk->rows = rows;
    tc_rows_reset(walk->rows);
    tc_rows_bind_int(walk->rows, ":first_target", first_target);
    tc_rows_bind_int(walk->rows, ":last_target", last_target);
    walk->num_variants = 0;
    walk->next_variant = 0;
    walk->has_pending = html_query_next(walk->report, walk->rows);
}

void html_walk_count(struct html_walk *walk)
{
    walk_start(walk, walk->light, INT64_MIN, INT64_MAX);
}

void html_walk_all(struct html_walk *walk)
{
    walk_start(walk, walk->full, INT64_MIN, INT64_MAX);
}

void html_walk_target(struct html_walk *walk, int64_t target_id)
{
    walk_start(walk, walk->full, target_id, target_id);
}

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

/* What the light walk gives. */
static void read_light(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    uint64_t score = (uint64_t)tc_rows_int(rows, COL_SCORE);
    *row = (struct html_row){
        .observation_id = tc_rows_int(rows, COL_OBSERVATION_ID),
        .target_id = tc_rows_int(rows, COL_TARGET_ID),
        .num_addresses = 1,
        .all_addresses = 1,
        .addresses = html_visible_column(arena, rows, COL_ADDRESS),
        .host = html_visible_column(arena, rows, COL_HOST),
        .port = html_number(rows, COL_PORT),
        .group = html_visible_column(arena, rows, COL_GROUP),
        .owner = html_visible_column(arena, rows, COL_OWNER),
        .score = score & (((uint64_t)1 << 40) - 1),
        .has_findings = score != 0,
        .outcome_id = html_number(rows, COL_OUTCOME_ID),
        .outcome_stage = html_visible_column(arena, rows, COL_OUTCOME_STAGE),
        .outcome_detail = html_visible_column(arena, rows, COL_OUTCOME_DETAIL),
        .tls_version = html_int(rows, COL_TLS_VERSION),
        .cipher = html_int(rows, COL_CIPHER),
        .kx_group = html_int(rows, COL_KX_GROUP),
        .alpn = html_visible_column(arena, rows, COL_ALPN),
        .presented_chain_id = tc_rows_int(rows, COL_PRESENTED_CHAIN_ID),
        .verified_chain_id = tc_rows_int(rows, COL_VERIFIED_CHAIN_ID),
        .presented_depth = html_int(rows, COL_PRESENTED_DEPTH),
        .verified_depth = html_int(rows, COL_VERIFIED_DEPTH),
        .chain_status = html_visible_column(arena, rows, COL_CHAIN_STATUS),
        .trusted = html_int(rows, COL_TRUSTED),
        .trust_detail = html_visible_column(arena, rows, COL_TRUST_DETAIL),
        .name_match = html_int(rows, COL_NAME_MATCH),
        .grade = html_visible_column(arena, rows, COL_GRADE),
        .grade_partial = html_int(rows, COL_GRADE_PARTIAL),
        .set = html_find_set(walk->report, tc_rows_int(rows, COL_FEATURE_SET_ID)),
    };
    if (row->owner[0] == '\0') {
        row->owner = row->group;
    }
    row->endpoint = html_endpoint_name(arena, row->host, row->port, false);
}

static void read_light_leaf(struct html_walk *walk, struct html_leaf *leaf)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    *leaf = (struct html_leaf){
        .id = tc_rows_int(rows, COL_LEAF_ID),
        .not_before_s = html_int(rows, COL_NOT_BEFORE_S),
        .not_after_s = html_int(rows, COL_NOT_AFTER_S),
        .key = read_key(arena, rows),
        .is_self_signed = html_number(rows, COL_IS_SELF_SIGNED) == 1,
        .issuer_organization = html_visible_column(arena, rows, COL_ISSUER_ORGANIZATION),
        .issuer_cn = html_visible_column(arena, rows, COL_ISSUER_CN),
        .issuer = html_visible_column(arena, rows, COL_ISSUER),
    };
}

static void read_full_leaf(struct html_walk *walk, struct html_leaf *leaf)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    leaf->cn = html_visible_column(arena, rows, COL_SUBJECT_CN);
    leaf->subject = html_visible_column(arena, rows, COL_SUBJECT);
    leaf->signature = html_visible_column(arena, rows, COL_SIGNATURE);
    leaf->serial = html_visible_column(arena, rows, COL_SERIAL_HEX);
    leaf->names_count = html_int(rows, COL_NAMES_COUNT);
    leaf->policy = html_visible_column(arena, rows, COL_POLICY);
    leaf->must_staple = html_number(rows, COL_MUST_STAPLE) == 1;
    leaf->sct_count = html_number(rows, COL_SCT_COUNT);
    leaf->parse_error = html_visible_column(arena, rows, COL_PARSE_ERROR);
    leaf->has_spki = !tc_rows_is_null(rows, COL_SPKI_SHA256);
    read_hash(leaf->sha256, rows, COL_SHA256);
    read_hash(leaf->spki_sha256, rows, COL_SPKI_SHA256);
}

static void read_full(struct html_walk *walk, struct html_row *row)
{
    const struct tc_rows *rows = walk->rows;
    struct html_arena *arena = &walk->arena;
    row->label_set_id = tc_rows_int(rows, COL_LABEL_SET_ID);
    row->host_unicode = html_visible_column(arena, rows, COL_HOST_UNICODE);
    row->protocol = html_visible_column(arena, rows, COL_PROTOCOL);
    row->sni = html_visible_column(arena, rows, COL_SNI);
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
    row->signature_scheme = html_int(rows, COL_SIGNATURE_SCHEME);
    row->ocsp_stapled = html_int(rows, COL_OCSP_STAPLED);
    row->client_certificate_requested = html_int(rows, COL_CLIENT_CERTIFICATE);
    row->hello_retry = html_int(rows, COL_HELLO_RETRY);
    row->sct_count_tls = html_number(rows, COL_SCT_COUNT_TLS);
    row->built_from = html_number(rows, COL_BUILT_FROM);
    row->trust_text = html_visible_column(arena, rows, COL_TRUST_TEXT);
    row->config_grade = html_visible_column(arena, rows, COL_CONFIG_GRADE);
    read_full_leaf(walk, &row->leaf);
}

static void read_row(struct html_walk *walk, struct html_row *row)
{
    read_light(walk, row);
    read_light_leaf(walk, &row->leaf);
    if (walk->rows == walk->full) {
        read_full(walk, row);
    }
    row->is_seen = row->leaf.id != 0 || row->outcome_id == TC_OUTCOME_OK ||
                   row->outcome_id == TC_OUTCOME_CLIENT_CERTIFICATE;
}

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

static void take_observation(struct html_walk *walk)
{
    struct html_row row;
    read_row(walk, &row);
    for (size_t i = 0; i < walk->num_variants; i++) {
        if (rows_agree(&walk->variants[i], &row)) {
            join_address(walk, &walk->variants[i], row.addresses);
            return;
        }
    }
    walk->variants[walk->num_variants++] = row;
}

/* Reads the rows of the cursor's target, up to the first of the next one. */
static void read_target(struct html_walk *walk)
{
    int64_t target_id = tc_rows_int(walk->rows, COL_TARGET_ID);
    html_arena_reset(&walk->arena);
    walk->num_variants = 0;
    walk->next_variant = 0;
    do {
        take_observation(walk);
        walk->has_pending = html_query_next(walk->report, walk->rows);
    } while (walk->has_pending && walk->num_variants < MAX_VARIANTS &&
             tc_rows_int(walk->rows, COL_TARGET_ID) == target_id);
    int64_t all = 0;
    for (size_t i = 0; i < walk->num_variants; i++) {
        all += walk->variants[i].num_addresses;
    }
    for (size_t i = 0; i < walk->num_variants; i++) {
        walk->variants[i].all_addresses = all;
    }
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
