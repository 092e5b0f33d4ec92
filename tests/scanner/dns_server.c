#include "dns_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/dns_message.h"

#define PACKET_MAX 65535U

struct packet {
    uint8_t bytes[PACKET_MAX];
    size_t len;
};

struct dns_held {
    struct dns_held *next;
    struct sockaddr_storage peer;
    size_t len;
    uint8_t bytes[];
};

struct question {
    char name[256];
    uint16_t type;
    size_t end; /* of the question section */
};

struct tcp_client {
    uv_tcp_t handle;
    struct dns_server *server;
    struct tcp_client *next;
    uint8_t bytes[1024];
    size_t len;
};

struct tcp_reply {
    uv_write_t write;
    uint8_t bytes[];
};

/* An assertion that optimised builds keep: what follows relies on it. */
static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void put(struct packet *packet, const void *bytes, size_t len)
{
    must(packet->len + len <= sizeof packet->bytes);
    memcpy(packet->bytes + packet->len, bytes, len);
    packet->len += len;
}

static void put_u16(struct packet *packet, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(packet, bytes, sizeof bytes);
}

static void put_name(struct packet *packet, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        uint8_t octet = (uint8_t)len;
        put(packet, &octet, 1);
        put(packet, name, len);
        name += len + (name[len] != '\0' ? 1 : 0);
    }
    put(packet, "", 1);
}

static void put_record(struct packet *packet, const char *owner, uint16_t type, const char *data)
{
    put_name(packet, owner);
    put_u16(packet, type);
    put_u16(packet, 1);                 /* IN */
    put(packet, "\x00\x00\x00\x3c", 4); /* one minute */
    if (type == DNS_TYPE_MX) {          /* "10 name" */
        const char *name = strchr(data, ' ');
        must(name != NULL);
        name += strcmp(name, " .") == 0 ? 2 : 1; /* the root has no label */
        put_u16(packet, (unsigned)(2 + (name[0] != '\0' ? strlen(name) + 2 : 1)));
        put_u16(packet, (unsigned)strtoul(data, NULL, 10));
        put_name(packet, name);
        return;
    }
    if (type == DNS_TYPE_CNAME) {
        put_u16(packet, (unsigned)(data[0] != '\0' ? strlen(data) + 2 : 1));
        put_name(packet, data);
        return;
    }
    uint8_t octets[16];
    int family = type == DNS_TYPE_A ? AF_INET : AF_INET6;
    must(inet_pton(family, data, octets) == 1);
    put_u16(packet, family == AF_INET ? 4 : 16);
    put(packet, octets, family == AF_INET ? 4 : 16);
}

static void read_question(struct question *out, const uint8_t *bytes, size_t len)
{
    size_t at = 12;
    size_t name_len = 0;
    must(len > 16);
    while (bytes[at] != 0) {
        size_t label = bytes[at];
        must(at + label + 5 < len && name_len + label + 1 < sizeof out->name);
        if (name_len > 0) {
            out->name[name_len++] = '.';
        }
        memcpy(out->name + name_len, bytes + at + 1, label);
        name_len += label;
        at += label + 1;
    }
    out->name[name_len] = '\0';
    out->type = (uint16_t)(bytes[at + 1] << 8 | bytes[at + 2]);
    out->end = at + 5;
}

static const struct dns_script *find_script(const struct dns_server *server,
                                            const struct question *question)
{
    for (size_t i = 0; i < server->num_scripts; i++) {
        const struct dns_script *script = &server->scripts[i];
        if (strcmp(script->name, question->name) == 0 &&
            (script->type == 0 || script->type == question->type)) {
            return script;
        }
    }
    return NULL;
}

static void put_many(struct packet *out, const struct question *question, unsigned many)
{
    for (unsigned i = 0; i < many; i++) {
        char address[32];
        snprintf(address, sizeof address, "10.0.%u.%u", i >> 8, i & 255);
        put_record(out, question->name, DNS_TYPE_A, address);
    }
}

/* Builds the reply; false where there is none. */
static bool reply(struct packet *out, struct dns_server *server, const uint8_t *bytes, size_t len,
                  bool tcp)
{
    struct question question;
    unsigned counts[3] = {0, 0, 0};
    read_question(&question, bytes, len);
    server->num_queries++;
    server->num_tcp_queries += tcp ? 1 : 0;
    server->num_edns += bytes[11] != 0 ? 1 : 0; /* ARCOUNT: the OPT record */
    const struct dns_script *script = find_script(server, &question);
    if (server->lose > 0) {
        server->lose--;
        return false;
    }
    if (script != NULL && script->silent) {
        return false;
    }
    out->len = 0;
    put(out, bytes, question.end);
    bool truncated = script != NULL && script->truncate_udp && !tcp;
    out->bytes[2] = (uint8_t)(0x81 | (truncated ? 0x02 : 0)); /* QR, RD */
    out->bytes[3] = (uint8_t)(0x80 | (script != NULL ? script->rcode : DNS_RCODE_NXDOMAIN));
    if (script != NULL && !truncated) {
        for (int section = DNS_ANSWER; section <= DNS_ADDITIONAL; section++) {
            for (const struct dns_rr *rr = script->records; rr->type != 0; rr++) {
                if (rr->section == section) {
                    put_record(out, rr->owner != NULL ? rr->owner : question.name, rr->type,
                               rr->data);
                    counts[section]++;
                }
            }
            if (section == DNS_ANSWER && script->many > 0) {
                put_many(out, &question, script->many);
                counts[section] = script->many;
            }
        }
        counts[DNS_ANSWER] += script->garbage ? 1 : 0;
    }
    for (size_t i = 0; i < 3; i++) {
        out->bytes[6 + 2 * i] = (uint8_t)(counts[i] >> 8);
        out->bytes[7 + 2 * i] = (uint8_t)counts[i];
    }
    return true;
}

static void send_udp(struct dns_server *server, const uint8_t *bytes, size_t len,
                     const struct sockaddr *peer)
{
    uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
    (void)uv_udp_try_send(&server->udp, &buffer, 1, peer); /* a lost packet is a lost packet */
}

static void on_release(uv_timer_t *timer)
{
    struct dns_server *server = timer->data;
    struct dns_held *held = server->held;
    server->held = NULL;
    server->num_held = 0;
    while (held != NULL) {
        struct dns_held *next = held->next;
        send_udp(server, held->bytes, held->len, (const struct sockaddr *)&held->peer);
        free(held);
        held = next;
    }
}

static void hold(struct dns_server *server, const struct packet *packet,
                 const struct sockaddr *peer)
{
    struct dns_held *held = calloc(1, sizeof *held + packet->len);
    must(held != NULL);
    memcpy(&held->peer, peer, sizeof(struct sockaddr_in));
    held->len = packet->len;
    memcpy(held->bytes, packet->bytes, packet->len);
    held->next = server->held;
    server->held = held;
    server->num_held++;
    if (server->num_held > server->most_held) {
        server->most_held = server->num_held;
    }
    if (!uv_is_active((const uv_handle_t *)&server->timer)) {
        uv_timer_start(&server->timer, on_release, server->hold_ms, 0);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char bytes[PACKET_MAX]; /* read and done with in one callback */
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(bytes, sizeof bytes);
}

static void on_udp(uv_udp_t *udp, ssize_t len, const uv_buf_t *buffer, const struct sockaddr *peer,
                   unsigned flags)
{
    static struct packet packet;
    struct dns_server *server = udp->data;
    (void)flags;
    if (len <= 0 || peer == NULL ||
        !reply(&packet, server, (const uint8_t *)buffer->base, (size_t)len, false)) {
        return;
    }
    if (server->hold_ms > 0) {
        hold(server, &packet, peer);
    } else {
        send_udp(server, packet.bytes, packet.len, peer);
    }
}

static void on_client_closed(uv_handle_t *handle)
{
    struct tcp_client *client = handle->data;
    struct tcp_client **link = &client->server->clients;
    while (*link != client) {
        link = &(*link)->next;
    }
    *link = client->next;
    free(client);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

static void send_tcp(uv_stream_t *stream, const struct packet *packet)
{
    struct tcp_reply *sent = malloc(sizeof *sent + packet->len + 2);
    must(sent != NULL);
    sent->write.data = sent;
    sent->bytes[0] = (uint8_t)(packet->len >> 8);
    sent->bytes[1] = (uint8_t)packet->len;
    memcpy(sent->bytes + 2, packet->bytes, packet->len);
    uv_buf_t out = uv_buf_init((char *)sent->bytes, (unsigned)packet->len + 2);
    uv_write(&sent->write, stream, &out, 1, on_written);
}

static void on_tcp(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    static struct packet packet;
    struct tcp_client *client = stream->data;
    if (len < 0) {
        if (!uv_is_closing((const uv_handle_t *)stream)) {
            uv_close((uv_handle_t *)stream, on_client_closed);
        }
        return;
    }
    must(client->len + (size_t)len <= sizeof client->bytes);
    memcpy(client->bytes + client->len, buffer->base, (size_t)len);
    client->len += (size_t)len;
    size_t query_len = 0;
    while (client->len >= 2 && client->len >= 2 + (query_len = (size_t)client->bytes[0] << 8 |
                                                               (size_t)client->bytes[1])) {
        if (reply(&packet, client->server, client->bytes + 2, query_len, true)) {
            send_tcp(stream, &packet);
        }
        client->len -= 2 + query_len;
        memmove(client->bytes, client->bytes + 2 + query_len, client->len);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct dns_server *server = listener->data;
    struct tcp_client *client = calloc(1, sizeof *client);
    must(status == 0 && client != NULL);
    uv_tcp_init(server->udp.loop, &client->handle);
    client->handle.data = client;
    client->server = server;
    client->next = server->clients;
    server->clients = client;
    uv_unref((uv_handle_t *)&client->handle); /* c-ares keeps its connections */
    uv_accept(listener, (uv_stream_t *)&client->handle);
    uv_read_start((uv_stream_t *)&client->handle, on_alloc, on_tcp);
}

/* UDP and TCP on one port; another process may hold one of the two, so try again. */
static bool bind_both(struct dns_server *server, uv_loop_t *loop)
{
    struct sockaddr_in address;
    int address_len = sizeof address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(loop, &server->tcp);
    uv_tcp_bind(&server->tcp, (const struct sockaddr *)&address, 0);
    uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&address, &address_len);
    server->port = ntohs(address.sin_port);
    uv_udp_init(loop, &server->udp);
    return uv_listen((uv_stream_t *)&server->tcp, 16, on_connection) == 0 &&
           uv_udp_bind(&server->udp, (const struct sockaddr *)&address, 0) == 0;
}

void dns_server_start(struct dns_server *server, uv_loop_t *loop, const struct dns_script *scripts,
                      size_t num_scripts)
{
    memset(server, 0, sizeof *server);
    server->scripts = scripts;
    server->num_scripts = num_scripts;
    bool bound = bind_both(server, loop);
    for (int tries = 0; !bound && tries < 20; tries++) {
        uv_close((uv_handle_t *)&server->tcp, NULL);
        uv_close((uv_handle_t *)&server->udp, NULL);
        uv_run(loop, UV_RUN_DEFAULT);
        bound = bind_both(server, loop);
    }
    must(bound);
    uv_timer_init(loop, &server->timer);
    server->udp.data = server;
    server->tcp.data = server;
    server->timer.data = server;
    snprintf(server->text, sizeof server->text, "127.0.0.1:%u", (unsigned)server->port);
    uv_udp_recv_start(&server->udp, on_alloc, on_udp);
    uv_unref((uv_handle_t *)&server->udp); /* the loop ends when the lookups do */
    uv_unref((uv_handle_t *)&server->tcp);
    server->open = true;
}

void dns_server_stop(struct dns_server *server)
{
    if (!server->open) {
        return;
    }
    on_release(&server->timer);
    for (struct tcp_client *client = server->clients; client != NULL; client = client->next) {
        if (!uv_is_closing((const uv_handle_t *)&client->handle)) {
            uv_close((uv_handle_t *)&client->handle, on_client_closed);
        }
    }
    uv_close((uv_handle_t *)&server->udp, NULL);
    uv_close((uv_handle_t *)&server->tcp, NULL);
    uv_close((uv_handle_t *)&server->timer, NULL);
    server->open = false;
}
