/* A resolver with many lookups: limits, other servers, cancelling, and what callbacks may do. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolver_fixture.h"
#include "scanner/dns_message.h"

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
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 2000});
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
    scripts[NUM] = (struct dns_script){.name = "good.test", .type = DNS_TYPE_A};
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
    open_second_server(&fixture);
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
    open_second_server(&fixture);
    fixture.server.lose = 1000000;
    open_resolver(&fixture, (struct tc_dns_options){.family = TC_FAMILY_IPV4, .timeout_ms = 1500});
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
    open_resolver(&fixture, (struct tc_dns_options){.timeout_ms = 5000});
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
    const struct CMUnitTest tests[] = {
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
    return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
