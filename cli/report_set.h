/*
 * All that is reported of a scan, in a folder: DIR/scan-000012 with report.html, the tables,
 * report.json, tlscensus.prom and tlscensus.ics. `report` and `scan` write it.
 */
#ifndef CLI_REPORT_SET_H
#define CLI_REPORT_SET_H

#include "cli/report_settings.h"
#include "tlscensus/store.h"

/*
 * cli_report_write renders one report as the settings say.
 * Errors: TC_ERR_INPUT (a label that the scan does not have), TC_ERR_IO, TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status cli_report_write(const struct report_settings *settings,
                                            struct tc_store *store, int64_t scan_id,
                                            struct tc_error *error);

/*
 * cli_report_set writes the whole set below settings->output_dir, with the options that the
 * settings have for each format. Where the scan is the one that `report` takes by default,
 * DIR/latest leads to its folder then. Readers see the set before or this one, whole. Errors: as
 * cli_report_write(); what was there is untouched.
 */
TC_MUST_USE enum tc_status cli_report_set(const struct report_settings *settings,
                                          struct tc_store *store, int64_t scan_id,
                                          struct tc_error *error);

#endif
