#include "timers.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_CAPACITY 64

void tc_timers_init(struct tc_timers *timers)
{
    *timers = (struct tc_timers){0};
}

void tc_timers_cleanup(struct tc_timers *timers)
{
    for (size_t i = 0; i < timers->num; i++) {
        timers->heap[i]->place = 0;
    }
    free(timers->heap);
    tc_timers_init(timers);
}

static void put(struct tc_timers *timers, size_t place, struct tc_timer *timer)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void sift_up(struct tc_timers *timers, struct tc_timer *timer, size_t place)
{
    while (place > 1 && timers->heap[place / 2 - 1]->at_us > timer->at_us) {
        put(timers, place, timers->heap[place / 2 - 1]);
        place /= 2;
    }
    put(timers, place, timer);
}

static void sift_down(struct tc_timers *timers, struct tc_timer *timer, size_t place)
{
    while (place * 2 <= timers->num) {
        size_t child = place * 2;
        if (child < timers->num && timers->heap[child]->at_us < timers->heap[child - 1]->at_us) {
            child++;
        }
        if (timers->heap[child - 1]->at_us >= timer->at_us) {
            break;
        }
        put(timers, place, timers->heap[child - 1]);
        place = child;
    }
    put(timers, place, timer);
}

static enum tc_status make_room(struct tc_timers *timers)
{
    if (timers->num < timers->capacity) {
        return TC_OK;
    }
    size_t capacity = timers->capacity == 0 ? FIRST_CAPACITY : timers->capacity * 2;
    struct tc_timer **heap = realloc(timers->heap, capacity * sizeof(struct tc_timer *));
    if (heap == NULL) {
        return TC_ERR_NOMEM;
    }
    timers->heap = heap;
    timers->capacity = capacity;
    return TC_OK;
}

enum tc_status tc_timers_set(struct tc_timers *timers, struct tc_timer *timer, int64_t at_us)
{
    if (timer->place == 0) {
        enum tc_status status = make_room(timers);
        if (status != TC_OK) {
            return status;
        }
        timer->at_us = at_us;
        timers->num++;
        sift_up(timers, timer, timers->num);
        return TC_OK;
    }
    bool earlier = at_us < timer->at_us;
    timer->at_us = at_us;
    if (earlier) {
        sift_up(timers, timer, timer->place);
    } else {
        sift_down(timers, timer, timer->place);
    }
    return TC_OK;
}

void tc_timers_cancel(struct tc_timers *timers, struct tc_timer *timer)
{
    size_t place = timer->place;
    if (place == 0) {
        return;
    }
    assert(timers->heap[place - 1] == timer);
    timer->place = 0;
    struct tc_timer *last = timers->heap[timers->num - 1];
    timers->num--;
    if (last == timer) {
        return;
    }
    if (place > 1 && timers->heap[place / 2 - 1]->at_us > last->at_us) {
        sift_up(timers, last, place);
    } else {
        sift_down(timers, last, place);
    }
}

bool tc_timers_next(const struct tc_timers *timers, int64_t *out_at_us)
{
    if (timers->num == 0) {
        return false;
    }
    *out_at_us = timers->heap[0]->at_us;
    return true;
}

void tc_timers_run(struct tc_timers *timers, int64_t now_us)
{
    /* As many as are armed now, so that one which arms itself for the past ends the turn. */
    for (size_t left = timers->num; left > 0 && timers->num > 0; left--) {
        struct tc_timer *timer = timers->heap[0];
        if (timer->at_us > now_us) {
            break;
        }
        tc_timers_cancel(timers, timer);
        timer->fire(timer);
    }
}
