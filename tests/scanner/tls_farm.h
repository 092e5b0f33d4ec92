/*
 * TLS servers on several loopback addresses and one port, with a DNS server beside them, on a
 * thread of their own. They count what the scanner does to them.
 */
#ifndef TLS_FARM_H
#define TLS_FARM_H

#include <stdatomic.h>
#include <stdbool.h>

#include <uv.h>

#include "dns_server.h"
#include "tls_peer.h"

#define FARM_MAX_ADDRESSES 32

struct farm_site {
    struct tls_farm *farm;
    uv_tcp_t listener;
    char address[16]; /* 127.0.2.1 … */
    struct farm_client *clients;
    unsigned most_at_once; /* connections that the scanner had not ended */
    unsigned num_accepted;
};

struct tls_farm {
    /* Set before the start. */
    unsigned num_sites;
    bool silent; /* accept and say nothing */
    const struct dns_script *scripts;
    size_t num_scripts;

    uint16_t port;
    char dns[32]; /* "127.0.0.1:PORT" */
    uv_thread_t thread;
    uv_loop_t loop;
    uv_async_t stop;
    struct dns_server dns_server;
    struct farm_site sites[FARM_MAX_ADDRESSES];
    unsigned num_open; /* clients */
    unsigned most_open;
    unsigned num_resets; /* talks that the scanner ended with RST */
};

void tls_farm_start(struct tls_farm *farm);
/* The counts may be read afterwards. */
void tls_farm_stop(struct tls_farm *farm);

#endif
