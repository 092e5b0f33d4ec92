#include "test_support.h"

#include <string.h>

#include "flight_case.h"
#include "flight_play.h"
#include "hex.h"

#define CASE_MAX_BYTES 65536U

static void check_prefixes(const struct tc_flight_options *options, const uint8_t *bytes,
                           size_t settled_bytes)
{
    for (size_t len = 0; len < settled_bytes; len++) {
        struct tc_flight flight;
        flight_play(&flight, options, bytes, len, 0);
        assert_int_equal(flight.state, TC_FLIGHT_READING);
        assert_int_equal(flight.read_bytes, len);
        assert_true(flight_is_sound(&flight, options));
        tc_flight_cleanup(&flight);
    }
}

/* Once a flight is settled, more bytes change nothing. */
static void check_end(struct tc_flight *flight)
{
    static const uint8_t k_alert[] = {0x15, 3, 3, 0, 2, 2, 40};
    size_t read_bytes = flight->read_bytes;
    enum tc_flight_state state = flight->state;
    assert_int_equal(tc_flight_feed(flight, k_alert, sizeof k_alert), state);
    assert_int_equal(flight->read_bytes, read_bytes);
    assert_int_equal(flight->alert, state == TC_FLIGHT_ALERT ? flight->alert : 0);
}

void check_flight_bytes(const struct flight_case *row, const uint8_t *bytes, size_t len)
{
    struct tc_flight_options options = {.max_bytes = FLIGHT_PLAY_MAX_BYTES,
                                        .keep_certificates = true,
                                        .allows_ssl2 = row->allows_ssl2};
    struct tc_flight flight;
    flight_play(&flight, &options, bytes, len, 0);
    if (row->problem == NULL) {
        assert_null(flight.problem);
    } else {
        assert_non_null(flight.problem);
        assert_string_equal(flight.problem, row->problem);
    }
    assert_int_equal(flight.state, row->state);
    assert_true(flight_is_sound(&flight, &options));
    assert_true(flight_is_steady(&options, bytes, len));
    if (row->check != NULL) {
        row->check(&flight);
    }
    if (row->state == TC_FLIGHT_READING) {
        assert_int_equal(flight.read_bytes, len);
    } else {
        check_prefixes(&options, bytes, flight.read_bytes);
        check_end(&flight);
    }
    tc_flight_cleanup(&flight);
}

void check_flight_case(void **state)
{
    static uint8_t bytes[CASE_MAX_BYTES];
    const struct flight_case *row = *state;
    check_flight_bytes(row, bytes, hex_read(bytes, sizeof bytes, row->text));
}
