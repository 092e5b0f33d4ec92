/* Addresses of the input: strict to read, IPv4 where they mean IPv4, blocks by arithmetic. */
#include <string.h>

#include "target_item.h"

static const uint8_t k_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void tc_target_address_unmap(struct tc_address *address)
{
    if (address->len == TC_IPV6_BYTES &&
        memcmp(address->octets, k_mapped_prefix, sizeof k_mapped_prefix) == 0) {
        memmove(address->octets, address->octets + sizeof k_mapped_prefix, TC_IPV4_BYTES);
        memset(address->octets + TC_IPV4_BYTES, 0, TC_IPV6_BYTES - TC_IPV4_BYTES);
        address->len = TC_IPV4_BYTES;
    }
}

bool tc_target_address_parse(struct tc_address *out, const char *text, size_t len)
{
    char copy[TC_ADDRESS_TEXT_MAX];
    struct tc_address address = {.len = 0};
    if (len == 0 || len >= sizeof copy || memchr(text, '\0', len) != NULL ||
        memchr(text, '%', len) != NULL) {
        return false;
    }
    /* Most hosts are names, and need no closer look. */
    bool has_colon = memchr(text, ':', len) != NULL;
    if (!has_colon && (text[len - 1] < '0' || text[len - 1] > '9')) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!tc_address_parse(&address, copy)) {
        return false;
    }
    tc_target_address_unmap(&address);
    *out = address;
    return true;
}

void tc_target_address_mask(struct tc_address *address, unsigned prefix)
{
    for (size_t i = 0; i < address->len; i++) {
        unsigned first_bit = (unsigned)i * 8;
        if (prefix <= first_bit) {
            address->octets[i] = 0;
        } else if (prefix < first_bit + 8) {
            address->octets[i] &= (uint8_t)(0xffU << (first_bit + 8 - prefix));
        }
    }
}

struct tc_address tc_target_address_add(struct tc_address address, uint64_t offset)
{
    uint64_t carry = offset;
    for (size_t i = address.len; i > 0 && carry > 0; i--) {
        uint64_t sum = address.octets[i - 1] + (carry & 0xff);
        address.octets[i - 1] = (uint8_t)(sum & 0xff);
        carry = (carry >> 8) + (sum >> 8);
    }
    return address;
}
