#include "cli/arena.h"

#include <stdlib.h>
#include <string.h>

const char *cli_arena_copy(struct cli_arena *arena, const char *text)
{
    char **texts = realloc(arena->texts, (arena->num_texts + 1) * sizeof *texts);
    if (texts == NULL) {
        return NULL;
    }
    arena->texts = texts;
    char *copy = strdup(text);
    if (copy != NULL) {
        arena->texts[arena->num_texts++] = copy;
    }
    return copy;
}

void cli_arena_cleanup(struct cli_arena *arena)
{
    for (size_t i = 0; i < arena->num_texts; i++) {
        free(arena->texts[i]);
    }
    free(arena->texts);
    *arena = (struct cli_arena){0};
}
