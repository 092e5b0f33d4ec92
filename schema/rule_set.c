#include "rule_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text_file.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql_rules.h"
#include "tlscensus/store.h"

#define PATH_BYTES_MAX  8192
#define RULE_ENDING     ".sql"
#define RULE_ENDING_LEN (sizeof RULE_ENDING - 1)
#define NEAREST_MAX     3 /* edits between a typo and what was meant */

/* Takes `rule`, in place of the one with the same id where there is one. */
static enum tc_status add(struct tc_rule_set *set, struct tc_rule_file *rule,
                          struct tc_error *error)
{
    for (size_t i = 0; i < set->num_rules; i++) {
        if (strcmp(set->rules[i].id, rule->id) == 0) {
            tc_rule_file_cleanup(&set->rules[i]);
            set->rules[i] = *rule;
            return TC_OK;
        }
    }
    if (set->num_rules == TC_RULES_MAX) {
        return tc_fail(error, TC_ERR_INPUT, "%s: one rule too many: at most %d", rule->path,
                       TC_RULES_MAX);
    }
    if (set->num_rules == set->capacity) {
        size_t capacity = set->capacity == 0 ? 64 : 2 * set->capacity;
        struct tc_rule_file *rules = realloc(set->rules, capacity * sizeof *rules);
        if (rules == NULL) {
            return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", rule->path);
        }
        set->rules = rules;
        set->capacity = capacity;
    }
    size_t place = set->num_rules;
    for (; place > 0 && strcmp(set->rules[place - 1].id, rule->id) > 0; place--) {
        set->rules[place] = set->rules[place - 1];
    }
    set->rules[place] = *rule;
    set->num_rules++;
    return TC_OK;
}

static enum tc_status add_text(struct tc_rule_set *set, const char *path, const char *id,
                               const char *text, size_t len, bool is_builtin,
                               struct tc_error *error)
{
    struct tc_rule_file rule = {0};
    enum tc_status status = tc_rule_file_parse(&rule, path, id, text, len, error);
    if (status != TC_OK) {
        return status;
    }
    rule.is_builtin = is_builtin;
    status = add(set, &rule, error);
    if (status != TC_OK) {
        tc_rule_file_cleanup(&rule);
    }
    return status;
}

static enum tc_status add_embedded(struct tc_rule_set *set, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (size_t i = 0; status == TC_OK && tc_embedded_rules[i].name != NULL; i++) {
        const char *name = tc_embedded_rules[i].name;
        const char *text = tc_embedded_rules[i].text;
        struct tc_buf path;
        tc_buf_init(&path, PATH_BYTES_MAX);
        status = tc_buf_addf(&path, "rule %s", name);
        if (status == TC_OK) {
            status = add_text(set, path.data, name, text, strlen(text), true, error);
        }
        tc_buf_cleanup(&path);
    }
    return status;
}

/* ---- a user's folder ---- */

/* The name without its ending in `id`, or false where this is no rule file. */
static bool rule_name(char id[TC_RULE_ID_MAX + 2], const char *name)
{
    size_t len = strlen(name);
    if (name[0] == '.' || len <= RULE_ENDING_LEN ||
        strcmp(name + len - RULE_ENDING_LEN, RULE_ENDING) != 0) {
        return false;
    }
    len -= RULE_ENDING_LEN;
    len = len > TC_RULE_ID_MAX + 1 ? TC_RULE_ID_MAX + 1 : len; /* too long: the header disagrees */
    memcpy(id, name, len);
    id[len] = '\0';
    return true;
}

static enum tc_status add_file(struct tc_rule_set *set, const char *dir, const char *name,
                               const char *id, struct tc_error *error)
{
    struct tc_buf path;
    struct tc_buf text;
    tc_buf_init(&path, PATH_BYTES_MAX);
    tc_buf_init(&text, TC_RULE_FILE_BYTES_MAX);
    bool slash = dir[0] != '\0' && dir[strlen(dir) - 1] == '/';
    enum tc_status status = tc_buf_addf(&path, "%s%s%s", dir, slash ? "" : "/", name);
    if (status != TC_OK) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: the path is too long", name);
        goto done;
    }
    status = tc_text_file_read(&text, path.data, error);
    if (status == TC_OK) {
        status =
            add_text(set, path.data, id, text.len > 0 ? text.data : "", text.len, false, error);
    }

done:
    tc_buf_cleanup(&path);
    tc_buf_cleanup(&text);
    return status;
}

static enum tc_status add_dir(struct tc_rule_set *set, const char *dir, struct tc_error *error)
{
    size_t num_files = 0;
    enum tc_status status = TC_OK;
    const struct dirent *entry = NULL;
    char id[TC_RULE_ID_MAX + 2];
    DIR *handle = opendir(dir);
    if (handle == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "%s: the folder of rules cannot be read: %s", dir,
                       strerror(errno));
    }
    /* The order of the folder does not matter: names are unique, and the set is sorted. */
    while (status == TC_OK && (entry = readdir(handle)) != NULL) {
        if (rule_name(id, entry->d_name)) {
            num_files++;
            status = add_file(set, dir, entry->d_name, id, error);
        }
    }
    closedir(handle);
    if (status == TC_OK && num_files == 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s: has no rule: a rule is a file that ends in .sql",
                       dir);
    }
    return status;
}

enum tc_status tc_rule_set_load(struct tc_rule_set *out, const char *dir, struct tc_error *error)
{
    struct tc_rule_set set = {0};
    enum tc_status status = add_embedded(&set, error);
    if (status == TC_OK && dir != NULL) {
        status = add_dir(&set, dir, error);
    }
    if (status != TC_OK) {
        tc_rule_set_cleanup(&set);
        return status;
    }
    *out = set;
    return TC_OK;
}

void tc_rule_set_cleanup(struct tc_rule_set *set)
{
    for (size_t i = 0; i < set->num_rules; i++) {
        tc_rule_file_cleanup(&set->rules[i]);
    }
    free(set->rules);
    memset(set, 0, sizeof *set);
}

int tc_rule_set_find(const struct tc_rule_set *set, const char *id)
{
    for (size_t i = 0; i < set->num_rules; i++) {
        if (strcmp(set->rules[i].id, id) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- the nearest name ---- */

/* Edits (insert, delete, replace) between two words; more than 64 letters count as far. */
static size_t distance(const char *a, const char *b)
{
    size_t row[TC_RULE_ID_MAX + 1];
    size_t len = strlen(b);
    if (len > TC_RULE_ID_MAX || strlen(a) > TC_RULE_ID_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= len; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < len; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j + 1] + 1 < best ? row[j + 1] + 1 : best;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[len];
}

const char *tc_rule_set_nearest(const struct tc_rule_set *set, const char *word)
{
    const char *nearest = NULL;
    size_t best = NEAREST_MAX + 1;
    for (size_t i = 0; i < set->num_rules; i++) {
        size_t edits = distance(word, set->rules[i].id);
        if (edits < best) {
            best = edits;
            nearest = set->rules[i].id;
        }
    }
    return nearest;
}

/* ---- the list for people ---- */

enum tc_status tc_rules_each(const char *rules_dir,
                             void (*each)(void *context, const struct tc_rule *rule), void *context,
                             struct tc_error *error)
{
    struct tc_rule_set set = {0};
    enum tc_status status = tc_rule_set_load(&set, rules_dir, error);
    for (size_t i = 0; i < set.num_rules; i++) {
        const struct tc_rule_file *file = &set.rules[i];
        const char *cap = tc_rule_cap(file, file->severity);
        struct tc_rule rule = {
            .id = file->id,
            .severity = file->severity,
            .title = file->title,
            .why = file->why,
            .remedy = file->remedy,
            .source = file->source,
            .cap = cap != NULL ? cap : "",
            .is_trust = file->is_trust,
            .is_builtin = file->is_builtin,
        };
        each(context, &rule);
    }
    tc_rule_set_cleanup(&set);
    return status;
}
