/*
 * How TLS is asked for inside a protocol that begins in the clear: what we say, what the server
 * answers, and where TLS may begin. Bytes in, bytes out: no socket, no clock.
 */
#ifndef TLSCENSUS_STARTTLS_H
#define TLSCENSUS_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"
#include "tlscensus/target.h"

/* One answer of a server, all its lines together: more is no answer of a sane one. */
#define TC_STARTTLS_REPLY_MAX 8192
/* The largest thing that we send: XMPP's stream header with a name of 255. */
#define TC_STARTTLS_OUTPUT_MAX 512
#define TC_STARTTLS_NAME_MAX   255
#define TC_STARTTLS_DETAIL_MAX 256

enum tc_starttls_step {
    TC_STARTTLS_MORE = 0, /* send what tc_starttls_output gives, and read on */
    TC_STARTTLS_DONE,     /* when what is left of the output is sent, TLS begins */
    TC_STARTTLS_REFUSED,  /* the server offers no TLS, or said no: `detail` has its words */
    TC_STARTTLS_FAILED    /* it speaks something else, too much, or went away; `detail` says what */
};

/* What a dialogue is to say. Texts are borrowed for the call of init. */
struct tc_starttls_names {
    const char *server; /* XMPP's domain: the name that TLS will be asked for */
    const char *client; /* SMTP and LMTP: who greets */
};

/* Caller's memory, needed only while the dialogue lasts. No cleanup. */
struct tc_starttls {
    char detail[TC_STARTTLS_DETAIL_MAX]; /* with REFUSED and FAILED: one line of ASCII */
    size_t leftover_bytes; /* with DONE: in the clear behind the server's go, where TLS should be */

    /* Private. */
    enum tc_protocol protocol;
    enum tc_starttls_step step;
    unsigned state;
    const char *awaited;  /* what the server is to say next */
    bool has_greeted;     /* its first answer was taken */
    bool is_closing;      /* it said that it hangs up: it wants no farewell */
    bool has_offer;       /* what is looked for in the present answer is there */
    bool has_other_offer; /* likewise, what would do as well */
    bool in_list;         /* in lines that a single dot ends */
    unsigned depth;       /* XMPP: elements that are open inside of the one that is read */
    char name[TC_STARTTLS_NAME_MAX + 1];
    uint8_t reply[TC_STARTTLS_REPLY_MAX]; /* the present answer, as far as it has come */
    size_t reply_len;
    size_t reply_at; /* read up to here */
    uint8_t output[TC_STARTTLS_OUTPUT_MAX];
    size_t output_len;
    size_t output_sent;
};

/*
 * tc_starttls_init begins a dialogue. What is to be sent first, if it is our turn, is in the output
 * at once.
 *
 * Errors: TC_ERR_RANGE (a name that is empty, longer than TC_STARTTLS_NAME_MAX or not made of a
 *         host's letters, where the protocol says it), TC_ERR_UNSUPPORTED (a protocol in which TLS
 *         begins at once).
 */
TC_MUST_USE enum tc_status tc_starttls_init(struct tc_starttls *dialogue, enum tc_protocol protocol,
                                            const struct tc_starttls_names *names);
/* What is still to be sent; `*out_len` 0 where nothing is. Borrowed until the next call. */
const uint8_t *tc_starttls_output(const struct tc_starttls *dialogue, size_t *out_len);
/* tc_starttls_sent says that `len` bytes of the output are on their way. */
void tc_starttls_sent(struct tc_starttls *dialogue, size_t len);
/*
 * tc_starttls_input takes bytes from the server, all of them: what follows its go is counted and
 * forgotten. After any other step than MORE nothing changes any more.
 */
enum tc_starttls_step tc_starttls_input(struct tc_starttls *dialogue, const uint8_t *bytes,
                                        size_t len);
/* tc_starttls_end says that the server closed. Never MORE. */
enum tc_starttls_step tc_starttls_end(struct tc_starttls *dialogue);
/* What the server is to say next, for details: "the greeting", "the answer to EHLO". Static. */
const char *tc_starttls_awaited(const struct tc_starttls *dialogue);
/*
 * tc_starttls_farewell is what a client says that leaves in the middle of the dialogue: QUIT,
 * LOGOUT. `*out_len` 0 where there is nothing to say, or nobody who listens.
 */
const uint8_t *tc_starttls_farewell(const struct tc_starttls *dialogue, size_t *out_len);
/* The same for one that leaves once TLS stands: what it says inside. Static. */
const uint8_t *tc_starttls_last_words(enum tc_protocol protocol, size_t *out_len);
/* Whether a name can be said in a dialogue, as `--helo` has it: host names, addresses in []. */
bool tc_starttls_is_name(const char *name);

#endif
