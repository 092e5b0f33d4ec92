#include "proxy.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/base64.h>

#include "address.h"

/* An answer's head larger than this is no proxy's. */
#define HEAD_MAX_BYTES 16384U

/* RFC 1928, RFC 1929 */
enum {
    SOCKS_VERSION = 5,
    SOCKS_METHOD_NONE = 0,
    SOCKS_METHOD_PASSWORD = 2,
    SOCKS_NO_METHOD = 0xff,
    SOCKS_PASSWORD_VERSION = 1,
    SOCKS_CONNECT = 1,
    SOCKS_IPV4 = 1,
    SOCKS_DOMAIN = 3,
    SOCKS_IPV6 = 4,
    SOCKS_REPLY_HEAD = 5 /* up to the first octet of the bound address, which may be its length */
};

enum dialogue_state {
    STATE_HTTP_HEAD = 0,
    STATE_SOCKS_METHOD, /* which way to say who we are */
    STATE_SOCKS_PASSWORD,
    STATE_SOCKS_REPLY,
    STATE_DONE,
    STATE_FAILED
};

static enum tc_proxy_step fail(struct tc_proxy_dialogue *dialogue, enum tc_outcome outcome,
                               const char *format, ...) TC_PRINTF(3, 4);

static enum tc_proxy_step fail(struct tc_proxy_dialogue *dialogue, enum tc_outcome outcome,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(dialogue->detail, sizeof dialogue->detail, format, arguments);
    va_end(arguments);
    dialogue->outcome = outcome;
    dialogue->state = STATE_FAILED;
    return TC_PROXY_FAILED;
}

static void output_bytes(struct tc_proxy_dialogue *dialogue, const void *bytes, size_t len)
{
    assert(len <= sizeof dialogue->output - dialogue->output_len); /* see TC_PROXY_OUTPUT_MAX */
    memcpy(dialogue->output + dialogue->output_len, bytes, len);
    dialogue->output_len += len;
}

static void output_text(struct tc_proxy_dialogue *dialogue, const char *text)
{
    output_bytes(dialogue, text, strlen(text));
}

static void output_octet(struct tc_proxy_dialogue *dialogue, uint8_t octet)
{
    output_bytes(dialogue, &octet, 1);
}

/* RFC 7617: Basic and base64 of user:password. */
static void output_basic(struct tc_proxy_dialogue *dialogue)
{
    char plain[sizeof dialogue->proxy->user + sizeof dialogue->proxy->password + 1];
    uint8_t encoded[(sizeof plain + 2) / 3 * 4 + 1];
    int len =
        snprintf(plain, sizeof plain, "%s:%s", dialogue->proxy->user, dialogue->proxy->password);
    assert(len > 0 && (size_t)len < sizeof plain);
    size_t encoded_len = EVP_EncodeBlock(encoded, (const uint8_t *)plain, (size_t)len);
    output_text(dialogue, "Proxy-Authorization: Basic ");
    output_bytes(dialogue, encoded, encoded_len);
    output_text(dialogue, "\r\n");
}

/* RFC 9110 section 9.3.6: host and port twice, as the target and as Host. */
static void begin_http(struct tc_proxy_dialogue *dialogue)
{
    char authority[sizeof dialogue->host + 10];
    bool is_ipv6 = strchr(dialogue->host, ':') != NULL;
    snprintf(authority, sizeof authority, "%s%s%s:%u", is_ipv6 ? "[" : "", dialogue->host,
             is_ipv6 ? "]" : "", (unsigned)dialogue->port);
    output_text(dialogue, "CONNECT ");
    output_text(dialogue, authority);
    output_text(dialogue, " HTTP/1.1\r\nHost: ");
    output_text(dialogue, authority);
    output_text(dialogue, "\r\n");
    if (dialogue->proxy->user[0] != '\0' || dialogue->proxy->password[0] != '\0') {
        output_basic(dialogue);
    }
    output_text(dialogue, "\r\n");
    dialogue->state = STATE_HTTP_HEAD;
}

/* RFC 1928 section 3. The password way is offered only when there is a password to give. */
static void begin_socks(struct tc_proxy_dialogue *dialogue)
{
    bool has_password = dialogue->proxy->user[0] != '\0';
    output_octet(dialogue, SOCKS_VERSION);
    output_octet(dialogue, has_password ? 2 : 1);
    output_octet(dialogue, SOCKS_METHOD_NONE);
    if (has_password) {
        output_octet(dialogue, SOCKS_METHOD_PASSWORD);
    }
    dialogue->state = STATE_SOCKS_METHOD;
}

/*
 * Letters of names and addresses. Anything else could end the request's line and begin another:
 * hosts come from lists that strangers may have written.
 */
static bool is_host(const char *host)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:";
    size_t len = strlen(host);
    return len > 0 && len <= 255 && strspn(host, letters) == len;
}

enum tc_status tc_proxy_dialogue_init(struct tc_proxy_dialogue *dialogue,
                                      const struct tc_proxy *proxy, const char *host, uint16_t port)
{
    struct tc_address address;
    if (!is_host(host) || (strchr(host, ':') != NULL && !tc_address_parse(&address, host))) {
        return TC_ERR_RANGE;
    }
    memset(dialogue, 0, sizeof *dialogue);
    dialogue->proxy = proxy;
    dialogue->port = port;
    memcpy(dialogue->host, host, strlen(host) + 1);
    if (proxy->kind == TC_PROXY_HTTP) {
        begin_http(dialogue);
    } else {
        begin_socks(dialogue);
    }
    return TC_OK;
}

const uint8_t *tc_proxy_dialogue_output(const struct tc_proxy_dialogue *dialogue, size_t *out_len)
{
    *out_len = dialogue->output_len - dialogue->output_sent;
    return dialogue->output + dialogue->output_sent;
}

void tc_proxy_dialogue_sent(struct tc_proxy_dialogue *dialogue, size_t len)
{
    assert(len <= dialogue->output_len - dialogue->output_sent);
    dialogue->output_sent += len;
    if (dialogue->output_sent == dialogue->output_len) {
        dialogue->output_sent = 0;
        dialogue->output_len = 0;
    }
}

/* Status codes that say more than their first digit (RFC 9110 section 15). */
static enum tc_outcome http_outcome(unsigned code)
{
    switch (code) {
    case 400: /* the proxy does not take our request, or is none: our own configuration */
    case 401:
    case 405:
    case 407:
    case 501:
    case 505:
        return TC_OUTCOME_LOCAL_ERROR;
    case 504:
        return TC_OUTCOME_CONNECT_TIMEOUT;
    default: /* 403 by its rules, 502 and 503 by the network; the words tell which */
        return TC_OUTCOME_UNREACHABLE;
    }
}

/* "HTTP/1.1 200 Connection established" (RFC 9112 section 4); 0 where it is none. */
static unsigned http_status_code(const struct tc_proxy_dialogue *dialogue)
{
    const uint8_t *line = dialogue->line;
    static const size_t code_at = sizeof "HTTP/1.1 " - 1;
    unsigned code = 0;
    if (dialogue->line_len < code_at + 3 || memcmp(line, "HTTP/1.", 7) != 0 ||
        (line[7] != '0' && line[7] != '1') || line[8] != ' ') {
        return 0;
    }
    for (size_t i = code_at; i < code_at + 3; i++) {
        if (line[i] < '0' || line[i] > '9') {
            return 0;
        }
        code = code * 10 + (unsigned)(line[i] - '0');
    }
    if (dialogue->line_len > code_at + 3 && line[code_at + 3] != ' ') {
        return 0;
    }
    return code >= 100 && code < 600 ? code : 0;
}

/* The whole head is there: what does it say? */
static enum tc_proxy_step http_head_done(struct tc_proxy_dialogue *dialogue)
{
    unsigned code = http_status_code(dialogue);
    if (code == 0) {
        return fail(dialogue, TC_OUTCOME_LOCAL_ERROR, "the proxy's answer is not HTTP");
    }
    if (code < 200) { /* interim: another head follows */
        dialogue->line_len = 0;
        dialogue->head_newlines = 0;
        return TC_PROXY_MORE;
    }
    if (code < 300) {
        dialogue->state = STATE_DONE;
        return TC_PROXY_DONE;
    }
    /* The proxy's words, which are a stranger's: control characters become dots. */
    char words[TC_PROXY_LINE_MAX];
    size_t len = 0;
    static const size_t words_at = sizeof "HTTP/1.1 200 " - 1;
    for (size_t i = words_at; i < dialogue->line_len; i++) {
        uint8_t octet = dialogue->line[i];
        words[len++] = octet >= ' ' && octet < 0x7f ? (char)octet : '.';
    }
    while (len > 0 && words[len - 1] == ' ') {
        len--;
    }
    words[len] = '\0';
    return fail(dialogue, http_outcome(code), "the proxy answered %u%s%s%s", code,
                len > 0 ? " " : "", words,
                code == 407 ? " (give user and password in --proxy)" : "");
}

/*
 * Reads a head up to its empty line. Only the status line is kept: what follows is other headers,
 * and a 2xx answer to CONNECT has no body whatever they say.
 */
static enum tc_proxy_step http_input(struct tc_proxy_dialogue *dialogue, size_t *out_used,
                                     const uint8_t *bytes, size_t len)
{
    static const char magic[] = "HTTP/1.";
    bool first_line = dialogue->head_newlines == 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t octet = bytes[i];
        *out_used = i + 1;
        if (++dialogue->head_bytes > HEAD_MAX_BYTES) {
            return fail(dialogue, TC_OUTCOME_LIMIT_EXCEEDED,
                        "the proxy's answer has a head of more than %u bytes", HEAD_MAX_BYTES);
        }
        if (octet == '\n') {
            bool empty = dialogue->head_newlines == 2;
            dialogue->head_newlines = 2; /* at the start of a line after the first */
            if (empty && http_head_done(dialogue) != TC_PROXY_MORE) {
                return dialogue->state == STATE_DONE ? TC_PROXY_DONE : TC_PROXY_FAILED;
            }
            first_line = dialogue->head_newlines == 0;
        } else if (octet == '\r') {
            continue; /* RFC 9112 section 2.2: a line may end with a lone LF too */
        } else if (first_line) {
            if (dialogue->line_len < sizeof magic - 1 &&
                octet != (uint8_t)magic[dialogue->line_len]) {
                return fail(dialogue, TC_OUTCOME_LOCAL_ERROR, "the proxy's answer is not HTTP");
            }
            if (dialogue->line_len < sizeof dialogue->line - 1) {
                dialogue->line[dialogue->line_len++] = octet;
            }
        } else {
            dialogue->head_newlines = 1; /* inside a line */
        }
    }
    return TC_PROXY_MORE;
}

/* RFC 1928 section 4 */
static void output_socks_request(struct tc_proxy_dialogue *dialogue)
{
    struct tc_address address;
    output_octet(dialogue, SOCKS_VERSION);
    output_octet(dialogue, SOCKS_CONNECT);
    output_octet(dialogue, 0); /* reserved */
    if (tc_address_parse(&address, dialogue->host)) {
        output_octet(dialogue, address.len == TC_IPV4_BYTES ? SOCKS_IPV4 : SOCKS_IPV6);
        output_bytes(dialogue, address.octets, address.len);
    } else {
        size_t len = strlen(dialogue->host); /* at most 255: checked by init */
        output_octet(dialogue, SOCKS_DOMAIN);
        output_octet(dialogue, (uint8_t)len);
        output_bytes(dialogue, dialogue->host, len);
    }
    output_octet(dialogue, (uint8_t)(dialogue->port >> 8));
    output_octet(dialogue, (uint8_t)(dialogue->port & 0xff));
    dialogue->state = STATE_SOCKS_REPLY;
}

/* RFC 1929 section 2 */
static void output_socks_password(struct tc_proxy_dialogue *dialogue)
{
    size_t user_len = strlen(dialogue->proxy->user); /* both fit an octet: their arrays end there */
    size_t password_len = strlen(dialogue->proxy->password);
    output_octet(dialogue, SOCKS_PASSWORD_VERSION);
    output_octet(dialogue, (uint8_t)user_len);
    output_bytes(dialogue, dialogue->proxy->user, user_len);
    output_octet(dialogue, (uint8_t)password_len);
    output_bytes(dialogue, dialogue->proxy->password, password_len);
    dialogue->state = STATE_SOCKS_PASSWORD;
}

/* RFC 1928 section 6 */
static enum tc_proxy_step socks_refused(struct tc_proxy_dialogue *dialogue, uint8_t reply)
{
    static const struct {
        enum tc_outcome outcome;
        const char *words;
    } replies[] = {
        [1] = {TC_OUTCOME_UNREACHABLE, "general failure"},
        [2] = {TC_OUTCOME_UNREACHABLE, "not allowed by its rules"},
        [3] = {TC_OUTCOME_UNREACHABLE, "network unreachable"},
        [4] = {TC_OUTCOME_UNREACHABLE, "host unreachable"},
        [5] = {TC_OUTCOME_REFUSED, "connection refused"},
        [6] = {TC_OUTCOME_UNREACHABLE, "time to live expired on the way"},
        [7] = {TC_OUTCOME_LOCAL_ERROR, "command not supported"},
        [8] = {TC_OUTCOME_LOCAL_ERROR, "address type not supported"},
    };
    if (reply >= TC_ARRAY_LEN(replies)) {
        return fail(dialogue, TC_OUTCOME_UNREACHABLE, "the proxy answered: code %u",
                    (unsigned)reply);
    }
    return fail(dialogue, replies[reply].outcome, "the proxy answered: %s", replies[reply].words);
}

/* How long the answer of this state is, as far as can be told by now. */
static size_t socks_answer_len(const struct tc_proxy_dialogue *dialogue)
{
    if (dialogue->state != STATE_SOCKS_REPLY) {
        return 2;
    }
    if (dialogue->line_len < SOCKS_REPLY_HEAD || dialogue->line[1] != 0) {
        return SOCKS_REPLY_HEAD;
    }
    switch (dialogue->line[3]) {
    case SOCKS_IPV4:
        return 4 + TC_IPV4_BYTES + 2;
    case SOCKS_IPV6:
        return 4 + TC_IPV6_BYTES + 2;
    case SOCKS_DOMAIN:
        return 4 + 1 + (size_t)dialogue->line[4] + 2;
    default:
        return SOCKS_REPLY_HEAD; /* socks_answer() says what is wrong with it */
    }
}

static enum tc_proxy_step socks_method(struct tc_proxy_dialogue *dialogue)
{
    uint8_t method = dialogue->line[1];
    bool has_password = dialogue->proxy->user[0] != '\0';
    if (method == SOCKS_METHOD_NONE) {
        output_socks_request(dialogue);
        return TC_PROXY_MORE;
    }
    if (method == SOCKS_METHOD_PASSWORD && has_password) {
        output_socks_password(dialogue);
        return TC_PROXY_MORE;
    }
    return fail(dialogue, TC_OUTCOME_LOCAL_ERROR,
                method == SOCKS_NO_METHOD && !has_password
                    ? "the proxy wants a user and password; give them in --proxy"
                    : "the proxy takes none of our ways to log in");
}

/* One whole answer is in `line`. */
static enum tc_proxy_step socks_answer(struct tc_proxy_dialogue *dialogue)
{
    const uint8_t *line = dialogue->line;
    if (dialogue->state == STATE_SOCKS_PASSWORD) {
        if (line[0] != SOCKS_PASSWORD_VERSION || line[1] != 0) {
            return fail(dialogue, TC_OUTCOME_LOCAL_ERROR, "the proxy refused user or password");
        }
        output_socks_request(dialogue);
        return TC_PROXY_MORE;
    }
    if (line[0] != SOCKS_VERSION) {
        return fail(dialogue, TC_OUTCOME_LOCAL_ERROR, "the proxy's answer is not SOCKS 5");
    }
    if (dialogue->state == STATE_SOCKS_METHOD) {
        return socks_method(dialogue);
    }
    if (line[1] != 0) {
        return socks_refused(dialogue, line[1]);
    }
    if (line[3] != SOCKS_IPV4 && line[3] != SOCKS_IPV6 && line[3] != SOCKS_DOMAIN) {
        return fail(dialogue, TC_OUTCOME_LOCAL_ERROR,
                    "the proxy answered with an address of unknown type %u", (unsigned)line[3]);
    }
    dialogue->state = STATE_DONE;
    return TC_PROXY_DONE;
}

/* The octets of one answer at a time, so that what is the peer's stays untouched. */
static enum tc_proxy_step socks_input(struct tc_proxy_dialogue *dialogue, size_t *out_used,
                                      const uint8_t *bytes, size_t len)
{
    static_assert(sizeof dialogue->line >= SOCKS_REPLY_HEAD, "the head fits");
    enum tc_proxy_step step = TC_PROXY_MORE;
    while (step == TC_PROXY_MORE && *out_used < len) {
        if (dialogue->line_len < sizeof dialogue->line) { /* what a bound name has more, we skip */
            dialogue->line[dialogue->line_len] = bytes[*out_used];
        }
        dialogue->line_len++;
        (*out_used)++;
        if (dialogue->line_len == 1 && dialogue->state != STATE_SOCKS_PASSWORD &&
            dialogue->line[0] != SOCKS_VERSION) {
            step = fail(dialogue, TC_OUTCOME_LOCAL_ERROR, "the proxy's answer is not SOCKS 5");
        } else if (dialogue->line_len == socks_answer_len(dialogue)) {
            step = socks_answer(dialogue);
            dialogue->line_len = 0;
        }
    }
    return step;
}

enum tc_proxy_step tc_proxy_dialogue_input(struct tc_proxy_dialogue *dialogue, size_t *out_used,
                                           const uint8_t *bytes, size_t len)
{
    *out_used = 0;
    switch ((enum dialogue_state)dialogue->state) {
    case STATE_HTTP_HEAD:
        return http_input(dialogue, out_used, bytes, len);
    case STATE_SOCKS_METHOD:
    case STATE_SOCKS_PASSWORD:
    case STATE_SOCKS_REPLY:
        return socks_input(dialogue, out_used, bytes, len);
    case STATE_DONE:
        return TC_PROXY_DONE;
    case STATE_FAILED:
        break;
    }
    return TC_PROXY_FAILED;
}

enum tc_proxy_step tc_proxy_dialogue_end(struct tc_proxy_dialogue *dialogue)
{
    if (dialogue->state == STATE_FAILED) {
        return TC_PROXY_FAILED;
    }
    return fail(dialogue, TC_OUTCOME_UNREACHABLE,
                "the proxy closed the connection before the tunnel stood");
}
