/*
 * What only real handshakes tell: whether sessions are resumed, early data, what rides in encrypted
 * extensions, and, where TLS 1.3 is all that a server speaks, its other certificate and protocol
 * names.
 */
#include <string.h>

#include "protocol/survey_internal.h"

/* Slots of kept sessions (survey.h): 0 is the endpoint's own. */
enum { SLOT_OWN = 0, SLOT_ID, SLOT_TICKET };

/* Load balancers without a shared key forget every other session: resumption is tried twice. */
#define RESUME_TRIES 2

static bool speaks(const struct tc_survey *survey, enum tc_level_index index)
{
    return survey->levels[index].supported.value == TC_YES;
}

/* ---- the endpoint's own session, offered again ---- */

static enum tc_trait own_resumption(const struct tc_survey *survey)
{
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (own->version == TC_TLS1_3) {
        return TC_TRAIT_PSK_RESUMPTION;
    }
    return own->ticket_seen ? TC_TRAIT_TICKET_RESUMPTION : TC_TRAIT_SESSION_ID_RESUMPTION;
}

static enum tc_ask own_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (!own->is_done || track->step >= RESUME_TRIES) {
        return TC_ASK_NEVER;
    }
    if (!own->session_kept) { /* no ticket came, though it was waited for, and no session id */
        if (own->version != TC_TLS1_3 || (own->tickets_awaited && !own->ticket_seen)) {
            tc_survey_trait(survey, own_resumption(survey), TC_NO);
        }
        return TC_ASK_NEVER;
    }
    out->wish.resumes = true;
    out->wish.session = SLOT_OWN;
    out->wish.max_version = own->version;
    out->wish.offers_early_data = own->max_early_data_bytes > 0;
    return TC_ASK_YES;
}

static enum tc_survey_chain own_hear(struct tc_survey *survey, struct tc_track *track,
                                     enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    track->step++;
    if (verdict == TC_VERDICT_UNCLEAR || facts == NULL || !facts->is_done) {
        return TC_SURVEY_CHAIN_NONE;
    }
    if (facts->is_resumed || track->step >= RESUME_TRIES) {
        tc_survey_trait(survey, own_resumption(survey), facts->is_resumed ? TC_YES : TC_NO);
        track->step = RESUME_TRIES;
    }
    if (survey->options.handshake.max_early_data_bytes > 0 && facts->is_resumed) {
        tc_survey_trait(survey, TC_TRAIT_EARLY_DATA, facts->early_data_accepted ? TC_YES : TC_NO);
        survey->traits[TC_TRAIT_EARLY_DATA].number = survey->options.handshake.max_early_data_bytes;
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_own = {.name = "resumption", .ask = own_ask, .hear = own_hear};

/* ---- sessions of TLS 1.2, where the endpoint's own handshake was newer ---- */

/* `lane` is SLOT_ID or SLOT_TICKET; step 0 makes the session, 1 and 2 offer it. */
static bool is_wanted(const struct tc_survey *survey, const struct tc_track *track)
{
    if (survey->options.handshake.version != TC_TLS1_3) {
        /* The own session had a ticket, so whether there are ids as well is open. */
        return track->lane == SLOT_ID && survey->options.handshake.ticket_seen &&
               survey->gives_session_ids == TC_YES;
    }
    return track->lane == SLOT_ID ? survey->gives_session_ids == TC_YES
                                  : survey->options.depth == TC_SURVEY_DEEP &&
                                        survey->traits[TC_TRAIT_SESSION_TICKET].value == TC_YES;
}

static enum tc_ask old_session_ask(struct tc_survey *survey, struct tc_track *track,
                                   struct tc_question *out)
{
    if (track->step > RESUME_TRIES) {
        return TC_ASK_NEVER;
    }
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (best == TC_LEVEL_COUNT || !tc_survey_is_highest(survey, best) ||
        survey->gives_session_ids == TC_UNKNOWN) {
        return tc_survey_old_levels_are_known(survey) && best == TC_LEVEL_COUNT ? TC_ASK_NEVER
                                                                                : TC_ASK_LATER;
    }
    if (track->lane == SLOT_ID && survey->gives_session_ids == TC_NO) {
        tc_survey_trait(survey, TC_TRAIT_SESSION_ID_RESUMPTION, TC_NO);
    }
    if (best < TC_LEVEL_TLS1 || !is_wanted(survey, track)) {
        return TC_ASK_NEVER;
    }
    out->wish.max_version = survey->levels[best].version;
    out->wish.without_tickets = track->lane == SLOT_ID;
    out->wish.session = track->lane;
    out->wish.keeps_session = track->step == 0;
    out->wish.resumes = track->step > 0;
    return TC_ASK_YES;
}

static enum tc_survey_chain old_session_hear(struct tc_survey *survey, struct tc_track *track,
                                             enum tc_verdict verdict,
                                             const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    enum tc_trait trait =
        track->lane == SLOT_ID ? TC_TRAIT_SESSION_ID_RESUMPTION : TC_TRAIT_TICKET_RESUMPTION;
    bool is_first = track->step == 0;
    track->step++;
    if (verdict != TC_VERDICT_ACCEPTED || facts == NULL || !facts->is_done) {
        track->state = TC_TRACK_DONE; /* the library shares no suite with it, or it fell silent */
        return TC_SURVEY_CHAIN_NONE;
    }
    if (is_first && facts->ticket_seen) {
        struct tc_fact *ticket = &survey->traits[TC_TRAIT_SESSION_TICKET];
        tc_survey_know(survey, ticket, TC_YES);
        if ((int64_t)facts->ticket_lifetime_s > ticket->number) {
            ticket->number = facts->ticket_lifetime_s;
        }
    }
    if (is_first && !facts->session_kept) {
        tc_survey_trait(survey, trait, TC_NO);
        track->state = TC_TRACK_DONE;
    } else if (!is_first && (facts->is_resumed || track->step > RESUME_TRIES)) {
        tc_survey_trait(survey, trait, facts->is_resumed ? TC_YES : TC_NO);
        track->step = RESUME_TRIES + 1;
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_old_session = {
    .name = "old sessions", .ask = old_session_ask, .hear = old_session_hear, .comes_first = true};

/* ---- encrypted extensions and compressed certificates: one handshake ---- */

static enum tc_ask extras_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    if (track->step > 0 || !survey->options.handshake.is_done || !speaks(survey, TC_LEVEL_TLS1_3)) {
        return TC_ASK_NEVER;
    }
    out->wish.min_version = TC_TLS1_3;
    out->wish.offers_ech = true;
    out->wish.offers_certificate_compression = true;
    return TC_ASK_YES;
}

static void read_compression(struct tc_survey *survey, uint16_t chosen)
{
    static const struct {
        uint16_t code; /* RFC 8879 section 7.3 */
        enum tc_trait trait;
    } rows[] = {{1, TC_TRAIT_CERTIFICATE_COMPRESSION_ZLIB},
                {2, TC_TRAIT_CERTIFICATE_COMPRESSION_BROTLI},
                {3, TC_TRAIT_CERTIFICATE_COMPRESSION_ZSTD}};
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        /* Of three on offer one is chosen; what became of the others stays unknown. */
        if (chosen == 0 || chosen == rows[i].code) {
            tc_survey_trait(survey, rows[i].trait, chosen == 0 ? TC_NO : TC_YES);
        }
    }
}

static enum tc_survey_chain extras_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    track->step = 1;
    if (verdict != TC_VERDICT_ACCEPTED || facts == NULL) {
        return TC_SURVEY_CHAIN_NONE;
    }
    if (facts->is_done || facts->certificate_compression != 0) {
        tc_survey_trait(survey, TC_TRAIT_ECH_RETRY_CONFIGS,
                        facts->ech_retry_configs ? TC_YES : TC_NO);
        read_compression(survey, facts->certificate_compression);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_extras = {
    .name = "encrypted extensions", .ask = extras_ask, .hear = extras_hear};

/*
 * ---- the other kind of leaf, where only TLS 1.3 can have it: the suites below tell theirs, and a
 * server that has both shows its ECDSA leaf to a library that prefers it ----
 */

static bool is_told_by_suites(const struct tc_survey *survey, enum tc_leaf_key wanted)
{
    return tc_survey_best_old_level(survey) != TC_LEVEL_COUNT &&
           (wanted == TC_LEAF_ECDSA || tc_survey_has_leaf(survey, wanted));
}

static enum tc_ask leaf_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    static const uint16_t ecdsa[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808};
    static const uint16_t rsa[] = {0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b};
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (track->step > 0 || !own->is_done || own->leaf_key == TC_LEAF_NONE ||
        own->version != TC_TLS1_3) {
        return TC_ASK_NEVER;
    }
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (!tc_survey_old_levels_are_known(survey) ||
        (best != TC_LEVEL_COUNT && survey->levels[best].lanes_open > 0)) {
        return TC_ASK_LATER;
    }
    bool wants_rsa = own->leaf_key == TC_LEAF_ECDSA;
    if (is_told_by_suites(survey, wants_rsa ? TC_LEAF_RSA : TC_LEAF_ECDSA)) {
        return TC_ASK_NEVER;
    }
    out->wish.min_version = TC_TLS1_3;
    out->wish.num_schemes = wants_rsa ? TC_ARRAY_LEN(rsa) : TC_ARRAY_LEN(ecdsa);
    memcpy(out->wish.schemes, wants_rsa ? rsa : ecdsa,
           out->wish.num_schemes * sizeof out->wish.schemes[0]);
    return TC_ASK_YES;
}

static enum tc_survey_chain leaf_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    bool wants_rsa = survey->options.handshake.leaf_key == TC_LEAF_ECDSA;
    enum tc_trait trait = wants_rsa ? TC_TRAIT_RSA_CERTIFICATE : TC_TRAIT_ECDSA_CERTIFICATE;
    track->step = 1;
    if (verdict == TC_VERDICT_REFUSED) {
        tc_survey_trait(survey, trait, TC_NO);
        return TC_SURVEY_CHAIN_NONE;
    }
    enum tc_leaf_key wanted = wants_rsa ? TC_LEAF_RSA : TC_LEAF_ECDSA;
    if (verdict != TC_VERDICT_ACCEPTED || facts == NULL || facts->leaf_key == TC_LEAF_NONE) {
        return TC_SURVEY_CHAIN_NONE;
    }
    if (facts->leaf_key != wanted) { /* it sends what it has, whatever was asked for */
        tc_survey_trait(survey, trait, TC_NO);
        return TC_SURVEY_CHAIN_NONE;
    }
    memcpy(survey->leaves[wanted], facts->leaf_sha256, sizeof facts->leaf_sha256);
    return TC_SURVEY_CHAIN_OTHER_KEY;
}

static const struct tc_track_kind k_leaf = {
    .name = "other leaf", .ask = leaf_ask, .hear = leaf_hear};

/* ---- where TLS 1.3 is all there is: protocol names ---- */

static enum tc_ask alpn_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)track;
    if (survey->num_alpn == 0 || survey->alpn_complete.value == TC_YES ||
        !survey->options.handshake.is_done) {
        return TC_ASK_NEVER;
    }
    if (!tc_survey_old_levels_are_known(survey)) {
        return TC_ASK_LATER;
    }
    if (tc_survey_best_old_level(survey) != TC_LEVEL_COUNT) {
        return TC_ASK_NEVER;
    }
    for (size_t i = 0; i < survey->num_alpn && out->wish.num_alpn < TC_WISH_MAX_ALPN; i++) {
        if (survey->alpn_known[i] == TC_UNKNOWN) {
            out->wish.alpn[out->wish.num_alpn] = survey->alpn[i];
            out->wish.num_alpn++;
        }
    }
    if (out->wish.num_alpn == 0) {
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
        return TC_ASK_NEVER;
    }
    return TC_ASK_YES;
}

static enum tc_survey_chain alpn_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    const struct tc_handshake_facts *facts = answer->facts;
    if (verdict == TC_VERDICT_REFUSED && facts != NULL &&
        facts->alert == TC_ALERT_NO_APPLICATION_PROTOCOL) { /* RFC 7301 section 3.2 */
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
        tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_YES);
        return TC_SURVEY_CHAIN_NONE;
    }
    if (verdict != TC_VERDICT_ACCEPTED || facts == NULL || !facts->is_done) {
        track->state = TC_TRACK_DONE;
        return TC_SURVEY_CHAIN_NONE;
    }
    if (facts->alpn[0] == '\0') {
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
        return TC_SURVEY_CHAIN_NONE;
    }
    bool is_new = false;
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (strcmp(survey->alpn[i], facts->alpn) == 0) {
            is_new = survey->alpn_known[i] == TC_UNKNOWN;
            survey->alpn_known[i] = TC_YES;
        }
    }
    if (!is_new) { /* one that was not offered: it would be asked for ever */
        track->state = TC_TRACK_DONE;
        tc_survey_inconsistent(survey, "a protocol name was chosen that was not offered");
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_alpn = {
    .name = "alpn", .ask = alpn_ask, .hear = alpn_hear, .is_always_asked = true};

void tc_survey_add_old_sessions(struct tc_survey *survey)
{
    static const unsigned slots[] = {SLOT_ID, SLOT_TICKET};
    for (size_t i = 0; i < TC_ARRAY_LEN(slots); i++) {
        struct tc_track *track = tc_survey_add_track(survey, &k_old_session);
        if (track != NULL) {
            track->lane = slots[i];
        }
    }
}

void tc_survey_add_sessions(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_own); /* a full list has said so already */
    (void)tc_survey_add_track(survey, &k_extras);
    survey->leaf_track = tc_survey_add_track(survey, &k_leaf);
    survey->alpn_tracks[1] = tc_survey_add_track(survey, &k_alpn);
}
