/* Merging: ids are each database's own, and what is the same is known by what it is. */
#include "test_support.h"

#include <stdio.h>
#include <string.h>

#include "store_fixture.h"
#include "tlscensus/merge.h"

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000001"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000002"
#define ENOUGH 1024

static struct tc_chain *chain_of(const char *host, const char *issuer)
{
    struct tc_cert *presented[] = {fixture_cert(host, issuer, false),
                                   fixture_cert(issuer, "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, root);
    tc_ref_release(&root->ref);
    return chain;
}

/* One host of a scan: "host issuer owner". */
static void observe(struct tc_writer *writer, const char *line, unsigned number)
{
    char host[64];
    char issuer[64];
    char owner[64];
    char address[32];
    assert_int_equal(sscanf(line, "%63s %63s %63s", host, issuer, owner), 3);
    snprintf(address, sizeof address, "10.0.0.%u", number);
    struct tc_target *target = fixture_target(host, number, owner, NULL);
    assert_int_equal(fixture_register(writer, target), TC_REGISTERED);
    tc_writer_put(writer, fixture_observation(target->target_id, address, chain_of(host, issuer)));
    fixture_target_free(target);
}

/* A finished scan of the lines (NULL-ended), with the identity that it shall have. */
static void make_shard(const char *path, const char *uuid, const char *shard,
                       const char *const *lines)
{
    char sql[512];
    struct tc_writer *writer = NULL;
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    for (unsigned i = 0; lines[i] != NULL; i++) {
        observe(writer, lines[i], i + 1);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
    snprintf(sql, sizeof sql,
             "UPDATE scan SET scan_uuid = '%s', shard = '%s', options_json = '{\"shard\":\"%s\"}' "
             "WHERE scan_id = %lld",
             uuid, shard, shard, (long long)scan_id);
    fixture_exec(path, sql);
}

static enum tc_status merge(const char *out, const char *const *paths, size_t num_paths,
                            struct tc_merge_counts *counts, struct tc_error *error)
{
    struct tc_store *store = NULL;
    const struct tc_merge_options options = {.paths = paths, .num_paths = num_paths};
    assert_int_equal(tc_store_open(&store, out, TC_STORE_CREATE, NULL), TC_OK);
    enum tc_status status = tc_merge(store, &options, counts, error);
    tc_store_close(store);
    assert_string_equal(fixture_text(out, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(out, "PRAGMA foreign_key_check"), "");
    return status;
}

static const char *const k_left[] = {"a.test R1 library", "b.test R2 physics", NULL};
static const char *const k_right[] = {"c.test R2 physics", "d.test R3 library", "e.test R2 arts",
                                      NULL};

/* Hosts with their chains and owners, as one text: what must not depend on any id. */
static const char k_told[] =
    "SELECT group_concat(host || ' ' || labels || ' ' || subject_cn || '<' || issuer_cn || '<' || "
    "anchor_cn, '; ') FROM (SELECT * FROM v_endpoint_history ORDER BY host)";
static const char k_both[] =
    "a.test owner=library a.test<R1<Root X1; b.test owner=physics b.test<R2<Root X1; "
    "c.test owner=physics c.test<R2<Root X1; d.test owner=library d.test<R3<Root X1; "
    "e.test owner=arts e.test<R2<Root X1";

static void test_ids_are_mapped(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    const char *paths[] = {fixture_path(folder, "left.db"), fixture_path(folder, "right.db")};
    struct tc_merge_counts counts = {0};
    make_shard(paths[0], UUID_A, "1/2", k_left);
    make_shard(paths[1], UUID_A, "2/2", k_right);
    assert_int_equal(merge(out, paths, 2, &counts, NULL), TC_OK);
    assert_string_equal(fixture_text(out, k_told), k_both);
    assert_int_equal(counts.scans, 1);
    assert_int_equal(counts.joined, 1);
    assert_int_equal(counts.observations, 5);
    assert_int_equal(counts.certificates, 9); /* five leaves, R1 to R3, the root */
    assert_int_equal(fixture_int(out, "SELECT count(*) FROM certificate"), 9);
    assert_int_equal(fixture_int(out, "SELECT count(*) FROM label_set"), 3);
    assert_int_equal(fixture_int(out, "SELECT count(*) FROM label"), 3);
    assert_int_equal(fixture_int(out, "SELECT count(*) FROM certificate_url"), 1);
    fixture_folder_free(folder);
}

static void test_a_second_time_takes_nothing(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    const char *paths[] = {fixture_path(folder, "left.db"), fixture_path(folder, "right.db")};
    struct tc_merge_counts counts = {0};
    make_shard(paths[0], UUID_A, "1/2", k_left);
    make_shard(paths[1], UUID_A, "2/2", k_right);
    assert_int_equal(merge(out, paths, 2, &counts, NULL), TC_OK);
    assert_int_equal(merge(out, paths, 2, &counts, NULL), TC_OK);
    assert_int_equal(counts.scans + counts.joined + counts.observations + counts.certificates, 0);
    assert_string_equal(fixture_text(out, k_told), k_both);
    fixture_folder_free(folder);
}

/* ---- rows of scans ---- */

static enum tc_status note_missing(void *context, const struct tc_merge_part *part,
                                   struct tc_error *error)
{
    char *noted = context;
    (void)error;
    snprintf(noted + strlen(noted), ENOUGH - strlen(noted), "[%lld %s]", (long long)part->scan_id,
             part->missing);
    return TC_OK;
}

static const struct row_case {
    const char *name;
    struct {
        const char *uuid;
        const char *shard;
        const char *sql; /* what else the scan's row says */
    } shards[4];
    const char *rows;    /* of the scans afterwards */
    const char *missing; /* as the judge is told, scan by scan */
} k_row_cases[] = {
    {"a whole scan", {{UUID_A, "1/1", ""}}, "1/1 done", ""},
    {"two whole ones", {{UUID_A, "1/1", ""}, {UUID_B, "1/1", ""}}, "1/1 done, 1/1 done", ""},
    {"one of two shards", {{UUID_A, "2/2", ""}}, "2/2 interrupted", "[1 1 of 2]"},
    {"both shards", {{UUID_A, "2/2", ""}, {UUID_A, "1/2", ""}}, "1/1 done", "[1 ]"},
    {"some of many",
     {{UUID_A, "9/9", ""}, {UUID_A, "2/9", ""}, {UUID_A, "3/9", ""}},
     "2-3,9/9 interrupted",
     "[1 1,4-8 of 9]"},
    {"shards of two scans",
     {{UUID_A, "1/2", ""}, {UUID_B, "2/2", ""}, {UUID_A, "2/2", ""}},
     "1/1 done, 2/2 interrupted",
     "[1 ][2 1 of 2]"},
    {"the whole behind a part", {{UUID_A, "1/3", ""}, {UUID_A, "1/1", ""}}, "1/1 done", "[1 ]"},
    {"a part behind the whole", {{UUID_A, "1/1", ""}, {UUID_A, "1/3", ""}}, "1/1 done", ""},
    {"what did not finish and is no shard",
     {{UUID_A, "1/1", "state = 'interrupted', options_json = '{}'"}, {UUID_B, "1/1", ""}},
     "1/1 done",
     ""},
    {"parts that a merge put together",
     {{UUID_A, "1,3/3", "state = 'interrupted', options_json = '{}'"}, {UUID_A, "2/3", ""}},
     "1/1 done",
     "[1 ]"},
};

static void check_rows(void **state)
{
    const struct row_case *row = *state;
    const char *paths[TC_ARRAY_LEN(row->shards)] = {NULL};
    size_t num = 0;
    char sql[256];
    char missing[ENOUGH] = "";
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    struct tc_merge_counts counts = {0};
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    for (; num < TC_ARRAY_LEN(row->shards) && row->shards[num].uuid != NULL; num++) {
        char name[32];
        snprintf(name, sizeof name, "shard-%zu.db", num);
        paths[num] = fixture_path(folder, name);
        make_shard(paths[num], row->shards[num].uuid, row->shards[num].shard, k_left);
        if (row->shards[num].sql[0] != '\0') {
            snprintf(sql, sizeof sql, "UPDATE scan SET %s", row->shards[num].sql);
            fixture_exec(paths[num], sql);
        }
    }
    if (merge(out, paths, num, &counts, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(tc_store_open(&store, out, TC_STORE_WRITE, NULL), TC_OK);
    assert_int_equal(tc_merge_each_part(store, note_missing, missing, NULL), TC_OK);
    tc_store_close(store);
    assert_string_equal(fixture_text(out, "SELECT group_concat(shard || ' ' || state, ', ') FROM "
                                          "(SELECT * FROM scan ORDER BY scan_id)"),
                        row->rows);
    assert_string_equal(missing, row->missing);
    fixture_folder_free(folder);
}

static const struct bad_case {
    const char *name;
    const char *sql; /* makes of shard 2/2 what cannot be merged behind shard 1/2 */
    enum tc_status status;
    const char *words;
} k_bad_cases[] = {
    {"it did not finish", "UPDATE scan SET state = 'interrupted'", TC_ERR_INPUT, "--resume"},
    {"it was killed", "UPDATE scan SET state = 'running'", TC_ERR_INPUT, "--resume"},
    {"another number of shards", "UPDATE scan SET shard = '2/3'", TC_ERR_INPUT, "one number"},
    {"no number at all", "UPDATE scan SET shard = 'two'", TC_ERR_FOREIGN, "\"two\""},
    {"another program", "UPDATE scan SET tool_version = '9.1'", TC_ERR_VERSION, "9.1"},
    {"another profile", "UPDATE scan SET profile = 'deep'", TC_ERR_VERSION, "deep"},
    {"a newer schema", "PRAGMA user_version = 99", TC_ERR_VERSION, "newer"},
    {"an older schema", "PRAGMA user_version = 1", TC_ERR_VERSION, "older"},
    {"another program's file", "PRAGMA application_id = 7", TC_ERR_FOREIGN, "another program"},
    {"a view that is none of ours",
     "DROP VIEW v_endpoint; CREATE VIEW v_endpoint AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
     "SELECT i + 1 FROM n) SELECT * FROM n",
     TC_ERR_VERSION, "views"},
};

static void check_bad(void **state)
{
    const struct bad_case *row = *state;
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    const char *paths[] = {fixture_path(folder, "left.db"), fixture_path(folder, "right.db")};
    struct tc_merge_counts counts = {.scans = 77};
    struct tc_error error = {.text = ""};
    make_shard(paths[0], UUID_A, "1/2", k_left);
    make_shard(paths[1], UUID_A, "2/2", k_right);
    fixture_exec(paths[1], row->sql);
    assert_int_equal(merge(out, paths, 2, &counts, &error), row->status);
    assert_int_equal(counts.scans, 77);
    if (strstr(error.text, row->words) == NULL || strstr(error.text, "right.db") == NULL) {
        fail_msg("%s", error.text);
    }
    fixture_folder_free(folder);
}

static void test_damaged_rows(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "left.db");
    struct tc_error error = {.text = ""};
    make_shard(path, UUID_A, "1/1", k_left);
    assert_int_equal(tc_merge_check(path, &error), TC_OK);
    fixture_exec(path, "UPDATE certificate SET der = x'3000' WHERE certificate_id = 2");
    assert_int_equal(tc_merge_check(path, &error), TC_ERR_STORE);
    assert_non_null(strstr(error.text, "certificate 2"));
    fixture_exec(path, "DELETE FROM certificate WHERE is_ca = 0");
    assert_int_equal(tc_merge_check(path, &error), TC_ERR_STORE);
    assert_non_null(strstr(error.text, "certificate"));
    fixture_folder_free(folder);
}

/* What did not finish here would pass for whole behind another shard. */
static void test_into_an_unfinished_shard(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    const char *path = fixture_path(folder, "right.db");
    struct tc_merge_counts counts = {0};
    struct tc_error error = {.text = ""};
    make_shard(out, UUID_A, "1/2", k_left);
    make_shard(path, UUID_A, "2/2", k_right);
    fixture_exec(out, "UPDATE scan SET state = 'interrupted'");
    assert_int_equal(merge(out, &path, 1, &counts, &error), TC_ERR_INPUT);
    assert_non_null(strstr(error.text, "out.db: its scan 1"));
    fixture_exec(out, "UPDATE scan SET state = 'done'");
    assert_int_equal(merge(out, &path, 1, &counts, &error), TC_OK);
    assert_string_equal(fixture_text(out, k_told), k_both);
    fixture_folder_free(folder);
}

/* ---- findings ---- */

/* A rule of the shard that has another number here, and a set that both have. */
static void test_finding_sets_are_shared(void **state)
{
    (void)state;
    static const char *const k_rules[] = {
        "INSERT INTO rule (rule_id, name, severity, title, why, remedy, source) VALUES (1, 'mine', "
        "3, '', '', '', ''), (2, 'ours', 3, '', '', '', '')",
        "INSERT INTO rule (rule_id, name, severity, title, why, remedy, source) VALUES (1, 'ours', "
        "3, '', '', '', '')"};
    char *folder = fixture_folder_new();
    const char *out = fixture_path(folder, "out.db");
    const char *paths[] = {fixture_path(folder, "left.db"), fixture_path(folder, "right.db")};
    const char *uuids[] = {UUID_A, UUID_B};
    struct tc_merge_counts counts = {0};
    for (size_t i = 0; i < 2; i++) {
        make_shard(paths[i], uuids[i], "1/1", k_left);
        fixture_exec(paths[i], k_rules[i]);
        fixture_exec(
            paths[i],
            "INSERT INTO finding_detail VALUES (7, 'seen'); INSERT INTO finding_set VALUES "
            "(9, x'00', 1); INSERT INTO finding_set_row SELECT 9, rule_id, 3, 7 FROM rule "
            "WHERE name = 'ours'; UPDATE observation SET finding_set_id = 9");
    }
    assert_int_equal(merge(out, paths, 2, &counts, NULL), TC_OK);
    assert_int_equal(fixture_int(out, "SELECT count(*) FROM finding_set"), 1);
    assert_int_equal(fixture_int(out, "SELECT scan_id FROM finding_set"), 1);
    assert_string_equal(
        fixture_text(out, "SELECT group_concat(DISTINCT r.name || ' ' || f.detail) || ' ' || "
                          "count(*) FROM finding AS f JOIN rule AS r USING (rule_id)"),
        "ours seen 4");
    fixture_folder_free(folder);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(k_row_cases) + TC_ARRAY_LEN(k_bad_cases) + 5] = {
        cmocka_unit_test(test_ids_are_mapped),
        cmocka_unit_test(test_a_second_time_takes_nothing),
        cmocka_unit_test(test_damaged_rows),
        cmocka_unit_test(test_into_an_unfinished_shard),
        cmocka_unit_test(test_finding_sets_are_shared),
    };
    size_t num = 5;
    ADD_ROWS(k_row_cases, check_rows)
    ADD_ROWS(k_bad_cases, check_bad)
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
