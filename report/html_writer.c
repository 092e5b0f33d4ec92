#include "html_writer.h"

#include <assert.h>
#include <openssl/base64.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html_words.h"

#define BLOCK_MARK "<!-- block "
#define END_MARK   "<!-- end -->"

/* ---- reading the blocks ---- */

static enum tc_status grow(void **items, size_t *capacity, size_t num, size_t size)
{
    if (num < *capacity) {
        return TC_OK;
    }
    size_t wanted = *capacity > 0 ? *capacity * 2 : 256;
    void *grown = realloc(*items, wanted * size);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    *items = grown;
    *capacity = wanted;
    return TC_OK;
}

static enum tc_status add_segment(struct html_writer *writer, const char *text, size_t len,
                                  bool is_slot)
{
    if (len == 0) {
        return TC_OK;
    }
    void *items = writer->segments;
    enum tc_status status =
        grow(&items, &writer->segments_capacity, writer->num_segments, sizeof *writer->segments);
    writer->segments = items;
    if (status == TC_OK) {
        writer->segments[writer->num_segments++] =
            (struct html_segment){.text = text, .len = len, .is_slot = is_slot};
    }
    return status;
}

/* The length of `{name}` at `text`, or 0 where the brace opens no slot. */
static size_t slot_len(const char *text, const char *end)
{
    const char *at = text + 1;
    while (at < end && ((*at >= 'a' && *at <= 'z') || *at == '_')) {
        at++;
    }
    return at < end && *at == '}' && at > text + 1 ? (size_t)(at - text) + 1 : 0;
}

/* Splits a block's text into markup and slots; line breaks and indentation are dropped. */
static enum tc_status add_segments(struct html_writer *writer, const char *text, const char *end)
{
    enum tc_status status = TC_OK;
    const char *start = text;
    while (text < end && status == TC_OK) {
        size_t slot = *text == '{' ? slot_len(text, end) : 0;
        if (*text != '\n' && slot == 0) {
            text++;
            continue;
        }
        status = add_segment(writer, start, (size_t)(text - start), false);
        if (status == TC_OK && slot > 0) {
            status = add_segment(writer, text + 1, slot - 2, true);
        }
        text += slot > 0 ? slot : strspn(text, "\n ");
        start = text;
    }
    return status == TC_OK && start < end ? add_segment(writer, start, (size_t)(end - start), false)
                                          : status;
}

static enum tc_status add_block(struct html_writer *writer, const char *name, const char *text,
                                const char *end)
{
    void *items = writer->blocks;
    enum tc_status status =
        grow(&items, &writer->blocks_capacity, writer->num_blocks, sizeof *writer->blocks);
    writer->blocks = items;
    if (status != TC_OK) {
        return status;
    }
    struct html_block *block = &writer->blocks[writer->num_blocks++];
    *block = (struct html_block){
        .name = name, .name_len = strcspn(name, " "), .first = writer->num_segments};
    status = add_segments(writer, text, end);
    block->num = writer->num_segments - block->first;
    return status;
}

enum tc_status html_writer_init(struct html_writer *writer, struct tc_output *output,
                                const char *source)
{
    *writer = (struct html_writer){.output = output};
    const char *at = source;
    enum tc_status status = TC_OK;
    while (status == TC_OK && (at = strstr(at, BLOCK_MARK)) != NULL) {
        const char *name = at + strlen(BLOCK_MARK);
        const char *text = strstr(name, "-->");
        const char *end = text != NULL ? strstr(text, END_MARK) : NULL;
        if (end == NULL) {
            return TC_ERR_MALFORMED;
        }
        text += strlen("-->");
        if (*text == '\n') {
            text++;
        }
        status = add_block(writer, name, text, end);
        at = end;
    }
    return status;
}

void html_writer_cleanup(struct html_writer *writer)
{
    free(writer->segments);
    free(writer->blocks);
    *writer = (struct html_writer){.output = NULL};
}

/* ---- writing ---- */

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Text in which each byte of `special`, escaped, follows `before` where it has no entity. */
static void write_text(struct html_writer *writer, const char *text, const char *special,
                       const char *before)
{
    for (;;) {
        size_t plain = strcspn(text, special);
        tc_output_write(writer->output, text, plain);
        text += plain;
        if (*text == '\0') {
            return;
        }
        const char *entity = entity_of(*text);
        if (entity != NULL) {
            tc_output_str(writer->output, entity);
        } else {
            tc_output_str(writer->output, before);
            tc_output_write(writer->output, text, 1);
        }
        text++;
    }
}

void html_text(struct html_writer *writer, const char *text)
{
    write_text(writer, text, "&<>\"'", "");
}

void html_name(struct html_writer *writer, const char *text)
{
    bool fits = strlen(text) <= HTML_NAME_FITS;
    write_text(writer, text, fits ? "&<>\"'" : "&<>\"'.", "<wbr>");
}

void html_url(struct html_writer *writer, const char *text)
{
    static const char k_plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:[]";
    for (;;) {
        size_t plain = strspn(text, k_plain);
        tc_output_write(writer->output, text, plain);
        text += plain;
        if (*text == '\0') {
            return;
        }
        char escape[4];
        snprintf(escape, sizeof escape, "%%%02X", (unsigned)(unsigned char)*text);
        tc_output_write(writer->output, escape, 3);
        text++;
    }
}

void html_raw(struct html_writer *writer, const char *text)
{
    tc_output_str(writer->output, text);
}

void html_count(struct html_writer *writer, int64_t number)
{
    char words[HTML_WORDS];
    html_raw(writer, html_words_count(words, number));
}

static void write_tenth(struct html_writer *writer, int64_t tenths)
{
    if (tenths % 10 == 0) {
        tc_output_printf(writer->output, "%lld", (long long)(tenths / 10));
    } else {
        tc_output_printf(writer->output, "%s%lld.%lld", tenths < 0 ? "-" : "",
                         llabs((long long)tenths) / 10, llabs((long long)tenths) % 10);
    }
}

static void write_slot(struct html_writer *writer, const struct html_slot *slot)
{
    switch (slot->kind) {
    case HTML_TEXT:
        html_text(writer, slot->text);
        break;
    case HTML_NAME:
        html_name(writer, slot->text);
        break;
    case HTML_URL:
        html_url(writer, slot->text);
        break;
    case HTML_RAW:
        html_raw(writer, slot->text);
        break;
    case HTML_INT:
        tc_output_printf(writer->output, "%lld", (long long)slot->number);
        break;
    case HTML_COUNT:
        html_count(writer, slot->number);
        break;
    case HTML_TENTH:
        write_tenth(writer, slot->number);
        break;
    case HTML_PART:
        slot->part(writer, slot->context);
        break;
    }
}

static const struct html_slot *find_slot(const struct html_slot *slots,
                                         const struct html_segment *name)
{
    for (; slots != NULL && slots->name != NULL; slots++) {
        if (strncmp(slots->name, name->text, name->len) == 0 && slots->name[name->len] == '\0') {
            return slots;
        }
    }
    return NULL;
}

static const struct html_block *find_block(const struct html_writer *writer, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < writer->num_blocks; i++) {
        const struct html_block *block = &writer->blocks[i];
        if (block->name_len == len && memcmp(block->name, name, len) == 0) {
            return block;
        }
    }
    return NULL;
}

void html_block(struct html_writer *writer, const char *name, const struct html_slot *slots)
{
    const struct html_block *block = find_block(writer, name);
    assert(block != NULL);
    for (size_t i = 0; block != NULL && i < block->num; i++) {
        const struct html_segment *segment = &writer->segments[block->first + i];
        if (!segment->is_slot) {
            tc_output_write(writer->output, segment->text, segment->len);
            continue;
        }
        const struct html_slot *slot = find_slot(slots, segment);
        assert(slot != NULL);
        if (slot != NULL) {
            write_slot(writer, slot);
        }
    }
}

/* ---- assets ---- */

typedef void (*lean_sink)(void *context, const char *bytes, size_t len);

static bool is_comment_line(const char *line, size_t len)
{
    return (len >= 2 && memcmp(line, "//", 2) == 0) ||
           (len >= 4 && memcmp(line, "/*", 2) == 0 && memcmp(line + len - 2, "*/", 2) == 0);
}

static void lean(const char *text, lean_sink sink, void *context)
{
    while (*text != '\0') {
        text += strspn(text, " \n");
        size_t len = strcspn(text, "\n");
        if (len > 0 && !is_comment_line(text, len)) {
            sink(context, text, len);
            sink(context, "\n", 1);
        }
        text += len;
    }
}

static void lean_to_output(void *context, const char *bytes, size_t len)
{
    tc_output_write(context, bytes, len);
}

static void lean_to_hash(void *context, const char *bytes, size_t len)
{
    SHA256_Update(context, bytes, len);
}

void html_raw_lean(struct html_writer *writer, const char *text)
{
    lean(text, lean_to_output, writer->output);
}

void html_lean_hash(char out[45], const char *text)
{
    SHA256_CTX hash;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_Init(&hash);
    lean(text, lean_to_hash, &hash);
    SHA256_Final(digest, &hash);
    EVP_EncodeBlock((uint8_t *)out, digest, sizeof digest);
}
