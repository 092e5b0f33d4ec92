/*
 * Fingerprints: JARM's ten hellos, and JA3S of one hello that is always the same. They are no
 * models for other hellos, and to stay silent is an answer to them.
 */
#include "protocol/survey_internal.h"

static enum tc_ask when_all_is_known(const struct tc_survey *survey)
{
    const struct tc_level *tls13 = &survey->levels[TC_LEVEL_TLS1_3];
    bool tls13_is_known = tls13->is_decided || tls13->supported.value != TC_UNKNOWN;
    return tls13_is_known && tc_survey_old_levels_are_known(survey) ? TC_ASK_YES : TC_ASK_LATER;
}

/* ---- JARM: two tracks, `lane` and every second probe from there ---- */

#define JARM_LANES 2

static unsigned probe_of(const struct tc_track *track)
{
    return track->lane + JARM_LANES * track->step;
}

static enum tc_ask jarm_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    bool is_over = probe_of(track) >= TC_JARM_PROBES || survey->jarm.timed_out; /* zeros then */
    return is_over ? TC_ASK_NEVER : when_all_is_known(survey);
}

static void jarm_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    tc_jarm_hello(hello, probe_of(track), survey->options.host, tc_survey_random(survey));
}

static void finish_jarm(struct tc_survey *survey)
{
    if (!tc_jarm_result(&survey->jarm, survey->jarm_text)) {
        survey->jarm_text[0] = '\0';
    }
}

static enum tc_survey_chain jarm_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    static const struct tc_flight nothing; /* hung up: an answer without hello */
    unsigned probe = probe_of(track);
    track->step++;
    if (verdict == TC_VERDICT_UNCLEAR) {
        return TC_SURVEY_CHAIN_NONE; /* it has no fingerprint then */
    }
    const struct tc_flight *flight = answer->flight;
    if (flight == NULL && answer->end != TC_ANSWER_SILENCE) {
        flight = &nothing;
    }
    tc_jarm_note(&survey->jarm, probe, flight);
    finish_jarm(survey);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_jarm = {.name = "JARM",
                                            .ask = jarm_ask,
                                            .hello = jarm_hello,
                                            .hear = jarm_hear,
                                            .is_strange = true,
                                            .any_end_tells = true};

/* ---- JA3S ---- */

/*
 * The hello of tlscensus's JA3S, version 1. Whoever changes anything in it makes all fingerprints
 * incomparable with those before. TLS 1.3 to 1.0 in supported_versions; the suites, groups and
 * schemes below; server_name, extended_master_secret, renegotiation_info, point formats, an empty
 * session_ticket, ALPN h2 and http/1.1, status_request, signed_certificate_timestamp, one X25519
 * share, psk_dhe_ke, in this order, and supported_groups last.
 */
static const uint16_t k_versions[] = {TC_TLS1_3, TC_TLS1_2, TC_TLS1_1, TC_TLS1};
static const uint16_t k_suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                                    0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
static const uint16_t k_groups[] = {TC_GROUP_X25519, 0x0017, 0x0018};
static const uint16_t k_schemes[] = {0x0403, 0x0804, 0x0401, 0x0503,
                                     0x0805, 0x0501, 0x0806, 0x0601};
static const char *const k_alpn[] = {"h2", "http/1.1"};

static enum tc_ask ja3s_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    return track->step > 0 ? TC_ASK_NEVER : when_all_is_known(survey);
}

static void ja3s_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint8_t key[32];
    size_t len = tc_key_share_fill(key, sizeof key, TC_GROUP_X25519, tc_survey_random(survey));
    const struct tc_key_share share = {.group = TC_GROUP_X25519, .key = key, .key_len = len};
    (void)track;
    tc_survey_begin_hello(survey, hello, TC_TLS1_3);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_suites); i++) {
        tc_hello_add_suite(hello, k_suites[i]);
    }
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_hello_add_extension(hello, TC_EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    tc_hello_add_renegotiation_info(hello);
    tc_hello_add_point_formats(hello);
    tc_hello_add_extension(hello, TC_EXTENSION_SESSION_TICKET, NULL, 0);
    tc_hello_add_alpn(hello, k_alpn, TC_ARRAY_LEN(k_alpn));
    tc_hello_add_status_request(hello);
    tc_hello_add_signature_algorithms(hello, k_schemes, TC_ARRAY_LEN(k_schemes));
    tc_hello_add_extension(hello, TC_EXTENSION_SCT, NULL, 0);
    tc_hello_add_key_shares(hello, &share, 1);
    tc_hello_add_psk_modes(hello);
    tc_hello_add_versions(hello, k_versions, TC_ARRAY_LEN(k_versions));
    tc_survey_add_groups_last(hello, k_groups, TC_ARRAY_LEN(k_groups));
}

static enum tc_survey_chain ja3s_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict != TC_VERDICT_ACCEPTED || !tc_ja3s(answer->flight, survey->ja3s_text)) {
        survey->ja3s_text[0] = '\0';
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_ja3s = {
    .name = "JA3S", .ask = ja3s_ask, .hello = ja3s_hello, .hear = ja3s_hear, .is_strange = true};

void tc_survey_add_fingerprints(struct tc_survey *survey)
{
    for (unsigned lane = 0; lane < JARM_LANES && survey->options.host != NULL; lane++) {
        struct tc_track *track = tc_survey_add_track(survey, &k_jarm);
        if (track != NULL) {
            track->lane = lane;
        }
    }
    (void)tc_survey_add_track(survey, &k_ja3s); /* a full list has said so already */
}
