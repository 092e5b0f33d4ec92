/*
 * The data block: every row of the table for the script, by columns, in blocks of a thousand rows.
 * A value that repeats is a number: its place in a dictionary whose new entries travel with the
 * block that needs them first. A column that is the same throughout a block is one value. So the
 * block is written in one pass, and no more is held than one block and the dictionaries.
 *
 * What is not a number stands for itself: that is how values travel once a dictionary is full.
 */
#include <openssl/base64.h>
#include <stdlib.h>
#include <string.h>

#include "html_chain.h"
#include "html_report.h"
#include "tlscensus/outcome.h"
#include "tlscensus/sql.h"

#define ROWS_IN_BLOCK 1000
#define BLOCK_MAX     ((size_t)16 * 1024 * 1024) /* bytes of one column of one block */
#define SAME_MAX      96
#define SERIAL_MAX    64 /* octets; RFC 5280 allows 20 */

enum data_dict {
    DICT_GROUP,
    DICT_OWNER,
    DICT_PROTOCOL,
    DICT_GRADE,
    DICT_LIFE,
    DICT_ISSUER,
    DICT_KEY,
    DICT_CHAIN,
    DICT_TRUST,
    DICT_TALK,
    DICT_FINDING,
    DICT_LABELS,
    NUM_DICTS
};

enum data_column {
    COLUMN_HOST,
    COLUMN_UNICODE,
    COLUMN_PORT,
    COLUMN_ADDRESSES,
    COLUMN_NUM,
    COLUMN_ALL,
    COLUMN_PROTOCOL,
    COLUMN_GROUP,
    COLUMN_OWNER,
    COLUMN_LABELS,
    COLUMN_GRADE,
    COLUMN_END,
    COLUMN_LIFE,
    COLUMN_CN,
    COLUMN_ISSUER,
    COLUMN_KEY,
    COLUMN_CHAIN,
    COLUMN_TRUST,
    COLUMN_TALK,
    COLUMN_DNS,
    COLUMN_CONNECT,
    COLUMN_STARTTLS,
    COLUMN_HELLO,
    COLUMN_HANDSHAKE,
    COLUMN_FINDINGS,
    COLUMN_SHA256,
    COLUMN_SERIAL,
    COLUMN_NAMES,
    NUM_COLUMNS
};

/* The names that page.js knows, in the order of the enums. */
static const char *const k_dict_names[NUM_DICTS] = {"group", "owner",  "protocol", "grade",
                                                    "life",  "issuer", "key",      "chain",
                                                    "trust", "talk",   "finding",  "labels"};
static const char *const k_column_names[NUM_COLUMNS] = {
    "h", "u", "p", "a", "n", "c",  "r",  "g",  "o",  "y",  "G", "e", "l", "s",
    "i", "k", "x", "w", "v", "tD", "tC", "tS", "tH", "tT", "f", "d", "S", "N"};

struct column {
    struct tc_buf values;
    char same[SAME_MAX]; /* the one value of the block so far; "" once they differ */
    size_t start;        /* of the value being written */
};

struct data {
    struct html_report *report;
    struct column columns[NUM_COLUMNS];
    struct html_dict dicts[NUM_DICTS];
    struct tc_buf fresh[NUM_DICTS]; /* entries that this block brings */
    struct tc_buf scratch;
    int64_t num_rows; /* in this block */
    bool is_first_block;
    bool is_compact; /* too many rows to carry what is looked up rarely */
    struct html_walk *walk;
    struct tc_rows *labels;
};

/* ---- values ---- */

/*
 * A JSON string of visible text inside a <script> element: `<` is written as an escape, so that no
 * text can close the element or open a comment.
 */
static void add_json(struct tc_buf *out, const char *text)
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

static struct tc_buf *begin_value(struct data *data, enum data_column column)
{
    struct column *that = &data->columns[column];
    if (data->num_rows > 0) {
        tc_buf_add_char(&that->values, ',');
    }
    that->start = that->values.len;
    return &that->values;
}

/* Notes whether the value that was just written is the same as all before it. */
static void end_value(struct data *data, enum data_column column)
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
static void add_int(struct tc_buf *out, int64_t value)
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

static void put_int(struct data *data, enum data_column column, int64_t value)
{
    struct tc_buf *out = begin_value(data, column);
    if (value == HTML_UNKNOWN) {
        tc_buf_add_str(out, "null");
    } else {
        add_int(out, value);
    }
    end_value(data, column);
}

/* 0 stands for no text. */
static void put_text(struct data *data, enum data_column column, const char *text)
{
    struct tc_buf *out = begin_value(data, column);
    if (text[0] == '\0') {
        tc_buf_add_char(out, '0');
    } else {
        add_json(out, text);
    }
    end_value(data, column);
}

/* Adds a dictionary's number for JSON text, or the text itself where it is full. */
static void add_entry(struct data *data, struct tc_buf *out, enum data_dict dict, const char *key,
                      const char *json)
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
    add_int(out, number);
}

static void put_entry(struct data *data, enum data_column column, enum data_dict dict,
                      const char *json)
{
    add_entry(data, begin_value(data, column), dict, json, json);
    end_value(data, column);
}

static const char *json_text(struct data *data, const char *text)
{
    tc_buf_clear(&data->scratch);
    add_json(&data->scratch, text);
    return data->scratch.data != NULL ? data->scratch.data : "\"\"";
}

/* A JSON array of texts, in scratch. */
static const char *json_list(struct data *data, const char *const *texts, size_t num)
{
    tc_buf_clear(&data->scratch);
    for (size_t i = 0; i < num; i++) {
        tc_buf_add_char(&data->scratch, i == 0 ? '[' : ',');
        add_json(&data->scratch, texts[i]);
    }
    tc_buf_add_char(&data->scratch, ']');
    return data->scratch.data != NULL ? data->scratch.data : "[]";
}

/* A time in tenths of a millisecond, as exact as the page shows it. */
static int64_t tenths(int64_t us)
{
    return us == HTML_UNKNOWN ? HTML_UNKNOWN : (us + 50) / 100;
}

static void put_hash(struct data *data, enum data_column column, const uint8_t *hash, bool known)
{
    char text[48] = "";
    if (known) {
        EVP_EncodeBlock((uint8_t *)text, hash, TC_SHA256_BYTES);
        text[43] = '\0'; /* the padding says nothing */
    }
    put_text(data, column, text);
}

/* ---- columns ---- */

/* What decides the picture of a chain; equal keys give equal pictures. */
static const char *chain_key(struct data *data, const struct html_row *row)
{
    bool has_ghost = row->verified_depth == HTML_UNKNOWN && row->presented_chain_id == 0 &&
                     !row->leaf.is_self_signed;
    return html_format(&data->report->passing, "%lld %lld %lld %lld %lld %s %s %d %d %d %s",
                       (long long)row->presented_chain_id, (long long)row->verified_chain_id,
                       (long long)row->built_from, (long long)row->presented_depth,
                       (long long)row->verified_depth, row->chain_status, row->trust_detail,
                       (int)(row->trusted == HTML_UNKNOWN ? -1 : row->trusted),
                       (int)(row->name_match == HTML_UNKNOWN ? -1 : row->name_match),
                       row->leaf.is_self_signed ? 1 : 0, has_ghost ? row->leaf.issuer : "");
}

static void add_box(struct data *data, const struct html_box *box, bool is_leaf)
{
    struct tc_buf *out = &data->scratch;
    const char *const texts[] = {box->role,
                                 box->state,
                                 box->tone,
                                 box->kind,
                                 is_leaf ? "" : box->name,
                                 is_leaf ? "" : box->key};
    int64_t as_of_s = data->report->scan.as_of_s;
    for (size_t i = 0; i < TC_ARRAY_LEN(texts); i++) {
        tc_buf_add_char(out, i == 0 ? '[' : ',');
        add_json(out, texts[i]);
    }
    if (!is_leaf && box->not_after_s != HTML_UNKNOWN && box->not_before_s != HTML_UNKNOWN) {
        tc_buf_addf(out, ",%lld,%lld", (long long)(box->not_after_s - as_of_s),
                    (long long)(box->not_after_s - box->not_before_s));
    }
    tc_buf_add_char(out, ']');
}

/* {"b":boxes,"g":glyph,"p":presented,"v":verified,"s":words,"t":tone,"d":depth,"x":detail,"z":broken}
 */
static const char *chain_json(struct data *data, const struct html_row *row)
{
    struct html_arena *arena = &data->report->passing;
    struct html_box boxes[HTML_MAX_BOXES];
    const char *tone = "";
    const char *words = html_chain_words(row, &tone);
    size_t num = html_chain_boxes(data->report, row, boxes);
    const char *depth = json_text(data, html_depth_words(arena, row));
    depth = html_copy(arena, depth);
    tc_buf_clear(&data->scratch);
    tc_buf_addf(&data->scratch,
                "{\"g\":\"%s\",\"p\":%lld,\"v\":%lld,\"t\":\"%s\",\"d\":%s,\"z\":%d",
                html_chain_glyph(row),
                (long long)(row->presented_depth == HTML_UNKNOWN ? -1 : row->presented_depth),
                (long long)(row->verified_depth == HTML_UNKNOWN ? -1 : row->verified_depth), tone,
                depth, html_row_is_broken(row) ? 1 : 0);
    tc_buf_add_str(&data->scratch, ",\"s\":");
    add_json(&data->scratch, words);
    tc_buf_addf(&data->scratch, ",\"m\":%d,\"u\":%d,\"b\":[",
                (int)(row->name_match == HTML_UNKNOWN ? -1 : row->name_match),
                (int)(row->trusted == HTML_UNKNOWN ? -1 : row->trusted));
    for (size_t i = 0; i < num; i++) {
        if (i > 0) {
            tc_buf_add_char(&data->scratch, ',');
        }
        add_box(data, &boxes[i], i == 0);
    }
    tc_buf_add_str(&data->scratch, "]}");
    return data->scratch.data != NULL ? data->scratch.data : "{}";
}

static void put_chain(struct data *data, const struct html_row *row)
{
    const char *key = chain_key(data, row);
    struct html_dict *dict = &data->dicts[DICT_CHAIN];
    size_t known = dict->num;
    int64_t number = html_dict_put(dict, key);
    struct tc_buf *out = begin_value(data, COLUMN_CHAIN);
    if (number < 0) {
        tc_buf_add_str(out, chain_json(data, row));
    } else {
        add_int(out, number);
        if (dict->num > known) {
            if (data->fresh[DICT_CHAIN].len > 0) {
                tc_buf_add_char(&data->fresh[DICT_CHAIN], ',');
            }
            tc_buf_add_str(&data->fresh[DICT_CHAIN], chain_json(data, row));
        }
    }
    end_value(data, COLUMN_CHAIN);
}

/* [version, suite, group, signature, ALPN, staple, outcome, detail] */
static void put_talk(struct data *data, const struct html_row *row)
{
    struct html_report *report = data->report;
    bool is_ok = row->outcome_id == TC_OUTCOME_OK;
    const char *const texts[] = {html_code_name(report, "version", row->tls_version),
                                 html_code_name(report, "cipher", row->cipher),
                                 html_exchange_name(report, row),
                                 html_code_name(report, "signature", row->signature_scheme),
                                 row->alpn,
                                 row->ocsp_stapled == HTML_UNKNOWN ? ""
                                 : row->ocsp_stapled != 0          ? "yes"
                                                                   : "no",
                                 is_ok ? "" : tc_outcome_str((enum tc_outcome)row->outcome_id),
                                 is_ok ? "" : row->outcome_detail};
    put_entry(data, COLUMN_TALK, DICT_TALK, json_list(data, texts, TC_ARRAY_LEN(texts)));
}

static int64_t rule_number(const struct html_report *report, int64_t rule_id)
{
    for (size_t i = 0; i < report->num_rules; i++) {
        if (report->rules[i].id == rule_id) {
            return (int64_t)i;
        }
    }
    return -1;
}

/* One number, or a list: entries are [rule, severity, detail, waived until]. */
static void put_findings(struct data *data, const struct html_row *row)
{
    struct html_report *report = data->report;
    struct tc_rows *rows = report->findings;
    struct tc_buf *out = begin_value(data, COLUMN_FINDINGS);
    char separator = '[';
    if (!row->has_findings) {
        tc_buf_add_char(out, '0');
        end_value(data, COLUMN_FINDINGS);
        return;
    }
    tc_rows_reset(rows);
    tc_rows_bind_int(rows, ":observation_id", row->observation_id);
    while (html_query_next(report, rows)) {
        int64_t rule = rule_number(report, tc_rows_int(rows, 0));
        const char *detail = html_visible_column(&report->passing, rows, 2);
        char date[HTML_WORDS] = "";
        if (!tc_rows_is_null(rows, 3)) {
            html_words_date(date, html_number(rows, 3));
        }
        if (rule < 0) {
            continue;
        }
        tc_buf_clear(&data->scratch);
        tc_buf_addf(&data->scratch, "[%lld,%lld", (long long)rule, (long long)html_number(rows, 1));
        if (detail[0] != '\0' || date[0] != '\0') {
            tc_buf_add_char(&data->scratch, ',');
            add_json(&data->scratch, detail);
        }
        if (date[0] != '\0') {
            tc_buf_addf(&data->scratch, ",\"%s\"", date);
        }
        tc_buf_add_char(&data->scratch, ']');
        const char *json = data->scratch.data != NULL ? data->scratch.data : "[]";
        tc_buf_add_char(out, separator);
        add_entry(data, out, DICT_FINDING, json, json);
        separator = ',';
    }
    tc_buf_add_str(out, separator == '[' ? "0" : "]");
    end_value(data, COLUMN_FINDINGS);
}

static void put_who(struct data *data, const struct html_row *row)
{
    put_text(data, COLUMN_HOST, row->host);
    put_text(data, COLUMN_UNICODE, row->host_unicode);
    put_int(data, COLUMN_PORT, row->port);
    put_text(data, COLUMN_ADDRESSES, row->addresses);
    put_int(data, COLUMN_NUM, row->num_addresses);
    put_int(data, COLUMN_ALL, row->all_addresses);
    put_entry(data, COLUMN_PROTOCOL, DICT_PROTOCOL, json_text(data, row->protocol));
    put_entry(data, COLUMN_GROUP, DICT_GROUP, json_text(data, row->group));
    if (row->owner == row->group) {
        put_int(data, COLUMN_OWNER, HTML_UNKNOWN);
    } else {
        put_entry(data, COLUMN_OWNER, DICT_OWNER, json_text(data, row->owner));
    }
    put_entry(data, COLUMN_GRADE, DICT_GRADE, json_text(data, row->grade));
}

static void put_leaf(struct data *data, const struct html_row *row)
{
    const struct html_leaf *leaf = &row->leaf;
    struct html_arena *arena = &data->report->passing;
    bool has_end = leaf->id != 0 && leaf->not_after_s != HTML_UNKNOWN;
    bool has_life = has_end && leaf->not_before_s != HTML_UNKNOWN;
    const char *const issuer[] = {leaf->is_self_signed                ? "self-signed"
                                  : leaf->issuer_organization[0] != 0 ? leaf->issuer_organization
                                                                      : leaf->issuer_cn,
                                  leaf->is_self_signed ? "" : leaf->issuer_cn,
                                  leaf->is_self_signed ? "" : leaf->issuer, leaf->policy};
    const char *const key[] = {leaf->key, leaf->signature};
    put_int(data, COLUMN_END,
            has_end ? leaf->not_after_s - data->report->scan.as_of_s : HTML_UNKNOWN);
    put_entry(data, COLUMN_LIFE, DICT_LIFE,
              html_format(arena, "%lld",
                          has_life ? (long long)(leaf->not_after_s - leaf->not_before_s) : 0LL));
    const char *cn = leaf->cn[0] != '\0' ? leaf->cn : leaf->subject;
    put_text(data, COLUMN_CN, strcmp(cn, row->host) == 0 ? "" : cn);
    put_entry(data, COLUMN_ISSUER, DICT_ISSUER, json_list(data, issuer, TC_ARRAY_LEN(issuer)));
    put_entry(data, COLUMN_KEY, DICT_KEY, json_list(data, key, TC_ARRAY_LEN(key)));
    put_hash(data, COLUMN_SHA256, leaf->sha256, leaf->id != 0);
}

static unsigned hex_digit(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10) & 15U;
}

/* "04:E1:23" as base64 */
static void put_serial(struct data *data, const char *serial)
{
    uint8_t bytes[SERIAL_MAX];
    char text[SERIAL_MAX * 2];
    size_t num = 0;
    for (; serial[0] != '\0' && serial[1] != '\0' && num < SERIAL_MAX; num++) {
        bytes[num] = (uint8_t)(hex_digit(serial[0]) << 4 | hex_digit(serial[1]));
        serial += serial[2] == ':' ? 3 : 2;
    }
    EVP_EncodeBlock((uint8_t *)text, bytes, num);
    put_text(data, COLUMN_SERIAL, text);
}

/* What a small page carries beside: the serial, the number of names, every label. */
static void put_extras(struct data *data, const struct html_row *row)
{
    const struct html_leaf *leaf = &row->leaf;
    bool is_wanted = !data->is_compact;
    put_serial(data, is_wanted ? leaf->serial : "");
    put_int(data, COLUMN_NAMES, is_wanted ? leaf->names_count : HTML_UNKNOWN);
    if (!is_wanted || row->label_set_id == 0 || data->labels == NULL) {
        put_int(data, COLUMN_LABELS, HTML_UNKNOWN);
        return;
    }
    struct tc_rows *rows = data->labels;
    tc_rows_reset(rows);
    tc_rows_bind_int(rows, ":label_set_id", row->label_set_id);
    tc_buf_clear(&data->scratch);
    tc_buf_add_char(&data->scratch, '[');
    while (html_query_next(data->report, rows)) {
        const char *name = tc_rows_text(rows, 0);
        if (strcmp(name, data->report->group_label) == 0 ||
            strcmp(name, data->report->owner_label) == 0) {
            continue; /* these have columns of their own */
        }
        for (int i = 0; i < 2; i++) {
            const char *text = html_visible_column(&data->report->passing, rows, i);
            if (data->scratch.len > 1) {
                tc_buf_add_char(&data->scratch, ',');
            }
            add_json(&data->scratch, text);
        }
    }
    tc_buf_add_char(&data->scratch, ']');
    put_entry(data, COLUMN_LABELS, DICT_LABELS,
              data->scratch.data != NULL ? data->scratch.data : "[]");
}

static void put_row(struct data *data, const struct html_row *row)
{
    put_who(data, row);
    put_leaf(data, row);
    put_extras(data, row);
    put_chain(data, row);
    bool has_text = row->trusted == 0 && row->trust_text[0] != '\0';
    put_entry(data, COLUMN_TRUST, DICT_TRUST,
              json_text(data, has_text            ? row->trust_text
                              : row->trusted == 0 ? row->trust_detail
                                                  : ""));
    put_talk(data, row);
    put_int(data, COLUMN_DNS, tenths(row->dns_us));
    put_int(data, COLUMN_CONNECT, tenths(row->connect_us));
    put_int(data, COLUMN_STARTTLS, tenths(row->starttls_us));
    put_int(data, COLUMN_HELLO, tenths(row->server_hello_us));
    put_int(data, COLUMN_HANDSHAKE, tenths(row->handshake_us));
    put_findings(data, row);
    data->num_rows++;
}

/* ---- blocks ---- */

static void write_buf(struct data *data, struct tc_buf *buf)
{
    if (buf->failed != TC_OK) {
        html_fail(data->report, buf->failed);
    }
    tc_output_write(data->report->writer->output, buf->data != NULL ? buf->data : "", buf->len);
    tc_buf_clear(buf);
}

static void flush_block(struct data *data)
{
    struct tc_output *output = data->report->writer->output;
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

static void write_rules(struct data *data)
{
    const struct html_report *report = data->report;
    struct tc_output *output = report->writer->output;
    tc_output_str(output, ",\"rules\":[");
    for (size_t i = 0; i < report->num_rules; i++) {
        const struct html_rule *rule = &report->rules[i];
        const char *const texts[] = {rule->name, rule->title, rule->remedy};
        tc_output_str(output, i > 0 ? "," : "");
        tc_output_str(output, json_list(data, texts, TC_ARRAY_LEN(texts)));
    }
    tc_output_str(output, "]");
}

static void write_head(struct data *data)
{
    const struct html_report *report = data->report;
    struct tc_output *output = report->writer->output;
    tc_output_printf(output, "{\"asOf\":%lld,\"windowed\":%s,\"endpoints\":%lld,\"partial\":%s",
                     (long long)report->scan.as_of_s, report->is_windowed ? "true" : "false",
                     (long long)report->stats.totals.seen,
                     report->stats.totals.partial > 0 ? "true" : "false");
    tc_output_str(output, ",\"group\":");
    tc_output_str(output, json_text(data, report->group_head));
    tc_output_str(output, ",\"owner\":");
    tc_output_str(output,
                  json_text(data, report->owner_label[0] != '\0' ? report->owner_head : ""));
    write_rules(data);
    tc_output_str(output, ",\"blocks\":[");
}

/* In the order of the rendered rows where all are rendered; else as they come: the script sorts. */
static const struct html_row *next_row(struct data *data, size_t number)
{
    struct html_report *report = data->report;
    if (!report->is_windowed) {
        return number < report->stats.num_top
                   ? html_walk_find(data->walk, &report->stats.top[number])
                   : NULL;
    }
    const struct html_row *row = NULL;
    do {
        row = html_walk_next(data->walk);
    } while (row != NULL && !row->is_seen);
    return row;
}

static void write_rows(struct data *data)
{
    const struct html_row *row = NULL;
    if (data->report->is_windowed) {
        html_walk_all(data->walk);
    }
    for (size_t i = 0; (row = next_row(data, i)) != NULL; i++) {
        put_row(data, row);
        html_arena_reset(&data->report->passing);
        if (data->num_rows == ROWS_IN_BLOCK) {
            flush_block(data);
        }
    }
    flush_block(data);
}

static void data_init(struct data *data, struct html_report *report)
{
    *data = (struct data){.report = report,
                          .is_first_block = true,
                          .is_compact = report->is_windowed,
                          .walk = report->walk};
    tc_buf_init(&data->scratch, BLOCK_MAX);
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        tc_buf_init(&data->columns[i].values, BLOCK_MAX);
    }
    for (size_t i = 0; i < NUM_DICTS; i++) {
        tc_buf_init(&data->fresh[i], BLOCK_MAX);
    }
}

static void data_cleanup(struct data *data)
{
    tc_buf_cleanup(&data->scratch);
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        tc_buf_cleanup(&data->columns[i].values);
    }
    for (size_t i = 0; i < NUM_DICTS; i++) {
        tc_buf_cleanup(&data->fresh[i]);
        if (data->dicts[i].failed != TC_OK) {
            html_fail(data->report, data->dicts[i].failed);
        }
        html_dict_cleanup(&data->dicts[i]);
    }
    tc_rows_close(data->labels);
}

void html_section_data(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct data *data = NULL;
    if (report->options->no_script) {
        return;
    }
    data = malloc(sizeof *data);
    if (data == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return;
    }
    data_init(data, report);
    data->labels = html_query(report, tc_sql_report_html_labels);
    html_block(writer, "data_start", NULL);
    write_head(data);
    write_rows(data);
    html_raw(writer, "]}");
    html_block(writer, "data_end", NULL);
    data_cleanup(data);
    free(data);
}
