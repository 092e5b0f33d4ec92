/* XMPP, LDAP, PostgreSQL, MySQL, RDP. */
#include "starttls_talk.h"

#define NS "urn:ietf:params:xml:ns:xmpp-tls"
#define CLIENT                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' to='host.example' version='1.0'>"
#define SERVER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' to='host.example' version='1.0'>"
#define STARTTLS "<starttls xmlns='" NS "'/>"
#define HEADER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "         \
    "version='1.0' from='host.example' id='x>y' xml:lang='en' xmlns='jabber:client'>"
#define FEATURES                                                                                   \
    "<stream:features><starttls xmlns='" NS "'><required/></starttls></stream:features>"
#define XMPP TC_PROTOCOL_XMPP_CLIENT

#define LDAP_REQUEST                                                                               \
    "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                                         \
    "1.3.6.1.4.1.1466.20037"
#define LDAP TC_PROTOCOL_LDAP

#define PG_REQUEST "\x00\x00\x00\x08\x04\xd2\x16\x2f"
#define PG         TC_PROTOCOL_POSTGRES

/* Length and number of a packet; protocol 10; version; thread; salt and filler; then capabilities.
 */
#define MYSQL_HEAD                                                                                 \
    "\x2b\x00\x00\x00\x0a"                                                                         \
    "8.0.1\0"                                                                                      \
    "\x01\x00\x00\x00"                                                                             \
    "saltsalt\0"
#define MYSQL_TAIL "\x21\x02\x00\xff\xc1\x15\0\0\0\0\0\0\0\0\0\0abcd\0"
#define MYSQL_REQUEST                                                                              \
    "\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x2d"                                         \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define MYSQL TC_PROTOCOL_MYSQL

#define RDP_REQUEST "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"
#define RDP         TC_PROTOCOL_RDP

/* clang-format off */
static const struct talk_case k_xmpp[] = {
    {"xmpp: a client's stream", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS), TURN("<proceed xmlns='" NS "'/>", "")}, DONE},
    {"xmpp: a server's stream", TC_PROTOCOL_XMPP_SERVER,
     {TURN("", SERVER), TURN(HEADER FEATURES, STARTTLS), TURN("<proceed xmlns='" NS "'/>", "")}, DONE},
    {"xmpp: no declaration, other quotes, blanks, another prefix, an empty element", XMPP,
     {TURN("", CLIENT),
      TURN(" \r\n<s:stream xmlns:s = \"http://etherx.jabber.org/streams\" id=\"'\" version = \"1.0\" >\n"
           "<s:features\n>\n<bind xmlns='x'/><starttls xmlns=\"" NS "\" />\n</s:features >", STARTTLS),
      TURN("\n<proceed xmlns=\"" NS "\"  />", "")}, DONE},
    {"xmpp: proceed with an end tag of its own", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS), TURN("<proceed xmlns='" NS "'></proceed>", "")},
     DONE},
    {"xmpp: a namespace that was declared above", XMPP,
     {TURN("", CLIENT),
      TURN(HEADER "<stream:features xmlns:t='" NS "'><t:starttls/></stream:features>", STARTTLS),
      TURN("<t:proceed/>", "")}, DONE},
    {"xmpp: bytes behind the go are counted", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS),
      TURN("<proceed xmlns='" NS "'/> <iq/>", "")}, DONE, .leftover_bytes = 6},

    {"xmpp: not offered", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<stream:features><mechanisms/></stream:features>", "")},
     REFUSED("no starttls in the stream's features: <stream:features><mechanisms/></stream:features>")},
    {"xmpp: no features at all", XMPP, {TURN("", CLIENT), TURN(HEADER "<stream:features/>", "")},
     REFUSED("no starttls in the stream's features: <stream:features/>")},
    {"xmpp: a starttls of another namespace", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<features><starttls xmlns='urn:x'/></features>", "")},
     REFUSED("no starttls in the stream's features: …")},
    {"xmpp: a starttls inside of another feature", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<features><x><starttls/></x>starttls</features>", "")},
     REFUSED("no starttls in the stream's features: …")},
    {"xmpp: a stream without version", XMPP,
     {TURN("", CLIENT), TURN("<stream:stream id='1'>", "")},
     REFUSED("a stream without version 1.0, in which there is no STARTTLS"), .is_silent = false},
    {"xmpp: a stream of version 0.9", XMPP,
     {TURN("", CLIENT), TURN("<stream:stream version='0.9'>", "")},
     REFUSED("a stream without version 1.0, in which there is no STARTTLS")},
    {"xmpp: the domain is not served there", XMPP,
     {TURN("", CLIENT),
      TURN(HEADER "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
           "<text xml:lang='en'>This server\n does not serve it</text></stream:error></stream:stream>",
           "")},
     REFUSED("the server ends the stream: host-unknown: This server does not serve it"),
     .is_silent = true},
    {"xmpp: an error without text", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<stream:error><policy-violation/></stream:error>", "")},
     REFUSED("the server ends the stream: policy-violation"), .is_silent = true},
    {"xmpp: an error without anything", XMPP, {TURN("", CLIENT), TURN(HEADER "<stream:error/>", "")},
     REFUSED("the server ends the stream with an error"), .is_silent = true},
    {"xmpp: an error that is text alone", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<stream:error>no</stream:error>", "")},
     REFUSED("the server ends the stream: error: no"), .is_silent = true},
    {"xmpp: failure in answer to starttls", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS),
      TURN("<failure xmlns='" NS "'/></stream:stream>", "")},
     REFUSED("the answer to starttls is: <failure xmlns='" NS "'/>"), .is_silent = true},
    {"xmpp: an error in answer to starttls", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS),
      TURN("<stream:error><reset/></stream:error>", "")},
     REFUSED("the server ends the stream: reset"), .is_silent = true},
    {"xmpp: a proceed of another namespace", XMPP,
     {TURN("", CLIENT), TURN(HEADER FEATURES, STARTTLS), TURN("<proceed xmlns='urn:x'/>", "")},
     FAILED("in place of the answer to starttls: <proceed xmlns='urn:x'/>")},
    {"xmpp: the stream ends in place of features", XMPP,
     {TURN("", CLIENT), TURN(HEADER "</stream:stream>", "")},
     FAILED("in place of the stream's features: </stream:stream>")},
    {"xmpp: features that end before they begin", XMPP,
     {TURN("", CLIENT), TURN(HEADER "</stream:features>", "")},
     FAILED("in place of the stream's features: </stream:features>")},
    {"xmpp: a web page", XMPP, {TURN("", CLIENT), TURN("<html>", "")},
     FAILED("in place of the stream's header: <html>")},
    {"xmpp: HTTP", XMPP, {TURN("", CLIENT), TURN("H", "")}, FAILED("in place of the stream's header: H")},
    {"xmpp: a document type", XMPP, {TURN("", CLIENT), TURN("<!", "")},
     FAILED("in place of the stream's header: <!")},
    {"xmpp: a comment among the features", XMPP, {TURN("", CLIENT), TURN(HEADER "<features><!", "")},
     FAILED("in place of the stream's features: <features><!")},
    {"xmpp: a stream that is empty", XMPP, {TURN("", CLIENT), TURN("<stream:stream/>", "")},
     FAILED("in place of the stream's header: <stream:stream/>")},
    {"xmpp: a tag without a name", XMPP, {TURN("", CLIENT), TURN("<>", "")},
     FAILED("in place of the stream's header: <>")},
    {"xmpp: a tag that is an end and empty", XMPP, {TURN("", CLIENT), TURN("</stream:stream/>", "")},
     FAILED("in place of the stream's header: </stream:stream/>")},
    {"xmpp: a tag inside of a tag's name", XMPP, {TURN("", CLIENT), TURN("<stream<a>", "")},
     FAILED("in place of the stream's header: <stream<a>")},
    {"xmpp: attributes that are none", XMPP,
     {TURN("", CLIENT), TURN("<stream:stream a=b version='1.0'>", "")},
     REFUSED("a stream without version 1.0, in which there is no STARTTLS")},
    {"xmpp: an attribute without an end is waited for", XMPP,
     {TURN("", CLIENT), TURN("<stream:stream version='1.0>", "")}, MORE, .is_silent = true},
    {"xmpp: closed before the header", XMPP, {TURN("", CLIENT)},
     FAILED("the server closed the connection before the stream's header"), .ends = true},
    {"xmpp: closed inside the features", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<stream:features>", "")},
     FAILED("the server closed the connection inside the stream's features"), .ends = true},
    {"xmpp: closed inside an error", XMPP,
     {TURN("", CLIENT), TURN(HEADER "<stream:error><reset/>", "")},
     FAILED("the server closed the connection inside the stream's error"), .ends = true},
};

static const struct talk_case k_ldap[] = {
    {"ldap: success", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")}, DONE},
    {"ldap: success with the response's name", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16"
                                   "1.3.6.1.4.1.1466.20037", "")}, DONE},
    {"ldap: lengths of four octets, as a directory of Windows sends them", LDAP,
     {TURN("", LDAP_REQUEST),
      TURN("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     DONE},
    {"ldap: controls behind the response", LDAP,
     {TURN("", LDAP_REQUEST),
      TURN("\x30\x0e\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x00", "")}, DONE},
    {"ldap: bytes behind the response are counted", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00xyz", "")},
     DONE, .leftover_bytes = 3},

    {"ldap: unavailable", LDAP,
     {TURN("", LDAP_REQUEST),
      TURN("\x30\x11\x02\x01\x01\x78\x0c\x0a\x01\x34\x04\x00\x04\x05no TL", "")},
     REFUSED("the answer to StartTLS: result 52 (unavailable): no TL")},
    {"ldap: the extension is not known", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", "")},
     REFUSED("the answer to StartTLS: result 2 (protocolError)")},
    {"ldap: a result without a name", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0d\x02\x01\x01\x78\x08\x0a\x02\x10\x00\x04\x00\x04\x00", "")},
     REFUSED("the answer to StartTLS: result 4096 (no success)")},
    {"ldap: a notice of disconnection", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x33\x04\x00\x04\x00\x8a\x16"
                                   "1.3.6.1.4.1.1466.20036", "")},
     REFUSED("the server hangs up: result 51 (busy)"), .is_silent = true},
    {"ldap: a notice of disconnection that says success", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x16"
                                   "1.3.6.1.4.1.1466.20036", "")},
     REFUSED("the server hangs up: result 0 (no success)"), .is_silent = true},
    {"ldap: message 0 that is no such notice", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is one to message 0")},
    {"ldap: an answer to message 2", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is one to message 2")},
    {"ldap: a bind response", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: a negative message number", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\xff\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: a message number of no octets", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0b\x02\x00\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: a message number of five octets", LDAP,
     {TURN("", LDAP_REQUEST),
      TURN("\x30\x10\x02\x05\x00\x00\x00\x00\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: a response longer than its message", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01\x01\x78\x08\x0a\x01\x00\x04\x00\x04\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: a result without its texts", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x08\x02\x01\x01\x78\x03\x0a\x01\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: half an element behind the texts", LDAP,
     {TURN("", LDAP_REQUEST), TURN("\x30\x0d\x02\x01\x01\x78\x08\x0a\x01\x00\x04\x00\x04\x00\x8a", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: an empty message", LDAP, {TURN("", LDAP_REQUEST), TURN("\x30\x00", "")},
     FAILED("the answer to StartTLS is no extended response")},
    {"ldap: the indefinite form", LDAP, {TURN("", LDAP_REQUEST), TURN("\x30\x80", "")},
     FAILED("the answer to StartTLS is no LDAP message")},
    {"ldap: a length of five octets", LDAP, {TURN("", LDAP_REQUEST), TURN("\x30\x85", "")},
     FAILED("the answer to StartTLS is no LDAP message")},
    {"ldap: text", LDAP, {TURN("", LDAP_REQUEST), TURN("H", "")},
     FAILED("in place of the answer to StartTLS: H")},
    {"ldap: closed before the answer", LDAP, {TURN("", LDAP_REQUEST)},
     FAILED("the server closed the connection before the answer to StartTLS"), .ends = true},
    {"ldap: closed inside the answer", LDAP, {TURN("", LDAP_REQUEST), TURN("\x30\x0c\x02\x01", "")},
     FAILED("the server closed the connection inside the answer to StartTLS"), .ends = true},
};

static const struct talk_case k_databases[] = {
    {"postgres: S", PG, {TURN("", PG_REQUEST), TURN("S", "")}, DONE},
    {"postgres: bytes behind the S are counted", PG, {TURN("", PG_REQUEST), TURN("SR\0\0", "")}, DONE,
     .leftover_bytes = 3},
    {"postgres: N", PG, {TURN("", PG_REQUEST), TURN("N", "")},
     REFUSED("the answer to SSLRequest is: N (no TLS)"), .is_silent = true},
    {"postgres: an error with fields", PG,
     {TURN("", PG_REQUEST), TURN("E\0\0\0\x23SFATAL\0VFATAL\0C0A000\0Mno thanks\0\0", "")},
     REFUSED("the answer to SSLRequest is an error: no thanks"), .is_silent = true},
    {"postgres: an error without a message", PG,
     {TURN("", PG_REQUEST), TURN("E\0\0\0\x0cSFATAL\0\0", "")},
     REFUSED("the answer to SSLRequest is an error: "), .is_silent = true},
    {"postgres: an error of no length", PG, {TURN("", PG_REQUEST), TURN("E\0\0\0\x04", "")},
     REFUSED("the answer to SSLRequest is an error: "), .is_silent = true},
    {"postgres: an error of an old server", PG, {TURN("", PG_REQUEST), TURN("Eunsupported\n\0", "")},
     REFUSED("the answer to SSLRequest is an error: unsupported"), .is_silent = true},
    {"postgres: closed behind half of an error", PG,
     {TURN("", PG_REQUEST), TURN("E\0\0\0\xff" "Mtoo many cli", "")},
     REFUSED("the answer to SSLRequest is an error: too many cli"), .is_silent = true, .ends = true},
    {"postgres: closed behind the E", PG, {TURN("", PG_REQUEST), TURN("E", "")},
     FAILED("the server closed the connection inside the answer to SSLRequest"), .ends = true},
    {"postgres: a length that is too small is waited for", PG,
     {TURN("", PG_REQUEST), TURN("E\0\0\0\x03" "M", "")}, MORE, .is_silent = true},
    {"postgres: another letter", PG, {TURN("", PG_REQUEST), TURN("G", "")},
     FAILED("in place of the answer to SSLRequest: G")},
    {"postgres: closed before the answer", PG, {TURN("", PG_REQUEST)},
     FAILED("the server closed the connection before the answer to SSLRequest"), .ends = true},

    {"mysql: the greeting offers TLS", MYSQL, {TURN(MYSQL_HEAD "\xff\xff" MYSQL_TAIL, MYSQL_REQUEST)},
     DONE},
    {"mysql: bytes behind the greeting are counted", MYSQL,
     {TURN(MYSQL_HEAD "\x00\x08" MYSQL_TAIL "xx", MYSQL_REQUEST)}, DONE, .leftover_bytes = 2},
    {"mysql: the greeting offers all but TLS", MYSQL, {TURN(MYSQL_HEAD "\xff\xf7" MYSQL_TAIL, "")},
     REFUSED("no CLIENT_SSL among the greeting's capabilities"), .is_silent = true},
    {"mysql: the host is blocked", MYSQL, {TURN("\x0b\x00\x00\x00\xff\x69\x04" "blocked!", "")},
     REFUSED("the greeting is error 1129: blocked!"), .is_silent = true},
    {"mysql: an error with a state", MYSQL,
     {TURN("\x0d\x00\x00\x00\xff\x10\x04#08004full", "")}, REFUSED("the greeting is error 1040: full"),
     .is_silent = true},
    {"mysql: an error of one byte", MYSQL, {TURN("\x01\x00\x00\x00\xff", "")},
     FAILED("the greeting is a broken error")},
    {"mysql: protocol 9", MYSQL, {TURN("\x02\x00\x00\x00\x09x", "")},
     REFUSED("the greeting is of protocol 9, which has no TLS"), .is_silent = true},
    {"mysql: protocol 11", MYSQL, {TURN("\x01\x00\x00\x00\x0b", "")},
     FAILED("in place of the greeting: .....")},
    {"mysql: a version without an end", MYSQL, {TURN("\x04\x00\x00\x00\x0a" "8.0", "")},
     FAILED("the greeting is cut short")},
    {"mysql: nothing behind the salt", MYSQL,
     {TURN("\x10\x00\x00\x00\x0a" "8\0" "1234" "saltsalt\0", "")}, FAILED("the greeting is cut short")},
    {"mysql: an empty packet", MYSQL, {TURN("\x00\x00\x00\x00", "")}, FAILED("in place of the greeting: ....")},
    {"mysql: a packet that is not the first", MYSQL, {TURN("\x01\x00\x00\x01", "")},
     FAILED("in place of the greeting: ....")},
    {"mysql: a packet of 64 KiB", MYSQL, {TURN("\x00\x00\x01\x00", "")},
     FAILED("in place of the greeting: ....")},
    {"mysql: a packet above our cap", MYSQL, {TURN("\xfd\x1f\x00\x00", "")},
     FAILED("in place of the greeting: ....")},
    {"mysql: an SSH server", MYSQL, {TURN("SSH-2.0-x\r\n", "")}, FAILED("in place of the greeting: SSH-…")},
    {"mysql: closed inside the greeting", MYSQL, {TURN("\x2d\x00\x00\x00\x0a", "")},
     FAILED("the server closed the connection inside the greeting"), .ends = true},
};

static const struct talk_case k_rdp[] = {
    {"rdp: TLS", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x1f\x08\x00\x01\x00\x00\x00", "")}, DONE},
    {"rdp: CredSSP, which is in TLS", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x02\x00\x00\x00", "")}, DONE},
    {"rdp: bytes behind the confirm are counted", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00xyz", "")}, DONE,
     .leftover_bytes = 3},
    {"rdp: its own security", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x00\x00\x00\x00", "")},
     REFUSED("the connection confirm chooses RDP's own security"), .is_silent = true},
    {"rdp: an old server does not negotiate", RDP,
     {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00", "")},
     REFUSED("the connection confirm is without negotiation: RDP's own security alone"),
     .is_silent = true},
    {"rdp: no certificate", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x03\x00\x00\x00", "")},
     REFUSED("the connection confirm is a failure: 3 (SSL_CERT_NOT_ON_SERVER)"), .is_silent = true},
    {"rdp: a failure of an unknown number", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x07\x00\x00\x01", "")},
     REFUSED("the connection confirm is a failure: 16777223 (an unknown reason)"), .is_silent = true},
    {"rdp: a negotiation of another type", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x01\x00\x08\x00\x01\x00\x00\x00", "")},
     FAILED("the connection confirm has a negotiation of type 1")},
    {"rdp: a negotiation of another length", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x09\x00\x01\x00\x00\x00", "")},
     FAILED("the connection confirm has a broken negotiation")},
    {"rdp: a negotiation that is cut", RDP,
     {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x0f\x0a\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00", "")},
     FAILED("the connection confirm has a broken negotiation")},
    {"rdp: more than one negotiation", RDP,
     {TURN("", RDP_REQUEST),
      TURN("\x03\x00\x00\x14\x0f\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x01\x00\x00\x00\x00", "")},
     FAILED("the connection confirm has a broken negotiation")},
    {"rdp: another message", RDP,
     {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x0b\x06\x80\x00\x00\x12\x34\x00", "")},
     FAILED("in place of the connection confirm: …")},
    {"rdp: a length inside that does not fit", RDP,
     {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x0b\x07\xd0\x00\x00\x12\x34\x00", "")},
     FAILED("in place of the connection confirm: …")},
    {"rdp: a confirm that is too short", RDP,
     {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x07\x02\xd0\x00", "")},
     FAILED("in place of the connection confirm: …")},
    {"rdp: a length below its own head", RDP, {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x03", "")},
     FAILED("in place of the connection confirm: ....")},
    {"rdp: a TLS alert", RDP, {TURN("", RDP_REQUEST), TURN("\x15", "")},
     FAILED("in place of the connection confirm: .")},
    {"rdp: closed before the confirm", RDP, {TURN("", RDP_REQUEST)},
     FAILED("the server closed the connection before the connection confirm"), .ends = true},
    {"rdp: closed inside the confirm", RDP, {TURN("", RDP_REQUEST), TURN("\x03\x00\x00\x13\x0e", "")},
     FAILED("the server closed the connection inside the connection confirm"), .ends = true},
};
/* clang-format on */

int main(void)
{
    int failed = run_talks("starttls_xmpp", k_xmpp, TC_ARRAY_LEN(k_xmpp));
    failed += run_talks("starttls_ldap", k_ldap, TC_ARRAY_LEN(k_ldap));
    failed += run_talks("starttls_databases", k_databases, TC_ARRAY_LEN(k_databases));
    return failed + run_talks("starttls_rdp", k_rdp, TC_ARRAY_LEN(k_rdp));
}
