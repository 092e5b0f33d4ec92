#include "resolver_fixture.h"

#include <stdio.h>
#include <string.h>

#include "scanner/dns_message.h"
#include "test_support.h"

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

void open_resolver(struct fixture *fixture, struct tc_dns_options options)
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

void open_fixture(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    dns_server_start(&fixture->server, &fixture->loop, k_scripts, TC_ARRAY_LEN(k_scripts));
}

void open_second_server(struct fixture *fixture)
{
    dns_server_start(&fixture->second, &fixture->loop, k_scripts, TC_ARRAY_LEN(k_scripts));
}

void close_fixture(struct fixture *fixture)
{
    tc_resolver_free(fixture->resolver);
    dns_server_stop(&fixture->server);
    dns_server_stop(&fixture->second);
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&fixture->loop), 0); /* every handle was closed */
    tc_dns_free(fixture->dns);
}

void run(struct fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(tc_resolver_pending(fixture->resolver), 0);
}

void ask_for(struct fixture *fixture, struct answer *answer, const char *name)
{
    memset(answer, 0, sizeof *answer);
    assert_int_equal(tc_resolver_lookup(fixture->resolver, name, keep_answer, answer), TC_OK);
    assert_int_equal(answer->calls, 0); /* never inside the call */
}
