/* A server's bytes, whole or in pieces, to an endpoint: it ends, and leaves nothing behind. */
#include <assert.h>
#include <stdlib.h>

#include "tests/scanner/fake_net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tc_tls *g_tls;
static struct tc_scan_options g_options;

static void set_up(void)
{
    struct tc_trust_store *store = NULL;
    tc_scan_options_init(&g_options);
    g_options.retries = 0;
    g_options.max_read_bytes = 65536;
    if (tc_trust_store_new(&store) != TC_OK ||
        tc_verifier_new(&g_options.verifier, store, MAKE_NOW_S) != TC_OK ||
        tc_tls_new(&g_tls, &g_options) != TC_OK) {
        abort();
    }
}

/* TLS at once, or any of the protocols that are asked for it. */
static enum tc_protocol protocol_of(unsigned number)
{
    unsigned protocol = TC_PROTOCOL_SMTP + number - 1;
    return number == 0 || protocol >= TC_PROTOCOL_COUNT ? TC_PROTOCOL_HTTPS
                                                        : (enum tc_protocol)protocol;
}

/* The first byte says how the rest comes: its low bits in how many pieces, the middle ones in which
   protocol, the highest whether the end is a reset. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_PIECES = 8 };
    static char host[] = "host.example";
    struct tc_target target = {.port = 443, .host = host};
    struct fake_step script[MAX_PIECES + 4] = {{.kind = FAKE_CONNECTED}};
    size_t num = 1;
    if (g_tls == NULL) {
        set_up();
    }
    if (size == 0) {
        return 0;
    }
    target.protocol = protocol_of(data[0] >> 3 & 0xfU);
    if (target.protocol == TC_PROTOCOL_HTTPS) {
        script[num++].kind = FAKE_AWAIT;
    }
    size_t pieces = (data[0] & (MAX_PIECES - 1)) + 1U;
    size_t piece = (size - 1) / pieces + 1;
    for (size_t at = 1; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        script[num] =
            (struct fake_step){.kind = FAKE_BYTES, .after_ms = 1, .bytes = data + at, .len = len};
        num++;
    }
    script[num].kind = (data[0] & 0x80) != 0 ? FAKE_RESET : FAKE_EOF;
    struct fake_net net;
    fake_net_init(&net, script, &g_options, g_tls, &target);
    bool ended = fake_net_play(&net);
    assert(ended && net.observation != NULL);
    assert(net.observation->outcome != TC_OUTCOME_OK); /* nobody can know our keys */
    assert(net.endpoint.connection == NULL && !net.connection.is_open);
    (void)ended;
    fake_net_cleanup(&net);
    return 0;
}
