/* Whole files into memory, for certificates. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

/*
 * cli_read_file reads a regular file of at most `max_len` bytes; the caller frees `*out`.
 * Errors: TC_ERR_INPUT with what, where and why.
 */
TC_MUST_USE enum tc_status cli_read_file(uint8_t **out, size_t *out_len, const char *path,
                                         size_t max_len, struct tc_error *error);

#endif
