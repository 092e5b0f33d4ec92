/*
 * Chains: what was sent, the path to a trust anchor, and the verdict.
 * Spec: RFC 5280 section 6, RFC 8446 section 4.4.2, RFC 5246 section 7.4.2.
 */
#ifndef TLSCENSUS_CHAIN_H
#define TLSCENSUS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/certificate.h"
#include "tlscensus/ref.h"
#include "tlscensus/status.h"

enum tc_chain_status {
    TC_CHAIN_UNKNOWN = 0, /* no certificate seen */
    TC_CHAIN_COMPLETE,
    TC_CHAIN_INCOMPLETE, /* a path exists only with certificates that were not sent */
    TC_CHAIN_OUT_OF_ORDER,
    TC_CHAIN_EXTRA_CERTIFICATES, /* sent and not on the path (a sent root does not count) */
    TC_CHAIN_NO_PATH
};
/* "complete", "incomplete", "out-of-order", "extra-certificates", "no-path"; "" for unknown */
const char *tc_chain_status_str(enum tc_chain_status status);

enum tc_trust_detail {
    TC_TRUST_OK = 0,
    TC_TRUST_SELF_SIGNED,      /* the leaf is */
    TC_TRUST_UNTRUSTED_ROOT,   /* the path ends in a sent root that the store lacks */
    TC_TRUST_INCOMPLETE_CHAIN, /* trusted, had the server sent what is missing */
    TC_TRUST_UNKNOWN_ISSUER,
    TC_TRUST_BAD_SIGNATURE,
    TC_TRUST_UNPARSABLE,
    TC_TRUST_CONSTRAINT, /* name constraint, path length, CA flag, key usage */
    TC_TRUST_PURPOSE,    /* not for servers */
    TC_TRUST_EXPIRED,    /* this and the next mean: trusted but for the date */
    TC_TRUST_NOT_YET_VALID
};
/* "" when trusted, else as column trust_detail has it: "self-signed", "untrusted-root", … */
const char *tc_trust_detail_str(enum tc_trust_detail detail);

/* Where a certificate of the path came from. */
enum tc_cert_origin {
    TC_ORIGIN_SENT = 0,
    TC_ORIGIN_STORE, /* the trust store holds it */
    TC_ORIGIN_FLEET  /* another endpoint sent it */
};

struct tc_path_entry {
    struct tc_cert *cert; /* one reference */
    enum tc_cert_origin origin;
    bool is_anchor;
};

/*
 * The verdict on one list of presented certificates at one time. Immutable and shared: equal lists
 * give the same object while it is remembered.
 */
struct tc_chain {
    struct tc_ref ref;
    struct tc_cert **presented; /* as sent, leaf first; one reference each */
    size_t num_presented;       /* presented depth */
    struct tc_path_entry *path; /* verified path, leaf first, anchor last; else the best that was
                                   found, for drawing, with num_verified 0 */
    size_t num_path;
    size_t num_verified;        /* verified depth: num_path where a path exists, else 0 */
    size_t presented_chain_len; /* longest run in which each is issued by the next, at least 1 */
    size_t num_extraneous;      /* presented, not on the path, not a root, not a duplicate */
    size_t num_duplicates;
    bool order_ok; /* those on the path come first, each issued by the next */
    bool root_sent;
    enum tc_chain_status status;
    bool trusted;
    enum tc_trust_detail trust_detail;
    bool trusted_but_for_date;
    int64_t path_not_after_s; /* earliest end on the path without the anchor, else of presented */
    struct tc_cert *path_first_to_expire; /* whose it is; borrowed from path or presented. NULL
                                             where no date of theirs can be read */
    char *trust_text; /* the verdict in words, naming the certificate; never NULL */
};
void tc_chain_release(struct tc_chain *chain);

/* Trust anchors. Filled by one thread, then handed to a verifier and not changed. */
struct tc_trust_store;
TC_MUST_USE enum tc_status tc_trust_store_new(struct tc_trust_store **out);
/*
 * tc_trust_store_add_pile reads certificates as tc_cert_pile_read does and adds them; equal ones
 * are added once. `*out_added` is the number of new ones.
 */
TC_MUST_USE enum tc_status tc_trust_store_add_pile(struct tc_trust_store *store, size_t *out_added,
                                                   const uint8_t *bytes, size_t len,
                                                   struct tc_error *error);
size_t tc_trust_store_count(const struct tc_trust_store *store);
/* SHA-256 over the sorted SHA-256 of all anchors: the store's identity, whatever its files. */
void tc_trust_store_sha256(const struct tc_trust_store *store, uint8_t out[TC_SHA256_BYTES]);
void tc_trust_store_free(struct tc_trust_store *store);

/*
 * Finds certificates and verdicts that were seen before, so each is parsed and verified once. Any
 * thread may call it. Both caches are bounded.
 */
struct tc_verifier;
/*
 * Ownership: the verifier takes the trust store.
 * Units:     `as_of_s` is the only clock: seconds since 1970-01-01 UTC.
 */
TC_MUST_USE enum tc_status tc_verifier_new(struct tc_verifier **out, struct tc_trust_store *store,
                                           int64_t as_of_s);
/*
 * tc_verifier_cert gives the facts of a certificate, from the cache where they are. The caller
 * gets one reference.
 */
TC_MUST_USE enum tc_status tc_verifier_cert(struct tc_verifier *verifier, struct tc_cert **out,
                                            const uint8_t *der, size_t der_len);
/*
 * tc_verifier_chain gives the verdict on presented certificates. The caller gets one reference.
 * Errors: TC_ERR_RANGE (none was presented), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_verifier_chain(struct tc_verifier *verifier, struct tc_chain **out,
                                             struct tc_cert *const *presented,
                                             size_t num_presented);
/*
 * tc_verifier_add_fleet adds a CA certificate that another endpoint sent, for the repair of
 * incomplete paths when the scan closes. Not while other threads use the verifier.
 */
TC_MUST_USE enum tc_status tc_verifier_add_fleet(struct tc_verifier *verifier,
                                                 struct tc_cert *cert);
void tc_verifier_free(struct tc_verifier *verifier);

#endif
