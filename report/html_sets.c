/* The sets of the scan: flags, counts, and the part of the data block that describes them. */
#include "html_sets.h"

#include <stdlib.h>
#include <string.h>

#include "html_data.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"

#define MAX_SETS        1000000U
#define SAYS_MAX        ((size_t)64 * 1024 * 1024)
#define SETS_BASE_BYTES 65536 /* what sets may take of a page, beside so many bytes an endpoint */
#define SETS_FEW_BYTES  500
#define SETS_MANY_BYTES 20 /* where the script draws rows: 150 are for everything */

/* ---- reading ---- */

void html_load_sets(struct html_report *report)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_sets);
    size_t capacity = 0;
    while (html_query_next(report, rows) && report->num_sets < MAX_SETS) {
        if (report->num_sets == capacity) {
            capacity = capacity > 0 ? capacity * 2 : 64;
            struct html_set *grown = realloc(report->sets, capacity * sizeof *grown);
            if (grown == NULL) {
                html_fail(report, TC_ERR_NOMEM);
                break;
            }
            report->sets = grown;
        }
        struct html_set *set = &report->sets[report->num_sets++];
        *set = (struct html_set){.number = -1};
        tc_set_flags_read(&set->flags, rows);
    }
    tc_rows_close(rows);
}

static int compare_ids(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = ((const struct html_set *)right)->flags.id;
    return a < b ? -1 : a > b;
}

const struct html_set *html_find_set(const struct html_report *report, int64_t feature_set_id)
{
    if (report->num_sets == 0) {
        return NULL;
    }
    return bsearch(&feature_set_id, report->sets, report->num_sets, sizeof *report->sets,
                   compare_ids);
}

void html_count_set(struct html_report *report, const struct html_row *row)
{
    struct html_survey *survey = &report->stats.survey;
    const struct html_set *found = row->set;
    int64_t num = row->num_addresses;
    if (found == NULL) {
        return;
    }
    const struct tc_set_flags *flags = &found->flags;
    report->sets[found - report->sets].endpoints += num;
    survey->endpoints += num;
    survey->cut_short += flags->is_complete ? 0 : num;
    for (unsigned i = 0; i < TC_SET_NUM_VERSIONS; i++) {
        survey->versions[i].yes += flags->versions[i] == TC_YES ? num : 0;
        survey->versions[i].no += flags->versions[i] == TC_NO ? num : 0;
    }
    survey->legacy.yes += flags->legacy == TC_YES ? num : 0;
    survey->legacy.no += flags->legacy == TC_NO ? num : 0;
    survey->post_quantum.yes += flags->post_quantum == TC_YES ? num : 0;
    survey->post_quantum.no += flags->post_quantum == TC_NO ? num : 0;
    survey->weakest[flags->weakest] += num;
}

void html_sets_cleanup(struct html_report *report)
{
    if (report->accepts != NULL) {
        tc_accepts_cleanup(report->accepts);
    }
    free(report->accepts);
    free(report->sets);
}

bool html_read_set(struct html_report *report, const struct html_set *set)
{
    enum tc_status status = TC_OK;
    if (report->accepts == NULL) {
        report->accepts = calloc(1, sizeof *report->accepts);
        if (report->accepts == NULL) {
            html_fail(report, TC_ERR_NOMEM);
            return false;
        }
        report->accepts->says_versions = true;
        status = tc_accepts_open(report->accepts, report->store, report->scan_id, report->error);
    }
    if (status == TC_OK && report->status == TC_OK) {
        status = tc_accepts_read(report->accepts, set->flags.id, report->error);
    }
    if (status != TC_OK) {
        html_fail(report, status);
    }
    return report->status == TC_OK;
}

/* ---- the data block ---- */

/* JSON texts that sets share, each once. */
struct says {
    struct html_report *report;
    struct html_dict dict;
    struct tc_buf entries;
    struct tc_buf entry;
};

/* Appends the number of a list of texts, or the list itself where the dictionary is full. */
static void add_texts(struct says *says, struct tc_buf *out, const char *const *texts, size_t num)
{
    size_t known = says->dict.num;
    tc_buf_clear(&says->entry);
    for (size_t i = 0; i < num; i++) {
        tc_buf_add_char(&says->entry, i == 0 ? '[' : ',');
        html_data_add_json(&says->entry, texts[i]);
    }
    tc_buf_add_char(&says->entry, ']');
    const char *json = says->entry.data != NULL ? says->entry.data : "[]";
    int64_t number = html_dict_put(&says->dict, json);
    if (number < 0) {
        tc_buf_add_str(out, json);
        return;
    }
    if (says->dict.num > known) {
        tc_buf_add_str(&says->entries, known > 0 ? "," : "");
        tc_buf_add_str(&says->entries, json);
    }
    html_data_add_int(out, number);
}

static void add_said(struct says *says, struct tc_buf *out, const struct html_said *said,
                     size_t num)
{
    tc_buf_add_char(out, '[');
    for (size_t i = 0; i < num; i++) {
        const char *const texts[] = {said[i].name, said[i].value};
        tc_buf_add_str(out, i > 0 ? "," : "");
        add_texts(says, out, texts, TC_ARRAY_LEN(texts));
    }
    tc_buf_add_char(out, ']');
}

/* [[head, suite, …], …] */
static void add_suites(struct says *says, struct tc_buf *out)
{
    struct tc_accepts *accepts = says->report->accepts;
    tc_buf_add_char(out, '[');
    for (size_t i = 0; i < accepts->num_suite_lists; i++) {
        const struct tc_suite_list *list = &accepts->suite_lists[i];
        const char *const head[] = {list->versions, tc_order_words(list->server_order)};
        tc_buf_add_str(out, i > 0 ? ",[" : "[");
        add_texts(says, out, head, TC_ARRAY_LEN(head));
        for (size_t k = 0; k < list->num; k++) {
            const struct tc_accepted_suite *suite = &accepts->suites[list->first + k];
            const char *const texts[] = {suite->name, tc_accepted_quality(&accepts->arena, suite),
                                         html_suite_tone(suite->quality)};
            tc_buf_add_char(out, ',');
            add_texts(says, out, texts, TC_ARRAY_LEN(texts));
        }
        tc_buf_add_char(out, ']');
    }
    tc_buf_add_char(out, ']');
}

static void add_traits(struct says *says, struct tc_buf *out)
{
    struct tc_accepts *accepts = says->report->accepts;
    const char *comma = "";
    tc_buf_add_char(out, '[');
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (trait->supported == TC_UNKNOWN) {
            continue; /* the last fact lists these */
        }
        const char *const texts[] = {
            html_format(&accepts->arena, "%lld", (long long)trait->words->code),
            tc_accepted_title(&accepts->arena, trait), trait->supported == TC_YES ? "yes" : "no",
            html_trait_tone(trait)};
        tc_buf_add_str(out, comma);
        add_texts(says, out, texts, TC_ARRAY_LEN(texts));
        comma = ",";
    }
    tc_buf_add_char(out, ']');
}

/* [legacy, post-quantum] or these with versions, suites, traits and lists. */
static void add_set(struct says *says, struct tc_buf *out, const struct html_set *set, bool in_full)
{
    static const char *const k_json[] = {"null", "0", "1"};
    struct html_said said[HTML_MAX_SAID];
    tc_buf_addf(out, "[%s,%s", k_json[set->flags.legacy + 1], k_json[set->flags.post_quantum + 1]);
    if (in_full && html_read_set(says->report, set)) {
        tc_buf_add_char(out, ',');
        add_said(says, out, said, html_said_versions(says->report, said));
        tc_buf_add_char(out, ',');
        add_suites(says, out);
        tc_buf_add_char(out, ',');
        add_traits(says, out);
        tc_buf_add_char(out, ',');
        add_said(says, out, said, html_said_lists(says->report, said));
        tc_buf_add_char(out, ',');
        add_said(says, out, said, html_said_unmeasured(says->report, said));
    }
    tc_buf_add_char(out, ']');
}

int64_t html_set_number(struct html_report *report, const struct html_set *set)
{
    struct html_set *own = &report->sets[set - report->sets];
    if (own->number < 0) {
        own->number = report->num_numbered;
        report->num_numbered++;
    }
    return own->number;
}

/* Those that rows have referred to already keep their numbers; the others follow, the most used
 * first. */
static int compare_uses(const void *left, const void *right)
{
    const struct html_set *a = *(const struct html_set *const *)left;
    const struct html_set *b = *(const struct html_set *const *)right;
    if (a->number >= 0 || b->number >= 0) {
        return a->number < 0 ? 1 : b->number < 0 ? -1 : a->number < b->number ? -1 : 1;
    }
    if (a->endpoints != b->endpoints) {
        return a->endpoints > b->endpoints ? -1 : 1;
    }
    return a->flags.id < b->flags.id ? -1 : 1;
}

/* The sets of this page, in the order of their numbers. */
static const struct html_set **sorted_sets(struct html_report *report, size_t *out_num)
{
    const struct html_set **sets = calloc(report->num_sets + 1, sizeof *sets);
    size_t num = 0;
    for (size_t i = 0; sets != NULL && i < report->num_sets; i++) {
        if (report->sets[i].endpoints > 0) {
            sets[num++] = &report->sets[i];
        }
    }
    if (num > 0) {
        qsort(sets, num, sizeof *sets, compare_uses);
    }
    *out_num = num;
    return sets;
}

/* Sets past the room that they may take keep their flags: filters see every row. */
static void write_sets(struct says *says, struct tc_buf *out, const struct html_set **sets,
                       size_t num)
{
    struct html_report *report = says->report;
    int64_t room = SETS_BASE_BYTES + report->stats.survey.endpoints *
                                         (report->is_windowed ? SETS_MANY_BYTES : SETS_FEW_BYTES);
    for (size_t i = 0; i < num; i++) {
        bool has_room = (int64_t)(out->len + says->entries.len) < room;
        tc_buf_add_str(out, i > 0 ? "," : "");
        add_set(says, out, sets[i], has_room);
        (void)html_set_number(report, sets[i]);
    }
}

void html_write_sets(struct html_report *report, struct tc_output *output)
{
    struct says says = {.report = report};
    struct tc_buf list;
    size_t num = 0;
    if (report->stats.survey.endpoints == 0) {
        return;
    }
    const struct html_set **sets = sorted_sets(report, &num);
    tc_buf_init(&says.entries, SAYS_MAX);
    tc_buf_init(&says.entry, SAYS_MAX);
    tc_buf_init(&list, SAYS_MAX);
    if (sets == NULL) {
        html_fail(report, TC_ERR_NOMEM);
    } else {
        write_sets(&says, &list, sets, num);
    }
    const struct tc_buf *bufs[] = {&says.entries, &says.entry, &list};
    for (size_t i = 0; i < TC_ARRAY_LEN(bufs); i++) {
        if (bufs[i]->failed != TC_OK) {
            html_fail(report, bufs[i]->failed);
        }
    }
    if (says.dict.failed != TC_OK) {
        html_fail(report, says.dict.failed);
    }
    tc_output_str(output, ",\"says\":[");
    tc_output_write(output, says.entries.data != NULL ? says.entries.data : "", says.entries.len);
    tc_output_str(output, "],\n\"sets\":[");
    tc_output_write(output, list.data != NULL ? list.data : "", list.len);
    tc_output_str(output, "]");
    tc_buf_cleanup(&list);
    tc_buf_cleanup(&says.entry);
    tc_buf_cleanup(&says.entries);
    html_dict_cleanup(&says.dict);
    free(sets);
}
