/* Words made from the option tables: help, man page lists, and the nearest right name. */
#include <string.h>

#include "cli/options.h"
#include "tlscensus/report.h"

#define HELP_COLUMN 30
#define HELP_WIDTH  80
#define NEAREST_MAX 64 /* letters looked at in a mistyped name */

/* Prints `text` folded between the columns `left` and HELP_WIDTH, the first line being there. */
static void fold(FILE *out, size_t left, const char *text)
{
    size_t at = left;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (at > left && at + 1 + word > HELP_WIDTH) {
            fprintf(out, "\n%*s", (int)left, "");
            at = left;
        } else if (at > left) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)word, text);
        at += word;
        text += word + strspn(text + word, " ");
    }
    fputc('\n', out);
}

void cli_print_folded(FILE *out, size_t left, const char *text)
{
    fprintf(out, "%*s", (int)left, "");
    fold(out, left, text);
}

/* From the present column on to HELP_COLUMN, and there. */
static void print_folded(FILE *out, size_t column, const char *text)
{
    fprintf(out, "%*s", (int)(HELP_COLUMN - column), "");
    fold(out, HELP_COLUMN, text);
}

/* The help sentence with its choices and default behind it. */
static void option_sentence(struct tc_buf *out, const struct cli_option *option)
{
    tc_buf_add_str(out, option->help);
    if (option->type == CLI_CHOICE) {
        tc_buf_add_str(out, ": ");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            tc_buf_addf(out, "%s%s", i > 0 ? ", " : "", option->choices[i]);
        }
    }
    struct tc_buf value;
    tc_buf_init(&value, 256);
    cli_option_value(&value, option);
    if (option->type != CLI_FLAG && value.len > 0) {
        tc_buf_addf(out, " [%s]", value.data);
    }
    tc_buf_cleanup(&value);
}

static void print_option(FILE *out, const struct cli_option *option)
{
    char letter[] = "   ";
    if (option->letter != 0) {
        letter[0] = '-';
        letter[1] = option->letter;
        letter[2] = ',';
    }
    int len =
        fprintf(out, "  %s --%s%s%s", letter, option->name, option->argument != NULL ? " " : "",
                option->argument != NULL ? option->argument : "");
    struct tc_buf sentence;
    tc_buf_init(&sentence, 1000);
    option_sentence(&sentence, option);
    size_t column = len > 0 ? (size_t)len : 0;
    if (column + 2 > HELP_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    print_folded(out, column, sentence.data != NULL ? sentence.data : "");
    tc_buf_cleanup(&sentence);
}

void cli_help(FILE *out, const struct cli_command *command, const struct cli_option *options,
              size_t num_options)
{
    cli_print_folded(out, 0, command->summary);
    fprintf(out, "\nUsage: tlscensus %s %s\n", command->name, command->usage);
    if (command->examples != NULL) {
        fputs("\nExamples:\n", out);
        for (size_t i = 0; command->examples[i] != NULL; i += 2) {
            fprintf(out, "  %s\n      %s\n", command->examples[i], command->examples[i + 1]);
        }
    }
    for (size_t i = 0; i < num_options; i++) {
        if (options[i].group != NULL) {
            fprintf(out, "\n%s:\n", options[i].group);
        }
        print_option(out, &options[i]);
    }
    fputs("\nAll subcommands:\n"
          "      --config FILE           Read options from a configuration file; what the\n"
          "                              command line gives, wins\n"
          "      --print-config          Print every option, its value and where it comes\n"
          "                              from, and do nothing else\n"
          "  -h, --help                  This text\n"
          "\nExit codes: 0 done; 1 done, and what --fail-on or --exit-code asks for was found;\n"
          "2 usage, or an input that cannot be used; 3 could not do the job (database,\n"
          "disk, resolver, descriptors, memory); 130 interrupted after an orderly stop;\n"
          "141 the same, since nobody reads the stream of scan --format jsonl.\n",
          out);
}

void cli_print_roff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", out); /* it would be a request */
    }
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            fputs("\\e", out);
        } else if (*text == '-') {
            fputs("\\-", out);
        } else {
            fputc(*text, out);
        }
    }
}

void cli_man_options(FILE *out, const struct cli_option *options, size_t num_options)
{
    for (size_t i = 0; i < num_options; i++) {
        struct tc_buf sentence;
        tc_buf_init(&sentence, 1000);
        option_sentence(&sentence, &options[i]);
        if (options[i].group != NULL) {
            fprintf(out, ".PP\n.I %s\n", options[i].group);
        }
        fputs(".TP\n", out);
        if (options[i].letter != 0) {
            fprintf(out, "\\fB\\-%c\\fR, ", options[i].letter);
        }
        fputs("\\fB\\-\\-", out);
        cli_print_roff(out, options[i].name);
        fputs("\\fR", out);
        if (options[i].argument != NULL) {
            fprintf(out, " \\fI%s\\fR", options[i].argument);
        }
        fputc('\n', out);
        cli_print_roff(out, sentence.data != NULL ? sentence.data : "");
        fputs(".\n", out);
        tc_buf_cleanup(&sentence);
    }
}

void cli_help_facts(FILE *out, bool as_man)
{
    struct tc_report_fact fact;
    for (size_t i = 0; tc_report_fact(&fact, i); i++) {
        if (as_man) {
            fputs(".TP\n.B ", out);
            cli_print_roff(out, fact.title);
            fputc('\n', out);
            cli_print_roff(out, fact.sentence);
            cli_print_roff(out, fact.better);
            fputc('\n', out);
            continue;
        }
        struct tc_buf sentence;
        tc_buf_init(&sentence, 1000);
        tc_buf_addf(&sentence, "%s%s", fact.sentence, fact.better);
        int len = fprintf(out, "  %s", fact.title);
        size_t column = len > 0 ? (size_t)len : 0;
        if (column + 2 > HELP_COLUMN) {
            fputc('\n', out);
            column = 0;
        }
        print_folded(out, column, sentence.data != NULL ? sentence.data : "");
        tc_buf_cleanup(&sentence);
    }
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Letters to insert, delete, replace, or swap with a neighbour (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > NEAREST_MAX || b_len > NEAREST_MAX) {
        return NEAREST_MAX;
    }
    size_t before_last[NEAREST_MAX + 1] = {0};
    size_t last[NEAREST_MAX + 1];
    size_t row[NEAREST_MAX + 1];
    for (size_t j = 0; j <= b_len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = smallest(last[j - 1] + (a[i - 1] != b[j - 1]), last[j] + 1, row[j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smallest(row[j], before_last[j - 2] + 1, row[j]);
            }
        }
        memcpy(before_last, last, sizeof last);
        memcpy(last, row, sizeof row);
    }
    return last[b_len];
}

const char *cli_nearest(const char *wrong, const char *const *names, size_t num_names)
{
    size_t nearest = num_names;
    size_t len = strlen(wrong);
    size_t best = len < 3 ? 2 : 2 + len / 3; /* further away it is another word */
    for (size_t i = 0; i < num_names; i++) {
        size_t distance = edit_distance(wrong, names[i]);
        if (distance < best) {
            best = distance;
            nearest = i;
        }
    }
    /* The beginning of a name is meant to be that name: `conc` for `concurrency`. */
    for (size_t i = 0; nearest == num_names && len >= 3 && i < num_names; i++) {
        if (strncmp(wrong, names[i], len) == 0) {
            nearest = i;
        }
    }
    return nearest < num_names ? names[nearest] : NULL;
}
