/*
 * Bytes that look random and come from a seed: SplitMix64 (Steele, Lea, Flood 2014). No secrecy:
 * whatever is made of them guards nothing.
 */
#ifndef PROTOCOL_SEEDED_H
#define PROTOCOL_SEEDED_H

#include <stddef.h>
#include <stdint.h>

/* `*state` is the seed before the first call. */
static inline uint64_t seeded_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15U;
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

/* Returns the place behind what it filled. */
static inline uint8_t *seeded_fill(uint8_t *out, size_t len, uint64_t *state)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(seeded_next(state) & 0xffU);
    }
    return out + len;
}

#endif
