#include "tlscensus/fingerprint.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/md5.h>
#include <openssl/sha.h>

#include "seeded.h"

#define GROUP_X25519      29
#define X25519_BYTES      32U
#define JARM_HASH_CHARS   32U /* of SHA-256, behind three characters for each probe */
#define JARM_MAX_FRAGMENT 1   /* extension max_fragment_length, RFC 6066 section 4 */
#define VERSION_SSL3      0x0300
#define SUITES_TLS13      0x13 /* the first byte of TLS 1.3's suites */

/*
 * The lists below are JARM's (https://github.com/salesforce/jarm), which is
 * Copyright (c) 2020, salesforce.com, inc., by John Althouse, Andrew Smart, RJ Nunnally and Mike
 * Brady, under the BSD 3-Clause license (https://opensource.org/licenses/BSD-3-Clause). The
 * fingerprint is only the same where suites, protocols and their order are.
 */
static const uint16_t k_suites[] = {
    0x0016, 0x0033, 0x0067, 0xc09e, 0xc0a2, 0x009e, 0x0039, 0x006b, 0xc09f, 0xc0a3, 0x009f, 0x0045,
    0x00be, 0x0088, 0x00c4, 0x009a, 0xc008, 0xc009, 0xc023, 0xc0ac, 0xc0ae, 0xc02b, 0xc00a, 0xc024,
    0xc0ad, 0xc0af, 0xc02c, 0xc072, 0xc073, 0xcca9, 0x1302, 0x1301, 0xcc14, 0xc007, 0xc012, 0xc013,
    0xc027, 0xc02f, 0xc014, 0xc028, 0xc030, 0xc060, 0xc061, 0xc076, 0xc077, 0xcca8, 0x1305, 0x1304,
    0x1303, 0xcc13, 0xc011, 0x000a, 0x002f, 0x003c, 0xc09c, 0xc0a0, 0x009c, 0x0035, 0x003d, 0xc09d,
    0xc0a1, 0x009d, 0x0041, 0x00ba, 0x0084, 0x00c0, 0x0007, 0x0004, 0x0005,
};
static const char *const k_protocols[] = {"http/0.9", "http/1.0", "http/1.1", "spdy/1", "spdy/2",
                                          "spdy/3",   "h2",       "h2c",      "hq"};
static const char *const k_rare_protocols[] = {"http/0.9", "http/1.0", "spdy/1", "spdy/2",
                                               "spdy/3",   "h2c",      "hq"};
static const uint16_t k_groups[] = {29, 23, 24, 25};
static const uint16_t k_schemes[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805,
                                     0x0501, 0x0806, 0x0601, 0x0201};

#define NUM_SUITES    TC_ARRAY_LEN(k_suites)
#define NUM_PROTOCOLS TC_ARRAY_LEN(k_protocols)

enum order { FORWARD = 0, REVERSE, TOP_HALF, BOTTOM_HALF, MIDDLE_OUT };

static const struct jarm_probe {
    uint16_t record_version;
    uint16_t legacy_version;
    enum order order;      /* of the suites */
    bool leaves_out_tls13; /* its suites */
    bool greases;
    bool is_rare;         /* protocols without the common ones */
    uint16_t max_version; /* in supported_versions, from TLS 1.0; 0: no such extension */
    bool is_reversed;     /* protocols and versions: the strongest first */
} k_probes[TC_JARM_PROBES] = {
    {0x0303, 0x0303, FORWARD, false, false, false, 0x0303, true},
    {0x0303, 0x0303, REVERSE, false, false, false, 0x0303, false},
    {0x0303, 0x0303, TOP_HALF, false, false, false, 0, false},
    {0x0303, 0x0303, BOTTOM_HALF, false, false, true, 0, false},
    {0x0303, 0x0303, MIDDLE_OUT, false, true, true, 0, true},
    {0x0302, 0x0302, FORWARD, false, false, false, 0, false},
    {0x0301, 0x0303, FORWARD, false, false, false, 0x0304, true},
    {0x0301, 0x0303, REVERSE, false, false, false, 0x0304, false},
    {0x0301, 0x0303, FORWARD, true, false, false, 0x0304, false},
    {0x0301, 0x0303, MIDDLE_OUT, false, true, false, 0x0304, true},
};

static uint16_t random_grease(uint64_t *state)
{
    return tc_grease_value((unsigned)(seeded_next(state) & 15U));
}

/* How many of `num` things an order takes. */
static size_t order_len(enum order order, size_t num)
{
    switch (order) {
    case TOP_HALF:
        return (num + 1) / 2;
    case BOTTOM_HALF:
        return num / 2;
    case FORWARD:
    case REVERSE:
    case MIDDLE_OUT:
    default:
        return num;
    }
}

/* Which of `num` things stands at `place`. The top half runs from the middle upwards. */
static size_t order_index(enum order order, size_t num, size_t place)
{
    size_t middle = num / 2;
    switch (order) {
    case REVERSE:
        return num - 1 - place;
    case TOP_HALF:
        return (num - 1) / 2 - place;
    case BOTTOM_HALF:
        return (num + 1) / 2 + place;
    case MIDDLE_OUT: /* of an odd number: the middle, one behind it, one before it, … */
        return place % 2 == 1 ? middle + (place + 1) / 2 : middle - place / 2;
    case FORWARD:
    default:
        return place;
    }
}

static void add_suites(struct tc_hello *hello, const struct jarm_probe *probe, uint64_t *state)
{
    uint16_t suites[NUM_SUITES];
    size_t num = 0;
    for (size_t i = 0; i < NUM_SUITES; i++) {
        if (!probe->leaves_out_tls13 || k_suites[i] >> 8 != SUITES_TLS13) {
            suites[num++] = k_suites[i];
        }
    }
    if (probe->greases) {
        tc_hello_add_suite(hello, random_grease(state));
    }
    for (size_t place = 0; place < order_len(probe->order, num); place++) {
        tc_hello_add_suite(hello, suites[order_index(probe->order, num, place)]);
    }
}

static void add_protocols(struct tc_hello *hello, const struct jarm_probe *probe)
{
    const char *names[NUM_PROTOCOLS];
    const char *const *all = probe->is_rare ? k_rare_protocols : k_protocols;
    size_t num = probe->is_rare ? TC_ARRAY_LEN(k_rare_protocols) : NUM_PROTOCOLS;
    for (size_t i = 0; i < num; i++) {
        names[i] = all[order_index(probe->is_reversed ? REVERSE : FORWARD, num, i)];
    }
    tc_hello_add_alpn(hello, names, num);
}

static void add_key_shares(struct tc_hello *hello, const struct jarm_probe *probe, uint64_t *state)
{
    static const uint8_t k_zero[] = {0};
    uint8_t key[X25519_BYTES];
    struct tc_key_share shares[2] = {{.key = k_zero, .key_len = sizeof k_zero}};
    size_t num = 0;
    if (probe->greases) {
        shares[num++].group = random_grease(state);
    }
    size_t key_len = tc_key_share_fill(key, sizeof key, GROUP_X25519, seeded_next(state));
    shares[num++] = (struct tc_key_share){GROUP_X25519, key, key_len};
    tc_hello_add_key_shares(hello, shares, num);
}

static void add_versions(struct tc_hello *hello, const struct jarm_probe *probe, uint64_t *state)
{
    uint16_t versions[1 + 4];
    size_t num = 0;
    if (probe->greases) {
        versions[num++] = random_grease(state);
    }
    size_t num_versions = probe->max_version - VERSION_SSL3;
    for (size_t i = 0; i < num_versions; i++) {
        size_t index = order_index(probe->is_reversed ? REVERSE : FORWARD, num_versions, i);
        versions[num++] = (uint16_t)(VERSION_SSL3 + 1 + index);
    }
    tc_hello_add_versions(hello, versions, num);
}

void tc_jarm_hello(struct tc_hello *out, unsigned index, const char *host, uint64_t seed)
{
    static const uint8_t k_max_fragment[] = {1}; /* 2^9 */
    assert(index < TC_JARM_PROBES);
    const struct jarm_probe *probe = &k_probes[index];
    uint64_t state = seed;
    uint8_t random[TC_HELLO_RANDOM_BYTES];
    seeded_fill(random, sizeof random, &state);
    tc_hello_init(out, probe->record_version, probe->legacy_version, random);
    seeded_fill(out->session_id, sizeof out->session_id, &state);
    out->session_id_len = sizeof out->session_id;
    add_suites(out, probe, &state);
    if (probe->greases) {
        tc_hello_add_extension(out, random_grease(&state), NULL, 0);
    }
    tc_hello_add_server_name(out, host);
    tc_hello_add_extension(out, TC_EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    tc_hello_add_extension(out, JARM_MAX_FRAGMENT, k_max_fragment, sizeof k_max_fragment);
    tc_hello_add_renegotiation_info(out);
    tc_hello_add_groups(out, k_groups, TC_ARRAY_LEN(k_groups));
    tc_hello_add_point_formats(out);
    tc_hello_add_extension(out, TC_EXTENSION_SESSION_TICKET, NULL, 0);
    add_protocols(out, probe);
    tc_hello_add_signature_algorithms(out, k_schemes, TC_ARRAY_LEN(k_schemes));
    add_key_shares(out, probe, &state);
    tc_hello_add_psk_modes(out);
    if (probe->max_version != 0) {
        add_versions(out, probe, &state);
    }
}

void tc_jarm_note(struct tc_jarm *jarm, unsigned index, const struct tc_flight *flight)
{
    assert(index < TC_JARM_PROBES);
    struct tc_jarm_answer *answer = &jarm->answers[index];
    *answer = (struct tc_jarm_answer){.is_noted = true};
    if (flight == NULL) {
        jarm->timed_out = true;
        return;
    }
    /* Below SSL 3.0 there is no such hello; a warning before it hides it from JARM. */
    if (!flight->has_hello || flight->legacy_version < VERSION_SSL3 || flight->num_warnings > 0) {
        return;
    }
    answer->has_hello = true;
    answer->suite = (uint16_t)flight->suite;
    answer->version = flight->legacy_version;
    answer->num_extensions = flight->num_extensions;
    memcpy(answer->extensions, flight->extensions, sizeof answer->extensions);
    memcpy(answer->alpn, flight->alpn, sizeof answer->alpn);
}

/* The order in which JARM numbers suites: by code, those of TLS 1.3 last. */
static uint32_t suite_rank(uint16_t suite)
{
    return suite >> 8 == SUITES_TLS13 ? 0x10000U + suite : suite;
}

/* From 1; one past the last for a suite that was not among those offered. */
static unsigned suite_number(uint16_t suite)
{
    unsigned number = 1;
    bool is_known = false;
    for (size_t i = 0; i < NUM_SUITES; i++) {
        is_known = is_known || k_suites[i] == suite;
        number += suite_rank(k_suites[i]) < suite_rank(suite) ? 1 : 0;
    }
    return is_known ? number : (unsigned)NUM_SUITES + 1;
}

static void hash_answer(SHA256_CTX *hash, const struct tc_jarm_answer *answer)
{
    SHA256_Update(hash, answer->alpn, strlen(answer->alpn));
    for (size_t i = 0; i < answer->num_extensions; i++) {
        char text[sizeof "-0000"];
        int len = snprintf(text, sizeof text, "%s%04x", i > 0 ? "-" : "", answer->extensions[i]);
        SHA256_Update(hash, text, (size_t)len);
    }
}

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

bool tc_jarm_result(const struct tc_jarm *jarm, char out[TC_JARM_CHARS + 1])
{
    SHA256_CTX hash;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    char text[TC_JARM_CHARS + 1];
    unsigned num_hellos = 0;
    SHA256_Init(&hash);
    for (size_t i = 0; i < TC_JARM_PROBES; i++) {
        const struct tc_jarm_answer *answer = &jarm->answers[i];
        if (!answer->is_noted && !jarm->timed_out) {
            return false;
        }
        num_hellos += answer->has_hello ? 1 : 0;
        /* Two digits for the suite, a letter for the version: 'a' is SSL 3.0. */
        (void)snprintf(text + 3 * i, 4, "%02x%c",
                       answer->has_hello ? suite_number(answer->suite) : 0,
                       answer->has_hello ? 'a' + (answer->version - VERSION_SSL3) : '0');
        hash_answer(&hash, answer);
    }
    SHA256_Final(digest, &hash);
    put_hex(text + sizeof text - 1 - JARM_HASH_CHARS, digest, JARM_HASH_CHARS / 2);
    if (jarm->timed_out || num_hellos == 0) {
        memset(text, '0', TC_JARM_CHARS);
    }
    memcpy(out, text, sizeof text);
    return true;
}

bool tc_ja3s(const struct tc_flight *flight, char out[TC_JA3S_CHARS + 1])
{
    MD5_CTX hash;
    uint8_t digest[MD5_DIGEST_LENGTH];
    char text[sizeof "65535,4294967295,"];
    if (!flight->has_hello || flight->legacy_version < VERSION_SSL3) {
        return false;
    }
    MD5_Init(&hash);
    int len = snprintf(text, sizeof text, "%u,%u,", (unsigned)flight->legacy_version,
                       (unsigned)flight->suite);
    MD5_Update(&hash, text, (size_t)len);
    for (size_t i = 0; i < flight->num_extensions; i++) {
        len =
            snprintf(text, sizeof text, "%s%u", i > 0 ? "-" : "", (unsigned)flight->extensions[i]);
        MD5_Update(&hash, text, (size_t)len);
    }
    MD5_Final(digest, &hash);
    put_hex(out, digest, sizeof digest);
    return true;
}
