/* Clocks: the one on the wall, and those that nobody sets. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include <stdint.h>

/* Seconds since 1970-01-01 UTC. */
int64_t cli_now_s(void);
/* Monotonic microseconds. */
int64_t cli_monotonic_us(void);

/* A time that passes while somebody may set the wall clock, or the machine sleeps. */
struct cli_span {
    int64_t started_s;  /* by the wall clock */
    int64_t started_us; /* by the one that nobody sets */
};
void cli_span_start(struct cli_span *span);
/*
 * Now, as the wall clock would have it if nobody had set it since; `*out_set_by_s` is by how much
 * somebody did, 0 for what a clock is slewed by.
 */
int64_t cli_span_end_s(const struct cli_span *span, int64_t *out_set_by_s);

#endif
