/* TIOCGWINSZ and struct winsize are no part of POSIX 2008. */
#define _DEFAULT_SOURCE
#include "cli/talk.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/clock.h"

#define TALK_LINE_MAX 2048    /* of a message; a longer one is cut */
#define LOG_LINE_MAX  1048576 /* escaped, and with what an event has besides */
#define PROGRESS_MAX  512     /* bytes; wider than any terminal */

static struct {
    pthread_mutex_t lock;
    struct cli_talk_settings settings;
    bool line_is_up; /* the progress line stands on the terminal */
} g_talk = {.lock = PTHREAD_MUTEX_INITIALIZER};

void cli_talk_options(struct cli_option rows[CLI_TALK_OPTIONS_NUM],
                      struct cli_talk_settings *settings)
{
    static const char *const colors[] = {"auto", "always", "never", NULL};
    static const char *const formats[] = {"text", "json", NULL};
    rows[0] = (struct cli_option){.name = "quiet",
                                  .letter = 'q',
                                  .type = CLI_FLAG,
                                  .value = &settings->quiet,
                                  .group = "Talk (standard error)",
                                  .help = "Say nothing but errors"};
    rows[1] = (struct cli_option){.name = "verbose",
                                  .letter = 'v',
                                  .type = CLI_FLAG,
                                  .value = &settings->verbose,
                                  .help = "Say more, and say it without a terminal too"};
    rows[2] = (struct cli_option){.name = "color",
                                  .type = CLI_CHOICE,
                                  .value = &settings->color,
                                  .argument = "WHEN",
                                  .choices = colors,
                                  .help = "Colour; NO_COLOR and TERM=dumb switch it off"};
    rows[3] = (struct cli_option){.name = "log-format",
                                  .type = CLI_CHOICE,
                                  .value = &settings->log_format,
                                  .argument = "FORMAT",
                                  .choices = formats,
                                  .help = "How errors, warnings and notes are written"};
}

void cli_talk_foresee(int argc, char *const *argv)
{
    static const char option[] = "--log-format";
    const size_t len = sizeof option - 1;
    int format = 0;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], option, len) == 0 && argv[i][len] == '=') {
            format = strcmp(argv[i] + len + 1, "json") == 0;
        } else if (strcmp(argv[i], option) == 0 && i + 1 < argc) {
            format = strcmp(argv[i + 1], "json") == 0;
        }
    }
    g_talk.settings.log_format = format;
}

void cli_talk_start(const struct cli_talk_settings *settings)
{
    pthread_mutex_lock(&g_talk.lock);
    g_talk.settings = *settings;
    pthread_mutex_unlock(&g_talk.lock);
}

bool cli_talk_is_json(void)
{
    return g_talk.settings.log_format == 1;
}

static bool stream_is_terminal(int descriptor)
{
    const char *term = getenv("TERM");
    return isatty(descriptor) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
}

bool cli_talk_is_live(void)
{
    return stream_is_terminal(STDERR_FILENO) && !g_talk.settings.quiet && !cli_talk_is_json();
}

bool cli_talk_tells_endpoints(void)
{
    return cli_talk_is_json() && g_talk.settings.verbose && !g_talk.settings.quiet;
}

bool cli_talk_is_wanted(void)
{
    return !g_talk.settings.quiet && (g_talk.settings.verbose || isatty(STDERR_FILENO) == 1);
}

static bool color_is_on(int descriptor, const struct cli_talk_settings *settings)
{
    const char *no_color = getenv("NO_COLOR");
    if (settings->color != CLI_COLOR_AUTO) {
        return settings->color == CLI_COLOR_ALWAYS;
    }
    return stream_is_terminal(descriptor) && (no_color == NULL || no_color[0] == '\0');
}

static int terminal_width(int descriptor)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
    return width >= 20 && width < 10000 ? (int)width : 80;
}

void cli_terminal_options(struct tc_terminal_options *out, int descriptor,
                          const struct cli_talk_settings *settings)
{
    const char *names[] = {getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")};
    const char *locale = "";
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        if (names[i] != NULL && names[i][0] != '\0') {
            locale = names[i];
            break;
        }
    }
    out->color = color_is_on(descriptor, settings);
    out->utf8 = strstr(locale, "UTF-8") != NULL || strstr(locale, "utf8") != NULL;
    out->columns = isatty(descriptor) == 1 ? terminal_width(descriptor) : 0;
}

/* Bytes of the character at `text` if a terminal would obey it instead of showing it, else 0. */
static size_t command_len(const char *text)
{
    static const struct {
        const char *lead; /* UTF-8 but for the last byte, whose range follows */
        unsigned char first;
        unsigned char last;
    } commands[] = {
        {"", 0x01, 0x1f},         {"", 0x7f, 0x7f},
        {"\xc2", 0x80, 0x9f},     /* U+0080 to U+009F: ESC [ and others in one character */
        {"\xd8", 0x9c, 0x9c},     /* U+061C, */
        {"\xe2\x80", 0x8e, 0x8f}, /* U+200E: direction marks */
        {"\xe2\x80", 0xaa, 0xae}, /* U+202A to U+202E: embeddings and overrides */
        {"\xe2\x81", 0xa6, 0xa9}, /* U+2066 to U+2069: isolates */
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(commands); i++) {
        size_t len = strlen(commands[i].lead);
        unsigned char next = 0;
        if (strncmp(text, commands[i].lead, len) == 0) {
            next = (unsigned char)text[len];
        }
        if (next >= commands[i].first && next <= commands[i].last) {
            return len + 1;
        }
    }
    return 0;
}

/* Text from files and peers may hold what a terminal obeys: each such character becomes `?`. */
static void make_printable(char *text)
{
    char *out = text;
    while (*text != '\0') {
        size_t len = command_len(text);
        *out++ = len > 0 ? '?' : *text;
        text += len > 0 ? len : 1;
    }
    *out = '\0';
}

/* In one write, so that lines of several programs on one pipe stay whole. */
static void print_line(const struct cli_log_line *line, const char *prefix)
{
    struct tc_buf bytes;
    tc_buf_init(&bytes, LOG_LINE_MAX);
    if (cli_talk_is_json()) {
        cli_log_line_add(&bytes, line, cli_now_s());
    } else {
        tc_buf_addf(&bytes, "%s%s\n", prefix, line->message);
    }
    pthread_mutex_lock(&g_talk.lock);
    if (g_talk.line_is_up) {
        fputs("\r\033[K", stderr);
        g_talk.line_is_up = false;
    }
    if (bytes.failed == TC_OK) {
        fwrite(bytes.data, 1, bytes.len, stderr);
    } else { /* no memory: the bare words are better than none */
        fprintf(stderr, "%s%s\n", prefix, line->message);
    }
    pthread_mutex_unlock(&g_talk.lock);
    tc_buf_cleanup(&bytes);
}

static bool is_wanted(enum cli_level level)
{
    switch (level) {
    case CLI_LEVEL_INFO:
        return cli_talk_is_wanted();
    case CLI_LEVEL_WARNING:
        return !g_talk.settings.quiet;
    case CLI_LEVEL_ERROR:
        break;
    }
    return true;
}

static void say(const struct cli_log_line *about, const char *format, va_list arguments)
    TC_PRINTF(2, 0);

static void say(const struct cli_log_line *about, const char *format, va_list arguments)
{
    char text[TALK_LINE_MAX];
    struct cli_log_line line = *about;
    if (!is_wanted(line.level)) {
        return;
    }
    vsnprintf(text, sizeof text, format, arguments);
    make_printable(text);
    line.message = text;
    print_line(&line, line.level == CLI_LEVEL_INFO ? "" : "tlscensus: ");
}

void cli_say(const struct cli_log_line *about, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(about, format, arguments);
    va_end(arguments);
}

void cli_usage_error(const char *format, ...)
{
    const struct cli_log_line about = {.level = CLI_LEVEL_ERROR, .event = CLI_EVENT_USAGE};
    va_list arguments;
    va_start(arguments, format);
    say(&about, format, arguments);
    va_end(arguments);
}

void cli_warning(const char *format, ...)
{
    const struct cli_log_line about = {.level = CLI_LEVEL_WARNING};
    va_list arguments;
    va_start(arguments, format);
    say(&about, format, arguments);
    va_end(arguments);
}

void cli_note(const char *format, ...)
{
    const struct cli_log_line about = {.level = CLI_LEVEL_INFO};
    va_list arguments;
    va_start(arguments, format);
    say(&about, format, arguments);
    va_end(arguments);
}

void cli_progress_log(const char *text, const char *more)
{
    const struct cli_log_line line = {.event = CLI_EVENT_PROGRESS, .message = text, .more = more};
    print_line(&line, "");
}

void cli_progress_line(const char *text)
{
    pthread_mutex_lock(&g_talk.lock);
    if (text != NULL) {
        int width = terminal_width(STDERR_FILENO) - 1; /* the last column would wrap */
        char line[PROGRESS_MAX];
        (void)snprintf(line, sizeof line, "%s", text);
        make_printable(line); /* it may have a file's name */
        fprintf(stderr, "\r\033[K%.*s", width, line);
        g_talk.line_is_up = true;
    } else if (g_talk.line_is_up) {
        fputs("\r\033[K", stderr);
        g_talk.line_is_up = false;
    }
    fflush(stderr);
    pthread_mutex_unlock(&g_talk.lock);
}

int cli_exit_code(enum tc_status status)
{
    switch (status) {
    case TC_OK:
    case TC_ERR_END:
        return CLI_DONE;
    case TC_ERR_INPUT:
    case TC_ERR_UNSUPPORTED:
    case TC_ERR_MALFORMED:
    case TC_ERR_RANGE:
        return CLI_USAGE;
    case TC_ERR_CANCELLED:
        return CLI_INTERRUPTED;
    case TC_ERR_NOMEM:
    case TC_ERR_LIMIT:
    case TC_ERR_NOT_FOUND:
    case TC_ERR_IO:
    case TC_ERR_STORE:
    case TC_ERR_BUSY:
    case TC_ERR_FOREIGN:
    case TC_ERR_VERSION:
    case TC_ERR_TLS:
    case TC_ERR_RESOLVER:
        return CLI_FAILED;
    }
    return CLI_FAILED;
}

int cli_give_up(enum tc_status status, const struct tc_error *error)
{
    bool has_words = error != NULL && error->text[0] != '\0';
    int code = cli_exit_code(status);
    const struct cli_log_line about = {
        .level = CLI_LEVEL_ERROR, .event = code == CLI_USAGE ? CLI_EVENT_USAGE : CLI_EVENT_ERROR};
    cli_say(&about, "%s", has_words ? error->text : tc_status_str(status));
    return code;
}
