#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "tlscensus/fingerprint.h"

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"
#define TEN(answer)                                                                                \
    answer "," answer "," answer "," answer "," answer "," answer "," answer "," answer "," answer \
           "," answer

/*
 * Answers as JARM's tools print them, "suite|version|alpn|extensions", and the fingerprint of all
 * ten. The first four are published: README of hrbrmstr/jarmed; BinaryEdge's documentation of its
 * JARM module; README of jarm-cpp (M. Mokbel); the tests of the crate rust_jarm.
 */
static struct jarm_case {
    const char *name;
    const char *answers; /* "timeout" and "" (not noted) stand for one as well */
    const char *jarm;    /* NULL: no result */
} jarm_cases[] = {
    {"JARM: rud.is",
     "009e|0303|h2|0000-ff01-0010,c030|0303|h2|0000-ff01-000b-0010,"
     "009f|0303|h2|0000-ff01-0010,c02f|0303||0000-ff01-000b,c02f|0303||0000-ff01-000b,|||,"
     "009e|0303|h2|0000-ff01-0010,c030|0303|h2|0000-ff01-000b-0010,"
     "009e|0303|h2|0000-ff01-0010,c02f|0303|h2|0000-ff01-000b-0010",
     "15d2ad16d29d29d00015d2ad15d29dd1c3ca624d74ad1df5cec63008795502"},
    {"JARM: TLS 1.3, and drafts of ChaCha20",
     "c02b|0303|h2|0000-0017-ff01-000b-0023-0010,cc14|0303|h2|0000-0017-ff01-000b-0023-0010,"
     "cc14|0303|h2|0000-0017-ff01-000b-0023-0010,|||,cc14|0303||0000-0017-ff01-000b-0023,"
     "c009|0302|h2|0000-0017-ff01-000b-0023-0010,1302|0303||0033-002b,1303|0303||0033-002b,"
     "|||,1301|0303||0033-002b",
     "27d3ed3ed0003ed1dc42d43d00041d6183ff1bfae51ebd88d70384363d525c"},
    {"JARM: protocols by two lists",
     "c02f|0303|h2|ff01-0000-0001-000b-0023-0010-0017,"
     "c02f|0303|h2|ff01-0000-0001-000b-0023-0010-0017,"
     "009e|0303|h2|ff01-0000-0001-0023-0010-0017,"
     "c02f|0303|http/1.1|ff01-0000-0001-000b-0023-0010-0017,"
     "c02f|0303|http/1.1|ff01-0000-0001-000b-0023-0010-0017,|||,"
     "1302|0303||002b-0033,1302|0303||002b-0033,|||,|||",
     "29d29d15d29d29d00042d42d000000cd600c085f371f8533aaf66051f8e5b1"},
    {"JARM: ten times the same", TEN("c02b|0303|h2|0000-0017-ff01-000b-0023-0010"),
     "27d27d27d27d27d27d27d27d27d27debd865e63a4441da99411bab3aadfedf"},
    /* SHA-256 of nothing begins e3b0c442…; 0x1305 is the 69th and last suite. */
    {"JARM: a hello without extensions, and the last suite",
     "1305|0303||,|||,|||,|||,|||,|||,"
     "|||,|||,|||,|||",
     "45d000000000000000000000000000e3b0c44298fc1c149afbf4c8996fb924"},
    {"JARM: the first suite in SSL 3.0", "0004|0300||,|||,|||,|||,|||,|||,|||,|||,|||,|||",
     "01a000000000000000000000000000e3b0c44298fc1c149afbf4c8996fb924"},
    {"JARM: TLS 1.0, and a suite that was not offered counts as the 70th",
     "|||,|||,|||,|||,|||,0001|0301||,|||,|||,|||,|||",
     "00000000000000046b000000000000e3b0c44298fc1c149afbf4c8996fb924"},
    {"JARM: no hello at all", TEN("|||"), ZEROS},
    {"JARM: the first probe timed out",
     "timeout,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,"
     "c02b|0303||,c02b|0303||,c02b|0303||",
     ZEROS},
    {"JARM: the last probe timed out",
     "c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,"
     "c02b|0303||,c02b|0303||,timeout",
     ZEROS},
    {"JARM: a time-out, the rest was not asked", "timeout,,,,,,,,,", ZEROS},
    {"JARM: the last answer is missing",
     "c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,c02b|0303||,"
     "c02b|0303||,c02b|0303||,",
     NULL},
    {"JARM: nothing was asked", ",,,,,,,,,", NULL},
};

/* One field, up to `end`; moves past it. */
static void take_field(char *out, size_t capacity, const char **text, const char *ends)
{
    size_t len = strcspn(*text, ends);
    assert_true(len < capacity);
    memcpy(out, *text, len);
    out[len] = '\0';
    *text += len;
}

/* The flight that a text of "suite|version|alpn|extensions" speaks of. */
static void read_answer(struct tc_flight *flight, const char *text)
{
    char field[256];
    memset(flight, 0, sizeof *flight);
    flight->state = TC_FLIGHT_HELLO_DONE;
    take_field(field, sizeof field, &text, "|");
    flight->has_hello = field[0] != '\0';
    flight->suite = (uint32_t)strtoul(field, NULL, 16);
    text++;
    take_field(field, sizeof field, &text, "|");
    flight->legacy_version = (uint16_t)strtoul(field, NULL, 16);
    text++;
    take_field(flight->alpn, sizeof flight->alpn, &text, "|");
    text++;
    while (*text != '\0') {
        take_field(field, sizeof field, &text, "-");
        flight->extensions[flight->num_extensions++] = (uint16_t)strtoul(field, NULL, 16);
        text += *text == '-' ? 1 : 0;
    }
}

static void note(struct tc_jarm *jarm, unsigned index, const char *answers)
{
    char answer[256];
    struct tc_flight flight;
    for (unsigned i = 0; i <= index; i++) {
        take_field(answer, sizeof answer, &answers, ",");
        answers += *answers == ',' ? 1 : 0;
    }
    if (strcmp(answer, "timeout") == 0) {
        tc_jarm_note(jarm, index, NULL);
    } else if (answer[0] != '\0') {
        read_answer(&flight, answer);
        tc_jarm_note(jarm, index, &flight);
    }
}

static void check_result(const struct tc_jarm *jarm, const char *expected)
{
    char text[TC_JARM_CHARS + 2];
    memset(text, 'x', sizeof text);
    assert_int_equal(tc_jarm_result(jarm, text), expected != NULL);
    assert_int_equal(text[TC_JARM_CHARS + 1], 'x');
    if (expected != NULL) {
        assert_string_equal(text, expected);
    } else {
        assert_int_equal(text[0], 'x'); /* untouched */
    }
}

static void check_jarm(void **state)
{
    const struct jarm_case *row = *state;
    struct tc_jarm forward = {0};
    struct tc_jarm backward = {0};
    for (unsigned i = 0; i < TC_JARM_PROBES; i++) {
        note(&forward, i, row->answers);
        note(&backward, TC_JARM_PROBES - 1 - i, row->answers);
    }
    check_result(&forward, row->jarm);
    check_result(&backward, row->jarm); /* answers may come in any order */
}

static void change_warning(struct tc_flight *flight)
{
    flight->num_warnings = 1;
}

static void change_hello(struct tc_flight *flight)
{
    flight->has_hello = false; /* what a broken hello left behind does not count */
}

static void change_version(struct tc_flight *flight)
{
    flight->legacy_version = 0x0002;
}

static struct hidden_case {
    const char *name;
    void (*change)(struct tc_flight *flight);
} hidden_cases[] = {
    {"JARM: a hello behind a warning is none", change_warning},
    {"JARM: nor is one that broke off", change_hello},
    {"JARM: nor one of SSL 2.0", change_version},
};

static void check_hidden(void **state)
{
    const struct hidden_case *row = *state;
    struct tc_jarm jarm = {0};
    struct tc_flight flight;
    read_answer(&flight, "c02b|0303|h2|0000-ff01");
    row->change(&flight);
    for (unsigned i = 0; i < TC_JARM_PROBES; i++) {
        tc_jarm_note(&jarm, i, &flight);
    }
    check_result(&jarm, ZEROS);
}

/* The suites in the order of their numbers, which are those that are offered. */
static void check_numbers(void **state)
{
    (void)state;
    static const uint16_t k_suites[] = {
        0x0004, 0x0005, 0x0007, 0x000a, 0x0016, 0x002f, 0x0033, 0x0035, 0x0039, 0x003c,
        0x003d, 0x0041, 0x0045, 0x0067, 0x006b, 0x0084, 0x0088, 0x009a, 0x009c, 0x009d,
        0x009e, 0x009f, 0x00ba, 0x00be, 0x00c0, 0x00c4, 0xc007, 0xc008, 0xc009, 0xc00a,
        0xc011, 0xc012, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c,
        0xc02f, 0xc030, 0xc060, 0xc061, 0xc072, 0xc073, 0xc076, 0xc077, 0xc09c, 0xc09d,
        0xc09e, 0xc09f, 0xc0a0, 0xc0a1, 0xc0a2, 0xc0a3, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af,
        0xcc13, 0xcc14, 0xcca8, 0xcca9, 0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    for (unsigned i = 0; i < TC_ARRAY_LEN(k_suites); i++) {
        struct tc_jarm jarm = {0};
        struct tc_flight flight;
        char expected[3];
        char text[TC_JARM_CHARS + 1];
        read_answer(&flight, "|||");
        for (unsigned probe = 0; probe < TC_JARM_PROBES; probe++) {
            tc_jarm_note(&jarm, probe, &flight);
        }
        flight.has_hello = true;
        flight.legacy_version = 0x0303;
        flight.suite = k_suites[i];
        tc_jarm_note(&jarm, 0, &flight);
        assert_true(tc_jarm_result(&jarm, text));
        (void)snprintf(expected, sizeof expected, "%02x", i + 1);
        assert_memory_equal(text, expected, 2);
    }
}

/* A probe that is asked again, because its connection broke, may be noted again. */
static void check_noted_again(void **state)
{
    (void)state;
    struct tc_jarm jarm = {0};
    struct tc_flight flight;
    read_answer(&flight, "|||");
    for (unsigned i = 0; i < TC_JARM_PROBES; i++) {
        tc_jarm_note(&jarm, i, &flight);
    }
    read_answer(&flight, "1305|0303||");
    tc_jarm_note(&jarm, 0, &flight);
    check_result(&jarm, jarm_cases[4].jarm);
    read_answer(&flight, "|||");
    tc_jarm_note(&jarm, 0, &flight);
    check_result(&jarm, ZEROS);
}

/* The widest answer: every extension, the longest protocol. */
static void check_widest(void **state)
{
    (void)state;
    struct tc_jarm jarm = {0};
    struct tc_flight flight;
    memset(&flight, 0xff, sizeof flight);
    flight.has_hello = true;
    flight.legacy_version = 0x0303;
    flight.suite = 0xffff;
    flight.num_warnings = 0;
    flight.num_extensions = TC_FLIGHT_MAX_EXTENSIONS;
    memset(flight.alpn, 'a', sizeof flight.alpn);
    flight.alpn[sizeof flight.alpn - 1] = '\0';
    for (unsigned i = 0; i < TC_JARM_PROBES; i++) {
        tc_jarm_note(&jarm, i, &flight);
    }
    char text[TC_JARM_CHARS + 1];
    char ja3s[TC_JA3S_CHARS + 1];
    assert_true(tc_jarm_result(&jarm, text));
    assert_int_equal(strlen(text), TC_JARM_CHARS);
    assert_memory_equal(text, "46d46d46d46d46d46d46d46d46d46d", 30);
    assert_true(tc_ja3s(&flight, ja3s));
    assert_int_equal(strlen(ja3s), TC_JA3S_CHARS);
}

/*
 * What stands in each probe of JARM 1.0: versions of record and hello, suites (how many, GREASE not
 * counted; the first four; the last), extensions, protocols and versions in their order. "G" is any
 * GREASE value.
 */
static struct hello_case {
    const char *name;
    uint16_t record_version;
    uint16_t legacy_version;
    const char *suites;
    const char *extensions;
    const char *protocols;
    const char *versions;
} hello_cases[TC_JARM_PROBES] = {
#define EXTENSIONS "0000 0017 0001 ff01 000a 000b 0023 0010 000d 0033 002d"
#define FULL       "http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 h2 h2c hq"
#define FULL_BACK  "hq h2c h2 spdy/3 spdy/2 spdy/1 http/1.1 http/1.0 http/0.9"
#define RARE       "http/0.9 http/1.0 spdy/1 spdy/2 spdy/3 h2c hq"
#define RARE_BACK  "hq h2c spdy/3 spdy/2 spdy/1 http/1.0 http/0.9"
    {"probe 1", 0x0303, 0x0303, "69: 0016 0033 0067 c09e 0005", EXTENSIONS " 002b", FULL_BACK,
     "0303 0302 0301"},
    {"probe 2", 0x0303, 0x0303, "69: 0005 0004 0007 00c0 0016", EXTENSIONS " 002b", FULL,
     "0301 0302 0303"},
    {"probe 3", 0x0303, 0x0303, "35: c012 c007 cc14 1301 0016", EXTENSIONS, FULL, ""},
    {"probe 4", 0x0303, 0x0303, "34: c013 c027 c02f c014 0005", EXTENSIONS, RARE, ""},
    {"probe 5", 0x0303, 0x0303, "69: G c012 c013 c007 c027 0016", "G " EXTENSIONS, RARE_BACK, ""},
    {"probe 6", 0x0302, 0x0302, "69: 0016 0033 0067 c09e 0005", EXTENSIONS, FULL, ""},
    {"probe 7", 0x0301, 0x0303, "69: 0016 0033 0067 c09e 0005", EXTENSIONS " 002b", FULL_BACK,
     "0304 0303 0302 0301"},
    {"probe 8", 0x0301, 0x0303, "69: 0005 0004 0007 00c0 0016", EXTENSIONS " 002b", FULL,
     "0301 0302 0303 0304"},
    {"probe 9", 0x0301, 0x0303, "64: 0016 0033 0067 c09e 0005", EXTENSIONS " 002b", FULL,
     "0301 0302 0303 0304"},
    {"probe 10", 0x0301, 0x0303, "69: G c012 c013 c007 c027 0016", "G " EXTENSIONS " 002b",
     FULL_BACK, "G 0304 0303 0302 0301"},
};

static bool is_grease(unsigned value)
{
    return (value & 0x0f0fU) == 0x0a0aU && value >> 8 == (value & 0xffU);
}

static void add_word(char *out, size_t capacity, unsigned value)
{
    size_t len = strlen(out);
    const char *gap = len > 0 && out[len - 1] != ' ' ? " " : "";
    if (is_grease(value)) {
        (void)snprintf(out + len, capacity - len, "%sG", gap);
    } else {
        (void)snprintf(out + len, capacity - len, "%s%04x", gap, value);
    }
}

static void describe_suites(const struct tc_hello *hello, char *out, size_t capacity)
{
    bool greases = is_grease(hello->suites[0]);
    (void)snprintf(out, capacity, "%zu: ", hello->num_suites - (greases ? 1 : 0));
    for (size_t i = 0; i < (greases ? 5U : 4U); i++) {
        add_word(out, capacity, hello->suites[i]);
    }
    add_word(out, capacity, hello->suites[hello->num_suites - 1]);
}

struct described {
    char extensions[256];
    char protocols[256];
    char versions[256];
    size_t key_share_len;
};

/* What never changes; the name is that of check_hello(). */
static const struct fixed_body {
    unsigned type;
    const char *hex;
} k_fixed_bodies[] = {
    {0x0000, "000c 00 0009 3139322e302e322e37"},
    {0x0017, ""},
    {0x0001, "01"},
    {0xff01, "00"},
    {0x000a, "0008 001d 0017 0018 0019"},
    {0x000b, "01 00"},
    {0x0023, ""},
    {0x000d, "0012 0403 0804 0401 0503 0805 0501 0806 0601 0201"},
    {0x002d, "01 01"},
};

static void check_fixed_body(unsigned type, const uint8_t *body, size_t len)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_fixed_bodies); i++) {
        uint8_t expected[64];
        if (k_fixed_bodies[i].type == type) {
            assert_int_equal(len, hex_read(expected, sizeof expected, k_fixed_bodies[i].hex));
            assert_memory_equal(body, expected, len);
        }
    }
}

static void describe_body(struct described *described, unsigned type, const uint8_t *body,
                          size_t len)
{
    if (type == TC_EXTENSION_ALPN) {
        for (size_t at = 2; at < len; at += 1U + body[at]) {
            size_t used = strlen(described->protocols);
            (void)snprintf(described->protocols + used, sizeof described->protocols - used,
                           "%s%.*s", used > 0 ? " " : "", body[at], (const char *)body + at + 1);
        }
    } else if (type == TC_EXTENSION_SUPPORTED_VERSIONS) {
        for (size_t at = 1; at + 1 < len; at += 2) {
            add_word(described->versions, sizeof described->versions,
                     (unsigned)body[at] << 8 | body[at + 1]);
        }
    } else if (type == TC_EXTENSION_KEY_SHARE) {
        described->key_share_len = len;
        if (len == 2 + 5 + 36) { /* GREASE first: a share of one byte, 0 */
            assert_true(is_grease((unsigned)body[2] << 8 | body[3]));
            assert_int_equal(body[6], 0);
        }
    }
}

static void describe(struct described *described, const struct tc_hello *hello)
{
    memset(described, 0, sizeof *described);
    for (size_t at = 0; at + 4 <= hello->extensions_len;) {
        const uint8_t *extension = hello->extensions + at;
        unsigned type = (unsigned)extension[0] << 8 | extension[1];
        size_t len = (size_t)extension[2] << 8 | extension[3];
        add_word(described->extensions, sizeof described->extensions, type);
        describe_body(described, type, extension + 4, len);
        check_fixed_body(type, extension + 4, len);
        at += 4 + len;
    }
}

static void check_hello(void **state)
{
    const struct hello_case *row = *state;
    unsigned index = (unsigned)(row - hello_cases);
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct tc_hello hello;
        struct described described;
        char suites[64];
        uint8_t out[TC_HELLO_MAX_BYTES];
        size_t len = 0;
        tc_jarm_hello(&hello, index, "192.0.2.7", seed);
        assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_OK);
        assert_int_equal(hello.record_version, row->record_version);
        assert_int_equal(hello.legacy_version, row->legacy_version);
        assert_int_equal(hello.session_id_len, 32);
        assert_false(hello.offers_compression);
        describe_suites(&hello, suites, sizeof suites);
        assert_string_equal(suites, row->suites);
        describe(&described, &hello);
        assert_string_equal(described.extensions, row->extensions);
        assert_string_equal(described.protocols, row->protocols);
        assert_string_equal(described.versions, row->versions);
        /* A list of X25519's share, and before it one byte for GREASE. */
        assert_int_equal(described.key_share_len, row->suites[4] == 'G' ? 2 + 5 + 36 : 2 + 36);
    }
}

static void check_hello_seed(void **state)
{
    (void)state;
    uint8_t outs[3][TC_HELLO_MAX_BYTES];
    size_t lens[3] = {0};
    static const uint64_t k_seeds[] = {7, 7, 8};
    for (size_t i = 0; i < 3; i++) {
        struct tc_hello hello;
        tc_jarm_hello(&hello, 9, "a.example", k_seeds[i]);
        assert_int_equal(tc_hello_write(&hello, outs[i], sizeof outs[i], &lens[i]), TC_OK);
    }
    assert_int_equal(lens[0], lens[1]);
    assert_memory_equal(outs[0], outs[1], lens[0]);
    assert_int_equal(lens[0], lens[2]);
    assert_memory_not_equal(outs[0], outs[2], lens[0]);
}

/* Hosts that no hello can name. */
static void check_bad_hosts(void **state)
{
    (void)state;
    char host[TC_HELLO_EXTENSIONS_BYTES];
    const char *const hosts[] = {"", host};
    memset(host, 'a', sizeof host);
    host[sizeof host - 1] = '\0';
    for (size_t i = 0; i < TC_ARRAY_LEN(hosts); i++) {
        struct tc_hello hello;
        uint8_t out[TC_HELLO_MAX_BYTES];
        size_t len = 0;
        tc_jarm_hello(&hello, 0, hosts[i], 7);
        assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_ERR_LIMIT);
    }
}

/*
 * The second is what Wireshark and Suricata print for servers of TLS 1.3, the first and the third
 * stand in tests of a user of zcrypto; the others are `printf 768,5, | md5sum` and the like.
 */
static struct ja3s_case {
    const char *name;
    const char *answer;
    const char *ja3s; /* NULL: none */
} ja3s_cases[] = {
    {"JA3S: TLS 1.2", "cca9|0303|h2|0000-ff01-000b-0010", "7f76f3e952a1bc7d407366fafe1db7ed"},
    {"JA3S: TLS 1.3", "1301|0303||0033-002b", "eb1d94daa7e0344597e756a1fb6e7054"},
    {"JA3S: no extensions", "1301|0303||", "e8c07683aecf9b16e8e33f10a5161e4e"},
    {"JA3S: SSL 3.0", "0005|0300||", "09dc4beaf549afb0edb5ed50da347005"},
    {"JA3S: one extension", "002f|0301||ff01", "4192c0a946c5bd9b544b4656d9f624a4"},
    {"JA3S: no hello", "|||", NULL},
    {"JA3S: SSL 2.0", "0080|0002||", NULL},
};

static void check_ja3s(void **state)
{
    const struct ja3s_case *row = *state;
    struct tc_flight flight;
    char text[TC_JA3S_CHARS + 2];
    memset(text, 'x', sizeof text);
    read_answer(&flight, row->answer);
    assert_int_equal(tc_ja3s(&flight, text), row->ja3s != NULL);
    assert_int_equal(text[TC_JA3S_CHARS + 1], 'x');
    if (row->ja3s != NULL) {
        assert_string_equal(text, row->ja3s);
    } else {
        assert_int_equal(text[0], 'x');
    }
}

#define NUM_TESTS                                                                                  \
    (TC_ARRAY_LEN(jarm_cases) + TC_ARRAY_LEN(hidden_cases) + TC_JARM_PROBES +                      \
     TC_ARRAY_LEN(ja3s_cases))

int main(void)
{
    struct CMUnitTest tests[5 + NUM_TESTS] = {
        cmocka_unit_test(check_numbers),   cmocka_unit_test(check_noted_again),
        cmocka_unit_test(check_widest),    cmocka_unit_test(check_hello_seed),
        cmocka_unit_test(check_bad_hosts),
    };
    size_t num = 5;
    ADD_ROWS(jarm_cases, check_jarm)
    ADD_ROWS(hidden_cases, check_hidden)
    ADD_ROWS(hello_cases, check_hello)
    ADD_ROWS(ja3s_cases, check_ja3s)
    return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
