#include "test_support.h"

#include "rules_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlscensus/buf.h"

char *rules_dir_new(void)
{
    char *dir = strdup("/tmp/tlscensus-rules-XXXXXX");
    assert_non_null(dir);
    assert_non_null(mkdtemp(dir));
    return dir;
}

char *rules_dir_path(const char *dir, const char *name)
{
    struct tc_buf path;
    tc_buf_init(&path, 4096);
    assert_int_equal(tc_buf_addf(&path, "%s/%s", dir, name), TC_OK);
    return tc_buf_take(&path);
}

void rules_dir_put(const char *dir, const char *name, const char *text)
{
    char *path = rules_dir_path(dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

void rules_dir_remove(char *dir)
{
    const struct dirent *entry = NULL;
    DIR *handle = opendir(dir);
    assert_non_null(handle);
    while ((entry = readdir(handle)) != NULL) {
        char *path = rules_dir_path(dir, entry->d_name);
        (void)remove(path); /* not the folder itself nor its parent: they are not empty */
        free(path);
    }
    closedir(handle);
    assert_int_equal(rmdir(dir), 0);
    free(dir);
}
