/*
 * Names and properties of IANA code points, generated from protocol/registry.tsv (its head names
 * source and date).
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
    TC_REGISTRY_KIND_COUNT
};
/* "version", "cipher", "group", "signature", "alert", "message": column registry_name.kind */
const char *tc_registry_kind_str(enum tc_registry_kind kind);

/* The IANA name, or NULL where the registry has none. Static. */
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

#endif
