/* JSON and JSON Lines: RFC 8259. docs/tlscensus-1.schema.json describes both. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "labels.h"
#include "text_cache.h"
#include "tlscensus/sql.h"

#define JSON_TEXT_MAX  ((size_t)64 * 1024 * 1024) /* one value; larger is a damaged database */
#define JSON_FLUSH_LEN ((size_t)32 * 1024)

struct json_writer {
    struct tc_output *output;
    struct tc_store *store;
    int64_t scan_id;
    bool lines;            /* JSON Lines: one object a line, each with its type */
    unsigned min_severity; /* of changes */
    struct tc_label_columns labels;
    struct tc_label_reader *label_reader;
    struct tc_rows *chain_rows;
    struct tc_text_cache *chains;
    struct tc_rows *feature_rows;
    struct tc_text_cache *features; /* a feature set's array */
    struct tc_rows *other_rows;     /* chains that an endpoint sent besides */
    struct tc_buf text;             /* what is on its way to the output */
    struct tc_buf value;            /* one value of a list, unescaped */
};

/* ---- values ---- */

static void json_flush(struct json_writer *writer)
{
    if (writer->text.failed == TC_OK && writer->text.len > 0) {
        tc_output_write(writer->output, writer->text.data, writer->text.len);
        tc_buf_clear(&writer->text);
    }
}

/* An array of the values of a list; a long one leaves in pieces. */
static void json_list(struct json_writer *writer, const char *list, size_t len)
{
    struct tc_list_walk walk;
    tc_list_begin(&walk, list, len);
    tc_buf_add_char(&writer->text, '[');
    for (bool first = true; tc_list_next(&walk); first = false) {
        tc_buf_clear(&writer->value);
        tc_list_unescape(&writer->value, walk.value, walk.value_len);
        if (!first) {
            tc_buf_add_char(&writer->text, ',');
        }
        tc_escape_json(&writer->text, writer->value.len > 0 ? writer->value.data : "",
                       writer->value.len);
        if (writer->text.len > JSON_FLUSH_LEN) {
            json_flush(writer);
        }
    }
    tc_buf_add_char(&writer->text, ']');
}

/* RFC 3339 from `YYYY-MM-DD HH:MM:SS`; a time of no such shape is unknown. */
static void json_time(struct tc_buf *out, const char *text, size_t len)
{
    if (!tc_is_time(text, len)) {
        tc_buf_add_str(out, "null");
        return;
    }
    tc_buf_add_char(out, '"');
    tc_buf_add(out, text, 10);
    tc_buf_add_char(out, 'T');
    tc_buf_add(out, text + 11, 8);
    tc_buf_add_str(out, "Z\"");
}

static void json_decimal(struct tc_buf *out, double value)
{
    size_t before = out->len;
    tc_add_decimal(out, value, '.');
    if (out->len == before) {
        tc_buf_add_str(out, "null");
    }
}

/* A value that is no list. */
static void json_scalar(struct tc_buf *out, const struct tc_rows *rows, enum tc_cell cell,
                        int source)
{
    if (tc_rows_is_null(rows, source)) {
        tc_buf_add_str(out, "null");
        return;
    }
    switch (cell) {
    case TC_CELL_INTEGER:
        tc_add_integer(out, tc_rows_int(rows, source));
        return;
    case TC_CELL_DECIMAL:
        json_decimal(out, tc_rows_real(rows, source));
        return;
    case TC_CELL_BOOLEAN:
        tc_buf_add_str(out, tc_rows_int(rows, source) != 0 ? "true" : "false");
        return;
    case TC_CELL_TIME:
        json_time(out, tc_rows_text(rows, source), tc_rows_bytes(rows, source));
        return;
    case TC_CELL_HASH:
        tc_buf_add_char(out, '"');
        tc_add_hash(out, rows, source);
        tc_buf_add_char(out, '"');
        return;
    case TC_CELL_TEXT:
    case TC_CELL_LIST:
    case TC_CELL_LABELS:
        break;
    }
    tc_escape_json(out, tc_rows_text(rows, source), tc_rows_bytes(rows, source));
}

static void json_value(struct json_writer *writer, const struct tc_rows *rows, enum tc_cell cell,
                       int source)
{
    if (cell == TC_CELL_LIST && !tc_rows_is_null(rows, source)) {
        json_list(writer, tc_rows_text(rows, source), tc_rows_bytes(rows, source));
    } else {
        json_scalar(&writer->text, rows, cell, source);
    }
}

/* The labels of one set as an object; empty cells are left out, as the input left them empty. */
static void json_labels(struct tc_buf *out, const struct tc_label_columns *columns,
                        const char *const *values, const void *context)
{
    (void)context;
    bool first = true;
    tc_buf_add_char(out, '{');
    for (size_t i = 0; i < columns->num_columns; i++) {
        if (values[i] != NULL) {
            tc_buf_add_str(out, first ? "" : ",");
            tc_escape_json(out, columns->columns[i].name, strlen(columns->columns[i].name));
            tc_buf_add_char(out, ':');
            tc_escape_json(out, values[i], strlen(values[i]));
            first = false;
        }
    }
    tc_buf_add_char(out, '}');
}

/* What follows the leaf in a chain: `,"hash","hash"`. */
static enum tc_status json_fill_chain(struct tc_buf *out, void *context, int64_t id,
                                      struct tc_error *error)
{
    struct json_writer *writer = context;
    enum tc_status status = TC_OK;
    if (id == 0) {
        return TC_OK;
    }
    tc_rows_reset(writer->chain_rows);
    tc_rows_bind_int(writer->chain_rows, ":chain_id", id);
    while ((status = tc_rows_next(writer->chain_rows, error)) == TC_OK) {
        tc_buf_add_str(out, ",\"");
        tc_add_hash(out, writer->chain_rows, 0);
        tc_buf_add_char(out, '"');
    }
    return status == TC_ERR_END ? TC_OK : status;
}

/* The columns of report_features.sql, in its order. */
static const struct tc_column feature_columns[] = {
    {"kind", TC_CELL_TEXT},     {"version", TC_CELL_TEXT},      {"name", TC_CELL_TEXT},
    {"code", TC_CELL_INTEGER},  {"supported", TC_CELL_BOOLEAN}, {"rank", TC_CELL_INTEGER},
    {"value", TC_CELL_INTEGER}, {"text", TC_CELL_TEXT},
};

/* What a feature set holds: an array of objects. */
static enum tc_status json_fill_features(struct tc_buf *out, void *context, int64_t id,
                                         struct tc_error *error)
{
    struct json_writer *writer = context;
    enum tc_status status = TC_OK;
    tc_rows_reset(writer->feature_rows);
    tc_rows_bind_int(writer->feature_rows, ":feature_set_id", id);
    tc_buf_add_char(out, '[');
    for (bool first = true; (status = tc_rows_next(writer->feature_rows, error)) == TC_OK;
         first = false) {
        tc_buf_add_str(out, first ? "{" : ",{");
        for (size_t i = 0; i < TC_ARRAY_LEN(feature_columns); i++) {
            tc_buf_addf(out, "%s\"%s\":", i > 0 ? "," : "", feature_columns[i].name);
            json_scalar(out, writer->feature_rows, feature_columns[i].cell, (int)i);
        }
        tc_buf_add_char(out, '}');
    }
    tc_buf_add_char(out, ']');
    return status == TC_ERR_END ? TC_OK : status;
}

/* ---- objects ---- */

/* An open query and where it has the columns of a table. */
struct json_table {
    struct tc_rows *rows;
    const struct tc_column *columns;
    size_t num_columns;
    int *sources;
};

static enum tc_status json_open(struct json_table *table, struct json_writer *writer,
                                const char *sql, struct tc_error *error)
{
    table->sources = calloc(table->num_columns, sizeof *table->sources);
    if (table->sources == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    enum tc_status status = tc_rows_open(&table->rows, writer->store, sql, error);
    if (status == TC_OK) {
        status = tc_columns_match(table->sources, table->columns, table->num_columns, table->rows,
                                  error);
    }
    return status;
}

static void json_close(struct json_table *table)
{
    tc_rows_close(table->rows);
    free(table->sources);
}

/* The members of an object that are columns of the table. */
static enum tc_status json_members(struct json_writer *writer, const struct json_table *table,
                                   struct tc_error *error)
{
    for (size_t i = 0; i < table->num_columns; i++) {
        const struct tc_column *column = &table->columns[i];
        bool labels = column->cell == TC_CELL_LABELS;
        tc_buf_addf(&writer->text, "%s\"%s\":", i > 0 ? "," : "", labels ? "labels" : column->name);
        if (!labels) {
            json_value(writer, table->rows, column->cell, table->sources[i]);
            continue;
        }
        enum tc_status status =
            tc_label_reader_add(&writer->text, writer->label_reader,
                                tc_rows_int(table->rows, table->sources[i]), error);
        if (status != TC_OK) {
            return status;
        }
    }
    return writer->text.failed;
}

/* Columns of a query from which the two chains of a row are put together. */
enum {
    CHAIN_LEAF,
    CHAIN_PRESENTED_DEPTH,
    CHAIN_PRESENTED_ID,
    CHAIN_VERIFIED_DEPTH,
    CHAIN_VERIFIED_ID,
    CHAIN_COLUMNS
};
static const struct tc_column chain_columns[CHAIN_COLUMNS] = {
    {"leaf_sha256", TC_CELL_HASH},           {"presented_depth", TC_CELL_INTEGER},
    {"presented_chain_id", TC_CELL_INTEGER}, {"verified_depth", TC_CELL_INTEGER},
    {"verified_chain_id", TC_CELL_INTEGER},
};

/* One chain of an endpoint as an array of hashes, leaf first; null where there is none. */
static enum tc_status json_chain(struct json_writer *writer, const char *name,
                                 const struct tc_rows *rows, int leaf, int depth, int chain_id,
                                 struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    tc_buf_addf(out, ",\"%s\":", name);
    if (tc_rows_is_null(rows, depth) || tc_rows_is_null(rows, leaf)) {
        return tc_buf_add_str(out, "null");
    }
    tc_buf_add_str(out, "[\"");
    tc_add_hash(out, rows, leaf);
    tc_buf_add_char(out, '"');
    enum tc_status status =
        tc_text_cache_add(out, writer->chains, tc_rows_int(rows, chain_id), error);
    tc_buf_add_char(out, ']');
    return status;
}

static enum tc_status json_chains(struct json_writer *writer, const struct tc_rows *rows,
                                  const int *sources, struct tc_error *error)
{
    enum tc_status status =
        json_chain(writer, "presented_chain", rows, sources[CHAIN_LEAF],
                   sources[CHAIN_PRESENTED_DEPTH], sources[CHAIN_PRESENTED_ID], error);
    if (status == TC_OK) {
        status = json_chain(writer, "verified_chain", rows, sources[CHAIN_LEAF],
                            sources[CHAIN_VERIFIED_DEPTH], sources[CHAIN_VERIFIED_ID], error);
    }
    return status;
}

/* What a row of the endpoints' query has beside the columns of the table. */
enum { ENDPOINT_OBSERVATION_ID, ENDPOINT_FEATURE_SET_ID, ENDPOINT_COLUMNS };
static const struct tc_column endpoint_columns[ENDPOINT_COLUMNS] = {
    {"observation_id", TC_CELL_INTEGER}, {"feature_set_id", TC_CELL_INTEGER}};
struct json_sources {
    int chains[CHAIN_COLUMNS];
    int endpoint[ENDPOINT_COLUMNS];
};

static const struct tc_column other_columns[] = {
    {"role", TC_CELL_TEXT},
    {"presented_depth", TC_CELL_INTEGER},
    {"verified_depth", TC_CELL_INTEGER},
    {"chain_status", TC_CELL_TEXT},
    {"trusted", TC_CELL_BOOLEAN},
    {"trust_detail", TC_CELL_TEXT},
    {"name_match", TC_CELL_BOOLEAN},
    {"chain_expires_utc", TC_CELL_TIME},
};

static enum tc_status json_other_chains(struct json_writer *writer, int64_t observation_id,
                                        struct tc_error *error)
{
    int sources[TC_ARRAY_LEN(other_columns)] = {0};
    int chains[CHAIN_COLUMNS] = {0};
    const struct json_table table = {writer->other_rows, other_columns, TC_ARRAY_LEN(other_columns),
                                     sources};
    enum tc_status status =
        tc_columns_match(sources, other_columns, table.num_columns, table.rows, error);
    if (status == TC_OK) {
        status = tc_columns_match(chains, chain_columns, CHAIN_COLUMNS, table.rows, error);
    }
    if (status != TC_OK) {
        return status;
    }
    tc_rows_reset(table.rows);
    tc_rows_bind_int(table.rows, ":observation_id", observation_id);
    tc_buf_add_char(&writer->text, '[');
    for (bool first = true; (status = tc_rows_next(table.rows, error)) == TC_OK; first = false) {
        tc_buf_add_str(&writer->text, first ? "{" : ",{");
        status = json_members(writer, &table, error);
        if (status == TC_OK) {
            status = json_chains(writer, table.rows, chains, error);
        }
        if (status != TC_OK) {
            return status;
        }
        tc_buf_add_char(&writer->text, '}');
    }
    tc_buf_add_char(&writer->text, ']');
    return status == TC_ERR_END ? TC_OK : status;
}

/* What the survey found; null where there was none. */
static enum tc_status json_survey(struct json_writer *writer, const struct tc_rows *rows,
                                  const int *sources, struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    int feature_set_id = sources[ENDPOINT_FEATURE_SET_ID];
    if (tc_rows_is_null(rows, feature_set_id)) {
        return tc_buf_add_str(out, ",\"features\":null,\"other_chains\":null");
    }
    tc_buf_add_str(out, ",\"features\":");
    enum tc_status status =
        tc_text_cache_add(out, writer->features, tc_rows_int(rows, feature_set_id), error);
    if (status != TC_OK) {
        return status;
    }
    tc_buf_add_str(out, ",\"other_chains\":");
    return json_other_chains(writer, tc_rows_int(rows, sources[ENDPOINT_OBSERVATION_ID]), error);
}

/* ---- sections ---- */

/* What begins a row: in a document the comma and, for certificates, the key. */
static void json_begin_row(struct json_writer *writer, const struct json_table *table,
                           const char *type, bool first)
{
    struct tc_buf *out = &writer->text;
    if (writer->lines) {
        tc_buf_addf(out, "{\"type\":\"%s\",", type);
        return;
    }
    tc_buf_add_str(out, first ? "\n" : ",\n");
    if (strcmp(type, "certificate") == 0) {
        tc_buf_add_char(out, '"');
        tc_add_hash(out, table->rows, table->sources[0]);
        tc_buf_add_str(out, "\":");
    }
    tc_buf_add_char(out, '{');
}

/* Ends a row and lets it go. */
static enum tc_status json_end_row(struct json_writer *writer, struct tc_error *error)
{
    tc_buf_add_str(&writer->text, writer->lines ? "}\n" : "}");
    enum tc_status status = writer->text.failed;
    if (status != TC_OK) {
        return tc_fail(error, status, "a row of the report: %s", tc_status_str(status));
    }
    if (writer->text.len > JSON_FLUSH_LEN) {
        json_flush(writer);
    }
    return TC_OK;
}

static enum tc_status json_rows(struct json_writer *writer, const struct json_table *table,
                                const char *type, const struct json_sources *sources,
                                struct tc_error *error)
{
    enum tc_status status = TC_OK;
    bool first = true;
    while (!tc_output_failed(writer->output) &&
           (status = tc_rows_next(table->rows, error)) == TC_OK) {
        json_begin_row(writer, table, type, first);
        status = json_members(writer, table, error);
        if (status == TC_OK && sources != NULL) {
            status = json_chains(writer, table->rows, sources->chains, error);
        }
        if (status == TC_OK && sources != NULL) {
            status = json_survey(writer, table->rows, sources->endpoint, error);
        }
        if (status == TC_OK) {
            status = json_end_row(writer, error);
        }
        if (status != TC_OK) {
            return status;
        }
        first = false;
    }
    return status == TC_ERR_END ? TC_OK : status;
}

/* One of the exported tables, an object for each row. */
static enum tc_status json_table(struct json_writer *writer, enum tc_table which, const char *type,
                                 struct tc_error *error)
{
    struct json_table table = {0};
    struct json_sources sources = {{0}, {0}};
    bool is_endpoints = which == TC_TABLE_ENDPOINTS;
    table.columns = tc_table_columns(which, &table.num_columns);
    enum tc_status status = json_open(&table, writer, tc_table_query(which), error);
    if (status == TC_OK && is_endpoints) {
        status = tc_columns_match(sources.chains, chain_columns, CHAIN_COLUMNS, table.rows, error);
    }
    if (status == TC_OK && is_endpoints) {
        status = tc_columns_match(sources.endpoint, endpoint_columns, ENDPOINT_COLUMNS, table.rows,
                                  error);
    }
    if (status == TC_OK) {
        const struct tc_table_part part = {.scan_id = writer->scan_id,
                                           .min_severity = writer->min_severity};
        tc_table_bind(table.rows, which, &part, &writer->labels);
        status = json_rows(writer, &table, type, is_endpoints ? &sources : NULL, error);
    }
    json_close(&table);
    return status;
}

static const struct tc_column scan_columns[] = {
    {"scan_id", TC_CELL_INTEGER},
    {"scan_uuid", TC_CELL_TEXT},
    {"profile", TC_CELL_TEXT},
    {"state", TC_CELL_TEXT},
    {"started_utc", TC_CELL_TIME},
    {"finished_utc", TC_CELL_TIME},
    {"as_of_utc", TC_CELL_TIME},
    {"tool_version", TC_CELL_TEXT},
    {"shard", TC_CELL_TEXT},
    {"targets", TC_CELL_INTEGER},
    {"endpoints", TC_CELL_INTEGER},
    {"rejected_targets", TC_CELL_INTEGER},
    {"trust_store", TC_CELL_TEXT},
    {"trust_store_sha256", TC_CELL_HASH},
    {"input_sha256", TC_CELL_HASH},
    {"vantage", TC_CELL_TEXT},
    {"notices", TC_CELL_TEXT},
    {"compared_scan_id", TC_CELL_INTEGER},
    {"confirm_after", TC_CELL_INTEGER},
};

/* The members of the scan's object; its options are JSON already. */
static enum tc_status json_scan(struct json_writer *writer, struct tc_error *error)
{
    struct json_table table = {.columns = scan_columns, .num_columns = TC_ARRAY_LEN(scan_columns)};
    enum tc_status status = json_open(&table, writer, tc_sql_report_scan, error);
    if (status == TC_OK) {
        tc_rows_bind_int(table.rows, ":scan_id", writer->scan_id);
        status = tc_rows_next(table.rows, error);
    }
    if (status == TC_ERR_END) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "there is no scan %" PRId64, writer->scan_id);
    }
    if (status == TC_OK) {
        status = json_members(writer, &table, error);
        int options = tc_rows_num_columns(table.rows) - 1;
        tc_buf_addf(&writer->text, ",\"options\":%s",
                    tc_rows_is_null(table.rows, options) ? "null"
                                                         : tc_rows_text(table.rows, options));
    }
    json_close(&table);
    return status;
}

/* ---- the two formats ---- */

static enum tc_status json_document(struct json_writer *writer, struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    tc_buf_add_str(out, "{\"schema\":\"tlscensus/1\",\n\"scan\":{");
    enum tc_status status = json_scan(writer, error);
    tc_buf_add_str(out, "},\n\"endpoints\":[");
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_ENDPOINTS, "endpoint", error);
    }
    tc_buf_add_str(out, "\n],\n\"certificates\":{");
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_CERTIFICATES, "certificate", error);
    }
    tc_buf_add_str(out, "\n},\n\"findings\":[");
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_FINDINGS, "finding", error);
    }
    tc_buf_add_str(out, "\n],\n\"changes\":[");
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_CHANGES, "change", error);
    }
    tc_buf_add_str(out, "\n]}\n");
    return status;
}

/* The scan and what changed up to it, without the rest. */
static enum tc_status json_diff(struct json_writer *writer, struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    tc_buf_add_str(out, "{\"schema\":\"tlscensus/1\",\n\"scan\":{");
    enum tc_status status = json_scan(writer, error);
    tc_buf_add_str(out, "},\n\"changes\":[");
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_CHANGES, "change", error);
    }
    tc_buf_add_str(out, "\n]}\n");
    return status;
}

static enum tc_status json_tables(struct json_writer *writer, struct tc_error *error)
{
    static const struct {
        enum tc_table table;
        const char *type;
    } tables[] = {
        {TC_TABLE_CERTIFICATES, "certificate"}, /* before the endpoints that name them: a stream
                                                   may be cut anywhere */
        {TC_TABLE_ENDPOINTS, "endpoint"},
        {TC_TABLE_FINDINGS, "finding"},
        {TC_TABLE_CHANGES, "change"},
    };
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(tables) && status == TC_OK; i++) {
        status = json_table(writer, tables[i].table, tables[i].type, error);
    }
    return status;
}

static enum tc_status json_scan_line(struct json_writer *writer, struct tc_error *error)
{
    tc_buf_add_str(&writer->text, "{\"type\":\"scan\",\"schema\":\"tlscensus/1\",");
    enum tc_status status = json_scan(writer, error);
    return status == TC_OK ? json_end_row(writer, error) : status;
}

static enum tc_status json_lines(struct json_writer *writer, struct tc_error *error)
{
    enum tc_status status = json_scan_line(writer, error);
    return status == TC_OK ? json_tables(writer, error) : status;
}

static enum tc_status json_diff_lines(struct json_writer *writer, struct tc_error *error)
{
    enum tc_status status = json_scan_line(writer, error);
    return status == TC_OK ? json_table(writer, TC_TABLE_CHANGES, "change", error) : status;
}

static enum tc_status json_prepare(struct json_writer *writer, struct tc_error *error)
{
    enum tc_status status =
        tc_label_columns_load(&writer->labels, writer->store, writer->scan_id, error);
    if (status == TC_OK) {
        status = tc_label_reader_new(&writer->label_reader, writer->store, &writer->labels,
                                     json_labels, NULL, error);
    }
    if (status == TC_OK) {
        status = tc_rows_open(&writer->chain_rows, writer->store, tc_sql_report_chain, error);
    }
    if (status == TC_OK) {
        status = tc_text_cache_new(&writer->chains, json_fill_chain, writer, error);
    }
    if (status == TC_OK) {
        status = tc_rows_open(&writer->feature_rows, writer->store, tc_sql_report_features, error);
    }
    if (status == TC_OK) {
        status = tc_text_cache_new(&writer->features, json_fill_features, writer, error);
    }
    if (status == TC_OK) {
        status =
            tc_rows_open(&writer->other_rows, writer->store, tc_sql_report_other_chains, error);
    }
    return status;
}

/* What one of the formats writes. */
typedef enum tc_status (*json_body)(struct json_writer *writer, struct tc_error *error);

static enum tc_status json_report(struct tc_output *output, struct tc_store *store,
                                  struct json_writer *writer, json_body body,
                                  struct tc_error *error)
{
    writer->output = output;
    writer->store = store;
    tc_buf_init(&writer->text, JSON_TEXT_MAX);
    tc_buf_init(&writer->value, JSON_TEXT_MAX);
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = json_prepare(writer, error);
    if (status == TC_OK) {
        status = body(writer, error);
    }
    json_flush(writer);
    tc_text_cache_free(writer->chains);
    tc_text_cache_free(writer->features);
    tc_rows_close(writer->chain_rows);
    tc_rows_close(writer->feature_rows);
    tc_rows_close(writer->other_rows);
    tc_label_reader_free(writer->label_reader);
    tc_label_columns_cleanup(&writer->labels);
    tc_buf_cleanup(&writer->text);
    tc_buf_cleanup(&writer->value);
    tc_store_end_read(store);
    return status;
}

enum tc_status tc_report_json(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                              struct tc_error *error)
{
    struct json_writer writer = {.scan_id = scan_id};
    return json_report(output, store, &writer, json_document, error);
}

enum tc_status tc_report_jsonl(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                               struct tc_error *error)
{
    struct json_writer writer = {.scan_id = scan_id, .lines = true};
    return json_report(output, store, &writer, json_lines, error);
}

enum tc_status tc_report_changes_json(struct tc_output *output, struct tc_store *store,
                                      int64_t scan_id, unsigned min_severity, bool lines,
                                      struct tc_error *error)
{
    struct json_writer writer = {.scan_id = scan_id, .lines = lines, .min_severity = min_severity};
    return json_report(output, store, &writer, lines ? json_diff_lines : json_diff, error);
}
