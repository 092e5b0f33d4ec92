/* CSV records, one at a time, out of the window over the input. */
#include "target_csv.h"

#include <string.h>

/* A cell may grow when Windows-1252 becomes UTF-8 (by three at most), and each gets a NUL. */
#define RECORD_TEXT_MAX (TARGET_LINE_MAX * 4)

/* Where reading stands inside a record when a line ends. */
enum csv_state { CSV_BETWEEN = 0, CSV_QUOTED };

void csv_record_init(struct csv_record *record)
{
    tc_buf_init(&record->text, RECORD_TEXT_MAX);
    record->num_cells = 0;
    record->step = 0;
}

void csv_record_cleanup(struct csv_record *record)
{
    tc_buf_cleanup(&record->text);
}

const char *csv_record_cell(const struct csv_record *record, size_t column)
{
    return record->text.data + record->offsets[column];
}

bool csv_record_is_blank(const struct csv_record *record)
{
    return record->text.len == record->num_cells; /* nothing but the NULs */
}

static enum tc_status begin_cell(struct csv_record *record, struct target_reason *reason)
{
    if (record->num_cells == CSV_COLUMNS_MAX) {
        return tc_target_refuse(reason, "more than %u fields in one record", CSV_COLUMNS_MAX);
    }
    record->offsets[record->num_cells++] = record->text.len;
    return TC_OK;
}

static enum tc_status cell_status(const struct csv_record *record, struct target_reason *reason)
{
    if (record->text.failed == TC_ERR_LIMIT) {
        return tc_target_refuse(reason, "the record is too long");
    }
    return record->text.failed;
}

/* A field without quotes, whole. */
static enum tc_status add_plain_cell(struct csv_record *record, struct target_reason *reason,
                                     const char *text, size_t len)
{
    enum tc_status status = begin_cell(record, reason);
    if (status != TC_OK) {
        return status;
    }
    tc_target_trim(&text, &len);
    tc_target_add_text(&record->text, text, len);
    tc_buf_add_char(&record->text, '\0');
    return cell_status(record, reason);
}

/* The quoted field that was gathered in record->text is complete: trimmed, made UTF-8, ended. */
static enum tc_status end_quoted_cell(struct csv_record *record, struct target_reason *reason)
{
    enum tc_status status = cell_status(record, reason);
    struct tc_buf copy;
    if (status != TC_OK) {
        return status;
    }
    tc_buf_init(&copy, RECORD_TEXT_MAX);
    size_t start = record->offsets[record->num_cells - 1];
    const char *text = record->text.data + start;
    size_t len = record->text.len - start;
    tc_target_trim(&text, &len);
    tc_target_add_text(&copy, text, len);
    record->text.len = start;
    if (copy.failed != TC_OK) {
        record->text.failed = copy.failed;
    } else {
        tc_buf_add(&record->text, copy.data, copy.len);
    }
    tc_buf_add_char(&record->text, '\0');
    tc_buf_cleanup(&copy);
    return cell_status(record, reason);
}

/* A place in one line. */
struct csv_cursor {
    const char *at;
    const char *end;
};

static void skip_blanks(struct csv_cursor *cursor, char separator)
{
    while (cursor->at < cursor->end && *cursor->at != separator &&
           (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r')) {
        cursor->at++;
    }
}

/* Inside quotes: takes what the line has of the field. `*state` says whether the quote closed. */
static enum tc_status take_quoted(enum csv_state *state, struct csv_record *record,
                                  struct target_reason *reason, struct csv_cursor *cursor,
                                  char separator)
{
    *state = CSV_QUOTED;
    while (cursor->at < cursor->end) {
        const char *quote = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));
        const char *stop = quote != NULL ? quote : cursor->end;
        tc_buf_add(&record->text, cursor->at, (size_t)(stop - cursor->at));
        cursor->at = stop;
        if (quote == NULL) {
            break;
        }
        cursor->at++;
        if (cursor->at < cursor->end && *cursor->at == '"') { /* doubled: one quote of the text */
            tc_buf_add_char(&record->text, '"');
            cursor->at++;
            continue;
        }
        *state = CSV_BETWEEN;
        skip_blanks(cursor, separator);
        if (cursor->at < cursor->end && *cursor->at != separator) {
            return tc_target_refuse(reason, "text behind a closing quote");
        }
        return end_quoted_cell(record, reason);
    }
    return cell_status(record, reason);
}

/* One field that begins here, up to its separator. */
static enum tc_status take_cell(enum csv_state *state, struct csv_record *record,
                                struct target_reason *reason, struct csv_cursor *cursor,
                                char separator)
{
    struct csv_cursor look = *cursor;
    skip_blanks(&look, separator);
    if (look.at < look.end && *look.at == '"') {
        enum tc_status status = begin_cell(record, reason);
        look.at++;
        *cursor = look;
        return status != TC_OK ? status : take_quoted(state, record, reason, cursor, separator);
    }
    size_t left = (size_t)(cursor->end - cursor->at);
    const char *stop = separator != 0 ? memchr(cursor->at, separator, left) : NULL;
    const char *start = cursor->at;
    cursor->at = stop != NULL ? stop : cursor->end;
    return add_plain_cell(record, reason, start, (size_t)(cursor->at - start));
}

/* The fields of one line; `*state` carries an open quote from line to line. */
static enum tc_status take_line(enum csv_state *state, struct csv_record *record,
                                struct target_reason *reason, struct csv_cursor cursor,
                                char separator)
{
    enum tc_status status = TC_OK;
    bool more = true;
    if (*state == CSV_QUOTED) {
        status = take_quoted(state, record, reason, &cursor, separator);
        more = status == TC_OK && *state == CSV_BETWEEN && cursor.at < cursor.end;
        cursor.at += more ? 1 : 0;
    }
    while (more) {
        status = take_cell(state, record, reason, &cursor, separator);
        more = status == TC_OK && *state == CSV_BETWEEN && cursor.at < cursor.end;
        cursor.at += more ? 1 : 0; /* the separator: one more field follows, empty or not */
    }
    return status;
}

enum tc_status csv_record_read(struct csv_record *record, struct target_reason *reason,
                               struct target_input *input, char separator, struct tc_error *error)
{
    enum csv_state state = CSV_BETWEEN;
    size_t offset = 0;
    tc_buf_clear(&record->text);
    record->num_cells = 0;
    do {
        size_t len = 0;
        size_t step = 0;
        enum tc_status status = target_input_line_len(&len, &step, input, offset, error);
        if (state == CSV_QUOTED && (status == TC_ERR_END || status == TC_ERR_LIMIT)) {
            return tc_target_refuse(reason, "a quote that begins here is not closed");
        }
        if (status == TC_ERR_LIMIT) {
            return tc_target_refuse(reason, "a line of more than %zu bytes", TARGET_LINE_MAX);
        }
        if (status != TC_OK) {
            return status;
        }
        const char *line = target_input_window(input).bytes + offset;
        if (memchr(line, '\0', len) != NULL) {
            return tc_target_refuse(reason, "a NUL byte in the line");
        }
        struct csv_cursor cursor = {line, line + len};
        status = take_line(&state, record, reason, cursor, separator);
        if (status != TC_OK) {
            return status;
        }
        if (state == CSV_QUOTED) {
            tc_buf_add_char(&record->text, '\n'); /* what remains of CRLF is the CR before it */
        }
        offset += step;
    } while (state == CSV_QUOTED);
    record->step = offset;
    return TC_OK;
}
