/* Rows: what an endpoint, or a target that led to none, hands to the store. */
#ifndef TC_SCANNER_ENDPOINT_RECORD_H
#define TC_SCANNER_ENDPOINT_RECORD_H

#include "endpoint.h"

/* tc_endpoint_record makes the row of an endpoint that has just ended. NULL without memory. */
struct tc_observation *tc_endpoint_record(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                          enum tc_stage stage, const char *detail);
/* What an endpoint's certificates are read with. */
struct tc_chain_reader tc_endpoint_chain_reader(const struct tc_endpoint *endpoint);
/* tc_record_replace_outcome: our own trouble, or a stop, says more than how the talk ended. */
void tc_record_replace_outcome(struct tc_observation *observation, enum tc_outcome outcome,
                               const char *format, ...) __attribute__((format(printf, 3, 4)));
/*
 * tc_origin_record makes a row for which nothing was contacted: a name that did not resolve, or an
 * address that is not to be touched. NULL without memory.
 */
struct tc_observation *tc_origin_record(const struct tc_endpoint_origin *origin,
                                        const struct tc_address *address, const struct tc_io *io,
                                        enum tc_outcome outcome, enum tc_stage stage,
                                        const char *detail);

#endif
