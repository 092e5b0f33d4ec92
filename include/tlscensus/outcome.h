/* How the talk with an endpoint ended. The numbers are stored. */
#ifndef TLSCENSUS_OUTCOME_H
#define TLSCENSUS_OUTCOME_H

#include <stdbool.h>

enum tc_outcome {
    TC_OUTCOME_OK = 0,
    TC_OUTCOME_DNS_NOT_FOUND = 1,       /* the name does not exist (NXDOMAIN) */
    TC_OUTCOME_DNS_NO_ADDRESS = 2,      /* it exists and has no address of a wanted family */
    TC_OUTCOME_DNS_FAILURE = 3,         /* the resolver answered with a failure */
    TC_OUTCOME_DNS_TIMEOUT = 4,         /* no answer from any resolver in time */
    TC_OUTCOME_EXCLUDED = 5,            /* on the exclusion list, or never contacted */
    TC_OUTCOME_REFUSED = 6,             /* RST to our SYN */
    TC_OUTCOME_UNREACHABLE = 7,         /* no route, or the network said so */
    TC_OUTCOME_CONNECT_TIMEOUT = 8,     /* no answer to our SYN in time */
    TC_OUTCOME_STARTTLS_REFUSED = 9,    /* the server does not offer or refuses STARTTLS */
    TC_OUTCOME_STARTTLS_FAILED = 10,    /* the dialogue broke */
    TC_OUTCOME_NOT_TLS = 11,            /* the answer is no TLS record */
    TC_OUTCOME_ALERT = 12,              /* a fatal alert; its name is the detail */
    TC_OUTCOME_HANDSHAKE_TIMEOUT = 13,  /* connected, but the handshake did not end in time */
    TC_OUTCOME_CLOSED = 14,             /* end of stream inside the handshake */
    TC_OUTCOME_RESET = 15,              /* RST after the connection was there */
    TC_OUTCOME_PROTOCOL_ERROR = 16,     /* TLS, but against its rules */
    TC_OUTCOME_LIMIT_EXCEEDED = 17,     /* more bytes or certificates than our caps */
    TC_OUTCOME_CLIENT_CERTIFICATE = 18, /* client-certificate-required */
    TC_OUTCOME_LOCAL_ERROR = 19,        /* our own machine: descriptors, memory, ports */
    TC_OUTCOME_INTERRUPTED = 20,        /* we were told to stop */
    TC_OUTCOME_COUNT
};

/* Where it ended. Empty text for `ok`. */
enum tc_stage { TC_STAGE_NONE = 0, TC_STAGE_DNS, TC_STAGE_TCP, TC_STAGE_STARTTLS, TC_STAGE_TLS };

/* The stable name, as in reports and in table `outcome`: "dns-not-found". Static. */
const char *tc_outcome_str(enum tc_outcome outcome);
/* "", "dns", "tcp", "starttls" or "tls". Static. */
const char *tc_stage_str(enum tc_stage stage);

/*
 * tc_outcome_is_transient says whether one more attempt may help (`--retries`).
 * `closed` counts only when no byte had arrived: the caller says so.
 */
bool tc_outcome_is_transient(enum tc_outcome outcome, bool any_byte_received);

#endif
