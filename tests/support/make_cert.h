/*
 * Certificates made to order, byte for byte: good ones by default, and as odd or hostile as a test
 * wants. Whatever cannot be made aborts the test program.
 */
#ifndef MAKE_CERT_H
#define MAKE_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

/* 2026-06-01 00:00:00 UTC: the present of every test that takes the defaults below. */
#define MAKE_NOW_S 1780272000
#define MAKE_DAY_S 86400

/* Bytes that the caller owns; the zero state means "the default". */
struct made_bytes {
    const uint8_t *data;
    size_t len;
};

/* One extension as it stands in the certificate. `value` goes into the OCTET STRING. */
struct made_extension {
    const char *oid; /* "2.5.29.17" */
    bool is_critical;
    struct made_bytes value;
};

enum made_signature {
    MAKE_SIGNATURE_DEFAULT = 0, /* SHA-256, or what the issuer's key needs */
    MAKE_SIGNATURE_SHA1,
    MAKE_SIGNATURE_MD5,
    MAKE_SIGNATURE_SHA384,
    MAKE_SIGNATURE_PSS_SHA256
};

/* "No such extension", for key_usage and path_len. */
#define MAKE_NONE (-1)

struct made_cert {
    uint8_t *der;
    size_t der_len;
    uint8_t *subject; /* the Name's DER */
    size_t subject_len;
    EVP_PKEY *key; /* one reference */
};

/*
 * What to make. The zero state is a P-256 leaf without names, self-signed, valid from 30 days
 * before MAKE_NOW_S to 60 days after it.
 */
struct cert_recipe {
    const char *subject;            /* common name; NULL: an empty Name */
    struct made_bytes raw_subject;  /* DER of the Name instead */
    const char *const *dns;         /* NULL-ended dNSNames */
    struct made_bytes raw_names;    /* more GeneralNames, DER, behind those */
    const struct made_cert *issuer; /* NULL: self-signed */
    struct made_bytes raw_issuer;   /* DER of the Name instead of the issuer's subject */
    EVP_PKEY *key;                  /* NULL: a new P-256 key. Borrowed */
    EVP_PKEY *signing_key;          /* NULL: the issuer's. Borrowed */
    struct made_bytes raw_spki;     /* DER of a SubjectPublicKeyInfo instead of the key's */
    int64_t not_before_s;           /* 0: the default */
    int64_t not_after_s;
    struct made_bytes raw_validity; /* DER of Validity's content instead */
    struct made_bytes serial;       /* content octets of the INTEGER; default: a counter */
    unsigned version;               /* 0: v3 */
    bool is_ca;
    int path_len;                            /* pathLenConstraint + 1 of a CA; 0: none */
    int key_usage;                           /* enum tc_key_usage; 0: fitting; MAKE_NONE: none */
    const char *const *ext_key_usage;        /* NULL-ended OIDs; NULL: serverAuth for a leaf */
    bool no_key_identifiers;                 /* neither AKID nor SKID */
    bool no_extensions;                      /* none at all */
    const struct made_extension *extensions; /* more of them */
    size_t num_extensions;
    enum made_signature signature;
    bool break_signature;            /* one bit of it flipped */
    struct made_bytes raw_algorithm; /* DER of the AlgorithmIdentifier named, whatever signs */
    struct made_bytes trailing;      /* bytes behind the end of the certificate */
};

struct made_cert make_cert(const struct cert_recipe *recipe);
void made_cert_cleanup(struct made_cert *cert);

/* Keys: "P-256", "P-384", "RSA-1024", "RSA-2048", "Ed25519". From a store that lives as long as
 * the process, numbered from 0: making RSA keys is slow. Borrowed. */
EVP_PKEY *made_key(const char *kind, unsigned number);

/* "-----BEGIN CERTIFICATE-----…", NUL-ended, from malloc. */
char *made_pem(const struct made_cert *cert);

/* A Name of one RDN per attribute: {"2.5.4.3", tag, bytes}. From malloc; `*out_len` its length. */
struct made_attribute {
    const char *oid;
    unsigned tag; /* CBS_ASN1_UTF8STRING, … */
    const char *value;
    size_t value_len;
};
uint8_t *made_name(const struct made_attribute *attributes, size_t num_attributes, size_t *out_len);

#endif
