#include "test_support.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/stream.h"

/* Where a stream goes, before it begins: what it does with a scan is in test_filter.py. */

static char g_root[64];

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", g_root, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(g_root, "/tmp/tlscensus-stream-XXXXXX");
    return mkdtemp(g_root) == NULL ? -1 : 0;
}

/* Fails where a test leaves what it does not know. */
static int remove_root(void **state)
{
    static const char *const known[] = {"file", "link", "target", "fifo"};
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(known); i++) {
        (void)unlink(path_of(known[i]));
    }
    return rmdir(g_root);
}

static struct cli_stream *open_stream(const char *name)
{
    struct tc_error error = {""};
    struct cli_stream *stream = NULL;
    assert_int_equal(cli_stream_open(&stream, path_of(name), &error), TC_OK);
    return stream;
}

static void what_was_made_for_nothing_is_removed(void **state)
{
    (void)state;
    struct cli_stream *stream = open_stream("file");
    assert_int_equal(access(path_of("file"), F_OK), 0);
    cli_stream_free(stream);
    assert_int_not_equal(access(path_of("file"), F_OK), 0);
}

static void what_was_there_stays_as_it_was(void **state)
{
    struct stat facts;
    (void)state;
    write_file("file", "precious");
    cli_stream_free(open_stream("file"));
    assert_int_equal(stat(path_of("file"), &facts), 0);
    assert_int_equal(facts.st_size, strlen("precious"));
}

static void a_link_that_leads_nowhere_stays_one(void **state)
{
    struct stat facts;
    char link[256];
    (void)state;
    strcpy(link, path_of("link"));
    assert_int_equal(symlink(path_of("target"), link), 0);
    cli_stream_free(open_stream("link"));
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
}

static void it_is_known_by_all_its_names(void **state)
{
    char link[256];
    (void)state;
    write_file("file", "");
    write_file("target", "");
    strcpy(link, path_of("link"));
    assert_int_equal(symlink(path_of("file"), link), 0);
    struct cli_stream *stream = open_stream("file");
    assert_true(cli_stream_is_file(stream, link));
    assert_true(cli_stream_is_file(stream, path_of("file")));
    assert_false(cli_stream_is_file(stream, path_of("target")));
    assert_false(cli_stream_is_file(stream, path_of("nowhere")));
    assert_false(cli_stream_is_stdout(stream));
    cli_stream_free(stream);
}

static void a_pipe_is_no_file_that_is_written_over(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    int reader = open(path_of("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    struct cli_stream *stream = open_stream("fifo");
    assert_false(cli_stream_is_file(stream, path_of("fifo")));
    cli_stream_free(stream);
    close(reader);
    assert_int_equal(access(path_of("fifo"), F_OK), 0);
}

/* The scan may fail on its way: nobody waits then for an end that does not come. */
static void one_that_never_began_is_not_waited_for(void **state)
{
    (void)state;
    struct cli_stream *stream = open_stream("file");
    assert_true(cli_stream_wait(stream, 0));
    cli_stream_last(stream, false);
    assert_true(cli_stream_wait(stream, 0));
    assert_int_equal(cli_stream_state(stream), CLI_STREAM_RUNS);
    cli_stream_free(stream);
}

static void a_folder_is_refused(void **state)
{
    struct tc_error error = {""};
    struct cli_stream *stream = NULL;
    (void)state;
    assert_int_equal(cli_stream_open(&stream, g_root, &error), TC_ERR_IO);
    assert_null(stream);
    assert_non_null(strstr(error.text, g_root));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_for_nothing_is_removed),
        cmocka_unit_test(what_was_there_stays_as_it_was),
        cmocka_unit_test(a_link_that_leads_nowhere_stays_one),
        cmocka_unit_test(it_is_known_by_all_its_names),
        cmocka_unit_test(a_pipe_is_no_file_that_is_written_over),
        cmocka_unit_test(one_that_never_began_is_not_waited_for),
        cmocka_unit_test(a_folder_is_refused),
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(tests); i++) {
        tests[i].setup_func = make_root;
        tests[i].teardown_func = remove_root;
    }
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
