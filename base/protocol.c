/* Names of protocols: the input's schemes, and what the store writes. */
#include "tlscensus/target.h"

static const char *const k_names[TC_PROTOCOL_COUNT] = {
    [TC_PROTOCOL_HTTPS] = "https",
    [TC_PROTOCOL_TLS] = "tls",
    [TC_PROTOCOL_SMTPS] = "smtps",
    [TC_PROTOCOL_IMAPS] = "imaps",
    [TC_PROTOCOL_POP3S] = "pop3s",
    [TC_PROTOCOL_FTPS] = "ftps",
    [TC_PROTOCOL_LDAPS] = "ldaps",
    [TC_PROTOCOL_NNTPS] = "nntps",
    [TC_PROTOCOL_SMTP] = "smtp",
    [TC_PROTOCOL_LMTP] = "lmtp",
    [TC_PROTOCOL_IMAP] = "imap",
    [TC_PROTOCOL_POP3] = "pop3",
    [TC_PROTOCOL_FTP] = "ftp",
    [TC_PROTOCOL_LDAP] = "ldap",
    [TC_PROTOCOL_XMPP_CLIENT] = "xmpp-client",
    [TC_PROTOCOL_XMPP_SERVER] = "xmpp-server",
    [TC_PROTOCOL_POSTGRES] = "postgres",
    [TC_PROTOCOL_MYSQL] = "mysql",
    [TC_PROTOCOL_SIEVE] = "sieve",
    [TC_PROTOCOL_NNTP] = "nntp",
    [TC_PROTOCOL_RDP] = "rdp",
};

const char *tc_protocol_str(enum tc_protocol protocol)
{
    return (unsigned)protocol < TC_PROTOCOL_COUNT ? k_names[protocol] : "unknown";
}
