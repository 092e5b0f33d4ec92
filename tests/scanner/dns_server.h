/* A small DNS server for tests, on the test's own loop and on loopback: it answers by a script. */
#ifndef TEST_DNS_SERVER_H
#define TEST_DNS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

enum { DNS_ANSWER = 0, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_rr {
    int section;
    const char *owner; /* NULL: the name that was asked for */
    uint16_t type;     /* A, AAAA: `data` is an address; CNAME: a name; MX: "10 name". 0 ends it */
    const char *data;
};

/* One row answers one name and type; type 0: any. The first row that fits is taken. */
struct dns_script {
    const char *name;
    uint16_t type;
    unsigned rcode;
    bool silent;
    bool truncate_udp; /* empty with TC on UDP, whole on TCP */
    bool garbage;      /* an answer whose records cannot be read */
    unsigned many;     /* so many addresses 10.0.x.y in place of the records */
    struct dns_rr records[8];
};

struct dns_held;
struct tcp_client;
struct dns_server {
    uv_udp_t udp;
    uv_tcp_t tcp;
    uv_timer_t timer;
    bool open;
    uint16_t port;
    char text[32]; /* "127.0.0.1:PORT" */
    const struct dns_script *scripts;
    size_t num_scripts; /* a name without a row is NXDOMAIN */
    unsigned hold_ms;   /* 0: at once; else answers go out together, this long after the first */
    unsigned lose;      /* so many queries to come are not answered */
    unsigned num_queries;
    unsigned num_tcp_queries;
    unsigned num_edns;
    unsigned most_held;
    unsigned num_held;
    struct dns_held *held;
    struct tcp_client *clients;
};

void dns_server_start(struct dns_server *server, uv_loop_t *loop, const struct dns_script *scripts,
                      size_t num_scripts);
/* Closes the handles; run the loop afterwards. */
void dns_server_stop(struct dns_server *server);

#endif
