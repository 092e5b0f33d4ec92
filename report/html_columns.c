/* The mechanics of the data block: values, dictionaries, columns, blocks (html_data.h). */
#include <openssl/base64.h>
#include <string.h>

#include "html_data.h"

#define SERIAL_MAX 64 /* octets; RFC 5280 allows 20 */

/* The names that page.js knows, in the order of the enums. */
static const char *const k_dict_names[NUM_DICTS] = {
    "group", "owner", "protocol", "grade",   "life",   "issuer", "key",
    "chain", "trust", "talk",     "finding", "labels", "others"};
static const char *const k_column_names[NUM_COLUMNS] = {
    "h", "u", "p", "a", "n",  "c",  "r",  "g",  "o",  "y", "G", "e", "l", "s", "i",
    "k", "x", "w", "v", "tD", "tC", "tS", "tH", "tT", "f", "d", "S", "N", "F", "O"};

/* ---- values ---- */

/*
 * A JSON string of visible text inside a <script> element: `<` is written as an escape, so that no
 * text can close the element or open a comment.
 */
void html_data_add_json(struct tc_buf *out, const char *text)
{
    tc_buf_add_char(out, '"');
    for (;;) {
        size_t plain = strcspn(text, "\"\\<");
        tc_buf_add(out, text, plain);
        text += plain;
        if (*text == '\0') {
            break;
        }
        if (*text == '<') {
            tc_buf_add_str(out, "\\u003c");
        } else {
            tc_buf_add_char(out, '\\');
            tc_buf_add_char(out, *text);
        }
        text++;
    }
    tc_buf_add_char(out, '"');
}

struct tc_buf *html_data_begin_value(struct html_data *data, enum data_column column)
{
    struct column *that = &data->columns[column];
    if (data->num_rows > 0) {
        tc_buf_add_char(&that->values, ',');
    }
    that->start = that->values.len;
    return &that->values;
}

/* Notes whether the value that was just written is the same as all before it. */
void html_data_end_value(struct html_data *data, enum data_column column)
{
    struct column *that = &data->columns[column];
    size_t len = that->values.len - that->start;
    const char *value = that->values.data != NULL ? that->values.data + that->start : "";
    if (data->num_rows == 0 && len < SAME_MAX) {
        memcpy(that->same, value, len);
        that->same[len] = '\0';
    } else if (data->num_rows == 0 || strlen(that->same) != len ||
               memcmp(that->same, value, len) != 0) {
        that->same[0] = '\0';
    }
}

/* tc_buf_addf would measure first and then print: this runs a dozen times a row. */
void html_data_add_int(struct tc_buf *out, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    tc_buf_add(out, digits + at, sizeof digits - at);
}

void html_data_put_int(struct html_data *data, enum data_column column, int64_t value)
{
    struct tc_buf *out = html_data_begin_value(data, column);
    if (value == HTML_UNKNOWN) {
        tc_buf_add_str(out, "null");
    } else {
        html_data_add_int(out, value);
    }
    html_data_end_value(data, column);
}

/* 0 stands for no text. */
void html_data_put_text(struct html_data *data, enum data_column column, const char *text)
{
    struct tc_buf *out = html_data_begin_value(data, column);
    if (text[0] == '\0') {
        tc_buf_add_char(out, '0');
    } else {
        html_data_add_json(out, text);
    }
    html_data_end_value(data, column);
}

/* Adds a dictionary's number for JSON text, or the text itself where it is full. */
void html_data_add_entry(struct html_data *data, struct tc_buf *out, enum data_dict dict,
                         const char *key, const char *json)
{
    size_t known = data->dicts[dict].num;
    int64_t number = html_dict_put(&data->dicts[dict], key);
    if (number < 0) {
        tc_buf_add_str(out, json);
        return;
    }
    if (data->dicts[dict].num > known) {
        if (data->fresh[dict].len > 0) {
            tc_buf_add_char(&data->fresh[dict], ',');
        }
        tc_buf_add_str(&data->fresh[dict], json);
    }
    html_data_add_int(out, number);
}

void html_data_put_entry(struct html_data *data, enum data_column column, enum data_dict dict,
                         const char *json)
{
    html_data_add_entry(data, html_data_begin_value(data, column), dict, json, json);
    html_data_end_value(data, column);
}

const char *html_data_json_text(struct html_data *data, const char *text)
{
    tc_buf_clear(&data->scratch);
    html_data_add_json(&data->scratch, text);
    return data->scratch.data != NULL ? data->scratch.data : "\"\"";
}

/* A JSON array of texts, in scratch. */
const char *html_data_json_list(struct html_data *data, const char *const *texts, size_t num)
{
    tc_buf_clear(&data->scratch);
    for (size_t i = 0; i < num; i++) {
        tc_buf_add_char(&data->scratch, i == 0 ? '[' : ',');
        html_data_add_json(&data->scratch, texts[i]);
    }
    tc_buf_add_char(&data->scratch, ']');
    return data->scratch.data != NULL ? data->scratch.data : "[]";
}

void html_data_put_hash(struct html_data *data, enum data_column column, const uint8_t *hash,
                        bool known)
{
    char text[48] = "";
    if (known) {
        EVP_EncodeBlock((uint8_t *)text, hash, TC_SHA256_BYTES);
        text[43] = '\0'; /* the padding says nothing */
    }
    html_data_put_text(data, column, text);
}

static unsigned hex_digit(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10) & 15U;
}

/* "04:E1:23" as base64 */
void html_data_put_serial(struct html_data *data, const char *serial)
{
    uint8_t bytes[SERIAL_MAX];
    char text[SERIAL_MAX * 2];
    size_t num = 0;
    for (; serial[0] != '\0' && serial[1] != '\0' && num < SERIAL_MAX; num++) {
        bytes[num] = (uint8_t)(hex_digit(serial[0]) << 4 | hex_digit(serial[1]));
        serial += serial[2] == ':' ? 3 : 2;
    }
    EVP_EncodeBlock((uint8_t *)text, bytes, num);
    html_data_put_text(data, COLUMN_SERIAL, text);
}

static void write_buf(struct html_data *data, struct tc_buf *buf)
{
    if (buf->failed != TC_OK) {
        html_fail(data->report, buf->failed);
    }
    tc_output_write(data->output, buf->data != NULL ? buf->data : "", buf->len);
    tc_buf_clear(buf);
}

void html_data_flush_block(struct html_data *data)
{
    struct tc_output *output = data->output;
    if (data->num_rows == 0) {
        return;
    }
    tc_output_printf(output, "%s{\"num\":%lld,\"new\":{", data->is_first_block ? "" : ",",
                     (long long)data->num_rows);
    const char *comma = "";
    for (size_t i = 0; i < NUM_DICTS; i++) {
        if (data->fresh[i].len > 0) {
            tc_output_printf(output, "%s\"%s\":[", comma, k_dict_names[i]);
            write_buf(data, &data->fresh[i]);
            tc_output_str(output, "]");
            comma = ",";
        }
    }
    tc_output_str(output, "}");
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        struct column *column = &data->columns[i];
        if (i >= COLUMN_SET && data->report->stats.survey.endpoints == 0) {
            tc_buf_clear(&column->values); /* nobody was asked */
            continue;
        }
        tc_output_printf(output, ",\"%s\":", k_column_names[i]);
        if (column->same[0] != '\0' && column->same[0] != '[') {
            tc_output_str(output, column->same);
            tc_buf_clear(&column->values);
        } else {
            tc_output_str(output, "[");
            write_buf(data, &column->values);
            tc_output_str(output, "]");
        }
        column->same[0] = '\0';
    }
    tc_output_str(output, "}\n");
    data->num_rows = 0;
    data->is_first_block = false;
}
