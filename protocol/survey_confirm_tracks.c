/*
 * The questions that confirm what the last survey found. What a server had is offered once more and
 * must be chosen from as before; what it had not must be refused. A yes is confirmed for what was
 * chosen, a no for all that was on offer: so the weakest that a server had is asked for on its own,
 * lest a repair go unseen, and what nobody asked about is repeated with the rest.
 */
#include "protocol/survey_offer.h"

#define ALERT_PROTOCOL_VERSION 70
/* SSL 3.0 has no padding that would lift a hello over the lengths on which some devices hang. */
#define MAX_WITHOUT_PADDING 100

static enum tc_survey_chain has_moved(struct tc_survey *survey, struct tc_track *track)
{
    survey->has_moved = true;
    track->state = TC_TRACK_DONE;
    return TC_SURVEY_CHAIN_NONE;
}

static bool is_over(const struct tc_survey *survey, const struct tc_track *track)
{
    return survey->has_moved || (track->level == TC_LEVEL_TLS1_3 && survey->tls13_has_moved);
}

/* Whether a track of this kind has not come to its end. */
static bool is_open(const struct tc_survey *survey, const struct tc_track_kind *kind, size_t level)
{
    for (size_t i = survey->first_confirming; i < survey->num_tracks; i++) {
        const struct tc_track *track = &survey->tracks[i];
        if (track->kind == kind && track->level == level && track->state != TC_TRACK_DONE) {
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
    return is_over(survey, track) ? TC_ASK_NEVER : TC_ASK_YES;
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

static void begin_offer(struct tc_survey *survey, struct tc_hello *hello, size_t level,
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
    begin_offer(survey, hello, track->level, &offer);
    track->has_riders = track->level == tc_survey_previous_best(survey) && version != TC_SSL3;
    if (track->has_riders) {
        tc_survey_add_riders(survey, hello);
        num_groups = tc_survey_riding_groups(survey, groups);
    }
    tc_survey_end_old_hello(survey, hello, version, num_groups > 0 ? groups : NULL, num_groups);
}

/* A suite of the best version below TLS 1.3 is confirmed. */
static void note_confirmed(struct tc_survey *survey, size_t level, size_t place)
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
        return has_moved(survey, track);
    }
    offer_known(survey, track, &offer);
    size_t place = tc_survey_place(survey, flight->suite);
    enum tc_match match = tc_offer_judge(&offer, place, track->step > 0);
    if (match == TC_MATCH_OTHERWISE) {
        return has_moved(survey, track);
    }
    note_confirmed(survey, track->level, place);
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

static void write_hello13(struct tc_survey *survey, struct tc_hello *hello,
                          const struct tc_offer *suites, const uint16_t *groups, size_t num_groups)
{
    static const uint16_t tls13 = TC_TLS1_3;
    begin_offer(survey, hello, TC_LEVEL_TLS1_3, suites);
    tc_hello_add_versions(hello, &tls13, 1);
    tc_survey_add_schemes(hello, TC_TLS1_3);
    tc_hello_add_psk_modes(hello);
    tc_survey_add_groups13(survey, hello, groups, num_groups, false);
}

static void known13_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_offer suites;
    struct tc_offer groups;
    uint16_t codes[TC_MAX_GROUPS];
    offer_known13(survey, track, &suites, &groups);
    write_hello13(survey, hello, &suites, codes, codes_of(survey, &groups, codes));
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
        return has_moved(survey, track);
    }
    offer_known13(survey, track, &suites, &groups);
    size_t suite = tc_survey_place(survey, answer->flight->suite);
    size_t group = tc_groups_place(&survey->groups13, answer->flight->group);
    enum tc_match of_suite = tc_offer_judge(&suites, suite, track->step > 0);
    enum tc_match of_group = tc_offer_judge(&groups, group, track->step > 0);
    if (of_suite == TC_MATCH_OTHERWISE || of_group == TC_MATCH_OTHERWISE) {
        return has_moved(survey, track);
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

/* There is something new. TLS 1.3 can be surveyed alone; profile deep asks too much about it. */
static enum tc_survey_chain has_grown(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict)
{
    bool is_part = track->level == TC_LEVEL_TLS1_3 && verdict == TC_VERDICT_ACCEPTED &&
                   survey->options.depth == TC_SURVEY_STANDARD;
    if (!is_part) {
        return has_moved(survey, track);
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
    size_t max = track->level == TC_LEVEL_SSL3 ? MAX_WITHOUT_PADDING : TC_MAX_PER_HELLO;
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
    const struct tc_track_kind *known = track->level == TC_LEVEL_TLS1_3 ? &k_known13 : &k_known;
    (void)out;
    if (is_over(survey, track) || !tc_bits_any(&track->left)) {
        return TC_ASK_NEVER;
    }
    return is_open(survey, known, track->level) ? TC_ASK_LATER : TC_ASK_YES;
}

static void new_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_offer suites;
    struct tc_offer groups;
    uint16_t codes[TC_MAX_GROUPS];
    offer_left(survey, track, &suites);
    if (track->level == TC_LEVEL_TLS1_3) {
        tc_offer_groups13(survey, &groups);
        write_hello13(survey, hello, &suites, codes, codes_of(survey, &groups, codes));
        return;
    }
    begin_offer(survey, hello, track->level, &suites);
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
        return has_grown(survey, track, verdict);
    }
    drop_offered(survey, track);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_new = {
    .name = "new suites", .ask = new_ask, .hello = new_hello, .hear = new_hear};

/* ---- groups that were not there ---- */

static const struct tc_track_kind k_groups;

static bool is_asked(const struct tc_survey *survey, const struct tc_group *group)
{
    return survey->options.depth == TC_SURVEY_DEEP || group->is_common;
}

static size_t new_groups(const struct tc_survey *survey, const struct tc_group_state *groups,
                         uint16_t version, uint16_t out[TC_MAX_GROUPS])
{
    uint64_t known = tc_survey_previous_groups(survey, groups, version);
    size_t num = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((known >> i & 1) == 0 && is_asked(survey, groups->known[i])) {
            out[num] = groups->known[i]->code;
            num++;
        }
    }
    return num;
}

/* An ECDSA leaf may need its curve on offer. */
static struct tc_bits ecdhe_rsa_suites(const struct tc_survey *survey, size_t level)
{
    struct tc_bits suites = tc_survey_previous_suites(survey, level);
    for (size_t i = 0; i < survey->num_candidates; i++) {
        const struct tc_suite *suite = survey->candidates[i];
        if (suite->kx != TC_KX_ECDHE || suite->auth != TC_AUTH_RSA) {
            tc_bits_clear(&suites, i);
        }
    }
    return suites;
}

/*
 * One library has one list of groups for all versions: where what TLS 1.3 and TLS 1.2 have in
 * common is the same, the answers of TLS 1.3 speak for both.
 */
static bool groups_are_alike(const struct tc_survey *survey)
{
    const struct tc_group_state *new = &survey->groups13;
    const struct tc_group_state *old = &survey->groups12;
    uint64_t in_new = tc_survey_previous_groups(survey, new, TC_TLS1_3);
    uint64_t in_old = tc_survey_previous_groups(survey, old, TC_TLS1_2);
    for (size_t i = 0; i < old->num_known; i++) {
        size_t place = tc_groups_place(new, old->known[i]->code);
        if (place < TC_MAX_GROUPS && is_asked(survey, old->known[i]) &&
            (in_old >> i & 1) != (in_new >> place & 1)) {
            return false;
        }
    }
    return tc_survey_previously_spoken(survey, TC_LEVEL_TLS1_3);
}

static bool tls13_is_open(const struct tc_survey *survey)
{
    return is_open(survey, &k_known13, TC_LEVEL_TLS1_3) ||
           is_open(survey, &k_new, TC_LEVEL_TLS1_3) || is_open(survey, &k_groups, TC_LEVEL_TLS1_3);
}

/* Below TLS 1.3: where its answers cannot speak for them. */
static enum tc_ask old_groups_ask(struct tc_survey *survey, const struct tc_track *track)
{
    if (is_open(survey, &k_known, track->level)) {
        return TC_ASK_LATER;
    }
    if (groups_are_alike(survey) && !survey->tls13_has_moved) {
        return tls13_is_open(survey) ? TC_ASK_LATER : TC_ASK_NEVER;
    }
    struct tc_bits suites = ecdhe_rsa_suites(survey, track->level);
    survey->has_moved = survey->has_moved || !tc_bits_any(&suites); /* nobody can ask */
    return survey->has_moved ? TC_ASK_NEVER : TC_ASK_YES;
}

static enum tc_ask groups_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    bool is_new = track->level == TC_LEVEL_TLS1_3;
    uint16_t codes[TC_MAX_GROUPS];
    (void)out;
    size_t num = is_new ? new_groups(survey, &survey->groups13, TC_TLS1_3, codes)
                        : new_groups(survey, &survey->groups12, TC_TLS1_2, codes);
    if (is_over(survey, track) || track->step > 0 || num == 0) {
        return TC_ASK_NEVER;
    }
    if (!is_new) {
        return old_groups_ask(survey, track);
    }
    return is_open(survey, &k_known13, track->level) ? TC_ASK_LATER : TC_ASK_YES;
}

static void groups_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t codes[TC_MAX_GROUPS];
    struct tc_offer suites;
    if (track->level == TC_LEVEL_TLS1_3) {
        struct tc_bits known = tc_survey_previous_suites(survey, track->level);
        tc_offer_suites(survey, track->level, &known, &suites);
        size_t num = new_groups(survey, &survey->groups13, TC_TLS1_3, codes);
        write_hello13(survey, hello, &suites, codes, num);
        return;
    }
    struct tc_bits known = ecdhe_rsa_suites(survey, track->level);
    tc_offer_suites(survey, track->level, &known, &suites);
    size_t num = new_groups(survey, &survey->groups12, TC_TLS1_2, codes);
    begin_offer(survey, hello, track->level, &suites);
    tc_survey_end_old_hello(survey, hello, survey->levels[track->level].version, codes, num);
}

static enum tc_survey_chain groups_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    (void)answer;
    track->step = 1;
    return verdict == TC_VERDICT_REFUSED ? TC_SURVEY_CHAIN_NONE : has_grown(survey, track, verdict);
}

static const struct tc_track_kind k_groups = {
    .name = "new groups", .ask = groups_ask, .hello = groups_hello, .hear = groups_hear};

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
                                                           : has_moved(survey, track);
    }
    if (verdict != TC_VERDICT_REFUSED) {
        return has_moved(survey, track);
    }
    if (flight != NULL && flight->state == TC_FLIGHT_ALERT &&
        flight->alert == ALERT_PROTOCOL_VERSION) {
        track->state = TC_TRACK_DONE;
    }
    drop_offered(survey, track);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_gap = {
    .name = "other versions", .ask = gap_ask, .hello = new_hello, .hear = gap_hear};

/* ---- SSL 2.0 ---- */

static enum tc_ask ssl2_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    return survey->has_moved || track->step > 0 ? TC_ASK_NEVER : TC_ASK_YES;
}

static bool has_same_specs(const struct tc_survey *survey, const struct tc_flight *flight)
{
    const struct tc_features *previous = survey->options.previous;
    size_t num = 0;
    for (size_t i = 0; i < previous->num_items; i++) {
        const struct tc_feature *row = &previous->items[i];
        num += row->kind == TC_FEATURE_CIPHER && row->version == TC_SSL2 ? 1 : 0;
    }
    for (size_t i = 0; i < flight->num_specs; i++) {
        if (tc_features_get(previous, TC_FEATURE_CIPHER, TC_SSL2, flight->specs[i]) != TC_YES) {
            return false;
        }
    }
    return num == flight->num_specs;
}

static enum tc_survey_chain ssl2_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    bool is_spoken =
        verdict == TC_VERDICT_ACCEPTED && answer->flight->state == TC_FLIGHT_SSL2_HELLO;
    bool was_spoken = tc_survey_previously_spoken(survey, TC_LEVEL_SSL2);
    track->step = 1;
    if (verdict == TC_VERDICT_UNCLEAR || is_spoken != was_spoken ||
        (is_spoken && !has_same_specs(survey, answer->flight))) {
        return has_moved(survey, track);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_ssl2 = {
    .name = "SSL 2.0 again", .ask = ssl2_ask, .hear = ssl2_hear, .is_ssl2 = true};

/* ---- what a repair would take away, and the other leaf: families of suites, one after another
 * ----
 */

enum family {
    FAMILY_INSECURE = 0,
    FAMILY_CBC,
    FAMILY_NO_SECRECY,
    FAMILY_DHE,
    FAMILY_OTHER_LEAF,
    FAMILY_COUNT
};

static bool is_in_family(const struct tc_survey *survey, const struct tc_suite *suite,
                         unsigned family)
{
    switch (family) {
    case FAMILY_INSECURE:
        return suite->quality == TC_QUALITY_INSECURE;
    case FAMILY_CBC:
        return suite->mode == TC_MODE_CBC;
    case FAMILY_NO_SECRECY:
        return !suite->forward_secrecy;
    case FAMILY_DHE:
        return suite->kx == TC_KX_DHE && !suite->is_export;
    case FAMILY_OTHER_LEAF:
    default:
        return tc_survey_suite_key(suite) != TC_LEAF_NONE &&
               tc_survey_suite_key(suite) != survey->options.handshake.leaf_key;
    }
}

static struct tc_bits family_of(const struct tc_survey *survey, const struct tc_track *track)
{
    struct tc_bits suites = tc_survey_previous_suites(survey, track->level);
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (!is_in_family(survey, survey->candidates[i], track->step)) {
            tc_bits_clear(&suites, i);
        }
    }
    return suites;
}

/* Whether a suite of it was chosen already. */
static bool is_confirmed(const struct tc_survey *survey, const struct tc_bits *family)
{
    uint64_t both = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(family->words); i++) {
        both |= family->words[i] & survey->confirmed.words[i];
    }
    return both != 0;
}

static enum tc_ask family_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    if (survey->has_moved) {
        return TC_ASK_NEVER;
    }
    if (is_open(survey, &k_known, track->level)) {
        return TC_ASK_LATER;
    }
    for (; track->step < FAMILY_COUNT; track->step++) {
        struct tc_bits suites = family_of(survey, track);
        if (tc_bits_any(&suites) && !is_confirmed(survey, &suites)) {
            out->keeps_certificates = true;
            return TC_ASK_YES;
        }
    }
    return TC_ASK_NEVER;
}

static void family_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_bits suites = family_of(survey, track);
    struct tc_offer offer;
    tc_offer_suites(survey, track->level, &suites, &offer);
    begin_offer(survey, hello, track->level, &offer);
    tc_survey_end_old_hello(survey, hello, survey->levels[track->level].version, NULL, 0);
}

static enum tc_survey_chain family_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_bits suites = family_of(survey, track);
    const struct tc_flight *flight = answer->flight;
    if (verdict != TC_VERDICT_ACCEPTED || tc_level_of(flight->version) != track->level) {
        return has_moved(survey, track);
    }
    size_t place = tc_survey_place(survey, flight->suite);
    if (place == TC_MAX_CANDIDATES || !tc_bits_get(&suites, place)) {
        return has_moved(survey, track);
    }
    note_confirmed(survey, track->level, place);
    track->step++;
    return tc_survey_read_flight(survey, flight, false);
}

static const struct tc_track_kind k_families = {
    .name = "families of suites", .ask = family_ask, .hello = family_hello, .hear = family_hear};

/* ---- which of them there are ---- */

static struct tc_track *add(struct tc_survey *survey, const struct tc_track_kind *kind,
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
    struct tc_track *track = add(survey, &k_new, level);
    if (track != NULL) {
        track->left = all_but(survey, survey->levels[level].version, &known);
    }
}

static void add_gap(struct tc_survey *survey, size_t top, size_t bottom)
{
    const struct tc_bits none = {{0}};
    struct tc_track *track = add(survey, &k_gap, top);
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
            (void)add(survey, &k_known, top);
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
        (void)add(survey, &k_known13, TC_LEVEL_TLS1_3);
        add_new(survey, TC_LEVEL_TLS1_3);
        (void)add(survey, &k_groups, TC_LEVEL_TLS1_3);
    }
    add_old_versions(survey);
    if (best != TC_LEVEL_COUNT) {
        (void)add(survey, &k_families, best);
    }
    if (best != TC_LEVEL_COUNT &&
        tc_survey_previous_trait(survey, TC_TLS1_2, TC_TRAIT_GROUPS_COMPLETE) == TC_YES) {
        (void)add(survey, &k_groups, best);
    }
    /* What knows TLS 1.2 and nothing older has never heard of SSL 2.0. */
    bool has_old = false;
    for (size_t level = TC_LEVEL_SSL2; level <= TC_LEVEL_TLS1_1; level++) {
        has_old = has_old || tc_survey_previously_spoken(survey, level);
    }
    if (has_old) {
        (void)add(survey, &k_ssl2, TC_LEVEL_SSL2);
    }
}
