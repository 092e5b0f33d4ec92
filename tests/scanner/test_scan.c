#include "test_support.h"

#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_support.h"

static char *copy(const char *text)
{
    char *result = text == NULL ? NULL : strdup(text);
    assert_true(text == NULL || result != NULL);
    return result;
}

static void limits_hold_and_each_endpoint_has_one_row(void **state)
{
    (void)state;
    enum { NUM = 200, SITES = 20 };
    struct run run;
    bool seen[NUM] = {false};
    struct tc_scan_progress progress;
    run_init(&run, SITES, false);
    run.options.concurrency = 25;
    run.options.per_address = 2;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i % SITES].address, i);
    }
    run_finish(&run);
    tc_scan_get_progress(run.scan, &progress);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM);
    for (size_t i = 0; i < NUM; i++) {
        int64_t id = run.rows[i]->target_id;
        assert_string_equal(tc_outcome_str(run.rows[i]->outcome), "ok");
        assert_false(seen[id]);
        seen[id] = true;
        assert_true(run.rows[i]->chain->trusted);
    }
    for (size_t i = 0; i < SITES; i++) {
        assert_in_range(run.farm.sites[i].most_at_once, 1, 2);
        assert_int_equal(run.farm.sites[i].num_accepted, NUM / SITES);
    }
    assert_int_equal(run.farm.num_resets, 0);
    assert_int_equal(progress.targets_taken, NUM);
    assert_int_equal(progress.targets_done, NUM);
    assert_int_equal(progress.endpoints_done, NUM);
    assert_int_equal(progress.by_outcome[TC_OUTCOME_OK], NUM);
    assert_int_equal(progress.in_flight, 0);
    assert_int_equal(progress.waiting, 0);
    assert_true(progress.intake_closed);
    run_cleanup(&run);
}

static void many_names_on_one_address_do_not_hold_up_others(void **state)
{
    (void)state;
    enum { NUM = 300 };
    struct run run;
    size_t num_other = 0;
    run_init(&run, 2, false);
    run.options.as_given = true;
    run.options.concurrency = 4;
    run.options.workers = 1;
    run.options.per_address = 1;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", "127.0.2.1", i);
    }
    for (int64_t i = NUM; i < NUM + 10; i++) {
        run_push(&run, "host.example", "127.0.2.2", i);
    }
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM + 10);
    for (size_t i = 0; i < NUM / 2; i++) { /* they came last, and are done in the first half */
        num_other += run.rows[i]->target_id >= NUM ? 1 : 0;
    }
    assert_int_equal(num_other, 10);
    run_cleanup(&run);
}

static void as_given_with_one_slot_is_one_after_another(void **state)
{
    (void)state;
    enum { NUM = 40 };
    struct run run;
    run_init(&run, 3, false);
    run.options.as_given = true;
    run.options.concurrency = 1;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i % 3].address, i);
    }
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(run.rows[i]->target_id, i);
    }
    run_cleanup(&run);
}

static void a_name_leads_to_its_address(void **state)
{
    (void)state;
    struct run run;
    struct tc_scan_vantage vantage;
    run_init(&run, 1, false);
    run_start(&run);
    run_push(&run, "alias.example", NULL, 7);
    run_finish(&run);
    tc_scan_get_vantage(run.scan, &vantage);
    tls_farm_stop(&run.farm);
    const struct tc_observation *row = run_only_row(&run);
    assert_int_equal(row->outcome, TC_OUTCOME_OK);
    assert_string_equal(row->address, "127.0.2.1");
    assert_string_equal(row->cname_chain, "host.example");
    assert_int_equal(row->endpoints_count, 1);
    assert_true(row->timing.dns_us >= 0);
    assert_true(row->timing.total_us >= row->timing.dns_us + row->timing.connect_us);
    assert_int_equal(row->name_match, TC_NO); /* the certificate is for host.example */
    assert_non_null(strstr(vantage.text, "IPv4 127.0.0.1"));
    assert_int_equal(vantage.concurrency, 1000);
    run_cleanup(&run);
}

static void every_address_is_an_endpoint(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    run_start(&run);
    run_push(&run, "three.example", NULL, 7);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(run.rows[i]->endpoints_count, 3);
        assert_int_equal(run.rows[i]->outcome, TC_OUTCOME_OK);
        assert_int_equal(run.farm.sites[i].num_accepted, 1);
    }
    run_cleanup(&run);
}

static void one_address_is_enough_when_asked_for(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    run.options.one_address = true;
    run_start(&run);
    run_push(&run, "three.example", NULL, 7);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run_only_row(&run)->endpoints_count, 1);
    run_cleanup(&run);
}

static void resume_does_what_is_missing(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    run_start(&run);
    struct tc_target *target = run_target(&run, "three.example", NULL, 7);
    target->num_done_addresses = 2;
    target->done_addresses = calloc(2, sizeof(*target->done_addresses));
    assert_non_null(target->done_addresses);
    target->done_addresses[0] = copy("127.0.2.1");
    target->done_addresses[1] = copy("127.0.2.3");
    assert_int_equal(tc_scan_push(run.scan, target), TC_OK);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_string_equal(run_only_row(&run)->address, "127.0.2.2");
    assert_int_equal(run_only_row(&run)->endpoints_count, 3);
    run_cleanup(&run);
}

static void an_excluded_address_is_a_row_among_others(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    run_start(&run);
    run_push(&run, "mixed.example", NULL, 7);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 2);
    assert_int_equal(run_count(&run, TC_OUTCOME_OK), 1);
    assert_int_equal(run_count(&run, TC_OUTCOME_EXCLUDED), 1);
    assert_int_equal(run.rows[0]->endpoints_count, 2);
    run_cleanup(&run);
}

static void nothing_is_begun_without_room(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    run.options.workers = 1;
    run.hooks.has_room = run_has_room;
    run.refusals = 3;
    run_start(&run);
    for (int64_t i = 0; i < 5; i++) {
        run_push(&run, "host.example", "127.0.2.1", i);
    }
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 5);
    assert_false(run.saw_row_without_room);
    assert_true(run.asked >= 3 + 5);
    run_cleanup(&run);
}

static void wait_for_flight(struct run *run, uint64_t in_flight)
{
    struct tc_scan_progress progress = {0};
    while (progress.in_flight < in_flight) {
        (void)tc_scan_wait(run->scan, 1);
        tc_scan_get_progress(run->scan, &progress);
    }
}

static void stop_ends_those_in_flight_and_no_others(bool at_once)
{
    enum { NUM = 50, SLOTS = 10 };
    struct run run;
    run_init(&run, 5, true);
    run.options.concurrency = SLOTS;
    run_start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        run_push(&run, "host.example", run.farm.sites[i % 5].address, i);
    }
    wait_for_flight(&run, SLOTS);
    tc_scan_stop(run.scan, at_once);
    struct tc_target *late = run_target(&run, "host.example", "127.0.2.1", NUM);
    assert_int_equal(tc_scan_push(run.scan, late), TC_ERR_CANCELLED);
    tc_target_free(late);
    run_wait(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, SLOTS);
    assert_int_equal(run_count(&run, TC_OUTCOME_INTERRUPTED), SLOTS);
    run_cleanup(&run);
}

static void stop_is_orderly(void **state)
{
    (void)state;
    stop_ends_those_in_flight_and_no_others(false);
}

static void stop_at_once(void **state)
{
    (void)state;
    stop_ends_those_in_flight_and_no_others(true);
}

static void stop_while_names_are_looked_up(void **state)
{
    (void)state;
    struct run run;
    struct tc_scan_progress progress = {0};
    int sockets[2];
    char silent[32];
    const char *resolver = silent;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    run_init(&run, 1, false);
    sockets[0] = socket(AF_INET, SOCK_DGRAM, 0); /* takes questions and never answers */
    assert_int_equal(bind(sockets[0], (const struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(sockets[0], (struct sockaddr *)&address, &len), 0);
    (void)snprintf(silent, sizeof silent, "127.0.0.1:%u", ntohs(address.sin_port));
    run.options.resolvers = &resolver;
    run_start(&run);
    for (int64_t i = 0; i < 20; i++) {
        run_push(&run, "host.example", NULL, i);
    }
    while (progress.waiting < 20) {
        (void)tc_scan_wait(run.scan, 1);
        tc_scan_get_progress(run.scan, &progress);
    }
    tc_scan_stop(run.scan, false);
    run_wait(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 0); /* not begun: a later run does them */
    run_cleanup(&run);
    assert_int_equal(close(sockets[0]), 0);
}

/* A pause between connections must be a number of microseconds. */
static void a_rate_that_is_none_is_refused(void **state)
{
    (void)state;
    static const double rates[] = {-1, -1e-9, 1e-300, 1e-9, NAN};
    for (size_t i = 0; i < TC_ARRAY_LEN(rates); i++) {
        struct run run;
        struct tc_error error = {""};
        run_init(&run, 1, false);
        double *const places[] = {&run.options.rate, &run.options.address_rate,
                                  &run.options.dns_rate};
        *places[i % TC_ARRAY_LEN(places)] = rates[i];
        assert_int_equal(tc_scan_start(&run.scan, &run.options, &run.hooks, &error), TC_ERR_INPUT);
        assert_non_null(strstr(error.text, "a rate must be 0"));
        tls_farm_stop(&run.farm);
        run_cleanup(&run);
    }
}

static void a_run_without_targets_ends(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    run_start(&run);
    run_finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 0);
    run_cleanup(&run);
}

/* In a process of its own: a limit that was lowered cannot be raised again. */
static int scan_with_few_descriptors(struct run *run)
{
    struct rlimit limit = {64, 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1;
    }
    struct tc_error error = {""};
    if (tc_scan_start(&run->scan, &run->options, &run->hooks, &error) != TC_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    for (int64_t i = 0; i < 100; i++) {
        struct tc_target *target =
            run_target(run, "host.example", run->farm.sites[i % 5].address, i);
        if (tc_scan_push(run->scan, target) != TC_OK) {
            return 3;
        }
    }
    tc_scan_end_of_targets(run->scan);
    while (!tc_scan_wait(run->scan, 1000)) {
    }
    if (run->num_rows != 100 || run_count(run, TC_OUTCOME_OK) != 100) {
        return 4;
    }
    return strstr(run->notices, "concurrency lowered from 1000") == NULL ? 5 : 0;
}

static void sixty_four_descriptors_are_enough(void **state)
{
    (void)state;
    struct run run;
    int status = 0;
#if defined(__SANITIZE_THREAD__)
    print_message("skipped: threads cannot be started after fork() under ThreadSanitizer\n");
    skip();
#endif
    run_init(&run, 5, false);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(scan_with_few_descriptors(&run));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    tls_farm_stop(&run.farm);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    run_cleanup(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold_and_each_endpoint_has_one_row),
        cmocka_unit_test(many_names_on_one_address_do_not_hold_up_others),
        cmocka_unit_test(as_given_with_one_slot_is_one_after_another),
        cmocka_unit_test(a_name_leads_to_its_address),
        cmocka_unit_test(every_address_is_an_endpoint),
        cmocka_unit_test(one_address_is_enough_when_asked_for),
        cmocka_unit_test(resume_does_what_is_missing),
        cmocka_unit_test(an_excluded_address_is_a_row_among_others),
        cmocka_unit_test(nothing_is_begun_without_room),
        cmocka_unit_test(stop_is_orderly),
        cmocka_unit_test(stop_at_once),
        cmocka_unit_test(stop_while_names_are_looked_up),
        cmocka_unit_test(a_rate_that_is_none_is_refused),
        cmocka_unit_test(a_run_without_targets_ends),
        cmocka_unit_test(sixty_four_descriptors_are_enough),
    };
    return cmocka_run_group_tests_name("scan", tests, run_set_up, run_tear_down);
}
