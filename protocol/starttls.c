#include "starttls_way.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct tc_starttls_way *way_of(enum tc_protocol protocol)
{
    static const struct tc_starttls_way *const ways[TC_PROTOCOL_COUNT] = {
        [TC_PROTOCOL_LDAP] = &tc_starttls_way_ldap,
        [TC_PROTOCOL_XMPP_CLIENT] = &tc_starttls_way_xmpp,
        [TC_PROTOCOL_XMPP_SERVER] = &tc_starttls_way_xmpp,
        [TC_PROTOCOL_POSTGRES] = &tc_starttls_way_postgres,
        [TC_PROTOCOL_MYSQL] = &tc_starttls_way_mysql,
        [TC_PROTOCOL_RDP] = &tc_starttls_way_rdp,
    };
    if ((unsigned)protocol >= TC_PROTOCOL_COUNT) {
        return NULL;
    }
    return ways[protocol] != NULL ? ways[protocol] : tc_starttls_way_of_lines(protocol);
}

/*
 * Letters of names and addresses, and the brackets of RFC 5321 section 4.1.3. Anything else could
 * end our line and begin another: names come from lists that strangers may have written.
 */
bool tc_starttls_is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
    size_t len = strlen(name);
    return len > 0 && len <= TC_STARTTLS_NAME_MAX && strspn(name, letters) == len;
}

enum tc_status tc_starttls_init(struct tc_starttls *dialogue, enum tc_protocol protocol,
                                const struct tc_starttls_names *names)
{
    const struct tc_starttls_way *way = way_of(protocol);
    if (way == NULL) {
        return TC_ERR_UNSUPPORTED;
    }
    const char *name = way->says_server ? names->server : way->says_client ? names->client : "";
    if ((way->says_server || way->says_client) && !tc_starttls_is_name(name)) {
        return TC_ERR_RANGE;
    }
    memset(dialogue, 0, offsetof(struct tc_starttls, reply)); /* not the buffers */
    dialogue->reply_len = 0;
    dialogue->reply_at = 0;
    dialogue->output_len = 0;
    dialogue->output_sent = 0;
    dialogue->protocol = protocol;
    memcpy(dialogue->name, name, strlen(name) + 1);
    way->begin(dialogue);
    return TC_OK;
}

void tc_starttls_say(struct tc_starttls *dialogue, const void *bytes, size_t len)
{
    assert(len <= sizeof dialogue->output - dialogue->output_len);
    memcpy(dialogue->output + dialogue->output_len, bytes, len);
    dialogue->output_len += len;
}

const uint8_t *tc_starttls_output(const struct tc_starttls *dialogue, size_t *out_len)
{
    *out_len = dialogue->output_len - dialogue->output_sent;
    return dialogue->output + dialogue->output_sent;
}

void tc_starttls_sent(struct tc_starttls *dialogue, size_t len)
{
    assert(len <= dialogue->output_len - dialogue->output_sent);
    dialogue->output_sent += len;
    if (dialogue->output_sent == dialogue->output_len) {
        dialogue->output_sent = 0;
        dialogue->output_len = 0;
    }
}

void tc_starttls_drop_reply(struct tc_starttls *dialogue)
{
    dialogue->reply_len -= dialogue->reply_at;
    memmove(dialogue->reply, dialogue->reply + dialogue->reply_at, dialogue->reply_len);
    dialogue->reply_at = 0;
    dialogue->has_greeted = true;
    dialogue->has_offer = false;
    dialogue->has_other_offer = false;
    dialogue->in_list = false;
    dialogue->depth = 0;
}

enum way_progress tc_starttls_agree(struct tc_starttls *dialogue)
{
    tc_starttls_drop_reply(dialogue);
    dialogue->step = TC_STARTTLS_DONE;
    return WAY_OVER;
}

enum way_progress tc_starttls_refuse(struct tc_starttls *dialogue, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(dialogue->detail, sizeof dialogue->detail, format, arguments);
    va_end(arguments);
    dialogue->has_greeted = true;
    dialogue->step = TC_STARTTLS_REFUSED;
    return WAY_OVER;
}

enum way_progress tc_starttls_fail(struct tc_starttls *dialogue, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(dialogue->detail, sizeof dialogue->detail, format, arguments);
    va_end(arguments);
    dialogue->step = TC_STARTTLS_FAILED;
    return WAY_OVER;
}

void tc_starttls_words(char out[TC_STARTTLS_WORDS_MAX], const uint8_t *bytes, size_t len)
{
    size_t num = 0;
    for (size_t i = 0; i < len && num < TC_STARTTLS_WORDS_MAX - 1; i++) {
        uint8_t octet = bytes[i];
        if (octet == '\r' || octet == '\n' || octet == '\t' || octet == ' ') {
            if (num > 0 && out[num - 1] != ' ') {
                out[num++] = ' ';
            }
        } else {
            out[num++] = octet > ' ' && octet < 0x7f ? (char)octet : '.';
        }
    }
    if (num > 0 && out[num - 1] == ' ') {
        num--;
    }
    out[num] = '\0';
}

enum way_progress tc_starttls_fail_strange(struct tc_starttls *dialogue)
{
    char words[TC_STARTTLS_WORDS_MAX];
    tc_starttls_words(words, dialogue->reply, dialogue->reply_len);
    return tc_starttls_fail(dialogue, "in place of %s: %s", dialogue->awaited, words);
}

enum tc_starttls_step tc_starttls_input(struct tc_starttls *dialogue, const uint8_t *bytes,
                                        size_t len)
{
    const struct tc_starttls_way *way = way_of(dialogue->protocol);
    while (dialogue->step == TC_STARTTLS_MORE && len > 0) {
        size_t room = sizeof dialogue->reply - dialogue->reply_len;
        size_t taken = len < room ? len : room;
        memcpy(dialogue->reply + dialogue->reply_len, bytes, taken);
        dialogue->reply_len += taken;
        bytes += taken;
        len -= taken;
        while (way->read(dialogue) == WAY_ON) {
        }
        if (dialogue->step == TC_STARTTLS_MORE && dialogue->reply_len == sizeof dialogue->reply) {
            (void)tc_starttls_fail(dialogue, "%s is longer than %d bytes", dialogue->awaited,
                                   TC_STARTTLS_REPLY_MAX);
        }
        if (dialogue->step == TC_STARTTLS_DONE) {
            dialogue->leftover_bytes = dialogue->reply_len + len;
        }
    }
    return dialogue->step;
}

enum tc_starttls_step tc_starttls_end(struct tc_starttls *dialogue)
{
    const struct tc_starttls_way *way = way_of(dialogue->protocol);
    if (dialogue->step == TC_STARTTLS_MORE && way->end != NULL) {
        way->end(dialogue);
    }
    if (dialogue->step == TC_STARTTLS_MORE) {
        (void)tc_starttls_fail(dialogue, "the server closed the connection %s %s",
                               dialogue->reply_len > 0 ? "inside" : "before", dialogue->awaited);
    }
    return dialogue->step;
}

const char *tc_starttls_awaited(const struct tc_starttls *dialogue)
{
    return dialogue->awaited;
}

const uint8_t *tc_starttls_farewell(const struct tc_starttls *dialogue, size_t *out_len)
{
    const struct tc_starttls_way *way = way_of(dialogue->protocol);
    bool is_heard = dialogue->has_greeted && !dialogue->is_closing &&
                    (dialogue->step == TC_STARTTLS_MORE || dialogue->step == TC_STARTTLS_REFUSED);
    *out_len = is_heard ? way->farewell_len : 0;
    return (const uint8_t *)way->farewell;
}

const uint8_t *tc_starttls_last_words(enum tc_protocol protocol, size_t *out_len)
{
    const struct tc_starttls_way *way = way_of(protocol);
    *out_len = way != NULL ? way->last_words_len : 0;
    return way != NULL ? (const uint8_t *)way->last_words : NULL;
}
