/*
 * Labels: the columns of the input that came along (owner, department, …), named for reports.
 */
#ifndef REPORT_LABELS_H
#define REPORT_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/store.h"

struct tc_label_column {
    char *label;      /* as the input's header has it */
    int64_t position; /* in the input, where several columns have this label; else 0 */
    char *name;       /* as in `label_<name>`: lower case, `_` between words, unique in its scan */
};

/* The label columns of a scan in the order of its input. Owned by the caller. */
struct tc_label_columns {
    struct tc_label_column *columns;
    size_t num_columns;
};

TC_MUST_USE enum tc_status tc_label_columns_load(struct tc_label_columns *out,
                                                 struct tc_store *store, int64_t scan_id,
                                                 struct tc_error *error);
void tc_label_columns_cleanup(struct tc_label_columns *columns);
/* The column of that name, or -1. */
int tc_label_columns_find(const struct tc_label_columns *columns, const char *name);
/*
 * tc_label_columns_want finds the column that a user names, in the input's words or as
 * label_<name>. Errors: TC_ERR_INPUT (no such label: `error` has those that there are).
 */
TC_MUST_USE enum tc_status tc_label_columns_want(int *out, const struct tc_label_columns *columns,
                                                 const char *wanted, int64_t scan_id,
                                                 struct tc_error *error);
/*
 * The column that says who owns an endpoint: `owner`, else the first of department, organization,
 * organization_name; -1 where the input has none.
 */
int tc_label_columns_owner(const struct tc_label_columns *columns);
/* The column that groups endpoints: the same four, `owner` behind the others, and `group` last. */
int tc_label_columns_group(const struct tc_label_columns *columns);

/* tc_label_name appends the column name for a label: "Organization name" → "organization_name". */
void tc_label_name(struct tc_buf *out, const char *label);

/*
 * Reads label sets, one at a time. `render` appends a set; values[i] belongs to columns[i] and is
 * NULL where the cell was empty.
 */
struct tc_label_reader;
typedef void (*tc_label_render)(struct tc_buf *out, const struct tc_label_columns *columns,
                                const char *const *values, const void *context);
/* `columns` and `context` are borrowed until the reader is freed. */
TC_MUST_USE enum tc_status tc_label_reader_new(struct tc_label_reader **out, struct tc_store *store,
                                               const struct tc_label_columns *columns,
                                               tc_label_render render, const void *context,
                                               struct tc_error *error);
void tc_label_reader_free(struct tc_label_reader *reader);
/*
 * For who cannot see the whole input beforehand: from now on a label that the reader's `columns`
 * lack has them read again, and those that are new are added at their end.
 */
void tc_label_reader_learn(struct tc_label_reader *reader, struct tc_label_columns *columns,
                           int64_t scan_id);
/* Ends what the last set has begun to read, so that no transaction stays open. */
void tc_label_reader_rest(struct tc_label_reader *reader);
/* tc_label_reader_add appends the text of a set, remembered; 0 is the set without labels. */
TC_MUST_USE enum tc_status tc_label_reader_add(struct tc_buf *out, struct tc_label_reader *reader,
                                               int64_t label_set_id, struct tc_error *error);

#endif
