#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns_server.h"
#include "scanner/dns_message.h"
#include "scanner/resolver.h"
#include "tlscensus/buf.h"

#define A     DNS_TYPE_A
#define AAAA  DNS_TYPE_AAAA
#define CNAME DNS_TYPE_CNAME

static const struct dns_script k_scripts[] = {
    {.name = "both.test", .type = A, .records = {{0, NULL, A, "192.0.2.1"}}},
    {.name = "both.test", .type = AAAA, .records = {{0, NULL, AAAA, "2001:db8::1"}}},
    {.name = "four.test",
     .type = A,
     .records = {{0, NULL, A, "192.0.2.9"}, {0, NULL, A, "192.0.2.8"}}},
    {.name = "four.test", .type = AAAA},
    {.name = "six.test", .type = A},
    {.name = "six.test", .type = AAAA, .records = {{0, NULL, AAAA, "2001:db8::6"}}},
    {.name = "empty.test"},
    {.name = "servfail.test", .rcode = DNS_RCODE_SERVFAIL},
    {.name = "refused.test", .rcode = DNS_RCODE_REFUSED},
    {.name = "notimp.test", .rcode = DNS_RCODE_NOTIMP},
    {.name = "odd.test", .rcode = 9},
    {.name = "silent.test", .silent = true},
    {.name = "garbage.test", .garbage = true},
    {.name = "half.test", .type = A, .records = {{0, NULL, A, "192.0.2.2"}}},
    {.name = "half.test", .type = AAAA, .rcode = DNS_RCODE_SERVFAIL},
    {.name = "halfsilent.test", .type = A, .records = {{0, NULL, A, "192.0.2.2"}}},
    {.name = "halfsilent.test", .type = AAAA, .silent = true},
    {.name = "nodata-fail.test", .type = A},
    {.name = "nodata-fail.test", .type = AAAA, .rcode = DNS_RCODE_SERVFAIL},
    {.name = "nx-fail.test", .type = A, .rcode = DNS_RCODE_NXDOMAIN},
    {.name = "nx-fail.test", .type = AAAA, .rcode = DNS_RCODE_SERVFAIL},
    {.name = "fail-silent.test", .type = A, .rcode = DNS_RCODE_SERVFAIL},
    {.name = "fail-silent.test", .type = AAAA, .silent = true},
    {.name = "alias.test",
     .type = A,
     .records = {{0, NULL, CNAME, "one.test"},
                 {0, "one.test", CNAME, "two.test"},
                 {0, "two.test", A, "192.0.2.3"}}},
    {.name = "alias.test",
     .type = AAAA,
     .records = {{0, NULL, CNAME, "one.test"}, {0, "one.test", CNAME, "two.test"}}},
    {.name = "backwards.test",
     .type = A,
     .records = {{0, "two.test", A, "192.0.2.3"},
                 {0, "one.test", CNAME, "two.test"},
                 {0, NULL, CNAME, "one.test"}}},
    {.name = "backwards.test", .type = AAAA},
    {.name = "dangling.test",
     .rcode = DNS_RCODE_NXDOMAIN,
     .records = {{0, NULL, CNAME, "gone.test"}}},
    {.name = "alias-empty.test", .records = {{0, NULL, CNAME, "empty.test"}}},
    {.name = "loop.test",
     .records = {{0, NULL, CNAME, "pool.test"}, {0, "pool.test", CNAME, "loop.test"}}},
    {.name = "twice.test",
     .type = A,
     .records = {{0, NULL, A, "192.0.2.4"}, {0, NULL, A, "192.0.2.5"}, {0, NULL, A, "192.0.2.4"}}},
    {.name = "twice.test", .type = AAAA},
    {.name = "poison.test",
     .type = A,
     .records = {{DNS_ANSWER, "other.test", A, "203.0.113.1"},
                 {DNS_ANSWER, NULL, A, "192.0.2.6"},
                 {DNS_AUTHORITY, NULL, A, "203.0.113.2"},
                 {DNS_ADDITIONAL, NULL, A, "203.0.113.3"},
                 {DNS_ADDITIONAL, "ns.poison.test", A, "203.0.113.4"}}},
    {.name = "poison.test",
     .type = AAAA,
     .records = {{DNS_ADDITIONAL, NULL, AAAA, "2001:db8::bad"}}},
    {.name = "wrongtype.test", .type = A, .records = {{0, NULL, AAAA, "2001:db8::7"}}},
    {.name = "wrongtype.test", .type = AAAA},
    {.name = "many.test", .type = A, .many = 100},
    {.name = "many.test", .type = AAAA},
    {.name = "flood.test", .type = A, .many = 1100, .truncate_udp = true},
    {.name = "flood.test", .type = AAAA, .truncate_udp = true},
    {.name = "truncated.test",
     .type = A,
     .truncate_udp = true,
     .records = {{0, NULL, A, "192.0.2.7"}}},
    {.name = "truncated.test",
     .type = AAAA,
     .truncate_udp = true,
     .records = {{0, NULL, AAAA, "2001:db8::7"}}},
};

/* What one lookup came to. */
struct answer {
    unsigned calls;
    enum tc_outcome outcome;
    char detail[512];
    char addresses[2048]; /* separated by a space */
    char cnames[512];
    size_t num_addresses;
    int64_t dns_us;
    enum tc_dns_source source;
};

struct fixture {
    uv_loop_t loop;
    struct dns_server server;
    struct dns_server second;
    struct tc_dns *dns;
    struct tc_resolver *resolver;
};

static void keep_answer(void *context, const struct tc_resolution *resolution)
{
    struct answer *answer = context;
    size_t at = 0;
    answer->calls++;
    answer->outcome = resolution->outcome;
    answer->num_addresses = resolution->num_addresses;
    answer->dns_us = resolution->dns_us;
    answer->source = resolution->source;
    snprintf(answer->detail, sizeof answer->detail, "%s", resolution->detail);
    snprintf(answer->cnames, sizeof answer->cnames, "%s",
             resolution->cname_chain != NULL ? resolution->cname_chain : "");
    answer->addresses[0] = '\0';
    for (size_t i = 0; i < resolution->num_addresses; i++) {
        char text[TC_ADDRESS_TEXT_MAX];
        tc_address_format(text, &resolution->addresses[i]);
        at += (size_t)snprintf(answer->addresses + at, sizeof answer->addresses - at, "%s%s",
                               i > 0 ? " " : "", text);
        assert_true(at < sizeof answer->addresses);
    }
}

/* A resolver on the servers that are open; `options` may carry the rest. */
static void open_resolver(struct fixture *fixture, struct tc_dns_options options)
{
    const char *servers[] = {fixture->server.text, fixture->second.text};
    struct tc_error error = {""};
    if (options.hosts_path == NULL) {
        options.servers = servers;
        options.num_servers = fixture->second.open ? 2 : 1;
    }
    options.timeout_ms = options.timeout_ms > 0 ? options.timeout_ms : 5000;
    options.workers = 1;
    assert_int_equal(tc_dns_new(&fixture->dns, &options, &error), TC_OK);
    assert_int_equal(tc_resolver_new(&fixture->resolver, fixture->dns, &fixture->loop, &error),
                     TC_OK);
}

static void open_fixture(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    dns_server_start(&fixture->server, &fixture->loop, k_scripts, TC_ARRAY_LEN(k_scripts));
}

static void close_fixture(struct fixture *fixture)
{
    tc_resolver_free(fixture->resolver);
    dns_server_stop(&fixture->server);
    dns_server_stop(&fixture->second);
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&fixture->loop), 0); /* every handle was closed */
    tc_dns_free(fixture->dns);
}

static void run(struct fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(tc_resolver_pending(fixture->resolver), 0);
}

static void ask_for(struct fixture *fixture, struct answer *answer, const char *name)
{
    memset(answer, 0, sizeof *answer);
    assert_int_equal(tc_resolver_lookup(fixture->resolver, name, keep_answer, answer), TC_OK);
    assert_int_equal(answer->calls, 0); /* never inside the call */
}

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
    {"silence", "silent.test", TC_OUTCOME_DNS_TIMEOUT, "", "", "within 0.1 s", 0, 100},
    {"IPv4 stands when IPv6 fails, and that is told", "half.test", TC_OUTCOME_OK, "192.0.2.2", "",
     "IPv6: resolver 127.0.0.1", 0, 0},
    {"IPv4 stands when IPv6 is silent", "halfsilent.test", TC_OUTCOME_OK, "192.0.2.2", "",
     "IPv6: no answer", 0, 100},
    {"no IPv4, and IPv6 unknown", "nodata-fail.test", TC_OUTCOME_DNS_FAILURE, "", "",
     "IPv4: the name exists and has no IPv4 address; IPv6: resolver", 0, 0},
    {"NXDOMAIN counts for both families", "nx-fail.test", TC_OUTCOME_DNS_NOT_FOUND, "", "",
     "NXDOMAIN", 0, 0},
    {"one failure and one silence", "fail-silent.test", TC_OUTCOME_DNS_FAILURE, "", "",
     "SERVFAIL; IPv6: no answer", 0, 100},
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
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 60});
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

static void equal_lookups_are_one(void **state)
{
    struct fixture fixture;
    struct answer answers[10];
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    for (size_t i = 0; i < TC_ARRAY_LEN(answers); i++) {
        ask_for(&fixture, &answers[i], i % 2 == 0 ? "both.test" : "Both.Test.");
    }
    assert_int_equal(tc_resolver_pending(fixture.resolver), TC_ARRAY_LEN(answers));
    run(&fixture);
    assert_int_equal(fixture.server.num_queries, 2);
    assert_int_equal(answers[0].source, TC_DNS_NETWORK);
    for (size_t i = 1; i < TC_ARRAY_LEN(answers); i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_string_equal(answers[i].addresses, answers[0].addresses);
        assert_int_equal(answers[i].source, TC_DNS_CACHE);
        assert_int_equal(answers[i].dns_us, TC_TIME_UNKNOWN);
    }
    close_fixture(&fixture);
}

static void a_lost_query_is_sent_again(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 700});
    fixture.server.lose = 2;
    ask_for(&fixture, &answer, "both.test");
    run(&fixture);
    assert_int_equal(answer.outcome, TC_OUTCOME_OK);
    assert_true(fixture.server.num_queries >= 4);
    close_fixture(&fixture);
}

static void the_cap_holds(void **state)
{
    enum { NUM = 1000 };
    struct fixture fixture;
    struct answer *answers = calloc(NUM, sizeof *answers);
    (void)state;
    assert_non_null(answers);
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    fixture.server.hold_ms = 2;
    for (size_t i = 0; i < NUM; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%zu.test", i);
        ask_for(&fixture, &answers[i], name);
    }
    assert_int_equal(tc_resolver_pending(fixture.resolver), NUM);
    run(&fixture);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_int_equal(answers[i].outcome, TC_OUTCOME_DNS_NOT_FOUND);
    }
    assert_true(fixture.server.most_held > 64); /* it does keep many in flight */
    assert_true(fixture.server.most_held <= 128);
    close_fixture(&fixture);
    free(answers);
}

static void silent_names_do_not_hold_up_others(void **state)
{
    enum { NUM = 200 };
    static struct dns_script scripts[NUM + 1];
    static char names[NUM][32];
    struct fixture fixture;
    struct answer *answers = calloc(NUM, sizeof *answers);
    struct answer good;
    (void)state;
    assert_non_null(answers);
    open_fixture(&fixture);
    for (size_t i = 0; i < NUM; i++) {
        snprintf(names[i], sizeof names[i], "dead%zu.test", i);
        scripts[i] = (struct dns_script){.name = names[i], .silent = true};
    }
    scripts[NUM] = (struct dns_script){.name = "good.test", .type = A};
    fixture.server.scripts = scripts;
    fixture.server.num_scripts = TC_ARRAY_LEN(scripts);
    open_resolver(&fixture, (struct tc_dns_options){.family = TC_FAMILY_IPV4, .timeout_ms = 60000});
    for (size_t i = 0; i < NUM; i++) {
        ask_for(&fixture, &answers[i], names[i]);
    }
    ask_for(&fixture, &good, "good.test");
    while (good.calls == 0) {
        assert_int_not_equal(uv_run(&fixture.loop, UV_RUN_ONCE), 0);
    }
    assert_int_equal(good.outcome, TC_OUTCOME_DNS_NO_ADDRESS);
    assert_int_equal(tc_resolver_pending(fixture.resolver), NUM); /* all dead ones still wait */
    close_fixture(&fixture);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(answers[i].outcome, TC_OUTCOME_INTERRUPTED);
    }
    free(answers);
}

static void cancel_ends_all_at_once(void **state)
{
    enum { NUM = 300 };
    struct fixture fixture;
    struct answer *answers = calloc(NUM, sizeof *answers);
    struct answer after;
    (void)state;
    assert_non_null(answers);
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    fixture.server.hold_ms = 10;
    for (size_t i = 0; i < NUM; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%zu.test", i);
        ask_for(&fixture, &answers[i], name);
    }
    uv_run(&fixture.loop, UV_RUN_ONCE); /* some are out, some wait */
    tc_resolver_cancel(fixture.resolver);
    assert_int_equal(tc_resolver_pending(fixture.resolver), 0);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(answers[i].calls, 1);
        assert_int_equal(answers[i].outcome, TC_OUTCOME_INTERRUPTED);
        assert_int_equal(answers[i].num_addresses, 0);
    }
    ask_for(&fixture, &after, "both.test"); /* it can still be used */
    run(&fixture);
    assert_int_equal(after.outcome, TC_OUTCOME_OK);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(answers[i].calls, 1); /* late answers find nobody */
    }
    close_fixture(&fixture);
    free(answers);
}

static void free_with_lookups_in_flight(void **state)
{
    struct fixture fixture;
    struct answer silent;
    struct answer truncated;
    struct answer literal;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    ask_for(&fixture, &silent, "silent.test");
    ask_for(&fixture, &truncated, "truncated.test");
    ask_for(&fixture, &literal, "192.0.2.1");
    while (fixture.server.num_queries < 3) {
        uv_run(&fixture.loop, UV_RUN_ONCE);
    }
    tc_resolver_free(fixture.resolver);
    fixture.resolver = NULL;
    assert_int_equal(silent.calls, 1);
    assert_int_equal(silent.outcome, TC_OUTCOME_INTERRUPTED);
    assert_int_equal(truncated.calls, 1);
    assert_int_equal(literal.calls, 1);
    close_fixture(&fixture);
}

static void a_late_answer_finds_nobody(void **state)
{
    struct fixture fixture;
    struct answer answer;
    struct answer after;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 40});
    fixture.server.hold_ms = 80;
    ask_for(&fixture, &answer, "both.test");
    run(&fixture);
    assert_int_equal(answer.outcome, TC_OUTCOME_DNS_TIMEOUT);
    assert_int_equal(answer.calls, 1);
    fixture.server.hold_ms = 0;
    ask_for(&fixture, &after, "four.test");
    run(&fixture);
    assert_int_equal(after.calls, 1);
    assert_int_equal(answer.calls, 1);
    close_fixture(&fixture);
}

/* Two servers: the first fails or is silent, the second knows. */
static void another_server_is_asked(void **state)
{
    static const struct dns_script failing[] = {
        {.name = "both.test", .rcode = DNS_RCODE_SERVFAIL},
        {.name = "four.test", .rcode = DNS_RCODE_REFUSED},
        {.name = "six.test", .garbage = true},
        {.name = "servfail.test", .rcode = DNS_RCODE_SERVFAIL},
    };
    const char *names[] = {"both.test", "four.test", "six.test"};
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    fixture.second = (struct dns_server){0};
    dns_server_start(&fixture.second, &fixture.loop, k_scripts, TC_ARRAY_LEN(k_scripts));
    fixture.server.scripts = failing;
    fixture.server.num_scripts = TC_ARRAY_LEN(failing);
    open_resolver(&fixture, (struct tc_dns_options){0});
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        ask_for(&fixture, &answer, names[i]);
        run(&fixture);
        assert_int_equal(answer.outcome, TC_OUTCOME_OK);
        assert_true(answer.dns_us > 0);
    }
    ask_for(&fixture, &answer, "servfail.test");
    run(&fixture);
    assert_int_equal(answer.outcome, TC_OUTCOME_DNS_FAILURE);
    assert_non_null(strstr(answer.detail, "the 2 resolvers answered SERVFAIL"));
    close_fixture(&fixture);
}

static void a_silent_first_server_loses_its_place(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    dns_server_start(&fixture.second, &fixture.loop, k_scripts, TC_ARRAY_LEN(k_scripts));
    fixture.server.lose = 1000000;
    open_resolver(&fixture, (struct tc_dns_options){.family = TC_FAMILY_IPV4, .timeout_ms = 300});
    for (int i = 0; i < 10; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%d.test", i);
        ask_for(&fixture, &answer, name);
        run(&fixture);
        assert_int_equal(answer.outcome, TC_OUTCOME_DNS_NOT_FOUND);
    }
    assert_true(fixture.server.num_queries < 10);
    assert_true(fixture.second.num_queries >= 10);
    close_fixture(&fixture);
}

static void no_server_there(void **state)
{
    struct fixture fixture;
    struct answer answer;
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 500});
    dns_server_stop(&fixture.server); /* its port now refuses */
    uv_run(&fixture.loop, UV_RUN_DEFAULT);
    ask_for(&fixture, &answer, "both.test");
    run(&fixture);
    assert_int_equal(answer.outcome, TC_OUTCOME_DNS_FAILURE);
    assert_non_null(strstr(answer.detail, "cannot be reached"));
    close_fixture(&fixture);
}

/* A file of one test, gone at its end. */
static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void the_hosts_file_comes_first(void **state)
{
    char hosts[] = "/tmp/tlscensus-hosts-XXXXXX";
    char resolv[] = "/tmp/tlscensus-resolv-XXXXXX";
    struct fixture fixture;
    struct answer answer;
    struct answer localhost;
    (void)state;
    write_file(hosts,
               "192.0.2.50 Named.Test other\n2001:db8::50 named.test # 192.0.2.51 named.test\n");
    write_file(resolv, "# ours\nsearch example.com\nnameserver 127.0.0.1\n");
    open_fixture(&fixture);
    open_resolver(&fixture,
                  (struct tc_dns_options){.hosts_path = hosts, .resolv_conf_path = resolv});
    ask_for(&fixture, &answer, "named.test");
    ask_for(&fixture, &localhost, "www.localhost");
    run(&fixture);
    assert_int_equal(answer.source, TC_DNS_HOSTS);
    assert_string_equal(answer.addresses, "192.0.2.50 2001:db8::50");
    assert_int_equal(answer.dns_us, TC_TIME_UNKNOWN);
    assert_string_equal(localhost.addresses, "127.0.0.1 ::1");
    assert_int_equal(fixture.server.num_queries, 0);
    close_fixture(&fixture);
    unlink(hosts);
    unlink(resolv);
}

static void the_rate_is_kept(void **state)
{
    enum { NUM = 12 };
    struct fixture fixture;
    struct answer answers[NUM];
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){.family = TC_FAMILY_IPV4, .rate = 100});
    uint64_t start = uv_hrtime();
    for (size_t i = 0; i < NUM; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%zu.test", i);
        ask_for(&fixture, &answers[i], name);
    }
    run(&fixture);
    /* Two tokens may be there at once; no upper bound: the machine may be slow. */
    assert_true(uv_hrtime() - start >= 90000000U);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(answers[i].outcome, TC_OUTCOME_DNS_NOT_FOUND);
    }
    close_fixture(&fixture);
}

/* A callback that starts the next lookup, as a worker does. */
struct chain {
    struct fixture *fixture;
    unsigned left;
};

static void start_next(void *context, const struct tc_resolution *resolution)
{
    struct chain *chain = context;
    char name[32];
    assert_int_not_equal(resolution->outcome, TC_OUTCOME_OK);
    if (chain->left == 0) {
        return;
    }
    chain->left--;
    snprintf(name, sizeof name, "n%u.test", chain->left);
    assert_int_equal(tc_resolver_lookup(chain->fixture->resolver, name, start_next, chain), TC_OK);
}

static void a_callback_may_start_lookups(void **state)
{
    struct fixture fixture;
    struct chain chain = {&fixture, 50};
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    assert_int_equal(tc_resolver_lookup(fixture.resolver, "first.test", start_next, &chain), TC_OK);
    run(&fixture);
    assert_int_equal(chain.left, 0);
    close_fixture(&fixture);
}

static void refuse_after_free(void *context, const struct tc_resolution *resolution)
{
    struct chain *chain = context;
    assert_int_equal(resolution->outcome, TC_OUTCOME_INTERRUPTED);
    assert_int_equal(tc_resolver_lookup(chain->fixture->resolver, "more.test", start_next, chain),
                     TC_ERR_CANCELLED);
    chain->left = 1;
}

static void a_callback_in_free_starts_nothing(void **state)
{
    struct fixture fixture;
    struct chain chain = {&fixture, 0};
    (void)state;
    open_fixture(&fixture);
    open_resolver(&fixture, (struct tc_dns_options){0});
    assert_int_equal(tc_resolver_lookup(fixture.resolver, "silent.test", refuse_after_free, &chain),
                     TC_OK);
    close_fixture(&fixture);
    assert_int_equal(chain.left, 1);
}

int main(void)
{
    const struct CMUnitTest scenarios[] = {
        cmocka_unit_test(cap_is_a_named_constant),
        cmocka_unit_test(only_what_was_asked_has_a_time),
        cmocka_unit_test(silence_has_no_time),
        cmocka_unit_test(negative_answers_are_remembered_and_failures_not),
        cmocka_unit_test(equal_lookups_are_one),
        cmocka_unit_test(a_lost_query_is_sent_again),
        cmocka_unit_test(the_cap_holds),
        cmocka_unit_test(silent_names_do_not_hold_up_others),
        cmocka_unit_test(cancel_ends_all_at_once),
        cmocka_unit_test(free_with_lookups_in_flight),
        cmocka_unit_test(a_late_answer_finds_nobody),
        cmocka_unit_test(another_server_is_asked),
        cmocka_unit_test(a_silent_first_server_loses_its_place),
        cmocka_unit_test(no_server_there),
        cmocka_unit_test(the_hosts_file_comes_first),
        cmocka_unit_test(the_rate_is_kept),
        cmocka_unit_test(a_callback_may_start_lookups),
        cmocka_unit_test(a_callback_in_free_starts_nothing),
    };
    struct CMUnitTest rows[TC_ARRAY_LEN(k_lookup_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_lookup_cases); i++) {
        rows[i].name = k_lookup_cases[i].title;
        rows[i].test_func = check_lookup;
        rows[i].initial_state = &k_lookup_cases[i];
    }
    int failed = cmocka_run_group_tests_name("resolver_lookups", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("resolver", scenarios, NULL, NULL);
}
