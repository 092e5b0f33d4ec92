/* Texts that live as long as the options that point at them. */
#ifndef CLI_ARENA_H
#define CLI_ARENA_H

#include <stddef.h>

/* The zero state is empty. */
struct cli_arena {
    char **texts;
    size_t num_texts;
};

/* A copy that lives until the cleanup; NULL when out of memory. */
const char *cli_arena_copy(struct cli_arena *arena, const char *text);
void cli_arena_cleanup(struct cli_arena *arena);

#endif
