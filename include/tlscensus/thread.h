/*
 * Threads beside the program's own loop.
 */
#ifndef TLSCENSUS_THREAD_H
#define TLSCENSUS_THREAD_H

#include <pthread.h>

/*
 * tc_thread_start begins a thread that takes no signals: they belong to the program's own loop.
 * Ownership: the caller joins it. Gives 0, or an error number as pthread_create() does.
 */
int tc_thread_start(pthread_t *out, void *(*main)(void *argument), void *argument);

#endif
