#include "trait_words.h"

#include <stdio.h>
#include <string.h>

#include "tlscensus/features.h"
#include "tlscensus/report.h"
#include "tlscensus/status.h"

static const struct tc_trait_words k_words[] = {
    {TC_TRAIT_POST_QUANTUM, "post-quantum key exchange",
     "Keys are agreed with ML-KEM as well, so that what is recorded today stays secret when "
     "quantum computers come.",
     TC_SENSE_GOOD, "", 0},
    {TC_TRAIT_SECURE_RENEGOTIATION, "secure renegotiation",
     "A renegotiation is tied to the handshake before it; without that an attacker can put words "
     "in front of a client's.",
     TC_SENSE_GOOD, "", TC_NEEDS_OLDER},
    {TC_TRAIT_CLIENT_RENEGOTIATION, "renegotiation by clients",
     "Any client can make the server do expensive handshakes again and again on one connection.",
     TC_SENSE_BAD, "", TC_NEEDS_OLDER},
    {TC_TRAIT_EXTENDED_MASTER_SECRET, "extended master secret",
     "The session's keys depend on the whole handshake, which stops attacks that splice two "
     "sessions.",
     TC_SENSE_GOOD, "", TC_NEEDS_OLDER},
    {TC_TRAIT_ENCRYPT_THEN_MAC, "encrypt-then-MAC",
     "CBC suites authenticate what is encrypted, which takes padding attacks their ground.",
     TC_SENSE_GOOD, "", TC_NEEDS_OLDER | TC_NEEDS_CBC},
    {TC_TRAIT_FALLBACK_SCSV, "downgrade signal honoured",
     "A client that comes back with an older version than it could is refused, as nobody should "
     "have made it do so.",
     TC_SENSE_GOOD, "", TC_NEEDS_TWO},
    {TC_TRAIT_DOWNGRADE_SENTINEL, "downgrade sentinel",
     "When it speaks an older version, the server marks that it could do better; TLS proxies often "
     "lose the mark.",
     TC_SENSE_GOOD, "", TC_NEEDS_BOTH},
    {TC_TRAIT_COMPRESSION, "TLS compression",
     "What is encrypted is compressed first, which gives secrets away (CRIME).", TC_SENSE_BAD, "",
     TC_NEEDS_OLDER},
    {TC_TRAIT_HEARTBEAT, "heartbeat",
     "An extension that almost nobody needs, known for Heartbleed in old OpenSSL.", TC_SENSE_BAD,
     "", 0},
    {TC_TRAIT_HEARTBEAT_UNPADDED, "answers heartbeats without padding",
     "Fixed versions of OpenSSL drop such a heartbeat silently; an answer makes the version "
     "suspect.",
     TC_SENSE_BAD, "", TC_NEEDS_HEARTBEAT},
    {TC_TRAIT_EARLY_CCS, "takes an early ChangeCipherSpec",
     "Keys can be switched on before they are agreed (CVE-2014-0224).", TC_SENSE_BAD, "",
     TC_NEEDS_OLDER},
    {TC_TRAIT_HTTP_UPGRADE, "HTTP upgrade to TLS",
     "Port 80 offers to change to TLS inside HTTP, which lets an attacker desynchronise answers "
     "(Opossum).",
     TC_SENSE_BAD, "", TC_NEEDS_PORT_80},
    {TC_TRAIT_SESSION_TICKET, "session tickets",
     "The server hands its session state to the client; whoever gets the ticket key can read those "
     "sessions.",
     TC_SENSE_NEUTRAL, "s", 0},
    {TC_TRAIT_PSK_RESUMPTION, "resumption in TLS 1.3",
     "A returning client saves the certificate's exchange.", TC_SENSE_NEUTRAL, "", TC_NEEDS_TLS13},
    {TC_TRAIT_TICKET_RESUMPTION, "resumption by ticket",
     "A returning client saves a round trip, by its ticket.", TC_SENSE_NEUTRAL, "",
     TC_NEEDS_OLDER | TC_NEEDS_DEEP},
    {TC_TRAIT_SESSION_ID_RESUMPTION, "resumption by session id",
     "A returning client saves a round trip; the server keeps the session.", TC_SENSE_NEUTRAL, "",
     TC_NEEDS_OLDER | TC_NEEDS_DEEP},
    {TC_TRAIT_EARLY_DATA, "early data (0-RTT)",
     "The first request comes with the hello: faster, but it can be replayed by an attacker.",
     TC_SENSE_BAD, "bytes", TC_NEEDS_TLS13},
    {TC_TRAIT_CLIENT_CERTIFICATE_REQUEST, "asks for a client certificate",
     "The server wants to know who connects; the names are those of the authorities that it "
     "accepts.",
     TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_ECDSA_CERTIFICATE, "ECDSA certificate",
     "A certificate with a small, fast key is served.", TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_RSA_CERTIFICATE, "RSA certificate",
     "A certificate with a key that every old client knows is served.", TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_NO_SNI_ANSWERED, "answers without a server name",
     "Clients so old that they name no host get a certificate too.", TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_NO_SNI_SAME_CERTIFICATE, "same certificate without a server name",
     "Who names no host gets the certificate that is checked here.", TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_UNKNOWN_SNI_ANSWERED, "answers to unknown names",
     "A host that the server does not have gets a certificate all the same.", TC_SENSE_NEUTRAL, "",
     0},
    {TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE, "same certificate for unknown names",
     "Who asks for another host gets the certificate that is checked here.", TC_SENSE_NEUTRAL, "",
     0},
    {TC_TRAIT_ALPN_STRICT, "refuses unknown protocol names",
     "A client that offers only other protocols is turned away, which stops attacks across "
     "protocols (ALPACA).",
     TC_SENSE_GOOD, "", TC_NEEDS_ALPN},
    {TC_TRAIT_DH_KEY_REUSE, "reuses its Diffie-Hellman key",
     "Two connections met the same key: one break opens several sessions (Raccoon).", TC_SENSE_BAD,
     "", TC_NEEDS_DHE | TC_NEEDS_DEEP},
    {TC_TRAIT_VERSION_TOLERANCE, "copes with unknown versions",
     "A version from the future is answered with one that is known.", TC_SENSE_GOOD, "",
     TC_NEEDS_DEEP},
    {TC_TRAIT_EXTENSION_TOLERANCE, "copes with unknown values",
     "Suites, groups and extensions that it does not know are passed over, as they must be.",
     TC_SENSE_GOOD, "", TC_NEEDS_DEEP},
    {TC_TRAIT_LARGE_HELLO_TOLERANCE, "copes with large hellos",
     "Hellos with post-quantum keys do not fit into one packet; some devices reject them.",
     TC_SENSE_GOOD, "", TC_NEEDS_DEEP},
    {TC_TRAIT_SPLIT_HELLO_TOLERANCE, "copes with hellos in two parts",
     "A hello that arrives in two packets is read as a whole.", TC_SENSE_GOOD, "", TC_NEEDS_DEEP},
    {TC_TRAIT_STATUS_REQUEST, "staples OCSP below TLS 1.3",
     "The server sends the authority's word that the certificate is not revoked.", TC_SENSE_NEUTRAL,
     "", TC_NEEDS_OLDER},
    {TC_TRAIT_SCT_EXTENSION, "sends SCTs in the handshake",
     "Proof of certificate transparency comes beside the certificate.", TC_SENSE_NEUTRAL, "", 0},
    {TC_TRAIT_RECORD_SIZE_LIMIT, "record size limit", "The server says how large records may be.",
     TC_SENSE_NEUTRAL, "bytes", 0},
    {TC_TRAIT_NPN, "NPN", "The draft before ALPN; its presence speaks of an old library.",
     TC_SENSE_NEUTRAL, "", TC_NEEDS_OLDER},
    {TC_TRAIT_ECH_RETRY_CONFIGS, "encrypted client hello",
     "The name that a client asks for can be hidden: the server offers keys for it.",
     TC_SENSE_NEUTRAL, "", TC_NEEDS_TLS13},
    {TC_TRAIT_CERTIFICATE_COMPRESSION_ZLIB, "certificates compressed with zlib",
     "The chain takes fewer bytes.", TC_SENSE_NEUTRAL, "", TC_NEEDS_TLS13},
    {TC_TRAIT_CERTIFICATE_COMPRESSION_BROTLI, "certificates compressed with Brotli",
     "The chain takes fewer bytes.", TC_SENSE_NEUTRAL, "", TC_NEEDS_TLS13},
    {TC_TRAIT_CERTIFICATE_COMPRESSION_ZSTD, "certificates compressed with Zstandard",
     "The chain takes fewer bytes.", TC_SENSE_NEUTRAL, "", TC_NEEDS_TLS13},
    {TC_TRAIT_CONSISTENT, "consistent answers",
     "Equal questions were answered alike; where they were not, different machines stand behind "
     "one address.",
     TC_SENSE_GOOD, "", 0},
};

const struct tc_trait_words *tc_trait_words(size_t *out_num)
{
    *out_num = TC_ARRAY_LEN(k_words);
    return k_words;
}

const struct tc_trait_words *tc_trait_words_find(int64_t code)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_words); i++) {
        if (k_words[i].code == code) {
            return &k_words[i];
        }
    }
    return NULL;
}

const char *tc_trait_needs_words(unsigned need)
{
    static const struct {
        unsigned need;
        const char *words;
    } rows[] = {
        {TC_NEEDS_TLS13, "without TLS 1.3 there is nothing to ask"},
        {TC_NEEDS_OLDER, "without TLS 1.2 or older there is nothing to ask"},
        {TC_NEEDS_BOTH, "asked where TLS 1.3 and an older version are accepted"},
        {TC_NEEDS_TWO, "asked where several versions are accepted"},
        {TC_NEEDS_DHE, "asked where DHE suites are accepted"},
        {TC_NEEDS_CBC, "asked where CBC suites are accepted"},
        {TC_NEEDS_HEARTBEAT, "asked where heartbeat is a yes"},
        {TC_NEEDS_PORT_80, "asked of https:// where port 80 speaks HTTP"},
        {TC_NEEDS_ALPN, "asked where ALPN is spoken, and in profile deep"},
        {TC_NEEDS_DEEP, "asked in profile deep alone"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        if (rows[i].need == need) {
            return rows[i].words;
        }
    }
    return "no clear answer";
}

/* What --intrusive calls them. */
static const struct {
    const char *name;
    int64_t code;
} k_on_request[] = {{"renegotiation", TC_TRAIT_CLIENT_RENEGOTIATION},
                    {"heartbeat", TC_TRAIT_HEARTBEAT_UNPADDED},
                    {"ccs", TC_TRAIT_EARLY_CCS},
                    {"http-upgrade", TC_TRAIT_HTTP_UPGRADE}};

int64_t tc_trait_requested(const char *name)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_on_request); i++) {
        if (strcmp(k_on_request[i].name, name) == 0) {
            return k_on_request[i].code;
        }
    }
    return 0;
}

bool tc_trait_is_on_request(int64_t code)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_on_request); i++) {
        if (k_on_request[i].code == code) {
            return true;
        }
    }
    return false;
}

bool tc_trait_is_said_where_found(int64_t code)
{
    return tc_trait_is_on_request(code) || code == TC_TRAIT_CONSISTENT;
}

static const struct tc_fact_words k_facts[] = {
    {"versions", "Versions",
     "Each was asked on a connection of its own: accepted, refused, or not measured. TLS 1.1 and "
     "older are withdrawn (RFC 8996)."},
    {"suites", "Suites",
     "What a version's keys and encryption are made of. All that are accepted are listed, in the "
     "server's order where it has one of its own."},
    {"recommended", "recommended",
     "A suite with AES-GCM or ChaCha20-Poly1305, forward secrecy and a certificate: nothing to "
     "do."},
    {"sufficient", "sufficient",
     "A suite without a known weakness that is not among the best: another AEAD, DHE, or a shared "
     "key with forward secrecy."},
    {"weak", "weak",
     "A suite without forward secrecy, with CBC, with a short tag or with a DSS key: keep it only "
     "for clients that have nothing better."},
    {"insecure", "insecure",
     "A suite that is broken or protects nothing: export keys, RC4, MD5, 64-bit blocks, no "
     "encryption, no certificate. Switch it off."},
    {"order", "the server's order",
     "Where the client's order counts instead, a client decides which of the accepted suites is "
     "used, the weakest included."},
    {"groups", "Groups",
     "Curves and moduli in which keys are agreed, in the server's order where it has one. Those "
     "marked post-quantum add ML-KEM; those marked weak are too small."},
    {"signatures", "Signs with",
     "Schemes in which the server proves that it holds its key, first those that it prefers."},
    {"alpn", "ALPN", "Protocols that the server agrees to speak inside TLS."},
    {"dh", "DH",
     "The prime of a Diffie-Hellman exchange. Up to 1,024 bits it is within reach of "
     "precomputation, the more so where many servers share it; 2,048 are asked for today. A server "
     "may take another one where the client offers the groups of RFC 7919, or export suites."},
    {"fingerprints", "JARM, JA3S",
     "Short digests of how a server answers: equal values speak for equal software and settings."},
    {"certificates", "Other certificates",
     "What the server shows to clients without a server name, with an unknown one, or with another "
     "kind of key."},
    {"earlier", "An earlier survey",
     "With --incremental: what an earlier scan found was confirmed by a few questions and is "
     "repeated; an endpoint in which anything has moved is surveyed anew, or TLS 1.3 alone where "
     "only something came there."},
    {"unmeasured", "Not measured",
     "Not asked in this scan, or asked and not answered clearly, for the reason that is said. It "
     "counts neither as yes nor as no. What only --intrusive asks is listed where it was asked."},
};

const struct tc_fact_words *tc_fact_words(size_t *out_num)
{
    *out_num = TC_ARRAY_LEN(k_facts);
    return k_facts;
}

const char *tc_trait_better(enum tc_trait_sense sense)
{
    static const char *const k_better[] = {"", " Yes is better.", " No is better."};
    return k_better[sense];
}

bool tc_report_fact(struct tc_report_fact *out, size_t index)
{
    if (index < TC_ARRAY_LEN(k_facts)) {
        *out = (struct tc_report_fact){k_facts[index].title, k_facts[index].sentence, ""};
        return true;
    }
    index -= TC_ARRAY_LEN(k_facts);
    if (index < TC_ARRAY_LEN(k_words)) {
        const struct tc_trait_words *words = &k_words[index];
        *out =
            (struct tc_report_fact){words->title, words->sentence, tc_trait_better(words->sense)};
        return true;
    }
    return false;
}

/* ---- suites ---- */

static void add_word(char *out, size_t out_len, const char *word)
{
    size_t len = strlen(out);
    (void)snprintf(out + len, out_len - len, "%s%s", len > 0 ? ", " : "", word);
}

void tc_suite_words(char *out, size_t out_len, const struct tc_suite_facts *suite)
{
    out[0] = '\0';
    if (strcmp(suite->cipher, "NULL") == 0) {
        add_word(out, out_len, "no encryption");
    }
    if (strcmp(suite->auth, "anon") == 0) {
        add_word(out, out_len, "no certificate");
    }
    if (suite->is_export) {
        add_word(out, out_len, "export key");
    }
    if (strncmp(suite->cipher, "RC4", 3) == 0) {
        add_word(out, out_len, "RC4");
    }
    if (suite->block_bits == 64) {
        add_word(out, out_len, "64-bit blocks");
    }
    if (!suite->forward_secrecy) {
        add_word(out, out_len, "no forward secrecy");
    }
    if (strcmp(suite->mode, "CBC") == 0) {
        add_word(out, out_len, "CBC");
    }
    if (strcmp(suite->mode, "CCM_8") == 0) {
        add_word(out, out_len, "short tag");
    }
}
