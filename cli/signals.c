#include "cli/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/clock.h"

/* Read on several threads; atomics without a lock may be written in a handler (C17 7.14.1.1). */
static atomic_int g_stops;
static volatile sig_atomic_t g_status;
static atomic_llong g_deadline_us; /* by the monotonic clock; 0 for none */
static atomic_bool g_is_overdue;

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

/* One that is ignored stays so: nohup does that, and a shell for what runs in its background. */
static void stop_unless_ignored(int number, const struct sigaction *action)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(number, action, NULL);
    }
}

void cli_signals_start(void)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    stop_unless_ignored(SIGHUP, &action);
    stop_unless_ignored(SIGQUIT, &action);
    stop_unless_ignored(SIGXCPU, &action);
    action.sa_handler = on_status;
    sigaction(SIGUSR1, &action, NULL);
}

void cli_signals_stop_after(unsigned ms)
{
    atomic_store(&g_deadline_us, ms > 0 ? cli_monotonic_us() + (int64_t)ms * 1000 : 0);
}

bool cli_signals_is_overdue(void)
{
    return atomic_load(&g_is_overdue);
}

/* Whoever looks first after the deadline asks for the stop; the others see it asked for. */
int cli_signals_stops(void)
{
    long long deadline_us = atomic_load(&g_deadline_us);
    if (deadline_us > 0 && cli_monotonic_us() >= deadline_us &&
        atomic_exchange(&g_deadline_us, 0) > 0) {
        atomic_store(&g_is_overdue, true);
        on_stop(SIGTERM);
    }
    return atomic_load(&g_stops);
}

bool cli_signals_take_status(void)
{
    bool asked = g_status != 0;
    g_status = 0;
    return asked;
}
