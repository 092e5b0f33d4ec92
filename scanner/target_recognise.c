/* Text or CSV? Found out from the first line that says something. */
#include <string.h>

#include "target_reader.h"

/* Separators in the order of preference; 0: the line is one cell. */
static const char k_separators[] = {',', ';', '\t', '\0'};

/* A separator with which the line at the window's start is a header. */
struct header_guess {
    bool found;
    bool is_numbered; /* "#,Domain,Owner": the first cell is no comment */
    char separator;
    size_t num_cells;
};

static enum tc_status guess_header(struct header_guess *guess, struct tc_target_reader *reader,
                                   const char *separators, size_t num_separators,
                                   struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    for (size_t i = 0; i < num_separators; i++) {
        enum tc_status status =
            csv_record_read(&reader->record, &reason, reader->input, separators[i], error);
        if (status == TC_ERR_MALFORMED) {
            continue;
        }
        if (status != TC_OK) {
            return status;
        }
        if (reader->record.num_cells > guess->num_cells &&
            csv_host_column(&reader->record, reader->options.host_column) != CSV_NO_COLUMN) {
            bool is_numbered = strcmp(csv_record_cell(&reader->record, 0), "#") == 0;
            *guess =
                (struct header_guess){true, is_numbered, separators[i], reader->record.num_cells};
        }
    }
    return TC_OK;
}

/* "sep=;", which some spreadsheets write above the header and others obey. */
static char separator_hint(const char *line, size_t len)
{
    len -= len > 0 && line[len - 1] == '\r' ? 1 : 0;
    return len == 5 && memcmp(line, "sep=", 4) == 0 ? line[4] : '\0';
}

/* Whether the line is an item, and, where a comment stands behind it, more than a single word. */
static bool is_item(struct tc_target_reader *reader, const char *line, size_t len,
                    bool *has_comment)
{
    struct target_reason reason = {.text = ""};
    const char *text = line;
    size_t text_len = len;
    tc_target_trim(&line, &len);
    tc_target_line_text(&text, &text_len);
    *has_comment = text_len < len;
    if (*has_comment && memchr(text, '.', text_len) == NULL &&
        memchr(text, ':', text_len) == NULL) {
        return false; /* "Case #,Domain" */
    }
    return tc_target_item_parse(&reader->item, &reason, text, text_len, reader->options.max_cidr) ==
           TC_OK;
}

/*
 * A line that cannot be an item and has separators between words: a header whose host column we do
 * not know, or CSV without a header. Ports are the only reason for a comma in an item.
 */
static bool looks_like_csv(const struct csv_record *record)
{
    for (size_t i = 1; i < record->num_cells; i++) {
        const char *cell = csv_record_cell(record, i);
        if (cell[strspn(cell, "0123456789 ")] != '\0') {
            return true;
        }
    }
    return false;
}

/* Every column that was seen, for the one who has to name the right one. */
static enum tc_status refuse_header(struct tc_target_reader *reader, struct tc_error *error)
{
    const char *wanted = reader->options.host_column;
    struct tc_buf columns;
    tc_buf_init(&columns, 200); /* an error is one line */
    for (size_t i = 0; i < reader->record.num_cells && columns.failed == TC_OK; i++) {
        tc_buf_addf(&columns, "%s%s", i > 0 ? ", " : "", csv_record_cell(&reader->record, i));
    }
    const char *seen = columns.data != NULL ? columns.data : "";
    const char *dots = columns.failed != TC_OK ? ", …" : "";
    enum tc_status status =
        wanted != NULL
            ? tc_fail(error, TC_ERR_INPUT, "%s: no column \"%.80s\"; the columns are: %s%s",
                      target_input_name(reader->input), wanted, seen, dots)
            : tc_fail(
                  error, TC_ERR_INPUT,
                  "%s: no known column for the hosts (host, hostname, fqdn, domain, domain name, "
                  "target, website, url); name it with --host-column. The columns are: %s%s",
                  target_input_name(reader->input), seen, dots);
    tc_buf_cleanup(&columns);
    return status;
}

/* Reads the header again with the separator that won, and takes it off the input. */
static enum tc_status take_header(struct tc_target_reader *reader, char separator,
                                  struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    enum tc_status status =
        csv_record_read(&reader->record, &reason, reader->input, separator, error);
    if (status != TC_OK) {
        return status;
    }
    size_t host_column = csv_host_column(&reader->record, reader->options.host_column);
    status = csv_layout_init(&reader->layout, &reader->record, host_column, separator);
    if (status != TC_OK) {
        return status;
    }
    reader->kind = READER_CSV;
    target_input_consume(reader->input, reader->record.step);
    return TC_OK;
}

/* No known column: text, unless the line can only be CSV. */
static enum tc_status settle_without_header(struct tc_target_reader *reader, struct tc_error *error)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_separators); i++) {
        struct target_reason reason = {.text = ""};
        enum tc_status status =
            csv_record_read(&reader->record, &reason, reader->input, k_separators[i], error);
        if (status != TC_OK && status != TC_ERR_MALFORMED) {
            return status;
        }
        bool is_split = reader->record.num_cells > 1 || k_separators[i] == '\0';
        bool needs_header = reader->options.host_column != NULL && is_split;
        if (status == TC_OK && (needs_header || looks_like_csv(&reader->record))) {
            return refuse_header(reader, error);
        }
    }
    reader->kind = READER_TEXT;
    return TC_OK;
}

/*
 * Moves over blank lines and, with `comments`, over comments. `*len` is the length of the line that
 * says something. A line that is too long says something too.
 */
static enum tc_status skip_silent_lines(size_t *len, struct tc_target_reader *reader, bool comments,
                                        struct tc_error *error)
{
    for (;;) {
        size_t step = 0;
        enum tc_status status = target_input_line_len(len, &step, reader->input, 0, error);
        if (status != TC_OK) {
            return status;
        }
        const char *text = target_input_window(reader->input).bytes;
        size_t text_len = *len;
        tc_target_trim(&text, &text_len);
        bool is_comment = comments && text_len > 0 && text[0] == '#';
        if (is_comment) {
            struct header_guess guess = {.found = false};
            status = guess_header(&guess, reader, k_separators, 3, error);
            if (status != TC_OK) {
                return status;
            }
            is_comment = !guess.found || !guess.is_numbered;
        }
        if (text_len > 0 && !is_comment) {
            return TC_OK;
        }
        target_input_consume(reader->input, step);
    }
}

/* The line at the window's start decides. */
static enum tc_status settle(struct tc_target_reader *reader, size_t len, struct tc_error *error)
{
    struct header_guess guess = {.found = false};
    const char *line = target_input_window(reader->input).bytes;
    bool has_comment = false;
    bool may_be_item = is_item(reader, line, len, &has_comment);
    char hint = separator_hint(line, len);
    enum tc_status status = TC_OK;
    if (hint != '\0') {
        status = target_input_skip_line(reader->input, error);
        may_be_item = false;
    }
    if (status == TC_OK && !(may_be_item && has_comment)) {
        status = guess_header(&guess, reader, hint != '\0' ? &hint : k_separators,
                              hint != '\0' ? 1 : TC_ARRAY_LEN(k_separators), error);
    }
    if (status != TC_OK) {
        return status;
    }
    if (guess.found) {
        /* In a list of one column a comma stands between ports. */
        char separator = guess.num_cells > 1 || hint != '\0' ? guess.separator : '\0';
        return take_header(reader, separator, error);
    }
    if (may_be_item && reader->options.host_column == NULL) {
        reader->kind = READER_TEXT;
        return TC_OK;
    }
    return settle_without_header(reader, error);
}

enum tc_status reader_recognise(struct tc_target_reader *reader, struct tc_error *error)
{
    size_t len = 0;
    const char *name = target_input_name(reader->input);
    enum tc_status status = target_input_begin(reader->input, error);
    if (status == TC_OK) {
        status = skip_silent_lines(&len, reader, true, error);
    }
    if (status == TC_ERR_END && reader->options.allow_empty) {
        reader->kind = READER_TEXT;
        return TC_OK;
    }
    if (status == TC_ERR_END) {
        return tc_fail(error, TC_ERR_INPUT, "%s: is empty: no line names a target", name);
    }
    if (status == TC_ERR_LIMIT) { /* the line is refused when its turn comes */
        reader->kind = READER_TEXT;
        return TC_OK;
    }
    if (status != TC_OK) {
        return status;
    }
    status = settle(reader, len, error);
    if (status == TC_OK && reader->kind == READER_CSV) {
        status = skip_silent_lines(&len, reader, false, error);
        if (status == TC_ERR_LIMIT) {
            status = TC_OK;
        }
    }
    if (status == TC_ERR_END && reader->options.allow_empty) {
        return TC_OK;
    }
    if (status == TC_ERR_END) {
        return tc_fail(error, TC_ERR_INPUT, "%s: has a header and no line below it", name);
    }
    return status;
}
