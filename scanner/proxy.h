/*
 * How a proxy is asked for a connection: HTTP CONNECT (RFC 9110 section 9.3.6) and SOCKS5
 * (RFC 1928, RFC 1929). Bytes in, bytes out: no socket, no clock. tc_proxy_parse is in scan.h.
 */
#ifndef TLSCENSUS_SCANNER_PROXY_H
#define TLSCENSUS_SCANNER_PROXY_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/outcome.h"
#include "tlscensus/scan.h"
#include "tlscensus/status.h"

/* The largest thing that we send: CONNECT with a name of 255, and Basic with 255 + 1 + 255. */
#define TC_PROXY_OUTPUT_MAX 1536
/* The status line that is kept of an HTTP answer, for the detail. */
#define TC_PROXY_LINE_MAX 256

enum tc_proxy_step {
    TC_PROXY_MORE = 0, /* send what tc_proxy_dialogue_output gives, and read on */
    TC_PROXY_DONE,     /* the tunnel stands */
    TC_PROXY_FAILED    /* `outcome` and `detail` say why */
};

/* Caller's memory, a few KB, needed only while the dialogue lasts. No cleanup. */
struct tc_proxy_dialogue {
    enum tc_outcome outcome; /* with TC_PROXY_FAILED */
    char detail[TC_PROXY_LINE_MAX + 64];

    /* Private. */
    const struct tc_proxy *proxy; /* borrowed while the dialogue lasts */
    unsigned state;
    char host[256];
    uint16_t port;
    uint8_t output[TC_PROXY_OUTPUT_MAX];
    size_t output_len;
    size_t output_sent;
    uint8_t line[TC_PROXY_LINE_MAX]; /* HTTP: the status line; SOCKS: the reply so far */
    size_t line_len;
    size_t head_bytes;
    unsigned head_newlines; /* HTTP: line ends in a row */
};

/*
 * tc_proxy_dialogue_init begins a dialogue that asks for `host` (a name in A-labels, or an address
 * without brackets) and `port`. What is to be sent first is in the output at once.
 *
 * Ownership: `proxy` is borrowed while the dialogue lasts.
 * Errors:    TC_ERR_RANGE (a host that is empty, longer than 255, or not made of a host's letters).
 */
TC_MUST_USE enum tc_status tc_proxy_dialogue_init(struct tc_proxy_dialogue *dialogue,
                                                  const struct tc_proxy *proxy, const char *host,
                                                  uint16_t port);
/* What is still to be sent; `*out_len` 0 where nothing is. Borrowed until the next call. */
const uint8_t *tc_proxy_dialogue_output(const struct tc_proxy_dialogue *dialogue, size_t *out_len);
/* tc_proxy_dialogue_sent says that `len` bytes of the output are on their way. */
void tc_proxy_dialogue_sent(struct tc_proxy_dialogue *dialogue, size_t len);
/*
 * tc_proxy_dialogue_input takes bytes from the proxy. `*out_used` is how many belonged to the
 * dialogue: with TC_PROXY_DONE the rest is the peer's, and never the dialogue's.
 */
enum tc_proxy_step tc_proxy_dialogue_input(struct tc_proxy_dialogue *dialogue, size_t *out_used,
                                           const uint8_t *bytes, size_t len);
/* tc_proxy_dialogue_end says that the proxy closed; fills `outcome` and `detail`. */
enum tc_proxy_step tc_proxy_dialogue_end(struct tc_proxy_dialogue *dialogue);

#endif
