#include "tlscensus/registry.h"

#include <stdlib.h>

#include "protocol/registry_data.h"

static const char *const k_kind_names[TC_REGISTRY_KIND_COUNT] = {
    [TC_REGISTRY_VERSION] = "version", [TC_REGISTRY_CIPHER] = "cipher",
    [TC_REGISTRY_GROUP] = "group",     [TC_REGISTRY_SIGNATURE] = "signature",
    [TC_REGISTRY_ALERT] = "alert",     [TC_REGISTRY_MESSAGE] = "message",
};

const char *tc_registry_kind_str(enum tc_registry_kind kind)
{
    return (unsigned)kind < TC_REGISTRY_KIND_COUNT ? k_kind_names[kind] : "";
}

static int compare_entries(const void *left, const void *right)
{
    const struct tc_registry_entry *a = left;
    const struct tc_registry_entry *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return (a->code > b->code) - (a->code < b->code);
}

const char *tc_registry_name(enum tc_registry_kind kind, uint32_t code)
{
    struct tc_registry_entry key = {.kind = kind, .code = code};
    const struct tc_registry_entry *entry =
        bsearch(&key, tc_registry_table, tc_registry_table_len, sizeof(key), compare_entries);
    return entry == NULL ? NULL : entry->name;
}

const struct tc_registry_entry *tc_registry_entries(size_t *out_num)
{
    *out_num = tc_registry_table_len;
    return tc_registry_table;
}

const char *tc_registry_source(void)
{
    return tc_registry_source_line;
}
