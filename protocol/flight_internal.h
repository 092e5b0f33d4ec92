/*
 * What the readers of one flight's parts share. A reader returns false where the flight is settled
 * by what it found; whoever called it then returns as well.
 */
#ifndef PROTOCOL_FLIGHT_INTERNAL_H
#define PROTOCOL_FLIGHT_INTERNAL_H

#include <openssl/bytestring.h>

#include "tlscensus/flight.h"

enum { VERSION_SSL3 = 0x0300, VERSION_TLS12 = 0x0303, VERSION_TLS13 = 0x0304 };

/* The flight ends in `state`. Always false, so that a reader can return it. */
bool flight_settle(struct tc_flight *flight, enum tc_flight_state state);
/* The flight breaks a rule; `problem` is static. Always false. */
bool flight_malformed(struct tc_flight *flight, const char *problem);
/* A cap was reached, or memory ran out. Always false. */
bool flight_too_large(struct tc_flight *flight, enum tc_status reason);
/* Adds to one of the flight's own buffers. */
bool flight_keep(struct tc_flight *flight, struct tc_buf *buf, CBS bytes);

/*
 * flight_gather shows the next `need` bytes in one place: in `from` itself where they lie there
 * whole and nothing was held before, else in `held`. False where there are fewer: all of `from` is
 * held then, until the next time. The same piece may be asked for again, and for more of it;
 * flight_gathered() moves on to the next. A view ends with the next call.
 */
bool flight_gather(struct tc_flight *flight, CBS *out, struct tc_buf *held, CBS *from, size_t need);
void flight_gathered(struct tc_buf *held, CBS *from, size_t need);

/* The handshake bytes of one record: messages, whole or in part (flight_message.c). */
bool flight_read_handshake(struct tc_flight *flight, CBS payload);

/* The bodies of messages: flight_hello.c, flight_certificate.c, flight_exchange.c. */
bool flight_read_hello(struct tc_flight *flight, CBS body);
bool flight_read_certificate(struct tc_flight *flight, CBS body);
bool flight_read_certificate_status(struct tc_flight *flight, CBS body);
bool flight_read_certificate_request(struct tc_flight *flight, CBS body);
bool flight_read_key_exchange(struct tc_flight *flight, CBS body);
/* Whether what the suite cannot do without has come, when ServerHelloDone says that all has. */
bool flight_check_exchange(struct tc_flight *flight);

/*
 * SSL 2.0 (flight_ssl2.c). flight_ssl2_need says how many bytes of the record that begins with
 * `seen` are wanted to go on: as many as there are where it is whole, 0 where this is no SSL 2.0.
 */
size_t flight_ssl2_need(CBS seen);
bool flight_read_ssl2(struct tc_flight *flight, CBS record);

#endif
