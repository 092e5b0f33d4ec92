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

/* Where the targets of one group come from, or those beside all groups. */
struct source {
    const struct cli_group *group; /* NULL: beside them */
    enum tc_profile profile;
    const char *args_name; /* for what is wrong with a target itself */
    const char *const *args;
    size_t num_args;
    const struct cli_list *files;
};

/* What is being opened. */
struct opening {
    const struct cli_scan_settings *settings;
    struct cli_rejections *rejections;
    bool pipes;                    /* those alone are opened now, else all others */
    struct cli_scan_input *inputs; /* room for all of them */
    size_t room;
    size_t num;
};

/* The scan's, and a group's over them. */
static enum tc_status make_defaults(struct cli_target_defaults *out,
                                    const struct cli_scan_settings *settings,
                                    const struct cli_group *group, struct tc_error *error)
{
    enum tc_status status =
        cli_target_defaults_add(out, &settings->ports, &settings->labels, error);
    if (status == TC_OK && group != NULL) {
        status = cli_target_defaults_add(out, &group->ports, &group->labels, error);
    }
    if (status == TC_OK && group != NULL) {
        status = cli_target_defaults_name(out, group->name, error);
    }
    return status;
}

/* With `path` a file, else the source's arguments. */
static enum tc_status open_one(struct opening *opening, const struct source *source,
                               const char *path, struct tc_error *error)
{
    const struct cli_scan_settings *settings = opening->settings;
    struct cli_scan_input *input = &opening->inputs[opening->num];
    enum tc_status status = make_defaults(&input->defaults, settings, source->group, error);
    if (status != TC_OK) {
        cli_target_defaults_cleanup(&input->defaults);
        return status;
    }
    struct tc_target_reader_options options = {
        .defaults = cli_target_defaults_get(&input->defaults),
        .host_column = settings->host_column,
        .args_name = source->args_name,
        .max_cidr = settings->max_cidr,
        .add_www = settings->www,
        .allow_empty = settings->allow_empty,
        .context = opening->rejections,
        .rejected = cli_rejections_add,
        /* Alone, a pipe that is no list is found out before anything else is done. */
        .reads_late = opening->pipes && opening->room > 1,
        .cancelled = stop_was_asked,
    };
    options.defaults.has_profile = source->group != NULL && source->group->profile >= 0;
    options.defaults.profile = source->profile;
    status = path != NULL ? tc_target_reader_open_file(&input->reader, path, &options, error)
                          : tc_target_reader_open_args(&input->reader, source->args,
                                                       source->num_args, &options, error);
    if (status != TC_OK) {
        cli_target_defaults_cleanup(&input->defaults);
        return status;
    }
    input->name = path != NULL ? path : source->args_name;
    input->group = source->group;
    input->profile = source->profile;
    input->is_immediate = opening->pipes;
    opening->num++;
    return TC_OK;
}

static enum tc_status open_source(struct opening *opening, const struct source *source,
                                  struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (source->num_args > 0 && !opening->pipes) {
        status = open_one(opening, source, NULL, error);
    }
    for (size_t i = 0; i < source->files->num_items && status == TC_OK; i++) {
        const char *path = source->files->items[i];
        if (is_immediate(path) == opening->pipes) {
            status = open_one(opening, source, path, error);
        }
    }
    return status;
}

static enum tc_status open_group(struct opening *opening, const struct cli_group *group,
                                 enum tc_profile profile, struct tc_error *error)
{
    const struct source source = {
        .group = group,
        .profile = profile,
        .args_name = group->name,
        .args = group->targets.items,
        .num_args = group->targets.num_items,
        .files = &group->inputs,
    };
    return open_source(opening, &source, error);
}

/* All that has this profile. */
static enum tc_status open_profile(struct opening *opening, enum tc_profile profile,
                                   const char *const *args, size_t num_args, struct tc_error *error)
{
    const struct cli_scan_settings *settings = opening->settings;
    const struct source beside = {
        .profile = profile,
        .args_name = "command line",
        .args = args,
        .num_args = num_args,
        .files = &settings->inputs,
    };
    enum tc_status status = TC_OK;
    if ((int)profile == settings->profile) {
        status = open_source(opening, &beside, error);
    }
    for (size_t i = 0; i < settings->groups.num_items && status == TC_OK; i++) {
        const struct cli_group *group = &settings->groups.items[i];
        if (cli_group_profile(group, settings->profile) == profile) {
            status = open_group(opening, group, profile, error);
        }
    }
    return status;
}

static enum tc_status open_profiles(struct opening *opening, const char *const *args,
                                    size_t num_args, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (int profile = TC_PROFILE_COUNT - 1; profile >= 0 && status == TC_OK; profile--) {
        status = open_profile(opening, (enum tc_profile)profile, args, num_args, error);
    }
    return status;
}

static size_t count_inputs(const struct cli_scan_settings *settings, size_t num_args)
{
    size_t num = settings->inputs.num_items + (num_args > 0);
    for (size_t i = 0; i < settings->groups.num_items; i++) {
        const struct cli_group *group = &settings->groups.items[i];
        num += group->inputs.num_items + (group->targets.num_items > 0);
    }
    return num;
}

enum tc_status cli_scan_open_inputs(struct cli_scan_input **out, size_t *out_num,
                                    const struct cli_scan_settings *settings,
                                    const char *const *args, size_t num_args,
                                    struct cli_rejections *rejections, enum cli_inputs which,
                                    struct tc_error *error)
{
    struct opening opening = {.settings = settings, .rejections = rejections};
    opening.room = count_inputs(settings, num_args);
    opening.inputs = calloc(opening.room + 1, sizeof *opening.inputs);
    if (opening.inputs == NULL) {
        return TC_ERR_NOMEM;
    }
    enum tc_status status = open_profiles(&opening, args, num_args, error);
    if (status == TC_OK && which == CLI_INPUTS_ALL) {
        opening.pipes = true;
        status = open_profiles(&opening, args, num_args, error);
    }
    if (status != TC_OK) {
        cli_scan_close_inputs(opening.inputs, opening.num);
        return status;
    }
    *out = opening.inputs;
    *out_num = opening.num;
    return TC_OK;
}

void cli_scan_close_inputs(struct cli_scan_input *inputs, size_t num_inputs)
{
    for (size_t i = 0; i < num_inputs; i++) {
        tc_target_reader_free(inputs[i].reader);
        cli_target_defaults_cleanup(&inputs[i].defaults);
    }
    free(inputs);
}
