/* Files with certificates, and files that only look so. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_cert.h"
#include "tlscensus/certificate.h"

static char *g_pem; /* one PEM block */
static struct made_cert g_cert;

/* `%s` stands for the PEM block; the whole is then read. */
static const struct pile_case {
    const char *name;
    const char *format;
    enum tc_status status;
    size_t count;
    const char *error; /* in the error's text */
} k_cases[] = {
    {"pem: one", "%s", TC_OK, 1, ""},
    {"pem: three", "%s%s%s", TC_OK, 3, ""},
    {"pem: text between", "subject=/CN=x\nissuer=/CN=y\n%s\nmore: text\n%s\ntail", TC_OK, 2, ""},
    {"pem: text that begins as DER does", "0 certificates precede this line\n%s", TC_OK, 1, ""},
    {"pem: a key beside it is left out",
     "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n%s", TC_OK, 1, ""},
    {"pem: old header lines",
     "-----BEGIN CERTIFICATE-----\nProc-Type: 4\nX: y\n\nMAMCAQU=\n-----END CERTIFICATE-----\n",
     TC_OK, 1, ""},
    {"pem: bytes that are no certificate are kept",
     "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n", TC_OK, 1, ""},
    {"pem: another name for it",
     "-----BEGIN X509 CERTIFICATE-----\nMAMCAQU=\n-----END X509 CERTIFICATE-----\n", TC_OK, 1, ""},
    {"pem: trust settings behind it",
     "-----BEGIN TRUSTED CERTIFICATE-----\nMAMCAQUwAA==\n-----END TRUSTED CERTIFICATE-----\n",
     TC_OK, 1, ""},
    {"pem: spaces inside and at the ends",
     "-----BEGIN CERTIFICATE----- \n MAMC AQU= \t\r\n-----END CERTIFICATE-----\r\n", TC_OK, 1, ""},
    {"pem: no line end behind END",
     "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----", TC_OK, 1, ""},
    {"pem: no END", "%s-----BEGIN CERTIFICATE-----\nMAMCAQU=\n", TC_ERR_MALFORMED, 0, "has no END"},
    {"pem: no base64", "\n-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n",
     TC_ERR_MALFORMED, 0, "line 2: the block is no base64"},
    {"pem: nothing between", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
     TC_ERR_MALFORMED, 0, "line 1"},
    {"pem: cut inside the base64",
     "-----BEGIN CERTIFICATE-----\nMAMCAQU\n-----END CERTIFICATE-----\n", TC_ERR_MALFORMED, 0,
     "no base64"},
    {"pem: another END", "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END PRIVATE KEY-----\n",
     TC_ERR_MALFORMED, 0, "line 3: END PRIVATE KEY"},
    {"pem: a good one before a bad one",
     "%s-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n", TC_ERR_MALFORMED, 0, ""},
    {"pem: only a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
     TC_ERR_NOT_FOUND, 0, "no certificate"},
    {"pem: a boundary of four dashes",
     "----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n", TC_ERR_NOT_FOUND, 0, ""},
    {"pem: too many", "%s%s%s%s%s", TC_ERR_LIMIT, 0, "more than 4"},
    {"text: none of it", "hello\nworld\n", TC_ERR_NOT_FOUND, 0, "no certificate"},
    {"text: nothing", "", TC_ERR_NOT_FOUND, 0, ""},
};

static void check_pile(void **state)
{
    const struct pile_case *row = *state;
    struct tc_cert_pile pile = {0};
    struct tc_error error = {{0}};
    char text[16384] = "";
    size_t at = 0;
    for (const char *from = row->format; *from != '\0';) {
        const char *piece = strncmp(from, "%s", 2) == 0 ? g_pem : NULL;
        int len = snprintf(text + at, sizeof text - at, "%.*s",
                           piece != NULL ? (int)strlen(piece) : 1, piece != NULL ? piece : from);
        assert_true(len > 0 && (size_t)len < sizeof text - at);
        at += (size_t)len;
        from += piece != NULL ? 2 : 1;
    }
    assert_int_equal(tc_cert_pile_read(&pile, (const uint8_t *)text, at, 4, &error), row->status);
    assert_int_equal(pile.num_certs, row->count); /* 0 on failure: untouched */
    assert_non_null(strstr(error.text, row->error));
    tc_cert_pile_cleanup(&pile);
    assert_null(pile.certs);
}

static void der_is_read_one_after_another(void **state)
{
    (void)state;
    struct tc_cert_pile pile = {0};
    struct tc_error error = {{0}};
    uint8_t *bytes = malloc(2 * g_cert.der_len + 1);
    assert_non_null(bytes);
    memcpy(bytes, g_cert.der, g_cert.der_len);
    memcpy(bytes + g_cert.der_len, g_cert.der, g_cert.der_len);
    bytes[2 * g_cert.der_len] = '\n';
    assert_int_equal(tc_cert_pile_read(&pile, bytes, g_cert.der_len, 4, &error), TC_OK);
    assert_int_equal(pile.num_certs, 1);
    assert_null(pile.certs[0]->parse_error);
    tc_cert_pile_cleanup(&pile);
    assert_int_equal(tc_cert_pile_read(&pile, bytes, 2 * g_cert.der_len, 4, &error), TC_OK);
    assert_int_equal(pile.num_certs, 2);
    tc_cert_pile_cleanup(&pile);
    assert_int_equal(tc_cert_pile_read(&pile, bytes, 2 * g_cert.der_len + 1, 4, &error),
                     TC_ERR_MALFORMED);
    assert_int_equal(tc_cert_pile_read(&pile, bytes, g_cert.der_len - 1, 4, &error),
                     TC_ERR_NOT_FOUND);
    assert_int_equal(tc_cert_pile_read(&pile, bytes, 2 * g_cert.der_len, 1, &error), TC_ERR_LIMIT);
    assert_null(pile.certs);
    free(bytes);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(k_cases) + 1] = {0};
    g_cert = make_cert(&(struct cert_recipe){.subject = "pile"});
    g_pem = made_pem(&g_cert);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_cases); i++) {
        union {
            const struct pile_case *in;
            void *out;
        } row = {.in = &k_cases[i]};
        tests[i] = (struct CMUnitTest){k_cases[i].name, check_pile, NULL, NULL, row.out};
    }
    tests[TC_ARRAY_LEN(k_cases)] =
        (struct CMUnitTest)cmocka_unit_test(der_is_read_one_after_another);
    int failures = cmocka_run_group_tests_name("pile", tests, NULL, NULL);
    free(g_pem);
    made_cert_cleanup(&g_cert);
    return failures;
}
