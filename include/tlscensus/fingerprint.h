/*
 * Fingerprints of TLS servers, from how they answer a ClientHello. They tell implementations and
 * configurations apart; they prove nothing.
 */
#ifndef TLSCENSUS_FINGERPRINT_H
#define TLSCENSUS_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/flight.h"
#include "tlscensus/hello.h"

#define TC_JARM_PROBES 10U
#define TC_JARM_CHARS  62U
#define TC_JA3S_CHARS  32U

/*
 * tc_jarm_hello makes JARM's probe `index` (0 to 9, in the order of the fingerprint) for `host`:
 * the target as it was written, for an address as well (JARM puts it into server_name whatever it
 * is). Equal seeds make equal hellos; give each probe its own.
 *
 * Errors: tc_hello_write() tells, as ever: a host that is empty or does not fit fails the hello.
 * Spec:   JARM 1.0 (J. Althouse, A. Smart, R. Nunnally, M. Brady; salesforce.com 2020).
 */
void tc_jarm_hello(struct tc_hello *out, unsigned index, const char *host, uint64_t seed);

/* What JARM takes from one answer. */
struct tc_jarm_answer {
    bool is_noted;
    bool has_hello;
    uint16_t suite;
    uint16_t version; /* the hello's own field */
    uint16_t extensions[TC_FLIGHT_MAX_EXTENSIONS];
    size_t num_extensions;
    char alpn[TC_FLIGHT_ALPN_MAX];
};

/* The zero state has no answer yet. About 4 KB. */
struct tc_jarm {
    bool timed_out;
    struct tc_jarm_answer answers[TC_JARM_PROBES];
};

/*
 * tc_jarm_note takes the answer to probe `index`, in any order. A flight that ended without hello
 * (alert, closed, no TLS) is an answer too; NULL says that nothing came in time. As in JARM, only
 * what comes first counts: a ServerHello behind a warning alert is none.
 */
void tc_jarm_note(struct tc_jarm *jarm, unsigned index, const struct tc_flight *flight);
/*
 * tc_jarm_result writes the fingerprint, lower case and NUL-ended; false where an answer is
 * missing. Zeros alone where nothing came in time for one probe, or no probe had a ServerHello.
 */
bool tc_jarm_result(const struct tc_jarm *jarm, char out[TC_JARM_CHARS + 1]);

/*
 * tc_ja3s writes JA3S, lower case and NUL-ended: the MD5 of version, suite and extensions. False
 * where there is no ServerHello of SSL 3.0 or TLS. Only answers to equal hellos can be compared.
 * Spec: JA3S (J. Althouse, J. Atkinson, J. Atkins; salesforce.com 2018).
 */
bool tc_ja3s(const struct tc_flight *flight, char out[TC_JA3S_CHARS + 1]);

#endif
