/* The header of a CSV list: which column is what, and the names of the labels. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "target_csv.h"

/* Column names that are known, in the order of preference. */
static const char *const k_host_names[] = {"host",       "hostname", "fqdn",    "domain",
                                           "domainname", "target",   "website", "url"};

#define COLUMN_NAME_MAX 64U

/* Lower case without blanks, `_` and `-`; false where that leaves nothing or too much. */
static bool normalise(char out[COLUMN_NAME_MAX], const char *name)
{
    size_t len = 0;
    for (; *name != '\0'; name++) {
        if (*name == ' ' || *name == '\t' || *name == '_' || *name == '-') {
            continue;
        }
        if (len + 1 >= COLUMN_NAME_MAX) {
            return false;
        }
        out[len++] = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;
    }
    out[len] = '\0';
    return len > 0;
}

/* The leftmost column of that name, `wanted` being normalised already. */
static size_t find_column(const struct csv_record *header, const char *wanted)
{
    for (size_t i = 0; i < header->num_cells; i++) {
        char name[COLUMN_NAME_MAX];
        if (normalise(name, csv_record_cell(header, i)) && strcmp(name, wanted) == 0) {
            return i;
        }
    }
    return CSV_NO_COLUMN;
}

size_t csv_host_column(const struct csv_record *header, const char *wanted)
{
    if (wanted != NULL) {
        char name[COLUMN_NAME_MAX];
        return normalise(name, wanted) ? find_column(header, name) : CSV_NO_COLUMN;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_host_names); i++) {
        size_t column = find_column(header, k_host_names[i]);
        if (column != CSV_NO_COLUMN) {
            return column;
        }
    }
    return CSV_NO_COLUMN;
}

static void names_destroy(struct tc_ref *ref)
{
    struct tc_label_names *names = (struct tc_label_names *)(void *)ref; /* its first member */
    for (size_t i = 0; i < names->num_names; i++) {
        free(names->names[i]);
    }
    free(names->names);
    free(names);
}

static struct tc_label_names *names_new(size_t room)
{
    struct tc_label_names *names = calloc(1, sizeof *names);
    if (names == NULL) {
        return NULL;
    }
    tc_ref_init(&names->ref, names_destroy);
    names->names = calloc(room + 1, sizeof *names->names); /* no column may be a label */
    if (names->names == NULL) {
        free(names);
        return NULL;
    }
    return names;
}

static bool names_has(const struct tc_label_names *names, const char *name)
{
    for (size_t i = 0; i < names->num_names; i++) {
        assert(names->names[i] != NULL);
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* How many columns before this one have the same cell: the number of a name that comes again. */
static size_t same_before(const struct csv_record *header, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < column; i++) {
        count += strcmp(csv_record_cell(header, i), csv_record_cell(header, column)) == 0;
    }
    return count;
}

/*
 * A label's name is its header cell. A cell without text is named after its place, and a name that
 * is there already gets a number, since a label is found again by its name.
 */
static char *label_name(const struct tc_label_names *names, const struct csv_record *header,
                        size_t column)
{
    const char *cell = csv_record_cell(header, column);
    size_t room = strlen(cell) + 32;
    char *name = malloc(room);
    if (name == NULL) {
        return NULL;
    }
    size_t number = same_before(header, column) + 1;
    if (cell[0] == '\0') {
        cell = "column";
        number = column + 1;
    }
    snprintf(name, room, number > 1 ? "%s %zu" : "%s", cell, number);
    while (names_has(names, name)) {
        number++;
        snprintf(name, room, "%s %zu", cell, number);
    }
    return name;
}

static bool is_label(const struct csv_layout *layout, size_t column)
{
    return column != layout->host_column && column != layout->port_column &&
           column != layout->protocol_column && column != layout->address_column &&
           column != layout->sni_column;
}

/* A column of ours by its name, unless it holds the hosts. */
static size_t own_column(const struct csv_record *header, size_t host_column, const char *name)
{
    size_t column = find_column(header, name);
    return column == host_column ? CSV_NO_COLUMN : column;
}

static enum tc_status add_labels(struct csv_layout *layout, const struct csv_record *header)
{
    struct tc_label_names *names = layout->label_names;
    for (size_t i = 0; i < layout->num_columns; i++) {
        if (!is_label(layout, i)) {
            continue;
        }
        char *name = label_name(names, header, i);
        if (name == NULL) {
            return TC_ERR_NOMEM;
        }
        layout->label_columns[names->num_names] = i;
        names->names[names->num_names++] = name;
    }
    return TC_OK;
}

enum tc_status csv_layout_init(struct csv_layout *layout, const struct csv_record *header,
                               size_t host_column, char separator)
{
    *layout = (struct csv_layout){.separator = separator,
                                  .num_columns = header->num_cells,
                                  .host_column = host_column,
                                  .port_column = own_column(header, host_column, "port"),
                                  .protocol_column = own_column(header, host_column, "protocol"),
                                  .address_column = own_column(header, host_column, "address"),
                                  .sni_column = own_column(header, host_column, "sni")};
    /* Spreadsheets leave separators behind the last column that has a name: those are no columns.
     */
    while (layout->num_columns > host_column + 1 &&
           csv_record_cell(header, layout->num_columns - 1)[0] == '\0') {
        layout->num_columns--;
    }
    layout->label_names = names_new(layout->num_columns);
    layout->label_columns = calloc(layout->num_columns + 1, sizeof *layout->label_columns);
    enum tc_status status = layout->label_names != NULL && layout->label_columns != NULL
                                ? add_labels(layout, header)
                                : TC_ERR_NOMEM;
    if (status != TC_OK) {
        csv_layout_cleanup(layout);
        return status;
    }
    if (layout->label_names->num_names == 0) {
        tc_ref_release(&layout->label_names->ref);
        layout->label_names = NULL;
    }
    return TC_OK;
}

void csv_layout_cleanup(struct csv_layout *layout)
{
    if (layout->label_names != NULL) {
        tc_ref_release(&layout->label_names->ref);
    }
    free(layout->label_columns);
    *layout = (struct csv_layout){.separator = 0};
}

/* The place of a name, in any case; num_names where it is none. */
static size_t find_name(const struct tc_label_names *names, const char *name)
{
    for (size_t i = 0; i < names->num_names; i++) {
        assert(names->names[i] != NULL);
        if (strcasecmp(names->names[i], name) == 0) {
            return i;
        }
    }
    return names->num_names;
}

static enum tc_status add_name(struct tc_label_names *names, const char *name)
{
    names->names[names->num_names] = strdup(name);
    if (names->names[names->num_names] == NULL) {
        return TC_ERR_NOMEM;
    }
    names->num_names++;
    return TC_OK;
}

enum tc_status csv_names_with(struct tc_label_names **out, const char **defaults,
                              struct tc_label_names *own, const struct tc_label *more,
                              size_t num_more)
{
    if (num_more == 0) {
        if (own != NULL) {
            tc_ref_get(&own->ref);
        }
        *out = own;
        return TC_OK;
    }
    size_t num_own = own != NULL ? own->num_names : 0;
    struct tc_label_names *names = names_new(num_own + num_more);
    enum tc_status status = names != NULL ? TC_OK : TC_ERR_NOMEM;
    for (size_t i = 0; i < num_own && status == TC_OK; i++) {
        status = add_name(names, own->names[i]);
    }
    for (size_t i = 0; i < num_more && status == TC_OK; i++) {
        size_t place = find_name(names, more[i].name);
        if (place == names->num_names) {
            status = add_name(names, more[i].name);
        }
        defaults[place] = more[i].value;
    }
    if (status != TC_OK) {
        tc_ref_release(names != NULL ? &names->ref : NULL);
        return status;
    }
    *out = names;
    return TC_OK;
}
