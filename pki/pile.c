/* Files with certificates: PEM with anything between the blocks, or DER (RFC 7468). */
#include <stdlib.h>
#include <string.h>

#include <openssl/base64.h>
#include <openssl/bytestring.h>

#include "pile.h"
#include "tlscensus/buf.h"

#define PEM_BLOCK_MAX_BYTES (1U << 20) /* base64 of one block */
#define PEM_LABEL_MAX       64U

void tc_cert_pile_cleanup(struct tc_cert_pile *pile)
{
    for (size_t i = 0; i < pile->num_certs; i++) {
        tc_cert_release(pile->certs[i]);
    }
    free(pile->certs);
    *pile = (struct tc_cert_pile){0};
}

static enum tc_status pile_add(struct tc_cert_pile *pile, const uint8_t *der, size_t der_len,
                               const struct pile_rules *rules, struct tc_error *error)
{
    if (pile->num_certs >= rules->max_certs) {
        return tc_fail(error, TC_ERR_LIMIT, "more than %zu certificates", rules->max_certs);
    }
    if ((pile->num_certs & (pile->num_certs + 1)) == 0) { /* room doubles at 1, 3, 7, … */
        size_t room = 2 * pile->num_certs + 1;
        struct tc_cert **certs = realloc(pile->certs, room * sizeof(struct tc_cert *));
        if (certs == NULL) {
            return tc_fail(error, TC_ERR_NOMEM, "out of memory");
        }
        pile->certs = certs;
    }
    enum tc_status status = rules->make(&pile->certs[pile->num_certs], der, der_len);
    if (status != TC_OK) {
        return tc_fail(error, status, "out of memory");
    }
    pile->num_certs++;
    return TC_OK;
}

/* ---- PEM ---- */

struct pem_reader {
    const char *rest;
    size_t rest_len;
    size_t line; /* number of the line given last, from 1 */
};

/* The next line without its end and the white space before that; false past the last one. */
static bool next_line(struct pem_reader *reader, const char **out, size_t *out_len)
{
    if (reader->rest_len == 0) {
        return false;
    }
    const char *end = memchr(reader->rest, '\n', reader->rest_len);
    size_t len = end != NULL ? (size_t)(end - reader->rest) : reader->rest_len;
    *out = reader->rest;
    *out_len = len;
    size_t step = end != NULL ? len + 1 : len;
    reader->rest += step;
    reader->rest_len -= step;
    reader->line++;
    while (*out_len > 0 && strchr("\r \t", (*out)[*out_len - 1]) != NULL) {
        (*out_len)--;
    }
    return true;
}

/* "-----BEGIN CERTIFICATE-----" gives its label; anything else is no such line. */
static bool is_boundary(const char *line, size_t len, const char *word,
                        char label[PEM_LABEL_MAX + 1])
{
    static const char dashes[] = "-----";
    const size_t edge = sizeof dashes - 1;
    size_t word_len = strlen(word);
    if (len < 2 * edge + word_len || len - 2 * edge - word_len > PEM_LABEL_MAX ||
        memcmp(line, dashes, edge) != 0 || memcmp(line + edge, word, word_len) != 0 ||
        memcmp(line + len - edge, dashes, edge) != 0) {
        return false;
    }
    size_t label_len = len - 2 * edge - word_len;
    memcpy(label, line + edge + word_len, label_len);
    label[label_len] = '\0';
    return true;
}

/* Reads to the END line of `label`; the lines between go to `out`, white space inside left out. */
static enum tc_status collect_block(struct pem_reader *reader, struct tc_buf *out,
                                    const char *label, struct tc_error *error)
{
    size_t begin_line = reader->line;
    const char *line = NULL;
    size_t len = 0;
    char end_label[PEM_LABEL_MAX + 1];
    tc_buf_clear(out);
    while (next_line(reader, &line, &len)) {
        if (is_boundary(line, len, "END ", end_label)) {
            if (strcmp(end_label, label) != 0) {
                return tc_fail(error, TC_ERR_MALFORMED,
                               "line %zu: END %s closes the block that line %zu opens as %s",
                               reader->line, end_label, begin_line, label);
            }
            return out->failed == TC_OK ? TC_OK
                                        : tc_fail(error, TC_ERR_MALFORMED,
                                                  "line %zu: the block is too long", begin_line);
        }
        if (memchr(line, ':', len) != NULL) { /* a header of old PEM: RFC 1421 section 4.4 */
            continue;
        }
        for (size_t i = 0; i < len; i++) {
            if (line[i] != ' ' && line[i] != '\t') {
                tc_buf_add_char(out, line[i]);
            }
        }
    }
    return tc_fail(error, TC_ERR_MALFORMED, "line %zu: BEGIN %s has no END line", begin_line,
                   label);
}

/* Decodes one block and adds its certificate. */
static enum tc_status add_block(struct tc_cert_pile *pile, const struct tc_buf *base64, size_t line,
                                const struct pile_rules *rules, struct tc_error *error)
{
    uint8_t *bytes = NULL;
    size_t bytes_len = 0;
    size_t max_len = 0;
    CBS der;
    CBS certificate;
    enum tc_status status = TC_OK;
    if (base64->len == 0 || !EVP_DecodedLength(&max_len, base64->len)) {
        return tc_fail(error, TC_ERR_MALFORMED, "line %zu: the block is no base64", line);
    }
    bytes = malloc(max_len > 0 ? max_len : 1);
    if (bytes == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    if (!EVP_DecodeBase64(bytes, &bytes_len, max_len, (const uint8_t *)base64->data, base64->len)) {
        status = tc_fail(error, TC_ERR_MALFORMED, "line %zu: the block is no base64", line);
        goto done;
    }
    /* TRUSTED CERTIFICATE has trust settings behind the certificate: they are not read. */
    CBS_init(&der, bytes, bytes_len);
    if (CBS_get_asn1_element(&der, &certificate, CBS_ASN1_SEQUENCE)) {
        bytes_len = CBS_len(&certificate);
    }
    status = pile_add(pile, bytes, bytes_len, rules, error);

done:
    free(bytes);
    return status;
}

static bool is_certificate_label(const char *label)
{
    return strcmp(label, "CERTIFICATE") == 0 || strcmp(label, "X509 CERTIFICATE") == 0 ||
           strcmp(label, "TRUSTED CERTIFICATE") == 0;
}

static enum tc_status read_pem(struct tc_cert_pile *pile, const uint8_t *bytes, size_t len,
                               const struct pile_rules *rules, struct tc_error *error)
{
    struct pem_reader reader = {.rest = (const char *)bytes, .rest_len = len};
    const char *line = NULL;
    size_t line_len = 0;
    char label[PEM_LABEL_MAX + 1];
    enum tc_status status = TC_OK;
    struct tc_buf base64;
    tc_buf_init(&base64, PEM_BLOCK_MAX_BYTES);
    while (status == TC_OK && next_line(&reader, &line, &line_len)) {
        if (!is_boundary(line, line_len, "BEGIN ", label) || !is_certificate_label(label)) {
            continue;
        }
        size_t begin_line = reader.line;
        status = collect_block(&reader, &base64, label, error);
        if (status == TC_OK) {
            status = add_block(pile, &base64, begin_line, rules, error);
        }
    }
    tc_buf_cleanup(&base64);
    return status;
}

/* ---- DER ---- */

/* Whether an element begins as every certificate does: SEQUENCE { SEQUENCE { … */
static bool looks_like_certificate(CBS element)
{
    CBS certificate;
    return CBS_get_asn1(&element, &certificate, CBS_ASN1_SEQUENCE) &&
           CBS_get_asn1(&certificate, NULL, CBS_ASN1_SEQUENCE);
}

static enum tc_status read_der(struct tc_cert_pile *pile, const uint8_t *bytes, size_t len,
                               const struct pile_rules *rules, struct tc_error *error)
{
    CBS rest;
    CBS element;
    CBS_init(&rest, bytes, len);
    while (CBS_len(&rest) > 0) {
        size_t offset = len - CBS_len(&rest);
        if (!CBS_get_asn1_element(&rest, &element, CBS_ASN1_SEQUENCE) ||
            !looks_like_certificate(element)) {
            if (pile->num_certs == 0) {
                break;
            }
            return tc_fail(error, TC_ERR_MALFORMED, "byte %zu: no certificate begins here", offset);
        }
        enum tc_status status = pile_add(pile, CBS_data(&element), CBS_len(&element), rules, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

enum tc_status pile_read(struct tc_cert_pile *out, const uint8_t *bytes, size_t len,
                         const struct pile_rules *rules, struct tc_error *error)
{
    struct tc_cert_pile pile = {0};
    bool is_der = len > 0 && bytes[0] == 0x30; /* '0': no PEM boundary begins so */
    enum tc_status status = is_der ? read_der(&pile, bytes, len, rules, error)
                                   : read_pem(&pile, bytes, len, rules, error);
    if (status == TC_OK && is_der && pile.num_certs == 0) {
        status = read_pem(&pile, bytes, len, rules, error); /* text may begin with a 0 */
    }
    if (status == TC_OK && pile.num_certs == 0) {
        status = tc_fail(error, TC_ERR_NOT_FOUND, "no certificate in it, neither PEM nor DER");
    }
    if (status != TC_OK) {
        tc_cert_pile_cleanup(&pile);
        return status;
    }
    *out = pile;
    return TC_OK;
}

enum tc_status tc_cert_pile_read(struct tc_cert_pile *out, const uint8_t *bytes, size_t len,
                                 size_t max_certs, struct tc_error *error)
{
    const struct pile_rules rules = {.max_certs = max_certs, .make = tc_cert_new};
    return pile_read(out, bytes, len, &rules, error);
}
