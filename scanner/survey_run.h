/*
 * One endpoint's survey at work: the planner's questions go out as probes, each a further
 * connection to the endpoint, and their answers come back to it. It begins when the endpoint's own
 * talk is over, and ends with the endpoint's row.
 */
#ifndef TC_SCANNER_SURVEY_RUN_H
#define TC_SCANNER_SURVEY_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"
#include "tlscensus/survey.h"

/* Probes of one survey at once, where --per-address allows more, and where it knows no limit. */
#define TC_SURVEY_MAX_PROBES       16
#define TC_SURVEY_UNLIMITED_PROBES 4

/* Where web servers speak in the clear (RFC 9110 section 4.2.1). */
#define TC_HTTP_PORT 80
/* A record's header, and an alert. */
#define TC_PROBE_REPLY_BYTES 7

/* A question on its way. A place in its survey: free while it has no endpoint. */
struct tc_probe {
    struct tc_survey_run *run;
    struct tc_endpoint *endpoint; /* that carries it */
    struct tc_question question;
    struct tc_flight flight; /* the answer to a hello */
    bool has_flight;
    bool has_asked_on;            /* a follow-up was sent */
    struct tc_survey_reply reply; /* to it */
    uint8_t reply_bytes[TC_PROBE_REPLY_BYTES];
    size_t reply_len;
    struct tc_buf head; /* of a web server's answer, as far as it came */
};

/*
 * tc_survey_run_begin begins the survey of an endpoint whose own talk is just over and recorded,
 * before it parts with its connection. False where none is wanted; where memory is short the row
 * says so.
 */
bool tc_survey_run_begin(struct tc_endpoint *endpoint);
/*
 * tc_survey_run_proceed asks what can be asked now. Without anything left to ask the endpoint is
 * done when it returns.
 */
void tc_survey_run_proceed(struct tc_survey_run *run);
/* The endpoint's time is up: what was not asked is not measured. The endpoint is done after it. */
void tc_survey_run_expire(struct tc_survey_run *run);
/* tc_survey_run_stop ends all probes, without a word to the planner that counts. */
void tc_survey_run_stop(struct tc_survey_run *run);
/* Whether something that a probe's peer has sent waits to be looked at. */
bool tc_survey_run_is_behind(const struct tc_survey_run *run);
void tc_survey_run_free(struct tc_survey_run *run);

/* Of a probe, by its endpoint. */
/* It has its turn: the endpoint's time runs while any probe of it is connected or connecting. */
void tc_probe_begun(struct tc_probe *probe);
/* How a handshake is to be. */
void tc_probe_plan(const struct tc_probe *probe, struct tc_handshake_plan *plan);
/* The bytes of a hello; see tc_survey_hello(). */
TC_MUST_USE enum tc_status tc_probe_hello(struct tc_probe *probe, uint8_t *out, size_t capacity,
                                          size_t *out_len, size_t *out_split);
/* How long an answer may take. */
int64_t tc_probe_limit_us(const struct tc_probe *probe);
/*
 * tc_probe_say_hello sends the question; of a split one the first segment: the rest is kept by the
 * connection, and goes out with the next flush.
 */
TC_MUST_USE enum tc_status tc_probe_say_hello(struct tc_probe *probe, bool *out_is_split);
/* tc_probe_listen reads what has come; true where the answer is complete or will not become it. */
bool tc_probe_listen(struct tc_probe *probe, enum tc_outcome *out_outcome);
/* The bytes of a follow-up; see tc_survey_follow_up(). */
TC_MUST_USE enum tc_status tc_probe_follow_up(struct tc_probe *probe, uint8_t *out, size_t capacity,
                                              size_t *out_len);
/* Where the peer of this question listens. */
uint16_t tc_probe_port(const struct tc_probe *probe);
/* tc_probe_farewell writes close_notify in the clear, where the peer may still be listening. */
void tc_probe_farewell(struct tc_probe *probe);
/*
 * survey_probe_intrusive.c. tc_probe_ask_on sends the follow-up of a question whose flight is
 * complete. Errors: TC_ERR_RANGE (there is none: the answer is complete), TC_ERR_LIMIT.
 */
TC_MUST_USE enum tc_status tc_probe_ask_on(struct tc_probe *probe);
/* Likewise tc_probe_listen() for the reply to it. */
bool tc_probe_hear_reply(struct tc_probe *probe, enum tc_outcome *out_outcome);
/* tc_probe_say_request sends a request to a web server, tc_probe_hear_head hears the answer's head.
 */
TC_MUST_USE enum tc_status tc_probe_say_request(struct tc_probe *probe);
bool tc_probe_hear_head(struct tc_probe *probe, enum tc_outcome *out_outcome);
/* tc_probe_end hands the answer to the planner, before the endpoint parts with its connection. */
void tc_probe_end(struct tc_probe *probe, enum tc_outcome outcome);
/* tc_probe_release gives the place free, after it. The endpoint is gone when it returns. */
void tc_probe_release(struct tc_probe *probe);

#endif
