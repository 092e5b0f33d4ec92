/* realpath() is XSI, strdup() POSIX. */
#define _XOPEN_SOURCE 700
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept_copy.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"

#define MEMORY_PATH    ":memory:"
#define BUSY_MS        5000      /* readers and a checkpoint may meet */
#define CLOSE_BUSY_MS  200       /* the last tidying gives way to readers */
#define READ_VALUE_MAX (1 << 28) /* one value of a hostile file, in bytes */
#define URI_MAX        65536
#define IMMUTABLE      "immutable=1" /* no locks nor WAL are looked for */
#define WRITER_SETTINGS                                                                            \
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"            \
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = FILE; PRAGMA cache_size = -10240;"      \
    "PRAGMA secure_delete = OFF; PRAGMA trusted_schema = OFF"
/* A report sorts what it likes: in a file, so that memory does not grow with the fleet. */
#define READER_SETTINGS                                                                            \
    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = FILE;"          \
    "PRAGMA cache_size = -16384; PRAGMA query_only = ON"

static struct tc_store *store_new(const char *path, enum tc_store_mode mode)
{
    struct tc_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return NULL;
    }
    store->lock_fd = -1;
    store->mode = mode;
    store->path = strdup(path);
    if (store->path == NULL) {
        free(store);
        return NULL;
    }
    return store;
}

/* ---- the file, before SQLite sees it ---- */

static enum tc_status create_file(const char *path, struct tc_error *error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        return TC_OK;
    }
    if (errno == EEXIST) { /* another process was faster: the lock decides */
        return TC_OK;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "%s: cannot be made: its folder does not exist: make it first", path);
    }
    return tc_fail(error, TC_ERR_STORE, "%s: cannot be made: %s: name another place with --db",
                   path, strerror(errno));
}

static enum tc_status look_at_file(struct tc_store *store, struct tc_error *error)
{
    const char *path = store->path;
    struct stat file;
    if (path[0] == '\0') {
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "the database has an empty name: name one with --db");
    }
    if (stat(path, &file) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return tc_fail(error, TC_ERR_STORE, "%s: cannot be opened: %s", path, strerror(errno));
        }
        if (store->mode == TC_STORE_CREATE) {
            return create_file(path, error);
        }
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "%s: no such file: name a database with --db, or make one with "
                       "`tlscensus scan`",
                       path);
    }
    if (!S_ISREG(file.st_mode)) {
        return tc_fail(error, TC_ERR_FOREIGN, "%s: %s, not a database: name a file with --db", path,
                       S_ISDIR(file.st_mode) ? "a directory" : "a special file");
    }
    if (file.st_size == 0 && store->mode != TC_STORE_CREATE) {
        return tc_fail(error, TC_ERR_FOREIGN,
                       "%s: an empty file, not a database: fill it with `tlscensus scan`", path);
    }
    int wanted = store->mode == TC_STORE_READ ? R_OK : R_OK | W_OK;
    if (access(path, wanted) != 0) {
        return tc_fail(error, TC_ERR_STORE, "%s: cannot be %s: %s: look at its permissions", path,
                       store->mode == TC_STORE_READ ? "read" : "written", strerror(errno));
    }
    return TC_OK;
}

static enum tc_status locate(struct tc_store *store, struct tc_error *error)
{
    enum tc_status status = look_at_file(store, error);
    if (status != TC_OK) {
        return status;
    }
    /* One file, one name: the lock must be the same for all links to it. */
    store->real_path = realpath(store->path, NULL);
    if (store->real_path == NULL) {
        return tc_fail(error, TC_ERR_STORE, "%s: cannot be opened: %s", store->path,
                       strerror(errno));
    }
    return store->mode == TC_STORE_READ ? TC_OK : tc_lock_take(store, error);
}

/* ---- the connection ---- */

/* Counting every allocation costs a lock for each, and nobody asks for the sum. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum tc_status connect_to(struct tc_store *store, const char *name, int flags,
                                 struct tc_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, configure_library);
    /* No mutex: the connection is one thread's at a time, handed over through the writer's queue.
     */
    int rc = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    if (store->db == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    if (rc != SQLITE_OK) {
        return tc_db_fail(store, error, "opening it");
    }
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return TC_OK;
}

/* "file:" with what a URI reserves escaped, and one parameter. */
static char *uri_of(const char *real_path, const char *parameter)
{
    struct tc_buf uri;
    tc_buf_init(&uri, URI_MAX);
    tc_buf_add_str(&uri, "file:");
    for (const char *c = real_path; *c != '\0'; c++) {
        if (strchr("?#%", *c) != NULL) {
            tc_buf_addf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
        } else {
            tc_buf_add_char(&uri, *c);
        }
    }
    tc_buf_addf(&uri, "?%s", parameter);
    return tc_buf_take(&uri);
}

/* Whether commits wait in a WAL beside the file. */
static bool has_wal(const char *real_path)
{
    struct tc_buf path;
    struct stat file;
    tc_buf_init(&path, URI_MAX);
    tc_buf_add_str(&path, real_path);
    tc_buf_add_str(&path, "-wal");
    bool found = path.failed == TC_OK && stat(path.data, &file) == 0 && file.st_size > 0;
    tc_buf_cleanup(&path);
    return found;
}

/*
 * A database in WAL mode wants its -shm file, which cannot be made on a medium that is read-only.
 * Without a WAL there is nothing in it either: the file alone is the whole truth and cannot
 * change under us.
 */
static enum tc_status connect_immutable(struct tc_store *store, struct tc_error *error)
{
    if (has_wal(store->real_path)) {
        return tc_fail(error, TC_ERR_STORE,
                       "%s: its last commits are in %s-wal, which cannot be read here: copy both "
                       "to a folder that can be written",
                       store->path, store->path);
    }
    char *uri = uri_of(store->real_path, IMMUTABLE);
    if (uri == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    (void)sqlite3_close(store->db);
    store->db = NULL;
    store->is_immutable = true;
    enum tc_status status = connect_to(store, uri, SQLITE_OPEN_READONLY, error);
    free(uri);
    return status;
}

static enum tc_status connect(struct tc_store *store, struct tc_error *error)
{
    if (store->real_path == NULL) {
        return connect_to(store, MEMORY_PATH, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
    }
    bool reads = store->mode == TC_STORE_READ;
    enum tc_status status = connect_to(store, store->real_path,
                                       reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, error);
    if (status != TC_OK) {
        return status;
    }
    int rc = sqlite3_exec(store->db, "PRAGMA schema_version", NULL, NULL, NULL) & 0xff;
    if (reads && (rc == SQLITE_CANTOPEN || rc == SQLITE_READONLY)) {
        return connect_immutable(store, error);
    }
    if (rc != SQLITE_OK) {
        return tc_db_fail(store, error, "opening it");
    }
    if (!reads && sqlite3_db_readonly(store->db, "main") == 1) {
        return tc_fail(error, TC_ERR_STORE,
                       "%s: cannot be written: it is on a medium that is read-only", store->path);
    }
    return TC_OK;
}

/* ---- whose file it is, and of which version ---- */

struct identity {
    int64_t application_id;
    int64_t user_version;
    int64_t num_objects;
};

static enum tc_status identify(struct tc_store *store, struct identity *out, struct tc_error *error)
{
    enum tc_status status =
        tc_db_get_int(store, &out->application_id, "PRAGMA application_id", "reading it", error);
    if (status == TC_OK) {
        status =
            tc_db_get_int(store, &out->user_version, "PRAGMA user_version", "reading it", error);
    }
    if (status == TC_OK) {
        status = tc_db_get_int(store, &out->num_objects, "SELECT count(*) FROM sqlite_schema",
                               "reading it", error);
    }
    return status;
}

/* The program that wrote the newest scan: "0.1.0", or "" where that cannot be told. */
static void newest_tool(struct tc_store *store, char *out, size_t out_len)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_snprintf((int)out_len, out, " tlscensus"); /* no scan says more */
    if (sqlite3_prepare_v2(store->db, tc_sql_newest_tool, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);
        sqlite3_snprintf((int)out_len, out, " %s", text != NULL ? (const char *)text : "tlscensus");
    }
    sqlite3_finalize(statement);
}

static enum tc_status check_identity(struct tc_store *store, const struct identity *found,
                                     struct tc_error *error)
{
    const char *path = store->path;
    char tool[64];
    if (found->application_id != TC_APPLICATION_ID) {
        return tc_fail(error, TC_ERR_FOREIGN,
                       "%s: a database of another program (application id 0x%08llX): name another "
                       "file with --db",
                       path, (unsigned long long)(found->application_id & 0xffffffffLL));
    }
    if (found->user_version > tc_migrate_latest()) {
        newest_tool(store, tool, sizeof tool);
        return tc_fail(error, TC_ERR_VERSION,
                       "%s: written by%s (step %lld), this is %s (step %d): use the newer "
                       "program",
                       path, tool, (long long)found->user_version, TLSCENSUS_VERSION,
                       tc_migrate_latest());
    }
    if (found->user_version < 1) {
        return tc_fail(error, TC_ERR_FOREIGN,
                       "%s: says that it is tlscensus's, but has no version: use a copy", path);
    }
    if (found->user_version < tc_migrate_latest() && store->mode == TC_STORE_READ) {
        newest_tool(store, tool, sizeof tool);
        return tc_fail(error, TC_ERR_VERSION,
                       "%s: written by%s, at an older step: `tlscensus assess --db %s` brings it "
                       "up to date",
                       path, tool, path);
    }
    return TC_OK;
}

/* Notes are a help to the optimizer: without them nothing fails. A file may have none. */
static void forget_small_tables(struct tc_store *store)
{
    (void)sqlite3_exec(store->db, tc_sql_forget_small_tables, NULL, NULL, NULL);
}

/* A new file gets its shape before the first table: no pointer maps, larger pages. */
static enum tc_status settle_new(struct tc_store *store, struct tc_error *error)
{
    return tc_db_exec(store, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE", "making it",
                      error);
}

static enum tc_status settle(struct tc_store *store, struct tc_error *error)
{
    struct identity found = {0};
    enum tc_status status = identify(store, &found, error);
    if (status != TC_OK) {
        return status;
    }
    bool is_new = store->mode == TC_STORE_CREATE && found.num_objects == 0 &&
                  found.application_id == 0 && found.user_version == 0;
    status = is_new ? settle_new(store, error) : check_identity(store, &found, error);
    if (status != TC_OK) {
        return status;
    }
    store->is_ours = true;
    if (store->mode == TC_STORE_READ) {
        (void)sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, READ_VALUE_MAX);
        status = tc_db_exec(store, READER_SETTINGS, "opening it", error);
        return status == TC_OK ? tc_shape_check(store, error) : status;
    }
    status = tc_db_exec(store, WRITER_SETTINGS, "opening it", error);
    bool is_old = !is_new && found.user_version < tc_migrate_latest();
    if (status == TC_OK && is_old) {
        status = tc_keep_copy(store, (int)found.user_version, error);
    }
    if (status == TC_OK && (is_new || is_old)) {
        status = tc_migrate(store, (int)found.user_version, error);
    }
    if (status == TC_OK) {
        forget_small_tables(store);
    }
    return status == TC_OK && !is_new ? tc_shape_check(store, error) : status;
}

enum tc_status tc_store_open(struct tc_store **out, const char *path, enum tc_store_mode mode,
                             struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_store *store = store_new(path, mode);
    if (store == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", path);
    }
    if (strcmp(path, MEMORY_PATH) == 0) {
        store->mode = TC_STORE_CREATE;
    } else {
        status = locate(store, error);
    }
    if (status == TC_OK) {
        status = connect(store, error);
    }
    if (status == TC_OK) {
        status = settle(store, error);
    }
    if (status != TC_OK) {
        tc_store_close(store);
        return status;
    }
    *out = store;
    return TC_OK;
}

/* ---- another database beside it ---- */

enum tc_status tc_store_attach(struct tc_store *store, const struct tc_store *shard,
                               struct tc_error *error)
{
    sqlite3_stmt *attach = NULL;
    char *uri = uri_of(shard->real_path, shard->is_immutable ? IMMUTABLE : "mode=ro");
    if (uri == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", store->path);
    }
    enum tc_status status = tc_db_prepare(store, &attach, tc_sql_attach_shard, false, error);
    if (status == TC_OK) {
        tc_db_bind_text(attach, ":uri", uri);
        if (sqlite3_step(attach) != SQLITE_DONE) {
            status = tc_db_fail(store, error, "opening a shard beside it");
        }
    }
    sqlite3_finalize(attach);
    free(uri);
    return status;
}

void tc_store_detach(struct tc_store *store)
{
    (void)sqlite3_exec(store->db, tc_sql_detach_shard, NULL, NULL, NULL);
}

/*
 * Leaves one file that can be copied and read anywhere: no WAL beside it, and none wanted by who
 * opens it next. Readers that are still there keep the WAL alive; then it stays, as whole as
 * before.
 */
static void tidy(struct tc_store *store)
{
    (void)sqlite3_busy_timeout(store->db, CLOSE_BUSY_MS);
    (void)sqlite3_exec(store->db, "PRAGMA analysis_limit = 400; PRAGMA optimize", NULL, NULL, NULL);
    forget_small_tables(store);
    (void)sqlite3_exec(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    (void)sqlite3_exec(store->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

void tc_store_close(struct tc_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->db != NULL) {
        tc_db_rollback(store);
        if (store->is_ours && store->lock_fd >= 0) {
            tidy(store);
        }
        (void)sqlite3_close(store->db);
    }
    tc_lock_drop(store);
    free(store->real_path);
    sqlite3_free(store->kept_copy);
    free(store->path);
    free(store);
}

const char *tc_store_kept_copy(const struct tc_store *store)
{
    return store->kept_copy;
}

const char *tc_store_path(const struct tc_store *store)
{
    return store->path;
}
