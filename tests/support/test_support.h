/* What every cmocka test includes first: 1.1.5 needs these headers, in this order. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Adds a test for each row of a table, which has a `name`, to `tests` of the caller, behind `num`.
 */
#define ADD_ROWS(rows, function)                                                                   \
    for (size_t row_ = 0; row_ < TC_ARRAY_LEN(rows); row_++) {                                     \
        if (num == TC_ARRAY_LEN(tests)) {                                                          \
            abort();                                                                               \
        }                                                                                          \
        tests[num].name = (rows)[row_].name;                                                       \
        tests[num].test_func = (function);                                                         \
        tests[num].initial_state = (void *)(uintptr_t) & (rows)[row_];                             \
        num++;                                                                                     \
    }

#endif
