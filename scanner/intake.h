/*
 * The bounded window between the target reader and the workers: one thread pushes, all workers
 * pull. Any thread may call anything here but new and free.
 */
#ifndef TC_SCANNER_INTAKE_H
#define TC_SCANNER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"
#include "tlscensus/target.h"

/* The window within which the order is shuffled: a list is a stream and stays one. */
#define TC_INTAKE_WINDOW 65536

struct tc_intake;

/*
 * tc_intake_new makes an empty window of `capacity` targets. Where `shuffled`, a pull takes any of
 * them with equal chance; else the oldest. `seed` starts the random order.
 * Errors: TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_intake_new(struct tc_intake **out, size_t capacity, bool shuffled,
                                         uint64_t seed);
/* Targets that were not pulled are freed. */
void tc_intake_free(struct tc_intake *intake);

/*
 * tc_intake_push adds a target and blocks while the window is full. Ownership moves on success.
 * Errors: TC_ERR_CANCELLED after tc_intake_cancel().
 */
TC_MUST_USE enum tc_status tc_intake_push(struct tc_intake *intake, struct tc_target *target);
/* tc_intake_pull takes one out and never blocks: NULL where none is there. The caller owns it. */
struct tc_target *tc_intake_pull(struct tc_intake *intake);
/* No more pushes will come. */
void tc_intake_close(struct tc_intake *intake);
/* Pushes fail from now on and pulls give nothing; what is inside stays until free. */
void tc_intake_cancel(struct tc_intake *intake);
/* Whether no pull will ever give anything again. */
bool tc_intake_is_drained(struct tc_intake *intake);
/* Whether the end of the targets is known. */
bool tc_intake_is_closed(struct tc_intake *intake);
uint64_t tc_intake_num_pushed(struct tc_intake *intake);

#endif
