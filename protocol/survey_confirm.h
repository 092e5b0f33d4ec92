/*
 * What the files share whose questions confirm the last survey: what it found, offered once more,
 * and what follows from the answers.
 */
#ifndef TC_PROTOCOL_SURVEY_CONFIRM_H
#define TC_PROTOCOL_SURVEY_CONFIRM_H

#include "protocol/survey_internal.h"

#define TC_NO_PLACE SIZE_MAX

/* ---- survey_confirm_offer.c ---- */

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

/* ---- survey_confirm_tracks.c ---- */

/* The track has met what the last survey does not have so: everything is to be surveyed. */
enum tc_survey_chain tc_confirm_moved(struct tc_survey *survey, struct tc_track *track);
/*
 * Something new was not refused, but `accepted` (NULL: nobody knows). New in TLS 1.3 alone it can
 * be surveyed alone, but in profile deep, which asks too much about it.
 */
enum tc_survey_chain tc_confirm_grown(struct tc_survey *survey, struct tc_track *track,
                                      const struct tc_flight *accepted);
/* Whether the track need not ask any more. */
bool tc_confirm_is_over(const struct tc_survey *survey, const struct tc_track *track);
/* Whether a track of this level has not come to its end, or one that offers what is known. */
bool tc_confirm_is_open(const struct tc_survey *survey, size_t level);
bool tc_confirm_known_is_open(const struct tc_survey *survey, size_t level);
/* A suite of the best version below TLS 1.3 was chosen. */
void tc_confirm_note(struct tc_survey *survey, size_t level, size_t place);
/* A hello with these suites and the own name; the rest is up to the caller. */
void tc_confirm_begin_hello(struct tc_survey *survey, struct tc_hello *hello, size_t level,
                            const struct tc_offer *offer);
void tc_confirm_write_hello13(struct tc_survey *survey, struct tc_hello *hello,
                              const struct tc_offer *suites, const uint16_t *groups,
                              size_t num_groups);
/* NULL where there is no room: then everything is to be surveyed. */
struct tc_track *tc_confirm_add(struct tc_survey *survey, const struct tc_track_kind *kind,
                                size_t level);

void tc_confirm_add_groups(struct tc_survey *survey, size_t level);   /* survey_confirm_groups.c */
void tc_confirm_add_families(struct tc_survey *survey, size_t level); /* …_families.c */
void tc_confirm_add_ssl2(struct tc_survey *survey);                   /* likewise */

#endif
