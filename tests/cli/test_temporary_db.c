#include "test_support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/temporary_db.h"

static char g_root[64];

static int make_root(void **state)
{
    (void)state;
    strcpy(g_root, "/tmp/tlscensus-once-XXXXXX");
    return mkdtemp(g_root) == NULL || setenv("TMPDIR", g_root, 1) != 0 ? -1 : 0;
}

/* Fails where anything is left in it. */
static int remove_root(void **state)
{
    (void)state;
    return rmdir(g_root);
}

static void touch(const char *path, const char *suffix)
{
    char name[256];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fclose(file);
}

static void nobody_else_may_enter(void **state)
{
    struct tc_error error = {""};
    struct stat facts;
    char *path = NULL;
    char folder[256];
    (void)state;
    assert_int_equal(cli_temporary_db_make(&path, &error), TC_OK);
    assert_int_equal(strncmp(path, g_root, strlen(g_root)), 0);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    assert_int_equal(stat(folder, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
    assert_int_not_equal(access(path, F_OK), 0); /* the store makes it */
    cli_temporary_db_remove(path);
}

static void nothing_of_it_is_left(void **state)
{
    static const char *const all[] = {"", "-wal", "-shm", "-journal", "-lock"};
    struct tc_error error = {""};
    char *path = NULL;
    (void)state;
    assert_int_equal(cli_temporary_db_make(&path, &error), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(all); i++) {
        touch(path, all[i]);
    }
    cli_temporary_db_remove(path); /* remove_root() looks */
}

static void two_of_them_have_their_own(void **state)
{
    struct tc_error error = {""};
    char *one = NULL;
    char *other = NULL;
    (void)state;
    assert_int_equal(cli_temporary_db_make(&one, &error), TC_OK);
    assert_int_equal(cli_temporary_db_make(&other, &error), TC_OK);
    assert_string_not_equal(one, other);
    touch(other, "");
    cli_temporary_db_remove(one);
    assert_int_equal(access(other, F_OK), 0);
    cli_temporary_db_remove(other);
    cli_temporary_db_remove(NULL);
}

static void a_named_folder_is_taken_at_its_word(void **state)
{
    struct tc_error error = {""};
    char nowhere[96];
    char *path = NULL;
    (void)state;
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", g_root);
    assert_int_equal(setenv("TMPDIR", nowhere, 1), 0);
    assert_int_equal(cli_temporary_db_make(&path, &error), TC_ERR_IO);
    assert_null(path);
    assert_non_null(strstr(error.text, nowhere));
    assert_non_null(strstr(error.text, "--db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_else_may_enter, make_root, remove_root),
        cmocka_unit_test_setup_teardown(nothing_of_it_is_left, make_root, remove_root),
        cmocka_unit_test_setup_teardown(two_of_them_have_their_own, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_named_folder_is_taken_at_its_word, make_root,
                                        remove_root),
    };
    return cmocka_run_group_tests_name("temporary_db", tests, NULL, NULL);
}
