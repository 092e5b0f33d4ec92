/* Opening what the targets come from. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/scan_run.h"
#include "cli/signals.h"

/* A pipe or a terminal gives lines as somebody writes them: each is passed on at once. */
static bool is_immediate(const char *path)
{
    struct stat facts;
    int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &facts) : stat(path, &facts);
    return failed == 0 && !S_ISREG(facts.st_mode);
}

/* While the first line of a pipe is waited for, a signal ends the program as it does later. */
static bool stop_was_asked(void *context)
{
    (void)context;
    return cli_signals_stops() > 0;
}

enum tc_status cli_scan_open_inputs(struct cli_scan_input **out, size_t *out_num,
                                    const struct cli_scan_settings *settings,
                                    const char *const *args, size_t num_args,
                                    struct cli_rejections *rejections, enum cli_inputs which,
                                    struct tc_error *error)
{
    const struct tc_target_reader_options options = {
        .host_column = settings->host_column,
        .max_cidr = settings->max_cidr,
        .add_www = settings->www,
        .allow_empty = settings->allow_empty,
        .context = rejections,
        .rejected = cli_rejections_add,
        .cancelled = stop_was_asked,
    };
    size_t num = 0;
    enum tc_status status = TC_OK;
    struct cli_scan_input *inputs = calloc(settings->inputs.num_items + 1, sizeof *inputs);
    if (inputs == NULL) {
        return TC_ERR_NOMEM;
    }
    if (num_args > 0) {
        status = tc_target_reader_open_args(&inputs[num].reader, args, num_args, &options, error);
        inputs[num].name = "command line";
        num += status == TC_OK;
    }
    for (size_t i = 0; i < settings->inputs.num_items && status == TC_OK; i++) {
        const char *path = settings->inputs.items[i];
        if (which == CLI_INPUTS_WITHOUT_PIPES && is_immediate(path)) {
            continue;
        }
        status = tc_target_reader_open_file(&inputs[num].reader, path, &options, error);
        inputs[num].name = path;
        inputs[num].is_immediate = is_immediate(path);
        num += status == TC_OK;
    }
    if (status != TC_OK) {
        cli_scan_close_inputs(inputs, num);
        return status;
    }
    *out = inputs;
    *out_num = num;
    return TC_OK;
}

void cli_scan_close_inputs(struct cli_scan_input *inputs, size_t num_inputs)
{
    for (size_t i = 0; i < num_inputs; i++) {
        tc_target_reader_free(inputs[i].reader);
    }
    free(inputs);
}
