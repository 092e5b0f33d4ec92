/* A server's bytes, whole or in pieces, to an endpoint and its probes: it ends, and leaves nothing
 * behind. */
#include <assert.h>
#include <stdlib.h>

#include "tests/scanner/fake_net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The first byte says how the rest comes: its low bits in how many pieces, the middle ones to whom,
 * the highest whether the end is a reset.
 */
enum { MAX_PIECES = 8, BY_RESET = 0x80 };
/* To whom: an endpoint whose TLS begins at once (0), or is asked for in a protocol (from 1 on); or
 */
enum {
    TO_PROBES = 14,    /* probes of a survey, after an own talk that came to nothing */
    TO_ALL_PROBES = 15 /* likewise after a good one, so that they ask with handshakes too */
};
#define MAX_CONNECTIONS 30
#define MAX_STEPS       (MAX_PIECES + 8)

static struct tc_tls *g_tls;
static struct tc_tls *g_survey_tls;
static struct tc_scan_options g_options;
static struct tc_scan_options g_survey_options;

static void set_up(void)
{
    struct tc_trust_store *store = NULL;
    tc_scan_options_init(&g_options);
    g_options.retries = 0;
    g_options.max_read_bytes = 65536;
    if (tc_trust_store_new(&store) != TC_OK ||
        tc_verifier_new(&g_options.verifier, store, MAKE_NOW_S) != TC_OK) {
        abort();
    }
    g_survey_options = g_options;
    g_survey_options.profile = TC_PROFILE_DEEP;
    g_survey_options.intrusive = TC_INTRUSIVE_RENEGOTIATION | TC_INTRUSIVE_HEARTBEAT |
                                 TC_INTRUSIVE_CCS | TC_INTRUSIVE_HTTP_UPGRADE;
    g_survey_options.connections_per_endpoint = MAX_CONNECTIONS;
    tc_scan_options_complete(&g_options);
    tc_scan_options_complete(&g_survey_options);
    if (tc_tls_new(&g_tls, &g_options) != TC_OK ||
        tc_tls_new(&g_survey_tls, &g_survey_options) != TC_OK) {
        abort();
    }
}

static enum tc_protocol protocol_of(unsigned number)
{
    unsigned protocol = TC_PROTOCOL_SMTP + number - 1;
    return number == 0 || protocol >= TC_PROTOCOL_COUNT ? TC_PROTOCOL_HTTPS
                                                        : (enum tc_protocol)protocol;
}

/* The steps of a peer that sends `data` after our first words, or before them. */
static size_t send_all(struct fake_step *script, bool speaks_first, const uint8_t *data,
                       size_t size)
{
    size_t num = 0;
    size_t pieces = (data[0] & (MAX_PIECES - 1)) + 1U;
    size_t piece = (size - 1) / pieces + 1;
    script[num++].kind = FAKE_CONNECTED;
    if (!speaks_first) {
        script[num++].kind = FAKE_AWAIT;
    }
    for (size_t at = 1; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        script[num++] =
            (struct fake_step){.kind = FAKE_BYTES, .after_ms = 1, .bytes = data + at, .len = len};
    }
    script[num++].kind = (data[0] & BY_RESET) != 0 ? FAKE_RESET : FAKE_EOF;
    return num;
}

static size_t own_talk(struct fake_step *script, bool is_tls)
{
    static const struct tls_peer_options k_tls12 = {.max_version = TLS1_2_VERSION};
    size_t num = 0;
    script[num++].kind = FAKE_CONNECTED;
    if (is_tls) {
        script[num++] = (struct fake_step){.kind = FAKE_TLS, .after_ms = 1, .tls = &k_tls12};
    } else {
        script[num++].kind = FAKE_AWAIT;
        script[num++].kind = FAKE_EOF;
    }
    script[num++].kind = FAKE_AGAIN;
    return num;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char host[] = "host.example";
    struct tc_target target = {.port = 443, .host = host};
    struct fake_step script[MAX_STEPS] = {{.kind = FAKE_SILENCE}};
    size_t num = 0;
    if (g_tls == NULL) {
        set_up();
    }
    if (size == 0) {
        return 0;
    }
    unsigned whom = data[0] >> 3 & 0xfU;
    bool after_tls = whom == TO_ALL_PROBES;
    bool to_probes = whom == TO_PROBES || after_tls;
    target.protocol = protocol_of(whom);
    if (to_probes) {
        num = own_talk(script, after_tls);
    }
    num += send_all(script + num, target.protocol != TC_PROTOCOL_HTTPS, data, size);
    script[num].kind = FAKE_REPEAT;
    struct fake_net net;
    fake_net_init(&net, script, to_probes ? &g_survey_options : &g_options,
                  to_probes ? g_survey_tls : g_tls, &target);
    bool ended = fake_net_play(&net);
    assert(ended && net.observation != NULL);
    /* Nobody can know our keys. */
    assert((net.observation->outcome == TC_OUTCOME_OK) == after_tls);
    assert(net.observation->connections <= (to_probes ? MAX_CONNECTIONS : 1));
    assert(fake_net_is_clean(&net));
    (void)ended;
    fake_net_cleanup(&net);
    return 0;
}
