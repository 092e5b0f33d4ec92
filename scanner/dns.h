/* What the resolvers of a run share; inside of struct tc_dns. Written once, before the workers. */
#ifndef TLSCENSUS_SCANNER_DNS_H
#define TLSCENSUS_SCANNER_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "dns_cache.h"
#include "dns_hosts.h"
#include "resolver.h"

#define TC_MAX_DNS_SERVERS 8
#define TC_DNS_PORT        53

struct tc_dns_server {
    struct tc_address address;
    uint16_t port;
};

struct tc_dns {
    struct tc_dns_server servers[TC_MAX_DNS_SERVERS]; /* in the order in which they are asked */
    size_t num_servers;
    char servers_text[128]; /* for details: "resolver 192.0.2.53", "the 3 resolvers" */
    enum tc_family family;
    unsigned timeout_ms;
    double rate;            /* of one worker; 0: no limit */
    struct tc_hosts *hosts; /* NULL where servers were given */
    struct tc_dns_cache *cache;
};

#endif
