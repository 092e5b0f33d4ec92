#include "html_arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html_words.h"

#define PIECE_BYTES ((size_t)16 * 1024)

struct html_arena_piece {
    struct html_arena_piece *next;
    size_t used;
    char bytes[PIECE_BYTES];
};

void html_arena_reset(struct html_arena *arena)
{
    while (arena->pieces != NULL) {
        struct html_arena_piece *piece = arena->pieces;
        arena->pieces = piece->next;
        piece->next = arena->spare;
        piece->used = 0;
        arena->spare = piece;
    }
}

void html_arena_cleanup(struct html_arena *arena)
{
    html_arena_reset(arena);
    while (arena->spare != NULL) {
        struct html_arena_piece *piece = arena->spare;
        arena->spare = piece->next;
        free(piece);
    }
}

/* Room for `len` bytes, at most a piece; NULL when out of memory. */
static char *arena_room(struct html_arena *arena, size_t len)
{
    struct html_arena_piece *piece = arena->pieces;
    if (piece == NULL || PIECE_BYTES - piece->used < len) {
        piece = arena->spare;
        if (piece != NULL) {
            arena->spare = piece->next;
        } else if ((piece = malloc(sizeof *piece)) != NULL) {
            piece->used = 0;
        } else {
            arena->failed = TC_ERR_NOMEM;
            return NULL;
        }
        piece->next = arena->pieces;
        arena->pieces = piece;
    }
    char *room = piece->bytes + piece->used;
    piece->used += len;
    return room;
}

static const char *arena_add(struct html_arena *arena, const char *text, size_t len)
{
    char *copy = arena_room(arena, len + 1);
    if (copy == NULL) {
        return "";
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

const char *html_copy(struct html_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return arena_add(arena, text, len < PIECE_BYTES ? len : PIECE_BYTES - 1);
}

const char *html_format(struct html_arena *arena, const char *format, ...)
{
    char text[HTML_TEXT_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return len >= 0 ? arena_add(arena, text, strlen(text)) : "";
}

static size_t count_characters(const char *text, size_t len)
{
    size_t count = 0;
    uint32_t code = 0;
    for (size_t at = 0; at < len; count++) {
        at += tc_utf8_next(&code, text + at, len - at);
    }
    return count;
}

static const char *visible_slowly(struct html_arena *arena, const char *text, size_t len)
{
    struct tc_buf shown;
    tc_buf_init(&shown, (size_t)HTML_TEXT_MAX * 2);
    size_t at = 0;
    while (at < len && shown.len < HTML_TEXT_MAX) {
        uint32_t code = 0;
        at += tc_utf8_next(&code, text + at, len - at);
        if (code != TC_UTF8_INVALID && tc_is_deceptive(code)) {
            tc_buf_addf(&shown, "\\u{%04X}", (unsigned)code);
        } else {
            tc_utf8_add(&shown, code);
        }
    }
    if (at < len) {
        char words[HTML_WORDS];
        tc_buf_addf(&shown, "… (+%s more)",
                    html_words_count(words, (int64_t)count_characters(text + at, len - at)));
    }
    if (shown.failed != TC_OK) {
        arena->failed = TC_ERR_NOMEM;
    }
    const char *copy = arena_add(arena, shown.data != NULL ? shown.data : "", shown.len);
    tc_buf_cleanup(&shown);
    return copy;
}

const char *html_visible(struct html_arena *arena, const char *text, size_t len)
{
    size_t plain = 0;
    while (plain < len && text[plain] >= ' ' && text[plain] <= '~') {
        plain++;
    }
    if (plain == len && len <= HTML_TEXT_MAX) {
        return len > 0 ? arena_add(arena, text, len) : "";
    }
    return visible_slowly(arena, text, len);
}

const char *html_visible_column(struct html_arena *arena, const struct tc_rows *rows, int column)
{
    const char *text = tc_rows_text(rows, column);
    return html_visible(
        arena, text,
        text[0] != '\0' || tc_rows_bytes(rows, column) > 0 ? tc_rows_bytes(rows, column) : 0);
}
