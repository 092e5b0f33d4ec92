#include "rule_run.h"

#include <stdint.h>
#include <string.h>

#define OPS_PER_CALL        10000 /* steps of SQLite's machine between two looks at the bound */
#define CALLS_BASE          1000  /* 10 million steps: a tenth of a second or so */
#define OBSERVATIONS_A_CALL 2     /* and 5,000 steps for each observation of the scan */
#define ROWS_A_CALL         250   /* rows that count as one such look: storing them is work too */

/* ---- what a rule may do ---- */

/* Functions with an effect, or whose answer the database does not decide. */
static const char *const k_denied_functions[] = {
    "changes",        "current_date",      "current_time",   "current_timestamp",
    "fts3_tokenizer", "last_insert_rowid", "load_extension", "random",
    "randomblob",     "sqlite_log",        "total_changes",
};

static bool is_denied_function(const char *name)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_denied_functions); i++) {
        if (sqlite3_stricmp(name, k_denied_functions[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_of_survey(const char *table)
{
    return sqlite3_stricmp(table, "feature") == 0 || sqlite3_stricmp(table, "other_chain") == 0;
}

static int deny(struct tc_rule_guard *guard, int action, const char *name)
{
    bool is_schema = name != NULL && sqlite3_strnicmp(name, "sqlite_", 7) == 0;
    guard->denied = action == SQLITE_FUNCTION || !is_schema ? action : SQLITE_CREATE_TABLE;
    sqlite3_snprintf((int)sizeof guard->denied_name, guard->denied_name, "%s",
                     name != NULL ? name : "");
    return SQLITE_DENY;
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    struct tc_rule_guard *guard = context;
    (void)database;
    (void)trigger;
    if (!guard->armed) {
        return SQLITE_OK;
    }
    switch (action) {
    case SQLITE_READ:
        guard->reads_survey = guard->reads_survey || is_of_survey(first);
        return SQLITE_OK;
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION: /* the name is the second of the two */
        return is_denied_function(second) ? deny(guard, action, second) : SQLITE_OK;
    default:
        return deny(guard, action, first);
    }
}

static const char *action_name(int action)
{
    switch (action) {
    case SQLITE_INSERT:
        return "INSERT";
    case SQLITE_UPDATE:
        return "UPDATE";
    case SQLITE_DELETE:
        return "DELETE";
    case SQLITE_ATTACH:
        return "ATTACH";
    case SQLITE_DETACH:
        return "DETACH";
    case SQLITE_PRAGMA:
        return "PRAGMA";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return "a transaction";
    case SQLITE_FUNCTION:
        return "function";
    default:
        return "a change of the schema";
    }
}

static int look_at_work(void *context)
{
    struct tc_rule_guard *guard = context;
    if (!guard->armed || guard->ops_left-- > 0) {
        return 0;
    }
    guard->out_of_ops = true;
    return 1;
}

void tc_rule_guard_start(struct tc_rule_guard *guard, struct tc_store *store)
{
    memset(guard, 0, sizeof *guard);
    guard->store = store;
    (void)sqlite3_set_authorizer(store->db, authorize, guard);
    sqlite3_progress_handler(store->db, OPS_PER_CALL, look_at_work, guard);
}

void tc_rule_guard_stop(struct tc_rule_guard *guard)
{
    sqlite3_progress_handler(guard->store->db, 0, NULL, NULL);
    (void)sqlite3_set_authorizer(guard->store->db, NULL, NULL);
}

/* ---- compiling ---- */

/* The line of the file in which byte `offset` of the rule's SQL lies. */
static unsigned line_at(const struct tc_rule_file *rule, int offset)
{
    unsigned line = rule->sql_line;
    for (int i = 0; i < offset && rule->sql[i] != '\0'; i++) {
        line += rule->sql[i] == '\n';
    }
    return line;
}

/* Why the last call on the connection failed, as the rule's fault where it is one. */
static enum tc_status fail_rule(struct tc_rule_guard *guard, const struct tc_rule_file *rule,
                                struct tc_error *error)
{
    sqlite3 *db = guard->store->db;
    int code = sqlite3_errcode(db) & 0xff;
    unsigned line = line_at(rule, sqlite3_error_offset(db));
    if (guard->out_of_ops) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s:%u: the rule works too long and was stopped: does it join all with all, "
                       "or recurse without end?",
                       rule->path, rule->sql_line);
    }
    if (guard->denied != 0) { /* SQLite's code for it is not always SQLITE_AUTH */
        bool is_function = guard->denied == SQLITE_FUNCTION;
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: a rule may only read: %s%s%s is not allowed",
                       rule->path, line, action_name(guard->denied), is_function ? " " : "",
                       is_function ? guard->denied_name : "");
    }
    switch (code) {
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tc_db_fail(guard->store, error, "running the rules");
    default:
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: %s", rule->path, line, sqlite3_errmsg(db));
    }
}

/* The first byte after `sql` that is neither space, comment nor semicolon; NULL where none is. */
static const char *find_more(const struct tc_rule_guard *guard, const char *tail)
{
    while (*tail != '\0') {
        sqlite3_stmt *statement = NULL;
        const char *next = NULL;
        /* SQLite knows best what is a comment: of nothing it makes no statement. */
        int rc = sqlite3_prepare_v2(guard->store->db, tail, -1, &statement, &next);
        bool is_empty = rc == SQLITE_OK && statement == NULL;
        (void)sqlite3_finalize(statement);
        if (!is_empty) {
            return tail;
        }
        tail = next;
    }
    return NULL;
}

static enum tc_status check_parameters(const struct tc_rule_file *rule, sqlite3_stmt *statement,
                                       struct tc_error *error)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i);
        if (name == NULL || (strcmp(name, ":scan_id") != 0 && strcmp(name, ":as_of_s") != 0)) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s:%u: parameter %s: a rule has :scan_id and :as_of_s alone",
                           rule->path, rule->sql_line, name != NULL ? name : "?");
        }
    }
    return TC_OK;
}

static enum tc_status check_columns(const struct tc_rule_file *rule, sqlite3_stmt *statement,
                                    struct tc_error *error)
{
    static const char *const names[] = {"observation_id", "detail", "severity"};
    int num = sqlite3_column_count(statement);
    bool fits = num == 2 || num == 3;
    for (int i = 0; fits && i < num; i++) {
        fits = sqlite3_stricmp(sqlite3_column_name(statement, i), names[i]) == 0;
    }
    if (!fits) {
        return tc_fail(error, TC_ERR_INPUT,
                       "%s:%u: the columns must be observation_id, detail and, where it varies, "
                       "severity (name them with AS)",
                       rule->path, rule->sql_line);
    }
    return TC_OK;
}

static enum tc_status compile(struct tc_rule_guard *guard, const struct tc_rule_file *rule,
                              sqlite3_stmt **out, struct tc_error *error)
{
    const char *tail = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(guard->store->db, rule->sql, -1, &statement, &tail) != SQLITE_OK) {
        return fail_rule(guard, rule, error);
    }
    if (statement == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: no SELECT after the header", rule->path,
                       rule->sql_line);
    }
    enum tc_status status = TC_OK;
    const char *more = find_more(guard, tail);
    if (more != NULL) {
        more += strspn(more, " \t\r\n");
        status = tc_fail(error, TC_ERR_INPUT, "%s:%u: a rule is one SELECT; here begins a second",
                         rule->path, line_at(rule, (int)(more - rule->sql)));
    } else if (sqlite3_column_count(statement) == 0 || sqlite3_stmt_readonly(statement) == 0 ||
               sqlite3_stmt_isexplain(statement) != 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s:%u: not a SELECT", rule->path, rule->sql_line);
    } else {
        status = check_parameters(rule, statement, error);
    }
    if (status == TC_OK) {
        status = check_columns(rule, statement, error);
    }
    if (status != TC_OK) {
        (void)sqlite3_finalize(statement);
        return status;
    }
    *out = statement;
    return TC_OK;
}

/* ---- running ---- */

static void bind_if_there(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);
    if (index > 0) {
        (void)sqlite3_bind_int64(statement, index, value);
    }
}

static enum tc_status hand_over(const struct tc_rule_file *rule, sqlite3_stmt *statement,
                                tc_rule_sink sink, void *context, struct tc_error *error)
{
    int64_t severity = rule->severity;
    if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: a row's observation_id is not an integer",
                       rule->path, rule->sql_line);
    }
    if (sqlite3_column_type(statement, 1) == SQLITE_BLOB) {
        return tc_fail(error, TC_ERR_INPUT, "%s:%u: a row's detail is not text", rule->path,
                       rule->sql_line);
    }
    if (sqlite3_column_count(statement) == 3) {
        severity = sqlite3_column_int64(statement, 2);
        if (sqlite3_column_type(statement, 2) != SQLITE_INTEGER || severity < 0 ||
            severity >= TC_RULE_SEVERITIES) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s:%u: a row's severity is not a number from 0 (info) to 4 (critical)",
                           rule->path, rule->sql_line);
        }
    }
    const struct tc_rule_row row = {.observation_id = sqlite3_column_int64(statement, 0),
                                    .severity = (unsigned)severity,
                                    .detail = (const char *)sqlite3_column_text(statement, 1),
                                    .detail_len = (size_t)sqlite3_column_bytes(statement, 1)};
    return sink(context, &row, error);
}

static enum tc_status step_all(struct tc_rule_guard *guard, const struct tc_rule_file *rule,
                               sqlite3_stmt *statement, tc_rule_sink sink, void *context,
                               struct tc_error *error)
{
    for (uint64_t num_rows = 0;;) {
        guard->armed = true;
        int rc = sqlite3_step(statement);
        guard->armed = false;
        if (rc == SQLITE_DONE) {
            return TC_OK;
        }
        if (rc != SQLITE_ROW) {
            return fail_rule(guard, rule, error);
        }
        enum tc_status status = hand_over(rule, statement, sink, context, error);
        if (status != TC_OK) {
            return status;
        }
        if (++num_rows % ROWS_A_CALL == 0 && guard->ops_left-- <= 0) {
            guard->out_of_ops = true;
            return fail_rule(guard, rule, error);
        }
    }
}

enum tc_status tc_rule_run(struct tc_rule_guard *guard, const struct tc_rule_file *rule,
                           const struct tc_rule_input *input, tc_rule_sink sink, void *context,
                           struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    /* Ours grow with the scan and no faster; they are not stopped halfway on a slow query plan. */
    guard->ops_left =
        rule->is_builtin ? INT64_MAX : CALLS_BASE + input->num_observations / OBSERVATIONS_A_CALL;
    guard->out_of_ops = false;
    guard->denied = 0;
    guard->reads_survey = false;
    guard->armed = true;
    enum tc_status status = compile(guard, rule, &statement, error);
    guard->armed = false;
    if (status != TC_OK) {
        return status;
    }
    bind_if_there(statement, ":scan_id", input->scan_id);
    bind_if_there(statement, ":as_of_s", input->as_of_s);
    status = step_all(guard, rule, statement, sink, context, error);
    (void)sqlite3_finalize(statement);
    return status;
}
