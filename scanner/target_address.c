/* Addresses of the input: strict to read, canonical to print. */
#include <arpa/inet.h>
#include <string.h>

#include "target_item.h"

/* ::ffff:0:0/96 (RFC 4291 section 2.5.5.2): a socket to it speaks IPv4, and so do exclusions. */
static const uint8_t k_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void unmap(struct target_address *address)
{
    if (address->len == 16 &&
        memcmp(address->octets, k_mapped_prefix, sizeof k_mapped_prefix) == 0) {
        memmove(address->octets, address->octets + sizeof k_mapped_prefix, 4);
        memset(address->octets + 4, 0, 12);
        address->len = 4;
    }
}

bool tc_target_address_parse(struct target_address *out, const char *text, size_t len)
{
    char copy[TARGET_ADDRESS_MAX];
    if (len == 0 || len >= sizeof copy || memchr(text, '\0', len) != NULL) {
        return false;
    }
    /* Most hosts are names: inet_pton need not look at them. */
    bool has_colon = memchr(text, ':', len) != NULL;
    if (!has_colon && (text[len - 1] < '0' || text[len - 1] > '9')) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    struct target_address address = {.len = has_colon ? 16 : 4};
    if (inet_pton(has_colon ? AF_INET6 : AF_INET, copy, address.octets) != 1) {
        return false;
    }
    unmap(&address);
    *out = address;
    return true;
}

bool tc_target_address_from_octets(struct target_address *out, const uint8_t *octets, size_t len)
{
    if (len != 4 && len != 16) {
        return false;
    }
    *out = (struct target_address){.len = len};
    memcpy(out->octets, octets, len);
    unmap(out);
    return true;
}

void tc_target_address_format(char text[TARGET_ADDRESS_MAX], const struct target_address *address)
{
    int family = address->len == 4 ? AF_INET : AF_INET6;
    if (inet_ntop(family, address->octets, text, TARGET_ADDRESS_MAX) == NULL) {
        text[0] = '\0'; /* only a wrong family or a short buffer get here, and neither is */
    }
}

void tc_target_address_mask(struct target_address *address, unsigned prefix)
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

struct target_address tc_target_address_add(struct target_address address, uint64_t offset)
{
    uint64_t carry = offset;
    for (size_t i = address.len; i > 0 && carry > 0; i--) {
        uint64_t sum = address.octets[i - 1] + (carry & 0xff);
        address.octets[i - 1] = (uint8_t)(sum & 0xff);
        carry = (carry >> 8) + (sum >> 8);
    }
    return address;
}
