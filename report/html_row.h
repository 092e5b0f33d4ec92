/* What a row of the endpoint table and its detail say: one target's addresses that agree. */
#ifndef REPORT_HTML_ROW_H
#define REPORT_HTML_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "tlscensus/certificate.h"

#define HTML_UNKNOWN INT64_MIN /* NULL in the database: not measured */

/* Texts are visible (html_arena.h) and live until the walk's next step; "" for NULL. */
struct html_leaf {
    int64_t id; /* 0: no certificate was seen */
    const char *cn;
    const char *subject;
    const char *issuer_cn;
    const char *issuer_organization;
    const char *issuer;
    int64_t not_before_s; /* HTML_UNKNOWN where it cannot be read */
    int64_t not_after_s;
    const char *key; /* "RSA 2048", "ECDSA P-256" */
    const char *signature;
    const char *serial;
    int64_t names_count;
    const char *policy;
    bool must_staple;
    int64_t sct_count;
    const char *parse_error;
    bool is_self_signed;
    uint8_t sha256[TC_SHA256_BYTES];
    uint8_t spki_sha256[TC_SHA256_BYTES];
    bool has_spki;
};

struct html_set;
struct html_rule;

struct html_finding {
    const struct html_rule *rule;
    int64_t severity;
    const char *detail;     /* "" for none */
    int64_t waived_until_s; /* HTML_UNKNOWN where it stands */
};

struct html_row {
    int64_t observation_id; /* of the first address */
    int64_t target_id;
    int64_t label_set_id;
    int64_t num_addresses; /* that this row stands for */
    int64_t all_addresses; /* of the target in this scan */
    const char *addresses; /* separated by a space, the first few */
    const char *host;
    const char *host_unicode;
    int64_t port;
    const char *protocol;
    const char *sni;
    const char *group;
    const char *owner;
    const char *endpoint; /* host:port, as links name it */
    bool is_seen;         /* showed a certificate or finished a handshake */
    uint64_t score;       /* standing findings, eight bits a severity, critical on top */
    const struct html_finding *findings; /* worst first, waived ones last */
    size_t num_findings;

    int64_t outcome_id;
    const char *outcome_stage;
    const char *outcome_detail;
    int64_t attempts;
    int64_t connections;
    int64_t read_bytes;
    int64_t dns_us;
    int64_t connect_us;
    int64_t starttls_us;
    int64_t server_hello_us;
    int64_t handshake_us;
    int64_t total_us;
    int64_t rtt_us;
    int64_t tls_version; /* HTML_UNKNOWN where nothing was agreed */
    int64_t cipher;
    int64_t kx_group;
    int64_t signature_scheme;
    const char *alpn;
    int64_t ocsp_stapled;
    int64_t client_certificate_requested;
    int64_t hello_retry;
    int64_t sct_count_tls;

    int64_t presented_chain_id; /* 0: none */
    int64_t verified_chain_id;
    int64_t presented_depth;
    int64_t verified_depth;
    int64_t built_from;
    const char *chain_status;
    int64_t trusted;
    const char *trust_detail;
    const char *trust_text;
    int64_t name_match;
    const char *grade;
    const char *config_grade;
    int64_t grade_partial;
    const struct html_set *set; /* what a survey found (html_sets.h); NULL: none was made */
    struct html_leaf leaf;
};

/* The count of standing findings of one severity. */
static inline unsigned html_row_findings(const struct html_row *row, unsigned severity)
{
    return (unsigned)(row->score >> (8 * severity)) & 255U;
}
/* A finding of severity high or critical stands. */
static inline bool html_row_needs_action(const struct html_row *row)
{
    return row->score >= (uint64_t)1 << 24;
}

#endif
