#include "test_support.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tlscensus/report.h"

static char directory[] = "/tmp/tlscensus-output-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static unsigned count_files(void)
{
    unsigned count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            count++;
        }
    }
    closedir(dir);
    return count;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path_of(name), mode), 0);
}

static void assert_file(const char *name, const char *expected)
{
    char text[4096] = {0};
    FILE *file = fopen(path_of(name), "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(text, expected);
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    DIR *dir = opendir(directory);
    const struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        unlink(path_of(entry->d_name));
    }
    closedir(dir);
    return rmdir(directory);
}

static void replaces_a_file_whole(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    write_file("report.csv", "old", 0640);
    assert_int_equal(tc_output_open(&output, path_of("report.csv"), NULL), TC_OK);
    tc_output_str(output, "new ");
    tc_output_printf(output, "%d%s", 42, "\r\n");
    assert_file("report.csv", "old"); /* nothing is seen before the end */
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    assert_file("report.csv", "new 42\r\n");
    assert_int_equal(count_files(), 1);
    struct stat info;
    assert_int_equal(stat(path_of("report.csv"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

/* Prometheus' collector reads whatever ends in .prom, finished or not. */
static void the_unfinished_file_has_another_ending(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    assert_int_equal(tc_output_open(&output, path_of("tlscensus.prom"), NULL), TC_OK);
    unsigned num_parts = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        const char *ending = strrchr(entry->d_name, '.');
        assert_true(ending == NULL || strcmp(ending, ".prom") != 0);
        num_parts += ending != NULL && strcmp(ending, ".part") == 0;
    }
    closedir(dir);
    assert_int_equal(num_parts, 1);
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    assert_file("tlscensus.prom", "");
}

static void discards_without_a_trace(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    write_file("report.csv", "old", 0600);
    assert_int_equal(tc_output_open(&output, path_of("report.csv"), NULL), TC_OK);
    tc_output_str(output, "new");
    tc_output_discard(output);
    assert_file("report.csv", "old");
    assert_int_equal(count_files(), 1);
    tc_output_discard(NULL);
}

static void keeps_a_symbolic_link(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    write_file("target.csv", "old", 0600);
    assert_int_equal(symlink("target.csv", path_of("link.csv")), 0);
    assert_int_equal(tc_output_open(&output, path_of("link.csv"), NULL), TC_OK);
    tc_output_str(output, "new");
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    assert_file("target.csv", "new");
    struct stat info;
    assert_int_equal(lstat(path_of("link.csv"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void says_why_a_path_is_no_good(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_error error = {{0}};
    assert_int_equal(tc_output_open(&output, directory, &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, "is a directory"));
    assert_int_equal(tc_output_open(&output, path_of("missing/report.csv"), &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, strerror(ENOENT)));
    assert_int_equal(tc_output_open(&output, "", &error), TC_ERR_IO);
    assert_null(output); /* outputs stay untouched */
    assert_int_equal(count_files(), 0);
}

static void remembers_a_full_disk(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_error error = {{0}};
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_int_equal(tc_output_open(&output, "/dev/full", NULL), TC_OK);
    tc_output_str(output, "a");
    assert_false(tc_output_failed(output)); /* still in the buffer */
    for (int i = 0; i < 70000; i++) {
        tc_output_str(output, "b");
    }
    assert_true(tc_output_failed(output));
    tc_output_str(output, "c"); /* harmless */
    assert_int_equal(tc_output_commit(output, &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, strerror(ENOSPC)));
    assert_non_null(strstr(error.text, "/dev/full"));
}

static void remembers_a_closed_pipe(void **state)
{
    (void)state;
    int ends[2];
    struct tc_output *output = NULL;
    struct tc_error error = {{0}};
    char path[64];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(tc_output_open(&output, path, NULL), TC_OK);
    close(ends[0]);
    tc_output_str(output, "nobody reads this");
    assert_int_equal(tc_output_commit(output, &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, strerror(EPIPE)));
    close(ends[1]);
}

/* Takes two pieces and no third. */
struct sink {
    char text[64];
    size_t len;
    unsigned calls;
};

static int take_two(void *context, const char *bytes, size_t len)
{
    struct sink *sink = context;
    sink->calls++;
    if (sink->calls > 2) {
        return EPIPE;
    }
    assert_true(sink->len + len < sizeof sink->text);
    memcpy(sink->text + sink->len, bytes, len);
    sink->len += len;
    return 0;
}

static void hands_on_to_a_sink_when_told(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_error error = {""};
    struct sink sink = {.calls = 0};
    assert_int_equal(tc_output_open_sink(&output, "a sink", take_two, &sink, &error), TC_OK);
    tc_output_str(output, "one ");
    tc_output_str(output, "two\n");
    assert_int_equal(sink.calls, 0);
    tc_output_flush(output);
    tc_output_flush(output); /* nothing is there: nobody is called */
    assert_int_equal(sink.calls, 1);
    tc_output_str(output, "three\n");
    tc_output_flush(output);
    assert_string_equal(sink.text, "one two\nthree\n");

    tc_output_str(output, "four\n");
    tc_output_flush(output);
    assert_true(tc_output_failed(output));
    tc_output_str(output, "five\n");
    assert_int_equal(tc_output_commit(output, &error), TC_ERR_IO);
    assert_string_equal(error.text, "a sink: cannot be written: Broken pipe");
    assert_int_equal(sink.calls, 3);
}

static void passes_large_pieces_unharmed(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    char *large = malloc(200001);
    assert_non_null(large);
    memset(large, 'x', 200000);
    large[200000] = '\0';
    assert_int_equal(tc_output_open_memory(&output), TC_OK);
    size_t len = 1;
    assert_string_equal(tc_output_memory(output, &len), "");
    assert_int_equal(len, 0);
    tc_output_str(output, "<");
    tc_output_printf(output, "%s", large);
    tc_output_write(output, "\0>", 2);
    const char *bytes = tc_output_memory(output, &len);
    assert_int_equal(len, 200003);
    assert_memory_equal(bytes + 200000, "x\0>", 3);
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);

    assert_int_equal(tc_output_open(&output, path_of("large"), NULL), TC_OK);
    tc_output_str(output, "<");
    tc_output_write(output, large, 65536 - 1);
    tc_output_write(output, large, 200000);
    tc_output_str(output, ">");
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    struct stat info;
    assert_int_equal(stat(path_of("large"), &info), 0);
    assert_int_equal(info.st_size, 265537);
    free(large);
}

/* ---- aside ---- */

static void gives_back_what_came_too_early(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    assert_int_equal(tc_output_open(&output, path_of("report.html"), NULL), TC_OK);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    assert_int_equal(count_files(), 1); /* what is aside has no name */
    tc_output_str(aside, "data");
    tc_output_str(output, "head ");
    tc_output_append(output, aside);
    tc_output_str(output, " tail");
    tc_output_discard(aside);
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    assert_file("report.html", "head data tail");
    assert_int_equal(count_files(), 1);
}

static void gives_back_more_than_a_buffer(void **state)
{
    (void)state;
    enum { PIECE = 1000, NUM = 300 };
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    char piece[PIECE];
    assert_int_equal(tc_output_open(&output, path_of("report.html"), NULL), TC_OK);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    for (int i = 0; i < NUM; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        tc_output_write(aside, piece, sizeof piece);
    }
    tc_output_append(output, aside);
    tc_output_discard(aside);
    assert_int_equal(tc_output_commit(output, NULL), TC_OK);
    FILE *file = fopen(path_of("report.html"), "r");
    assert_non_null(file);
    for (int i = 0; i < NUM; i++) {
        char expected[PIECE];
        memset(expected, 'a' + i % 26, sizeof expected);
        assert_int_equal(fread(piece, 1, sizeof piece, file), sizeof piece);
        assert_memory_equal(piece, expected, sizeof piece);
    }
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

static void keeps_aside_in_memory_for_memory(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    size_t len = 0;
    assert_int_equal(tc_output_open_memory(&output), TC_OK);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    tc_output_str(aside, "data");
    tc_output_str(output, "head ");
    tc_output_append(output, aside);
    assert_string_equal(tc_output_memory(output, &len), "head data");
    assert_int_equal(len, 9);
    tc_output_discard(aside);
    tc_output_discard(output);
}

/* Standard output has no folder: the first of $TMPDIR, /var/tmp and /tmp that can be written. */
static void finds_a_folder_for_standard_output(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    assert_int_equal(tc_output_open(&output, NULL, NULL), TC_OK);
    assert_int_equal(setenv("TMPDIR", path_of("missing"), 1), 0);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    tc_output_discard(aside);
    assert_int_equal(setenv("TMPDIR", directory, 1), 0);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    tc_output_discard(aside);
    assert_int_equal(unsetenv("TMPDIR"), 0);
    tc_output_discard(output);
    assert_int_equal(count_files(), 0);
}

static void says_that_nothing_can_be_kept_aside(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    struct tc_error error = {{0}};
    assert_int_equal(mkdir(path_of("gone"), 0700), 0);
    assert_int_equal(tc_output_open(&output, path_of("gone/report.html"), NULL), TC_OK);
    char moved[256];
    strcpy(moved, path_of("moved"));
    assert_int_equal(rename(path_of("gone"), moved), 0);
    assert_int_equal(tc_output_open_aside(&aside, output, &error), TC_ERR_IO);
    assert_null(aside);
    assert_non_null(strstr(error.text, "no temporary file"));
    assert_non_null(strstr(error.text, strerror(ENOENT)));
    assert_int_equal(rename(moved, path_of("gone")), 0);
    tc_output_discard(output);
    assert_int_equal(rmdir(path_of("gone")), 0);
}

static void passes_on_that_aside_was_full(void **state)
{
    (void)state;
    struct tc_output *output = NULL;
    struct tc_output *aside = NULL;
    struct tc_error error = {{0}};
    struct rlimit before;
    char piece[1000] = {0};
    assert_int_equal(tc_output_open(&output, path_of("report.html"), NULL), TC_OK);
    assert_int_equal(tc_output_open_aside(&aside, output, NULL), TC_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {.rlim_cur = 10000, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 200; i++) {
        tc_output_write(aside, piece, sizeof piece);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_true(tc_output_failed(aside));
    assert_false(tc_output_failed(output));
    tc_output_append(output, aside);
    tc_output_discard(aside);
    assert_int_equal(tc_output_commit(output, &error), TC_ERR_IO);
    assert_non_null(strstr(error.text, strerror(EFBIG)));
    assert_int_equal(count_files(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaces_a_file_whole, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(the_unfinished_file_has_another_ending, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(discards_without_a_trace, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(keeps_a_symbolic_link, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(says_why_a_path_is_no_good, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(remembers_a_full_disk, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(remembers_a_closed_pipe, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(gives_back_what_came_too_early, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(gives_back_more_than_a_buffer, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(keeps_aside_in_memory_for_memory, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(finds_a_folder_for_standard_output, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(says_that_nothing_can_be_kept_aside, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(passes_on_that_aside_was_full, make_directory,
                                        remove_directory),
        cmocka_unit_test(hands_on_to_a_sink_when_told),
        cmocka_unit_test_setup_teardown(passes_large_pieces_unharmed, make_directory,
                                        remove_directory),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
