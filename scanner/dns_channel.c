#include "dns_channel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Answers to a burst must find room: with the kernel's default buffer, small answers to 400 queries
 * overflow it and c-ares waits for a second round. The kernel may grant less.
 */
#define DNS_RECEIVE_BUFFER_BYTES (1 << 20)
/* What passes everywhere without fragments: the size that DNS software agreed on in 2020. */
#define DNS_EDNS_BYTES 1232
/* From one local port, where c-ares (1.20 and newer) can change it: so it stays hard to guess. */
#define DNS_QUERIES_PER_PORT 1000

struct channel_poll {
    uv_poll_t handle;
    struct tc_dns_channel *channel; /* not used once the handle closes */
    struct tc_dns_channel_owner *owner;
    struct channel_poll *next;
    ares_socket_t fd;
};

struct tc_dns_channel {
    ares_channel ares;
    uv_loop_t *loop;
    struct tc_dns_channel_owner *owner;
    struct channel_poll *polls; /* one for each socket of c-ares: one UDP or TCP for each server */
};

static void on_poll_closed(uv_handle_t *handle)
{
    struct channel_poll *poll = handle->data;
    struct tc_dns_channel_owner *owner = poll->owner;
    free(poll);
    owner->num_handles--;
    owner->closed(owner->context);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    const struct channel_poll *poll = handle->data;
    struct tc_dns_channel_owner *owner = poll->owner;
    ares_channel ares = poll->channel->ares;
    ares_socket_t fd = poll->fd; /* `poll` may be closed while answers are read */
    bool readable = status < 0 || (events & UV_READABLE) != 0; /* an error is read as one */
    bool writable = status < 0 || (events & UV_WRITABLE) != 0;
    owner->woke(owner->context);
    ares_process_fd(ares, readable ? fd : ARES_SOCKET_BAD, writable ? fd : ARES_SOCKET_BAD);
    owner->settled(owner->context);
}

static struct channel_poll *poll_open(struct tc_dns_channel *channel, ares_socket_t fd)
{
    struct channel_poll *poll = calloc(1, sizeof *poll);
    if (poll == NULL || uv_poll_init(channel->loop, &poll->handle, fd) != 0) {
        free(poll); /* the queries on this socket then time out */
        return NULL;
    }
    uv_unref((uv_handle_t *)&poll->handle); /* the resolver's timer keeps the loop while it waits */
    poll->handle.data = poll;
    poll->channel = channel;
    poll->owner = channel->owner;
    poll->fd = fd;
    poll->next = channel->polls;
    channel->polls = poll;
    channel->owner->num_handles++;
    return poll;
}

/* c-ares calls this before it closes a socket (neither readable nor writable). */
static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct tc_dns_channel *channel = data;
    struct channel_poll **link = &channel->polls;
    while (*link != NULL && (*link)->fd != fd) {
        link = &(*link)->next;
    }
    struct channel_poll *poll = *link;
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (events == 0) {
        if (poll != NULL) {
            *link = poll->next;
            uv_poll_stop(&poll->handle); /* before the descriptor closes */
            uv_close((uv_handle_t *)&poll->handle, on_poll_closed);
        }
        return;
    }
    if (poll == NULL) {
        poll = poll_open(channel, fd);
    }
    if (poll != NULL) {
        uv_poll_start(&poll->handle, events, on_poll);
    }
}

/*
 * c-ares doubles its wait after each round over all servers. These waits add up to the whole
 * lookup's limit, so that a lost packet is sent again early, and c-ares itself gives up when our
 * own limit strikes: 0.7, 1.4, 2.9 s of 5 for one server.
 */
static void set_waits(struct ares_options *options, const struct tc_dns *dns)
{
    unsigned parts = dns->num_servers == 1 ? 1 + 2 + 4 : (1 + 2) * (unsigned)dns->num_servers;
    options->tries = dns->num_servers == 1 ? 3 : 2;
    options->timeout = (int)(dns->timeout_ms / parts);
    if (options->timeout < 1) {
        options->timeout = 1;
    }
}

static int set_servers(ares_channel ares, const struct tc_dns *dns, size_t first_server)
{
    struct ares_addr_port_node nodes[TC_MAX_DNS_SERVERS];
    memset(nodes, 0, sizeof nodes);
    for (size_t i = 0; i < dns->num_servers; i++) {
        const struct tc_dns_server *server = &dns->servers[(first_server + i) % dns->num_servers];
        nodes[i].next = i + 1 < dns->num_servers ? &nodes[i + 1] : NULL;
        nodes[i].family = tc_address_family(&server->address);
        nodes[i].udp_port = server->port;
        nodes[i].tcp_port = server->port;
        memcpy(&nodes[i].addr, server->address.octets, server->address.len);
    }
    return ares_set_servers_ports(ares, nodes);
}

/*
 * Failures are passed on instead of skipped (NOCHECKRESP): c-ares 1.18 would report a server that
 * answers SERVFAIL as one that cannot be reached. The resolver asks the other servers itself.
 *
 * Sockets stay open between lookups (STAYOPEN): a scan starts them one by one as endpoints finish,
 * and a socket for each would cost twice what the lookup does. Under load they stay open anyway.
 */
static int open_channel(struct tc_dns_channel *channel, const struct tc_dns *dns)
{
    char lookups[] = "b";
    struct ares_options options;
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
               ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_SOCK_RCVBUF | ARES_OPT_EDNSPSZ |
               ARES_OPT_NOROTATE;
    memset(&options, 0, sizeof options); /* no search domains among it */
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
                    ARES_FLAG_EDNS | ARES_FLAG_STAYOPEN;
    options.lookups = lookups;
    options.sock_state_cb = on_socket_state;
    options.sock_state_cb_data = channel;
    options.socket_receive_buffer_size = DNS_RECEIVE_BUFFER_BYTES;
    options.ednspsz = DNS_EDNS_BYTES;
    set_waits(&options, dns);
#ifdef ARES_OPT_UDP_MAX_QUERIES
    options.udp_max_queries = DNS_QUERIES_PER_PORT;
    mask |= ARES_OPT_UDP_MAX_QUERIES;
#endif
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* with 0 it is off: the run has a cache of its own */
#endif
    return ares_init_options(&channel->ares, &options, mask);
}

enum tc_status tc_dns_channel_new(struct tc_dns_channel **out, const struct tc_dns *dns,
                                  size_t first_server, uv_loop_t *loop,
                                  struct tc_dns_channel_owner *owner, struct tc_error *error)
{
    struct tc_dns_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    channel->loop = loop;
    channel->owner = owner;
    int rc = open_channel(channel, dns);
    if (rc != ARES_SUCCESS) {
        free(channel);
        return tc_fail(error, TC_ERR_RESOLVER, "DNS cannot be set up: %s", ares_strerror(rc));
    }
    rc = set_servers(channel->ares, dns, first_server);
    if (rc != ARES_SUCCESS) {
        tc_dns_channel_free(channel);
        return tc_fail(error, TC_ERR_RESOLVER, "DNS servers cannot be set: %s", ares_strerror(rc));
    }
    *out = channel;
    return TC_OK;
}

ares_channel tc_dns_channel_get(const struct tc_dns_channel *channel)
{
    return channel->ares;
}

void tc_dns_channel_tick(struct tc_dns_channel *channel)
{
    ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void tc_dns_channel_free(struct tc_dns_channel *channel)
{
    if (channel != NULL) {
        ares_destroy(channel->ares); /* closes its sockets through on_socket_state */
        free(channel);
    }
}
