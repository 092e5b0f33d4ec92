/* What the writer thread makes of targets, rejected lines and observations. */
#include "test_support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/database.h"
#include "store_fixture.h"
#include "writer_bench.h"

#define NUM_THREADS 4
#define PER_THREAD  500

static void test_facts_arrive(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "www.example.edu", 2, "library", TC_REGISTERED, 0);
    bench_put(bench, id, "192.0.2.1", "www.example.edu");
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(
            path,
            "SELECT printf('%s %s %s %s %s %d %d %s %d %s %s %s', host, address, labels, outcome, "
            "tls_version, presented_depth, verified_depth, chain_status, trusted, "
            "subject_cn, anchor_cn, alpn) FROM v_endpoint"),
        "www.example.edu 192.0.2.1 owner=library ok TLSv1.3 2 3 complete 1 www.example.edu Root X1 "
        "h2");
    assert_int_equal(fixture_int(path, "SELECT leaf_days_left FROM v_endpoint"), 80);
    assert_int_equal(fixture_int(path, "SELECT built_from FROM observation"), 1);
    assert_int_equal(fixture_int(path, "SELECT trust_detail IS NULL AND trust_text IS NULL AND "
                                       "dns_us IS NULL AND connect_us = 1500 FROM observation"),
                     1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM certificate"), 3);
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(role || ' ' || how, ', ') FROM v_chain"),
        "leaf sent, intermediate sent, anchor not sent");
}

static void test_certificates_are_stored_once(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    char host[64];
    for (int i = 0; i < 50; i++) {
        snprintf(host, sizeof host, "h%d.example.edu", i);
        int64_t id = bench_add(bench, host, (uint64_t)i + 2, NULL, TC_REGISTERED, 0);
        bench_put(bench, id, "192.0.2.1", i % 2 == 0 ? "*.example.edu" : host);
        bench_put(bench, id, "192.0.2.2", "*.example.edu");
    }
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM certificate"), 1 + 25 + 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM chain"), 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM certificate_url"), 1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 100);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM v_shared_key"), 1);
    assert_int_equal(fixture_int(path, "SELECT hosts_count FROM v_shared_key"), 50);
}

static void test_broken_certificate_is_kept(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "www.example.edu", 2, NULL, TC_REGISTERED, 0);
    struct tc_cert *presented[] = {fixture_cert_broken("=cmd|' /C calc'!A0")};
    struct tc_chain *chain = fixture_chain(presented, 1, NULL);
    chain->trust_detail = TC_TRUST_UNPARSABLE;
    tc_writer_put(bench->writer, fixture_observation(id, "192.0.2.1", chain));
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(path, "SELECT parse_error || ': ' || CAST(der AS TEXT) FROM certificate"),
        "the bytes are no certificate: =cmd|' /C calc'!A0");
    assert_int_equal(
        fixture_int(path, "SELECT is_ca IS NULL AND names_count IS NULL AND not_after_s IS NULL "
                          "AND spki_sha256 IS NULL FROM certificate"),
        1);
    assert_string_equal(fixture_text(path, "SELECT trust_detail FROM v_endpoint"), "unparsable");
}

static void test_failures_are_rows(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "gone.example.edu", 2, NULL, TC_REGISTERED, 0);
    struct tc_observation *observation = fixture_observation(id, "", NULL);
    observation->outcome = TC_OUTCOME_DNS_NOT_FOUND;
    observation->stage = TC_STAGE_DNS;
    observation->detail = strdup("no such name");
    observation->tls_version = observation->cipher = observation->kx_group = 0;
    observation->cname_chain = strdup("a.example b.example");
    tc_writer_put(bench->writer, observation);
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(path, "SELECT printf('%s %s %s', outcome, outcome_stage, outcome_detail) "
                           "FROM v_unreachable"),
        "dns-not-found dns no such name");
    assert_int_equal(
        fixture_int(path, "SELECT tls_version IS NULL AND leaf_id IS NULL AND trusted IS NULL AND "
                          "presented_depth IS NULL FROM observation"),
        1);
    assert_string_equal(fixture_text(path, "SELECT names FROM cname_chain"), "a.example b.example");
}

static void test_messages_are_kept(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "www.example.edu", 2, NULL, TC_REGISTERED, 0);
    struct tc_observation *observation = fixture_observation(id, "192.0.2.1", NULL);
    observation->messages = calloc(2, sizeof *observation->messages);
    observation->num_messages = 2;
    observation->messages[0] = (struct tc_message){false, 1, 512, 0};
    observation->messages[1] = (struct tc_message){true, 2, 122, 2100};
    tc_writer_put(bench->writer, observation);
    bench_finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(
            path,
            "SELECT group_concat(printf('%d:%d:%d:%d:%d', position, from_server, type, size_bytes, "
            "offset_us), ' ') FROM handshake_message"),
        "0:0:1:512:0 1:1:2:122:2100");
}

static void test_duplicates(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    struct tc_writer_counts counts;
    int64_t id = bench_add(bench, "www.example.edu", 2, "library", TC_REGISTERED, 0);
    assert_int_equal(bench_add(bench, "www.example.edu", 7, "library", TC_REGISTERED_DUPLICATE, 0),
                     id);
    assert_int_equal(bench_add(bench, "www.example.edu", 9, "physics", TC_REGISTERED_DUPLICATE, 0),
                     id);
    assert_int_equal(bench_add(bench, "www.example.edu", 11, NULL, TC_REGISTERED_DUPLICATE, 0), id);
    struct tc_target *pinned = fixture_target("www.example.edu", 12, "physics", NULL);
    pinned->pinned_address = strdup("192.0.2.9"); /* another key: not a duplicate */
    assert_int_equal(fixture_register(bench->writer, pinned), TC_REGISTERED);
    fixture_target_free(pinned);
    tc_writer_get_counts(bench->writer, &counts);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan_target"), 2);
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(file || ':' || line || ': ' || reason, '; ') FROM "
                           "rejected_target"),
        "hosts.csv:9: duplicate of line 2 with other labels: those of line 2 stand; "
        "hosts.csv:11: duplicate of line 2 with other labels: those of line 2 stand");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM label_set"), 2);
}

static void test_labels_are_shared(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    struct tc_target *twice = fixture_target("c.example.edu", 4, "library", "Delft");
    bench_add(bench, "a.example.edu", 2, "library", TC_REGISTERED, 0);
    bench_add(bench, "b.example.edu", 3, "library", TC_REGISTERED, 0);
    free(twice->labels.names->names[1]); /* two columns with one name */
    twice->labels.names->names[1] = strdup("owner");
    fixture_register(bench->writer, twice);
    fixture_target_free(twice);
    bench_add(bench, "d.example.edu", 5, NULL, TC_REGISTERED, 0);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM label_set"), 2);
    assert_string_equal(
        fixture_text(
            path, "SELECT group_concat(position || ' ' || name || '=' || value, ', ') FROM label "
                  "WHERE label_set_id = 2"),
        "1 owner=library, 2 owner=Delft");
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM scan_target WHERE label_set_id IS NULL"), 1);
}

static void test_rejected_lines(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    struct tc_writer_counts counts = {0};
    const struct tc_rejection rows[] = {
        {"hosts.csv", 41, "a:70000", "port 70000 is above 65535"},
        {"command line", 0, "x y", "a space in a host name"},
        {"command line", 0, "..", "empty label in a host name"},
        {"hosts.csv", 41, "a:70000", "port 70000 is above 65535"},
        {"hosts.csv", 41, "a:70000", "another reason"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        tc_writer_reject(bench->writer, &rows[i]);
    }
    bench_add(bench, "a.example.edu", 2, NULL, TC_REGISTERED, 0); /* waits for all before it */
    assert_int_equal(tc_writer_status(bench->writer, NULL), TC_OK);
    bench_finish(bench, TC_SCAN_DONE);
    (void)counts;
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM rejected_target"), 3);
    assert_string_equal(fixture_text(path, "SELECT reason FROM rejected_target WHERE line = 41"),
                        "port 70000 is above 65535; another reason");
}

static void test_one_observation_for_an_endpoint(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    int64_t id = bench_add(bench, "www.example.edu", 2, NULL, TC_REGISTERED, 0);
    bench_put(bench, id, "192.0.2.1", "www.example.edu");
    bench_put(bench, id, "192.0.2.1", NULL);
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 1);
    assert_int_equal(fixture_int(path, "SELECT leaf_id IS NOT NULL FROM observation"), 1);
}

struct heard {
    unsigned num;
    char text[256];
};

static void hear(void *context, const char *host, uint16_t port,
                 const struct tc_observation *observation)
{
    struct heard *heard = context;
    size_t len = strlen(heard->text);
    heard->num++;
    (void)snprintf(heard->text + len, sizeof heard->text - len, "%s %u %s %s\n", host, port,
                   observation->address, tc_outcome_str(observation->outcome));
}

/* Whoever wants to hear of endpoints hears of each once, in order; of none that was there. */
static void test_a_hearer_is_told(void **state)
{
    struct bench *bench = *state;
    struct heard heard = {0};
    tc_writer_tell(bench->writer, hear, &heard);
    int64_t first = bench_add(bench, "a.example.edu", 2, NULL, TC_REGISTERED, 0);
    int64_t second = bench_add(bench, "b.example.edu", 3, NULL, TC_REGISTERED, 0);
    bench_put(bench, second, "192.0.2.2", "b.example.edu");
    bench_put_interrupted(bench, first, "", 1);
    bench_put(bench, second, "192.0.2.2", NULL);
    assert_int_equal(tc_writer_flush(bench->writer), TC_OK);
    assert_int_equal(heard.num, 2);
    assert_string_equal(heard.text,
                        "b.example.edu 443 192.0.2.2 ok\na.example.edu 443  interrupted\n");
}

static void test_pick_a_scan(void **state)
{
    struct bench *bench = *state;
    enum tc_scan_state scan_state = TC_SCAN_RUNNING;
    struct tc_error error = {.text = ""};
    int64_t id = 0;
    assert_int_equal(tc_store_pick_scan(bench->store, 0, &id, &scan_state, &error),
                     TC_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "still running"));
    assert_int_equal(tc_store_pick_scan(bench->store, 1, &id, &scan_state, &error), TC_OK);
    assert_int_equal(scan_state, TC_SCAN_RUNNING);
    assert_int_equal(tc_store_pick_scan(bench->store, 7, &id, &scan_state, &error),
                     TC_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "no scan 7"));
    bench_finish(bench, TC_SCAN_DONE);
    bench->store = fixture_scan_begin(bench->path, &bench->scan_id);
    bench_finish(bench, TC_SCAN_INTERRUPTED);
    bench->store = fixture_scan_begin(bench->path, &bench->scan_id);
    assert_int_equal(tc_store_pick_scan(bench->store, 0, &id, &scan_state, &error), TC_OK);
    assert_int_equal(id, 1); /* done comes before what is newer and is not */
    assert_int_equal(scan_state, TC_SCAN_DONE);
    tc_store_close(bench->store); /* as if killed: it still says "running" */
    fixture_exec(bench->path, "DELETE FROM scan WHERE scan_id < 3");
    assert_int_equal(tc_store_open(&bench->store, bench->path, TC_STORE_READ, NULL), TC_OK);
    assert_int_equal(tc_store_pick_scan(bench->store, 0, &id, &scan_state, &error), TC_OK);
    assert_int_equal(id, 3);
    assert_int_equal(scan_state, TC_SCAN_INTERRUPTED);
}

/* ---- several threads ---- */

struct producer {
    struct tc_writer *writer;
    int64_t target_id;
    int first;
};

static void *produce(void *argument)
{
    struct producer *producer = argument;
    for (int i = 0; i < PER_THREAD; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%d.%d", (producer->first + i) / 250,
                 (producer->first + i) % 250);
        struct tc_observation *observation =
            fixture_observation(producer->target_id, address, bench_chain(address));
        observation->endpoints_count = NUM_THREADS * PER_THREAD;
        tc_writer_put(producer->writer, observation);
        (void)tc_writer_has_room(producer->writer);
        if (i % 100 == 0) {
            struct tc_writer_counts counts;
            tc_writer_get_counts(producer->writer, &counts);
        }
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    struct bench *bench = *state;
    pthread_t threads[NUM_THREADS];
    struct producer producers[NUM_THREADS];
    int64_t id = bench_add(bench, "www.example.edu", 1, NULL, TC_REGISTERED, 0);
    for (int i = 0; i < NUM_THREADS; i++) {
        producers[i] = (struct producer){bench->writer, id, i * PER_THREAD};
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    for (uint64_t i = 0; i < 200; i++) {
        char host[64];
        snprintf(host, sizeof host, "h%d.example.edu", (int)i);
        bench_add(bench, host, i + 2, "library", TC_REGISTERED, 0);
        tc_writer_reject(bench->writer, &(struct tc_rejection){"hosts.csv", i, "?", "no"});
    }
    for (int i = 0; i < NUM_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(bench->path, "SELECT count(*) FROM observation"),
                     NUM_THREADS * PER_THREAD);
    assert_int_equal(fixture_int(bench->path, "SELECT count(*) FROM scan_target"), 201);
    assert_int_equal(fixture_int(bench->path, "SELECT count(*) FROM rejected_target"), 200);
}

/* ---- who reads beside the writer ---- */

static void test_flush(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(tc_writer_flush(bench->writer), TC_OK); /* of nothing */
    int64_t id = bench_add(bench, "www.example.edu", 1, NULL, TC_REGISTERED, 0);
    for (int i = 0; i < 300; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        bench_put(bench, id, address, NULL);
        if (i % 100 == 0) {
            assert_int_equal(tc_writer_flush(bench->writer), TC_OK);
            assert_int_equal(fixture_int(bench->path, "SELECT count(*) FROM observation"), i + 1);
        }
    }
    bench_finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(bench->path, "SELECT count(*) FROM observation"), 300);
}

/* ---- a disk that is full ---- */

static void test_full_disk(void **state)
{
    struct bench *bench = *state;
    struct tc_error error = {.text = ""};
    enum tc_registration registration = TC_REGISTERED;
    int64_t id = bench_add(bench, "www.example.edu", 2, NULL, TC_REGISTERED, 0);
    bench_put(bench, id, "192.0.2.1", "www.example.edu");
    assert_int_equal(tc_writer_stop(bench->writer, NULL, NULL), TC_OK);
    /* No page more than there is: what the disk says when it is full. */
    assert_int_equal(sqlite3_exec(bench->store->db, "PRAGMA max_page_count = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, false, NULL),
                     TC_OK);
    for (int i = 0; i < 3000; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        bench_put(bench, id, address, address);
    }
    struct tc_target *target = fixture_target("late.example.edu", 3, NULL, NULL);
    assert_int_not_equal(tc_writer_register(bench->writer, "hosts.csv", &target, 1, &registration),
                         TC_OK);
    fixture_target_free(target);
    tc_writer_reject(bench->writer, &(struct tc_rejection){"hosts.csv", 1, "?", "no"});
    assert_false(tc_writer_has_room(bench->writer));
    assert_int_equal(tc_writer_status(bench->writer, &error), TC_ERR_STORE);
    assert_non_null(strstr(error.text, "the disk is full"));
    assert_non_null(strstr(error.text, bench->path));
    assert_int_equal(tc_writer_stop(bench->writer, NULL, &error), TC_ERR_STORE);
    bench->writer = NULL;
    tc_store_close(bench->store);
    bench->store = NULL;
    assert_string_equal(fixture_text(bench->path, "PRAGMA integrity_check"), "ok");
    assert_int_equal(
        fixture_int(bench->path, "SELECT count(*) FROM observation WHERE endpoint_id = 1"), 1);
    bench_resume(bench); /* and with room again it goes on */
    bench_add(bench, "www.example.edu", 2, NULL, TC_REGISTERED_DONE,
              (size_t)fixture_int(bench->path, "SELECT count(*) FROM observation"));
    bench_finish(bench, TC_SCAN_DONE);
}

static void test_writer_of_no_scan(void **state)
{
    struct bench *bench = *state;
    struct tc_writer *writer = NULL;
    struct tc_error error = {.text = ""};
    assert_int_equal(tc_writer_stop(bench->writer, NULL, NULL), TC_OK);
    bench->writer = NULL;
    assert_int_equal(tc_writer_start(&writer, bench->store, 99, false, &error), TC_ERR_NOT_FOUND);
    assert_null(writer);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_facts_arrive),
        TEST(test_certificates_are_stored_once),
        TEST(test_broken_certificate_is_kept),
        TEST(test_failures_are_rows),
        TEST(test_messages_are_kept),
        TEST(test_duplicates),
        TEST(test_labels_are_shared),
        TEST(test_rejected_lines),
        TEST(test_one_observation_for_an_endpoint),
        TEST(test_a_hearer_is_told),
        TEST(test_pick_a_scan),
        TEST(test_many_threads),
        TEST(test_flush),
        TEST(test_full_disk),
        TEST(test_writer_of_no_scan),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
