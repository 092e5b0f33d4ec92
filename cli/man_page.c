#include "cli/man_page.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/version.h"

void cli_man_head(FILE *out, const char *page, const char *section, const char *date)
{
    fputs(".\\\" Made by the program from its own tables.\n.TH ", out);
    for (; *page != '\0'; page++) {
        fputc(*page >= 'a' && *page <= 'z' ? *page - 'a' + 'A' : *page, out);
    }
    fprintf(out, " %s \"%s\" \"%s\" \"%s\"\n", section, date, CLI_VERSION,
            section[0] == '1' ? "User Commands" : "File Formats");
}

/* ---- subcommands ---- */

struct subcommand_page {
    FILE *out;
    const char *date;
};

static void print_examples(FILE *out, const char *const *examples)
{
    if (examples == NULL || examples[0] == NULL) {
        return;
    }
    fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; examples[i] != NULL; i += 2) {
        fputs(".TP\n.B ", out);
        cli_print_roff(out, examples[i]);
        fputc('\n', out);
        cli_print_roff(out, examples[i + 1]);
        fputc('\n', out);
    }
}

static void print_subcommand(void *context, const struct cli_command *command,
                             const struct cli_option *options, size_t num_options)
{
    const struct subcommand_page *page = context;
    FILE *out = page->out;
    char name[64];
    snprintf(name, sizeof name, "tlscensus-%s", command->name);
    cli_man_head(out, name, "1", page->date);
    size_t summary_len = strlen(command->summary); /* whatis(1) wants no full stop */
    summary_len -= summary_len > 0 && command->summary[summary_len - 1] == '.' ? 1 : 0;
    fprintf(out, ".SH NAME\ntlscensus\\-%s \\- %.*s", command->name, (int)summary_len,
            command->summary);
    fprintf(out, "\n.SH SYNOPSIS\n.B tlscensus %s\n", command->name);
    cli_print_roff(out, command->usage);
    fputs("\n.SH OPTIONS\n", out);
    cli_man_options(out, options, num_options);
    fputs(
        ".PP\n.I All subcommands\n.TP\n\\fB\\-\\-config\\fR \\fIFILE\\fR\n"
        "Read options from a configuration file (\\fBtlscensus\\-config\\fR(5)); what the command "
        "line gives, wins.\n"
        ".TP\n\\fB\\-\\-print\\-config\\fR\n"
        "Print every option, its value and where it comes from, and do nothing else.\n"
        ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nSummary of the options.\n",
        out);
    print_examples(out, command->examples);
    fputs(".SH EXIT STATUS\n0 done; 1 done, and something that was asked for with an option was "
          "found; 2 usage, configuration or an input that cannot be used; 3 could not do the job; "
          "130 interrupted after an orderly stop; 141 the same, since nobody reads the stream of "
          "scan \\-\\-format jsonl.\n"
          ".SH SEE ALSO\n.BR tlscensus (1),\n.BR tlscensus\\-config (5),\n"
          ".BR tlscensus\\-database (5)\n",
          out);
}

bool cli_man_subcommand(FILE *out, const char *name, const char *date)
{
    struct subcommand_page page = {.out = out, .date = date};
    const struct cli_subcommand *subcommand = cli_find_subcommand(name);
    if (subcommand != NULL) {
        cli_visit_table(subcommand, print_subcommand, &page);
    }
    return subcommand != NULL;
}
