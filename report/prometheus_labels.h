/* The labels of the input that endpoints' series have (--label), in the letters that Prometheus
 * takes. */
#ifndef REPORT_PROMETHEUS_LABELS_H
#define REPORT_PROMETHEUS_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/store.h"

struct prometheus_labels;
/*
 * prometheus_labels_new finds the columns that `wanted` names. One that is named twice counts once.
 *
 * Ownership: the caller's, prometheus_labels_free().
 * Errors:    TC_ERR_INPUT (the scan has no such label), TC_ERR_STORE, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status prometheus_labels_new(struct prometheus_labels **out,
                                                 struct tc_store *store, int64_t scan_id,
                                                 const char *const *wanted, size_t num_wanted,
                                                 struct tc_error *error);
void prometheus_labels_free(struct prometheus_labels *labels);

/*
 * prometheus_labels_add appends `,label_owner="Web team"` for each that a label set has: behind
 * other labels, hence the comma. An empty cell is no label, which Prometheus takes for the same.
 */
TC_MUST_USE enum tc_status prometheus_labels_add(struct tc_buf *out,
                                                 struct prometheus_labels *labels,
                                                 int64_t label_set_id, struct tc_error *error);

#endif
