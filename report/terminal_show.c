/* `show`: everything about one host on one screen, a block for each address. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "tlscensus/sql.h"

#define SHOW_SECTION_MAX ((size_t)16 * 1024 * 1024)

/* ---- verdict ---- */

const char *tc_show_hint(const char *outcome)
{
    static const struct {
        const char *outcome;
        const char *hint;
    } hints[] = {
        {"dns-not-found", "the spelling of the name, and whether its DNS record was removed"},
        {"dns-no-address", "the zone: the name is there without an address of a wanted family"},
        {"dns-failure", "the name servers of the zone, and its DNSSEC signatures"},
        {"dns-timeout", "the resolver, and the name servers of the zone"},
        {"excluded", "the exclusion list: this host is never contacted"},
        {"refused", "whether the service runs and listens on this port"},
        {"unreachable", "routes and firewalls on the way, and whether the family is routed here"},
        {"connect-timeout", "a firewall that drops packets, or a host that is switched off"},
        {"starttls-refused", "the server's TLS settings: it offers no STARTTLS"},
        {"starttls-failed", "whether another protocol answers on this port"},
        {"not-tls", "the port: something that is not TLS answers there"},
        {"alert", "protocol versions, cipher suites and server names that the server accepts"},
        {"handshake-timeout", "the load of the server, and middleboxes that swallow packets"},
        {"closed", "the server's log: it hung up in the middle of the handshake"},
        {"reset", "a firewall or middlebox that cuts connections, and the server's log"},
        {"protocol-error", "the server's TLS stack: what it sent is against the rules of TLS"},
        {"limit-exceeded", "the size of what the server sends: it is past what we read"},
        {"client-certificate-required", "nothing: the server wants a client certificate"},
        {"local-error", "this machine: descriptors, memory, ports"},
        {"interrupted", "scan --resume: the scan was stopped before this endpoint"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(hints); i++) {
        if (strcmp(outcome, hints[i].outcome) == 0) {
            return hints[i].hint;
        }
    }
    return "";
}

static void draw_mark(struct tc_terminal *term, bool good, enum tc_style bad_style)
{
    if (good) {
        tc_term_symbol(term, TC_STYLE_GOOD, "\xe2\x9c\x94 ", "+ ");
    } else {
        tc_term_symbol(term, bad_style, "\xe2\x9c\x98 ", "X ");
    }
}

/* Host, address and grade. */
static void draw_title(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    char grade[64] = "";
    const char *unicode = tc_row_text(endpoint, "host_unicode");
    if (!tc_row_is_null(endpoint, "grade")) {
        snprintf(grade, sizeof grade, "grade %.8s%s", tc_row_text(endpoint, "grade"),
                 tc_row_int(endpoint, "grade_partial") != 0 ? ", partial" : "");
    }
    size_t room = term->width - strlen(grade) - 2;
    tc_term_host(term, TC_STYLE_BOLD, tc_row_text(endpoint, "host"),
                 (unsigned)tc_row_int(endpoint, "port"), room);
    if (unicode[0] != '\0' && term->column + tc_term_width(term, unicode) + 3 < room) {
        tc_term_text(term, TC_STYLE_PLAIN, " (");
        tc_term_text(term, TC_STYLE_PLAIN, unicode);
        tc_term_text(term, TC_STYLE_PLAIN, ")");
    }
    if (grade[0] != '\0') {
        char first = tc_row_text(endpoint, "grade")[0];
        tc_term_pad(term, term->width - strlen(grade));
        tc_term_text(term,
                     first == 'A'                   ? TC_STYLE_GOOD
                     : first == 'B' || first == 'C' ? TC_STYLE_MEDIUM
                                                    : TC_STYLE_CRITICAL,
                     grade);
    }
    tc_term_newline(term);
}

/* Trust, name and days, or nothing where no certificate was seen. */
static void draw_trust(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    bool trusted = tc_row_int(endpoint, "trusted") != 0;
    const char *words = tc_row_text(endpoint, "trust_text");
    draw_mark(term, trusted, TC_STYLE_CRITICAL);
    if (trusted) {
        tc_term_text(term, TC_STYLE_GOOD, "trusted");
    } else {
        tc_term_printf(term, TC_STYLE_CRITICAL, "not trusted: %s",
                       tc_row_text(endpoint, "trust_detail"));
    }
    if (!tc_row_is_null(endpoint, "name_match")) {
        bool match = tc_row_int(endpoint, "name_match") != 0;
        tc_term_text(term, TC_STYLE_PLAIN, "   ");
        draw_mark(term, match, TC_STYLE_CRITICAL);
        tc_term_text(term, match ? TC_STYLE_GOOD : TC_STYLE_CRITICAL,
                     match                                   ? "name matches"
                     : tc_row_int(endpoint, "cn_match") != 0 ? "name is only in the CN"
                                                             : "certificate is for another name");
    }
    if (!tc_row_is_null(endpoint, "leaf_days_left")) {
        enum tc_style style =
            tc_term_expiry_style(tc_row_int(endpoint, "life_s"), tc_row_int(endpoint, "left_s"));
        tc_term_text(term, TC_STYLE_PLAIN, "   ");
        draw_mark(term, style == TC_STYLE_GOOD, style);
        tc_term_days(term, style, 2, tc_row_int(endpoint, "leaf_days_left"));
    }
    tc_term_newline(term);
    if (!trusted && words[0] != '\0') {
        tc_term_pad(term, 2);
        tc_term_wrap(term, TC_STYLE_PLAIN, 2, words);
        tc_term_newline(term);
    }
}

/* How it ended, where it did not end well. */
static void draw_outcome(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    const char *outcome = tc_row_text(endpoint, "outcome");
    const char *stage = tc_row_text(endpoint, "outcome_stage");
    const char *detail = tc_row_text(endpoint, "outcome_detail");
    const char *hint = tc_show_hint(outcome);
    if (strcmp(outcome, "ok") == 0) {
        return;
    }
    draw_mark(term, false, TC_STYLE_HIGH);
    tc_term_text(term, TC_STYLE_HIGH, outcome);
    if (stage[0] != '\0') {
        tc_term_printf(term, TC_STYLE_PLAIN, " at stage %s", stage);
    }
    int64_t attempts = tc_row_int(endpoint, "attempts");
    if (attempts > 1) {
        tc_term_printf(term, TC_STYLE_PLAIN, ", %" PRId64 " attempts", attempts);
    }
    tc_term_newline(term);
    if (detail[0] != '\0') {
        tc_term_fact_line(term, TC_STYLE_PLAIN, "detail", detail);
    }
    if (hint[0] != '\0') {
        tc_term_fact_line(term, TC_STYLE_PLAIN, "look at", hint);
    }
}

/* The address, and the names on the way to it. */
static void draw_address(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    const char *address = tc_row_text(endpoint, "address");
    const char *cnames = tc_row_text(endpoint, "cnames");
    if (address[0] == '\0' && cnames[0] == '\0') {
        return;
    }
    tc_term_text(term, TC_STYLE_PLAIN, address[0] != '\0' ? address : "no address");
    if (cnames[0] != '\0') {
        tc_term_text(term, TC_STYLE_PLAIN, " via ");
        tc_term_wrap(term, TC_STYLE_PLAIN, 2, cnames);
    }
    tc_term_newline(term);
}

static enum tc_status show_verdict(struct tc_terminal *term, const struct tc_show *show)
{
    const char *labels = tc_row_text(show->endpoint, "labels");
    draw_title(term, show->endpoint);
    draw_address(term, show->endpoint);
    if (!tc_row_is_null(show->endpoint, "trusted")) {
        draw_trust(term, show->endpoint);
    }
    draw_outcome(term, show->endpoint);
    if (labels[0] != '\0') {
        tc_term_wrap(term, TC_STYLE_DIM, 2, labels);
        tc_term_newline(term);
    }
    return TC_OK;
}

/* ---- connection ---- */

/* Secret bits of a suite, as its name has them; 0 where it does not say. */
static unsigned cipher_bits(const char *name)
{
    static const struct {
        const char *part;
        unsigned bits;
    } parts[] = {
        {"_NULL", 0},  {"_256_", 256}, {"CHACHA20", 256}, {"_128_", 128},  {"3DES_EDE", 112},
        {"DES40", 40}, {"_40_", 40},   {"_SEED_", 128},   {"_IDEA_", 128}, {"_DES_CBC_", 56},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(parts); i++) {
        if (strstr(name, parts[i].part) != NULL) {
            return parts[i].bits;
        }
    }
    return 0;
}

static void draw_cipher(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    char text[256];
    const char *cipher = tc_row_text(endpoint, "cipher");
    unsigned bits = cipher_bits(cipher);
    char strength[32] = "";
    if (bits > 0) {
        snprintf(strength, sizeof strength, ", %u bits", bits);
    }
    snprintf(text, sizeof text, "%.120s%s%s", cipher, strength,
             tc_row_is_null(endpoint, "forward_secrecy")    ? ""
             : tc_row_int(endpoint, "forward_secrecy") != 0 ? ", forward secrecy"
                                                            : ", no forward secrecy");
    tc_term_fact_line(term, TC_STYLE_PLAIN, "cipher", text);
}

static void draw_known(struct tc_terminal *term, const struct tc_rows *endpoint, const char *label,
                       const char *column, const char *when_empty)
{
    const char *text = tc_row_text(endpoint, column);
    if (text[0] != '\0') {
        tc_term_fact(term, label, text);
    } else if (when_empty != NULL) {
        tc_term_fact(term, label, when_empty);
    }
}

static void draw_scts(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    char text[96];
    int64_t embedded = tc_row_int(endpoint, "sct_count");
    int64_t sent = tc_row_int(endpoint, "sct_count_tls");
    if (sent > 0) {
        snprintf(text, sizeof text, "%" PRId64 " + %" PRId64 " in TLS", embedded, sent);
    } else {
        snprintf(text, sizeof text, "%" PRId64 " in the certificate", embedded);
    }
    tc_term_fact(term, "SCTs", text);
}

static void draw_protocol(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    char text[64];
    bool has_dialogue = !tc_row_is_null(endpoint, "starttls_us");
    snprintf(text, sizeof text, "%.32s%s", tc_row_text(endpoint, "protocol"),
             has_dialogue ? ", TLS after STARTTLS" : "");
    tc_term_fact(term, "protocol", text);
}

static enum tc_status show_connection(struct tc_terminal *term, const struct tc_show *show)
{
    const struct tc_rows *endpoint = show->endpoint;
    if (tc_row_is_null(endpoint, "tls_version") && tc_row_is_null(endpoint, "cipher")) {
        return TC_OK;
    }
    tc_term_heading(term, "Connection");
    draw_protocol(term, endpoint);
    draw_known(term, endpoint, "version", "tls_version", NULL);
    tc_term_facts_end(term);
    draw_cipher(term, endpoint);
    draw_known(term, endpoint, "group", "kx_group", "none");
    draw_known(term, endpoint, "signed by", "signature_scheme", NULL);
    draw_known(term, endpoint, "ALPN", "alpn", "none agreed");
    if (!tc_row_is_null(endpoint, "ocsp_stapled")) {
        tc_term_fact(term, "staple",
                     tc_row_int(endpoint, "ocsp_stapled") != 0 ? "OCSP response sent" : "none");
    }
    draw_scts(term, endpoint);
    if (tc_row_int(endpoint, "client_certificate_requested") != 0) {
        tc_term_fact(term, "asks for", "a client certificate");
    }
    if (tc_row_int(endpoint, "hello_retry") != 0) {
        tc_term_fact(term, "retry", "HelloRetryRequest");
    }
    tc_term_facts_end(term);
    return TC_OK;
}

/* ---- blocks ---- */

typedef enum tc_status (*show_section)(struct tc_terminal *term, const struct tc_show *show);

/* What is said once for several addresses where it is the same for them. */
static const struct {
    const char *name;
    show_section draw;
} sections[] = {
    {"Connection", show_connection},
    {"Accepts", tc_show_survey},
    {"Certificate", tc_show_certificate},
    {"Chain", tc_show_chain},
    {"Other certificates", tc_show_other_chains},
    {"Findings", tc_show_findings},
};
#define NUM_SECTIONS TC_ARRAY_LEN(sections)

/* A section's text and the address it was drawn for first. */
struct seen_section {
    char *text;
    char *address;
    struct seen_section *next;
};

struct show_state {
    struct tc_terminal term; /* as the options want it; its buffer changes */
    struct tc_output *output;
    struct seen_section *seen[NUM_SECTIONS];
    const char *same_as;        /* the address whose sections this block repeats; borrowed */
    bool is_same[NUM_SECTIONS]; /* which ones */
};

static void state_cleanup(struct show_state *state)
{
    for (size_t i = 0; i < NUM_SECTIONS; i++) {
        while (state->seen[i] != NULL) {
            struct seen_section *next = state->seen[i]->next;
            free(state->seen[i]->text);
            free(state->seen[i]->address);
            free(state->seen[i]);
            state->seen[i] = next;
        }
    }
}

static const char *find_seen(const struct show_state *state, size_t section, const char *text)
{
    for (const struct seen_section *seen = state->seen[section]; seen != NULL; seen = seen->next) {
        if (strcmp(seen->text, text) == 0) {
            return seen->address;
        }
    }
    return NULL;
}

static enum tc_status remember(struct show_state *state, size_t section, const char *text,
                               const char *address)
{
    struct seen_section *seen = calloc(1, sizeof *seen);
    if (seen == NULL) {
        return TC_ERR_NOMEM;
    }
    seen->next = state->seen[section];
    state->seen[section] = seen;
    seen->text = strdup(text);
    seen->address = strdup(address);
    return seen->text != NULL && seen->address != NULL ? TC_OK : TC_ERR_NOMEM;
}

/* Says which sections are those of an address above, and forgets them. */
static void show_same(struct show_state *state)
{
    struct tc_buf text;
    bool first = true;
    if (state->same_as == NULL) {
        return;
    }
    tc_buf_init(&text, SHOW_SECTION_MAX);
    struct tc_terminal term = tc_term_into(&state->term, &text);
    tc_term_newline(&term);
    for (size_t i = 0; i < NUM_SECTIONS; i++) {
        if (state->is_same[i]) {
            tc_term_text(&term, TC_STYLE_PLAIN, first ? "" : ", ");
            tc_term_text(&term, TC_STYLE_BOLD, sections[i].name);
            first = false;
        }
        state->is_same[i] = false;
    }
    tc_term_printf(&term, TC_STYLE_PLAIN, ": the same as at %s", state->same_as);
    tc_term_newline(&term);
    if (text.data != NULL) {
        tc_output_write(state->output, text.data, text.len);
    }
    tc_buf_cleanup(&text);
    state->same_as = NULL;
}

/* Draws a section, or notes at which address it was drawn before. */
static enum tc_status show_one(struct show_state *state, const struct tc_show *show, size_t section)
{
    struct tc_buf text;
    tc_buf_init(&text, SHOW_SECTION_MAX);
    struct tc_terminal term = tc_term_into(&state->term, &text);
    enum tc_status status = sections[section].draw(&term, show);
    if (status == TC_OK && text.len > 0) {
        const char *before = find_seen(state, section, text.data);
        if (before == NULL) {
            show_same(state);
            tc_output_write(state->output, text.data, text.len);
            status = remember(state, section, text.data, tc_row_text(show->endpoint, "address"));
        } else {
            if (state->same_as != NULL && strcmp(state->same_as, before) != 0) {
                show_same(state);
            }
            state->same_as = before;
            state->is_same[section] = true;
        }
    }
    tc_buf_cleanup(&text);
    return status;
}

/* A part that every address has of its own. */
static enum tc_status show_own(struct show_state *state, const struct tc_show *show,
                               show_section draw)
{
    struct tc_buf text;
    tc_buf_init(&text, SHOW_SECTION_MAX);
    struct tc_terminal term = tc_term_into(&state->term, &text);
    enum tc_status status = draw(&term, show);
    if (status == TC_OK && text.len > 0) {
        tc_output_write(state->output, text.data, text.len);
    }
    tc_buf_cleanup(&text);
    return status;
}

/* Whether a section would repeat that of an address above. */
static bool is_repeated(struct show_state *state, const struct tc_show *show, size_t section)
{
    struct tc_buf text;
    tc_buf_init(&text, SHOW_SECTION_MAX);
    struct tc_terminal term = tc_term_into(&state->term, &text);
    bool repeated = sections[section].draw(&term, show) == TC_OK && text.len > 0 &&
                    find_seen(state, section, text.data) != NULL;
    tc_buf_cleanup(&text);
    return repeated;
}

/* Findings come last, where the eye rests, but are said with what is repeated if they are too. */
static enum tc_status show_block(struct show_state *state, const struct tc_show *show)
{
    const size_t findings = NUM_SECTIONS - 1;
    enum tc_status status = show_own(state, show, show_verdict);
    for (size_t i = 0; status == TC_OK && i < findings; i++) {
        status = show_one(state, show, i);
    }
    bool repeated = status == TC_OK && is_repeated(state, show, findings);
    if (repeated) {
        status = show_one(state, show, findings);
    }
    show_same(state);
    if (status == TC_OK) {
        status = show_own(state, show, tc_show_timeline);
    }
    if (status == TC_OK && !repeated) {
        status = show_one(state, show, findings);
    }
    return status;
}

/* Nobody has to know by heart at which port a host was scanned. */
static enum tc_status fail_not_found(struct tc_rows *rows, int64_t scan_id, const char *host,
                                     unsigned port, struct tc_error *error)
{
    if (port == 0) {
        return tc_fail(error, TC_ERR_NOT_FOUND, "scan %" PRId64 " has no host %s", scan_id, host);
    }
    tc_rows_reset(rows);
    tc_rows_bind_int(rows, ":port", 0);
    enum tc_status status = tc_rows_next(rows, error);
    if (status == TC_OK) {
        return tc_fail(error, TC_ERR_NOT_FOUND,
                       "scan %" PRId64 " has no endpoint %s:%u; it has %s:%" PRId64, scan_id, host,
                       port, host, tc_row_int(rows, "port"));
    }
    return status != TC_ERR_END
               ? status
               : tc_fail(error, TC_ERR_NOT_FOUND, "scan %" PRId64 " has no endpoint %s:%u", scan_id,
                         host, port);
}

enum tc_status tc_report_show(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                              const char *host, unsigned port,
                              const struct tc_terminal_options *options, struct tc_error *error)
{
    struct show_state state = {.output = output};
    struct tc_rows *rows = NULL;
    uint64_t num_blocks = 0;
    tc_term_init(&state.term, NULL, options);
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_rows_open(&rows, store, tc_sql_report_show_endpoints, error);
    if (status == TC_OK) {
        tc_rows_bind_int(rows, ":scan_id", scan_id);
        tc_rows_bind_text(rows, ":host", host);
        tc_rows_bind_int(rows, ":port", port);
    }
    while (status == TC_OK && (status = tc_rows_next(rows, error)) == TC_OK) {
        struct tc_show show = {
            .store = store, .scan_id = scan_id, .endpoint = rows, .error = error};
        tc_output_str(output, num_blocks > 0 ? "\n" : "");
        status = show_block(&state, &show);
        num_blocks++;
    }
    if (status == TC_ERR_END && num_blocks == 0) {
        status = fail_not_found(rows, scan_id, host, port, error);
    }
    tc_rows_close(rows);
    state_cleanup(&state);
    tc_store_end_read(store);
    return status == TC_ERR_END ? TC_OK : status;
}
