/* Names to RFC 4514 text. */
#include <string.h>

#include <openssl/mem.h>

#include "reader.h"
#include "text.h"

#define NAME_RDNS_MAX 256U /* more are shown as a count: no person reads that name */

/*
 * The attribute types that have a short name here: those of RFC 4514 section 3, then what IANA's
 * LDAP registry and the CA/Browser Forum's EV guidelines add and people meet. Others are written
 * as dotted OID and #hex (RFC 4514 section 2.4).
 */
static const struct attribute_type {
    uint8_t oid_len;
    uint8_t oid[11];
    const char *name;
} k_attribute_types[] = {
    {3, {0x55, 0x04, 0x03}, "CN"},
    {3, {0x55, 0x04, 0x06}, "C"},
    {3, {0x55, 0x04, 0x0a}, "O"},
    {3, {0x55, 0x04, 0x0b}, "OU"},
    {3, {0x55, 0x04, 0x07}, "L"},
    {3, {0x55, 0x04, 0x08}, "ST"},
    {3, {0x55, 0x04, 0x09}, "STREET"},
    {10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19}, "DC"},
    {10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01}, "UID"},
    {3, {0x55, 0x04, 0x05}, "serialNumber"},
    {3, {0x55, 0x04, 0x04}, "SN"},
    {3, {0x55, 0x04, 0x2a}, "GN"},
    {3, {0x55, 0x04, 0x0c}, "title"},
    {3, {0x55, 0x04, 0x0d}, "description"},
    {3, {0x55, 0x04, 0x0f}, "businessCategory"},
    {3, {0x55, 0x04, 0x11}, "postalCode"},
    {3, {0x55, 0x04, 0x12}, "postOfficeBox"},
    {3, {0x55, 0x04, 0x14}, "telephoneNumber"},
    {3, {0x55, 0x04, 0x29}, "name"},
    {3, {0x55, 0x04, 0x2b}, "initials"},
    {3, {0x55, 0x04, 0x2e}, "dnQualifier"},
    {3, {0x55, 0x04, 0x41}, "pseudonym"},
    {3, {0x55, 0x04, 0x61}, "organizationIdentifier"},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01}, "emailAddress"},
    {11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x01}, "jurisdictionL"},
    {11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x02}, "jurisdictionST"},
    {11, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x3c, 0x02, 0x01, 0x03}, "jurisdictionC"},
};

static const char *attribute_name(const CBS *oid)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_attribute_types); i++) {
        if (CBS_mem_equal(oid, k_attribute_types[i].oid, k_attribute_types[i].oid_len)) {
            return k_attribute_types[i].name;
        }
    }
    return NULL;
}

/* RFC 4514 section 2.4: what must be escaped, and NUL as \00. Other control characters stay. */
static void append_escaped(struct tc_buf *out, const char *value, size_t len)
{
    size_t plain = 0;
    for (size_t i = 0; i < len; i++) {
        char c = value[i];
        bool at_edge = (c == ' ' && (i == 0 || i + 1 == len)) || (c == '#' && i == 0);
        if (c != '\0' && !at_edge && strchr("\"+,;<>\\", c) == NULL) {
            continue;
        }
        tc_buf_add(out, value + plain, i - plain);
        if (c == '\0') {
            tc_buf_add_str(out, "\\00");
        } else {
            tc_buf_add_char(out, '\\');
            tc_buf_add_char(out, c);
        }
        plain = i + 1;
    }
    tc_buf_add(out, value + plain, len - plain);
}

/* One AttributeTypeAndValue: "CN=example.org". Leaves the value itself in reader->value. */
static bool append_attribute(struct reader *reader, CBS *rdn, const char **out_name)
{
    CBS attribute;
    CBS oid;
    CBS element;
    unsigned tag = 0;
    size_t header_len = 0;
    if (!CBS_get_asn1(rdn, &attribute, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&attribute, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_any_asn1_element(&attribute, &element, &tag, &header_len) ||
        CBS_len(&attribute) != 0) {
        return false;
    }
    const char *name = attribute_name(&oid);
    *out_name = name;
    tc_buf_clear(&reader->value);
    if (name != NULL && text_is_string(tag)) {
        CBS content = element;
        (void)CBS_skip(&content, header_len);
        text_append(&reader->value, tag, content);
        tc_buf_add_str(&reader->text, name);
        tc_buf_add_char(&reader->text, '=');
        append_escaped(&reader->text, reader->value.data != NULL ? reader->value.data : "",
                       reader->value.len);
        return true;
    }
    char *dotted = CBS_asn1_oid_to_text(&oid);
    tc_buf_add_str(&reader->text, name != NULL ? name : dotted != NULL ? dotted : "?");
    OPENSSL_free(dotted);
    tc_buf_add_str(&reader->text, "=#");
    tc_buf_add_hex(&reader->text, CBS_data(&element), CBS_len(&element), 0);
    *out_name = NULL;
    return true;
}

/*
 * One RelativeDistinguishedName; its attributes are joined by '+' (RFC 4514 section 2.2). RFC 5280
 * wants one at least, but the library reads an empty one, so it is none here either.
 */
static bool append_rdn(struct reader *reader, CBS rdn, struct tc_text *out_cn,
                       struct tc_text *out_organization)
{
    bool is_first = true;
    while (CBS_len(&rdn) > 0) {
        const char *name = NULL;
        if (!is_first) {
            tc_buf_add_char(&reader->text, '+');
        }
        is_first = false;
        if (!append_attribute(reader, &rdn, &name)) {
            return false;
        }
        /* The last RDN comes first here: the most specific one is kept. */
        if (name != NULL && out_cn != NULL && out_cn->data == NULL && strcmp(name, "CN") == 0) {
            reader_keep(reader, out_cn, &reader->value);
        }
        if (name != NULL && out_organization != NULL && out_organization->data == NULL &&
            strcmp(name, "O") == 0) {
            reader_keep(reader, out_organization, &reader->value);
        }
    }
    return true;
}

bool read_name(struct reader *reader, CBS name, struct tc_text *out, struct tc_text *out_cn,
               struct tc_text *out_organization)
{
    CBS rdns[NAME_RDNS_MAX];
    size_t num_rdns = 0;
    size_t num_left_out = 0;
    while (CBS_len(&name) > 0) {
        CBS rdn;
        if (!CBS_get_asn1(&name, &rdn, CBS_ASN1_SET)) {
            return false;
        }
        if (num_rdns < NAME_RDNS_MAX) {
            rdns[num_rdns++] = rdn;
        } else {
            num_left_out++;
        }
    }
    bool is_first = num_left_out == 0;
    tc_buf_clear(&reader->text);
    if (num_left_out > 0) {
        tc_buf_addf(&reader->text, "(%zu more)", num_left_out);
    }
    for (size_t i = num_rdns; i > 0; i--) {
        if (CBS_len(&rdns[i - 1]) == 0) {
            continue;
        }
        if (!is_first) {
            tc_buf_add_char(&reader->text, ',');
        }
        is_first = false;
        if (!append_rdn(reader, rdns[i - 1], out_cn, out_organization)) {
            return false;
        }
    }
    reader_keep(reader, out, &reader->text);
    return true;
}
