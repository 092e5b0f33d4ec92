/* What of a row of scans is told: one character a scan, oldest first. */
#include "test_support.h"

#include <string.h>

#include "schema/told.h"
#include "tlscensus/status.h"

static struct told_case {
    const char *name;
    const char *scans;
    unsigned up;
    unsigned down;
    unsigned turns;
    const char *told; /* for each scan after which something is told, what was told until then;
                         else a dot */
} told_cases[] = {
    {"no scan", "", 1, 2, 1, ""},
    {"the first scan is known", "1", 1, 2, 1, "."},
    {"nothing happens", "1111", 1, 2, 1, "...."},
    {"a rise is told at once", "0011", 1, 2, 1, "..0."},
    {"a fall waits", "1100", 1, 2, 1, "...1"},
    {"a fall that passes", "11011", 1, 2, 1, "....."},
    {"a fall, told once", "110000", 1, 2, 1, "...1.."},
    {"back after it was told", "11001", 1, 2, 1, "...10"},
    {"both wait", "0110", 2, 2, 1, "..0."},
    {"at once, both ways, until it has come and gone", "01010101", 1, 1, 1, ".01....."},
    {"what came and went must last", "0100111111110", 1, 2, 1, ".0.1.......0."},
    {"and its end as well", "010111111111", 1, 1, 1, ".01.......0."},
    {"two outages", "11001111001111001", 1, 2, 2, "...10....1......."},
    {"told, gone and told again: then it must last", "110011001111111100", 1, 2, 2,
     "...10..1.......0.."},
    {"bad, good, bad, good", "010010", 1, 1, 2, ".01.0."},
    {"turns are of the fact, whichever way", "10101", 1, 1, 3, ".1010"},
    {"ranks: worse at once",
     "gg"
     "ee",
     2, 1, 1, "..g."},
    {"ranks: better waits for one that stays", "cdefff", 2, 1, 1, "....c."},
    {"ranks: worse and worse", "gfedc", 2, 1, 1, ".gfed"},
    {"ranks: up by steps", "acbd", 1, 1, 1, ".acb"},
    {"ranks: back to where it was", "gcgcg", 1, 1, 1, ".gc.."},
    {"three scans", "1000", 1, 3, 1, "...1"},
};

static void check_told(void **state)
{
    const struct told_case *row = *state;
    const struct tc_told_limits limits = {
        .up = row->up, .down = row->down, .hold = 8, .turns = row->turns};
    size_t num = strlen(row->scans);
    for (size_t i = 1; i <= num; i++) {
        char was = tc_told(row->scans, i, &limits);
        char wanted = row->told[i - 1];
        if ((was != 0 ? was : '.') != wanted) {
            fail_msg("scan %zu: %c, wanted %c", i, was != 0 ? was : '.', wanted);
        }
    }
    assert_int_equal(tc_told(row->scans, 0, &limits), 0);
}

static void check_function(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(tc_told_register(db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT told('1100', 1, 2, 8, 1), told('110', 1, 2, 8, 1), "
                                        "told(NULL, 1, 2, 8, 1), told('10', 1, 0, 8, 1)",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "1");
    assert_int_equal(sqlite3_column_type(statement, 1), SQLITE_NULL);
    assert_int_equal(sqlite3_column_type(statement, 2), SQLITE_NULL);
    assert_string_equal((const char *)sqlite3_column_text(statement, 3), "1");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(told_cases) + 1] = {0};
    size_t num = 0;
    ADD_ROWS(told_cases, check_told);
    tests[num] = (struct CMUnitTest)cmocka_unit_test(check_function);
    return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}
