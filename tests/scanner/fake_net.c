#include "fake_net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_MS  INT64_C(1000)
#define WALL_S     MAKE_NOW_S
#define RTT_US     777
#define NEVER      INT64_MAX
#define MAX_EVENTS 2000000
#define DRIBBLE_US 1000

static int64_t fake_now_us(void *context)
{
    const struct fake_net *net = context;
    return net->now_us;
}

static int64_t fake_wall_s(void *context)
{
    (void)context;
    return WALL_S;
}

static uint32_t fake_random(void *context)
{
    const struct fake_net *net = context;
    return net->random;
}

/* Steps of an attempt that was given up are not played in the next one. */
static void skip_to_attempt(struct fake_net *net)
{
    if (net->num_opened == 0) {
        return;
    }
    while (net->step->kind != FAKE_SILENCE && net->step->kind != FAKE_AGAIN) {
        net->step++;
    }
    if (net->step->kind == FAKE_AGAIN) {
        net->step++;
    }
}

static void forget_peer(struct fake_net *net)
{
    if (net->has_tls) {
        memcpy(net->heard, net->tls.heard, sizeof net->heard);
        tls_peer_cleanup(&net->tls);
        net->has_tls = false;
    }
    free(net->input);
    free(net->output);
    net->input = NULL;
    net->input_len = 0;
    net->output = NULL;
    net->output_len = 0;
    net->input_end = false;
    net->input_error = 0;
    net->is_connected = false;
    net->connect_error = 0;
    net->has_written = false;
}

static int fake_open(void *context, struct tc_connection *connection,
                     const struct tc_address *address, uint16_t port)
{
    struct fake_net *net = context;
    (void)address;
    (void)port;
    skip_to_attempt(net);
    forget_peer(net);
    net->num_opened++;
    net->mark_us = net->now_us;
    if (net->step->kind == FAKE_OPEN_FAILS) {
        return -net->step->error;
    }
    connection->fd = 0;
    return 0;
}

static int fake_connected(void *context, struct tc_connection *connection, int64_t *out_rtt_us)
{
    const struct fake_net *net = context;
    (void)connection;
    if (net->connect_error != 0) {
        return -net->connect_error;
    }
    *out_rtt_us = RTT_US;
    return net->is_connected ? 0 : -EINPROGRESS;
}

static ssize_t fake_read(void *context, struct tc_connection *connection, uint8_t *out, size_t len)
{
    struct fake_net *net = context;
    (void)connection;
    if (net->input_len == 0) {
        if (net->input_error != 0) {
            return -net->input_error;
        }
        return net->input_end ? 0 : -EAGAIN;
    }
    size_t taken = len < net->input_len ? len : net->input_len;
    memcpy(out, net->input, taken);
    memmove(net->input, net->input + taken, net->input_len - taken);
    net->input_len -= taken;
    return (ssize_t)taken;
}

static ssize_t fake_write(void *context, struct tc_connection *connection, const uint8_t *bytes,
                          size_t len)
{
    struct fake_net *net = context;
    (void)connection;
    if (net->input_error != 0) {
        return -EPIPE;
    }
    if (net->is_blocked) {
        return -EAGAIN;
    }
    size_t taken = len;
    if (net->write_room > 0 && len > net->write_room) {
        taken = net->write_room;
        net->is_blocked = true;
    }
    size_t room = sizeof net->written;
    for (size_t i = 0; i < taken && net->num_written + i < room; i++) {
        net->written[net->num_written + i] = bytes[i];
    }
    net->num_written += taken;
    net->has_written = true;
    net->wrote_us = net->now_us;
    if (net->has_tls) {
        tls_peer_feed(&net->tls, bytes, taken);
        net->output_us = net->now_us + net->tls_after_ms * US_PER_MS;
    }
    return (ssize_t)taken;
}

static void fake_shutdown(void *context, struct tc_connection *connection)
{
    (void)context;
    (void)connection;
}

static void fake_close(void *context, struct tc_connection *connection)
{
    struct fake_net *net = context;
    (void)connection;
    net->num_closed++;
    forget_peer(net);
}

static void part(void *owner, struct tc_connection *connection)
{
    (void)owner;
    tc_connection_close(connection);
}

static void paused(void *owner, struct tc_endpoint *endpoint)
{
    struct fake_net *net = owner;
    (void)endpoint;
    net->num_pauses++;
}

static void ready(void *owner, struct tc_endpoint *endpoint)
{
    struct fake_net *net = owner;
    tc_endpoint_begin(endpoint, &net->connection);
    if (net->prepares) {
        tc_endpoint_prepare(endpoint);
    }
}

static void done(void *owner, struct tc_endpoint *endpoint, struct tc_observation *observation)
{
    struct fake_net *net = owner;
    (void)endpoint;
    net->is_done = true;
    net->observation = observation;
}

void fake_net_init(struct fake_net *net, const struct fake_step *script,
                   const struct tc_scan_options *options, const struct tc_tls *tls,
                   struct tc_target *target)
{
    static const struct tc_address k_address = {.octets = {192, 0, 2, 1}, .len = TC_IPV4_BYTES};
    *net = (struct fake_net){.step = script, .now_us = FAKE_START_US, .output_us = NEVER};
    net->io = (struct tc_io){
        .context = net,
        .now_us = fake_now_us,
        .wall_s = fake_wall_s,
        .random_u32 = fake_random,
        .open = fake_open,
        .connected = fake_connected,
        .read = fake_read,
        .write = fake_write,
        .shutdown = fake_shutdown,
        .close = fake_close,
    };
    net->shared = (struct tc_endpoint_shared){
        .io = &net->io,
        .options = options,
        .tls = tls,
        .proxy_address = options->proxy != NULL ? &k_address : NULL,
        .scratch = &net->scratch,
        .cert_memory = &net->cert_memory,
        .timers = &net->timers,
        .lag = &net->lag,
        .owner = net,
        .part = part,
        .paused = paused,
        .ready = ready,
        .done = done,
    };
    net->origin = (struct tc_endpoint_origin){
        .target = target, .endpoints_count = 1, .dns_us = TC_TIME_UNKNOWN};
    tc_timers_init(&net->timers);
    tc_connection_init(&net->connection, &net->io, &net->scratch);
    tc_endpoint_init(&net->endpoint, &net->shared, &net->origin, &k_address);
}

static void tell(struct fake_net *net, unsigned events)
{
    if (net->endpoint.connection == NULL) {
        return;
    }
    net->connection.events |= events;
    net->connection.event_us = net->now_us;
    net->now_us += net->queue_us;
    tc_endpoint_drive(&net->endpoint);
}

static void give(struct fake_net *net, const uint8_t *bytes, size_t len)
{
    uint8_t *input = realloc(net->input, net->input_len + len);
    if (input == NULL) {
        abort();
    }
    memcpy(input + net->input_len, bytes, len);
    net->input = input;
    net->input_len += len;
    tell(net, TC_IO_READABLE);
}

static void give_slowly(struct fake_net *net, const uint8_t *bytes, size_t len, bool dribble)
{
    if (!dribble) {
        give(net, bytes, len);
        return;
    }
    for (size_t i = 0; i < len && !net->is_done; i++) {
        net->now_us += DRIBBLE_US;
        give(net, bytes + i, 1);
        tc_timers_run(&net->timers, net->now_us);
    }
}

/* What the TLS server has said since; or what the script lets through of it. */
static void deliver_output(struct fake_net *net)
{
    size_t len = 0;
    uint8_t *bytes = tls_peer_take(&net->tls, &len);
    net->output_us = NEVER;
    bool is_over = net->tls_one_flight;
    if (net->tls_left > 0) {
        len = len < net->tls_left ? len : net->tls_left;
        net->tls_left -= len;
        is_over = net->tls_left == 0;
    }
    if (is_over) { /* the script goes on */
        net->has_tls = false;
        tls_peer_cleanup(&net->tls);
        net->mark_us = net->now_us;
    }
    if (len > 0) {
        give_slowly(net, bytes, len, net->tls_dribble);
    }
    free(bytes);
}

static void begin_tls(struct fake_net *net, const struct fake_step *step)
{
    static const struct tls_peer_options k_defaults;
    tls_peer_init(&net->tls, step->tls != NULL ? step->tls : &k_defaults);
    net->has_tls = true;
    net->tls_after_ms = step->after_ms;
    net->tls_left = step->len;
    net->tls_dribble = step->dribble;
    net->tls_one_flight = step->one_flight;
}

/* The server has to be there before what the next event makes the scanner say. */
static void begin_tls_if_next(struct fake_net *net)
{
    if (net->step->kind == FAKE_TLS) {
        begin_tls(net, net->step);
        net->step++;
    }
}

static void play_step(struct fake_net *net)
{
    const struct fake_step *step = net->step;
    net->step++;
    net->mark_us = net->now_us;
    switch (step->kind) {
    case FAKE_CONNECTED:
        net->is_connected = true;
        begin_tls_if_next(net);
        tell(net, TC_IO_WRITABLE);
        break;
    case FAKE_CONNECT_FAILS:
        net->connect_error = step->error;
        tell(net, TC_IO_WRITABLE | TC_IO_READABLE | TC_IO_HANGUP);
        break;
    case FAKE_AWAIT:
        net->has_written = false;
        break;
    case FAKE_BYTES:
        begin_tls_if_next(net);
        give_slowly(net, step->bytes, step->len, step->dribble);
        break;
    case FAKE_EOF:
        net->input_end = true;
        tell(net, TC_IO_READABLE | TC_IO_HANGUP);
        break;
    case FAKE_RESET:
        net->input_error = ECONNRESET;
        tell(net, TC_IO_READABLE | TC_IO_WRITABLE | TC_IO_HANGUP);
        break;
    case FAKE_STOP:
        net->shared.is_stopping = true;
        tc_endpoint_stop(&net->endpoint);
        break;
    case FAKE_TLS: /* only behind FAKE_CONNECTED or FAKE_BYTES */
    case FAKE_SILENCE:
    case FAKE_OPEN_FAILS:
    case FAKE_AGAIN:
        abort();
    }
}

/* When the next step is due; NEVER where the script waits or is over. */
static int64_t next_step_us(const struct fake_net *net)
{
    if (net->has_tls || net->step->kind == FAKE_SILENCE || net->step->kind == FAKE_AGAIN ||
        net->step->kind == FAKE_OPEN_FAILS) {
        return NEVER;
    }
    if (net->step->kind == FAKE_AWAIT) {
        return net->has_written ? net->wrote_us + net->step->after_ms * US_PER_MS : NEVER;
    }
    if (net->endpoint.connection == NULL && net->step->kind != FAKE_STOP) {
        return NEVER; /* nobody is listening any more */
    }
    return net->mark_us + net->step->after_ms * US_PER_MS;
}

static void unblock(struct fake_net *net)
{
    if (net->is_blocked) {
        net->is_blocked = false;
        tell(net, TC_IO_WRITABLE);
    }
}

bool fake_net_play(struct fake_net *net)
{
    ready(net, &net->endpoint);
    for (unsigned i = 0; i < MAX_EVENTS && !net->is_done; i++) {
        int64_t timer_us = NEVER;
        int64_t step_us = next_step_us(net);
        int64_t output_us = net->has_tls ? net->output_us : NEVER;
        (void)tc_timers_next(&net->timers, &timer_us);
        int64_t next_us = step_us < output_us ? step_us : output_us;
        if (net->is_blocked) {
            unblock(net);
            continue;
        }
        if (next_us == NEVER && timer_us == NEVER) {
            return false;
        }
        bool is_timer = timer_us < next_us;
        int64_t at_us = is_timer ? timer_us : next_us;
        net->now_us = at_us > net->now_us ? at_us : net->now_us;
        if (is_timer) {
            tc_timers_run(&net->timers, net->now_us);
        } else if (output_us <= step_us) {
            deliver_output(net);
        } else {
            play_step(net);
        }
    }
    return net->is_done;
}

int64_t fake_net_elapsed_ms(const struct fake_net *net)
{
    return (net->now_us - FAKE_START_US) / US_PER_MS;
}

void fake_net_cleanup(struct fake_net *net)
{
    forget_peer(net);
    tc_observation_free(net->observation);
    tc_connection_cleanup(&net->connection);
    tc_timers_cleanup(&net->timers);
    tc_cert_memory_cleanup(&net->cert_memory);
    tc_scratch_cleanup(&net->scratch);
}
