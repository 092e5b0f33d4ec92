#include "tlscensus/outcome.h"

#include <stddef.h>

#include "tlscensus/status.h"

static const char *const k_outcomes[TC_OUTCOME_COUNT] = {
    [TC_OUTCOME_OK] = "ok",
    [TC_OUTCOME_DNS_NOT_FOUND] = "dns-not-found",
    [TC_OUTCOME_DNS_NO_ADDRESS] = "dns-no-address",
    [TC_OUTCOME_DNS_FAILURE] = "dns-failure",
    [TC_OUTCOME_DNS_TIMEOUT] = "dns-timeout",
    [TC_OUTCOME_EXCLUDED] = "excluded",
    [TC_OUTCOME_REFUSED] = "refused",
    [TC_OUTCOME_UNREACHABLE] = "unreachable",
    [TC_OUTCOME_CONNECT_TIMEOUT] = "connect-timeout",
    [TC_OUTCOME_STARTTLS_REFUSED] = "starttls-refused",
    [TC_OUTCOME_STARTTLS_FAILED] = "starttls-failed",
    [TC_OUTCOME_NOT_TLS] = "not-tls",
    [TC_OUTCOME_ALERT] = "alert",
    [TC_OUTCOME_HANDSHAKE_TIMEOUT] = "handshake-timeout",
    [TC_OUTCOME_CLOSED] = "closed",
    [TC_OUTCOME_RESET] = "reset",
    [TC_OUTCOME_PROTOCOL_ERROR] = "protocol-error",
    [TC_OUTCOME_LIMIT_EXCEEDED] = "limit-exceeded",
    [TC_OUTCOME_CLIENT_CERTIFICATE] = "client-certificate-required",
    [TC_OUTCOME_LOCAL_ERROR] = "local-error",
    [TC_OUTCOME_INTERRUPTED] = "interrupted",
};

static const char *const k_stages[] = {
    [TC_STAGE_NONE] = "",   [TC_STAGE_DNS] = "dns",
    [TC_STAGE_TCP] = "tcp", [TC_STAGE_STARTTLS] = "starttls",
    [TC_STAGE_TLS] = "tls",
};

const char *tc_outcome_str(enum tc_outcome outcome)
{
    return (size_t)outcome < TC_ARRAY_LEN(k_outcomes) ? k_outcomes[outcome] : "unknown";
}

const char *tc_stage_str(enum tc_stage stage)
{
    return (size_t)stage < TC_ARRAY_LEN(k_stages) ? k_stages[stage] : "";
}

bool tc_outcome_is_transient(enum tc_outcome outcome, bool any_byte_received)
{
    return outcome == TC_OUTCOME_DNS_FAILURE || outcome == TC_OUTCOME_DNS_TIMEOUT ||
           outcome == TC_OUTCOME_RESET || outcome == TC_OUTCOME_HANDSHAKE_TIMEOUT ||
           (outcome == TC_OUTCOME_CLOSED && !any_byte_received);
}
