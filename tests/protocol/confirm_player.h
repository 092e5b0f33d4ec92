/* Surveys that are given the features of an earlier one. */
#ifndef TLSCENSUS_CONFIRM_PLAYER_H
#define TLSCENSUS_CONFIRM_PLAYER_H

#include "fake_policies.h"
#include "survey_player.h"

/* Plays one with connections in plenty; `previous` may be NULL. The seed decides all chance. */
void confirm_play(struct played *out, const struct fake_policy *policy,
                  const struct tc_features *previous, enum tc_survey_depth depth, uint64_t seed);
/* Whether the survey says that it was confirmed: in whole, or all but this part. */
bool confirm_is_told(const struct tc_features *features);
bool confirm_is_told_but_tls13(const struct tc_features *features);
/*
 * How many rows of one are not in the other as they are, each printed behind `label`. How the
 * surveys went is left out.
 */
unsigned confirm_differences(const struct tc_features *features, const struct tc_features *others,
                             const char *label);

#endif
