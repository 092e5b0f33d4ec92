/*
 * What the last survey found of suites or groups, offered once more, and what the choice then says.
 */
#ifndef TC_PROTOCOL_SURVEY_OFFER_H
#define TC_PROTOCOL_SURVEY_OFFER_H

#include "protocol/survey_internal.h"

#define TC_NO_PLACE SIZE_MAX

struct tc_offer {
    size_t places[TC_MAX_PER_HELLO]; /* among the candidates, or the groups */
    size_t num;
    size_t best; /* what a server chooses that keeps to its own order; TC_NO_PLACE: nobody knows */
    enum tc_tristate order; /* as the last survey has it */
};

enum tc_match { TC_MATCH_AS_BEFORE = 0, TC_MATCH_ASK_AGAIN, TC_MATCH_OTHERWISE };

/* Those of `which`, at most TC_MAX_PER_HELLO. */
void tc_offer_suites(const struct tc_survey *survey, size_t level, const struct tc_bits *which,
                     struct tc_offer *out);
/* All that were there in TLS 1.3. */
void tc_offer_groups13(const struct tc_survey *survey, struct tc_offer *out);
void tc_offer_move_to_end(struct tc_offer *offer, size_t place);
/*
 * Whether a choice is what the last survey lets expect. `is_second`: it answers a second hello, at
 * whose end stands what the first one chose.
 */
enum tc_match tc_offer_judge(const struct tc_offer *offer, size_t chosen, bool is_second);

#endif
