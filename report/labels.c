#include "labels.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "text_cache.h"
#include "tlscensus/sql.h"

#define LABEL_NAME_MAX 4096U

/* ---- names ---- */

/* Lower case of Latin, Greek and Cyrillic; other scripts in use have no case. */
static uint32_t lower_case(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z') || (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
        (code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f)) {
        return code + 32;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 80;
    }
    if ((code >= 0x100 && code <= 0x12f) || (code >= 0x132 && code <= 0x137) ||
        (code >= 0x14a && code <= 0x177)) {
        return code | 1;
    }
    if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e)) {
        return code + (code & 1);
    }
    return code == 0x178 ? 0xff : code;
}

static bool is_letter_or_digit(uint32_t code)
{
    if (code < 0x80) {
        return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
               (code >= 'A' && code <= 'Z');
    }
    if (code < 0xc0) {
        return code == 0xaa || code == 0xb5 || code == 0xba;
    }
    return code != 0xd7 && code != 0xf7 && !tc_is_deceptive(code) &&
           !(code >= 0x2000 && code <= 0x2bff) && /* punctuation, symbols, arrows, boxes */
           !(code >= 0x3000 && code <= 0x303f) && /* CJK punctuation */
           !(code >= 0xfe30 && code <= 0xfe6f) && !(code >= 0xff00 && code <= 0xff0f) &&
           !(code >= 0x1f000 && code <= 0x1faff); /* pictures */
}

void tc_label_name(struct tc_buf *out, const char *label)
{
    size_t len = strlen(label);
    bool in_gap = false;
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, label + at, len - at);
        bool wanted = is_letter_or_digit(code);
        if (wanted) {
            tc_utf8_add(out, lower_case(code));
        } else if (!in_gap) {
            tc_buf_add_char(out, '_');
        }
        in_gap = !wanted;
    }
}

int tc_label_columns_find(const struct tc_label_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->num_columns; i++) {
        if (strcmp(columns->columns[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* The column of the first of these names that the input has; -1 for none. */
static int find_first(const struct tc_label_columns *columns, const char *const *names, size_t num)
{
    int found = -1;
    for (size_t i = 0; i < num && found < 0; i++) {
        found = tc_label_columns_find(columns, names[i]);
    }
    return found;
}

int tc_label_columns_owner(const struct tc_label_columns *columns)
{
    static const char *const names[] = {"owner", "department", "organization", "organization_name"};
    return find_first(columns, names, TC_ARRAY_LEN(names));
}

int tc_label_columns_group(const struct tc_label_columns *columns)
{
    static const char *const names[] = {"department", "organization", "organization_name", "owner",
                                        "group"};
    return find_first(columns, names, TC_ARRAY_LEN(names));
}

static enum tc_status fail_unknown(const struct tc_label_columns *columns, const char *wanted,
                                   int64_t scan_id, struct tc_error *error)
{
    struct tc_buf list;
    tc_buf_init(&list, LABEL_NAME_MAX);
    for (size_t i = 0; i < columns->num_columns; i++) {
        const char *label = columns->columns[i].label;
        tc_buf_add_str(&list, i > 0 ? ", " : "");
        tc_escape_terminal(&list, label, strlen(label), true);
    }
    enum tc_status status =
        tc_fail(error, TC_ERR_INPUT, "%s: the list of scan %lld has no such label; it has %s",
                wanted, (long long)scan_id, list.len > 0 ? list.data : "none at all");
    tc_buf_cleanup(&list);
    return status;
}

enum tc_status tc_label_columns_want(int *out, const struct tc_label_columns *columns,
                                     const char *wanted, int64_t scan_id, struct tc_error *error)
{
    struct tc_buf name;
    tc_buf_init(&name, LABEL_NAME_MAX);
    tc_label_name(&name, strncmp(wanted, "label_", 6) == 0 ? wanted + 6 : wanted);
    int found = name.data != NULL ? tc_label_columns_find(columns, name.data) : -1;
    tc_buf_cleanup(&name);
    if (found < 0) {
        return fail_unknown(columns, wanted, scan_id, error);
    }
    *out = found;
    return TC_OK;
}

/* ---- columns ---- */

void tc_label_columns_cleanup(struct tc_label_columns *columns)
{
    for (size_t i = 0; i < columns->num_columns; i++) {
        free(columns->columns[i].label);
        free(columns->columns[i].name);
    }
    free(columns->columns);
    *columns = (struct tc_label_columns){0};
}

/* The column name of `label`; one that is taken gets _2, _3, … */
static char *unique_name(const struct tc_label_columns *columns, const char *label)
{
    struct tc_buf name;
    tc_buf_init(&name, LABEL_NAME_MAX);
    tc_label_name(&name, label);
    size_t base_len = name.len;
    for (unsigned i = 2; name.failed == TC_OK && name.data != NULL &&
                         tc_label_columns_find(columns, name.data) >= 0;
         i++) {
        name.len = base_len;
        tc_buf_addf(&name, "_%u", i);
    }
    return tc_buf_take(&name);
}

/*
 * Two lists of one scan may have the same label in different places: it is one column, unless one
 * list has it twice (then `position` is not 0).
 */
static enum tc_status columns_append(struct tc_label_columns *columns, const char *label,
                                     int64_t position)
{
    struct tc_label_column *grown =
        realloc(columns->columns, (columns->num_columns + 1) * sizeof *grown);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    columns->columns = grown;
    struct tc_label_column column = {
        .label = strdup(label), .position = position, .name = unique_name(columns, label)};
    if (column.label == NULL || column.name == NULL) {
        free(column.label);
        free(column.name);
        return TC_ERR_NOMEM;
    }
    columns->columns[columns->num_columns++] = column;
    return TC_OK;
}

static bool has_column(const struct tc_label_columns *columns, const char *label, int64_t position)
{
    for (size_t i = 0; i < columns->num_columns; i++) {
        if (strcmp(columns->columns[i].label, label) == 0 &&
            columns->columns[i].position == position) {
            return true;
        }
    }
    return false;
}

/* Adds what the scan has by now; columns that are there keep their names. */
static enum tc_status columns_read(struct tc_label_columns *columns, struct tc_store *store,
                                   int64_t scan_id, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_report_labels, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", scan_id);
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        const char *label = tc_rows_text(rows, 0);
        bool is_repeated = tc_rows_int(rows, 2) != 0;
        int64_t position = is_repeated ? tc_rows_int(rows, 1) : 0;
        status =
            has_column(columns, label, position) ? TC_OK : columns_append(columns, label, position);
        if (status != TC_OK) {
            tc_fail(error, status, "%s", tc_status_str(status));
            break;
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_label_columns_load(struct tc_label_columns *out, struct tc_store *store,
                                     int64_t scan_id, struct tc_error *error)
{
    struct tc_label_columns columns = {0};
    enum tc_status status = columns_read(&columns, store, scan_id, error);
    if (status != TC_OK) {
        tc_label_columns_cleanup(&columns);
        return status;
    }
    *out = columns;
    return TC_OK;
}

/* ---- sets ---- */

struct tc_label_reader {
    const struct tc_label_columns *columns;
    tc_label_render render;
    const void *context;
    struct tc_rows *rows;
    struct tc_store *store;
    struct tc_label_columns *learned; /* the same columns, where they may grow; else NULL */
    int64_t scan_id;                  /* whose they are then */
    char **values;                    /* one for each column, while a set is read */
    size_t num_values;
    struct tc_text_cache *cache;
};

static void reader_forget_values(struct tc_label_reader *reader)
{
    for (size_t i = 0; i < reader->num_values; i++) {
        free(reader->values[i]);
        reader->values[i] = NULL;
    }
}

void tc_label_reader_free(struct tc_label_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    reader_forget_values(reader);
    free(reader->values);
    tc_rows_close(reader->rows);
    tc_text_cache_free(reader->cache);
    free(reader);
}

/* As many values as columns. */
static enum tc_status reader_fit(struct tc_label_reader *reader)
{
    size_t num = reader->columns->num_columns;
    char **grown = realloc(reader->values, (num + 1) * sizeof *grown);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    reader->values = grown;
    for (; reader->num_values < num; reader->num_values++) {
        grown[reader->num_values] = NULL;
    }
    return TC_OK;
}

/* Keeps the value of one label of the set that is being read; TC_ERR_NOT_FOUND without a column. */
static enum tc_status reader_keep(struct tc_label_reader *reader, const char *label,
                                  int64_t position, const char *value)
{
    for (size_t i = 0; i < reader->columns->num_columns; i++) {
        const struct tc_label_column *column = &reader->columns->columns[i];
        if (reader->values[i] == NULL && strcmp(column->label, label) == 0 &&
            (column->position == 0 || column->position == position)) {
            reader->values[i] = strdup(value);
            return reader->values[i] != NULL ? TC_OK : TC_ERR_NOMEM;
        }
    }
    return TC_ERR_NOT_FOUND;
}

/* The label on which `rows` stands. One without a column is learned, or it is none of this scan. */
static enum tc_status reader_take(struct tc_label_reader *reader, struct tc_error *error)
{
    const char *label = tc_rows_text(reader->rows, 0);
    int64_t position = tc_rows_int(reader->rows, 1);
    const char *value = tc_rows_text(reader->rows, 2);
    enum tc_status status = reader_keep(reader, label, position, value);
    if (status == TC_ERR_NOT_FOUND && reader->learned != NULL) {
        status = columns_read(reader->learned, reader->store, reader->scan_id, error);
        if (status == TC_OK) {
            status = reader_fit(reader);
        }
        if (status == TC_OK) {
            status = reader_keep(reader, label, position, value);
        }
    }
    return status == TC_ERR_NOT_FOUND ? TC_OK : status;
}

static enum tc_status reader_read(struct tc_label_reader *reader, int64_t label_set_id,
                                  struct tc_error *error)
{
    bool has_columns = reader->columns->num_columns > 0 || reader->learned != NULL;
    if (label_set_id == 0 || !has_columns) {
        return TC_OK;
    }
    enum tc_status status = TC_OK;
    tc_rows_reset(reader->rows);
    tc_rows_bind_int(reader->rows, ":label_set_id", label_set_id);
    while ((status = tc_rows_next(reader->rows, error)) == TC_OK) {
        status = reader_take(reader, error);
        if (status != TC_OK) {
            return tc_fail(error, status, "%s", tc_status_str(status));
        }
    }
    return status == TC_ERR_END ? TC_OK : status;
}

static enum tc_status reader_fill(struct tc_buf *out, void *context, int64_t id,
                                  struct tc_error *error)
{
    struct tc_label_reader *reader = context;
    enum tc_status status = reader_read(reader, id, error);
    if (status == TC_OK) {
        reader->render(out, reader->columns, (const char *const *)reader->values, reader->context);
    }
    reader_forget_values(reader);
    return status;
}

enum tc_status tc_label_reader_new(struct tc_label_reader **out, struct tc_store *store,
                                   const struct tc_label_columns *columns, tc_label_render render,
                                   const void *context, struct tc_error *error)
{
    enum tc_status status = TC_ERR_NOMEM;
    struct tc_label_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return tc_fail(error, status, "%s", tc_status_str(status));
    }
    *reader = (struct tc_label_reader){
        .columns = columns, .render = render, .context = context, .store = store};
    status = reader_fit(reader);
    if (status != TC_OK) {
        tc_fail(error, status, "%s", tc_status_str(status));
        goto done;
    }
    status = tc_text_cache_new(&reader->cache, reader_fill, reader, error);
    if (status == TC_OK) {
        status = tc_rows_open(&reader->rows, store, tc_sql_report_endpoint_labels, error);
    }

done:
    if (status != TC_OK) {
        tc_label_reader_free(reader);
        return status;
    }
    *out = reader;
    return TC_OK;
}

void tc_label_reader_learn(struct tc_label_reader *reader, struct tc_label_columns *columns,
                           int64_t scan_id)
{
    assert(reader->columns == columns);
    reader->learned = columns;
    reader->scan_id = scan_id;
}

void tc_label_reader_rest(struct tc_label_reader *reader)
{
    tc_rows_reset(reader->rows);
}

enum tc_status tc_label_reader_add(struct tc_buf *out, struct tc_label_reader *reader,
                                   int64_t label_set_id, struct tc_error *error)
{
    return tc_text_cache_add(out, reader->cache, label_set_id, error);
}
