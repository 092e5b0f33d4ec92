#include "html_dict.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64U

void html_dict_cleanup(struct html_dict *dict)
{
    for (size_t i = 0; i < dict->num; i++) {
        free(dict->entries[i].text);
    }
    free(dict->entries);
    free(dict->slots);
    *dict = (struct html_dict){.max = dict->max};
}

/* FNV-1a: short keys, and no order of the page depends on it. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037U;
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    }
    return hash;
}

/* The slot of `text`, or the free one where it belongs. */
static uint32_t *slot_of(const struct html_dict *dict, const char *text)
{
    size_t at = (size_t)hash_of(text) & (dict->num_slots - 1);
    while (dict->slots[at] != 0 && strcmp(dict->entries[dict->slots[at] - 1].text, text) != 0) {
        at = (at + 1) & (dict->num_slots - 1);
    }
    return &dict->slots[at];
}

/* Keeps at least half of the slots free. */
static enum tc_status dict_grow(struct html_dict *dict)
{
    if ((dict->num + 1) * 2 <= dict->num_slots) {
        return TC_OK;
    }
    size_t num_slots = dict->num_slots > 0 ? dict->num_slots * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(num_slots, sizeof *slots);
    struct html_entry *entries = realloc(dict->entries, num_slots / 2 * sizeof *entries);
    if (entries != NULL) {
        dict->entries = entries;
    }
    if (slots == NULL || entries == NULL) {
        free(slots);
        return TC_ERR_NOMEM;
    }
    free(dict->slots);
    dict->slots = slots;
    dict->num_slots = num_slots;
    for (size_t i = 0; i < dict->num; i++) {
        *slot_of(dict, dict->entries[i].text) = (uint32_t)i + 1;
    }
    return TC_OK;
}

int64_t html_dict_put(struct html_dict *dict, const char *text)
{
    if (dict->num_slots == 0 && dict_grow(dict) != TC_OK) {
        dict->failed = TC_ERR_NOMEM;
        return -1;
    }
    uint32_t *slot = slot_of(dict, text);
    if (*slot != 0) {
        return (int64_t)*slot - 1;
    }
    if (dict->num >= (dict->max > 0 ? dict->max : HTML_DICT_MAX)) {
        return -1;
    }
    char *copy = strdup(text);
    if (copy == NULL || dict_grow(dict) != TC_OK) {
        free(copy);
        dict->failed = TC_ERR_NOMEM;
        return -1;
    }
    dict->entries[dict->num++] = (struct html_entry){.text = copy};
    *slot_of(dict, text) = (uint32_t)dict->num;
    return (int64_t)dict->num - 1;
}

void html_dict_add(struct html_dict *dict, const char *text, int64_t count, const char *tone)
{
    int64_t number = html_dict_put(dict, text);
    if (number >= 0) {
        dict->entries[number].count += count;
        dict->entries[number].tone = tone;
    }
}
