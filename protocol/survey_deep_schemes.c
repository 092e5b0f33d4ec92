/*
 * Which signature schemes a server has. At TLS 1.2 its ServerKeyExchange names the one that it
 * signed with: all are offered for one kind of key, the choice is noted and left out, until
 * refused. At TLS 1.3 the signature is encrypted, so that each scheme takes a real handshake, and
 * only those can be asked for that the library verifies.
 *
 * A server may refuse because its certificate was signed with a scheme that is left out, which RFC
 * 8446 section 4.2.3 has a list of its own against.
 */
#include "protocol/survey_internal.h"

enum { STEP_FIRST = 0, STEP_REVERSED, STEP_REST };

/*
 * ---- TLS 1.2. `lane` is the enum tc_leaf_key, `left` numbers the common schemes, and `level` is
 * the number of the first that was chosen ----
 */

static struct tc_bits signed_suites(const struct tc_survey *survey, enum tc_leaf_key key)
{
    struct tc_bits suites = {{0}};
    enum tc_auth auth = key == TC_LEAF_RSA ? TC_AUTH_RSA : TC_AUTH_ECDSA;
    for (size_t i = 0; i < survey->num_candidates; i++) {
        const struct tc_suite *suite = survey->candidates[i];
        if (tc_bits_get(&survey->levels[TC_LEVEL_TLS1_2].yes, i) && suite->auth == auth &&
            (suite->kx == TC_KX_ECDHE || suite->kx == TC_KX_DHE) && !suite->is_export) {
            tc_bits_set(&suites, i);
        }
    }
    return suites;
}

/* The rank of a scheme that was seen; it is there, for the flight has been read. */
static void set_rank(struct tc_survey *survey, uint16_t scheme, unsigned rank)
{
    for (size_t i = 0; i < survey->num_schemes; i++) {
        if (survey->schemes[i] == scheme) {
            survey->scheme_ranks[i] = (uint16_t)rank;
        }
    }
}

static void end_lane(struct tc_survey *survey, struct tc_track *track, bool is_clear)
{
    track->state = TC_TRACK_DONE;
    survey->scheme_lanes_open--;
    survey->scheme_lanes_unclear = survey->scheme_lanes_unclear || !is_clear;
    if (survey->scheme_lanes_open == 0 && !survey->scheme_lanes_unclear) {
        tc_survey_know(survey, &survey->schemes12_complete, TC_YES);
    }
}

static enum tc_ask lane_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    const struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_2];
    (void)out;
    if (level->supported.value == TC_NO) {
        return TC_ASK_NEVER;
    }
    if (!level->is_decided || level->lanes_open > 0) {
        return TC_ASK_LATER;
    }
    struct tc_bits suites = signed_suites(survey, (enum tc_leaf_key)track->lane);
    if (!tc_bits_any(&suites) || !tc_bits_any(&track->left)) {
        /* Without a suite that signs with such a key none of its schemes is there. */
        end_lane(survey, track, level->complete.value == TC_YES || tc_bits_any(&suites));
        return TC_ASK_NEVER;
    }
    return TC_ASK_YES;
}

/* The schemes that are left, in our order or against it, then with the first choice at the end. */
static size_t schemes_left(const struct tc_track *track, uint16_t out[TC_MAX_OFFERED_SCHEMES])
{
    uint16_t common[TC_MAX_OFFERED_SCHEMES];
    size_t num_common = tc_survey_common_schemes(TC_TLS1_2, common);
    bool reversed = track->step == STEP_REVERSED;
    size_t num = 0;
    for (size_t i = 0; i < num_common; i++) {
        size_t place = reversed ? num_common - 1 - i : i;
        if (tc_bits_get(&track->left, place) && !(reversed && place == track->level)) {
            out[num] = common[place];
            num++;
        }
    }
    if (reversed) {
        out[num] = common[track->level];
        num++;
    }
    return num;
}

static void lane_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t schemes[TC_MAX_OFFERED_SCHEMES];
    size_t num = schemes_left(track, schemes);
    struct tc_bits suites = signed_suites(survey, (enum tc_leaf_key)track->lane);
    tc_survey_begin_hello(survey, hello, TC_TLS1_2);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_hello_with_schemes(survey, hello, schemes, num);
}

/* What was chosen first stood at the end this time: an order of its own, or ours? */
static void hear_reversed(struct tc_track *track, size_t place)
{
    size_t first = track->level;
    track->step = STEP_REST;
    track->rank = place == first ? 1 : 0;
    tc_bits_clear(&track->left, first);
    tc_bits_clear(&track->left, place);
}

/* The next in the server's order; with the second, the first has a rank as well. */
static void hear_next(struct tc_survey *survey, struct tc_track *track, size_t place,
                      const uint16_t *common)
{
    tc_bits_clear(&track->left, place);
    if (track->rank == 0) {
        return;
    }
    if (track->rank == 1) {
        set_rank(survey, common[track->level], 1);
    }
    track->rank++;
    set_rank(survey, common[place], track->rank);
}

static void hear_choice(struct tc_survey *survey, struct tc_track *track, uint16_t scheme)
{
    uint16_t common[TC_MAX_OFFERED_SCHEMES];
    size_t num_common = tc_survey_common_schemes(TC_TLS1_2, common);
    size_t place = 0;
    while (place < num_common && common[place] != scheme) {
        place++;
    }
    if (place == num_common || !tc_bits_get(&track->left, place)) {
        /* It signs as it always does, though only others were on offer: it has none of these. */
        end_lane(survey, track, scheme != 0 && track->step == STEP_REST);
        return;
    }
    if (track->step == STEP_FIRST) {
        track->level = (unsigned)place;
        track->step = STEP_REVERSED;
    } else if (track->step == STEP_REVERSED) {
        hear_reversed(track, place);
    } else {
        hear_next(survey, track, place, common);
    }
}

static enum tc_survey_chain lane_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    if (verdict != TC_VERDICT_ACCEPTED) {
        /* Before, it had accepted the same: all of them in the loop, or in another order. */
        end_lane(survey, track, verdict == TC_VERDICT_REFUSED && track->step == STEP_REST);
        return TC_SURVEY_CHAIN_NONE;
    }
    enum tc_survey_chain chain = tc_survey_read_flight(survey, answer->flight, false);
    hear_choice(survey, track, answer->flight->signature_scheme);
    return chain;
}

static const struct tc_track_kind k_lane = {
    .name = "schemes", .ask = lane_ask, .hello = lane_hello, .hear = lane_hear};

static void add_lane(struct tc_survey *survey, enum tc_leaf_key key)
{
    uint16_t common[TC_MAX_OFFERED_SCHEMES];
    size_t num_common = tc_survey_common_schemes(TC_TLS1_2, common);
    struct tc_track *track = tc_survey_add_track(survey, &k_lane);
    if (track == NULL) {
        return;
    }
    track->lane = key;
    survey->scheme_lanes_open++;
    for (size_t i = 0; i < num_common; i++) {
        enum tc_auth auth = tc_scheme_find(common[i])->auth;
        if (auth == (key == TC_LEAF_RSA ? TC_AUTH_RSA : TC_AUTH_ECDSA)) {
            tc_bits_set(&track->left, i);
        }
    }
}

/* ---- TLS 1.3: `step` numbers the schemes of the list ---- */

static const struct {
    uint16_t code;
    enum tc_leaf_key key;
} k_askable[] = {
    {0x0403, TC_LEAF_ECDSA}, /* ecdsa_secp256r1_sha256 */
    {0x0503, TC_LEAF_ECDSA}, /* ecdsa_secp384r1_sha384 */
    {0x0603, TC_LEAF_ECDSA}, /* ecdsa_secp521r1_sha512 */
    {0x0807, TC_LEAF_ECDSA}, /* ed25519 */
    {0x0804, TC_LEAF_RSA},   /* rsa_pss_rsae_sha256 */
    {0x0805, TC_LEAF_RSA},   /* rsa_pss_rsae_sha384 */
    {0x0806, TC_LEAF_RSA},   /* rsa_pss_rsae_sha512 */
};

static bool is_told(const struct tc_survey *survey, uint16_t scheme)
{
    return survey->options.handshake.signature_scheme == scheme;
}

static void put_scheme13(struct tc_survey *survey, uint16_t code, enum tc_tristate value)
{
    struct tc_scheme13 *scheme = &survey->schemes13[survey->num_schemes13];
    survey->num_schemes13++;
    *scheme = (struct tc_scheme13){
        .code = code, .supported = {.value = TC_UNKNOWN, .number = TC_FEATURE_NO_VALUE}};
    tc_survey_know(survey, &scheme->supported, value);
}

/* Which kinds of leaves there are is known when both have been asked for. */
static bool leaves_are_known(const struct tc_survey *survey)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    return tc_survey_old_levels_are_known(survey) &&
           (best == TC_LEVEL_COUNT || survey->levels[best].lanes_open == 0) &&
           tc_track_is_done(survey->leaf_track);
}

static enum tc_ask tls13_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (!own->is_done || own->version != TC_TLS1_3) {
        return TC_ASK_NEVER;
    }
    if (!leaves_are_known(survey)) {
        return TC_ASK_LATER;
    }
    while (track->step < TC_ARRAY_LEN(k_askable) &&
           (is_told(survey, k_askable[track->step].code) ||
            !tc_survey_has_leaf(survey, k_askable[track->step].key))) {
        track->step++;
    }
    if (track->step ==
        TC_ARRAY_LEN(k_askable)) { /* what cannot be asked for gets rows of its own */
        tc_survey_know(survey, &survey->schemes13_complete, TC_YES);
        return TC_ASK_NEVER;
    }
    out->wish.min_version = TC_TLS1_3;
    out->wish.schemes[0] = k_askable[track->step].code;
    out->wish.num_schemes = 1;
    return TC_ASK_YES;
}

static enum tc_survey_chain tls13_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    uint16_t asked = k_askable[track->step].code;
    enum tc_tristate value = TC_UNKNOWN;
    track->step++;
    if (verdict == TC_VERDICT_REFUSED) {
        value = TC_NO;
    } else if (verdict == TC_VERDICT_ACCEPTED && facts->signature_scheme == asked) {
        value = TC_YES;
    }
    put_scheme13(survey, asked, value);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_tls13 = {
    .name = "schemes by handshake", .ask = tls13_ask, .hear = tls13_hear};

void tc_survey_add_schemes_deep(struct tc_survey *survey)
{
    add_lane(survey, TC_LEAF_ECDSA);
    add_lane(survey, TC_LEAF_RSA);
    (void)tc_survey_add_track(survey, &k_tls13); /* a full list has said so already */
}
