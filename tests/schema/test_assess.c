#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "rules_fixture.h"

/* ---- the list of rules, each with its severity and cap ---- */

static const struct {
    const char *id;
    const char *severity;
    const char *cap;
    bool is_trust;
} k_rules[] = {
    {"alpn-lax", "low", "A-", false},
    {"backend-inconsistent", "low", "A-", false},
    {"cert-cn-only", "high", "", true},
    {"cert-eku-ku", "medium", "B", false},
    {"cert-expired", "critical", "", true},
    {"cert-expiring", "medium", "B", false},
    {"cert-name-mismatch", "critical", "", true},
    {"cert-not-yet-valid", "high", "", true},
    {"cert-renewal-due", "info", "", false},
    {"cert-self-signed", "high", "", true},
    {"cert-serial-duplicate", "critical", "F", false},
    {"cert-untrusted-root", "high", "", true},
    {"cert-validity-too-long", "medium", "B", false},
    {"chain-extraneous", "info", "", false},
    {"chain-incomplete", "medium", "B", false},
    {"chain-intermediate-expiring", "medium", "B", false},
    {"chain-invalid", "high", "", true},
    {"chain-order", "low", "A-", false},
    {"chain-root-sent", "info", "", false},
    {"compression-enabled", "high", "C", false},
    {"default-cert-invalid", "info", "", false},
    {"dh-1024", "high", "C", false},
    {"dh-common-prime", "high", "C", false},
    {"dh-export-or-small", "critical", "F", false},
    {"dh-y-reused", "low", "A-", false},
    {"downgrade-sentinel-missing", "low", "A-", false},
    {"drown-shared-key", "critical", "F", false},
    {"early-data-enabled", "low", "A-", false},
    {"ems-missing", "low", "A-", false},
    {"etm-missing-with-cbc", "info", "", false},
    {"extension-intolerant", "medium", "B", false},
    {"fallback-scsv-missing", "low", "A-", false},
    {"group-pq-draft", "low", "A-", false},
    {"group-pq-missing", "info", "", false},
    {"group-weak", "medium", "B", false},
    {"heartbeat-offered", "low", "A-", false},
    {"http-upgrade-tls", "high", "C", false},
    {"key-rsa-small", "high", "C", false},
    {"key-shared", "low", "A-", false},
    {"large-hello-intolerant", "medium", "B", false},
    {"must-staple-unmet", "high", "C", false},
    {"opportunistic-and-implicit", "low", "A-", false},
    {"other-key-cert-invalid", "high", "C", false},
    {"renego-client-initiated", "medium", "B", false},
    {"renego-insecure", "high", "C", false},
    {"renewal-stalled", "low", "A-", false},
    {"sig-sha1-md5", "critical", "F", false},
    {"sigalg-sha1", "low", "A-", false},
    {"sni-required", "info", "", false},
    {"ssl2-enabled", "critical", "F", false},
    {"ssl3-enabled", "critical", "F", false},
    {"starttls-missing", "high", "C", false},
    {"starttls-plaintext-leftover", "high", "C", false},
    {"suite-64bit-block", "medium", "B", false},
    {"suite-anon", "critical", "F", false},
    {"suite-cbc", "info", "", false},
    {"suite-ccm8", "low", "A-", false},
    {"suite-des-rc2", "critical", "F", false},
    {"suite-export", "critical", "F", false},
    {"suite-no-aead", "medium", "B", false},
    {"suite-no-fs", "medium", "B", false},
    {"suite-null", "critical", "F", false},
    {"suite-rc4", "high", "C", false},
    {"ticket-lifetime-long", "low", "A-", false},
    {"tls10-enabled", "medium", "B", false},
    {"tls11-enabled", "medium", "B", false},
    {"tls12-missing-no-tls13", "high", "C", false},
    {"tls13-missing", "low", "A-", false},
    {"version-intolerant", "medium", "B", false},
};

static void compare_rule(void *context, const struct tc_rule *rule)
{
    size_t *index = context;
    assert_true(*index < TC_ARRAY_LEN(k_rules));
    assert_string_equal(rule->id, k_rules[*index].id);
    assert_string_equal(tc_severity_str(rule->severity), k_rules[*index].severity);
    assert_string_equal(rule->cap, k_rules[*index].cap);
    assert_int_equal(rule->is_trust, k_rules[*index].is_trust);
    assert_true(rule->is_builtin);
    assert_true(strlen(rule->title) > 0 && strlen(rule->title) <= 72);
    assert_true(strlen(rule->why) > 40);
    assert_true(strlen(rule->remedy) > 40);
    assert_true(strlen(rule->source) > 0);
    (*index)++;
}

static void rules_are_those_of_the_facts_sheet(void **state)
{
    (void)state;
    size_t index = 0;
    struct tc_error error = {0};
    assert_int_equal(tc_rules_each(NULL, compare_rule, &index, &error), TC_OK);
    assert_int_equal(index, TC_ARRAY_LEN(k_rules));
}

/* ---- grades ---- */

#define NO_PATH           SEEN("verified_depth = NULL, verified_chain_id = NULL, chain_status = 'no-path'")
#define UNTRUSTED(detail) SEEN("trusted = 0, trust_detail = '" detail "'")

static struct grade_case {
    const char *name;
    const char *spoil;
    const char *grade;
    const char *config_grade;
    const char *partial; /* "1" and "0"; NULL where a certificate is seen without a survey: 1 */
} grade_cases[] = {
    {"grade: nothing found", "", "A", "A", NULL},
    {"grade: information does not cap", LEAF_LIFE("90 * " DAY, "20 * " DAY), "A", "A", NULL},
    {"grade: low", SEEN("tls_version = 0x0303"), "A-", "A-", NULL},
    {"grade: medium", LEAF_LIFE("90 * " DAY, "10 * " DAY), "B", "B", NULL},
    {"grade: high, by the row's severity", LEAF_LIFE("90 * " DAY, "2 * " DAY), "C", "C", NULL},
    {"grade: high", SEEN("tls_version = 0x0301"), "C", "C", NULL},
    {"grade: critical, by the row's severity", LEAF("key_type = 'RSA', key_bits = 512"), "F", "F",
     NULL},
    {"grade: critical", LEAF("signature = 'md5WithRSAEncryption'"), "F", "F", NULL},
    {"grade: the lowest cap counts",
     LEAF("key_type = 'RSA', key_bits = 1024") SEEN("tls_version = 0x0303"), "C", "C", NULL},
    {"grade: expired is T and caps nothing", LEAF("not_after_s = " NOW " - 1"), "T", "A", NULL},
    {"grade: T beside a cap", LEAF("not_after_s = " NOW " - 1") SEEN("tls_version = 0x0303"), "T",
     "A-", NULL},
    {"grade: self-signed", NO_PATH UNTRUSTED("self-signed"), "T", "A", NULL},
    {"grade: an unknown issuer", NO_PATH UNTRUSTED("unknown-issuer"), "T", "A", NULL},
    {"grade: a bad signature", NO_PATH UNTRUSTED("bad-signature"), "T", "A", NULL},
    {"grade: only incomplete keeps its own",
     UNTRUSTED("incomplete-chain")
         SEEN("chain_status = 'incomplete', presented_chain_id = NULL, presented_depth = 1"),
     "B", "B", NULL},
    {"grade: another name", SEEN("name_match = 0"), "M", "A", NULL},
    {"grade: another name beside a cap", SEEN("name_match = 0, tls_version = 0x0301"), "M", "C",
     NULL},
    {"grade: only a common name",
     SEEN("name_match = 0, cn_match = 1") "DELETE FROM certificate_name;", "M", "A", NULL},
    {"grade: T before M", SEEN("name_match = 0") LEAF("not_after_s = " NOW " - 1"), "T", "A", NULL},
    {"grade: the name is not known", SEEN("name_match = NULL"), "A", "A", NULL},
    {"grade: the verdict is not known", SEEN("trusted = NULL"), "A", "A", NULL},
    {"grade: a date that the clock has passed since",
     UNTRUSTED("not-yet-valid") SEEN("trusted_but_for_date = 1"), "A", "A", NULL},
    {"grade: no certificate, no grade",
     SEEN("leaf_id = NULL, presented_chain_id = NULL, verified_chain_id = NULL, verified_depth = "
          "NULL, trusted = NULL, chain_status = NULL, name_match = NULL, tls_version = 0x0301"),
     "", "", ""},

    {"grade: A+ where all is known and as it should be", SURVEYED, "A+", "A+", "0"},
    {"grade: information takes no plus away", SURVEYED LEAF_LIFE("90 * " DAY, "20 * " DAY), "A+",
     "A+", "0"},
    {"grade: a cap does", SURVEYED TRAIT("1", "0"), "A-", "A-", "0"},
    {"grade: T beside A+", SURVEYED LEAF("not_after_s = " NOW " - 1"), "T", "A+", "0"},
    {"grade: the verdict alone beside A+", SURVEYED SEEN("trusted = 0, trust_detail = 'other'"),
     "T", "A+", "0"},
    {"grade: TLS 1.3 alone is enough for the plus",
     SURVEYED VERSION("0x0303", "0") WITHOUT_ALL("cipher") SUITE("0x0304", "0x1301")
         TRAIT_AT("0x0303", "41", "NULL"),
     "A+", "A+", "0"},
    {"grade: a version is not known", SURVEYED VERSION("0x0302", "NULL"), "A", "A", "1"},
    {"grade: SSL 2.0 was not asked for", SURVEYED WITHOUT("version", "0x0002"), "A", "A", "1"},
    {"grade: not all suites are known", SURVEYED TRAIT_AT("0x0303", "41", "0"), "A", "A", "1"},
    {"grade: nobody knows whether these are all suites", SURVEYED WITHOUT("trait", "41"), "A", "A",
     "1"},
    {"grade: the survey did not end", SURVEYED TRAIT("45", "0"), "A", "A", "1"},
    {"grade: it is not known whether the survey ended", SURVEYED TRAIT("45", "NULL"), "A", "A",
     "1"},
    {"grade: post-quantum is not known", SURVEYED TRAIT("46", "NULL"), "A", "A", "1"},
    {"grade: post-quantum is missing", SURVEYED TRAIT("46", "0") WITHOUT("group", "0x11ec"), "A",
     "A", "0"},
    {"grade: post-quantum plays no part without TLS 1.3",
     SURVEYED VERSION("0x0304", "0") TRAIT("46", "NULL") SEEN("tls_version = 0x0303"), "A-", "A-",
     "0"},
    {"grade: a CBC suite is only information, but costs the plus",
     SURVEYED SUITE("0x0303", "0xc013"), "A", "A", "0"},
    {"grade: a suite that nobody knows costs the plus", SURVEYED SUITE("0x0303", "0xfefd"), "A",
     "A", "0"},
    {"grade: TLS 1.0", SURVEYED VERSION("0x0301", "1") TRAIT_AT("0x0301", "41", "1"), "B", "B",
     "0"},
    {"grade: TLS 1.0, whose suites are not known", SURVEYED VERSION("0x0301", "1"), "B", "B", "1"},
    {"grade: a survey without a certificate",
     SURVEYED SEEN("leaf_id = NULL, presented_chain_id = NULL, verified_chain_id = NULL, "
                   "verified_depth = NULL, trusted = NULL, chain_status = NULL, name_match = NULL"),
     "", "", ""},
};

static void assess(struct tc_store *store, const struct tc_assess_options *options,
                   struct tc_assess_counts *out)
{
    struct tc_error error = {0};
    if (tc_assess(store, options, out, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
}

static void assert_text(struct tc_store *store, const char *sql, const char *expected)
{
    char *text = fixture_text(store, sql);
    assert_string_equal(text, expected);
    free(text);
}

static void check_grade(void **state)
{
    const struct grade_case *row = *state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts counts = {0};
    fixture_exec(store, row->spoil);
    fixture_settle(store);
    assess(store, &options, &counts);
    assert_text(store, "SELECT grade FROM observation", row->grade);
    assert_text(store, "SELECT config_grade FROM observation", row->config_grade);
    assert_text(store, "SELECT grade_partial FROM observation",
                row->partial != NULL ? row->partial : "1");
    tc_store_close(store);
}

/* ---- the whole ---- */

static void a_healthy_endpoint_has_no_finding(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts counts = {.findings = {9, 9, 9, 9, 9}, .waived = 9};
    assess(store, &options, &counts);
    assert_text(store, "SELECT group_concat(name) FROM finding JOIN rule USING (rule_id)", "");
    for (size_t i = 0; i < TC_ARRAY_LEN(counts.findings); i++) {
        assert_int_equal(counts.findings[i], 0);
    }
    assert_int_equal(counts.waived, 0);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM rule"), TC_ARRAY_LEN(k_rules));
    tc_store_close(store);
}

static const char k_dump[] =
    "SELECT group_concat(row, char(10)) FROM (SELECT printf('%d %d %s %d %s %s %s', "
    "o.observation_id, r.rule_id, r.name, f.severity, f.detail, o.grade, o.config_grade) AS row "
    "FROM observation AS o JOIN finding AS f USING (observation_id) JOIN rule AS r USING "
    "(rule_id) ORDER BY 1)";

static void twice_is_the_same(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts first = {0};
    struct tc_assess_counts second = {0};
    fixture_exec(store, OTHER_HOST("2") "UPDATE certificate SET spki_sha256 = unhex64(7);" LEAF(
                            "key_type = 'RSA', key_bits = 1000, must_staple = 1")
                            CA("signature = 'sha1WithRSAEncryption'"));
    fixture_settle(store);
    assess(store, &options, &first);
    char *before = fixture_text(store, k_dump);
    int64_t written = sqlite3_total_changes(store->db);
    assess(store, &options, &second);
    char *after = fixture_text(store, k_dump);
    assert_true(strlen(before) > 200);
    assert_string_equal(before, after);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(first.findings[4], 3); /* the short key, and SHA-1 above both leaves */
    assert_int_equal(first.findings[3], 1);
    assert_int_equal(first.findings[1], 2);
    /* what is written is in tables that are gone afterwards; sets of findings, rules, grades and
       what is known of codes are the same */
    int64_t findings = fixture_int(store, "SELECT count(*) FROM finding");
    int64_t caps = 5 * (int64_t)TC_ARRAY_LEN(k_rules);
    int64_t details = fixture_int(store, "SELECT count(DISTINCT detail) FROM finding");
    int64_t endpoints = 2; /* each with its set */
    assert_int_equal(sqlite3_total_changes(store->db) - written,
                     findings + details + endpoints + caps);
    free(before);
    free(after);
    tc_store_close(store);
}

/* What a comparison of scans must know of a rule: that it was run, and what it reads. */
static void runs_of_rules_are_noted(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_counts counts = {0};
    assess(store, &(struct tc_assess_options){.scan_id = 1}, &counts);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM rule WHERE first_scan_id IS NOT 1 OR "
                                        "last_scan_id IS NOT 1"),
                     0);
    assert_text(
        store,
        "SELECT group_concat(name || reads_survey, ' ') FROM (SELECT * FROM rule WHERE "
        "name IN ('cert-expired', 'chain-order', 'tls10-enabled', 'other-key-cert-invalid') "
        "ORDER BY name)",
        "cert-expired0 chain-order0 other-key-cert-invalid1 tls10-enabled1");
    fixture_exec(store, "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, "
                        "tool_version, options_json, trust_store) VALUES (2, 'two', 'quick', "
                        "'done', " NOW ", " NOW ", '0', '{}', '');"
                        "UPDATE rule SET first_scan_id = NULL WHERE name = 'chain-order'");
    assess(store, &(struct tc_assess_options){.scan_id = 2}, &counts);
    assess(store, &(struct tc_assess_options){.scan_id = 1}, &counts);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM rule WHERE last_scan_id IS NOT 2 OR "
                                        "(first_scan_id IS NOT 1) <> (name = 'chain-order')"),
                     0);
    tc_store_close(store);
}

static void the_clock_can_be_moved(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1, .as_of_s = NOW_S + 70 * 86400};
    struct tc_assess_counts counts = {0};
    assess(store, &options, &counts);
    assert_text(store, "SELECT name FROM finding JOIN rule USING (rule_id)", "cert-expiring");
    assert_text(store, "SELECT grade FROM observation", "B");
    assert_int_equal(fixture_int(store, "SELECT as_of_s FROM scan"), NOW_S + 70 * 86400);
    options.as_of_s = NOW_S + 80 * 86400;
    assess(store, &options, &counts);
    assert_text(store, "SELECT name FROM finding JOIN rule USING (rule_id)", "cert-expired");
    assert_text(store, "SELECT grade FROM observation", "T");
    options.as_of_s = 0; /* stays where it was moved to */
    assess(store, &options, &counts);
    assert_text(store, "SELECT grade FROM observation", "T");
    options.as_of_s = NOW_S;
    assess(store, &options, &counts);
    assert_text(store, "SELECT group_concat(name) FROM finding JOIN rule USING (rule_id)", "");
    assert_text(store, "SELECT grade FROM observation", "A");
    assert_int_equal(fixture_int(store, "SELECT started_s FROM scan"), NOW_S);
    tc_store_close(store);
}

static void back_before_an_expiry_trust_is_whole(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1, .as_of_s = NOW_S - 5 * 86400};
    struct tc_assess_counts counts = {0};
    fixture_exec(store, LEAF("not_after_s = " NOW " - 1") SEEN(
                            "trusted = 0, trust_detail = 'expired', trusted_but_for_date = 1"));
    fixture_settle(store);
    assess(store, &options, &counts);
    assert_text(store, "SELECT grade FROM observation", "A");
    tc_store_close(store);
}

static void other_scans_stay_as_they_are(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts counts = {0};
    fixture_exec(store, LEAF("key_type = 'RSA', key_bits = 1024"));
    assess(store, &options, &counts);
    fixture_exec(store,
                 "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, "
                 "tool_version, options_json, trust_store) SELECT 2, 'two', profile, state, "
                 "started_s + 60, as_of_s + 60, tool_version, options_json, trust_store FROM scan;"
                 "CREATE TEMP TABLE copied AS SELECT * FROM observation;"
                 "UPDATE temp.copied SET observation_id = 2, scan_id = 2;"
                 "INSERT INTO observation SELECT * FROM temp.copied; DROP TABLE temp.copied;" LEAF(
                     "key_bits = 4096"));
    options.scan_id = 2;
    assess(store, &options, &counts);
    assert_text(store, "SELECT group_concat(observation_id) FROM finding", "1");
    assert_text(store, "SELECT group_concat(grade) FROM observation", "C,A");
    tc_store_close(store);
}

/* ---- finding sets ---- */

#define NO_13(n) "UPDATE observation SET tls_version = 0x0303 WHERE observation_id = " n ";"
#define LATER_SCAN                                                                                 \
    "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, tool_version, "     \
    "options_json, trust_store) SELECT 2, 'two', profile, state, started_s, as_of_s, "             \
    "tool_version, options_json, trust_store FROM scan;"

static void assess_as_it_is(struct tc_store *store)
{
    struct tc_assess_options options = {.scan_id = 1};
    struct tc_assess_counts counts = {0};
    assess(store, &options, &counts);
}

static void like_endpoints_share_a_set(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    fixture_exec(store, OTHER_HOST("2") OTHER_HOST("4") OTHER_HOST("5") NO_13("1") NO_13("2")
                            NO_13("4") "UPDATE observation SET cipher = 0xc013 WHERE "
                                       "observation_id = 4;");
    fixture_settle(store);
    assess_as_it_is(store);
    assert_text(
        store,
        "SELECT group_concat(names, '; ') FROM (SELECT group_concat(r.name) AS names FROM "
        "observation AS o LEFT JOIN finding AS f USING (observation_id) LEFT JOIN rule AS r "
        "USING (rule_id) GROUP BY o.observation_id)",
        "tls13-missing; tls13-missing; suite-cbc,tls13-missing");
    assert_text(store, "SELECT group_concat(coalesce(finding_set_id, '-'), ' ') FROM observation",
                "1 1 2 -");
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_set"), 2);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_set_row"), 3);
    tc_store_close(store);
}

static const struct set_case {
    const char *name;
    const char *first;  /* before the first assessment, of two hosts */
    const char *second; /* before another one */
    int64_t num_sets;
    int64_t num_rows;
    int64_t num_details;
} k_set_cases[] = {
    {"sets: equal", NO_13("1") NO_13("2"), "", 1, 1, 1},
    {"sets: another detail",
     LEAF("key_type = 'RSA', key_bits = 1024") "UPDATE certificate SET key_type = 'RSA', key_bits "
                                               "= 1024 WHERE "
                                               "certificate_id = 102;",
     "", 2, 2, 2},
    {"sets: another severity",
     LEAF_LIFE("90 * " DAY, "10 * " DAY) "UPDATE certificate SET not_after_s = " NOW
                                         " + 2 * 86400 WHERE certificate_id = 102;",
     "", 2, 2, 2},
    {"sets: what was found is not so any more", NO_13("1") NO_13("2"),
     "UPDATE observation SET tls_version = 0x0304;", 0, 0, 0},
    {"sets: one of two is not so any more", NO_13("1") NO_13("2"), SEEN("tls_version = 0x0304"), 1,
     1, 1},
    {"sets: something else is found", NO_13("1") NO_13("2"),
     "UPDATE observation SET tls_version = 0x0301;", 1, 2, 2},
    {"sets: while there are later scans they stay", NO_13("1") NO_13("2"),
     LATER_SCAN "UPDATE observation SET tls_version = 0x0304;", 1, 1, 1},
};

static void check_sets(void **state)
{
    const struct set_case *row = *state;
    struct tc_store *store = fixture_new();
    fixture_exec(store, OTHER_HOST("2"));
    fixture_exec(store, row->first);
    fixture_settle(store);
    assess_as_it_is(store);
    fixture_exec(store, row->second);
    assess_as_it_is(store);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_set"), row->num_sets);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_set_row"), row->num_rows);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM finding_detail"), row->num_details);
    assert_text(store, "PRAGMA foreign_key_check", "");
    tc_store_close(store);
}

/* An earlier scan that is judged later finds the set that the later one had first. */
static void an_earlier_scan_keeps_its_set(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 2};
    struct tc_assess_counts counts = {0};
    fixture_exec(store, NO_13("1") LATER_SCAN
                 "CREATE TEMP TABLE copied AS SELECT * FROM observation;"
                 "UPDATE temp.copied SET observation_id = 2, scan_id = 2;"
                 "INSERT INTO observation SELECT * FROM temp.copied; DROP TABLE temp.copied;");
    assess(store, &options, &counts);
    options.scan_id = 1;
    assess(store, &options, &counts);
    fixture_exec(store, "UPDATE observation SET tls_version = 0x0304 WHERE observation_id = 2");
    options.scan_id = 2;
    assess(store, &options, &counts);
    assert_text(store, "PRAGMA foreign_key_check", "");
    assert_text(store, "SELECT group_concat(observation_id || ' ' || detail) FROM finding",
                "1 best version: TLSv1.2");
    tc_store_close(store);
}

static void a_scan_must_exist(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_assess_options options = {.scan_id = 7};
    struct tc_assess_counts counts = {0};
    struct tc_error error = {0};
    assert_int_equal(tc_assess(store, &options, &counts, &error), TC_ERR_NOT_FOUND);
    assert_string_equal(error.text, ":memory:: has no scan 7: `tlscensus scans` lists them");
    assert_true(sqlite3_get_autocommit(store->db));
    tc_store_close(store);
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(rules_are_those_of_the_facts_sheet),
        cmocka_unit_test(a_healthy_endpoint_has_no_finding),
        cmocka_unit_test(twice_is_the_same),
        cmocka_unit_test(runs_of_rules_are_noted),
        cmocka_unit_test(the_clock_can_be_moved),
        cmocka_unit_test(back_before_an_expiry_trust_is_whole),
        cmocka_unit_test(other_scans_stay_as_they_are),
        cmocka_unit_test(like_endpoints_share_a_set),
        cmocka_unit_test(an_earlier_scan_keeps_its_set),
        cmocka_unit_test(a_scan_must_exist),
    };
    struct CMUnitTest
        tests[TC_ARRAY_LEN(grade_cases) + TC_ARRAY_LEN(k_set_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(grade_cases); i++, num++) {
        tests[num].name = grade_cases[i].name;
        tests[num].test_func = check_grade;
        tests[num].initial_state = &grade_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_set_cases); i++, num++) {
        tests[num].name = k_set_cases[i].name;
        tests[num].test_func = check_sets;
        tests[num].initial_state = (void *)(uintptr_t)&k_set_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
