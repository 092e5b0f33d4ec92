/* Groups of a configuration file, and what their targets have by them. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/target_defaults.h"
#include "cli/target_groups.h"

static const char k_file[] = "[scan]\n"
                             "profile = quick\n"
                             "[targets web]\n"
                             "input = web.csv\n"
                             "input = more.csv\n"
                             "[targets mail]\n"
                             "; what is asked most\n"
                             "target = smtp://mx.example.edu\n"
                             "port = 25, 465\n"
                             "port = 587\n"
                             "profile = deep\n"
                             "label = unit=Mail\n"
                             "[report]\n"
                             "title = x\n"
                             "[targets last]\n"
                             "target = a.example\n";

static struct cli_config config_of(const char *content)
{
    char path[] = "/tmp/tlscensus-groups-XXXXXX";
    struct cli_config config = {0};
    struct tc_error error = {""};
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)), strlen(content));
    assert_int_equal(close(descriptor), 0);
    if (cli_config_read(&config, path, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(unlink(path), 0);
    config.path = "census.conf";
    return config;
}

static void add_list(struct tc_buf *out, const char *name, const struct cli_list *list)
{
    for (size_t i = 0; i < list->num_items; i++) {
        tc_buf_addf(out, " %s=%s", name, list->items[i]);
    }
}

/* "web input=web.csv | mail …" */
static void render(struct tc_buf *out, const struct cli_groups *groups)
{
    tc_buf_init(out, 4000);
    tc_buf_add_str(out, "");
    for (size_t i = 0; i < groups->num_items; i++) {
        const struct cli_group *group = &groups->items[i];
        tc_buf_addf(out, "%s%s", i > 0 ? " | " : "", group->name);
        add_list(out, "input", &group->inputs);
        add_list(out, "target", &group->targets);
        add_list(out, "port", &group->ports);
        add_list(out, "label", &group->labels);
        if (group->profile >= 0) {
            tc_buf_addf(out, " profile=%s", tc_profile_str((enum tc_profile)group->profile));
        }
    }
}

static struct cli_groups groups_of(const struct cli_config *config)
{
    struct cli_groups groups = {0};
    struct tc_error error = {""};
    if (cli_groups_read(&groups, config, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    return groups;
}

static void groups_are_in_the_files_order(void **state)
{
    (void)state;
    struct cli_config config = config_of(k_file);
    struct cli_groups groups = groups_of(&config);
    struct tc_buf seen;
    render(&seen, &groups);
    assert_string_equal(seen.data, "web input=web.csv input=more.csv | "
                                   "mail target=smtp://mx.example.edu port=25, 465 port=587 "
                                   "label=unit=Mail profile=deep | last target=a.example");
    assert_int_equal(cli_group_profile(&groups.items[0], TC_PROFILE_QUICK), TC_PROFILE_QUICK);
    assert_int_equal(cli_group_profile(&groups.items[1], TC_PROFILE_QUICK), TC_PROFILE_DEEP);
    tc_buf_cleanup(&seen);
    cli_groups_cleanup(&groups);
    cli_config_cleanup(&config);
}

static struct keep_case {
    const char *name;
    const char *file;
    const char *wanted[3];
    const char *expected; /* the names, or the error */
} keep_cases[] = {
    {"one", k_file, {"mail"}, "mail"},
    {"two, in the file's order", k_file, {"last", "web"}, "web last"},
    {"one twice", k_file, {"web", "web"}, "web"},
    {"a name like another",
     k_file,
     {"web", "mial"},
     "?--group mial: the configuration file has no group of that name; did you mean mail?"},
    {"a name like none",
     k_file,
     {"directory"},
     "?--group directory: the configuration file has no group of that name"},
    {"no file",
     "[scan]\nprofile = deep\n",
     {"web"},
     "?--group web: no configuration file has groups of targets: name one with --config that has a "
     "section [targets web]"},
};

static void check_keep(void **state)
{
    struct keep_case *row = *state;
    struct cli_config config = config_of(row->file);
    struct cli_groups groups = groups_of(&config);
    struct cli_list wanted = {.items = row->wanted};
    struct tc_error error = {""};
    struct tc_buf seen;
    while (wanted.num_items < 3 && row->wanted[wanted.num_items] != NULL) {
        wanted.num_items++;
    }
    enum tc_status status = cli_groups_keep(&groups, &wanted, &error);
    tc_buf_init(&seen, 1000);
    for (size_t i = 0; status == TC_OK && i < groups.num_items; i++) {
        tc_buf_addf(&seen, "%s%s", i > 0 ? " " : "", groups.items[i].name);
    }
    if (status != TC_OK) {
        assert_int_equal(status, TC_ERR_INPUT);
        tc_buf_addf(&seen, "?%s", error.text);
    }
    assert_string_equal(seen.data, row->expected);
    tc_buf_cleanup(&seen);
    cli_groups_cleanup(&groups);
    cli_config_cleanup(&config);
}

static void a_bad_value_has_its_line(void **state)
{
    (void)state;
    struct cli_config config = config_of("[targets web]\ntarget = a\n\nport = x\n");
    struct cli_groups groups = {0};
    struct tc_error error = {""};
    assert_int_equal(cli_groups_read(&groups, &config, &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "census.conf:4: --port x: port \"x\" is not a number");
    assert_int_equal(groups.num_items, 0);
    cli_config_cleanup(&config);
}

static void too_many_groups(void **state)
{
    (void)state;
    struct tc_buf text;
    struct cli_groups groups = {0};
    struct tc_error error = {""};
    tc_buf_init(&text, 100000);
    for (int i = 0; i <= CLI_GROUPS_MAX; i++) {
        assert_int_equal(tc_buf_addf(&text, "[targets g%d]\ntarget = a\n", i), TC_OK);
    }
    struct cli_config config = config_of(text.data);
    assert_int_equal(cli_groups_read(&groups, &config, &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "census.conf:2001: more than 1000 groups of targets");
    tc_buf_cleanup(&text);
    cli_config_cleanup(&config);
}

/* What is printed of a group can be read again. */
static void groups_are_printed(void **state)
{
    (void)state;
    char text[2000] = "";
    struct cli_config config = config_of(k_file);
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    cli_config_print_group(stream, &config, "mail");
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, "[targets mail]\n"
                              "; input =                                    ; default\n"
                              "target = smtp://mx.example.edu               ; census.conf:8\n"
                              "port = 25, 465                               ; census.conf:9\n"
                              "port = 587                                   ; census.conf:10\n"
                              "profile = deep                               ; census.conf:11\n"
                              "label = unit=Mail                            ; census.conf:12\n");
    struct cli_config again = config_of(text);
    struct cli_groups groups = groups_of(&again);
    struct tc_buf seen;
    render(&seen, &groups);
    assert_string_equal(seen.data, "mail target=smtp://mx.example.edu port=25, 465 port=587 "
                                   "label=unit=Mail profile=deep");
    tc_buf_cleanup(&seen);
    cli_groups_cleanup(&groups);
    cli_config_cleanup(&again);
    cli_config_cleanup(&config);
}

/* ---- what targets have by a group ---- */

static struct defaults_case {
    const char *name;
    const char *labels[3]; /* of the scan */
    const char *more[3];   /* of the group */
    const char *ports;     /* of the scan; NULL: none */
    const char *more_ports;
    const char *expected; /* labels, then ports */
} defaults_cases[] = {
    {"nothing but its name", {NULL}, {NULL}, NULL, NULL, "group=mail"},
    {"blanks around names and values",
     {NULL},
     {"  unit =  Mail and more ", "a=b=c"},
     NULL,
     NULL,
     "unit=Mail and more; a=b=c; group=mail"},
    {"the group's over the scan's",
     {"site=North", "unit=IT"},
     {"Unit=Mail"},
     "443,8443",
     "25",
     "site=North; Unit=Mail; group=mail 25"},
    {"the scan's where the group has none",
     {"site=North"},
     {NULL},
     "443,8443",
     NULL,
     "site=North; group=mail 443 8443"},
    {"a label of that name", {NULL}, {"Group=Post"}, NULL, NULL, "Group=Post"},
};

static size_t count(const char *const *texts)
{
    size_t num = 0;
    while (num < 3 && texts[num] != NULL) {
        num++;
    }
    return num;
}

static void check_defaults(void **state)
{
    struct defaults_case *row = *state;
    struct cli_target_defaults defaults = {.num_labels = 0};
    const struct cli_list labels = {row->labels, count(row->labels)};
    const struct cli_list more = {row->more, count(row->more)};
    const struct cli_list ports = {&row->ports, row->ports != NULL};
    const struct cli_list more_ports = {&row->more_ports, row->more_ports != NULL};
    struct tc_buf seen;
    assert_int_equal(cli_target_defaults_add(&defaults, &ports, &labels, NULL), TC_OK);
    assert_int_equal(cli_target_defaults_add(&defaults, &more_ports, &more, NULL), TC_OK);
    assert_int_equal(cli_target_defaults_name(&defaults, "mail", NULL), TC_OK);
    const struct tc_target_defaults got = cli_target_defaults_get(&defaults);
    tc_buf_init(&seen, 1000);
    for (size_t i = 0; i < got.num_labels; i++) {
        tc_buf_addf(&seen, "%s%s=%s", i > 0 ? "; " : "", got.labels[i].name, got.labels[i].value);
    }
    for (size_t i = 0; got.ports != NULL && i < got.ports->num_ports; i++) {
        tc_buf_addf(&seen, " %u", got.ports->ports[i]);
    }
    assert_string_equal(seen.data, row->expected);
    assert_false(got.has_profile);
    tc_buf_cleanup(&seen);
    cli_target_defaults_cleanup(&defaults);
}

static void too_many_labels(void **state)
{
    (void)state;
    char texts[CLI_LABELS_MAX + 1][16];
    const char *items[CLI_LABELS_MAX + 1];
    const struct cli_list none = {0};
    struct cli_target_defaults defaults = {.num_labels = 0};
    struct tc_error error = {""};
    for (int i = 0; i <= CLI_LABELS_MAX; i++) {
        snprintf(texts[i], sizeof texts[i], "l%d=x", i);
        items[i] = texts[i];
    }
    const struct cli_list labels = {items, CLI_LABELS_MAX + 1};
    assert_int_equal(cli_target_defaults_add(&defaults, &none, &labels, &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "more than 64 labels");
    assert_int_equal(defaults.num_labels, CLI_LABELS_MAX);
    /* The name of the group has its own place. */
    assert_int_equal(cli_target_defaults_name(&defaults, "mail", NULL), TC_OK);
    assert_int_equal(defaults.num_labels, CLI_LABELS_MAX + 1);
    assert_string_equal(defaults.labels[CLI_LABELS_MAX].value, "mail");
    const struct cli_list again = {items, CLI_LABELS_MAX};
    assert_int_equal(cli_target_defaults_add(&defaults, &none, &again, NULL), TC_OK);
    assert_int_equal(defaults.num_labels, CLI_LABELS_MAX + 1);
    cli_target_defaults_cleanup(&defaults);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(keep_cases) + TC_ARRAY_LEN(defaults_cases) + 5] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(keep_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){keep_cases[i].name, check_keep, NULL, NULL, &keep_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(defaults_cases); i++) {
        tests[num++] = (struct CMUnitTest){defaults_cases[i].name, check_defaults, NULL, NULL,
                                           &defaults_cases[i]};
    }
    const struct CMUnitTest others[] = {
        cmocka_unit_test(groups_are_in_the_files_order),
        cmocka_unit_test(a_bad_value_has_its_line),
        cmocka_unit_test(too_many_groups),
        cmocka_unit_test(groups_are_printed),
        cmocka_unit_test(too_many_labels),
    };
    memcpy(&tests[num], others, sizeof others);
    return cmocka_run_group_tests_name("target_groups", tests, NULL, NULL);
}
