/* Memory for the many small texts of one certificate, freed together with it. */
#ifndef PKI_ARENA_H
#define PKI_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* The zero state is an empty arena. */
struct arena {
    struct arena_chunk *newest;
};

/* arena_alloc gives `size` zeroed bytes, aligned for any object; NULL when memory ran out. */
void *arena_alloc(struct arena *arena, size_t size);
/* arena_reserve makes the first chunk hold `size` bytes, so that one allocation serves a typical
 * certificate. A hint: failure shows in arena_alloc. */
void arena_reserve(struct arena *arena, size_t size);
/* arena_text copies `len` bytes and puts a NUL behind them; NULL when memory ran out. */
char *arena_text(struct arena *arena, const char *bytes, size_t len);
void arena_cleanup(struct arena *arena);

#endif
