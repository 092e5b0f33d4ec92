/* A whole small text file that a user names: a rule, a list of waivers. */
#ifndef SCHEMA_TEXT_FILE_H
#define SCHEMA_TEXT_FILE_H

#include "tlscensus/buf.h"

/*
 * tc_text_file_read appends the file's bytes to `out`, whose maximum is the file's.
 * Errors: TC_ERR_INPUT (missing, not a regular file, unreadable, too long), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_text_file_read(struct tc_buf *out, const char *path,
                                             struct tc_error *error);
/*
 * tc_text_check: UTF-8 (RFC 3629), no control character but tab and line ends.
 * Errors: TC_ERR_INPUT, with path and line.
 */
TC_MUST_USE enum tc_status tc_text_check(const char *path, const char *text, size_t len,
                                         struct tc_error *error);

#endif
