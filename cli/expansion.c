#include "cli/expansion.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64U
#define TARGET_TEXT    320 /* https://NAME:PORT */

/* One walk over the names. */
struct round {
    struct cli_expansion *expansion;
    struct cli_found_targets found;
    size_t capacity;
    char domain[CLI_DOMAIN_BYTES]; /* whose names are told */
    uint64_t num_in_domain;
    uint64_t num_all;
    bool is_counted; /* num_all is */
    bool is_full;    /* the domain is, which was counted */
};

void cli_found_targets_cleanup(struct cli_found_targets *found)
{
    for (size_t i = 0; i < found->num_items; i++) {
        tc_target_free(found->items[i]);
    }
    free(found->items);
    *found = (struct cli_found_targets){0};
}

/* Ownership moves on success. */
static enum tc_status add_target(struct round *round, struct tc_target *target)
{
    struct cli_found_targets *found = &round->found;
    if (found->num_items == round->capacity) {
        size_t capacity = round->capacity > 0 ? round->capacity * 2 : FIRST_CAPACITY;
        struct tc_target **grown = realloc(found->items, capacity * sizeof(*grown));
        if (grown == NULL) {
            return TC_ERR_NOMEM;
        }
        found->items = grown;
        round->capacity = capacity;
    }
    found->items[found->num_items++] = target;
    return TC_OK;
}

/*
 * The target of a name, as if a list had it; `*out` stays NULL where it is none, or where the
 * public suffix list has another domain for it: below s3.amazonaws.com each name is somebody
 * else's.
 */
static enum tc_status make_target(struct tc_target **out, const struct tc_found_name *found)
{
    const struct tc_target_reader_options options = {.max_cidr = 1};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    char text[TARGET_TEXT];
    const char *argument = text;
    snprintf(text, sizeof text, "https://%s:%u", found->name, (unsigned)found->port);
    enum tc_status status = tc_target_reader_open_args(&reader, &argument, 1, &options, NULL);
    if (status == TC_OK) {
        status = tc_target_reader_next(&target, reader, NULL);
    }
    tc_target_reader_free(reader);
    if (status != TC_OK) {
        return status == TC_ERR_NOMEM ? status : TC_OK; /* not a name: the inventory shows it */
    }
    if (target->is_address || target->registrable_domain == NULL ||
        strcmp(target->registrable_domain, found->registrable_domain) != 0) {
        tc_target_free(target);
        return TC_OK;
    }
    target->found_in = strdup(found->found_in);
    if (target->found_in == NULL) {
        tc_target_free(target);
        return TC_ERR_NOMEM;
    }
    *out = target;
    return TC_OK;
}

static void enter_domain(struct round *round, const struct tc_found_name *found)
{
    if (!round->is_counted) {
        round->is_counted = true;
        round->num_all = found->num_all;
    }
    if (strcmp(round->domain, found->registrable_domain) != 0) {
        snprintf(round->domain, sizeof round->domain, "%s", found->registrable_domain);
        round->num_in_domain = found->num_found;
        round->is_full = false;
    }
}

/* Takes a place below the ceilings; false where there is none. */
static bool take_place(struct round *round)
{
    struct cli_expansion *expansion = round->expansion;
    if (round->num_in_domain < expansion->per_domain && round->num_all < CLI_EXPANSION_MAX) {
        round->num_in_domain++;
        round->num_all++;
        return true;
    }
    expansion->num_left++;
    if (!round->is_full) {
        round->is_full = true;
        expansion->num_full_domains++;
        snprintf(expansion->full_domain, sizeof expansion->full_domain, "%s", round->domain);
    }
    return false;
}

/* What was found before an interruption has its place and its row, whatever is excluded now. */
static bool is_wanted(struct round *round, const struct tc_found_name *found,
                      const struct tc_target *target)
{
    const struct cli_expansion *expansion = round->expansion;
    if (!tc_shard_has(&expansion->shard, target)) {
        return false;
    }
    if (found->is_again) {
        return true;
    }
    if (expansion->exclusions != NULL &&
        tc_exclusions_has_name(expansion->exclusions, target->host)) {
        return false;
    }
    enter_domain(round, found);
    return take_place(round);
}

static enum tc_status hear(void *context, const struct tc_found_name *found)
{
    struct round *round = context;
    struct tc_target *target = NULL;
    enum tc_status status = make_target(&target, found);
    if (status != TC_OK || target == NULL) {
        return status;
    }
    if (!is_wanted(round, found, target)) {
        tc_target_free(target);
        return TC_OK;
    }
    status = add_target(round, target);
    if (status != TC_OK) {
        tc_target_free(target);
    }
    return status;
}

enum tc_status cli_expansion_round(struct cli_expansion *expansion, struct cli_found_targets *out,
                                   struct tc_error *error)
{
    struct round round = {.expansion = expansion};
    expansion->num_left = 0;
    expansion->num_full_domains = 0;
    enum tc_status status =
        tc_store_each_found_name(expansion->db, expansion->scan_id, hear, &round, error);
    if (status != TC_OK) {
        cli_found_targets_cleanup(&round.found);
        return status;
    }
    *out = round.found;
    return TC_OK;
}

void cli_expansion_add_notice(struct tc_buf *out, const struct cli_expansion *expansion)
{
    if (expansion->num_left == 0) {
        return;
    }
    tc_buf_addf(out,
                "--expand-names: the ceiling (%u names of a registrable domain, %u in all) was "
                "reached in %" PRIu64 " domain%s, such as %s: %" PRIu64
                " more names were not scanned; report --table inventory has them",
                expansion->per_domain, CLI_EXPANSION_MAX, expansion->num_full_domains,
                expansion->num_full_domains == 1 ? "" : "s", expansion->full_domain,
                expansion->num_left);
}
