/* What one lookup comes to. */
#include "test_support.h"

#include <string.h>

#include "resolver_fixture.h"

static struct lookup_case {
    const char *title;
    const char *name;
    enum tc_outcome outcome;
    const char *addresses;
    const char *cnames;
    const char *detail; /* what it must contain; "" where it must be empty */
    enum tc_family family;
    unsigned timeout_ms;
} k_lookup_cases[] = {
    {"both families: IPv4 first", "both.test", TC_OUTCOME_OK, "192.0.2.1 2001:db8::1", "", "", 0,
     0},
    {"-4 asks for IPv4 alone", "both.test", TC_OUTCOME_OK, "192.0.2.1", "", "", TC_FAMILY_IPV4, 0},
    {"-6 asks for IPv6 alone", "both.test", TC_OUTCOME_OK, "2001:db8::1", "", "", TC_FAMILY_IPV6,
     0},
    {"addresses stay in the answer's order", "four.test", TC_OUTCOME_OK, "192.0.2.9 192.0.2.8", "",
     "", 0, 0},
    {"IPv6 alone is enough", "six.test", TC_OUTCOME_OK, "2001:db8::6", "", "", 0, 0},
    {"capitals and the last dot do not matter", "BOTH.test.", TC_OUTCOME_OK,
     "192.0.2.1 2001:db8::1", "", "", 0, 0},
    {"duplicates are dropped", "twice.test", TC_OUTCOME_OK, "192.0.2.4 192.0.2.5", "", "", 0, 0},
    {"aliases are followed and told", "alias.test", TC_OUTCOME_OK, "192.0.2.3", "one.test two.test",
     "", 0, 0},
    {"aliases count in any order", "backwards.test", TC_OUTCOME_OK, "192.0.2.3",
     "one.test two.test", "", 0, 0},
    {"a truncated answer is asked for by TCP", "truncated.test", TC_OUTCOME_OK,
     "192.0.2.7 2001:db8::7", "", "", 0, 0},
    {"an IPv4 literal is itself", "192.0.2.77", TC_OUTCOME_OK, "192.0.2.77", "", "", 0, 0},
    {"an IPv6 literal is itself", "2001:DB8::0:77", TC_OUTCOME_OK, "2001:db8::77", "", "", 0, 0},

    {"only records of the name itself count", "poison.test", TC_OUTCOME_OK, "192.0.2.6", "", "", 0,
     0},
    {"AAAA in an answer to A does not count", "wrongtype.test", TC_OUTCOME_DNS_NO_ADDRESS, "", "",
     "no address", 0, 0},
    {"too many addresses are cut, and told", "many.test", TC_OUTCOME_OK, NULL, "",
     "more than 64 IPv4 addresses", 0, 0},
    {"more records than any name has", "flood.test", TC_OUTCOME_DNS_FAILURE, "", "", "too large",
     TC_FAMILY_IPV4, 0},
    {"a name that does not exist", "nothing.test", TC_OUTCOME_DNS_NOT_FOUND, "", "",
     "does not exist (NXDOMAIN)", 0, 0},
    {"a name without addresses", "empty.test", TC_OUTCOME_DNS_NO_ADDRESS, "", "",
     "exists and has no address", 0, 0},
    {"a name without IPv4, and -4", "six.test", TC_OUTCOME_DNS_NO_ADDRESS, "", "",
     "exists and has no IPv4 address", TC_FAMILY_IPV4, 0},
    {"a name without IPv6, and -6", "four.test", TC_OUTCOME_DNS_NO_ADDRESS, "", "",
     "no IPv6 address", TC_FAMILY_IPV6, 0},
    {"an alias of nothing", "dangling.test", TC_OUTCOME_DNS_NOT_FOUND, "", "gone.test",
     "an alias of gone.test, which does not exist", 0, 0},
    {"an alias of a name without addresses", "alias-empty.test", TC_OUTCOME_DNS_NO_ADDRESS, "",
     "empty.test", "an alias of empty.test, which has no address", 0, 0},
    {"aliases in a circle", "loop.test", TC_OUTCOME_DNS_FAILURE, "", NULL, "loop", 0, 0},
    {"SERVFAIL has its name", "servfail.test", TC_OUTCOME_DNS_FAILURE, "", "", "answered SERVFAIL",
     0, 0},
    {"REFUSED has its name", "refused.test", TC_OUTCOME_DNS_FAILURE, "", "", "answered REFUSED", 0,
     0},
    {"NOTIMP has its name", "notimp.test", TC_OUTCOME_DNS_FAILURE, "", "", "answered NOTIMP", 0, 0},
    {"an rcode without a name", "odd.test", TC_OUTCOME_DNS_FAILURE, "", "", "code 9", 0, 0},
    {"an answer that cannot be read", "garbage.test", TC_OUTCOME_DNS_FAILURE, "", "",
     "cannot be read", 0, 0},
    {"silence", "silent.test", TC_OUTCOME_DNS_TIMEOUT, "", "", "within 0.4 s", 0, 400},
    {"IPv4 stands when IPv6 fails, and that is told", "half.test", TC_OUTCOME_OK, "192.0.2.2", "",
     "IPv6: resolver 127.0.0.1", 0, 0},
    {"IPv4 stands when IPv6 is silent", "halfsilent.test", TC_OUTCOME_OK, "192.0.2.2", "",
     "IPv6: no answer", 0, 400},
    {"no IPv4, and IPv6 unknown", "nodata-fail.test", TC_OUTCOME_DNS_FAILURE, "", "",
     "IPv4: the name exists and has no IPv4 address; IPv6: resolver", 0, 0},
    {"NXDOMAIN counts for both families", "nx-fail.test", TC_OUTCOME_DNS_NOT_FOUND, "", "",
     "NXDOMAIN", 0, 0},
    {"one failure and one silence", "fail-silent.test", TC_OUTCOME_DNS_FAILURE, "", "",
     "SERVFAIL; IPv6: no answer", 0, 400},
    {"a label that is too long",
     "a123456789012345678901234567890123456789012345678901234567890123.test",
     TC_OUTCOME_DNS_NOT_FOUND, "", "", "not a name that DNS can hold", 0, 0},
    {"an empty label", "a..test", TC_OUTCOME_DNS_NOT_FOUND, "", "", "not a name", 0, 0},
    {"no name at all", "", TC_OUTCOME_DNS_NOT_FOUND, "", "", "no name", 0, 0},
    {"names under .onion stay here", "secret.onion", TC_OUTCOME_DNS_NOT_FOUND, "", "", "RFC 7686",
     0, 0},
};

static void check_lookup(void **state)
{
    const struct lookup_case *row = *state;
    struct fixture fixture;
    struct answer answer;
    open_fixture(&fixture);
    open_resolver(&fixture,
                  (struct tc_dns_options){.family = row->family, .timeout_ms = row->timeout_ms});
    ask_for(&fixture, &answer, row->name);
    run(&fixture);
    assert_int_equal(answer.calls, 1);
    assert_string_equal(tc_outcome_str(answer.outcome), tc_outcome_str(row->outcome));
    if (row->addresses != NULL) {
        assert_string_equal(answer.addresses, row->addresses);
    }
    if (row->cnames != NULL) {
        assert_string_equal(answer.cnames, row->cnames);
    }
    if (strstr(answer.detail, row->detail) == NULL ||
        (row->detail[0] == '\0') != (answer.detail[0] == '\0')) {
        fail_msg("detail is \"%s\"", answer.detail);
    }
    close_fixture(&fixture);
}

static void cap_is_a_named_constant(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    ask_for(&fixture, &answer, "many.test");
    run(&fixture);
    assert_int_equal(answer.num_addresses, TC_MAX_ADDRESSES);
    close_fixture(&fixture);
}

static void only_what_was_asked_has_a_time(void **state)
{
    struct fixture fixture;
    struct answer answer;
    struct answer again;
    struct answer literal;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    ask_for(&fixture, &answer, "both.test");
    run(&fixture);
    assert_int_equal(answer.source, TC_DNS_NETWORK);
    assert_true(answer.dns_us > 0);
    assert_int_equal(fixture.server.num_queries, 2);
    assert_int_equal(fixture.server.num_edns, 2);

    ask_for(&fixture, &again, "both.test");
    ask_for(&fixture, &literal, "127.0.0.1");
    run(&fixture);
    assert_int_equal(again.source, TC_DNS_CACHE);
    assert_int_equal(again.dns_us, TC_TIME_UNKNOWN);
    assert_string_equal(again.addresses, answer.addresses);
    assert_int_equal(literal.source, TC_DNS_LITERAL);
    assert_int_equal(literal.dns_us, TC_TIME_UNKNOWN);
    assert_int_equal(fixture.server.num_queries, 2);
    close_fixture(&fixture);
}

static void silence_has_no_time(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 300});
    ask_for(&fixture, &answer, "silent.test");
    run(&fixture);
    assert_int_equal(answer.outcome, TC_OUTCOME_DNS_TIMEOUT);
    assert_int_equal(answer.dns_us, TC_TIME_UNKNOWN);
    assert_true(fixture.server.num_queries >= 4); /* sent again inside the limit */
    close_fixture(&fixture);
}

static void negative_answers_are_remembered_and_failures_not(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.family = TC_FAMILY_IPV4});
    for (int i = 0; i < 3; i++) {
        ask_for(&fixture, &answer, "nothing.test");
        run(&fixture);
        assert_int_equal(answer.outcome, TC_OUTCOME_DNS_NOT_FOUND);
    }
    assert_int_equal(fixture.server.num_queries, 1);
    for (int i = 0; i < 3; i++) {
        ask_for(&fixture, &answer, "servfail.test");
        run(&fixture);
        assert_int_equal(answer.outcome, TC_OUTCOME_DNS_FAILURE);
        assert_int_equal(answer.source, TC_DNS_NETWORK);
    }
    assert_int_equal(fixture.server.num_queries, 4);
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest scenarios[] = {
        cmocka_unit_test(cap_is_a_named_constant),
        cmocka_unit_test(only_what_was_asked_has_a_time),
        cmocka_unit_test(silence_has_no_time),
        cmocka_unit_test(negative_answers_are_remembered_and_failures_not),
    };
    struct CMUnitTest rows[TC_ARRAY_LEN(k_lookup_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_lookup_cases); i++) {
        rows[i].name = k_lookup_cases[i].title;
        rows[i].test_func = check_lookup;
        rows[i].initial_state = &k_lookup_cases[i];
    }
    int failed = cmocka_run_group_tests_name("resolver_lookups", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("resolver_answers", scenarios, NULL, NULL);
}
