/*
 * A scan as JSON Lines while it runs: the scan, then each endpoint behind the certificates that it
 * is the first to name, and at the end what only the whole scan can tell.
 */
#include <stdlib.h>

#include "json_internal.h"
#include "tlscensus/sql.h"

/* What is read at once: a reader who is slow holds up no read transaction, and fills no memory. */
#define PAGE_ROWS 256U
#define PAGE_LEN  ((size_t)256 * 1024)

struct tc_stream {
    struct tc_output *output;
    struct tc_store *store; /* a connection of its own, beside the writer's */
    struct json_writer writer;
    bool is_ready; /* the writer is open, and so are: */
    struct tc_rows *observations;
    struct tc_rows *note_certificates;
    struct json_table certificates;
    struct json_table endpoints;
    struct json_endpoint_sources sources;
    int sent_id; /* column of `certificates` */
    bool has_begun;
    int64_t after;       /* the last observation that was sent */
    int64_t sent_before; /* and the last certificate, by the order in which they were */
};

/* ---- life ---- */

static enum tc_status find_start(struct tc_stream *stream, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, stream->store, tc_sql_last_observation, error);
    if (status == TC_OK) {
        status = tc_rows_next(rows, error);
    }
    if (status == TC_OK) {
        stream->after = tc_rows_int(rows, 0);
    }
    tc_rows_close(rows);
    return status;
}

static enum tc_status open_tables(struct tc_stream *stream, struct tc_error *error)
{
    struct json_table *certificates = &stream->certificates;
    struct json_table *endpoints = &stream->endpoints;
    certificates->columns = tc_table_columns(TC_TABLE_CERTIFICATES, &certificates->num_columns);
    endpoints->columns = tc_table_columns(TC_TABLE_ENDPOINTS, &endpoints->num_columns);
    enum tc_status status =
        tc_rows_open(&stream->observations, stream->store, tc_sql_stream_observations, error);
    if (status == TC_OK) {
        status = tc_rows_open(&stream->note_certificates, stream->store,
                              tc_sql_stream_note_certificates, error);
    }
    if (status == TC_OK) {
        status = json_open(certificates, &stream->writer, tc_sql_stream_certificates, error);
    }
    if (status == TC_OK) {
        status = json_open(endpoints, &stream->writer, tc_sql_stream_endpoint, error);
    }
    if (status == TC_OK) {
        status = json_endpoint_match(&stream->sources, endpoints->rows, error);
    }
    if (status == TC_OK) {
        tc_rows_bind_int(stream->observations, ":scan_id", stream->writer.scan_id);
        tc_rows_bind_int(certificates->rows, ":scan_id", stream->writer.scan_id);
        stream->sent_id = tc_row_column(certificates->rows, "sent_id");
    }
    return status;
}

static enum tc_status prepare(struct tc_stream *stream, struct tc_error *error)
{
    enum tc_status status = tc_store_follow(stream->store, error);
    if (status == TC_OK) {
        status = find_start(stream, error);
    }
    if (status == TC_OK) {
        stream->is_ready = true;
        status = json_writer_open(&stream->writer, error);
    }
    if (status == TC_OK) {
        tc_label_reader_learn(stream->writer.label_reader, &stream->writer.labels,
                              stream->writer.scan_id);
        status = open_tables(stream, error);
    }
    return status;
}

static void forget(struct tc_stream *stream)
{
    if (stream->is_ready) {
        tc_rows_close(stream->observations);
        tc_rows_close(stream->note_certificates);
        json_close(&stream->certificates);
        json_close(&stream->endpoints);
        json_writer_close(&stream->writer);
        stream->is_ready = false;
    }
}

enum tc_status tc_stream_open(struct tc_stream **out, struct tc_output *output, const char *db,
                              int64_t scan_id, struct tc_error *error)
{
    struct tc_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    stream->output = output;
    enum tc_status status = tc_store_open(&stream->store, db, TC_STORE_READ, error);
    stream->writer = (struct json_writer){
        .output = output, .store = stream->store, .scan_id = scan_id, .lines = true, .holds = true};
    if (status == TC_OK) {
        status = prepare(stream, error);
    }
    if (status != TC_OK) {
        tc_stream_close(stream);
        return status;
    }
    *out = stream;
    return TC_OK;
}

void tc_stream_close(struct tc_stream *stream)
{
    if (stream != NULL) {
        forget(stream);
        tc_store_close(stream->store);
        free(stream);
    }
}

/* ---- while the scan runs ---- */

static enum tc_status add_certificates(struct tc_stream *stream, int64_t observation_id,
                                       struct tc_error *error)
{
    struct json_table *table = &stream->certificates;
    tc_rows_reset(stream->note_certificates);
    tc_rows_bind_int(stream->note_certificates, ":observation_id", observation_id);
    enum tc_status status = tc_rows_next(stream->note_certificates, error);
    if (status != TC_ERR_END) {
        return status;
    }
    tc_rows_reset(table->rows);
    tc_rows_bind_int(table->rows, ":sent_before", stream->sent_before);
    while ((status = tc_rows_next(table->rows, error)) == TC_OK) {
        stream->sent_before = tc_rows_int(table->rows, stream->sent_id);
        status = json_row_line(&stream->writer, table, "certificate", NULL, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return status == TC_ERR_END ? TC_OK : status;
}

static enum tc_status add_endpoint(struct tc_stream *stream, int64_t observation_id,
                                   struct tc_error *error)
{
    struct json_table *table = &stream->endpoints;
    tc_rows_reset(table->rows);
    tc_rows_bind_int(table->rows, ":observation_id", observation_id);
    enum tc_status status = tc_rows_next(table->rows, error);
    return status == TC_OK
               ? json_row_line(&stream->writer, table, "endpoint", &stream->sources, error)
               : status;
}

/* TC_ERR_END where there is nothing new. */
static enum tc_status add_page(struct tc_stream *stream, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    unsigned num_rows = 0;
    tc_rows_bind_int(stream->observations, ":after", stream->after);
    while (num_rows < PAGE_ROWS && stream->writer.text.len < PAGE_LEN &&
           (status = tc_rows_next(stream->observations, error)) == TC_OK) {
        int64_t observation_id = tc_rows_int(stream->observations, 0);
        status = add_certificates(stream, observation_id, error);
        if (status == TC_OK) {
            status = add_endpoint(stream, observation_id, error);
        }
        if (status != TC_OK) {
            return status;
        }
        stream->after = observation_id;
        num_rows++;
    }
    return status == TC_ERR_END && num_rows > 0 ? TC_OK : status;
}

/* No statement keeps the transaction open: the writer's log could not be shortened meanwhile. */
static void reset_all(struct tc_stream *stream)
{
    struct json_writer *writer = &stream->writer;
    struct tc_rows *const all[] = {stream->observations,      stream->note_certificates,
                                   stream->certificates.rows, stream->endpoints.rows,
                                   writer->chain_rows,        writer->feature_rows,
                                   writer->other_rows};
    for (size_t i = 0; i < TC_ARRAY_LEN(all); i++) {
        tc_rows_reset(all[i]);
    }
    tc_label_reader_rest(writer->label_reader);
}

static enum tc_status begin(struct tc_stream *stream, struct tc_error *error)
{
    stream->has_begun = true;
    return json_scan_line(&stream->writer, error);
}

enum tc_status tc_stream_more(struct tc_stream *stream, struct tc_error *error)
{
    bool is_first = !stream->has_begun;
    enum tc_status status = tc_store_begin_read(stream->store, error);
    if (status != TC_OK) {
        return status;
    }
    status = is_first ? begin(stream, error) : add_page(stream, error);
    reset_all(stream);
    tc_store_end_read(stream->store);
    if (status == TC_OK) {
        json_flush(&stream->writer);
        tc_output_flush(stream->output);
    }
    return status;
}

/* ---- at its end ---- */

static enum tc_status add_end(struct json_writer *writer, struct tc_error *error)
{
    enum tc_status status = json_table(writer, TC_TABLE_FINDINGS, "finding", error);
    if (status == TC_OK) {
        status = json_table(writer, TC_TABLE_CHANGES, "change", error);
    }
    return status == TC_OK ? json_scan_line(writer, error) : status;
}

enum tc_status tc_stream_end(struct tc_stream *stream, struct tc_error *error)
{
    struct json_writer writer = {.scan_id = stream->writer.scan_id, .lines = true};
    forget(stream); /* labels are known to the last one now, and are read as `report` does */
    enum tc_status status = json_report(stream->output, stream->store, &writer, add_end, error);
    tc_output_flush(stream->output);
    return status;
}
