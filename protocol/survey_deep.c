/* What profile deep asks beside what profile standard does. */
#include "protocol/survey_internal.h"

void tc_survey_add_deep(struct tc_survey *survey)
{
    survey->first_deep = survey->num_tracks;
    tc_survey_add_group_order(survey);
    tc_survey_add_schemes_deep(survey);
    tc_survey_add_deep_habits(survey);
    tc_survey_add_tolerance(survey);
    tc_survey_add_fingerprints(survey);
    survey->end_deep = survey->num_tracks;
}
