/*
 * XMPP (RFC 6120 section 5): a stream is opened, its features say whether TLS may begin. Only as
 * much XML is read as a stream may have (section 11.1): tags, attributes, text.
 */
#include "starttls_way.h"

#include <string.h>

#define TLS_NAMESPACE "urn:ietf:params:xml:ns:xmpp-tls"

enum xmpp_state {
    XMPP_STREAM = 0, /* awaits the server's own stream header */
    XMPP_FEATURES,   /* awaits the features */
    XMPP_IN_FEATURES,
    XMPP_ANSWER, /* awaits proceed or failure */
    XMPP_IN_PROCEED,
    XMPP_IN_ERROR
};

/* A span of the answer. */
struct text {
    const uint8_t *bytes;
    size_t len;
};

struct tag {
    struct text name;       /* without prefix */
    struct text attributes; /* what follows the name, without the slash at the end */
    bool is_end;            /* </name> */
    bool is_empty;          /* <name/> */
};

static bool is_space(uint8_t octet)
{
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static bool text_is(const struct text *text, const char *wanted)
{
    size_t len = strlen(wanted);
    return text->len == len && memcmp(text->bytes, wanted, len) == 0;
}

/* ---- XML ---- */

enum tag_result { TAG_WAIT = 0, TAG_FOUND, TAG_NONE /* an instruction, read over */, TAG_BAD };

/* Where the tag that begins at `at` ends: its '>', outside of quotes. 0: it is not all there. */
static size_t tag_end(const struct tc_starttls *dialogue, size_t at)
{
    uint8_t quote = 0;
    for (size_t i = at + 1; i < dialogue->reply_len; i++) {
        uint8_t octet = dialogue->reply[i];
        if (quote != 0) {
            quote = octet == quote ? 0 : quote;
        } else if (octet == '"' || octet == '\'') {
            quote = octet;
        } else if (octet == '>') {
            return i;
        }
    }
    return 0;
}

/* Takes the inside of "<…>" apart. */
static bool tag_parse(struct tag *out, struct text inside)
{
    *out = (struct tag){0};
    if (inside.len > 0 && inside.bytes[0] == '/') {
        out->is_end = true;
        inside.bytes++;
        inside.len--;
    }
    if (inside.len > 0 && inside.bytes[inside.len - 1] == '/') {
        out->is_empty = true;
        inside.len--;
    }
    size_t len = 0;
    while (len < inside.len && !is_space(inside.bytes[len])) {
        len++;
    }
    out->name = (struct text){inside.bytes, len};
    out->attributes = (struct text){inside.bytes + len, inside.len - len};
    const uint8_t *colon = memchr(out->name.bytes, ':', len);
    if (colon != NULL) {
        out->name.len -= (size_t)(colon + 1 - out->name.bytes);
        out->name.bytes = colon + 1;
    }
    return out->name.len > 0 && !(out->is_end && out->is_empty) &&
           memchr(inside.bytes, '<', len) == NULL;
}

/* The next tag of the answer; text before it is read over. */
static enum tag_result next_tag(struct tc_starttls *dialogue, struct tag *out)
{
    const uint8_t *begin = dialogue->reply + dialogue->reply_at;
    const uint8_t *open = memchr(begin, '<', dialogue->reply_len - dialogue->reply_at);
    if (open == NULL) {
        return TAG_WAIT;
    }
    size_t at = (size_t)(open - dialogue->reply);
    size_t end = tag_end(dialogue, at);
    if (at + 1 < dialogue->reply_len && dialogue->reply[at + 1] == '!') {
        return TAG_BAD; /* comments, sections and DTDs have no place in a stream */
    }
    if (end == 0) {
        return TAG_WAIT;
    }
    dialogue->reply_at = end + 1;
    if (dialogue->reply[at + 1] == '?') {
        return TAG_NONE; /* <?xml version='1.0'?> */
    }
    struct text inside = {open + 1, end - at - 1};
    return tag_parse(out, inside) ? TAG_FOUND : TAG_BAD;
}

static void skip_spaces(struct text *text)
{
    while (text->len > 0 && is_space(text->bytes[0])) {
        text->bytes++;
        text->len--;
    }
}

/* Takes the part before the first of `stop`, and `stop` itself. False where there is none. */
static bool take_until(struct text *out, struct text *rest, uint8_t stop)
{
    const uint8_t *end = memchr(rest->bytes, stop, rest->len);
    if (end == NULL) {
        return false;
    }
    *out = (struct text){rest->bytes, (size_t)(end - rest->bytes)};
    rest->len -= out->len + 1;
    rest->bytes = end + 1;
    return true;
}

/* Finds an attribute's value between quotes of either kind. */
static bool tag_attribute(struct text *out, const struct tag *tag, const char *name)
{
    struct text rest = tag->attributes;
    for (;;) {
        struct text found;
        struct text value;
        skip_spaces(&rest);
        if (rest.len == 0 || !take_until(&found, &rest, '=')) {
            return false;
        }
        while (found.len > 0 && is_space(found.bytes[found.len - 1])) {
            found.len--;
        }
        skip_spaces(&rest);
        if (rest.len == 0 || (rest.bytes[0] != '"' && rest.bytes[0] != '\'')) {
            return false;
        }
        uint8_t quote = rest.bytes[0];
        rest.bytes++;
        rest.len--;
        if (!take_until(&value, &rest, quote)) {
            return false;
        }
        if (text_is(&found, name)) {
            *out = value;
            return true;
        }
    }
}

/* An element of RFC 6120 section 5.4 by its name; a namespace that it declares must be the one. */
static bool is_tls_element(const struct tag *tag, const char *name)
{
    struct text space;
    return text_is(&tag->name, name) &&
           (!tag_attribute(&space, tag, "xmlns") || text_is(&space, TLS_NAMESPACE));
}

/* ---- the stream ---- */

static void say_text(struct tc_starttls *dialogue, const char *text)
{
    tc_starttls_say(dialogue, text, strlen(text));
}

static void begin_stream(struct tc_starttls *dialogue)
{
    dialogue->awaited = "the stream's header";
    say_text(dialogue, "<?xml version='1.0'?><stream:stream xmlns='");
    say_text(dialogue,
             dialogue->protocol == TC_PROTOCOL_XMPP_SERVER ? "jabber:server" : "jabber:client");
    say_text(dialogue, "' xmlns:stream='http://etherx.jabber.org/streams' to='");
    say_text(dialogue, dialogue->name);
    say_text(dialogue, "' version='1.0'>");
}

/* What is between the tags, as one line of words. */
static void words_between_tags(char out[TC_STARTTLS_WORDS_MAX], const uint8_t *bytes, size_t len)
{
    uint8_t kept[TC_STARTTLS_WORDS_MAX];
    size_t num = 0;
    bool in_tag = false;
    for (size_t i = 0; i < len && num < sizeof kept; i++) {
        in_tag = in_tag || bytes[i] == '<';
        if (!in_tag) {
            kept[num++] = bytes[i];
        }
        in_tag = in_tag && bytes[i] != '>';
    }
    tc_starttls_words(out, kept, num);
}

/* RFC 6120 section 4.7.5: a stream without version 1.0 has no features. */
static enum way_progress read_header(struct tc_starttls *dialogue, const struct tag *tag)
{
    struct text version;
    if (!text_is(&tag->name, "stream") || tag->is_end || tag->is_empty) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (!tag_attribute(&version, tag, "version") || version.len == 0 || version.bytes[0] == '0') {
        return tc_starttls_refuse(dialogue,
                                  "a stream without version 1.0, in which there is no STARTTLS");
    }
    tc_starttls_drop_reply(dialogue);
    dialogue->awaited = "the stream's features";
    dialogue->state = XMPP_FEATURES;
    return WAY_ON;
}

/* An error closes the stream (RFC 6120 section 4.9): its condition and its text are read first. */
static enum way_progress begin_error(struct tc_starttls *dialogue, const struct tag *tag)
{
    dialogue->is_closing = true;
    if (tag->is_empty) {
        return tc_starttls_refuse(dialogue, "the server ends the stream with an error");
    }
    tc_starttls_drop_reply(dialogue);
    dialogue->awaited = "the stream's error";
    dialogue->state = XMPP_IN_ERROR;
    return WAY_ON;
}

/* All of the error is there: its first element is the condition. */
static enum way_progress error_is_read(struct tc_starttls *dialogue)
{
    char condition[TC_STARTTLS_WORDS_MAX] = "error";
    char words[TC_STARTTLS_WORDS_MAX];
    struct tag tag;
    words_between_tags(words, dialogue->reply, dialogue->reply_at);
    dialogue->reply_at = 0;
    if (next_tag(dialogue, &tag) == TAG_FOUND && !tag.is_end) {
        tc_starttls_words(condition, tag.name.bytes, tag.name.len);
    }
    return tc_starttls_refuse(dialogue, "the server ends the stream: %s%s%s", condition,
                              words[0] != '\0' ? ": " : "", words);
}

static enum way_progress features_are_read(struct tc_starttls *dialogue)
{
    char words[TC_STARTTLS_WORDS_MAX];
    if (!dialogue->has_offer) {
        tc_starttls_words(words, dialogue->reply, dialogue->reply_at);
        return tc_starttls_refuse(dialogue, "no starttls in %s: %s", dialogue->awaited, words);
    }
    tc_starttls_drop_reply(dialogue);
    say_text(dialogue, "<starttls xmlns='" TLS_NAMESPACE "'/>");
    dialogue->awaited = "the answer to starttls";
    dialogue->state = XMPP_ANSWER;
    return WAY_ON;
}

static enum way_progress read_features(struct tc_starttls *dialogue, const struct tag *tag)
{
    if (text_is(&tag->name, "error") && !tag->is_end) {
        return begin_error(dialogue, tag);
    }
    if (!text_is(&tag->name, "features") || tag->is_end) {
        return tc_starttls_fail_strange(dialogue);
    }
    dialogue->state = XMPP_IN_FEATURES;
    return tag->is_empty ? features_are_read(dialogue) : WAY_ON;
}

static enum way_progress read_answer(struct tc_starttls *dialogue, const struct tag *tag)
{
    char words[TC_STARTTLS_WORDS_MAX];
    if (text_is(&tag->name, "error") && !tag->is_end) {
        return begin_error(dialogue, tag);
    }
    if (is_tls_element(tag, "failure") && !tag->is_end) {
        dialogue->is_closing = true; /* RFC 6120 section 5.4.2.2 */
        tc_starttls_words(words, dialogue->reply, dialogue->reply_at);
        return tc_starttls_refuse(dialogue, "%s is: %s", dialogue->awaited, words);
    }
    if (!is_tls_element(tag, "proceed") || tag->is_end) {
        return tc_starttls_fail_strange(dialogue);
    }
    dialogue->state = XMPP_IN_PROCEED;
    return tag->is_empty ? tc_starttls_agree(dialogue) : WAY_ON;
}

/* Keeps count of the elements that are open; true where the tag closes the one that is read. */
static bool closes(struct tc_starttls *dialogue, const struct tag *tag)
{
    if (tag->is_empty) {
        return false;
    }
    if (!tag->is_end) {
        dialogue->depth++;
        return false;
    }
    if (dialogue->depth == 0) {
        return true;
    }
    dialogue->depth--;
    return false;
}

/* Inside of the features, of proceed, or of an error. */
static enum way_progress read_inside(struct tc_starttls *dialogue, const struct tag *tag)
{
    if (dialogue->state == XMPP_IN_FEATURES && dialogue->depth == 0 && !tag->is_end &&
        is_tls_element(tag, "starttls")) {
        dialogue->has_offer = true;
    }
    if (!closes(dialogue, tag)) {
        return WAY_ON;
    }
    switch ((enum xmpp_state)dialogue->state) {
    case XMPP_IN_FEATURES:
        return features_are_read(dialogue);
    case XMPP_IN_PROCEED:
        return tc_starttls_agree(dialogue);
    case XMPP_IN_ERROR:
    case XMPP_STREAM:
    case XMPP_FEATURES:
    case XMPP_ANSWER:
    default:
        return error_is_read(dialogue);
    }
}

/* Text where a tag should be: this is no stream. */
static bool begins_with_text(const struct tc_starttls *dialogue)
{
    size_t at = dialogue->reply_at;
    while (at < dialogue->reply_len && is_space(dialogue->reply[at])) {
        at++;
    }
    return at < dialogue->reply_len && dialogue->reply[at] != '<';
}

static enum way_progress read_tag(struct tc_starttls *dialogue)
{
    struct tag tag;
    bool is_inside = dialogue->state == XMPP_IN_FEATURES || dialogue->state == XMPP_IN_PROCEED ||
                     dialogue->state == XMPP_IN_ERROR;
    if (!is_inside && begins_with_text(dialogue)) {
        return tc_starttls_fail_strange(dialogue);
    }
    switch (next_tag(dialogue, &tag)) {
    case TAG_WAIT:
        return WAY_WAIT;
    case TAG_NONE:
        return WAY_ON;
    case TAG_FOUND:
        break;
    case TAG_BAD:
    default:
        return tc_starttls_fail_strange(dialogue);
    }
    if (is_inside) {
        return read_inside(dialogue, &tag);
    }
    switch ((enum xmpp_state)dialogue->state) {
    case XMPP_STREAM:
        return read_header(dialogue, &tag);
    case XMPP_FEATURES:
        return read_features(dialogue, &tag);
    case XMPP_ANSWER:
    case XMPP_IN_FEATURES:
    case XMPP_IN_PROCEED:
    case XMPP_IN_ERROR:
    default:
        return read_answer(dialogue, &tag);
    }
}

const struct tc_starttls_way tc_starttls_way_xmpp = {
    .begin = begin_stream,
    .read = read_tag,
    .farewell = "</stream:stream>",
    .farewell_len = sizeof "</stream:stream>" - 1,
    .says_server = true,
};
