#include "dns.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cares.h"

/*
 * Lookups remembered: some 200 bytes each. Half of the window in which targets are shuffled, so
 * that two ports of one name mostly meet, and memory does not grow with the list.
 */
#define DNS_CACHE_ENTRIES 32768U
#define RESOLV_CONF_PATH  "/etc/resolv.conf"
#define HOSTS_PATH        "/etc/hosts"

/* A port from 1 to 65535 in decimal digits alone. */
static bool parse_port(uint16_t *out, const char *text)
{
    unsigned port = 0;
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 5 || text[len] != '\0') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX) {
        return false;
    }
    *out = (uint16_t)port;
    return true;
}

/* "ADDR", "ADDR:PORT" (IPv4), "[ADDR]", "[ADDR]:PORT" (IPv6) */
static bool parse_server(struct tc_dns_server *out, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    const char *start = text;
    const char *end = text + strlen(text);
    const char *port = NULL;
    struct tc_dns_server server = {{{0}, 0, 0}, TC_DNS_PORT};

    if (*text == '[') {
        start = text + 1;
        end = strchr(start, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
            return false;
        }
        port = end[1] == ':' ? end + 2 : NULL;
    } else if (strchr(text, ':') == strrchr(text, ':') && strchr(text, ':') != NULL) {
        end = strchr(text, ':'); /* one colon: IPv4 and a port; more are an IPv6 address */
        port = end + 1;
    }
    size_t len = (size_t)(end - start);
    if (len >= sizeof address) {
        return false;
    }
    memcpy(address, start, len);
    address[len] = '\0';
    if (!tc_address_parse(&server.address, address) || server.address.zone != 0 ||
        (*text == '[' && server.address.len != TC_IPV6_BYTES) ||
        (port != NULL && !parse_port(&server.port, port))) {
        return false;
    }
    *out = server;
    return true;
}

static enum tc_status given_servers(struct tc_dns *dns, const struct tc_dns_options *options,
                                    struct tc_error *error)
{
    if (options->num_servers > TC_MAX_DNS_SERVERS) {
        return tc_fail(error, TC_ERR_INPUT, "--resolver: at most %d can be given",
                       TC_MAX_DNS_SERVERS);
    }
    for (size_t i = 0; i < options->num_servers; i++) {
        if (!parse_server(&dns->servers[dns->num_servers], options->servers[i])) {
            return tc_fail(error, TC_ERR_INPUT,
                           "--resolver %s: not an address; give 192.0.2.53, 192.0.2.53:5353 or "
                           "[2001:db8::53]:5353",
                           options->servers[i]);
        }
        dns->num_servers++;
    }
    return TC_OK;
}

/* The server of a line "nameserver ADDRESS", or nothing. */
static void read_resolv_line(struct tc_dns *dns, char *line, bool *skipped_zone)
{
    static const char keyword[] = "nameserver";
    size_t keyword_len = sizeof keyword - 1;
    if (strncmp(line, keyword, keyword_len) != 0 ||
        (line[keyword_len] != ' ' && line[keyword_len] != '\t') ||
        dns->num_servers == TC_MAX_DNS_SERVERS) {
        return;
    }
    char *address = line + keyword_len + strspn(line + keyword_len, " \t");
    address[strcspn(address, " \t\r\n#;")] = '\0';
    struct tc_dns_server *server = &dns->servers[dns->num_servers];
    if (strchr(address, '%') != NULL) {
        *skipped_zone = true; /* c-ares 1.18 has no place for the interface */
    } else if (tc_address_parse(&server->address, address)) {
        server->port = TC_DNS_PORT;
        dns->num_servers++;
    }
}

/*
 * resolv.conf(5) without `nameserver` means a server on this machine, which mostly is a machine
 * without network and not one with a server: we say so rather than let every name fail.
 */
static enum tc_status system_servers(struct tc_dns *dns, const char *path, struct tc_error *error)
{
    char line[1024];
    bool skipped_zone = false;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return tc_fail(error, TC_ERR_RESOLVER, "%s: %s; name a DNS server with --resolver ADDRESS",
                       path, strerror(errno));
    }
    while (fgets(line, sizeof line, file) != NULL) {
        read_resolv_line(dns, line, &skipped_zone);
    }
    fclose(file);
    if (dns->num_servers == 0) {
        return tc_fail(error, TC_ERR_RESOLVER,
                       "%s names no DNS server%s; name one with --resolver ADDRESS", path,
                       skipped_zone ? " that can be used (only link-local ones)" : "");
    }
    return TC_OK;
}

static void describe_servers(struct tc_dns *dns)
{
    char address[TC_ADDRESS_TEXT_MAX];
    const struct tc_dns_server *first = &dns->servers[0];
    tc_address_format(address, &first->address);
    if (dns->num_servers > 1) {
        snprintf(dns->servers_text, sizeof dns->servers_text, "the %zu resolvers",
                 dns->num_servers);
    } else if (first->port != TC_DNS_PORT) {
        snprintf(dns->servers_text, sizeof dns->servers_text, "resolver %s port %u", address,
                 (unsigned)first->port);
    } else {
        snprintf(dns->servers_text, sizeof dns->servers_text, "resolver %s", address);
    }
}

enum tc_status tc_dns_new(struct tc_dns **out, const struct tc_dns_options *options,
                          struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_dns *dns = calloc(1, sizeof *dns);
    if (dns == NULL || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        free(dns);
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    assert(options->workers > 0 && options->timeout_ms > 0);
    dns->family = options->family;
    dns->timeout_ms = options->timeout_ms;
    dns->rate = options->rate / options->workers;
    if (options->num_servers > 0) {
        status = given_servers(dns, options, error);
    } else {
        status = system_servers(
            dns, options->resolv_conf_path != NULL ? options->resolv_conf_path : RESOLV_CONF_PATH,
            error);
        if (status == TC_OK) {
            const char *path = options->hosts_path != NULL ? options->hosts_path : HOSTS_PATH;
            status = tc_hosts_read(&dns->hosts, path);
            if (status != TC_OK) {
                tc_fail(error, status, "%s: %s", path, tc_status_str(status));
            }
        }
    }
    if (status == TC_OK) {
        status = tc_dns_cache_new(&dns->cache, DNS_CACHE_ENTRIES);
        if (status != TC_OK) {
            tc_fail(error, status, "out of memory");
        }
    }
    if (status != TC_OK) {
        tc_dns_free(dns);
        return status;
    }
    describe_servers(dns);
    *out = dns;
    return TC_OK;
}

void tc_dns_free(struct tc_dns *dns)
{
    if (dns == NULL) {
        return;
    }
    tc_hosts_free(dns->hosts);
    tc_dns_cache_free(dns->cache);
    free(dns);
    ares_library_cleanup();
}
