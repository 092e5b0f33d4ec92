#define _DEFAULT_SOURCE /* struct tcp_info */
#include "tls_farm.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct farm_client {
    uv_tcp_t tcp; /* first member */
    struct farm_site *site;
    struct farm_client *next;
    struct tls_peer tls;
    char buffer[16384];
};

struct farm_write {
    uv_write_t request; /* first member */
    uint8_t *bytes;
};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void client_closed(uv_handle_t *handle)
{
    struct farm_client *client = (struct farm_client *)(void *)handle;
    tls_peer_cleanup(&client->tls);
    free(client);
}

static void close_client(struct farm_client *client)
{
    struct farm_client **link = &client->site->clients;
    while (*link != client) {
        link = &(*link)->next;
    }
    *link = client->next;
    client->site->farm->num_open--;
    uv_close((uv_handle_t *)&client->tcp, client_closed);
}

/* Whether the client has not sent its FIN: events may come late, the kernel's word does not. */
static bool is_established(const struct farm_client *client)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    uv_os_fd_t fd = -1;
    return uv_fileno((const uv_handle_t *)&client->tcp, &fd) == 0 &&
           getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_state == TCP_ESTABLISHED;
}

static void written(uv_write_t *request, int status)
{
    struct farm_write *write = (struct farm_write *)(void *)request;
    (void)status;
    free(write->bytes);
    free(write);
}

static void answer(struct farm_client *client)
{
    size_t len = 0;
    uint8_t *bytes = tls_peer_take(&client->tls, &len);
    struct farm_write *write = calloc(1, sizeof *write);
    require(write != NULL);
    write->bytes = bytes;
    uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)len);
    if (len == 0 ||
        uv_write(&write->request, (uv_stream_t *)&client->tcp, &buffer, 1, written) != 0) {
        free(bytes);
        free(write);
    }
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    struct farm_client *client = (struct farm_client *)(void *)handle;
    (void)wanted;
    *out = uv_buf_init(client->buffer, sizeof client->buffer);
}

static void has_read(uv_stream_t *stream, ssize_t num, const uv_buf_t *buffer)
{
    struct farm_client *client = (struct farm_client *)(void *)stream;
    if (num == 0) {
        return;
    }
    if (num < 0) {
        client->site->farm->num_resets += num == UV_ECONNRESET ? 1 : 0;
        close_client(client);
        return;
    }
    if (!client->site->farm->silent) {
        tls_peer_feed(&client->tls, (const uint8_t *)buffer->base, (size_t)num);
        answer(client);
    }
}

static void count(struct farm_site *site)
{
    unsigned num = 0;
    struct tls_farm *farm = site->farm;
    for (const struct farm_client *client = site->clients; client != NULL; client = client->next) {
        num += is_established(client) ? 1 : 0;
    }
    site->num_accepted++;
    site->most_at_once = num > site->most_at_once ? num : site->most_at_once;
    farm->most_open = farm->num_open > farm->most_open ? farm->num_open : farm->most_open;
}

static void connected(uv_stream_t *listener, int status)
{
    static const struct tls_peer_options k_defaults;
    struct farm_site *site = listener->data;
    struct farm_client *client = calloc(1, sizeof *client);
    require(client != NULL && status == 0);
    require(uv_tcp_init(listener->loop, &client->tcp) == 0);
    require(uv_accept(listener, (uv_stream_t *)&client->tcp) == 0);
    tls_peer_init(&client->tls, &k_defaults);
    client->site = site;
    client->next = site->clients;
    site->clients = client;
    site->farm->num_open++;
    count(site);
    require(uv_read_start((uv_stream_t *)&client->tcp, give_buffer, has_read) == 0);
}

static void stop(uv_async_t *async)
{
    struct tls_farm *farm = async->data;
    for (unsigned i = 0; i < farm->num_sites; i++) {
        while (farm->sites[i].clients != NULL) {
            close_client(farm->sites[i].clients);
        }
        uv_close((uv_handle_t *)&farm->sites[i].listener, NULL);
    }
    dns_server_stop(&farm->dns_server);
    uv_close((uv_handle_t *)async, NULL);
}

static void run(void *context)
{
    struct tls_farm *farm = context;
    (void)uv_run(&farm->loop, UV_RUN_DEFAULT);
}

/* False where the port is taken on this address. */
static bool listen_on(struct tls_farm *farm, unsigned index)
{
    struct farm_site *site = &farm->sites[index];
    struct sockaddr_in address;
    struct sockaddr_storage bound;
    int bound_len = sizeof bound;
    site->farm = farm;
    site->listener.data = site;
    (void)snprintf(site->address, sizeof site->address, "127.0.2.%u", index + 1);
    require(uv_ip4_addr(site->address, farm->port, &address) == 0);
    require(uv_tcp_init(&farm->loop, &site->listener) == 0);
    if (uv_tcp_bind(&site->listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&site->listener, 512, connected) != 0) {
        uv_close((uv_handle_t *)&site->listener, NULL);
        return false;
    }
    require(uv_tcp_getsockname(&site->listener, (struct sockaddr *)&bound, &bound_len) == 0);
    struct sockaddr_in named;
    memcpy(&named, &bound, sizeof named);
    farm->port = ntohs(named.sin_port);
    return true;
}

/* The kernel chooses the first address's port; the others want the same. */
static void listen_everywhere(struct tls_farm *farm)
{
    for (int tries = 0; tries < 50; tries++) {
        unsigned num = 0;
        farm->port = 0;
        while (num < farm->num_sites && listen_on(farm, num)) {
            num++;
        }
        if (num == farm->num_sites) {
            return;
        }
        for (unsigned i = 0; i < num; i++) {
            uv_close((uv_handle_t *)&farm->sites[i].listener, NULL);
        }
        (void)uv_run(&farm->loop, UV_RUN_NOWAIT);
    }
    abort();
}

void tls_farm_start(struct tls_farm *farm)
{
    (void)peer_cert(); /* made here, so that the thread only reads it */
    require(farm->num_sites <= FARM_MAX_ADDRESSES && uv_loop_init(&farm->loop) == 0);
    listen_everywhere(farm);
    dns_server_start(&farm->dns_server, &farm->loop, farm->scripts, farm->num_scripts);
    (void)snprintf(farm->dns, sizeof farm->dns, "%s", farm->dns_server.text);
    require(uv_async_init(&farm->loop, &farm->stop, stop) == 0);
    farm->stop.data = farm;
    require(uv_thread_create(&farm->thread, run, farm) == 0);
}

void tls_farm_stop(struct tls_farm *farm)
{
    require(uv_async_send(&farm->stop) == 0);
    uv_thread_join(&farm->thread);
    require(uv_loop_close(&farm->loop) == 0);
}
