/* What the scenarios of endpoints share: the words of their scripts, and the run's parts. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "fake_net.h"

#define BYTES(array)                                                                               \
    {                                                                                              \
        .kind = FAKE_BYTES, .after_ms = 10, .bytes = (array), .len = sizeof(array)                 \
    }
#define TEXT(array)                                                                                \
    {                                                                                              \
        .kind = FAKE_BYTES, .after_ms = 10, .bytes = (array), .len = sizeof(array) - 1             \
    }
#define DRIBBLE(array)                                                                             \
    {                                                                                              \
        .kind = FAKE_BYTES, .after_ms = 10, .bytes = (array), .len = sizeof(array),                \
        .dribble = true                                                                            \
    }
#define DRIBBLE_TEXT(array)                                                                        \
    {                                                                                              \
        .kind = FAKE_BYTES, .after_ms = 10, .bytes = (array), .len = sizeof(array) - 1,            \
        .dribble = true                                                                            \
    }
#define CONNECTED                                                                                  \
    {                                                                                              \
        .kind = FAKE_CONNECTED, .after_ms = 50                                                     \
    }
#define AWAIT                                                                                      \
    {                                                                                              \
        .kind = FAKE_AWAIT                                                                         \
    }
#define TLS(options)                                                                               \
    {                                                                                              \
        .kind = FAKE_TLS, .after_ms = 50, .tls = (options)                                         \
    }
#define TLS_CUT(options, bytes_let_through)                                                        \
    {                                                                                              \
        .kind = FAKE_TLS, .after_ms = 50, .tls = (options), .len = (bytes_let_through)             \
    }
#define TLS_ONE_FLIGHT(options)                                                                    \
    {                                                                                              \
        .kind = FAKE_TLS, .after_ms = 50, .tls = (options), .one_flight = true                     \
    }
#define END                                                                                        \
    {                                                                                              \
        .kind = FAKE_EOF, .after_ms = 10                                                           \
    }
#define RESET                                                                                      \
    {                                                                                              \
        .kind = FAKE_RESET, .after_ms = 10                                                         \
    }
#define STOP                                                                                       \
    {                                                                                              \
        .kind = FAKE_STOP, .after_ms = 10                                                          \
    }
#define AGAIN                                                                                      \
    {                                                                                              \
        .kind = FAKE_AGAIN                                                                         \
    }
#define OPEN_FAILS(number)                                                                         \
    {                                                                                              \
        .kind = FAKE_OPEN_FAILS, .error = (number)                                                 \
    }
#define CONNECT_FAILS(number)                                                                      \
    {                                                                                              \
        .kind = FAKE_CONNECT_FAILS, .after_ms = 50, .error = (number)                              \
    }

struct scenario {
    struct tc_verifier *verifier; /* trusts peer_ca() */
    struct tc_tls *tls;
    struct tc_scan_options options; /* the defaults */
};
extern struct scenario g_scenario;

/* A group's set-up and tear-down. */
int scenario_set_up(void **state);
int scenario_tear_down(void **state);
/* https://host.example. Its texts are static. */
struct tc_target scenario_target(void);
/* An HTTP proxy at 192.0.2.1. */
extern const struct tc_proxy k_scenario_proxy;

#endif
