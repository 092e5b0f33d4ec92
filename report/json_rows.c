/* Rows as objects of a document or as lines, and the writer that they share. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "json_internal.h"
#include "tlscensus/sql.h"

/* ---- tables ---- */

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
    json_flush_when_long(writer);
    return TC_OK;
}

/* The row on which the query stands. */
static enum tc_status json_row(struct json_writer *writer, const struct json_table *table,
                               const char *type, bool first,
                               const struct json_endpoint_sources *sources, struct tc_error *error)
{
    json_begin_row(writer, table, type, first);
    enum tc_status status = json_members(writer, table, error);
    if (status == TC_OK && sources != NULL) {
        status = json_endpoint(writer, table->rows, sources, error);
    }
    return status == TC_OK ? json_end_row(writer, error) : status;
}

static enum tc_status json_rows(struct json_writer *writer, const struct json_table *table,
                                const char *type, const struct json_endpoint_sources *sources,
                                struct tc_error *error)
{
    enum tc_status status = TC_OK;
    bool first = true;
    while (!tc_output_failed(writer->output) &&
           (status = tc_rows_next(table->rows, error)) == TC_OK) {
        status = json_row(writer, table, type, first, sources, error);
        if (status != TC_OK) {
            return status;
        }
        first = false;
    }
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status json_row_line(struct json_writer *writer, const struct json_table *table,
                             const char *type, const struct json_endpoint_sources *sources,
                             struct tc_error *error)
{
    assert(writer->lines);
    return json_row(writer, table, type, false, sources, error);
}

enum tc_status json_table(struct json_writer *writer, enum tc_table which, const char *type,
                          struct tc_error *error)
{
    struct json_table table = {0};
    struct json_endpoint_sources sources = {{0}, {0}};
    bool is_endpoints = which == TC_TABLE_ENDPOINTS;
    table.columns = tc_table_columns(which, &table.num_columns);
    enum tc_status status = json_open(&table, writer, tc_table_query(which), error);
    if (status == TC_OK && is_endpoints) {
        status = json_endpoint_match(&sources, table.rows, error);
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

/* Its options are JSON already. */
enum tc_status json_scan(struct json_writer *writer, struct tc_error *error)
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

enum tc_status json_scan_line(struct json_writer *writer, struct tc_error *error)
{
    tc_buf_add_str(&writer->text, "{\"type\":\"scan\",\"schema\":\"tlscensus/1\",");
    enum tc_status status = json_scan(writer, error);
    return status == TC_OK ? json_end_row(writer, error) : status;
}

/* ---- the writer ---- */

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

enum tc_status json_writer_open(struct json_writer *writer, struct tc_error *error)
{
    tc_buf_init(&writer->text, JSON_TEXT_MAX);
    tc_buf_init(&writer->value, JSON_TEXT_MAX);
    return json_prepare(writer, error);
}

void json_writer_close(struct json_writer *writer)
{
    tc_text_cache_free(writer->chains);
    tc_text_cache_free(writer->features);
    tc_rows_close(writer->chain_rows);
    tc_rows_close(writer->feature_rows);
    tc_rows_close(writer->other_rows);
    tc_label_reader_free(writer->label_reader);
    tc_label_columns_cleanup(&writer->labels);
    tc_buf_cleanup(&writer->text);
    tc_buf_cleanup(&writer->value);
}
