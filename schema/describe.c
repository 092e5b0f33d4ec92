/* The words are the SQL's own comments, so they are found where whoever changes a table changes
 * them. */
#include "tlscensus/describe.h"

#include <stdio.h>
#include <string.h>

#include "database.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"
#include "tlscensus/sql_migrations.h"

#define WORDS_MAX      4000
#define NAME_MAX_BYTES 128

struct teller {
    struct tc_store *store;
    const struct tc_describe_hearer *hearer;
    struct tc_buf words;
};

static size_t line_len(const char *line)
{
    return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
    line += line_len(line);
    return *line == '\n' ? line + 1 : line;
}

/* What stands behind the "--" of a line, if anything. */
static bool add_comment(struct tc_buf *words, const char *line)
{
    const char *end = line + line_len(line);
    const char *dashes = strstr(line, "--");
    if (dashes == NULL || dashes >= end) {
        return false;
    }
    const char *text = dashes + 2 + strspn(dashes + 2, " ");
    if (words->len > 0) {
        tc_buf_add_char(words, ' ');
    }
    tc_buf_add(words, text, (size_t)(end - text));
    return true;
}

static bool begins_with_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && strchr(" ,\n", text[len]) != NULL;
}

/* The last CREATE TABLE of that name in all migrations: a later one takes the place of an earlier.
 */
static const char *find_table(const char *table)
{
    char head[NAME_MAX_BYTES + 32];
    const char *found = NULL;
    snprintf(head, sizeof head, "CREATE TABLE %s (", table);
    for (const struct tc_embedded *step = tc_embedded_migrations; step->name != NULL; step++) {
        const char *here = strstr(step->text, head);
        found = here != NULL ? here : found;
    }
    return found;
}

static void table_words(struct tc_buf *words, const char *table)
{
    const char *create = find_table(table);
    if (create != NULL) {
        (void)add_comment(words, create);
    }
}

/* A column inside its CREATE TABLE: its line's comment, and lines with nothing but more of it. */
static bool column_words(struct tc_buf *words, const char *table, const char *column)
{
    const char *line = find_table(table);
    if (line == NULL) {
        return false;
    }
    for (line = next_line(line); line[0] != ')' && line[0] != '\0'; line = next_line(line)) {
        if (!begins_with_word(line + strspn(line, " "), column)) {
            continue;
        }
        bool has_words = add_comment(words, line);
        for (line = next_line(line); has_words && strncmp(line + strspn(line, " "), "--", 2) == 0;
             line = next_line(line)) {
            (void)add_comment(words, line);
        }
        return true;
    }
    return false;
}

/* A column that a later migration added. */
static void added_column_words(struct tc_buf *words, const char *table, const char *column)
{
    char head[NAME_MAX_BYTES + 32];
    snprintf(head, sizeof head, "ALTER TABLE %s ADD COLUMN", table);
    for (const struct tc_embedded *step = tc_embedded_migrations; step->name != NULL; step++) {
        const char *at = step->text;
        while ((at = strstr(at, head)) != NULL) {
            at += strlen(head);
            const char *name = at + strspn(at, " \n");
            if (begins_with_word(name, column)) {
                (void)add_comment(words, name);
                return;
            }
        }
    }
}

/* The comment lines right above a CREATE VIEW. */
static void view_words(struct tc_buf *words, const char *view)
{
    char head[NAME_MAX_BYTES + 32];
    snprintf(head, sizeof head, "\nCREATE VIEW %s AS", view);
    const char *create = strstr(tc_sql_views, head);
    const char *first = create;
    if (create == NULL) {
        return;
    }
    while (first > tc_sql_views) {
        const char *above = first;
        while (above > tc_sql_views && above[-1] != '\n') {
            above--;
        }
        if (strncmp(above, "--", 2) != 0) {
            break;
        }
        first = above > tc_sql_views ? above - 1 : above;
    }
    for (const char *line = first; line < create; line = next_line(line)) {
        if (line[0] != '\n') {
            (void)add_comment(words, line);
        }
    }
}

static void tell_column(struct teller *teller, const char *relation, bool is_view,
                        const struct tc_column *column)
{
    struct tc_column told = *column;
    tc_buf_clear(&teller->words);
    tc_buf_add_str(&teller->words, "");
    if (!is_view && !column_words(&teller->words, relation, column->name)) {
        added_column_words(&teller->words, relation, column->name);
    }
    told.words = teller->words.data != NULL ? teller->words.data : "";
    teller->hearer->column(teller->hearer->context, &told);
}

static enum tc_status tell_columns(struct teller *teller, const char *relation, bool is_view,
                                   struct tc_error *error)
{
    sqlite3_stmt *list = NULL;
    int rc = SQLITE_ROW;
    enum tc_status status =
        tc_db_prepare(teller->store, &list, tc_sql_describe_columns, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_text(list, ":relation", relation);
    while ((rc = sqlite3_step(list)) == SQLITE_ROW) {
        const struct tc_column column = {.name = (const char *)sqlite3_column_text(list, 0),
                                         .type = (const char *)sqlite3_column_text(list, 1),
                                         .is_key = sqlite3_column_int(list, 2) != 0};
        tell_column(teller, relation, is_view, &column);
    }
    if (rc != SQLITE_DONE) {
        status = tc_db_fail(teller->store, error, "reading columns");
    }
    (void)sqlite3_finalize(list);
    return status;
}

static enum tc_status tell_relation(struct teller *teller, const char *name, bool is_view,
                                    struct tc_error *error)
{
    tc_buf_clear(&teller->words);
    tc_buf_add_str(&teller->words, "");
    if (is_view) {
        view_words(&teller->words, name);
    } else {
        table_words(&teller->words, name);
    }
    const struct tc_relation relation = {.name = name,
                                         .is_view = is_view,
                                         .words =
                                             teller->words.data != NULL ? teller->words.data : ""};
    teller->hearer->relation(teller->hearer->context, &relation);
    return tell_columns(teller, name, is_view, error);
}

enum tc_status tc_store_describe(const struct tc_describe_hearer *hearer, struct tc_error *error)
{
    struct teller teller = {.hearer = hearer};
    sqlite3_stmt *list = NULL;
    int rc = SQLITE_ROW;
    enum tc_status status = tc_store_open(&teller.store, ":memory:", TC_STORE_CREATE, error);
    if (status != TC_OK) {
        return status;
    }
    tc_buf_init(&teller.words, WORDS_MAX);
    status = tc_db_prepare(teller.store, &list, tc_sql_describe_relations, false, error);
    while (status == TC_OK && (rc = sqlite3_step(list)) == SQLITE_ROW) {
        status = tell_relation(&teller, (const char *)sqlite3_column_text(list, 0),
                               sqlite3_column_int(list, 1) != 0, error);
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(teller.store, error, "reading tables");
    }
    (void)sqlite3_finalize(list);
    tc_buf_cleanup(&teller.words);
    tc_store_close(teller.store);
    return status;
}
