#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_CHUNK_BYTES 1024U

struct arena_chunk {
    struct arena_chunk *older;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *arena_grow(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_chunk)) {
        return NULL;
    }
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk != NULL) {
        chunk->older = arena->newest;
        chunk->used = 0;
        chunk->size = size;
        arena->newest = chunk;
    }
    return chunk;
}

void arena_reserve(struct arena *arena, size_t size)
{
    (void)arena_grow(arena, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX - align) {
        return NULL;
    }
    size_t rounded = (size + align - 1) / align * align;
    struct arena_chunk *chunk = arena->newest;
    if (chunk == NULL || chunk->size - chunk->used < rounded) {
        chunk = arena_grow(arena, rounded > ARENA_CHUNK_BYTES ? rounded : ARENA_CHUNK_BYTES);
        if (chunk == NULL) {
            return NULL;
        }
    }
    void *memory = chunk->bytes + chunk->used;
    chunk->used += rounded;
    memset(memory, 0, size);
    return memory;
}

char *arena_text(struct arena *arena, const char *bytes, size_t len)
{
    char *text = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;
    if (text != NULL && len > 0) {
        memcpy(text, bytes, len);
    }
    return text;
}

void arena_cleanup(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_chunk *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}
