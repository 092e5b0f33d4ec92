/*
 * Memory that runs out: each allocation of a reader's life fails once, and the reader says so,
 * leaks nothing (the sanitizers look) and gives nothing half made.
 */
#include "target_render.h"

#include <stdio.h>
#include <unistd.h>

/* Allocations left before one fails; negative: none does. */
static long countdown = -1;

static bool is_exhausted(void)
{
    if (countdown < 0) {
        return false;
    }
    return countdown-- == 0;
}

/* The linker sends the program's calls here (--wrap); __real_… are the C library's own. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return is_exhausted() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_exhausted() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return is_exhausted() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
    return is_exhausted() ? NULL : __real_strdup(text);
}

static void ignore_rejection(void *context, const struct tc_rejection *rejection)
{
    size_t *num_rejected = context;
    assert_non_null(rejection->text);
    assert_non_null(rejection->reason);
    (*num_rejected)++;
}

/* Reads all of the list; the first status that is neither a target nor the end. */
static enum tc_status read_all(struct tc_target_reader *reader, size_t *num_targets)
{
    struct tc_error error = {.text = ""};
    struct tc_target *target = NULL;
    enum tc_status status = TC_OK;
    while ((status = tc_target_reader_next(&target, reader, &error)) == TC_OK) {
        assert_non_null(target->host);
        tc_target_free(target);
        (*num_targets)++;
    }
    return status;
}

static const char list[] = "host,owner,owner,sni\n"
                           "a.org,\"I\nT\",Universit\xE9,b.org\n"
                           "*.b.org,IT,,\n"
                           "192.0.2.0/30,,,\n"
                           "\"c.org,IT,,\n";

/* One life of a reader in which the allocation number `failing` fails. True when none was left. */
static bool live(long failing)
{
    size_t num_rejected = 0;
    size_t num_targets = 0;
    struct tc_error error = {.text = ""};
    struct tc_target_reader *reader = NULL;
    struct tc_target_reader_options options = {.context = &num_rejected,
                                               .rejected = ignore_rejection};
    countdown = failing;
    enum tc_status status =
        tc_target_reader_open_memory(&reader, "list", list, sizeof list - 1, &options, &error);
    if (status == TC_OK) {
        status = read_all(reader, &num_targets);
    } else {
        assert_null(reader);
        assert_string_not_equal(error.text, "");
    }
    bool is_complete = countdown >= 0;
    countdown = -1;
    tc_target_reader_free(reader);
    if (is_complete) {
        assert_int_equal(status, TC_ERR_END);
        assert_int_equal(num_targets, 5);
        assert_int_equal(num_rejected, 2);
    } else if (status != TC_ERR_END) { /* a rejection's text may be lost and nothing else */
        assert_int_equal(status, TC_ERR_NOMEM);
    }
    return is_complete;
}

static void every_allocation_of_a_reader(void **state)
{
    (void)state;
    long failing = 0;
    while (!live(failing)) {
        failing++;
        assert_true(failing < 10000);
    }
    assert_true(failing > 10);
}

static void every_allocation_of_exclusions(void **state)
{
    (void)state;
    char path[] = "/tmp/tlscensus-exclude-XXXXXX";
    int fd = mkstemp(path);
    static const char lines[] = "a.org\n.b.org\n192.0.2.0/24\nbücher.example\n";
    assert_true(fd >= 0);
    assert_int_equal(write(fd, lines, sizeof lines - 1), (ssize_t)sizeof lines - 1);
    close(fd);
    enum tc_status status = TC_ERR_NOMEM;
    for (long failing = 0; status == TC_ERR_NOMEM; failing++) {
        struct tc_exclusions *exclusions = NULL;
        struct tc_error error = {.text = ""};
        countdown = failing;
        status = tc_exclusions_read(&exclusions, path, &error);
        bool is_complete = countdown >= 0;
        countdown = -1;
        assert_int_equal(status, is_complete ? TC_OK : TC_ERR_NOMEM);
        assert_true((exclusions != NULL) == is_complete);
        assert_true((error.text[0] == '\0') == is_complete);
        tc_exclusions_free(exclusions);
    }
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_reader),
        cmocka_unit_test(every_allocation_of_exclusions),
    };
    return cmocka_run_group_tests_name("target memory", tests, NULL, NULL);
}
