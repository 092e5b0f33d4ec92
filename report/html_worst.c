#include "html_worst.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64U

static int compare_top(const void *left, const void *right)
{
    const struct html_top *a = left;
    const struct html_top *b = right;
    if (a->score != b->score) {
        return a->score > b->score ? -1 : 1;
    }
    if (a->not_after_s != b->not_after_s) {
        return a->not_after_s < b->not_after_s ? -1 : 1;
    }
    int order = a->endpoint != NULL && b->endpoint != NULL ? strcmp(a->endpoint, b->endpoint) : 0;
    return order != 0 ? order : a->observation_id < b->observation_id ? -1 : 1;
}

static void cut_to(struct html_worst *worst, size_t keep)
{
    while (worst->num > keep) {
        free(worst->items[--worst->num].endpoint);
    }
}

void html_worst_cleanup(struct html_worst *worst)
{
    cut_to(worst, 0);
    free(worst->items);
    *worst = (struct html_worst){.max = worst->max};
}

void html_worst_cut(struct html_worst *worst)
{
    if (worst->num > 0) {
        qsort(worst->items, worst->num, sizeof *worst->items, compare_top);
    }
    cut_to(worst, worst->max);
}

/* Room for twice the rows that are kept: sorting comes once in so many rows. */
static enum tc_status make_room(struct html_worst *worst)
{
    if (worst->num < worst->capacity) {
        return TC_OK;
    }
    if (worst->num / 2 >= worst->max && worst->max > 0) {
        html_worst_cut(worst);
        worst->bar = worst->items[worst->num - 1];
        worst->bar.endpoint = NULL;
        worst->has_bar = true;
        return TC_OK;
    }
    size_t capacity = worst->capacity > 0 ? worst->capacity * 2 : FIRST_CAPACITY;
    struct html_top *grown = realloc(worst->items, capacity * sizeof *grown);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    worst->items = grown;
    worst->capacity = capacity;
    return TC_OK;
}

enum tc_status html_worst_add(struct html_worst *worst, const struct html_top *row,
                              const char *endpoint)
{
    const struct html_top *bar = &worst->bar;
    if (worst->has_bar && (row->score < bar->score ||
                           (row->score == bar->score && row->not_after_s > bar->not_after_s))) {
        return TC_OK; /* as many rows as are kept are worse */
    }
    enum tc_status status = make_room(worst);
    char *copy = status == TC_OK && endpoint != NULL ? strdup(endpoint) : NULL;
    if (status != TC_OK || (endpoint != NULL && copy == NULL)) {
        return TC_ERR_NOMEM;
    }
    worst->items[worst->num] = *row;
    worst->items[worst->num++].endpoint = copy;
    return TC_OK;
}
