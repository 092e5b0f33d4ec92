/*
 * CSV lists: records (RFC 4180, with ; and tabs as spreadsheets write them) and the header that
 * says which column is what.
 */
#ifndef TLSCENSUS_SCANNER_TARGET_CSV_H
#define TLSCENSUS_SCANNER_TARGET_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "target_input.h"
#include "target_item.h"
#include "tlscensus/buf.h"
#include "tlscensus/target.h"

/* More columns than any list of domains has; a record's cells are held at once. */
#define CSV_COLUMNS_MAX 1024U
#define CSV_NO_COLUMN   SIZE_MAX

/* One record; its memory is used again for the next one. */
struct csv_record {
    struct tc_buf text;              /* all cells, each NUL-terminated, as UTF-8, trimmed */
    size_t offsets[CSV_COLUMNS_MAX]; /* where each begins in text */
    size_t num_cells;
    size_t step; /* bytes of the window that the record takes, its last line break included */
};

void csv_record_init(struct csv_record *record);
void csv_record_cleanup(struct csv_record *record);
/* Borrowed until the next record. */
const char *csv_record_cell(const struct csv_record *record, size_t column);
bool csv_record_is_blank(const struct csv_record *record);

/*
 * csv_record_read reads the record that the window begins with and consumes nothing, so that a
 * reader may try another separator, or go on with the line below a broken one. With separator 0 a
 * line is one cell.
 *
 * Errors: TC_ERR_MALFORMED with `reason` (a quote that is not closed, text behind one, too long),
 *         TC_ERR_END, TC_ERR_IO with `error`, TC_ERR_NOMEM.
 * Spec:   RFC 4180 section 2; a quote inside an unquoted field is a character like others.
 */
TC_MUST_USE enum tc_status csv_record_read(struct csv_record *record, struct target_reason *reason,
                                           struct target_input *input, char separator,
                                           struct tc_error *error);

/* What the header says. */
struct csv_layout {
    char separator;
    size_t num_columns;
    size_t host_column;
    size_t port_column; /* these four: CSV_NO_COLUMN where there is none */
    size_t protocol_column;
    size_t address_column;
    size_t sni_column;
    struct tc_label_names *label_names; /* one reference; NULL where no column is a label */
    size_t *label_columns;              /* the column of each */
};

/*
 * csv_host_column finds the column of the hosts: `wanted` (--host-column), or where that is NULL
 * the first known name that is there. Case, blanks, `_` and `-` do not matter. CSV_NO_COLUMN where
 * there is none.
 */
size_t csv_host_column(const struct csv_record *header, const char *wanted);
/* csv_layout_init reads the header. Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status csv_layout_init(struct csv_layout *layout,
                                           const struct csv_record *header, size_t host_column,
                                           char separator);
void csv_layout_cleanup(struct csv_layout *layout);
/*
 * csv_names_with gives the names of `own` (which may be NULL), and behind them those of `more` that
 * it has not, in any case; `defaults`, of own->num_names + num_more, gets the value of each from
 * `more`, or NULL. `*out` is NULL where there is no name. Errors: TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status csv_names_with(struct tc_label_names **out, const char **defaults,
                                          struct tc_label_names *own, const struct tc_label *more,
                                          size_t num_more);

#endif
