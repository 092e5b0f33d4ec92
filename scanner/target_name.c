/* Host names of the input: checked, in A-labels, in lower case; shown in both forms. */
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "target_item.h"

/* More text than any name that could still shrink to 253 characters in A-labels. */
#define NAME_TEXT_MAX 1024U
/* Mapping by UTS 46, not the transitional one, which turns ß into ss (as browsers do it now). */
#define IDN_FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static enum tc_status refuse_char(struct target_reason *reason, const char *text, char c)
{
    if (c == '*') {
        return tc_target_refuse(reason, "a wildcard names no host; list the names behind %.80s",
                                text);
    }
    if (c == ' ' || c == '\t') {
        return tc_target_refuse(reason, "a host name has no blanks: \"%.80s\"", text);
    }
    if ((unsigned char)c < 0x20 || c == 0x7f) {
        return tc_target_refuse(reason, "a control character (0x%02x) in the host name",
                                (unsigned)(unsigned char)c);
    }
    return tc_target_refuse(reason, "'%c' cannot be in a host name: \"%.80s\"", c, text);
}

/* One label of the canonical name. */
static enum tc_status check_label(struct target_reason *reason, const char *name, const char *label,
                                  size_t len)
{
    if (len == 0) {
        return tc_target_refuse(reason, "an empty label (two dots, or one in front): \"%.80s\"",
                                name);
    }
    if (len > TARGET_LABEL_MAX) {
        return tc_target_refuse(reason, "a label of %zu characters; a name's parts have at most %u",
                                len, TARGET_LABEL_MAX);
    }
    if (label[0] == '-' || label[len - 1] == '-') {
        return tc_target_refuse(reason, "label \"%.*s\" begins or ends with a hyphen", (int)len,
                                label);
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(label[i])) {
            return refuse_char(reason, name, label[i]);
        }
    }
    return TC_OK;
}

/* The whole canonical name, NUL-terminated. */
static enum tc_status check_name(struct target_reason *reason, const char *name, size_t len)
{
    if (len > TARGET_NAME_MAX) {
        return tc_target_refuse(reason, "a name of %zu characters; the DNS has at most %u", len,
                                TARGET_NAME_MAX);
    }
    const char *label = name;
    const char *end = name + len;
    for (;;) {
        const char *dot = memchr(label, '.', (size_t)(end - label));
        size_t label_len = (size_t)((dot != NULL ? dot : end) - label);
        enum tc_status status = check_label(reason, name, label, label_len);
        if (status != TC_OK) {
            return status;
        }
        if (dot == NULL) {
            break;
        }
        label = dot + 1;
    }
    if (strspn(label, "0123456789") == (size_t)(end - label)) {
        return tc_target_refuse(
            reason, "\"%.80s\" is neither an address nor a name (its last part is a number)", name);
    }
    return TC_OK;
}

/* Whether a label begins with the ACE prefix (RFC 5890 section 2.3.2.5). */
static bool has_a_label(const char *name)
{
    for (const char *found = strstr(name, "xn--"); found != NULL;
         found = strstr(found + 1, "xn--")) {
        if (found == name || found[-1] == '.') {
            return true;
        }
    }
    return false;
}

/* Decodes A-labels where they are what an encoder would have made; else the name has one form. */
static void decode(char *unicode, const char *host)
{
    char *decoded = NULL;
    uint8_t *again = NULL;
    unicode[0] = '\0';
    if (has_a_label(host) && idn2_to_unicode_8z8z(host, &decoded, 0) == IDN2_OK &&
        strlen(decoded) <= TARGET_UNICODE_MAX && strcmp(decoded, host) != 0 &&
        idn2_lookup_u8((const uint8_t *)decoded, &again, IDN_FLAGS) == IDN2_OK &&
        strcmp((const char *)again, host) == 0) {
        memcpy(unicode, decoded, strlen(decoded) + 1);
    }
    idn2_free(again);
    idn2_free(decoded);
}

/* A name with characters beyond ASCII becomes A-labels in `ascii` (NAME_TEXT_MAX + 1 bytes). */
static enum tc_status encode(char *ascii, struct target_reason *reason, const char *text,
                             size_t len)
{
    char copy[NAME_TEXT_MAX + 1];
    uint8_t *encoded = NULL;
    if (!tc_target_is_utf8(text, len)) {
        return tc_target_refuse(reason, "the name is not UTF-8; save the list as UTF-8");
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    int rc = idn2_lookup_u8((const uint8_t *)copy, &encoded, IDN_FLAGS);
    if (rc == IDN2_MALLOC) {
        return TC_ERR_NOMEM;
    }
    if (rc != IDN2_OK) {
        return tc_target_refuse(reason, "not a valid international name: %s", idn2_strerror(rc));
    }
    size_t encoded_len = strlen((const char *)encoded);
    if (encoded_len > NAME_TEXT_MAX) {
        idn2_free(encoded);
        return tc_target_refuse(reason, "a name of %zu characters; the DNS has at most %u",
                                encoded_len, TARGET_NAME_MAX);
    }
    memcpy(ascii, encoded, encoded_len + 1);
    idn2_free(encoded);
    return TC_OK;
}

/* Lower case, and whether every character is ASCII. */
static bool lower(char *out, const char *text, size_t len)
{
    bool is_ascii = true;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        is_ascii = is_ascii && (unsigned char)c < 0x80;
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    out[len] = '\0';
    return is_ascii;
}

enum tc_status tc_target_name_parse(char host[TARGET_NAME_MAX + 1], char *unicode,
                                    struct target_reason *reason, const char *text, size_t len)
{
    char name[NAME_TEXT_MAX + 1];
    enum tc_status status = TC_OK;
    if (len == 0) {
        return tc_target_refuse(reason, "no host");
    }
    if (len > NAME_TEXT_MAX) {
        return tc_target_refuse(reason, "a name of %zu characters; the DNS has at most %u", len,
                                TARGET_NAME_MAX);
    }
    if (memchr(text, '\0', len) != NULL) {
        return tc_target_refuse(reason, "a NUL byte in the host name");
    }
    if (!lower(name, text, len)) {
        status = encode(name, reason, text, len);
        if (status != TC_OK) {
            return status;
        }
    }
    size_t name_len = strlen(name);
    if (name_len > 1 && name[name_len - 1] == '.') {
        name[--name_len] = '\0'; /* the root's dot: the name is absolute anyway */
    }
    status = check_name(reason, name, name_len);
    if (status != TC_OK) {
        return status;
    }
    memcpy(host, name, name_len + 1);
    if (unicode != NULL) {
        decode(unicode, host);
    }
    return TC_OK;
}
