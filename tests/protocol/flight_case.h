/*
 * One answer of a server, written as text (hex.h), and what is read of it. Whatever the row, it is
 * read alike however it is cut, and no beginning of it settles the flight.
 */
#ifndef FLIGHT_CASE_H
#define FLIGHT_CASE_H

#include "tlscensus/flight.h"

/* Pieces of rows; spaces at their ends keep them apart. */
#define RANDOM_TEXT  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
#define RECORD(body) "16 0303 (2 " body ") "
#define MALFORMED    TC_FLIGHT_MALFORMED
/* A ServerHello of `version` without session id, with whatever stands behind compression. */
#define HELLO(version, suite, rest) "02 (3 " version " " RANDOM_TEXT "00 " suite " 00 " rest ") "
#define CERTIFICATE                 "0b (3 (3 (3 aabbcc ) ) ) "
#define EXCHANGE(body)              "0c (3 " body ") "
#define DONE                        "0e 000000 "

struct flight_case {
    const char *name;
    const char *text;
    enum tc_flight_state state;
    const char *problem;                           /* of MALFORMED and TOO_LARGE */
    void (*check)(const struct tc_flight *flight); /* NULL: nothing more to look at */
    bool allows_ssl2;
};

/* A cmocka test; its initial state is a struct flight_case. */
void check_flight_case(void **state);
/* The same for bytes made by a test. */
void check_flight_bytes(const struct flight_case *row, const uint8_t *bytes, size_t len);

#endif
