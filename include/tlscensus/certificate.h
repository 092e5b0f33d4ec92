/*
 * DER to facts: what one certificate says of itself. No network, no clock, no globals.
 * Spec: RFC 5280 section 4.
 */
#ifndef TLSCENSUS_CERTIFICATE_H
#define TLSCENSUS_CERTIFICATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/ref.h"
#include "tlscensus/status.h"

#define TC_SHA256_BYTES 32

enum tc_name_kind {
    TC_NAME_DNS = 0, /* dNSName */
    TC_NAME_IP,      /* iPAddress, canonical text */
    TC_NAME_EMAIL,   /* rfc822Name */
    TC_NAME_URI,
    TC_NAME_XMPP,      /* id-on-xmppAddr, RFC 6120 */
    TC_NAME_SRV,       /* id-on-dnsSRV, RFC 4985 */
    TC_NAME_DIRECTORY, /* directoryName, as RFC 4514 text */
    TC_NAME_OTHER      /* another type: its type as text */
};
/* "dns", "ip", "email", "uri", "xmpp", "srv", "directory", "other"; column certificate_name.kind */
const char *tc_name_kind_str(enum tc_name_kind kind);

/*
 * Text from a stranger: valid UTF-8 (bytes that are not are shown as \xNN), control characters and
 * NUL included as they stand, hence `len`. It is escaped where it is printed, never here.
 */
struct tc_text {
    char *data; /* NUL-terminated after `len` bytes; NULL where there is none */
    size_t len;
};

struct tc_cert_name {
    enum tc_name_kind kind;
    struct tc_text text;
};

enum tc_policy { TC_POLICY_NONE = 0, TC_POLICY_DV, TC_POLICY_OV, TC_POLICY_IV, TC_POLICY_EV };
/* "", "DV", "OV", "IV", "EV" */
const char *tc_policy_str(enum tc_policy policy);

/* keyUsage, RFC 5280 section 4.2.1.3: bit n of the BIT STRING is 1 << n here. */
enum tc_key_usage {
    TC_KU_DIGITAL_SIGNATURE = 1 << 0,
    TC_KU_CONTENT_COMMITMENT = 1 << 1,
    TC_KU_KEY_ENCIPHERMENT = 1 << 2,
    TC_KU_DATA_ENCIPHERMENT = 1 << 3,
    TC_KU_KEY_AGREEMENT = 1 << 4,
    TC_KU_KEY_CERT_SIGN = 1 << 5,
    TC_KU_CRL_SIGN = 1 << 6,
    TC_KU_ENCIPHER_ONLY = 1 << 7,
    TC_KU_DECIPHER_ONLY = 1 << 8
};

/* extKeyUsage, RFC 5280 section 4.2.1.12 */
enum tc_ext_key_usage {
    TC_EKU_SERVER_AUTH = 1 << 0,
    TC_EKU_CLIENT_AUTH = 1 << 1,
    TC_EKU_CODE_SIGNING = 1 << 2,
    TC_EKU_EMAIL_PROTECTION = 1 << 3,
    TC_EKU_TIME_STAMPING = 1 << 4,
    TC_EKU_OCSP_SIGNING = 1 << 5,
    TC_EKU_ANY = 1 << 6,
    TC_EKU_OTHER = 1 << 7
};

/*
 * One certificate. Immutable once made, so any thread that holds a reference may read it.
 * Where `parse_error` is set only der, der_len, sha256 and what could still be read are filled.
 */
struct tc_cert {
    struct tc_ref ref;
    const uint8_t *der; /* owned */
    size_t der_len;
    uint8_t sha256[TC_SHA256_BYTES];
    char *parse_error; /* NULL: read in full. Else why not, in words */

    uint8_t spki_sha256[TC_SHA256_BYTES]; /* of the DER SubjectPublicKeyInfo */
    bool has_spki;
    char *serial_hex; /* "04:E1:23"; the octets of the INTEGER, so a negative one shows FF… */
    struct tc_text subject; /* RFC 4514 text */
    struct tc_text subject_cn;
    struct tc_text issuer;
    struct tc_text issuer_cn;
    struct tc_text issuer_organization;
    int64_t not_before_s; /* seconds since 1970-01-01 UTC */
    int64_t not_after_s;
    bool has_validity;
    char *key_type;      /* "RSA", "ECDSA P-256", "Ed25519", "DSA", or the dotted OID */
    uint32_t key_bits;   /* modulus or field bits; 0 where unknown */
    char *signature;     /* RFC name: "sha256WithRSAEncryption", "ecdsa-with-SHA256", or the OID */
    unsigned version;    /* 1, 2 or 3 */
    bool is_ca;          /* basicConstraints cA TRUE (a v1 self-issued certificate counts) */
    int path_len;        /* pathLenConstraint, -1 where there is none */
    bool is_self_issued; /* subject equals issuer */
    atomic_bool is_self_signed; /* and its own key verifies its signature. Of a trust store's
                                   anchors: known once a path comes to it */
    bool has_key_usage;
    bool has_ext_key_usage;
    bool has_name_constraints;
    bool must_staple;       /* RFC 7633, feature status_request */
    bool is_precert;        /* poison, RFC 6962 section 3.1 */
    uint32_t key_usage;     /* enum tc_key_usage */
    uint32_t ext_key_usage; /* enum tc_ext_key_usage */
    enum tc_policy policy;
    uint32_t sct_count;      /* embedded SCTs, RFC 6962 section 3.3 */
    struct tc_text ocsp_url; /* the first of each, NULL where there is none */
    struct tc_text ca_issuers_url;
    struct tc_text crl_url;
    struct tc_cert_name *names; /* subjectAltName, in its order */
    size_t num_names;
};

/*
 * tc_cert_new makes a certificate's facts. It succeeds for bytes that are no certificate too: they
 * are kept with `parse_error` set. `der` is copied.
 *
 * Ownership: the caller gets one reference and drops it with tc_cert_release().
 * Errors:    TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_cert_new(struct tc_cert **out, const uint8_t *der, size_t der_len);
void tc_cert_release(struct tc_cert *cert);

/*
 * tc_cert_matches_name says whether `cert` may speak for `reference`: subjectAltName only, by
 * RFC 9525 (a DNS name in A-labels, case-insensitive, whole left-most wildcard; an address by its
 * octets). The common name never counts.
 */
bool tc_cert_matches_name(const struct tc_cert *cert, const char *reference);
/* Whether the common name would have matched: for the finding cert-cn-only. */
bool tc_cert_cn_matches_name(const struct tc_cert *cert, const char *reference);

/* One certificate of a file, PEM or DER. */
struct tc_cert_pile {
    struct tc_cert **certs; /* one reference each */
    size_t num_certs;
};
/*
 * tc_cert_pile_read reads all certificates of a buffer: PEM blocks (CERTIFICATE, X509 CERTIFICATE,
 * TRUSTED CERTIFICATE) with any text between, or one DER certificate, or several after another.
 *
 * Errors:    TC_ERR_NOT_FOUND (no certificate in it), TC_ERR_MALFORMED (a PEM block that does not
 *            decode; `error` has its line), TC_ERR_LIMIT (more than `max_certs`), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_cert_pile_read(struct tc_cert_pile *out, const uint8_t *bytes,
                                             size_t len, size_t max_certs, struct tc_error *error);
void tc_cert_pile_cleanup(struct tc_cert_pile *pile);

#endif
