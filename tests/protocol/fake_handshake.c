/*
 * What a real handshake with a policy would have told: a client that can what BoringSSL can
 * (TLS 1.0 to 1.3, no DHE, no RC4, four curves) meets the same decisions as a hello.
 */
#include <string.h>

#include <openssl/sha.h>

#include "fake_server.h"

static const uint16_t k_suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c,
                                    0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a,
                                    0xc014, 0x009c, 0x009d, 0x002f, 0x0035, 0x000a};
static const uint16_t k_groups[] = {0x001d, 0x0017, 0x0018, 0x0019};
static const uint16_t k_schemes[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501,
                                     0x0603, 0x0806, 0x0601, 0x0807, 0x0201, 0x0203};
static const char *const k_alpn[] = {"h2", "http/1.1"};

static void copy_numbers(uint16_t *out, size_t *out_num, const uint16_t *numbers, size_t num)
{
    memcpy(out, numbers, num * sizeof out[0]);
    *out_num = num;
}

static void add_alpn(struct fake_hello *hello, const char *name)
{
    (void)strncpy(hello->alpn[hello->num_alpn], name, sizeof hello->alpn[0] - 1);
    hello->num_alpn++;
}

static void write_hello(struct fake_hello *hello, const struct tc_handshake_wish *wish)
{
    static const uint16_t extensions[] = {TC_EXTENSION_SERVER_NAME,
                                          TC_EXTENSION_SUPPORTED_GROUPS,
                                          TC_EXTENSION_SIGNATURE_ALGORITHMS,
                                          TC_EXTENSION_KEY_SHARE,
                                          TC_EXTENSION_ALPN,
                                          TC_EXTENSION_EXTENDED_MASTER_SECRET,
                                          TC_EXTENSION_RENEGOTIATION_INFO,
                                          TC_EXTENSION_SESSION_TICKET};
    uint16_t low = wish->min_version != 0 ? wish->min_version : TC_TLS1;
    uint16_t high = wish->max_version != 0 ? wish->max_version : TC_TLS1_3;
    *hello =
        (struct fake_hello){.legacy_version = high < TC_TLS1_2 ? high : TC_TLS1_2, .bytes = 300};
    copy_numbers(hello->suites, &hello->num_suites, k_suites, TC_ARRAY_LEN(k_suites));
    copy_numbers(hello->groups, &hello->num_groups, k_groups, TC_ARRAY_LEN(k_groups));
    copy_numbers(hello->shares, &hello->num_shares, k_groups, 1);
    copy_numbers(hello->schemes, &hello->num_schemes, k_schemes, TC_ARRAY_LEN(k_schemes));
    if (wish->num_schemes > 0) {
        copy_numbers(hello->schemes, &hello->num_schemes, wish->schemes, wish->num_schemes);
    }
    copy_numbers(hello->extensions, &hello->num_extensions, extensions,
                 TC_ARRAY_LEN(extensions) - (wish->without_tickets ? 1 : 0));
    for (uint16_t version = high; version >= low && high == TC_TLS1_3; version--) {
        hello->versions[hello->num_versions] = version;
        hello->num_versions++;
    }
    if (wish->name != TC_NAME_NONE) {
        (void)strcpy(hello->name,
                     wish->name == TC_NAME_OWN ? FAKE_SERVER_NAME : "unknown.example.test");
    }
    for (size_t i = 0; i < wish->num_alpn; i++) {
        add_alpn(hello, wish->alpn[i]);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_alpn) && wish->num_alpn == 0; i++) {
        add_alpn(hello, k_alpn[i]);
    }
}

static enum tc_tristate below13(const struct fake_choice *choice, bool is_so)
{
    return choice->version == TC_TLS1_3 ? TC_UNKNOWN : is_so ? TC_YES : TC_NO;
}

static void fill_traits(struct tc_handshake_facts *out, const struct fake_policy *policy,
                        const struct fake_choice *choice, const struct tc_handshake_wish *wish)
{
    unsigned acks = choice->version > TC_SSL3 ? policy->acks : 0;
    out->extended_master_secret = below13(choice, (acks & FAKE_ACK_EMS) != 0);
    out->secure_renegotiation = below13(choice, (acks & FAKE_ACK_RENEGOTIATION) != 0);
    out->client_certificate_request = policy->asks_certificate ? TC_YES : TC_NO;
    if (choice->version == TC_TLS1_3) {
        out->ech_retry_configs = wish->offers_ech && policy->ech_retry;
        out->certificate_compression =
            wish->offers_certificate_compression ? policy->certificate_compression : 0;
    } else if (wish->renegotiates) {
        out->renegotiation_reply = policy->renegotiates ? 22 : 21;
    }
}

/* Tickets come, a session is kept, an old one is taken up again. */
static void fill_session(struct fake_server *server, struct tc_handshake_facts *out,
                         const struct fake_policy *policy, const struct tc_handshake_wish *wish)
{
    bool is13 = out->version == TC_TLS1_3;
    bool is_late = is13 && policy->quirks.tickets_are_late;
    bool has_ticket = is13 ? policy->gives_tickets && !is_late
                           : (policy->acks & FAKE_ACK_TICKET) != 0 && !wish->without_tickets;
    unsigned slot = wish->session;
    out->ticket_seen = has_ticket;
    out->tickets_awaited = wish->keeps_session && !is_late;
    out->ticket_lifetime_s = has_ticket ? 7200 : 0;
    bool early = is13 && has_ticket && (policy->resumes & FAKE_RESUMES_EARLY_DATA) != 0;
    out->max_early_data_bytes = early ? 16384 : 0;
    if (wish->keeps_session) {
        out->session_kept = has_ticket || (!is13 && policy->gives_session_ids);
        server->sessions[slot] = out->session_kept ? out->version : 0;
        server->session_has_ticket[slot] = has_ticket;
    }
    if (wish->resumes && server->sessions[slot] == out->version) {
        unsigned needed = is13                               ? FAKE_RESUMES_PSK
                          : server->session_has_ticket[slot] ? FAKE_RESUMES_TICKET
                                                             : FAKE_RESUMES_ID;
        out->is_resumed = (policy->resumes & needed) != 0;
        out->early_data_accepted = out->is_resumed && early && wish->offers_early_data;
    }
}

static enum tc_answer_end refusal_end(const struct fake_policy *policy,
                                      const struct fake_choice *choice)
{
    static const enum tc_answer_end ends[] = {
        [FAKE_REFUSES_BY_ALERT] = TC_ANSWER_COMPLETE,
        [FAKE_REFUSES_BY_CLOSE] = TC_ANSWER_CLOSED,
        [FAKE_REFUSES_BY_RESET] = TC_ANSWER_RESET,
        [FAKE_REFUSES_BY_SILENCE] = TC_ANSWER_SILENCE,
    };
    return choice->by_silence ? TC_ANSWER_SILENCE : ends[policy->quirks.refusal];
}

static void fill_choice(struct tc_handshake_facts *out, const struct fake_choice *choice)
{
    uint8_t der[64];
    out->version = choice->version;
    out->suite = choice->suite;
    out->group = choice->group;
    out->signature_scheme = choice->version >= TC_TLS1_2 ? choice->scheme : 0;
    out->leaf_key = choice->leaf == FAKE_LEAF_RSA ? TC_LEAF_RSA : TC_LEAF_ECDSA;
    SHA256(der, fake_leaf_der(der, choice->leaf, choice->name), out->leaf_sha256);
    if (choice->alpn != NULL) {
        (void)strncpy(out->alpn, choice->alpn, sizeof out->alpn - 1);
    }
}

enum tc_answer_end fake_server_handshake(struct fake_server *server, struct tc_handshake_facts *out,
                                         const struct tc_handshake_wish *wish)
{
    static const struct tc_handshake_wish own = {.keeps_session = true};
    struct fake_hello hello;
    struct fake_choice choice;
    struct fake_reply reply;
    *out = (struct tc_handshake_facts){.extended_master_secret = TC_UNKNOWN,
                                       .secure_renegotiation = TC_UNKNOWN,
                                       .client_certificate_request = TC_UNKNOWN};
    wish = wish != NULL ? wish : &own;
    const struct fake_policy *policy = fake_server_connect(server, &reply);
    if (policy == NULL) {
        out->alert = reply.len > 0 ? 80 : 0;
        return reply.end;
    }
    write_hello(&hello, wish);
    out->offered_alpn = true;
    fake_choose(&choice, policy, &hello, &server->random);
    if (choice.alert != 0) {
        enum tc_answer_end end = refusal_end(policy, &choice);
        out->alert = end == TC_ANSWER_COMPLETE ? choice.alert : 0;
        return end;
    }
    if (choice.version < TC_TLS1 || !fake_has(hello.suites, hello.num_suites, choice.suite) ||
        (choice.group != 0 && !fake_has(hello.groups, hello.num_groups, choice.group))) {
        return TC_ANSWER_BROKEN; /* the library ends it */
    }
    if (choice.version < TC_TLS1_3 && policy->quirks.stops_after_hello) {
        out->version = choice.version;
        out->suite = choice.suite;
        return TC_ANSWER_CLOSED;
    }
    if (choice.scheme == 0 && choice.version == TC_TLS1_3) { /* seen after the retry */
        out->alert = 40;
        return TC_ANSWER_COMPLETE;
    }
    fill_choice(out, &choice);
    fill_traits(out, policy, &choice, wish);
    fill_session(server, out, policy, wish);
    out->is_done = true;
    return TC_ANSWER_COMPLETE;
}
