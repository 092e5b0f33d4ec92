#include "tlscensus/features.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FEATURES   4096
#define MAX_TEXT_BYTES 4096
#define FIRST_CAPACITY 64

static const char *const k_kind_names[TC_FEATURE_KIND_COUNT] = {
    [TC_FEATURE_VERSION] = "version", [TC_FEATURE_CIPHER] = "cipher",
    [TC_FEATURE_GROUP] = "group",     [TC_FEATURE_SIGNATURE] = "signature",
    [TC_FEATURE_ALPN] = "alpn",       [TC_FEATURE_TRAIT] = "trait",
    [TC_FEATURE_DH] = "dh",           [TC_FEATURE_FINGERPRINT] = "fingerprint",
};

const char *tc_feature_kind_str(enum tc_feature_kind kind)
{
    return (unsigned)kind < TC_FEATURE_KIND_COUNT ? k_kind_names[kind] : "unknown";
}

static int compare(const struct tc_feature *a, enum tc_feature_kind kind, uint16_t version,
                   uint32_t code)
{
    if (a->kind != kind) {
        return a->kind < kind ? -1 : 1;
    }
    if (a->version != version) {
        return a->version < version ? -1 : 1;
    }
    return (a->code > code) - (a->code < code);
}

/* The place of the feature, or where it would be. */
static size_t find_place(const struct tc_features *features, enum tc_feature_kind kind,
                         uint16_t version, uint32_t code)
{
    size_t low = 0;
    size_t high = features->num_items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&features->items[middle], kind, version, code) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct tc_features *features, size_t place, enum tc_feature_kind kind,
                  uint16_t version, uint32_t code)
{
    return place < features->num_items &&
           compare(&features->items[place], kind, version, code) == 0;
}

static enum tc_status make_room(struct tc_features *features)
{
    if (features->num_items < features->capacity) {
        return TC_OK;
    }
    if (features->capacity >= MAX_FEATURES) {
        return TC_ERR_LIMIT;
    }
    size_t capacity = features->capacity == 0 ? FIRST_CAPACITY : features->capacity * 2;
    struct tc_feature *items = realloc(features->items, capacity * sizeof *items);
    if (items == NULL) {
        return TC_ERR_NOMEM;
    }
    features->items = items;
    features->capacity = capacity;
    return TC_OK;
}

enum tc_status tc_features_put(struct tc_features *features, const struct tc_feature *feature)
{
    char *text = NULL;
    size_t place = find_place(features, feature->kind, feature->version, feature->code);
    bool is_new = !is_at(features, place, feature->kind, feature->version, feature->code);
    if (feature->text != NULL) {
        if (strlen(feature->text) > MAX_TEXT_BYTES) {
            return TC_ERR_LIMIT;
        }
        text = strdup(feature->text);
        if (text == NULL) {
            return TC_ERR_NOMEM;
        }
    }
    enum tc_status status = is_new ? make_room(features) : TC_OK;
    if (status != TC_OK) {
        free(text);
        return status;
    }
    struct tc_feature *item = &features->items[place];
    if (is_new) {
        memmove(item + 1, item, (features->num_items - place) * sizeof *item);
        features->num_items++;
    } else {
        free(item->text);
    }
    *item = *feature;
    item->text = text;
    return TC_OK;
}

const struct tc_feature *tc_features_find(const struct tc_features *features,
                                          enum tc_feature_kind kind, uint16_t version,
                                          uint32_t code)
{
    size_t place = find_place(features, kind, version, code);
    return is_at(features, place, kind, version, code) ? &features->items[place] : NULL;
}

enum tc_tristate tc_features_get(const struct tc_features *features, enum tc_feature_kind kind,
                                 uint16_t version, uint32_t code)
{
    const struct tc_feature *feature = tc_features_find(features, kind, version, code);
    return feature == NULL ? TC_UNKNOWN : feature->supported;
}

void tc_features_cleanup(struct tc_features *features)
{
    for (size_t i = 0; i < features->num_items; i++) {
        free(features->items[i].text);
    }
    free(features->items);
    *features = (struct tc_features){0};
}
