/*
 * Findings of whole scans come along as they are. A set's hash goes by the numbers of its rules,
 * which are each database's own: so the sets are made anew, as an assessment makes them.
 */
#include "finding_sets.h"
#include "found.h"
#include "merging.h"
#include "tlscensus/sql.h"

/* In the order of merge_list_findings.sql. */
enum column { SET_ID = 0, RULE_ID, SEVERITY, DETAIL };

static enum tc_status gather(const struct tc_merging *merging, struct tc_found *found,
                             struct tc_error *error)
{
    sqlite3_stmt *list = NULL;
    int rc = SQLITE_DONE;
    enum tc_status status =
        tc_db_prepare(merging->store, &list, tc_sql_merge_list_findings, false, error);
    while (status == TC_OK && (rc = sqlite3_step(list)) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(list, DETAIL);
        const struct tc_finding finding = {
            .observation_id =
                sqlite3_column_int64(list, SET_ID), /* a set stands for all that have it */
            .rule_id = sqlite3_column_int64(list, RULE_ID),
            .severity = sqlite3_column_int64(list, SEVERITY),
            .detail = detail,
            .detail_len = (size_t)sqlite3_column_bytes(list, DETAIL)};
        status = tc_found_put(found, &finding, error);
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(merging->store, error, merging->doing);
    }
    sqlite3_finalize(list);
    return status;
}

enum tc_status tc_merging_findings(const struct tc_merging *merging, struct tc_error *error)
{
    struct tc_store *store = merging->store;
    struct tc_found found = {.store = store};
    int64_t first_scan_id = 0;
    enum tc_status status = tc_db_exec(store, tc_sql_merge_rules, merging->doing, error);
    if (status == TC_OK) {
        status =
            tc_db_get_int(store, &first_scan_id, tc_sql_merge_first_scan, merging->doing, error);
    }
    if (status == TC_OK) {
        status = tc_found_open(&found, store, error);
    }
    if (status == TC_OK) {
        status = gather(merging, &found, error);
    }
    tc_found_close(&found);
    return status == TC_OK ? tc_finding_sets_bundle(store, first_scan_id, error) : status;
}

enum tc_status tc_merging_drop_findings(const struct tc_merging *merging, struct tc_error *error)
{
    enum tc_status status =
        tc_db_exec(merging->store, tc_sql_assess_drop_found, merging->doing, error);
    return status == TC_OK
               ? tc_db_exec(merging->store, tc_sql_assess_drop_bundles, merging->doing, error)
               : status;
}
