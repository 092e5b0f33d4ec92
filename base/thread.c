#include "tlscensus/thread.h"

#include <signal.h>

int tc_thread_start(pthread_t *out, void *(*main)(void *argument), void *argument)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(out, NULL, main, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
