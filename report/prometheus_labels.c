#include "prometheus_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "labels.h"

#define NAME_BYTES 128

struct prometheus_label {
    int column;
    char name[NAME_BYTES];
};

struct prometheus_labels {
    struct tc_label_columns columns;
    struct prometheus_label *wanted;
    size_t num_wanted;
    struct tc_label_reader *reader;
};

static bool is_taken(const struct prometheus_labels *labels, const char *name)
{
    for (size_t i = 0; i < labels->num_wanted; i++) {
        if (strcmp(labels->wanted[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct prometheus_labels *labels, int column)
{
    for (size_t i = 0; i < labels->num_wanted; i++) {
        if (labels->wanted[i].column == column) {
            return true;
        }
    }
    return false;
}

/*
 * "label_" and the column's name in [a-z0-9_]; where that makes two names one, the later has a
 * number.
 */
static void make_name(char out[NAME_BYTES], const struct prometheus_labels *labels,
                      const char *column)
{
    char name[NAME_BYTES - 8]; /* leaves room for the number */
    snprintf(name, sizeof name, "label_%s", column);
    for (char *c = name; *c != '\0'; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        *c = is_plain ? *c : '_';
    }
    snprintf(out, NAME_BYTES, "%s", name);
    for (unsigned number = 2; is_taken(labels, out) && number < 100000; number++) {
        snprintf(out, NAME_BYTES, "%s_%u", name, number);
    }
}

static enum tc_status find_wanted(struct prometheus_labels *labels, int64_t scan_id,
                                  const char *const *wanted, size_t num_wanted,
                                  struct tc_error *error)
{
    enum tc_status status = TC_OK;
    labels->wanted = calloc(num_wanted + 1, sizeof *labels->wanted);
    if (labels->wanted == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    for (size_t i = 0; i < num_wanted && status == TC_OK; i++) {
        int column = 0;
        status = tc_label_columns_want(&column, &labels->columns, wanted[i], scan_id, error);
        if (status == TC_OK && !is_wanted(labels, column)) {
            struct prometheus_label *label = &labels->wanted[labels->num_wanted];
            make_name(label->name, labels, labels->columns.columns[column].name);
            label->column = column;
            labels->num_wanted++;
        }
    }
    return status;
}

static void render(struct tc_buf *out, const struct tc_label_columns *columns,
                   const char *const *values, const void *context)
{
    const struct prometheus_labels *labels = context;
    (void)columns;
    for (size_t i = 0; i < labels->num_wanted; i++) {
        const char *value = values[labels->wanted[i].column];
        if (value != NULL && value[0] != '\0') {
            tc_buf_addf(out, ",%s=\"", labels->wanted[i].name);
            tc_escape_prometheus(out, value, strlen(value));
            tc_buf_add_char(out, '"');
        }
    }
}

void prometheus_labels_free(struct prometheus_labels *labels)
{
    if (labels != NULL) {
        tc_label_reader_free(labels->reader);
        tc_label_columns_cleanup(&labels->columns);
        free(labels->wanted);
        free(labels);
    }
}

enum tc_status prometheus_labels_new(struct prometheus_labels **out, struct tc_store *store,
                                     int64_t scan_id, const char *const *wanted, size_t num_wanted,
                                     struct tc_error *error)
{
    struct prometheus_labels *labels = calloc(1, sizeof *labels);
    if (labels == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
    }
    enum tc_status status = tc_label_columns_load(&labels->columns, store, scan_id, error);
    if (status == TC_OK) {
        status = find_wanted(labels, scan_id, wanted, num_wanted, error);
    }
    if (status == TC_OK) {
        status =
            tc_label_reader_new(&labels->reader, store, &labels->columns, render, labels, error);
    }
    if (status != TC_OK) {
        prometheus_labels_free(labels);
        return status;
    }
    *out = labels;
    return TC_OK;
}

enum tc_status prometheus_labels_add(struct tc_buf *out, struct prometheus_labels *labels,
                                     int64_t label_set_id, struct tc_error *error)
{
    return tc_label_reader_add(out, labels->reader, label_set_id, error);
}
