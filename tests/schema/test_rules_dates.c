#include "test_support.h"

#include "rules_fixture.h"

/* Lifetimes count both dates; what remains does too, so at the end date one second remains. */
static struct rule_case cases[] = {
    {"expired: a healthy leaf is not", "cert-expired", "", -1, NULL},
    {"expired: the end date itself is valid", "cert-expired", LEAF("not_after_s = " NOW), -1, NULL},
    {"expired: one second later", "cert-expired", LEAF("not_after_s = " NOW " - 1"), 4,
     "leaf CN=www.example.org expired on 2026-11-30, 0 h ago"},
    {"expired: days from two on", "cert-expired", LEAF("not_after_s = " NOW " - 2 * " DAY), 4,
     "leaf CN=www.example.org expired on 2026-11-29, 2 days ago"},
    {"expired: an intermediate of the path", "cert-expired", CA("not_after_s = " NOW " - 86400"), 4,
     "intermediate CN=Test CA 1 expired on 2026-11-30, 24 h ago"},
    {"expired: leaf and intermediate, the leaf first", "cert-expired",
     LEAF("not_after_s = " NOW " - 5 * " DAY) CA("not_after_s = " NOW " - 9 * " DAY), 4,
     "leaf CN=www.example.org expired on 2026-11-26, 5 days ago; "
     "intermediate CN=Test CA 1 expired on 2026-11-22, 9 days ago"},
    {"expired: not the anchor", "cert-expired", ROOT("not_after_s = " NOW " - " DAY), -1, NULL},
    {"expired: not what was sent without a path", "cert-expired",
     CA("not_after_s = " NOW " - " DAY)
         SEEN("verified_depth = NULL, verified_chain_id = NULL, trusted = 0, "
              "trust_detail = 'unknown-issuer', chain_status = 'no-path'"),
     -1, NULL},
    {"expired: a self-signed leaf too", "cert-expired",
     LEAF("not_after_s = " NOW " - " DAY ", is_self_signed = 1")
         SEEN("verified_depth = NULL, verified_chain_id = NULL, trusted = 0, "
              "trust_detail = 'self-signed', chain_status = 'no-path'"),
     4, NULL},
    {"expired: unknown dates are not", "cert-expired",
     LEAF("not_after_s = NULL, not_before_s = NULL, parse_error = 'no dates'"), -1, NULL},
    {"expired: no certificate", "cert-expired",
     SEEN("leaf_id = NULL, presented_chain_id = NULL, verified_chain_id = NULL, "
          "verified_depth = NULL"),
     -1, NULL},

    {"not yet valid: starts now", "cert-not-yet-valid", LEAF("not_before_s = " NOW), -1, NULL},
    {"not yet valid: starts in a second", "cert-not-yet-valid", LEAF("not_before_s = " NOW " + 1"),
     3, "leaf CN=www.example.org starts on 2026-12-01, in 0 h"},
    {"not yet valid: starts in days", "cert-not-yet-valid",
     LEAF("not_before_s = " NOW " + 5 * " DAY), 3,
     "leaf CN=www.example.org starts on 2026-12-06, in 5 days"},
    {"not yet valid: an intermediate of the path", "cert-not-yet-valid",
     CA("not_before_s = " NOW " + 3600"), 3,
     "intermediate CN=Test CA 1 starts on 2026-12-01, in 1 h"},
    {"not yet valid: not the anchor", "cert-not-yet-valid", ROOT("not_before_s = " NOW " + 3600"),
     -1, NULL},

    /* 90 days: due below 30 d, expiring below 14 d, at once below 3 d */
    {"due, 90 days: exactly 30 days left", "cert-renewal-due", LEAF_LIFE("90 * " DAY, "30 * " DAY),
     -1, NULL},
    {"due, 90 days: a second less", "cert-renewal-due", LEAF_LIFE("90 * " DAY, "30 * " DAY " - 1"),
     0, "leaf CN=www.example.org ends on 2026-12-30, in 29 days (lifetime 90 days)"},
    {"due, 90 days: exactly 14 days left", "cert-renewal-due", LEAF_LIFE("90 * " DAY, "14 * " DAY),
     0, NULL},
    {"due, 90 days: left to expiring below 14", "cert-renewal-due",
     LEAF_LIFE("90 * " DAY, "14 * " DAY " - 1"), -1, NULL},
    {"due: not when expired", "cert-renewal-due", LEAF_LIFE("90 * " DAY, "0"), -1, NULL},
    {"expiring, 90 days: exactly 14 days left", "cert-expiring",
     LEAF_LIFE("90 * " DAY, "14 * " DAY), -1, NULL},
    {"expiring, 90 days: a second less", "cert-expiring",
     LEAF_LIFE("90 * " DAY, "14 * " DAY " - 1"), 2,
     "leaf CN=www.example.org ends on 2026-12-14, in 13 days (lifetime 90 days)"},
    {"expiring, 90 days: exactly 3 days left is medium", "cert-expiring",
     LEAF_LIFE("90 * " DAY, "3 * " DAY), 2, NULL},
    {"expiring, 90 days: a second less is high", "cert-expiring",
     LEAF_LIFE("90 * " DAY, "3 * " DAY " - 1"), 3, NULL},
    {"expiring: the last second is high", "cert-expiring", LEAF_LIFE("90 * " DAY, "1"), 3,
     "leaf CN=www.example.org ends on 2026-12-01, in 0 h (lifetime 90 days)"},
    {"expiring: then it is expired", "cert-expiring", LEAF_LIFE("90 * " DAY, "0"), -1, NULL},

    /* 398 days: 30, 14, 3 days */
    {"due, 398 days: exactly 30 days left", "cert-renewal-due",
     LEAF_LIFE("398 * " DAY, "30 * " DAY), -1, NULL},
    {"due, 398 days: a second less", "cert-renewal-due",
     LEAF_LIFE("398 * " DAY, "30 * " DAY " - 1"), 0, NULL},
    {"expiring, 398 days: exactly 14 days left", "cert-expiring",
     LEAF_LIFE("398 * " DAY, "14 * " DAY), -1, NULL},
    {"expiring, 398 days: high below 3", "cert-expiring",
     LEAF_LIFE("398 * " DAY, "3 * " DAY " - 1"), 3, NULL},

    /* 47 days: 15 d 16 h, 7 d 20 h, 3 d (a twelfth would be 3 d 22 h) */
    {"due, 47 days: exactly a third left", "cert-renewal-due",
     LEAF_LIFE("47 * " DAY, "376 * " HOUR), -1, NULL},
    {"due, 47 days: a second less", "cert-renewal-due",
     LEAF_LIFE("47 * " DAY, "376 * " HOUR " - 1"), 0, NULL},
    {"expiring, 47 days: exactly a sixth left", "cert-expiring",
     LEAF_LIFE("47 * " DAY, "188 * " HOUR), -1, NULL},
    {"expiring, 47 days: a second less", "cert-expiring",
     LEAF_LIFE("47 * " DAY, "188 * " HOUR " - 1"), 2, NULL},
    {"expiring, 47 days: exactly 3 days left is medium", "cert-expiring",
     LEAF_LIFE("47 * " DAY, "3 * " DAY), 2, NULL},
    {"expiring, 47 days: a second less is high", "cert-expiring",
     LEAF_LIFE("47 * " DAY, "3 * " DAY " - 1"), 3, NULL},

    /* 30 days: a twelfth (2.5 d) is below 3 d */
    {"expiring, 30 days: exactly a twelfth left is medium", "cert-expiring",
     LEAF_LIFE("30 * " DAY, "60 * " HOUR), 2, NULL},
    {"expiring, 30 days: a second less is high", "cert-expiring",
     LEAF_LIFE("30 * " DAY, "60 * " HOUR " - 1"), 3, NULL},

    /* 160 hours: 80, 40, 20 hours */
    {"due, 160 hours: exactly half left", "cert-renewal-due",
     LEAF_LIFE("160 * " HOUR, "80 * " HOUR), -1, NULL},
    {"due, 160 hours: a second less", "cert-renewal-due",
     LEAF_LIFE("160 * " HOUR, "80 * " HOUR " - 1"), 0, NULL},
    {"due, 160 hours: exactly a quarter left", "cert-renewal-due",
     LEAF_LIFE("160 * " HOUR, "40 * " HOUR), 0, NULL},
    {"due, 160 hours: left to expiring", "cert-renewal-due",
     LEAF_LIFE("160 * " HOUR, "40 * " HOUR " - 1"), -1, NULL},
    {"expiring, 160 hours: exactly a quarter left", "cert-expiring",
     LEAF_LIFE("160 * " HOUR, "40 * " HOUR), -1, NULL},
    {"expiring, 160 hours: a second less", "cert-expiring",
     LEAF_LIFE("160 * " HOUR, "40 * " HOUR " - 1"), 2,
     "leaf CN=www.example.org ends on 2026-12-02, in 39 h (lifetime 7 days)"},
    {"expiring, 160 hours: exactly an eighth left is medium", "cert-expiring",
     LEAF_LIFE("160 * " HOUR, "20 * " HOUR), 2, NULL},
    {"expiring, 160 hours: a second less is high", "cert-expiring",
     LEAF_LIFE("160 * " HOUR, "20 * " HOUR " - 1"), 3, NULL},

    /* ten days is still short, a second more is not: 10 d / 4 against 10 d / 6 */
    {"expiring, 10 days: below a quarter", "cert-expiring",
     LEAF_LIFE("10 * " DAY, "60 * " HOUR " - 1"), 2, NULL},
    {"expiring, 10 days and a second: not yet", "cert-expiring",
     LEAF_LIFE("10 * " DAY " + 1", "60 * " HOUR " - 1"), -1, NULL},

    {"intermediate expiring: exactly 14 days left", "chain-intermediate-expiring",
     LEAF_LIFE("90 * " DAY, "10 * " DAY) CA_LIFE("900 * " DAY, "14 * " DAY), -1, NULL},
    {"intermediate expiring: a second less", "chain-intermediate-expiring",
     LEAF_LIFE("90 * " DAY, "10 * " DAY) CA_LIFE("900 * " DAY, "14 * " DAY " - 1"), 2,
     "intermediate CN=Test CA 1 (certificate 2 of the path) ends on 2026-12-14, in 13 days"},
    {"intermediate expiring: before the leaf, however late", "chain-intermediate-expiring",
     CA("not_after_s = " NOW " + 79 * " DAY), 2,
     "intermediate CN=Test CA 1 (certificate 2 of the path) ends on 2027-02-18, in 79 days, before "
     "the leaf "
     "(2027-02-18)"},
    {"intermediate expiring: with the leaf is fine", "chain-intermediate-expiring",
     CA("not_after_s = " NOW " + 80 * " DAY " - 1"), -1, NULL},
    {"intermediate expiring: not when expired", "chain-intermediate-expiring",
     CA("not_after_s = " NOW " - 1"), -1, NULL},
    {"intermediate expiring: not the anchor", "chain-intermediate-expiring",
     ROOT("not_after_s = " NOW " + " DAY), -1, NULL},
    {"intermediate expiring: not without a path", "chain-intermediate-expiring",
     CA("not_after_s = " NOW " + " DAY)
         SEEN("verified_depth = NULL, verified_chain_id = NULL, trusted = 0, "
              "trust_detail = 'unknown-issuer', chain_status = 'no-path'"),
     -1, NULL},

    /* Limits by the date of issue: 39 months, 825, 398, 200, 100, 47 days. 1519862400 is
     * 2018-03-01, 1598918400 2020-09-01, 1773532800 2026-03-15, 1805068800 2027-03-15. */
    {"too long: 398 days before 2026-03-15", "cert-validity-too-long",
     LEAF("not_before_s = 1773532799, not_after_s = 1773532799 + 398 * " DAY " - 1"), -1, NULL},
    {"too long: a second more counts a day", "cert-validity-too-long",
     LEAF("not_before_s = 1773532799, not_after_s = 1773532799 + 398 * " DAY), 2,
     "leaf CN=www.example.org lives 399 days, at most 398 are allowed for a public certificate "
     "issued on 2026-03-14"},
    {"too long: 200 days from 2026-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1773532800, not_after_s = 1773532800 + 200 * " DAY " - 1"), -1, NULL},
    {"too long: 201 days from 2026-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1773532800, not_after_s = 1773532800 + 201 * " DAY " - 1"), 2, NULL},
    {"too long: 100 days from 2027-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1805068800, not_after_s = 1805068800 + 100 * " DAY " - 1"), -1, NULL},
    {"too long: 101 days from 2027-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1805068800, not_after_s = 1805068800 + 101 * " DAY " - 1"), 2, NULL},
    {"too long: 47 days from 2029-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1868227200, not_after_s = 1868227200 + 47 * " DAY " - 1"), -1, NULL},
    {"too long: 48 days from 2029-03-15 on", "cert-validity-too-long",
     LEAF("not_before_s = 1868227200, not_after_s = 1868227200 + 48 * " DAY " - 1"), 2, NULL},
    {"too long: 48 days the second before", "cert-validity-too-long",
     LEAF("not_before_s = 1868227199, not_after_s = 1868227199 + 48 * " DAY " - 1"), -1, NULL},
    {"too long: 825 days before 2020-09-01", "cert-validity-too-long",
     LEAF("not_before_s = 1598918399, not_after_s = 1598918399 + 825 * " DAY " - 1"), -1, NULL},
    {"too long: 399 days from 2020-09-01 on", "cert-validity-too-long",
     LEAF("not_before_s = 1598918400, not_after_s = 1598918400 + 399 * " DAY " - 1"), 2, NULL},
    {"too long: 39 months before 2018-03-01", "cert-validity-too-long",
     LEAF("not_before_s = 1488326400, not_after_s = unixepoch('2020-06-01') - 1"), -1, NULL},
    {"too long: 39 months and a day", "cert-validity-too-long",
     LEAF("not_before_s = 1488326400, not_after_s = unixepoch('2020-06-02') - 1"), 2, NULL},
    {"too long: embedded SCTs make it public too", "cert-validity-too-long",
     LEAF("policy = NULL, not_after_s = not_before_s + 300 * " DAY), 2, NULL},
    {"too long: a private one may live longer", "cert-validity-too-long",
     LEAF("policy = NULL, sct_count = 0, not_after_s = not_before_s + 825 * " DAY " - 1"), -1,
     NULL},
    {"too long: but Apple's limit is worth knowing", "cert-validity-too-long",
     LEAF("policy = NULL, sct_count = 0, not_after_s = not_before_s + 825 * " DAY), 0,
     "leaf CN=www.example.org lives 826 days, at most 825 are allowed for a private certificate "
     "issued on 2026-11-21"},
    {"too long: not for private ones before 2019-07-01", "cert-validity-too-long",
     LEAF("policy = NULL, sct_count = 0, not_before_s = 1561939199, "
          "not_after_s = 1561939199 + 3650 * " DAY),
     -1, NULL},
    {"too long: not without a path", "cert-validity-too-long",
     LEAF("not_after_s = not_before_s + 3650 * " DAY)
         SEEN("verified_depth = NULL, verified_chain_id = NULL, trusted = 0, "
              "trust_detail = 'self-signed', chain_status = 'no-path'"),
     -1, NULL},
    {"too long: not a trusted self-signed leaf", "cert-validity-too-long",
     LEAF("not_after_s = not_before_s + 3650 * " DAY)
         SEEN("verified_depth = 1, verified_chain_id = NULL"),
     -1, NULL},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_dates", tests, NULL, NULL);
}
