/* Names that certificates cover and the list has not: the view v_inventory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"
#include "tlscensus/status.h"

/* One host of a list: what it sent, and whose it is. */
struct host_fact {
    const char *host;
    const char *registrable_domain;
    const char *owner; /* NULL: no label */
    const char *certificate;
};

static struct tc_chain *chain_of(const char *cn)
{
    struct tc_cert *presented[] = {fixture_cert(cn, "R10", false),
                                   fixture_cert("R10", "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, root);
    tc_ref_release(&root->ref);
    return chain;
}

static void set_domain(const char *path, const struct host_fact *fact)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "UPDATE target SET registrable_domain = nullif('%s', '') WHERE host = '%s'",
             fact->registrable_domain, fact->host);
    fixture_exec(path, sql);
}

static void scan(const char *path, const struct host_fact *facts, size_t num)
{
    struct tc_writer *writer = NULL;
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    for (size_t i = 0; i < num; i++) {
        struct tc_target *target = fixture_target(facts[i].host, i + 1, facts[i].owner, NULL);
        assert_int_equal(fixture_register(writer, target), TC_REGISTERED);
        tc_writer_put(writer, fixture_observation(target->target_id, "192.0.2.1",
                                                  chain_of(facts[i].certificate)));
        fixture_target_free(target);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
    for (size_t i = 0; i < num; i++) {
        set_domain(path, &facts[i]);
    }
}

static void add_name(const char *path, const char *certificate, const char *kind, const char *name)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             "INSERT INTO certificate_name SELECT certificate_id, '%s', %s FROM certificate WHERE "
             "subject_cn = '%s'",
             kind, name, certificate);
    fixture_exec(path, sql);
}

/* ---- which names count ---- */

static const struct host_fact k_list[] = {
    {"www.example.org", "example.org", "Web", "www.example.org"},
    {"shop.example.co.uk", "example.co.uk", "Shop", "shop.example.co.uk"},
    {"a.cloud.example.org", "a.cloud.example.org", "Cloud", "a.cloud.example.org"},
    {"localhost", "", NULL, "localhost"},
};

static const struct name_case {
    const char *name;
    const char *kind;
    const char *san;    /* SQL: what www.example.org's certificate names besides */
    const char *listed; /* "name registrable-domain is_wildcard"; "": it does not count */
} k_name_cases[] = {
    {"below the domain", "dns", "'new.example.org'", "new.example.org example.org 0"},
    {"the domain itself", "dns", "'example.org'", "example.org example.org 0"},
    {"several labels", "dns", "'a.b.c.example.org'", "a.b.c.example.org example.org 0"},
    {"another target's domain", "dns", "'new.example.co.uk'", "new.example.co.uk example.co.uk 0"},
    {"the longest domain that fits", "dns", "'x.a.cloud.example.org'",
     "x.a.cloud.example.org a.cloud.example.org 0"},
    {"a wildcard is kept", "dns", "'*.example.org'", "*.example.org example.org 1"},
    {"a wildcard below a label", "dns", "'*.dev.example.org'", "*.dev.example.org example.org 1"},
    {"an A-label", "dns", "'xn--bcher-kva.example.org'", "xn--bcher-kva.example.org example.org 0"},
    {"capitals are the same name", "dns", "'NEW.Example.ORG'", "new.example.org example.org 0"},
    {"text that is no name is shown as it is", "dns", "'<b> x.example.org'",
     "<b> x.example.org example.org 0"},
    {"253 bytes", "dns", "printf('%.241c', 'a') || '.example.org'", NULL},
    {"a target", "dns", "'shop.example.co.uk'", ""},
    {"a target in capitals", "dns", "'SHOP.EXAMPLE.CO.UK'", ""},
    {"another domain", "dns", "'www.example.net'", ""},
    {"a domain that only ends alike", "dns", "'notexample.org'", ""},
    {"a public suffix", "dns", "'co.uk'", ""},
    {"a neighbour below the public suffix", "dns", "'other.co.uk'", ""},
    {"a wildcard of a public suffix", "dns", "'*.co.uk'", ""},
    {"a trailing dot", "dns", "'new.example.org.'", ""},
    {"nothing", "dns", "''", ""},
    {"dots alone", "dns", "'...'", ""},
    {"an address", "ip", "'192.0.2.1'", ""},
    {"a mail address", "email", "'root@new.example.org'", ""},
    {"a URI", "uri", "'new.example.org'", ""},
    {"254 bytes", "dns", "printf('%.242c', 'a') || '.example.org'", ""},
    {"labels without end", "dns", "replace(hex(zeroblob(50000)), '0', 'a.') || 'example.org'", ""},
    {"a NUL", "dns", "'new' || char(0) || '.example.org'", ""},
    {"a long name behind a NUL", "dns",
     "char(0) || replace(hex(zeroblob(50000)), '0', 'a.') || 'example.org'", ""},
};

static void check_name(void **state)
{
    const struct name_case *row = *state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    scan(path, k_list, TC_ARRAY_LEN(k_list));
    add_name(path, "www.example.org", row->kind, row->san);
    const char *found =
        fixture_text(path, "SELECT group_concat(name || ' ' || registrable_domain || ' ' || "
                           "is_wildcard, '; ') FROM v_inventory");
    if (row->listed == NULL) {
        assert_int_equal(strlen(found), 253 + strlen(" example.org 0"));
    } else {
        assert_string_equal(found, row->listed);
    }
    fixture_folder_free(folder);
}

/* ---- what is said of a name ---- */

static void test_owners(void **state)
{
    (void)state;
    static const struct host_fact facts[] = {
        {"a.example.org", "example.org", "Alpha", "shared"},
        {"b.example.org", "example.org", "Beta team", "shared"},
        {"c.example.org", "example.org", "Gamma", "c.example.org"},
        {"www.example.net", "example.net", "Abroad", "www.example.net"},
    };
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    scan(path, facts, TC_ARRAY_LEN(facts));
    add_name(path, "shared", "dns", "'new.example.org'");
    add_name(path, "www.example.net", "dns", "'far.example.org'");
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(name || ': ' || owners || ' on ' || seen_on, '; ') "
                           "FROM v_inventory"),
        "far.example.org: Alpha Beta\\u0020team Gamma on www.example.net; "
        "new.example.org: Alpha Beta\\u0020team on a.example.org b.example.org");
    fixture_folder_free(folder);
}

static void test_soonest_certificate(void **state)
{
    (void)state;
    static const struct host_fact facts[] = {
        {"a.example.org", "example.org", NULL, "late"},
        {"b.example.org", "example.org", NULL, "soon"},
        {"c.example.org", "example.org", NULL, "unread"},
    };
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    scan(path, facts, TC_ARRAY_LEN(facts));
    add_name(path, "late", "dns", "'new.example.org'");
    add_name(path, "late", "dns", "'NEW.example.org'");
    add_name(path, "soon", "dns", "'new.example.org'");
    add_name(path, "unread", "dns", "'new.example.org'");
    fixture_exec(path,
                 "UPDATE certificate SET not_after_s = 1795485600, issuer_organization = 'Soon "
                 "CA' WHERE subject_cn = 'soon'; UPDATE certificate SET not_after_s = NULL "
                 "WHERE subject_cn = 'unread'");
    assert_string_equal(
        fixture_text(path,
                     "SELECT name || ' ' || certificates || ' ' || issuer_organization || ' ' "
                     "|| leaf_expires_utc FROM v_inventory"),
        "new.example.org 3 Soon CA 2026-11-24 02:00:00");
    fixture_folder_free(folder);
}

static void test_first_seen_outlives_renewal(void **state)
{
    (void)state;
    static const struct host_fact before[] = {{"a.example.org", "example.org", NULL, "old"}};
    static const struct host_fact after[] = {{"a.example.org", "example.org", NULL, "renewed"}};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    scan(path, before, 1);
    add_name(path, "old", "dns", "'new.example.org'");
    fixture_exec(path, "UPDATE scan SET started_s = started_s - 864000");
    scan(path, after, 1);
    add_name(path, "renewed", "dns", "'new.example.org'");
    assert_string_equal(
        fixture_text(path, "SELECT certificates || ' ' || first_seen_utc FROM v_inventory"),
        "1 2026-11-13 02:00:00");
    fixture_exec(path, "DELETE FROM certificate_name WHERE certificate_id = (SELECT certificate_id "
                       "FROM certificate WHERE subject_cn = 'renewed')");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM v_inventory"), 0);
    fixture_folder_free(folder);
}

static void test_lists_have_twenty(void **state)
{
    (void)state;
    struct host_fact facts[25];
    char hosts[25][32];
    char owners[25][32];
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    for (size_t i = 0; i < TC_ARRAY_LEN(facts); i++) {
        snprintf(hosts[i], sizeof hosts[i], "h%02zu.example.org", i);
        snprintf(owners[i], sizeof owners[i], "o%02zu", i);
        facts[i] = (struct host_fact){hosts[i], "example.org", owners[i], "shared"};
    }
    scan(path, facts, TC_ARRAY_LEN(facts));
    add_name(path, "shared", "dns", "'new.example.org'");
    const char *seen_on = fixture_text(path, "SELECT seen_on FROM v_inventory");
    assert_int_equal(strlen(seen_on), 20 * strlen("h00.example.org ") - 1);
    assert_non_null(strstr(seen_on, "h19.example.org"));
    const char *owned = fixture_text(path, "SELECT owners FROM v_inventory");
    assert_int_equal(strlen(owned), 20 * strlen("o00 ") - 1);
    fixture_folder_free(folder);
}

/* What a server sends to others than this name is a certificate of it all the same. */
static void test_other_chain(void **state)
{
    (void)state;
    static const struct host_fact facts[] = {
        {"a.example.org", "example.org", NULL, "a.example.org"},
        {"b.example.net", "example.net", NULL, "spare"}};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    scan(path, facts, TC_ARRAY_LEN(facts));
    add_name(path, "spare", "dns", "'new.example.org'");
    fixture_exec(
        path, "INSERT INTO other_chain (observation_id, role, leaf_id) SELECT observation_id, "
              "'no-sni', (SELECT certificate_id FROM certificate WHERE subject_cn = 'spare') FROM "
              "observation WHERE observation_id = (SELECT min(observation_id) FROM observation)");
    fixture_exec(path, "UPDATE observation SET leaf_id = NULL WHERE observation_id = (SELECT "
                       "max(observation_id) FROM observation)");
    assert_string_equal(fixture_text(path, "SELECT name || ' ' || seen_on FROM v_inventory"),
                        "new.example.org a.example.org");
    fixture_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_soonest_certificate),
        cmocka_unit_test(test_first_seen_outlives_renewal),
        cmocka_unit_test(test_lists_have_twenty),
        cmocka_unit_test(test_other_chain),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(k_name_cases) + TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_name_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = k_name_cases[i].name,
                                           .test_func = check_name,
                                           .initial_state = (void *)(uintptr_t)&k_name_cases[i]};
    }
    memcpy(tests + num, others, sizeof others);
    return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
