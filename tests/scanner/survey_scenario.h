/* What the scenarios of surveys share: an endpoint that is surveyed with a fake planner. */
#ifndef SURVEY_SCENARIO_H
#define SURVEY_SCENARIO_H

#include "fake_planner.h"
#include "scenario.h"

/* The options of a standard scan, and what its handshakes share. */
extern struct tc_scan_options g_standard;
extern struct tc_tls *g_standard_tls;

/* A group's set-up and tear-down, in place of the scenario's. */
int survey_scenario_set_up(void **state);
int survey_scenario_tear_down(void **state);

/* The peer of the endpoint's own handshake: TLS 1.2, whose tickets are not waited for. 150 ms. */
extern const struct tls_peer_options k_survey_tls12;
#define OWN_TLS12 CONNECTED, TLS(&k_survey_tls12)

#endif
