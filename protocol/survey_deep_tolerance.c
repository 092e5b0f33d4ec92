/*
 * What a server does with hellos that it does not know yet: a version of the future, values of
 * GREASE (RFC 8701), more bytes than fit into one segment, and a hello in two halves. What it
 * cannot know it has to pass over; to refuse, to hang up or to fall silent where a good hello still
 * works is intolerance. Each asks with the newest version that a hello of ours was accepted with.
 */
#include <stdio.h>
#include <string.h>

#include "protocol/survey_internal.h"

#define VERSION_UNKNOWN 0x0305 /* after TLS 1.3 */

/* Whether the hello can be built: all is known that it is made of. */
static enum tc_ask when_good_hello_is_known(const struct tc_survey *survey)
{
    const struct tc_level *tls13 = &survey->levels[TC_LEVEL_TLS1_3];
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (!tls13->is_decided || !tc_survey_old_levels_are_known(survey) ||
        (best != TC_LEVEL_COUNT && survey->levels[best].lanes_open > 0)) {
        return TC_ASK_LATER;
    }
    return survey->control_version > TC_SSL3 ? TC_ASK_YES : TC_ASK_NEVER;
}

static enum tc_level_index good_level(const struct tc_survey *survey)
{
    return tc_level_of(survey->control_version);
}

/*
 * The newest below TLS 1.3 with which a hello was accepted; TC_LEVEL_COUNT where none was, or where
 * something newer is open: an unknown version may be answered with that, and our suites are not of
 * it.
 */
static enum tc_level_index good_old_level(const struct tc_survey *survey)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    for (size_t i = TC_LEVEL_TLS1_2; best != TC_LEVEL_COUNT && i > best; i--) {
        if (survey->levels[i].supported.value != TC_NO) {
            return TC_LEVEL_COUNT;
        }
    }
    return best == TC_LEVEL_SSL3 ? TC_LEVEL_COUNT : best;
}

static void note_intolerance(struct tc_survey *survey, enum tc_trait trait, const char *what)
{
    struct tc_fact *fact = &survey->traits[trait];
    tc_survey_know(survey, fact, TC_NO);
    fact->text = what;
}

/* ---- an unknown version: in the hello's own field, and in supported_versions ---- */

enum { STEP_FIELD = 0, STEP_EXTENSION, STEP_DONE };

static enum tc_ask version_ask(struct tc_survey *survey, struct tc_track *track,
                               struct tc_question *out)
{
    enum tc_ask answer = when_good_hello_is_known(survey);
    (void)out;
    if (answer != TC_ASK_YES) {
        return answer;
    }
    if (track->step == STEP_FIELD && good_old_level(survey) == TC_LEVEL_COUNT) {
        track->step = STEP_EXTENSION; /* the field is frozen where TLS 1.3 is all there is */
    }
    if (track->step == STEP_EXTENSION && good_level(survey) != TC_LEVEL_TLS1_3) {
        track->step = STEP_DONE;
    }
    return track->step == STEP_DONE ? TC_ASK_NEVER : TC_ASK_YES;
}

static void version_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    static const uint16_t versions[] = {VERSION_UNKNOWN, TC_TLS1_3};
    if (track->step == STEP_FIELD) {
        tc_survey_plain_hello(survey, hello, good_old_level(survey), TC_HELLO_OWN_NAME);
        hello->legacy_version = VERSION_UNKNOWN;
        return;
    }
    tc_survey_begin_plain_hello(survey, hello, TC_LEVEL_TLS1_3, TC_HELLO_OWN_NAME);
    tc_survey_end_tls13_hello(survey, hello, versions, TC_ARRAY_LEN(versions), false);
}

static enum tc_survey_chain version_hear(struct tc_survey *survey, struct tc_track *track,
                                         enum tc_verdict verdict, const struct tc_answer *answer)
{
    static const char *const names[] = {"legacy_version", "supported_versions"};
    enum tc_trait trait = TC_TRAIT_VERSION_TOLERANCE;
    const char *name = names[track->step];
    (void)answer;
    track->step++;
    if (verdict == TC_VERDICT_REFUSED) {
        note_intolerance(survey, trait, name);
        track->step = STEP_DONE;
    } else if (verdict == TC_VERDICT_ACCEPTED) {
        tc_survey_trait(survey, trait, TC_YES);
    } else {
        track->step = STEP_DONE; /* half of the question is open: a yes would be too much */
        survey->traits[trait].value = TC_UNKNOWN;
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_version = {.name = "version tolerance",
                                               .ask = version_ask,
                                               .hello = version_hello,
                                               .hear = version_hear,
                                               .is_strange = true,
                                               .any_end_tells = true};

/* ---- GREASE: all at once; where that fails, each alone ---- */

enum { GREASE_SUITE = 0, GREASE_GROUP, GREASE_EXTENSION, GREASE_ALPN, GREASE_VERSION, NUM_GREASES };

static const char *const k_grease_names[NUM_GREASES] = {"suite", "group", "extension", "ALPN",
                                                        "version"};

/* A name that the server has; NULL where none is known. Without one a strict server refuses. */
static const char *known_alpn(const struct tc_survey *survey)
{
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (survey->alpn_known[i] == TC_YES) {
            return survey->alpn[i];
        }
    }
    return NULL;
}

static unsigned all_greases(const struct tc_survey *survey)
{
    unsigned all = (1U << NUM_GREASES) - 1;
    return known_alpn(survey) != NULL ? all : all & ~(1U << GREASE_ALPN);
}

/* Step 0 asks for all, step n for the n-th alone. */
static unsigned greases_of(const struct tc_survey *survey, const struct tc_track *track)
{
    return track->step == 0 ? all_greases(survey) : 1U << (track->step - 1);
}

static enum tc_ask grease_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    (void)out;
    if (!tc_track_is_done(survey->alpn_tracks[0]) || !tc_track_is_done(survey->alpn_tracks[1])) {
        return TC_ASK_LATER; /* one of the names goes with that of GREASE */
    }
    if (track->step == 1 + GREASE_ALPN && known_alpn(survey) == NULL) {
        track->step++;
    }
    return track->step > NUM_GREASES ? TC_ASK_NEVER : when_good_hello_is_known(survey);
}

static void add_grease_extensions(struct tc_survey *survey, struct tc_hello *hello,
                                  unsigned greases)
{
    static const uint8_t byte = 0;
    if ((greases >> GREASE_EXTENSION & 1U) != 0) { /* RFC 8701 section 3.1: one is empty */
        tc_hello_add_extension(hello, tc_grease_value(2), NULL, 0);
        tc_hello_add_extension(hello, tc_grease_value(3), &byte, sizeof byte);
    }
    if ((greases >> GREASE_ALPN & 1U) != 0) {
        const char *const names[] = {"\x4a\x4a", known_alpn(survey)};
        tc_hello_add_alpn(hello, names, TC_ARRAY_LEN(names));
    }
}

static void grease_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    enum tc_level_index level = good_level(survey);
    uint16_t version = survey->levels[level].version;
    unsigned greases = greases_of(survey, track);
    bool has_version = (greases >> GREASE_VERSION & 1U) != 0;
    bool has_group = (greases >> GREASE_GROUP & 1U) != 0;
    const uint16_t versions[] = {tc_grease_value(5), version};
    tc_survey_begin_hello(survey, hello, version);
    if ((greases >> GREASE_SUITE & 1U) != 0) {
        tc_hello_add_suite(hello, tc_grease_value(6));
    }
    tc_survey_add_good_suites(survey, hello, level);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    add_grease_extensions(survey, hello, greases);
    if (level == TC_LEVEL_TLS1_3) {
        tc_survey_end_tls13_hello(survey, hello, has_version ? versions : versions + 1,
                                  has_version ? 2 : 1, has_group);
        return;
    }
    if (has_version) {
        tc_hello_add_versions(hello, versions, TC_ARRAY_LEN(versions));
    }
    tc_survey_end_greased_old_hello(survey, hello, version, has_group);
}

/* Which of them failed alone, or what that means where none did. */
static void add_failure(struct tc_survey *survey, const char *name)
{
    size_t len = strlen(survey->tolerance_text);
    (void)snprintf(survey->tolerance_text + len, sizeof survey->tolerance_text - len, "%s%s",
                   len > 0 ? ", " : "", name);
}

static enum tc_survey_chain grease_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    unsigned step = track->step;
    (void)answer;
    track->step++;
    if (step == 0 && verdict != TC_VERDICT_REFUSED) {
        track->state = TC_TRACK_DONE;
        if (verdict == TC_VERDICT_ACCEPTED) {
            tc_survey_trait(survey, TC_TRAIT_EXTENSION_TOLERANCE, TC_YES);
        }
    } else if (step == 0) {
        note_intolerance(survey, TC_TRAIT_EXTENSION_TOLERANCE, "all of them together");
    } else if (verdict == TC_VERDICT_REFUSED) {
        add_failure(survey, k_grease_names[step - 1]);
        survey->traits[TC_TRAIT_EXTENSION_TOLERANCE].text = survey->tolerance_text;
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_grease = {.name = "GREASE",
                                              .ask = grease_ask,
                                              .hello = grease_hello,
                                              .hear = grease_hear,
                                              .is_strange = true,
                                              .any_end_tells = true};

/* ---- large hellos, and hellos in two halves ---- */

#define LARGE_BYTES        1700   /* more than the 1,500 of an Ethernet frame */
#define GROUP_HYBRID       0x11EC /* X25519MLKEM768 */
#define HYBRID_SHARE_BYTES 1216

static enum tc_ask once_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    return track->step > 0 ? TC_ASK_NEVER : when_good_hello_is_known(survey);
}

/* A real share of the post-quantum group where TLS 1.3 is spoken: it is what makes hellos large. */
static void large_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint8_t keys[2][HYBRID_SHARE_BYTES];
    enum tc_level_index level = good_level(survey);
    (void)track;
    tc_survey_begin_plain_hello(survey, hello, level, TC_HELLO_OWN_NAME);
    if (level != TC_LEVEL_TLS1_3) {
        tc_hello_pad(hello, LARGE_BYTES);
        tc_survey_end_plain_hello(survey, hello, level);
        return;
    }
    tc_hello_pad(hello, LARGE_BYTES - HYBRID_SHARE_BYTES);
    struct tc_key_share shares[] = {{.group = GROUP_HYBRID, .key = keys[0]},
                                    {.group = TC_GROUP_X25519, .key = keys[1]}};
    for (size_t i = 0; i < TC_ARRAY_LEN(shares); i++) {
        shares[i].key_len =
            tc_key_share_fill(keys[i], sizeof keys[i], shares[i].group, tc_survey_random(survey));
    }
    bool wants_known = survey->share13 == TC_SHARE_X25519;
    tc_survey_end_tls13_hello_with_shares(survey, hello, shares, wants_known ? 2 : 1);
}

static void split_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    (void)track;
    tc_survey_plain_hello(survey, hello, good_level(survey), TC_HELLO_OWN_NAME);
}

static enum tc_survey_chain once_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    enum tc_trait trait =
        track->kind->is_split ? TC_TRAIT_SPLIT_HELLO_TOLERANCE : TC_TRAIT_LARGE_HELLO_TOLERANCE;
    (void)answer;
    track->step = 1;
    if (verdict != TC_VERDICT_UNCLEAR) {
        tc_survey_trait(survey, trait, verdict == TC_VERDICT_ACCEPTED ? TC_YES : TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_large = {.name = "large hello",
                                             .ask = once_ask,
                                             .hello = large_hello,
                                             .hear = once_hear,
                                             .is_strange = true,
                                             .any_end_tells = true};
static const struct tc_track_kind k_split = {.name = "split hello",
                                             .ask = once_ask,
                                             .hello = split_hello,
                                             .hear = once_hear,
                                             .is_split = true,
                                             .any_end_tells = true};

void tc_survey_add_tolerance(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_version); /* a full list has said so already */
    (void)tc_survey_add_track(survey, &k_grease);
    (void)tc_survey_add_track(survey, &k_large);
    (void)tc_survey_add_track(survey, &k_split);
}
