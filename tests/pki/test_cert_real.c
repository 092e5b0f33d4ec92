/*
 * Certificates seen on real sites: our facts against what the OpenSSL command line said of them
 * (facts.tsv), and a heap of odd certificates that must all be read without a crash.
 */
#include "test_support.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/pool.h>
#include <openssl/x509v3.h>

#include "pki/ordinary.h"
#include "shared_data.h"
#include "tlscensus/certificate.h"

#define COLUMNS 13

enum column {
    COLUMN_FILE,
    COLUMN_DEPTH,
    COLUMN_POS,
    COLUMN_SUBJECT,
    COLUMN_ISSUER,
    COLUMN_SERIAL,
    COLUMN_NOT_BEFORE,
    COLUMN_NOT_AFTER,
    COLUMN_SAN_COUNT,
    COLUMN_KEY,
    COLUMN_SIGNATURE,
    COLUMN_SHA256,
    COLUMN_VERIFY
};

/* Cuts the line at `*rest` into its columns; false at the end. */
static bool next_row(char **rest, char *row[COLUMNS])
{
    char *line = *rest;
    if (*line == '\0') {
        return false;
    }
    char *end = strchr(line, '\n');
    *rest = end != NULL ? end + 1 : line + strlen(line);
    if (end != NULL) {
        *end = '\0';
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        row[i] = line;
        char *tab = strchr(line, '\t');
        if (tab != NULL) {
            *tab = '\0';
            line = tab + 1;
        } else {
            line += strlen(line);
        }
    }
    return true;
}

static unsigned g_differences;

static void expect(const char *row[], const char *what, const char *ours, const char *theirs)
{
    if (strcmp(ours, theirs) != 0) {
        print_error("%s[%s] %s: ours `%s`, OpenSSL's `%s`\n", row[COLUMN_FILE], row[COLUMN_POS],
                    what, ours, theirs);
        g_differences++;
    }
}

/* OpenSSL's serial has no colons and no sign octet. */
static void expect_serial(const char *row[], const struct tc_cert *cert)
{
    char plain[256] = "";
    size_t len = 0;
    const char *hex = cert->serial_hex;
    if (strncmp(hex, "00:", 3) == 0) {
        hex += 3;
    }
    for (; *hex != '\0' && len + 1 < sizeof plain; hex++) {
        if (*hex != ':') {
            plain[len++] = *hex;
        }
    }
    plain[len] = '\0';
    expect(row, "serial", plain, row[COLUMN_SERIAL]);
}

static void expect_time(const char *row[], const char *what, int64_t time_s, const char *theirs)
{
    time_t seconds = (time_t)time_s;
    struct tm parts;
    char text[64];
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    expect(row, what, text, theirs);
}

/* What OpenSSL 3.0 calls a key, and its names for what it does not know. */
static void expect_key(const char *row[], const struct tc_cert *cert)
{
    char text[128];
    if (strncmp(cert->key_type, "ECDSA ", 6) == 0) {
        snprintf(text, sizeof text, "EC %s", cert->key_type + 6);
    } else if (strncmp(cert->key_type, "ML-DSA-44", 9) == 0) {
        snprintf(text, sizeof text, "2.16.840.1.101.3.4.3.17");
    } else {
        snprintf(text, sizeof text, "%s %u", cert->key_type, cert->key_bits);
    }
    expect(row, "key", text, row[COLUMN_KEY]);
}

static void expect_signature(const char *row[], const struct tc_cert *cert)
{
    const char *ours = cert->signature;
    if (strncmp(ours, "rsassaPss", 9) == 0) {
        ours = "rsassaPss"; /* OpenSSL leaves the hash out */
    } else if (strcmp(ours, "ML-DSA-44") == 0) {
        ours = "2.16.840.1.101.3.4.3.17"; /* newer than OpenSSL 3.0 */
    }
    expect(row, "signature", ours, row[COLUMN_SIGNATURE]);
}

/* The same but for `street`, which RFC 4514 writes STREET (types have no case). */
static void expect_name(const char *row[], const char *what, const char *ours, char *theirs)
{
    for (char *street = strstr(theirs, "street="); street != NULL;
         street = strstr(street, "street=")) {
        for (size_t i = 0; i < 6; i++) {
            street[i] = (char)toupper((unsigned char)street[i]);
        }
    }
    expect(row, what, ours, theirs);
}

static void check_row(char *row[COLUMNS], const struct tc_cert *cert)
{
    const char *const_row[COLUMNS];
    char text[128];
    memcpy(const_row, row, sizeof const_row);
    for (size_t i = 0; i < TC_SHA256_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", cert->sha256[i]);
    }
    expect(const_row, "sha256", text, row[COLUMN_SHA256]);
    expect(const_row, "parse error", cert->parse_error != NULL ? cert->parse_error : "", "");
    if (cert->parse_error != NULL) {
        return;
    }
    expect_serial(const_row, cert);
    expect_time(const_row, "not before", cert->not_before_s, row[COLUMN_NOT_BEFORE]);
    expect_time(const_row, "not after", cert->not_after_s, row[COLUMN_NOT_AFTER]);
    expect_key(const_row, cert);
    expect_signature(const_row, cert);
    snprintf(text, sizeof text, "%zu", cert->num_names);
    expect(const_row, "names", text, row[COLUMN_SAN_COUNT]);
    expect_name(const_row, "subject", cert->subject.data, row[COLUMN_SUBJECT]);
    expect_name(const_row, "issuer", cert->issuer.data, row[COLUMN_ISSUER]);
}

/* The contract of pki/ordinary.h. Returns whether the certificate is of that kind. */
static bool check_ordinary(const struct tc_cert *cert)
{
    struct ordinary ordinary;
    if (cert->parse_error != NULL || cert->is_ca || !ordinary_read(&ordinary, cert)) {
        return false;
    }
    CRYPTO_BUFFER *buffer = CRYPTO_BUFFER_new(cert->der, cert->der_len, NULL);
    X509 *x509 = X509_parse_from_buffer(buffer);
    assert_non_null(x509);
    assert_int_equal(X509_get_extension_flags(x509) &
                         (EXFLAG_INVALID | EXFLAG_CRITICAL | EXFLAG_SI | EXFLAG_CA),
                     0);
    assert_int_equal(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0), 1);
    X509_free(x509);
    CRYPTO_BUFFER_free(buffer);
    return true;
}

static void facts_equal_openssls(void **state)
{
    (void)state;
    size_t len = 0;
    char *table = read_shared_or_skip("data/real-chains/facts.tsv", &len);
    char *rest = table;
    char *row[COLUMNS];
    char loaded[256] = "";
    struct tc_cert_pile pile = {0};
    size_t checked = 0;
    size_t num_leaves = 0;
    size_t num_ordinary = 0;
    assert_true(next_row(&rest, row)); /* the header */
    while (next_row(&rest, row)) {
        if (strcmp(loaded, row[COLUMN_FILE]) != 0) {
            char name[512];
            size_t pem_len = 0;
            struct tc_error error = {{0}};
            snprintf(name, sizeof name, "data/real-chains/%s", row[COLUMN_FILE]);
            char *pem = read_shared_or_skip(name, &pem_len);
            tc_cert_pile_cleanup(&pile);
            assert_int_equal(tc_cert_pile_read(&pile, (const uint8_t *)pem, pem_len, 1000, &error),
                             TC_OK);
            free(pem);
            snprintf(loaded, sizeof loaded, "%s", row[COLUMN_FILE]);
            assert_int_equal(pile.num_certs, strtoul(row[COLUMN_DEPTH], NULL, 10));
        }
        size_t position = strtoul(row[COLUMN_POS], NULL, 10);
        if (pile.certs == NULL || position >= pile.num_certs) {
            fail_msg("%s has no certificate %zu", row[COLUMN_FILE], position);
            break;
        }
        check_row(row, pile.certs[position]);
        num_leaves += position == 0 ? 1 : 0;
        num_ordinary += check_ordinary(pile.certs[position]) ? 1 : 0;
        checked++;
    }
    tc_cert_pile_cleanup(&pile);
    free(table);
    print_message("%zu leaves, %zu ordinary\n", num_leaves, num_ordinary);
    assert_int_equal(g_differences, 0);
    assert_true(checked > 250);
}

/* Whatever they are, they are kept, counted, and every text in them is NUL-ended. */
static void odd_certificates_are_all_read(void **state)
{
    (void)state;
    size_t len = 0;
    size_t unreadable = 0;
    size_t num_ordinary = 0;
    struct tc_cert_pile pile = {0};
    struct tc_error error = {{0}};
    char *text = read_shared_or_skip("data/real-chains/odd-certs.txt", &len);
    assert_int_equal(tc_cert_pile_read(&pile, (const uint8_t *)text, len, 10000, &error), TC_OK);
    free(text);
    assert_non_null(pile.certs);
    for (size_t i = 0; i < pile.num_certs; i++) {
        const struct tc_cert *cert = pile.certs[i];
        unreadable += cert->parse_error != NULL;
        num_ordinary += check_ordinary(cert) ? 1 : 0;
        for (size_t k = 0; k < cert->num_names; k++) {
            assert_non_null(cert->names[k].text.data);
            assert_int_equal(cert->names[k].text.data[cert->names[k].text.len], 0);
        }
        if (cert->parse_error == NULL) {
            assert_true(cert->has_validity && cert->has_spki);
            assert_non_null(cert->serial_hex);
            assert_non_null(cert->subject.data);
            assert_non_null(cert->key_type);
            assert_non_null(cert->signature);
        }
    }
    print_message("%zu odd certificates, %zu of them unreadable, %zu ordinary\n", pile.num_certs,
                  unreadable, num_ordinary);
    assert_int_equal(pile.num_certs, 1641);
    tc_cert_pile_cleanup(&pile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_equal_openssls),
        cmocka_unit_test(odd_certificates_are_all_read),
    };
    return cmocka_run_group_tests_name("cert_real", tests, NULL, NULL);
}
