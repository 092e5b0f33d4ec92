/*
 * The questions that confirm what the last survey found. What a server had is offered once more and
 * must be chosen from as before; what it had not must be refused. A yes is confirmed for what was
 * chosen, a no for all that was on offer: so the weakest that a server had is asked for on its own,
 * lest a repair go unseen, and what nobody asked about is repeated with the rest.
 */
#include "protocol/survey_confirm.h"

enum tc_survey_chain tc_confirm_moved(struct tc_survey *survey, struct tc_track *track)
{
    survey->has_moved = true;
    track->state = TC_TRACK_DONE;
    return TC_SURVEY_CHAIN_NONE;
}

bool tc_confirm_is_over(const struct tc_survey *survey, const struct tc_track *track)
{
    return survey->has_moved || (track->level == TC_LEVEL_TLS1_3 && survey->tls13_has_moved);
}

bool tc_confirm_is_open(const struct tc_survey *survey, size_t level)
{
    for (size_t i = survey->first_confirming; i < survey->num_tracks; i++) {
        const struct tc_track *track = &survey->tracks[i];
        if (track->level == level && track->state != TC_TRACK_DONE) {
            return true;
        }
    }
    return false;
}

/* ---- what was there below TLS 1.3 ---- */

static enum tc_ask known_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    out->keeps_certificates = true;
    return tc_confirm_is_over(survey, track) ? TC_ASK_NEVER : TC_ASK_YES;
}

static void offer_known(const struct tc_survey *survey, const struct tc_track *track,
                        struct tc_offer *out)
{
    struct tc_bits known = tc_survey_previous_suites(survey, track->level);
    tc_offer_suites(survey, track->level, &known, out);
    if (track->step > 0) {
        tc_offer_move_to_end(out, track->rank);
    }
}

void tc_confirm_begin_hello(struct tc_survey *survey, struct tc_hello *hello, size_t level,
                            const struct tc_offer *offer)
{
    uint16_t version = survey->levels[level].version;
    tc_survey_begin_hello(survey, hello, version);
    for (size_t i = 0; i < offer->num; i++) {
        tc_hello_add_suite(hello, (uint16_t)survey->candidates[offer->places[i]]->code);
    }
    if (version != TC_SSL3) {
        tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    }
}

static void known_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t version = survey->levels[track->level].version;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = 0;
    struct tc_offer offer;
    offer_known(survey, track, &offer);
    tc_confirm_begin_hello(survey, hello, track->level, &offer);
    track->has_riders = track->level == tc_survey_previous_best(survey) && version != TC_SSL3;
    if (track->has_riders) {
        tc_survey_add_riders(survey, hello);
        num_groups = tc_survey_riding_groups(survey, groups);
    }
    tc_survey_end_old_hello(survey, hello, version, num_groups > 0 ? groups : NULL, num_groups);
}

void tc_confirm_note(struct tc_survey *survey, size_t level, size_t place)
{
    if (level == tc_survey_previous_best(survey)) {
        tc_bits_set(&survey->confirmed, place);
    }
}

static enum tc_survey_chain known_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_offer offer;
    const struct tc_flight *flight = answer->flight;
    if (verdict != TC_VERDICT_ACCEPTED || tc_level_of(flight->version) != track->level) {
        return tc_confirm_moved(survey, track);
    }
    offer_known(survey, track, &offer);
    size_t place = tc_survey_place(survey, flight->suite);
    enum tc_match match = tc_offer_judge(&offer, place, track->step > 0);
    if (match == TC_MATCH_OTHERWISE) {
        return tc_confirm_moved(survey, track);
    }
    tc_confirm_note(survey, track->level, place);
    track->step++;
    track->rank = (unsigned)place;
    track->state = match == TC_MATCH_ASK_AGAIN ? TC_TRACK_IDLE : TC_TRACK_DONE;
    return tc_survey_read_flight(survey, flight, track->has_riders);
}

static const struct tc_track_kind k_known = {
    .name = "known suites", .ask = known_ask, .hello = known_hello, .hear = known_hear};

/* ---- what was there in TLS 1.3: suites and groups at once ---- */

/* `rank` is the place of the suite that was chosen, `lane` that of the group. */
static void offer_known13(const struct tc_survey *survey, const struct tc_track *track,
                          struct tc_offer *suites, struct tc_offer *groups)
{
    struct tc_bits known = tc_survey_previous_suites(survey, TC_LEVEL_TLS1_3);
    tc_offer_suites(survey, TC_LEVEL_TLS1_3, &known, suites);
    tc_offer_groups13(survey, groups);
    if (track->step > 0) {
        tc_offer_move_to_end(suites, track->rank);
        tc_offer_move_to_end(groups, track->lane);
    }
}

static size_t codes_of(const struct tc_survey *survey, const struct tc_offer *groups,
                       uint16_t out[TC_MAX_GROUPS])
{
    for (size_t i = 0; i < groups->num; i++) {
        out[i] = survey->groups13.known[groups->places[i]]->code;
    }
    return groups->num;
}

void tc_confirm_write_hello13(struct tc_survey *survey, struct tc_hello *hello,
                              const struct tc_offer *suites, const uint16_t *groups,
                              size_t num_groups)
{
    static const uint16_t tls13 = TC_TLS1_3;
    tc_confirm_begin_hello(survey, hello, TC_LEVEL_TLS1_3, suites);
    tc_survey_add_tls13_extensions(hello, &tls13, 1);
    tc_survey_add_groups13(survey, hello, groups, num_groups, false);
}

static void known13_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_offer suites;
    struct tc_offer groups;
    uint16_t codes[TC_MAX_GROUPS];
    offer_known13(survey, track, &suites, &groups);
    tc_confirm_write_hello13(survey, hello, &suites, codes, codes_of(survey, &groups, codes));
}

static enum tc_survey_chain known13_hear(struct tc_survey *survey, struct tc_track *track,
                                         enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_offer suites;
    struct tc_offer groups;
    if (verdict == TC_VERDICT_REFUSED && track->step == 0 && survey->share13 == TC_SHARE_NONE) {
        survey->share13 = TC_SHARE_GREASE; /* some stacks want to see a share */
        return TC_SURVEY_CHAIN_NONE;
    }
    if (verdict != TC_VERDICT_ACCEPTED || answer->flight->version != TC_TLS1_3) {
        return tc_confirm_moved(survey, track);
    }
    offer_known13(survey, track, &suites, &groups);
    size_t suite = tc_survey_place(survey, answer->flight->suite);
    size_t group = tc_groups_place(&survey->groups13, answer->flight->group);
    enum tc_match of_suite = tc_offer_judge(&suites, suite, track->step > 0);
    enum tc_match of_group = tc_offer_judge(&groups, group, track->step > 0);
    if (of_suite == TC_MATCH_OTHERWISE || of_group == TC_MATCH_OTHERWISE) {
        return tc_confirm_moved(survey, track);
    }
    track->step++;
    track->rank = (unsigned)suite;
    track->lane = (unsigned)group;
    track->state = of_suite == TC_MATCH_ASK_AGAIN || of_group == TC_MATCH_ASK_AGAIN ? TC_TRACK_IDLE
                                                                                    : TC_TRACK_DONE;
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_known13 = {
    .name = "known in TLS 1.3", .ask = known_ask, .hello = known13_hello, .hear = known13_hear};

bool tc_confirm_known_is_open(const struct tc_survey *survey, size_t level)
{
    for (size_t i = survey->first_confirming; i < survey->num_tracks; i++) {
        const struct tc_track *track = &survey->tracks[i];
        bool is_known = track->kind == &k_known || track->kind == &k_known13;
        if (is_known && track->level == level && track->state != TC_TRACK_DONE) {
            return true;
        }
    }
    return false;
}

enum tc_survey_chain tc_confirm_grown(struct tc_survey *survey, struct tc_track *track,
                                      const struct tc_flight *accepted)
{
    bool is_part = track->level == TC_LEVEL_TLS1_3 && accepted != NULL &&
                   accepted->version == TC_TLS1_3 && survey->options.depth == TC_SURVEY_STANDARD;
    if (!is_part) {
        return tc_confirm_moved(survey, track);
    }
    survey->tls13_has_moved = true;
    track->state = TC_TRACK_DONE;
    return TC_SURVEY_CHAIN_NONE;
}

/* ---- what was not there: to be refused, in hellos like those that were accepted ---- */

/* Suites of `left`, as many as one hello may hold. */
static void offer_left(const struct tc_survey *survey, const struct tc_track *track,
                       struct tc_offer *out)
{
    size_t max = track->level == TC_LEVEL_SSL3 ? TC_MAX_WITHOUT_PADDING : TC_MAX_PER_HELLO;
    *out = (struct tc_offer){.best = TC_NO_PLACE};
    for (size_t i = 0; i < survey->num_candidates && out->num < max; i++) {
        if (tc_bits_get(&track->left, i)) {
            out->places[out->num] = i;
            out->num++;
        }
    }
}

static enum tc_ask new_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    (void)out;
    if (tc_confirm_is_over(survey, track) || !tc_bits_any(&track->left)) {
        return TC_ASK_NEVER;
    }
    return tc_confirm_known_is_open(survey, track->level) ? TC_ASK_LATER : TC_ASK_YES;
}

static void new_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_offer suites;
    struct tc_offer groups;
    uint16_t codes[TC_MAX_GROUPS];
    offer_left(survey, track, &suites);
    if (track->level == TC_LEVEL_TLS1_3) {
        tc_offer_groups13(survey, &groups);
        tc_confirm_write_hello13(survey, hello, &suites, codes, codes_of(survey, &groups, codes));
        return;
    }
    tc_confirm_begin_hello(survey, hello, track->level, &suites);
    tc_survey_end_old_hello(survey, hello, survey->levels[track->level].version, NULL, 0);
}

static void drop_offered(const struct tc_survey *survey, struct tc_track *track)
{
    struct tc_offer offer;
    offer_left(survey, track, &offer);
    for (size_t i = 0; i < offer.num; i++) {
        tc_bits_clear(&track->left, offer.places[i]);
    }
}

/* It has none of them in this version, and takes one that has what it is known to have there. */
static bool is_known_below(const struct tc_survey *survey, size_t level,
                           const struct tc_flight *flight)
{
    size_t chosen = tc_level_of(flight->version);
    return chosen < level && tc_features_get(survey->options.previous, TC_FEATURE_CIPHER,
                                             flight->version, flight->suite) == TC_YES;
}

static enum tc_survey_chain new_hear(struct tc_survey *survey, struct tc_track *track,
                                     enum tc_verdict verdict, const struct tc_answer *answer)
{
    bool is_elsewhere =
        verdict == TC_VERDICT_ACCEPTED && is_known_below(survey, track->level, answer->flight);
    if (verdict != TC_VERDICT_REFUSED && !is_elsewhere) {
        return tc_confirm_grown(survey, track,
                                verdict == TC_VERDICT_ACCEPTED ? answer->flight : NULL);
    }
    drop_offered(survey, track);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_new = {
    .name = "new suites", .ask = new_ask, .hello = new_hello, .hear = new_hear};

/* ---- versions that were not there: one hello for all that lie side by side ---- */

static enum tc_ask gap_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    (void)out;
    return survey->has_moved || !tc_bits_any(&track->left) ? TC_ASK_NEVER : TC_ASK_YES;
}

/* `lane` is the lowest of the versions. A server may choose one below, which it is known to have.
 */
static enum tc_survey_chain gap_hear(struct tc_survey *survey, struct tc_track *track,
                                     enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_flight *flight = answer->flight;
    if (verdict == TC_VERDICT_ACCEPTED) {
        track->state = TC_TRACK_DONE;
        return is_known_below(survey, track->lane, flight) ? TC_SURVEY_CHAIN_NONE
                                                           : tc_confirm_moved(survey, track);
    }
    if (verdict != TC_VERDICT_REFUSED) {
        return tc_confirm_moved(survey, track);
    }
    if (flight != NULL && flight->state == TC_FLIGHT_ALERT &&
        flight->alert == TC_ALERT_PROTOCOL_VERSION) {
        track->state = TC_TRACK_DONE;
    }
    drop_offered(survey, track);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_gap = {
    .name = "other versions", .ask = gap_ask, .hello = new_hello, .hear = gap_hear};

/* ---- which of them there are ---- */

struct tc_track *tc_confirm_add(struct tc_survey *survey, const struct tc_track_kind *kind,
                                size_t level)
{
    struct tc_track *track = tc_survey_add_track(survey, kind);
    if (track == NULL) {
        survey->has_moved = true;
        return NULL;
    }
    track->level = (unsigned)level;
    return track;
}

/* All that a survey of this depth asks for in a version, but for these. */
static struct tc_bits all_but(const struct tc_survey *survey, uint16_t version,
                              const struct tc_bits *known)
{
    bool is_deep = survey->options.depth == TC_SURVEY_DEEP;
    size_t num = is_deep ? survey->num_candidates : survey->num_common;
    struct tc_bits rest = {{0}};
    for (size_t i = 0; i < survey->num_candidates; i++) {
        bool is_asked_for = i < num || version == TC_TLS1_3;
        if (is_asked_for && tc_survey_suite_fits(survey->candidates[i], version) &&
            !tc_bits_get(known, i)) {
            tc_bits_set(&rest, i);
        }
    }
    return rest;
}

static void add_new(struct tc_survey *survey, size_t level)
{
    struct tc_bits known = tc_survey_previous_suites(survey, level);
    struct tc_track *track = tc_confirm_add(survey, &k_new, level);
    if (track != NULL) {
        track->left = all_but(survey, survey->levels[level].version, &known);
    }
}

static void add_gap(struct tc_survey *survey, size_t top, size_t bottom)
{
    const struct tc_bits none = {{0}};
    struct tc_track *track = tc_confirm_add(survey, &k_gap, top);
    if (track == NULL) {
        return;
    }
    track->lane = (unsigned)bottom;
    for (size_t level = bottom; level <= top; level++) {
        struct tc_bits fitting = all_but(survey, survey->levels[level].version, &none);
        for (size_t i = 0; i < TC_ARRAY_LEN(fitting.words); i++) {
            track->left.words[i] |= fitting.words[i];
        }
    }
}

static void add_old_versions(struct tc_survey *survey)
{
    size_t own = tc_level_of(survey->options.handshake.version); /* what is above it has answered */
    size_t top = own < TC_LEVEL_TLS1_2 ? own : TC_LEVEL_TLS1_2;
    while (top >= TC_LEVEL_SSL3) {
        if (tc_survey_previously_spoken(survey, top)) {
            (void)tc_confirm_add(survey, &k_known, top);
            add_new(survey, top);
            top--;
            continue;
        }
        size_t bottom = top;
        while (bottom > TC_LEVEL_SSL3 && !tc_survey_previously_spoken(survey, bottom - 1)) {
            bottom--;
        }
        add_gap(survey, top, bottom);
        top = bottom - 1;
    }
}

void tc_survey_add_confirming(struct tc_survey *survey)
{
    size_t best = tc_survey_previous_best(survey);
    if (tc_survey_previously_spoken(survey, TC_LEVEL_TLS1_3)) {
        (void)tc_confirm_add(survey, &k_known13, TC_LEVEL_TLS1_3);
        add_new(survey, TC_LEVEL_TLS1_3);
        tc_confirm_add_groups(survey, TC_LEVEL_TLS1_3);
    }
    add_old_versions(survey);
    if (best != TC_LEVEL_COUNT) {
        tc_confirm_add_families(survey, best);
    }
    if (best != TC_LEVEL_COUNT &&
        tc_survey_previous_trait(survey, TC_TLS1_2, TC_TRAIT_GROUPS_COMPLETE) == TC_YES) {
        tc_confirm_add_groups(survey, best);
    }
    /* What knows TLS 1.2 and nothing older has never heard of SSL 2.0. */
    bool has_old = false;
    for (size_t level = TC_LEVEL_SSL2; level <= TC_LEVEL_TLS1_1; level++) {
        has_old = has_old || tc_survey_previously_spoken(survey, level);
    }
    if (has_old) {
        tc_confirm_add_ssl2(survey);
    }
}
