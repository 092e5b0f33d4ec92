/* One target: a single block of memory that holds its texts, and moves from hand to hand. */
#include <assert.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#include "target_item.h"

/* Bytes that a text takes in the block, its NUL included. */
static size_t text_room(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* Copies `text` to the cursor and moves the cursor behind it. */
static char *text_put(char **cursor, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t room = strlen(text) + 1;
    char *copy = memcpy(*cursor, text, room);
    *cursor += room;
    return copy;
}

/* The registrable domain is a tail of the host, so it needs no room of its own. */
static char *registrable_domain(char *host)
{
    const char *found = psl_registrable_domain(psl_builtin(), host);
    return found != NULL ? host + (strlen(host) - strlen(found)) : NULL;
}

static size_t labels_room(const struct target_parts *parts)
{
    size_t room = 0;
    for (size_t i = 0; parts->label_names != NULL && i < parts->label_names->num_names; i++) {
        room += text_room(parts->label_values[i]);
    }
    return room;
}

enum tc_status tc_target_new(struct tc_target **out, const struct target_parts *parts)
{
    size_t num_labels = parts->label_names != NULL ? parts->label_names->num_names : 0;
    size_t values_room = num_labels * sizeof(char *);
    bool same_text = strcmp(parts->input_text, parts->host) == 0;
    size_t room = sizeof(struct tc_target) + values_room + labels_room(parts) +
                  text_room(parts->host) + text_room(parts->host_unicode) +
                  text_room(parts->pinned_address) + text_room(parts->sni) +
                  (same_text ? 0 : text_room(parts->input_text));
    struct tc_target *target = malloc(room);
    if (target == NULL) {
        return TC_ERR_NOMEM;
    }
    *target = (struct tc_target){.protocol = parts->protocol,
                                 .port = parts->port,
                                 .is_address = parts->is_address,
                                 .has_profile = parts->has_profile,
                                 .profile = parts->profile,
                                 .input_line = parts->input_line};
    /* The pointers come first: the struct's end is aligned for them, the texts need nothing. */
    char *cursor = (char *)(target + 1) + values_room;
    target->host = text_put(&cursor, parts->host);
    target->host_unicode = text_put(&cursor, parts->host_unicode);
    target->pinned_address = text_put(&cursor, parts->pinned_address);
    target->sni = text_put(&cursor, parts->sni);
    target->input_text = same_text ? target->host : text_put(&cursor, parts->input_text);
    target->registrable_domain = parts->is_address ? NULL : registrable_domain(target->host);
    if (num_labels > 0) {
        tc_ref_get(&parts->label_names->ref);
        target->labels.names = parts->label_names;
        target->labels.values = (char **)(void *)(target + 1);
        for (size_t i = 0; i < num_labels; i++) {
            target->labels.values[i] = text_put(&cursor, parts->label_values[i]);
        }
    }
    assert(cursor == (char *)target + room);
    *out = target;
    return TC_OK;
}

void tc_target_free(struct tc_target *target)
{
    if (target == NULL) {
        return;
    }
    for (size_t i = 0; i < target->num_done_addresses; i++) {
        free(target->done_addresses[i]);
    }
    free(target->done_addresses);
    free(target->failed_lookup.detail);
    free(target->found_in);
    if (target->labels.names != NULL) {
        tc_ref_release(&target->labels.names->ref);
    }
    free(target);
}

const char *tc_target_reference_name(const struct tc_target *target)
{
    return target->sni != NULL ? target->sni : target->host;
}
