/*
 * Talk goes to standard error: errors, warnings, notes, and one live progress line that the others
 * do not tear. Any thread.
 */
#ifndef CLI_TALK_H
#define CLI_TALK_H

#include <stdbool.h>

#include "cli/log_line.h"
#include "cli/options.h"
#include "tlscensus/report.h"
#include "tlscensus/status.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_FOUND = 1,         /* done, and something at or above --fail-on */
    CLI_USAGE = 2,         /* usage, configuration, an input that cannot be used */
    CLI_FAILED = 3,        /* could not do the job */
    CLI_INTERRUPTED = 130, /* after an orderly stop */
    CLI_READER_LEFT =
        141 /* the same, since nobody reads the stream: what a shell says of SIGPIPE */
};

enum cli_color { CLI_COLOR_AUTO = 0, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

struct cli_talk_settings {
    bool quiet;
    bool verbose;
    int color;      /* enum cli_color */
    int log_format; /* 0 text, 1 json */
};

#define CLI_TALK_OPTIONS_NUM 4
/* The rows --quiet, --verbose, --color and --log-format of every subcommand. */
void cli_talk_options(struct cli_option rows[CLI_TALK_OPTIONS_NUM],
                      struct cli_talk_settings *settings);
/*
 * What is wrong with the options themselves is written as they ask for, even where they are wrong
 * before they ask: looks for --log-format, spelt out, before anything is parsed.
 */
void cli_talk_foresee(int argc, char *const *argv);
/* Takes the settings over. */
void cli_talk_start(const struct cli_talk_settings *settings);

/* An error that ends in CLI_USAGE; cli_give_up() tells all others. */
void cli_usage_error(const char *format, ...) TC_PRINTF(1, 2);
void cli_warning(const char *format, ...) TC_PRINTF(1, 2);
/* Only with --verbose, or on a terminal without --quiet. */
void cli_note(const char *format, ...) TC_PRINTF(1, 2);
/* The same for a line of any level, event and endpoint; the format gives its message. */
void cli_say(const struct cli_log_line *about, const char *format, ...) TC_PRINTF(2, 3);
/*
 * Progress without a terminal: `text` as it stands, which is ours to the last character; a log line
 * has `more` too (see log_line.h). It was asked for, so it is said even where talk is not wanted.
 */
void cli_progress_log(const char *text, const char *more);
/* Replaces the progress line; NULL erases it. Text is cut at the terminal's width. */
void cli_progress_line(const char *text);

/* Whether standard error is a terminal that may show a live line. */
bool cli_talk_is_live(void);
/* Whether talk is wanted: a terminal or --verbose, and not --quiet. */
bool cli_talk_is_wanted(void);
bool cli_talk_is_json(void);
/* Whether each endpoint gets a line: --log-format json with --verbose. */
bool cli_talk_tells_endpoints(void);

/* How a stream shows a report: colour, UTF-8, width (0 where it is no terminal). */
void cli_terminal_options(struct tc_terminal_options *out, int descriptor,
                          const struct cli_talk_settings *settings);

/* The exit code for a status that ended a command. */
int cli_exit_code(enum tc_status status);
/* Prints the error and gives the exit code. */
int cli_give_up(enum tc_status status, const struct tc_error *error);

#endif
