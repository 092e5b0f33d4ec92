#include "cli/database_page.h"

#include "cli/man_page.h"
#include "cli/options.h"
#include "tlscensus/describe.h"

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
    cli_man_head(out, "tlscensus-database", "5", date);
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
