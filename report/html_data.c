/* What the data block holds of each row (html_data.h says how). */
#include "html_data.h"

#include <stdlib.h>
#include <string.h>

#include "html_chain.h"
#include "html_sets.h"
#include "tlscensus/outcome.h"
#include "tlscensus/sql.h"

#define BLOCK_MAX ((size_t)16 * 1024 * 1024) /* bytes of one column of one block */

/* A time in tenths of a millisecond, as exact as the page shows it. */
static int64_t tenths(int64_t us)
{
    return us == HTML_UNKNOWN ? HTML_UNKNOWN : (us + 50) / 100;
}

/* ---- columns ---- */

/* What decides the picture of a chain; equal keys give equal pictures. */
static const char *chain_key(struct html_data *data, const struct html_row *row)
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

static void add_box(struct html_data *data, const struct html_box *box, bool is_leaf)
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
        html_data_add_json(out, texts[i]);
    }
    if (!is_leaf && box->not_after_s != HTML_UNKNOWN && box->not_before_s != HTML_UNKNOWN) {
        tc_buf_addf(out, ",%lld,%lld", (long long)(box->not_after_s - as_of_s),
                    (long long)(box->not_after_s - box->not_before_s));
    }
    tc_buf_add_char(out, ']');
}

/* {"b":boxes,"g":glyph,"p":presented,"v":verified,"s":words,"t":tone,"d":depth,"x":detail,"z":broken}
 */
static const char *chain_json(struct html_data *data, const struct html_row *row)
{
    struct html_arena *arena = &data->report->passing;
    struct html_box boxes[HTML_MAX_BOXES];
    const char *tone = "";
    const char *words = html_chain_words(row, &tone);
    size_t num = html_chain_boxes(data->report, row, boxes);
    const char *depth = html_data_json_text(data, html_depth_words(arena, row));
    depth = html_copy(arena, depth);
    tc_buf_clear(&data->scratch);
    tc_buf_addf(&data->scratch,
                "{\"g\":\"%s\",\"p\":%lld,\"v\":%lld,\"t\":\"%s\",\"d\":%s,\"z\":%d",
                html_chain_glyph(row),
                (long long)(row->presented_depth == HTML_UNKNOWN ? -1 : row->presented_depth),
                (long long)(row->verified_depth == HTML_UNKNOWN ? -1 : row->verified_depth), tone,
                depth, html_row_is_broken(row) ? 1 : 0);
    tc_buf_add_str(&data->scratch, ",\"s\":");
    html_data_add_json(&data->scratch, words);
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

static void put_chain(struct html_data *data, const struct html_row *row)
{
    const char *key = chain_key(data, row);
    struct html_dict *dict = &data->dicts[DICT_CHAIN];
    size_t known = dict->num;
    int64_t number = html_dict_put(dict, key);
    struct tc_buf *out = html_data_begin_value(data, COLUMN_CHAIN);
    if (number < 0) {
        tc_buf_add_str(out, chain_json(data, row));
    } else {
        html_data_add_int(out, number);
        if (dict->num > known) {
            if (data->fresh[DICT_CHAIN].len > 0) {
                tc_buf_add_char(&data->fresh[DICT_CHAIN], ',');
            }
            tc_buf_add_str(&data->fresh[DICT_CHAIN], chain_json(data, row));
        }
    }
    html_data_end_value(data, COLUMN_CHAIN);
}

/* [version, suite, group, signature, ALPN, staple, outcome, detail] */
static void put_talk(struct html_data *data, const struct html_row *row)
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
    html_data_put_entry(data, COLUMN_TALK, DICT_TALK,
                        html_data_json_list(data, texts, TC_ARRAY_LEN(texts)));
}

/* One number, or a list: entries are [rule, severity, detail, waived until]. */
static void put_findings(struct html_data *data, const struct html_row *row)
{
    struct tc_buf *out = html_data_begin_value(data, COLUMN_FINDINGS);
    char separator = '[';
    for (size_t i = 0; i < row->num_findings; i++) {
        const struct html_finding *finding = &row->findings[i];
        char date[HTML_WORDS] = "";
        if (finding->waived_until_s != HTML_UNKNOWN) {
            html_words_date(date, finding->waived_until_s);
        }
        tc_buf_clear(&data->scratch);
        tc_buf_addf(&data->scratch, "[%lld,%lld", (long long)(finding->rule - data->report->rules),
                    (long long)finding->severity);
        if (finding->detail[0] != '\0' || date[0] != '\0') {
            tc_buf_add_char(&data->scratch, ',');
            html_data_add_json(&data->scratch, finding->detail);
        }
        if (date[0] != '\0') {
            tc_buf_addf(&data->scratch, ",\"%s\"", date);
        }
        tc_buf_add_char(&data->scratch, ']');
        const char *json = data->scratch.data != NULL ? data->scratch.data : "[]";
        tc_buf_add_char(out, separator);
        html_data_add_entry(data, out, DICT_FINDING, json, json);
        separator = ',';
    }
    tc_buf_add_str(out, separator == '[' ? "0" : "]");
    html_data_end_value(data, COLUMN_FINDINGS);
}

static void put_who(struct html_data *data, const struct html_row *row)
{
    html_data_put_text(data, COLUMN_HOST, row->host);
    html_data_put_text(data, COLUMN_UNICODE, row->host_unicode);
    html_data_put_int(data, COLUMN_PORT, row->port);
    html_data_put_text(data, COLUMN_ADDRESSES, row->addresses);
    html_data_put_int(data, COLUMN_NUM, row->num_addresses);
    html_data_put_int(data, COLUMN_ALL, row->all_addresses);
    html_data_put_entry(data, COLUMN_PROTOCOL, DICT_PROTOCOL,
                        html_data_json_text(data, row->protocol));
    html_data_put_entry(data, COLUMN_GROUP, DICT_GROUP, html_data_json_text(data, row->group));
    if (row->owner == row->group) {
        html_data_put_int(data, COLUMN_OWNER, HTML_UNKNOWN);
    } else {
        html_data_put_entry(data, COLUMN_OWNER, DICT_OWNER, html_data_json_text(data, row->owner));
    }
    html_data_put_entry(data, COLUMN_GRADE, DICT_GRADE, html_data_json_text(data, row->grade));
}

static void put_leaf(struct html_data *data, const struct html_row *row)
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
    html_data_put_int(data, COLUMN_END,
                      has_end ? leaf->not_after_s - data->report->scan.as_of_s : HTML_UNKNOWN);
    html_data_put_entry(
        data, COLUMN_LIFE, DICT_LIFE,
        html_format(arena, "%lld",
                    has_life ? (long long)(leaf->not_after_s - leaf->not_before_s) : 0LL));
    const char *cn = leaf->cn[0] != '\0' ? leaf->cn : leaf->subject;
    html_data_put_text(data, COLUMN_CN, strcmp(cn, row->host) == 0 ? "" : cn);
    html_data_put_entry(data, COLUMN_ISSUER, DICT_ISSUER,
                        html_data_json_list(data, issuer, TC_ARRAY_LEN(issuer)));
    html_data_put_entry(data, COLUMN_KEY, DICT_KEY,
                        html_data_json_list(data, key, TC_ARRAY_LEN(key)));
    html_data_put_hash(data, COLUMN_SHA256, leaf->sha256, leaf->id != 0);
}

/* What a small page carries beside: the serial, the number of names, every label. */
static void put_extras(struct html_data *data, const struct html_row *row)
{
    const struct html_leaf *leaf = &row->leaf;
    bool is_wanted = !data->is_compact;
    html_data_put_serial(data, is_wanted ? leaf->serial : "");
    html_data_put_int(data, COLUMN_NAMES, is_wanted ? leaf->names_count : HTML_UNKNOWN);
    if (!is_wanted || row->label_set_id == 0 || data->labels == NULL) {
        html_data_put_int(data, COLUMN_LABELS, HTML_UNKNOWN);
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
            html_data_add_json(&data->scratch, text);
        }
    }
    tc_buf_add_char(&data->scratch, ']');
    html_data_put_entry(data, COLUMN_LABELS, DICT_LABELS,
                        data->scratch.data != NULL ? data->scratch.data : "[]");
}

/* The place of the set, and on a small page what other certificates were shown. */
static void put_survey(struct html_data *data, const struct html_row *row)
{
    struct html_said said[HTML_MAX_SAID];
    html_data_put_int(data, COLUMN_SET,
                      row->set != NULL ? html_set_number(data->report, row->set) : HTML_UNKNOWN);
    size_t num = data->is_compact ? 0 : html_said_others(data->report, row, said);
    if (num == 0) {
        html_data_put_int(data, COLUMN_OTHERS, HTML_UNKNOWN);
        return;
    }
    tc_buf_clear(&data->scratch);
    for (size_t i = 0; i < num; i++) {
        tc_buf_add_char(&data->scratch, i == 0 ? '[' : ',');
        html_data_add_json(&data->scratch, said[i].name);
        tc_buf_add_char(&data->scratch, ',');
        html_data_add_json(&data->scratch, said[i].value);
    }
    tc_buf_add_char(&data->scratch, ']');
    html_data_put_entry(data, COLUMN_OTHERS, DICT_OTHERS,
                        data->scratch.data != NULL ? data->scratch.data : "[]");
}

static void put_row(struct html_data *data, const struct html_row *row)
{
    put_who(data, row);
    put_leaf(data, row);
    put_extras(data, row);
    put_chain(data, row);
    bool has_text = row->trusted == 0 && row->trust_text[0] != '\0';
    html_data_put_entry(data, COLUMN_TRUST, DICT_TRUST,
                        html_data_json_text(data, has_text            ? row->trust_text
                                                  : row->trusted == 0 ? row->trust_detail
                                                                      : ""));
    put_talk(data, row);
    html_data_put_int(data, COLUMN_DNS, tenths(row->dns_us));
    html_data_put_int(data, COLUMN_CONNECT, tenths(row->connect_us));
    html_data_put_int(data, COLUMN_STARTTLS, tenths(row->starttls_us));
    html_data_put_int(data, COLUMN_HELLO, tenths(row->server_hello_us));
    html_data_put_int(data, COLUMN_HANDSHAKE, tenths(row->handshake_us));
    put_findings(data, row);
    put_survey(data, row);
    data->num_rows++;
}

static void write_rules(struct html_data *data)
{
    const struct html_report *report = data->report;
    struct tc_output *output = data->output;
    tc_output_str(output, ",\"rules\":[");
    for (size_t i = 0; i < report->num_rules; i++) {
        const struct html_rule *rule = &report->rules[i];
        const char *const texts[] = {rule->name, rule->title, rule->remedy};
        tc_output_str(output, i > 0 ? "," : "");
        tc_output_str(output, html_data_json_list(data, texts, TC_ARRAY_LEN(texts)));
    }
    tc_output_str(output, "]");
}

static void write_head(struct html_data *data)
{
    const struct html_report *report = data->report;
    struct tc_output *output = data->output;
    tc_output_printf(output, "{\"asOf\":%lld,\"windowed\":%s,\"endpoints\":%lld,\"partial\":%s",
                     (long long)report->scan.as_of_s, report->is_windowed ? "true" : "false",
                     (long long)report->stats.totals.seen,
                     report->stats.totals.partial > 0 ? "true" : "false");
    tc_output_str(output, ",\"group\":");
    tc_output_str(output, html_data_json_text(data, report->group_head));
    tc_output_str(output, ",\"owner\":");
    tc_output_str(output, html_data_json_text(
                              data, report->owner_label[0] != '\0' ? report->owner_head : ""));
    write_rules(data);
    html_write_sets(data->report, output);
    tc_output_str(output, ",\"blocks\":[");
}

static void take_row(struct html_data *data, const struct html_row *row)
{
    put_row(data, row);
    html_arena_reset(&data->report->passing);
    if (data->num_rows == HTML_DATA_ROWS) {
        html_data_flush_block(data);
    }
}

/* ---- the whole ---- */

static struct html_data *data_new(struct html_report *report, bool is_compact)
{
    struct html_data *data = malloc(sizeof *data);
    if (data == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return NULL;
    }
    *data = (struct html_data){.report = report,
                               .output = report->writer->output,
                               .is_first_block = true,
                               .is_compact = is_compact};
    tc_buf_init(&data->scratch, BLOCK_MAX);
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        tc_buf_init(&data->columns[i].values, BLOCK_MAX);
    }
    for (size_t i = 0; i < NUM_DICTS; i++) {
        tc_buf_init(&data->fresh[i], BLOCK_MAX);
    }
    data->labels = html_query(report, tc_sql_report_html_labels);
    return data;
}

void html_data_free(struct html_data *data)
{
    if (data == NULL) {
        return;
    }
    tc_buf_cleanup(&data->scratch);
    for (size_t i = 0; i < NUM_COLUMNS; i++) {
        tc_buf_cleanup(&data->columns[i].values);
    }
    for (size_t i = 0; i < NUM_DICTS; i++) {
        tc_buf_cleanup(&data->fresh[i]);
        html_dict_cleanup(&data->dicts[i]);
    }
    tc_rows_close(data->labels);
    tc_output_discard(data->aside);
    free(data);
}

struct html_data *html_data_begin(struct html_report *report)
{
    if (report->options->no_script || report->scan.observations <= (int64_t)report->max_rows) {
        return NULL;
    }
    struct html_data *data = data_new(report, true);
    if (data != NULL) {
        enum tc_status status =
            tc_output_open_aside(&data->aside, report->writer->output, report->error);
        if (status != TC_OK) {
            html_fail(report, status);
        }
        data->output = data->aside;
    }
    return data;
}

void html_data_take(struct html_data *data, const struct html_row *row)
{
    if (data->output != NULL && !tc_output_failed(data->output)) {
        take_row(data, row);
    }
}

static void flush_last(struct html_data *data)
{
    html_data_flush_block(data);
    for (size_t i = 0; i < NUM_DICTS; i++) {
        if (data->dicts[i].failed != TC_OK) {
            html_fail(data->report, data->dicts[i].failed);
        }
    }
}

static void write_windowed(struct html_data *data)
{
    flush_last(data);
    data->output = data->report->writer->output;
    write_head(data);
    tc_output_append(data->output, data->aside);
}

/* All rows are in the table: the data has them in its order. */
static void write_rendered(struct html_data *data)
{
    struct html_report *report = data->report;
    write_head(data);
    for (size_t i = 0; i < report->stats.top.num; i++) {
        const struct html_row *row = html_walk_find(report->walk, &report->stats.top.items[i]);
        if (row == NULL) {
            break;
        }
        take_row(data, row);
    }
    flush_last(data);
}

void html_section_data(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->options->no_script) {
        return;
    }
    html_block(writer, "data_start", NULL);
    if (report->is_windowed && report->data != NULL) {
        write_windowed(report->data);
    } else {
        struct html_data *data = data_new(report, false);
        if (data != NULL) {
            write_rendered(data);
        }
        html_data_free(data);
    }
    html_raw(writer, "]}");
    html_block(writer, "data_end", NULL);
}
