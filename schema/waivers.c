#include "waivers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text_file.h"

#define FILE_BYTES_MAX  16777216
#define FIELD_BYTES_MAX 4000
#define COLUMNS_MAX     64
#define DAY_S           86400

enum column { COLUMN_RULE = 0, COLUMN_HOST, COLUMN_UNTIL, COLUMN_REASON, COLUMN_COUNT };
static const char *const k_columns[COLUMN_COUNT] = {"rule", "host", "until", "reason"};

struct reader {
    const char *path;
    const char *next;
    const char *end;
    unsigned line;     /* the line that `next` is on, from 1 */
    unsigned row_line; /* the line that the row began on */
    char separator;
    unsigned at[COLUMN_COUNT]; /* which field of a row each column is, from 0 */
    struct tc_buf fields[COLUMNS_MAX];
    unsigned num_fields;
};

static enum tc_status fail_row(const struct reader *reader, struct tc_error *error,
                               const char *reason)
{
    return tc_fail(error, TC_ERR_INPUT, "%s:%u: %s", reader->path, reader->row_line, reason);
}

/* ---- rows of fields: RFC 4180 section 2, any line end ---- */

/* After the opening quote, up to the closing one. */
static enum tc_status read_quoted(struct reader *reader, struct tc_buf *field,
                                  struct tc_error *error)
{
    while (reader->next < reader->end) {
        char c = *reader->next++;
        if (c == '"') {
            if (reader->next == reader->end || *reader->next != '"') {
                return TC_OK;
            }
            reader->next++; /* a doubled quote is one */
        }
        reader->line += c == '\n';
        tc_buf_add_char(field, c);
    }
    return fail_row(reader, error, "a quote is not closed");
}

/* One field. Stops before the separator or the line's end. */
static enum tc_status read_field(struct reader *reader, struct tc_buf *field,
                                 struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (reader->next < reader->end && *reader->next == '"') {
        reader->next++;
        status = read_quoted(reader, field, error);
        if (status == TC_OK && reader->next < reader->end && *reader->next != reader->separator &&
            strchr("\r\n", *reader->next) == NULL) {
            status = fail_row(reader, error, "text after a closing quote");
        }
    } else {
        while (reader->next < reader->end && *reader->next != reader->separator &&
               *reader->next != '\n') {
            char c = *reader->next++;
            if (c != '\r' || (reader->next < reader->end && *reader->next != '\n')) {
                tc_buf_add_char(field, c);
            }
        }
    }
    if (status == TC_OK && field->failed == TC_ERR_LIMIT) {
        return fail_row(reader, error, "a field is longer than 4000 bytes");
    }
    return status == TC_OK ? field->failed : status;
}

/* Skips empty lines and comments; whether there is a row after them. */
static bool find_row(struct reader *reader)
{
    while (reader->next < reader->end) {
        size_t left = (size_t)(reader->end - reader->next);
        const char *newline = memchr(reader->next, '\n', left);
        const char *stop = newline != NULL ? newline : reader->end;
        size_t blank = 0;
        while (reader->next + blank < stop && strchr(" \t\r", reader->next[blank]) != NULL) {
            blank++;
        }
        if (reader->next + blank < stop && reader->next[0] != '#') {
            reader->row_line = reader->line;
            return true;
        }
        reader->next = newline != NULL ? newline + 1 : reader->end;
        reader->line++;
    }
    return false;
}

static enum tc_status read_row(struct reader *reader, struct tc_error *error)
{
    for (unsigned i = 0; i < COLUMNS_MAX; i++) {
        tc_buf_clear(&reader->fields[i]);
    }
    reader->num_fields = 0;
    for (;;) {
        if (reader->num_fields == COLUMNS_MAX) {
            return fail_row(reader, error, "more than 64 fields");
        }
        enum tc_status status = read_field(reader, &reader->fields[reader->num_fields++], error);
        if (status != TC_OK) {
            return status;
        }
        if (reader->next < reader->end && *reader->next == reader->separator) {
            reader->next++;
            continue;
        }
        while (reader->next < reader->end && *reader->next == '\r') {
            reader->next++;
        }
        if (reader->next < reader->end) { /* the line's end */
            reader->next++;
            reader->line++;
        }
        return TC_OK;
    }
}

static void lower(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text + ('a' - 'A') : *text);
    }
}

/* The field without spaces around it; "" where the row has none. */
static char *field_text(struct reader *reader, unsigned index)
{
    static char empty[] = "";
    if (index >= reader->num_fields || reader->fields[index].data == NULL) {
        return empty;
    }
    char *text = reader->fields[index].data;
    size_t len = reader->fields[index].len;
    while (len > 0 && strchr(" \t", text[len - 1]) != NULL) {
        text[--len] = '\0';
    }
    return text + strspn(text, " \t");
}

static enum tc_status read_header(struct reader *reader, struct tc_error *error)
{
    static const char separators[] = {',', ';', '\t'};
    const char *newline = memchr(reader->next, '\n', (size_t)(reader->end - reader->next));
    size_t len = (size_t)((newline != NULL ? newline : reader->end) - reader->next);
    for (size_t i = sizeof separators; i-- > 0;) {
        if (i == 0 || memchr(reader->next, separators[i], len) != NULL) {
            reader->separator = separators[i];
            break;
        }
    }
    enum tc_status status = read_row(reader, error);
    if (status != TC_OK) {
        return status;
    }
    for (unsigned column = 0; column < COLUMN_COUNT; column++) {
        unsigned i = 0;
        for (; i < reader->num_fields; i++) {
            char *name = field_text(reader, i);
            lower(name);
            if (strcmp(name, k_columns[column]) == 0) {
                break;
            }
        }
        if (i == reader->num_fields) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s:%u: no column `%s`: the first row must name rule, host, until and "
                           "reason",
                           reader->path, reader->row_line, k_columns[column]);
        }
        reader->at[column] = i;
    }
    return TC_OK;
}

/* ---- a day ---- */

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* Days from 1970-01-01 in the Gregorian calendar, for years from 1970 on. */
static int64_t day_number(int year, int month, int day)
{
    int64_t days = day - 1;
    for (int m = 1; m < month; m++) {
        days += days_in_month(year, m);
    }
    int64_t before = year - 1;
    days += 365 * before + before / 4 - before / 100 + before / 400;
    return days - 719162; /* 1970-01-01, counted so from 0001-01-01 */
}

static int digits(const char *text, int num)
{
    int value = 0;
    for (int i = 0; i < num; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

/* YYYY-MM-DD to its last second, UTC. */
static bool parse_day(int64_t *out, const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
        return false;
    }
    int year = digits(text, 4);
    int month = digits(text + 5, 2);
    int day = digits(text + 8, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    *out = (day_number(year, month, day) + 1) * DAY_S - 1;
    return true;
}

/* ---- waivers ---- */

/* Spreadsheets end a list with rows of nothing but separators. */
static bool row_is_empty(struct reader *reader)
{
    for (unsigned i = 0; i < reader->num_fields; i++) {
        if (field_text(reader, i)[0] != '\0') {
            return false;
        }
    }
    return true;
}

static enum tc_status fail_rule_name(const struct reader *reader, const struct tc_rule_set *set,
                                     const char *name, struct tc_error *error)
{
    const char *nearest = tc_rule_set_nearest(set, name);
    if (nearest == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: no rule `%.70s`: `tlscensus rules` lists them",
                       reader->path, reader->row_line, name);
    }
    return tc_fail(error, TC_ERR_INPUT, "%s:%u: no rule `%.70s`: did you mean %s?", reader->path,
                   reader->row_line, name, nearest);
}

/* Takes the text that it needs out of the row. */
static enum tc_status add_waiver(struct tc_waiver_list *list, struct reader *reader,
                                 const struct tc_rule_set *set, struct tc_error *error)
{
    const char *rule = field_text(reader, reader->at[COLUMN_RULE]);
    char *host = field_text(reader, reader->at[COLUMN_HOST]);
    const char *until = field_text(reader, reader->at[COLUMN_UNTIL]);
    const char *reason = field_text(reader, reader->at[COLUMN_REASON]);
    struct tc_waiver waiver = {0};
    if (tc_rule_set_find(set, rule) < 0) {
        return fail_rule_name(reader, set, rule, error);
    }
    if (host[0] == '\0') {
        return fail_row(reader, error, "host is empty: name the one that this is for");
    }
    if (!parse_day(&waiver.until_s, until)) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: until `%.40s`: write a day as 2027-03-31",
                       reader->path, reader->row_line, until);
    }
    if (reason[0] == '\0') {
        return fail_row(reader, error, "reason is empty: say why this finding is accepted");
    }
    if (list->num_waivers == TC_WAIVERS_MAX) {
        return fail_row(reader, error, "one waiver too many: at most 100000");
    }
    if (list->num_waivers == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        struct tc_waiver *waivers = realloc(list->waivers, capacity * sizeof *waivers);
        if (waivers == NULL) {
            return TC_ERR_NOMEM;
        }
        list->waivers = waivers;
        list->capacity = capacity;
    }
    lower(host);
    waiver.rule = strdup(rule);
    waiver.host = strdup(host);
    waiver.reason = strdup(reason);
    list->waivers[list->num_waivers++] = waiver; /* the list frees it, whole or not */
    bool is_whole = waiver.rule != NULL && waiver.host != NULL && waiver.reason != NULL;
    return is_whole ? TC_OK : TC_ERR_NOMEM;
}

enum tc_status tc_waivers_parse(struct tc_waiver_list *out, const char *path, const char *text,
                                size_t len, const struct tc_rule_set *set, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_waiver_list list = {0};
    struct reader reader = {.path = path, .next = text, .end = text + len, .line = 1};
    for (unsigned i = 0; i < COLUMNS_MAX; i++) {
        tc_buf_init(&reader.fields[i], FIELD_BYTES_MAX);
    }
    status = tc_text_check(path, text, len, error);
    if (status != TC_OK) {
        goto done;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a spreadsheet's byte order mark */
        reader.next += 3;
    }
    if (!find_row(&reader)) {
        status = tc_fail(error, TC_ERR_INPUT,
                         "%s: empty: the first row must name rule, host, until and reason", path);
        goto done;
    }
    status = read_header(&reader, error);
    while (status == TC_OK && find_row(&reader)) {
        status = read_row(&reader, error);
        if (status == TC_OK && !row_is_empty(&reader)) {
            status = add_waiver(&list, &reader, set, error);
        }
    }

done:
    if (status == TC_ERR_NOMEM) {
        (void)tc_fail(error, status, "%s: out of memory", path);
    }
    for (unsigned i = 0; i < COLUMNS_MAX; i++) {
        tc_buf_cleanup(&reader.fields[i]);
    }
    if (status == TC_OK) {
        *out = list;
    } else {
        tc_waivers_cleanup(&list);
    }
    return status;
}

enum tc_status tc_waivers_read(struct tc_waiver_list *out, const char *path,
                               const struct tc_rule_set *set, struct tc_error *error)
{
    struct tc_buf text;
    tc_buf_init(&text, FILE_BYTES_MAX);
    enum tc_status status = tc_text_file_read(&text, path, error);
    if (status == TC_OK) {
        status = tc_waivers_parse(out, path, text.len > 0 ? text.data : "", text.len, set, error);
    }
    tc_buf_cleanup(&text);
    return status;
}

void tc_waivers_cleanup(struct tc_waiver_list *list)
{
    for (size_t i = 0; i < list->num_waivers; i++) {
        free(list->waivers[i].rule);
        free(list->waivers[i].host);
        free(list->waivers[i].reason);
    }
    free(list->waivers);
    memset(list, 0, sizeof *list);
}
