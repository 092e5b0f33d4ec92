#include "survey_fixture.h"

#include "test_support.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQL_MAX 16384

static void run(const struct survey_fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        print_error("%s\n%s\n", message, sql);
        fail();
    }
    sqlite3_close(db);
}

void survey_fixture_init(struct survey_fixture *fixture)
{
    struct tc_error error = {{0}};
    (void)snprintf(fixture->path, sizeof fixture->path, "/tmp/tlscensus-survey-XXXXXX");
    int descriptor = mkstemp(fixture->path);
    assert_true(descriptor >= 0);
    close(descriptor);
    unlink(fixture->path);
    assert_int_equal(tc_store_open(&fixture->store, fixture->path, TC_STORE_CREATE, &error), TC_OK);
    tc_store_close(fixture->store);
    fixture->store = NULL;
    run(fixture, "INSERT OR IGNORE INTO outcome VALUES (0, 'ok')");
}

void survey_fixture_add(struct survey_fixture *fixture, int number, int endpoints,
                        const char *features)
{
    static char sql[SQL_MAX];
    int len =
        snprintf(sql, sizeof sql,
                 "INSERT INTO feature_set VALUES (%d, randomblob(32));"
                 "INSERT INTO feature SELECT %d, * FROM (VALUES %s"
                 "('alpn',0,1,0,NULL,NULL,NULL));"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                 " INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id,"
                 " feature_set_id) SELECT %d, i, 0, 0, %d FROM n;",
                 number, number, features, endpoints, number, number);
    assert_in_range(len, 1, SQL_MAX - 1);
    run(fixture, sql);
}

void survey_fixture_open(struct survey_fixture *fixture)
{
    struct tc_error error = {{0}};
    assert_int_equal(tc_store_open(&fixture->store, fixture->path, TC_STORE_READ, &error), TC_OK);
}

void survey_fixture_cleanup(struct survey_fixture *fixture)
{
    char beside[80];
    tc_store_close(fixture->store);
    unlink(fixture->path);
    for (const char *const *end = (const char *const[]){"-wal", "-shm", "-lock", NULL};
         *end != NULL; end++) {
        (void)snprintf(beside, sizeof beside, "%s%s", fixture->path, *end);
        unlink(beside);
    }
}
