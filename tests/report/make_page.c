/*
 * make_page DATABASE OUT [--no-script] [--rows N] [--details N] [--group-by LABEL] [--split VALUE]
 *           [--title TEXT] [--scan ID] [--split-by LABEL] [--compare-with ID]
 *
 * Writes the page of a database's newest scan: what the golden and the browser tests look at,
 * without the command line around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/report.h"
#include "tlscensus/store.h"

struct arguments {
    struct tc_html_options options;
    int64_t scan_id;
    const char *split_by;
};

static int read_arguments(struct arguments *arguments, int argc, char **argv)
{
    for (int i = 3; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--no-script") == 0) {
            arguments->options.no_script = true;
            continue;
        }
        if (strcmp(argv[i], "--rows") == 0) {
            arguments->options.max_rows = (size_t)strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--details") == 0) {
            arguments->options.max_details = (size_t)strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--group-by") == 0) {
            arguments->options.group_by = value;
        } else if (strcmp(argv[i], "--split") == 0) {
            arguments->options.split_value = value;
        } else if (strcmp(argv[i], "--title") == 0) {
            arguments->options.title = value;
        } else if (strcmp(argv[i], "--split-by") == 0) {
            arguments->split_by = value;
        } else if (strcmp(argv[i], "--compare-with") == 0) {
            arguments->options.compared_with = strtoll(value, NULL, 10);
        } else if (strcmp(argv[i], "--scan") == 0) {
            arguments->scan_id = strtoll(value, NULL, 10);
        } else {
            fprintf(stderr, "make_page: unknown argument %s\n", argv[i]);
            return 2;
        }
        i++;
    }
    return 0;
}

static enum tc_status write_page(struct tc_store *store, const char *path,
                                 const struct arguments *arguments, struct tc_error *error)
{
    struct tc_output *output = NULL;
    enum tc_status status = tc_output_open(&output, path, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_html(output, store, arguments->scan_id, &arguments->options, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.options = {.tool_version = "0.1.0"}};
    struct tc_store *store = NULL;
    struct tc_error error = {""};
    enum tc_scan_state state = TC_SCAN_DONE;
    if (argc < 3 || read_arguments(&arguments, argc, argv) != 0) {
        fprintf(stderr, "usage: make_page DATABASE OUT [OPTION VALUE]…\n");
        return 2;
    }
    enum tc_status status = tc_store_open(&store, argv[1], TC_STORE_READ, &error);
    if (status == TC_OK) {
        status = tc_store_pick_scan(store, arguments.scan_id, &arguments.scan_id, &state, &error);
    }
    if (status == TC_OK && arguments.options.compared_with != 0) {
        status =
            tc_store_compare(store, arguments.options.compared_with, arguments.scan_id, &error);
    }
    if (status == TC_OK && arguments.split_by != NULL) {
        status = tc_report_html_split(argv[2], store, arguments.scan_id, arguments.split_by,
                                      &arguments.options, &error);
    } else if (status == TC_OK) {
        status = write_page(store, argv[2], &arguments, &error);
    }
    if (status != TC_OK) {
        fprintf(stderr, "make_page: %s\n", error.text);
    }
    tc_store_close(store);
    return status == TC_OK ? 0 : 3;
}
