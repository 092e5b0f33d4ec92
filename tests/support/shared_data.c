#include "test_support.h"

#include "shared_data.h"

#include <stdio.h>
#include <stdlib.h>

char *read_whole_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t room = 1 << 16;
    size_t len = 0;
    char *bytes = malloc(room);
    while (bytes != NULL) {
        len += fread(bytes + len, 1, room - len - 1, file);
        if (len + 1 < room) {
            bytes[len] = '\0';
            break;
        }
        room *= 2;
        bytes = realloc(bytes, room);
    }
    fclose(file);
    *out_len = len;
    return bytes;
}

char *read_shared_or_skip(const char *name, size_t *out_len)
{
    const char *folder = getenv("TLSCENSUS_SHARED");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "../shared", name);
    char *bytes = read_whole_file(path, out_len);
    if (bytes == NULL) {
        print_message("SKIPPED: %s is missing\n", path);
        skip();
    }
    return bytes;
}
