/* Answers as bytes, also such as no server should send. */
#include "test_support.h"

#include <stdbool.h>
#include <string.h>

#include "scanner/dns_message.h"

/* Header with one question and N answers, and the question "ab.test" IN A at offset 12. */
#define HEADER(answers) "\x12\x34\x81\x80\x00\x01\x00" answers "\x00\x00\x00\x00"
#define QNAME                                                                                      \
    "\x02"                                                                                         \
    "ab\x04test\x00"
#define QUESTION              QNAME "\x00\x01\x00\x01"
#define TTL                   "\x00\x00\x00\x3c"
#define A_RECORD(owner, last) owner "\x00\x01\x00\x01" TTL "\x00\x04\xc0\x00\x02" last
#define BYTES(text)           text, sizeof(text) - 1

static struct message_case {
    const char *title;
    const char *bytes;
    size_t len;
    enum tc_status status;
    unsigned rcode;
    size_t num_addresses;
    const char *cnames;
    bool too_many_aliases;
} k_cases[] = {
    {"one address, the owner as a pointer",
     BYTES(HEADER("\x01") QUESTION A_RECORD("\xc0\x0c", "\x01")), TC_OK, 0, 1, "", false},
    {"names are compared without case",
     BYTES(HEADER("\x01") QUESTION A_RECORD("\x02"
                                            "AB\x04TeSt\x00",
                                            "\x01")),
     TC_OK, 0, 1, "", false},
    {"a pointer into the middle",
     BYTES(HEADER("\x01") QUESTION A_RECORD("\x02"
                                            "ab\xc0\x0f",
                                            "\x01")),
     TC_OK, 0, 1, "", false},
    {"another class does not count",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x01\x00\x03" TTL "\x00\x04\x01\x02\x03\x04"),
     TC_OK, 0, 0, "", false},
    {"text of aliases is escaped",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x0a\x08"
                                   "a .\\\x01\xffz\"\x00"),
     TC_OK, 0, 0, "a\\032\\.\\\\\\001\\255z\"", false},
    {"an alias of the root",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x01\x00"), TC_OK, 0, 0, ".",
     false},
    {"an alias of itself",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x02\xc0\x0c"), TC_OK, 0, 0,
     NULL, true},
    {"a bare error", BYTES("\x12\x34\x81\x85\x00\x00\x00\x00\x00\x00\x00\x00"), TC_OK, 5, 0, "",
     false},
    {"records past the answer section are not read", BYTES(HEADER("\x00") QUESTION "junk"), TC_OK,
     0, 0, "", false},

    {"nothing", BYTES(""), TC_ERR_MALFORMED, 0, 0, "", false},
    {"half a header", BYTES("\x12\x34\x81\x80\x00\x01"), TC_ERR_MALFORMED, 0, 0, "", false},
    {"no question", BYTES(HEADER("\x01")), TC_ERR_MALFORMED, 0, 0, "", false},
    {"two questions", BYTES("\x12\x34\x81\x80\x00\x02\x00\x00\x00\x00\x00\x00" QUESTION QUESTION),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a question of another type", BYTES(HEADER("\x00") QNAME "\x00\x10\x00\x01"), TC_ERR_MALFORMED,
     0, 0, "", false},
    {"a question of another class", BYTES(HEADER("\x00") QNAME "\x00\x01\x00\x03"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a promised record is missing", BYTES(HEADER("\x01") QUESTION), TC_ERR_MALFORMED, 0, 0, "",
     false},
    {"a record is cut",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x01\x00\x01" TTL "\x00\x04\xc0\x00"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"an address of three octets",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x01\x00\x01" TTL "\x00\x03\xc0\x00\x02"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"an address of five octets",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x01\x00\x01" TTL "\x00\x05\xc0\x00\x02\x01\x01"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a pointer to itself", BYTES(HEADER("\x01") QUESTION A_RECORD("\xc0\x19", "\x01")),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a pointer forward", BYTES(HEADER("\x01") QUESTION A_RECORD("\xc0\x1b", "\x01")),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a pointer past the end", BYTES(HEADER("\x01") QUESTION A_RECORD("\xff\xff", "\x01")),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a pointer in a circle",
     BYTES(HEADER("\x01") "\x02"
                          "ab\xc0\x0c\x00\x01\x00\x01"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a label of a reserved kind", BYTES(HEADER("\x01") QUESTION A_RECORD("\x40x\x00", "\x01")),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"a name that does not end",
     BYTES(HEADER("\x00") "\x02"
                          "ab\x04te"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"bytes behind an alias's name",
     BYTES(HEADER("\x01") QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x04\x01x\x00\x00"),
     TC_ERR_MALFORMED, 0, 0, "", false},
    {"an alias's name runs past its data",
     BYTES(HEADER("\x02") QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x01\x01x\x00"),
     TC_ERR_MALFORMED, 0, 0, "", false},
};

static void check_message(void **state)
{
    const struct message_case *row = *state;
    struct tc_dns_message message;
    assert_int_equal(tc_dns_message_read(&message, (const uint8_t *)row->bytes, row->len),
                     row->status);
    if (row->status == TC_OK) {
        assert_int_equal(message.rcode, row->rcode);
        assert_int_equal(message.num_addresses, row->num_addresses);
        assert_int_equal(message.too_many_aliases, row->too_many_aliases);
        if (row->cnames != NULL) {
            assert_string_equal(message.cnames.len > 0 ? message.cnames.data : "", row->cnames);
        }
    }
    tc_dns_message_cleanup(&message);
}

#define MX_QUESTION                QNAME "\x00\x0f\x00\x01"
#define MX_RECORD(len, pref, name) "\xc0\x0c\x00\x0f\x00\x01" TTL "\x00" len "\x00" pref name

static struct mx_case {
    const char *title;
    const char *bytes;
    size_t len;
    enum tc_status status;
    size_t num_exchanges;
    const char *exchanges;
} k_mx_cases[] = {
    {"mail hosts come in the order of preference",
     BYTES(HEADER("\x03") MX_QUESTION MX_RECORD("\x06", "\x14",
                                                "\x01"
                                                "c\xc0\x0f") MX_RECORD("\x06", "\x05",
                                                                       "\x01"
                                                                       "a\xc0\x0f")
               MX_RECORD("\x06", "\x0a",
                         "\x01"
                         "b\xc0\x0f")),
     TC_OK, 3, "a.test b.test c.test"},
    {"equal ones as they came",
     BYTES(HEADER("\x02") MX_QUESTION MX_RECORD("\x06", "\x0a",
                                                "\x01"
                                                "B\xc0\x0f") MX_RECORD("\x06", "\x0a",
                                                                       "\x01"
                                                                       "a\xc0\x0f")),
     TC_OK, 2, "b.test a.test"},
    {"behind an alias",
     BYTES(HEADER("\x02") MX_QUESTION "\xc0\x0c\x00\x05\x00\x01" TTL "\x00\x04\x01x\xc0\x0f"
                                      "\x01x\xc0\x0f\x00\x0f\x00\x01" TTL "\x00\x06\x00\x01"
                                      "\x01m\xc0\x0f"),
     TC_OK, 1, "m.test"},
    {"the root alone", BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x03", "\x00", "\x00")), TC_OK,
     1, ""},
    {"the root beside a host is none",
     BYTES(HEADER("\x02") MX_QUESTION MX_RECORD("\x03", "\x00", "\x00")
               MX_RECORD("\x06", "\x0a", "\x01m\xc0\x0f")),
     TC_OK, 2, "m.test"},
    {"blanks and dots inside of labels are escaped",
     BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x08", "\x00", "\x03m .\xc0\x0f")), TC_OK, 1,
     "m\\032\\..test"},
    {"none", BYTES(HEADER("\x00") MX_QUESTION), TC_OK, 0, ""},
    {"an address in answer", BYTES(HEADER("\x01") MX_QUESTION A_RECORD("\xc0\x0c", "\x01")), TC_OK,
     0, ""},
    {"a mail host in answer to the question for addresses",
     BYTES(HEADER("\x01") QUESTION MX_RECORD("\x06", "\x0a", "\x01m\xc0\x0f")), TC_OK, 0, ""},
    {"of another domain",
     BYTES(HEADER("\x01") MX_QUESTION "\x01z\xc0\x0f\x00\x0f\x00\x01" TTL "\x00\x06\x00\x01"
                                      "\x01m\xc0\x0f"),
     TC_OK, 0, ""},

    {"a preference and no name", BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x02", "\x0a", "")),
     TC_ERR_MALFORMED, 0, NULL},
    {"half a preference",
     BYTES(HEADER("\x01") MX_QUESTION "\xc0\x0c\x00\x0f\x00\x01" TTL "\x00\x01\x00"),
     TC_ERR_MALFORMED, 0, NULL},
    {"bytes behind the name",
     BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x07", "\x0a", "\x01m\xc0\x0fx")),
     TC_ERR_MALFORMED, 0, NULL},
    {"a name that runs past its data",
     BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x04", "\x0a", "\x01m\xc0\x0f")), TC_ERR_MALFORMED,
     0, NULL},
    {"a name that is a pointer to itself",
     BYTES(HEADER("\x01") MX_QUESTION MX_RECORD("\x04", "\x0a", "\xc0\x27")), TC_ERR_MALFORMED, 0,
     NULL},
};

static void check_mx(void **state)
{
    const struct mx_case *row = *state;
    struct tc_dns_message message;
    struct tc_buf exchanges;
    tc_buf_init(&exchanges, 4096);
    assert_int_equal(tc_dns_message_read(&message, (const uint8_t *)row->bytes, row->len),
                     row->status);
    if (row->status == TC_OK) {
        assert_int_equal(message.num_exchanges, row->num_exchanges);
        assert_int_equal(tc_dns_message_add_exchanges(&exchanges, &message), TC_OK);
        assert_string_equal(exchanges.data != NULL ? exchanges.data : "", row->exchanges);
    }
    tc_buf_cleanup(&exchanges);
    tc_dns_message_cleanup(&message);
}

/* More than are kept: the rest is read over, and must be well-formed all the same. */
static void mail_hosts_without_end(void **state)
{
    static const char record[] = MX_RECORD("\x06", "\x0a", "\x01m\xc0\x0f");
    static uint8_t bytes[12 + 32 + 200 * (sizeof record - 1)];
    static const char head[] = HEADER("\xc8") MX_QUESTION;
    struct tc_dns_message message;
    size_t len = sizeof head - 1;
    (void)state;
    memcpy(bytes, head, len);
    for (int i = 0; i < 200; i++) {
        memcpy(bytes + len, record, sizeof record - 1);
        len += sizeof record - 1;
    }
    assert_int_equal(tc_dns_message_read(&message, bytes, len), TC_OK);
    assert_int_equal(message.num_exchanges, TC_MAX_EXCHANGES);
    tc_dns_message_cleanup(&message);
    assert_int_equal(tc_dns_message_read(&message, bytes, len - 1), TC_ERR_MALFORMED);
    tc_dns_message_cleanup(&message);
}

/* Each cut of a good answer is malformed, none is read past. */
static void every_cut_is_malformed(void **state)
{
    static const char whole[] =
        HEADER("\x02") QUESTION A_RECORD("\xc0\x0c", "\x01") A_RECORD("\xc0\x0c", "\x02");
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct tc_dns_message message;
        uint8_t cut[sizeof whole];
        memcpy(cut, whole, len);
        assert_int_equal(tc_dns_message_read(&message, cut, len), TC_ERR_MALFORMED);
        tc_dns_message_cleanup(&message);
    }
}

static void a_name_of_256_octets_is_none(void **state)
{
    uint8_t bytes[512] = {0x12, 0x34, 0x81, 0x80, 0, 1};
    static const uint8_t end[] = {0, 0, DNS_TYPE_A, 0, 1};
    size_t len = 12;
    struct tc_dns_message message;
    (void)state;
    for (int i = 0; i < 4; i++) { /* 4 × 64 + 1 = 257 octets */
        bytes[len++] = 63;
        memset(bytes + len, 'a', 63);
        len += 63;
    }
    memcpy(bytes + len, end, sizeof end);
    len += sizeof end;
    assert_int_equal(tc_dns_message_read(&message, bytes, len), TC_ERR_MALFORMED);
    tc_dns_message_cleanup(&message);
}

static void rcodes_have_names(void **state)
{
    (void)state;
    assert_string_equal(tc_dns_rcode_str(DNS_RCODE_SERVFAIL), "SERVFAIL");
    assert_string_equal(tc_dns_rcode_str(DNS_RCODE_NXDOMAIN), "NXDOMAIN");
    assert_null(tc_dns_rcode_str(6));
    assert_null(tc_dns_rcode_str(4000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_hosts_without_end),
        cmocka_unit_test(every_cut_is_malformed),
        cmocka_unit_test(a_name_of_256_octets_is_none),
        cmocka_unit_test(rcodes_have_names),
    };
    struct CMUnitTest rows[TC_ARRAY_LEN(k_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_cases); i++) {
        rows[i].name = k_cases[i].title;
        rows[i].test_func = check_message;
        rows[i].initial_state = &k_cases[i];
    }
    struct CMUnitTest mx_rows[TC_ARRAY_LEN(k_mx_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_mx_cases); i++) {
        mx_rows[i].name = k_mx_cases[i].title;
        mx_rows[i].test_func = check_mx;
        mx_rows[i].initial_state = &k_mx_cases[i];
    }
    int failed = cmocka_run_group_tests_name("dns_messages", rows, NULL, NULL);
    failed += cmocka_run_group_tests_name("dns_mail_hosts", mx_rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("dns_message", tests, NULL, NULL);
}
