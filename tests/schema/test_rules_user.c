#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "rules_dir.h"
#include "rules_fixture.h"
#include "tlscensus/buf.h"

#define PICK "SELECT observation_id, 'mine' AS detail FROM observation WHERE scan_id = :scan_id"

/* ---- what a rule of a user's own may do ---- */

static struct user_case {
    const char *name;
    const char *sql;
    const char *error; /* after the file's path; NULL: it runs */
    int severity;      /* -1: no finding */
    const char *detail;
} user_cases[] = {
    {"user: a plain rule", PICK, NULL, 2, "mine"},
    {"user: a semicolon and a comment after it", PICK ";\n -- the end\n; /* really */ ;\n", NULL, 2,
     "mine"},
    {"user: a severity of its own",
     "SELECT observation_id, 'x' AS detail, 4 AS severity FROM observation", NULL, 4, "x"},
    {"user: no row", PICK " AND 0", NULL, -1, NULL},
    {"user: a detail that is not there", "SELECT observation_id, NULL AS detail FROM observation",
     NULL, 2, ""},
    {"user: a number as detail", "SELECT observation_id, 7 AS detail FROM observation", NULL, 2,
     "7"},
    {"user: several rows are one finding, the worst",
     "SELECT 1 AS observation_id, column1 AS detail, column2 AS severity FROM (VALUES ('a', 1), "
     "(NULL, 0), ('b', 3), ('c', 2))",
     NULL, 3, "a; b; c"},
    {"user: the clock", "SELECT 1 AS observation_id, date(:as_of_s, 'unixepoch') AS detail", NULL,
     2, "2026-12-01"},
    {"user: recursion that ends",
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
     "SELECT 1 AS observation_id, max(i) AS detail FROM n",
     NULL, 2, "1000"},
    {"user: reads views and lookup tables",
     "SELECT observation_id, tls_version AS detail FROM v_endpoint", NULL, 2, "TLSv1.3"},

    {"user: nothing", "", ":7: no SELECT after the header", -1, NULL},
    {"user: a comment only", "--\n-- nothing\n", ":8: no SELECT after the header", -1, NULL},
    {"user: two statements", PICK ";\n\nSELECT 2", ":9: a rule is one SELECT; here begins a second",
     -1, NULL},
    {"user: a second that would write", PICK "; DROP TABLE finding",
     ":7: a rule is one SELECT; here begins a second", -1, NULL},
    {"user: a typo", "SELECT observation_id, 'x' AS detail\nFROM observations",
     ":7: no such table: observations", -1, NULL},
    {"user: a typo on its line",
     "SELECT observation_id,\n  'x' AS detail, grad AS severity\n"
     "FROM observation",
     ":8: no such column: grad", -1, NULL},
    {"user: no grammar", "SELECT FROM WHERE", ":7: near \"FROM\": syntax error", -1, NULL},
    {"user: one column", "SELECT observation_id FROM observation",
     ":7: the columns must be observation_id, detail and, where it varies, severity (name them "
     "with AS)",
     -1, NULL},
    {"user: four columns",
     "SELECT observation_id, 'x' AS detail, 1 AS severity, 2 AS more FROM observation",
     ":7: the columns must be observation_id, detail and, where it varies, severity (name them "
     "with AS)",
     -1, NULL},
    {"user: columns of other names", "SELECT observation_id, grade FROM observation",
     ":7: the columns must be observation_id, detail and, where it varies, severity (name them "
     "with AS)",
     -1, NULL},
    {"user: another parameter", PICK " AND endpoint_id = :endpoint_id",
     ":7: parameter :endpoint_id: a rule has :scan_id and :as_of_s alone", -1, NULL},
    {"user: a nameless parameter", PICK " AND endpoint_id = ?",
     ":7: parameter ?: a rule has :scan_id and :as_of_s alone", -1, NULL},
    {"user: a row of another scan", "SELECT 99 AS observation_id, 'x' AS detail",
     ":7: a row names observation 99, which is none of scan 1: compare scan_id with :scan_id", -1,
     NULL},
    {"user: an observation that is text", "SELECT '1' AS observation_id, 'x' AS detail",
     ":7: a row's observation_id is not an integer", -1, NULL},
    {"user: no observation", "SELECT NULL AS observation_id, 'x' AS detail",
     ":7: a row's observation_id is not an integer", -1, NULL},
    {"user: a detail that is a BLOB", "SELECT 1 AS observation_id, x'00' AS detail",
     ":7: a row's detail is not text", -1, NULL},
    {"user: severity 5", "SELECT 1 AS observation_id, 'x' AS detail, 5 AS severity",
     ":7: a row's severity is not a number from 0 (info) to 4 (critical)", -1, NULL},
    {"user: severity -1", "SELECT 1 AS observation_id, 'x' AS detail, -1 AS severity",
     ":7: a row's severity is not a number from 0 (info) to 4 (critical)", -1, NULL},
    {"user: severity in words", "SELECT 1 AS observation_id, 'x' AS detail, 'high' AS severity",
     ":7: a row's severity is not a number from 0 (info) to 4 (critical)", -1, NULL},
    {"user: fails while it runs", "SELECT 1 AS observation_id, abs(-9223372036854775808) AS detail",
     ":7: integer overflow", -1, NULL},

    {"attack: INSERT", "INSERT INTO rule (name) VALUES ('x')",
     ":7: a rule may only read: INSERT is not allowed", -1, NULL},
    {"attack: INSERT that returns rows",
     "INSERT INTO chain (sha256) VALUES (x'01') RETURNING 1 AS observation_id, 'x' AS detail",
     ":7: a rule may only read: INSERT is not allowed", -1, NULL},
    {"attack: UPDATE", "UPDATE observation SET grade = 'A'",
     ":7: a rule may only read: UPDATE is not allowed", -1, NULL},
    {"attack: DELETE", "DELETE FROM observation", ":7: a rule may only read: DELETE is not allowed",
     -1, NULL},
    {"attack: CREATE", "CREATE TABLE x (y)",
     ":7: a rule may only read: a change of the schema is not allowed", -1, NULL},
    {"attack: a temporary view", "CREATE TEMP VIEW v AS SELECT 1",
     ":7: a rule may only read: a change of the schema is not allowed", -1, NULL},
    {"attack: DROP", "DROP TABLE finding",
     ":7: a rule may only read: a change of the schema is not allowed", -1, NULL},
    {"attack: ATTACH", "ATTACH '/tmp/x.db' AS x", ":7: a rule may only read: ATTACH is not allowed",
     -1, NULL},
    {"attack: VACUUM INTO", "VACUUM INTO '/tmp/x.db'", ":7: not a SELECT", -1, NULL},
    {"attack: PRAGMA", "PRAGMA journal_mode = OFF",
     ":7: a rule may only read: PRAGMA is not allowed", -1, NULL},
    {"attack: PRAGMA as a table",
     "SELECT 1 AS observation_id, name AS detail FROM pragma_table_info('rule')",
     ":7: a rule may only read: a change of the schema is not allowed", -1, NULL},
    {"attack: COMMIT", "COMMIT", ":7: a rule may only read: a transaction is not allowed", -1,
     NULL},
    {"attack: SAVEPOINT", "SAVEPOINT x", ":7: a rule may only read: a transaction is not allowed",
     -1, NULL},
    {"attack: load_extension", "SELECT 1 AS observation_id, load_extension('x') AS detail",
     ":7: a rule may only read: function load_extension is not allowed", -1, NULL},
    {"attack: chance", "SELECT 1 AS observation_id, random() AS detail",
     ":7: a rule may only read: function random is not allowed", -1, NULL},
    {"attack: another clock", "SELECT 1 AS observation_id, CURRENT_TIMESTAMP AS detail",
     ":7: a rule may only read: function current_timestamp is not allowed", -1, NULL},
    {"attack: EXPLAIN", "EXPLAIN " PICK, ":7: not a SELECT", -1, NULL},
    {"attack: recursion without end",
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
     "SELECT 1 AS observation_id, count(*) AS detail FROM n",
     ":7: the rule works too long and was stopped: does it join all with all, or recurse without "
     "end?",
     -1, NULL},
    {"attack: rows without end",
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
     "SELECT 1 AS observation_id, 'x' AS detail FROM n",
     ":7: the rule works too long and was stopped: does it join all with all, or recurse without "
     "end?",
     -1, NULL},
};

static enum tc_status assess_with(struct tc_store *store, const char *dir, const char *waivers,
                                  struct tc_assess_counts *counts, struct tc_error *error)
{
    struct tc_assess_options options = {.scan_id = 1, .rules_dir = dir, .waivers_path = waivers};
    return tc_assess(store, &options, counts, error);
}

static void assert_text(struct tc_store *store, const char *sql, const char *expected)
{
    char *text = fixture_text(store, sql);
    assert_string_equal(text, expected);
    free(text);
}

static const char k_my_detail[] =
    "SELECT f.detail FROM finding AS f JOIN rule AS r USING (rule_id) WHERE r.name = 'my-rule'";

static void check_user(void **state)
{
    const struct user_case *row = *state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    struct tc_buf text;
    tc_buf_init(&text, 8192);
    assert_int_equal(tc_buf_addf(&text, "%s%s", RULE_HEAD("my-rule"), row->sql), TC_OK);
    rules_dir_put(dir, "my-rule.sql", text.data);
    tc_buf_cleanup(&text);

    enum tc_status status = assess_with(store, dir, NULL, &counts, &error);
    if (row->error == NULL) {
        if (status != TC_OK) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(fixture_int(store, "SELECT f.severity FROM finding AS f JOIN rule AS r "
                                            "USING (rule_id) WHERE r.name = 'my-rule'"),
                         row->severity);
        if (row->detail != NULL) {
            assert_text(store, k_my_detail, row->detail);
        }
    } else {
        char *path = rules_dir_path(dir, "my-rule.sql");
        assert_int_equal(status, TC_ERR_INPUT);
        assert_memory_equal(error.text, path, strlen(path));
        assert_string_equal(error.text + strlen(path), row->error);
        /* nothing of the failed run is left */
        assert_int_equal(fixture_int(store, "SELECT count(*) FROM rule"), 0);
        assert_true(sqlite3_get_autocommit(store->db));
        free(path);
    }
    /* the connection is free again for whoever comes next */
    fixture_exec(store, "PRAGMA user_version; UPDATE scan SET notices = 'x'");
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void one_of_ours_can_be_replaced(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    rules_dir_put(dir, "tls13-missing.sql",
                  "-- id: tls13-missing\n-- severity: high\n-- title: T\n-- why: W\n-- remedy: R\n"
                  "-- source: house rule 7\n-- cap: B\n--\n"
                  "SELECT observation_id, 'no 1.3' AS detail FROM observation "
                  "WHERE scan_id = :scan_id AND tls_version < 0x0304");
    rules_dir_put(dir, "README", "not a rule");
    rules_dir_put(dir, ".hidden.sql", "not a rule");
    fixture_exec(store, SEEN("tls_version = 0x0303"));
    assert_int_equal(assess_with(store, dir, NULL, &counts, &error), TC_OK);
    assert_int_equal(counts.findings[3], 1);
    assert_int_equal(counts.findings[1], 0);
    assert_text(store, "SELECT detail FROM finding", "no 1.3");
    assert_text(store, "SELECT grade FROM observation", "B"); /* its own cap, not C */
    assert_text(store, "SELECT source FROM rule WHERE name = 'tls13-missing'", "house rule 7");
    assert_text(store, "SELECT grade_cap FROM rule WHERE name = 'tls13-missing'", "B");
    /* without the folder ours is back */
    assert_int_equal(assess_with(store, NULL, NULL, &counts, &error), TC_OK);
    assert_text(store, "SELECT grade FROM observation", "A-");
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void a_trust_rule_of_a_user_makes_the_verdict(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    rules_dir_put(dir, "our-ca.sql",
                  "-- id: our-ca\n-- severity: high\n-- verdict: trust\n-- title: T\n-- why: W\n"
                  "-- remedy: R\n-- source: S\n\n" PICK);
    assert_int_equal(assess_with(store, dir, NULL, &counts, &error), TC_OK);
    assert_text(store, "SELECT grade FROM observation", "T");
    assert_text(store, "SELECT config_grade FROM observation", "A");
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void without_its_rule_the_verdict_stands(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    rules_dir_put(dir, "cert-self-signed.sql",
                  RULE_HEAD("cert-self-signed") "SELECT 1 AS observation_id, '' AS detail WHERE 0");
    fixture_exec(store, SEEN("trusted = 0, trust_detail = 'self-signed', verified_depth = NULL, "
                             "verified_chain_id = NULL"));
    assert_int_equal(assess_with(store, dir, NULL, &counts, &error), TC_OK);
    assert_text(store, "SELECT grade FROM observation", "T");
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void folders_that_cannot_be_used(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    char *file = rules_dir_path(dir, "x.txt");
    rules_dir_put(dir, "x.txt", "");
    assert_int_equal(assess_with(store, dir, NULL, &counts, &error), TC_ERR_INPUT);
    assert_memory_equal(error.text, dir, strlen(dir));
    assert_string_equal(error.text + strlen(dir),
                        ": has no rule: a rule is a file that ends in .sql");
    assert_int_equal(assess_with(store, file, NULL, &counts, &error), TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "the folder of rules cannot be read: Not a directory"));
    assert_int_equal(assess_with(store, "/nonexistent", NULL, &counts, &error), TC_ERR_INPUT);
    assert_string_equal(
        error.text, "/nonexistent: the folder of rules cannot be read: No such file or directory");
    free(file);
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void a_long_detail_stops_growing(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    rules_dir_put(dir, "my-rule.sql",
                  RULE_HEAD("my-rule") "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                       "FROM n WHERE i < 9) SELECT 1 AS observation_id, "
                                       "hex(zeroblob(1000 * i)) AS detail FROM n");
    assert_int_equal(assess_with(store, dir, NULL, &counts, &error), TC_OK);
    assert_int_equal(fixture_int(store, "SELECT length(detail) FROM finding"), 2000 + 2 + 4000);
    rules_dir_remove(dir);
    tc_store_close(store);
}

/* ---- waivers ---- */

#define WAIVERS "rule,host,until,reason\n"
#define SMALL   LEAF("key_type = 'RSA', key_bits = 1024")
#define IDN     "UPDATE target SET host = 'xn--bcher-kva.example', host_unicode = 'bücher.example';"

static struct waiver_case {
    const char *name;
    const char *spoil;
    const char *waivers;
    const char *reason; /* of the only finding */
    const char *until;
    const char *grade;
} waiver_cases[] = {
    {"waiver: runs", SMALL, WAIVERS "key-rsa-small,www.example.org,2026-12-31,device retires\n",
     "device retires", "2026-12-31 23:59:59", "A"},
    {"waiver: runs to the end of its day", SMALL,
     WAIVERS "key-rsa-small,WWW.example.org,2026-12-01,r\n", "r", "2026-12-01 23:59:59", "A"},
    {"waiver: ended yesterday", SMALL, WAIVERS "key-rsa-small,www.example.org,2026-11-30,r\n", "",
     "", "C"},
    {"waiver: for another host", SMALL, WAIVERS "key-rsa-small,example.org,2026-12-31,r\n", "", "",
     "C"},
    {"waiver: for another rule", SMALL, WAIVERS "sig-sha1-md5,www.example.org,2026-12-31,r\n", "",
     "", "C"},
    {"waiver: of two the longer stands", SMALL,
     WAIVERS "key-rsa-small,www.example.org,2027-01-31,long\n"
             "key-rsa-small,www.example.org,2026-12-31,short\n",
     "long", "2027-01-31 23:59:59", "A"},
    {"waiver: an international name as people write it", SMALL IDN,
     WAIVERS "key-rsa-small,bücher.example,2026-12-31,r\n", "r", "2026-12-31 23:59:59", "A"},
    {"waiver: an international name as it travels", SMALL IDN,
     WAIVERS "key-rsa-small,xn--bcher-kva.example,2026-12-31,r\n", "r", "2026-12-31 23:59:59", "A"},
    {"waiver: of the verdict", LEAF("not_after_s = " NOW " - 1"),
     WAIVERS "cert-expired,www.example.org,2026-12-31,r\n", "r", "2026-12-31 23:59:59", "A"},
};

static void check_waiver(void **state)
{
    const struct waiver_case *row = *state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    char *path = rules_dir_path(dir, "waivers.csv");
    rules_dir_put(dir, "waivers.csv", row->waivers);
    fixture_exec(store, row->spoil);
    fixture_settle(store);
    if (assess_with(store, NULL, path, &counts, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding"), 1);
    assert_text(store, "SELECT waiver_reason FROM finding", row->reason);
    assert_text(store, "SELECT datetime(waived_until_s, 'unixepoch') FROM finding", row->until);
    assert_text(store, "SELECT grade FROM observation", row->grade);
    assert_int_equal(counts.waived, row->reason[0] != '\0');
    assert_int_equal(counts.findings[3] + counts.findings[4], row->reason[0] == '\0');
    free(path);
    rules_dir_remove(dir);
    tc_store_close(store);
}

/* Two hosts that share a set of findings: one is waived, and waived no more. */
static void a_waiver_is_one_hosts_own(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    char *path = rules_dir_path(dir, "waivers.csv");
    rules_dir_put(dir, "waivers.csv", WAIVERS "tls13-missing,www.example.org,2026-12-31,r\n");
    fixture_exec(store, OTHER_HOST("2") "UPDATE observation SET tls_version = 0x0303;");
    assert_int_equal(assess_with(store, NULL, path, &counts, &error), TC_OK);
    assert_text(store, "SELECT group_concat(grade) FROM observation", "A,A-");
    assert_text(store, "SELECT group_concat(coalesce(waiver_reason, '-')) FROM finding", "r,-");
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_set"), 1);
    assert_int_equal(counts.waived, 1);
    assert_int_equal(counts.findings[1], 1);
    assert_int_equal(assess_with(store, NULL, NULL, &counts, &error), TC_OK);
    assert_text(store, "SELECT group_concat(grade) FROM observation", "A-,A-");
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_waiver"), 0);
    assert_int_equal(counts.waived, 0);
    free(path);
    rules_dir_remove(dir);
    tc_store_close(store);
}

static void a_bad_waiver_changes_nothing(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char *dir = rules_dir_new();
    char *path = rules_dir_path(dir, "waivers.csv");
    rules_dir_put(dir, "waivers.csv", WAIVERS "key-rsa-smal,www.example.org,2026-12-31,r\n");
    assert_int_equal(assess_with(store, NULL, path, &counts, &error), TC_ERR_INPUT);
    assert_string_equal(error.text + strlen(path),
                        ":2: no rule `key-rsa-smal`: did you mean key-rsa-small?");
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM rule"), 0);
    free(path);
    rules_dir_remove(dir);
    tc_store_close(store);
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(one_of_ours_can_be_replaced),
        cmocka_unit_test(a_trust_rule_of_a_user_makes_the_verdict),
        cmocka_unit_test(without_its_rule_the_verdict_stands),
        cmocka_unit_test(folders_that_cannot_be_used),
        cmocka_unit_test(a_long_detail_stops_growing),
        cmocka_unit_test(a_waiver_is_one_hosts_own),
        cmocka_unit_test(a_bad_waiver_changes_nothing),
    };
    struct CMUnitTest
        tests[TC_ARRAY_LEN(user_cases) + TC_ARRAY_LEN(waiver_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(user_cases); i++, num++) {
        tests[num].name = user_cases[i].name;
        tests[num].test_func = check_user;
        tests[num].initial_state = &user_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(waiver_cases); i++, num++) {
        tests[num].name = waiver_cases[i].name;
        tests[num].test_func = check_waiver;
        tests[num].initial_state = &waiver_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("rules_user", tests, NULL, NULL);
}
