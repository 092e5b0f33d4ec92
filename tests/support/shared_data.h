/*
 * The data beside the checkout (see cmake/tests.cmake, TLSCENSUS_SHARED). It is no part of the
 * project, so a test that wants it says aloud when it is missing and skips.
 */
#ifndef SHARED_DATA_H
#define SHARED_DATA_H

#include <stddef.h>
#include <stdint.h>

/* The whole file, NUL-ended, from malloc; NULL where it cannot be read. */
char *read_whole_file(const char *path, size_t *out_len);
/* A file below the shared data; says aloud and skips the running test where it is missing. */
char *read_shared_or_skip(const char *name, size_t *out_len);

#endif
