#include "test_support.h"

#include <string.h>

#include "tlscensus/outcome.h"

static void every_outcome_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < TC_OUTCOME_COUNT; i++) {
        const char *name = tc_outcome_str((enum tc_outcome)i);
        assert_non_null(name);
        assert_true(strlen(name) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(name, tc_outcome_str((enum tc_outcome)j));
        }
    }
    assert_string_equal(tc_outcome_str(TC_OUTCOME_COUNT), "unknown");
}

static void only_what_may_pass_is_tried_again(void **state)
{
    (void)state;
    assert_true(tc_outcome_is_transient(TC_OUTCOME_RESET, true));
    assert_true(tc_outcome_is_transient(TC_OUTCOME_DNS_TIMEOUT, false));
    assert_true(tc_outcome_is_transient(TC_OUTCOME_CLOSED, false));
    assert_false(tc_outcome_is_transient(TC_OUTCOME_CLOSED, true));
    assert_false(tc_outcome_is_transient(TC_OUTCOME_REFUSED, false));
    assert_false(tc_outcome_is_transient(TC_OUTCOME_CONNECT_TIMEOUT, false));
    assert_false(tc_outcome_is_transient(TC_OUTCOME_OK, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_a_name_of_its_own),
        cmocka_unit_test(only_what_may_pass_is_tried_again),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
