/* Facts of certificates made to order: ordinary ones, odd ones, hostile ones. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/mem.h>

#include "cert_fixture.h"
#include "tlscensus/certificate.h"

#define TURNED_ROUND                                                                               \
    "\xe2\x80\xae"                                                                                 \
    "x\xe2\x80\xac" /* U+202E, U+202C: as an attacker turns text round */
#define BYTES(text) ((struct made_bytes){(const uint8_t *)(text), sizeof(text) - 1})

static void assert_text(const struct tc_text *text, const char *expected, size_t len)
{
    assert_non_null(text->data);
    assert_int_equal(text->len, len);
    assert_memory_equal(text->data, expected, len);
    assert_int_equal(text->data[len], 0);
}

/* ---- subjects ---- */

static const struct subject_case {
    const char *name;
    const char *oid;
    unsigned tag;
    const char *value;
    size_t value_len; /* 0: of the text */
    const char *subject;
    const char *common_name; /* NULL: none */
} k_subjects[] = {
    {"UTF8String", "2.5.4.3", CBS_ASN1_UTF8STRING,
     "b\xc3\xbc"
     "cher",
     0,
     "CN=b\xc3\xbc"
     "cher",
     "b\xc3\xbc"
     "cher"},
    {"UTF8String with bytes that are none", "2.5.4.3", CBS_ASN1_UTF8STRING, "a\xff\xc3", 0,
     "CN=a\\\\xFF\\\\xC3", "a\\xFF\\xC3"},
    {"UTF8String with a surrogate and an overlong slash", "2.5.4.3", CBS_ASN1_UTF8STRING,
     "\xed\xa0\x80\xc0\xaf", 0, "CN=\\\\xED\\\\xA0\\\\x80\\\\xC0\\\\xAF",
     "\\xED\\xA0\\x80\\xC0\\xAF"},
    {"UTF8String past Unicode's end", "2.5.4.3", CBS_ASN1_UTF8STRING, "\xf4\x90\x80\x80", 0,
     "CN=\\\\xF4\\\\x90\\\\x80\\\\x80", "\\xF4\\x90\\x80\\x80"},
    {"T61String is Latin-1", "2.5.4.3", CBS_ASN1_T61STRING,
     "b\xfc"
     "cher",
     0,
     "CN=b\xc3\xbc"
     "cher",
     "b\xc3\xbc"
     "cher"},
    {"BMPString", "2.5.4.3", CBS_ASN1_BMPSTRING, "\0b\0\xfc", 4, "CN=b\xc3\xbc", "b\xc3\xbc"},
    {"BMPString with a pair of surrogates", "2.5.4.3", CBS_ASN1_BMPSTRING, "\xd8\x3d\xde\x00", 4,
     "CN=\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"UniversalString", "2.5.4.3", CBS_ASN1_UNIVERSALSTRING, "\0\0\0b\0\x01\xf6\x00", 8,
     "CN=b\xf0\x9f\x98\x80", "b\xf0\x9f\x98\x80"},
    {"PrintableString", "2.5.4.3", CBS_ASN1_PRINTABLESTRING, "plain", 0, "CN=plain", "plain"},
    {"characters that RFC 4514 escapes", "2.5.4.10", CBS_ASN1_UTF8STRING, " #a,b+c\"d\\e<f>g;h ", 0,
     "O=\\ #a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\ ", NULL},
    {"a number sign in front", "2.5.4.10", CBS_ASN1_UTF8STRING, "#1", 0, "O=\\#1", NULL},
    {"NUL", "2.5.4.3", CBS_ASN1_UTF8STRING, "a\0b", 3, "CN=a\\00b", NULL},
    {"control and bidirectional characters stay", "2.5.4.3", CBS_ASN1_UTF8STRING,
     "a\n\x1b[31m" TURNED_ROUND, 0, "CN=a\n\x1b[31m" TURNED_ROUND, "a\n\x1b[31m" TURNED_ROUND},
    {"a formula and markup stay", "2.5.4.3", CBS_ASN1_UTF8STRING, "=1+2</script>", 0,
     "CN==1\\+2\\</script\\>", NULL},
    {"a type without a name", "1.2.3.4", CBS_ASN1_UTF8STRING, "x", 0, "1.2.3.4=#0c0178", NULL},
    {"a value that is no string", "2.5.4.3", CBS_ASN1_INTEGER, "\x05", 0, "CN=#020105", NULL},
    {"a domain component", "0.9.2342.19200300.100.1.25", CBS_ASN1_IA5STRING, "org", 0, "DC=org",
     NULL},
    {"an empty value", "2.5.4.3", CBS_ASN1_UTF8STRING, "", 0, "CN=", ""},
};

static void check_subject(void **state)
{
    const struct subject_case *row = *state;
    const struct made_attribute attribute = {
        row->oid, row->tag, row->value, row->value_len > 0 ? row->value_len : strlen(row->value)};
    size_t len = 0;
    uint8_t *name = made_name(&attribute, 1, &len);
    struct tc_cert *cert = read_recipe((struct cert_recipe){.raw_subject = {name, len}});
    assert_string_equal(cert->subject.data, row->subject);
    assert_int_equal(cert->subject.len, strlen(row->subject));
    if (row->common_name != NULL) {
        assert_text(&cert->subject_cn, row->common_name, strlen(row->common_name));
    }
    tc_cert_release(cert);
    free(name);
}

static void names_are_read_from_the_end(void **state)
{
    (void)state;
    const struct made_attribute attributes[] = {
        {"2.5.4.6", CBS_ASN1_PRINTABLESTRING, "DE", 2},
        {"2.5.4.10", CBS_ASN1_UTF8STRING, "First", 5},
        {"2.5.4.10", CBS_ASN1_UTF8STRING, "Second", 6},
        {"2.5.4.3", CBS_ASN1_UTF8STRING, "general", 7},
        {"2.5.4.3", CBS_ASN1_UTF8STRING, "special", 7},
    };
    size_t len = 0;
    uint8_t *name = made_name(attributes, TC_ARRAY_LEN(attributes), &len);
    struct tc_cert *cert = read_recipe((struct cert_recipe){.raw_subject = {name, len}});
    assert_string_equal(cert->subject.data, "CN=special,CN=general,O=Second,O=First,C=DE");
    assert_string_equal(cert->subject_cn.data, "special"); /* the most specific one */
    assert_string_equal(cert->issuer_organization.data, "Second");
    assert_string_equal(cert->issuer.data, cert->subject.data);
    assert_true(cert->is_self_issued && cert->is_self_signed);
    tc_cert_release(cert);
    free(name);
}

static void a_name_of_a_thousand_parts_is_cut(void **state)
{
    (void)state;
    static struct made_attribute attributes[1000];
    size_t len = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(attributes); i++) {
        attributes[i] = (struct made_attribute){"2.5.4.11", CBS_ASN1_UTF8STRING, "u", 1};
    }
    uint8_t *name = made_name(attributes, TC_ARRAY_LEN(attributes), &len);
    struct tc_cert *cert = read_recipe((struct cert_recipe){.raw_subject = {name, len}});
    assert_non_null(strstr(cert->subject.data, "(744 more),OU=u,"));
    tc_cert_release(cert);
    free(name);
}

/* ---- dates, serial numbers, versions ---- */

static const struct date_case {
    const char *name;
    const char *not_before; /* content of a UTCTime of 13 characters, else a GeneralizedTime */
    const char *not_after;
    bool is_read;
    int64_t not_before_s;
    int64_t not_after_s;
} k_dates[] = {
    {"this century", "260101000000Z", "261231235959Z", true, 1767225600, 1798761599},
    {"the year 1950", "500101000000Z", "491231235959Z", true, -631152000, 2524607999},
    {"past 2050", "20500101000000Z", "20991231235959Z", true, 2524608000, 4102444799},
    {"the end of time", "20260101000000Z", "99991231235959Z", true, 1767225600, 253402300799},
    {"before 1970", "19691231235959Z", "700101000000Z", true, -1, 0},
    {"the year 0", "00000101000000Z", "260101000000Z", true, -62167219200, 1767225600},
    {"a leap day", "240229120000Z", "20000229120000Z", true, 1709208000, 951825600},
    {"no leap day in 2100", "21000229120000Z", "21000301000000Z", false, 0, 0},
    {"the 31st of April", "260431000000Z", "261231235959Z", false, 0, 0},
    {"month 13", "261301000000Z", "271231235959Z", false, 0, 0},
    {"month 0", "260001000000Z", "271231235959Z", false, 0, 0},
    {"hour 24", "260101240000Z", "271231235959Z", false, 0, 0},
    {"second 60", "260101000060Z", "271231235959Z", false, 0, 0},
    {"no seconds", "2601010000Z", "271231235959Z", false, 0, 0},
    {"a time zone", "260101000000+0100", "271231235959Z", false, 0, 0},
    {"fractions", "20260101000000.5Z", "271231235959Z", false, 0, 0},
    {"letters", "26010100000aZ", "271231235959Z", false, 0, 0},
    {"no Z", "2601010000000", "271231235959Z", false, 0, 0},
    {"empty", "", "271231235959Z", false, 0, 0},
};

static size_t put_time(uint8_t *out, const char *text)
{
    size_t len = strlen(text);
    out[0] = len == 13 ? CBS_ASN1_UTCTIME : CBS_ASN1_GENERALIZEDTIME;
    out[1] = (uint8_t)len;
    for (size_t i = 0; i < len; i++) {
        out[2 + i] = (uint8_t)text[i];
    }
    return len + 2;
}

static void check_date(void **state)
{
    const struct date_case *row = *state;
    uint8_t validity[128];
    size_t len = put_time(validity, row->not_before);
    len += put_time(validity + len, row->not_after);
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "dated", .raw_validity = {validity, len}});
    assert_int_equal(cert->has_validity, row->is_read);
    assert_int_equal(cert->parse_error == NULL, row->is_read);
    assert_int_equal(cert->not_before_s, row->not_before_s);
    assert_int_equal(cert->not_after_s, row->not_after_s);
    assert_string_equal(cert->subject.data, "CN=dated"); /* the rest is read all the same */
    tc_cert_release(cert);
}

static const struct serial_case {
    const char *name;
    struct made_bytes octets;
    const char *hex;
} k_serials[] = {
    {"serial: one octet", {(const uint8_t *)"\x05", 1}, "05"},
    {"serial: zero", {(const uint8_t *)"\x00", 1}, "00"},
    {"serial: a sign octet", {(const uint8_t *)"\x00\x80", 2}, "00:80"},
    {"serial: negative", {(const uint8_t *)"\xff\x01", 2}, "FF:01"},
    {"serial: 20 octets",
     {(const uint8_t *)"\x04\xe1\x23\x45\x67\x89\xab\xcd\xef\x01\x04\xe1\x23\x45\x67\x89\xab\xcd"
                       "\xef\x01",
      20},
     "04:E1:23:45:67:89:AB:CD:EF:01:04:E1:23:45:67:89:AB:CD:EF:01"},
};

static void check_serial(void **state)
{
    const struct serial_case *row = *state;
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "numbered", .serial = row->octets});
    assert_string_equal(cert->serial_hex, row->hex);
    tc_cert_release(cert);
}

static void old_versions_are_told(void **state)
{
    (void)state;
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "old", .no_extensions = true});
    assert_int_equal(cert->version, 1);
    assert_true(cert->is_ca); /* self-issued, before there was a flag */
    assert_null(cert->parse_error);
    tc_cert_release(cert);
    cert = read_recipe((struct cert_recipe){.subject = "odd", .version = 7});
    assert_int_equal(cert->version, 7);
    assert_non_null(cert->parse_error);
    tc_cert_release(cert);
}

/* ---- names ---- */

static void names_of_every_kind(void **state)
{
    (void)state;
    static const char general_names[] =
        "\x82\x09"
        "host.test"
        "\x82\x06"
        "a\0b\n\xff"
        "c"
        "\x87\x04\xc0\x00\x02\x01"
        "\x87\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
        "\x87\x03\x01\x02\x03"
        "\x81\x0a"
        "me@host.it"
        "\x86\x08"
        "http://a"
        "\xa0\x12\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x05\xa0\x06\x0c\x04"
        "x@im"
        "\xa0\x13\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x07\xa0\x07\x16\x05"
        "_im.a"
        "\xa0\x08\x06\x02\x2a\x03\xa0\x02\x05\x00"
        "\xa4\x0e\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
        "n"
        "\x88\x02\x2a\x03"
        "\xa3\x00"
        "\xa5\x00";
    static const struct {
        enum tc_name_kind kind;
        const char *text;
        size_t len;
    } expected[] = {
        {TC_NAME_DNS, "host.test", 9},
        {TC_NAME_DNS, "a\0b\n\\xFFc", 9},
        {TC_NAME_IP, "192.0.2.1", 9},
        {TC_NAME_IP, "2001:db8::1", 11},
        {TC_NAME_IP, "3 octets: 010203", 16},
        {TC_NAME_EMAIL, "me@host.it", 10},
        {TC_NAME_URI, "http://a", 8},
        {TC_NAME_XMPP, "x@im", 4},
        {TC_NAME_SRV, "_im.a", 5},
        {TC_NAME_OTHER, "otherName 1.2.3", 0},
        {TC_NAME_DIRECTORY, "CN=n", 4},
        {TC_NAME_OTHER, "registeredID 1.2.3", 0},
        {TC_NAME_OTHER, "x400Address", 11},
        {TC_NAME_OTHER, "ediPartyName", 12},
    };
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "names", .raw_names = BYTES(general_names)});
    assert_int_equal(cert->num_names, TC_ARRAY_LEN(expected));
    for (size_t i = 0; i < cert->num_names; i++) {
        assert_int_equal(cert->names[i].kind, expected[i].kind);
        if (expected[i].len > 0) {
            assert_text(&cert->names[i].text, expected[i].text, expected[i].len);
        } else { /* {0x2a, 0x03} is 1.2.3 */
            assert_string_equal(cert->names[i].text.data, expected[i].text);
        }
    }
    tc_cert_release(cert);
}

static void ten_thousand_names_are_all_read(void **state)
{
    (void)state;
    static char text[10000][16];
    static const char *names[10001];
    for (size_t i = 0; i < 10000; i++) {
        snprintf(text[i], sizeof text[i], "h%05zu.test", i);
        names[i] = text[i];
    }
    struct tc_cert *cert = read_recipe((struct cert_recipe){.subject = "many", .dns = names});
    assert_null(cert->parse_error);
    assert_int_equal(cert->num_names, 10000);
    assert_string_equal(cert->names[9999].text.data, "h09999.test");
    assert_true(tc_cert_matches_name(cert, "h09999.test"));
    assert_false(tc_cert_matches_name(cert, "h10000.test"));
    tc_cert_release(cert);
}

/* ---- extensions ---- */

static void what_the_extensions_say(void **state)
{
    (void)state;
    static const char *const eku[] = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0",
                                      "1.2.3.4", NULL};
    const struct made_extension extensions[] = {
        /* OV, then DV: the one that promises more counts */
        {"2.5.29.32", false,
         BYTES("\x30\x14\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x02\x30\x08\x06\x06\x67\x81\x0c\x01"
               "\x02\x01")},
        {"1.3.6.1.5.5.7.1.24", false, BYTES("\x30\x03\x02\x01\x05")},
        {"1.3.6.1.4.1.11129.2.4.2", false, BYTES("\x04\x09\x00\x07\x00\x01\xaa\x00\x02\xbb\xcc")},
        {"1.3.6.1.4.1.11129.2.4.3", false, BYTES("\x05\x00")},
        {"1.3.6.1.5.5.7.1.1", false,
         BYTES("\x30\x28\x30\x12\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x06http:o"
               "\x30\x12\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x06http:i")},
        {"2.5.29.31", false, BYTES("\x30\x0e\x30\x0c\xa0\x0a\xa0\x08\x86\x06http:c")},
    };
    struct tc_cert *cert =
        read_recipe((struct cert_recipe){.subject = "extended",
                                         .is_ca = true,
                                         .path_len = 4,
                                         .ext_key_usage = eku,
                                         .key_usage = TC_KU_KEY_CERT_SIGN | TC_KU_DECIPHER_ONLY,
                                         .extensions = extensions,
                                         .num_extensions = TC_ARRAY_LEN(extensions)});
    assert_null(cert->parse_error);
    assert_true(cert->is_ca);
    assert_int_equal(cert->path_len, 3);
    assert_true(cert->has_key_usage && cert->has_ext_key_usage);
    assert_int_equal(cert->key_usage, TC_KU_KEY_CERT_SIGN | TC_KU_DECIPHER_ONLY);
    assert_int_equal(cert->ext_key_usage,
                     TC_EKU_SERVER_AUTH | TC_EKU_CLIENT_AUTH | TC_EKU_ANY | TC_EKU_OTHER);
    assert_string_equal(tc_policy_str(cert->policy), "OV");
    assert_true(cert->must_staple && cert->is_precert);
    assert_int_equal(cert->sct_count, 2);
    assert_string_equal(cert->ocsp_url.data, "http:o");
    assert_string_equal(cert->ca_issuers_url.data, "http:i");
    assert_string_equal(cert->crl_url.data, "http:c");
    assert_false(cert->has_name_constraints);
    tc_cert_release(cert);
}

static const struct policy_case {
    const char *name;
    struct made_bytes value;
    const char *policy;
} k_policies[] = {
    {"policy: EV", {(const uint8_t *)"\x30\x09\x30\x07\x06\x05\x67\x81\x0c\x01\x01", 11}, "EV"},
    {"policy: DV", {(const uint8_t *)"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01", 12}, "DV"},
    {"policy: OV", {(const uint8_t *)"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x02", 12}, "OV"},
    {"policy: IV", {(const uint8_t *)"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x03", 12}, "IV"},
    {"policy: a later arc",
     {(const uint8_t *)"\x30\x0a\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x09", 12},
     ""},
    {"policy: below DV",
     {(const uint8_t *)"\x30\x0b\x30\x09\x06\x07\x67\x81\x0c\x01\x02\x01\x01", 13},
     ""},
    {"policy: somebody's own", {(const uint8_t *)"\x30\x06\x30\x04\x06\x02\x2a\x03", 8}, ""},
    {"policy: broken", {(const uint8_t *)"\x05\x00", 2}, ""},
};

static void check_policy(void **state)
{
    const struct policy_case *row = *state;
    const struct made_extension extension = {"2.5.29.32", false, row->value};
    struct tc_cert *cert = read_recipe(
        (struct cert_recipe){.subject = "policy", .extensions = &extension, .num_extensions = 1});
    assert_string_equal(tc_policy_str(cert->policy), row->policy);
    tc_cert_release(cert);
}

/* What is only told, and broken, tells nothing; what is judged, and broken, spoils it. */
static const struct broken_case {
    const char *name;
    struct made_extension extension;
    const char *error; /* NULL: readable all the same */
} k_broken[] = {
    {"broken: SCT list",
     {"1.3.6.1.4.1.11129.2.4.2", false, {(const uint8_t *)"\x04\x01\x00", 3}},
     NULL},
    {"broken: TLS feature", {"1.3.6.1.5.5.7.1.24", false, {(const uint8_t *)"\x05\x00", 2}}, NULL},
    {"broken: AIA", {"1.3.6.1.5.5.7.1.1", false, {(const uint8_t *)"\x30\x01\xff", 3}}, NULL},
    {"broken: subjectAltName",
     {"2.5.29.17", false, {(const uint8_t *)"\x30\x01\xff", 3}},
     "subjectAltName"},
    {"broken: nameConstraints",
     {"2.5.29.30", true, {(const uint8_t *)"\x05\x00", 2}},
     "nameConstraints"},
    {"broken: a second keyUsage",
     {"2.5.29.15", true, {(const uint8_t *)"\x03\x02\x07\x80", 4}},
     "extensions"},
};

static void check_broken(void **state)
{
    const struct broken_case *row = *state;
    struct tc_cert *cert = read_recipe((struct cert_recipe){
        .subject = "broken", .extensions = &row->extension, .num_extensions = 1});
    if (row->error == NULL) {
        assert_null(cert->parse_error);
    } else {
        assert_non_null(cert->parse_error);
        assert_non_null(strstr(cert->parse_error, row->error));
    }
    assert_string_equal(cert->subject_cn.data, "broken");
    assert_int_equal(cert->sct_count, 0);
    tc_cert_release(cert);
}

/* ---- bytes that are no certificate ---- */

static void cut_anywhere_it_is_kept_with_a_reason(void **state)
{
    (void)state;
    struct made_cert made = make_cert(&(struct cert_recipe){.subject = "cut"});
    for (size_t len = 0; len < made.der_len; len++) {
        struct tc_cert *cert = NULL;
        assert_int_equal(tc_cert_new(&cert, made.der, len), TC_OK);
        assert_non_null(cert->parse_error);
        assert_int_equal(cert->der_len, len);
        if (len > 0) {
            assert_memory_equal(cert->der, made.der, len);
        }
        tc_cert_release(cert);
    }
    made_cert_cleanup(&made);
}

static void any_byte_changed_does_no_harm(void **state)
{
    (void)state;
    struct made_cert made = make_cert(&(struct cert_recipe){.subject = "flipped"});
    for (size_t i = 0; i < made.der_len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct tc_cert *cert = NULL;
            made.der[i] ^= (uint8_t)(1U << bit);
            assert_int_equal(tc_cert_new(&cert, made.der, made.der_len), TC_OK);
            assert_false(cert->is_self_signed);
            tc_cert_release(cert);
            made.der[i] ^= (uint8_t)(1U << bit);
        }
    }
    made_cert_cleanup(&made);
}

static void deep_nesting_and_trailing_bytes(void **state)
{
    (void)state;
    static uint8_t nested[40000];
    struct tc_cert *cert = NULL;
    size_t at = sizeof nested;
    size_t inner = 0;
    while (at >= 4) { /* a SEQUENCE in a SEQUENCE in a … */
        nested[--at] = (uint8_t)(inner & 0xff);
        nested[--at] = (uint8_t)(inner >> 8);
        nested[--at] = 0x82;
        nested[--at] = 0x30;
        inner = sizeof nested - at;
    }
    assert_int_equal(tc_cert_new(&cert, nested + at, sizeof nested - at), TC_OK);
    assert_non_null(cert->parse_error);
    tc_cert_release(cert);
    cert = read_recipe((struct cert_recipe){.subject = "long", .trailing = BYTES("xx")});
    assert_non_null(strstr(cert->parse_error, "bytes follow"));
    assert_string_equal(cert->subject_cn.data, "long");
    tc_cert_release(cert);
}

/* ---- all of them ---- */

#define MAX_TESTS 128

static struct CMUnitTest g_tests[MAX_TESTS];
static size_t g_num_tests;

static void add(const char *name, CMUnitTestFunction function, const void *row)
{
    union {
        const void *in;
        void *out;
    } state = {.in = row};
    if (g_num_tests == MAX_TESTS) {
        abort();
    }
    g_tests[g_num_tests++] = (struct CMUnitTest){name, function, NULL, NULL, state.out};
}

#define ADD_ALL(rows, function)                                                                    \
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {                                              \
        add((rows)[i].name, function, &(rows)[i]);                                                 \
    }

int main(void)
{
    const struct CMUnitTest single[] = {
        cmocka_unit_test(names_are_read_from_the_end),
        cmocka_unit_test(a_name_of_a_thousand_parts_is_cut),
        cmocka_unit_test(old_versions_are_told),
        cmocka_unit_test(names_of_every_kind),
        cmocka_unit_test(ten_thousand_names_are_all_read),
        cmocka_unit_test(what_the_extensions_say),
        cmocka_unit_test(cut_anywhere_it_is_kept_with_a_reason),
        cmocka_unit_test(any_byte_changed_does_no_harm),
        cmocka_unit_test(deep_nesting_and_trailing_bytes),
    };
    ADD_ALL(k_subjects, check_subject)
    ADD_ALL(k_dates, check_date)
    ADD_ALL(k_serials, check_serial)
    ADD_ALL(k_policies, check_policy)
    ADD_ALL(k_broken, check_broken)
    for (size_t i = 0; i < TC_ARRAY_LEN(single); i++) {
        add(single[i].name, single[i].test_func, NULL);
    }
    /* The table is larger than what is in it, so the group is run by its number. */
    return _cmocka_run_group_tests("certificate", g_tests, g_num_tests, NULL, NULL);
}
