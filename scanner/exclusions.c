/*
 * Names and networks that are never contacted. Everything is sorted once and searched by halves:
 * names by themselves, tails of names for `.name`, networks by family, prefix and octets.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "target_input.h"
#include "target_item.h"
#include "tlscensus/target.h"

/* More entries than any list of exceptions has; each takes some tens of bytes. */
#define EXCLUSIONS_MAX ((size_t)10000000)

struct network {
    struct tc_address address; /* masked */
    unsigned prefix;
};

struct name_set {
    char **names; /* sorted, without the dot in front */
    size_t num_names;
    size_t room;
};

struct tc_exclusions {
    struct name_set exact;
    struct name_set below; /* `.name`: all below it, not itself */
    struct network *networks;
    size_t num_networks;
    size_t networks_room;
    uint8_t prefixes[2][129]; /* whether a network of that prefix is there: IPv4, IPv6 */
};

/* Makes room for one more element of `size` bytes behind `num`. */
static enum tc_status make_room(void **items, size_t *room, size_t num, size_t size)
{
    if (num < *room) {
        return TC_OK;
    }
    if (num >= EXCLUSIONS_MAX) {
        return TC_ERR_LIMIT;
    }
    size_t wanted = *room > 0 ? *room * 2 : 64;
    void *grown = realloc(*items, wanted * size);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    *items = grown;
    *room = wanted;
    return TC_OK;
}

static enum tc_status add_name(struct name_set *set, const char *name)
{
    void *items = set->names;
    enum tc_status status = make_room(&items, &set->room, set->num_names, sizeof *set->names);
    set->names = items;
    char *copy = status == TC_OK ? strdup(name) : NULL;
    if (status == TC_OK && copy == NULL) {
        status = TC_ERR_NOMEM;
    }
    if (status == TC_OK) {
        set->names[set->num_names++] = copy;
    }
    return status;
}

static enum tc_status add_network(struct tc_exclusions *exclusions,
                                  const struct tc_address *address, unsigned prefix)
{
    void *items = exclusions->networks;
    enum tc_status status = make_room(&items, &exclusions->networks_room, exclusions->num_networks,
                                      sizeof *exclusions->networks);
    exclusions->networks = items;
    if (status != TC_OK) {
        return status;
    }
    struct network network = {*address, prefix};
    tc_target_address_mask(&network.address, prefix);
    exclusions->networks[exclusions->num_networks++] = network;
    exclusions->prefixes[address->len == 16][prefix] = 1;
    return TC_OK;
}

/* "24" behind the slash. */
static enum tc_status parse_prefix(unsigned *out, struct target_reason *reason, const char *text,
                                   size_t len, unsigned bits)
{
    unsigned prefix = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || prefix > bits) {
            prefix = bits + 1;
            break;
        }
        prefix = prefix * 10 + (unsigned)(text[i] - '0');
    }
    if (len == 0 || prefix > bits) {
        return tc_target_refuse(reason, "\"/%.*s\" is no prefix length of an IPv%d address",
                                len < 20 ? (int)len : 20, text, bits == 32 ? 4 : 6);
    }
    *out = prefix;
    return TC_OK;
}

/* An address or a block. False where the text is neither; `*status` then says nothing. */
static bool add_if_network(enum tc_status *status, struct tc_exclusions *exclusions,
                           struct target_reason *reason, const char *text, size_t len)
{
    struct tc_address address;
    const char *slash = memchr(text, '/', len);
    size_t address_len = slash != NULL ? (size_t)(slash - text) : len;
    if (!tc_target_address_parse(&address, text, address_len)) {
        return false;
    }
    unsigned prefix = (unsigned)address.len * 8;
    *status = TC_OK;
    if (slash != NULL) {
        *status = parse_prefix(&prefix, reason, slash + 1, len - address_len - 1, prefix);
    }
    if (*status == TC_OK) {
        *status = add_network(exclusions, &address, prefix);
    }
    return true;
}

/* One line without its comment. */
static enum tc_status add_line(struct tc_exclusions *exclusions, struct target_reason *reason,
                               const char *text, size_t len)
{
    char name[TARGET_NAME_MAX + 1];
    enum tc_status status = TC_OK;
    if (add_if_network(&status, exclusions, reason, text, len)) {
        return status;
    }
    if (len > 2 && memcmp(text, "*.", 2) == 0) {
        return tc_target_refuse(reason, "write .example.org for all names below example.org");
    }
    bool is_below = len > 1 && text[0] == '.';
    status = tc_target_name_parse(name, NULL, reason, text + is_below, len - is_below);
    if (status == TC_OK) {
        status = add_name(is_below ? &exclusions->below : &exclusions->exact, name);
    }
    return status;
}

static int compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static int compare_networks(const void *a, const void *b)
{
    const struct network *left = a;
    const struct network *right = b;
    if (left->address.len != right->address.len) {
        return left->address.len < right->address.len ? -1 : 1;
    }
    if (left->prefix != right->prefix) {
        return left->prefix < right->prefix ? -1 : 1;
    }
    return memcmp(left->address.octets, right->address.octets, left->address.len);
}

static void sort_names(struct name_set *set)
{
    if (set->num_names > 1) {
        qsort(set->names, set->num_names, sizeof *set->names, compare_names);
    }
}

/* Every line, or the first that cannot be used: a misread exclusion would be contacted. */
static enum tc_status read_lines(struct tc_exclusions *exclusions, struct target_input *input,
                                 struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        struct target_reason reason = {.text = "a line that is too long"};
        size_t len = 0;
        size_t step = 0;
        status = target_input_line_len(&len, &step, input, 0, error);
        if (status == TC_OK) {
            const char *text = target_input_window(input).bytes;
            tc_target_line_text(&text, &len);
            status = len > 0 ? add_line(exclusions, &reason, text, len) : TC_OK;
        } else if (status == TC_ERR_LIMIT) {
            status = TC_ERR_MALFORMED;
        }
        if (status == TC_ERR_MALFORMED) {
            return tc_fail(error, TC_ERR_INPUT, "%s:%llu: %s", target_input_name(input),
                           (unsigned long long)target_input_line(input), reason.text);
        }
        if (status == TC_OK) {
            target_input_consume(input, step);
        }
    }
    if (status == TC_ERR_LIMIT) {
        return tc_fail(error, TC_ERR_INPUT, "%s: more than %zu lines", target_input_name(input),
                       EXCLUSIONS_MAX);
    }
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_exclusions_read(struct tc_exclusions **out, const char *path,
                                  struct tc_error *error)
{
    struct target_input *input = NULL;
    struct tc_exclusions *exclusions = calloc(1, sizeof *exclusions);
    enum tc_status status = exclusions != NULL ? TC_OK : TC_ERR_NOMEM;
    if (status == TC_OK) {
        status = target_input_open_file(&input, path, error);
    }
    if (status == TC_OK) {
        status = target_input_begin(input, error);
    }
    if (status == TC_OK) {
        status = read_lines(exclusions, input, error);
    }
    target_input_free(input);
    if (status != TC_OK) {
        tc_exclusions_free(exclusions);
        return status == TC_ERR_NOMEM ? tc_fail(error, status, "%s: out of memory", path) : status;
    }
    sort_names(&exclusions->exact);
    sort_names(&exclusions->below);
    if (exclusions->num_networks > 1) {
        qsort(exclusions->networks, exclusions->num_networks, sizeof *exclusions->networks,
              compare_networks);
    }
    *out = exclusions;
    return TC_OK;
}

static bool has_name(const struct name_set *set, const char *name)
{
    return set->num_names > 0 &&
           bsearch(&name, set->names, set->num_names, sizeof *set->names, compare_names) != NULL;
}

bool tc_exclusions_has_name(const struct tc_exclusions *exclusions, const char *host)
{
    if (has_name(&exclusions->exact, host)) {
        return true;
    }
    const char *tail = host;
    while ((tail = strchr(tail, '.')) != NULL) {
        tail++;
        if (has_name(&exclusions->below, tail)) {
            return true;
        }
    }
    return false;
}

bool tc_exclusions_has_address(const struct tc_exclusions *exclusions, const uint8_t *address,
                               size_t address_len)
{
    struct network wanted;
    assert(address_len == 4 || address_len == 16);
    if (exclusions->num_networks == 0 ||
        !tc_address_from_octets(&wanted.address, address, address_len)) {
        return false;
    }
    tc_target_address_unmap(&wanted.address);
    const uint8_t *prefixes = exclusions->prefixes[wanted.address.len == 16];
    /* From the longest prefix to the shortest, so that one copy loses its bits step by step. */
    for (unsigned prefix = (unsigned)wanted.address.len * 8 + 1; prefix-- > 0;) {
        if (prefixes[prefix] == 0) {
            continue;
        }
        wanted.prefix = prefix;
        tc_target_address_mask(&wanted.address, prefix);
        if (bsearch(&wanted, exclusions->networks, exclusions->num_networks,
                    sizeof *exclusions->networks, compare_networks) != NULL) {
            return true;
        }
    }
    return false;
}

static void free_names(struct name_set *set)
{
    for (size_t i = 0; i < set->num_names; i++) {
        free(set->names[i]);
    }
    free(set->names);
}

void tc_exclusions_free(struct tc_exclusions *exclusions)
{
    if (exclusions == NULL) {
        return;
    }
    free_names(&exclusions->exact);
    free_names(&exclusions->below);
    free(exclusions->networks);
    free(exclusions);
}
