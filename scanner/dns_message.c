#include "dns_message.h"

#include <string.h>

#include <openssl/bytestring.h>

#define DNS_NAME_MAX     255U /* octets on the wire; RFC 1035 section 2.3.4 */
#define DNS_LABEL_MAX    63U
#define DNS_CLASS_IN     1U
#define DNS_MAX_RECORDS  1024U /* in one answer section; a bound on the work a stranger can make */
#define DNS_CNAMES_MAX   4096U /* bytes of text */
#define DNS_NAMES_MAX    ((size_t)TC_MAX_EXCHANGES * DNS_NAME_MAX * 4) /* octets may be escaped */
#define DNS_HEADER_BYTES 12U

/* A name as labels with their lengths, in lower case, without compression. */
struct dns_name {
    uint8_t octets[DNS_NAME_MAX];
    size_t len;
};

struct dns_record {
    struct dns_name owner;
    uint16_t type;
    uint16_t class;
    CBS data;
};

/* Lower case for ASCII alone, whatever the locale: DNS compares names so (RFC 4343). */
static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

/* Adds a label of `length` octets (0: the root, which ends the name). */
static bool name_add_label(struct dns_name *name, CBS *from, uint8_t length)
{
    CBS label;
    if (length > DNS_LABEL_MAX || !CBS_get_bytes(from, &label, length) ||
        name->len + 1U + length > DNS_NAME_MAX) {
        return false;
    }
    name->octets[name->len++] = length;
    for (size_t i = 0; i < length; i++) {
        name->octets[name->len++] = lower(CBS_data(&label)[i]);
    }
    return true;
}

/*
 * Reads a name at `cursor` and moves it past. A pointer must lead to before the part of the name it
 * stands in, so that following pointers ends (RFC 1035 section 4.1.4: "a prior occurrence").
 */
static bool read_name(struct dns_name *out, CBS *cursor, const CBS *message)
{
    CBS at = *cursor;
    bool jumped = false;
    size_t limit = CBS_len(message) - CBS_len(cursor);
    uint8_t length = 0;
    out->len = 0;
    do {
        if (!CBS_get_u8(&at, &length)) {
            return false;
        }
        if ((length & 0xc0U) == 0xc0U) {
            uint8_t low = 0;
            if (!CBS_get_u8(&at, &low)) {
                return false;
            }
            size_t target = ((size_t)(length & 0x3fU) << 8) | low;
            if (!jumped) {
                *cursor = at;
                jumped = true;
            }
            if (target >= limit) {
                return false;
            }
            limit = target;
            at = *message;
            if (!CBS_skip(&at, target)) {
                return false;
            }
        } else if (!name_add_label(out, &at, length)) {
            return false;
        }
    } while (length != 0);
    if (!jumped) {
        *cursor = at;
    }
    return true;
}

static bool name_equal(const struct dns_name *a, const struct dns_name *b)
{
    return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

/* The name as text, without the dot at its end; what is no plain letter is escaped. */
static void name_add_text(struct tc_buf *out, const struct dns_name *name)
{
    size_t at = 0;
    if (name->octets[0] == 0) {
        tc_buf_add_char(out, '.'); /* the root */
        return;
    }
    while (name->octets[at] != 0) {
        size_t length = name->octets[at++];
        for (size_t i = 0; i < length; i++) {
            uint8_t octet = name->octets[at + i];
            if (octet <= ' ' || octet >= 0x7f) {
                tc_buf_addf(out, "\\%03u", (unsigned)octet);
            } else {
                if (octet == '.' || octet == '\\') {
                    tc_buf_add_char(out, '\\');
                }
                tc_buf_add_char(out, (char)octet);
            }
        }
        at += length;
        if (name->octets[at] != 0) {
            tc_buf_add_char(out, '.');
        }
    }
}

static bool read_record(struct dns_record *out, CBS *cursor, const CBS *message)
{
    uint32_t ttl = 0;
    return read_name(&out->owner, cursor, message) && CBS_get_u16(cursor, &out->type) &&
           CBS_get_u16(cursor, &out->class) && CBS_get_u32(cursor, &ttl) &&
           CBS_get_u16_length_prefixed(cursor, &out->data);
}

static void add_address(struct tc_dns_message *out, const struct tc_address *address)
{
    for (size_t i = 0; i < out->num_addresses; i++) {
        if (tc_address_equal(&out->addresses[i], address)) {
            return;
        }
    }
    if (out->num_addresses == TC_MAX_ADDRESSES) {
        out->more_addresses = true;
        return;
    }
    out->addresses[out->num_addresses++] = *address;
}

/* Reads the name that `data` ends with: the whole of what is left of it, and nothing after it. */
static bool read_last_name(struct dns_name *out, const CBS *data, const CBS *message)
{
    CBS cursor = *message;
    size_t offset = (size_t)(CBS_data(data) - CBS_data(message));
    size_t end = offset + CBS_len(data);
    return CBS_skip(&cursor, offset) && read_name(out, &cursor, message) &&
           CBS_len(message) - CBS_len(&cursor) == end;
}

static enum tc_status add_exchange(struct tc_dns_message *out, const struct dns_record *record,
                                   const CBS *message)
{
    CBS data = record->data;
    struct dns_name name;
    struct tc_dns_exchange exchange = {.name_at = out->exchange_names.len};
    if (!CBS_get_u16(&data, &exchange.preference) || !read_last_name(&name, &data, message)) {
        return TC_ERR_MALFORMED;
    }
    if (out->num_exchanges == TC_MAX_EXCHANGES) {
        return TC_OK;
    }
    name_add_text(&out->exchange_names, &name);
    out->exchanges[out->num_exchanges++] = exchange;
    return tc_buf_add_char(&out->exchange_names, ' ');
}

/* A record of the wanted type. */
static enum tc_status add_record(struct tc_dns_message *out, const struct dns_record *record,
                                 const CBS *message)
{
    struct tc_address address = {{0}, 0, 0};
    if (out->type == DNS_TYPE_MX) {
        return add_exchange(out, record, message);
    }
    size_t address_len = out->type == DNS_TYPE_A ? TC_IPV4_BYTES : TC_IPV6_BYTES;
    if (CBS_len(&record->data) != address_len ||
        !tc_address_from_octets(&address, CBS_data(&record->data), address_len)) {
        return TC_ERR_MALFORMED;
    }
    add_address(out, &address);
    return TC_OK;
}

/*
 * One walk over the answer section for the records of `name`: adds what was asked for, or finds the
 * alias that it is. The section's order means nothing, so each alias is a walk of its own.
 */
static enum tc_status walk(struct tc_dns_message *out, bool *out_is_alias, struct dns_name *alias,
                           const struct dns_name *name, CBS section, size_t num_records,
                           const CBS *message)
{
    struct dns_record record;
    *out_is_alias = false;
    for (size_t i = 0; i < num_records; i++) {
        if (!read_record(&record, &section, message)) {
            return TC_ERR_MALFORMED;
        }
        if (record.class != DNS_CLASS_IN || !name_equal(&record.owner, name)) {
            continue;
        }
        if (record.type == DNS_TYPE_CNAME && !*out_is_alias) {
            if (!read_last_name(alias, &record.data, message)) {
                return TC_ERR_MALFORMED;
            }
            *out_is_alias = true;
        } else if (record.type == out->type) {
            enum tc_status status = add_record(out, &record, message);
            if (status != TC_OK) {
                return status;
            }
        }
    }
    return TC_OK;
}

static enum tc_status follow(struct tc_dns_message *out, struct dns_name *name, CBS section,
                             size_t num_records, const CBS *message)
{
    for (unsigned hop = 0; hop <= TC_MAX_CNAMES; hop++) {
        struct dns_name alias;
        bool is_alias = false;
        enum tc_status status = walk(out, &is_alias, &alias, name, section, num_records, message);
        if (status != TC_OK || !is_alias) {
            return status;
        }
        if (out->cnames.len > 0) {
            tc_buf_add_char(&out->cnames, ' ');
        }
        out->last_cname = out->cnames.len;
        name_add_text(&out->cnames, &alias);
        if (out->cnames.failed != TC_OK) {
            return out->cnames.failed;
        }
        *name = alias;
    }
    out->too_many_aliases = true;
    out->num_addresses = 0;
    out->num_exchanges = 0;
    return TC_OK;
}

enum tc_status tc_dns_message_read(struct tc_dns_message *out, const uint8_t *bytes, size_t len)
{
    CBS message;
    CBS cursor;
    struct dns_name name;
    uint16_t id = 0;
    uint16_t flags = 0;
    uint16_t num_questions = 0;
    uint16_t num_answers = 0;
    uint16_t class = 0;

    out->rcode = DNS_RCODE_NOERROR;
    out->type = 0;
    out->num_addresses = 0;
    out->more_addresses = false;
    out->too_many_aliases = false;
    out->last_cname = 0;
    out->num_exchanges = 0;
    tc_buf_init(&out->cnames, DNS_CNAMES_MAX);
    tc_buf_init(&out->exchange_names, DNS_NAMES_MAX);

    CBS_init(&message, bytes, len);
    cursor = message;
    if (len < DNS_HEADER_BYTES || !CBS_get_u16(&cursor, &id) || !CBS_get_u16(&cursor, &flags) ||
        !CBS_get_u16(&cursor, &num_questions) || !CBS_get_u16(&cursor, &num_answers) ||
        !CBS_skip(&cursor, 4)) {
        return TC_ERR_MALFORMED;
    }
    out->rcode = flags & 0x0fU;
    if (num_questions == 0 && num_answers == 0) {
        return TC_OK; /* a bare error, as some servers send it: the code is all there is */
    }
    if (num_questions != 1 || !read_name(&name, &cursor, &message) ||
        !CBS_get_u16(&cursor, &out->type) || !CBS_get_u16(&cursor, &class) ||
        class != DNS_CLASS_IN ||
        (out->type != DNS_TYPE_A && out->type != DNS_TYPE_AAAA && out->type != DNS_TYPE_MX)) {
        return TC_ERR_MALFORMED;
    }
    if (num_answers > DNS_MAX_RECORDS) {
        return TC_ERR_LIMIT;
    }
    return follow(out, &name, cursor, num_answers, &message);
}

void tc_dns_message_cleanup(struct tc_dns_message *message)
{
    tc_buf_cleanup(&message->cnames);
    tc_buf_cleanup(&message->exchange_names);
}

enum tc_status tc_dns_message_add_exchanges(struct tc_buf *out,
                                            const struct tc_dns_message *message)
{
    bool is_taken[TC_MAX_EXCHANGES] = {false};
    for (size_t n = 0; n < message->num_exchanges; n++) {
        size_t best = message->num_exchanges;
        for (size_t i = 0; i < message->num_exchanges; i++) {
            if (!is_taken[i] &&
                (best == message->num_exchanges ||
                 message->exchanges[i].preference < message->exchanges[best].preference)) {
                best = i;
            }
        }
        is_taken[best] = true;
        const char *name = message->exchange_names.data + message->exchanges[best].name_at;
        size_t len = strcspn(name, " ");
        if (len != 1 || name[0] != '.') {
            tc_buf_add_str(out, out->len > 0 ? " " : "");
            tc_buf_add(out, name, len);
        }
    }
    return out->failed;
}

const char *tc_dns_rcode_str(unsigned rcode)
{
    static const char *const names[] = {
        [DNS_RCODE_NOERROR] = "NOERROR",   [DNS_RCODE_FORMERR] = "FORMERR",
        [DNS_RCODE_SERVFAIL] = "SERVFAIL", [DNS_RCODE_NXDOMAIN] = "NXDOMAIN",
        [DNS_RCODE_NOTIMP] = "NOTIMP",     [DNS_RCODE_REFUSED] = "REFUSED",
    };
    return rcode < TC_ARRAY_LEN(names) ? names[rcode] : NULL;
}
