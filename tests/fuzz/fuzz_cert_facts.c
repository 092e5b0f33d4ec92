/* Any bytes as a certificate, as a pile, and as a name to match. */
#include <stdlib.h>
#include <string.h>

#include <openssl/pool.h>
#include <openssl/x509v3.h>

#include "pki/ordinary.h"
#include "tlscensus/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(const struct tc_text *text)
{
    must(text->data == NULL || text->data[text->len] == '\0');
}

static void check_cert(const struct tc_cert *cert)
{
    check_text(&cert->subject);
    check_text(&cert->subject_cn);
    check_text(&cert->issuer);
    check_text(&cert->issuer_cn);
    check_text(&cert->issuer_organization);
    check_text(&cert->ocsp_url);
    check_text(&cert->ca_issuers_url);
    check_text(&cert->crl_url);
    for (size_t i = 0; i < cert->num_names; i++) {
        must(cert->names[i].text.data != NULL);
        check_text(&cert->names[i].text);
    }
    must(!cert->is_self_signed || cert->is_self_issued);
    must(cert->parse_error != NULL || (cert->has_validity && cert->has_spki &&
                                       cert->serial_hex != NULL && cert->key_type != NULL));
    must(!tc_cert_matches_name(cert, ""));
    (void)tc_cert_matches_name(cert, "www.example.org");
    (void)tc_cert_cn_matches_name(cert, "192.0.2.1");
}

/* The contract of pki/ordinary.h. */
static void check_ordinary(const struct tc_cert *cert)
{
    struct ordinary ordinary;
    if (cert->parse_error != NULL || cert->is_ca || !ordinary_read(&ordinary, cert)) {
        return;
    }
    CRYPTO_BUFFER *buffer = CRYPTO_BUFFER_new(cert->der, cert->der_len, NULL);
    X509 *x509 = X509_parse_from_buffer(buffer);
    must(x509 != NULL);
    must((X509_get_extension_flags(x509) &
          (EXFLAG_INVALID | EXFLAG_CRITICAL | EXFLAG_SI | EXFLAG_CA)) == 0);
    must(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0) == 1);
    X509_free(x509);
    CRYPTO_BUFFER_free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_cert *cert = NULL;
    struct tc_cert_pile pile = {0};
    struct tc_error error = {{0}};
    if (tc_cert_new(&cert, data, size) == TC_OK) {
        check_cert(cert);
        check_ordinary(cert);
        must(cert->der_len == size && (size == 0 || memcmp(cert->der, data, size) == 0));
        tc_cert_release(cert);
    }
    if (tc_cert_pile_read(&pile, data, size, 16, &error) == TC_OK) {
        must(pile.num_certs > 0 && pile.num_certs <= 16);
        for (size_t i = 0; i < pile.num_certs; i++) {
            check_cert(pile.certs[i]);
        }
        tc_cert_pile_cleanup(&pile);
    } else {
        must(pile.certs == NULL && error.text[0] != '\0');
    }
    return 0;
}
