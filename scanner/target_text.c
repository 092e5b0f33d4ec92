/* One item of input taken apart: scheme, host or block, pinned address, ports, path. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "target_item.h"

/* What is left of an item while it is taken apart. */
struct item_rest {
    const char *text;
    size_t len;
};

/* Text of the input inside a reason: a piece that is too long to be any use is cut. */
#define QUOTE_MAX       60
#define QUOTED(text, n) ((n) < QUOTE_MAX ? (int)(n) : QUOTE_MAX), (text)

static bool rest_begins(const struct item_rest *rest, char c)
{
    return rest->len > 0 && rest->text[0] == c;
}

static void rest_skip(struct item_rest *rest, size_t n)
{
    rest->text += n;
    rest->len -= n;
}

static bool is_one_of(char c, const char *set)
{
    while (*set != '\0' && *set != c) {
        set++;
    }
    return *set != '\0';
}

/* Length of the piece before the first of `stops`. */
static size_t rest_span(const struct item_rest *rest, const char *stops)
{
    size_t n = 0;
    while (n < rest->len && !is_one_of(rest->text[n], stops)) {
        n++;
    }
    return n;
}

static size_t digits_span(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] >= '0' && text[n] <= '9') {
        n++;
    }
    return n;
}

enum tc_status tc_target_scheme_parse(enum tc_protocol *out, struct target_reason *reason,
                                      const char *text, size_t len)
{
    enum tc_protocol protocol = tc_protocol_find(text, len);
    if (protocol == TC_PROTOCOL_COUNT) {
        return tc_target_refuse(reason,
                                "unknown scheme \"%.*s\"; use tls://HOST:PORT for a port that "
                                "speaks TLS from the first byte",
                                QUOTED(text, len));
    }
    *out = protocol;
    return TC_OK;
}

/* One port number. */
static enum tc_status parse_port(uint16_t *out, struct target_reason *reason, const char *text,
                                 size_t len)
{
    size_t digits = digits_span(text, len);
    if (digits == 0 || digits < len) {
        return tc_target_refuse(reason, "port \"%.*s\" is not a number", QUOTED(text, len));
    }
    unsigned port = 0;
    for (size_t i = 0; i < len && port <= UINT16_MAX; i++) {
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port > UINT16_MAX) {
        return tc_target_refuse(reason, "port %.*s is above 65535", QUOTED(text, len));
    }
    if (port == 0) {
        return tc_target_refuse(reason, "port 0 cannot be connected to");
    }
    *out = (uint16_t)port;
    return TC_OK;
}

/* Ports named twice in one item are one. */
static enum tc_status add_port(struct target_item *item, struct target_reason *reason,
                               uint16_t port)
{
    for (size_t i = 0; i < item->num_ports; i++) {
        if (item->ports[i] == port) {
            return TC_OK;
        }
    }
    if (item->num_ports == TARGET_PORTS_MAX) {
        return tc_target_refuse(reason, "more than %u ports", TARGET_PORTS_MAX);
    }
    item->ports[item->num_ports++] = port;
    return TC_OK;
}

/* Numbers between any of `separators`. */
static enum tc_status parse_ports(struct target_item *item, struct target_reason *reason,
                                  struct item_rest rest, const char *separators)
{
    for (;;) {
        size_t n = rest_span(&rest, separators);
        const char *text = rest.text;
        size_t len = n;
        tc_target_trim(&text, &len);
        if (len == 0) {
            return tc_target_refuse(reason, "a port number is missing");
        }
        uint16_t port = 0;
        enum tc_status status = parse_port(&port, reason, text, len);
        if (status == TC_OK) {
            status = add_port(item, reason, port);
        }
        if (status != TC_OK || n == rest.len) {
            return status;
        }
        rest_skip(&rest, n + 1);
    }
}

enum tc_status tc_target_ports_parse(struct target_item *item, struct target_reason *reason,
                                     const char *text, size_t len)
{
    struct item_rest rest = {text, len};
    return parse_ports(item, reason, rest, ",;");
}

enum tc_status tc_target_ports_add(struct tc_target_ports *ports, const char *text,
                                   struct tc_error *error)
{
    struct target_reason reason = {.text = ""};
    struct target_item item;
    item.num_ports = ports->num_ports;
    memcpy(item.ports, ports->ports, ports->num_ports * sizeof item.ports[0]);
    if (tc_target_ports_parse(&item, &reason, text, strlen(text)) != TC_OK) {
        return tc_fail(error, TC_ERR_INPUT, "%s", reason.text);
    }
    ports->num_ports = item.num_ports;
    memcpy(ports->ports, item.ports, item.num_ports * sizeof item.ports[0]);
    return TC_OK;
}

/* http:// is how many lists write a web site: its TLS is looked for where https has it. */
static enum tc_status settle_http(struct target_item *item, struct target_reason *reason)
{
    if (item->num_ports > 1 || (item->num_ports == 1 && item->ports[0] != 80)) {
        return tc_target_refuse(reason,
                                "http has no TLS; write https:// if port %" PRIu16 " speaks it",
                                item->ports[0]);
    }
    item->num_ports = 0;
    return TC_OK;
}

/* scheme "://" (RFC 3986 section 3.1); without one the port decides later. */
static enum tc_status take_scheme(struct target_item *item, bool *is_http,
                                  struct target_reason *reason, struct item_rest *rest)
{
    size_t n = rest_span(rest, ":/?#[{@, ");
    if (rest->len < n + 3 || memcmp(rest->text + n, "://", 3) != 0) {
        return TC_OK;
    }
    const char *scheme = rest->text;
    rest_skip(rest, n + 3);
    item->has_protocol = true;
    *is_http = n == 4 && strncasecmp(scheme, "http", 4) == 0;
    if (*is_http) {
        item->protocol = TC_PROTOCOL_HTTPS;
        return TC_OK;
    }
    if (n == 10 && strncasecmp(scheme, "postgresql", 10) == 0) {
        n = strlen("postgres");
    }
    return tc_target_scheme_parse(&item->protocol, reason, scheme, n);
}

/* user@host and user:password@host. The words never repeat what may be a password. */
static enum tc_status refuse_user(struct target_reason *reason, const struct target_item *item,
                                  const struct item_rest *rest)
{
    size_t n = rest_span(rest, "/?#");
    const char *at = memchr(rest->text, '@', n);
    if (at == NULL) {
        return TC_OK;
    }
    if (item->has_protocol) {
        return tc_target_refuse(reason, "a user name in the address; leave out what is before @");
    }
    const char *host = at + 1;
    return tc_target_refuse(reason, "a mail address, not a host; write %.*s for its web site",
                            QUOTED(host, (size_t)(rest->text + n - host)));
}

static enum tc_status refuse_size(struct target_reason *reason, unsigned prefix, unsigned free_bits,
                                  uint64_t max_cidr)
{
    char count[32];
    if (free_bits < 64) {
        snprintf(count, sizeof count, "%" PRIu64, UINT64_C(1) << free_bits);
    } else {
        snprintf(count, sizeof count, "2^%u", free_bits);
    }
    return tc_target_refuse(
        reason, "/%u is %s addresses, more than %" PRIu64 "; --max-cidr raises that limit", prefix,
        count, max_cidr);
}

/* "/24" behind an address. Leaves `rest` alone where the slash begins a path. */
static enum tc_status take_prefix(struct target_item *item, struct target_reason *reason,
                                  struct item_rest *rest, uint64_t max_cidr)
{
    size_t digits = digits_span(rest->text + 1, rest->len - 1);
    size_t after = 1 + digits;
    if (digits == 0 || (after < rest->len && rest->text[after] != ':')) {
        return TC_OK;
    }
    unsigned bits = (unsigned)item->address.len * 8;
    unsigned prefix = 0;
    for (size_t i = 1; i < after && prefix <= bits; i++) {
        prefix = prefix * 10 + (unsigned)(rest->text[i] - '0');
    }
    if (prefix > bits) {
        return tc_target_refuse(reason, "/%.*s is more than the %u bits of an IPv%d address",
                                QUOTED(rest->text + 1, digits), bits, bits == 32 ? 4 : 6);
    }
    unsigned free_bits = bits - prefix;
    if (free_bits >= 64 || UINT64_C(1) << free_bits > max_cidr) {
        return refuse_size(reason, prefix, free_bits, max_cidr);
    }
    item->num_addresses = UINT64_C(1) << free_bits;
    tc_target_address_mask(&item->address, prefix);
    rest_skip(rest, after);
    return TC_OK;
}

/* "[2001:db8::7]", also with a prefix inside the brackets. */
static enum tc_status take_bracketed(struct target_item *item, struct target_reason *reason,
                                     struct item_rest *rest, uint64_t max_cidr)
{
    const char *text = rest->text + 1;
    const char *end = memchr(rest->text, ']', rest->len);
    if (end == NULL) {
        return tc_target_refuse(reason, "no ] behind the address");
    }
    struct item_rest inside = {text, (size_t)(end - text)};
    size_t n = rest_span(&inside, "/");
    if (memchr(text, ':', n) == NULL || !tc_target_address_parse(&item->address, text, n)) {
        return tc_target_refuse(reason, "\"%.*s\" in brackets is no IPv6 address%s",
                                QUOTED(text, inside.len),
                                memchr(text, '%', n) != NULL ? " (zones are not spoken)" : "");
    }
    item->num_addresses = 1;
    rest_skip(&inside, n);
    if (inside.len > 0) {
        enum tc_status status = take_prefix(item, reason, &inside, max_cidr);
        if (status == TC_OK && inside.len > 0) {
            status = tc_target_refuse(reason, "\"%.*s\" is no prefix length",
                                      QUOTED(inside.text, inside.len));
        }
        if (status != TC_OK) {
            return status;
        }
    }
    rest_skip(rest, (size_t)(end + 1 - rest->text));
    return TC_OK;
}

/* The host: an address with or without brackets, or a name. */
static enum tc_status take_host(struct target_item *item, struct target_reason *reason,
                                struct item_rest *rest, uint64_t max_cidr)
{
    if (rest_begins(rest, '[')) {
        return take_bracketed(item, reason, rest, max_cidr);
    }
    /* Two colons before any slash: an IPv6 address without brackets, which leaves no port. */
    size_t n = rest_span(rest, "/{?#");
    const char *colon = memchr(rest->text, ':', n);
    if (colon == NULL || memchr(colon + 1, ':', (size_t)(rest->text + n - colon - 1)) == NULL) {
        n = rest_span(rest, ":/{?#");
    }
    if (tc_target_address_parse(&item->address, rest->text, n)) {
        item->num_addresses = 1;
        rest_skip(rest, n);
        return TC_OK;
    }
    if (memchr(rest->text, ':', n) != NULL) {
        return tc_target_refuse(reason,
                                "\"%.*s\" is no IPv6 address; ports are written host:443,8443 or "
                                "[2001:db8::7]:443",
                                QUOTED(rest->text, n));
    }
    enum tc_status status =
        tc_target_name_parse(item->host, item->host_unicode, reason, rest->text, n);
    rest_skip(rest, n);
    return status;
}

/* "{192.0.2.7}": the address to go to in place of a lookup. */
static enum tc_status take_pin(struct target_item *item, struct target_reason *reason,
                               struct item_rest *rest)
{
    const char *text = rest->text + 1;
    const char *end = memchr(rest->text, '}', rest->len);
    if (end == NULL) {
        return tc_target_refuse(reason, "no } behind the pinned address");
    }
    size_t len = (size_t)(end - text);
    rest_skip(rest, len + 2);
    if (len >= 2 && text[0] == '[' && end[-1] == ']') {
        text++;
        len -= 2;
    }
    if (!tc_target_address_parse(&item->pinned, text, len)) {
        return tc_target_refuse(reason, "\"%.*s\" in braces is no IP address", QUOTED(text, len));
    }
    if (item->num_addresses > 0) {
        return tc_target_refuse(reason, "an address cannot be pinned to another one");
    }
    return TC_OK;
}

/* What stands behind the host: prefix, pin, ports, path. */
static enum tc_status take_tail(struct target_item *item, struct target_reason *reason,
                                struct item_rest *rest, uint64_t max_cidr)
{
    enum tc_status status = TC_OK;
    if (rest_begins(rest, '{')) {
        status = take_pin(item, reason, rest);
    } else if (rest_begins(rest, '/') && item->num_addresses > 0) {
        status = take_prefix(item, reason, rest, max_cidr);
    } else if (rest_begins(rest, '/') && !item->has_protocol && rest->len > 1 &&
               digits_span(rest->text + 1, rest->len - 1) == rest->len - 1) {
        status =
            tc_target_refuse(reason, "a block of addresses starts with an address, not a name");
    }
    if (status == TC_OK && rest_begins(rest, ':')) {
        rest_skip(rest, 1);
        struct item_rest ports = {rest->text, rest_span(rest, "/?#")};
        rest_skip(rest, ports.len);
        status = ports.len > 0 ? parse_ports(item, reason, ports, ",")
                               : tc_target_refuse(reason, "no port behind the colon");
    }
    if (status == TC_OK && rest->len > 0 && !is_one_of(rest->text[0], "/?#")) {
        status = tc_target_refuse(reason, "\"%.*s\" is not understood here",
                                  QUOTED(rest->text, rest->len));
    }
    return status;
}

static void item_clear(struct target_item *item)
{
    item->has_protocol = false;
    item->protocol = TC_PROTOCOL_HTTPS;
    item->host[0] = '\0';
    item->host_unicode[0] = '\0';
    item->sni[0] = '\0';
    item->address = (struct tc_address){.len = 0};
    item->num_addresses = 0;
    item->num_ports = 0;
    item->pinned = (struct tc_address){.len = 0};
}

enum tc_status tc_target_item_parse(struct target_item *item, struct target_reason *reason,
                                    const char *text, size_t len, uint64_t max_cidr)
{
    struct item_rest rest = {text, len};
    bool is_http = false;
    item_clear(item); /* not the arrays: two kilobytes a line would show */
    tc_target_trim(&rest.text, &rest.len);
    if (rest.len > TARGET_ITEM_MAX) {
        return tc_target_refuse(reason, "an item of %zu bytes; at most %u are read", rest.len,
                                TARGET_ITEM_MAX);
    }
    if (memchr(rest.text, '\0', rest.len) != NULL) {
        return tc_target_refuse(reason, "a NUL byte in the line");
    }
    enum tc_status status = take_scheme(item, &is_http, reason, &rest);
    if (status == TC_OK) {
        status = refuse_user(reason, item, &rest);
    }
    if (status == TC_OK) {
        status = take_host(item, reason, &rest, max_cidr);
    }
    if (status == TC_OK) {
        status = take_tail(item, reason, &rest, max_cidr);
    }
    if (status == TC_OK && is_http) {
        status = settle_http(item, reason);
    }
    return status;
}
