#include "cli/config_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define CONFIG_ENTRIES_MAX 10000U
#define GROUP_WORD         "targets"

static const char k_bom[] = "\xef\xbb\xbf";

struct reader {
    struct cli_config *config;
    FILE *file;
    unsigned line; /* the one given last, from 1 */
    unsigned too_long;
    bool no_memory;
    bool too_many;
};

/*
 * The library tells of entries alone, and of a heading's name the beginning: this sees each, also
 * of a section without entries.
 */
static void note_heading(struct reader *reader, const char *line)
{
    struct cli_config *config = reader->config;
    line += reader->line == 1 && strncmp(line, k_bom, strlen(k_bom)) == 0 ? strlen(k_bom) : 0;
    const char *end = line[0] == '[' ? strchr(line, ']') : NULL;
    if (end == NULL) {
        return;
    }
    struct cli_config_section *sections =
        realloc(config->sections, (config->num_sections + 1) * sizeof *sections);
    if (sections == NULL) {
        reader->no_memory = true;
        return;
    }
    config->sections = sections;
    char *name = strndup(line + 1, (size_t)(end - line - 1));
    const char *kept = name != NULL ? cli_arena_copy(&config->arena, name) : NULL;
    free(name);
    if (kept == NULL) {
        reader->no_memory = true;
        return;
    }
    sections[config->num_sections++] =
        (struct cli_config_section){.name = kept, .line = reader->line};
}

/*
 * The library's fgets. It takes an indented line for more of the value above, so nothing is
 * indented; and it would cut a long line in two.
 */
static char *read_line(char *out, int size, void *stream)
{
    struct reader *reader = stream;
    if (reader->too_long != 0 || fgets(out, size, reader->file) == NULL) {
        return NULL;
    }
    reader->line++;
    size_t len = strlen(out);
    if (len + 1 == (size_t)size && out[len - 1] != '\n') {
        reader->too_long = reader->line;
        return NULL;
    }
    size_t blanks = strspn(out, " \t");
    memmove(out, out + blanks, len - blanks + 1);
    note_heading(reader, out);
    return reader->no_memory ? NULL : out;
}

static int take_entry(void *context, const char *section, const char *name, const char *value)
{
    struct reader *reader = context;
    struct cli_config *config = reader->config;
    if ((config->num_entries & (config->num_entries + 1)) == 0) { /* room doubles at 1, 3, 7, … */
        size_t room = 2 * config->num_entries + 1;
        struct cli_config_entry *entries = realloc(config->entries, room * sizeof *entries);
        if (entries == NULL) {
            reader->no_memory = true;
            return 0;
        }
        config->entries = entries;
    }
    const struct cli_config_section *heading =
        config->num_sections > 0 ? &config->sections[config->num_sections - 1] : NULL;
    (void)section; /* as the library cut it */
    const struct cli_config_entry entry = {
        .section = heading != NULL ? heading->name : "",
        .section_line = heading != NULL ? heading->line : 0,
        .name = cli_arena_copy(&config->arena, name),
        .value = cli_arena_copy(&config->arena, value),
        .line = reader->line,
    };
    reader->no_memory = reader->no_memory || entry.name == NULL || entry.value == NULL;
    reader->too_many = config->num_entries == CONFIG_ENTRIES_MAX;
    if (reader->no_memory || reader->too_many) {
        return 0;
    }
    config->entries[config->num_entries++] = entry;
    return 1;
}

static enum tc_status read_entries(struct reader *reader, struct tc_error *error)
{
    const char *path = reader->config->path;
    int line = ini_parse_stream(read_line, reader, take_entry, reader);
    if (ferror(reader->file)) {
        return tc_fail(error, TC_ERR_INPUT, "%s: %s", path, strerror(errno));
    }
    if (reader->no_memory || line == -2) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", path);
    }
    if (reader->too_long != 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: the line is too long", path, reader->too_long);
    }
    if (reader->too_many) {
        return tc_fail(error, TC_ERR_INPUT, "%s: more than %u entries", path, CONFIG_ENTRIES_MAX);
    }
    if (line > 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%d: neither [SECTION] nor OPTION = VALUE", path,
                       line);
    }
    return TC_OK;
}

enum tc_status cli_config_read(struct cli_config *out, const char *path, struct tc_error *error)
{
    struct cli_config config = {.path = path};
    struct reader reader = {.config = &config, .file = fopen(path, "re")};
    struct stat facts;
    if (reader.file == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "%s: %s", path, strerror(errno));
    }
    enum tc_status status = TC_OK;
    if (fstat(fileno(reader.file), &facts) == 0 && S_ISDIR(facts.st_mode)) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: is a directory", path);
    } else {
        status = read_entries(&reader, error);
    }
    (void)fclose(reader.file);
    if (status != TC_OK) {
        cli_config_cleanup(&config);
        return status;
    }
    *out = config;
    return TC_OK;
}

void cli_config_cleanup(struct cli_config *config)
{
    cli_arena_cleanup(&config->arena);
    free(config->entries);
    free(config->sections);
    *config = (struct cli_config){0};
}

const char *cli_config_group_name(const char *section)
{
    size_t word = strlen(GROUP_WORD);
    if (strncmp(section, GROUP_WORD, word) != 0 ||
        (section[word] != '\0' && strchr(" \t", section[word]) == NULL)) {
        return NULL;
    }
    return section + word + strspn(section + word, " \t");
}

/* ---- into a table ---- */

bool cli_config_is_shared(const char *command, const char *name)
{
    static const char *const k_reports[] = {"format", "output", "label"};
    bool is_reports = false;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_reports); i++) {
        is_reports = is_reports || strcmp(name, k_reports[i]) == 0;
    }
    return !is_reports || strcmp(command, "scan") != 0;
}

static size_t find_row(const struct cli_option *options, size_t num_options, const char *name)
{
    size_t i = 0;
    while (i < num_options && strcmp(options[i].name, name) != 0) {
        i++;
    }
    return i;
}

static enum tc_status set_entry(const struct cli_config *config,
                                const struct cli_config_entry *entry,
                                const struct cli_option *option, struct tc_error *error)
{
    struct tc_error why = {""};
    enum tc_status status = cli_set_word(option, entry->value, &why);
    return status == TC_OK
               ? TC_OK
               : tc_fail(error, status, "%s:%u: %s", config->path, entry->line, why.text);
}

enum tc_status cli_config_apply(const struct cli_config *config, const char *command,
                                const struct cli_option *options, size_t num_options,
                                const struct cli_given *given, unsigned out_lines[CLI_OPTIONS_MAX],
                                struct tc_error *error)
{
    const char *sections[] = {command, ""};
    bool is_set[CLI_OPTIONS_MAX] = {false}; /* by the section itself, which comes first */
    bool resumes = cli_is_given(given, options, num_options, "resume");
    bool names_groups = cli_is_given(given, options, num_options, "group");
    for (size_t s = 0; s < TC_ARRAY_LEN(sections); s++) {
        bool was_set[CLI_OPTIONS_MAX];
        memcpy(was_set, is_set, sizeof was_set);
        for (size_t i = 0; i < config->num_entries; i++) {
            const struct cli_config_entry *entry = &config->entries[i];
            size_t row = find_row(options, num_options, entry->name);
            if (strcmp(entry->section, sections[s]) != 0 || row == num_options ||
                (s > 0 && !cli_config_is_shared(command, entry->name)) || given->is_given[row] ||
                was_set[row] || (resumes && options[row].shapes_scan) ||
                (names_groups && strcmp(entry->name, "input") == 0)) {
                continue;
            }
            enum tc_status status = set_entry(config, entry, &options[row], error);
            if (status != TC_OK) {
                return status;
            }
            is_set[row] = true;
            if (out_lines != NULL) {
                out_lines[row] = entry->line;
            }
        }
    }
    return TC_OK;
}
