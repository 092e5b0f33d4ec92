/* tc_report_html_split: a page for each value of a label, and the page that lists them. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "tlscensus/assets.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"

#define MAX_PAGES 1000 /* each walks the scan once more */
#define MAX_SLUG  40U
#define MAX_PATH  ((size_t)64 * 1024)

struct split_page {
    const char *value; /* as the database has it */
    const char *name;  /* of its file, without folder */
};

struct split {
    struct html_arena texts; /* they outlive the page that lists them */
    const char *stem;        /* "report" of "out/report.html" */
    const char *extension;   /* ".html", or "" */
    struct split_page pages[MAX_PAGES];
    struct html_department rows[MAX_PAGES];
    size_t num;
};

/* ---- names of files ---- */

/* The letter or digit that a file's name has for the character at `*text`, 0 for none. */
static char plain_letter(const char **text)
{
    static const char latin1[] = "aaaaaaaceeeeiiiidnooooo-ouuuuyts"; /* U+00C0 to U+00DF */
    unsigned char c = (unsigned char)*(*text)++;
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        return (char)c;
    }
    if (c != 0xC3 || **text == '\0') {
        return 0;
    }
    unsigned char second = (unsigned char)*(*text)++;
    char letter = second == 0xBF ? 'y' : latin1[second & 0x1FU];
    return letter == '-' ? 0 : letter;
}

/* "Fakultät für Physik" → "fakultat-fur-physik": nothing that a folder or a shell could mistake. */
static const char *slug_of(struct html_arena *arena, const char *value)
{
    char slug[MAX_SLUG + 1];
    size_t len = 0;
    while (*value != '\0' && len < MAX_SLUG) {
        char letter = plain_letter(&value);
        if (letter != 0) {
            slug[len++] = letter;
        } else if (len > 0 && slug[len - 1] != '-') {
            slug[len++] = '-';
        }
    }
    while (len > 0 && slug[len - 1] == '-') {
        len--;
    }
    slug[len] = '\0';
    return html_copy(arena, len > 0 ? slug : "page");
}

static bool is_taken(const struct split *split, const char *name)
{
    for (size_t i = 0; i < split->num; i++) {
        if (strcmp(split->pages[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A name that no page has yet. Values come sorted, so the same list gives the same names. */
static const char *name_for(struct split *split, const char *value)
{
    const char *slug = slug_of(&split->texts, value);
    const char *name = html_format(&split->texts, "%s-%s%s", split->stem, slug, split->extension);
    for (unsigned i = 2; split->texts.failed == TC_OK && is_taken(split, name); i++) {
        name = html_format(&split->texts, "%s-%s-%u%s", split->stem, slug, i, split->extension);
    }
    return name;
}

/* ---- the index ---- */

static void add_page(struct html_report *report, struct split *split, const char *value)
{
    const char *shown = html_visible(&report->lasting, value, strlen(value));
    const struct html_dict *groups = &report->stats.groups;
    size_t group = 0;
    while (group < groups->num && strcmp(groups->entries[group].text, shown) != 0) {
        group++;
    }
    if (group == groups->num) {
        return; /* nothing of it was examined: an interrupted scan */
    }
    struct split_page *page = &split->pages[split->num];
    *page = (struct split_page){.value = html_copy(&split->texts, value),
                                .name = name_for(split, value)};
    split->rows[split->num++] = (struct html_department){
        .name = shown,
        .base = "./", /* so that no name begins like a scheme */
        .link = page->name,
        .facts = &report->stats.group_facts[group],
    };
}

static void load_pages(struct html_report *report, struct split *split)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_groups);
    if (rows != NULL) {
        tc_rows_bind_text(rows, ":group_label", report->group_label);
    }
    while (html_query_next(report, rows)) {
        if (split->num == MAX_PAGES) {
            report->status =
                tc_fail(report->error, TC_ERR_INPUT,
                        "%s has more than %d values: too many for a page each; choose a label with "
                        "fewer",
                        report->group_label, MAX_PAGES);
            break;
        }
        add_page(report, split, tc_rows_text(rows, 0));
    }
    tc_rows_close(rows);
    if (split->texts.failed != TC_OK) {
        html_fail(report, split->texts.failed);
    }
}

static void part_verdict(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_totals *totals = &report->stats.totals;
    struct html_arena *arena = &report->passing;
    char expired[HTML_WORDS];
    char soon[HTML_WORDS];
    html_arena_reset(arena);
    if (totals->seen == 0) {
        html_text(writer, "No endpoint showed a certificate.");
        return;
    }
    HTML_BLOCK(writer, "strong", SLOT_TEXT("text", html_action_words(arena, totals)));
    html_text(writer,
              html_format(arena, ": a critical or high finding. %.20s %s, %.20s %s within 30 days.",
                          html_words_count(expired, totals->expired),
                          html_plural(totals->expired, "has expired", "have expired"),
                          html_words_count(soon, totals->exp30),
                          html_plural(totals->exp30, "expires", "expire")));
}

struct index_rows {
    struct html_report *report;
    struct split *split;
};

static void part_rows(struct html_writer *writer, const void *context)
{
    const struct index_rows *rows = context;
    (void)writer;
    html_department_rows(rows->report, rows->split->rows, rows->split->num, MAX_PAGES);
}

static void part_table(struct html_writer *writer, const void *context)
{
    const struct index_rows *rows = context;
    struct html_report *report = rows->report;
    const char *said =
        html_format(&report->lasting, "%zu, those with most to do first", rows->split->num);
    HTML_BLOCK(writer, "departments", SLOT_TEXT("name", html_groups_head(report)),
               SLOT_TEXT("said", said), SLOT_TEXT("head", report->group_head),
               SLOT_PART("rows", part_rows, rows));
}

static void write_index(struct html_report *report, void *context)
{
    struct index_rows rows = {report, context};
    char style_hash[45];
    char date[HTML_WORDS];
    load_pages(report, rows.split);
    if (report->status != TC_OK) {
        return;
    }
    html_lean_hash(style_hash, tc_asset_style);
    HTML_BLOCK(
        report->writer, "split", SLOT_RAW("style_hash", style_hash),
        SLOT_TEXT("title", report->title),
        SLOT_RAW("date", html_words_date(date, report->scan.started_s)),
        SLOT_PART("style", html_part_style, NULL), SLOT_PART("meta", html_part_meta, report),
        SLOT_PART("warning", html_part_warning, report), SLOT_PART("verdict", part_verdict, report),
        SLOT_TEXT("lead", "Each name below opens a page that is complete in itself and can be "
                          "handed on alone."),
        SLOT_PART("table", part_table, &rows));
}

/* ---- the pages ---- */

static enum tc_status write_page(const struct html_request *request, const char *path,
                                 struct tc_error *error)
{
    struct tc_output *output = NULL;
    enum tc_status status = tc_output_open(&output, path, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_html(output, request->store, request->scan_id, request->options, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status write_pages(const struct split *split, const struct html_request *index,
                                  const char *index_path, struct tc_error *error)
{
    const char *slash = strrchr(index_path, '/');
    size_t folder_len = slash != NULL ? (size_t)(slash + 1 - index_path) : 0;
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < split->num && status == TC_OK; i++) {
        struct tc_html_options options = *index->options;
        struct html_request request = *index;
        struct tc_buf path;
        options.split_value = split->pages[i].value;
        request.options = &options;
        tc_buf_init(&path, MAX_PATH);
        status = tc_buf_add(&path, index_path, folder_len);
        if (status == TC_OK) {
            status = tc_buf_add_str(&path, split->pages[i].name);
        }
        status = status == TC_OK
                     ? write_page(&request, path.data, error)
                     : tc_fail(error, status, "%s: no room for a longer name", index_path);
        tc_buf_cleanup(&path);
    }
    return status;
}

/* "out/report.html" has the stem "report" and the extension ".html". */
static void split_name(struct split *split, const char *index_path)
{
    const char *slash = strrchr(index_path, '/');
    const char *name = slash != NULL ? slash + 1 : index_path;
    const char *dot = strrchr(name, '.');
    int stem_len = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
    split->stem = html_format(&split->texts, "%.*s", stem_len > 255 ? 255 : stem_len, name);
    split->extension = html_copy(&split->texts, dot != NULL && dot != name ? dot : "");
}

enum tc_status tc_report_html_split(const char *index_path, struct tc_store *store, int64_t scan_id,
                                    const char *split_by, const struct tc_html_options *options,
                                    struct tc_error *error)
{
    struct tc_html_options own = *options;
    struct html_request index = {.store = store, .scan_id = scan_id, .options = &own};
    own.group_by = split_by;
    own.split_value = NULL;
    if (index_path == NULL || strcmp(index_path, "-") == 0) {
        return tc_fail(error, TC_ERR_INPUT, "several pages do not fit into standard output");
    }
    struct split *split = calloc(1, sizeof *split);
    if (split == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "the pages: %s", tc_status_str(TC_ERR_NOMEM));
    }
    split_name(split, index_path);
    enum tc_status status = tc_output_open(&index.output, index_path, error);
    if (status == TC_OK) {
        status = html_report_write(&index, write_index, split, error);
    }
    if (status == TC_OK) {
        status = write_pages(split, &index, index_path, error);
    }
    if (status == TC_OK) {
        status = tc_output_commit(index.output, error);
    } else {
        tc_output_discard(index.output);
    }
    html_arena_cleanup(&split->texts);
    free(split);
    return status;
}
