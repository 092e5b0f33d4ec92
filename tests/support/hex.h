/*
 * Bytes written as text in the rows of a test: hexadecimal digits, with spaces where the eye wants
 * them. "(2 … )" is what stands between, behind its length in two bytes; 1 and 3 likewise.
 */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/* Returns the number of bytes. A text that cannot be read, or does not fit, aborts the program. */
size_t hex_read(uint8_t *out, size_t capacity, const char *text);

#endif
