#include "rule_file.h"

#include <stdlib.h>
#include <string.h>

#include "text_file.h"
#include "tlscensus/buf.h"
#include "tlscensus/store.h"

#define VALUE_BYTES_MAX 4000

static const char *const k_severities[TC_RULE_SEVERITIES] = {"info", "low", "medium", "high",
                                                             "critical"};
static const char *const k_default_caps[TC_RULE_SEVERITIES] = {NULL, "A-", "B", "C", "F"};

enum header_key {
    KEY_ID = 0,
    KEY_SEVERITY,
    KEY_TITLE,
    KEY_WHY,
    KEY_REMEDY,
    KEY_SOURCE,
    KEY_CAP,
    KEY_VERDICT,
    KEY_COUNT
};
static const struct {
    const char *name;
    bool required;
} k_keys[KEY_COUNT] = {
    [KEY_ID] = {"id", true},         [KEY_SEVERITY] = {"severity", true},
    [KEY_TITLE] = {"title", true},   [KEY_WHY] = {"why", true},
    [KEY_REMEDY] = {"remedy", true}, [KEY_SOURCE] = {"source", true},
    [KEY_CAP] = {"cap", false},      [KEY_VERDICT] = {"verdict", false},
};

const char *tc_severity_str(unsigned severity)
{
    return severity < TC_RULE_SEVERITIES ? k_severities[severity] : "";
}

int tc_severity_parse(const char *word)
{
    for (int i = 0; i < TC_RULE_SEVERITIES; i++) {
        if (strcmp(word, k_severities[i]) == 0) {
            return i;
        }
    }
    return -1;
}

const char *tc_rule_cap(const struct tc_rule_file *rule, unsigned severity)
{
    if (rule->is_trust || severity >= TC_RULE_SEVERITIES) {
        return NULL;
    }
    return rule->cap[0] != '\0' ? rule->cap : k_default_caps[severity];
}

/* Where the reader stands, and what it has read. */
struct reader {
    const char *path;
    const char *next; /* the first byte that was not read */
    const char *end;
    unsigned line;                /* the line that was read last, from 1 */
    unsigned key_line[KEY_COUNT]; /* 0 where the key was not there */
    struct tc_buf values[KEY_COUNT];
};

struct span {
    const char *data;
    size_t len;
};

static struct span trim(struct span span)
{
    while (span.len > 0 && strchr(" \t\r", span.data[0]) != NULL) {
        span.data++;
        span.len--;
    }
    while (span.len > 0 && strchr(" \t\r", span.data[span.len - 1]) != NULL) {
        span.len--;
    }
    return span;
}

/* The next line without its end, not yet taken. */
static struct span peek_line(const struct reader *reader)
{
    struct span line = {reader->next, (size_t)(reader->end - reader->next)};
    const char *newline = line.len == 0 ? NULL : memchr(line.data, '\n', line.len);
    if (newline != NULL) {
        line.len = (size_t)(newline - line.data);
    }
    return line;
}

static void take_line(struct reader *reader, struct span line)
{
    reader->next = line.data + line.len;
    if (reader->next < reader->end) {
        reader->next++; /* the line's end */
    }
    reader->line++;
}

static int find_key(struct span name)
{
    for (int i = 0; i < KEY_COUNT; i++) {
        if (strlen(k_keys[i].name) == name.len &&
            memcmp(k_keys[i].name, name.data, name.len) == 0) {
            return i;
        }
    }
    return -1;
}

/* `content` is what follows the `--` of a header line. `*key` is the one that a line continues. */
static enum tc_status read_header_line(struct reader *reader, int *key, struct span content,
                                       struct tc_error *error)
{
    const char *path = reader->path;
    bool continues = content.len > 3 && memcmp(content.data, "   ", 3) == 0;
    struct span value = trim(content);
    if (!continues) {
        const char *colon = memchr(value.data, ':', value.len);
        if (colon == NULL) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s:%u: not `-- key: value`; end the header with a line of only --",
                           path, reader->line);
        }
        struct span name = trim((struct span){value.data, (size_t)(colon - value.data)});
        *key = find_key(name);
        if (*key < 0) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s:%u: unknown key `%.*s`: the keys are id, severity, title, why, "
                           "remedy, source, cap and verdict",
                           path, reader->line, (int)(name.len > 40 ? 40 : name.len), name.data);
        }
        if (reader->key_line[*key] != 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%u: %s was given on line %u already", path,
                           reader->line, k_keys[*key].name, reader->key_line[*key]);
        }
        reader->key_line[*key] = reader->line;
        value.len -= (size_t)(colon + 1 - value.data);
        value.data = colon + 1;
        value = trim(value);
    } else if (*key < 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: continues a value, but there is none above it",
                       path, reader->line);
    }
    struct tc_buf *out = &reader->values[*key];
    if (out->len > 0 && value.len > 0) {
        tc_buf_add_char(out, ' ');
    }
    if (tc_buf_add(out, value.data, value.len) == TC_ERR_LIMIT) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: %s is longer than %d bytes", path, reader->line,
                       k_keys[*key].name, VALUE_BYTES_MAX);
    }
    return out->failed;
}

static enum tc_status read_header(struct reader *reader, struct tc_error *error)
{
    int key = -1;
    while (reader->next < reader->end) {
        struct span line = peek_line(reader);
        if (line.len < 2 || memcmp(line.data, "--", 2) != 0) {
            return TC_OK;
        }
        take_line(reader, line);
        struct span content = {line.data + 2, line.len - 2};
        if (trim(content).len == 0) {
            return TC_OK;
        }
        enum tc_status status = read_header_line(reader, &key, content, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status check_required(const struct reader *reader, struct tc_error *error)
{
    for (int i = 0; i < KEY_COUNT; i++) {
        if (k_keys[i].required && reader->key_line[i] == 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:1: the header has no %s", reader->path,
                           k_keys[i].name);
        }
        if (reader->key_line[i] != 0 && reader->values[i].len == 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%u: %s is empty", reader->path,
                           reader->key_line[i], k_keys[i].name);
        }
    }
    return TC_OK;
}

static bool is_id(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= TC_RULE_ID_MAX && text[0] >= 'a' && text[0] <= 'z' &&
           text[len - 1] != '-' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static enum tc_status check_values(struct tc_rule_file *rule, const struct reader *reader,
                                   const char *id, struct tc_error *error)
{
    static const char *const caps[] = {"A-", "B", "C", "F"};
    const char *path = reader->path;
    const unsigned *line = reader->key_line;
    const char *given = reader->values[KEY_ID].data;
    if (!is_id(given)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s:%u: id `%.70s`: at most %d small letters, digits and hyphens, a letter "
                       "first",
                       path, line[KEY_ID], given, TC_RULE_ID_MAX);
    }
    if (strcmp(given, id) != 0) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: id `%s` needs a file of that name: %s.sql",
                       path, line[KEY_ID], given, given);
    }
    int severity = tc_severity_parse(reader->values[KEY_SEVERITY].data);
    if (severity < 0) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s:%u: severity `%.40s`: write info, low, medium, high or critical", path,
                       line[KEY_SEVERITY], reader->values[KEY_SEVERITY].data);
    }
    rule->severity = (unsigned)severity;
    if (line[KEY_VERDICT] != 0) {
        if (strcmp(reader->values[KEY_VERDICT].data, "trust") != 0) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%u: verdict `%.40s`: only trust is one", path,
                           line[KEY_VERDICT], reader->values[KEY_VERDICT].data);
        }
        rule->is_trust = true;
    }
    if (line[KEY_CAP] == 0) {
        return TC_OK;
    }
    if (rule->is_trust) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: a trust rule makes the verdict and has no cap",
                       path, line[KEY_CAP]);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(caps); i++) {
        if (strcmp(reader->values[KEY_CAP].data, caps[i]) == 0) {
            memcpy(rule->cap, caps[i], strlen(caps[i]) + 1);
            return TC_OK;
        }
    }
    return tc_fail(error, TC_ERR_INPUT, "%s:%u: cap `%.40s`: write A-, B, C or F", path,
                   line[KEY_CAP], reader->values[KEY_CAP].data);
}

static enum tc_status keep(struct tc_rule_file *rule, struct reader *reader)
{
    rule->path = strdup(reader->path);
    rule->sql = strndup(reader->next, (size_t)(reader->end - reader->next));
    rule->sql_line = reader->line + 1;
    rule->id = tc_buf_take(&reader->values[KEY_ID]);
    rule->title = tc_buf_take(&reader->values[KEY_TITLE]);
    rule->why = tc_buf_take(&reader->values[KEY_WHY]);
    rule->remedy = tc_buf_take(&reader->values[KEY_REMEDY]);
    rule->source = tc_buf_take(&reader->values[KEY_SOURCE]);
    bool whole = rule->path != NULL && rule->sql != NULL && rule->id != NULL &&
                 rule->title != NULL && rule->why != NULL && rule->remedy != NULL &&
                 rule->source != NULL;
    return whole ? TC_OK : TC_ERR_NOMEM;
}

enum tc_status tc_rule_file_parse(struct tc_rule_file *out, const char *path, const char *id,
                                  const char *text, size_t len, struct tc_error *error)
{
    struct tc_rule_file rule = {0};
    struct reader reader = {.path = path, .next = text, .end = text + len};
    for (int i = 0; i < KEY_COUNT; i++) {
        tc_buf_init(&reader.values[i], VALUE_BYTES_MAX);
    }
    enum tc_status status = tc_text_check(path, text, len, error);
    if (status == TC_OK) {
        if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* an editor's byte order mark */
            reader.next += 3;
        }
        status = read_header(&reader, error);
    }
    if (status == TC_OK) {
        status = check_required(&reader, error);
    }
    if (status == TC_OK) {
        status = check_values(&rule, &reader, id, error);
    }
    if (status == TC_OK) {
        status = keep(&rule, &reader);
    }
    if (status == TC_ERR_NOMEM) {
        (void)tc_fail(error, status, "%s: out of memory", path);
    }
    if (status == TC_OK) {
        *out = rule;
    } else {
        tc_rule_file_cleanup(&rule);
    }
    for (int i = 0; i < KEY_COUNT; i++) {
        tc_buf_cleanup(&reader.values[i]);
    }
    return status;
}

void tc_rule_file_cleanup(struct tc_rule_file *rule)
{
    free(rule->id);
    free(rule->title);
    free(rule->why);
    free(rule->remedy);
    free(rule->source);
    free(rule->path);
    free(rule->sql);
    memset(rule, 0, sizeof *rule);
}
