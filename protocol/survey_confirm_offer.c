/* What the last survey found, in the order in which it is offered once more. */
#include "protocol/survey_confirm.h"

static uint16_t rank_in(const struct tc_survey *survey, enum tc_feature_kind kind, uint16_t version,
                        uint32_t code)
{
    const struct tc_feature *row = tc_features_find(survey->options.previous, kind, version, code);
    return row == NULL ? 0 : row->rank;
}

/* Against the server's order. What has no rank comes first, and then nothing is certain. */
static void sort_by_rank(struct tc_offer *offer, const uint16_t *ranks)
{
    for (size_t i = 1; i < offer->num; i++) {
        size_t place = offer->places[i];
        size_t at = i;
        while (at > 0 && ranks[offer->places[at - 1]] != 0 &&
               (ranks[place] == 0 || ranks[offer->places[at - 1]] < ranks[place])) {
            offer->places[at] = offer->places[at - 1];
            at--;
        }
        offer->places[at] = place;
    }
    bool all_ranked = offer->num > 0 && ranks[offer->places[0]] != 0;
    offer->best = all_ranked ? offer->places[offer->num - 1] : TC_NO_PLACE;
}

void tc_offer_move_to_end(struct tc_offer *offer, size_t place)
{
    size_t at = 0;
    while (at < offer->num && offer->places[at] != place) {
        at++;
    }
    for (; at + 1 < offer->num; at++) {
        size_t held = offer->places[at];
        offer->places[at] = offer->places[at + 1];
        offer->places[at + 1] = held;
    }
}

/*
 * The worst first: a server that follows the client's order shows that it still has it. What the
 * endpoint's own handshake chose is last: by an order of its own it would be chosen once more.
 */
void tc_offer_suites(const struct tc_survey *survey, size_t level, const struct tc_bits *which,
                     struct tc_offer *out)
{
    uint16_t version = survey->levels[level].version;
    uint16_t ranks[TC_MAX_CANDIDATES] = {0};
    *out = (struct tc_offer){.best = TC_NO_PLACE};
    for (size_t i = survey->num_candidates; i > 0 && out->num < TC_MAX_PER_HELLO; i--) {
        if (tc_bits_get(which, i - 1)) {
            ranks[i - 1] =
                rank_in(survey, TC_FEATURE_CIPHER, version, survey->candidates[i - 1]->code);
            out->places[out->num] = i - 1;
            out->num++;
        }
    }
    out->order = tc_survey_previous_trait(survey, version, TC_TRAIT_CIPHER_ORDER);
    if (out->order == TC_YES) {
        sort_by_rank(out, ranks);
    } else if (survey->options.handshake.version == version) {
        tc_offer_move_to_end(out, tc_survey_place(survey, survey->options.handshake.suite));
    }
}

/* Post-quantum groups first: they are what comes and goes. */
void tc_offer_groups13(const struct tc_survey *survey, struct tc_offer *out)
{
    const struct tc_group_state *groups = &survey->groups13;
    uint64_t which = tc_survey_previous_groups(survey, groups, TC_TLS1_3);
    uint16_t ranks[TC_MAX_GROUPS] = {0};
    *out = (struct tc_offer){.best = TC_NO_PLACE};
    for (int pq = 1; pq >= 0; pq--) {
        for (size_t i = groups->num_known; i > 0; i--) {
            const struct tc_group *group = groups->known[i - 1];
            if ((which >> (i - 1) & 1) != 0 && tc_group_is_post_quantum(group) == (pq == 1)) {
                ranks[i - 1] = rank_in(survey, TC_FEATURE_GROUP, TC_TLS1_3, group->code);
                out->places[out->num] = i - 1;
                out->num++;
            }
        }
    }
    out->order = tc_survey_previous_trait(survey, TC_TLS1_3, TC_TRAIT_GROUP_ORDER);
    if (out->order == TC_YES) {
        sort_by_rank(out, ranks);
    } else if (survey->options.handshake.version == TC_TLS1_3) {
        tc_offer_move_to_end(out, tc_groups_place(groups, survey->options.handshake.group));
    }
}

static bool is_on_offer(const struct tc_offer *offer, size_t place)
{
    for (size_t i = 0; i < offer->num; i++) {
        if (offer->places[i] == place) {
            return true;
        }
    }
    return false;
}

/*
 * Whether a choice is what the last survey lets expect. A client's order need not be followed to
 * the letter (suites of equal worth to the server, groups of one family): then the choice at the
 * end of a second hello tells whether there is a client's order at all, as in a survey.
 */
enum tc_match tc_offer_judge(const struct tc_offer *offer, size_t chosen, bool is_second)
{
    if (!is_on_offer(offer, chosen)) {
        return TC_MATCH_OTHERWISE;
    }
    if (offer->order == TC_YES && offer->best != TC_NO_PLACE) {
        return chosen == offer->best ? TC_MATCH_AS_BEFORE : TC_MATCH_OTHERWISE;
    }
    if (offer->order != TC_NO) {
        return TC_MATCH_AS_BEFORE;
    }
    if (is_second) {
        return chosen == offer->places[offer->num - 1] ? TC_MATCH_OTHERWISE : TC_MATCH_AS_BEFORE;
    }
    return chosen == offer->places[0] ? TC_MATCH_AS_BEFORE : TC_MATCH_ASK_AGAIN;
}
