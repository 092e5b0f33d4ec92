/*
 * Names and properties of the code points of TLS, generated from protocol/registry.tsv and
 * protocol/known_primes.tsv (whose heads name source and date). Everything here is static and
 * constant: it may be kept, and used on any thread.
 */
#ifndef TLSCENSUS_REGISTRY_H
#define TLSCENSUS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tc_registry_kind {
    TC_REGISTRY_VERSION = 0, /* ProtocolVersion: "TLSv1.3" */
    TC_REGISTRY_CIPHER,      /* cipher suites: "TLS_AES_128_GCM_SHA256" */
    TC_REGISTRY_GROUP,       /* supported groups: "x25519", "secp256r1" */
    TC_REGISTRY_SIGNATURE,   /* signature schemes: "ecdsa_secp256r1_sha256" */
    TC_REGISTRY_ALERT,       /* alerts: "handshake_failure" */
    TC_REGISTRY_MESSAGE,     /* handshake types: "client_hello"; 254 and 253 are ours */
    TC_REGISTRY_EXTENSION,   /* hello extensions: "server_name" */
    TC_REGISTRY_ALPN,        /* protocol ids, as they are on the wire: "h2". The codes are ours */
    TC_REGISTRY_TRAIT,       /* enum tc_trait (features.h): "extended_master_secret" */
    TC_REGISTRY_DH,          /* enum tc_dh_offer: "configured" */
    TC_REGISTRY_FINGERPRINT, /* enum tc_fingerprint: "jarm" */
    TC_REGISTRY_KIND_COUNT
};
/* "version", "cipher", … in lower case: column registry_name.kind */
const char *tc_registry_kind_str(enum tc_registry_kind kind);

/* The name, or NULL where the registry has none. Static. */
const char *tc_registry_name(enum tc_registry_kind kind, uint32_t code);

struct tc_registry_entry {
    enum tc_registry_kind kind;
    uint32_t code;
    const char *name;
    bool forward_secrecy; /* ciphers: the key exchange is ephemeral */
};
/* All entries, sorted by kind and code: the store fills registry_name from it. Static. */
const struct tc_registry_entry *tc_registry_entries(size_t *out_num);
/* The line of the data file that names source and date. Static. */
const char *tc_registry_source(void);

/* How the keys are agreed. Suites without a certificate (anon) are DHE and ECDHE here. */
enum tc_kx {
    TC_KX_NONE = 0,
    TC_KX_ANY, /* TLS 1.3: the suite does not say */
    TC_KX_RSA, /* the client encrypts to the server's RSA key */
    TC_KX_DH,  /* fixed: the certificate holds the DH key */
    TC_KX_DHE,
    TC_KX_ECDH, /* fixed, likewise */
    TC_KX_ECDHE,
    TC_KX_PSK,
    TC_KX_DHE_PSK,
    TC_KX_ECDHE_PSK,
    TC_KX_RSA_PSK,
    TC_KX_SRP,
    TC_KX_KRB5,
    TC_KX_GOST,
    TC_KX_ECCPWD /* RFC 8492 */
};

/*
 * What proves the server: the key that signs, except that with fixed DH and ECDH it is the kind of
 * signature on the certificate, as the suites' names have it.
 */
enum tc_auth {
    TC_AUTH_NONE = 0, /* nothing; for schemes: a kind of key that no suite of TLS 1.2 names */
    TC_AUTH_ANY,      /* TLS 1.3: the suite does not say */
    TC_AUTH_RSA,
    TC_AUTH_DSS,
    TC_AUTH_ECDSA, /* any key on a curve: EdDSA and SM2 as well */
    TC_AUTH_ANON,
    TC_AUTH_PSK, /* a shared secret: with ECCPWD, the password */
    TC_AUTH_KRB5,
    TC_AUTH_SRP,
    TC_AUTH_GOST
};

enum tc_mode {
    TC_MODE_NONE = 0, /* no encryption */
    TC_MODE_STREAM,
    TC_MODE_CBC,
    TC_MODE_GCM,
    TC_MODE_CCM,
    TC_MODE_CCM8, /* CCM with a tag of 8 bytes */
    TC_MODE_POLY1305,
    TC_MODE_MGM,  /* RFC 9058 */
    TC_MODE_CNT,  /* counter, with a MAC beside it: GOST */
    TC_MODE_OTHER /* an AEAD that is none of these: AEGIS */
};

/* How good a suite is; registry.tsv says by which rule. */
enum tc_quality {
    TC_QUALITY_RECOMMENDED = 0,
    TC_QUALITY_SUFFICIENT,
    TC_QUALITY_WEAK,
    TC_QUALITY_INSECURE
};
/* "recommended", "sufficient", "weak", "insecure"; "" for what is none of them. Static. */
const char *tc_quality_str(enum tc_quality quality);

struct tc_suite {
    uint32_t code; /* two bytes; three for SSL 2.0 */
    enum tc_kx kx;
    enum tc_auth auth;
    const char *cipher; /* "AES-128", "3DES-EDE", "RC4-128", "ChaCha20", "NULL" */
    enum tc_mode mode;
    uint16_t bits;       /* effective strength of the cipher: 112 for 3DES, 0 for NULL */
    uint16_t block_bits; /* 0 where there are no blocks */
    const char *hash;    /* of the MAC, or where that needs none of the key derivation: "SHA1" */
    bool forward_secrecy;
    bool is_aead;
    bool is_export;
    bool is_common;       /* asked in profile standard: libraries in use can be made to speak it */
    uint16_t min_version; /* ProtocolVersion in which servers agree on it, both ends included */
    uint16_t max_version;
    enum tc_quality quality;
};
/* NULL where there is no such suite. The signalling values 0x00FF and 0x5600 are none. */
const struct tc_suite *tc_suite_find(uint32_t code);
/* All of them, in order of code. */
const struct tc_suite *tc_suites(size_t *out_num);

enum tc_group_kind {
    TC_GROUP_EC = 0,
    TC_GROUP_FFDHE,
    TC_GROUP_PQ,
    TC_GROUP_PQ_HYBRID,
    TC_GROUP_ARBITRARY /* explicit curves, RFC 4492 */
};
struct tc_group {
    uint16_t code;
    enum tc_group_kind kind;
    uint16_t bits; /* of curve or modulus, of a hybrid's curve; 0 where there is neither */
    uint16_t client_share_bytes; /* of the key share; below TLS 1.3, of the public key */
    uint16_t server_share_bytes;
    bool is_tls12; /* TLS 1.2 and below */
    bool is_tls13;
    bool is_draft;  /* a draft or an experiment, whose code was never registered for use */
    bool is_common; /* asked in profile standard */
    bool is_weak;   /* a curve under 224 bits, a modulus under 2,048 */
};
/* NULL where there is no such group. */
const struct tc_group *tc_group_find(uint16_t code);
/* All of them, in order of code. */
const struct tc_group *tc_groups(size_t *out_num);

struct tc_scheme {
    uint16_t code;
    enum tc_auth auth; /* the kind of key that it needs */
    const char *hash;  /* "SHA256"; "intrinsic" where the scheme leaves no choice (RFC 8422) */
    bool is_sha1_or_md5;
    bool is_tls12;  /* a server may sign its key exchange with it at TLS 1.2 */
    bool is_tls13;  /* a server may sign its CertificateVerify with it at TLS 1.3 */
    bool is_common; /* libraries in use can be made to speak it */
};
/* NULL where there is no such scheme. */
const struct tc_scheme *tc_scheme_find(uint16_t code);
/* All of them, in order of code. */
const struct tc_scheme *tc_schemes(size_t *out_num);

/* A prime that many servers share for finite field Diffie-Hellman. */
struct tc_known_prime {
    const char *name; /* "RFC 7919 ffdhe2048" */
    uint16_t bits;
    uint8_t sha256[32];  /* of p, big-endian, without leading zeros */
    bool is_shared_weak; /* 1,024 bits or fewer: worth breaking once for all its servers */
};
/* NULL where the prime is not among them. `sha256` as in the struct. */
const struct tc_known_prime *tc_known_prime_find(const uint8_t sha256[32]);

#endif
