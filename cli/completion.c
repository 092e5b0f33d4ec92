/* Completion for the shells, from the subcommands' own tables. */
#include "cli/completion.h"

#include <string.h>

#include "cli/commands.h"

/* What an option's argument names: the shell completes files and folders itself. */
enum argument_kind {
    ARGUMENT_NONE = 0,
    ARGUMENT_CHOICE,
    ARGUMENT_FILE,
    ARGUMENT_FOLDER,
    ARGUMENT_GROUP, /* of targets, in the file behind --config */
    ARGUMENT_WORD
};

/* The names of those groups; the file's name follows. */
#define SED_GROUPS "sed -n 's/^[ \\t]*\\[targets[ \\t][ \\t]*\\([^]]*\\)\\].*/\\1/p'"

static enum argument_kind kind_of(const struct cli_option *option)
{
    if (option->argument == NULL) {
        return ARGUMENT_NONE;
    }
    if (option->type == CLI_CHOICE) {
        return ARGUMENT_CHOICE;
    }
    if (strcmp(option->argument, "FILE") == 0) {
        return ARGUMENT_FILE;
    }
    if (strcmp(option->argument, "GROUP") == 0) {
        return ARGUMENT_GROUP;
    }
    return strcmp(option->argument, "DIR") == 0 ? ARGUMENT_FOLDER : ARGUMENT_WORD;
}

static void print_choices(FILE *out, const struct cli_option *option)
{
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        fprintf(out, "%s%s", i > 0 ? " " : "", option->choices[i]);
    }
}

static void print_names(FILE *out)
{
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    for (size_t i = 0; i < num; i++) {
        fprintf(out, "%s ", subcommands[i].name);
    }
    fputs("help", out);
}

/* `text` inside single quotes: a quote in it ends them, stands alone, and begins them again. */
static void print_quoted(FILE *out, const char *text, const char *also_escaped)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else {
            fprintf(out, "%s%c", strchr(also_escaped, *text) != NULL ? "\\" : "", *text);
        }
    }
}

/* ---- bash ---- */

static void print_bash_value(FILE *out, const char *command, const struct cli_option *option)
{
    static const char *const k_generators[] = {[ARGUMENT_FILE] = "-f",
                                               [ARGUMENT_FOLDER] = "-d",
                                               [ARGUMENT_GROUP] = "-W '\\$(_tlscensus_groups)'",
                                               [ARGUMENT_WORD] = "-W ''"};
    enum argument_kind kind = kind_of(option);
    if (kind == ARGUMENT_NONE) {
        return;
    }
    fprintf(out, "    '%s --%s'", command, option->name);
    if (option->letter != 0) {
        fprintf(out, " | '%s -%c'", command, option->letter);
    }
    fputs(") generate=\"", out);
    if (kind == ARGUMENT_CHOICE) {
        fputs("-W '", out);
        print_choices(out, option);
        fputs("'", out);
    } else {
        fputs(k_generators[kind], out);
    }
    fputs("\" ;;\n", out);
}

static void print_bash_values(void *context, const struct cli_command *command,
                              const struct cli_option *options, size_t num_options)
{
    for (size_t i = 0; i < num_options; i++) {
        print_bash_value(context, command->name, &options[i]);
    }
    fprintf(context, "    '%s --config') generate=-f ;;\n", command->name);
}

static void print_bash_options(void *context, const struct cli_command *command,
                               const struct cli_option *options, size_t num_options)
{
    fprintf(context, "    %s) words='", command->name);
    for (size_t i = 0; i < num_options; i++) {
        fprintf(context, "--%s ", options[i].name);
    }
    fputs("--config --print-config --help' ;;\n", context);
}

static void each_table(cli_table_visitor *visit, FILE *out)
{
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    for (size_t i = 0; i < num; i++) {
        cli_visit_table(&subcommands[i], visit, out);
    }
}

static void print_bash(FILE *out)
{
    fputs("# Completion of tlscensus for bash; made by `tlscensus help --completion bash`.\n"
          "_tlscensus_groups()\n"
          "{\n"
          "  local i\n"
          "  for ((i = 1; i + 1 < ${#COMP_WORDS[@]}; i++)); do\n"
          "    [ \"${COMP_WORDS[i]}\" = --config ] || continue\n"
          "    [ \"${COMP_WORDS[i + 1]}\" != = ] || ((i++))\n"
          "    " SED_GROUPS " \"${COMP_WORDS[i + 1]/#\\~/$HOME}\" 2>/dev/null </dev/null\n"
          "  done\n"
          "}\n"
          "_tlscensus()\n"
          "{\n"
          "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "  local subcommand=${COMP_WORDS[1]} generate= words=\n"
          "  if [ \"$current\" = = ]; then current=; else\n"
          "    [ \"$previous\" != = ] || previous=${COMP_WORDS[COMP_CWORD - 2]}  # bash splits "
          "there\n"
          "  fi\n"
          "  if [ \"$COMP_CWORD\" = 1 ] || { [ \"$COMP_CWORD\" = 2 ] && [ \"$subcommand\" = help "
          "]; }; "
          "then\n"
          "    mapfile -t COMPREPLY < <(compgen -W '",
          out);
    print_names(out);
    fputs("' -- \"$current\")\n"
          "    return\n"
          "  fi\n"
          "  case \"$subcommand $previous\" in\n"
          "    'config config') generate=\"-W check\" ;;\n",
          out);
    each_table(print_bash_values, out);
    fputs("  esac\n"
          "  if [ -n \"$generate\" ]; then\n"
          "    mapfile -t COMPREPLY < <(eval \"compgen $generate -- \\\"\\$current\\\"\")\n"
          "    return\n"
          "  fi\n"
          "  case $subcommand in\n",
          out);
    each_table(print_bash_options, out);
    fputs("  esac\n"
          "  case $current in\n"
          "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
          "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
          "  esac\n"
          "}\n"
          "complete -o filenames -F _tlscensus tlscensus\n",
          out);
}

/* ---- zsh ---- */

static void print_zsh_option(FILE *out, const struct cli_option *option)
{
    static const char *const k_actions[] = {[ARGUMENT_FILE] = "_files",
                                            [ARGUMENT_FOLDER] = "_files -/",
                                            [ARGUMENT_GROUP] = "_tlscensus_groups"};
    enum argument_kind kind = kind_of(option);
    const char *many = cli_is_list(option->type) ? "*" : "";
    if (option->letter != 0 && !cli_is_list(option->type)) {
        fprintf(out, "        '(-%c --%s)'{-%c,--%s}'[", option->letter, option->name,
                option->letter, option->name);
    } else if (option->letter != 0) {
        fprintf(out, "        '*'{-%c,--%s}'[", option->letter, option->name);
    } else {
        fprintf(out, "        '%s--%s[", many, option->name);
    }
    print_quoted(out, option->help, "[]:\\");
    fputs("]", out);
    if (kind != ARGUMENT_NONE) {
        fprintf(out, ":%s:", option->argument);
        if (kind == ARGUMENT_CHOICE) {
            fputs("(", out);
            print_choices(out, option);
            fputs(")", out);
        } else {
            fputs(kind == ARGUMENT_WORD ? " " : k_actions[kind], out);
        }
    }
    fputs("' \\\n", out);
}

static void print_zsh_table(void *context, const struct cli_command *command,
                            const struct cli_option *options, size_t num_options)
{
    FILE *out = context;
    fprintf(out, "    %s)\n      _arguments -s \\\n", command->name);
    for (size_t i = 0; i < num_options; i++) {
        print_zsh_option(out, &options[i]);
    }
    fputs("        '--config[Read options from a configuration file]:FILE:_files' \\\n"
          "        '--print-config[Print every option, its value and where it comes from]' \\\n"
          "        '(- *)'{-h,--help}'[All of this subcommand]' \\\n"
          "        '*:: :_files' ;;\n",
          out);
}

static void print_zsh(FILE *out)
{
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    fputs("#compdef tlscensus\n"
          "# Completion of tlscensus for zsh; made by `tlscensus help --completion zsh`.\n"
          "_tlscensus_groups() {\n"
          "  local -a groups\n"
          "  groups=(${(f)\"$(" SED_GROUPS
          " ${(Q)~words[${words[(i)--config]} + 1]} 2>/dev/null </dev/null)\"})\n"
          "  compadd -a groups\n"
          "}\n"
          "local -a subcommands\n"
          "subcommands=(\n",
          out);
    for (size_t i = 0; i < num; i++) {
        fprintf(out, "  '%s:", subcommands[i].name);
        print_quoted(out, subcommands[i].summary, ":\\");
        fputs("'\n", out);
    }
    fputs("  'help:The help of a subcommand'\n"
          ")\n"
          "if (( CURRENT == 2 )); then\n"
          "  _describe subcommand subcommands\n"
          "else\n"
          "  shift words\n"
          "  (( CURRENT-- ))\n"
          "  case $words[1] in\n",
          out);
    each_table(print_zsh_table, out);
    fputs("    help) _describe subcommand subcommands ;;\n"
          "  esac\n"
          "fi\n",
          out);
}

/* ---- fish ---- */

static void print_fish_option(FILE *out, const char *command, const struct cli_option *option)
{
    enum argument_kind kind = kind_of(option);
    fprintf(out, "complete -c tlscensus -n '__fish_seen_subcommand_from %s' -l %s", command,
            option->name);
    if (option->letter != 0) {
        fprintf(out, " -s %c", option->letter);
    }
    if (kind == ARGUMENT_CHOICE) {
        fputs(" -x -a '", out);
        print_choices(out, option);
        fputs("'", out);
    } else if (kind == ARGUMENT_FOLDER) {
        fputs(" -x -a '(__fish_complete_directories)'", out);
    } else if (kind == ARGUMENT_GROUP) {
        fputs(" -x -a '(__tlscensus_groups)'", out);
    } else if (kind != ARGUMENT_NONE) {
        fputs(kind == ARGUMENT_FILE ? " -r -F" : " -x", out);
    }
    fputs(" -d '", out);
    for (const char *text = option->help; *text != '\0'; text++) {
        fprintf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    }
    fputs("'\n", out);
}

static void print_fish_table(void *context, const struct cli_command *command,
                             const struct cli_option *options, size_t num_options)
{
    static const struct cli_option k_common[] = {
        {.name = "config",
         .argument = "FILE",
         .type = CLI_TEXT,
         .help = "Read options from a configuration file"},
        {.name = "print-config", .help = "Print every option, its value and where it comes from"},
        {.name = "help", .letter = 'h', .help = "All of this subcommand"},
    };
    for (size_t i = 0; i < num_options; i++) {
        print_fish_option(context, command->name, &options[i]);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_common); i++) {
        print_fish_option(context, command->name, &k_common[i]);
    }
}

static void print_fish(FILE *out)
{
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    fputs("# Completion of tlscensus for fish; made by `tlscensus help --completion fish`.\n"
          "function __tlscensus_groups\n"
          "  set -l words (commandline -opc)\n"
          "  set -l place (contains -i -- --config $words); or return\n"
          "  " SED_GROUPS " $words[(math $place + 1)] 2>/dev/null </dev/null\n"
          "end\n",
          out);
    for (size_t i = 0; i < num; i++) {
        fprintf(out, "complete -c tlscensus -f -n __fish_use_subcommand -a %s -d '%s'\n",
                subcommands[i].name, subcommands[i].summary);
    }
    fputs(
        "complete -c tlscensus -f -n __fish_use_subcommand -a help -d 'The help of a subcommand'\n",
        out);
    each_table(print_fish_table, out);
}

bool cli_print_completion(FILE *out, const char *shell)
{
    static const struct {
        const char *shell;
        void (*print)(FILE *out);
    } k_shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_shells); i++) {
        if (strcmp(k_shells[i].shell, shell) == 0) {
            k_shells[i].print(out);
            return true;
        }
    }
    return false;
}
