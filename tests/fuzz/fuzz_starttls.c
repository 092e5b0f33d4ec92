/*
 * A server's bytes into a dialogue, whole, cut in two and one by one: what we say and how it ends
 * must be the same. First byte: the protocol; second: where to cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/starttls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How a dialogue ended. */
struct ending {
    enum tc_starttls_step step;
    char detail[TC_STARTTLS_DETAIL_MAX];
    size_t leftover_bytes;
    uint8_t said[4096];
    size_t said_len;
};

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void listen(struct tc_starttls *dialogue, struct ending *ending)
{
    size_t len = 0;
    const uint8_t *bytes = tc_starttls_output(dialogue, &len);
    require(len <= sizeof ending->said - ending->said_len);
    memcpy(ending->said + ending->said_len, bytes, len);
    ending->said_len += len;
    tc_starttls_sent(dialogue, len);
}

static void play(struct ending *ending, enum tc_protocol protocol, const uint8_t *bytes, size_t len,
                 size_t first, size_t step)
{
    static const struct tc_starttls_names names = {"host.example", "scanner.example"};
    struct tc_starttls dialogue;
    size_t farewell_len = 0;
    memset(ending, 0, sizeof *ending);
    require(tc_starttls_init(&dialogue, protocol, &names) == TC_OK);
    listen(&dialogue, ending);
    size_t taken = first;
    while (len > 0 && ending->step == TC_STARTTLS_MORE) {
        taken = taken < len ? taken : len;
        ending->step = tc_starttls_input(&dialogue, bytes, taken);
        listen(&dialogue, ending);
        bytes += taken;
        len -= taken;
        taken = step;
    }
    if (ending->step == TC_STARTTLS_DONE) {
        ending->leftover_bytes = dialogue.leftover_bytes + len;
        return;
    }
    (void)tc_starttls_farewell(&dialogue, &farewell_len);
    require(farewell_len == 0 || ending->step != TC_STARTTLS_FAILED);
    ending->step = tc_starttls_end(&dialogue);
    require(ending->step == TC_STARTTLS_REFUSED || ending->step == TC_STARTTLS_FAILED);
    memcpy(ending->detail, dialogue.detail, sizeof ending->detail);
    require(memchr(ending->detail, 0, sizeof ending->detail) != NULL);
    for (const char *c = ending->detail; *c != '\0'; c++) {
        require(*c >= ' ' && *c < 0x7f);
    }
}

/* A failure shows as much of what came as is there: one detail may be the other's beginning. */
static void require_equal(const struct ending *whole, const struct ending *parts)
{
    size_t len = whole->step == TC_STARTTLS_FAILED ? strlen(parts->detail) : sizeof whole->detail;
    require(whole->step == parts->step && whole->leftover_bytes == parts->leftover_bytes &&
            strncmp(whole->detail, parts->detail, len) == 0 && whole->said_len == parts->said_len &&
            memcmp(whole->said, parts->said, whole->said_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ending whole;
    static struct ending parts;
    if (size < 2) {
        return 0;
    }
    unsigned number = data[0] % (TC_PROTOCOL_COUNT - TC_PROTOCOL_SMTP);
    enum tc_protocol protocol = (enum tc_protocol)(TC_PROTOCOL_SMTP + number);
    size_t cut = data[1];
    data += 2;
    size -= 2;
    play(&whole, protocol, data, size, size, size);
    play(&parts, protocol, data, size, cut, size);
    require_equal(&whole, &parts);
    play(&parts, protocol, data, size, 1, 1);
    require_equal(&whole, &parts);
    return 0;
}
