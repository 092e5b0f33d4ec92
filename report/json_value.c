/* Cells as JSON values, rows as objects: RFC 8259. */
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "json_internal.h"

void json_flush(struct json_writer *writer)
{
    if (writer->text.failed == TC_OK && writer->text.len > 0) {
        tc_output_write(writer->output, writer->text.data, writer->text.len);
        tc_buf_clear(&writer->text);
    }
}

void json_flush_when_long(struct json_writer *writer)
{
    if (!writer->holds && writer->text.len > JSON_FLUSH_LEN) {
        json_flush(writer);
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
        json_flush_when_long(writer);
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
void json_scalar(struct tc_buf *out, const struct tc_rows *rows, enum tc_cell cell, int source)
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
void json_labels(struct tc_buf *out, const struct tc_label_columns *columns,
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

enum tc_status json_open(struct json_table *table, struct json_writer *writer, const char *sql,
                         struct tc_error *error)
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

void json_close(struct json_table *table)
{
    tc_rows_close(table->rows);
    free(table->sources);
}

/* The members of an object that are columns of the table. */
enum tc_status json_members(struct json_writer *writer, const struct json_table *table,
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
