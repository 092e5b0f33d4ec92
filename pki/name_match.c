/* Whether a certificate may speak for a name: RFC 9525 section 6.3 and 6.5. */
#include <arpa/inet.h>
#include <string.h>

#include "tlscensus/certificate.h"

#define DNS_NAME_MAX 253U /* RFC 1035 section 2.3.4, as text without the root's dot */

/* What is looked for, brought into one shape. */
struct reference {
    bool is_address;
    char text[DNS_NAME_MAX + 1]; /* lower case without trailing dot, or as inet_ntop writes it */
    size_t len;
};

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_dns_char(char c)
{
    char lower = to_lower(c);
    /* An underscore is no host name's, yet lists and certificates have it. */
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of 1 to 63 letters, digits, hyphens and underscores, joined by single dots. */
static bool is_dns_name(const char *text, size_t len)
{
    size_t label_len = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') {
            if (label_len == 0) {
                return false;
            }
            label_len = 0;
        } else if (!is_dns_char(text[i]) || ++label_len > 63) {
            return false;
        }
    }
    return label_len > 0;
}

/* An address in any notation that inet_pton reads; a zone after '%' is no part of it. */
static bool reference_from_address(struct reference *out, const char *text, size_t len)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char octets[16];
    const char *zone = memchr(text, '%', len);
    size_t address_len = zone != NULL ? (size_t)(zone - text) : len;
    if (address_len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, address_len);
    copy[address_len] = '\0';
    int family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
    if ((zone != NULL && family == AF_INET) || inet_pton(family, copy, octets) != 1 ||
        inet_ntop(family, octets, out->text, sizeof out->text) == NULL) {
        return false;
    }
    out->is_address = true;
    out->len = strlen(out->text);
    return true;
}

static bool reference_init(struct reference *out, const char *text)
{
    size_t len = strlen(text);
    *out = (struct reference){.is_address = false};
    if (reference_from_address(out, text, len)) {
        return true;
    }
    if (len > 0 && text[len - 1] == '.') { /* RFC 9525 section 6.3: the root's dot is no part */
        len--;
    }
    if (len > DNS_NAME_MAX || !is_dns_name(text, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        out->text[i] = to_lower(text[i]);
    }
    out->len = len;
    return true;
}

static bool equal_without_case(const char *presented, const char *lower, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (to_lower(presented[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/*
 * A presented DNS name against the reference. `*` stands for one whole left-most label and nothing
 * else; a name such as `*.org`, which would speak for every domain below org, matches nothing.
 */
static bool dns_matches(const struct reference *reference, const struct tc_text *presented)
{
    const char *name = presented->data;
    size_t len = presented->len;
    const char *wanted = reference->text;
    size_t wanted_len = reference->len;
    if (len >= 2 && name[0] == '*' && name[1] == '.') {
        const char *dot = memchr(wanted, '.', wanted_len);
        if (dot == NULL || memchr(name + 2, '.', len - 2) == NULL) {
            return false;
        }
        wanted_len -= (size_t)(dot - wanted);
        wanted = dot;
        name++;
        len--;
    }
    return len == wanted_len && equal_without_case(name, wanted, len);
}

static bool name_matches(const struct reference *reference, const struct tc_cert_name *name)
{
    if (reference->is_address) {
        return name->kind == TC_NAME_IP && name->text.len == reference->len &&
               memcmp(name->text.data, reference->text, reference->len) == 0;
    }
    return name->kind == TC_NAME_DNS && dns_matches(reference, &name->text);
}

bool tc_cert_matches_name(const struct tc_cert *cert, const char *reference_text)
{
    struct reference reference;
    if (!reference_init(&reference, reference_text)) {
        return false;
    }
    for (size_t i = 0; i < cert->num_names; i++) {
        if (name_matches(&reference, &cert->names[i])) {
            return true;
        }
    }
    return false;
}

bool tc_cert_cn_matches_name(const struct tc_cert *cert, const char *reference_text)
{
    struct reference reference;
    struct reference common_name;
    if (cert->subject_cn.data == NULL || !reference_init(&reference, reference_text)) {
        return false;
    }
    if (!reference.is_address) {
        return dns_matches(&reference, &cert->subject_cn);
    }
    return strlen(cert->subject_cn.data) == cert->subject_cn.len &&
           reference_from_address(&common_name, cert->subject_cn.data, cert->subject_cn.len) &&
           strcmp(common_name.text, reference.text) == 0;
}
