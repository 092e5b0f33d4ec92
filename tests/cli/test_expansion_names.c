/* Which names in certificates become targets, and where the ceilings are. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/expansion.h"
#include "tests/schema/store_fixture.h"

/* One host that answered: its target, and what its certificate names besides. */
struct host_fact {
    const char *host;
    const char *registrable_domain; /* as the reader would have found it; "": none */
    const char *name;               /* SQL; NULL: no further one */
};

#define HOSTS_MAX 4
#define OUT_MAX   2048

static struct name_case {
    const char *name;
    struct host_fact hosts[HOSTS_MAX];
    const char *found; /* "https://host:port in host", in order */
} name_cases[] = {
    {"a name below the domain",
     {{"www.example.org", "example.org", "'new.example.org'"}},
     "https://new.example.org:443 in www.example.org"},
    {"the domain itself",
     {{"www.example.org", "example.org", "'example.org'"}},
     "https://example.org:443 in www.example.org"},
    {"capitals",
     {{"www.example.org", "example.org", "'NEW.Example.ORG'"}},
     "https://new.example.org:443 in www.example.org"},
    {"an A-label",
     {{"www.example.org", "example.org", "'xn--bcher-kva.example.org'"}},
     "https://xn--bcher-kva.example.org:443 in www.example.org"},
    {"below a public suffix of two labels",
     {{"www.example.co.uk", "example.co.uk", "'new.example.co.uk'"}},
     "https://new.example.co.uk:443 in www.example.co.uk"},
    {"twice, in two certificates",
     {{"www.example.org", "example.org", "'new.example.org'"},
      {"a.example.org", "example.org", "'new.example.org'"}},
     "https://new.example.org:443 in a.example.org"},
    {"of two domains",
     {{"www.example.org", "example.org", "'new.example.org'"},
      {"www.example.net", "example.net", "'new.example.net'"}},
     "https://new.example.net:443 in www.example.net, https://new.example.org:443 in "
     "www.example.org"},
    {"a target",
     {{"www.example.org", "example.org", "'a.example.org'"},
      {"a.example.org", "example.org", NULL}},
     ""},
    {"a target in capitals",
     {{"www.example.org", "example.org", "'A.EXAMPLE.ORG'"},
      {"a.example.org", "example.org", NULL}},
     ""},
    {"another domain", {{"www.example.org", "example.org", "'www.example.net'"}}, ""},
    {"another target's domain",
     {{"www.example.org", "example.org", "'new.example.net'"},
      {"www.example.net", "example.net", NULL}},
     ""},
    {"a domain that ends alike", {{"www.example.org", "example.org", "'notexample.org'"}}, ""},
    {"a domain that is the end of the name's",
     {{"www.amazonaws.com", "amazonaws.com", "'mine.s3.amazonaws.com'"}},
     ""},
    {"a public suffix below the domain",
     {{"www.amazonaws.com", "amazonaws.com", "'s3.amazonaws.com'"}},
     ""},
    {"a public suffix", {{"www.example.co.uk", "example.co.uk", "'co.uk'"}}, ""},
    {"a host without a domain", {{"localhost", "", "'new.localhost'"}}, ""},
    {"a wildcard", {{"www.example.org", "example.org", "'*.example.org'"}}, ""},
    {"an address", {{"www.example.org", "example.org", "'192.0.2.1'"}}, ""},
    {"a port", {{"www.example.org", "example.org", "'new.example.org:22'"}}, ""},
    {"a scheme", {{"www.example.org", "example.org", "'smtp://new.example.org'"}}, ""},
    {"a path", {{"www.example.org", "example.org", "'192.0.2.1/24#.example.org'"}}, ""},
    {"a pinned address", {{"www.example.org", "example.org", "'a{192.0.2.1}.example.org'"}}, ""},
    {"two lines", {{"www.example.org", "example.org", "'evil' || char(10) || '.example.org'"}}, ""},
    {"a NUL", {{"www.example.org", "example.org", "'new' || char(0) || '.example.org'"}}, ""},
    {"UTF-8",
     {{"www.example.org", "example.org",
       "'b\xc3\xbc"
       "cher.example.org'"}},
     ""},
    {"an empty label", {{"www.example.org", "example.org", "'new..example.org'"}}, ""},
    {"a leading dot", {{"www.example.org", "example.org", "'.example.org'"}}, ""},
    {"a trailing dot", {{"www.example.org", "example.org", "'new.example.org.'"}}, ""},
    {"a label of 64 bytes",
     {{"www.example.org", "example.org", "printf('%.64c', 'a') || '.example.org'"}},
     ""},
    {"255 bytes",
     {{"www.example.org", "example.org",
       "replace(printf('%.122c', 'x'), 'x', 'a.') || 'example.org'"}},
     ""},
};

static struct tc_chain *chain_of(const char *cn)
{
    struct tc_cert *presented[] = {fixture_cert(cn, "R10", false)};
    return fixture_chain(presented, 1, NULL);
}

static void add_name(const char *path, const char *host, const char *name)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO certificate_name SELECT certificate_id, 'dns', %s FROM "
             "certificate WHERE subject_cn = '%s'",
             name, host);
    fixture_exec(path, sql);
}

/* A scan that is under way: the hosts answered, the writer is gone for now. */
static int64_t fill(const char *path, const struct host_fact *hosts)
{
    struct tc_writer *writer = NULL;
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    for (size_t i = 0; i < HOSTS_MAX && hosts[i].host != NULL; i++) {
        struct tc_target *target = fixture_target(hosts[i].host, i + 1, NULL, NULL);
        assert_int_equal(fixture_register(writer, target), TC_REGISTERED);
        tc_writer_put(writer,
                      fixture_observation(target->target_id, "192.0.2.1", chain_of(hosts[i].host)));
        fixture_target_free(target);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    tc_store_close(store);
    for (size_t i = 0; i < HOSTS_MAX && hosts[i].host != NULL; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "UPDATE target SET registrable_domain = nullif('%s', '') WHERE host = '%s'",
                 hosts[i].registrable_domain, hosts[i].host);
        fixture_exec(path, sql);
        if (hosts[i].name != NULL) {
            add_name(path, hosts[i].host, hosts[i].name);
        }
    }
    return scan_id;
}

static void describe(char *out, const struct cli_found_targets *found)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < found->num_items && len < OUT_MAX; i++) {
        const struct tc_target *target = found->items[i];
        len += (size_t)snprintf(out + len, OUT_MAX - len, "%s%s://%s:%u in %s", i > 0 ? ", " : "",
                                tc_protocol_str(target->protocol), target->host,
                                (unsigned)target->port, target->found_in);
    }
}

static void check_name(void **state)
{
    const struct name_case *row = *state;
    char found_text[OUT_MAX];
    struct cli_found_targets found = {0};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct cli_expansion expansion = {
        .db = path, .scan_id = fill(path, row->hosts), .per_domain = 10, .shard = {1, 1}};
    assert_int_equal(cli_expansion_round(&expansion, &found, NULL), TC_OK);
    describe(found_text, &found);
    cli_found_targets_cleanup(&found);
    fixture_folder_free(folder);
    assert_string_equal(found_text, row->found);
    assert_int_equal(expansion.num_left, 0);
}

/* ---- ceilings ---- */

static const struct host_fact k_two_domains[HOSTS_MAX] = {
    {"www.example.org", "example.org", "'n0.example.org'"},
    {"www.example.net", "example.net", "'n0.example.net'"},
    {"www.amazonaws.com", "amazonaws.com", "'n0.amazonaws.com'"},
};

static void add_names(const char *path, const char *host, const char *below, unsigned num)
{
    char name[96];
    for (unsigned i = 0; i < num; i++) {
        snprintf(name, sizeof name, "'n%u.%s'", i, below);
        add_name(path, host, name);
    }
}

/* The number of targets, with a ceiling of `per_domain`. */
static size_t count_round(struct cli_expansion *expansion, unsigned per_domain)
{
    struct cli_found_targets found = {0};
    expansion->per_domain = per_domain;
    assert_int_equal(cli_expansion_round(expansion, &found, NULL), TC_OK);
    size_t num = found.num_items;
    cli_found_targets_cleanup(&found);
    return num;
}

static void test_ceiling(void **state)
{
    (void)state;
    struct tc_buf notice;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct cli_expansion expansion = {
        .db = path, .scan_id = fill(path, k_two_domains), .shard = {1, 1}};
    tc_buf_init(&notice, 1024);
    add_names(path, "www.example.org", "example.org", 7);
    add_names(path, "www.example.net", "example.net", 3);
    add_names(path, "www.amazonaws.com", "s3.amazonaws.com", 20); /* count nowhere */
    assert_int_equal(count_round(&expansion, 7), 7 + 3 + 1);
    cli_expansion_add_notice(&notice, &expansion);
    assert_int_equal(notice.len, 0);
    assert_int_equal(count_round(&expansion, 6), 6 + 3 + 1);
    assert_int_equal(expansion.num_left, 1);
    assert_int_equal(count_round(&expansion, 1), 3);
    assert_int_equal(expansion.num_left, 6 + 2);
    assert_int_equal(expansion.num_full_domains, 2);
    cli_expansion_add_notice(&notice, &expansion);
    assert_string_equal(
        notice.data,
        "--expand-names: the ceiling (1 names of a registrable domain, 100000 in all) was reached "
        "in 2 domains, such as example.org: 8 more names were not scanned; report --table "
        "inventory has them");
    tc_buf_cleanup(&notice);
    fixture_folder_free(folder);
}

/* What the scan has found already takes its places; found before an interruption, it comes again.
 */
static void test_places_taken(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct cli_expansion expansion = {
        .db = path, .scan_id = fill(path, k_two_domains), .shard = {1, 1}};
    add_names(path, "www.example.org", "example.org", 7);
    fixture_exec(path, "INSERT INTO target (protocol, host, port, registrable_domain) VALUES "
                       "('https', 'n3.example.org', 8443, 'example.org'); INSERT INTO scan_target "
                       "(scan_id, target_id, found_in) SELECT 1, target_id, 'www.example.org' FROM "
                       "target WHERE port = 8443");
    assert_int_equal(count_round(&expansion, 3), 2 + 1 + 1);
    assert_int_equal(expansion.num_left, 4);
    assert_int_equal(count_round(&expansion, 1), 0 + 1 + 1);
    fixture_exec(path, "UPDATE scan SET runs = 2; UPDATE scan_target SET run = 2 WHERE found_in IS "
                       "NULL");
    struct cli_found_targets found = {0};
    assert_int_equal(cli_expansion_round(&expansion, &found, NULL), TC_OK);
    assert_int_equal(found.num_items, 1 + 1 + 1);
    assert_string_equal(found.items[0]->host, "n3.example.org");
    assert_int_equal(found.items[0]->port, 8443);
    cli_found_targets_cleanup(&found);
    fixture_folder_free(folder);
}

/* The port is that of the https target, whatever else has the certificate. */
static void test_ports(void **state)
{
    (void)state;
    char found_text[OUT_MAX];
    struct cli_found_targets found = {0};
    static const struct host_fact hosts[HOSTS_MAX] = {
        {"mail.example.org", "example.org", "'new.example.org'"},
        {"www.example.net", "example.net", "'new.example.net'"}};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct cli_expansion expansion = {
        .db = path, .scan_id = fill(path, hosts), .per_domain = 10, .shard = {1, 1}};
    fixture_exec(path, "UPDATE target SET protocol = 'imaps', port = 993 WHERE host = "
                       "'mail.example.org'; UPDATE target SET port = 8443 WHERE host = "
                       "'www.example.net'");
    assert_int_equal(cli_expansion_round(&expansion, &found, NULL), TC_OK);
    describe(found_text, &found);
    assert_string_equal(found_text, "https://new.example.net:8443 in www.example.net, "
                                    "https://new.example.org:443 in mail.example.org");
    cli_found_targets_cleanup(&found);
    fixture_folder_free(folder);
}

static void test_shard(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct cli_expansion expansion = {.db = path, .scan_id = fill(path, k_two_domains)};
    add_names(path, "www.example.org", "example.org", 40);
    size_t num = 0;
    for (unsigned number = 1; number <= 3; number++) {
        expansion.shard = (struct tc_shard){number, 3};
        size_t num_part = count_round(&expansion, 100);
        assert_in_range(num_part, 1, 41);
        num += num_part;
    }
    assert_int_equal(num, 40 + 1 + 1);
    fixture_folder_free(folder);
}

static void test_no_database(void **state)
{
    (void)state;
    struct cli_expansion expansion = {.db = "/nowhere/census.db", .per_domain = 10};
    struct cli_found_targets found = {0};
    struct tc_error error = {""};
    assert_int_equal(cli_expansion_round(&expansion, &found, &error), TC_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "/nowhere/census.db"));
    assert_int_equal(found.num_items, 0);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_ceiling),     cmocka_unit_test(test_places_taken),
        cmocka_unit_test(test_ports),       cmocka_unit_test(test_shard),
        cmocka_unit_test(test_no_database),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(name_cases) + TC_ARRAY_LEN(others)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++) {
        tests[i] = (struct CMUnitTest){
            .name = name_cases[i].name, .test_func = check_name, .initial_state = &name_cases[i]};
    }
    memcpy(tests + TC_ARRAY_LEN(name_cases), others, sizeof others);
    return cmocka_run_group_tests_name("expansion_names", tests, NULL, NULL);
}
