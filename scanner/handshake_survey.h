/*
 * What a survey adds to a handshake: wishes how it is to differ, and facts that nobody else asks
 * for. A quick scan touches nothing of it.
 */
#ifndef TC_SCANNER_HANDSHAKE_SURVEY_H
#define TC_SCANNER_HANDSHAKE_SURVEY_H

#include "handshake.h"

/* Readies a context for handshakes of surveys: their sessions come to them. */
void tc_handshake_survey_context(SSL_CTX *context);
/* Certificate compression (RFC 8879) is offered, and every compressed certificate given up on. */
bool tc_handshake_offer_compression(SSL_CTX *context);
/*
 * Begins to gather facts, and does as the plan's wish says.
 * Errors: TC_ERR_NOMEM, TC_ERR_LIMIT, TC_ERR_TLS.
 */
TC_MUST_USE enum tc_status tc_handshake_plan_survey(struct tc_handshake *handshake,
                                                    const struct tc_handshake_plan *plan);
/* A message of the server's, its header of four bytes included. */
void tc_handshake_note_fact(struct tc_handshake *handshake, uint8_t type, const uint8_t *bytes,
                            size_t len);

/*
 * Client-initiated renegotiation, for --intrusive: the library cannot do it, so one ClientHello is
 * sealed with the connection's keys and sent past it; of the answer only the outer type is looked
 * at. Only on TLS 1.2 with AES-GCM or ChaCha20-Poly1305; elsewhere nothing is sent. Spec: RFC 5246
 * sections 6.3 and 7.4.1.2, RFC 5288, RFC 7905, RFC 5746 section 3.5.
 */
/* Errors: TC_ERR_NOMEM, TC_ERR_TLS. */
TC_MUST_USE enum tc_status tc_renegotiation_plan(struct tc_handshake *handshake);
/* Asks, and then reads until the answer's type is known (into the facts). */
enum tc_handshake_result tc_renegotiation_advance(struct tc_handshake *handshake);
/* close_notify under the same keys: the library's own count of records is off by one now. */
void tc_renegotiation_farewell(struct tc_handshake *handshake);

#endif
