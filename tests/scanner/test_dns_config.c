/* Servers, resolv.conf and the hosts file. */
#include "test_support.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/dns.h"

static void write_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct server_case {
    const char *title;
    const char *text;
    enum tc_status status;
    const char *address;
    uint16_t port;
} k_server_cases[] = {
    {"IPv4", "192.0.2.53", TC_OK, "192.0.2.53", 53},
    {"IPv4 and port", "192.0.2.53:5353", TC_OK, "192.0.2.53", 5353},
    {"IPv6", "2001:db8::53", TC_OK, "2001:db8::53", 53},
    {"IPv6 in brackets", "[2001:db8::53]", TC_OK, "2001:db8::53", 53},
    {"IPv6 and port", "[::1]:65535", TC_OK, "::1", 65535},
    {"nothing", "", TC_ERR_INPUT, NULL, 0},
    {"a name", "dns.example", TC_ERR_INPUT, NULL, 0},
    {"a name and port", "dns.example:53", TC_ERR_INPUT, NULL, 0},
    {"port 0", "192.0.2.53:0", TC_ERR_INPUT, NULL, 0},
    {"port 65536", "192.0.2.53:65536", TC_ERR_INPUT, NULL, 0},
    {"an empty port", "192.0.2.53:", TC_ERR_INPUT, NULL, 0},
    {"a port with a tail", "192.0.2.53:53x", TC_ERR_INPUT, NULL, 0},
    {"a port with a sign", "192.0.2.53:+53", TC_ERR_INPUT, NULL, 0},
    {"IPv4 in brackets", "[192.0.2.53]:53", TC_ERR_INPUT, NULL, 0},
    {"an open bracket", "[::1", TC_ERR_INPUT, NULL, 0},
    {"junk behind the bracket", "[::1]53", TC_ERR_INPUT, NULL, 0},
    {"a zone", "fe80::1%lo", TC_ERR_INPUT, NULL, 0},
    {"a port alone", ":53", TC_ERR_INPUT, NULL, 0},
};

static void check_server(void **state)
{
    const struct server_case *row = *state;
    const char *servers[] = {row->text};
    const struct tc_dns_options options = {
        .servers = servers, .num_servers = 1, .timeout_ms = 100, .workers = 1};
    struct tc_dns *dns = NULL;
    struct tc_error error = {""};
    assert_int_equal(tc_dns_new(&dns, &options, &error), row->status);
    if (row->status != TC_OK) {
        assert_null(dns);
        assert_non_null(strstr(error.text, "--resolver"));
        return;
    }
    char text[TC_ADDRESS_TEXT_MAX];
    tc_address_format(text, &dns->servers[0].address);
    assert_string_equal(text, row->address);
    assert_int_equal(dns->servers[0].port, row->port);
    assert_null(dns->hosts); /* given servers stand alone */
    tc_dns_free(dns);
}

static void too_many_servers(void **state)
{
    const char *servers[TC_MAX_DNS_SERVERS + 1];
    struct tc_dns_options options = {.servers = servers, .timeout_ms = 100, .workers = 1};
    struct tc_dns *dns = NULL;
    struct tc_error error = {""};
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(servers); i++) {
        servers[i] = "192.0.2.53";
    }
    options.num_servers = TC_ARRAY_LEN(servers);
    assert_int_equal(tc_dns_new(&dns, &options, &error), TC_ERR_INPUT);
    options.num_servers = TC_MAX_DNS_SERVERS;
    assert_int_equal(tc_dns_new(&dns, &options, &error), TC_OK);
    tc_dns_free(dns);
}

static struct resolv_case {
    const char *title;
    const char *text; /* NULL: no such file */
    enum tc_status status;
    size_t num_servers;
    const char *error;
} k_resolv_cases[] = {
    {"two servers", "# c\nnameserver 192.0.2.1\nnameserver\t2001:db8::1 # x\nsearch a.b\n", TC_OK,
     2, ""},
    {"no newline at the end", "nameserver 192.0.2.1", TC_OK, 1, ""},
    {"a link-local one is left out", "nameserver fe80::1%lo\nnameserver 192.0.2.1\n", TC_OK, 1, ""},
    {"junk lines are skipped",
     "nameserver\nnameserver x\nnameservers 192.0.2.9\nnameserver 192.0.2.1\n", TC_OK, 1, ""},
    {"no such file", NULL, TC_ERR_RESOLVER, 0, "--resolver"},
    {"an empty file", "", TC_ERR_RESOLVER, 0, "names no DNS server; name one with --resolver"},
    {"only comments", "# nameserver 192.0.2.1\n;nameserver 192.0.2.1\n", TC_ERR_RESOLVER, 0,
     "--resolver"},
    {"only a link-local one", "nameserver fe80::1%lo\n", TC_ERR_RESOLVER, 0, "link-local"},
    {"only names", "nameserver dns.example\n", TC_ERR_RESOLVER, 0, "--resolver"},
};

static void check_resolv(void **state)
{
    const struct resolv_case *row = *state;
    char path[] = "/tmp/tlscensus-resolv-XXXXXX";
    struct tc_dns *dns = NULL;
    struct tc_error error = {""};
    write_file(path, row->text != NULL ? row->text : "");
    if (row->text == NULL) {
        unlink(path);
    }
    const struct tc_dns_options options = {.resolv_conf_path = path,
                                           .hosts_path = "/nonexistent/hosts",
                                           .timeout_ms = 100,
                                           .workers = 2};
    assert_int_equal(tc_dns_new(&dns, &options, &error), row->status);
    if (row->status == TC_OK) {
        assert_int_equal(dns->num_servers, row->num_servers);
        assert_non_null(dns->hosts); /* a missing hosts file is an empty one */
        tc_dns_free(dns);
    } else {
        assert_null(dns);
        assert_non_null(strstr(error.text, row->error));
    }
    unlink(path);
}

static const char k_hosts[] = "127.0.0.1\tlocalhost\n"
                              "::1 localhost ip6-localhost\n"
                              "# comment\n"
                              "192.0.2.1  Web.Test. web www # more words\r\n"
                              "2001:db8::1 web.test\n"
                              "192.0.2.2 web.test\n"
                              "192.0.2.1 web.test\n"
                              "nonsense other.test\n"
                              "192.0.2.3\n"
                              "\n"
                              "192.0.2.4 last.test";

static struct hosts_case {
    const char *title;
    const char *name;
    enum tc_family family;
    const char *addresses;
} k_hosts_cases[] = {
    {"IPv4 first, no duplicates", "web.test", TC_FAMILY_BOTH, "192.0.2.1 192.0.2.2 2001:db8::1"},
    {"-4", "web.test", TC_FAMILY_IPV4, "192.0.2.1 192.0.2.2"},
    {"-6", "web.test", TC_FAMILY_IPV6, "2001:db8::1"},
    {"a second name", "www", TC_FAMILY_BOTH, "192.0.2.1"},
    {"a last line without an end", "last.test", TC_FAMILY_BOTH, "192.0.2.4"},
    {"localhost", "localhost", TC_FAMILY_BOTH, "127.0.0.1 ::1"},
    {"below localhost", "x.localhost", TC_FAMILY_BOTH, "127.0.0.1 ::1"},
    {"below localhost, -6", "x.localhost", TC_FAMILY_IPV6, "::1"},
    {"not localhost", "notlocalhost", TC_FAMILY_BOTH, ""},
    {"comments are no names", "more", TC_FAMILY_BOTH, ""},
    {"a line without an address", "other.test", TC_FAMILY_BOTH, ""},
    {"a part of a name", "web.tes", TC_FAMILY_BOTH, ""},
    {"a name without the family", "last.test", TC_FAMILY_IPV6, ""},
    {"nothing", "", TC_FAMILY_BOTH, ""},
};

static void check_hosts(void **state)
{
    const struct hosts_case *row = *state;
    char path[] = "/tmp/tlscensus-hosts-XXXXXX";
    char text[512] = "";
    struct tc_hosts *hosts = NULL;
    struct tc_address addresses[8];
    write_file(path, k_hosts);
    assert_int_equal(tc_hosts_read(&hosts, path), TC_OK);
    size_t num = tc_hosts_find(hosts, addresses, TC_ARRAY_LEN(addresses), row->name, row->family);
    for (size_t i = 0; i < num; i++) {
        char address[TC_ADDRESS_TEXT_MAX];
        tc_address_format(address, &addresses[i]);
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? " " : "", address);
    }
    assert_string_equal(text, row->addresses);
    assert_true(tc_hosts_find(hosts, addresses, 1, row->name, row->family) <= 1);
    tc_hosts_free(hosts);
    unlink(path);
}

static void a_folder_is_an_empty_file(void **state)
{
    struct tc_hosts *hosts = NULL;
    struct tc_address address;
    (void)state;
    assert_int_equal(tc_hosts_read(&hosts, "/tmp"), TC_OK);
    assert_int_equal(tc_hosts_find(hosts, &address, 1, "web.test", TC_FAMILY_BOTH), 0);
    tc_hosts_free(hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_servers),
        cmocka_unit_test(a_folder_is_an_empty_file),
    };
    struct CMUnitTest servers[TC_ARRAY_LEN(k_server_cases)] = {0};
    struct CMUnitTest resolv[TC_ARRAY_LEN(k_resolv_cases)] = {0};
    struct CMUnitTest hosts[TC_ARRAY_LEN(k_hosts_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_server_cases); i++) {
        servers[i].name = k_server_cases[i].title;
        servers[i].test_func = check_server;
        servers[i].initial_state = &k_server_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_resolv_cases); i++) {
        resolv[i].name = k_resolv_cases[i].title;
        resolv[i].test_func = check_resolv;
        resolv[i].initial_state = &k_resolv_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_hosts_cases); i++) {
        hosts[i].name = k_hosts_cases[i].title;
        hosts[i].test_func = check_hosts;
        hosts[i].initial_state = &k_hosts_cases[i];
    }
    int failed = cmocka_run_group_tests_name("dns_servers", servers, NULL, NULL);
    failed += cmocka_run_group_tests_name("dns_resolv_conf", resolv, NULL, NULL);
    failed += cmocka_run_group_tests_name("dns_hosts", hosts, NULL, NULL);
    return failed + cmocka_run_group_tests_name("dns_config", tests, NULL, NULL);
}
