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
    tc_scan_options_complete(&g_options);
    g_options.retries = 0;
    g_options.max_read_bytes = 65536;
    if (tc_trust_store_new(&store) != TC_OK ||
        tc_verifier_new(&g_options.verifier, store, MAKE_NOW_S) != TC_OK ||
        tc_tls_new(&g_tls, &g_options) != TC_OK) {
        abort();
    }
}

/* The first byte says how the rest comes: its low bits in how many pieces, the highest whether the
   end is a reset. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_PIECES = 8 };
    static char host[] = "host.example";
    struct tc_target target = {.protocol = TC_PROTOCOL_HTTPS, .port = 443, .host = host};
    struct fake_step script[MAX_PIECES + 4] = {{.kind = FAKE_CONNECTED}, {.kind = FAKE_AWAIT}};
    size_t num = 2;
    if (g_tls == NULL) {
        set_up();
    }
    if (size == 0) {
        return 0;
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
    assert(fake_net_is_clean(&net));
    (void)ended;
    fake_net_cleanup(&net);
    return 0;
}
