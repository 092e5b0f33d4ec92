/* A folder of rules, and a list of waivers, for one test. */
#ifndef RULES_DIR_H
#define RULES_DIR_H

#define RULE_HEAD(id)                                                                              \
    "-- id: " id "\n-- severity: medium\n-- title: A title\n-- why: Why so\n-- remedy: Do this\n"  \
    "-- source: policy\n"
#define RULE_HEAD_LINES "6"

/* A new folder under /tmp, with a path that rules_dir_remove() takes back. Fails the test. */
char *rules_dir_new(void);
/* Writes a file of that folder. */
void rules_dir_put(const char *dir, const char *name, const char *text);
/* The path of a file of that folder; the caller frees it. */
char *rules_dir_path(const char *dir, const char *name);
/* Removes the folder and its files, and frees the path. */
void rules_dir_remove(char *dir);

#endif
