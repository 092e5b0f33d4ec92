#include "writer_bench.h"

#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->folder = fixture_folder_new();
    bench->path = strdup(fixture_path(bench->folder, "census.db"));
    bench->store = fixture_scan_begin(bench->path, &bench->scan_id);
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, false, NULL),
                     TC_OK);
    *state = bench;
    return 0;
}

void bench_finish(struct bench *bench, enum tc_scan_state scan_state)
{
    struct tc_error error = {.text = ""};
    if (bench->writer != NULL && tc_writer_stop(bench->writer, NULL, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    bench->writer = NULL;
    fixture_scan_end(bench->store, bench->scan_id, scan_state);
    bench->store = NULL;
    assert_string_equal(fixture_text(bench->path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(bench->path, "PRAGMA foreign_key_check"), "");
}

void bench_resume(struct bench *bench)
{
    char *options = NULL;
    int64_t started_s = 0;
    assert_int_equal(tc_store_open(&bench->store, bench->path, TC_STORE_WRITE, NULL), TC_OK);
    assert_int_equal(
        tc_store_resume_scan(bench->store, &bench->scan_id, &started_s, &options, NULL), TC_OK);
    assert_int_equal(started_s, FIXTURE_START_S);
    assert_string_equal(options, "{\"profile\":\"quick\"}");
    free(options);
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, true, NULL),
                     TC_OK);
}

int bench_teardown(void **state)
{
    struct bench *bench = *state;
    if (bench->writer != NULL) {
        (void)!tc_writer_stop(bench->writer, NULL, NULL);
    }
    tc_store_close(bench->store);
    fixture_folder_free(bench->folder);
    free((void *)(uintptr_t)bench->path);
    free(bench);
    return 0;
}

int64_t bench_add(struct bench *bench, const char *host, uint64_t line, const char *owner,
                  enum tc_registration expected, size_t num_done)
{
    struct tc_target *target = fixture_target(host, line, owner, NULL);
    assert_int_equal(fixture_register(bench->writer, target), expected);
    assert_int_equal(target->num_done_addresses, num_done);
    int64_t target_id = target->target_id;
    fixture_target_free(target);
    return target_id;
}

struct tc_chain *bench_chain(const char *host)
{
    struct tc_cert *presented[] = {fixture_cert(host, "R10", false),
                                   fixture_cert("R10", "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, root);
    tc_ref_release(&root->ref);
    return chain;
}

void bench_put(struct bench *bench, int64_t target_id, const char *address, const char *host)
{
    tc_writer_put(bench->writer,
                  fixture_observation(target_id, address, host != NULL ? bench_chain(host) : NULL));
}

void bench_put_interrupted(struct bench *bench, int64_t target_id, const char *address,
                           uint32_t endpoints_count)
{
    struct tc_observation *observation = fixture_observation(target_id, address, NULL);
    observation->outcome = TC_OUTCOME_INTERRUPTED;
    observation->stage = address[0] != '\0' ? TC_STAGE_TLS : TC_STAGE_DNS;
    observation->detail = strdup("stopped on request");
    observation->endpoints_count = endpoints_count;
    tc_writer_put(bench->writer, observation);
}
