/*
 * Inside the endpoint: its states' steps lie in several files, endpoint.c drives them.
 */
#ifndef TC_SCANNER_ENDPOINT_STATE_H
#define TC_SCANNER_ENDPOINT_STATE_H

#include "endpoint.h"

#define TC_US_PER_MS INT64_C(1000)

enum tc_endpoint_step { TC_STEP_AGAIN = 0, TC_STEP_WAIT };

/* endpoint_talk.c */
/* The way is free: leaves for a state of the talk, or finishes. */
enum tc_endpoint_step tc_endpoint_begin_tls(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_split(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_hello(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_reply(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_http(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_handshake(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_answer(struct tc_endpoint *endpoint);
enum tc_endpoint_step tc_state_parting(struct tc_endpoint *endpoint);
int64_t tc_split_limit_us(const struct tc_endpoint *endpoint);
int64_t tc_hello_limit_us(const struct tc_endpoint *endpoint);
int64_t tc_reply_limit_us(const struct tc_endpoint *endpoint);
int64_t tc_handshake_limit_us(const struct tc_endpoint *endpoint);
int64_t tc_answer_limit_us(const struct tc_endpoint *endpoint);
int64_t tc_parting_limit_us(const struct tc_endpoint *endpoint);

/* endpoint.c */
int64_t tc_endpoint_now_us(const struct tc_endpoint *endpoint);
/* The only writer of `state`: the move is forward, or back to WAIT for a whole new attempt. */
enum tc_endpoint_step tc_endpoint_goto(struct tc_endpoint *endpoint, enum tc_endpoint_state state);
/*
 * The only end of an attempt: success, alert, timeout, stop. Fixes the outcome, takes the facts,
 * says goodbye.
 */
enum tc_endpoint_step tc_endpoint_finish(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                         const char *detail);

#endif
