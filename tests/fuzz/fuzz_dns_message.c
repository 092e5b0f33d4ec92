/* Answers of a DNS server: whatever they hold, what is read of them keeps its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_dns_message message;
    if (tc_dns_message_read(&message, data, size) == TC_OK) {
        size_t octets = message.type == DNS_TYPE_A ? TC_IPV4_BYTES : TC_IPV6_BYTES;
        if (message.num_addresses > TC_MAX_ADDRESSES ||
            (message.too_many_aliases && message.num_addresses > 0)) {
            abort();
        }
        for (size_t i = 0; i < message.num_addresses; i++) {
            if (message.addresses[i].len != octets) {
                abort();
            }
        }
        struct tc_buf exchanges;
        tc_buf_init(&exchanges, 65536);
        if (message.num_exchanges > TC_MAX_EXCHANGES ||
            (message.num_exchanges > 0 && message.type != DNS_TYPE_MX) ||
            tc_dns_message_add_exchanges(&exchanges, &message) != TC_OK ||
            exchanges.len > message.exchange_names.len) {
            abort();
        }
        for (size_t i = 0; i < exchanges.len; i++) {
            unsigned char c = (unsigned char)exchanges.data[i];
            if (c < ' ' || c >= 0x7f) {
                abort();
            }
        }
        tc_buf_cleanup(&exchanges);
        for (size_t i = 0; i < message.cnames.len; i++) {
            unsigned char c = (unsigned char)message.cnames.data[i];
            if (c < ' ' || c >= 0x7f) { /* names are escaped; the space stands between them */
                abort();
            }
        }
    }
    tc_dns_message_cleanup(&message);
    return 0;
}
