/* SMTP, LMTP, IMAP, POP3, FTP, NNTP, ManageSieve. */
#include "starttls_talk.h"

#include <stdlib.h>
#include <string.h>

#define EHLO   "EHLO scanner.example\r\n"
#define LHLO   "LHLO scanner.example\r\n"
#define STLS   "STLS\r\n"
#define START  "STARTTLS\r\n"
#define AUTH   "AUTH TLS\r\n"
#define CAPS   "CAPABILITIES\r\n"
#define IMAP_1 "a CAPABILITY\r\n"
#define IMAP_2 "b STARTTLS\r\n"

/* A row is read as one, not as ten lines. */
/* clang-format off */
static const struct talk_case k_smtp[] = {
    {"smtp: TLS is offered and agreed on", TC_PROTOCOL_SMTP,
     {TURN("220 mx.example ESMTP\r\n", EHLO),
      TURN("250-mx.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 HELP\r\n", START),
      TURN("220 2.0.0 ready\r\n", "")}, DONE},
    {"smtp: a greeting of several lines", TC_PROTOCOL_SMTP,
     {TURN("220-mx.example\r\n220-wait\r\n220 go\r\n", EHLO),
      TURN("250-mx.example\r\n250 STARTTLS\r\n", START), TURN("220 go\r\n", "")}, DONE},
    {"smtp: a greeting without text", TC_PROTOCOL_SMTP,
     {TURN("220\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START), TURN("220\r\n", "")}, DONE},
    {"smtp: small letters, and no carriage returns", TC_PROTOCOL_SMTP,
     {TURN("220 mx\n", EHLO), TURN("250-mx\n250 starttls\n", START), TURN("220 go\n", "")}, DONE},
    {"smtp: an argument behind STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS now\r\n", START),
      TURN("220 go\r\n", "")}, DONE},
    {"smtp: bytes behind the go are counted", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START),
      TURN("220 go\r\n250 injected\r\n", "")}, DONE, .leftover_bytes = 14},
    {"smtp: answers that came before the questions", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n", EHLO START)}, DONE},

    {"smtp: no STARTTLS is offered", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx.example\r\n250-SIZE 1000\r\n250 HELP\r\n", "")}, REFUSED("no STARTTLS in the answer to EHLO: 250-mx.example 250-SIZE 1000 250 HELP")},
    {"smtp: a box on the way has made it XXXXXXXA", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 XXXXXXXA\r\n", "")}, REFUSED("no STARTTLS in the answer to EHLO: 250-mx 250 XXXXXXXA")},
    {"smtp: a server that is called STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250 STARTTLS\r\n", "")}, REFUSED("no STARTTLS in the answer to EHLO: 250 STARTTLS")},
    {"smtp: a capability that only begins like it", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250-STARTTLSX\r\n250 X STARTTLS\r\n", "")}, REFUSED("no STARTTLS in the answer to EHLO: 250-mx 250-STARTTLSX 250 X STARTTLS")},
    {"smtp: EHLO is not known", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("502 5.5.2 what?\r\n", "")}, REFUSED("the answer to EHLO is: 502 5.5.2 what?")},
    {"smtp: a greeting that refuses wants a QUIT", TC_PROTOCOL_SMTP,
     {TURN("554-mx.example\r\n554 blocked, see http://rbl.example/\r\n", "")}, REFUSED("the greeting is: 554-mx.example 554 blocked, see http://rbl.example/")},
    {"smtp: a greeting of one that hangs up wants none", TC_PROTOCOL_SMTP,
     {TURN("421 4.7.0 too many connections\r\n", "")}, REFUSED("the greeting is: 421 4.7.0 too many connections"), .is_silent = true},
    {"smtp: 421 in answer to EHLO", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("421 later\r\n", "")}, REFUSED("the answer to EHLO is: 421 later"), .is_silent = true},
    {"smtp: 454 in answer to STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START),
      TURN("454 4.7.0 TLS not available\r\n", "")}, REFUSED("the answer to STARTTLS is: 454 4.7.0 TLS not available")},
    {"smtp: 421 in answer to STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START),
      TURN("421 bye\r\n", "")}, REFUSED("the answer to STARTTLS is: 421 bye"), .is_silent = true},
    {"smtp: strange letters become dots", TC_PROTOCOL_SMTP,
     {TURN("550 \x1b[31m\xc3\xa4\tx\x00y\r\n", "")}, REFUSED("the greeting is: 550 .[31m.. x.y")},
    {"smtp: a greeting of another code", TC_PROTOCOL_SMTP, {TURN("250 mx\r\n", "")}, FAILED("in place of the greeting: 250 mx")},
    {"smtp: 354 in answer to STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START), TURN("354 send\r\n", "")},
     FAILED("in place of the answer to STARTTLS: 354 send")},
    {"smtp: codes that change within an answer", TC_PROTOCOL_SMTP,
     {TURN("220-mx\r\n250 go\r\n", "")}, FAILED("in place of the greeting: 220-mx…")},
    {"smtp: a line without a code within an answer", TC_PROTOCOL_SMTP,
     {TURN("220-mx\r\nwelcome\r\n", "")}, FAILED("in place of the greeting: 220-mx welcome")},
    {"smtp: an SSH server", TC_PROTOCOL_SMTP, {TURN("SSH-2.0-OpenSSH_9.2\r\n", "")}, FAILED("in place of the greeting: SSH-2.0-OpenSSH_9.2")},
    {"smtp: a letter behind the code", TC_PROTOCOL_SMTP, {TURN("220x\r\n", "")}, FAILED("in place of the greeting: 220x")},
    {"smtp: two digits", TC_PROTOCOL_SMTP, {TURN("22\r\n", "")}, FAILED("in place of the greeting: 22")},
    {"smtp: an empty line", TC_PROTOCOL_SMTP, {TURN("\r\n", "")}, FAILED("in place of the greeting: ")},
    {"smtp: closed before the greeting", TC_PROTOCOL_SMTP, {{0}}, FAILED("the server closed the connection before the greeting"), .ends = true},
    {"smtp: closed inside the greeting", TC_PROTOCOL_SMTP, {TURN("220 mx", "")}, FAILED("the server closed the connection inside the greeting"), .ends = true},
    {"smtp: closed after EHLO", TC_PROTOCOL_SMTP, {TURN("220 mx\r\n", EHLO)}, FAILED("the server closed the connection before the answer to EHLO"), .ends = true},
    {"smtp: closed inside the answer to EHLO", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250-STARTTLS\r\n", "")}, FAILED("the server closed the connection inside the answer to EHLO"), .ends = true},
    {"smtp: closed after STARTTLS", TC_PROTOCOL_SMTP,
     {TURN("220 mx\r\n", EHLO), TURN("250-mx\r\n250 STARTTLS\r\n", START)}, FAILED("the server closed the connection before the answer to STARTTLS"), .ends = true},
    {"smtp: a greeting that is not all there is waited for", TC_PROTOCOL_SMTP,
     {TURN("220-mx\r\n220 g", "")}, MORE, .is_silent = true},
    {"smtp: who leaves after the greeting says QUIT", TC_PROTOCOL_SMTP, {TURN("220 mx\r\n", EHLO)},
     MORE},

    {"lmtp: TLS is offered and agreed on", TC_PROTOCOL_LMTP,
     {TURN("220 box.example LMTP\r\n", LHLO), TURN("250-box\r\n250-STARTTLS\r\n250 8BITMIME\r\n", START),
      TURN("220 go\r\n", "")}, DONE},
    {"lmtp: not offered", TC_PROTOCOL_LMTP,
     {TURN("220 box\r\n", LHLO), TURN("250-box\r\n250 8BITMIME\r\n", "")}, REFUSED("no STARTTLS in the answer to LHLO: 250-box 250 8BITMIME")},
    {"lmtp: an SMTP server knows no LHLO", TC_PROTOCOL_LMTP,
     {TURN("220 mx\r\n", LHLO), TURN("500 5.5.1 bad command\r\n", "")}, REFUSED("the answer to LHLO is: 500 5.5.1 bad command")},
};

static const struct talk_case k_mailboxes[] = {
    {"imap: TLS is offered and agreed on", TC_PROTOCOL_IMAP,
     {TURN("* OK [CAPABILITY IMAP4rev1] ready\r\n", IMAP_1),
      TURN("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n", IMAP_2),
      TURN("b OK begin\r\n", "")}, DONE},
    {"imap: small letters, and news in between", TC_PROTOCOL_IMAP,
     {TURN("* ok\r\n", IMAP_1),
      TURN("* OK still here\r\n* capability imap4rev1 starttls\r\na ok\r\n", IMAP_2),
      TURN("* 3 EXISTS\r\nb OK\r\n", "")}, DONE},
    {"imap: bytes behind the go are counted", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("* CAPABILITY STARTTLS\r\na OK\r\n", IMAP_2),
      TURN("b OK\r\n* PREAUTH\r\n", "")}, DONE, .leftover_bytes = 11},

    {"imap: not offered", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("* CAPABILITY IMAP4rev1\r\na OK done\r\n", "")}, REFUSED("no STARTTLS in the answer to CAPABILITY: * CAPABILITY IMAP4rev1 a OK done")},
    {"imap: words that only contain it", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("* CAPABILITY XSTARTTLS STARTTLS=1\r\na OK STARTTLS\r\n", "")},
     REFUSED("no STARTTLS in the answer to CAPABILITY: …")},
    {"imap: PREAUTH is too late for TLS", TC_PROTOCOL_IMAP,
     {TURN("* PREAUTH logged in as smith\r\n", "")}, REFUSED("the greeting is: * PREAUTH logged in as smith")},
    {"imap: BYE for a greeting", TC_PROTOCOL_IMAP, {TURN("* BYE overloaded\r\n", "")}, REFUSED("the greeting is: * BYE overloaded"), .is_silent = true},
    {"imap: BYE for an answer", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("* BYE idle\r\n", "")}, REFUSED("the answer to CAPABILITY is: * BYE idle"), .is_silent = true},
    {"imap: BAD in answer to STARTTLS", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("* CAPABILITY STARTTLS\r\na OK\r\n", IMAP_2),
      TURN("b BAD no certificate\r\n", "")}, REFUSED("the answer to STARTTLS is: b BAD no certificate")},
    {"imap: NO in answer to CAPABILITY", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("a NO\r\n", "")}, REFUSED("the answer to CAPABILITY is: a NO")},
    {"imap: an answer to another tag", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("b OK\r\n", "")}, FAILED("in place of the answer to CAPABILITY: b OK")},
    {"imap: a tag that is longer than ours", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("ab OK\r\n", "")}, FAILED("in place of the answer to CAPABILITY: ab OK")},
    {"imap: a tag and no more", TC_PROTOCOL_IMAP, {TURN("* OK\r\n", IMAP_1), TURN("a\r\n", "")},
     FAILED("in place of the answer to CAPABILITY: a")},
    {"imap: a continuation that nobody asked for", TC_PROTOCOL_IMAP,
     {TURN("* OK\r\n", IMAP_1), TURN("+ go ahead\r\n", "")}, FAILED("in place of the answer to CAPABILITY: + go ahead")},
    {"imap: a POP3 server", TC_PROTOCOL_IMAP, {TURN("+OK ready\r\n", "")}, FAILED("in place of the greeting: +OK ready")},
    {"imap: OKAY is not OK", TC_PROTOCOL_IMAP, {TURN("* OKAY\r\n", "")}, FAILED("in place of the greeting: * OKAY")},
    {"imap: closed after CAPABILITY", TC_PROTOCOL_IMAP, {TURN("* OK\r\n", IMAP_1)}, FAILED("the server closed the connection before the answer to CAPABILITY"), .ends = true},

    {"pop3: TLS is offered and agreed on", TC_PROTOCOL_POP3,
     {TURN("+OK POP3 ready\r\n", "CAPA\r\n"), TURN("+OK list\r\nTOP\r\nSTLS\r\nUIDL\r\n.\r\n", STLS),
      TURN("+OK begin\r\n", "")}, DONE},
    {"pop3: CAPA is not known, STLS is", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("-ERR what?\r\n", STLS), TURN("+OK\r\n", "")}, DONE},
    {"pop3: CAPA and STLS are not known", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("-ERR what?\r\n", STLS), TURN("-ERR unknown command\r\n", "")},
     REFUSED("the answer to STLS is: -ERR unknown command")},
    {"pop3: not offered", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK\r\nTOP\r\nUIDL\r\n.\r\n", "")}, REFUSED("no STLS in the answer to CAPA: +OK TOP UIDL .")},
    {"pop3: STLS in the first line is no offer", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK STLS\r\n.\r\n", "")}, REFUSED("no STLS in the answer to CAPA: +OK STLS .")},
    {"pop3: STLS as an argument is no offer", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK\r\nX STLS\r\nSTLSX\r\n.STLS\r\n.\r\n", "")}, REFUSED("no STLS in the answer to CAPA: …")},
    {"pop3: a list without its dot is waited for", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK\r\nSTLS\r\n..\r\n", "")}, MORE},
    {"pop3: the greeting refuses", TC_PROTOCOL_POP3, {TURN("-ERR [SYS/TEMP] busy\r\n", "")}, REFUSED("the greeting is: -ERR [SYS/TEMP] busy")},
    {"pop3: STLS is refused", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK\r\nSTLS\r\n.\r\n", STLS), TURN("-ERR no\r\n", "")},
     REFUSED("the answer to STLS is: -ERR no")},
    {"pop3: an IMAP server", TC_PROTOCOL_POP3, {TURN("* OK ready\r\n", "")}, FAILED("in place of the greeting: * OK ready")},
    {"pop3: closed inside the list", TC_PROTOCOL_POP3,
     {TURN("+OK\r\n", "CAPA\r\n"), TURN("+OK\r\nSTLS\r\n", "")}, FAILED("the server closed the connection inside the answer to CAPA"), .ends = true},
};

static const struct talk_case k_others[] = {
    {"ftp: AUTH TLS", TC_PROTOCOL_FTP,
     {TURN("220 ready\r\n", AUTH), TURN("234 go\r\n", "")}, DONE},
    {"ftp: a greeting of several lines, of which some look like codes", TC_PROTOCOL_FTP,
     {TURN("220-Welcome\r\n 220 users\r\n221 of\r\n\r\n220-them\r\n220 ready\r\n", AUTH),
      TURN("234 AUTH TLS OK\r\n", "")}, DONE},
    {"ftp: ready later", TC_PROTOCOL_FTP,
     {TURN("120 in 2 minutes\r\n", ""), TURN("220 ready\r\n", AUTH), TURN("234\r\n", "")}, DONE},
    {"ftp: AUTH SSL is what it knows", TC_PROTOCOL_FTP,
     {TURN("220 ready\r\n", AUTH), TURN("504 unknown\r\n", "AUTH SSL\r\n"), TURN("234 go\r\n", "")},
     DONE},
    {"ftp: bytes behind the go are counted", TC_PROTOCOL_FTP,
     {TURN("220 x\r\n", AUTH), TURN("234 go\r\n230 in\r\n", "")}, DONE, .leftover_bytes = 8},
    {"ftp: neither", TC_PROTOCOL_FTP,
     {TURN("220 ready\r\n", AUTH), TURN("530 log in\r\n", "AUTH SSL\r\n"),
      TURN("530 Please login with USER and PASS.\r\n", "")}, REFUSED("the answer to AUTH SSL is: 530 Please login with USER and PASS.")},
    {"ftp: it hangs up instead", TC_PROTOCOL_FTP,
     {TURN("220 ready\r\n", AUTH), TURN("421 timeout\r\n", "")}, REFUSED("the answer to AUTH TLS is: 421 timeout"), .is_silent = true},
    {"ftp: too many users", TC_PROTOCOL_FTP, {TURN("421-too many\r\nusers\r\n421 bye\r\n", "")},
     REFUSED("the greeting is: 421-too many users 421 bye"), .is_silent = true},
    {"ftp: the greeting refuses", TC_PROTOCOL_FTP, {TURN("530 not you\r\n", "")}, REFUSED("the greeting is: 530 not you")},
    {"ftp: 334 wants more than TLS", TC_PROTOCOL_FTP,
     {TURN("220 ready\r\n", AUTH), TURN("334 ADAT=\r\n", "")}, FAILED("in place of the answer to AUTH TLS: 334 ADAT=")},
    {"ftp: text without a code", TC_PROTOCOL_FTP, {TURN("hello\r\n", "")}, FAILED("in place of the greeting: hello")},
    {"ftp: closed after AUTH TLS", TC_PROTOCOL_FTP, {TURN("220 ready\r\n", AUTH)}, FAILED("the server closed the connection before the answer to AUTH TLS"), .ends = true},

    {"nntp: TLS is offered and agreed on", TC_PROTOCOL_NNTP,
     {TURN("200 news.example\r\n", CAPS),
      TURN("101 list:\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n", START), TURN("382 go\r\n", "")},
     DONE},
    {"nntp: no posting, and only readers get TLS", TC_PROTOCOL_NNTP,
     {TURN("201 no posting\r\n", CAPS), TURN("101\r\nVERSION 2\r\nMODE-READER\r\n.\r\n", "MODE READER\r\n"),
      TURN("200 reader\r\n", CAPS), TURN("101\r\nREADER\r\nSTARTTLS\r\n.\r\n", START),
      TURN("382 go\r\n", "")}, DONE},
    {"nntp: an old server knows no CAPABILITIES", TC_PROTOCOL_NNTP,
     {TURN("200 old\r\n", CAPS), TURN("500 what?\r\n", START), TURN("382 go\r\n", "")}, DONE},
    {"nntp: both are offered: no mode is changed", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nMODE-READER\r\nSTARTTLS\r\n.\r\n", START),
      TURN("382 go\r\n", "")}, DONE},
    {"nntp: readers get no TLS either", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nMODE-READER\r\n.\r\n", "MODE READER\r\n"),
      TURN("200 x\r\n", CAPS), TURN("101\r\nMODE-READER\r\n.\r\n", "")}, REFUSED("no STARTTLS in the answer to CAPABILITIES: 101 MODE-READER .")},
    {"nntp: readers are not let in", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nMODE-READER\r\n.\r\n", "MODE READER\r\n"),
      TURN("502 no\r\n", "")}, REFUSED("the answer to MODE READER is: 502 no")},
    {"nntp: not offered", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nVERSION 2\r\n.\r\n", "")}, REFUSED("no STARTTLS in the answer to CAPABILITIES: 101 VERSION 2 .")},
    {"nntp: 580 in answer to STARTTLS", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nSTARTTLS\r\n.\r\n", START),
      TURN("580 cannot begin TLS\r\n", "")}, REFUSED("the answer to STARTTLS is: 580 cannot begin TLS")},
    {"nntp: 400 hangs up", TC_PROTOCOL_NNTP, {TURN("400 maintenance\r\n", "")}, REFUSED("the greeting is: 400 maintenance"), .is_silent = true},
    {"nntp: 400 in answer to CAPABILITIES is no try more", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("400 idle\r\n", "")}, REFUSED("the answer to CAPABILITIES is: 400 idle"), .is_silent = true},
    {"nntp: answers have one line", TC_PROTOCOL_NNTP, {TURN("200-x\r\n200 y\r\n", "")}, FAILED("in place of the greeting: 200-x…")},
    {"nntp: 290 to STARTTLS", TC_PROTOCOL_NNTP,
     {TURN("200 x\r\n", CAPS), TURN("101\r\nSTARTTLS\r\n.\r\n", START), TURN("290 x\r\n", "")}, FAILED("in place of the answer to STARTTLS: 290 x")},

    {"sieve: TLS is offered and agreed on", TC_PROTOCOL_SIEVE,
     {TURN("\"IMPLEMENTATION\" \"box\"\r\n\"STARTTLS\"\r\n\"VERSION\" \"1.0\"\r\nOK \"hi\"\r\n", START),
      TURN("OK \"begin\"\r\n", "")}, DONE},
    {"sieve: small letters", TC_PROTOCOL_SIEVE,
     {TURN("\"starttls\"\r\nok\r\n", START), TURN("ok\r\n", "")}, DONE},
    {"sieve: a literal whose text looks like an answer", TC_PROTOCOL_SIEVE,
     {TURN("\"IMPLEMENTATION\" {16}\r\nBYE\r\nNO\r\nOK\r\nx\r\r\n\"STARTTLS\"\r\nOK {4}\r\nBYE\n\r\n",
           START), TURN("OK\r\n", "")}, DONE},
    {"sieve: the capabilities of inside, but in the clear", TC_PROTOCOL_SIEVE,
     {TURN("\"STARTTLS\"\r\nOK\r\n", START), TURN("OK\r\n\"SIEVE\" \"x\"\r\nOK\r\n", "")}, DONE,
     .leftover_bytes = 17},
    {"sieve: not offered", TC_PROTOCOL_SIEVE,
     {TURN("\"SIEVE\" \"STARTTLS\"\r\n\"STARTTLSX\"\r\n\"START\"\r\nOK\r\n", "")}, REFUSED("no STARTTLS in the greeting: \"SIEVE\" \"STARTTLS\" \"STARTTLSX\" \"START\" OK")},
    {"sieve: it refuses", TC_PROTOCOL_SIEVE,
     {TURN("\"STARTTLS\"\r\nOK\r\n", START), TURN("NO \"no certificate\"\r\n", "")}, REFUSED("the answer to STARTTLS is: NO \"no certificate\"")},
    {"sieve: it refuses in a literal", TC_PROTOCOL_SIEVE,
     {TURN("\"STARTTLS\"\r\nOK\r\n", START), TURN("NO {5}\r\nsorry\r\n", "")}, REFUSED("the answer to STARTTLS is: NO {5} sorry")},
    {"sieve: it hangs up", TC_PROTOCOL_SIEVE, {TURN("BYE \"too many\"\r\n", "")}, REFUSED("the greeting is: BYE \"too many\""), .is_silent = true},
    {"sieve: capabilities in answer to STARTTLS", TC_PROTOCOL_SIEVE,
     {TURN("\"STARTTLS\"\r\nOK\r\n", START), TURN("\"SIEVE\" \"x\"\r\n", "")}, FAILED("in place of the answer to STARTTLS: \"SIEVE\" \"x\"")},
    {"sieve: a literal that does not end is waited for", TC_PROTOCOL_SIEVE,
     {TURN("\"IMPLEMENTATION\" {99}\r\nOK\r\nNO\r\n", "")}, MORE, .is_silent = true},
    {"sieve: braces without a number are text", TC_PROTOCOL_SIEVE,
     {TURN("\"X\" {}\r\n\"Y\" {a}\r\n\"Z\" 7}\r\n\"STARTTLS\"\r\nOK\r\n", START), TURN("OK\r\n", "")},
     DONE},
    {"sieve: a literal of a million octets is no literal", TC_PROTOCOL_SIEVE,
     {TURN("\"X\" {1000000}\r\n\"STARTTLS\"\r\nOK\r\n", START), TURN("OK\r\n", "")}, DONE},
    {"sieve: an IMAP server", TC_PROTOCOL_SIEVE, {TURN("* OK ready\r\n", "")}, FAILED("in place of the greeting: * OK ready")},
};
/* clang-format on */

/* Whatever a server sends without end, it is cut; never before the cap. */
static void endless_answers_are_cut(void **state)
{
    static const struct {
        enum tc_protocol protocol;
        const char *line;
        const char *detail;
    } rows[] = {
        {TC_PROTOCOL_SMTP, "220", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_SMTP, "220-mx\r\n", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_FTP, "220-x\r\n", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_IMAP, "* OK", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_SIEVE, "\"X\"\r\n", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_SIEVE, "\"X\" {99999}\r\n", "the greeting is longer than 8192 bytes"},
        {TC_PROTOCOL_XMPP_CLIENT, "<stream ", "the stream's header is longer than 8192 bytes"},
        {TC_PROTOCOL_XMPP_CLIENT, "  ", "the stream's header is longer than 8192 bytes"},
        {TC_PROTOCOL_LDAP, "\x30\x84\x00\xff\xff\xff", "the answer to StartTLS is longer than…"},
        {TC_PROTOCOL_POSTGRES, "E\x00\x7f\xff\xff", "the answer to SSLRequest is longer than…"},
    };
    static const struct tc_starttls_names names = {"host.example", "scanner.example"};
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct tc_starttls dialogue;
        size_t len = strlen(rows[i].line);
        if (rows[i].protocol == TC_PROTOCOL_LDAP) {
            len = 6;
        } else if (rows[i].protocol == TC_PROTOCOL_POSTGRES) {
            len = 5;
        }
        size_t total = 0;
        enum tc_starttls_step step = TC_STARTTLS_MORE;
        assert_int_equal(tc_starttls_init(&dialogue, rows[i].protocol, &names), TC_OK);
        while (step == TC_STARTTLS_MORE && total < 100000) {
            step = tc_starttls_input(&dialogue, (const uint8_t *)rows[i].line, len);
            total += len;
        }
        assert_int_equal(step, TC_STARTTLS_FAILED);
        assert_in_range(total, TC_STARTTLS_REPLY_MAX, TC_STARTTLS_REPLY_MAX + len);
        assert_memory_equal(dialogue.detail, rows[i].detail, strlen(rows[i].detail) - 3);
        assert_int_equal(tc_starttls_input(&dialogue, (const uint8_t *)"220 x\r\n", 7),
                         TC_STARTTLS_FAILED); /* nothing changes any more */
        assert_int_equal(tc_starttls_end(&dialogue), TC_STARTTLS_FAILED);
    }
}

/* An answer as long as it may be, then the next one. */
static void the_longest_answer_is_read(void **state)
{
    static const struct tc_starttls_names names = {"host.example", "scanner.example"};
    static char reply[TC_STARTTLS_REPLY_MAX];
    struct tc_starttls dialogue;
    (void)state;
    memset(reply, 'x', sizeof reply);
    memcpy(reply, "220 ", 4);
    memcpy(reply + sizeof reply - 2, "\r\n", 2);
    assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_SMTP, &names), TC_OK);
    assert_int_equal(tc_starttls_input(&dialogue, (const uint8_t *)reply, sizeof reply),
                     TC_STARTTLS_MORE);
    assert_string_equal(tc_starttls_awaited(&dialogue), "the answer to EHLO");
    memcpy(reply, "250-", 4);
    memcpy(reply + 100, "\r\n250 STARTTLS ", 15);
    assert_int_equal(tc_starttls_input(&dialogue, (const uint8_t *)reply, sizeof reply),
                     TC_STARTTLS_MORE);
    assert_string_equal(tc_starttls_awaited(&dialogue), "the answer to STARTTLS");
}

static void names_that_could_change_what_we_say(void **state)
{
    static const char *const names[] = {"", "a b", "a\r\nMAIL", "a<b", "a'b", "a&b", "h\xc3\xa4"};
    struct tc_starttls dialogue;
    char name[TC_STARTTLS_NAME_MAX + 2];
    (void)state;
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        const struct tc_starttls_names both = {names[i], names[i]};
        assert_false(tc_starttls_is_name(names[i]));
        assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_SMTP, &both), TC_ERR_RANGE);
        assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_XMPP_SERVER, &both), TC_ERR_RANGE);
        assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_IMAP, &both),
                         TC_OK); /* not said */
    }
    memset(name, 'n', sizeof name);
    name[TC_STARTTLS_NAME_MAX] = '\0';
    const struct tc_starttls_names longest = {name, name};
    assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_XMPP_CLIENT, &longest), TC_OK);
    assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_SMTP, &longest), TC_OK);
    name[TC_STARTTLS_NAME_MAX] = 'n';
    name[TC_STARTTLS_NAME_MAX + 1] = '\0';
    assert_int_equal(tc_starttls_init(&dialogue, TC_PROTOCOL_SMTP, &longest), TC_ERR_RANGE);
    assert_true(tc_starttls_is_name("[192.0.2.1]"));
    assert_true(tc_starttls_is_name("[IPv6:2001:db8::1]"));
}

static void protocols_without_a_dialogue(void **state)
{
    static const struct tc_starttls_names names = {"host.example", "scanner.example"};
    struct tc_starttls dialogue;
    size_t len = 1;
    (void)state;
    for (unsigned i = 0; i <= TC_PROTOCOL_COUNT; i++) {
        bool has_one = i >= TC_PROTOCOL_SMTP && i < TC_PROTOCOL_COUNT;
        assert_int_equal(tc_starttls_init(&dialogue, (enum tc_protocol)i, &names),
                         has_one ? TC_OK : TC_ERR_UNSUPPORTED);
    }
    (void)tc_starttls_last_words(TC_PROTOCOL_HTTPS, &len);
    assert_int_equal(len, 0);
    assert_memory_equal(tc_starttls_last_words(TC_PROTOCOL_SMTP, &len), "QUIT\r\n", 6);
    assert_int_equal(len, 6);
    (void)tc_starttls_last_words(TC_PROTOCOL_XMPP_CLIENT, &len);
    assert_int_equal(len, 0); /* no stream is open inside */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_answers_are_cut),
        cmocka_unit_test(the_longest_answer_is_read),
        cmocka_unit_test(names_that_could_change_what_we_say),
        cmocka_unit_test(protocols_without_a_dialogue),
    };
    int failed = run_talks("starttls_smtp", k_smtp, TC_ARRAY_LEN(k_smtp));
    failed += run_talks("starttls_mailboxes", k_mailboxes, TC_ARRAY_LEN(k_mailboxes));
    failed += run_talks("starttls_others", k_others, TC_ARRAY_LEN(k_others));
    return failed + cmocka_run_group_tests_name("starttls", tests, NULL, NULL);
}
