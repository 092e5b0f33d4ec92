/* What --proxy takes, and what it turns away. */
#include "test_support.h"

#include <stdbool.h>
#include <string.h>

#include "scanner/proxy.h"

static struct url_case {
    const char *title;
    const char *url;
    bool resolve;
    enum tc_status status;
    enum tc_proxy_kind kind;
    bool resolves;
    const char *host;
    uint16_t port;
    const char *user;
    const char *password;
} k_url_cases[] = {
    {"http", "http://proxy.test:3128", false, TC_OK, TC_PROXY_HTTP, false, "proxy.test", 3128, "",
     ""},
    {"http that resolves", "http://proxy.test:3128/", true, TC_OK, TC_PROXY_HTTP, true,
     "proxy.test", 3128, "", ""},
    {"socks5", "socks5://127.0.0.1:1080", false, TC_OK, TC_PROXY_SOCKS5, false, "127.0.0.1", 1080,
     "", ""},
    {"socks5h resolves", "socks5h://[2001:db8::1]:65535", false, TC_OK, TC_PROXY_SOCKS5, true,
     "2001:db8::1", 65535, "", ""},
    {"user and password", "http://me:p%40ss%3a@h:1", false, TC_OK, TC_PROXY_HTTP, false, "h", 1,
     "me", "p@ss:"},
    {"user alone", "socks5://me@h:1", false, TC_OK, TC_PROXY_SOCKS5, false, "h", 1, "me", ""},
    {"a pasted @ in the password", "http://me:a@b@h:1", false, TC_OK, TC_PROXY_HTTP, false, "h", 1,
     "me", "a@b"},

    {"nothing", "", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"no scheme", "proxy.test:3128", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"https is not built", "https://h:1", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"socks4 is not built", "socks4://h:1", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"no port", "http://proxy.test", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"an empty port", "http://h:", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"port 0", "http://h:0", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"port 65536", "http://h:65536", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"a port with a tail", "http://h:80x", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"no host", "http://:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"a space in the host", "http://a b:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"IPv6 without brackets", "http://2001:db8::1:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL,
     NULL},
    {"a name in brackets", "http://[h]:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"an open bracket", "http://[::1:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"nothing behind the bracket", "http://[::1]", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL,
     NULL},
    {"a path", "http://h:80/x", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"a query", "http://h:80?x", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"an empty user", "http://:secret@h:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"a cut escape", "http://u:a%4@h:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL, NULL},
    {"an escape of no digits", "http://u:a%zz@h:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL,
     NULL},
    {"a NUL in the password", "http://u:a%00b@h:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL,
     NULL},
    {"a colon in a Basic user", "http://u%3Ax:p@h:80", false, TC_ERR_INPUT, 0, false, NULL, 0, NULL,
     NULL},
};

static void check_url(void **state)
{
    const struct url_case *row = *state;
    struct tc_proxy proxy = {.port = 7};
    struct tc_error error = {""};
    assert_int_equal(tc_proxy_parse(&proxy, row->url, row->resolve, &error), row->status);
    if (row->status != TC_OK) {
        assert_int_equal(proxy.port, 7); /* untouched */
        assert_non_null(strstr(error.text, "--proxy"));
        assert_null(strstr(error.text, "secret"));
        return;
    }
    assert_int_equal(proxy.kind, row->kind);
    assert_int_equal(proxy.resolves, row->resolves);
    assert_string_equal(proxy.host, row->host);
    assert_int_equal(proxy.port, row->port);
    assert_string_equal(proxy.user, row->user);
    assert_string_equal(proxy.password, row->password);
}

int main(void)
{
    struct CMUnitTest urls[TC_ARRAY_LEN(k_url_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_url_cases); i++) {
        urls[i].name = k_url_cases[i].title;
        urls[i].test_func = check_url;
        urls[i].initial_state = &k_url_cases[i];
    }
    return cmocka_run_group_tests_name("proxy_url", urls, NULL, NULL);
}
