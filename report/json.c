/* JSON and JSON Lines. docs/tlscensus-1.schema.json describes both. */
#include "json_internal.h"

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

enum tc_status json_report(struct tc_output *output, struct tc_store *store,
                           struct json_writer *writer, json_body body, struct tc_error *error)
{
    writer->output = output;
    writer->store = store;
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = json_writer_open(writer, error);
    if (status == TC_OK) {
        status = body(writer, error);
    }
    json_flush(writer);
    json_writer_close(writer);
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
