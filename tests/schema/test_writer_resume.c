/* What the writer makes of a list that is read again for --resume. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"
#include "writer_bench.h"

static void test_resume_does_what_is_missing(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    struct tc_writer_counts counts = {0};
    struct tc_observation *one_of_two = NULL;
    int64_t done = bench_add(bench, "done.example.edu", 2, "library", TC_REGISTERED, 0);
    int64_t half = bench_add(bench, "half.example.edu", 3, NULL, TC_REGISTERED, 0);
    int64_t torn = bench_add(bench, "torn.example.edu", 4, NULL, TC_REGISTERED, 0);
    int64_t unresolved = bench_add(bench, "name.example.edu", 5, NULL, TC_REGISTERED, 0);
    bench_add(bench, "never.example.edu", 6, NULL, TC_REGISTERED, 0);
    bench_put(bench, done, "192.0.2.1", "done.example.edu");
    one_of_two = fixture_observation(half, "192.0.2.2", NULL);
    one_of_two->endpoints_count = 2;
    tc_writer_put(bench->writer, one_of_two);
    bench_put_interrupted(bench, torn, "192.0.2.4", 1);
    bench_put_interrupted(bench, unresolved, "", 1);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    fixture_exec(
        path,
        "INSERT INTO handshake_message SELECT observation_id, 0, 0, 1, 1, 1 FROM observation");

    bench_resume(bench);
    assert_int_equal(bench_add(bench, "done.example.edu", 2, "library", TC_REGISTERED_DONE, 1),
                     done);
    assert_int_equal(bench_add(bench, "half.example.edu", 3, NULL, TC_REGISTERED, 1), half);
    assert_int_equal(bench_add(bench, "torn.example.edu", 4, NULL, TC_REGISTERED, 0), torn);
    assert_int_equal(bench_add(bench, "name.example.edu", 5, NULL, TC_REGISTERED, 0), unresolved);
    bench_add(bench, "never.example.edu", 6, NULL, TC_REGISTERED, 0);
    bench_add(bench, "done.example.edu", 8, "library", TC_REGISTERED_DUPLICATE, 0);
    bench_add(bench, "done.example.edu", 9, "physics", TC_REGISTERED_DUPLICATE, 0);
    bench_put(bench, half, "192.0.2.3", NULL);
    bench_put(bench, torn, "192.0.2.4", NULL);
    bench_put(bench, unresolved, "192.0.2.5", NULL);
    bench_add(bench, "late.example.edu", 10, NULL, TC_REGISTERED, 0);
    tc_writer_get_counts(bench->writer, &counts);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan"), 1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 5);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation WHERE outcome_id = 20"),
                     0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM handshake_message"), 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM rejected_target"), 1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan_target"), 6);
    assert_int_equal(fixture_int(path, "SELECT runs FROM scan"), 2);
}

/* Lines may have moved, and labels may have been mended, since the list was read first. */
static void test_resume_with_an_edited_list(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "www.example.edu", 2, "libary", TC_REGISTERED, 0);
    bench_put(bench, id, "192.0.2.1", NULL);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    bench_resume(bench);
    bench_add(bench, "new.example.edu", 2, NULL, TC_REGISTERED, 0);
    bench_add(bench, "www.example.edu", 3, "library", TC_REGISTERED_DONE, 1);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    bench_resume(bench); /* and a third time */
    bench_add(bench, "www.example.edu", 4, "library", TC_REGISTERED_DONE, 1);
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(fixture_text(path, "SELECT labels || ' ' || target FROM v_endpoint"),
                        "owner=library www.example.edu");
    assert_int_equal(fixture_int(path, "SELECT input_line FROM scan_target WHERE target_id = 1"),
                     4);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM rejected_target"), 0);
}

static void test_nothing_to_resume(void **state)
{
    struct bench *bench = *state;
    char *options = NULL;
    int64_t id = 0;
    int64_t started_s = 0;
    struct tc_error error = {.text = ""};
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(tc_store_open(&bench->store, bench->path, TC_STORE_WRITE, NULL), TC_OK);
    assert_int_equal(tc_store_resume_scan(bench->store, &id, &started_s, &options, &error),
                     TC_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "nothing to resume"));
    assert_null(options);
}

/* Where it was found stays with a target, unless the list has it when the scan goes on. */
static void test_found_target(void **state)
{
    struct bench *bench = *state;
    struct tc_target *target = fixture_target("new.example.edu", 0, NULL, NULL);
    target->found_in = strdup("www.example.edu");
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    assert_int_equal(tc_writer_flush(bench->writer), TC_OK);
    assert_string_equal(fixture_text(bench->path, "SELECT found_in FROM scan_target"),
                        "www.example.edu");
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    bench_resume(bench);
    target->found_in[0] = 'x'; /* whatever says so now */
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    free(target->found_in);
    target->found_in = NULL;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED_DUPLICATE);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    assert_string_equal(fixture_text(bench->path, "SELECT found_in FROM scan_target"),
                        "xww.example.edu");
    bench_resume(bench);
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(bench->path, "SELECT found_in IS NULL FROM scan_target"), 1);
    fixture_target_free(target);
}

/* A profile is kept where it is not the scan's, and as the list says when the scan goes on. */
static void test_profile_of_a_target(void **state)
{
    struct bench *bench = *state;
    static const enum tc_profile k_profiles[] = {TC_PROFILE_DEEP, TC_PROFILE_STANDARD,
                                                 TC_PROFILE_QUICK};
    static const char *const k_kept[] = {"deep", "standard", ""}; /* the scan is quick */
    struct tc_target *target = fixture_target("www.example.edu", 1, NULL, NULL);
    target->has_profile = true;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_profiles); i++) {
        target->profile = k_profiles[i];
        assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
        target->profile = TC_PROFILE_STANDARD; /* of one that comes twice the first stands */
        assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED_DUPLICATE);
        bench_finish(bench, TC_SCAN_INTERRUPTED);
        assert_string_equal(
            fixture_text(bench->path, "SELECT coalesce(profile, '') FROM scan_target"), k_kept[i]);
        bench_resume(bench);
    }
    target->has_profile = false;
    target->profile = TC_PROFILE_DEEP;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(bench->path, "SELECT profile IS NULL FROM scan_target"), 1);
    fixture_target_free(target);
}

/* What was examined by one profile does not become another's when its line moves. */
static void test_profile_of_what_is_done(void **state)
{
    struct bench *bench = *state;
    static const char k_profile[] = "SELECT coalesce(profile, '') FROM scan_target";
    struct tc_target *target = fixture_target("www.example.edu", 1, NULL, NULL);
    target->has_profile = true;
    target->profile = TC_PROFILE_STANDARD;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    bench_put_interrupted(bench, target->target_id, "192.0.2.1", 2);
    bench_finish(bench, TC_SCAN_INTERRUPTED);

    bench_resume(bench); /* nothing is done: the list's new word holds */
    target->profile = TC_PROFILE_DEEP;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    struct tc_observation *one_of_two = fixture_observation(target->target_id, "192.0.2.1", NULL);
    one_of_two->endpoints_count = 2;
    tc_writer_put(bench->writer, one_of_two);
    bench_put_interrupted(bench, target->target_id, "192.0.2.2", 2);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    assert_string_equal(fixture_text(bench->path, k_profile), "deep");

    bench_resume(bench); /* the other address is examined as the first was */
    target->has_profile = false;
    target->profile = TC_PROFILE_QUICK;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    assert_true(target->has_profile);
    assert_int_equal(target->profile, TC_PROFILE_DEEP);
    bench_put(bench, target->target_id, "192.0.2.2", NULL);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    assert_string_equal(fixture_text(bench->path, k_profile), "deep");

    bench_resume(bench);
    target->profile = TC_PROFILE_STANDARD;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED_DONE);
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(fixture_text(bench->path, k_profile), "deep");
    fixture_target_free(target);
}

/* The same where the scan's own profile was it: as before, none is stored. */
static void test_the_scans_profile_of_what_is_done(void **state)
{
    struct bench *bench = *state;
    struct tc_target *target = fixture_target("www.example.edu", 1, NULL, NULL);
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED);
    bench_put(bench, target->target_id, "192.0.2.1", NULL);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    bench_resume(bench);
    target->has_profile = true;
    target->profile = TC_PROFILE_STANDARD;
    assert_int_equal(fixture_register(bench->writer, target), TC_REGISTERED_DONE);
    assert_int_equal(target->profile, TC_PROFILE_QUICK);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(bench->path, "SELECT profile IS NULL FROM scan_target"), 1);
    fixture_target_free(target);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_resume_does_what_is_missing),
        TEST(test_resume_with_an_edited_list),
        TEST(test_nothing_to_resume),
        TEST(test_found_target),
        TEST(test_profile_of_a_target),
        TEST(test_profile_of_what_is_done),
        TEST(test_the_scans_profile_of_what_is_done),
    };
    return cmocka_run_group_tests_name("writer_resume", tests, NULL, NULL);
}
