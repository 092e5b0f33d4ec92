#include "test_support.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scanner/route.h"

static struct address_case {
    const char *title;
    const char *text;
    const char *canonical; /* NULL: not an address */
    bool excluded;
    bool loopback;
} k_address_cases[] = {
    {"IPv4", "192.0.2.1", "192.0.2.1", false, false},
    {"IPv6 in its shortest form", "2001:DB8:0:0:0:0:0:1", "2001:db8::1", false, false},
    {"loopback", "127.8.9.10", "127.8.9.10", false, true},
    {"IPv6 loopback", "::1", "::1", false, true},
    {"mapped loopback", "::ffff:127.0.0.1", "::ffff:127.0.0.1", false, true},
    {"link-local with a zone", "fe80::1%lo", "fe80::1%lo", false, false},
    {"private", "10.255.255.255", "10.255.255.255", false, false},
    {"reserved may be tried", "240.0.0.1", "240.0.0.1", false, false},
    {"unspecified", "0.0.0.0", "0.0.0.0", true, false},
    {"this network", "0.1.2.3", "0.1.2.3", true, false},
    {"IPv6 unspecified", "::", "::", true, false},
    {"multicast", "224.0.0.1", "224.0.0.1", true, false},
    {"the last multicast", "239.255.255.255", "239.255.255.255", true, false},
    {"IPv6 multicast", "ff02::1", "ff02::1", true, false},
    {"broadcast", "255.255.255.255", "255.255.255.255", true, false},
    {"mapped multicast", "::ffff:224.0.0.1", "::ffff:224.0.0.1", true, false},
    {"mapped unspecified", "::ffff:0.0.0.0", "::ffff:0.0.0.0", true, false},

    {"nothing", "", NULL, false, false},
    {"a name", "localhost", NULL, false, false},
    {"three octets", "192.0.2", NULL, false, false},
    {"an octet too large", "192.0.2.256", NULL, false, false},
    {"brackets", "[::1]", NULL, false, false},
    {"a port", "192.0.2.1:443", NULL, false, false},
    {"a space", " 192.0.2.1", NULL, false, false},
    {"a zone on IPv4", "192.0.2.1%lo", NULL, false, false},
    {"an empty zone", "fe80::1%", NULL, false, false},
    {"no such interface", "fe80::1%nowhere0", NULL, false, false},
    {"far too long", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", NULL, false,
     false},
};

static void check_address(void **state)
{
    const struct address_case *row = *state;
    struct tc_address address = {{9}, 9, 9};
    char text[TC_ADDRESS_TEXT_MAX];
    bool parsed = tc_address_parse(&address, row->text);
    assert_int_equal(parsed, row->canonical != NULL);
    if (!parsed) {
        assert_int_equal(address.len, 9); /* untouched */
        return;
    }
    tc_address_format(text, &address);
    assert_string_equal(text, row->canonical);
    assert_int_equal(tc_address_never_contacted(&address) != NULL, row->excluded);
    assert_int_equal(tc_address_is_loopback(&address), row->loopback);

    struct sockaddr_storage storage;
    struct tc_address back;
    assert_true(tc_address_to_sockaddr(&storage, &address, 443) > 0);
    assert_true(tc_address_from_sockaddr(&back, &storage));
    assert_true(tc_address_equal(&back, &address));
}

static struct tc_address parse(const char *text)
{
    struct tc_address address;
    assert_true(tc_address_parse(&address, text));
    return address;
}

static void no_address_is_never_contacted(void **state)
{
    const struct tc_address none = {{0}, 0, 0};
    struct sockaddr_storage storage;
    struct tc_address out;
    char text[TC_ADDRESS_TEXT_MAX];
    (void)state;
    assert_non_null(tc_address_never_contacted(&none));
    assert_int_equal(tc_address_to_sockaddr(&storage, &none, 1), 0);
    assert_false(tc_address_from_sockaddr(&out, &storage));
    assert_false(tc_address_from_octets(&out, (const uint8_t *)"12345", 5));
    tc_address_format(text, &none);
    assert_string_equal(text, "");
}

static void loopback_has_a_route(void **state)
{
    struct tc_router *router = NULL;
    struct tc_error error = {""};
    struct tc_vantage vantage;
    char text[128];
    const struct tc_address first = parse("127.0.0.1");
    const struct tc_address second = parse("127.200.0.1");
    (void)state;
    assert_int_equal(tc_router_new(&router, NULL, &error), TC_OK);
    tc_router_get_vantage(router, &vantage);
    tc_vantage_text(text, sizeof text, &vantage);
    assert_string_equal(text, ""); /* nothing met yet */
    assert_int_equal(tc_router_test(router, &first), 0);
    assert_int_equal(tc_router_test(router, &second), 0); /* the socket serves again */
    tc_router_get_vantage(router, &vantage);
    tc_vantage_text(text, sizeof text, &vantage);
    assert_string_equal(text, "IPv4 127.0.0.1 lo");
    tc_router_free(router);
}

static void what_the_kernel_refuses_has_no_route(void **state)
{
    struct tc_router *router = NULL;
    struct tc_error error = {""};
    const struct tc_address no_zone = parse("fe80::1");
    (void)state;
    assert_int_equal(tc_router_new(&router, NULL, &error), TC_OK);
    /* A link-local address without its interface leads nowhere, on any machine. */
    assert_int_not_equal(tc_router_test(router, &no_zone), 0);
    struct tc_vantage vantage;
    tc_router_get_vantage(router, &vantage);
    assert_true(vantage.ipv6.tried);
    assert_false(vantage.ipv6.has_route);
    tc_router_free(router);
}

static void the_source_address_is_used(void **state)
{
    struct tc_router *router = NULL;
    struct tc_error error = {""};
    struct tc_vantage vantage;
    struct sockaddr_storage local;
    socklen_t local_len = sizeof local;
    struct tc_address bound;
    char text[128];
    const struct tc_address peer = parse("127.0.0.1");
    const struct tc_address peer6 = parse("::1");
    (void)state;
    assert_int_equal(tc_router_new(&router, "127.0.0.77", &error), TC_OK);
    assert_int_equal(tc_router_test(router, &peer), 0);
    tc_router_get_vantage(router, &vantage);
    tc_vantage_text(text, sizeof text, &vantage);
    assert_string_equal(text, "IPv4 127.0.0.77 lo");

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(tc_router_bind(router, fd, &peer6), 0); /* the other family: nothing to do */
    assert_int_equal(tc_router_bind(router, fd, &peer), 0);
    memset(&local, 0, sizeof local);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &local_len), 0);
    assert_true(tc_address_from_sockaddr(&bound, &local));
    tc_address_format(text, &bound);
    assert_string_equal(text, "127.0.0.77");
    close(fd);
    tc_router_free(router);
}

static void a_source_that_is_not_ours(void **state)
{
    static const char *const sources[] = {"", "eth0", "192.0.2.300", "203.0.113.7", "2001:db8::7"};
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(sources); i++) {
        struct tc_router *router = NULL;
        struct tc_error error = {""};
        assert_int_equal(tc_router_new(&router, sources[i], &error), TC_ERR_INPUT);
        assert_null(router);
        assert_non_null(strstr(error.text, "--source-address"));
    }
}

static void vantages_merge(void **state)
{
    struct tc_vantage into;
    struct tc_vantage from;
    char text[128];
    (void)state;
    memset(&into, 0, sizeof into);
    memset(&from, 0, sizeof from);
    into.ipv4 = (struct tc_vantage_family){true, true, parse("127.0.0.1"), "lo"};
    from.ipv4 = (struct tc_vantage_family){true, true, parse("192.0.2.1"), "eth0"};
    from.ipv6.tried = true;
    tc_vantage_merge(&into, &from); /* loopback gives way to what leaves the machine */
    tc_vantage_text(text, sizeof text, &into);
    assert_string_equal(text, "IPv4 192.0.2.1 eth0; IPv6 none");
    from.ipv4 = (struct tc_vantage_family){true, true, parse("127.0.0.1"), "lo"};
    from.ipv6 = (struct tc_vantage_family){true, true, parse("2001:db8::1"), ""};
    tc_vantage_merge(&into, &from); /* and does not come back */
    tc_vantage_text(text, sizeof text, &into);
    assert_string_equal(text, "IPv4 192.0.2.1 eth0; IPv6 2001:db8::1");
    tc_vantage_text(text, 10, &into); /* all of a piece or nothing */
    assert_string_equal(text, "");
    tc_vantage_text(text, 30, &into);
    assert_string_equal(text, "IPv4 192.0.2.1 eth0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_address_is_never_contacted),
        cmocka_unit_test(loopback_has_a_route),
        cmocka_unit_test(what_the_kernel_refuses_has_no_route),
        cmocka_unit_test(the_source_address_is_used),
        cmocka_unit_test(a_source_that_is_not_ours),
        cmocka_unit_test(vantages_merge),
    };
    struct CMUnitTest rows[TC_ARRAY_LEN(k_address_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_address_cases); i++) {
        rows[i].name = k_address_cases[i].title;
        rows[i].test_func = check_address;
        rows[i].initial_state = &k_address_cases[i];
    }
    int failed = cmocka_run_group_tests_name("address", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
