#include "tlscensus/shard.h"

#include <string.h>

/* ---- which targets ---- */

/* FNV-1a of Fowler, Noll and Vo, 64 bits. */
#define FNV_BASIS 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ byte[i]) * FNV_PRIME;
    }
    return hash;
}

/* The last bytes of FNV's input reach its high bits little: two rounds of multiply and shift do. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ (hash >> 33);
}

unsigned tc_shard_number(enum tc_protocol protocol, const char *host, uint16_t port, unsigned total)
{
    const char *name = tc_protocol_str(protocol); /* its number may change, its name does not */
    const uint8_t port_bytes[] = {(uint8_t)(port >> 8), (uint8_t)(port & 0xff)};
    uint64_t hash =
        hash_bytes(FNV_BASIS, name, strlen(name) + 1); /* with NUL: no two run together */
    hash = hash_bytes(hash, host, strlen(host) + 1);
    hash = mix(hash_bytes(hash, port_bytes, sizeof port_bytes));
    return (unsigned)(((hash >> 32) * total) >> 32) + 1;
}

bool tc_shard_has(const struct tc_shard *shard, const struct tc_target *target)
{
    return shard->total <= 1 || tc_shard_number(target->protocol, target->host, target->port,
                                                shard->total) == shard->number;
}

/* ---- text ---- */

/* Reads a number from 1 to TC_SHARDS_MAX at `*text` and moves behind it. */
static enum tc_status read_number(unsigned *out, const char **text)
{
    unsigned number = 0;
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || (digits > 1 && **text == '0')) { /* one way to write each */
        return TC_ERR_MALFORMED;
    }
    for (size_t i = 0; i < digits; i++) {
        number = number * 10 + (unsigned)((*text)[i] - '0');
        if (number > TC_SHARDS_MAX) {
            return TC_ERR_RANGE;
        }
    }
    *text += digits;
    *out = number;
    return number > 0 ? TC_OK : TC_ERR_RANGE;
}

enum tc_status tc_shard_parse(struct tc_shard *out, const char *text)
{
    struct tc_shard shard = {0};
    enum tc_status status = read_number(&shard.number, &text);
    if (status == TC_OK && *text != '/') {
        status = TC_ERR_MALFORMED;
    }
    if (status == TC_OK) {
        text++;
        status = read_number(&shard.total, &text);
    }
    if (status == TC_OK && *text != '\0') {
        status = TC_ERR_MALFORMED;
    }
    if (status == TC_OK && shard.number > shard.total) {
        status = TC_ERR_RANGE;
    }
    if (status == TC_OK) {
        *out = shard;
    }
    return status;
}

/* ---- sets ---- */

static bool has(const struct tc_shard_set *set, unsigned number)
{
    return (set->bits[number / 8] >> (number % 8) & 1) != 0;
}

static void add_range(struct tc_shard_set *set, unsigned first, unsigned last)
{
    for (unsigned number = first; number <= last; number++) {
        set->bits[number / 8] |= (uint8_t)(1U << (number % 8));
    }
}

/* One "3" or "1-3". */
static enum tc_status read_range(struct tc_shard_set *set, const char **text)
{
    unsigned first = 0;
    enum tc_status status = read_number(&first, text);
    unsigned last = first;
    if (status == TC_OK && **text == '-') {
        (*text)++;
        status = read_number(&last, text);
    }
    if (status == TC_OK && last < first) {
        status = TC_ERR_RANGE;
    }
    if (status == TC_OK) {
        add_range(set, first, last);
    }
    return status;
}

static bool is_within_total(const struct tc_shard_set *set)
{
    for (unsigned number = set->total + 1; number <= TC_SHARDS_MAX; number++) {
        if (has(set, number)) {
            return false;
        }
    }
    return true;
}

enum tc_status tc_shard_set_parse(struct tc_shard_set *out, const char *text)
{
    struct tc_shard_set set = {0};
    enum tc_status status = read_range(&set, &text);
    while (status == TC_OK && *text == ',') {
        text++;
        status = read_range(&set, &text);
    }
    if (status == TC_OK && *text != '/') {
        status = TC_ERR_MALFORMED;
    }
    if (status == TC_OK) {
        text++;
        status = read_number(&set.total, &text);
    }
    if (status == TC_OK && *text != '\0') {
        status = TC_ERR_MALFORMED;
    }
    if (status == TC_OK && !is_within_total(&set)) {
        status = TC_ERR_RANGE;
    }
    if (status == TC_OK) {
        *out = set;
    }
    return status;
}

bool tc_shard_set_is_whole(const struct tc_shard_set *set)
{
    for (unsigned number = 1; number <= set->total; number++) {
        if (!has(set, number)) {
            return false;
        }
    }
    return true;
}

bool tc_shard_set_has(const struct tc_shard_set *set, const struct tc_shard_set *other)
{
    if (tc_shard_set_is_whole(set)) {
        return true;
    }
    if (set->total != other->total) {
        return false;
    }
    for (unsigned number = 1; number <= other->total; number++) {
        if (has(other, number) && !has(set, number)) {
            return false;
        }
    }
    return true;
}

enum tc_status tc_shard_set_join(struct tc_shard_set *set, const struct tc_shard_set *other)
{
    if (tc_shard_set_is_whole(set)) {
        return TC_OK;
    }
    if (tc_shard_set_is_whole(other)) {
        add_range(set, 1, set->total);
        return TC_OK;
    }
    if (set->total != other->total) {
        return TC_ERR_RANGE;
    }
    for (size_t i = 0; i < sizeof set->bits; i++) {
        set->bits[i] |= other->bits[i];
    }
    return TC_OK;
}

unsigned tc_shard_set_first(const struct tc_shard_set *set)
{
    unsigned number = 1;
    while (number < set->total && !has(set, number)) {
        number++;
    }
    return number;
}

/* The numbers that are in the set, or those that are not, as ranges. */
static void add_ranges(struct tc_buf *out, const struct tc_shard_set *set, bool wanted)
{
    bool is_first = true;
    for (unsigned number = 1; number <= set->total; number++) {
        if (has(set, number) != wanted) {
            continue;
        }
        unsigned last = number;
        while (last < set->total && has(set, last + 1) == wanted) {
            last++;
        }
        tc_buf_addf(out, "%s%u", is_first ? "" : ",", number);
        if (last > number) {
            tc_buf_addf(out, "-%u", last);
        }
        is_first = false;
        number = last;
    }
}

void tc_shard_set_add_text(struct tc_buf *out, const struct tc_shard_set *set)
{
    add_ranges(out, set, true);
    tc_buf_addf(out, "/%u", set->total);
}

void tc_shard_set_add_missing(struct tc_buf *out, const struct tc_shard_set *set)
{
    add_ranges(out, set, false);
}
