/* Texts that repeat, each once, with a number, a count and a tone. Bounded: a full one says so. */
#ifndef REPORT_HTML_DICT_H
#define REPORT_HTML_DICT_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

#define HTML_DICT_MAX 65536U

struct html_entry {
    char *text; /* owned */
    int64_t count;
    const char *tone; /* static, or NULL */
};

/* Zero state: {0}, which holds at most HTML_DICT_MAX entries. */
struct html_dict {
    struct html_entry *entries; /* in the order of arrival */
    size_t num;
    uint32_t *slots; /* entry + 1, 0 for free */
    size_t num_slots;
    size_t max; /* 0: HTML_DICT_MAX */
    enum tc_status failed;
};

void html_dict_cleanup(struct html_dict *dict);
/* The number of `text`, which is added where it is new; -1 when the dictionary is full. */
int64_t html_dict_put(struct html_dict *dict, const char *text);
/* Adds `count` to the entry of `text`. */
void html_dict_add(struct html_dict *dict, const char *text, int64_t count, const char *tone);

#endif
