/*
 * A writer that is killed at any moment leaves a whole file, no lock, and a scan that can be
 * resumed to the end with each endpoint once.
 */
#include "test_support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_fixture.h"

#define NUM_TARGETS  3000
#define ROUNDS       8
#define CHILD_LIFE_S 60 /* of a child that nobody kills: more than a busy machine needs */
#define TWO_EVERY    5  /* each fifth name has two addresses */

static struct tc_chain *chain_of(int n)
{
    char host[64];
    snprintf(host, sizeof host, "h%d.example.edu", n);
    struct tc_cert *presented[] = {fixture_cert(host, "R10", false),
                                   fixture_cert("R10", "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, root);
    tc_ref_release(&root->ref);
    return chain;
}

static bool is_done(const struct tc_target *target, const char *address)
{
    for (size_t i = 0; i < target->num_done_addresses; i++) {
        if (strcmp(target->done_addresses[i], address) == 0) {
            return true;
        }
    }
    return false;
}

static void sleep_us(long us)
{
    const struct timespec pause_for = {.tv_nsec = us * 1000};
    nanosleep(&pause_for, NULL);
}

/* What a scan does with one line: all its addresses that have no observation yet. */
static void examine(struct tc_writer *writer, int n)
{
    char text[64];
    snprintf(text, sizeof text, "h%d.example.edu", n);
    struct tc_target *target = fixture_target(text, (uint64_t)n + 1, "library", NULL);
    if (fixture_register(writer, target) == TC_REGISTERED) {
        int num_addresses = n % TWO_EVERY == 0 ? 2 : 1;
        for (int i = 0; i < num_addresses; i++) {
            snprintf(text, sizeof text, "10.%d.%d.%d", i, n / 250, n % 250);
            if (!is_done(target, text)) {
                struct tc_observation *observation =
                    fixture_observation(target->target_id, text, chain_of(n));
                observation->endpoints_count = (uint32_t)num_addresses;
                tc_writer_put(writer, observation);
            }
        }
    }
    fixture_target_free(target);
}

/* A child must not go on as a second runner of tests. */
static void fail_in_either(bool is_parent, const struct tc_error *error)
{
    if (!is_parent) {
        fprintf(stderr, "%s\n", error->text);
        _exit(15);
    }
    fail_msg("%s", error->text);
}

/* Resumes the scan and goes through the list. The child of a round is killed in here. */
static void run_scan(const char *path, bool to_the_end)
{
    struct tc_store *store = NULL;
    struct tc_writer *writer = NULL;
    struct tc_error error = {.text = ""};
    int64_t scan_id = 0;
    int64_t started_s = 0;
    char *options = NULL;
    if (tc_store_open(&store, path, TC_STORE_WRITE, &error) != TC_OK ||
        tc_store_resume_scan(store, &scan_id, &started_s, &options, &error) != TC_OK ||
        tc_writer_start(&writer, store, scan_id, true, &error) != TC_OK) {
        fail_in_either(to_the_end, &error);
    }
    free(options);
    for (int n = 0; n < NUM_TARGETS; n++) {
        examine(writer, n);
    }
    if (!to_the_end) { /* wait for the end that comes from outside */
        sleep(CHILD_LIFE_S);
        _exit(13);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, &error), TC_OK);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
}

static pid_t start_child(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        run_scan(path, false);
        _exit(14);
    }
    assert_true(child > 0);
    return child;
}

static void kill_child(pid_t child)
{
    int how = 0;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
}

/* A scan to resume, as if its process had been killed at once. */
static void begin_and_leave(const char *path)
{
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    tc_store_close(store);
}

static void test_killed_at_any_moment(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    begin_and_leave(path);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = fixture_int(path, "SELECT count(*) FROM observation");
        pid_t child = start_child(path);
        sleep_us(20000L + (long)(getpid() * 7919L + round * 104729L) % 180000L);
        kill_child(child);
        assert_string_equal(fixture_text(path, "PRAGMA integrity_check"), "ok");
        assert_string_equal(fixture_text(path, "PRAGMA foreign_key_check"), "");
        assert_string_equal(fixture_text(path, "SELECT state FROM scan"), "running");
        assert_true(fixture_int(path, "SELECT count(*) FROM observation") >= before);
    }
    run_scan(path, true);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan WHERE state = 'done'"), 1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan_target"), NUM_TARGETS);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"),
                     NUM_TARGETS + NUM_TARGETS / TWO_EVERY);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM endpoint"),
                     NUM_TARGETS + NUM_TARGETS / TWO_EVERY);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM certificate"), NUM_TARGETS + 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM rejected_target"), 0);
    fixture_folder_free(folder);
}

/* Waits until the other process has stored something; false if it never does. */
static bool wait_for_rows(const char *path)
{
    for (int i = 0; i < 12000; i++) { /* a minute */
        if (fixture_int(path, "SELECT count(*) FROM observation") > 0) {
            return true;
        }
        sleep_us(5000);
    }
    return false;
}

static void test_two_processes(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_store *reader = NULL;
    struct tc_error error = {.text = ""};
    char expected[64];
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    begin_and_leave(path);
    pid_t child = start_child(path);
    bool has_begun = wait_for_rows(path);
    enum tc_status second = tc_store_open(&store, path, TC_STORE_CREATE, &error);
    snprintf(expected, sizeof expected, "process %ld ", (long)child);
    int readers = 0;
    for (int i = 0; i < 20; i++) { /* a report works meanwhile */
        int64_t scan_id = 0;
        enum tc_scan_state scan_state = TC_SCAN_DONE;
        if (tc_store_open(&reader, path, TC_STORE_READ, NULL) == TC_OK &&
            tc_store_pick_scan(reader, 1, &scan_id, &scan_state, NULL) == TC_OK) {
            readers += scan_state == TC_SCAN_RUNNING;
        }
        tc_store_close(reader);
        reader = NULL;
    }
    kill_child(child); /* before what may fail: no child is left behind */
    assert_true(has_begun);
    assert_int_equal(second, TC_ERR_BUSY);
    assert_non_null(strstr(error.text, expected));
    assert_int_equal(readers, 20);
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    tc_store_close(store);
    fixture_folder_free(folder);
}

/* A disk that says no in the middle of a write: the limit stands for it, in a child of its own. */
static void fill_up(const char *path)
{
    struct tc_writer *writer = NULL;
    struct tc_error error = {.text = ""};
    int64_t scan_id = 0;
    const struct rlimit limit = {1 << 20, 1 << 20};
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        tc_writer_start(&writer, store, scan_id, false, &error) != TC_OK) {
        _exit(10);
    }
    struct tc_target *target = fixture_target("www.example.edu", 1, NULL, NULL);
    if (fixture_register(writer, target) != TC_REGISTERED) {
        _exit(11);
    }
    for (int n = 0; n < 20000 && tc_writer_status(writer, NULL) == TC_OK; n++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%d.%d", n / 250, n % 250);
        tc_writer_put(writer, fixture_observation(target->target_id, address, chain_of(n)));
        while (!tc_writer_has_room(writer) && tc_writer_status(writer, NULL) == TC_OK) {
            sleep_us(1000);
        }
    }
    fixture_target_free(target);
    enum tc_status status = tc_writer_stop(writer, NULL, &error);
    bool told = status == TC_ERR_STORE && strstr(error.text, path) != NULL;
    tc_store_close(store);
    _exit(told ? 0 : 12);
}

static void test_write_that_fails(void **state)
{
    (void)state;
    int how = 0;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    pid_t child = fork();
    if (child == 0) {
        fill_up(path);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    assert_string_equal(fixture_text(path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(path, "PRAGMA foreign_key_check"), "");
    assert_string_equal(fixture_text(path, "SELECT state FROM scan"), "running");
    fixture_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_any_moment),
        cmocka_unit_test(test_two_processes),
        cmocka_unit_test(test_write_that_fails),
    };
    return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
