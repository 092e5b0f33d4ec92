/* One item of input: every syntax, and every way to get it wrong. */
#include "target_render.h"

#include "scanner/target_item.h"

#define A10  "aaaaaaaaaa"
#define A63  A10 A10 A10 A10 A10 A10 "aaa"
#define A253 A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a"

static struct item_case {
    const char *name;
    const char *text;
    const char *expected;
} item_cases[] = {
    {"a name alone is https", "example.org", "https://example.org:443"},
    {"upper case becomes lower", "WWW.Example.ORG", "https://www.example.org:443"},
    {"the root's dot goes", "example.org.", "https://example.org:443"},
    {"a single label is a name", "intranet", "https://intranet:443"},
    {"underscores are in the DNS", "_mta-sts.example.org", "https://_mta-sts.example.org:443"},
    {"two hyphens inside are no A-label", "r3---sn-a.example.org",
     "https://r3---sn-a.example.org:443"},
    {"a label of digits is a name", "123.example.org", "https://123.example.org:443"},
    {"blanks around are taken off", " \t example.org \r", "https://example.org:443"},
    {"no-break spaces around too",
     "\xC2\xA0"
     "example.org\xC2\xA0",
     "https://example.org:443"},
    {"the longest label", A63 ".org", "https://" A63 ".org:443"},
    {"the longest name", A253, "https://" A253 ":443"},
    {"the longest name and a dot", A253 ".", "https://" A253 ":443"},

    {"port 443 is https", "example.org:443", "https://example.org:443"},
    {"port 8443 is https", "example.org:8443", "https://example.org:8443"},
    {"port 465 is smtps", "example.org:465", "smtps://example.org:465"},
    {"port 563 is nntps", "example.org:563", "nntps://example.org:563"},
    {"port 636 is ldaps", "example.org:636", "ldaps://example.org:636"},
    {"port 990 is ftps", "example.org:990", "ftps://example.org:990"},
    {"port 993 is imaps", "example.org:993", "imaps://example.org:993"},
    {"port 995 is pop3s", "example.org:995", "pop3s://example.org:995"},
    {"any other port is tls", "example.org:9443", "tls://example.org:9443"},
    {"a STARTTLS port without scheme is tls", "example.org:25", "tls://example.org:25"},
    {"smtp", "smtp://example.org", "smtp://example.org:25"},
    {"smtp for submission", "smtp://example.org:587", "smtp://example.org:587"},
    {"lmtp", "lmtp://example.org", "lmtp://example.org:24"},
    {"imap, in capitals", "IMAP://example.org", "imap://example.org:143"},
    {"pop3", "pop3://example.org/", "pop3://example.org:110"},
    {"ftp, with a path", "ftp://example.org/pub", "ftp://example.org:21"},
    {"ldap", "ldap://example.org", "ldap://example.org:389"},
    {"ldap, on two ports", "ldap://example.org:389,3268",
     "ldap://example.org:389 | ldap://example.org:3268"},
    {"nntp", "nntp://example.org", "nntp://example.org:119"},
    {"xmpp-client", "xmpp-client://example.org", "xmpp-client://example.org:5222"},
    {"xmpp-server", "xmpp-server://example.org", "xmpp-server://example.org:5269"},
    {"postgres", "postgres://example.org", "postgres://example.org:5432"},
    {"postgresql is postgres", "postgresql://example.org/db", "postgres://example.org:5432"},
    {"mysql", "mysql://192.0.2.7", "mysql://192.0.2.7:3306"},
    {"sieve", "sieve://example.org", "sieve://example.org:4190"},
    {"rdp", "rdp://[2001:db8::7]", "rdp://[2001:db8::7]:3389"},
    {"a scheme wins over the port", "imap://example.org:993", "imap://example.org:993"},
    {"the highest port", "example.org:65535", "tls://example.org:65535"},
    {"zeros in front of a port", "example.org:00443", "https://example.org:443"},
    {"several ports, each with its protocol", "example.org:443,8443,993",
     "https://example.org:443 | https://example.org:8443 | imaps://example.org:993"},
    {"a port named twice is one", "example.org:443,0443", "https://example.org:443"},
    {"blanks behind commas", "example.org:443, 8443",
     "https://example.org:443 | https://example.org:8443"},

    {"an IPv4 address", "192.0.2.7", "https://192.0.2.7:443"},
    {"an IPv4 address and port", "192.0.2.7:993", "imaps://192.0.2.7:993"},
    {"an IPv6 address without brackets", "2001:DB8:0:0::0007", "https://[2001:db8::7]:443"},
    {"an IPv6 address in brackets", "[2001:db8::7]", "https://[2001:db8::7]:443"},
    {"an IPv6 address in brackets and ports", "[2001:db8::7]:443,8443",
     "https://[2001:db8::7]:443 | https://[2001:db8::7]:8443"},
    {"an IPv4-mapped address is IPv4", "::ffff:192.0.2.7", "https://192.0.2.7:443"},
    {"an IPv4-mapped address in brackets", "[::ffff:c000:207]:443", "https://192.0.2.7:443"},
    {"the unspecified address is a target", "0.0.0.0", "https://0.0.0.0:443"},
    {"a multicast address is a target", "[ff02::1]", "https://[ff02::1]:443"},
    {"the broadcast address is a target", "255.255.255.255", "https://255.255.255.255:443"},

    {"a CIDR block", "192.0.2.4/30",
     "https://192.0.2.4:443 | https://192.0.2.5:443 | https://192.0.2.6:443 | "
     "https://192.0.2.7:443"},
    {"a block's host bits are cleared", "192.0.2.7/31",
     "https://192.0.2.6:443 | https://192.0.2.7:443"},
    {"a block of one", "192.0.2.7/32", "https://192.0.2.7:443"},
    {"a block that carries into the next octet", "192.0.2.254/30",
     "https://192.0.2.252:443 | https://192.0.2.253:443 | https://192.0.2.254:443 | "
     "https://192.0.2.255:443"},
    {"an IPv6 block", "2001:db8::/127", "https://[2001:db8::]:443 | https://[2001:db8::1]:443"},
    {"an IPv6 block in brackets", "[2001:db8::/127]:8443",
     "https://[2001:db8::]:8443 | https://[2001:db8::1]:8443"},
    {"a prefix behind the brackets", "[2001:db8::2]/127",
     "https://[2001:db8::2]:443 | https://[2001:db8::3]:443"},
    {"ports of a block", "192.0.2.0/31:443,993",
     "https://192.0.2.0:443 | imaps://192.0.2.0:993 | https://192.0.2.1:443 | "
     "imaps://192.0.2.1:993"},
    {"a block with a scheme", "smtps://192.0.2.0/31",
     "smtps://192.0.2.0:465 | smtps://192.0.2.1:465"},
    {"a URL", "https://example.org/path?query#part", "https://example.org:443"},
    {"a URL with a port", "https://example.org:4443/path:99", "https://example.org:4443"},
    {"a URL in upper case", "HTTPS://EXAMPLE.ORG/", "https://example.org:443"},
    {"a URL with a query and no path", "https://example.org?x=a@b", "https://example.org:443"},
    {"a URL with an address", "https://[2001:db8::7]:8443/x", "https://[2001:db8::7]:8443"},
    {"a web site without TLS is looked for on 443", "http://example.org/x",
     "https://example.org:443"},
    {"http on port 80 is the same", "http://example.org:80/", "https://example.org:443"},
    {"a path without a scheme", "example.org/index.html", "https://example.org:443"},
    {"a path behind an address", "192.0.2.7/index.html", "https://192.0.2.7:443"},
    {"a slash behind an address", "192.0.2.7/", "https://192.0.2.7:443"},
    {"tls without a port", "tls://example.org", "tls://example.org:443"},
    {"tls on port 443 stays tls", "tls://example.org:443", "tls://example.org:443"},
    {"https on any port", "https://example.org:25", "https://example.org:25"},
    {"smtps has port 465", "smtps://example.org", "smtps://example.org:465"},
    {"imaps has port 993", "imaps://example.org", "imaps://example.org:993"},
    {"pop3s has port 995", "pop3s://example.org", "pop3s://example.org:995"},
    {"ftps has port 990", "ftps://example.org", "ftps://example.org:990"},
    {"ldaps has port 636", "ldaps://example.org", "ldaps://example.org:636"},
    {"nntps has port 563", "nntps://example.org", "nntps://example.org:563"},
    {"a scheme and several ports", "imaps://example.org:993,1993",
     "imaps://example.org:993 | imaps://example.org:1993"},

    {"a pinned address", "example.org{192.0.2.7}:443", "https://example.org:443 pin=192.0.2.7"},
    {"a pinned address without a port", "example.org{192.0.2.7}",
     "https://example.org:443 pin=192.0.2.7"},
    {"a pinned IPv6 address", "example.org{2001:DB8::7}:8443",
     "https://example.org:8443 pin=2001:db8::7"},
    {"a pinned IPv6 address in brackets", "example.org{[2001:db8::7]}",
     "https://example.org:443 pin=2001:db8::7"},
    {"a pinned address in a URL", "https://example.org{192.0.2.7}:8443/x",
     "https://example.org:8443 pin=192.0.2.7"},

    {"a U-label",
     "b\xC3\xBC"
     "cher.example",
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"a U-label in upper case",
     "B\xC3\x9C"
     "CHER.Example",
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"a decomposed U-label",
     "bu\xCC\x88"
     "cher.example",
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"an A-label is shown decoded", "xn--bcher-kva.example",
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"an A-label in upper case", "XN--BCHER-KVA.example",
     "https://xn--bcher-kva.example:443 u=bücher.example"},
    {"an A-label that decodes to nothing valid stays", "xn--a-ecp.ru", "https://xn--a-ecp.ru:443"},
    {"an A-label that is no Punycode stays", "xn--0.example", "https://xn--0.example:443"},
    {"sharp s is a letter of its own",
     "stra\xC3\x9F"
     "e.example",
     "https://xn--strae-oqa.example:443 u=straße.example"},
    {"ideographic full stops are dots",
     "\xE4\xBE\x8B\xE3\x80\x82"
     "jp",
     "https://xn--fsq.jp:443 u=例.jp"},
    {"a U-label with a port",
     "b\xC3\xBC"
     "cher.example:993",
     "imaps://xn--bcher-kva.example:993 u=bücher.example"},

    /* From here on nothing comes of it. */
    {"nothing", "", "!0: no host"},
    {"only blanks", " \t ", "!0: no host"},
    {"only a scheme", "https://", "!0: no host"},
    {"only a port", ":443", "!0: no host"},
    {"only a path", "/x", "!0: no host"},
    {"a dot alone", ".", "!0: an empty label (two dots, or one in front): \".\""},
    {"two dots", "a..example.org",
     "!0: an empty label (two dots, or one in front): \"a..example.org\""},
    {"a dot in front", ".example.org",
     "!0: an empty label (two dots, or one in front): \".example.org\""},
    {"two dots behind", "example.org..",
     "!0: an empty label (two dots, or one in front): \"example.org.\""},
    {"a label too long", "a" A63 ".org",
     "!0: a label of 64 characters; a name's parts have at most 63"},
    {"a name too long", A253 "a", "!0: a name of 254 characters; the DNS has at most 253"},
    {"a hyphen in front", "-a.example.org", "!0: label \"-a\" begins or ends with a hyphen"},
    {"a hyphen behind", "a-.example.org", "!0: label \"a-\" begins or ends with a hyphen"},
    {"a wildcard", "*.example.org",
     "!0: a wildcard names no host; list the names behind *.example.org"},
    {"a mail address", "me@example.org",
     "!0: a mail address, not a host; write example.org for its web site"},
    {"a user in a URL", "https://me:secret@example.org/",
     "!0: a user name in the address; leave out what is before @"},
    {"a blank inside", "example.org 443", "!0: a host name has no blanks: \"example.org 443\""},
    {"a comma between names", "example.org,example.com",
     "!0: ',' cannot be in a host name: \"example.org,example.com\""},
    {"a dollar", "ex$ample.org", "!0: '$' cannot be in a host name: \"ex$ample.org\""},
    {"a backslash", "a\\b.org", "!0: '\\' cannot be in a host name: \"a\\b.org\""},
    {"a control character", "a\x01.org", "!0: a control character (0x01) in the host name"},
    {"a percent sign", "a%20b.org", "!0: '%' cannot be in a host name: \"a%20b.org\""},

    {"no port behind the colon", "example.org:", "!0: no port behind the colon"},
    {"no port before the path", "example.org:/x", "!0: no port behind the colon"},
    {"port 0", "example.org:0", "!0: port 0 cannot be connected to"},
    {"one past the last port", "example.org:65536", "!0: port 65536 is above 65535"},
    {"port 70000", "example.org:70000", "!0: port 70000 is above 65535"},
    {"a port beyond any integer", "example.org:99999999999999999999999",
     "!0: port 99999999999999999999999 is above 65535"},
    {"letters behind a port", "example.org:443x", "!0: port \"443x\" is not a number"},
    {"a sign before a port", "example.org:+443", "!0: port \"+443\" is not a number"},
    {"a negative port", "example.org:-1", "!0: port \"-1\" is not a number"},
    {"a service's name for a port", "example.org:https", "!0: port \"https\" is not a number"},
    {"a range of ports", "example.org:1-9", "!0: port \"1-9\" is not a number"},
    {"a comma behind the last port", "example.org:443,", "!0: a port number is missing"},
    {"two commas between ports", "example.org:443,,8443", "!0: a port number is missing"},
    {"a bad port spoils its line", "example.org:443,0", "!0: port 0 cannot be connected to"},
    {"two ports by colons", "example.org:443:8443",
     "!0: \"example.org:443:8443\" is no IPv6 address; ports are written host:443,8443 or "
     "[2001:db8::7]:443"},

    {"an IPv4 address of three parts", "192.0.2",
     "!0: \"192.0.2\" is neither an address nor a name (its last part is a number)"},
    {"an IPv4 address of five parts", "192.0.2.7.1",
     "!0: \"192.0.2.7.1\" is neither an address nor a name (its last part is a number)"},
    {"an octet above 255", "192.0.2.256",
     "!0: \"192.0.2.256\" is neither an address nor a name (its last part is a number)"},
    {"an octal octet", "192.0.02.7",
     "!0: \"192.0.02.7\" is neither an address nor a name (its last part is a number)"},
    {"an address as one number", "3221225991",
     "!0: \"3221225991\" is neither an address nor a name (its last part is a number)"},
    {"a name under a numeric top", "example.123",
     "!0: \"example.123\" is neither an address nor a name (its last part is a number)"},
    {"brackets that stay open", "[2001:db8::7:443", "!0: no ] behind the address"},
    {"brackets around IPv4", "[192.0.2.7]:443", "!0: \"192.0.2.7\" in brackets is no IPv6 address"},
    {"brackets around a name", "[example.org]",
     "!0: \"example.org\" in brackets is no IPv6 address"},
    {"empty brackets", "[]:443", "!0: \"\" in brackets is no IPv6 address"},
    {"text behind brackets", "[2001:db8::7]443", "!0: \"443\" is not understood here"},
    {"a zone", "[fe80::1%eth0]:443",
     "!0: \"fe80::1%eth0\" in brackets is no IPv6 address (zones are not spoken)"},
    {"two double colons", "2001::db8::7",
     "!0: \"2001::db8::7\" is no IPv6 address; ports are written host:443,8443 or "
     "[2001:db8::7]:443"},

    {"a block too large", "192.0.0.0/8",
     "!0: /8 is 16777216 addresses, more than 65536; --max-cidr raises that limit"},
    {"a block of twice the limit", "192.0.0.0/15",
     "!0: /15 is 131072 addresses, more than 65536; --max-cidr raises that limit"},
    {"all of IPv6", "::/0",
     "!0: /0 is 2^128 addresses, more than 65536; --max-cidr raises that "
     "limit"},
    {"a prefix past the address", "192.0.2.0/33",
     "!0: /33 is more than the 32 bits of an IPv4 address"},
    {"a prefix past an IPv6 address", "2001:db8::/129",
     "!0: /129 is more than the 128 bits of an IPv6 address"},
    {"a prefix beyond any integer", "192.0.2.0/4294967320",
     "!0: /4294967320 is more than the 32 bits of an IPv4 address"},
    {"a block that begins with a name", "example.org/24",
     "!0: a block of addresses starts with an address, not a name"},
    {"an empty prefix in brackets", "[2001:db8::/]", "!0: \"/\" is no prefix length"},
    {"letters for a prefix in brackets", "[2001:db8::/6x]", "!0: \"/6x\" is no prefix length"},

    {"an unknown scheme", "mqtts://example.org",
     "!0: unknown scheme \"mqtts\"; use tls://HOST:PORT for a port that speaks TLS from the "
     "first byte"},
    {"an empty scheme", "://example.org",
     "!0: unknown scheme \"\"; use tls://HOST:PORT for a port that speaks TLS from the first "
     "byte"},
    {"a scheme without slashes", "https:example.org", "!0: port \"example.org\" is not a number"},
    {"a scheme that is a service's other name", "submission://example.org",
     "!0: unknown scheme \"submission\"; use tls://HOST:PORT for a port that speaks TLS from the "
     "first byte"},
    {"a user of a database", "postgres://me:secret@example.org/db",
     "!0: a user name in the address; leave out what is before @"},
    {"http on another port", "http://example.org:8080/",
     "!0: http has no TLS; write https:// if port 8080 speaks it"},

    {"a pin that stays open", "example.org{192.0.2.7:443", "!0: no } behind the pinned address"},
    {"an empty pin", "example.org{}:443", "!0: \"\" in braces is no IP address"},
    {"a name as a pin", "example.org{other.org}", "!0: \"other.org\" in braces is no IP address"},
    {"a block as a pin", "example.org{192.0.2.0/31}",
     "!0: \"192.0.2.0/31\" in braces is no IP address"},
    {"an address pinned to another", "192.0.2.7{192.0.2.8}",
     "!0: an address cannot be pinned to another one"},
    {"a pin without a host", "{192.0.2.7}:443", "!0: no host"},
    {"two pins", "example.org{192.0.2.7}{192.0.2.8}", "!0: \"{192.0.2.8}\" is not understood here"},
    {"text behind a pin", "example.org{192.0.2.7}x", "!0: \"x\" is not understood here"},

    {"bytes that are not UTF-8",
     "b\xFC"
     "cher.example",
     "!0: the name is not UTF-8; save the list as UTF-8"},
    {"an overlong encoding",
     "a\xC0\xAE"
     "b.example",
     "!0: the name is not UTF-8; save the list as UTF-8"},
    {"a surrogate", "a\xED\xA0\x80.example", "!0: the name is not UTF-8; save the list as UTF-8"},
    {"half a character", "a.example\xC3", "!0: the name is not UTF-8; save the list as UTF-8"},
    {"a character that names may not have", "a\xE2\x98\x83.example",
     "!0: not a valid international name: string contains a disallowed character"},
    {"a mark in front",
     "\xCC\x88"
     "a.example",
     "!0: not a valid international name: string contains a forbidden leading combining character"},
    {"right to left and left to right in one label", "a\xD7\x90.example",
     "!0: not a valid international name: string has forbidden bi-directional properties"},
    {"a slash by mapping",
     "a\xE2\x84\x80"
     "b.example",
     "!0: '/' cannot be in a host name: \"aa/cb.example\""},
};

static struct option_case {
    struct item_case item;
    uint64_t max_cidr; /* 0: the default */
    bool add_www;
} option_cases[] = {
    {{"a block of exactly the limit", "192.0.2.0/30",
      "https://192.0.2.0:443 | https://192.0.2.1:443 | https://192.0.2.2:443 | "
      "https://192.0.2.3:443"},
     4,
     false},
    {{"--www beside a registrable domain", "example.org",
      "https://example.org:443 | https://www.example.org:443"},
     0,
     true},
    {{"--www under a longer public suffix", "example.co.uk",
      "https://example.co.uk:443 | https://www.example.co.uk:443"},
     0,
     true},
    {{"--www repeats the ports", "example.org:443,8443",
      "https://example.org:443 | https://example.org:8443 | https://www.example.org:443 | "
      "https://www.example.org:8443"},
     0,
     true},
    {{"--www shows both forms",
      "b\xC3\xBC"
      "cher.example",
      "https://xn--bcher-kva.example:443 u=bücher.example | "
      "https://www.xn--bcher-kva.example:443 u=www.bücher.example"},
     0,
     true},
    {{"--www not beside a name below", "www.example.org", "https://www.example.org:443"}, 0, true},
    {{"--www not beside a public suffix", "co.uk", "https://co.uk:443"}, 0, true},
    {{"--www not beside a single label", "intranet", "https://intranet:443"}, 0, true},
    {{"--www not beside an address", "192.0.2.7", "https://192.0.2.7:443"}, 0, true},
    {{"--www not beside a mail server", "imaps://example.org", "imaps://example.org:993"}, 0, true},
    {{"a block above a limit of four", "192.0.2.0/29",
      "!0: /29 is 8 addresses, more than 4; --max-cidr raises that limit"},
     4,
     false},
    {{"more than any counter holds", "2001:db8::/64",
      "!0: /64 is 2^64 addresses, more than 18446744073709551615; --max-cidr raises that limit"},
     UINT64_MAX,
     false},
    {{"--www not beside a pinned name", "example.org{192.0.2.7}",
      "https://example.org:443 pin=192.0.2.7"},
     0,
     true},
};

static void check(const struct item_case *row, uint64_t max_cidr, bool add_www)
{
    struct rendering rendering = {.num_targets = 0};
    struct tc_target_reader_options options = {.max_cidr = max_cidr,
                                               .add_www = add_www,
                                               .context = &rendering,
                                               .rejected = render_rejected};
    struct tc_target_reader *reader = NULL;
    struct tc_error error;
    tc_buf_init(&rendering.text, RENDER_MAX);
    assert_int_equal(tc_target_reader_open_args(&reader, &row->text, 1, &options, &error), TC_OK);
    assert_null(tc_target_reader_labels(reader));
    render_all(&rendering, reader);
    assert_string_equal(rendering.text.data, row->expected);
    tc_buf_cleanup(&rendering.text);
}

static void check_item(void **state)
{
    check(*state, 0, false);
}

static void check_option(void **state)
{
    const struct option_case *row = *state;
    check(&row->item, row->max_cidr, row->add_www);
}

static struct tc_target *only_target(const char *text)
{
    struct tc_target_reader_options options = {.max_cidr = 0};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    assert_int_equal(tc_target_reader_open_args(&reader, &text, 1, &options, &error), TC_OK);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_OK);
    tc_target_reader_free(reader);
    return target; /* it lives on without its reader */
}

static void registrable_domains(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *domain; /* NULL: none */
    } rows[] = {
        {"a.b.example.org", "example.org"},
        {"a.example.co.uk", "example.co.uk"},
        {"example.org", "example.org"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"a.b.internal", "b.internal"}, /* an unknown top is a suffix */
        {"co.uk", NULL},
        {"org", NULL},
        {"192.0.2.7", NULL},
        {"[2001:db8::7]", NULL},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct tc_target *target = only_target(rows[i].text);
        if (rows[i].domain == NULL) {
            assert_null(target->registrable_domain);
        } else {
            assert_string_equal(target->registrable_domain, rows[i].domain);
        }
        tc_target_free(target);
    }
}

static void input_text_is_the_user_s(void **state)
{
    (void)state;
    struct tc_target *target = only_target(" HTTPS://Example.org:8443/x ");
    assert_string_equal(target->input_text, "HTTPS://Example.org:8443/x");
    assert_string_equal(target->host, "example.org");
    assert_int_equal(target->input_line, 0);
    assert_false(target->is_address);
    assert_string_equal(tc_target_reference_name(target), "example.org");
    tc_target_free(target);
    target = only_target("192.0.2.7");
    assert_true(target->is_address);
    tc_target_free(target);
    tc_target_free(NULL);
}

/* A target's memory is bounded by its text: nothing is set aside for what it does not have. */
static void done_addresses_are_freed(void **state)
{
    (void)state;
    struct tc_target *target = only_target("example.org");
    target->done_addresses = calloc(2, sizeof *target->done_addresses);
    assert_non_null(target->done_addresses);
    target->num_done_addresses = 2;
    for (size_t i = 0; i < 2; i++) {
        target->done_addresses[i] = strdup("192.0.2.7");
    }
    tc_target_free(target);
}

static void long_items_are_refused(void **state)
{
    (void)state;
    char text[TARGET_ITEM_MAX + 2];
    struct target_item item;
    struct target_reason reason;
    memset(text, 'a', sizeof text);
    memcpy(text, "a.org/", 6);
    text[sizeof text - 1] = '\0';
    assert_int_equal(tc_target_item_parse(&item, &reason, text, TARGET_ITEM_MAX, 1), TC_OK);
    assert_int_equal(tc_target_item_parse(&item, &reason, text, TARGET_ITEM_MAX + 1, 1),
                     TC_ERR_MALFORMED);
    assert_string_equal(reason.text, "an item of 4097 bytes; at most 4096 are read");
}

static void too_many_ports_are_refused(void **state)
{
    (void)state;
    struct tc_buf text;
    struct target_item item;
    struct target_reason reason;
    tc_buf_init(&text, TARGET_ITEM_MAX);
    tc_buf_add_str(&text, "a.org:1");
    for (unsigned port = 2; port <= TARGET_PORTS_MAX; port++) {
        tc_buf_addf(&text, ",%u", port);
    }
    assert_int_equal(tc_target_item_parse(&item, &reason, text.data, text.len, 1), TC_OK);
    assert_int_equal(item.num_ports, TARGET_PORTS_MAX);
    tc_buf_add_str(&text, ",9999");
    assert_int_equal(tc_target_item_parse(&item, &reason, text.data, text.len, 1),
                     TC_ERR_MALFORMED);
    assert_string_equal(reason.text, "more than 256 ports");
    tc_buf_cleanup(&text);
}

static void protocols_have_names_and_kinds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TC_PROTOCOL_COUNT; i++) {
        enum tc_protocol protocol = (enum tc_protocol)i;
        const char *name = tc_protocol_str(protocol);
        assert_int_equal(tc_protocol_find(name, strlen(name)), protocol);
        assert_int_equal(tc_protocol_is_starttls(protocol), protocol >= TC_PROTOCOL_SMTP);
        assert_true(tc_protocol_port(protocol) > 0);
    }
    assert_int_equal(tc_protocol_find("httpss", 6), TC_PROTOCOL_COUNT);
    assert_int_equal(tc_protocol_find("http", 4), TC_PROTOCOL_COUNT);
    assert_int_equal(tc_protocol_find("", 0), TC_PROTOCOL_COUNT);
    assert_false(tc_protocol_is_starttls(TC_PROTOCOL_COUNT));
}

static void arguments_are_hashed_as_lines(void **state)
{
    (void)state;
    static const char *const args[] = {"a.org", "!bad!"};
    static const char lines[] = "a.org\n!bad!\n";
    struct tc_target_reader_options options = {.max_cidr = 0};
    struct tc_target_reader *readers[2] = {NULL, NULL};
    struct tc_target *target = NULL;
    struct tc_error error;
    uint8_t sha256[2][32];
    assert_int_equal(tc_target_reader_open_args(&readers[0], args, 2, &options, &error), TC_OK);
    assert_int_equal(
        tc_target_reader_open_memory(&readers[1], "m", lines, sizeof lines - 1, &options, &error),
        TC_OK);
    for (size_t i = 0; i < 2; i++) {
        while (tc_target_reader_next(&target, readers[i], &error) == TC_OK) {
            tc_target_free(target);
        }
        tc_target_reader_sha256(sha256[i], readers[i]);
        tc_target_reader_free(readers[i]);
    }
    assert_memory_equal(sha256[0], sha256[1], 32);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(registrable_domains),
        cmocka_unit_test(input_text_is_the_user_s),
        cmocka_unit_test(done_addresses_are_freed),
        cmocka_unit_test(long_items_are_refused),
        cmocka_unit_test(too_many_ports_are_refused),
        cmocka_unit_test(protocols_have_names_and_kinds),
        cmocka_unit_test(arguments_are_hashed_as_lines),
    };
    struct CMUnitTest items[TC_ARRAY_LEN(item_cases) + TC_ARRAY_LEN(option_cases)] = {
        {.name = NULL}};
    struct CMUnitTest *test = items;
    for (size_t i = 0; i < TC_ARRAY_LEN(item_cases); i++, test++) {
        test->name = item_cases[i].name;
        test->test_func = check_item;
        test->initial_state = &item_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(option_cases); i++, test++) {
        test->name = option_cases[i].item.name;
        test->test_func = check_option;
        test->initial_state = &option_cases[i];
    }
    int failed = cmocka_run_group_tests_name("target items", items, NULL, NULL);
    return failed + cmocka_run_group_tests_name("target", others, NULL, NULL);
}
