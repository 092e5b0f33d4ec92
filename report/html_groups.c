/* Sections `departments` and `keys`: who has what, and which keys cross hosts. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "svg.h"
#include "tlscensus/sql.h"

#define MAX_KEY_PLACES 100 /* hosts of a key that are looked at for their owners */
#define KEY_HASH_BYTES 8

/* Those with most to do first: critical, high, medium, expired, soon, then by name. */
static int compare_departments(const void *left, const void *right)
{
    const struct html_department *a = left;
    const struct html_department *b = right;
    const int64_t keys[][2] = {{a->facts->findings[4], b->facts->findings[4]},
                               {a->facts->findings[3], b->facts->findings[3]},
                               {a->facts->findings[2], b->facts->findings[2]},
                               {a->facts->expired, b->facts->expired},
                               {a->facts->exp30, b->facts->exp30}};
    for (size_t i = 0; i < TC_ARRAY_LEN(keys); i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] > keys[i][1] ? -1 : 1;
        }
    }
    return strcmp(a->name, b->name);
}

static const char *const k_mix_tones[] = {"ok", "med", "high", "crit", "none"};
static const char *const k_mix_names[] = {"A", "B", "C", "F, T or M", "no grade"};

static void mix_parts(struct html_writer *writer, const void *context)
{
    const struct html_group *facts = context;
    int64_t before = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_mix_tones); i++) {
        if (facts->grades[i] > 0) {
            int64_t x = svg_scale(before, facts->seen, 1000);
            before += facts->grades[i];
            HTML_BLOCK(writer, "mix_part", SLOT_RAW("tone", k_mix_tones[i]), SLOT_TENTH("x", x),
                       SLOT_TENTH("width", svg_scale(before, facts->seen, 1000) - x));
        }
    }
}

static void mix_text(struct html_writer *writer, const void *context)
{
    const struct html_group *facts = context;
    bool is_first = true;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_mix_names); i++) {
        if (facts->grades[i] > 0) {
            html_raw(writer, is_first ? "" : ", ");
            html_raw(writer, k_mix_names[i]);
            html_raw(writer, ": ");
            html_count(writer, facts->grades[i]);
            is_first = false;
        }
    }
}

static void part_mix(struct html_writer *writer, const void *context)
{
    if (((const struct html_group *)context)->seen > 0) {
        HTML_BLOCK(writer, "mix", SLOT_PART("parts", mix_parts, context),
                   SLOT_PART("text", mix_text, context));
    }
}

struct cell {
    int64_t count;
    const char *tone;
};

static void part_number(struct html_writer *writer, const void *context)
{
    const struct cell *cell = context;
    HTML_BLOCK(writer, "number", SLOT_RAW("tone", cell->count > 0 ? cell->tone : "z"),
               SLOT_COUNT("count", cell->count));
}

static void write_department(struct html_report *report, const struct html_department *department)
{
    const struct html_group *facts = department->facts;
    char left[HTML_WORDS];
    char count[HTML_WORDS];
    const struct cell expired = {facts->expired, "crit"};
    const struct cell soon = {facts->exp30, "med"};
    const struct cell critical = {facts->findings[4], "crit"};
    const struct cell high = {facts->findings[3], "high"};
    const struct cell medium = {facts->findings[2], "med"};
    html_arena_reset(&report->passing);
    const char *of =
        facts->seen == facts->endpoints
            ? ""
            : html_format(&report->passing, " / %.20s", html_words_count(count, facts->endpoints));
    HTML_BLOCK(
        report->writer, "department", SLOT_RAW("base", department->base),
        SLOT_URL("link", department->link), SLOT_TEXT("name", department->name),
        SLOT_COUNT("seen", facts->seen), SLOT_TEXT("of", of), SLOT_PART("mix", part_mix, facts),
        SLOT_PART("expired", part_number, &expired), SLOT_PART("soon", part_number, &soon),
        SLOT_PART("critical", part_number, &critical), SLOT_PART("high", part_number, &high),
        SLOT_PART("medium", part_number, &medium),
        SLOT_NAME("host", facts->next_host != NULL ? facts->next_host : "–"),
        SLOT_TEXT("next", facts->next_host != NULL ? html_words_left(left, facts->next_days) : ""));
}

void html_department_rows(struct html_report *report, struct html_department *departments,
                          size_t num, size_t max)
{
    qsort(departments, num, sizeof *departments, compare_departments);
    for (size_t i = 0; i < num && i < max; i++) {
        write_department(report, &departments[i]);
    }
}

static void part_departments(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_stats *stats = &report->stats;
    struct html_department *sorted = calloc(stats->groups.num, sizeof *sorted);
    (void)writer;
    if (sorted == NULL) {
        html_fail(report, TC_ERR_NOMEM);
        return;
    }
    for (size_t i = 0; i < stats->groups.num; i++) {
        const char *name = stats->groups.entries[i].text;
        sorted[i] = (struct html_department){name, "#owner=", name, &stats->group_facts[i]};
    }
    html_department_rows(report, sorted, stats->groups.num, HTML_MAX_GROUPS);
    free(sorted);
}

const char *html_groups_head(struct html_report *report)
{
    size_t len = strlen(report->group_head);
    bool simple = len > 0 && strspn(report->group_head, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                        "abcdefghijklmnopqrstuvwxyz") == len;
    char last = len > 0 ? report->group_head[len - 1] : 's';
    return simple && last != 's' && last != 'y'
               ? html_format(&report->lasting, "%ss", report->group_head)
               : html_format(&report->lasting, "By %s", report->group_head);
}

void html_section_departments(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    size_t num = report->stats.groups.num;
    if (num < 2) {
        return; /* one group says nothing that the first screen does not */
    }
    const char *said =
        num <= HTML_MAX_GROUPS
            ? html_format(&report->lasting, "%zu, those with most to do first", num)
            : html_format(&report->lasting, "the %d with most to do of %zu%s; search covers all",
                          HTML_MAX_GROUPS, num, num >= HTML_DICT_MAX ? " or more" : "");
    HTML_BLOCK(writer, "departments", SLOT_TEXT("name", html_groups_head(report)),
               SLOT_TEXT("said", said), SLOT_TEXT("head", report->group_head),
               SLOT_PART("rows", part_departments, report));
}

/* ---- keys ---- */

static const char *hash_words(struct html_arena *arena, const struct tc_rows *rows, int column)
{
    struct tc_buf hex;
    tc_buf_init(&hex, 128);
    size_t len = tc_rows_bytes(rows, column);
    tc_buf_add_hex(&hex, tc_rows_blob(rows, column), len < KEY_HASH_BYTES ? len : KEY_HASH_BYTES,
                   0);
    const char *words = html_copy(arena, hex.data != NULL ? hex.data : "");
    tc_buf_cleanup(&hex);
    return words;
}

static void start_key(struct html_report *report, const struct tc_rows *rows)
{
    const char *type = html_visible_column(&report->lasting, rows, 1);
    report->keys[report->num_keys++] = (struct html_key){
        .hash = hash_words(&report->lasting, rows, 0),
        .key = strcmp(type, "RSA") == 0
                   ? html_format(&report->lasting, "RSA %lld", (long long)html_number(rows, 2))
                   : type,
        .hosts = html_number(rows, 3),
        .certificates = html_number(rows, 4),
    };
    report->all_keys = html_number(rows, 5);
}

/* Another host of the key at hand: the first few are listed, and so are the first few owners. */
static void add_key_host(struct html_report *report, const struct tc_rows *rows)
{
    struct html_key *key = &report->keys[report->num_keys - 1];
    const char *group = html_visible_column(&report->lasting, rows, 9);
    if (key->num_listed < HTML_KEY_HOSTS) {
        const char *host = html_visible_column(&report->lasting, rows, 7);
        key->listed[key->num_listed] = host;
        key->links[key->num_listed++] =
            html_endpoint_name(&report->lasting, host, html_number(rows, 8), false);
    }
    for (size_t i = 0; i < key->num_owners; i++) {
        if (strcmp(key->owners[i], group) == 0) {
            return;
        }
    }
    if (key->num_owners < HTML_KEY_OWNERS) {
        key->owners[key->num_owners++] = group;
    } else {
        key->has_more_owners = true;
    }
}

/* The query is a walk over all leaves, so it runs once for the tile and the table. */
void html_load_keys(struct html_report *report)
{
    struct tc_rows *rows = html_query_split(report, tc_sql_report_html_keys);
    int64_t rank = 0;
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":max_rows", HTML_MAX_LINES);
        tc_rows_bind_int(rows, ":max_hosts", MAX_KEY_PLACES);
    }
    while (html_query_next(report, rows)) {
        if (tc_rows_int(rows, 6) != rank && report->num_keys < HTML_MAX_LINES) {
            start_key(report, rows);
        }
        rank = tc_rows_int(rows, 6);
        add_key_host(report, rows);
    }
    tc_rows_close(rows);
}

static void key_where(struct html_writer *writer, const void *context)
{
    const struct html_key *key = context;
    for (size_t i = 0; i < key->num_listed; i++) {
        HTML_BLOCK(writer, "key_host", SLOT_RAW("comma", i > 0 ? ", " : ""),
                   SLOT_URL("link", key->links[i]), SLOT_NAME("host", key->listed[i]));
    }
    if (key->hosts > (int64_t)key->num_listed) {
        html_raw(writer, " and ");
        html_count(writer, key->hosts - (int64_t)key->num_listed);
        html_raw(writer, " more");
    }
}

static void key_owners(struct html_writer *writer, const void *context)
{
    const struct html_key *key = context;
    for (size_t i = 0; i < key->num_owners; i++) {
        html_raw(writer, i > 0 ? ", " : "");
        html_text(writer, key->owners[i]);
    }
    html_raw(writer, key->has_more_owners || key->hosts > MAX_KEY_PLACES ? " and others" : "");
}

static void part_keys(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    for (size_t i = 0; i < report->num_keys; i++) {
        const struct html_key *key = &report->keys[i];
        HTML_BLOCK(writer, "key", SLOT_TEXT("hash", key->hash), SLOT_TEXT("key", key->key),
                   SLOT_COUNT("hosts", key->hosts), SLOT_COUNT("certificates", key->certificates),
                   SLOT_PART("where", key_where, key), SLOT_PART("owners", key_owners, key));
    }
}

void html_section_keys(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->all_keys == 0) {
        return;
    }
    const char *said =
        report->all_keys > HTML_MAX_LINES
            ? html_format(&report->lasting, "the %d most shared of %lld; certificates.csv has all",
                          HTML_MAX_LINES, (long long)report->all_keys)
            : html_format(&report->lasting, "%lld", (long long)report->all_keys);
    HTML_BLOCK(writer, "keys", SLOT_TEXT("said", said), SLOT_TEXT("head", report->group_head),
               SLOT_PART("rows", part_keys, report));
}
