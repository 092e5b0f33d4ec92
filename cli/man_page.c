#include "cli/man_page.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/version.h"
#include "tlscensus/describe.h"

static void print_head(FILE *out, const char *page, const char *section, const char *date)
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
    print_head(out, name, "1", page->date);
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

/* ---- the database ---- */

struct database_page {
    FILE *out;
    bool is_view; /* the last one */
    bool has_any;
};

static void man_relation(void *context, const struct tc_relation *relation)
{
    struct database_page *page = context;
    if (!page->has_any || page->is_view != relation->is_view) {
        fputs(relation->is_view ? ".SH VIEWS\n" : ".SH TABLES\n", page->out);
    }
    page->has_any = true;
    page->is_view = relation->is_view;
    fprintf(page->out, ".SS %s\n", relation->name);
    cli_print_roff(page->out, relation->words);
    fputs(relation->words[0] != '\0' ? "\n" : "", page->out);
}

static void man_column(void *context, const struct tc_column *column)
{
    const struct database_page *page = context;
    if (page->is_view) { /* its columns have no words of their own: a list is enough */
        fprintf(page->out, ".br\n.B %s\n", column->name);
        return;
    }
    fprintf(page->out, ".TP\n.BR %s \" %s%s\"\n", column->name, column->type,
            column->is_key ? ", key" : "");
    cli_print_roff(page->out, column->words);
    fputs(column->words[0] != '\0' ? "\n" : "\\&\n", page->out);
}

static const char k_database_words[] =
    "A census is one SQLite file, so any program that reads SQLite reads it. Views are for people: "
    "names in words, columns as in the CSV files. Tables hold the facts as they were learned. "
    "Times "
    "end in _s (seconds since 1970-01-01 UTC) or _us (microseconds), sizes in _bytes. Hashes are "
    "BLOBs "
    "of 32 bytes. Booleans are 1, 0 or NULL, which is not measured. Code points of TLS are "
    "integers, "
    "named by registry_name. Facts never change after a scan; findings can be derived again.";

enum tc_status cli_man_database(FILE *out, const char *date, struct tc_error *error)
{
    struct database_page page = {.out = out};
    const struct tc_describe_hearer hearer = {
        .context = &page, .relation = man_relation, .column = man_column};
    print_head(out, "tlscensus-database", "5", date);
    fputs(".SH NAME\ntlscensus\\-database \\- the database of a TLS census\n.SH DESCRIPTION\n",
          out);
    cli_print_roff(out, k_database_words);
    fputc('\n', out);
    enum tc_status status = tc_store_describe(&hearer, error);
    fputs(".SH SEE ALSO\n.BR tlscensus (1),\n.BR sqlite3 (1)\n", out);
    return status;
}

static void help_relation(void *context, const struct tc_relation *relation)
{
    struct database_page *page = context;
    fprintf(page->out, "\n%s %s\n", relation->is_view ? "view" : "table", relation->name);
    if (relation->words[0] != '\0') {
        cli_print_folded(page->out, 2, relation->words);
    }
    page->is_view = relation->is_view;
}

static void help_column(void *context, const struct tc_column *column)
{
    const struct database_page *page = context;
    if (page->is_view) {
        fprintf(page->out, "    %s\n", column->name);
        return;
    }
    fprintf(page->out, "    %-28s %-8s %s\n", column->name, column->type, column->words);
}

enum tc_status cli_help_database(FILE *out, struct tc_error *error)
{
    struct database_page page = {.out = out};
    const struct tc_describe_hearer hearer = {
        .context = &page, .relation = help_relation, .column = help_column};
    cli_print_folded(out, 0, k_database_words);
    return tc_store_describe(&hearer, error);
}
