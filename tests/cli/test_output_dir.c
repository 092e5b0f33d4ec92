#include "test_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/output_dir.h"

static char g_root[64];

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", g_root, name);
    return path;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_file(const char *name, const char *expected)
{
    char text[64] = {0};
    FILE *file = fopen(path_of(name), "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(text, expected);
}

/* Names in the root, hidden ones too. */
static unsigned count_names(void)
{
    unsigned count = 0;
    DIR *listing = opendir(g_root);
    assert_non_null(listing);
    while (readdir(listing) != NULL) {
        count++;
    }
    closedir(listing);
    return count - 2; /* . and .. */
}

static int make_root(void **state)
{
    (void)state;
    strcpy(g_root, "/tmp/tlscensus-sets-XXXXXX");
    return mkdtemp(g_root) == NULL ? -1 : 0;
}

static void remove_folder(const char *path)
{
    DIR *listing = opendir(path);
    const struct dirent *entry = NULL;
    while (listing != NULL && (entry = readdir(listing)) != NULL) {
        char inside[512];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlink(inside) != 0) {
            remove_folder(inside);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
    rmdir(path);
}

static int remove_root(void **state)
{
    (void)state;
    remove_folder(g_root);
    return 0;
}

static enum tc_status fill_two(const void *context, const char *folder, struct tc_error *error)
{
    (void)error;
    write_file(folder, "report.html", context);
    write_file(folder, "endpoints.csv", context);
    return TC_OK;
}

static enum tc_status fill_one(const void *context, const char *folder, struct tc_error *error)
{
    (void)error;
    write_file(folder, "report.html", context);
    return TC_OK;
}

/* The disk is full when the second file comes. */
static enum tc_status fill_half(const void *context, const char *folder, struct tc_error *error)
{
    write_file(folder, "report.html", context);
    return tc_fail(error, TC_ERR_IO, "no space left");
}

static enum tc_status write_set(const char *name, bool is_latest, cli_output_fill fill,
                                const char *text)
{
    struct tc_error error = {""};
    return cli_output_dir_write(g_root, name, is_latest, fill, text, &error);
}

static void latest_leads_to_the_newest(void **state)
{
    (void)state;
    assert_int_equal(cli_output_dir_check(g_root, NULL), TC_OK);
    assert_int_equal(write_set("scan-000001", true, fill_two, "one"), TC_OK);
    assert_file("latest/report.html", "one");
    assert_int_equal(write_set("scan-000002", true, fill_two, "two"), TC_OK);
    assert_file("latest/report.html", "two");
    assert_file("latest/endpoints.csv", "two");
    assert_file("scan-000001/report.html", "one");
    assert_int_equal(count_names(), 3);
}

static void an_old_scan_leaves_latest_alone(void **state)
{
    (void)state;
    assert_int_equal(write_set("scan-000002", true, fill_two, "two"), TC_OK);
    assert_int_equal(write_set("scan-000001", false, fill_two, "one"), TC_OK);
    assert_file("latest/report.html", "two");
    assert_file("scan-000001/report.html", "one");
}

/* A set is one: no file of the old set is among those of the new. */
static void a_set_is_replaced_whole(void **state)
{
    (void)state;
    assert_int_equal(write_set("scan-000001", true, fill_two, "one"), TC_OK);
    assert_int_equal(write_set("scan-000001", true, fill_one, "again"), TC_OK);
    assert_file("latest/report.html", "again");
    assert_int_equal(access(path_of("latest/endpoints.csv"), F_OK), -1);
    assert_int_equal(count_names(), 2);
}

static void half_a_set_is_never_seen(void **state)
{
    (void)state;
    assert_int_equal(write_set("scan-000001", true, fill_two, "one"), TC_OK);
    assert_int_equal(write_set("scan-000001", true, fill_half, "bad"), TC_ERR_IO);
    assert_int_equal(write_set("scan-000002", true, fill_half, "bad"), TC_ERR_IO);
    assert_file("latest/report.html", "one");
    assert_file("latest/endpoints.csv", "one");
    assert_int_equal(count_names(), 2);
}

static void what_a_killed_program_left_is_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of(".tlscensus-new"), 0700), 0);
    write_file(path_of(".tlscensus-new"), "report.html.77-0.part", "half");
    assert_int_equal(symlink("nowhere", path_of(".tlscensus-latest")), 0);
    assert_int_equal(write_set("scan-000001", true, fill_one, "one"), TC_OK);
    assert_file("latest/report.html", "one");
    assert_int_equal(access(path_of("latest/report.html.77-0.part"), F_OK), -1);
    assert_int_equal(count_names(), 2);
}

static void a_link_is_not_followed_to_be_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("precious"), 0700), 0);
    write_file(path_of("precious"), "file", "kept");
    assert_int_equal(symlink("precious", path_of(".tlscensus-new")), 0);
    assert_int_equal(write_set("scan-000001", true, fill_one, "one"), TC_ERR_IO);
    assert_file("precious/file", "kept");
}

static enum tc_status fill_after(const void *context, const char *folder, struct tc_error *error)
{
    (void)context;
    (void)error;
    assert_int_equal(access(path_of("turn-is-over"), F_OK), 0);
    write_file(folder, "report.html", "after");
    return TC_OK;
}

/* A child has the folder, and says so; its last word before it lets go is a file. */
static void two_programs_take_turns(void **state)
{
    (void)state;
    int ready[2];
    char byte = 0;
    const struct timespec pause = {.tv_nsec = 150000000L};
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int directory = open(g_root, O_RDONLY | O_DIRECTORY);
        bool has_it = flock(directory, LOCK_EX) == 0 && write(ready[1], "!", 1) == 1;
        nanosleep(&pause, NULL);
        _exit(has_it && mkdir(path_of("turn-is-over"), 0700) == 0 ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(write_set("scan-000001", true, fill_after, ""), TC_OK);
    assert_file("latest/report.html", "after");
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    close(ready[0]);
    close(ready[1]);
}

static void the_folder_is_made(void **state)
{
    (void)state;
    char path[256];
    strcpy(path, path_of("reports"));
    assert_int_equal(cli_output_dir_check(path, NULL), TC_OK);
    assert_int_equal(access(path, F_OK), 0);
}

/* What makes a folder unfit, and the words that say so. */
static struct unfit_case {
    const char *name;
    const char *path; /* below the root */
    const char *words;
} unfit_cases[] = {
    {"unfit: no folder above it", "missing/reports", "cannot be made: No such file or directory"},
    {"unfit: a file", "file", "is no folder"},
    {"unfit: below a file", "file/reports", "cannot be made: Not a directory"},
    {"unfit: something real is called latest", "taken", "latest: is in the way"},
};

static void check_unfit(void **state)
{
    const struct unfit_case *row = *state;
    struct tc_error error = {""};
    char path[256];
    write_file(g_root, "file", "");
    assert_int_equal(mkdir(path_of("taken"), 0700), 0);
    assert_int_equal(mkdir(path_of("taken/latest"), 0700), 0);
    strcpy(path, path_of(row->path));
    assert_int_equal(cli_output_dir_check(path, &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, row->words));
}

int main(void)
{
    enum { NUM_OTHERS = 8 };
    struct CMUnitTest tests[TC_ARRAY_LEN(unfit_cases) + NUM_OTHERS] = {
        cmocka_unit_test(latest_leads_to_the_newest),
        cmocka_unit_test(an_old_scan_leaves_latest_alone),
        cmocka_unit_test(a_set_is_replaced_whole),
        cmocka_unit_test(half_a_set_is_never_seen),
        cmocka_unit_test(what_a_killed_program_left_is_removed),
        cmocka_unit_test(a_link_is_not_followed_to_be_removed),
        cmocka_unit_test(two_programs_take_turns),
        cmocka_unit_test(the_folder_is_made),
    };
    size_t num = NUM_OTHERS;
    ADD_ROWS(unfit_cases, check_unfit)
    for (size_t i = 0; i < num; i++) {
        tests[i].setup_func = make_root;
        tests[i].teardown_func = remove_root;
    }
    return cmocka_run_group_tests_name("output_dir", tests, NULL, NULL);
}
