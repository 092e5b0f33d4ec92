/*
 * HTML from blocks. report/assets/page.html holds every piece of markup as a named block with named
 * slots; code fills the slots and writes no tag. Text is escaped where it enters a slot, so there
 * is one place to look at.
 */
#ifndef REPORT_HTML_WRITER_H
#define REPORT_HTML_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/report.h"

struct html_writer;

/* Writes the content of a slot. */
typedef void (*html_part)(struct html_writer *writer, const void *context);

#define HTML_NAME_FITS 26 /* bytes that every column has room for */

enum html_slot_kind {
    HTML_TEXT,  /* escaped for text and for quoted attributes */
    HTML_NAME,  /* escaped for text alone; a name past HTML_NAME_FITS may break before a dot */
    HTML_URL,   /* percent-encoded: the value of a key in a fragment */
    HTML_RAW,   /* ours, written as it stands: a class, a style sheet */
    HTML_INT,   /* 1234 */
    HTML_COUNT, /* 1,234 */
    HTML_TENTH, /* in tenths: 123 is 12.3 */
    HTML_PART   /* a function's output */
};

struct html_slot {
    const char *name; /* NULL ends a list */
    enum html_slot_kind kind;
    const char *text;
    int64_t number;
    html_part part;
    const void *context;
};

#define SLOT_TEXT(slot, value)                                                                     \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_TEXT, .text = (value)                                         \
    }
#define SLOT_NAME(slot, value)                                                                     \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_NAME, .text = (value)                                         \
    }
#define SLOT_URL(slot, value)                                                                      \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_URL, .text = (value)                                          \
    }
#define SLOT_RAW(slot, value)                                                                      \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_RAW, .text = (value)                                          \
    }
#define SLOT_INT(slot, value)                                                                      \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_INT, .number = (value)                                        \
    }
#define SLOT_COUNT(slot, value)                                                                    \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_COUNT, .number = (value)                                      \
    }
#define SLOT_TENTH(slot, value)                                                                    \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_TENTH, .number = (value)                                      \
    }
#define SLOT_PART(slot, function, argument)                                                        \
    (struct html_slot)                                                                             \
    {                                                                                              \
        .name = (slot), .kind = HTML_PART, .part = (function), .context = (argument)               \
    }

struct html_segment {
    const char *text; /* markup, or the name of a slot */
    size_t len;
    size_t is_slot;
};

struct html_block {
    const char *name;
    size_t name_len;
    size_t first; /* segment */
    size_t num;
};

/* Borrows the output and the page's source, which must outlive it. */
struct html_writer {
    struct tc_output *output;
    struct html_segment *segments;
    size_t num_segments;
    size_t segments_capacity;
    struct html_block *blocks;
    size_t num_blocks;
    size_t blocks_capacity;
};

/*
 * html_writer_init reads the blocks of `source`.
 * Ownership: the caller ends with html_writer_cleanup(), after a failure too.
 * Errors:    TC_ERR_NOMEM, TC_ERR_MALFORMED (a block without end: a mistake of ours).
 */
TC_MUST_USE enum tc_status html_writer_init(struct html_writer *writer, struct tc_output *output,
                                            const char *source);
void html_writer_cleanup(struct html_writer *writer);

/* Writes a block. Each of its slots must be in `slots`; more may be. NULL: no slots. */
void html_block(struct html_writer *writer, const char *name, const struct html_slot *slots);
#define HTML_BLOCK(writer, block, ...)                                                             \
    html_block((writer), (block),                                                                  \
               (const struct html_slot[]){__VA_ARGS__, (struct html_slot){.name = NULL}})

/* One value by its kind, as a slot would write it. */
void html_text(struct html_writer *writer, const char *text);
void html_name(struct html_writer *writer, const char *text);
void html_url(struct html_writer *writer, const char *text);
void html_raw(struct html_writer *writer, const char *text);
void html_count(struct html_writer *writer, int64_t number);

/*
 * html_raw_lean writes an asset without indentation, empty lines and whole-line comments: what a
 * browser does not need and a reader of the source does. The hash is of what was written.
 */
void html_raw_lean(struct html_writer *writer, const char *text);
/* `out` needs 45 bytes: the base64 SHA-256 of what html_raw_lean writes. */
void html_lean_hash(char out[45], const char *text);

#endif
