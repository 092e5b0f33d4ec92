/* Files, pipes and blocks: what the bytes come out of must not change what is read. */
#include "target_render.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/target_input.h"

/* A folder that is gone when the test is. */
struct folder {
    char path[64];
    char file[96];
};

static void folder_make(struct folder *folder, const char *bytes, size_t len)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/tlscensus-test-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof folder->file, "%s/list", folder->path);
    FILE *file = fopen(folder->file, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void folder_remove(struct folder *folder)
{
    unlink(folder->file);
    assert_int_equal(rmdir(folder->path), 0);
}

static void render_file(struct rendering *rendering, const char *path)
{
    struct tc_target_reader_options options = {.context = rendering, .rejected = render_rejected};
    struct tc_target_reader *reader = NULL;
    struct tc_error error;
    *rendering = (struct rendering){.num_targets = 0};
    tc_buf_init(&rendering->text, RENDER_MAX);
    assert_int_equal(tc_target_reader_open_file(&reader, path, &options, &error), TC_OK);
    render_all(rendering, reader);
}

static void a_file_is_read_whole(void **state)
{
    (void)state;
    static const char list[] = "host,x\na.org,1\nb.org,2";
    struct folder folder;
    struct rendering rendering;
    folder_make(&folder, list, sizeof list - 1);
    render_file(&rendering, folder.file);
    assert_string_equal(rendering.text.data, "https://a.org:443 {x=1} | https://b.org:443 {x=2}");
    tc_buf_cleanup(&rendering.text);
    folder_remove(&folder);
}

/* The error names the file and says what to do. */
static void check_refused(const char *path, const char *expected)
{
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_error error = {.text = ""};
    assert_int_equal(tc_target_reader_open_file(&reader, path, &options, &error), TC_ERR_INPUT);
    assert_null(reader);
    assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
    assert_string_equal(error.text + strlen(path), expected);
}

static void files_that_cannot_be_used(void **state)
{
    (void)state;
    struct folder folder;
    check_refused("/nonexistent/list", ": cannot be opened: No such file or directory");
    folder_make(&folder, "", 0);
    check_refused(folder.path, ": is a directory; name a file in it");
    check_refused(folder.file, ": is empty: no line names a target");
    if (geteuid() != 0) { /* root may read anything */
        assert_int_equal(chmod(folder.file, 0), 0);
        check_refused(folder.file, ": cannot be opened: Permission denied");
    }
    folder_remove(&folder);
    check_refused("/dev/null", ": is empty: no line names a target");
}

/* Appends `n` times the character. */
static void add_run(struct tc_buf *buf, char c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tc_buf_add_char(buf, c);
    }
}

static void lines_at_the_limit(void **state)
{
    (void)state;
    struct tc_buf list;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = NULL};
    tc_buf_init(&list, RENDER_MAX);
    tc_buf_add_str(&list, "a.org #");
    add_run(&list, 'x', TARGET_LINE_MAX - list.len); /* just fits */
    tc_buf_add_str(&list, "\nb.org #");
    add_run(&list, 'x', TARGET_LINE_MAX - 6); /* one too many */
    tc_buf_add_str(&list, "\nc.org #");
    add_run(&list, 'x', TARGET_LINE_MAX * 5); /* more than any window */
    tc_buf_add_str(&list, "\nd.org\n");
    add_run(&list, 'x', TARGET_LINE_MAX * 3); /* and no end */
    render_memory(&rendering, list.data, list.len, options);
    assert_string_equal(rendering.text.data,
                        "https://a.org:443 | !2: a line of more than 65536 bytes | "
                        "!3: a line of more than 65536 bytes | https://d.org:443 | "
                        "!5: a line of more than 65536 bytes");
    tc_buf_cleanup(&rendering.text);
    tc_buf_cleanup(&list);
}

static void a_first_line_beyond_the_limit(void **state)
{
    (void)state;
    struct tc_buf list;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = NULL};
    tc_buf_init(&list, RENDER_MAX);
    add_run(&list, 'x', TARGET_LINE_MAX * 3);
    tc_buf_add_str(&list, "\na.org\n");
    render_memory(&rendering, list.data, list.len, options);
    assert_string_equal(rendering.text.data,
                        "!1: a line of more than 65536 bytes | https://a.org:443");
    tc_buf_cleanup(&rendering.text);
    tc_buf_cleanup(&list);
}

static void records_at_the_limit(void **state)
{
    (void)state;
    struct tc_buf list;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = NULL};
    tc_buf_init(&list, RENDER_MAX);
    tc_buf_add_str(&list, "host,x\na.org,");
    add_run(&list, 'x', TARGET_LINE_MAX * 3);
    tc_buf_add_str(&list, "\nb.org,\"1\n");
    for (size_t i = 0; i < TARGET_LINE_MAX; i++) { /* lines that an open quote would swallow */
        tc_buf_add_str(&list, "\n\r\n");
    }
    tc_buf_add_str(&list, "c.org,2\n");
    render_memory(&rendering, list.data, list.len, options);
    assert_string_equal(rendering.text.data,
                        "!2: a line of more than 65536 bytes | "
                        "!3: a quote that begins here is not closed | https://c.org:443 {x=2}");
    tc_buf_cleanup(&rendering.text);
    tc_buf_cleanup(&list);
}

static void more_columns_than_are_held(void **state)
{
    (void)state;
    struct tc_buf list;
    struct rendering rendering;
    struct tc_target_reader_options options = {.host_column = NULL};
    tc_buf_init(&list, RENDER_MAX);
    tc_buf_add_str(&list, "host,x\na.org");
    add_run(&list, ',', 1024);
    tc_buf_add_str(&list, "\nb.org");
    add_run(&list, ',', 1023); /* empty fields behind the last column */
    render_memory(&rendering, list.data, list.len, options);
    assert_string_equal(rendering.text.data,
                        "!2: more than 1024 fields in one record | https://b.org:443");
    tc_buf_cleanup(&rendering.text);
    tc_buf_cleanup(&list);
}

/* A list longer than the window: every line once, whatever block it falls into. */
static void long_lists_lose_nothing(void **state)
{
    (void)state;
    enum { LINES = 30000 };
    struct tc_buf list;
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    char host[32];
    tc_buf_init(&list, (size_t)4 << 20);
    tc_buf_add_str(&list, "host,x\r\n");
    for (unsigned i = 0; i < LINES; i++) {
        tc_buf_addf(&list, "h%u.example.org,\"l\n%u\"\r\n", i, i);
    }
    assert_int_equal(
        tc_target_reader_open_memory(&reader, "l", list.data, list.len, &options, &error), TC_OK);
    for (unsigned i = 0; i < LINES; i++) {
        assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
        snprintf(host, sizeof host, "h%u.example.org", i);
        assert_string_equal(target->host, host);
        assert_int_equal(target->input_line, 2 + 2 * (uint64_t)i);
        tc_target_free(target);
    }
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_END);
    tc_target_reader_free(reader);
    tc_buf_cleanup(&list);
}

/* A pipe whose reading end is standard input, for `-`. */
struct pipe_stdin {
    int write_end;
    int saved_stdin;
};

static void pipe_open(struct pipe_stdin *pipe_stdin)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pipe_stdin->saved_stdin = dup(STDIN_FILENO); /* -1 where there is none */
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    pipe_stdin->write_end = ends[1];
}

static void pipe_write(struct pipe_stdin *pipe_stdin, const char *text)
{
    assert_int_equal(write(pipe_stdin->write_end, text, strlen(text)), (ssize_t)strlen(text));
}

static void pipe_restore(struct pipe_stdin *pipe_stdin)
{
    if (pipe_stdin->saved_stdin >= 0) {
        dup2(pipe_stdin->saved_stdin, STDIN_FILENO);
        close(pipe_stdin->saved_stdin);
    }
}

static void expect_host(struct tc_target_reader *reader, const char *host)
{
    struct tc_target *target = NULL;
    struct tc_error error;
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
    assert_string_equal(target->host, host);
    tc_target_free(target);
}

/* Each line is given before the next one is written: a reader that waits for a block hangs here. */
static void a_pipe_is_read_as_it_comes(void **state)
{
    (void)state;
    struct pipe_stdin input;
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    pipe_open(&input);
    pipe_write(&input, "\n# targets\na.org\n");
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_OK);
    expect_host(reader, "a.org");
    pipe_write(&input, "b.org\r\n");
    expect_host(reader, "b.org");
    pipe_write(&input, "c.o"); /* a line in two pieces */
    pipe_write(&input, "rg:443,8443\n");
    expect_host(reader, "c.org");
    expect_host(reader, "c.org");
    pipe_write(&input, "d.org");
    close(input.write_end);
    expect_host(reader, "d.org");
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_END);
    tc_target_reader_free(reader);
    pipe_restore(&input);
}

static void a_piped_csv_is_read_as_it_comes(void **state)
{
    (void)state;
    struct pipe_stdin input;
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_error error;
    pipe_open(&input);
    pipe_write(&input, "owner;host\nIT;a.org\n");
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_OK);
    expect_host(reader, "a.org");
    pipe_write(&input, "\"HR\n\";b.org\n");
    expect_host(reader, "b.org");
    close(input.write_end);
    tc_target_reader_free(reader);
    pipe_restore(&input);
}

/* Opened though nothing was written: its first line, and what is wrong with it, come with next. */
static void a_pipe_that_is_read_late(void **state)
{
    (void)state;
    static const struct tc_target_reader_options options = {.reads_late = true};
    struct pipe_stdin input;
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error = {""};
    pipe_open(&input);
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_OK);
    pipe_write(&input, "owner;host\nIT;a.org\n");
    expect_host(reader, "a.org");
    assert_int_equal(tc_target_reader_labels(reader)->num_names, 1);
    close(input.write_end);
    tc_target_reader_free(reader);
    pipe_restore(&input);

    pipe_open(&input);
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_OK);
    close(input.write_end);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "-: is empty: no line names a target");
    tc_target_reader_free(reader);
    pipe_restore(&input);
}

static bool cancel_second_time(void *context)
{
    unsigned *asked = context;
    (*asked)++;
    return *asked > 2;
}

/* A pipe that never says anything must not hold up a stop. */
static void a_silent_pipe_is_given_up_on_request(void **state)
{
    (void)state;
    struct pipe_stdin input;
    unsigned asked = 0;
    struct tc_target_reader_options options = {.context = &asked, .cancelled = cancel_second_time};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    pipe_open(&input);
    pipe_write(&input, "a.org\n");
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_OK);
    expect_host(reader, "a.org");
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_CANCELLED);
    tc_target_reader_free(reader);
    close(input.write_end);
    pipe_restore(&input);
}

static void a_failing_read_is_told(void **state)
{
    (void)state;
    struct pipe_stdin input;
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_error error = {.text = ""};
    pipe_open(&input);
    assert_int_equal(dup2(input.write_end, STDIN_FILENO), STDIN_FILENO); /* not open for reading */
    assert_int_equal(tc_target_reader_open_file(&reader, "-", &options, &error), TC_ERR_IO);
    assert_string_equal(error.text, "-: cannot be read: Bad file descriptor");
    close(input.write_end);
    pipe_restore(&input);
}

static void the_list_s_hash(void **state)
{
    (void)state;
    /* echo a.org | sha256sum */
    static const uint8_t expected[32] = {0x9a, 0x07, 0x2d, 0x09, 0xc0, 0x90, 0xc1, 0x59,
                                         0x3a, 0x57, 0x98, 0x9f, 0xbc, 0x39, 0xb4, 0xa6,
                                         0x26, 0x43, 0x0f, 0xe0, 0x53, 0x9e, 0x0d, 0x6e,
                                         0x4e, 0x4b, 0x6f, 0x22, 0x9b, 0x6a, 0xe2, 0x2f};
    struct folder folder;
    struct tc_target_reader_options options = {.host_column = NULL};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    uint8_t sha256[32];
    folder_make(&folder, "a.org\n", 6);
    assert_int_equal(tc_target_reader_open_file(&reader, folder.file, &options, &error), TC_OK);
    expect_host(reader, "a.org");
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_END);
    tc_target_reader_sha256(sha256, reader);
    tc_target_reader_free(reader);
    assert_memory_equal(sha256, expected, sizeof expected);
    folder_remove(&folder);
}

/* A real institution's list, as it is. */
static void the_federal_list(void **state)
{
    (void)state;
    const char *shared = getenv("TLSCENSUS_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/data/dotgov-federal.csv", shared != NULL ? shared : ".");
    if (access(path, R_OK) != 0) {
        print_message("SKIPPED: no %s\n", path);
        skip();
    }
    struct rendering rendering;
    struct tc_target_reader_options options = {.context = &rendering, .rejected = render_rejected};
    struct tc_target_reader *reader = NULL;
    struct tc_error error;
    tc_buf_init(&rendering.text, RENDER_MAX);
    rendering = (struct rendering){.text = rendering.text};
    assert_int_equal(tc_target_reader_open_file(&reader, path, &options, &error), TC_OK);
    const struct tc_label_names *names = tc_target_reader_labels(reader);
    static const char *const expected[] = {
        "Domain type", "Organization name",      "Suborganization name", "City",
        "State",       "Security contact email",
    };
    assert_int_equal(names->num_names, TC_ARRAY_LEN(expected));
    for (size_t i = 0; i < TC_ARRAY_LEN(expected); i++) {
        assert_string_equal(names->names[i], expected[i]);
    }
    render_all(&rendering, reader);
    assert_int_equal(rendering.num_rejected, 0);
    assert_int_equal(rendering.num_targets, 1321);
    assert_non_null(strstr(rendering.text.data,
                           "https://acus.gov:443 {Domain type=Federal - Executive} {Organization "
                           "name=Administrative Conference of the United States} {City=Washington} "
                           "{State=DC} {Security contact email=info@acus.gov} |"));
    tc_buf_cleanup(&rendering.text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(files_that_cannot_be_used),
        cmocka_unit_test(lines_at_the_limit),
        cmocka_unit_test(a_first_line_beyond_the_limit),
        cmocka_unit_test(records_at_the_limit),
        cmocka_unit_test(more_columns_than_are_held),
        cmocka_unit_test(long_lists_lose_nothing),
        cmocka_unit_test(a_pipe_is_read_as_it_comes),
        cmocka_unit_test(a_piped_csv_is_read_as_it_comes),
        cmocka_unit_test(a_pipe_that_is_read_late),
        cmocka_unit_test(a_silent_pipe_is_given_up_on_request),
        cmocka_unit_test(a_failing_read_is_told),
        cmocka_unit_test(the_list_s_hash),
        cmocka_unit_test(the_federal_list),
    };
    return cmocka_run_group_tests_name("target input", tests, NULL, NULL);
}
