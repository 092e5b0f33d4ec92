#include "test_support.h"

#include "rules_fixture.h"

#include <stdlib.h>
#include <string.h>

/* unhex64(7) is a BLOB of 32 bytes that begins with 7 as 64 bits: hashes that can be told apart. */
static void unhex64(sqlite3_context *context, int num_values, sqlite3_value **values)
{
    unsigned char bytes[32] = {0};
    (void)num_values;
    int64_t number = sqlite3_value_int64(values[0]);
    for (int i = 0; i < 8; i++) {
        bytes[7 - i] = (unsigned char)(number >> (8 * i) & 0xff);
    }
    sqlite3_result_blob(context, bytes, (int)sizeof bytes, SQLITE_TRANSIENT);
}

static const char k_healthy[] =
    "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, tool_version, "
    "options_json, trust_store) VALUES (1, 'one', 'quick', 'done', " NOW ", " NOW
    ", '0', '{}', '');"
    "INSERT INTO certificate (certificate_id, sha256, spki_sha256, serial_hex, subject_cn, "
    "subject, "
    "issuer_cn, issuer, not_before_s, not_after_s, key_type, key_bits, signature, version, is_ca, "
    "is_self_issued, is_self_signed, key_usage, ext_key_usage, policy, sct_count, must_staple, "
    "is_precert, names_count) VALUES "
    "(1, unhex64(1), unhex64(1001), '01', 'Test Root', 'CN=Test Root', 'Test Root', 'CN=Test "
    "Root', " NOW " - 3650 * 86400, " NOW
    " + 3650 * 86400, 'RSA', 4096, 'sha256WithRSAEncryption', 3, 1, 1, "
    "1, 96, NULL, NULL, 0, 0, 0, 0), "
    "(2, unhex64(2), unhex64(1002), '02', 'Test CA 1', 'CN=Test CA 1', 'Test Root', 'CN=Test "
    "Root', " NOW " - 900 * 86400, " NOW
    " + 900 * 86400, 'RSA', 2048, 'sha256WithRSAEncryption', 3, 1, 0, "
    "0, 96, NULL, NULL, 0, 0, 0, 0), "
    "(3, unhex64(3), unhex64(1003), '03:AA', 'www.example.org', 'CN=www.example.org', 'Test CA 1', "
    "'CN=Test CA 1', " NOW " - 10 * 86400, " NOW " + 80 * 86400 - 1, 'ECDSA P-256', 256, "
    "'sha256WithRSAEncryption', 3, 0, 0, 0, 1, 1, 'DV', 2, 0, 0, 2);"
    "INSERT INTO certificate_name VALUES (3, 'dns', 'www.example.org'), (3, 'dns', 'example.org');"
    "INSERT INTO chain VALUES (10, unhex64(10)), (11, unhex64(11));"
    "INSERT INTO chain_certificate VALUES (10, 1, 2), (11, 1, 2), (11, 2, 1);"
    "INSERT INTO target (target_id, protocol, host, port) VALUES "
    "(1, 'https', 'www.example.org', 443);"
    "INSERT INTO scan_target (scan_id, target_id, input_text, endpoints_count) VALUES (1, 1, "
    "'www.example.org', 1);"
    "INSERT INTO endpoint (endpoint_id, target_id, address) VALUES (1, 1, '192.0.2.1');"
    "INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s, outcome_id, "
    "tls_version, cipher, kx_group, ocsp_stapled, leaf_id, presented_chain_id, verified_chain_id, "
    "presented_depth, verified_depth, presented_chain_len, extraneous_count, duplicates_count, "
    "root_sent, built_from, chain_status, trusted, trusted_but_for_date, name_match, cn_match, "
    "chain_not_after_id) VALUES (1, 1, 1, " NOW ", 0, 0x0304, 0x1301, 29, 0, 3, 10, 11, 2, 3, 2, "
    "0, 0, 0, 1, 'complete', 1, 1, 1, 1, 3);";

static const char k_survey[] =
    "INSERT INTO feature_set VALUES (1, unhex64(7001));"
    "INSERT INTO feature (feature_set_id, kind, version, code, supported) VALUES "
    "(1, 'version', 0, 0x0002, 0), (1, 'version', 0, 0x0300, 0), (1, 'version', 0, 0x0301, 0), "
    "(1, 'version', 0, 0x0302, 0), (1, 'version', 0, 0x0303, 1), (1, 'version', 0, 0x0304, 1), "
    "(1, 'cipher', 0x0304, 0x1301, 1), (1, 'cipher', 0x0304, 0x1302, 1), "
    "(1, 'cipher', 0x0304, 0x1303, 1), (1, 'cipher', 0x0303, 0xc02b, 1), "
    "(1, 'cipher', 0x0303, 0xc02c, 1), (1, 'group', 0x0304, 0x11ec, 1), "
    "(1, 'group', 0x0304, 29, 1), (1, 'group', 0x0303, 29, 1), "
    "(1, 'signature', 0x0303, 0x0403, 1), (1, 'alpn', 0, 1, 1), "
    "(1, 'trait', 0x0303, 14, 1), (1, 'trait', 0x0303, 41, 1), (1, 'trait', 0x0304, 41, 1), "
    "(1, 'trait', 0x0303, 42, 1), (1, 'trait', 0x0304, 42, 1);"
    "INSERT INTO feature (feature_set_id, kind, code, supported, value) VALUES "
    "(1, 'trait', 1, 1, NULL), (1, 'trait', 2, 1, NULL), (1, 'trait', 3, 1, NULL), "
    "(1, 'trait', 4, 0, NULL), (1, 'trait', 5, 1, 7200), (1, 'trait', 9, 0, NULL), "
    "(1, 'trait', 10, 0, NULL), (1, 'trait', 11, 0, NULL), (1, 'trait', 13, 1, NULL), "
    "(1, 'trait', 22, 1, NULL), (1, 'trait', 23, 0, NULL), (1, 'trait', 24, 0, NULL), "
    "(1, 'trait', 28, 1, NULL), (1, 'trait', 29, 1, NULL), (1, 'trait', 30, 1, NULL), "
    "(1, 'trait', 31, 1, NULL), (1, 'trait', 32, 1, NULL), (1, 'trait', 33, 0, NULL), "
    "(1, 'trait', 37, 1, NULL), (1, 'trait', 40, 0, NULL), (1, 'trait', 45, 1, NULL), "
    "(1, 'trait', 46, 1, NULL);";

/* The earliest end on the path without its anchor, or of what was sent where there is no path. */
static const char k_settle[] =
    "UPDATE observation SET chain_not_after_id = (SELECT c.certificate_id FROM certificate AS c "
    "  WHERE c.certificate_id = leaf_id OR c.certificate_id IN (SELECT m.certificate_id "
    "    FROM chain_certificate AS m WHERE m.chain_id = iif(verified_depth IS NULL, "
    "presented_chain_id, verified_chain_id) AND (verified_depth IS NULL OR m.position < "
    "verified_depth - 1)) ORDER BY c.not_after_s, c.certificate_id DESC LIMIT 1);"
    "UPDATE observation SET chain_not_after_s = (SELECT c.not_after_s FROM certificate AS c "
    "  WHERE c.certificate_id = chain_not_after_id);";

void fixture_exec(struct tc_store *store, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(store->db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s", message);
    }
    sqlite3_free(message);
}

void fixture_settle(struct tc_store *store)
{
    fixture_exec(store, k_settle);
}

struct tc_store *fixture_new(void)
{
    struct tc_store *store = NULL;
    struct tc_error error = {0};
    if (tc_store_open(&store, ":memory:", TC_STORE_CREATE, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(
        sqlite3_create_function(store->db, "unhex64", 1, SQLITE_UTF8, NULL, unhex64, NULL, NULL),
        SQLITE_OK);
    fixture_exec(store, k_healthy);
    fixture_exec(store, k_survey);
    fixture_settle(store);
    return store;
}

int64_t fixture_int(struct tc_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

char *fixture_text(struct tc_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    const char *value = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        value = (const char *)sqlite3_column_text(statement, 0);
    }
    char *copy = strdup(value != NULL ? value : "");
    sqlite3_finalize(statement);
    assert_non_null(copy);
    return copy;
}

void check_rule(void **state)
{
    const struct rule_case *row = *state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    char sql[256];

    fixture_exec(store, row->spoil);
    fixture_settle(store);
    if (tc_assess(store, &options, &counts, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    sqlite3_snprintf((int)sizeof sql, sql,
                     "SELECT f.severity FROM finding AS f JOIN rule AS r USING (rule_id) "
                     "WHERE f.observation_id = 1 AND r.name = %Q",
                     row->rule);
    assert_int_equal(fixture_int(store, sql), row->severity);
    if (row->detail != NULL) {
        sqlite3_snprintf((int)sizeof sql, sql,
                         "SELECT f.detail FROM finding AS f JOIN rule AS r USING (rule_id) "
                         "WHERE f.observation_id = 1 AND r.name = %Q",
                         row->rule);
        char *detail = fixture_text(store, sql);
        assert_string_equal(detail, row->detail);
        free(detail);
    }
    tc_store_close(store);
}
