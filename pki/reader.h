/*
 * What the readers of one certificate's parts share. Each returns false where the bytes are not
 * what they should be; memory that ran out is noted apart, in `no_memory`.
 */
#ifndef PKI_READER_H
#define PKI_READER_H

#include <stdbool.h>

#include <openssl/bytestring.h>

#include "arena.h"
#include "tlscensus/buf.h"
#include "tlscensus/certificate.h"

struct reader {
    struct tc_cert *cert;
    struct arena *arena;       /* of the certificate: all its texts */
    struct tc_buf text;        /* scratch: a text while it is written */
    struct tc_buf value;       /* scratch: one value inside it */
    const char *bad_extension; /* the first that a verifier must read and we cannot, or NULL */
    bool no_memory;
    bool has_odd_policies;  /* certificatePolicies are not of the ordinary kind */
    bool has_policy_limits; /* policyConstraints, inhibitAnyPolicy or policyMappings is there */
};

/* Moves what is in `scratch` into the certificate's memory, and empties it. */
void reader_keep(struct reader *reader, struct tc_text *out, struct tc_buf *scratch);
/* The same for a text without NUL: a constant name, a dotted OID. */
char *reader_keep_str(struct reader *reader, const char *text);
/* "1.2.840.…"; NULL where the OID cannot be written, or memory ran out. */
char *reader_keep_oid(struct reader *reader, const CBS *oid);

/* Name: RFC 4514 text; common name and organization too where those are wanted (not NULL). */
bool read_name(struct reader *reader, CBS name, struct tc_text *out, struct tc_text *out_cn,
               struct tc_text *out_organization);
/* SubjectPublicKeyInfo's content: key_type and key_bits. */
bool read_key(struct reader *reader, CBS spki);
/* AlgorithmIdentifier's content: signature. */
bool read_signature_algorithm(struct reader *reader, CBS algorithm);
/* Validity's content. */
bool read_validity(struct reader *reader, CBS validity);
/* SubjectAltName's GeneralNames, all into names. */
bool read_alt_names(struct reader *reader, CBS general_names);
/* The first uniformResourceIdentifier of GeneralNames without their outer tag. */
void read_first_uri(struct reader *reader, CBS names, struct tc_text *out);
/* Extensions: the SEQUENCE OF. One that cannot be read is noted in bad_extension and skipped. */
bool read_extensions(struct reader *reader, CBS extensions);

#endif
