#include "cli/temporary_db.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlscensus/buf.h"

#define FOLDER   "tlscensus-XXXXXX"
#define NAME     "scan.db"
#define PATH_LEN 4096

/* The folder's path, NULL with errno where it cannot be made there. */
static char *make_folder(const char *where)
{
    struct tc_buf path;
    tc_buf_init(&path, PATH_LEN);
    tc_buf_addf(&path, "%s/" FOLDER, where);
    char *folder = tc_buf_take(&path);
    if (folder == NULL) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    if (mkdtemp(folder) == NULL) {
        int reason = errno;
        free(folder);
        errno = reason;
        return NULL;
    }
    return folder;
}

/* A folder that is named and cannot be used is an error: elsewhere there may be no room. */
enum tc_status cli_temporary_db_make(char **out, struct tc_error *error)
{
    static const char *const usual[] = {"/var/tmp", "/tmp"};
    const char *named = getenv("TMPDIR");
    bool is_named = named != NULL && named[0] != '\0';
    char *folder = is_named ? make_folder(named) : NULL;
    for (size_t i = 0; i < TC_ARRAY_LEN(usual) && folder == NULL && !is_named; i++) {
        folder = make_folder(usual[i]);
    }
    if (folder == NULL) {
        return tc_fail(error, TC_ERR_IO,
                       "%s: no temporary database can be made there: %s; name a folder with room "
                       "in TMPDIR, or a database with --db",
                       is_named ? named : "/var/tmp, /tmp", strerror(errno));
    }
    struct tc_buf path;
    tc_buf_init(&path, PATH_LEN + sizeof NAME);
    tc_buf_addf(&path, "%s/" NAME, folder);
    *out = tc_buf_take(&path);
    if (*out == NULL) {
        (void)rmdir(folder);
    }
    free(folder);
    return *out != NULL ? TC_OK : tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
}

void cli_temporary_db_remove(char *path)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal", "-lock", ""};
    char name[PATH_LEN + 32];
    if (path == NULL) {
        return;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(beside); i++) {
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        (void)unlink(name);
    }
    *strrchr(path, '/') = '\0';
    (void)rmdir(path);
    free(path);
}
