#include <stdlib.h>
#include <string.h>

#include "finding_sets.h"
#include "found.h"
#include "rule_run.h"
#include "tlscensus/sql.h"
#include "waivers.h"

/* What a finding does to the grade: assess_make_caps.sql. */
enum rank { RANK_NONE = 0, RANK_A_MINUS, RANK_B, RANK_C, RANK_F, RANK_M, RANK_T };

struct assessment {
    struct tc_store *store;
    const struct tc_rule_set *set;
    const struct tc_waiver_list *waivers;
    struct tc_rule_input input;
    int64_t *rule_ids; /* rule.rule_id of each rule of the set */
    struct tc_found found;
    sqlite3_stmt *find_observation;
    bool had_findings;               /* of an earlier assessment */
    const struct tc_rule_file *rule; /* the one that runs */
    int64_t rule_id;                 /* its number */
};

/* ---- small helpers ---- */

/* Runs a statement that gives no rows, and makes it ready for the next time. */
static enum tc_status run(struct tc_store *store, sqlite3_stmt *statement, const char *doing,
                          struct tc_error *error)
{
    enum tc_status status = TC_OK;
    if (sqlite3_step(statement) != SQLITE_DONE) {
        status = tc_db_fail(store, error, doing);
    }
    (void)sqlite3_reset(statement);
    return status;
}

/* Runs a statement once, with the parameters that it has of :scan_id and :as_of_s. */
static enum tc_status run_once(const struct assessment *run_of, const char *sql, const char *doing,
                               struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    enum tc_status status = tc_db_prepare(run_of->store, &statement, sql, false, error);
    if (status != TC_OK) {
        return status;
    }
    if (sqlite3_bind_parameter_index(statement, ":scan_id") > 0) {
        tc_db_bind_int(statement, ":scan_id", run_of->input.scan_id);
    }
    if (sqlite3_bind_parameter_index(statement, ":as_of_s") > 0) {
        tc_db_bind_int(statement, ":as_of_s", run_of->input.as_of_s);
    }
    status = run(run_of->store, statement, doing, error);
    (void)sqlite3_finalize(statement);
    return status;
}

/* ---- the scan and its clock ---- */

static enum tc_status read_scan(struct assessment *run_of, struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    struct tc_rule_input *input = &run_of->input;
    enum tc_status status =
        tc_db_prepare(run_of->store, &statement, tc_sql_assess_scan, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(statement, ":scan_id", input->scan_id);
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        if (input->as_of_s == 0) {
            input->as_of_s = sqlite3_column_int64(statement, 0);
        }
        input->num_observations = sqlite3_column_int64(statement, 1);
        run_of->had_findings = sqlite3_column_int(statement, 2) != 0;
    } else if (rc == SQLITE_DONE) {
        status =
            tc_fail(error, TC_ERR_NOT_FOUND, "%s: has no scan %lld: `tlscensus scans` lists them",
                    tc_store_path(run_of->store), (long long)input->scan_id);
    } else {
        status = tc_db_fail(run_of->store, error, "reading the scan");
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* ---- the table of rules ---- */

static enum tc_status find_rule_id(struct assessment *run_of, sqlite3_stmt *find, size_t index,
                                   struct tc_error *error)
{
    enum tc_status status = TC_OK;
    tc_db_bind_text(find, ":name", run_of->set->rules[index].id);
    if (sqlite3_step(find) == SQLITE_ROW) {
        run_of->rule_ids[index] = sqlite3_column_int64(find, 0);
    } else {
        status = tc_db_fail(run_of->store, error, "reading the rules' numbers");
    }
    (void)sqlite3_reset(find);
    return status;
}

static enum tc_status put_rules(struct assessment *run_of, struct tc_error *error)
{
    sqlite3_stmt *put = NULL;
    sqlite3_stmt *find = NULL;
    struct tc_store *store = run_of->store;
    enum tc_status status = tc_db_prepare(store, &put, tc_sql_assess_put_rule, false, error);
    if (status == TC_OK) {
        status = tc_db_prepare(store, &find, tc_sql_assess_find_rule, false, error);
    }
    for (size_t i = 0; status == TC_OK && i < run_of->set->num_rules; i++) {
        const struct tc_rule_file *rule = &run_of->set->rules[i];
        tc_db_bind_text(put, ":name", rule->id);
        tc_db_bind_int(put, ":severity", rule->severity);
        tc_db_bind_text(put, ":title", rule->title);
        tc_db_bind_text(put, ":why", rule->why);
        tc_db_bind_text(put, ":remedy", rule->remedy);
        tc_db_bind_text(put, ":source", rule->source);
        tc_db_bind_text(put, ":grade_cap", tc_rule_cap(rule, rule->severity));
        tc_db_bind_int(put, ":is_trust", rule->is_trust);
        tc_db_bind_int(put, ":scan_id", run_of->input.scan_id);
        status = run(store, put, "storing the rules", error);
        if (status == TC_OK) {
            status = find_rule_id(run_of, find, i, error);
        }
    }
    (void)sqlite3_finalize(put);
    (void)sqlite3_finalize(find);
    return status;
}

static bool is_name_rule(const struct tc_rule_file *rule)
{
    return strcmp(rule->id, "cert-name-mismatch") == 0 || strcmp(rule->id, "cert-cn-only") == 0;
}

static enum rank rank_of(const struct tc_rule_file *rule, unsigned severity)
{
    static const struct {
        const char *cap;
        enum rank rank;
    } ranks[] = {{"A-", RANK_A_MINUS}, {"B", RANK_B}, {"C", RANK_C}, {"F", RANK_F}};
    if (rule->is_trust) {
        return is_name_rule(rule) ? RANK_M : RANK_T;
    }
    const char *cap = tc_rule_cap(rule, severity);
    for (size_t i = 0; cap != NULL && i < TC_ARRAY_LEN(ranks); i++) {
        if (strcmp(cap, ranks[i].cap) == 0) {
            return ranks[i].rank;
        }
    }
    return RANK_NONE;
}

static enum tc_status put_caps(struct assessment *run_of, struct tc_error *error)
{
    sqlite3_stmt *put = NULL;
    enum tc_status status = tc_db_prepare(run_of->store, &put, tc_sql_assess_put_cap, false, error);
    for (size_t i = 0; status == TC_OK && i < run_of->set->num_rules; i++) {
        for (unsigned severity = 0; status == TC_OK && severity < TC_RULE_SEVERITIES; severity++) {
            tc_db_bind_int(put, ":rule_id", run_of->rule_ids[i]);
            tc_db_bind_int(put, ":severity", severity);
            tc_db_bind_int(put, ":rank", rank_of(&run_of->set->rules[i], severity));
            status = run(run_of->store, put, "preparing the grades", error);
        }
    }
    (void)sqlite3_finalize(put);
    return status;
}

/* ---- findings ---- */

/* References are not checked while findings are put, so a user's rule is. */
static enum tc_status check_observation(const struct assessment *run_of, int64_t observation_id,
                                        struct tc_error *error)
{
    sqlite3_stmt *find = run_of->find_observation;
    tc_db_bind_int(find, ":observation_id", observation_id);
    int rc = sqlite3_step(find);
    (void)sqlite3_reset(find);
    if (rc == SQLITE_ROW) {
        return TC_OK;
    }
    if (rc != SQLITE_DONE) {
        return tc_db_fail(run_of->store, error, "storing findings");
    }
    return tc_fail(error, TC_ERR_INPUT,
                   "%s:%u: a row names observation %lld, which is none of scan %lld: compare "
                   "scan_id with :scan_id",
                   run_of->rule->path, run_of->rule->sql_line, (long long)observation_id,
                   (long long)run_of->input.scan_id);
}

static enum tc_status put_finding(void *context, const struct tc_rule_row *row,
                                  struct tc_error *error)
{
    struct assessment *run_of = context;
    const struct tc_finding finding = {.rule_id = run_of->rule_id,
                                       .observation_id = row->observation_id,
                                       .severity = row->severity,
                                       .detail = row->detail,
                                       .detail_len = row->detail_len};
    if (!run_of->rule->is_builtin) {
        enum tc_status status = check_observation(run_of, row->observation_id, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return tc_found_put(&run_of->found, &finding, error);
}

/* What an earlier assessment left and this one has no more. */
static enum tc_status drop_unused(const struct assessment *run_of, struct tc_error *error)
{
    enum tc_status status =
        run_once(run_of, tc_sql_assess_drop_unused_sets, "clearing findings", error);
    if (status == TC_OK && sqlite3_changes(run_of->store->db) > 0) {
        status = run_once(run_of, tc_sql_assess_drop_unused_rows, "clearing findings", error);
        if (status == TC_OK) {
            status =
                run_once(run_of, tc_sql_assess_drop_unused_details, "clearing findings", error);
        }
    }
    return status;
}

/* What the comparison with other scans must know of a rule. */
static enum tc_status note_run(const struct assessment *run_of, sqlite3_stmt *note,
                               bool reads_survey, struct tc_error *error)
{
    tc_db_bind_int(note, ":rule_id", run_of->rule_id);
    tc_db_bind_int(note, ":scan_id", run_of->input.scan_id);
    tc_db_bind_int(note, ":reads_survey", reads_survey);
    return run(run_of->store, note, "storing the rules", error);
}

static enum tc_status run_rules(struct assessment *run_of, struct tc_error *error)
{
    struct tc_rule_guard guard;
    sqlite3_stmt *note = NULL;
    tc_rule_guard_start(&guard, run_of->store);
    enum tc_status status = tc_found_open(&run_of->found, run_of->store, error);
    if (status == TC_OK) {
        status = tc_db_prepare(run_of->store, &run_of->find_observation,
                               tc_sql_assess_find_observation, false, error);
    }
    if (status == TC_OK) {
        tc_db_bind_int(run_of->find_observation, ":scan_id", run_of->input.scan_id);
        status = tc_db_prepare(run_of->store, &note, tc_sql_assess_ran_rule, false, error);
    }
    for (size_t i = 0; status == TC_OK && i < run_of->set->num_rules; i++) {
        run_of->rule = &run_of->set->rules[i];
        run_of->rule_id = run_of->rule_ids[i];
        status = tc_rule_run(&guard, run_of->rule, &run_of->input, put_finding, run_of, error);
        if (status == TC_OK) {
            status = note_run(run_of, note, guard.reads_survey, error);
        }
    }
    tc_found_close(&run_of->found);
    (void)sqlite3_finalize(run_of->find_observation);
    (void)sqlite3_finalize(note);
    run_of->find_observation = NULL;
    tc_rule_guard_stop(&guard);
    return status;
}

/* ---- waivers ---- */

static enum tc_status waive_host(const struct assessment *run_of, sqlite3_stmt *waive,
                                 const struct tc_waiver *waiver, const char *host,
                                 struct tc_error *error)
{
    int index = tc_rule_set_find(run_of->set, waiver->rule);
    if (index < 0) { /* the reader has refused it */
        return TC_OK;
    }
    tc_db_bind_int(waive, ":scan_id", run_of->input.scan_id);
    tc_db_bind_int(waive, ":rule_id", run_of->rule_ids[index]);
    tc_db_bind_text(waive, ":host", host);
    tc_db_bind_int(waive, ":until_s", waiver->until_s);
    tc_db_bind_text(waive, ":reason", waiver->reason);
    return run(run_of->store, waive, "applying the waivers", error);
}

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

static enum tc_status waive(const struct assessment *run_of, sqlite3_stmt *waive_statement,
                            sqlite3_stmt *find_host, const struct tc_waiver *waiver,
                            struct tc_error *error)
{
    if (is_ascii(waiver->host)) {
        return waive_host(run_of, waive_statement, waiver, waiver->host, error);
    }
    enum tc_status status = TC_OK;
    tc_db_bind_text(find_host, ":host", waiver->host);
    int rc = sqlite3_step(find_host);
    if (rc == SQLITE_ROW) {
        const char *host = (const char *)sqlite3_column_text(find_host, 0);
        status = host == NULL ? tc_fail(error, TC_ERR_NOMEM, "out of memory")
                              : waive_host(run_of, waive_statement, waiver, host, error);
    } else if (rc != SQLITE_DONE) {
        status = tc_db_fail(run_of->store, error, "applying the waivers");
    }
    (void)sqlite3_reset(find_host);
    return status;
}

static enum tc_status apply_waivers(const struct assessment *run_of, struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_stmt *find_host = NULL;
    enum tc_status status =
        run_once(run_of, tc_sql_assess_clear_waivers, "clearing waivers", error);
    if (status != TC_OK || run_of->waivers->num_waivers == 0) {
        return status;
    }
    status = tc_db_prepare(run_of->store, &statement, tc_sql_assess_waive, false, error);
    if (status == TC_OK) {
        status = tc_db_prepare(run_of->store, &find_host, tc_sql_assess_find_host, false, error);
    }
    for (size_t i = 0; status == TC_OK && i < run_of->waivers->num_waivers; i++) {
        const struct tc_waiver *waiver = &run_of->waivers->waivers[i];
        if (waiver->until_s >= run_of->input.as_of_s) { /* it still runs */
            status = waive(run_of, statement, find_host, waiver, error);
        }
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_finalize(find_host);
    return status;
}

/* ---- all of it ---- */

static enum tc_status count(const struct assessment *run_of, struct tc_assess_counts *out,
                            struct tc_error *error)
{
    int rc = SQLITE_ROW;
    sqlite3_stmt *statement = NULL;
    enum tc_status status =
        tc_db_prepare(run_of->store, &statement, tc_sql_assess_count, false, error);
    if (status != TC_OK) {
        return status;
    }
    tc_db_bind_int(statement, ":scan_id", run_of->input.scan_id);
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        int severity = sqlite3_column_int(statement, 0);
        if (severity >= 0 && severity < TC_RULE_SEVERITIES) {
            out->findings[severity] = (uint64_t)sqlite3_column_int64(statement, 1);
        }
        out->waived += (uint64_t)sqlite3_column_int64(statement, 2);
    }
    if (rc != SQLITE_DONE) {
        status = tc_db_fail(run_of->store, error, "counting findings");
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* The two tables that the grades are made from. */
static enum tc_status prepare_grades(struct assessment *run_of, struct tc_error *error)
{
    enum tc_status status =
        tc_db_exec(run_of->store, tc_sql_assess_make_caps, "preparing the grades", error);
    if (status == TC_OK) {
        status = put_caps(run_of, error);
    }
    if (status == TC_OK) {
        status =
            tc_db_exec(run_of->store, tc_sql_assess_make_features, "preparing the grades", error);
    }
    return status == TC_OK
               ? run_once(run_of, tc_sql_assess_fill_features, "preparing the grades", error)
               : status;
}

/* Grades, and which finding set an observation has: its row is written once. */
static enum tc_status grade(struct assessment *run_of, struct tc_error *error)
{
    enum tc_status status = prepare_grades(run_of, error);
    if (status == TC_OK) {
        status = run_once(run_of, tc_sql_assess_grade, "storing grades", error);
    }
    if (status == TC_OK && run_of->had_findings) {
        status = drop_unused(run_of, error);
    }
    return status;
}

/* The tables of this run. */
static enum tc_status drop_tables(const struct assessment *run_of, struct tc_error *error)
{
    static const char *const k_drops[] = {tc_sql_assess_drop_found, tc_sql_assess_drop_bundles,
                                          tc_sql_assess_drop_features, tc_sql_assess_drop_caps};
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_drops) && status == TC_OK; i++) {
        status = tc_db_exec(run_of->store, k_drops[i], "ending the assessment", error);
    }
    return status;
}

/* Inside the transaction. */
static enum tc_status derive(struct assessment *run_of, struct tc_assess_counts *out,
                             struct tc_error *error)
{
    enum tc_status status = read_scan(run_of, error);
    if (status == TC_OK) { /* rules are this program's, so is what they are told of codes */
        status = tc_lookups_renew(run_of->store, error);
    }
    if (status == TC_OK) {
        status = run_once(run_of, tc_sql_assess_move_clock, "moving the scan's clock", error);
    }
    if (status == TC_OK) {
        status = put_rules(run_of, error);
    }
    if (status == TC_OK) {
        status = run_rules(run_of, error);
    }
    if (status == TC_OK) {
        status = tc_finding_sets_bundle(run_of->store, run_of->input.scan_id, error);
    }
    if (status == TC_OK) {
        status = apply_waivers(run_of, error);
    }
    if (status == TC_OK) {
        status = grade(run_of, error);
    }
    if (status == TC_OK) {
        status = drop_tables(run_of, error);
    }
    return status == TC_OK ? count(run_of, out, error) : status;
}

static enum tc_status derive_at_once(struct assessment *run_of, struct tc_assess_counts *out,
                                     struct tc_error *error)
{
    struct tc_assess_counts counts = {0};
    sqlite3 *db = run_of->store->db;
    /*
     * A finding's observation and rule were just read or are checked: looking both up again for
     * each would cost as much as the finding. It cannot be switched inside a transaction.
     */
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    enum tc_status status = tc_db_begin(run_of->store, error);
    if (status == TC_OK) {
        status = derive(run_of, &counts, error);
    }
    if (status == TC_OK) {
        status = tc_db_commit(run_of->store, error);
    }
    tc_db_rollback(run_of->store); /* does nothing after a commit */
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    if (status == TC_OK) {
        *out = counts;
    }
    return status;
}

enum tc_status tc_assess(struct tc_store *store, const struct tc_assess_options *options,
                         struct tc_assess_counts *out, struct tc_error *error)
{
    struct tc_rule_set set = {0};
    struct tc_waiver_list waivers = {0};
    struct assessment run_of = {
        .store = store,
        .set = &set,
        .waivers = &waivers,
        .input = {.scan_id = options->scan_id, .as_of_s = options->as_of_s},
    };
    enum tc_status status = tc_rule_set_load(&set, options->rules_dir, error);
    if (status == TC_OK && options->waivers_path != NULL) {
        status = tc_waivers_read(&waivers, options->waivers_path, &set, error);
    }
    if (status == TC_OK) {
        run_of.rule_ids = calloc(set.num_rules + 1, sizeof *run_of.rule_ids);
        status = run_of.rule_ids != NULL ? derive_at_once(&run_of, out, error)
                                         : tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    free(run_of.rule_ids);
    tc_waivers_cleanup(&waivers);
    tc_rule_set_cleanup(&set);
    return status;
}
