/* Names and networks that are never contacted. */
#include "test_support.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tlscensus/target.h"

/* Reads `text` as an exclusion list. The error's file name is cut off its front. */
static enum tc_status read_text(struct tc_exclusions **out, const char *text,
                                struct tc_error *error)
{
    char path[] = "/tmp/tlscensus-exclude-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    enum tc_status status = tc_exclusions_read(out, path, error);
    unlink(path);
    if (status != TC_OK) {
        assert_int_equal(strncmp(error->text, path, strlen(path)), 0);
        memmove(error->text, error->text + strlen(path), strlen(error->text + strlen(path)) + 1);
    }
    return status;
}

static const char list[] = "# never\n"
                           "example.org   # itself\n"
                           ".example.com\r\n"
                           "\n"
                           "Bücher.example\n"
                           ".GOV.example.\n"
                           "192.0.2.7\n"
                           "198.51.100.0/24\n"
                           "203.0.113.77/28\n"
                           "2001:db8::/32\n"
                           "2001:db9::1\n"
                           "::ffff:192.0.2.9\n";

static struct name_case {
    const char *host;
    bool is_excluded;
} name_cases[] = {
    {"example.org", true},
    {"www.example.org", false},
    {"notexample.org", false},
    {"example.com", false}, /* only what is below it */
    {"www.example.com", true},
    {"a.b.example.com", true},
    {"wwwexample.com", false},
    {"xn--bcher-kva.example", true},
    {"www.xn--bcher-kva.example", false},
    {"x.gov.example", true},
    {"gov.example", false},
    {"com", false},
    {"org", false},
    {"", false},
    {".", false},
    {"192.0.2.7", false}, /* addresses are asked for as such */
};

static struct address_case {
    const char *address;
    bool is_excluded;
} address_cases[] = {
    {"192.0.2.7", true},
    {"192.0.2.6", false},
    {"192.0.2.8", false},
    {"192.0.2.9", true}, /* named as an IPv4-mapped address */
    {"198.51.100.0", true},
    {"198.51.100.255", true},
    {"198.51.99.255", false},
    {"198.51.101.0", false},
    {"203.0.113.63", false},
    {"203.0.113.64", true}, /* the block of 203.0.113.77/28 */
    {"203.0.113.79", true},
    {"203.0.113.80", false},
    {"2001:db8::", true},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db9::1", true},
    {"2001:db9::2", false},
    {"::ffff:192.0.2.7", true}, /* the same host by another name */
    {"::192.0.2.7", false},
    {"::", false},
    {"0.0.0.0", false},
};

static void names(void **state)
{
    (void)state;
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(read_text(&exclusions, list, &error), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++) {
        if (tc_exclusions_has_name(exclusions, name_cases[i].host) != name_cases[i].is_excluded) {
            fail_msg("%s", name_cases[i].host);
        }
    }
    tc_exclusions_free(exclusions);
}

static void addresses(void **state)
{
    (void)state;
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(read_text(&exclusions, list, &error), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(address_cases); i++) {
        const char *text = address_cases[i].address;
        uint8_t octets[16];
        bool is_v6 = strchr(text, ':') != NULL;
        assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, octets), 1);
        if (tc_exclusions_has_address(exclusions, octets, is_v6 ? 16 : 4) !=
            address_cases[i].is_excluded) {
            fail_msg("%s", text);
        }
    }
    tc_exclusions_free(exclusions);
}

static void everything_of_a_family(void **state)
{
    (void)state;
    static const uint8_t zero[16] = {0};
    static const uint8_t one[16] = {0xfe, 0x80};
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(read_text(&exclusions, "0.0.0.0/0\n", &error), TC_OK);
    assert_true(tc_exclusions_has_address(exclusions, zero, 4));
    assert_false(tc_exclusions_has_address(exclusions, one, 16));
    tc_exclusions_free(exclusions);
    assert_int_equal(read_text(&exclusions, "::/0\n", &error), TC_OK);
    assert_false(tc_exclusions_has_address(exclusions, zero, 4));
    assert_true(tc_exclusions_has_address(exclusions, one, 16));
    tc_exclusions_free(exclusions);
}

static void an_empty_list_excludes_nothing(void **state)
{
    (void)state;
    static const uint8_t zero[16] = {0};
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(read_text(&exclusions, "", &error), TC_OK);
    assert_false(tc_exclusions_has_name(exclusions, "example.org"));
    assert_false(tc_exclusions_has_address(exclusions, zero, 4));
    tc_exclusions_free(exclusions);
    tc_exclusions_free(NULL);
}

/* A line that is not understood ends the run before it begins: its host would be contacted. */
static struct bad_case {
    const char *name;
    const char *text;
    const char *expected;
} bad_cases[] = {
    {"a wildcard", "*.example.org\n", ":1: write .example.org for all names below example.org"},
    {"a wildcard inside", "\na.*.org\n",
     ":2: a wildcard names no host; list the names behind a.*.org"},
    {"a URL", "https://example.org\n", ":1: ':' cannot be in a host name: \"https://example.org\""},
    {"a port", "a.org\nexample.org:443\n", ":2: ':' cannot be in a host name: \"example.org:443\""},
    {"two names", "a.org b.org\n", ":1: a host name has no blanks: \"a.org b.org\""},
    {"a dot alone", ".\n", ":1: an empty label (two dots, or one in front): \".\""},
    {"two dots in front", "..org\n", ":1: an empty label (two dots, or one in front): \".org\""},
    {"an address that is none", "192.0.2.256\n",
     ":1: \"192.0.2.256\" is neither an address nor a name (its last part is a number)"},
    {"half a prefix", "192.0.2.0/\n", ":1: \"/\" is no prefix length of an IPv4 address"},
    {"a prefix too long", "192.0.2.0/33\n", ":1: \"/33\" is no prefix length of an IPv4 address"},
    {"an IPv6 prefix too long", "2001:db8::/129\n",
     ":1: \"/129\" is no prefix length of an IPv6 address"},
    {"a prefix that is no number", "192.0.2.0/2x\n",
     ":1: \"/2x\" is no prefix length of an IPv4 address"},
    {"a prefix beyond any integer", "192.0.2.0/4294967297\n",
     ":1: \"/4294967297\" is no prefix length of an IPv4 address"},
    {"a netmask", "192.0.2.0/255.255.255.0\n",
     ":1: \"/255.255.255.0\" is no prefix length of an IPv4 address"},
    {"a name that is not UTF-8",
     "b\xFC"
     "cher.example\n",
     ":1: the name is not UTF-8; save the list as UTF-8"},
    {"a CSV line", "example.org,why\n", ":1: ',' cannot be in a host name: \"example.org,why\""},
};

static void check_bad(void **state)
{
    const struct bad_case *row = *state;
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(read_text(&exclusions, row->text, &error), TC_ERR_INPUT);
    assert_null(exclusions);
    assert_string_equal(error.text, row->expected);
}

static void files_that_cannot_be_used(void **state)
{
    (void)state;
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error;
    assert_int_equal(tc_exclusions_read(&exclusions, "/nonexistent", &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "/nonexistent: cannot be opened: No such file or directory");
    assert_int_equal(tc_exclusions_read(&exclusions, "/tmp", &error), TC_ERR_INPUT);
    assert_string_equal(error.text, "/tmp: is a directory; name a file in it");
    assert_null(exclusions);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(addresses),
        cmocka_unit_test(everything_of_a_family),
        cmocka_unit_test(an_empty_list_excludes_nothing),
        cmocka_unit_test(files_that_cannot_be_used),
    };
    struct CMUnitTest bad[TC_ARRAY_LEN(bad_cases)] = {{.name = NULL}};
    for (size_t i = 0; i < TC_ARRAY_LEN(bad_cases); i++) {
        bad[i].name = bad_cases[i].name;
        bad[i].test_func = check_bad;
        bad[i].initial_state = &bad_cases[i];
    }
    int failed = cmocka_run_group_tests_name("exclusions refused", bad, NULL, NULL);
    return failed + cmocka_run_group_tests_name("exclusions", others, NULL, NULL);
}
