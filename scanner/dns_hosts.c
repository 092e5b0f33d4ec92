#include "dns_hosts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/buf.h"

#define HOSTS_MAX_BYTES (64U << 20) /* block lists in a hosts file have some MiB */

struct host_entry {
    const char *name; /* in the file's text */
    struct tc_address address;
    size_t order;
};

struct tc_hosts {
    char *text;                 /* the file, cut into words */
    struct host_entry *entries; /* by name, then as in the file */
    size_t num_entries;
    size_t max_entries;
};

static int compare_entries(const void *a, const void *b)
{
    const struct host_entry *left = a;
    const struct host_entry *right = b;
    int names = strcmp(left->name, right->name);
    if (names != 0) {
        return names;
    }
    return (left->order > right->order) - (left->order < right->order);
}

static enum tc_status add_entry(struct tc_hosts *hosts, const char *name,
                                const struct tc_address *address)
{
    if (hosts->num_entries == hosts->max_entries) {
        size_t max = hosts->max_entries > 0 ? hosts->max_entries * 2 : 16;
        struct host_entry *entries = realloc(hosts->entries, max * sizeof *entries);
        if (entries == NULL) {
            return TC_ERR_NOMEM;
        }
        hosts->entries = entries;
        hosts->max_entries = max;
    }
    hosts->entries[hosts->num_entries] =
        (struct host_entry){.name = name, .address = *address, .order = hosts->num_entries};
    hosts->num_entries++;
    return TC_OK;
}

/* Cuts the next word out of `*at` in place, in lower case; NULL at the line's end. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, " \t\r\f\v");
    if (*word == '\0') {
        return NULL;
    }
    size_t len = strcspn(word, " \t\r\f\v");
    *at = word + len + (word[len] != '\0' ? 1 : 0);
    word[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        word[i] = (char)tolower((unsigned char)word[i]);
    }
    if (len > 1 && word[len - 1] == '.') {
        word[len - 1] = '\0';
    }
    return word;
}

/* "ADDRESS NAME…", with a comment behind `#`. */
static enum tc_status read_line(struct tc_hosts *hosts, char *line)
{
    struct tc_address address;
    line[strcspn(line, "#")] = '\0';
    const char *word = next_word(&line);
    if (word == NULL || !tc_address_parse(&address, word)) {
        return TC_OK;
    }
    while ((word = next_word(&line)) != NULL) {
        enum tc_status status = add_entry(hosts, word, &address);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status read_text(struct tc_hosts *hosts, const char *path)
{
    struct tc_buf text;
    tc_buf_init(&text, HOSTS_MAX_BYTES);
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        char chunk[16384];
        size_t len = 0;
        while ((len = fread(chunk, 1, sizeof chunk, file)) > 0 &&
               tc_buf_add(&text, chunk, len) == TC_OK) {
        }
        fclose(file); /* a directory or a read error ends the text where it ended */
    }
    enum tc_status status = text.failed;
    if (status == TC_OK) {
        hosts->text = tc_buf_take(&text);
        status = hosts->text != NULL ? TC_OK : TC_ERR_NOMEM;
    }
    tc_buf_cleanup(&text);
    return status;
}

enum tc_status tc_hosts_read(struct tc_hosts **out, const char *path)
{
    struct tc_hosts *hosts = calloc(1, sizeof *hosts);
    if (hosts == NULL) {
        return TC_ERR_NOMEM;
    }
    enum tc_status status = read_text(hosts, path);
    char *line = hosts->text;
    while (status == TC_OK && *line != '\0') {
        size_t len = strcspn(line, "\n");
        char *next = line + len + (line[len] != '\0' ? 1 : 0);
        line[len] = '\0';
        status = read_line(hosts, line);
        line = next;
    }
    if (status != TC_OK) {
        tc_hosts_free(hosts);
        return status;
    }
    if (hosts->num_entries > 0) {
        qsort(hosts->entries, hosts->num_entries, sizeof *hosts->entries, compare_entries);
    }
    *out = hosts;
    return TC_OK;
}

static bool family_wanted(const struct tc_address *address, enum tc_family family)
{
    return family == TC_FAMILY_BOTH ||
           (family == TC_FAMILY_IPV4) == (address->len == TC_IPV4_BYTES);
}

static size_t add_unique(struct tc_address *out, size_t num, size_t max,
                         const struct tc_address *address)
{
    for (size_t i = 0; i < num; i++) {
        if (tc_address_equal(&out[i], address)) {
            return num;
        }
    }
    if (num < max) {
        out[num++] = *address;
    }
    return num;
}

static bool is_localhost(const char *name)
{
    static const char suffix[] = ".localhost";
    size_t len = strlen(name);
    return strcmp(name, suffix + 1) == 0 ||
           (len > sizeof suffix - 1 && strcmp(name + len - (sizeof suffix - 1), suffix) == 0);
}

/* The first entry of `name`, or where it would be. */
static size_t lower_bound(const struct tc_hosts *hosts, const char *name)
{
    size_t low = 0;
    size_t high = hosts->num_entries;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(hosts->entries[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t tc_hosts_find(const struct tc_hosts *hosts, struct tc_address *out, size_t max,
                     const char *name, enum tc_family family)
{
    static const struct tc_address loopback4 = {{127, 0, 0, 1}, TC_IPV4_BYTES, 0};
    static const struct tc_address loopback6 = {{[TC_IPV6_BYTES - 1] = 1}, TC_IPV6_BYTES, 0};
    const uint8_t lengths[] = {TC_IPV4_BYTES, TC_IPV6_BYTES};
    size_t num = 0;
    size_t first = lower_bound(hosts, name);

    for (size_t pass = 0; pass < TC_ARRAY_LEN(lengths); pass++) {
        for (size_t i = first; i < hosts->num_entries && strcmp(hosts->entries[i].name, name) == 0;
             i++) {
            const struct tc_address *address = &hosts->entries[i].address;
            if (address->len == lengths[pass] && family_wanted(address, family)) {
                num = add_unique(out, num, max, address);
            }
        }
    }
    if (num == 0 && is_localhost(name)) {
        if (family_wanted(&loopback4, family)) {
            num = add_unique(out, num, max, &loopback4);
        }
        if (family_wanted(&loopback6, family)) {
            num = add_unique(out, num, max, &loopback6);
        }
    }
    return num;
}

void tc_hosts_free(struct tc_hosts *hosts)
{
    if (hosts == NULL) {
        return;
    }
    free(hosts->text);
    free(hosts->entries);
    free(hosts);
}
