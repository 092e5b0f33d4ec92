/* Rows: what an endpoint, or a target that led to none, hands to the store. */
#ifndef TC_SCANNER_ENDPOINT_RECORD_H
#define TC_SCANNER_ENDPOINT_RECORD_H

#include "endpoint.h"

/* tc_endpoint_record makes the row of an endpoint that has just ended. NULL without memory. */
struct tc_observation *tc_endpoint_record(struct tc_endpoint *endpoint, enum tc_outcome outcome,
                                          enum tc_stage stage, const char *detail);
/*
 * tc_origin_record makes a row for which nothing was contacted: a name that did not resolve, or an
 * address that is not to be touched. NULL without memory.
 */
struct tc_observation *tc_origin_record(const struct tc_endpoint_origin *origin,
                                        const struct tc_address *address, const struct tc_io *io,
                                        enum tc_outcome outcome, enum tc_stage stage,
                                        const char *detail);

#endif
