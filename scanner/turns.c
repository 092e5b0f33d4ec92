#include "turns.h"

#include <string.h>

void tc_endpoint_list_add(struct tc_endpoint_list *list, struct tc_endpoint *endpoint)
{
    endpoint->list = list;
    endpoint->next = NULL;
    endpoint->previous = list->last;
    if (list->last != NULL) {
        list->last->next = endpoint;
    } else {
        list->first = endpoint;
    }
    list->last = endpoint;
    list->num++;
}

void tc_endpoint_list_remove(struct tc_endpoint *endpoint)
{
    struct tc_endpoint_list *list = endpoint->list;
    if (list == NULL) {
        return;
    }
    if (endpoint->previous != NULL) {
        endpoint->previous->next = endpoint->next;
    } else {
        list->first = endpoint->next;
    }
    if (endpoint->next != NULL) {
        endpoint->next->previous = endpoint->previous;
    } else {
        list->last = endpoint->previous;
    }
    endpoint->list = NULL;
    list->num--;
}

static void rate_timer_fired(struct tc_timer *timer)
{
    (void)timer; /* it has woken the loop, which runs the turns next */
}

void tc_turns_init(struct tc_turns *turns, const struct tc_io *io, struct tc_timers *timers,
                   struct tc_gate *gate, struct tc_limits *limits)
{
    *turns = (struct tc_turns){
        .io = io,
        .timers = timers,
        .gate = gate,
        .slots = {.limits = limits},
        .rate_timer = {.fire = rate_timer_fired},
    };
}

void tc_turns_add(struct tc_turns *turns, struct tc_endpoint *endpoint)
{
    if (endpoint->list == &turns->ready) {
        return;
    }
    tc_timers_cancel(turns->timers, &endpoint->timer);
    tc_endpoint_list_remove(endpoint);
    tc_endpoint_list_add(&turns->ready, endpoint);
}

void tc_turns_park(struct tc_turns *turns, struct tc_endpoint *endpoint)
{
    tc_endpoint_list_remove(endpoint);
    tc_endpoint_list_add(&turns->parked, endpoint);
}

static void set_timer_or_add(struct tc_turns *turns, struct tc_endpoint *endpoint, int64_t at_us)
{
    if (tc_timers_set(turns->timers, &endpoint->timer, at_us) != TC_OK) {
        tc_turns_add(turns, endpoint); /* asking too early does no harm */
    }
}

void tc_turns_called(struct tc_turns *turns, struct tc_endpoint *endpoint, int64_t at_us)
{
    if (endpoint->waiter.address == NULL || endpoint->list != &turns->parked) {
        return; /* it has asked meanwhile, and knows */
    }
    if (at_us <= turns->io->now_us(turns->io->context)) {
        tc_turns_add(turns, endpoint);
    } else {
        set_timer_or_add(turns, endpoint, at_us);
    }
}

/* Where only the proxy knows the address, the name stands for it: FNV-1a, 64 bits. */
static void hash_name(struct tc_gate_key *out, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    memcpy(out->bytes, &hash, sizeof hash);
}

static struct tc_gate_key key_of(const struct tc_endpoint *endpoint)
{
    struct tc_gate_key key = {{0}};
    const struct tc_address *address = &endpoint->address;
    if (address->len == TC_IPV4_BYTES) { /* RFC 4291 section 2.5.5.2: so ::ffff:a.b.c.d is equal */
        key.bytes[10] = 0xff;
        key.bytes[11] = 0xff;
        memcpy(key.bytes + 12, address->octets, TC_IPV4_BYTES);
    } else if (address->len == TC_IPV6_BYTES) {
        memcpy(key.bytes, address->octets, TC_IPV6_BYTES);
    } else {
        hash_name(&key, endpoint->origin->target->host);
    }
    return key;
}

void tc_turns_give_slot(struct tc_turns *turns)
{
    if (tc_slots_give(&turns->slots)) {
        turns->slot_free(turns->owner);
    }
}

/* The first of the ready has a slot and --rate: its address may still say no. */
static void ask_gate(struct tc_turns *turns, struct tc_endpoint *endpoint, int64_t now_us)
{
    const struct tc_gate_key key = key_of(endpoint);
    unsigned at_once = tc_protocol_is_one_at_a_time(endpoint->origin->target->protocol) ? 1 : 0;
    struct tc_gate_address *permit = NULL;
    int64_t at_us = 0;
    enum tc_gate_answer answer =
        tc_gate_ask(turns->gate, &endpoint->waiter, &key, at_once, now_us,
                    turns->io->random_u32(turns->io->context), &permit, &at_us);
    tc_endpoint_list_remove(endpoint);
    if (answer == TC_GATE_GO) {
        turns->begin(turns->owner, endpoint, permit);
        return;
    }
    tc_turns_give_slot(turns);
    tc_rate_give(turns->slots.limits);
    tc_turns_park(turns, endpoint);
    if (answer == TC_GATE_LATER) {
        set_timer_or_add(turns, endpoint, at_us);
    }
}

void tc_turns_run(struct tc_turns *turns)
{
    /* Those that are ready now: one that comes back at once waits for the next run. */
    for (size_t left = turns->ready.num; left > 0 && turns->ready.first != NULL; left--) {
        int64_t now_us = turns->io->now_us(turns->io->context);
        int64_t at_us = 0;
        if (!tc_slots_take(&turns->slots)) {
            return; /* a slot that is given back runs the turns again */
        }
        if (!tc_rate_take(turns->slots.limits, now_us, &at_us)) {
            tc_turns_give_slot(turns);
            if (tc_timers_set(turns->timers, &turns->rate_timer, at_us) != TC_OK) {
                return; /* the next event runs the turns again */
            }
            break;
        }
        ask_gate(turns, turns->ready.first, now_us);
    }
    tc_slots_content(&turns->slots);
}

void tc_turns_drop(struct tc_turns *turns, struct tc_endpoint *endpoint)
{
    tc_gate_cancel(turns->gate, &endpoint->waiter, turns->io->now_us(turns->io->context));
    tc_timers_cancel(turns->timers, &endpoint->timer);
    tc_endpoint_list_remove(endpoint);
}
