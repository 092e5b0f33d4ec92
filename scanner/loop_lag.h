/* How late a worker's event loop was, and when: kept apart from what is the peer's time. */
#ifndef TC_SCANNER_LOOP_LAG_H
#define TC_SCANNER_LOOP_LAG_H

#include <stddef.h>
#include <stdint.h>

#define TC_LAG_PEAKS 64

/* The zero state is ready to use. */
struct tc_loop_lag {
    /* Later peaks are lower: a peak hides all lower ones before it. */
    struct {
        int64_t at_us;
        int64_t lag_us;
    } peaks[TC_LAG_PEAKS];
    size_t num;
};

/* tc_loop_lag_note: at `at_us` the loop looked for events again, `lag_us` after it last did. */
void tc_loop_lag_note(struct tc_loop_lag *lag, int64_t at_us, int64_t lag_us);
/* The worst since `since_us`; 0 where there was none. */
int64_t tc_loop_lag_since(const struct tc_loop_lag *lag, int64_t since_us);

#endif
