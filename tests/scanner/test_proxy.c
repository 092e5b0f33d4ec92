/* What is said to a proxy, and what its answers come to. */
#include "test_support.h"

#include <stdio.h>
#include <string.h>

#include "scanner/proxy.h"

#define BYTES(text) text, sizeof(text) - 1

struct turn { /* what the proxy says, and what we are to have said before */
    const char *sent;
    size_t sent_len;
    const char *answer;
    size_t answer_len;
};

static struct dialogue_case {
    const char *title;
    enum tc_proxy_kind kind;
    const char *user;
    const char *password;
    const char *host;
    uint16_t port;
    struct turn turns[3];
    enum tc_proxy_step step;
    enum tc_outcome outcome;
    const char *detail; /* what it must contain */
    const char *leftover;
} k_dialogues[] = {
    {"CONNECT to a name",
     TC_PROXY_HTTP,
     "",
     "",
     "www.example.org",
     443,
     {{BYTES("CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n"),
       BYTES("HTTP/1.1 200 Connection established\r\n\r\n")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     ""},
    {"CONNECT to an IPv6 address, with Basic",
     TC_PROXY_HTTP,
     "Aladdin",
     "open sesame",
     "2001:db8::1",
     8443,
     {{BYTES("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n"
             "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"),
       BYTES("HTTP/1.0 200\nVia: x\n\n")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     ""},
    {"what follows the head is the peer's, whatever Content-Length says",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     25,
     {{NULL, 0, BYTES("HTTP/1.1 204 ok\r\nContent-Length: 5\r\n\r\n220 mail.test\r\n")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     "220 mail.test\r\n"},
    {"an interim answer comes first",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 ok\r\n\r\nX")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     "X"},
    {"403 is the network's no",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 403 Forbidden by policy\r\n\r\n<html>")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_UNREACHABLE,
     "403 Forbidden by policy",
     NULL},
    {"407 tells what to give",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "give user and password",
     NULL},
    {"502",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 502 Bad\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_UNREACHABLE,
     "502 Bad",
     NULL},
    {"503 without words",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 503\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_UNREACHABLE,
     "answered 503",
     NULL},
    {"504",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 504 Timeout\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_CONNECT_TIMEOUT,
     "504 Timeout",
     NULL},
    {"405 comes from no proxy",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 405 Not Allowed\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "405",
     NULL},
    {"control characters in the words",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 500 a\x1b[31mb\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_UNREACHABLE,
     "500 a.[31mb",
     NULL},
    {"a redirect is no tunnel",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_UNREACHABLE,
     "302",
     NULL},
    {"not HTTP is seen at the first byte",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("\x15\x03\x03")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not HTTP",
     NULL},
    {"HTTP/2 in text is not HTTP/1",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/2.0 200 ok\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not HTTP",
     NULL},
    {"a code of two digits",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 20 ok\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not HTTP",
     NULL},
    {"a code of four digits",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 2000 ok\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not HTTP",
     NULL},
    {"code 999",
     TC_PROXY_HTTP,
     "",
     "",
     "h",
     443,
     {{NULL, 0, BYTES("HTTP/1.1 999 ok\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not HTTP",
     NULL},

    {"SOCKS to a name, no password",
     TC_PROXY_SOCKS5,
     "",
     "",
     "ab.test",
     443,
     {{BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
      {BYTES("\x05\x01\x00\x03\x07"
             "ab.test\x01\xbb"),
       BYTES("\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x20peer")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     "peer"},
    {"SOCKS to an IPv4 address, bound to IPv6",
     TC_PROXY_SOCKS5,
     "",
     "",
     "192.0.2.1",
     8443,
     {{BYTES("\x05\x01\x00"), BYTES("\x05\x00")},
      {BYTES("\x05\x01\x00\x01\xc0\x00\x02\x01\x20\xfb"), BYTES("\x05\x00\x00\x04"
                                                                "0123456789abcdef\x00\x01Q")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     "Q"},
    {"SOCKS to an IPv6 address, with a password, bound to a name",
     TC_PROXY_SOCKS5,
     "me",
     "pw",
     "2001:db8::1",
     1,
     {{BYTES("\x05\x02\x00\x02"), BYTES("\x05\x02")},
      {BYTES("\x01\x02me\x02pw"), BYTES("\x01\x00")},
      {BYTES("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x01"),
       BYTES("\x05\x00\x00\x03\x03xyz\x00\x50R")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     "R"},
    {"SOCKS: a proxy that needs no password after all",
     TC_PROXY_SOCKS5,
     "me",
     "pw",
     "h",
     1,
     {{BYTES("\x05\x02\x00\x02"), BYTES("\x05\x00")},
      {BYTES("\x05\x01\x00\x03\x01h\x00\x01"), BYTES("\x05\x05\x00\x01\x00")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_REFUSED,
     "connection refused",
     NULL},
    {"SOCKS: bound to an empty name",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\x00")}, {NULL, 0, BYTES("\x05\x00\x00\x03\x00\x00\x50")}},
     TC_PROXY_DONE,
     TC_OUTCOME_OK,
     "",
     ""},
    {"SOCKS: it wants a password",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\xff")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "give them in --proxy",
     NULL},
    {"SOCKS: it wants another way",
     TC_PROXY_SOCKS5,
     "me",
     "pw",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\xff")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "none of our ways",
     NULL},
    {"SOCKS: a way that was not offered",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\x02")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "none of our ways",
     NULL},
    {"SOCKS: a wrong password",
     TC_PROXY_SOCKS5,
     "me",
     "no",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\x02")}, {NULL, 0, BYTES("\x01\x01")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "refused user or password",
     NULL},
    {"SOCKS 4 is seen at the first byte",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x00")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not SOCKS 5",
     NULL},
    {"SOCKS: a web server answers",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("HTTP/1.1 400 Bad Request\r\n\r\n")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not SOCKS 5",
     NULL},
    {"SOCKS: a reply of another version",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\x00")}, {NULL, 0, BYTES("\x04")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "not SOCKS 5",
     NULL},
    {"SOCKS: bound to an unknown type",
     TC_PROXY_SOCKS5,
     "",
     "",
     "h",
     1,
     {{NULL, 0, BYTES("\x05\x00")}, {NULL, 0, BYTES("\x05\x00\x00\x09\x00")}},
     TC_PROXY_FAILED,
     TC_OUTCOME_LOCAL_ERROR,
     "unknown type 9",
     NULL},
};

static void open_dialogue(struct tc_proxy_dialogue *dialogue, struct tc_proxy *proxy,
                          const struct dialogue_case *row)
{
    memset(proxy, 0, sizeof *proxy);
    proxy->kind = row->kind;
    snprintf(proxy->user, sizeof proxy->user, "%s", row->user);
    snprintf(proxy->password, sizeof proxy->password, "%s", row->password);
    assert_int_equal(tc_proxy_dialogue_init(dialogue, proxy, row->host, row->port), TC_OK);
}

/* Plays a dialogue with answers cut into pieces of `piece` bytes. */
static void play(const struct dialogue_case *row, size_t piece)
{
    struct tc_proxy proxy;
    struct tc_proxy_dialogue dialogue;
    enum tc_proxy_step step = TC_PROXY_MORE;
    open_dialogue(&dialogue, &proxy, row);
    for (size_t i = 0; i < TC_ARRAY_LEN(row->turns) && row->turns[i].answer != NULL; i++) {
        const struct turn *turn = &row->turns[i];
        size_t len = 0;
        size_t at = 0;
        const uint8_t *output = tc_proxy_dialogue_output(&dialogue, &len);
        assert_true(len > 0);
        if (turn->sent != NULL) {
            assert_int_equal(len, turn->sent_len);
            assert_memory_equal(output, turn->sent, len);
        }
        tc_proxy_dialogue_sent(&dialogue, 1); /* a socket may take less than all */
        tc_proxy_dialogue_sent(&dialogue, len - 1);
        while (step == TC_PROXY_MORE && at < turn->answer_len) {
            size_t used = 0;
            size_t give = turn->answer_len - at < piece ? turn->answer_len - at : piece;
            step =
                tc_proxy_dialogue_input(&dialogue, &used, (const uint8_t *)turn->answer + at, give);
            assert_true(used <= give);
            assert_true(step != TC_PROXY_MORE || used == give);
            at += used;
        }
        if (step == TC_PROXY_DONE) {
            assert_string_equal(turn->answer + at, row->leftover);
        }
    }
    assert_int_equal(step, row->step);
    if (step == TC_PROXY_FAILED) {
        assert_string_equal(tc_outcome_str(dialogue.outcome), tc_outcome_str(row->outcome));
        if (strstr(dialogue.detail, row->detail) == NULL) {
            fail_msg("detail is \"%s\"", dialogue.detail);
        }
    }
}

static void check_dialogue(void **state)
{
    play(*state, 1);
    play(*state, 3);
    play(*state, 100000);
}

/* However the proxy ends early, it is a failure with words. */
static void closing_early_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_dialogues); i++) {
        struct tc_proxy proxy;
        struct tc_proxy_dialogue dialogue;
        size_t used = 0;
        open_dialogue(&dialogue, &proxy, &k_dialogues[i]);
        (void)tc_proxy_dialogue_input(&dialogue, &used,
                                      (const uint8_t *)k_dialogues[i].turns[0].answer, 1);
        assert_int_equal(tc_proxy_dialogue_end(&dialogue), TC_PROXY_FAILED);
        assert_true(dialogue.detail[0] != '\0');
        assert_int_equal(tc_proxy_dialogue_input(&dialogue, &used, (const uint8_t *)"x", 1),
                         TC_PROXY_FAILED);
        assert_int_equal(used, 0);
    }
}

static void every_socks_code_has_an_outcome(void **state)
{
    static const enum tc_outcome outcomes[] = {
        [1] = TC_OUTCOME_UNREACHABLE, [2] = TC_OUTCOME_UNREACHABLE, [3] = TC_OUTCOME_UNREACHABLE,
        [4] = TC_OUTCOME_UNREACHABLE, [5] = TC_OUTCOME_REFUSED,     [6] = TC_OUTCOME_UNREACHABLE,
        [7] = TC_OUTCOME_LOCAL_ERROR, [8] = TC_OUTCOME_LOCAL_ERROR, [9] = TC_OUTCOME_UNREACHABLE,
    };
    const struct tc_proxy proxy = {.kind = TC_PROXY_SOCKS5};
    (void)state;
    for (unsigned code = 1; code < 256; code++) {
        struct tc_proxy_dialogue dialogue;
        const uint8_t bytes[] = {5, 0, 5, (uint8_t)code, 0, 1, 0};
        size_t used = 0;
        assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, "h", 1), TC_OK);
        assert_int_equal(tc_proxy_dialogue_input(&dialogue, &used, bytes, sizeof bytes),
                         TC_PROXY_FAILED);
        assert_int_equal(dialogue.outcome, outcomes[code < 9 ? code : 9]);
    }
}

static void an_endless_head_is_cut(void **state)
{
    const struct tc_proxy proxy = {.kind = TC_PROXY_HTTP};
    struct tc_proxy_dialogue dialogue;
    uint8_t bytes[1000];
    enum tc_proxy_step step = TC_PROXY_MORE;
    size_t total = 0;
    size_t used = 0;
    (void)state;
    assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, "h", 1), TC_OK);
    step = tc_proxy_dialogue_input(&dialogue, &used, (const uint8_t *)"HTTP/1.1 200 ", 13);
    memset(bytes, 'a', sizeof bytes);
    while (step == TC_PROXY_MORE && total < 100000) {
        step = tc_proxy_dialogue_input(&dialogue, &used, bytes, sizeof bytes);
        total += sizeof bytes;
    }
    assert_int_equal(step, TC_PROXY_FAILED);
    assert_int_equal(dialogue.outcome, TC_OUTCOME_LIMIT_EXCEEDED);
}

static void the_longest_of_all_fits(void **state)
{
    struct tc_proxy proxy;
    struct tc_proxy_dialogue dialogue;
    char host[257];
    size_t len = 0;
    (void)state;
    memset(&proxy, 0, sizeof proxy);
    memset(proxy.user, 'u', sizeof proxy.user - 1);
    memset(proxy.password, 'p', sizeof proxy.password - 1);
    memset(host, 'h', sizeof host);
    host[255] = '\0';
    proxy.kind = TC_PROXY_HTTP;
    assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, host, 65535), TC_OK);
    const uint8_t *output = tc_proxy_dialogue_output(&dialogue, &len);
    assert_memory_equal(output + len - 4, "\r\n\r\n", 4);
    proxy.kind = TC_PROXY_SOCKS5;
    size_t used = 0;
    assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, host, 65535), TC_OK);
    assert_int_equal(
        tc_proxy_dialogue_input(&dialogue, &used, (const uint8_t *)"\x05\x02\x01\x00", 4),
        TC_PROXY_MORE); /* without our having sent: all three outputs lie in the buffer */
    host[255] = 'h';
    host[256] = '\0';
    assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, host, 1), TC_ERR_RANGE);
}

static void hosts_that_could_change_the_request(void **state)
{
    static const char *const hosts[] = {"",      "a b", "a\r\nX: y", "a/b",   "a:b",
                                        "[::1]", "a@b", "h\xc3\xa4", "::1%lo"};
    const struct tc_proxy proxy = {.kind = TC_PROXY_HTTP};
    struct tc_proxy_dialogue dialogue;
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(hosts); i++) {
        assert_int_equal(tc_proxy_dialogue_init(&dialogue, &proxy, hosts[i], 1), TC_ERR_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_early_is_told),
        cmocka_unit_test(every_socks_code_has_an_outcome),
        cmocka_unit_test(an_endless_head_is_cut),
        cmocka_unit_test(the_longest_of_all_fits),
        cmocka_unit_test(hosts_that_could_change_the_request),
    };
    struct CMUnitTest dialogues[TC_ARRAY_LEN(k_dialogues)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_dialogues); i++) {
        dialogues[i].name = k_dialogues[i].title;
        dialogues[i].test_func = check_dialogue;
        dialogues[i].initial_state = &k_dialogues[i];
    }
    int failed = cmocka_run_group_tests_name("proxy_dialogue", dialogues, NULL, NULL);
    return failed + cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
