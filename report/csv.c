/* CSV for spreadsheets and scripts: RFC 4180. docs/columns.md says what each column means. */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "labels.h"

#define CSV_ROW_MAX ((size_t)64 * 1024 * 1024)

struct csv_writer {
    struct tc_output *output;
    const struct tc_csv_options *options;
    struct tc_label_columns labels;
    struct tc_label_reader *label_reader;
    const struct tc_column *columns;
    size_t num_columns;
    int *sources; /* for each column its place in the query */
    struct tc_rows *rows;
    struct tc_buf row;
};

static char csv_separator(const struct tc_csv_options *options)
{
    return options->excel_eu ? ';' : ',';
}

/* ---- one row ---- */

static void csv_value(struct csv_writer *writer, enum tc_cell cell, int source)
{
    struct tc_buf *out = &writer->row;
    const struct tc_rows *rows = writer->rows;
    bool guard = writer->options->formula_guard;
    switch (cell) {
    case TC_CELL_INTEGER:
        tc_add_integer(out, tc_rows_int(rows, source));
        return;
    case TC_CELL_DECIMAL:
        tc_add_decimal(out, tc_rows_real(rows, source), writer->options->excel_eu ? ',' : '.');
        return;
    case TC_CELL_BOOLEAN:
        tc_buf_add_str(out, tc_rows_int(rows, source) != 0 ? "true" : "false");
        return;
    case TC_CELL_TIME:
        if (tc_is_time(tc_rows_text(rows, source), tc_rows_bytes(rows, source))) {
            tc_buf_add(out, tc_rows_text(rows, source), tc_rows_bytes(rows, source));
            return;
        }
        break; /* a year past 9999: text, so that no program guesses */
    case TC_CELL_HASH:
        tc_buf_add_str(out, "\"sha256:");
        tc_add_hash(out, rows, source);
        tc_buf_add_char(out, '"');
        return;
    case TC_CELL_LIST:
        tc_escape_csv_list(out, tc_rows_text(rows, source), tc_rows_bytes(rows, source), guard);
        return;
    case TC_CELL_TEXT:
    case TC_CELL_LABELS:
        break;
    }
    tc_escape_csv_text(out, tc_rows_text(rows, source), tc_rows_bytes(rows, source), guard);
}

/* The label cells of one set, each with its separator before it. */
static void csv_labels(struct tc_buf *out, const struct tc_label_columns *columns,
                       const char *const *values, const void *context)
{
    const struct tc_csv_options *options = context;
    for (size_t i = 0; i < columns->num_columns; i++) {
        tc_buf_add_char(out, csv_separator(options));
        if (values[i] != NULL) {
            tc_escape_csv_text(out, values[i], strlen(values[i]), options->formula_guard);
        }
    }
}

static enum tc_status csv_row(struct csv_writer *writer, struct tc_error *error)
{
    tc_buf_clear(&writer->row);
    for (size_t i = 0; i < writer->num_columns; i++) {
        int source = writer->sources[i];
        if (writer->columns[i].cell == TC_CELL_LABELS) {
            enum tc_status status = tc_label_reader_add(&writer->row, writer->label_reader,
                                                        tc_rows_int(writer->rows, source), error);
            if (status != TC_OK) {
                return status;
            }
            continue;
        }
        if (i > 0) {
            tc_buf_add_char(&writer->row, csv_separator(writer->options));
        }
        if (!tc_rows_is_null(writer->rows, source)) {
            csv_value(writer, writer->columns[i].cell, source);
        }
    }
    tc_buf_add(&writer->row, "\r\n", 2);
    if (writer->row.failed != TC_OK) {
        return tc_fail(error, writer->row.failed, "a row of the table: %s",
                       tc_status_str(writer->row.failed));
    }
    tc_output_write(writer->output, writer->row.data, writer->row.len);
    return TC_OK;
}

/* ---- the table ---- */

static void csv_header(struct csv_writer *writer)
{
    struct tc_buf *out = &writer->row;
    char separator = csv_separator(writer->options);
    if (writer->options->bom) {
        tc_buf_add_str(out, "\xef\xbb\xbf");
    }
    for (size_t i = 0; i < writer->num_columns; i++) {
        if (writer->columns[i].cell == TC_CELL_LABELS) {
            for (size_t k = 0; k < writer->labels.num_columns; k++) {
                tc_buf_addf(out, "%c\"label_%s\"", separator, writer->labels.columns[k].name);
            }
            continue;
        }
        if (i > 0) {
            tc_buf_add_char(out, separator);
        }
        tc_buf_addf(out, "\"%s\"", writer->columns[i].name);
    }
    tc_buf_add(out, "\r\n", 2);
    if (out->failed == TC_OK) {
        tc_output_write(writer->output, out->data, out->len);
    }
}

/* Finds every column in the query; one that it lacks is a mistake of ours, and said. */
static enum tc_status csv_match_columns(struct csv_writer *writer, struct tc_error *error)
{
    writer->sources = calloc(writer->num_columns, sizeof *writer->sources);
    if (writer->sources == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    return tc_columns_match(writer->sources, writer->columns, writer->num_columns, writer->rows,
                            error);
}

static enum tc_status csv_open(struct csv_writer *writer, struct tc_store *store, int64_t scan_id,
                               enum tc_table table, struct tc_error *error)
{
    writer->columns = tc_table_columns(table, &writer->num_columns);
    enum tc_status status = tc_label_columns_load(&writer->labels, store, scan_id, error);
    if (status == TC_OK) {
        status = tc_label_reader_new(&writer->label_reader, store, &writer->labels, csv_labels,
                                     writer->options, error);
    }
    if (status == TC_OK) {
        status = tc_rows_open(&writer->rows, store, tc_table_query(table), error);
    }
    if (status == TC_OK) {
        status = csv_match_columns(writer, error);
    }
    if (status != TC_OK) {
        return status;
    }
    const struct tc_table_part part = {.scan_id = scan_id,
                                       .first_row = writer->options->first_row,
                                       .max_rows = writer->options->max_rows,
                                       .min_severity = writer->options->min_severity};
    tc_table_bind(writer->rows, table, &part, &writer->labels);
    return TC_OK;
}

static void csv_close(struct csv_writer *writer)
{
    tc_rows_close(writer->rows);
    tc_label_reader_free(writer->label_reader);
    tc_label_columns_cleanup(&writer->labels);
    free(writer->sources);
    tc_buf_cleanup(&writer->row);
}

enum tc_status tc_report_csv(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                             enum tc_table table, const struct tc_csv_options *options,
                             uint64_t *out_rows, struct tc_error *error)
{
    struct csv_writer writer = {.output = output, .options = options};
    uint64_t num_rows = 0;
    tc_buf_init(&writer.row, CSV_ROW_MAX);
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = csv_open(&writer, store, scan_id, table, error);
    if (status == TC_OK) {
        csv_header(&writer);
    }
    while (status == TC_OK && !tc_output_failed(output)) {
        status = tc_rows_next(writer.rows, error);
        if (status == TC_OK) {
            status = csv_row(&writer, error);
            num_rows++;
        }
    }
    csv_close(&writer);
    tc_store_end_read(store);
    if (status == TC_ERR_END || status == TC_OK) { /* OK: the output failed, its commit tells */
        *out_rows = num_rows;
        status = TC_OK;
    }
    return status;
}
