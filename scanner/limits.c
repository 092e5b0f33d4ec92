#include "limits.h"

#define MICROSECONDS 1000000
/*
 * The event loop wakes by the millisecond, so a fast rate must be allowed to catch up that much;
 * within any second it is at most this much too early.
 */
#define CATCH_UP_US 5000

void tc_limits_init(struct tc_limits *limits, size_t concurrency, unsigned workers, double rate)
{
    *limits = (struct tc_limits){
        .concurrency = concurrency,
        .share = (concurrency + workers - 1) / workers,
    };
    if (rate > 0) {
        double pause_us = MICROSECONDS / rate;
        limits->pause_us = pause_us < 1 ? 1 : (int64_t)pause_us;
    }
}

static bool try_take(struct tc_slots *slots)
{
    struct tc_limits *limits = slots->limits;
    bool others_want = atomic_load(&limits->starving) > (slots->is_starving ? 1U : 0U);
    if (slots->held >= limits->share && others_want) {
        return false;
    }
    if (atomic_fetch_add(&limits->in_flight, 1) >= limits->concurrency) {
        atomic_fetch_sub(&limits->in_flight, 1);
        return false;
    }
    slots->held++;
    return true;
}

void tc_slots_content(struct tc_slots *slots)
{
    if (slots->is_starving) {
        slots->is_starving = false;
        atomic_fetch_sub(&slots->limits->starving, 1);
    }
}

bool tc_slots_take(struct tc_slots *slots)
{
    bool taken = try_take(slots);
    if (!taken && !slots->is_starving && slots->held < slots->limits->share) {
        slots->is_starving = true;
        atomic_fetch_add(&slots->limits->starving, 1);
        taken = try_take(slots); /* one may have been given back before the word was out */
    }
    if (taken && slots->held >= slots->limits->share) {
        tc_slots_content(slots);
    }
    return taken;
}

bool tc_slots_give(struct tc_slots *slots)
{
    slots->held--;
    atomic_fetch_sub(&slots->limits->in_flight, 1);
    return atomic_load(&slots->limits->starving) > (slots->is_starving ? 1U : 0U);
}

bool tc_rate_take(struct tc_limits *limits, int64_t now_us, int64_t *out_at_us)
{
    if (limits->pause_us == 0) {
        return true;
    }
    int64_t next_us = atomic_load(&limits->next_us);
    int64_t after_us = 0;
    do {
        if (next_us > now_us) {
            *out_at_us = next_us;
            return false;
        }
        int64_t earliest_us = now_us - CATCH_UP_US;
        after_us = (next_us > earliest_us ? next_us : earliest_us) + limits->pause_us;
        if (limits->pause_us > CATCH_UP_US) {
            after_us = now_us + limits->pause_us;
        }
    } while (!atomic_compare_exchange_weak(&limits->next_us, &next_us, after_us));
    return true;
}

void tc_rate_give(struct tc_limits *limits)
{
    if (limits->pause_us > 0) {
        atomic_fetch_sub(&limits->next_us, limits->pause_us);
    }
}
