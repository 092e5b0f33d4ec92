/*
 * The columns of the exported tables: their order in CSV, their names everywhere, and what kind of
 * value each holds. New columns go at the end of a table.
 */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "labels.h"
#include "tlscensus/buf.h"
#include "tlscensus/report.h"

enum tc_cell {
    TC_CELL_TEXT = 0,
    TC_CELL_LIST, /* values separated by one space; a space inside one is \u0020 */
    TC_CELL_INTEGER,
    TC_CELL_DECIMAL, /* at most three decimals */
    TC_CELL_BOOLEAN,
    TC_CELL_TIME,  /* YYYY-MM-DD HH:MM:SS, UTC */
    TC_CELL_HASH,  /* sha256:<64 hexadecimal digits> */
    TC_CELL_LABELS /* where the label columns stand; its value is the label set's id */
};

struct tc_column {
    const char *name;
    enum tc_cell cell;
};

/* The columns of a table in order; static. */
const struct tc_column *tc_table_columns(enum tc_table table, size_t *out_num);
struct tc_table_part {
    int64_t scan_id;
    uint64_t first_row;
    uint64_t max_rows;     /* 0: all */
    unsigned min_severity; /* of changes */
};
/*
 * The query that gives a table's rows; tc_table_bind sets its parameters. `labels` says whose the
 * endpoints of a certificate are.
 */
const char *tc_table_query(enum tc_table table);
void tc_table_bind(struct tc_rows *rows, enum tc_table table, const struct tc_table_part *part,
                   const struct tc_label_columns *labels);

/*
 * tc_columns_match finds each column's place in an open query.
 * Errors: TC_ERR_STORE (the query lacks one: a mistake of ours).
 */
TC_MUST_USE enum tc_status tc_columns_match(int *out_sources, const struct tc_column *columns,
                                            size_t num_columns, const struct tc_rows *rows,
                                            struct tc_error *error);

/* Values of the current row by the column's name, which the query must have. */
const char *tc_row_text(const struct tc_rows *rows, const char *name);
int64_t tc_row_int(const struct tc_rows *rows, const char *name);
bool tc_row_is_null(const struct tc_rows *rows, const char *name);
int tc_row_column(const struct tc_rows *rows, const char *name);

/* A value as text that has no NUL: one inside it becomes \u{0}, as a terminal shows it. */
void tc_add_visible(struct tc_buf *out, const struct tc_rows *rows, int column);

/* A walk over the values of a list; `value` keeps its escapes. */
struct tc_list_walk {
    const char *next;
    size_t left;
    const char *value;
    size_t value_len;
};
void tc_list_begin(struct tc_list_walk *walk, const char *list, size_t len);
/* false past the last value */
bool tc_list_next(struct tc_list_walk *walk);
/* Appends a value of a list with \u0020 and \u005c turned back into what they stand for. */
void tc_list_unescape(struct tc_buf *out, const char *value, size_t len);

/* A whole number, several times faster than printf: a large table has millions of them. */
void tc_add_integer(struct tc_buf *out, int64_t value);
/*
 * A decimal number with at most three decimals and no trailing zeros, whatever the locale says.
 * `mark` is the decimal mark.
 */
void tc_add_decimal(struct tc_buf *out, double value, char mark);

/* The hexadecimal digits of a TC_CELL_HASH, whether the query gives bytes or `sha256:` and text. */
void tc_add_hash(struct tc_buf *out, const struct tc_rows *rows, int source);

/* Whether `text` has the shape of TC_CELL_TIME. */
bool tc_is_time(const char *text, size_t len);

#endif
