#include "told.h"

#include <limits.h>
#include <stdbool.h>

/* What was told of the scans so far. */
struct telling {
    char told;
    bool was_told[UCHAR_MAX + 1]; /* of every value */
    unsigned num_turns;           /* changes that led back to a value that had been told before */
    char waiting;                 /* another value, and for how many scans in a row */
    unsigned num_waited;
};

static unsigned scans_needed(const struct telling *telling, const struct tc_told_limits *limits)
{
    unsigned needed = telling->waiting > telling->told ? limits->up : limits->down;
    bool comes_and_goes = telling->num_turns >= limits->turns;
    return comes_and_goes && needed < limits->hold ? limits->hold : needed;
}

/* One more scan. Whether its value is told now. */
static bool play(struct telling *telling, char value, const struct tc_told_limits *limits)
{
    if (value == telling->told) {
        telling->num_waited = 0;
        return false;
    }
    bool goes_on = telling->num_waited > 0 && value == telling->waiting;
    telling->num_waited = goes_on ? telling->num_waited + 1 : 1;
    telling->waiting = value;
    return telling->num_waited >= scans_needed(telling, limits);
}

char tc_told(const char *scans, size_t num_scans, const struct tc_told_limits *limits)
{
    struct telling telling = {.told = num_scans > 0 ? scans[0] : 0};
    telling.was_told[(unsigned char)telling.told] = true;
    for (size_t i = 1; i < num_scans; i++) {
        if (!play(&telling, scans[i], limits)) {
            continue;
        }
        if (i + 1 == num_scans) {
            return telling.told;
        }
        telling.told = scans[i];
        telling.num_waited = 0;
        telling.num_turns += telling.was_told[(unsigned char)scans[i]];
        telling.was_told[(unsigned char)scans[i]] = true;
    }
    return 0;
}

static unsigned limit_of(sqlite3_value *value)
{
    int number = sqlite3_value_int(value);
    return number > 1 ? (unsigned)number : 1;
}

static void told_function(sqlite3_context *context, int num_values, sqlite3_value **values)
{
    (void)num_values;
    const char *scans = (const char *)sqlite3_value_text(values[0]);
    const struct tc_told_limits limits = {.up = limit_of(values[1]),
                                          .down = limit_of(values[2]),
                                          .hold = limit_of(values[3]),
                                          .turns = limit_of(values[4])};
    char was = 0;
    if (scans != NULL) {
        was = tc_told(scans, (size_t)sqlite3_value_bytes(values[0]), &limits);
    }
    if (was != 0) {
        sqlite3_result_text(context, &was, 1, SQLITE_TRANSIENT);
    }
}

int tc_told_register(sqlite3 *db)
{
    return sqlite3_create_function_v2(db, "told", 5, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                      told_function, NULL, NULL, NULL);
}
