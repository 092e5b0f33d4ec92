#include "test_support.h"

#include <string.h>

#include "cli/scan_settings.h"
#include "cli/stored_options.h"

/* A scan's options, as JSON and back: what --resume lives on. */
static void options_come_back(void **state)
{
    (void)state;
    struct cli_scan_settings settings;
    struct cli_scan_settings again;
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    struct cli_option rows_again[CLI_SCAN_OPTIONS_MAX];
    struct cli_list targets = {0};
    struct cli_groups groups = {0};
    struct cli_arena arena = {0};
    struct tc_store *store = NULL;
    struct tc_buf json;
    struct tc_error error = {""};
    struct cli_option group_rows[CLI_GROUP_OPTIONS_NUM];
    const char *const hosts[] = {"a.example", "b \"quoted\"\\.example\n"};

    cli_scan_settings_init(&settings);
    cli_scan_settings_init(&again);
    size_t num = cli_scan_options(rows, &settings);
    cli_scan_options(rows_again, &again);
    assert_int_equal(cli_set(rows, num, "concurrency", "77", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "connect-timeout", "1500ms", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "helo", "audit.example.org", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "starttls-timeout", "7s", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "input", "one.csv", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "input", "two \"2\".csv", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "www", NULL, &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "mx", NULL, &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "verbose", NULL, &error), TC_OK);
    assert_int_equal(
        cli_set(rows, num, "proxy", "http://me:s%3acret@p@ss@proxy.example:3128", &error), TC_OK);

    struct cli_group *mail = cli_groups_add(&settings.groups, "mail");
    mail->profile = TC_PROFILE_DEEP;
    cli_group_options(group_rows, mail);
    assert_int_equal(cli_set(group_rows, 5, "target", "https://u:s%3acret@mx.example", NULL),
                     TC_OK);
    assert_int_equal(cli_set(group_rows, 5, "target", "smtp://mx.example", NULL), TC_OK);
    assert_int_equal(cli_set(group_rows, 5, "port", "25,465", NULL), TC_OK);
    assert_int_equal(cli_set(group_rows, 5, "label", "unit=\"Mail\"", NULL), TC_OK);
    cli_group_options(group_rows, cli_groups_add(&settings.groups, "web"));
    assert_int_equal(cli_set(group_rows, 5, "input", "web.csv", NULL), TC_OK);

    tc_buf_init(&json, 65536);
    assert_int_equal(cli_options_to_json(&json, rows, num, &settings.groups, hosts, 2), TC_OK);
    assert_null(strstr(json.data, "s%3acret")); /* no secret is stored */
    assert_null(strstr(json.data, "p@ss"));
    assert_null(strstr(json.data, "verbose")); /* it shapes the talk, not the scan */

    assert_int_equal(tc_store_open(&store, ":memory:", TC_STORE_CREATE, &error), TC_OK);
    assert_int_equal(
        cli_options_from_json(rows_again, num, &targets, &groups, &arena, store, json.data, &error),
        TC_OK);
    assert_int_equal(again.limits.concurrency, 77);
    assert_int_equal(again.limits.connect_timeout_ms, 1500);
    assert_string_equal(again.limits.helo, "audit.example.org");
    assert_int_equal(again.limits.starttls_timeout_ms, 7000);
    assert_true(again.www);
    assert_true(again.mx);
    assert_false(again.talk.verbose);
    assert_int_equal(again.inputs.num_items, 2);
    assert_string_equal(again.inputs.items[0], "one.csv");
    assert_string_equal(again.inputs.items[1], "two \"2\".csv");
    assert_string_equal(again.proxy, "http://proxy.example:3128");
    assert_int_equal(targets.num_items, 2);
    assert_string_equal(targets.items[1], hosts[1]);
    assert_int_equal(groups.num_items, 2);
    assert_string_equal(groups.items[0].name, "mail");
    assert_int_equal(groups.items[0].profile, TC_PROFILE_DEEP);
    assert_int_equal(groups.items[0].targets.num_items, 2);
    assert_string_equal(groups.items[0].targets.items[0], "https://***@mx.example");
    assert_string_equal(groups.items[0].targets.items[1], "smtp://mx.example");
    assert_string_equal(groups.items[0].ports.items[0], "25,465");
    assert_string_equal(groups.items[0].labels.items[0], "unit=\"Mail\"");
    assert_int_equal(groups.items[0].inputs.num_items, 0);
    assert_string_equal(groups.items[1].name, "web");
    assert_int_equal(groups.items[1].profile, -1);
    assert_string_equal(groups.items[1].inputs.items[0], "web.csv");
    assert_int_equal(groups.items[1].labels.num_items, 0);

    tc_store_close(store);
    tc_buf_cleanup(&json);
    cli_list_cleanup(&targets);
    cli_groups_cleanup(&groups);
    cli_arena_cleanup(&arena);
    cli_scan_settings_cleanup(&settings);
    cli_scan_settings_cleanup(&again);
}

static void an_option_of_another_version_is_an_error(void **state)
{
    (void)state;
    struct cli_scan_settings settings;
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    struct cli_list targets = {0};
    struct cli_groups groups = {0};
    struct cli_arena arena = {0};
    struct tc_store *store = NULL;
    struct tc_error error = {""};
    cli_scan_settings_init(&settings);
    size_t num = cli_scan_options(rows, &settings);
    assert_int_equal(tc_store_open(&store, ":memory:", TC_STORE_CREATE, &error), TC_OK);
    assert_int_equal(cli_options_from_json(rows, num, &targets, &groups, &arena, store,
                                           "{\"warp-speed\":\"9\"}", &error),
                     TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "warp-speed"));
    tc_store_close(store);
    cli_arena_cleanup(&arena);
    cli_scan_settings_cleanup(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_back),
        cmocka_unit_test(an_option_of_another_version_is_an_error),
    };
    return cmocka_run_group_tests_name("stored_options", tests, NULL, NULL);
}
