/* Reads a ClientHello as strictly as a careful server would. */
#include <string.h>

#include <openssl/bytestring.h>

#include "fake_server.h"

bool fake_has(const uint16_t *numbers, size_t num, uint16_t number)
{
    for (size_t i = 0; i < num; i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

size_t fake_len(const uint16_t *numbers)
{
    size_t num = 0;
    while (numbers[num] != 0) {
        num++;
    }
    return num;
}

bool fake_hello_has(const struct fake_hello *hello, uint16_t extension)
{
    return fake_has(hello->extensions, hello->num_extensions, extension);
}

/* All numbers of `list`, of which there is one at least. */
static bool read_numbers(CBS list, uint16_t *out, size_t *out_num, size_t max)
{
    *out_num = 0;
    while (CBS_len(&list) > 0) {
        if (*out_num >= max || !CBS_get_u16(&list, &out[*out_num])) {
            return false;
        }
        (*out_num)++;
    }
    return *out_num > 0;
}

static bool read_list(CBS body, uint16_t *out, size_t *out_num, size_t max)
{
    CBS list;
    return CBS_get_u16_length_prefixed(&body, &list) && CBS_len(&body) == 0 &&
           read_numbers(list, out, out_num, max);
}

static bool read_name(struct fake_hello *out, CBS body)
{
    CBS list;
    CBS name;
    uint8_t type = 0;
    if (!CBS_get_u16_length_prefixed(&body, &list) || CBS_len(&body) > 0 ||
        !CBS_get_u8(&list, &type) || type != 0 || !CBS_get_u16_length_prefixed(&list, &name) ||
        CBS_len(&list) > 0 || CBS_len(&name) == 0 || CBS_len(&name) >= sizeof out->name) {
        return false;
    }
    memcpy(out->name, CBS_data(&name), CBS_len(&name));
    out->name[CBS_len(&name)] = '\0';
    return true;
}

static bool read_alpn(struct fake_hello *out, CBS body)
{
    CBS list;
    CBS name;
    if (!CBS_get_u16_length_prefixed(&body, &list) || CBS_len(&body) > 0) {
        return false;
    }
    while (CBS_len(&list) > 0) {
        if (out->num_alpn >= TC_ARRAY_LEN(out->alpn) || !CBS_get_u8_length_prefixed(&list, &name) ||
            CBS_len(&name) == 0 || CBS_len(&name) >= sizeof out->alpn[0]) {
            return false;
        }
        memcpy(out->alpn[out->num_alpn], CBS_data(&name), CBS_len(&name));
        out->alpn[out->num_alpn][CBS_len(&name)] = '\0';
        out->num_alpn++;
    }
    return out->num_alpn > 0;
}

static bool read_versions(struct fake_hello *out, CBS body)
{
    CBS list;
    return CBS_get_u8_length_prefixed(&body, &list) && CBS_len(&body) == 0 &&
           read_numbers(list, out->versions, &out->num_versions, TC_ARRAY_LEN(out->versions));
}

/* A share of a group that we know has its length, and its group is among those supported. */
static bool read_shares(struct fake_hello *out, CBS body)
{
    CBS list;
    CBS key;
    uint16_t group = 0;
    if (!CBS_get_u16_length_prefixed(&body, &list) || CBS_len(&body) > 0) {
        return false;
    }
    while (CBS_len(&list) > 0) {
        if (out->num_shares >= TC_ARRAY_LEN(out->shares) || !CBS_get_u16(&list, &group) ||
            !CBS_get_u16_length_prefixed(&list, &key) || CBS_len(&key) == 0) {
            return false;
        }
        const struct tc_group *known = tc_group_find(group);
        if (known != NULL && CBS_len(&key) != known->client_share_bytes) {
            return false;
        }
        out->shares[out->num_shares] = group;
        out->num_shares++;
    }
    return true;
}

static bool read_extension(struct fake_hello *out, uint16_t type, CBS body)
{
    switch (type) {
    case TC_EXTENSION_SERVER_NAME:
        return read_name(out, body);
    case TC_EXTENSION_SUPPORTED_GROUPS:
        return read_list(body, out->groups, &out->num_groups, TC_ARRAY_LEN(out->groups));
    case TC_EXTENSION_SIGNATURE_ALGORITHMS:
        return read_list(body, out->schemes, &out->num_schemes, TC_ARRAY_LEN(out->schemes));
    case TC_EXTENSION_SUPPORTED_VERSIONS:
        return read_versions(out, body);
    case TC_EXTENSION_KEY_SHARE:
        return read_shares(out, body);
    case TC_EXTENSION_ALPN:
        return read_alpn(out, body);
    default:
        return true;
    }
}

static bool read_extensions(struct fake_hello *out, CBS block)
{
    CBS list;
    if (CBS_len(&block) == 0) {
        return true;
    }
    if (!CBS_get_u16_length_prefixed(&block, &list) || CBS_len(&block) > 0) {
        return false;
    }
    while (CBS_len(&list) > 0) {
        uint16_t type = 0;
        CBS body;
        if (!CBS_get_u16(&list, &type) || !CBS_get_u16_length_prefixed(&list, &body) ||
            fake_hello_has(out, type) || out->num_extensions >= TC_ARRAY_LEN(out->extensions) ||
            !read_extension(out, type, body)) {
            return false;
        }
        out->extensions[out->num_extensions] = type;
        out->num_extensions++;
        if (CBS_len(&list) == 0 && CBS_len(&body) == 0) {
            return false; /* some peers choke on a last extension that is empty */
        }
    }
    /* RFC 8446 section 4.2.8: shares are of groups that are on offer, but for JARM's of GREASE. */
    for (size_t i = 0; i < out->num_shares && !fake_hello_has(out, FAKE_MAX_FRAGMENT_LENGTH); i++) {
        if (!fake_has(out->groups, out->num_groups, out->shares[i])) {
            return false;
        }
    }
    return true;
}

static bool read_methods(struct fake_hello *out, CBS methods)
{
    bool has_null = false;
    uint8_t method = 0;
    while (CBS_get_u8(&methods, &method)) {
        has_null = has_null || method == 0;
        out->offers_compression = out->offers_compression || method == 1;
    }
    return has_null;
}

bool fake_hello_read(struct fake_hello *out, const uint8_t *bytes, size_t len)
{
    CBS whole;
    CBS record;
    CBS body;
    CBS session_id;
    CBS suites;
    CBS methods;
    uint8_t type = 0;
    uint8_t message = 0;
    uint8_t random[32];
    *out = (struct fake_hello){.bytes = len};
    CBS_init(&whole, bytes, len);
    if (!CBS_get_u8(&whole, &type) || type != 22 || !CBS_get_u16(&whole, &out->record_version) ||
        !CBS_get_u16_length_prefixed(&whole, &record) || CBS_len(&whole) > 0 ||
        !CBS_get_u8(&record, &message) || message != 1 ||
        !CBS_get_u24_length_prefixed(&record, &body) || CBS_len(&record) > 0 ||
        !CBS_get_u16(&body, &out->legacy_version) || !CBS_copy_bytes(&body, random, 32) ||
        !CBS_get_u8_length_prefixed(&body, &session_id) || CBS_len(&session_id) > 32 ||
        !CBS_get_u16_length_prefixed(&body, &suites) ||
        !CBS_get_u8_length_prefixed(&body, &methods)) {
        return false;
    }
    out->session_id_len = CBS_len(&session_id);
    memcpy(out->session_id, CBS_data(&session_id), CBS_len(&session_id));
    return read_numbers(suites, out->suites, &out->num_suites, TC_ARRAY_LEN(out->suites)) &&
           read_methods(out, methods) && read_extensions(out, body);
}
