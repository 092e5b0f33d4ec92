/*
 * The bytes of a list as a window that moves over them: a file, a pipe or memory, read as they come
 * and hashed on the way. Its size never depends on the list's.
 */
#ifndef TLSCENSUS_SCANNER_TARGET_INPUT_H
#define TLSCENSUS_SCANNER_TARGET_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

/* The longest line, and the longest CSV record with its line breaks. A longer one is refused. */
#define TARGET_LINE_MAX ((size_t)64 * 1024)

struct target_input;

/* What is read and not yet consumed. */
struct target_window {
    const char *bytes;
    size_t len;
};

/*
 * target_input_open_file opens `path`; "-" is standard input, which stays open afterwards. Nothing
 * is read yet.
 * Errors: TC_ERR_INPUT (missing, unreadable, a directory), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status target_input_open_file(struct target_input **out, const char *path,
                                                  struct tc_error *error);
/* The same over `bytes`, which are borrowed until free. `name` is for errors and is copied. */
TC_MUST_USE enum tc_status target_input_open_memory(struct target_input **out, const char *name,
                                                    const char *bytes, size_t len,
                                                    struct tc_error *error);
/*
 * target_input_set_cancelled gives the question that is asked while nothing comes; it may be NULL.
 */
void target_input_set_cancelled(struct target_input *input, bool (*cancelled)(void *context),
                                void *context);
/* target_input_cancel makes the next read, or the one that waits, give up. Any thread. */
void target_input_cancel(struct target_input *input);
void target_input_free(struct target_input *input);

/* The name it was opened with. Borrowed. */
const char *target_input_name(const struct target_input *input);
/* Line breaks consumed so far, plus one: the line that the window begins in. */
uint64_t target_input_line(const struct target_input *input);
/* What breaks lines: '\n', or '\r' in a list that has no other. */
char target_input_newline(const struct target_input *input);

struct target_window target_input_window(const struct target_input *input);
/*
 * target_input_more waits for more bytes and adds them to the window, whose bytes may move.
 * Errors: TC_ERR_END, TC_ERR_LIMIT (the window holds more than TARGET_LINE_MAX already),
 *         TC_ERR_IO with `error`, TC_ERR_CANCELLED.
 */
TC_MUST_USE enum tc_status target_input_more(struct target_input *input, struct tc_error *error);
/* target_input_consume drops the first `n` bytes of the window, in which lines are counted. */
void target_input_consume(struct target_input *input, size_t n);

/*
 * target_input_line_len finds the end of the line at `offset` in the window, reading more where it
 * must: `*len` is its length, `*step` that and its line break. The last line needs none.
 * Errors: TC_ERR_END (no byte left at `offset`), TC_ERR_LIMIT (a line longer than
 *         TARGET_LINE_MAX), TC_ERR_IO.
 */
TC_MUST_USE enum tc_status target_input_line_len(size_t *len, size_t *step,
                                                 struct target_input *input, size_t offset,
                                                 struct tc_error *error);
/* target_input_skip_line drops the line that the window begins in, however long it is. */
TC_MUST_USE enum tc_status target_input_skip_line(struct target_input *input,
                                                  struct tc_error *error);

/*
 * target_input_begin reads the first bytes, takes off a UTF-8 byte order mark and refuses what is
 * no text: UTF-16, archives, anything with NUL bytes.
 * Errors: TC_ERR_INPUT, TC_ERR_IO.
 */
TC_MUST_USE enum tc_status target_input_begin(struct target_input *input, struct tc_error *error);

/* SHA-256 of all bytes read so far. */
void target_input_sha256(uint8_t out[32], const struct target_input *input);

#endif
