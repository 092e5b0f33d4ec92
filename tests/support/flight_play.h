/* Feeds answers of a server to the flight's reader, whole and in pieces. */
#ifndef FLIGHT_PLAY_H
#define FLIGHT_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/flight.h"

#define FLIGHT_PLAY_MAX_BYTES ((size_t)256 * 1024)

/* Initialises the flight and feeds it pieces of `piece_bytes`; 0: all at once. */
void flight_play(struct tc_flight *out, const struct tc_flight_options *options,
                 const uint8_t *bytes, size_t len, size_t piece_bytes);
/* Whether all that a caller can see of both is the same. */
bool flight_equal(const struct tc_flight *left, const struct tc_flight *right);
/* Whether the answer is read alike at once, byte by byte, and in pieces of a few sizes. */
bool flight_is_steady(const struct tc_flight_options *options, const uint8_t *bytes, size_t len);
/* Whether what a caller can see keeps the promises of flight.h. */
bool flight_is_sound(const struct tc_flight *flight, const struct tc_flight_options *options);

#endif
