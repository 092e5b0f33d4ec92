/* What the files that write JSON share. */
#ifndef REPORT_JSON_INTERNAL_H
#define REPORT_JSON_INTERNAL_H

#include "columns.h"
#include "labels.h"
#include "text_cache.h"

#define JSON_TEXT_MAX  ((size_t)64 * 1024 * 1024) /* one value; larger is a damaged database */
#define JSON_FLUSH_LEN ((size_t)32 * 1024)

struct json_writer {
    struct tc_output *output;
    struct tc_store *store;
    int64_t scan_id;
    bool lines;            /* JSON Lines: one object a line, each with its type */
    bool holds;            /* `text` goes to the output when its owner says so, and not before */
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

/* An open query and where it has the columns of a table. */
struct json_table {
    struct tc_rows *rows;
    const struct tc_column *columns;
    size_t num_columns;
    int *sources;
};

/* ---- json_value.c ---- */

/* Hands on to the output what is on its way. */
void json_flush(struct json_writer *writer);
void json_flush_when_long(struct json_writer *writer);
/* A cell that is no list and no labels. */
void json_scalar(struct tc_buf *out, const struct tc_rows *rows, enum tc_cell cell, int source);
/* The labels of one set as an object, for a label reader. */
void json_labels(struct tc_buf *out, const struct tc_label_columns *columns,
                 const char *const *values, const void *context);
/*
 * json_open runs a query for the table's columns; the caller ends with json_close(), after a
 * failure too. Errors: TC_ERR_NOMEM, TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status json_open(struct json_table *table, struct json_writer *writer,
                                     const char *sql, struct tc_error *error);
void json_close(struct json_table *table);
/* The members of an object that are columns of the table, of the present row. */
TC_MUST_USE enum tc_status json_members(struct json_writer *writer, const struct json_table *table,
                                        struct tc_error *error);

/* ---- json_endpoint.c: chains and what a survey found, which are no columns ---- */

enum {
    JSON_CHAIN_LEAF,
    JSON_CHAIN_PRESENTED_DEPTH,
    JSON_CHAIN_PRESENTED_ID,
    JSON_CHAIN_VERIFIED_DEPTH,
    JSON_CHAIN_VERIFIED_ID,
    JSON_CHAIN_COLUMNS
};
enum { JSON_ENDPOINT_OBSERVATION_ID, JSON_ENDPOINT_FEATURE_SET_ID, JSON_ENDPOINT_COLUMNS };

/* Where the endpoints' query has them. */
struct json_endpoint_sources {
    int chains[JSON_CHAIN_COLUMNS];
    int endpoint[JSON_ENDPOINT_COLUMNS];
};

TC_MUST_USE enum tc_status json_endpoint_match(struct json_endpoint_sources *out,
                                               const struct tc_rows *rows, struct tc_error *error);
/* The members of an endpoint's object behind its columns. */
TC_MUST_USE enum tc_status json_endpoint(struct json_writer *writer, const struct tc_rows *rows,
                                         const struct json_endpoint_sources *sources,
                                         struct tc_error *error);
/* What a text cache fills in for a chain or a feature set; `context` is the writer. */
TC_MUST_USE enum tc_status json_fill_chain(struct tc_buf *out, void *context, int64_t id,
                                           struct tc_error *error);
TC_MUST_USE enum tc_status json_fill_features(struct tc_buf *out, void *context, int64_t id,
                                              struct tc_error *error);

/* ---- json_rows.c ---- */

/*
 * json_writer_open prepares what rows need; output, store and scan_id are set. The caller ends with
 * json_writer_close(), after a failure too. Errors: TC_ERR_NOMEM, TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status json_writer_open(struct json_writer *writer, struct tc_error *error);
void json_writer_close(struct json_writer *writer);
/* One of the exported tables, an object for each row. */
TC_MUST_USE enum tc_status json_table(struct json_writer *writer, enum tc_table which,
                                      const char *type, struct tc_error *error);
/* The present row of an open query as a line; `sources` for endpoints alone. */
TC_MUST_USE enum tc_status json_row_line(struct json_writer *writer, const struct json_table *table,
                                         const char *type,
                                         const struct json_endpoint_sources *sources,
                                         struct tc_error *error);
/* The members of the scan's object. Errors: TC_ERR_NOT_FOUND. */
TC_MUST_USE enum tc_status json_scan(struct json_writer *writer, struct tc_error *error);
/* The same as a line. */
TC_MUST_USE enum tc_status json_scan_line(struct json_writer *writer, struct tc_error *error);

/* ---- json.c ---- */

/* What one of the formats writes. */
typedef enum tc_status (*json_body)(struct json_writer *writer, struct tc_error *error);
/* Opens the writer, lets `body` write in one read transaction, and closes it. */
TC_MUST_USE enum tc_status json_report(struct tc_output *output, struct tc_store *store,
                                       struct json_writer *writer, json_body body,
                                       struct tc_error *error);

#endif
