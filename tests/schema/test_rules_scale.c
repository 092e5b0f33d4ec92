#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "rules_fixture.h"
#include "schema/rule_set.h"

/*
 * No rule may compare all with all: on a fleet in which everything is wrong everywhere, twice the
 * hosts must cost no more than about twice the steps of SQLite's machine. Steps are counted, not
 * time.
 */
#define SMALL     250
#define LARGE     1000
#define RATIO_MAX (LARGE / SMALL * 3 / 2)
/*
 * Of a feature set a rule is to ask once, not for each observation that has it: a set has some
 * hundred rows here, and each takes ten steps or more.
 */
#define PER_OBSERVATION_MAX 300

/*
 * Three feature sets, of which every endpoint has one: 2 is a server of 1996, 3 one of 2010 without
 * authenticated encryption, 4 one with TLS 1.3 and all the faults that this can have.
 */
static const char k_sets[] =
    "INSERT INTO feature_set VALUES (2, unhex64(7002)), (3, unhex64(7003)), (4, unhex64(7004));"
    "CREATE TEMP TABLE v AS SELECT 2 AS s, 0x0002 AS code, 1 AS yes UNION ALL VALUES "
    "(2, 0x0300, 1), (2, 0x0301, 1), (2, 0x0302, 1), (2, 0x0303, 0), (2, 0x0304, 0), "
    "(3, 0x0002, 0), (3, 0x0300, 0), (3, 0x0301, 1), (3, 0x0302, 1), (3, 0x0303, 1), "
    "(3, 0x0304, 0), (4, 0x0002, 0), (4, 0x0300, 0), (4, 0x0301, 0), (4, 0x0302, 0), "
    "(4, 0x0303, 1), (4, 0x0304, 1);"
    "INSERT INTO feature (feature_set_id, kind, version, code, supported) "
    "SELECT s, 'version', 0, code, yes FROM temp.v UNION ALL "
    "SELECT s, 'trait', code, 41, 1 FROM temp.v WHERE yes UNION ALL "
    "SELECT s, 'cipher', v.code, c.code, 1 FROM temp.v JOIN suite AS c ON v.yes AND "
    "v.code BETWEEN c.min_version AND c.max_version AND (s = 2 OR c.is_aead = (s = 4)) UNION ALL "
    "SELECT s, 'group', v.code, g.code, 1 FROM temp.v JOIN tls_group AS g ON v.yes AND v.code >= "
    "0x0303 AND (g.is_post_quantum = 0 OR s = 3 AND g.is_draft) UNION ALL "
    "SELECT 3, 'signature', 0x0303, code, 1 FROM scheme UNION ALL "
    "SELECT 4, 'trait', 0x0303, 14, 0;"
    "INSERT INTO feature (feature_set_id, kind, code, supported, value, text) VALUES "
    "(2, 'dh', 3, 1, 512, 'RFC 0'), (3, 'dh', 1, 1, 1024, 'RFC 2409 group 2'), "
    "(3, 'trait', 5, 1, 604800, NULL), (4, 'trait', 46, 0, NULL, NULL);"
    "INSERT INTO feature (feature_set_id, kind, code, supported) "
    "SELECT s, 'trait', code, yes FROM (SELECT 3 AS s UNION ALL SELECT 4), (SELECT 1 AS code, 0 AS "
    "yes UNION ALL VALUES (2, 0), (3, 0), (4, 1), (9, 1), (10, 1), (11, 1), (13, 0), (22, 0), (23, "
    "1), (25, 1), (28, 0), (29, 0), (30, 0), (31, 0), (32, 0), (33, 1), (37, 0), (38, 1), (40, "
    "1));";

/* :n hosts, each with two addresses, a chain of its own, and pairs that share a key. */
static const char k_fleet[] =
    "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
    "< %d) SELECT i + 1000 AS i FROM n;"
    "UPDATE certificate SET key_type = 'RSA', key_bits = 1000, not_before_s = " NOW " + 86400, "
    "not_after_s = " NOW " - 1, signature = 'sha1WithRSAEncryption';"
    "INSERT INTO target (target_id, protocol, host, port) SELECT i, 'https', 'h' || i, 443 FROM n;"
    "INSERT INTO scan_target (scan_id, target_id, input_text, endpoints_count) SELECT 1, i, '', 2 "
    "FROM n;"
    "INSERT INTO endpoint (endpoint_id, target_id, address) SELECT 2 * i, i, 'a' FROM n UNION ALL "
    "SELECT 2 * i + 1, i, 'b' FROM n;"
    "INSERT INTO chain SELECT i, unhex64(i) FROM n;"
    "INSERT INTO chain_certificate SELECT i, 1, 2 FROM n UNION ALL SELECT i, 2, 1 FROM n;"
    "INSERT INTO certificate (certificate_id, sha256, spki_sha256, serial_hex, subject_cn, issuer, "
    "issuer_cn, not_before_s, not_after_s, key_type, key_bits, signature, is_ca, is_self_signed, "
    "key_usage, ext_key_usage, policy, sct_count, must_staple, is_precert) "
    "SELECT 2 * i + b, unhex64(2 * i + b), unhex64(i / 2), printf('%%04X', (2 * i + b) / 3), "
    "'h' || i, 'CN=Test CA 1', 'Test CA 1', " NOW " + iif(b, 1, -90) * 86400, " NOW
    " + iif(b, 2, iif(i %% 2, -1, 1)) * 86400, 'RSA', 512, "
    "'md5WithRSAEncryption', 0, 0, 96, 2, 'DV', 0, 1, 0 FROM n, (SELECT 0 AS b UNION ALL SELECT 1);"
    "INSERT INTO certificate_name SELECT certificate_id, 'dns', 'x' FROM certificate WHERE "
    "certificate_id > 2000 AND certificate_id / 2 %% 2 = 0;"
    "INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s, outcome_id, "
    "tls_version, cipher, ocsp_stapled, leaf_id, presented_chain_id, verified_chain_id, "
    "presented_depth, verified_depth, presented_chain_len, extraneous_count, duplicates_count, "
    "root_sent, chain_status, trusted, trust_detail, name_match, cn_match, chain_not_after_s, "
    "chain_not_after_id) SELECT 2 * i + b, 1, 2 * i + b, 0, 0, 0x0302 + b, 0xc02f + b, 0, 2 * i + "
    "b, i, i, 3, 3, 1, 1, 1, 1, iif(i %% 2, 'incomplete', 'out-of-order'), 0, iif(i %% 3, "
    "'unknown-issuer', iif(b, 'self-signed', 'purpose')), 0, b, " NOW " - 1, 2 FROM n, (SELECT 0 "
    "AS b UNION ALL SELECT 1);"
    "UPDATE observation SET feature_set_id = iif(observation_id %% 2, 3 + (observation_id %% 8 = "
    "1), 2), starttls_leftover_bytes = observation_id %% 2, signature_scheme = 0x0201 WHERE "
    "observation_id > 1;"
    "UPDATE observation SET outcome_id = 9, outcome_detail = 'no STARTTLS in the answer to EHLO' "
    "WHERE observation_id %% 10 = 0;"
    "UPDATE target SET host = 'm' || ((target_id + 1) / 2), protocol = iif(target_id %% 2, 'smtp', "
    "'smtps') WHERE target_id > 1;"
    "INSERT INTO other_chain (observation_id, role, leaf_id, trusted, chain_not_after_s) SELECT "
    "observation_id, 'no-sni', leaf_id, 1, 0 FROM observation WHERE observation_id > 1 UNION ALL "
    "SELECT observation_id, 'other-key', leaf_id, 1, 0 FROM observation WHERE observation_id > 1;"
    "CREATE TEMP TABLE past AS SELECT 10000 * k.k + o.leaf_id AS id, o.endpoint_id AS "
    "endpoint_id, " NOW
    " - (90 + 60 * k.k) * 86400 AS since_s FROM observation AS o, (SELECT 1 AS k UNION ALL "
    "VALUES (2), (3)) AS k WHERE o.observation_id > 1;"
    "INSERT INTO certificate (certificate_id, sha256, not_before_s, not_after_s) "
    "SELECT id, unhex64(id), since_s, since_s + 90 * 86400 - 1 FROM past;"
    "INSERT INTO endpoint_leaf SELECT endpoint_id, id, since_s, since_s + 59 * 86400 FROM past "
    "UNION ALL SELECT endpoint_id, leaf_id, " NOW " - 90 * 86400, " NOW " FROM observation;";

static struct tc_rule_set rules;

static int64_t steps_of(struct tc_store *store, const char *sql, int64_t *out_rows)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
        bool is_clock = strcmp(sqlite3_bind_parameter_name(statement, i), ":as_of_s") == 0;
        assert_int_equal(sqlite3_bind_int64(statement, i, is_clock ? NOW_S : 1), SQLITE_OK);
    }
    *out_rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        (*out_rows)++;
    }
    int64_t steps = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return steps;
}

static struct tc_store *fleet_new(int num_hosts)
{
    struct tc_store *store = fixture_new();
    char *sql = sqlite3_mprintf(k_fleet, num_hosts);
    assert_non_null(sql);
    fixture_exec(store, k_sets);
    fixture_exec(store, sql);
    sqlite3_free(sql);
    return store;
}

static void check_scale(void **state)
{
    const struct tc_rule_file *rule = *state;
    int64_t small_rows = 0;
    int64_t large_rows = 0;
    struct tc_store *small = fleet_new(SMALL);
    struct tc_store *large = fleet_new(LARGE);
    int64_t small_steps = steps_of(small, rule->sql, &small_rows);
    int64_t large_steps = steps_of(large, rule->sql, &large_rows);
    int64_t more_steps = (large_steps - small_steps) / (2 * (LARGE - SMALL));
    if (large_steps > small_steps * RATIO_MAX) {
        fail_msg("%s: %lld steps for %d hosts, %lld for %d", rule->id, (long long)small_steps,
                 SMALL, (long long)large_steps, LARGE);
    }
    if (strstr(rule->sql, "scan_feature_set") != NULL && more_steps > PER_OBSERVATION_MAX) {
        fail_msg("%s: %lld steps for each observation more: it asks each for its features",
                 rule->id, (long long)more_steps);
    }
    /* else the fleet would not try the rule */
    bool needs_other_facts = strcmp(rule->id, "cert-renewal-due") == 0 ||
                             strcmp(rule->id, "cert-validity-too-long") == 0 ||
                             strcmp(rule->id, "chain-intermediate-expiring") == 0;
    assert_true(needs_other_facts || large_rows > small_rows);
    tc_store_close(small);
    tc_store_close(large);
}

int main(void)
{
    struct CMUnitTest tests[128] = {0};
    struct tc_error error = {0};
    if (tc_rule_set_load(&rules, NULL, &error) != TC_OK || rules.num_rules > TC_ARRAY_LEN(tests)) {
        return 1;
    }
    for (size_t i = 0; i < rules.num_rules; i++) {
        tests[i].name = rules.rules[i].id;
        tests[i].test_func = check_scale;
        tests[i].initial_state = &rules.rules[i];
    }
    int failed = _cmocka_run_group_tests("rules_scale", tests, rules.num_rules, NULL, NULL);
    tc_rule_set_cleanup(&rules);
    return failed;
}
