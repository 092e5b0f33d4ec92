/* The hosts file: read once, then asked by any thread. */
#ifndef TLSCENSUS_SCANNER_DNS_HOSTS_H
#define TLSCENSUS_SCANNER_DNS_HOSTS_H

#include <stddef.h>

#include "address.h"
#include "tlscensus/scan.h"
#include "tlscensus/status.h"

struct tc_hosts;
/*
 * tc_hosts_read reads `path`. A missing or unreadable file is an empty one, as in hosts(5)'s other
 * readers; lines that make no sense are skipped, as there.
 * Errors: TC_ERR_NOMEM, TC_ERR_LIMIT (a file of more than 64 MiB).
 */
TC_MUST_USE enum tc_status tc_hosts_read(struct tc_hosts **out, const char *path);
/*
 * tc_hosts_find gives the addresses of `name` (lower case, without a dot at its end), IPv4 first,
 * else in the file's order, no duplicates, at most `max`. Returns their number. "localhost" and all
 * below it are the loopback addresses where the file has none for them (RFC 6761 section 6.3).
 */
size_t tc_hosts_find(const struct tc_hosts *hosts, struct tc_address *out, size_t max,
                     const char *name, enum tc_family family);
void tc_hosts_free(struct tc_hosts *hosts);

#endif
