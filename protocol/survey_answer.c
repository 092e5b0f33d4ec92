/*
 * The engine's ears: what an answer means, what is tried again, and when a refusal may be believed.
 */
#include <string.h>

#include "protocol/survey_internal.h"

#define MAX_TRIES 2
/* RFC 8446 section 6: "internal error" often is overload, or no certificate for that name. */
#define ALERT_INTERNAL_ERROR 80

/* What the control hello is made of: the newest protocol that the server is known to speak. */
static void note_good_hello(struct tc_survey *survey, uint16_t version)
{
    if (version > survey->control_version && version >= TC_SSL3) {
        survey->control_version = version;
    }
}

static bool is_accepted(const struct tc_answer *answer)
{
    if (answer->facts !=
        NULL) { /* a ServerHello came: whether it was enough is the track's to see */
        return answer->facts->is_done || (answer->facts->version != 0 && answer->facts->alert == 0);
    }
    if (answer->flight == NULL || !answer->flight->has_hello) {
        return false;
    }
    switch (answer->flight->state) {
    case TC_FLIGHT_HELLO_RETRY:
    case TC_FLIGHT_SERVER_HELLO:
    case TC_FLIGHT_HELLO_DONE:
    case TC_FLIGHT_SSL2_HELLO:
        return true;
    case TC_FLIGHT_READING:
        /* A ServerHello says what it says, even where the rest of the flight does not come. */
        return true;
    case TC_FLIGHT_ALERT:
    case TC_FLIGHT_SSL2_ERROR:
    case TC_FLIGHT_NOT_TLS:
    case TC_FLIGHT_MALFORMED:
    case TC_FLIGHT_TOO_LARGE:
    default:
        return false;
    }
}

static uint8_t alert_of(const struct tc_answer *answer)
{
    if (answer->facts != NULL) {
        return answer->facts->alert;
    }
    return answer->flight != NULL && answer->flight->state == TC_FLIGHT_ALERT
               ? answer->flight->alert
               : 0;
}

static bool is_refused_in_words(const struct tc_track *track, const struct tc_answer *answer)
{
    enum tc_flight_state state = answer->flight == NULL ? TC_FLIGHT_READING : answer->flight->state;
    if (track->kind->is_ssl2) {
        return state == TC_FLIGHT_ALERT || state == TC_FLIGHT_SSL2_ERROR ||
               state == TC_FLIGHT_NOT_TLS;
    }
    return answer->end == TC_ANSWER_COMPLETE && (alert_of(answer) != 0 || state == TC_FLIGHT_ALERT);
}

/*
 * `asked` tells how many questions had been handed out when a refusal was heard: an answer to a
 * later one proves that it was the server's own.
 */
static enum tc_survey_chain tell(struct tc_survey *survey, struct tc_track *track,
                                 enum tc_verdict verdict, const struct tc_answer *answer,
                                 uint32_t asked)
{
    track->state = TC_TRACK_IDLE;
    track->tries = 0;
    if (verdict == TC_VERDICT_REFUSED) {
        survey->hearing_refusal_of = asked;
        survey->last_refused = asked > survey->last_refused ? asked : survey->last_refused;
    }
    enum tc_survey_chain chain = track->kind->hear(survey, track, verdict, answer);
    survey->hearing_refusal_of = 0;
    return chain;
}

/* Whether an end that is no answer was the server's answer all the same, now that it is there. */
static bool has_told(const struct tc_track *track)
{
    switch (track->ended) {
    case TC_ANSWER_CLOSED:
    case TC_ANSWER_RESET:
        return true;
    case TC_ANSWER_SILENCE:
    case TC_ANSWER_COMPLETE: /* with what is no TLS, or against its rules */
    case TC_ANSWER_BROKEN:
        return track->kind->any_end_tells;
    case TC_ANSWER_UNREACHED:
    case TC_ANSWER_LOCAL:
    default:
        return false;
    }
}

/*
 * The server has answered a question that was sent after those that were held. Hanging up was its
 * answer to what it was asked alone, if it answers what came right behind; so is silence, where
 * that is what was asked. All else is no answer.
 */
static void judge_held(struct tc_survey *survey, uint32_t accepted_id)
{
    for (size_t i = 0; i < survey->num_tracks; i++) {
        struct tc_track *track = &survey->tracks[i];
        if (track->state != TC_TRACK_HELD || track->held_since >= accepted_id) {
            continue;
        }
        const struct tc_answer nothing = {.end = track->ended};
        bool is_refusal = track->is_held_alone && accepted_id == track->held_since + 1;
        enum tc_verdict verdict = is_refusal ? TC_VERDICT_REFUSED : TC_VERDICT_UNCLEAR;
        (void)tell(survey, track, verdict, &nothing, track->held_since);
        if (verdict == TC_VERDICT_UNCLEAR) {
            tc_survey_not_measured(survey, "some hellos got no answer, while others did");
        }
    }
}

static enum tc_survey_chain accept(struct tc_survey *survey, struct tc_track *track,
                                   const struct tc_answer *answer)
{
    uint32_t id = track->id;
    survey->last_accepted = id > survey->last_accepted ? id : survey->last_accepted;
    if (answer->flight != NULL && !track->kind->is_strange) { /* a library's hello is another one */
        note_good_hello(survey, answer->flight->version);
    }
    enum tc_survey_chain chain = tell(survey, track, TC_VERDICT_ACCEPTED, answer, 0);
    judge_held(survey, id);
    survey->is_fresh = track == &survey->control;
    return chain;
}

static enum tc_survey_chain without_answer(struct tc_survey *survey, struct tc_track *track,
                                           const struct tc_answer *answer, bool was_alone)
{
    bool is_control = track == &survey->control;
    if (answer->end == TC_ANSWER_LOCAL) {
        tc_survey_not_measured(survey, "this machine could not send a question");
        return tell(survey, track, TC_VERDICT_UNCLEAR, answer, 0);
    }
    if (track->tries < MAX_TRIES) {
        track->state = has_told(track) && !is_control ? TC_TRACK_ALONE : TC_TRACK_AGAIN;
    } else if (is_control) {
        return tell(survey, track, TC_VERDICT_UNCLEAR, answer, 0);
    } else {
        track->state = TC_TRACK_HELD;
        track->held_since = survey->asked;
        track->is_held_alone = was_alone && has_told(track);
        survey->control_is_next = track->is_held_alone;
    }
    return TC_SURVEY_CHAIN_NONE;
}

/* Whether the answer is to the kind of question that was asked: a caller may not know them all. */
static bool is_to_question(const struct tc_track_kind *kind, const struct tc_answer *answer)
{
    bool is_handshake = kind->hello == NULL && !kind->is_ssl2 && kind->request == NULL;
    return (answer->facts != NULL) == is_handshake;
}

static enum tc_survey_chain hear(struct tc_survey *survey, uint32_t id,
                                 const struct tc_answer *answer)
{
    static const struct tc_answer none = {.end = TC_ANSWER_LOCAL};
    struct tc_track *track = tc_survey_find_track(survey, id);
    if (track == NULL) {
        return TC_SURVEY_CHAIN_NONE;
    }
    answer = is_to_question(track->kind, answer) ? answer : &none;
    bool was_alone = survey->is_alone;
    survey->is_alone = false;
    survey->is_fresh = false;
    survey->num_out--;
    track->ended = answer->end;
    if (track->kind->request != NULL) { /* somebody else: it proves nothing, and is asked once */
        enum tc_verdict verdict = answer->http != NULL ? TC_VERDICT_ACCEPTED : TC_VERDICT_UNCLEAR;
        return tell(survey, track, verdict, answer, 0);
    }
    if (is_accepted(answer)) {
        return accept(survey, track, answer);
    }
    if (is_refused_in_words(track, answer)) {
        if (alert_of(answer) == ALERT_INTERNAL_ERROR && track->tries < MAX_TRIES) {
            track->state = TC_TRACK_AGAIN;
            return TC_SURVEY_CHAIN_NONE;
        }
        return tell(survey, track, TC_VERDICT_REFUSED, answer, survey->asked);
    }
    return without_answer(survey, track, answer, was_alone);
}

enum tc_survey_chain tc_survey_feed(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                                    const struct tc_flight *flight)
{
    const struct tc_answer answer = {.end = end, .flight = flight};
    return hear(survey, id, &answer);
}

enum tc_survey_chain tc_survey_feed_handshake(struct tc_survey *survey, uint32_t id,
                                              enum tc_answer_end end,
                                              const struct tc_handshake_facts *facts)
{
    const struct tc_answer answer = {.end = end, .facts = facts};
    return hear(survey, id, &answer);
}

enum tc_survey_chain tc_survey_feed_reply(struct tc_survey *survey, uint32_t id,
                                          const struct tc_flight *flight,
                                          const struct tc_survey_reply *reply)
{
    const struct tc_answer answer = {.end = TC_ANSWER_COMPLETE, .flight = flight, .reply = reply};
    return hear(survey, id, &answer);
}

void tc_survey_feed_http(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                         const char *head, size_t head_len)
{
    const struct tc_answer answer = {
        .end = end, .http = end == TC_ANSWER_COMPLETE ? head : NULL, .http_len = head_len};
    (void)hear(survey, id, &answer);
}
