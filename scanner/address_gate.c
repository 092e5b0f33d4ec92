#include "address_gate.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define NUM_SHARDS  64
#define NUM_BUCKETS 256
/* Idle addresses forgotten at each question: more than one is added, so they cannot pile up. */
#define REAP_AT_ONCE    2
#define NOMEM_RETRY_US  50000
#define MICROSECONDS    1000000
#define STRETCH_DIVISOR 5 /* the pause grows by less than a fifth of itself */

struct tc_gate_address {
    struct tc_gate_key key;
    struct shard *shard;
    struct tc_gate_address *next_in_bucket;
    struct tc_gate_address *idle_next; /* in the shard's list of idle addresses */
    struct tc_gate_address *idle_previous;
    bool is_idle;
    unsigned active; /* permits out */
    int64_t next_us; /* no permit before */
    struct tc_gate_waiter *first;
    struct tc_gate_waiter *last;
};

struct shard {
    uv_mutex_t lock; /* guards all addresses of the shard */
    struct tc_gate_address *buckets[NUM_BUCKETS];
    struct tc_gate_address *idle_first; /* longest idle first */
    struct tc_gate_address *idle_last;
    struct tc_gate_address *spare; /* forgotten ones, to be used again */
    size_t num;
};

struct tc_gate {
    struct tc_gate_options options;
    int64_t pause_us; /* between two permits for one address; 0: none */
    struct shard shards[NUM_SHARDS];
};

enum tc_status tc_gate_new(struct tc_gate **out, const struct tc_gate_options *options)
{
    struct tc_gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) {
        return TC_ERR_NOMEM;
    }
    gate->options = *options;
    if (options->address_rate > 0) {
        double pause_us = MICROSECONDS / options->address_rate;
        gate->pause_us = pause_us < 1 ? 1 : (int64_t)pause_us;
    }
    for (size_t i = 0; i < NUM_SHARDS; i++) {
        if (uv_mutex_init(&gate->shards[i].lock) != 0) {
            while (i-- > 0) {
                uv_mutex_destroy(&gate->shards[i].lock);
            }
            free(gate);
            return TC_ERR_NOMEM;
        }
    }
    *out = gate;
    return TC_OK;
}

static void free_shard(struct shard *shard)
{
    for (size_t i = 0; i < NUM_BUCKETS; i++) {
        while (shard->buckets[i] != NULL) {
            struct tc_gate_address *address = shard->buckets[i];
            shard->buckets[i] = address->next_in_bucket;
            free(address);
        }
    }
    while (shard->spare != NULL) {
        struct tc_gate_address *address = shard->spare;
        shard->spare = address->next_in_bucket;
        free(address);
    }
    uv_mutex_destroy(&shard->lock);
}

void tc_gate_free(struct tc_gate *gate)
{
    if (gate == NULL) {
        return;
    }
    for (size_t i = 0; i < NUM_SHARDS; i++) {
        free_shard(&gate->shards[i]);
    }
    free(gate);
}

/* FNV-1a. A peer cannot choose addresses in bulk: the list is ours, so no keyed hash is needed. */
static uint32_t hash_key(const struct tc_gate_key *key)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < sizeof key->bytes; i++) {
        hash = (hash ^ key->bytes[i]) * 16777619U;
    }
    return hash ^ (hash >> 15);
}

static struct tc_gate_address **bucket_of(struct shard *shard, const struct tc_gate_key *key)
{
    return &shard->buckets[(hash_key(key) / NUM_SHARDS) % NUM_BUCKETS];
}

static void leave_idle(struct tc_gate_address *address)
{
    struct shard *shard = address->shard;
    if (!address->is_idle) {
        return;
    }
    if (address->idle_previous != NULL) {
        address->idle_previous->idle_next = address->idle_next;
    } else {
        shard->idle_first = address->idle_next;
    }
    if (address->idle_next != NULL) {
        address->idle_next->idle_previous = address->idle_previous;
    } else {
        shard->idle_last = address->idle_previous;
    }
    address->is_idle = false;
}

static void become_idle(struct tc_gate_address *address)
{
    struct shard *shard = address->shard;
    address->idle_next = NULL;
    address->idle_previous = shard->idle_last;
    if (shard->idle_last != NULL) {
        shard->idle_last->idle_next = address;
    } else {
        shard->idle_first = address;
    }
    shard->idle_last = address;
    address->is_idle = true;
}

static void forget(struct tc_gate_address *address)
{
    struct shard *shard = address->shard;
    struct tc_gate_address **link = bucket_of(shard, &address->key);
    while (*link != address) {
        link = &(*link)->next_in_bucket;
    }
    *link = address->next_in_bucket;
    leave_idle(address);
    address->next_in_bucket = shard->spare;
    shard->spare = address;
    shard->num--;
}

static void reap(struct shard *shard, int64_t now_us)
{
    for (unsigned i = 0; i < REAP_AT_ONCE; i++) {
        if (shard->idle_first == NULL || shard->idle_first->next_us > now_us) {
            break;
        }
        forget(shard->idle_first);
    }
}

static struct tc_gate_address *find_or_add(struct shard *shard, const struct tc_gate_key *key)
{
    struct tc_gate_address **bucket = bucket_of(shard, key);
    for (struct tc_gate_address *known = *bucket; known != NULL; known = known->next_in_bucket) {
        if (memcmp(&known->key, key, sizeof *key) == 0) {
            return known;
        }
    }
    struct tc_gate_address *address = shard->spare;
    if (address != NULL) {
        shard->spare = address->next_in_bucket;
    } else {
        address = malloc(sizeof *address);
        if (address == NULL) {
            return NULL;
        }
    }
    *address = (struct tc_gate_address){.key = *key, .shard = shard, .next_in_bucket = *bucket};
    *bucket = address;
    shard->num++;
    return address;
}

static void enqueue(struct tc_gate_address *address, struct tc_gate_waiter *waiter,
                    unsigned at_once)
{
    waiter->at_once = at_once;
    waiter->next = NULL;
    waiter->previous = address->last;
    if (address->last != NULL) {
        address->last->next = waiter;
    } else {
        address->first = waiter;
    }
    address->last = waiter;
    waiter->address = address;
}

static void dequeue(struct tc_gate_waiter *waiter)
{
    struct tc_gate_address *address = waiter->address;
    if (waiter->previous != NULL) {
        waiter->previous->next = waiter->next;
    } else {
        address->first = waiter->next;
    }
    if (waiter->next != NULL) {
        waiter->next->previous = waiter->previous;
    } else {
        address->last = waiter->previous;
    }
    *waiter = (struct tc_gate_waiter){0};
}

/* For a question with a limit of its own. */
static bool has_permit(const struct tc_gate *gate, const struct tc_gate_address *address,
                       unsigned at_once)
{
    unsigned per_address = gate->options.per_address;
    return (per_address == 0 || address->active < per_address) &&
           (at_once == 0 || address->active < at_once);
}

/* Whether somebody waits, for a permit and not for the next instant alone. */
static bool is_held_up(const struct tc_gate *gate, const struct tc_gate_address *address)
{
    return address->first != NULL && !has_permit(gate, address, address->first->at_once);
}

/* The first in the queue may try, where a permit is free; else the next release calls it. */
static void call_first(const struct tc_gate *gate, struct tc_gate_address *address)
{
    if (address->first != NULL && has_permit(gate, address, address->first->at_once)) {
        gate->options.wake(address->first, address->next_us);
    }
}

/* Under the lock. */
static enum tc_gate_answer answer(const struct tc_gate *gate, struct tc_gate_address *address,
                                  struct tc_gate_waiter *waiter, unsigned at_once, int64_t now_us,
                                  uint32_t spread)
{
    if (waiter->address == NULL && (address->first != NULL || !has_permit(gate, address, at_once) ||
                                    now_us < address->next_us)) {
        enqueue(address, waiter, at_once);
    }
    if (waiter->address != NULL) {
        if (address->first != waiter || !has_permit(gate, address, at_once)) {
            return TC_GATE_QUEUED;
        }
        if (now_us < address->next_us) {
            return TC_GATE_LATER;
        }
        dequeue(waiter);
    }
    address->active++;
    if (gate->pause_us > 0) {
        uint64_t room = (uint64_t)(gate->pause_us / STRETCH_DIVISOR) + 1;
        address->next_us = now_us + gate->pause_us + (int64_t)(spread % room);
    }
    call_first(gate, address);
    return TC_GATE_GO;
}

enum tc_gate_answer tc_gate_ask(struct tc_gate *gate, struct tc_gate_waiter *waiter,
                                const struct tc_gate_key *key, unsigned at_once, int64_t now_us,
                                uint32_t spread, struct tc_gate_address **out_permit,
                                int64_t *out_at_us)
{
    struct shard *shard = &gate->shards[hash_key(key) % NUM_SHARDS];
    enum tc_gate_answer result = TC_GATE_LATER;
    uv_mutex_lock(&shard->lock);
    struct tc_gate_address *address =
        waiter->address != NULL ? waiter->address : find_or_add(shard, key);
    if (address == NULL) {
        *out_at_us = now_us + NOMEM_RETRY_US;
    } else {
        leave_idle(address);
        result = answer(gate, address, waiter, at_once, now_us, spread);
        if (result == TC_GATE_GO) {
            *out_permit = address;
        } else if (result == TC_GATE_LATER) {
            *out_at_us = address->next_us;
        }
    }
    reap(shard, now_us);
    uv_mutex_unlock(&shard->lock);
    return result;
}

/* Under the lock, after a permit came back or a waiter left. */
static void settle(struct tc_gate_address *address, int64_t now_us)
{
    if (address->active > 0 || address->first != NULL || address->is_idle) {
        return;
    }
    if (address->next_us <= now_us) {
        forget(address);
    } else {
        become_idle(address);
    }
}

void tc_gate_release(struct tc_gate *gate, struct tc_gate_address *permit, int64_t now_us)
{
    struct shard *shard = permit->shard;
    uv_mutex_lock(&shard->lock);
    bool was_held_up = is_held_up(gate, permit);
    permit->active--;
    if (was_held_up) { /* else the first in the queue has been called already */
        call_first(gate, permit);
    }
    settle(permit, now_us);
    uv_mutex_unlock(&shard->lock);
}

void tc_gate_cancel(struct tc_gate *gate, struct tc_gate_waiter *waiter, int64_t now_us)
{
    /* Only the waiter's own thread queues and cancels it, so this read needs no lock. */
    struct tc_gate_address *address = waiter->address;
    if (address == NULL) {
        return;
    }
    struct shard *shard = address->shard;
    uv_mutex_lock(&shard->lock);
    bool was_first = address->first == waiter;
    dequeue(waiter);
    if (was_first) {
        call_first(gate, address);
    }
    settle(address, now_us);
    uv_mutex_unlock(&shard->lock);
}

size_t tc_gate_count(struct tc_gate *gate)
{
    size_t num = 0;
    for (size_t i = 0; i < NUM_SHARDS; i++) {
        uv_mutex_lock(&gate->shards[i].lock);
        num += gate->shards[i].num;
        uv_mutex_unlock(&gate->shards[i].lock);
    }
    return num;
}
