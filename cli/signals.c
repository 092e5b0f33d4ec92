#include "cli/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* Read on several threads; atomics without a lock may be written in a handler (C17 7.14.1.1). */
static atomic_int g_stops;
static volatile sig_atomic_t g_status;

static void on_stop(int number)
{
    (void)number;
    if (atomic_load(&g_stops) < 100) {
        atomic_fetch_add(&g_stops, 1);
    }
}

static void on_status(int number)
{
    (void)number;
    g_status = 1;
}

void cli_signals_start(void)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = on_status;
    sigaction(SIGUSR1, &action, NULL);
}

int cli_signals_stops(void)
{
    return atomic_load(&g_stops);
}

bool cli_signals_take_status(void)
{
    bool asked = g_status != 0;
    g_status = 0;
    return asked;
}
