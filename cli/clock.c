#include "cli/clock.h"

#include <stdlib.h>
#include <time.h>

#define SET_AT_LEAST_S 5

int64_t cli_now_s(void)
{
    return (int64_t)time(NULL);
}

int64_t cli_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* As CLOCK_MONOTONIC, and it goes on while the machine sleeps (Linux). */
static int64_t boot_time_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void cli_span_start(struct cli_span *span)
{
    span->started_s = cli_now_s();
    span->started_us = boot_time_us();
}

int64_t cli_span_end_s(const struct cli_span *span, int64_t *out_set_by_s)
{
    int64_t now_s = cli_now_s();
    int64_t end_s = span->started_s + (boot_time_us() - span->started_us) / 1000000;
    *out_set_by_s = llabs(now_s - end_s) < SET_AT_LEAST_S ? 0 : now_s - end_s;
    return *out_set_by_s == 0 && now_s > span->started_s ? now_s : end_s;
}
