/* Parsing: command line and stored options go through the same table. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/date.h"
#include "cli/target_defaults.h"

/* What every subcommand has: a long option's value for getopt. */
enum { FOUND_HELP = 'h', FOUND_CONFIG = 1, FOUND_PRINT_CONFIG = 2, FOUND_ROW = 256 };
#define NUM_COMMON 3

/* How numbers of a type are spoken of. */
struct number_words {
    double unit; /* of a limit in words */
    const char *units;
    const char *what;
    const char *whole;
};

static struct number_words words_of(enum cli_option_type type)
{
    if (type == CLI_DURATION_MS) {
        return (struct number_words){1000, " seconds", "a duration such as 500ms, 5s or 2m",
                                     " of milliseconds"};
    }
    if (type == CLI_AGE) {
        return (struct number_words){3600, " hours", "an age such as 36h, 90d or 12w",
                                     " of seconds"};
    }
    return (struct number_words){
        1, "", type == CLI_DAYS ? "a number of days such as 30d" : "a number", ""};
}

size_t cli_add_rows(struct cli_option *rows, const struct cli_option *more, size_t num)
{
    memcpy(rows, more, num * sizeof *rows);
    return num;
}

static enum tc_status set_number(const struct cli_option *option, const char *text, double number,
                                 struct tc_error *error)
{
    if (!(number >= option->min && number <= option->max)) {
        struct number_words words = words_of(option->type);
        return tc_fail(error, TC_ERR_INPUT, "--%s %s: must be between %.15g and %.15g%s",
                       option->name, text, option->min / words.unit, option->max / words.unit,
                       words.units);
    }
    switch (option->type) {
    case CLI_UNSIGNED:
    case CLI_DURATION_MS:
    case CLI_DAYS:
        *(unsigned *)option->value = (unsigned)number;
        break;
    case CLI_SIZE:
        *(size_t *)option->value = (size_t)number;
        break;
    case CLI_COUNT64:
        *(uint64_t *)option->value = (uint64_t)number;
        break;
    case CLI_RATE:
        *(double *)option->value = number;
        break;
    case CLI_AGE:
        *(int64_t *)option->value = (int64_t)number;
        break;
    case CLI_FLAG:
    case CLI_TEXT:
    case CLI_LIST:
    case CLI_PORTS:
    case CLI_LABELS:
    case CLI_DATE:
    case CLI_CHOICE:
        break;
    }
    return TC_OK;
}

/* What a unit multiplies by, in the option's own unit; 0 for a unit that it does not have. */
static double unit_factor(enum cli_option_type type, const char *unit)
{
    static const struct {
        enum cli_option_type type;
        const char *unit;
        double factor;
    } units[] = {
        {CLI_DURATION_MS, "ms", 1},
        {CLI_DURATION_MS, "s", 1000},
        {CLI_DURATION_MS, "", 1000},
        {CLI_DURATION_MS, "m", 60e3},
        {CLI_DURATION_MS, "h", 3.6e6},
        {CLI_SIZE, "", 1},
        {CLI_SIZE, "KiB", 1024},
        {CLI_SIZE, "MiB", 1 << 20},
        {CLI_SIZE, "GiB", 1 << 30},
        {CLI_AGE, "h", 3600},
        {CLI_AGE, "d", 86400},
        {CLI_AGE, "w", 604800},
        {CLI_DAYS, "", 1},
        {CLI_DAYS, "d", 1},
        {CLI_DAYS, "w", 7},
        {CLI_UNSIGNED, "", 1},
        {CLI_COUNT64, "", 1},
        {CLI_RATE, "", 1},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(units); i++) {
        if (units[i].type == type && strcasecmp(units[i].unit, unit) == 0) {
            return units[i].factor;
        }
    }
    return 0;
}

static enum tc_status parse_number(const struct cli_option *option, const char *text,
                                   struct tc_error *error)
{
    char *end = NULL;
    size_t digits = strspn(text, "0123456789."); /* strtod alone would take 0x10, inf and nan */
    double number = strtod(text, &end);
    double factor = unit_factor(option->type, text + digits);
    if (digits == 0 || end != text + digits || factor == 0) {
        return tc_fail(error, TC_ERR_INPUT, "--%s %s: not %s", option->name, text,
                       words_of(option->type).what);
    }
    number *= factor;
    if (option->type != CLI_RATE && number != floor(number)) {
        return tc_fail(error, TC_ERR_INPUT, "--%s %s: must be a whole number%s", option->name, text,
                       words_of(option->type).whole);
    }
    return set_number(option, text, number, error);
}

static enum tc_status parse_choice(const struct cli_option *option, const char *text,
                                   struct tc_error *error)
{
    struct tc_buf words;
    size_t num_choices = 0;
    tc_buf_init(&words, 400);
    for (; option->choices[num_choices] != NULL; num_choices++) {
        if (strcmp(option->choices[num_choices], text) == 0) {
            *(int *)option->value = (int)num_choices;
            tc_buf_cleanup(&words);
            return TC_OK;
        }
        tc_buf_addf(&words, "%s%s", num_choices > 0 ? ", " : "", option->choices[num_choices]);
    }
    const char *nearest = cli_nearest(text, option->choices, num_choices);
    enum tc_status status =
        tc_fail(error, TC_ERR_INPUT, "--%s %s: must be one of %s%s%s%s", option->name, text,
                words.data != NULL ? words.data : "", nearest != NULL ? "; did you mean " : "",
                nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
    tc_buf_cleanup(&words);
    return status;
}

static enum tc_status list_add(struct cli_list *list, const char *text)
{
    const char **items =
        (const char **)realloc((void *)list->items, (list->num_items + 1) * sizeof *items);
    if (items == NULL) {
        return TC_ERR_NOMEM;
    }
    list->items = items;
    list->items[list->num_items++] = text;
    return TC_OK;
}

static enum tc_status add_item(const struct cli_option *option, const char *text,
                               struct tc_error *error)
{
    struct tc_error why = {""};
    enum tc_status status = option->type == CLI_PORTS    ? cli_check_ports(text, &why)
                            : option->type == CLI_LABELS ? cli_check_label(text, &why)
                                                         : TC_OK;
    return status == TC_OK ? list_add(option->value, text)
                           : tc_fail(error, status, "--%s %.60s: %s", option->name, text, why.text);
}

static enum tc_status option_set(const struct cli_option *option, const char *text,
                                 struct tc_error *error)
{
    switch (option->type) {
    case CLI_FLAG:
        *(bool *)option->value = text == NULL || strcmp(text, "true") == 0;
        return TC_OK;
    case CLI_TEXT:
        *(const char **)option->value = text;
        return TC_OK;
    case CLI_LIST:
    case CLI_PORTS:
    case CLI_LABELS:
        return add_item(option, text, error);
    case CLI_DATE:
        if (!cli_parse_date(option->value, text)) {
            return tc_fail(error, TC_ERR_INPUT,
                           "--%s %s: not a date; write 2026-11-24 or 2026-11-24T08:00:00Z (UTC)",
                           option->name, text);
        }
        return TC_OK;
    case CLI_CHOICE:
        return parse_choice(option, text, error);
    case CLI_UNSIGNED:
    case CLI_SIZE:
    case CLI_COUNT64:
    case CLI_RATE:
    case CLI_DURATION_MS:
    case CLI_AGE:
    case CLI_DAYS:
        return parse_number(option, text, error);
    }
    return TC_ERR_INPUT;
}

enum tc_status cli_set(const struct cli_option *options, size_t num_options, const char *name,
                       const char *text, struct tc_error *error)
{
    for (size_t i = 0; i < num_options; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return option_set(&options[i], text, error);
        }
    }
    return tc_fail(error, TC_ERR_INPUT, "--%s: no such option", name);
}

enum tc_status cli_set_word(const struct cli_option *option, const char *text,
                            struct tc_error *error)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    if (option->type != CLI_FLAG) {
        return option_set(option, text, error);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(words); i++) {
        if (strcasecmp(words[i], text) == 0) {
            *(bool *)option->value = i % 2 == 1;
            return TC_OK;
        }
    }
    return tc_fail(error, TC_ERR_INPUT, "--%s %s: must be yes or no", option->name, text);
}

/* The name in "--name=value", cut to what is worth comparing. */
static void long_name(char *out, size_t out_size, const char *text)
{
    size_t len = strncmp(text, "--", 2) == 0 ? strcspn(text + 2, "=") : 0;
    snprintf(out, out_size, "%.*s", (int)(len < out_size ? len : out_size - 1), text + 2);
}

/* Says what getopt_long did not like, with the nearest name where there is one. */
static enum tc_status bad_option(const struct cli_option *options, size_t num_options, int argc,
                                 char **argv, int found, struct tc_error *error)
{
    const char *text = optind > 0 && optind <= argc ? argv[optind - 1] : "";
    if (found == ':') {
        return tc_fail(error, TC_ERR_INPUT, "%s: an argument is missing; see tlscensus %s --help",
                       text, argv[0]);
    }
    if (strncmp(text, "--", 2) != 0) {
        return tc_fail(error, TC_ERR_INPUT, "-%c: no such option; see tlscensus %s --help", optopt,
                       argv[0]);
    }
    const char *names[CLI_OPTIONS_MAX + NUM_COMMON] = {"help", "config", "print-config"};
    size_t num_names = NUM_COMMON;
    char wrong[64];
    long_name(wrong, sizeof wrong, text);
    for (size_t i = 0; i < num_options; i++) {
        names[num_names++] = options[i].name;
    }
    for (size_t i = 0; i < num_names; i++) {
        if (strcmp(names[i], wrong) == 0) {
            return tc_fail(error, TC_ERR_INPUT, "--%s takes no argument", wrong);
        }
    }
    const char *nearest = cli_nearest(wrong, names, num_names);
    if (nearest != NULL) {
        return tc_fail(error, TC_ERR_INPUT, "--%s: no such option; did you mean --%s?", wrong,
                       nearest);
    }
    return tc_fail(error, TC_ERR_INPUT, "--%s: no such option; see tlscensus %s --help", wrong,
                   argv[0]);
}

/* getopt's two tables from ours. A long option's value is FOUND_ROW + its index. */
static void make_tables(struct option *longs, char *shorts, const struct cli_option *options,
                        size_t num_options)
{
    static const struct option k_common[NUM_COMMON] = {
        {"help", no_argument, NULL, FOUND_HELP},
        {"config", required_argument, NULL, FOUND_CONFIG},
        {"print-config", no_argument, NULL, FOUND_PRINT_CONFIG},
    };
    *shorts++ = ':'; /* a missing argument is told apart from an unknown option */
    *shorts++ = 'h';
    for (size_t i = 0; i < num_options; i++) {
        int has = options[i].type == CLI_FLAG ? no_argument : required_argument;
        longs[i] = (struct option){options[i].name, has, NULL, FOUND_ROW + (int)i};
        if (options[i].letter != 0) {
            *shorts++ = options[i].letter;
            if (has == required_argument) {
                *shorts++ = ':';
            }
        }
    }
    *shorts = '\0';
    memcpy(longs + num_options, k_common, sizeof k_common);
    longs[num_options + NUM_COMMON] = (struct option){0};
}

static size_t find_option(const struct cli_option *options, size_t num_options, int found)
{
    for (size_t i = 0; i < num_options; i++) {
        if (found == FOUND_ROW + (int)i || (found != 0 && options[i].letter == found)) {
            return i;
        }
    }
    return num_options;
}

/* Walks argv: sets each option where `given` is NULL, else notes it there. */
static enum tc_status walk(const struct cli_option *options, size_t num_options, int argc,
                           char **argv, struct cli_given *given, struct tc_error *error)
{
    struct option longs[CLI_OPTIONS_MAX + NUM_COMMON + 1];
    char shorts[2 * CLI_OPTIONS_MAX + 3];
    struct cli_given ignored = {.config = NULL};
    struct cli_given *common = given != NULL ? given : &ignored;
    if (num_options > CLI_OPTIONS_MAX) {
        return TC_ERR_LIMIT;
    }
    make_tables(longs, shorts, options, num_options);
    optind = 0; /* glibc: start over, with this table */
    opterr = 0;
    int found = 0;
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        size_t index = find_option(options, num_options, found);
        if (found == FOUND_HELP) {
            return TC_ERR_END;
        }
        if (found == FOUND_CONFIG) {
            common->config = optarg;
        } else if (found == FOUND_PRINT_CONFIG) {
            common->print_config = true;
        } else if (index == num_options) {
            return bad_option(options, num_options, argc, argv, found, error);
        } else if (given != NULL) {
            given->is_given[index] = true;
        } else {
            enum tc_status status = option_set(&options[index], optarg, error);
            if (status != TC_OK) {
                return status;
            }
        }
    }
    return TC_OK;
}

enum tc_status cli_parse(const struct cli_option *options, size_t num_options, int argc,
                         char **argv, int *out_first_argument, struct tc_error *error)
{
    enum tc_status status = walk(options, num_options, argc, argv, NULL, error);
    if (status == TC_OK) {
        *out_first_argument = optind;
    }
    return status;
}

enum tc_status cli_look(struct cli_given *out, const struct cli_option *options, size_t num_options,
                        int argc, char **argv, struct tc_error *error)
{
    *out = (struct cli_given){.config = NULL};
    enum tc_status status = walk(options, num_options, argc, argv, out, error);
    out->first_argument = optind;
    return status;
}

bool cli_is_given(const struct cli_given *given, const struct cli_option *options,
                  size_t num_options, const char *name)
{
    for (size_t i = 0; i < num_options; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return given->is_given[i];
        }
    }
    return false;
}

/* As --help and a configuration have it; a date that was not given is 0. */
static void add_date(struct tc_buf *out, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts;
    char text[32];
    if (seconds != 0 && gmtime_r(&time, &parts) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0) {
        tc_buf_add_str(out, text);
    }
}

void cli_option_value(struct tc_buf *out, const struct cli_option *option)
{
    switch (option->type) {
    case CLI_FLAG:
        tc_buf_add_str(out, *(bool *)option->value ? "true" : "false");
        break;
    case CLI_TEXT:
        tc_buf_add_str(out, *(const char **)option->value ? *(const char **)option->value : "");
        break;
    case CLI_UNSIGNED:
        tc_buf_addf(out, "%u", *(unsigned *)option->value);
        break;
    case CLI_DAYS:
        tc_buf_addf(out, "%ud", *(unsigned *)option->value);
        break;
    case CLI_SIZE:
        tc_buf_addf(out, "%zu", *(size_t *)option->value);
        break;
    case CLI_COUNT64: {
        uint64_t count = *(uint64_t *)option->value;
        if ((double)count >= option->min) { /* below it is unset */
            tc_buf_addf(out, "%llu", (unsigned long long)count);
        }
        break;
    }
    case CLI_RATE:
        tc_buf_addf(out, "%.10g", *(double *)option->value);
        break;
    case CLI_DURATION_MS: {
        unsigned ms = *(unsigned *)option->value;
        tc_buf_addf(out, "%u%s", ms % 1000 == 0 ? ms / 1000 : ms, ms % 1000 == 0 ? "s" : "ms");
        break;
    }
    case CLI_AGE: {
        int64_t age_s = *(int64_t *)option->value;
        if (age_s != 0) {
            tc_buf_addf(out, "%gh", (double)age_s / 3600);
        }
        break;
    }
    case CLI_CHOICE:
        if (*(int *)option->value >= 0) { /* below it is unset */
            tc_buf_add_str(out, option->choices[*(int *)option->value]);
        }
        break;
    case CLI_DATE:
        add_date(out, *(int64_t *)option->value);
        break;
    case CLI_LIST:
    case CLI_PORTS:
    case CLI_LABELS:
        break; /* it has no one value */
    }
}

bool cli_is_list(enum cli_option_type type)
{
    return type == CLI_LIST || type == CLI_PORTS || type == CLI_LABELS;
}

void cli_list_cleanup(struct cli_list *list)
{
    free((void *)list->items);
    *list = (struct cli_list){0};
}
