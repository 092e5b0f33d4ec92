/*
 * One table per subcommand; from it come parsing, help, the man page's option lists and shell
 * completion, so they cannot disagree.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tlscensus/buf.h"
#include "tlscensus/status.h"

enum cli_option_type {
    CLI_FLAG = 0,    /* bool: no argument */
    CLI_TEXT,        /* const char *: any text */
    CLI_LIST,        /* struct cli_list: any text, repeatable */
    CLI_PORTS,       /* struct cli_list: 25,465, repeatable */
    CLI_LABELS,      /* struct cli_list: NAME=VALUE, repeatable */
    CLI_UNSIGNED,    /* unsigned */
    CLI_SIZE,        /* size_t: a number, with KiB, MiB or GiB for bytes */
    CLI_COUNT64,     /* uint64_t */
    CLI_RATE,        /* double: a number a second, 0 for no limit */
    CLI_DURATION_MS, /* unsigned: 500ms, 5s, 2m; a bare number is seconds */
    CLI_AGE,         /* int64_t: 36h, 90d, 12w, in seconds; 0 is unset */
    CLI_DAYS,        /* unsigned: 120d, 2w; a bare number is days */
    CLI_DATE,        /* int64_t: YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, seconds since 1970 UTC */
    CLI_CHOICE       /* int: one of `choices` */
};

struct cli_list {
    const char **items;
    size_t num_items;
};

struct cli_option {
    const char *name; /* the long name, without dashes */
    char letter;      /* the short one, 0 for none */
    enum cli_option_type type;
    void *value;                /* what the type says; holds the default before parsing */
    const char *argument;       /* "FILE"; NULL for flags */
    const char *group;          /* heading in the help; NULL: as the row before */
    const char *help;           /* one sentence without a full stop */
    const char *const *choices; /* CLI_CHOICE: NULL-ended; the value is the index */
    double min;                 /* numbers: the lowest and highest that make sense */
    double max;
    bool shapes_scan; /* stored with the scan and used again by --resume */
};

/* Puts the rows of one group behind each other; the number of rows. */
size_t cli_add_rows(struct cli_option *rows, const struct cli_option *more, size_t num);
#define CLI_ADD_ROWS(rows, more) cli_add_rows((rows), (more), TC_ARRAY_LEN(more))

struct cli_command {
    const char *name;
    const char *usage;           /* behind "tlscensus NAME", one line */
    const char *summary;         /* one sentence */
    const char *const *examples; /* NULL-ended pairs: a command line, what it does */
};

/*
 * cli_parse reads argv (argv[0] is the subcommand) into the values of `options`. What is not an
 * option is left in argv from `*out_first_argument` on.
 *
 * Errors: TC_ERR_INPUT; `error` has the option, what is wrong and the nearest right name.
 *         TC_ERR_END when --help was asked for.
 */
TC_MUST_USE enum tc_status cli_parse(const struct cli_option *options, size_t num_options, int argc,
                                     char **argv, int *out_first_argument, struct tc_error *error);

/*
 * What the command line gives, without giving it: which options of the table, and what every
 * subcommand has besides them.
 */
#define CLI_OPTIONS_MAX 96 /* rows in one table */
struct cli_given {
    bool is_given[CLI_OPTIONS_MAX]; /* by the table's index */
    const char *config;             /* --config; NULL for none */
    bool print_config;              /* --print-config */
    int first_argument;             /* the place in argv where no option is left */
};
/* Whether the command line gives the option of that name; false where the table has none. */
bool cli_is_given(const struct cli_given *given, const struct cli_option *options,
                  size_t num_options, const char *name);

/* cli_look reads argv as cli_parse() does, and with its errors, but sets nothing. */
TC_MUST_USE enum tc_status cli_look(struct cli_given *out, const struct cli_option *options,
                                    size_t num_options, int argc, char **argv,
                                    struct tc_error *error);

/* cli_set gives one option a value by its long name, as the command line would. */
TC_MUST_USE enum tc_status cli_set(const struct cli_option *options, size_t num_options,
                                   const char *name, const char *text, struct tc_error *error);

/*
 * The same for a configuration's word, in which a flag has a value: yes, true, on or 1, and no,
 * false, off or 0.
 */
TC_MUST_USE enum tc_status cli_set_word(const struct cli_option *option, const char *text,
                                        struct tc_error *error);

/* cli_option_value adds the option's present value as text that cli_set reads; nothing for unset.
 */
void cli_option_value(struct tc_buf *out, const struct cli_option *option);

/* cli_help prints usage, examples, grouped options with defaults, and exit codes. */
void cli_help(FILE *out, const struct cli_command *command, const struct cli_option *options,
              size_t num_options);

/* cli_help_facts prints what each fact of a survey means, for people or as man source. */
void cli_help_facts(FILE *out, bool as_man);
/* Text for roff: a backslash would be a command, a dash must stay one. */
void cli_print_roff(FILE *out, const char *text);
/* Text folded at 80 columns, `left` blanks before each line. */
void cli_print_folded(FILE *out, size_t left, const char *text);
/* cli_man_options prints the option list as man source (roff). */
void cli_man_options(FILE *out, const struct cli_option *options, size_t num_options);

/* The nearest of `num` names by edit distance, or NULL when none is near. */
const char *cli_nearest(const char *wrong, const char *const *names, size_t num_names);

/* Whether its value is a struct cli_list. */
bool cli_is_list(enum cli_option_type type);
void cli_list_cleanup(struct cli_list *list);

#endif
