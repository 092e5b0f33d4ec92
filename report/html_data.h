/*
 * The data block: every row of the table for the script, by columns, in blocks of a thousand rows.
 * A value that repeats is a number: its place in a dictionary whose new entries travel with the
 * block that needs them first. A column that is the same throughout a block is one value. So the
 * block is written in one pass, and no more is held than one block and the dictionaries.
 *
 * Where all rows are rendered, they are found again in the order of the table. Where they are too
 * many, they are put as the walk that counts meets them, into a file aside that joins the page when
 * its place has come: a second walk would cost as much as the first.
 *
 * What is not a number stands for itself: that is how values travel once a dictionary is full.
 */
#ifndef REPORT_HTML_DATA_H
#define REPORT_HTML_DATA_H

#include "html_report.h"
#include "tlscensus/buf.h"

#define HTML_DATA_ROWS 1000 /* of a block */
#define SAME_MAX       96

enum data_dict {
    DICT_GROUP,
    DICT_OWNER,
    DICT_PROTOCOL,
    DICT_GRADE,
    DICT_LIFE,
    DICT_ISSUER,
    DICT_KEY,
    DICT_CHAIN,
    DICT_TRUST,
    DICT_TALK,
    DICT_FINDING,
    DICT_LABELS,
    DICT_OTHERS,
    NUM_DICTS
};

enum data_column {
    COLUMN_HOST,
    COLUMN_UNICODE,
    COLUMN_PORT,
    COLUMN_ADDRESSES,
    COLUMN_NUM,
    COLUMN_ALL,
    COLUMN_PROTOCOL,
    COLUMN_GROUP,
    COLUMN_OWNER,
    COLUMN_LABELS,
    COLUMN_GRADE,
    COLUMN_END,
    COLUMN_LIFE,
    COLUMN_CN,
    COLUMN_ISSUER,
    COLUMN_KEY,
    COLUMN_CHAIN,
    COLUMN_TRUST,
    COLUMN_TALK,
    COLUMN_DNS,
    COLUMN_CONNECT,
    COLUMN_STARTTLS,
    COLUMN_HELLO,
    COLUMN_HANDSHAKE,
    COLUMN_FINDINGS,
    COLUMN_SHA256,
    COLUMN_SERIAL,
    COLUMN_NAMES,
    COLUMN_SET, /* this and what follows: only where a survey was made */
    COLUMN_OTHERS,
    NUM_COLUMNS
};

struct column {
    struct tc_buf values;
    char same[SAME_MAX]; /* the one value of the block so far; "" once they differ */
    size_t start;        /* of the value being written */
};

struct html_data {
    struct html_report *report;
    struct tc_output *output; /* the page, or `aside` */
    struct tc_output *aside;  /* owned; what was written before its place in the page came */
    struct column columns[NUM_COLUMNS];
    struct html_dict dicts[NUM_DICTS];
    struct tc_buf fresh[NUM_DICTS]; /* entries that this block brings */
    struct tc_buf scratch;
    int64_t num_rows; /* in this block */
    bool is_first_block;
    bool is_compact; /* too many rows to carry what is looked up rarely */
    struct tc_rows *labels;
};

/* Values are put column by column, each column once a row; then num_rows counts up. */
struct tc_buf *html_data_begin_value(struct html_data *data, enum data_column column);
void html_data_end_value(struct html_data *data, enum data_column column);
void html_data_put_int(struct html_data *data, enum data_column column, int64_t value);
/* 0 stands for no text. */
void html_data_put_text(struct html_data *data, enum data_column column, const char *text);
void html_data_put_hash(struct html_data *data, enum data_column column, const uint8_t *hash,
                        bool known);
/* "04:E1:23" as base64 */
void html_data_put_serial(struct html_data *data, const char *serial);
/* A dictionary's number for JSON text, or the text itself where the dictionary is full. */
void html_data_put_entry(struct html_data *data, enum data_column column, enum data_dict dict,
                         const char *json);
/* The same in the middle of a value; `key` tells entries apart. */
void html_data_add_entry(struct html_data *data, struct tc_buf *out, enum data_dict dict,
                         const char *key, const char *json);

/* A JSON string of visible text; `<` is an escape, so no text can end the script element. */
void html_data_add_json(struct tc_buf *out, const char *text);
void html_data_add_int(struct tc_buf *out, int64_t value);
/* JSON in data->scratch: gone with the next call. */
const char *html_data_json_text(struct html_data *data, const char *text);
const char *html_data_json_list(struct html_data *data, const char *const *texts, size_t num);

/* Writes the rows that were put since the last block. */
void html_data_flush_block(struct html_data *data);

#endif
