#include "cli/target_defaults.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char k_blanks[] = " \t";
static const char k_group[] = "group"; /* the label with a group's name */

/* Where name and value lie in NAME=VALUE, blanks around them left out. */
struct label_parts {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

static size_t without_blanks(const char *text, size_t len)
{
    while (len > 0 && strchr(k_blanks, text[len - 1]) != NULL) {
        len--;
    }
    return len;
}

static bool split(struct label_parts *out, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        return false;
    }
    const char *name = text + strspn(text, k_blanks);
    const char *value = equals + 1 + strspn(equals + 1, k_blanks);
    *out = (struct label_parts){
        .name = name,
        .name_len = name < equals ? without_blanks(name, (size_t)(equals - name)) : 0,
        .value = value,
        .value_len = without_blanks(value, strlen(value)),
    };
    return out->name_len > 0 && out->value_len > 0;
}

enum tc_status cli_check_label(const char *text, struct tc_error *error)
{
    struct label_parts parts;
    return split(&parts, text) ? TC_OK
                               : tc_fail(error, TC_ERR_INPUT, "not NAME=VALUE, such as unit=Mail");
}

enum tc_status cli_check_ports(const char *text, struct tc_error *error)
{
    struct tc_target_ports ports = {.num_ports = 0};
    return tc_target_ports_add(&ports, text, error);
}

/* A copy that ends with its text; NULL when out of memory. */
static const char *copy(struct cli_arena *arena, const char *text, size_t len)
{
    char *cut = strndup(text, len);
    const char *kept = cut != NULL ? cli_arena_copy(arena, cut) : NULL;
    free(cut);
    return kept;
}

/* The place of a label of that name, `num_labels` where there is none. */
static size_t find_label(const struct cli_target_defaults *defaults, const char *name)
{
    size_t i = 0;
    while (i < defaults->num_labels && strcasecmp(defaults->labels[i].name, name) != 0) {
        i++;
    }
    return i;
}

static enum tc_status put_label(struct cli_target_defaults *defaults, const char *name,
                                const char *value, struct tc_error *error)
{
    if (name == NULL || value == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    size_t place = find_label(defaults, name);
    if (place >= CLI_LABELS_MAX) {
        return tc_fail(error, TC_ERR_INPUT, "more than %d labels", CLI_LABELS_MAX);
    }
    defaults->num_labels += place == defaults->num_labels;
    defaults->labels[place] = (struct tc_label){.name = name, .value = value};
    return TC_OK;
}

enum tc_status cli_target_defaults_add(struct cli_target_defaults *defaults,
                                       const struct cli_list *ports, const struct cli_list *labels,
                                       struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (ports->num_items > 0) {
        defaults->ports.num_ports = 0;
    }
    for (size_t i = 0; i < ports->num_items && status == TC_OK; i++) {
        status = tc_target_ports_add(&defaults->ports, ports->items[i], error);
    }
    for (size_t i = 0; i < labels->num_items && status == TC_OK; i++) {
        struct label_parts parts;
        if (!split(&parts, labels->items[i])) {
            return tc_fail(error, TC_ERR_INPUT, "label %.60s: not NAME=VALUE", labels->items[i]);
        }
        status = put_label(defaults, copy(&defaults->arena, parts.name, parts.name_len),
                           copy(&defaults->arena, parts.value, parts.value_len), error);
    }
    return status;
}

enum tc_status cli_target_defaults_name(struct cli_target_defaults *defaults, const char *group,
                                        struct tc_error *error)
{
    if (find_label(defaults, k_group) < defaults->num_labels) {
        return TC_OK;
    }
    const char *value = cli_arena_copy(&defaults->arena, group);
    if (value == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    defaults->labels[defaults->num_labels++] = (struct tc_label){.name = k_group, .value = value};
    return TC_OK;
}

void cli_target_defaults_cleanup(struct cli_target_defaults *defaults)
{
    cli_arena_cleanup(&defaults->arena);
    *defaults = (struct cli_target_defaults){.num_labels = 0};
}

struct tc_target_defaults cli_target_defaults_get(const struct cli_target_defaults *defaults)
{
    return (struct tc_target_defaults){
        .ports = defaults->ports.num_ports > 0 ? &defaults->ports : NULL,
        .labels = defaults->labels,
        .num_labels = defaults->num_labels,
    };
}
