/* tlscensus rules: every rule with its severity, title and source. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "tlscensus/store.h"

static const char *const k_examples[] = {
    "tlscensus rules",
    "every rule: id, severity, title, source",
    "tlscensus rules cert-expiring",
    "one rule in full, with why and what to do",
    NULL,
};
static const struct cli_command k_command = {
    .name = "rules",
    .usage = "[ID] [--rules DIR]",
    .summary = "List the rules that findings come from.",
    .examples = k_examples,
};

struct rule_list {
    const char *wanted; /* NULL: all, a line each */
    bool found;
};

static void print_rule(void *context, const struct tc_rule *rule)
{
    struct rule_list *list = context;
    if (list->wanted == NULL) {
        printf("%-28s %-8s  %s  (%s)%s\n", rule->id, tc_severity_str(rule->severity), rule->title,
               rule->source, rule->is_builtin ? "" : " [yours]");
        return;
    }
    if (strcmp(list->wanted, rule->id) != 0) {
        return;
    }
    list->found = true;
    printf("%s\n\nid        %s\nseverity  %s\n", rule->title, rule->id,
           tc_severity_str(rule->severity));
    if (rule->is_trust) {
        printf("verdict   trust: makes the grade T or M, and does not cap the configuration\n");
    } else if (rule->cap[0] != '\0') {
        printf("cap       %s at best\n", rule->cap);
    }
    printf("why       %s\nremedy    %s\nsource    %s\n", rule->why, rule->remedy, rule->source);
}

int cli_rules(int argc, char **argv)
{
    const char *rules = NULL;
    struct cli_talk_settings talk = {.quiet = false};
    struct cli_option rows[1 + CLI_TALK_OPTIONS_NUM] = {
        {.name = "rules",
         .type = CLI_TEXT,
         .value = &rules,
         .argument = "DIR",
         .group = "What",
         .help = "Rules of your own too; the same id replaces ours"}};
    struct rule_list list = {.wanted = NULL};
    struct tc_error error = {""};
    int first = 0;
    int result = CLI_DONE;
    cli_talk_options(rows + 1, &talk);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &talk, argc, argv, &first, &result)) {
        return result;
    }
    list.wanted = first < argc ? argv[first] : NULL;
    enum tc_status status = tc_rules_each(rules, print_rule, &list, &error);
    if (status == TC_OK && list.wanted != NULL && !list.found) {
        status = tc_fail(&error, TC_ERR_INPUT, "%s: no such rule; tlscensus rules lists them",
                         list.wanted);
    }
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}
