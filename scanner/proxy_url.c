#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "address.h"
#include "tlscensus/scan.h"

#define PROXY_HINT "give http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT"

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
    return c != '\0' && found != NULL ? (int)(found - digits) : -1;
}

/* RFC 3986 section 2.1. A NUL inside would cut the text, so it is refused. */
static bool decode(char *out, size_t out_len, const char *from, size_t len)
{
    size_t at = 0;
    size_t i = 0;
    while (i < len) {
        char c = from[i++];
        if (c == '%') {
            int high = len - i >= 2 ? hex_value(from[i]) : -1;
            int low = len - i >= 2 ? hex_value(from[i + 1]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                return false;
            }
            c = (char)(unsigned char)(high * 16 + low);
            i += 2;
        }
        if (at + 1 >= out_len) {
            return false;
        }
        out[at++] = c;
    }
    out[at] = '\0';
    return true;
}

/* "USER:PASSWORD" or "USER", percent-encoded. */
static bool parse_user(struct tc_proxy *proxy, const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    size_t user_len = colon != NULL ? (size_t)(colon - text) : len;
    return user_len > 0 && decode(proxy->user, sizeof proxy->user, text, user_len) &&
           (colon == NULL ||
            decode(proxy->password, sizeof proxy->password, colon + 1, len - user_len - 1));
}

static bool parse_port(uint16_t *out, const char *text, size_t len)
{
    unsigned port = 0;
    if (len == 0 || len > 5) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    *out = (uint16_t)port;
    return port > 0 && port <= UINT16_MAX;
}

/* "HOST:PORT" or "[ADDRESS]:PORT" */
static bool parse_host_port(struct tc_proxy *proxy, const char *text, size_t len)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:%";
    struct tc_address address;
    bool bracket = len > 0 && text[0] == '[';
    const char *host = bracket ? text + 1 : text;
    const char *end = memchr(host, bracket ? ']' : ':', len - (bracket ? 1 : 0));
    const char *colon = end != NULL && bracket ? end + 1 : end;
    if (end == NULL || end == host || (size_t)(end - host) >= sizeof proxy->host ||
        colon >= text + len || *colon != ':' ||
        !parse_port(&proxy->port, colon + 1, (size_t)(text + len - colon - 1))) {
        return false;
    }
    memcpy(proxy->host, host, (size_t)(end - host));
    proxy->host[end - host] = '\0';
    if (bracket) {
        return tc_address_parse(&address, proxy->host) && address.len == TC_IPV6_BYTES;
    }
    return strspn(proxy->host, letters) == strlen(proxy->host);
}

/* The scheme, and where what follows it begins; NULL where it is none of ours. */
static const char *parse_scheme(struct tc_proxy *proxy, const char *url)
{
    static const struct {
        const char *text;
        enum tc_proxy_kind kind;
        bool resolves;
    } schemes[] = {
        {"http://", TC_PROXY_HTTP, false},
        {"socks5://", TC_PROXY_SOCKS5, false},
        {"socks5h://", TC_PROXY_SOCKS5, true},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(schemes); i++) {
        size_t len = strlen(schemes[i].text);
        if (strncmp(url, schemes[i].text, len) == 0) {
            proxy->kind = schemes[i].kind;
            proxy->resolves = schemes[i].resolves;
            return url + len;
        }
    }
    return NULL;
}

/* The errors do not repeat the text: it may hold a password. */
enum tc_status tc_proxy_parse(struct tc_proxy *out, const char *url, bool resolve,
                              struct tc_error *error)
{
    struct tc_proxy proxy;
    memset(&proxy, 0, sizeof proxy);
    const char *rest = parse_scheme(&proxy, url);
    if (rest == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "--proxy: unknown kind of proxy; " PROXY_HINT);
    }
    size_t len = strcspn(rest, "/?#");
    if (rest[len] != '\0' && strcmp(rest + len, "/") != 0) {
        return tc_fail(error, TC_ERR_INPUT, "--proxy: a path makes no sense here; " PROXY_HINT);
    }
    /* The last @ ends user and password: neither may hold one but as %40, yet people paste them. */
    size_t at = len;
    while (at > 0 && rest[at - 1] != '@') {
        at--;
    }
    if (at > 0 && !parse_user(&proxy, rest, at - 1)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--proxy: user or password cannot be read (write special characters as "
                       "%%XX, at most 255)");
    }
    if (proxy.kind == TC_PROXY_HTTP && strchr(proxy.user, ':') != NULL) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--proxy: a user with a colon cannot log in by HTTP (RFC 7617)");
    }
    if (!parse_host_port(&proxy, rest + at, len - at)) {
        return tc_fail(error, TC_ERR_INPUT, "--proxy: host or port cannot be read; " PROXY_HINT);
    }
    proxy.resolves = proxy.resolves || resolve;
    *out = proxy;
    return TC_OK;
}
