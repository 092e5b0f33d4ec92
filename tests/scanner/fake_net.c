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

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* A connection is the first member of its peer. */
static struct fake_peer *peer_of(struct tc_connection *connection)
{
    return (struct fake_peer *)(void *)connection;
}

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

/* The section of the script for the connection of this number, from 0. */
static const struct fake_step *section(const struct fake_net *net, size_t number)
{
    const struct fake_step *begin = net->script;
    const struct fake_step *step = net->script;
    for (; number > 0; number--) {
        while (step->kind != FAKE_SILENCE && step->kind != FAKE_AGAIN &&
               step->kind != FAKE_REPEAT) {
            step++;
        }
        if (step->kind == FAKE_REPEAT) {
            return begin;
        }
        if (step->kind == FAKE_SILENCE) {
            return step;
        }
        step++;
        begin = step;
    }
    return begin;
}

static bool ends_section(const struct fake_step *step)
{
    return step->kind == FAKE_SILENCE || step->kind == FAKE_AGAIN || step->kind == FAKE_REPEAT ||
           step->kind == FAKE_OPEN_FAILS;
}

static int fake_open(void *context, struct tc_connection *connection,
                     const struct tc_address *address, uint16_t port)
{
    struct fake_net *net = context;
    struct fake_peer *peer = peer_of(connection);
    (void)address;
    peer->port = port;
    peer->mark_us = net->now_us;
    peer->opened_us = net->now_us;
    if (peer->step->kind == FAKE_OPEN_FAILS) {
        return -peer->step->error;
    }
    net->num_open++;
    net->most_open = net->num_open > net->most_open ? net->num_open : net->most_open;
    connection->fd = 0;
    return 0;
}

static int fake_connected(void *context, struct tc_connection *connection, int64_t *out_rtt_us)
{
    const struct fake_peer *peer = peer_of(connection);
    (void)context;
    if (peer->connect_error != 0) {
        return -peer->connect_error;
    }
    *out_rtt_us = RTT_US;
    return peer->is_connected ? 0 : -EINPROGRESS;
}

static ssize_t fake_read(void *context, struct tc_connection *connection, uint8_t *out, size_t len)
{
    struct fake_peer *peer = peer_of(connection);
    (void)context;
    if (peer->input_len == 0) {
        if (peer->input_error != 0) {
            return -peer->input_error;
        }
        return peer->input_end ? 0 : -EAGAIN;
    }
    size_t taken = len < peer->input_len ? len : peer->input_len;
    memcpy(out, peer->input, taken);
    memmove(peer->input, peer->input + taken, peer->input_len - taken);
    peer->input_len -= taken;
    return (ssize_t)taken;
}

static ssize_t fake_write(void *context, struct tc_connection *connection, const uint8_t *bytes,
                          size_t len)
{
    struct fake_net *net = context;
    struct fake_peer *peer = peer_of(connection);
    if (peer->input_error != 0) {
        return -EPIPE;
    }
    if (peer->is_blocked) {
        return -EAGAIN;
    }
    size_t taken = len;
    if (net->write_room > 0 && len > net->write_room) {
        taken = net->write_room;
        peer->is_blocked = true;
    }
    for (size_t i = 0; i < taken && peer->num_written + i < sizeof peer->written; i++) {
        peer->written[peer->num_written + i] = bytes[i];
    }
    peer->num_written += taken;
    peer->num_writes++;
    peer->has_written = true;
    peer->wrote_us = net->now_us;
    if (peer->has_tls) {
        tls_peer_feed(&peer->tls, bytes, taken);
        peer->output_us = net->now_us + peer->tls_after_ms * US_PER_MS;
    }
    return (ssize_t)taken;
}

static void fake_shutdown(void *context, struct tc_connection *connection)
{
    (void)context;
    peer_of(connection)->has_fin = true;
}

static void end_tls(struct fake_peer *peer)
{
    if (peer->has_tls) {
        memcpy(peer->heard, peer->tls.heard, sizeof peer->heard);
        tls_peer_cleanup(&peer->tls);
        peer->has_tls = false;
    }
}

static void fake_close(void *context, struct tc_connection *connection)
{
    struct fake_net *net = context;
    struct fake_peer *peer = peer_of(connection);
    net->num_closed++;
    net->num_open--;
    end_tls(peer);
    free(peer->input);
    peer->input = NULL;
    peer->input_len = 0;
}

static void part(void *owner, struct tc_connection *connection)
{
    (void)owner;
    connection->owner = NULL;
    if (connection->is_open && connection->is_connected) {
        tc_connection_shutdown(connection);
    }
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
    require(net->num_turns < FAKE_MAX_PEERS);
    net->turns[net->num_turns] =
        (struct fake_turn){.endpoint = endpoint, .at_us = net->now_us + net->turn_us};
    net->num_turns++;
}

static void done(void *owner, struct tc_endpoint *endpoint, struct tc_observation *observation)
{
    struct fake_net *net = owner;
    require(endpoint == &net->endpoint && !net->is_done);
    net->is_done = true;
    net->observation = observation;
}

static void surveys(void *owner, struct tc_endpoint *endpoint)
{
    struct fake_net *net = owner;
    require(endpoint == &net->endpoint && endpoint->connection == NULL);
    net->is_surveying = true;
}

static struct tc_endpoint *new_probe(void *owner)
{
    struct fake_net *net = owner;
    struct tc_endpoint *endpoint = net->no_probes ? NULL : calloc(1, sizeof *endpoint);
    net->num_probes += endpoint != NULL ? 1 : 0;
    return endpoint;
}

static void drop_turn(struct fake_net *net, size_t index)
{
    net->num_turns--;
    memmove(&net->turns[index], &net->turns[index + 1],
            (net->num_turns - index) * sizeof net->turns[0]);
}

static void probe_over(void *owner, struct tc_endpoint *endpoint)
{
    struct fake_net *net = owner;
    for (size_t i = 0; i < net->num_turns; i++) {
        if (net->turns[i].endpoint == endpoint) {
            drop_turn(net, i);
            break;
        }
    }
    require(endpoint->connection == NULL && endpoint->timer.place == 0);
    net->num_probes--;
    free(endpoint);
}

static void begin(struct fake_net *net, struct tc_endpoint *endpoint)
{
    struct fake_peer *peer = calloc(1, sizeof *peer);
    require(peer != NULL && net->num_peers < FAKE_MAX_PEERS);
    peer->step = section(net, net->num_peers);
    peer->output_us = NEVER;
    peer->drive_us = NEVER;
    net->peers[net->num_peers] = peer;
    net->num_peers++;
    tc_connection_init(&peer->connection, &net->io, &net->scratch);
    tc_endpoint_begin(endpoint, &peer->connection);
    if (net->prepares && peer->connection.owner != NULL) {
        (void)tc_endpoint_prepare(endpoint);
    }
}

void fake_net_init(struct fake_net *net, const struct fake_step *script,
                   const struct tc_scan_options *options, const struct tc_tls *tls,
                   struct tc_target *target)
{
    static const struct tc_address k_address = {.octets = {192, 0, 2, 1}, .len = TC_IPV4_BYTES};
    *net = (struct fake_net){.script = script, .now_us = FAKE_START_US};
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
        .surveys = surveys,
        .new_probe = new_probe,
        .probe_over = probe_over,
    };
    net->origin = (struct tc_endpoint_origin){
        .target = target, .options = options, .endpoints_count = 1, .dns_us = TC_TIME_UNKNOWN};
    tc_timers_init(&net->timers);
    tc_endpoint_init(&net->endpoint, &net->shared, &net->origin, &k_address);
}

static void tell(struct fake_net *net, struct fake_peer *peer, unsigned events)
{
    if (peer->connection.owner == NULL) {
        return;
    }
    peer->connection.events |= events;
    if (!peer->connection.is_queued) {
        peer->connection.event_us = net->now_us;
    }
    if (net->late_us > 0) {
        peer->connection.is_queued = true;
        peer->drive_us = peer->connection.event_us + net->late_us;
        return;
    }
    net->now_us += net->queue_us;
    tc_endpoint_drive(peer->connection.owner);
}

/* The scanner's loop has come around. */
static void drive_late(struct fake_peer *peer)
{
    peer->drive_us = NEVER;
    peer->connection.is_queued = false;
    if (peer->connection.owner != NULL) {
        tc_endpoint_drive(peer->connection.owner);
    }
}

static void give(struct fake_net *net, struct fake_peer *peer, const uint8_t *bytes, size_t len)
{
    if (peer->connection.owner == NULL) {
        return;
    }
    uint8_t *input = realloc(peer->input, peer->input_len + len);
    require(input != NULL);
    memcpy(input + peer->input_len, bytes, len);
    peer->input = input;
    peer->input_len += len;
    tell(net, peer, TC_IO_READABLE);
}

static void give_slowly(struct fake_net *net, struct fake_peer *peer, const uint8_t *bytes,
                        size_t len, bool dribble)
{
    if (!dribble) {
        give(net, peer, bytes, len);
        return;
    }
    for (size_t i = 0; i < len && peer->connection.owner != NULL; i++) {
        net->now_us += DRIBBLE_US;
        give(net, peer, bytes + i, 1);
        tc_timers_run(&net->timers, net->now_us);
    }
}

/* What the TLS server has said since; or what the script lets through of it. */
static void deliver_output(struct fake_net *net, struct fake_peer *peer)
{
    size_t len = 0;
    uint8_t *bytes = tls_peer_take(&peer->tls, &len);
    peer->output_us = NEVER;
    bool is_over = peer->tls_answers == 1;
    peer->tls_answers -= peer->tls_answers > 0 && len > 0 ? 1 : 0;
    if (peer->tls_left > 0) {
        len = len < peer->tls_left ? len : peer->tls_left;
        peer->tls_left -= len;
        is_over = peer->tls_left == 0;
    }
    if (is_over) { /* the script goes on */
        end_tls(peer);
        peer->mark_us = net->now_us;
    }
    if (len > 0) {
        give_slowly(net, peer, bytes, len, peer->tls_dribble);
    }
    free(bytes);
}

static void begin_tls(struct fake_peer *peer, const struct fake_step *step)
{
    static const struct tls_peer_options k_defaults;
    tls_peer_init(&peer->tls, step->tls != NULL ? step->tls : &k_defaults);
    peer->has_tls = true;
    peer->tls_after_ms = step->after_ms;
    peer->tls_left = step->len;
    peer->tls_dribble = step->dribble;
    peer->tls_answers = step->one_flight ? 1 : step->answers;
}

/* The server has to be there before what the next event makes the scanner say. */
static void begin_tls_if_next(struct fake_peer *peer)
{
    if (peer->step->kind == FAKE_TLS) {
        begin_tls(peer, peer->step);
        peer->step++;
    }
}

static void play_step(struct fake_net *net, struct fake_peer *peer)
{
    const struct fake_step *step = peer->step;
    peer->step++;
    peer->mark_us = net->now_us;
    switch (step->kind) {
    case FAKE_CONNECTED:
        peer->is_connected = true;
        begin_tls_if_next(peer);
        tell(net, peer, TC_IO_WRITABLE);
        break;
    case FAKE_CONNECT_FAILS:
        peer->connect_error = step->error;
        tell(net, peer, TC_IO_WRITABLE | TC_IO_READABLE | TC_IO_HANGUP);
        break;
    case FAKE_AWAIT:
        peer->has_written = false;
        break;
    case FAKE_BYTES:
        begin_tls_if_next(peer);
        give_slowly(net, peer, step->bytes, step->len, step->dribble);
        break;
    case FAKE_EOF:
        peer->input_end = true;
        tell(net, peer, TC_IO_READABLE | TC_IO_HANGUP);
        break;
    case FAKE_RESET:
        peer->input_error = ECONNRESET;
        tell(net, peer, TC_IO_READABLE | TC_IO_WRITABLE | TC_IO_HANGUP);
        break;
    case FAKE_STOP:
        net->shared.is_stopping = true;
        tc_endpoint_stop(&net->endpoint);
        break;
    case FAKE_TLS: /* only behind FAKE_CONNECTED or FAKE_BYTES */
    case FAKE_SILENCE:
    case FAKE_OPEN_FAILS:
    case FAKE_AGAIN:
    case FAKE_REPEAT:
        abort();
    }
}

/* When the peer's next step is due; NEVER where the script waits or is over. */
static int64_t next_step_us(const struct fake_peer *peer)
{
    if (peer->has_tls || ends_section(peer->step)) {
        return NEVER;
    }
    if (peer->step->kind == FAKE_AWAIT) {
        return peer->has_written ? peer->wrote_us + peer->step->after_ms * US_PER_MS : NEVER;
    }
    if (peer->connection.owner == NULL && peer->step->kind != FAKE_STOP) {
        return NEVER; /* nobody is listening any more */
    }
    return peer->mark_us + peer->step->after_ms * US_PER_MS;
}

/* What comes first of all that may happen outside of the scanner. */
struct next {
    int64_t at_us;
    struct fake_peer *peer; /* NULL: a turn */
    bool is_output;
    bool is_drive;
};

static struct next find_next(const struct fake_net *net)
{
    struct next next = {.at_us = net->num_turns > 0 ? net->turns[0].at_us : NEVER};
    for (size_t i = 0; i < net->num_peers; i++) {
        struct fake_peer *peer = net->peers[i];
        int64_t output_us = peer->has_tls ? peer->output_us : NEVER;
        int64_t step_us = next_step_us(peer);
        if (output_us < next.at_us) {
            next = (struct next){.at_us = output_us, .peer = peer, .is_output = true};
        }
        if (step_us < next.at_us) {
            next = (struct next){.at_us = step_us, .peer = peer};
        }
        if (peer->drive_us < next.at_us) {
            next = (struct next){.at_us = peer->drive_us, .peer = peer, .is_drive = true};
        }
    }
    return next;
}

static bool unblock(struct fake_net *net)
{
    for (size_t i = 0; i < net->num_peers; i++) {
        if (net->peers[i]->is_blocked) {
            net->peers[i]->is_blocked = false;
            tell(net, net->peers[i], TC_IO_WRITABLE);
            return true;
        }
    }
    return false;
}

static void happen(struct fake_net *net, const struct next *next)
{
    if (next->peer == NULL) {
        struct tc_endpoint *endpoint = net->turns[0].endpoint;
        drop_turn(net, 0);
        begin(net, endpoint);
    } else if (next->is_drive) {
        drive_late(next->peer);
    } else if (next->is_output) {
        deliver_output(net, next->peer);
    } else {
        play_step(net, next->peer);
    }
}

bool fake_net_play(struct fake_net *net)
{
    begin(net, &net->endpoint);
    for (unsigned i = 0; i < MAX_EVENTS && !net->is_done; i++) {
        int64_t timer_us = NEVER;
        if (unblock(net)) {
            continue;
        }
        struct next next = find_next(net);
        (void)tc_timers_next(&net->timers, &timer_us);
        if (next.at_us == NEVER && timer_us == NEVER) {
            return false;
        }
        bool is_timer = timer_us < next.at_us;
        int64_t at_us = is_timer ? timer_us : next.at_us;
        net->now_us = at_us > net->now_us ? at_us : net->now_us;
        if (is_timer) {
            tc_timers_run(&net->timers, net->now_us);
        } else {
            happen(net, &next);
        }
    }
    return net->is_done;
}

int64_t fake_net_elapsed_ms(const struct fake_net *net)
{
    return (net->now_us - FAKE_START_US) / US_PER_MS;
}

bool fake_peer_has_bytes(const struct fake_peer *peer, const void *bytes, size_t len)
{
    size_t num =
        peer->num_written < sizeof peer->written ? (size_t)peer->num_written : sizeof peer->written;
    for (size_t i = 0; i + len <= num; i++) {
        if (memcmp(peer->written + i, bytes, len) == 0) {
            return true;
        }
    }
    return false;
}

bool fake_net_has_bytes(const struct fake_net *net, const void *bytes, size_t len)
{
    for (size_t i = 0; i < net->num_peers; i++) {
        if (fake_peer_has_bytes(net->peers[i], bytes, len)) {
            return true;
        }
    }
    return false;
}

bool fake_net_is_clean(const struct fake_net *net)
{
    int64_t at_us = 0;
    return net->endpoint.state == TC_ENDPOINT_DONE && net->endpoint.connection == NULL &&
           net->endpoint.handshake.ssl == NULL && net->endpoint.survey == NULL &&
           net->num_open == 0 && net->num_probes == 0 && net->num_turns == 0 &&
           !tc_timers_next(&net->timers, &at_us);
}

void fake_net_cleanup(struct fake_net *net)
{
    for (size_t i = 0; i < net->num_peers; i++) {
        end_tls(net->peers[i]);
        free(net->peers[i]->input);
        tc_connection_cleanup(&net->peers[i]->connection);
        free(net->peers[i]);
    }
    tc_observation_free(net->observation);
    tc_timers_cleanup(&net->timers);
    tc_cert_memory_cleanup(&net->cert_memory);
    tc_scratch_cleanup(&net->scratch);
}
