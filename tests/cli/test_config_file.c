#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config_file.h"

/* What the table of these tests reads into. */
struct values {
    const char *db;
    struct cli_list input;
    const char *proxy;
    unsigned workers;
    bool strict;
    bool resume;
    int profile;
    const char *output;
};

#define NUM_ROWS 8

static const char *const k_profiles[] = {"quick", "standard", "deep", NULL};
static const char *const k_commands[] = {"scan", "report"};

static void make_rows(struct cli_option rows[NUM_ROWS], struct values *values)
{
    const struct cli_option table[NUM_ROWS] = {
        {.name = "db", .type = CLI_TEXT, .value = &values->db},
        {.name = "input", .type = CLI_LIST, .value = &values->input, .shapes_scan = true},
        {.name = "proxy", .type = CLI_TEXT, .value = &values->proxy, .shapes_scan = true},
        {.name = "workers",
         .type = CLI_UNSIGNED,
         .value = &values->workers,
         .min = 1,
         .max = 256,
         .shapes_scan = true},
        {.name = "strict", .type = CLI_FLAG, .value = &values->strict, .shapes_scan = true},
        {.name = "resume", .type = CLI_FLAG, .value = &values->resume},
        {.name = "profile",
         .type = CLI_CHOICE,
         .value = &values->profile,
         .choices = k_profiles,
         .shapes_scan = true},
        {.name = "output", .type = CLI_TEXT, .value = &values->output},
    };
    memcpy(rows, table, sizeof table);
}

/* A file with this content; the path lives until the next. */
static const char *file_with(const char *content)
{
    static char path[] = "/tmp/tlscensus-config-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)), strlen(content));
    assert_int_equal(close(descriptor), 0);
    return path;
}

static struct cli_config config_of(const char *content)
{
    struct cli_config config = {0};
    struct tc_error error = {""};
    const char *path = file_with(content);
    if (cli_config_read(&config, path, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(unlink(path), 0);
    return config;
}

/* ---- what a file sets ---- */

static struct apply_case {
    const char *name;
    const char *content;
    const char *given; /* an option of the command line, NULL for none */
    const char *seen;  /* db, inputs, workers, strict, profile */
} apply_cases[] = {
    {"nothing", "", NULL, "- [] 2 no standard"},
    {"comments and blank lines", "; one\n# two\n\n   \n", NULL, "- [] 2 no standard"},
    {"its own section", "[scan]\nworkers = 3\nprofile = deep\n", NULL, "- [] 3 no deep"},
    {"another's section", "[report]\ndb = a\n", NULL, "- [] 2 no standard"},
    {"before the first section", "db = a\n[report]\ndb = b\n", NULL, "a [] 2 no standard"},
    {"its own section is stronger", "db = a\n[scan]\ndb = b\n", NULL, "b [] 2 no standard"},
    {"and where it comes first", "[scan]\ndb = b\n[report]\ndb = c\n", NULL, "b [] 2 no standard"},
    {"a list", "[scan]\ninput = a\ninput = b\n", NULL, "- [a b] 2 no standard"},
    {"a list of the section takes the place of the other", "input = a\n[scan]\ninput = b\n", NULL,
     "- [b] 2 no standard"},
    {"indented lines are lines", "[scan]\n  db = a\n  input = b\n\tworkers = 4\n", NULL,
     "a [b] 4 no standard"},
    {"flags have a word", "[scan]\nstrict = Yes\n", NULL, "- [] 2 yes standard"},
    {"and another", "[scan]\nstrict = off\n", NULL, "- [] 2 no standard"},
    {"comments behind a value", "[scan]\ndb = a ; the first\n", NULL, "a [] 2 no standard"},
    {"the command line wins", "[scan]\nworkers = 3\ndb = a\n", "workers", "a [] 2 no standard"},
    {"for a list as a whole", "[scan]\ninput = a\n", "input", "- [] 2 no standard"},
    {"what shapes a scan is stored with the one that is resumed",
     "[scan]\ninput = a\nworkers = 3\ndb = b\n", "resume", "b [] 2 no standard"},
    {"a group is no section of a subcommand", "[targets scan]\ndb = a\ninput = b\n", NULL,
     "- [] 2 no standard"},
    {"its own section alone sets it", "[scan]\noutput = a\n", NULL, "- [] 2 no standard > a"},
    {"not what is for all", "output = a\ndb = b\n", NULL, "b [] 2 no standard"},
    {"nor both", "output = a\n[scan]\noutput = b\n", NULL, "- [] 2 no standard > b"},
    {"CRLF and a BOM", "\xef\xbb\xbf[scan]\r\ndb = a\r\n", NULL, "a [] 2 no standard"},
    {"no newline at the end", "[scan]\ndb = a", NULL, "a [] 2 no standard"},
};

static void check_apply(void **state)
{
    const struct apply_case *row = *state;
    struct cli_config config = config_of(row->content);
    struct values values = {.workers = 2, .profile = 1};
    struct cli_option rows[NUM_ROWS];
    struct cli_given given = {.config = NULL};
    struct tc_error error = {""};
    struct tc_buf seen;
    make_rows(rows, &values);
    for (size_t i = 0; i < NUM_ROWS; i++) {
        given.is_given[i] = row->given != NULL && strcmp(rows[i].name, row->given) == 0;
    }
    assert_int_equal(cli_config_apply(&config, "scan", rows, NUM_ROWS, &given, NULL, &error),
                     TC_OK);
    tc_buf_init(&seen, 1000);
    tc_buf_addf(&seen, "%s [", values.db != NULL ? values.db : "-");
    for (size_t i = 0; i < values.input.num_items; i++) {
        tc_buf_addf(&seen, "%s%s", i > 0 ? " " : "", values.input.items[i]);
    }
    tc_buf_addf(&seen, "] %u %s %s%s%s", values.workers, values.strict ? "yes" : "no",
                k_profiles[values.profile], values.output != NULL ? " > " : "",
                values.output != NULL ? values.output : "");
    assert_string_equal(seen.data, row->seen);
    tc_buf_cleanup(&seen);
    cli_list_cleanup(&values.input);
    cli_config_cleanup(&config);
}

/* ---- what is wrong with a file ---- */

static struct fault_case {
    const char *name;
    const char *content;
    const char *faults; /* without the path, in the order in which they are told */
} fault_cases[] = {
    {"nothing", "db = a\n[scan]\nworkers = 3\n[report]\ndb = b\n", ""},
    {"an option that no subcommand has", "dbx = a\n",
     ":1: dbx: no subcommand has such an option\n"},
    {"an option that this one has not", "[scan]\n\nworker = 3\n",
     ":3: worker: scan has no such option; did you mean workers?\n"},
    {"nothing near", "[scan]\nzzzzzzzz = 3\n", ":2: zzzzzzzz: scan has no such option\n"},
    {"a section that is none", "[scna]\ndb = a\nworkers = 2\n",
     ":1: [scna]: a section is named after a subcommand, or [targets NAME]; did you mean "
     "[scan]?\n"},
    {"a value", "[scan]\nworkers = 0\n", ":2: --workers 0: must be between 1 and 256\n"},
    {"a value before the sections is told once", "workers = 0\n",
     ":1: --workers 0: must be between 1 and 256\n"},
    {"a choice", "[scan]\nprofile = deeep\n",
     ":2: --profile deeep: must be one of quick, standard, deep; did you mean deep?\n"},
    {"a flag's word", "[scan]\nstrict = maybe\n", ":2: --strict maybe: must be yes or no\n"},
    {"set twice", "[scan]\ndb = a\nworkers = 1\ndb = b\n", ":4: db: line 2 has set it already\n"},
    {"set twice before the sections", "db = a\ndb = b\n", ":2: db: line 1 has set it already\n"},
    {"a list may be told twice", "[scan]\ninput = a\ninput = b\n", ""},
    {"all faults are told", "[scan]\nworkers = 0\nstrict = maybe\n",
     ":2: --workers 0: must be between 1 and 256\n:3: --strict maybe: must be yes or no\n"},
    {"a group of targets",
     "[targets mail]\ntarget = smtp://mx.example.edu\ninput = a\ninput = b\nport = 25, 465\n"
     "port = 587\nprofile = deep\nlabel = unit = Mail\nlabel = x=y=z\n",
     ""},
    {"a group's options", "[targets web]\ninput = a\nprt = 1\nworkers = 3\ndb = b\n",
     ":3: prt: targets web has no such option; did you mean port?\n"
     ":4: workers: targets web has no such option\n:5: db: targets web has no such option\n"},
    {"a group's values",
     "[targets web]\ninput = a\nprofile = deeep\nport = 25,x\nport = 65536\nlabel = unit\nlabel = "
     "=Mail\nlabel = unit= \n",
     ":3: --profile deeep: must be one of quick, standard, deep; did you mean deep?\n"
     ":4: --port 25,x: port \"x\" is not a number\n:5: --port 65536: port 65536 is above 65535\n"
     ":6: --label unit: not NAME=VALUE, such as unit=Mail\n"
     ":7: --label =Mail: not NAME=VALUE, such as unit=Mail\n"
     ":8: --label unit=: not NAME=VALUE, such as unit=Mail\n"},
    {"a group's targets",
     "[targets web]\ntarget = a.org\ntarget = a..org\ntarget = https://u:secret@b.org\ntarget = "
     "10.0.0.0/8\n",
     ":3: target: an empty label (two dots, or one in front): \"a..org\"\n"
     ":4: target: a user name in the address; leave out what is before @\n"},
    {"a group's profile is told once",
     "[targets web]\ninput = a\nprofile = deep\nprofile = quick\n",
     ":4: profile: line 3 has set it already\n"},
    {"and another's is another",
     "[targets a]\ninput = a\nprofile = deep\n[targets b]\ninput = a\nprofile = quick\n", ""},
    {"two groups of one name",
     "[targets web]\ninput = a\nprofile = deep\n[scan]\nworkers = 1\n[targets  web]\ninput = "
     "b\nprofile = quick\n",
     ":6: [targets  web]: line 1 has begun a group of that name\n"},
    {"one right behind the other", "[targets web]\ninput = a\n[targets web]\ninput = b\n",
     ":3: [targets web]: line 1 has begun a group of that name\n"},
    {"groups that name nothing", "[targets web]\n[targets mail]\nport = 25\n",
     ":1: [targets web]: names no target: neither input nor target\n"
     ":2: [targets mail]: names no target: neither input nor target\n"},
    {"a group without a name", "[targets]\ninput = a\n",
     ":1: [targets]: a group of targets is named by one word of at most 60 bytes, letters, digits, "
     "- "
     "_ and . alone: [targets mail]\n"},
    {"a group with two words", "[targets our mail]\ninput = a\n",
     ":1: [targets our mail]: a group of targets is named by one word of at most 60 bytes, "
     "letters, "
     "digits, - _ and . alone: [targets mail]\n"},
    {"a name that the library would cut",
     "[targets abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij]\ninput = a\n"
     "[targets abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghi2]\ninput = a\n",
     ""},
    {"a name of another alphabet", "[targets Büro-1.x_y]\ninput = a\n", ""},
    {"a word that only begins so", "[targetss web]\ninput = a\n",
     ":1: [targetss web]: a section is named after a subcommand, or [targets NAME]\n"},
    {"a section that is none and is empty", "[foo]\n",
     ":1: [foo]: a section is named after a subcommand, or [targets NAME]\n"},
    {"several sections that are none", "[foo]\na = 1\n[bar]\nb = 2\n",
     ":1: [foo]: a section is named after a subcommand, or [targets NAME]\n"
     ":3: [bar]: a section is named after a subcommand, or [targets NAME]\n"},
    {"what is another's before the first section", "output = a\noutput = b\n",
     ":2: output: line 1 has set it already\n"},
    {"what begins the program's talk is no option", "config = a\n",
     ":1: config: no subcommand has such an option\n"},
};

static void add_fault(void *context, const char *text)
{
    const char *colon = strchr(text, ':');
    assert_non_null(colon);
    tc_buf_addf(context, "%s\n", colon);
}

static void check_faults(void **state)
{
    const struct fault_case *row = *state;
    struct cli_config config = config_of(row->content);
    struct tc_buf faults;
    tc_buf_init(&faults, 4000);
    tc_buf_add_str(&faults, "");
    for (size_t i = 0; i < TC_ARRAY_LEN(k_commands); i++) {
        struct values values = {.db = NULL};
        struct cli_option rows[NUM_ROWS];
        make_rows(rows, &values);
        cli_config_check_table(&config, k_commands[i], rows, NUM_ROWS, add_fault, &faults);
        cli_list_cleanup(&values.input);
    }
    cli_config_check_groups(&config, false, add_fault, &faults);
    cli_config_check_rest(&config, k_commands, TC_ARRAY_LEN(k_commands), add_fault, &faults);
    assert_string_equal(faults.data != NULL ? faults.data : "", row->faults);
    tc_buf_cleanup(&faults);
    cli_config_cleanup(&config);
}

/* ---- what is no configuration ---- */

static void expect_unreadable(const char *path, const char *message)
{
    struct cli_config config = {0};
    struct tc_error error = {""};
    assert_int_equal(cli_config_read(&config, path, &error), TC_ERR_INPUT);
    if (strstr(error.text, message) == NULL) {
        fail_msg("%s", error.text);
    }
    assert_null(config.entries);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    char long_line[400];
    memset(long_line, 'a', sizeof long_line - 1);
    long_line[sizeof long_line - 1] = '\0';
    expect_unreadable("/nowhere/at/all", "No such file");
    expect_unreadable("/tmp", "is a directory");
    const struct {
        const char *content;
        const char *message;
    } rows[] = {
        {"[scan]\ndb\n", ":2: neither [SECTION] nor OPTION = VALUE"},
        {"[scan\ndb = a\n", ":1: neither"},
        {long_line, ":1: the line is too long"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        const char *path = file_with(rows[i].content);
        expect_unreadable(path, rows[i].message);
        assert_int_equal(unlink(path), 0);
    }
}

/* ---- what is printed can be read again ---- */

static void print_into(char *out, size_t size, const char *content, struct values *values,
                       const struct cli_given *given)
{
    struct cli_config config = config_of(content);
    struct cli_option rows[NUM_ROWS];
    unsigned lines[CLI_OPTIONS_MAX] = {0};
    struct tc_error error = {""};
    make_rows(rows, values);
    assert_int_equal(cli_config_apply(&config, "scan", rows, NUM_ROWS, given, lines, &error),
                     TC_OK);
    config.path = "census.conf";
    memset(out, 0, size);
    FILE *stream = fmemopen(out, size, "w");
    assert_non_null(stream);
    cli_config_print(stream, &config, "scan", rows, NUM_ROWS, given, lines);
    assert_int_equal(fclose(stream), 0);
    cli_list_cleanup(&values->input);
    cli_config_cleanup(&config);
}

static void origins_are_printed(void **state)
{
    (void)state;
    char text[2000];
    struct values values = {.workers = 2, .profile = 1, .db = "x.db"};
    struct cli_given given = {.config = "census.conf"};
    given.is_given[0] = true;
    print_into(
        text, sizeof text,
        "output = x\n[scan]\ninput = a\ninput = b\nproxy = http://u:secret@p:1\nstrict = yes\n",
        &values, &given);
    assert_string_equal(text, "[scan]\n"
                              "db = x.db                                    ; command line\n"
                              "input = a                                    ; census.conf:3\n"
                              "input = b                                    ; census.conf:4\n"
                              "proxy = http://p:1                           ; census.conf:5\n"
                              "workers = 2                                  ; default\n"
                              "strict = yes                                 ; census.conf:6\n"
                              "resume = false                               ; default\n"
                              "profile = standard                           ; default\n"
                              "; output =                                   ; default\n");
}

static void what_is_printed_is_read_again(void **state)
{
    (void)state;
    char once[2000];
    char twice[2000];
    const struct cli_given given = {.config = NULL};
    struct values values = {.workers = 2, .profile = 1};
    print_into(once, sizeof once, "[scan]\ninput = a\nworkers = 7\nstrict = yes\n", &values,
               &given);
    values = (struct values){.workers = 2, .profile = 1};
    print_into(twice, sizeof twice, once, &values, &given);
    /* The same but for where it comes from. */
    for (char *text = once; text != NULL; text = text == once ? twice : NULL) {
        for (char *at = text; (at = strstr(at, " ; ")) != NULL;) {
            memmove(at, strchr(at, '\n'), strlen(strchr(at, '\n')) + 1);
        }
    }
    assert_string_equal(once, twice);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(apply_cases) + TC_ARRAY_LEN(fault_cases) + 3] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(apply_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){apply_cases[i].name, check_apply, NULL, NULL, &apply_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(fault_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){fault_cases[i].name, check_faults, NULL, NULL, &fault_cases[i]};
    }
    const struct CMUnitTest others[] = {
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(origins_are_printed),
        cmocka_unit_test(what_is_printed_is_read_again),
    };
    memcpy(tests + num, others, sizeof others);
    return cmocka_run_group_tests_name("config_file", tests, NULL, NULL);
}
