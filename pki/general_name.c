/* GeneralName, RFC 5280 section 4.2.1.6: what a certificate may speak for, and addresses in it. */
#include <arpa/inet.h>
#include <string.h>

#include <openssl/mem.h>

#include "reader.h"
#include "text.h"

#define CONTEXT(n)             (CBS_ASN1_CONTEXT_SPECIFIC | (n))
#define CONTEXT_CONSTRUCTED(n) (CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | (n))
#define TAG_OTHER_NAME         CONTEXT_CONSTRUCTED(0U)
#define TAG_EMAIL              CONTEXT(1U)
#define TAG_DNS                CONTEXT(2U)
#define TAG_X400               CONTEXT_CONSTRUCTED(3U)
#define TAG_DIRECTORY          CONTEXT_CONSTRUCTED(4U)
#define TAG_EDI_PARTY          CONTEXT_CONSTRUCTED(5U)
#define TAG_URI                CONTEXT(6U)
#define TAG_IP                 CONTEXT(7U)
#define TAG_REGISTERED_ID      CONTEXT(8U)

static const uint8_t k_oid_xmpp[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x05};
static const uint8_t k_oid_srv[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x07};

/* The address as inet_ntop writes it; octets that are no address, as hexadecimal. */
static void append_address(struct tc_buf *out, CBS octets)
{
    char text[INET6_ADDRSTRLEN];
    int family = CBS_len(&octets) == 4 ? AF_INET : CBS_len(&octets) == 16 ? AF_INET6 : AF_UNSPEC;
    if (family != AF_UNSPEC && inet_ntop(family, CBS_data(&octets), text, sizeof text) != NULL) {
        tc_buf_add_str(out, text);
    } else {
        tc_buf_addf(out, "%zu octets: ", CBS_len(&octets));
        tc_buf_add_hex(out, CBS_data(&octets), CBS_len(&octets), 0);
    }
}

/* "registeredID 1.2.3" and the like, for names whose value no one here reads. */
static void append_type_and_oid(struct tc_buf *out, const char *type, const CBS *oid)
{
    char *dotted = CBS_asn1_oid_to_text(oid);
    tc_buf_addf(out, "%s %s", type, dotted != NULL ? dotted : "of an unknown type");
    OPENSSL_free(dotted);
}

/* OtherName: XMPP addresses and SRV names have kinds of their own. */
static bool read_other_name(struct reader *reader, CBS content, enum tc_name_kind *out_kind)
{
    CBS oid;
    CBS wrapped;
    CBS value;
    unsigned tag = 0;
    if (!CBS_get_asn1(&content, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&content, &wrapped, CONTEXT_CONSTRUCTED(0U)) ||
        !CBS_get_any_asn1(&wrapped, &value, &tag)) {
        return false;
    }
    bool is_xmpp = CBS_mem_equal(&oid, k_oid_xmpp, sizeof k_oid_xmpp);
    bool is_srv = CBS_mem_equal(&oid, k_oid_srv, sizeof k_oid_srv);
    if ((is_xmpp || is_srv) && text_is_string(tag)) {
        *out_kind = is_xmpp ? TC_NAME_XMPP : TC_NAME_SRV;
        text_append(&reader->text, tag, value);
    } else {
        *out_kind = TC_NAME_OTHER;
        append_type_and_oid(&reader->text, "otherName", &oid);
    }
    return true;
}

static bool read_directory_name(struct reader *reader, CBS content, struct tc_cert_name *out)
{
    CBS name;
    out->kind = TC_NAME_DIRECTORY;
    return CBS_get_asn1(&content, &name, CBS_ASN1_SEQUENCE) &&
           read_name(reader, name, &out->text, NULL, NULL);
}

static bool read_general_name(struct reader *reader, unsigned tag, CBS content,
                              struct tc_cert_name *out)
{
    tc_buf_clear(&reader->text);
    out->kind = TC_NAME_OTHER;
    switch (tag) {
    case TAG_DNS:
        out->kind = TC_NAME_DNS;
        text_append_utf8(&reader->text, content);
        break;
    case TAG_IP:
        out->kind = TC_NAME_IP;
        append_address(&reader->text, content);
        break;
    case TAG_EMAIL:
        out->kind = TC_NAME_EMAIL;
        text_append_utf8(&reader->text, content);
        break;
    case TAG_URI:
        out->kind = TC_NAME_URI;
        text_append_utf8(&reader->text, content);
        break;
    case TAG_OTHER_NAME:
        if (!read_other_name(reader, content, &out->kind)) {
            return false;
        }
        break;
    case TAG_DIRECTORY:
        return read_directory_name(reader, content, out);
    case TAG_X400:
        tc_buf_add_str(&reader->text, "x400Address");
        break;
    case TAG_EDI_PARTY:
        tc_buf_add_str(&reader->text, "ediPartyName");
        break;
    case TAG_REGISTERED_ID:
        append_type_and_oid(&reader->text, "registeredID", &content);
        break;
    default:
        return false;
    }
    reader_keep(reader, &out->text, &reader->text);
    return true;
}

/* How many elements stand one after another; 0 where one of them is broken. */
static size_t count_elements(CBS elements)
{
    size_t count = 0;
    CBS element;
    unsigned tag = 0;
    size_t header_len = 0;
    while (CBS_len(&elements) > 0) {
        if (!CBS_get_any_asn1_element(&elements, &element, &tag, &header_len)) {
            return 0;
        }
        count++;
    }
    return count;
}

bool read_alt_names(struct reader *reader, CBS general_names)
{
    CBS names;
    CBS content;
    unsigned tag = 0;
    struct tc_cert *cert = reader->cert;
    if (!CBS_get_asn1(&general_names, &names, CBS_ASN1_SEQUENCE) || CBS_len(&general_names) != 0) {
        return false;
    }
    size_t count = count_elements(names);
    if (count == 0 || cert->names != NULL) { /* SIZE (1..MAX), and once in a certificate */
        return false;
    }
    cert->names = arena_alloc(reader->arena, count * sizeof *cert->names);
    if (cert->names == NULL) {
        reader->no_memory = true;
        return false;
    }
    while (CBS_get_any_asn1(&names, &content, &tag)) {
        if (!read_general_name(reader, tag, content, &cert->names[cert->num_names])) {
            return false;
        }
        cert->num_names++;
    }
    return true;
}

void read_first_uri(struct reader *reader, CBS names, struct tc_text *out)
{
    CBS content;
    unsigned tag = 0;
    while (out->data == NULL && CBS_get_any_asn1(&names, &content, &tag)) {
        if (tag == TAG_URI) {
            tc_buf_clear(&reader->text);
            text_append_utf8(&reader->text, content);
            reader_keep(reader, out, &reader->text);
        }
    }
}
