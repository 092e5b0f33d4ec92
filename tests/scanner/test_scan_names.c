/* Runs that end before or at the connection, and runs that cannot begin. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_support.h"

static struct name_case {
    const char *name;
    const char *host;
    enum tc_outcome outcome;
    enum tc_stage stage;
    const char *address;
    const char *detail;
    unsigned attempts;
} name_cases[] = {
    {"scan: a name that does not exist", "none.example", TC_OUTCOME_DNS_NOT_FOUND, TC_STAGE_DNS, "",
     "not exist", 1},
    {"scan: a name without address", "empty.example", TC_OUTCOME_DNS_NO_ADDRESS, TC_STAGE_DNS, "",
     "", 1},
    {"scan: a broken zone is asked twice", "broken.example", TC_OUTCOME_DNS_FAILURE, TC_STAGE_DNS,
     "", "SERVFAIL", 2},
    {"scan: a multicast address", "224.0.0.251", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "224.0.0.251",
     "multicast", 0},
    {"scan: the unspecified address", "0.0.0.0", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "0.0.0.0", "",
     0},
    {"scan: broadcast", "255.255.255.255", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "255.255.255.255", "",
     0},
    {"scan: an excluded name", "secret.example", TC_OUTCOME_EXCLUDED, TC_STAGE_DNS, "",
     "exclusion list", 0},
    {"scan: a name below an excluded one", "a.below.example", TC_OUTCOME_EXCLUDED, TC_STAGE_DNS, "",
     "exclusion list", 0},
    {"scan: an excluded address", "127.0.2.77", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "127.0.2.77",
     "exclusion list", 0},
    {"scan: a closed port", "127.0.2.200", TC_OUTCOME_REFUSED, TC_STAGE_TCP, "127.0.2.200",
     "closed", 1},
};

static struct tc_exclusions *read_exclusions(void)
{
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error = {""};
    char path[] = "/tmp/tlscensus-exclude-XXXXXX";
    static const char k_list[] = "secret.example\n.below.example\n127.0.2.64/27\n";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, k_list, sizeof k_list - 1), sizeof k_list - 1);
    assert_int_equal(close(fd), 0);
    enum tc_status status = tc_exclusions_read(&exclusions, path, &error);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(status, TC_OK);
    return exclusions;
}

static void check_name(void **state)
{
    const struct name_case *row = *state;
    struct run run;
    struct tc_exclusions *exclusions = read_exclusions();
    run_init(&run, 1, false);
    run.options.exclusions = exclusions;
    run_start(&run);
    run_push(&run, row->host, NULL, 7);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    const struct tc_observation *got = run_only_row(&run);
    assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(row->outcome));
    assert_string_equal(tc_stage_str(got->stage), tc_stage_str(row->stage));
    assert_string_equal(got->address, row->address);
    assert_non_null(got->detail);
    assert_non_null(strstr(got->detail, row->detail));
    assert_int_equal(got->attempts, row->attempts);
    assert_int_equal(got->endpoints_count, 1);
    assert_null(got->chain);
    run_cleanup(&run);
    tc_exclusions_free(exclusions);
}

/* What a lookup that came before said is the row, unless the name may not be asked for at all. */
static void a_mail_domain_s_failed_lookup_is_its_row(void **state)
{
    static const struct {
        const char *host;
        enum tc_outcome outcome;
        const char *detail;
        unsigned attempts;
    } rows[] = {
        {"host.example", TC_OUTCOME_DNS_NO_ADDRESS, "takes no mail", 2},
        {"secret.example", TC_OUTCOME_EXCLUDED, "exclusion list", 0},
    };
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct run run;
        struct tc_exclusions *exclusions = read_exclusions();
        run_init(&run, 1, false);
        run.options.exclusions = exclusions;
        run_start(&run);
        struct tc_target *target = run_target(&run, rows[i].host, NULL, 7);
        target->failed_lookup = (struct tc_target_lookup){
            .outcome = TC_OUTCOME_DNS_NO_ADDRESS, .attempts = 2, .detail = strdup("takes no mail")};
        assert_int_equal(tc_scan_push(run.scan, target), TC_OK);
        run_finish(&run);
        tls_farm_stop(&run.farm);
        const struct tc_observation *got = run_only_row(&run);
        assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(rows[i].outcome));
        assert_int_equal(got->stage, TC_STAGE_DNS);
        assert_string_equal(got->address, "");
        assert_non_null(strstr(got->detail, rows[i].detail));
        assert_int_equal(got->attempts, rows[i].attempts);
        run_cleanup(&run);
        tc_exclusions_free(exclusions);
    }
}

static const char *const k_bad_resolvers[] = {"not an address"};
static const struct tc_proxy k_bad_proxy = {
    .kind = TC_PROXY_HTTP, .host = "no.such.host.invalid", .port = 1};

static void no_verifier(struct tc_scan_options *options)
{
    options->verifier = NULL;
}

static void no_slots(struct tc_scan_options *options)
{
    options->concurrency = 0;
}

static void no_workers(struct tc_scan_options *options)
{
    options->workers = 0;
}

static void negative_rate(struct tc_scan_options *options)
{
    options->rate = -1;
}

static void bad_resolver(struct tc_scan_options *options)
{
    options->resolvers = k_bad_resolvers;
    options->num_resolvers = 1;
}

static void bad_source(struct tc_scan_options *options)
{
    options->source_address = "192.0.2.1"; /* RFC 5737: nobody's */
}

static void bad_proxy(struct tc_scan_options *options)
{
    options->proxy = &k_bad_proxy;
}

static struct option_case {
    const char *name;
    void (*spoil)(struct tc_scan_options *options);
} option_cases[] = {
    {"start: without a verifier", no_verifier},
    {"start: no slots", no_slots},
    {"start: no workers", no_workers},
    {"start: a negative rate", negative_rate},
    {"start: a resolver without address", bad_resolver},
    {"start: a source address of nobody", bad_source},
    {"start: a proxy without address", bad_proxy},
};

static void check_option(void **state)
{
    const struct option_case *row = *state;
    struct tc_scan_options options;
    struct tc_scan_hooks hooks = {.observed = run_observed};
    struct tc_scan *scan = NULL;
    struct tc_error error = {""};
    tc_scan_options_init(&options);
    options.verifier = g_verifier;
    row->spoil(&options);
    assert_int_equal(tc_scan_start(&scan, &options, &hooks, &error), TC_ERR_INPUT);
    assert_null(scan);
    assert_true(error.text[0] != '\0');
}

static void versions_are_named(void **state)
{
    (void)state;
    char text[128];
    tc_scan_library_versions(text, sizeof text);
    assert_non_null(strstr(text, "BoringSSL API "));
    assert_non_null(strstr(text, "c-ares 1."));
    assert_non_null(strstr(text, "libuv 1."));
}

int main(void)
{
    struct CMUnitTest tests[2 + TC_ARRAY_LEN(name_cases) + TC_ARRAY_LEN(option_cases)] = {
        cmocka_unit_test(versions_are_named),
        cmocka_unit_test(a_mail_domain_s_failed_lookup_is_its_row),
    };
    size_t num = 2;
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++, num++) {
        tests[num].name = name_cases[i].name;
        tests[num].test_func = check_name;
        tests[num].initial_state = &name_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(option_cases); i++, num++) {
        tests[num].name = option_cases[i].name;
        tests[num].test_func = check_option;
        tests[num].initial_state = &option_cases[i];
    }
    return cmocka_run_group_tests_name("scan_names", tests, run_set_up, run_tear_down);
}
