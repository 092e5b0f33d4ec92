/*
 * A server's answer to a ClientHello: however it is cut, it is read alike, and what is read keeps
 * its bounds.
 */
#include <stdlib.h>

#include "tests/support/flight_play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const struct tc_flight_options *options, const uint8_t *data, size_t size)
{
    struct tc_flight flight;
    flight_play(&flight, options, data, size, 0);
    if (!flight_is_sound(&flight, options) || !flight_is_steady(options, data, size)) {
        abort();
    }
    tc_flight_cleanup(&flight);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The second cap is small, so that inputs of a fuzzer's size go past it. */
    static const struct tc_flight_options k_options[] = {
        {.max_bytes = FLIGHT_PLAY_MAX_BYTES, .keep_certificates = true},
        {.max_bytes = 700, .keep_certificates = true, .allows_ssl2 = true},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(k_options); i++) {
        play(&k_options[i], data, size);
    }
    return 0;
}
