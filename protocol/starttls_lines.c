/*
 * The protocols that talk in lines: SMTP (RFC 5321, RFC 3207), LMTP (RFC 2033), IMAP (RFC 9051),
 * POP3 (RFC 1939, RFC 2595), FTP (RFC 959, RFC 4217), NNTP (RFC 3977, RFC 4642), ManageSieve (RFC
 * 5804).
 */
#include "starttls_way.h"

#include <string.h>
#include <strings.h>

/* Without its line break. */
struct line {
    const uint8_t *bytes;
    size_t len;
    bool is_first; /* of the answer */
};

enum line_meaning {
    LINE_MORE = 0, /* the answer goes on */
    LINE_YES,
    LINE_NO,
    LINE_BYE,    /* a no of a server that hangs up */
    LINE_LATER,  /* the answer is that one will come */
    LINE_STRANGE /* no line of this protocol, or none that fits here */
};

/* One thing that we say and its answer. Steps are numbered by their place in the table. */
struct line_step {
    const char *command; /* NULL: the server speaks first; a % stands for our name */
    const char *awaited;
    const char *yes;     /* reply codes with a blank between, where there are codes */
    const char *offer;   /* must be among the lines of a yes; NULL: nothing */
    const char *other;   /* what else may be there; NULL: nothing */
    bool is_list;        /* a yes is followed by lines, and a single dot */
    uint8_t after_yes;   /* TLS_BEGINS, or the next step */
    uint8_t after_other; /* where `other` is offered alone */
    uint8_t after_no;    /* what is tried all the same; 0: it is refused */
};
#define TLS_BEGINS 0

struct line_protocol {
    struct tc_starttls_way way;
    const struct line_step *steps;
    enum line_meaning (*meaning)(const struct tc_starttls *dialogue, const struct line_step *step,
                                 const struct line *line);
    /* Whether the line says that `what` is offered. */
    bool (*offers)(const struct tc_starttls *dialogue, const struct line *line, const char *what);
    bool has_literals;
};

static const struct line_protocol *protocol_of(const struct tc_starttls *dialogue);

/* ---- words of a line ---- */

static bool is_word_end(const struct line *line, size_t at)
{
    return at == line->len || line->bytes[at] == ' ';
}

/* Whether the line begins with these words, in any case, as words of their own. */
static bool begins_with(const struct line *line, const char *words)
{
    size_t len = strlen(words);
    return line->len >= len && strncasecmp((const char *)line->bytes, words, len) == 0 &&
           is_word_end(line, len);
}

static struct line line_from(const struct line *line, size_t at)
{
    at = at < line->len ? at : line->len;
    return (struct line){.bytes = line->bytes + at, .len = line->len - at};
}

static bool has_word(struct line line, const char *word)
{
    while (line.len > 0) {
        if (begins_with(&line, word)) {
            return true;
        }
        const uint8_t *blank = memchr(line.bytes, ' ', line.len);
        if (blank == NULL) {
            return false;
        }
        line = line_from(&line, (size_t)(blank - line.bytes) + 1);
    }
    return false;
}

/* ---- answers with codes ---- */

static bool is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

#define CODE_LEN 3U

/* RFC 5321 section 4.2: three digits, and a blank, a hyphen or nothing. */
static bool has_code(const struct line *line)
{
    return line->len >= CODE_LEN && is_digit(line->bytes[0]) && is_digit(line->bytes[1]) &&
           is_digit(line->bytes[2]) &&
           (line->len == CODE_LEN || line->bytes[CODE_LEN] == ' ' || line->bytes[CODE_LEN] == '-');
}

static bool is_code(const struct line *line, const char *codes)
{
    for (size_t len = strlen(codes); len >= CODE_LEN;) {
        if (memcmp(line->bytes, codes, CODE_LEN) == 0) {
            return true;
        }
        size_t step = len > CODE_LEN ? CODE_LEN + 1 : CODE_LEN;
        codes += step;
        len -= step;
    }
    return false;
}

/* What the last line of an answer says. */
static enum line_meaning meaning_of_code(const struct line_step *step, const struct line *line,
                                         const char *bye)
{
    if (is_code(line, step->yes)) {
        return LINE_YES;
    }
    if (is_code(line, bye)) {
        return LINE_BYE;
    }
    return line->bytes[0] == '4' || line->bytes[0] == '5' ? LINE_NO : LINE_STRANGE;
}

static bool goes_on(const struct line *line)
{
    return line->len > CODE_LEN && line->bytes[CODE_LEN] == '-';
}

/* All lines of an answer have the same code (RFC 5321 section 4.2.1). */
static enum line_meaning smtp_meaning(const struct tc_starttls *dialogue,
                                      const struct line_step *step, const struct line *line)
{
    if (!has_code(line) || memcmp(line->bytes, dialogue->reply, CODE_LEN) != 0) {
        return LINE_STRANGE;
    }
    return goes_on(line) ? LINE_MORE : meaning_of_code(step, line, "421");
}

/*
 * RFC 959 section 4.2: between the first line and the last one, lines may be anything. 120 says
 * that the server will be ready later.
 */
static enum line_meaning ftp_meaning(const struct tc_starttls *dialogue,
                                     const struct line_step *step, const struct line *line)
{
    if (line->is_first && !has_code(line)) {
        return LINE_STRANGE;
    }
    if (!has_code(line) || goes_on(line) || memcmp(line->bytes, dialogue->reply, CODE_LEN) != 0) {
        return LINE_MORE;
    }
    return line->bytes[0] == '1' ? LINE_LATER : meaning_of_code(step, line, "421");
}

/* RFC 3977 section 3.2: answers are one line. 400 closes the connection. */
static enum line_meaning nntp_meaning(const struct tc_starttls *dialogue,
                                      const struct line_step *step, const struct line *line)
{
    (void)dialogue;
    return has_code(line) && !goes_on(line) ? meaning_of_code(step, line, "400") : LINE_STRANGE;
}

/* RFC 5321 section 4.1.1.1: the first line has the server's name. */
static bool smtp_offers(const struct tc_starttls *dialogue, const struct line *line,
                        const char *what)
{
    (void)dialogue;
    struct line text = line_from(line, CODE_LEN + 1);
    return !line->is_first && begins_with(&text, what);
}

/* ---- the others ---- */

static enum line_meaning pop3_meaning(const struct tc_starttls *dialogue,
                                      const struct line_step *step, const struct line *line)
{
    (void)dialogue;
    (void)step;
    return begins_with(line, "+OK") ? LINE_YES : begins_with(line, "-ERR") ? LINE_NO : LINE_STRANGE;
}

/* POP3 and NNTP: one capability to a line, its arguments behind it. */
static bool list_offers(const struct tc_starttls *dialogue, const struct line *line,
                        const char *what)
{
    return dialogue->in_list && begins_with(line, what);
}

/* RFC 9051 section 7.1: OK, PREAUTH or BYE. Who is let in without asking cannot begin TLS any more.
 */
static enum line_meaning imap_greeting(const struct line *line)
{
    if (begins_with(line, "* OK")) {
        return LINE_YES;
    }
    if (begins_with(line, "* PREAUTH")) {
        return LINE_NO;
    }
    return begins_with(line, "* BYE") ? LINE_BYE : LINE_STRANGE;
}

/* A tag is one letter of ours, the first of the command. What has none of our tags may come any
 * time.
 */
static enum line_meaning imap_meaning(const struct tc_starttls *dialogue,
                                      const struct line_step *step, const struct line *line)
{
    (void)dialogue;
    if (step->command == NULL) {
        return imap_greeting(line);
    }
    if (begins_with(line, "*")) {
        return begins_with(line, "* BYE") ? LINE_BYE : LINE_MORE;
    }
    if (line->len < 2 || line->bytes[0] != (uint8_t)step->command[0] || line->bytes[1] != ' ') {
        return LINE_STRANGE;
    }
    struct line answer = line_from(line, 2);
    if (begins_with(&answer, "OK")) {
        return LINE_YES;
    }
    return begins_with(&answer, "NO") || begins_with(&answer, "BAD") ? LINE_NO : LINE_STRANGE;
}

static bool imap_offers(const struct tc_starttls *dialogue, const struct line *line,
                        const char *what)
{
    (void)dialogue;
    return begins_with(line, "* CAPABILITY") && has_word(*line, what);
}

/* RFC 5804 section 1.7: capabilities are strings; an answer ends with OK, NO or BYE. */
static enum line_meaning sieve_meaning(const struct tc_starttls *dialogue,
                                       const struct line_step *step, const struct line *line)
{
    (void)dialogue;
    if (begins_with(line, "OK")) {
        return LINE_YES;
    }
    if (begins_with(line, "NO")) {
        return LINE_NO;
    }
    if (begins_with(line, "BYE")) {
        return LINE_BYE;
    }
    return step->command == NULL && line->len > 0 && line->bytes[0] == '"' ? LINE_MORE
                                                                           : LINE_STRANGE;
}

static bool sieve_offers(const struct tc_starttls *dialogue, const struct line *line,
                         const char *what)
{
    (void)dialogue;
    size_t len = strlen(what);
    return line->len >= len + 2 && line->bytes[0] == '"' && line->bytes[len + 1] == '"' &&
           strncasecmp((const char *)line->bytes + 1, what, len) == 0;
}

/* ---- the tables ---- */

static const struct line_step k_smtp_steps[] = {
    {.awaited = "the greeting", .yes = "220", .after_yes = 1},
    {.command = "EHLO %",
     .awaited = "the answer to EHLO",
     .yes = "250",
     .offer = "STARTTLS",
     .after_yes = 2},
    {.command = "STARTTLS", .awaited = "the answer to STARTTLS", .yes = "220"},
};

static const struct line_step k_lmtp_steps[] = {
    {.awaited = "the greeting", .yes = "220", .after_yes = 1},
    {.command = "LHLO %",
     .awaited = "the answer to LHLO",
     .yes = "250",
     .offer = "STARTTLS",
     .after_yes = 2},
    {.command = "STARTTLS", .awaited = "the answer to STARTTLS", .yes = "220"},
};

static const struct line_step k_imap_steps[] = {
    {.awaited = "the greeting", .after_yes = 1},
    {.command = "a CAPABILITY",
     .awaited = "the answer to CAPABILITY",
     .offer = "STARTTLS",
     .after_yes = 2},
    {.command = "b STARTTLS", .awaited = "the answer to STARTTLS"},
};

/* CAPA is younger than POP3 and STLS (RFC 2449): a server may know one without the other. */
static const struct line_step k_pop3_steps[] = {
    {.awaited = "the greeting", .after_yes = 1},
    {.command = "CAPA",
     .awaited = "the answer to CAPA",
     .offer = "STLS",
     .is_list = true,
     .after_yes = 2,
     .after_no = 2},
    {.command = "STLS", .awaited = "the answer to STLS"},
};

/* AUTH SSL is what the drafts of RFC 4217 had; some old servers know nothing else. */
static const struct line_step k_ftp_steps[] = {
    {.awaited = "the greeting", .yes = "220", .after_yes = 1},
    {.command = "AUTH TLS", .awaited = "the answer to AUTH TLS", .yes = "234", .after_no = 2},
    {.command = "AUTH SSL", .awaited = "the answer to AUTH SSL", .yes = "234"},
};

/*
 * A server that switches modes may offer STARTTLS only to readers (RFC 3977 section 5.3). One that
 * does not know CAPABILITIES is of before 2006, and may know STARTTLS.
 */
static const struct line_step k_nntp_steps[] = {
    {.awaited = "the greeting", .yes = "200 201", .after_yes = 1},
    {.command = "CAPABILITIES",
     .awaited = "the answer to CAPABILITIES",
     .yes = "101",
     .offer = "STARTTLS",
     .other = "MODE-READER",
     .is_list = true,
     .after_yes = 4,
     .after_other = 2,
     .after_no = 4},
    {.command = "MODE READER",
     .awaited = "the answer to MODE READER",
     .yes = "200 201",
     .after_yes = 3},
    {.command = "CAPABILITIES",
     .awaited = "the answer to CAPABILITIES",
     .yes = "101",
     .offer = "STARTTLS",
     .is_list = true,
     .after_yes = 4},
    {.command = "STARTTLS", .awaited = "the answer to STARTTLS", .yes = "382"},
};

static const struct line_step k_sieve_steps[] = {
    {.awaited = "the greeting", .offer = "STARTTLS", .after_yes = 1},
    {.command = "STARTTLS", .awaited = "the answer to STARTTLS"},
};

static void begin_lines(struct tc_starttls *dialogue);
static enum way_progress read_line(struct tc_starttls *dialogue);

/* The last words are the same inside TLS as before it. */
#define WAY(words, says_name)                                                                      \
    {                                                                                              \
        .begin = begin_lines, .read = read_line, .farewell = (words),                              \
        .farewell_len = sizeof(words) - 1, .last_words = (words),                                  \
        .last_words_len = sizeof(words) - 1, .says_client = (says_name)                            \
    }

static const struct line_protocol k_protocols[TC_PROTOCOL_COUNT] = {
    [TC_PROTOCOL_SMTP] = {.way = WAY("QUIT\r\n", true),
                          .steps = k_smtp_steps,
                          .meaning = smtp_meaning,
                          .offers = smtp_offers},
    [TC_PROTOCOL_LMTP] = {.way = WAY("QUIT\r\n", true),
                          .steps = k_lmtp_steps,
                          .meaning = smtp_meaning,
                          .offers = smtp_offers},
    [TC_PROTOCOL_IMAP] = {.way = WAY("c LOGOUT\r\n", false),
                          .steps = k_imap_steps,
                          .meaning = imap_meaning,
                          .offers = imap_offers},
    [TC_PROTOCOL_POP3] = {.way = WAY("QUIT\r\n", false),
                          .steps = k_pop3_steps,
                          .meaning = pop3_meaning,
                          .offers = list_offers},
    [TC_PROTOCOL_FTP] = {.way = WAY("QUIT\r\n", false),
                         .steps = k_ftp_steps,
                         .meaning = ftp_meaning},
    [TC_PROTOCOL_NNTP] = {.way = WAY("QUIT\r\n", false),
                          .steps = k_nntp_steps,
                          .meaning = nntp_meaning,
                          .offers = list_offers},
    [TC_PROTOCOL_SIEVE] = {.way = WAY("LOGOUT\r\n", false),
                           .steps = k_sieve_steps,
                           .meaning = sieve_meaning,
                           .offers = sieve_offers,
                           .has_literals = true},
};

const struct tc_starttls_way *tc_starttls_way_of_lines(enum tc_protocol protocol)
{
    return k_protocols[protocol].steps != NULL ? &k_protocols[protocol].way : NULL;
}

static const struct line_protocol *protocol_of(const struct tc_starttls *dialogue)
{
    return &k_protocols[dialogue->protocol];
}

/* ---- the dialogue ---- */

static void begin_step(struct tc_starttls *dialogue, unsigned number)
{
    const struct line_step *step = &protocol_of(dialogue)->steps[number];
    dialogue->state = number;
    dialogue->awaited = step->awaited;
    if (step->command == NULL) {
        return;
    }
    const char *name = strchr(step->command, '%');
    tc_starttls_say(dialogue, step->command,
                    name != NULL ? (size_t)(name - step->command) : strlen(step->command));
    if (name != NULL) {
        tc_starttls_say(dialogue, dialogue->name, strlen(dialogue->name));
    }
    tc_starttls_say(dialogue, "\r\n", 2);
}

static void begin_lines(struct tc_starttls *dialogue)
{
    begin_step(dialogue, 0);
}

/*
 * Octets of the literal that the line ends with, "{12}" (RFC 5804 section 4), and of its brace;
 * false where it ends with none.
 */
static bool ends_with_literal(const uint8_t *bytes, size_t len, size_t *out_octets)
{
    size_t octets = 0;
    size_t digits = 0;
    if (len == 0 || bytes[len - 1] != '}') {
        return false;
    }
    size_t at = len - 1;
    for (size_t weight = 1; at > 0 && is_digit(bytes[at - 1]); at--, digits++, weight *= 10) {
        if (digits == 5) {
            return false; /* more than an answer may have: the braces are mere text then */
        }
        octets += weight * (size_t)(bytes[at - 1] - '0');
    }
    *out_octets = octets;
    return digits > 0 && at > 0 && bytes[at - 1] == '{';
}

/* The next line that is all there; with literals, what stands in them belongs to it. */
static bool next_line(struct tc_starttls *dialogue, struct line *out)
{
    const uint8_t *begin = dialogue->reply + dialogue->reply_at;
    size_t left = dialogue->reply_len - dialogue->reply_at;
    size_t at = 0;
    size_t octets = 0;
    for (;;) {
        const uint8_t *end = at < left ? memchr(begin + at, '\n', left - at) : NULL;
        if (end == NULL) {
            return false;
        }
        size_t len = (size_t)(end - begin);
        size_t step = len + 1;
        len -= len > 0 && begin[len - 1] == '\r' ? 1 : 0;
        if (!protocol_of(dialogue)->has_literals || !ends_with_literal(begin, len, &octets)) {
            *out = (struct line){begin, len, dialogue->reply_at == 0};
            dialogue->reply_at += step;
            return true;
        }
        at = step + octets;
    }
}

static enum way_progress go_on(struct tc_starttls *dialogue, unsigned number)
{
    if (number == TLS_BEGINS) {
        return tc_starttls_agree(dialogue);
    }
    tc_starttls_drop_reply(dialogue);
    begin_step(dialogue, number);
    return WAY_ON;
}

/* The answer is there, and it is a yes. */
static enum way_progress said_yes(struct tc_starttls *dialogue, const struct line_step *step)
{
    char words[TC_STARTTLS_WORDS_MAX];
    if (step->offer == NULL || dialogue->has_offer) {
        return go_on(dialogue, step->after_yes);
    }
    if (dialogue->has_other_offer) {
        return go_on(dialogue, step->after_other);
    }
    tc_starttls_words(words, dialogue->reply, dialogue->reply_at);
    return tc_starttls_refuse(dialogue, "no %s in %s: %s", step->offer, step->awaited, words);
}

static enum way_progress said_no(struct tc_starttls *dialogue, const struct line_step *step)
{
    char words[TC_STARTTLS_WORDS_MAX];
    if (step->after_no != 0 && !dialogue->is_closing) {
        return go_on(dialogue, step->after_no);
    }
    tc_starttls_words(words, dialogue->reply, dialogue->reply_at);
    return tc_starttls_refuse(dialogue, "%s is: %s", step->awaited, words);
}

static void note_offers(struct tc_starttls *dialogue, const struct line_step *step,
                        const struct line *line)
{
    const struct line_protocol *protocol = protocol_of(dialogue);
    if (step->offer != NULL && protocol->offers(dialogue, line, step->offer)) {
        dialogue->has_offer = true;
    }
    if (step->other != NULL && protocol->offers(dialogue, line, step->other)) {
        dialogue->has_other_offer = true;
    }
}

static enum way_progress read_line(struct tc_starttls *dialogue)
{
    const struct line_protocol *protocol = protocol_of(dialogue);
    const struct line_step *step = &protocol->steps[dialogue->state];
    struct line line;
    if (!next_line(dialogue, &line)) {
        return WAY_WAIT;
    }
    note_offers(dialogue, step, &line);
    if (dialogue->in_list) {
        return line.len == 1 && line.bytes[0] == '.' ? said_yes(dialogue, step) : WAY_ON;
    }
    switch (protocol->meaning(dialogue, step, &line)) {
    case LINE_MORE:
        return WAY_ON;
    case LINE_YES:
        if (step->is_list) {
            dialogue->in_list = true;
            return WAY_ON;
        }
        return said_yes(dialogue, step);
    case LINE_BYE:
        dialogue->is_closing = true;
        return said_no(dialogue, step);
    case LINE_NO:
        return said_no(dialogue, step);
    case LINE_LATER:
        tc_starttls_drop_reply(dialogue);
        return WAY_ON;
    case LINE_STRANGE:
    default:
        return tc_starttls_fail_strange(dialogue);
    }
}
