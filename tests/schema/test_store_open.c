/* Whose file it is: what is opened, what is refused, and in which words. */
#include "test_support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_fixture.h"

static void write_file(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
}

static void make_ours(const char *path)
{
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
}

static void make_nothing(const char *path)
{
    (void)path;
}

static void make_empty(const char *path)
{
    write_file(path, "");
}

static void make_text(const char *path)
{
    write_file(path,
               "host,owner\nwww.example.edu,library\n and so on, longer than a header of SQLite "
               "has to be, which is one hundred bytes\n");
}

static void make_folder(const char *path)
{
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_foreign(const char *path)
{
    fixture_exec(path, "CREATE TABLE moz_places (id INTEGER); PRAGMA application_id = 1");
}

static void make_unsigned(const char *path)
{
    fixture_exec(path, "CREATE TABLE scan (scan_id INTEGER)");
}

static void make_newer(const char *path)
{
    make_ours(path);
    fixture_exec(path,
                 "UPDATE scan SET tool_version = 'tlscensus 9.1.0'; PRAGMA user_version = 99");
}

static void make_without_version(const char *path)
{
    make_ours(path);
    fixture_exec(path, "PRAGMA user_version = 0");
}

static void make_truncated(const char *path)
{
    make_ours(path);
    assert_int_equal(truncate(path, 20000), 0);
}

static void make_header_only(const char *path)
{
    make_ours(path);
    assert_int_equal(truncate(path, 60), 0);
}

static void make_endless_view(const char *path)
{
    make_ours(path);
    fixture_exec(path, "DROP VIEW v_endpoint; CREATE VIEW v_endpoint AS WITH RECURSIVE n(i) AS "
                       "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n");
}

static void make_view_of_a_table(const char *path)
{
    make_ours(path);
    fixture_exec(
        path,
        "DROP TABLE finding_waiver; CREATE VIEW finding_waiver AS SELECT 1 AS observation_id");
}

static void make_other_column(const char *path)
{
    make_ours(path);
    fixture_exec(path, "ALTER TABLE observation ADD COLUMN mine TEXT");
}

static void make_trigger(const char *path)
{
    make_ours(path);
    fixture_exec(path, "CREATE TRIGGER t AFTER INSERT ON target BEGIN DELETE FROM scan; END");
}

static void make_own_view(const char *path)
{
    make_ours(path);
    fixture_exec(path, "CREATE VIEW mine AS SELECT host FROM v_endpoint; CREATE TABLE notes (t); "
                       "CREATE INDEX by_spki ON certificate (spki_sha256)");
}

static const struct open_case {
    const char *name;
    void (*make)(const char *path);
    enum tc_store_mode mode;
    enum tc_status status;
    const char *says; /* part of the message */
} k_open_cases[] = {
    {"ours is read", make_ours, TC_STORE_READ, TC_OK, ""},
    {"ours is written", make_ours, TC_STORE_WRITE, TC_OK, ""},
    {"ours is no reason to make another", make_ours, TC_STORE_CREATE, TC_OK, ""},
    {"an empty file becomes a database", make_empty, TC_STORE_CREATE, TC_OK, ""},
    {"nothing becomes a database", make_nothing, TC_STORE_CREATE, TC_OK, ""},
    {"nothing to read", make_nothing, TC_STORE_READ, TC_ERR_NOT_FOUND, "no such file"},
    {"nothing to write", make_nothing, TC_STORE_WRITE, TC_ERR_NOT_FOUND, "no such file"},
    {"an empty file is none, to read", make_empty, TC_STORE_READ, TC_ERR_FOREIGN, "empty file"},
    {"an empty file is none, to write", make_empty, TC_STORE_WRITE, TC_ERR_FOREIGN, "empty file"},
    {"a list is none, to read", make_text, TC_STORE_READ, TC_ERR_FOREIGN, "not a database"},
    {"a list is not overwritten", make_text, TC_STORE_CREATE, TC_ERR_FOREIGN, "not a database"},
    {"a folder, to read", make_folder, TC_STORE_READ, TC_ERR_FOREIGN, "a directory"},
    {"a folder, to make", make_folder, TC_STORE_CREATE, TC_ERR_FOREIGN, "a directory"},
    {"another program's, to read", make_foreign, TC_STORE_READ, TC_ERR_FOREIGN, "another program"},
    {"another program's, to write", make_foreign, TC_STORE_WRITE, TC_ERR_FOREIGN,
     "another program"},
    {"another program's is not taken", make_foreign, TC_STORE_CREATE, TC_ERR_FOREIGN, "0x00000001"},
    {"like ours without the sign", make_unsigned, TC_STORE_CREATE, TC_ERR_FOREIGN,
     "another program"},
    {"newer, to read", make_newer, TC_STORE_READ, TC_ERR_VERSION, "tlscensus 9.1.0"},
    {"newer, to write", make_newer, TC_STORE_WRITE, TC_ERR_VERSION, "use the newer program"},
    {"signed but without version", make_without_version, TC_STORE_READ, TC_ERR_FOREIGN,
     "no version"},
    {"a view that never ends", make_endless_view, TC_STORE_READ, TC_ERR_VERSION, "its views"},
    {"who may write makes views anew", make_endless_view, TC_STORE_WRITE, TC_OK, ""},
    {"a view in place of a table", make_view_of_a_table, TC_STORE_READ, TC_ERR_FOREIGN,
     "is not as tlscensus makes it"},
    {"a table that was changed", make_other_column, TC_STORE_WRITE, TC_ERR_FOREIGN,
     "table observation is not"},
    {"a trigger, to write", make_trigger, TC_STORE_WRITE, TC_ERR_FOREIGN, "triggers"},
    {"a trigger does nothing to a reader", make_trigger, TC_STORE_READ, TC_OK, ""},
    {"what users add is theirs", make_own_view, TC_STORE_WRITE, TC_OK, ""},
    {"cut in the middle, to write", make_truncated, TC_STORE_WRITE, TC_ERR_STORE, "damaged"},
    {"cut inside its header", make_header_only, TC_STORE_READ, TC_ERR_STORE, "damaged"},
};

static void check_open(void **state)
{
    const struct open_case *row = *state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    row->make(path);

    enum tc_status status = tc_store_open(&store, path, row->mode, &error);

    if (status != row->status || (status != TC_OK && strstr(error.text, row->says) == NULL)) {
        fail_msg("status %d: %s", (int)status, error.text);
    }
    if (status != TC_OK) {
        assert_null(store);
        assert_non_null(strstr(error.text, path)); /* where */
        assert_null(strchr(error.text, '\n'));
    }
    tc_store_close(store);
    assert_int_not_equal(access(fixture_path(folder, "census.db-lock"), F_OK), 0);
    fixture_folder_free(folder);
}

static void test_foreign_bytes_stay(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "places.sqlite");
    make_foreign(path);
    fixture_exec(path, "PRAGMA journal_mode = WAL");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_ERR_FOREIGN);
    assert_string_equal(fixture_text(path, "PRAGMA journal_mode"), "wal");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM sqlite_schema"), 1);
    fixture_folder_free(folder);
}

static void test_new_file_is_private(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct stat file;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    const char *const names[] = {"census.db", "census.db-wal", "census.db-shm", "census.db-lock"};
    mode_t before = umask(0);
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_OK);
    umask(before);
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        assert_int_equal(stat(fixture_path(folder, names[i]), &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
    }
    tc_store_close(store);
    for (size_t i = 1; i < TC_ARRAY_LEN(names); i++) { /* one file is left, to copy */
        assert_int_not_equal(stat(fixture_path(folder, names[i]), &file), 0);
    }
    assert_string_equal(fixture_text(path, "PRAGMA journal_mode"), "delete");
    assert_int_equal(fixture_int(path, "PRAGMA application_id"), 0x544C5343);
    assert_int_equal(fixture_int(path, "PRAGMA user_version"), 6);
    assert_string_equal(fixture_text(path, "PRAGMA integrity_check"), "ok");
    fixture_folder_free(folder);
}

static void test_folder_is_missing(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "none/census.db");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, &error), TC_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "folder does not exist"));
    assert_int_equal(tc_store_open(&store, "", TC_STORE_CREATE, &error), TC_ERR_NOT_FOUND);
    fixture_folder_free(folder);
}

static void test_second_writer_is_told(void **state)
{
    (void)state;
    struct tc_store *first = NULL;
    struct tc_store *second = NULL;
    struct tc_error error = {.text = ""};
    char pid[32];
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    const char *other_name = fixture_path(folder, "link.db");
    make_ours(path);
    assert_int_equal(symlink(path, other_name), 0);
    assert_int_equal(tc_store_open(&first, path, TC_STORE_WRITE, NULL), TC_OK);
    assert_int_equal(tc_store_open(&second, path, TC_STORE_CREATE, &error), TC_ERR_BUSY);
    snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
    assert_non_null(strstr(error.text, pid));
    assert_int_equal(tc_store_open(&second, other_name, TC_STORE_WRITE, &error), TC_ERR_BUSY);
    assert_int_equal(tc_store_open(&second, path, TC_STORE_READ, NULL), TC_OK); /* readers may */
    tc_store_close(second);
    tc_store_close(first);
    assert_int_equal(tc_store_open(&second, path, TC_STORE_WRITE, NULL), TC_OK);
    tc_store_close(second);
    fixture_folder_free(folder);
}

static void test_stale_lock_file_is_no_lock(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    write_file(fixture_path(folder, "census.db-lock"), "1\n");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_OK);
    tc_store_close(store);
    fixture_folder_free(folder);
}

/* Runs `open` as a user who may not do everything; skips where we are no such user and not root. */
static void test_file_that_may_not_be_written(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census?%.db");
    make_ours(path);
    fixture_exec(path, "PRAGMA journal_mode = WAL"); /* as a killed writer leaves it */
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    bool is_root = geteuid() == 0;
    if (is_root) {
        assert_int_equal(seteuid(65534), 0);
    }
    enum tc_status write_status = tc_store_open(&store, path, TC_STORE_WRITE, &error);
    enum tc_status read_status = tc_store_open(&store, path, TC_STORE_READ, NULL);
    int64_t scan_id = 0;
    enum tc_scan_state scan_state = TC_SCAN_RUNNING;
    enum tc_status pick_status = read_status == TC_OK
                                     ? tc_store_pick_scan(store, 0, &scan_id, &scan_state, NULL)
                                     : read_status;
    tc_store_close(store);
    if (is_root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(write_status, TC_ERR_STORE);
    assert_non_null(strstr(error.text, "cannot be written"));
    assert_int_equal(read_status, TC_OK);
    assert_int_equal(pick_status, TC_OK);
    assert_int_equal(scan_id, 1);
    fixture_folder_free(folder);
}

/*
 * A scan of one host, then one of thousands: what the optimizer noted of the first must not make
 * the plans of the second.
 */
static void test_small_tables_are_forgotten(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_ours(path);
    fixture_exec(path, "ANALYZE");
    assert_true(
        fixture_int(path, "SELECT count(*) FROM sqlite_stat1 WHERE tbl IN ('scan', 'outcome')") >
        0);
    for (int mode = TC_STORE_WRITE; mode >= TC_STORE_READ; mode--) {
        assert_int_equal(tc_store_open(&store, path, (enum tc_store_mode)mode, &error), TC_OK);
        tc_store_close(store);
        assert_int_equal(fixture_int(path, "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'scan'"),
                         0);
        assert_int_equal(fixture_int(path, "SELECT count(*) FROM sqlite_stat1 "
                                           "WHERE CAST(stat AS INTEGER) < 1000"),
                         0);
    }
    fixture_folder_free(folder);
}

static void test_reader_changes_nothing(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_rows *rows = NULL;
    struct tc_error error = {.text = ""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_ours(path);
    assert_int_equal(tc_store_open(&store, path, TC_STORE_READ, NULL), TC_OK);
    assert_int_equal(tc_rows_open(&rows, store, "DELETE FROM scan", &error), TC_OK);
    assert_int_equal(tc_rows_next(rows, &error), TC_ERR_STORE);
    tc_rows_close(rows);
    tc_store_close(store);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan"), 1);
    fixture_folder_free(folder);
}

static void test_one_state_for_a_report(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_rows *rows = NULL;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_ours(path);
    fixture_exec(path, "PRAGMA journal_mode = WAL");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_READ, NULL), TC_OK);
    assert_int_equal(tc_store_begin_read(store, NULL), TC_OK);
    fixture_exec(path, "UPDATE scan SET notices = 'later'");
    assert_int_equal(tc_rows_open(&rows, store, "SELECT notices FROM scan", NULL), TC_OK);
    assert_int_equal(tc_rows_next(rows, NULL), TC_OK);
    assert_string_equal(tc_rows_text(rows, 0), "");
    tc_rows_reset(rows);
    tc_store_end_read(store);
    assert_int_equal(tc_rows_next(rows, NULL), TC_OK);
    assert_string_equal(tc_rows_text(rows, 0), "later");
    tc_rows_close(rows);
    tc_store_close(store);
    fixture_folder_free(folder);
}

/* ---- bytes that a stranger changed: any answer will do but a crash or a wrong free ---- */

#define MUTATIONS     150
#define BYTES_MUTATED 12
#define MUTATION_SEED 2463534242U

static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void read_everything(const char *path)
{
    static const char *const k_views[] = {"v_endpoint", "v_certificate", "v_chain", "v_issuer"};
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    if (tc_store_open(&store, path, TC_STORE_READ, &error) != TC_OK) {
        assert_non_null(strstr(error.text, path));
        return;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_views); i++) {
        char sql[64];
        struct tc_rows *rows = NULL;
        snprintf(sql, sizeof sql, "SELECT * FROM %s", k_views[i]);
        if (tc_rows_open(&rows, store, sql, &error) == TC_OK) {
            while (tc_rows_next(rows, &error) == TC_OK) {
                (void)tc_rows_text(rows, 0);
            }
            tc_rows_close(rows);
        }
    }
    tc_store_close(store);
}

static void test_mutated_bytes(void **state)
{
    (void)state;
    uint32_t seed = MUTATION_SEED;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_ours(path);
    fixture_exec(
        path, "INSERT INTO target VALUES (1, 'https', 'a.example', NULL, 443, '', '', NULL, NULL);"
              "INSERT INTO scan_target VALUES (1, 1, NULL, 1, 'a.example', 1, 1, NULL, NULL);"
              "INSERT INTO endpoint VALUES (1, 1, '192.0.2.1');"
              "INSERT INTO certificate (certificate_id, sha256) VALUES (1, zeroblob(32));"
              "INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s,"
              " outcome_id, leaf_id) VALUES (1, 1, 1, 1, 0, 1)");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *bytes = malloc(1 << 21);
    size_t len = fread(bytes, 1, 1 << 21, file);
    fclose(file);
    const char *mutant = fixture_path(folder, "mutant.db");
    for (int i = 0; i < MUTATIONS; i++) {
        size_t at[BYTES_MUTATED];
        uint8_t was[BYTES_MUTATED];
        for (int k = 0; k < BYTES_MUTATED; k++) {
            at[k] = random_next(&seed) % (k == 0 ? 4096 : len); /* one near the schema's root */
            was[k] = bytes[at[k]];
            bytes[at[k]] = (uint8_t)random_next(&seed);
        }
        FILE *out = fopen(mutant, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(bytes, 1, len, out), len);
        fclose(out);
        read_everything(mutant);
        for (int k = BYTES_MUTATED - 1; k >= 0; k--) {
            bytes[at[k]] = was[k];
        }
    }
    free(bytes);
    fixture_folder_free(folder);
}

#define TESTS                                                                                      \
    cmocka_unit_test(test_foreign_bytes_stay), cmocka_unit_test(test_new_file_is_private),         \
        cmocka_unit_test(test_folder_is_missing), cmocka_unit_test(test_second_writer_is_told),    \
        cmocka_unit_test(test_stale_lock_file_is_no_lock),                                         \
        cmocka_unit_test(test_file_that_may_not_be_written),                                       \
        cmocka_unit_test(test_small_tables_are_forgotten),                                         \
        cmocka_unit_test(test_reader_changes_nothing),                                             \
        cmocka_unit_test(test_one_state_for_a_report), cmocka_unit_test(test_mutated_bytes)

int main(void)
{
    const struct CMUnitTest others[] = {TESTS};
    struct CMUnitTest tests[TC_ARRAY_LEN(k_open_cases) + TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_open_cases); i++) {
        tests[num].name = k_open_cases[i].name;
        tests[num].test_func = check_open;
        tests[num++].initial_state = (void *)(uintptr_t)&k_open_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(others); i++) {
        tests[num++] = others[i];
    }
    return cmocka_run_group_tests_name("store_open", tests, NULL, NULL);
}
