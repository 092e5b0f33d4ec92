#include "confirm_player.h"

#include <stdio.h>
#include <string.h>

#include "test_support.h"

#define MANY_CONNECTIONS 400

void confirm_play(struct played *out, const struct fake_policy *policy,
                  const struct tc_features *previous, enum tc_survey_depth depth, uint64_t seed)
{
    static const unsigned parallels[] = {1, 2, 4};
    struct fake_server server = {.policy = policy, .random = seed};
    struct play play = {.options = survey_options(depth, parallels[seed % 3]), .seed = seed};
    play.options.max_connections = MANY_CONNECTIONS;
    play.options.previous = previous;
    survey_play(out, &server, &play);
}

static bool is_complete_with(const struct tc_features *features, const char *text)
{
    const struct tc_feature *row =
        tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    return row != NULL && row->supported == TC_YES && row->text != NULL &&
           strcmp(row->text, text) == 0;
}

bool confirm_is_told(const struct tc_features *features)
{
    return is_complete_with(features, TC_SURVEY_CONFIRMED_TEXT);
}

bool confirm_is_told_but_tls13(const struct tc_features *features)
{
    return is_complete_with(features, TC_SURVEY_CONFIRMED_BUT_TLS13_TEXT);
}

static bool is_equal(const struct tc_feature *row, const struct tc_feature *other)
{
    const char *text = row->text != NULL ? row->text : "";
    return other != NULL && row->supported == other->supported && row->rank == other->rank &&
           row->value == other->value && strcmp(text, other->text != NULL ? other->text : "") == 0;
}

/* How the survey went is no feature of the server. */
static bool is_of_survey(const struct tc_feature *row)
{
    return row->kind == TC_FEATURE_TRAIT &&
           (row->code == TC_TRAIT_SURVEY_COMPLETE || row->code == TC_TRAIT_CONSISTENT);
}

/* How many rows of one are not in the other as they are. */
unsigned confirm_differences(const struct tc_features *features, const struct tc_features *others,
                             const char *label)
{
    unsigned num = 0;
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *row = &features->items[i];
        const struct tc_feature *other =
            tc_features_find(others, row->kind, row->version, row->code);
        if (!is_of_survey(row) && !is_equal(row, other)) {
            (void)fprintf(stderr, "%s: %s %04x %04x: %d, rank %d; else %d, rank %d\n", label,
                          tc_feature_kind_str(row->kind), row->version, (unsigned)row->code,
                          (int)row->supported, row->rank,
                          other != NULL ? (int)other->supported : -9,
                          other != NULL ? other->rank : -9);
            num++;
        }
    }
    return num;
}
