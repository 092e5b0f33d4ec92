#include "cli/report_set.h"

#include <stdio.h>

#include "cli/output_dir.h"
#include "tlscensus/buf.h"

struct set {
    const struct report_settings *settings;
    struct tc_store *store;
    int64_t scan_id;
};

static const struct {
    const char *name;
    enum cli_report_format format;
} k_files[] = {
    {"report.html", CLI_FORMAT_HTML},
    {"report.json", CLI_FORMAT_JSON},
    {"tlscensus.prom", CLI_FORMAT_PROMETHEUS},
    {"tlscensus.ics", CLI_FORMAT_ICS},
};

static enum tc_status fill_set(const void *context, const char *folder, struct tc_error *error)
{
    const struct set *set = context;
    struct report_settings settings = *set->settings;
    enum tc_status status = TC_OK;
    struct tc_buf path;
    tc_buf_init(&path, CLI_OUTPUT_PATH_MAX);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_files) && status == TC_OK; i++) {
        tc_buf_clear(&path);
        status = tc_buf_addf(&path, "%s/%s", folder, k_files[i].name);
        if (status == TC_OK) {
            settings.format = (int)k_files[i].format;
            settings.output = path.data;
            status = cli_report_write(&settings, set->store, set->scan_id, error);
        }
    }
    tc_buf_cleanup(&path);
    if (status == TC_OK) {
        settings.all_tables = folder;
        status = cli_report_write(&settings, set->store, set->scan_id, error);
    }
    return status;
}

enum tc_status cli_report_set(const struct report_settings *settings, struct tc_store *store,
                              int64_t scan_id, struct tc_error *error)
{
    const struct set set = {settings, store, scan_id};
    char name[32];
    int64_t newest = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = cli_output_dir_check(settings->output_dir, error);
    if (status == TC_OK) {
        status = tc_store_pick_scan(store, 0, &newest, &state, error);
    }
    if (status != TC_OK) {
        return status;
    }
    snprintf(name, sizeof name, "scan-%06lld", (long long)scan_id);
    return cli_output_dir_write(settings->output_dir, name, newest == scan_id, fill_set, &set,
                                error);
}
