/* Plays every file of a corpus folder through a fuzz target, for builds without libFuzzer. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    uint8_t *bytes = malloc(1 << 20);
    size_t len = bytes != NULL ? fread(bytes, 1, 1 << 20, file) : 0;
    fclose(file);
    /* A buffer of the exact size, so that a read past its end is seen by the sanitizers. */
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (bytes == NULL || exact == NULL) {
        free(bytes);
        free(exact);
        return -1;
    }
    memcpy(exact, bytes, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
            return 1;
        }
        const struct dirent *entry = NULL;
        while ((entry = readdir(folder)) != NULL) {
            char path[4096];
            if (entry->d_name[0] == '.') {
                continue;
            }
            int len = snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (len < 0 || (size_t)len >= sizeof path || replay_file(path) != 0) {
                closedir(folder);
                return 1;
            }
            files++;
        }
        closedir(folder);
    }
    printf("%u corpus files replayed\n", files);
    return files > 0 ? 0 : 1; /* an empty corpus proves nothing */
}
