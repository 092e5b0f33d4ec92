/* The wall clock and dates as people write them. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970-01-01 UTC. */
int64_t cli_now_s(void);
/* Monotonic microseconds. */
int64_t cli_monotonic_us(void);
/* YYYY-MM-DD (its first second) or YYYY-MM-DDTHH:MM:SSZ, both UTC. False for anything else. */
bool cli_parse_date(int64_t *out_s, const char *text);

#endif
