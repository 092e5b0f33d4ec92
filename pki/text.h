/*
 * ASN.1 strings to UTF-8. What a certificate says in bytes that are no text of its type is kept
 * visible as \xNN; control characters stay as they stand.
 */
#ifndef PKI_TEXT_H
#define PKI_TEXT_H

#include <stdbool.h>

#include <openssl/bytestring.h>

#include "tlscensus/buf.h"

/* Whether `tag` is one of the string types that text_append reads. */
bool text_is_string(unsigned tag);
/*
 * text_append adds the value of an ASN.1 string of type `tag` to `out`. BMPString is read as
 * UTF-16, UniversalString as UTF-32, T61String as Latin-1 (as every library does), the others as
 * UTF-8, of which their own alphabets are parts.
 */
void text_append(struct tc_buf *out, unsigned tag, CBS value);
/* text_append_utf8 does so for bytes that should be UTF-8. */
void text_append_utf8(struct tc_buf *out, CBS value);
/* The number of bytes of the UTF-8 character that `value` starts with, 0 where it is none. */
size_t text_utf8_len(const CBS *value);

#endif
