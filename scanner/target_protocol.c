/* The schemes of the input, and their ports. */
#include <string.h>
#include <strings.h>

#include "target_item.h"

#define SUBMISSION_PORT 587 /* RFC 6409: SMTP, as on port 25 */

static const struct protocol_row {
    uint16_t port; /* IANA's service names and port numbers */
    bool is_starttls;
} k_protocols[TC_PROTOCOL_COUNT] = {
    [TC_PROTOCOL_HTTPS] = {443, false},       [TC_PROTOCOL_TLS] = {443, false},
    [TC_PROTOCOL_SMTPS] = {465, false},       [TC_PROTOCOL_IMAPS] = {993, false},
    [TC_PROTOCOL_POP3S] = {995, false},       [TC_PROTOCOL_FTPS] = {990, false},
    [TC_PROTOCOL_LDAPS] = {636, false},       [TC_PROTOCOL_NNTPS] = {563, false},
    [TC_PROTOCOL_SMTP] = {25, true},          [TC_PROTOCOL_LMTP] = {24, true},
    [TC_PROTOCOL_IMAP] = {143, true},         [TC_PROTOCOL_POP3] = {110, true},
    [TC_PROTOCOL_FTP] = {21, true},           [TC_PROTOCOL_LDAP] = {389, true},
    [TC_PROTOCOL_XMPP_CLIENT] = {5222, true}, [TC_PROTOCOL_XMPP_SERVER] = {5269, true},
    [TC_PROTOCOL_POSTGRES] = {5432, true},    [TC_PROTOCOL_MYSQL] = {3306, true},
    [TC_PROTOCOL_SIEVE] = {4190, true},       [TC_PROTOCOL_NNTP] = {119, true},
    [TC_PROTOCOL_RDP] = {3389, true},
};

bool tc_protocol_is_starttls(enum tc_protocol protocol)
{
    return (unsigned)protocol < TC_PROTOCOL_COUNT && k_protocols[protocol].is_starttls;
}

bool tc_protocol_is_one_at_a_time(enum tc_protocol protocol)
{
    return protocol == TC_PROTOCOL_SMTP || protocol == TC_PROTOCOL_LMTP ||
           protocol == TC_PROTOCOL_SMTPS;
}

enum tc_protocol tc_protocol_find(const char *name, size_t len)
{
    for (unsigned i = 0; i < TC_PROTOCOL_COUNT; i++) {
        const char *known = tc_protocol_str((enum tc_protocol)i);
        if (strlen(known) == len && strncasecmp(known, name, len) == 0) {
            return (enum tc_protocol)i;
        }
    }
    return TC_PROTOCOL_COUNT;
}

uint16_t tc_protocol_port(enum tc_protocol protocol)
{
    return k_protocols[protocol].port;
}

enum tc_protocol tc_protocol_of_port(uint16_t port)
{
    if (port == 443 || port == 8443) {
        return TC_PROTOCOL_HTTPS;
    }
    for (unsigned i = TC_PROTOCOL_SMTPS; i < TC_PROTOCOL_SMTP; i++) {
        if (k_protocols[i].port == port) {
            return (enum tc_protocol)i;
        }
    }
    return TC_PROTOCOL_TLS;
}

enum tc_protocol tc_protocol_registered(uint16_t port)
{
    if (port == SUBMISSION_PORT) {
        return TC_PROTOCOL_SMTP;
    }
    for (unsigned i = TC_PROTOCOL_SMTP; i < TC_PROTOCOL_COUNT; i++) {
        if (k_protocols[i].port == port) {
            return (enum tc_protocol)i;
        }
    }
    return tc_protocol_of_port(port);
}
