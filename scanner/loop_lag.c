#include "loop_lag.h"

#include <string.h>

void tc_loop_lag_note(struct tc_loop_lag *lag, int64_t at_us, int64_t lag_us)
{
    while (lag->num > 0 && lag->peaks[lag->num - 1].lag_us <= lag_us) {
        lag->num--;
    }
    if (lag->num == TC_LAG_PEAKS) {
        memmove(&lag->peaks[0], &lag->peaks[1], (TC_LAG_PEAKS - 1) * sizeof(lag->peaks[0]));
        lag->num--;
    }
    lag->peaks[lag->num].at_us = at_us;
    lag->peaks[lag->num].lag_us = lag_us;
    lag->num++;
}

int64_t tc_loop_lag_since(const struct tc_loop_lag *lag, int64_t since_us)
{
    /* The first peak that is late enough is the highest of those. */
    for (size_t i = 0; i < lag->num; i++) {
        if (lag->peaks[i].at_us >= since_us) {
            return lag->peaks[i].lag_us;
        }
    }
    return 0;
}
