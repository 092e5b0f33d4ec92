#include "columns.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "tlscensus/sql.h"

static const struct tc_column endpoints_columns[] = {
    {"scan_id", TC_CELL_INTEGER},
    {"scanned_utc", TC_CELL_TIME},
    {"target", TC_CELL_TEXT},
    {"protocol", TC_CELL_TEXT},
    {"host", TC_CELL_TEXT},
    {"host_unicode", TC_CELL_TEXT},
    {"port", TC_CELL_INTEGER},
    {"address", TC_CELL_TEXT},
    {"label_set_id", TC_CELL_LABELS},
    {"outcome", TC_CELL_TEXT},
    {"outcome_stage", TC_CELL_TEXT},
    {"outcome_detail", TC_CELL_TEXT},
    {"attempts", TC_CELL_INTEGER},
    {"grade", TC_CELL_TEXT},
    {"worst_severity", TC_CELL_TEXT},
    {"findings_critical", TC_CELL_INTEGER},
    {"findings_high", TC_CELL_INTEGER},
    {"findings_medium", TC_CELL_INTEGER},
    {"findings_low", TC_CELL_INTEGER},
    {"findings_info", TC_CELL_INTEGER},
    {"findings", TC_CELL_LIST},
    {"leaf_expires_utc", TC_CELL_TIME},
    {"leaf_days_left", TC_CELL_INTEGER},
    {"chain_expires_utc", TC_CELL_TIME},
    {"chain_days_left", TC_CELL_INTEGER},
    {"chain_expires_subject", TC_CELL_TEXT},
    {"presented_depth", TC_CELL_INTEGER},
    {"verified_depth", TC_CELL_INTEGER},
    {"chain_status", TC_CELL_TEXT},
    {"trusted", TC_CELL_BOOLEAN},
    {"trust_detail", TC_CELL_TEXT},
    {"name_match", TC_CELL_BOOLEAN},
    {"subject_cn", TC_CELL_TEXT},
    {"names", TC_CELL_LIST},
    {"names_count", TC_CELL_INTEGER},
    {"issuer_organization", TC_CELL_TEXT},
    {"issuer_cn", TC_CELL_TEXT},
    {"anchor_cn", TC_CELL_TEXT},
    {"key_type", TC_CELL_TEXT},
    {"key_bits", TC_CELL_INTEGER},
    {"signature", TC_CELL_TEXT},
    {"serial", TC_CELL_TEXT},
    {"leaf_sha256", TC_CELL_HASH},
    {"spki_sha256", TC_CELL_HASH},
    {"lifetime_days", TC_CELL_DECIMAL},
    {"issued_utc", TC_CELL_TIME},
    {"is_wildcard", TC_CELL_BOOLEAN},
    {"sct_count", TC_CELL_INTEGER},
    {"ocsp_stapled", TC_CELL_BOOLEAN},
    {"tls_version", TC_CELL_TEXT},
    {"cipher", TC_CELL_TEXT},
    {"kx_group", TC_CELL_TEXT},
    {"post_quantum", TC_CELL_BOOLEAN},
    {"forward_secrecy", TC_CELL_BOOLEAN},
    {"alpn", TC_CELL_TEXT},
    {"versions_supported", TC_CELL_LIST},
    {"versions_unknown", TC_CELL_LIST},
    {"hsts_max_age_s", TC_CELL_INTEGER},
    {"redirects_to_https", TC_CELL_BOOLEAN},
    {"caa", TC_CELL_LIST},
    {"dane", TC_CELL_BOOLEAN},
    {"dns_ms", TC_CELL_DECIMAL},
    {"connect_ms", TC_CELL_DECIMAL},
    {"starttls_ms", TC_CELL_DECIMAL},
    {"server_hello_ms", TC_CELL_DECIMAL},
    {"handshake_ms", TC_CELL_DECIMAL},
    {"total_ms", TC_CELL_DECIMAL},
    {"connections", TC_CELL_INTEGER},
    {"read_bytes", TC_CELL_INTEGER},
    {"first_seen_utc", TC_CELL_TIME},
    {"previous_grade", TC_CELL_TEXT},
    {"changed", TC_CELL_LIST},
    {"config_grade", TC_CELL_TEXT},
    {"grade_partial", TC_CELL_BOOLEAN},
    {"suites_supported", TC_CELL_LIST},
    {"groups_supported", TC_CELL_LIST},
    {"survey_complete", TC_CELL_BOOLEAN},
    {"starttls_leftover_bytes", TC_CELL_INTEGER},
    {"found_in", TC_CELL_TEXT},
    {"profile", TC_CELL_TEXT},
    {"observed_utc", TC_CELL_TIME},
};

static const struct tc_column certificates_columns[] = {
    {"sha256", TC_CELL_HASH},
    {"spki_sha256", TC_CELL_HASH},
    {"serial", TC_CELL_TEXT},
    {"subject", TC_CELL_TEXT},
    {"subject_cn", TC_CELL_TEXT},
    {"issuer", TC_CELL_TEXT},
    {"issuer_cn", TC_CELL_TEXT},
    {"issuer_organization", TC_CELL_TEXT},
    {"issued_utc", TC_CELL_TIME},
    {"expires_utc", TC_CELL_TIME},
    {"days_left", TC_CELL_INTEGER},
    {"lifetime_days", TC_CELL_DECIMAL},
    {"key_type", TC_CELL_TEXT},
    {"key_bits", TC_CELL_INTEGER},
    {"signature", TC_CELL_TEXT},
    {"is_ca", TC_CELL_BOOLEAN},
    {"is_self_issued", TC_CELL_BOOLEAN},
    {"names_count", TC_CELL_INTEGER},
    {"names", TC_CELL_LIST},
    {"policy", TC_CELL_TEXT},
    {"endpoints", TC_CELL_INTEGER},
    {"hosts", TC_CELL_LIST},
    {"owners", TC_CELL_LIST},
    {"first_seen_utc", TC_CELL_TIME},
    {"last_seen_utc", TC_CELL_TIME},
};

static const struct tc_column findings_columns[] = {
    {"scan_id", TC_CELL_INTEGER},    {"scanned_utc", TC_CELL_TIME},
    {"host", TC_CELL_TEXT},          {"port", TC_CELL_INTEGER},
    {"address", TC_CELL_TEXT},       {"label_set_id", TC_CELL_LABELS},
    {"rule", TC_CELL_TEXT},          {"severity", TC_CELL_TEXT},
    {"title", TC_CELL_TEXT},         {"detail", TC_CELL_TEXT},
    {"remedy", TC_CELL_TEXT},        {"source", TC_CELL_TEXT},
    {"grade_cap", TC_CELL_TEXT},     {"waived_until_utc", TC_CELL_TIME},
    {"waiver_reason", TC_CELL_TEXT}, {"first_seen_utc", TC_CELL_TIME},
    {"age_days", TC_CELL_INTEGER},
};

static const struct tc_column changes_columns[] = {
    {"scan_id", TC_CELL_INTEGER}, {"previous_scan_id", TC_CELL_INTEGER},
    {"host", TC_CELL_TEXT},       {"port", TC_CELL_INTEGER},
    {"address", TC_CELL_TEXT},    {"label_set_id", TC_CELL_LABELS},
    {"kind", TC_CELL_TEXT},       {"field", TC_CELL_TEXT},
    {"before", TC_CELL_TEXT},     {"after", TC_CELL_TEXT},
    {"severity", TC_CELL_TEXT},
};

static const struct tc_column inventory_columns[] = {
    {"name", TC_CELL_TEXT},
    {"registrable_domain", TC_CELL_TEXT},
    {"is_wildcard", TC_CELL_BOOLEAN},
    {"owners", TC_CELL_LIST},
    {"certificates", TC_CELL_INTEGER},
    {"issuer_organization", TC_CELL_TEXT},
    {"leaf_expires_utc", TC_CELL_TIME},
    {"seen_on", TC_CELL_LIST},
    {"first_seen_utc", TC_CELL_TIME},
};

const struct tc_column *tc_table_columns(enum tc_table table, size_t *out_num)
{
    switch (table) {
    case TC_TABLE_CERTIFICATES:
        *out_num = TC_ARRAY_LEN(certificates_columns);
        return certificates_columns;
    case TC_TABLE_FINDINGS:
        *out_num = TC_ARRAY_LEN(findings_columns);
        return findings_columns;
    case TC_TABLE_CHANGES:
        *out_num = TC_ARRAY_LEN(changes_columns);
        return changes_columns;
    case TC_TABLE_INVENTORY:
        *out_num = TC_ARRAY_LEN(inventory_columns);
        return inventory_columns;
    case TC_TABLE_ENDPOINTS:
    default:
        *out_num = TC_ARRAY_LEN(endpoints_columns);
        return endpoints_columns;
    }
}

const char *tc_table_query(enum tc_table table)
{
    switch (table) {
    case TC_TABLE_CERTIFICATES:
        return tc_sql_report_certificates;
    case TC_TABLE_FINDINGS:
        return tc_sql_report_findings;
    case TC_TABLE_CHANGES:
        return tc_sql_report_changes;
    case TC_TABLE_INVENTORY:
        return tc_sql_report_inventory;
    case TC_TABLE_ENDPOINTS:
    default:
        return tc_sql_report_endpoints;
    }
}

void tc_table_bind(struct tc_rows *rows, enum tc_table table, const struct tc_table_part *part,
                   const struct tc_label_columns *labels)
{
    uint64_t first = part->first_row;
    uint64_t max = part->max_rows;
    tc_rows_bind_int(rows, ":scan_id", part->scan_id);
    tc_rows_bind_int(rows, ":first_row", first < INT64_MAX ? (int64_t)first : INT64_MAX);
    tc_rows_bind_int(rows, ":max_rows", max > 0 && max < INT64_MAX ? (int64_t)max : -1);
    if (table == TC_TABLE_CHANGES) {
        tc_rows_bind_int(rows, ":min_severity", part->min_severity);
    }
    if (table == TC_TABLE_CERTIFICATES || table == TC_TABLE_INVENTORY) {
        int owner = tc_label_columns_owner(labels);
        tc_rows_bind_text(rows, ":owner_label", owner >= 0 ? labels->columns[owner].label : "");
    }
}

enum tc_status tc_columns_match(int *out_sources, const struct tc_column *columns,
                                size_t num_columns, const struct tc_rows *rows,
                                struct tc_error *error)
{
    int num_sources = tc_rows_num_columns(rows);
    for (size_t i = 0; i < num_columns; i++) {
        int source = 0;
        while (source < num_sources &&
               strcmp(tc_rows_column_name(rows, source), columns[i].name) != 0) {
            source++;
        }
        if (source == num_sources) {
            return tc_fail(error, TC_ERR_STORE, "the report's query has no column %s",
                           columns[i].name);
        }
        out_sources[i] = source;
    }
    return TC_OK;
}

int tc_row_column(const struct tc_rows *rows, const char *name)
{
    int num_columns = tc_rows_num_columns(rows);
    int column = 0;
    while (column < num_columns && strcmp(tc_rows_column_name(rows, column), name) != 0) {
        column++;
    }
    assert(column < num_columns); /* the query is a file of ours */
    return column;
}

const char *tc_row_text(const struct tc_rows *rows, const char *name)
{
    return tc_rows_text(rows, tc_row_column(rows, name));
}

int64_t tc_row_int(const struct tc_rows *rows, const char *name)
{
    return tc_rows_int(rows, tc_row_column(rows, name));
}

bool tc_row_is_null(const struct tc_rows *rows, const char *name)
{
    return tc_rows_is_null(rows, tc_row_column(rows, name));
}

void tc_add_visible(struct tc_buf *out, const struct tc_rows *rows, int column)
{
    const char *text = tc_rows_text(rows, column);
    size_t len = tc_rows_bytes(rows, column);
    for (const char *nul = memchr(text, '\0', len); nul != NULL; nul = memchr(text, '\0', len)) {
        size_t before = (size_t)(nul - text);
        tc_buf_add(out, text, before);
        tc_buf_add_str(out, "\\u{0}");
        text += before + 1;
        len -= before + 1;
    }
    tc_buf_add(out, text, len);
}

void tc_list_begin(struct tc_list_walk *walk, const char *list, size_t len)
{
    *walk = (struct tc_list_walk){.next = len > 0 ? list : NULL, .left = len};
}

bool tc_list_next(struct tc_list_walk *walk)
{
    if (walk->next == NULL) {
        return false;
    }
    const char *space = memchr(walk->next, ' ', walk->left);
    walk->value = walk->next;
    walk->value_len = space != NULL ? (size_t)(space - walk->next) : walk->left;
    walk->next = space != NULL ? space + 1 : NULL;
    walk->left = space != NULL ? walk->left - walk->value_len - 1 : 0;
    return true;
}

void tc_list_unescape(struct tc_buf *out, const char *value, size_t len)
{
    for (size_t at = 0; at < len;) {
        if (len - at >= 6 && memcmp(value + at, "\\u0020", 6) == 0) {
            tc_buf_add_char(out, ' ');
            at += 6;
        } else if (len - at >= 6 && memcmp(value + at, "\\u005c", 6) == 0) {
            tc_buf_add_char(out, '\\');
            at += 6;
        } else {
            tc_buf_add_char(out, value[at]);
            at++;
        }
    }
}

void tc_add_integer(struct tc_buf *out, int64_t value)
{
    char digits[21]; /* 19 digits and a sign */
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    tc_buf_add(out, digits + at, sizeof digits - at);
}

void tc_add_decimal(struct tc_buf *out, double value, char mark)
{
    if (!isfinite(value) || fabs(value) > 1e15) {
        return; /* no duration of ours: unknown */
    }
    int64_t thousandths = llround(value * 1000.0);
    uint64_t size = (uint64_t)(thousandths < 0 ? -thousandths : thousandths);
    uint64_t fraction = size % 1000;
    if (thousandths < 0) {
        tc_buf_add_char(out, '-');
    }
    tc_add_integer(out, (int64_t)(size / 1000));
    if (fraction > 0) {
        char digits[4] = {mark, (char)('0' + fraction / 100), (char)('0' + fraction / 10 % 10),
                          (char)('0' + fraction % 10)};
        tc_buf_add(out, digits, digits[3] != '0' ? 4 : digits[2] != '0' ? 3 : 2);
    }
}

void tc_add_hash(struct tc_buf *out, const struct tc_rows *rows, int source)
{
    static const char digits[] = "0123456789abcdef";
    char text[64];
    size_t len = 0;
    if (tc_rows_type(rows, source) == TC_COLUMN_BLOB) {
        const uint8_t *bytes = tc_rows_blob(rows, source);
        size_t num_bytes = tc_rows_bytes(rows, source);
        for (size_t i = 0; i < num_bytes && len < sizeof text; i++) {
            text[len++] = digits[bytes[i] >> 4];
            text[len++] = digits[bytes[i] & 15];
        }
    } else {
        const char *value = tc_rows_text(rows, source);
        value += strncmp(value, "sha256:", 7) == 0 ? 7 : 0;
        while (len < sizeof text && value[len] != '\0' && strchr(digits, value[len]) != NULL) {
            text[len] = value[len];
            len++;
        }
    }
    tc_buf_add(out, text, len);
}

bool tc_is_time(const char *text, size_t len)
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd";
    if (len != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    return true;
}
