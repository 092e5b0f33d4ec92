/* Text of one step of a walk: copied, made visible, dropped all at once. */
#ifndef REPORT_HTML_ARENA_H
#define REPORT_HTML_ARENA_H

#include <stddef.h>

#include "tlscensus/status.h"
#include "tlscensus/store.h"

struct html_arena_piece;

/* Zero state: {0}. Pieces are kept over a reset, so a walk allocates only while it meets more. */
struct html_arena {
    struct html_arena_piece *pieces; /* newest first */
    struct html_arena_piece *spare;
    enum tc_status failed; /* TC_ERR_NOMEM sticks; texts are "" from then on */
};

void html_arena_reset(struct html_arena *arena);
void html_arena_cleanup(struct html_arena *arena);

#define HTML_TEXT_MAX 400U /* bytes of a stranger's text that a page shows */

/*
 * html_visible copies text so that nothing in it can deceive: control, invisible and bidirectional
 * characters as \u{202E}, bytes that are no UTF-8 as U+FFFD, and a tail past HTML_TEXT_MAX as
 * "… (+39,600 more)". NUL-ended; never NULL.
 */
const char *html_visible(struct html_arena *arena, const char *text, size_t len);
/* The same for a column of a row; "" for NULL. */
const char *html_visible_column(struct html_arena *arena, const struct tc_rows *rows, int column);
/* An exact copy of NUL-ended text. */
const char *html_copy(struct html_arena *arena, const char *text);
/* printf into the arena; cut at HTML_TEXT_MAX bytes. */
const char *html_format(struct html_arena *arena, const char *format, ...) TC_PRINTF(2, 3);

#endif
