/*
 * A small database for tests of rules: one healthy endpoint, which a row of a table then spoils by
 * SQL. Facts are inserted as the scanner would have stored them.
 *
 * The clock stands at 2026-12-01 00:00:00 UTC. Numbers: scan 1; target 1 (www.example.org) with
 * endpoint 1 (192.0.2.1) and observation 1; certificates 1 (root), 2 (intermediate), 3 (leaf);
 * chains 10 (what was sent after the leaf: 2) and 11 (the verified path after the leaf: 2, 1);
 * feature set 1, which nobody has until SURVEYED says so.
 */
#ifndef RULES_FIXTURE_H
#define RULES_FIXTURE_H

#include "schema/database.h"
#include "tlscensus/store.h"

#define NOW       "1796083200"
#define NOW_S     1796083200
#define DAY       "86400"
#define HOUR      "3600"
#define LEAF(set) "UPDATE certificate SET " set " WHERE certificate_id = 3;"
#define CA(set)   "UPDATE certificate SET " set " WHERE certificate_id = 2;"
#define ROOT(set) "UPDATE certificate SET " set " WHERE certificate_id = 1;"
#define SEEN(set) "UPDATE observation SET " set " WHERE observation_id = 1;"
/* The leaf lives `life` seconds, both dates included, and ends so that `left` seconds remain. */
#define LEAF_LIFE(life, left)                                                                      \
    LEAF("not_after_s = " NOW " + (" left ") - 1, not_before_s = " NOW " + (" left ") - (" life ")")
#define CA_LIFE(life, left)                                                                        \
    CA("not_after_s = " NOW " + (" left ") - 1, not_before_s = " NOW " + (" left ") - (" life ")")
/*
 * Another host `n` (a number as text, 2 or more) at 192.0.2.<n> with leaf <100 + n>, a copy of
 * certificate 3 under another key, serial and name.
 */
#define OTHER_HOST(n)                                                                              \
    "INSERT INTO target (target_id, protocol, host, port) VALUES (" n ", 'https', 'host" n         \
    ".example.net', 443);"                                                                         \
    "INSERT INTO scan_target (scan_id, target_id, input_text, endpoints_count) VALUES (1, " n      \
    ", 'host" n ".example.net', 1);"                                                               \
    "INSERT INTO endpoint (endpoint_id, target_id, address) VALUES (" n ", " n ", '192.0.2." n     \
    "');" OTHER_LEAF(n) OTHER_SEEN(n)
#define OTHER_LEAF(n)                                                                              \
    "INSERT INTO certificate SELECT 100 + " n ", unhex64(100 + " n "), unhex64(2000 + " n          \
    "), '0" n ":AA', 'host" n ".example.net', 'CN=host" n                                          \
    ".example.net', issuer_cn, issuer_organization, issuer, not_before_s, not_after_s, key_type, " \
    "key_bits, signature, version, is_ca, is_self_issued, is_self_signed, path_len, "              \
    "has_name_constraints, key_usage, ext_key_usage, policy, sct_count, must_staple, "             \
    "is_precert, names_count, certificate_url_id, parse_error, der FROM certificate "              \
    "WHERE certificate_id = 3;"
#define OTHER_SEEN(n)                                                                              \
    "CREATE TEMP TABLE copied AS SELECT * FROM observation WHERE observation_id = 1;"              \
    "UPDATE temp.copied SET observation_id = " n ", endpoint_id = " n ", leaf_id = 100 + " n ";"   \
    "INSERT INTO observation SELECT * FROM temp.copied; DROP TABLE temp.copied;"

/*
 * SURVEYED gives observation 1 feature set 1: what a survey finds at a server of today, all known.
 * What follows spoils it: one feature put in or replaced, or taken out as if nobody had asked.
 */
#define SURVEYED SEEN("feature_set_id = 1")
#define FEATURE(set, kind, version, code, supported, value, text)                                  \
    "INSERT OR REPLACE INTO feature (feature_set_id, kind, version, code, supported, value, "      \
    "text) "                                                                                       \
    "VALUES (" set ", '" kind "', " version ", " code ", " supported ", " value ", " text ");"
#define VERSION(code, supported) FEATURE("1", "version", "0", code, supported, "NULL", "NULL")
#define SUITE(version, code)     FEATURE("1", "cipher", version, code, "1", "NULL", "NULL")
#define GROUP(version, code)     FEATURE("1", "group", version, code, "1", "NULL", "NULL")
#define SCHEME(version, code)    FEATURE("1", "signature", version, code, "1", "NULL", "NULL")
#define DH(offer, bits, text)    FEATURE("1", "dh", "0", offer, "1", bits, text)
#define TRAIT(code, supported)   FEATURE("1", "trait", "0", code, supported, "NULL", "NULL")
#define TRAIT_AT(version, code, supported)                                                         \
    FEATURE("1", "trait", version, code, supported, "NULL", "NULL")
#define TRAIT_SAYS(code, supported, value, text)                                                   \
    FEATURE("1", "trait", "0", code, supported, value, text)
#define WITHOUT(kind, code)                                                                        \
    "DELETE FROM feature WHERE feature_set_id = 1 AND kind = '" kind "' AND code = " code ";"
#define WITHOUT_ALL(kind) "DELETE FROM feature WHERE feature_set_id = 1 AND kind = '" kind "';"
/* Feature set `set`, a copy of the first. */
#define OTHER_SET(set)                                                                             \
    "INSERT INTO feature_set VALUES (" set ", unhex64(7000 + " set ")); INSERT INTO feature "      \
    "SELECT " set ", kind, version, code, supported, rank, value, text FROM feature WHERE "        \
    "feature_set_id = 1;"
/* Another chain of observation `n`: leaf 200 + n, a copy of certificate 3 under another key. */
#define OTHER_CHAIN(n, role, more)                                                                 \
    "INSERT INTO certificate SELECT 200 + " n ", unhex64(200 + " n "), unhex64(3000 + " n          \
    "), '0" n ":BB', 'other" n ".example.net', 'CN=other" n                                        \
    ".example.net', issuer_cn, issuer_organization, issuer, not_before_s, not_after_s, 'RSA', "    \
    "2048, signature, version, is_ca, is_self_issued, is_self_signed, path_len, "                  \
    "has_name_constraints, key_usage, ext_key_usage, policy, sct_count, must_staple, "             \
    "is_precert, names_count, certificate_url_id, parse_error, der FROM certificate "              \
    "WHERE certificate_id = 3;"                                                                    \
    "INSERT INTO other_chain (observation_id, role, leaf_id, presented_chain_id, "                 \
    "verified_chain_id, presented_depth, verified_depth, chain_status, trusted, name_match, "      \
    "chain_not_after_s) SELECT " n ", '" role "', 200 + " n ", 10, 11, 2, 3, 'complete', 1, 0, "   \
    "not_after_s FROM certificate WHERE certificate_id = 200 + " n "; " more

/* A fresh database with the healthy endpoint. Fails the test where it cannot be made. */
struct tc_store *fixture_new(void);
/* Runs SQL that gives no rows; fails the test when that fails. */
void fixture_exec(struct tc_store *store, const char *sql);
/* chain_not_after_s as the verifier would have it, from the certificates as they are now. */
void fixture_settle(struct tc_store *store);
/* The first column of the first row: -1 where there is no row or it is NULL. */
int64_t fixture_int(struct tc_store *store, const char *sql);
/* The same as text, "" where there is none; the caller frees it. */
char *fixture_text(struct tc_store *store, const char *sql);

/* A row of a table of rule tests: what is spoilt, and what one rule then says of observation 1. */
struct rule_case {
    const char *name;
    const char *rule;
    const char *spoil;
    int severity;       /* -1: the rule says nothing */
    const char *detail; /* compared where it is not NULL */
};
/* Runs one row; `*state` is a struct rule_case. */
void check_rule(void **state);

#endif
