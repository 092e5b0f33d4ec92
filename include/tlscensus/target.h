/*
 * One line of input and the reader that turns lists into targets.
 */
#ifndef TLSCENSUS_TARGET_H
#define TLSCENSUS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/outcome.h"
#include "tlscensus/profile.h"
#include "tlscensus/ref.h"
#include "tlscensus/status.h"

enum tc_protocol {
    TC_PROTOCOL_HTTPS = 0,
    TC_PROTOCOL_TLS, /* inside which nothing is ever said */
    TC_PROTOCOL_SMTPS,
    TC_PROTOCOL_IMAPS,
    TC_PROTOCOL_POP3S,
    TC_PROTOCOL_FTPS,
    TC_PROTOCOL_LDAPS,
    TC_PROTOCOL_NNTPS,
    /* From here on TLS begins with a STARTTLS dialogue. */
    TC_PROTOCOL_SMTP,
    TC_PROTOCOL_LMTP,
    TC_PROTOCOL_IMAP,
    TC_PROTOCOL_POP3,
    TC_PROTOCOL_FTP,
    TC_PROTOCOL_LDAP,
    TC_PROTOCOL_XMPP_CLIENT,
    TC_PROTOCOL_XMPP_SERVER,
    TC_PROTOCOL_POSTGRES,
    TC_PROTOCOL_MYSQL,
    TC_PROTOCOL_SIEVE,
    TC_PROTOCOL_NNTP,
    TC_PROTOCOL_RDP,
    TC_PROTOCOL_COUNT
};

/* The scheme's name, as in the input and the reports: "https", "xmpp-client". Static. */
const char *tc_protocol_str(enum tc_protocol protocol);
/* Whether TLS begins only after a dialogue in the clear. */
bool tc_protocol_is_starttls(enum tc_protocol protocol);
/* Whether its servers are asked by one connection at a time: mail servers ban who opens more. */
bool tc_protocol_is_one_at_a_time(enum tc_protocol protocol);

/* The names of a list's label columns; shared by all its targets. Immutable. */
struct tc_label_names {
    struct tc_ref ref;
    size_t num_names;
    char **names; /* as the input's header has them, in its order */
};

/* One value for each label name; an empty cell is NULL. Owned by its target. */
struct tc_labels {
    struct tc_label_names *names; /* one reference, NULL where the input has no labels */
    char **values;
};

/* How a lookup ended that came before the target's own. The zero state: well, or there was none. */
struct tc_target_lookup {
    enum tc_outcome outcome;
    unsigned attempts;
    char *detail; /* one line in words, from malloc(); NULL where it is OK, or memory ran out */
};

/*
 * A target owns all its text. It moves: reader → registration in the store → intake → worker.
 *
 * Ownership: the texts and label values that the reader gives lie in the target's own block of
 *            memory: nobody frees or replaces one. `done_addresses` and each of its texts,
 *            `found_in`, and the detail of `failed_lookup`, come from malloc() and are freed with
 * the target.
 */
struct tc_target {
    enum tc_protocol protocol;
    uint16_t port;
    char *host;           /* A-label in lower case without trailing dot, or a canonical address */
    char *host_unicode;   /* NULL where it is the same as host */
    char *pinned_address; /* canonical text; NULL where the name is looked up */
    char *sni;            /* NULL where it is the host */
    char *registrable_domain; /* by the public suffix list; NULL for addresses and suffixes */
    bool is_address;          /* host is an IP address: no lookup, no SNI */
    struct tc_labels labels;
    bool has_profile; /* else the scan's holds */
    enum tc_profile profile;
    char *input_text;    /* the input as the user wrote it (the cell, in CSV) */
    uint64_t input_line; /* from 1; 0 for the command line */
    /* Of a mail domain's MX records (mx.h). Unless it is OK it is the target's row: nobody is
     * asked. */
    struct tc_target_lookup failed_lookup;
    char *found_in; /* the host whose certificate named it; NULL for what the list has */

    /* Filled when the store registers the target. */
    int64_t target_id;
    char **done_addresses; /* --resume: addresses that have their observation already */
    size_t num_done_addresses;
};

void tc_target_free(struct tc_target *target);
/* The name sent in SNI and checked against the certificate: sni, else host. Borrowed. */
const char *tc_target_reference_name(const struct tc_target *target);

/*
 * tc_target_add_kept_text appends a target's text, good or bad, in the form in which it may be
 * kept: as UTF-8, NUL as a blank, and with *** for what stands between "://" and "@", which may be
 * a password (a target with one is refused). Rejections have their texts so already.
 */
enum tc_status tc_target_add_kept_text(struct tc_buf *out, const char *text, size_t len);

/*
 * A line that gave no target, or a duplicate with other labels. Texts are borrowed for the call.
 */
struct tc_rejection {
    const char *file; /* "-" for standard input, "command line" for arguments */
    uint64_t line;
    const char *text;
    const char *reason; /* one line in words, without file and line */
};

/* The ports that a list's lines leave open. */
#define TC_TARGET_PORTS_MAX 256U
struct tc_target_ports {
    uint16_t ports[TC_TARGET_PORTS_MAX];
    size_t num_ports;
};
/*
 * tc_target_ports_add adds "25,465"; a port that is there already stays one.
 * Errors: TC_ERR_INPUT (no number from 1 to 65535, too many).
 */
TC_MUST_USE enum tc_status tc_target_ports_add(struct tc_target_ports *ports, const char *text,
                                               struct tc_error *error);

struct tc_label {
    const char *name;
    const char *value;
};

/* What all targets of a list have unless their own line says otherwise. The zero state: nothing. */
struct tc_target_defaults {
    /* For what names neither a port nor a scheme. NULL: 443. Such a port stands for the protocol
     * that is registered for it, STARTTLS too: 25 is smtp. */
    const struct tc_target_ports *ports;
    const struct tc_label *labels; /* a cell of that name, in any case, comes before */
    size_t num_labels;
    bool has_profile; /* else the scan's holds */
    enum tc_profile profile;
};

/* What `defaults` points at is borrowed while the reader lives. */
struct tc_target_reader_options {
    struct tc_target_defaults defaults;
    const char *host_column; /* --host-column; NULL: the first known name that is there */
    const char *args_name;   /* the file of rejected arguments; NULL: "command line" */
    uint64_t max_cidr;       /* addresses in one CIDR block at most; 0: 65,536 */
    bool allow_empty;        /* --allow-empty: a file that names nothing is no mistake */
    bool add_www;            /* --www: `www.` beside each name that is a registrable domain */
    bool reads_late; /* opening waits for no line: the first tc_target_reader_next() does, and has
                        the errors that are about lines */
    void *context;   /* for rejected */
    void (*rejected)(void *context, const struct tc_rejection *rejection);
    /* Asked now and then while input is waited for, also while it is opened; NULL: never given up.
     */
    bool (*cancelled)(void *context);
};

struct tc_target_reader;

/*
 * tc_target_reader_open_file reads `path` ("-": standard input) as a stream: the memory used does
 * not depend on its length. Text or CSV is recognised from the first line that is neither blank
 * nor a comment: CSV has a header there with a known column name (or the one that --host-column
 * names). Waits for that line, and in CSV for the one below it.
 *
 * Errors:    TC_ERR_INPUT (missing, unreadable, a directory, CSV without a host column, no line
 *            but blank ones and comments, UTF-16, binary), TC_ERR_IO, TC_ERR_NOMEM,
 *            TC_ERR_CANCELLED. `error` says which file and what to do.
 */
TC_MUST_USE enum tc_status
tc_target_reader_open_file(struct tc_target_reader **out, const char *path,
                           const struct tc_target_reader_options *options, struct tc_error *error);
/* The same from arguments of the command line (borrowed until the reader is freed). */
TC_MUST_USE enum tc_status
tc_target_reader_open_args(struct tc_target_reader **out, const char *const *args, size_t num_args,
                           const struct tc_target_reader_options *options, struct tc_error *error);
/* The same from bytes in memory, for tests and fuzzers. `bytes` are borrowed until free. */
TC_MUST_USE enum tc_status
tc_target_reader_open_memory(struct tc_target_reader **out, const char *name, const char *bytes,
                             size_t len, const struct tc_target_reader_options *options,
                             struct tc_error *error);

/*
 * tc_target_reader_next gives the next target, expanding ports, CIDR blocks and `--www`. Bad lines
 * go to `rejected` and reading continues.
 *
 * Ownership: the caller owns `*out` and releases it with tc_target_free().
 * Errors:    TC_ERR_END, TC_ERR_IO (reading failed), TC_ERR_CANCELLED, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_target_reader_next(struct tc_target **out,
                                                 struct tc_target_reader *reader,
                                                 struct tc_error *error);
/*
 * tc_target_reader_cancel makes a reader that waits for its input give up soon, now and from then
 * on (TC_ERR_CANCELLED). Any thread, while the reader lives.
 */
void tc_target_reader_cancel(struct tc_target_reader *reader);
/* SHA-256 of all input bytes read so far; call it after TC_ERR_END. 32 bytes. */
void tc_target_reader_sha256(uint8_t out[32], struct tc_target_reader *reader);
/* Names of the label columns, and of labels that all have; NULL where there are none. Borrowed. */
const struct tc_label_names *tc_target_reader_labels(const struct tc_target_reader *reader);
void tc_target_reader_free(struct tc_target_reader *reader);

/*
 * Names and networks that are never contacted (`--exclude FILE`): one to a line, `name` for itself,
 * `.name` for all below it, addresses and CIDR blocks; `#` comments. Immutable once read: any
 * thread may ask.
 */
struct tc_exclusions;
TC_MUST_USE enum tc_status tc_exclusions_read(struct tc_exclusions **out, const char *path,
                                              struct tc_error *error);
bool tc_exclusions_has_name(const struct tc_exclusions *exclusions, const char *host);
/* `address` is 4 or 16 octets in network order. */
bool tc_exclusions_has_address(const struct tc_exclusions *exclusions, const uint8_t *address,
                               size_t address_len);
void tc_exclusions_free(struct tc_exclusions *exclusions);

#endif
