#include "cli/stored_options.h"

#include <stdlib.h>
#include <string.h>

#include "tlscensus/sql.h"
#include "tlscensus/target.h"

#define STORED_GROUPS "groups" /* the key of the groups, an object each */
#define STORED_NAME   "name"   /* and in it, of the group's name */

static void add_json_text(struct tc_buf *out, const char *text, size_t len)
{
    tc_buf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            tc_buf_addf(out, "\\%c", c);
        } else if (c < 0x20) {
            tc_buf_addf(out, "\\u%04x", c);
        } else {
            tc_buf_add_char(out, (char)c);
        }
    }
    tc_buf_add_char(out, '"');
}

static void add_json_list(struct tc_buf *out, const char *name, const char *const *items,
                          size_t num_items)
{
    add_json_text(out, name, strlen(name));
    tc_buf_add_str(out, ":[");
    for (size_t i = 0; i < num_items; i++) {
        tc_buf_add_str(out, i > 0 ? "," : "");
        add_json_text(out, items[i], strlen(items[i]));
    }
    tc_buf_add_char(out, ']');
}

/* Targets are stored for --resume, but no password that somebody put into one. */
static void add_targets(struct tc_buf *out, const char *name, const char *const *targets,
                        size_t num_targets)
{
    add_json_text(out, name, strlen(name));
    tc_buf_add_str(out, ":[");
    for (size_t i = 0; i < num_targets; i++) {
        struct tc_buf kept;
        tc_buf_init(&kept, strlen(targets[i]) * 3 + 8); /* three octets for one at most */
        tc_target_add_kept_text(&kept, targets[i], strlen(targets[i]));
        tc_buf_add_str(out, i > 0 ? "," : "");
        add_json_text(out, kept.data != NULL ? kept.data : "", kept.len);
        tc_buf_cleanup(&kept);
    }
    tc_buf_add_char(out, ']');
}

void cli_add_bare_proxy(struct tc_buf *out, const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *authority = scheme_end != NULL ? scheme_end + 3 : url;
    const char *at = strrchr(authority, '@');
    tc_buf_add(out, url, (size_t)(authority - url));
    tc_buf_add_str(out, at != NULL ? at + 1 : authority);
}

static void add_json_proxy(struct tc_buf *out, const char *url)
{
    struct tc_buf bare;
    tc_buf_init(&bare, 1024);
    cli_add_bare_proxy(&bare, url);
    add_json_text(out, bare.data != NULL ? bare.data : "", bare.len);
    tc_buf_cleanup(&bare);
}

static void add_option(struct tc_buf *out, const struct cli_option *option)
{
    struct tc_buf value;
    tc_buf_init(&value, 65536);
    cli_option_value(&value, option);
    const struct cli_list *list = cli_is_list(option->type) ? option->value : NULL;
    bool is_set = list != NULL ? list->num_items > 0 : value.len > 0;
    if (is_set && option->shapes_scan) {
        tc_buf_add_str(out, out->len > 1 ? "," : "");
    }
    if (!is_set || !option->shapes_scan) {
        tc_buf_cleanup(&value);
        return;
    }
    if (list != NULL && strcmp(option->name, CLI_GROUP_TARGET) == 0) {
        add_targets(out, option->name, list->items, list->num_items);
    } else if (list != NULL) {
        add_json_list(out, option->name, list->items, list->num_items);
    } else {
        add_json_text(out, option->name, strlen(option->name));
        tc_buf_add_char(out, ':');
        if (strcmp(option->name, "proxy") == 0) {
            add_json_proxy(out, value.data);
        } else {
            add_json_text(out, value.data, value.len);
        }
    }
    tc_buf_cleanup(&value);
}

static void add_groups(struct tc_buf *out, const struct cli_groups *groups)
{
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    tc_buf_add_str(out, "\"" STORED_GROUPS "\":[");
    for (size_t i = 0; i < groups->num_items; i++) {
        const struct cli_group *group = &groups->items[i];
        cli_group_options(rows, &groups->items[i]);
        tc_buf_add_str(out, i > 0 ? ",{\"" STORED_NAME "\":" : "{\"" STORED_NAME "\":");
        add_json_text(out, group->name, strlen(group->name));
        for (size_t j = 0; j < CLI_GROUP_OPTIONS_NUM; j++) {
            add_option(out, &rows[j]);
        }
        tc_buf_add_char(out, '}');
    }
    tc_buf_add_char(out, ']');
}

/* Targets and names of lists of one group, or of none. */
struct share {
    const struct cli_group *group;
    size_t num;
    size_t bytes;
};

static void add_share(struct share *share, const char *const *texts, size_t num)
{
    share->num += num;
    for (size_t i = 0; i < num; i++) {
        share->bytes += strlen(texts[i]);
    }
}

/* Whose are the most. */
static enum tc_status fail_too_long(const struct cli_option *options, size_t num_options,
                                    const struct cli_groups *groups, const char *const *targets,
                                    size_t num_targets, struct tc_error *error)
{
    struct share most = {.group = NULL};
    add_share(&most, targets, num_targets);
    for (size_t i = 0; i < num_options; i++) {
        if (cli_is_list(options[i].type) && options[i].shapes_scan) {
            const struct cli_list *list = options[i].value;
            add_share(&most, list->items, list->num_items);
        }
    }
    for (size_t i = 0; groups != NULL && i < groups->num_items; i++) {
        struct share share = {.group = &groups->items[i]};
        add_share(&share, share.group->targets.items, share.group->targets.num_items);
        add_share(&share, share.group->inputs.items, share.group->inputs.num_items);
        most = share.bytes > most.bytes ? share : most;
    }
    return tc_fail(error, TC_ERR_INPUT,
                   "%s%.60s%s: %zu targets and lists of %zu bytes: a scan keeps at most %u bytes "
                   "of them and its options for --resume; write targets into one list, one a line, "
                   "and name it with %s",
                   most.group != NULL ? "[targets " : "outside groups",
                   most.group != NULL ? most.group->name : "", most.group != NULL ? "]" : "",
                   most.num, most.bytes, CLI_OPTIONS_JSON_MAX,
                   most.group != NULL ? "input = FILE" : "-i FILE");
}

enum tc_status cli_options_to_json(struct tc_buf *out, const struct cli_option *options,
                                   size_t num_options, const struct cli_groups *groups,
                                   const char *const *targets, size_t num_targets,
                                   struct tc_error *error)
{
    tc_buf_add_char(out, '{');
    for (size_t i = 0; i < num_options; i++) {
        add_option(out, &options[i]);
    }
    if (groups != NULL && groups->num_items > 0) {
        tc_buf_add_str(out, out->len > 1 ? "," : "");
        add_groups(out, groups);
    }
    if (num_targets > 0) {
        tc_buf_add_str(out, out->len > 1 ? "," : "");
        add_targets(out, CLI_STORED_TARGETS, targets, num_targets);
    }
    enum tc_status status = tc_buf_add_char(out, '}');
    return status == TC_ERR_LIMIT
               ? fail_too_long(options, num_options, groups, targets, num_targets, error)
               : status;
}

/* Where what was stored goes to. */
struct restoring {
    const struct cli_option *options;
    size_t num_options;
    struct cli_list *targets; /* NULL in a group */
    struct cli_groups *groups;
    struct cli_group *group; /* of which `options` are; NULL: the scan's */
    struct cli_arena *arena;
    struct tc_store *store;
};

static enum tc_status restore_object(const struct restoring *restoring, const char *json,
                                     struct tc_error *error);

/* An object of its own, whose texts the arena has already. */
static enum tc_status restore_group(const struct restoring *restoring, const char *json,
                                    struct tc_error *error)
{
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    struct restoring inner = *restoring;
    inner.group = cli_groups_add(restoring->groups, "");
    if (inner.group == NULL) {
        return TC_ERR_NOMEM;
    }
    cli_group_options(rows, inner.group);
    inner.options = rows;
    inner.num_options = CLI_GROUP_OPTIONS_NUM;
    return restore_object(&inner, json, error);
}

static enum tc_status restore(const struct restoring *restoring, const char *name,
                              const char *value, struct tc_error *error)
{
    const struct cli_option target_row = {
        .name = CLI_STORED_TARGETS, .type = CLI_LIST, .value = restoring->targets};
    if (restoring->group != NULL && strcmp(name, STORED_NAME) == 0) {
        restoring->group->name = value;
        return TC_OK;
    }
    if (restoring->group == NULL && strcmp(name, STORED_GROUPS) == 0) {
        return restore_group(restoring, value, error);
    }
    if (restoring->group == NULL && strcmp(name, CLI_STORED_TARGETS) == 0) {
        return cli_set(&target_row, 1, name, value, error);
    }
    return cli_set(restoring->options, restoring->num_options, name, value, error);
}

static enum tc_status restore_object(const struct restoring *restoring, const char *json,
                                     struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, restoring->store, tc_sql_options_read, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_text(rows, ":options", json);
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        const char *name = cli_arena_copy(restoring->arena, tc_rows_text(rows, 0));
        const char *value = cli_arena_copy(restoring->arena, tc_rows_text(rows, 1));
        status =
            name == NULL || value == NULL ? TC_ERR_NOMEM : restore(restoring, name, value, error);
        if (status != TC_OK) {
            break;
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status cli_options_from_json(const struct cli_option *options, size_t num_options,
                                     struct cli_list *targets, struct cli_groups *groups,
                                     struct cli_arena *arena, struct tc_store *store,
                                     const char *json, struct tc_error *error)
{
    const struct restoring restoring = {
        .options = options,
        .num_options = num_options,
        .targets = targets,
        .groups = groups,
        .arena = arena,
        .store = store,
    };
    return restore_object(&restoring, json, error);
}
