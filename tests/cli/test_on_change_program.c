#include "test_support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../schema/nights.h"
#include "cli/on_change.h"
#include "cli/signals.h"

#define TIMEOUT_MS 60000

/* Two nights with a change between them, and a program that hears of it. */
struct hearing {
    struct tc_store *store;
    int64_t scan_id;
    char folder[64];
    char program[96];
    char output[96];
};

static int make_hearing(void **state)
{
    static struct hearing hearing;
    strcpy(hearing.folder, "/tmp/tlscensus-heard-XXXXXX");
    if (mkdtemp(hearing.folder) == NULL) {
        return -1;
    }
    snprintf(hearing.program, sizeof hearing.program, "%s/program", hearing.folder);
    snprintf(hearing.output, sizeof hearing.output, "%s/output", hearing.folder);
    hearing.store = nights_new();
    (void)nights_play(hearing.store, 0, "A", 1);
    hearing.scan_id = nights_play(hearing.store, 1, "-", 1);
    cli_signals_start();
    *state = &hearing;
    return 0;
}

static int end_hearing(void **state)
{
    struct hearing *hearing = *state;
    tc_store_close(hearing->store);
    (void)unlink(hearing->program);
    (void)unlink(hearing->output);
    return rmdir(hearing->folder);
}

static enum tc_status tell(const struct hearing *hearing, const char *text, int output,
                           struct tc_error *error)
{
    FILE *file = fopen(hearing->program, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    fclose(file);
    assert_int_equal(chmod(hearing->program, 0700), 0);
    return cli_on_change(hearing->store, hearing->scan_id, hearing->program, TIMEOUT_MS, output,
                         error);
}

static void its_output_goes_where_it_is_told(void **state)
{
    const struct hearing *hearing = *state;
    struct tc_error error = {""};
    char said[32] = "";
    int output = open(hearing->output, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(output > STDERR_FILENO);
    assert_int_equal(tell(hearing, "grep -c became-unreachable", output, &error), TC_OK);
    assert_int_equal(pread(output, said, sizeof said - 1, 0), 2);
    assert_string_equal(said, "1\n");
    close(output);
}

static void an_earlier_signal_is_not_about_it(void **state)
{
    struct tc_error error = {""};
    int before = cli_signals_stops();
    raise(SIGTERM);
    assert_int_equal(cli_signals_stops(), before + 1);
    assert_int_equal(tell(*state, "exec cat >/dev/null", STDOUT_FILENO, &error), TC_OK);
}

static void one_meanwhile_stops_it(void **state)
{
    struct tc_error error = {""};
    assert_int_equal(tell(*state, "kill -TERM $PPID; exec sleep 600", STDOUT_FILENO, &error),
                     TC_ERR_IO);
    assert_non_null(strstr(error.text, "was stopped with us"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_output_goes_where_it_is_told, make_hearing,
                                        end_hearing),
        cmocka_unit_test_setup_teardown(an_earlier_signal_is_not_about_it, make_hearing,
                                        end_hearing),
        cmocka_unit_test_setup_teardown(one_meanwhile_stops_it, make_hearing, end_hearing),
    };
    return cmocka_run_group_tests_name("on_change_program", tests, NULL, NULL);
}
