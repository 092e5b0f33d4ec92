/* A growing byte buffer that is born with a maximum, and owns its bytes. */
#ifndef TLSCENSUS_BUF_H
#define TLSCENSUS_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

/*
 * Always NUL-terminated once something was added, the NUL not counted in `len`. `failed` sticks:
 * a writer may append many times and look once.
 */
struct tc_buf {
    char *data;
    size_t len;
    size_t capacity;
    size_t max_len;
    enum tc_status failed; /* TC_OK, TC_ERR_NOMEM or TC_ERR_LIMIT (past max_len) */
};

/* tc_buf_init sets the zero state with a maximum of `max_len` bytes. Nothing is allocated. */
void tc_buf_init(struct tc_buf *buf, size_t max_len);
/* tc_buf_cleanup frees the bytes and returns to the zero state. */
void tc_buf_cleanup(struct tc_buf *buf);
/* tc_buf_clear forgets the content, keeps the memory and clears `failed`. */
void tc_buf_clear(struct tc_buf *buf);
/* tc_buf_take moves the bytes out, NUL-terminated (never NULL unless failed); buf is emptied. */
char *tc_buf_take(struct tc_buf *buf);

/* These append; on failure nothing of the piece is added and `failed` is set (and returned). */
enum tc_status tc_buf_add(struct tc_buf *buf, const void *bytes, size_t len);
enum tc_status tc_buf_add_str(struct tc_buf *buf, const char *text);
enum tc_status tc_buf_add_char(struct tc_buf *buf, char c);
enum tc_status tc_buf_addf(struct tc_buf *buf, const char *format, ...) TC_PRINTF(2, 3);
/* lower-case hexadecimal; with a separator other than 0 between bytes it is upper-case: 04:E1 */
enum tc_status tc_buf_add_hex(struct tc_buf *buf, const uint8_t *bytes, size_t len, char separator);

#endif
