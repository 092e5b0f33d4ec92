/* RFC 9525: which names a certificate may speak for. Far more ways to be wrong than right. */
#include "test_support.h"

#include <string.h>

#include "make_cert.h"
#include "tlscensus/certificate.h"

/* One presented name; `len` 0 means the length of the text. IP addresses come as their octets. */
/* Its members stand in the order in which a row is read. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
static const struct match_case {
    const char *name;
    enum tc_name_kind kind;
    const char *presented;
    size_t presented_len;
    const char *reference;
    bool matches;
} k_cases[] = {
    {"dns: equal", TC_NAME_DNS, "www.example.org", 0, "www.example.org", true},
    {"dns: case does not matter", TC_NAME_DNS, "WWW.Example.ORG", 0, "www.eXample.org", true},
    {"dns: the reference's root dot", TC_NAME_DNS, "www.example.org", 0, "www.example.org.", true},
    {"dns: one label", TC_NAME_DNS, "localhost", 0, "localhost", true},
    {"dns: underscore", TC_NAME_DNS, "a_b.example.org", 0, "a_b.example.org", true},
    {"dns: A-label", TC_NAME_DNS, "xn--bcher-kva.example", 0, "xn--bcher-kva.example", true},
    {"dns: wildcard for one label", TC_NAME_DNS, "*.example.org", 0, "www.example.org", true},
    {"dns: wildcard for an A-label", TC_NAME_DNS, "*.example.org", 0, "xn--bcher-kva.example.org",
     true},
    {"dns: wildcard in upper case", TC_NAME_DNS, "*.EXAMPLE.ORG", 0, "www.example.org", true},
    {"dns: another name", TC_NAME_DNS, "www.example.org", 0, "www.example.com", false},
    {"dns: only the end", TC_NAME_DNS, "example.org", 0, "www.example.org", false},
    {"dns: only the beginning", TC_NAME_DNS, "www.example", 0, "www.example.org", false},
    {"dns: longer", TC_NAME_DNS, "www.example.org", 0, "example.org", false},
    {"dns: a dot at the presented end", TC_NAME_DNS, "www.example.org.", 0, "www.example.org",
     false},
    {"dns: two dots at the reference's end", TC_NAME_DNS, "www.example.org", 0, "www.example.org..",
     false},
    {"dns: an empty presented name", TC_NAME_DNS, "", 0, "www.example.org", false},
    {"dns: an empty reference", TC_NAME_DNS, "www.example.org", 0, "", false},
    {"dns: both empty", TC_NAME_DNS, "", 0, "", false},
    {"dns: a lone dot", TC_NAME_DNS, ".", 0, ".", false},
    {"dns: NUL cuts nothing off", TC_NAME_DNS, "www.example.org\0.evil.test", 26, "www.example.org",
     false},
    {"dns: NUL at the end", TC_NAME_DNS, "www.example.org\0", 16, "www.example.org", false},
    {"dns: a space behind", TC_NAME_DNS, "www.example.org ", 0, "www.example.org", false},
    {"dns: bytes that are no UTF-8 match not even their own picture", TC_NAME_DNS, "\xff", 0,
     "\\xFF", false},
    {"dns: U-label presented", TC_NAME_DNS,
     "b\xc3\xbc"
     "cher.example",
     0,
     "b\xc3\xbc"
     "cher.example",
     false},
    {"dns: empty label in both", TC_NAME_DNS, "a..example.org", 0, "a..example.org", false},
    {"dns: label of 64 letters", TC_NAME_DNS,
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", 0,
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", false},
    {"wildcard: not the bare domain", TC_NAME_DNS, "*.example.org", 0, "example.org", false},
    {"wildcard: not two labels", TC_NAME_DNS, "*.example.org", 0, "a.b.example.org", false},
    {"wildcard: not an empty label", TC_NAME_DNS, "*.example.org", 0, ".example.org", false},
    {"wildcard: part of a label before", TC_NAME_DNS, "w*.example.org", 0, "www.example.org",
     false},
    {"wildcard: part of a label behind", TC_NAME_DNS, "*w.example.org", 0, "www.example.org",
     false},
    {"wildcard: inside an A-label", TC_NAME_DNS, "xn--*.example.org", 0,
     "xn--bcher-kva.example.org", false},
    {"wildcard: second label", TC_NAME_DNS, "www.*.org", 0, "www.example.org", false},
    {"wildcard: two of them", TC_NAME_DNS, "*.*.org", 0, "www.example.org", false},
    {"wildcard: alone", TC_NAME_DNS, "*", 0, "localhost", false},
    {"wildcard: a whole top-level domain", TC_NAME_DNS, "*.org", 0, "example.org", false},
    {"wildcard: only the dot", TC_NAME_DNS, "*.", 0, "example.", false},
    {"wildcard: as reference", TC_NAME_DNS, "*.example.org", 0, "*.example.org", false},
    {"wildcard: not for an address", TC_NAME_DNS, "*.0.2.1", 0, "192.0.2.1", false},
    {"ip: IPv4", TC_NAME_IP, "\xc0\x00\x02\x01", 4, "192.0.2.1", true},
    {"ip: IPv6", TC_NAME_IP, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16, "2001:db8::1", true},
    {"ip: IPv6 written long", TC_NAME_IP, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16,
     "2001:0DB8:0:0:0:0:0:1", true},
    {"ip: a zone is no part of it", TC_NAME_IP, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16,
     "fe80::1%eth0", true},
    {"ip: another address", TC_NAME_IP, "\xc0\x00\x02\x01", 4, "192.0.2.2", false},
    {"ip: IPv4 is not its mapped IPv6", TC_NAME_IP, "\xc0\x00\x02\x01", 4, "::ffff:192.0.2.1",
     false},
    {"ip: eight octets are no address", TC_NAME_IP, "\xc0\x00\x02\x00\xff\xff\xff\x00", 8,
     "192.0.2.0", false},
    {"ip: no octets", TC_NAME_IP, "", 0, "192.0.2.1", false},
    {"ip: in a dNSName", TC_NAME_DNS, "192.0.2.1", 0, "192.0.2.1", false},
    {"ip: a zone with IPv4", TC_NAME_IP, "\xc0\x00\x02\x01", 4, "192.0.2.1%1", false},
    {"ip: too long for an address", TC_NAME_IP, "\xc0\x00\x02\x01", 4,
     "192.0.2.1.................................................................", false},
    {"kind: an email address is no host", TC_NAME_EMAIL, "www.example.org", 0, "www.example.org",
     false},
    {"kind: a URI is no host", TC_NAME_URI, "www.example.org", 0, "www.example.org", false},
};

static void check_match(void **state)
{
    const struct match_case *row = *state;
    static const uint8_t tags[] = {
        [TC_NAME_DNS] = 0x82, [TC_NAME_IP] = 0x87, [TC_NAME_EMAIL] = 0x81, [TC_NAME_URI] = 0x86};
    uint8_t name[128];
    size_t len = row->presented_len > 0 ? row->presented_len : strlen(row->presented);
    struct tc_cert *cert = NULL;
    assert_true(len < sizeof name - 2);
    name[0] = tags[row->kind];
    name[1] = (uint8_t)len;
    memcpy(name + 2, row->presented, len);
    struct made_cert made =
        make_cert(&(struct cert_recipe){.subject = "www.example.org", /* which never counts */
                                        .key = made_key("P-256", 0),
                                        .raw_names = {name, len + 2}});
    assert_int_equal(tc_cert_new(&cert, made.der, made.der_len), TC_OK);
    assert_int_equal(cert->num_names, 1);
    assert_int_equal(tc_cert_matches_name(cert, row->reference), row->matches);
    tc_cert_release(cert);
    made_cert_cleanup(&made);
}

static const struct cn_case {
    const char *name;
    const char *common_name;
    const char *reference;
    bool matches;
} k_cn_cases[] = {
    {"cn: equal", "www.example.org", "www.example.org", true},
    {"cn: wildcard", "*.example.org", "www.example.org", true},
    {"cn: address", "192.0.2.1", "192.0.2.1", true},
    {"cn: another", "www.example.org", "example.org", false},
    {"cn: words", "My Appliance", "appliance", false},
    {"cn: none", NULL, "www.example.org", false},
    {"cn: another address", "192.0.2.1", "192.0.2.11", false},
    {"cn: name for an address", "www.example.org", "192.0.2.1", false},
};

static void check_common_name(void **state)
{
    const struct cn_case *row = *state;
    struct tc_cert *cert = NULL;
    struct made_cert made =
        make_cert(&(struct cert_recipe){.subject = row->common_name, .key = made_key("P-256", 0)});
    assert_int_equal(tc_cert_new(&cert, made.der, made.der_len), TC_OK);
    assert_int_equal(tc_cert_cn_matches_name(cert, row->reference), row->matches);
    assert_false(tc_cert_matches_name(cert, row->reference)); /* without a subjectAltName */
    tc_cert_release(cert);
    made_cert_cleanup(&made);
}

static void any_of_many_names_matches(void **state)
{
    (void)state;
    static const char *const dns[] = {"a.test", "b.test", "*.c.test", NULL};
    struct tc_cert *cert = NULL;
    struct made_cert made = make_cert(&(struct cert_recipe){.dns = dns});
    assert_int_equal(tc_cert_new(&cert, made.der, made.der_len), TC_OK);
    assert_true(tc_cert_matches_name(cert, "a.test"));
    assert_true(tc_cert_matches_name(cert, "b.test"));
    assert_true(tc_cert_matches_name(cert, "x.c.test"));
    assert_false(tc_cert_matches_name(cert, "c.test"));
    tc_cert_release(cert);
    made_cert_cleanup(&made);
}

#define NUM_TESTS (TC_ARRAY_LEN(k_cases) + TC_ARRAY_LEN(k_cn_cases) + 1)

int main(void)
{
    struct CMUnitTest tests[NUM_TESTS] = {0};
    size_t at = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_cases); i++, at++) {
        union {
            const struct match_case *in;
            void *out;
        } row = {.in = &k_cases[i]};
        tests[at] = (struct CMUnitTest){k_cases[i].name, check_match, NULL, NULL, row.out};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_cn_cases); i++, at++) {
        union {
            const struct cn_case *in;
            void *out;
        } row = {.in = &k_cn_cases[i]};
        tests[at] = (struct CMUnitTest){k_cn_cases[i].name, check_common_name, NULL, NULL, row.out};
    }
    tests[at] = (struct CMUnitTest)cmocka_unit_test(any_of_many_names_matches);
    return cmocka_run_group_tests_name("name_match", tests, NULL, NULL);
}
