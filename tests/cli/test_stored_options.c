/* A scan's options, as JSON and back. */
#include "test_support.h"

#include <string.h>

#include "cli/scan_settings.h"
#include "cli/stored_options.h"

#define NUM_HOSTS 2

static const char *const k_hosts[NUM_HOSTS] = {"a.example", "b \"quoted\"\\.example\n"};

/* What was stored, and what came back. */
struct stored {
    struct cli_scan_settings settings;
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    size_t num_rows;
    struct cli_list targets;
    struct cli_groups groups; /* behind the way back; before it they are the settings' */
    struct cli_arena arena;
};

static void init(struct stored *stored)
{
    *stored = (struct stored){.num_rows = 0};
    cli_scan_settings_init(&stored->settings);
    stored->num_rows = cli_scan_options(stored->rows, &stored->settings);
}

static void cleanup(struct stored *stored)
{
    cli_list_cleanup(&stored->targets);
    cli_groups_cleanup(&stored->groups);
    cli_arena_cleanup(&stored->arena);
    cli_scan_settings_cleanup(&stored->settings);
}

static void set(struct stored *stored, const char *name, const char *text)
{
    struct tc_error error = {""};
    if (cli_set(stored->rows, stored->num_rows, name, text, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
}

static void set_of_group(struct cli_group *group, const char *name, const char *text)
{
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    cli_group_options(rows, group);
    assert_int_equal(cli_set(rows, CLI_GROUP_OPTIONS_NUM, name, text, NULL), TC_OK);
}

static enum tc_status read_json(struct stored *stored, const char *json, struct tc_error *error)
{
    struct tc_store *store = NULL;
    assert_int_equal(tc_store_open(&store, ":memory:", TC_STORE_CREATE, NULL), TC_OK);
    enum tc_status status =
        cli_options_from_json(stored->rows, stored->num_rows, &stored->targets, &stored->groups,
                              &stored->arena, store, json, error);
    tc_store_close(store);
    return status;
}

/* Through JSON and back: what --resume lives on. */
static void store_and_read(struct stored *again, struct stored *stored)
{
    struct tc_buf json;
    struct tc_error error = {""};
    init(again);
    tc_buf_init(&json, 65536);
    assert_int_equal(cli_options_to_json(&json, stored->rows, stored->num_rows,
                                         &stored->settings.groups, k_hosts, NUM_HOSTS, &error),
                     TC_OK);
    assert_null(strstr(json.data, "s%3acret")); /* no secret is stored */
    assert_null(strstr(json.data, "p@ss"));
    assert_null(strstr(json.data, "verbose")); /* it shapes the talk, not the scan */
    if (read_json(again, json.data, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    tc_buf_cleanup(&json);
}

static void options_come_back(void **state)
{
    (void)state;
    struct stored stored;
    struct stored again;
    init(&stored);
    set(&stored, "concurrency", "77");
    set(&stored, "connect-timeout", "1500ms");
    set(&stored, "helo", "audit.example.org");
    set(&stored, "starttls-timeout", "7s");
    set(&stored, "input", "one.csv");
    set(&stored, "input", "two \"2\".csv");
    set(&stored, "www", NULL);
    set(&stored, "mx", NULL);
    set(&stored, "verbose", NULL);
    set(&stored, "proxy", "http://me:s%3acret@p@ss@proxy.example:3128");
    store_and_read(&again, &stored);
    assert_int_equal(again.settings.limits.concurrency, 77);
    assert_int_equal(again.settings.limits.connect_timeout_ms, 1500);
    assert_string_equal(again.settings.limits.helo, "audit.example.org");
    assert_int_equal(again.settings.limits.starttls_timeout_ms, 7000);
    assert_true(again.settings.www);
    assert_true(again.settings.mx);
    assert_false(again.settings.talk.verbose);
    assert_int_equal(again.settings.inputs.num_items, 2);
    assert_string_equal(again.settings.inputs.items[0], "one.csv");
    assert_string_equal(again.settings.inputs.items[1], "two \"2\".csv");
    assert_string_equal(again.settings.proxy, "http://proxy.example:3128");
    assert_int_equal(again.targets.num_items, NUM_HOSTS);
    assert_string_equal(again.targets.items[1], k_hosts[1]);
    cleanup(&stored);
    cleanup(&again);
}

static void groups_come_back(void **state)
{
    (void)state;
    struct stored stored;
    struct stored again;
    init(&stored);
    struct cli_group *mail = cli_groups_add(&stored.settings.groups, "mail");
    mail->profile = TC_PROFILE_DEEP;
    set_of_group(mail, "target", "https://u:s%3acret@mx.example");
    set_of_group(mail, "target", "smtp://mx.example");
    set_of_group(mail, "port", "25,465");
    set_of_group(mail, "label", "unit=\"Mail\"");
    set_of_group(cli_groups_add(&stored.settings.groups, "web"), "input", "web.csv");
    store_and_read(&again, &stored);
    assert_int_equal(again.groups.num_items, 2);
    mail = &again.groups.items[0];
    assert_string_equal(mail->name, "mail");
    assert_int_equal(mail->profile, TC_PROFILE_DEEP);
    assert_int_equal(mail->targets.num_items, 2);
    assert_string_equal(mail->targets.items[0], "https://***@mx.example");
    assert_string_equal(mail->targets.items[1], "smtp://mx.example");
    assert_string_equal(mail->ports.items[0], "25,465");
    assert_string_equal(mail->labels.items[0], "unit=\"Mail\"");
    assert_int_equal(mail->inputs.num_items, 0);
    const struct cli_group *web = &again.groups.items[1];
    assert_string_equal(web->name, "web");
    assert_int_equal(web->profile, -1);
    assert_string_equal(web->inputs.items[0], "web.csv");
    assert_int_equal(web->labels.num_items, 0);
    cleanup(&stored);
    cleanup(&again);
}

/* Whose targets are the most is said, and what to do. */
static void too_many_targets(void **state)
{
    (void)state;
    struct stored stored;
    struct tc_buf json;
    struct tc_error error = {""};
    init(&stored);
    tc_buf_init(&json, 60);
    set_of_group(cli_groups_add(&stored.settings.groups, "mail"), "target", "mx.example");
    const struct cli_groups *groups = &stored.settings.groups;
    const size_t num = stored.num_rows;
    assert_int_equal(cli_options_to_json(&json, stored.rows, num, groups, k_hosts, 1, &error),
                     TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "[targets mail]: 1 targets and lists of 10 bytes"));
    assert_non_null(strstr(error.text, "name it with input = FILE"));
    tc_buf_cleanup(&json);
    tc_buf_init(&json, 60);
    assert_int_equal(cli_options_to_json(&json, stored.rows, num, groups, k_hosts, 2, &error),
                     TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "outside groups: 2 targets and lists of "));
    assert_non_null(strstr(error.text, "name it with -i FILE"));
    tc_buf_cleanup(&json);
    cleanup(&stored);
}

static void an_option_of_another_version_is_an_error(void **state)
{
    (void)state;
    struct stored stored;
    struct tc_error error = {""};
    init(&stored);
    assert_int_equal(read_json(&stored, "{\"warp-speed\":\"9\"}", &error), TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "warp-speed"));
    cleanup(&stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_back),
        cmocka_unit_test(groups_come_back),
        cmocka_unit_test(too_many_targets),
        cmocka_unit_test(an_option_of_another_version_is_an_error),
    };
    return cmocka_run_group_tests_name("stored_options", tests, NULL, NULL);
}
