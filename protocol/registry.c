#include "tlscensus/registry.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/registry_data.h"

static const char *const k_kind_names[TC_REGISTRY_KIND_COUNT] = {
    [TC_REGISTRY_VERSION] = "version",
    [TC_REGISTRY_CIPHER] = "cipher",
    [TC_REGISTRY_GROUP] = "group",
    [TC_REGISTRY_SIGNATURE] = "signature",
    [TC_REGISTRY_ALERT] = "alert",
    [TC_REGISTRY_MESSAGE] = "message",
    [TC_REGISTRY_EXTENSION] = "extension",
    [TC_REGISTRY_ALPN] = "alpn",
    [TC_REGISTRY_TRAIT] = "trait",
    [TC_REGISTRY_DH] = "dh",
    [TC_REGISTRY_FINGERPRINT] = "fingerprint",
};

static const char *const k_quality_names[] = {
    [TC_QUALITY_RECOMMENDED] = "recommended",
    [TC_QUALITY_SUFFICIENT] = "sufficient",
    [TC_QUALITY_WEAK] = "weak",
    [TC_QUALITY_INSECURE] = "insecure",
};

const char *tc_registry_kind_str(enum tc_registry_kind kind)
{
    return (unsigned)kind < TC_REGISTRY_KIND_COUNT ? k_kind_names[kind] : "";
}

const char *tc_quality_str(enum tc_quality quality)
{
    return (unsigned)quality < TC_ARRAY_LEN(k_quality_names) ? k_quality_names[quality] : "";
}

static int compare_codes(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_entries(const void *left, const void *right)
{
    const struct tc_registry_entry *a = left;
    const struct tc_registry_entry *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return compare_codes(a->code, b->code);
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

static int compare_suites(const void *left, const void *right)
{
    const struct tc_suite *a = left;
    const struct tc_suite *b = right;
    return compare_codes(a->code, b->code);
}

const struct tc_suite *tc_suite_find(uint32_t code)
{
    struct tc_suite key = {.code = code};
    return bsearch(&key, tc_suite_table, tc_suite_table_len, sizeof(key), compare_suites);
}

const struct tc_suite *tc_suites(size_t *out_num)
{
    *out_num = tc_suite_table_len;
    return tc_suite_table;
}

static int compare_groups(const void *left, const void *right)
{
    const struct tc_group *a = left;
    const struct tc_group *b = right;
    return compare_codes(a->code, b->code);
}

const struct tc_group *tc_group_find(uint16_t code)
{
    struct tc_group key = {.code = code};
    return bsearch(&key, tc_group_table, tc_group_table_len, sizeof(key), compare_groups);
}

const struct tc_group *tc_groups(size_t *out_num)
{
    *out_num = tc_group_table_len;
    return tc_group_table;
}

static int compare_schemes(const void *left, const void *right)
{
    const struct tc_scheme *a = left;
    const struct tc_scheme *b = right;
    return compare_codes(a->code, b->code);
}

const struct tc_scheme *tc_scheme_find(uint16_t code)
{
    struct tc_scheme key = {.code = code};
    return bsearch(&key, tc_scheme_table, tc_scheme_table_len, sizeof(key), compare_schemes);
}

const struct tc_scheme *tc_schemes(size_t *out_num)
{
    *out_num = tc_scheme_table_len;
    return tc_scheme_table;
}

static int compare_primes(const void *hash, const void *prime)
{
    return memcmp(hash, ((const struct tc_known_prime *)prime)->sha256,
                  sizeof(((const struct tc_known_prime *)prime)->sha256));
}

const struct tc_known_prime *tc_known_prime_find(const uint8_t sha256[32])
{
    return bsearch(sha256, tc_known_prime_table, tc_known_prime_table_len,
                   sizeof(tc_known_prime_table[0]), compare_primes);
}
