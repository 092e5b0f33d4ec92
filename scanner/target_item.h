/*
 * One item of input taken apart: what a line or a CSV record asks for, before its ports and
 * addresses are spread into targets. Used inside the scanner's target files only.
 */
#ifndef TLSCENSUS_SCANNER_TARGET_ITEM_H
#define TLSCENSUS_SCANNER_TARGET_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "tlscensus/buf.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

/* RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters of text; a label has 63. */
#define TARGET_NAME_MAX  253U
#define TARGET_LABEL_MAX 63U
/* A decoded name: four A-labels of 63 give at most 59 characters of 4 octets each. */
#define TARGET_UNICODE_MAX 1024U
/* More ports than anybody names by hand; with a CIDR block they multiply. */
#define TARGET_PORTS_MAX TC_TARGET_PORTS_MAX

/* An item with a longer path is kept by nobody: 65,536 targets wait with their texts. */
#define TARGET_ITEM_MAX 4096U

/* Why an item was refused: one line in words. */
struct target_reason {
    char text[256];
};

/* What tc_target_item_parse found. Fields that the text does not name are empty. */
struct target_item {
    bool has_protocol; /* else the port decides */
    enum tc_protocol protocol;
    char host[TARGET_NAME_MAX + 1];            /* "" where addresses stands */
    char host_unicode[TARGET_UNICODE_MAX + 1]; /* "" where it is the same as host */
    struct tc_address address;                 /* the first of the block */
    uint64_t num_addresses;                    /* 0 for a name, 1 for an address, else a block */
    uint16_t ports[TARGET_PORTS_MAX];
    size_t num_ports; /* 0: the protocol's own */
    struct tc_address pinned;
    char sni[TARGET_NAME_MAX + 1]; /* "" where it is the host */
};

/* Everything that one target is made of; texts are copied, NULL stands for none. */
struct target_parts {
    enum tc_protocol protocol;
    uint16_t port;
    const char *host;
    const char *host_unicode;
    const char *pinned_address;
    const char *sni;
    bool is_address;
    const char *input_text;
    uint64_t input_line;
    struct tc_label_names *label_names; /* a reference is taken */
    const char *const *label_values;    /* one for each name */
    bool has_profile;
    enum tc_profile profile;
};

/*
 * tc_target_new makes a target in one block of memory, its texts inside, because 65,536 of them
 * wait in the scanner's window. The registrable domain is found here.
 * Errors: TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_target_new(struct tc_target **out, const struct target_parts *parts);

/* tc_target_refuse writes the reason and returns TC_ERR_MALFORMED, so that a refusal is one
 * statement. */
enum tc_status tc_target_refuse(struct target_reason *reason, const char *format, ...)
    TC_PRINTF(2, 3);

/* Whether the bytes are UTF-8 (RFC 3629 section 4). */
bool tc_target_is_utf8(const char *text, size_t len);
/*
 * tc_target_add_text appends text as UTF-8. What is not UTF-8 is taken for Windows-1252, in which
 * spreadsheets on that system still save: labels stay readable instead of being lost.
 */
enum tc_status tc_target_add_text(struct tc_buf *buf, const char *text, size_t len);

/* tc_target_trim takes blanks off both ends: spaces, tabs, CR, LF and no-break spaces (U+00A0). */
void tc_target_trim(const char **text, size_t *len);

/* tc_target_line_text also takes off a comment: `#` in front, or behind a blank. */
void tc_target_line_text(const char **text, size_t *len);

/*
 * tc_target_item_parse takes one item apart: host, host:ports, [v6]:port, address, CIDR block, URL,
 * each with a scheme or without, and host{address} for a pinned one. What follows a host's slash is
 * a path and says nothing to us. A block's host bits are cleared.
 *
 * Units:  `max_cidr` counts addresses in one block.
 * Errors: TC_ERR_MALFORMED with `reason`; then `*item` holds nothing of use.
 * Spec:   RFC 3986 section 3 (URL), RFC 4291 section 2.2 and 2.3 (IPv6, prefixes), RFC 4632.
 */
TC_MUST_USE enum tc_status tc_target_item_parse(struct target_item *item,
                                                struct target_reason *reason, const char *text,
                                                size_t len, uint64_t max_cidr);
/* A scheme alone, as in column `protocol`. */
TC_MUST_USE enum tc_status tc_target_scheme_parse(enum tc_protocol *out,
                                                  struct target_reason *reason, const char *text,
                                                  size_t len);
/* "443,8443"; also semicolons and blanks between the numbers, as column `port` may have them. */
TC_MUST_USE enum tc_status tc_target_ports_parse(struct target_item *item,
                                                 struct target_reason *reason, const char *text,
                                                 size_t len);

/*
 * tc_target_name_parse makes a host name canonical: A-labels in lower case, no trailing dot. With
 * `unicode` (TARGET_UNICODE_MAX + 1 bytes) it also gives the decoded form, "" where there is none.
 *
 * Errors: TC_ERR_MALFORMED with `reason`, TC_ERR_NOMEM.
 * Spec:   RFC 952 and RFC 1123 section 2.1, with underscores, which the DNS has; RFC 5891 by
 *         libidn2 with the mapping of UTS 46.
 */
TC_MUST_USE enum tc_status tc_target_name_parse(char host[TARGET_NAME_MAX + 1], char *unicode,
                                                struct target_reason *reason, const char *text,
                                                size_t len);

/*
 * tc_target_address_parse reads an address without brackets, zone or prefix. An IPv4-mapped one
 * comes out as IPv4: a socket to it speaks IPv4, and exclusions mean it so.
 * Spec: RFC 4291 section 2.5.5.2.
 */
bool tc_target_address_parse(struct tc_address *out, const char *text, size_t len);
/* tc_target_address_unmap makes an IPv4-mapped address IPv4; any other one stays. */
void tc_target_address_unmap(struct tc_address *address);
/* tc_target_address_mask clears the bits behind `prefix` (which is at most 8 * len). */
void tc_target_address_mask(struct tc_address *address, unsigned prefix);
/* The address `offset` further on; the caller keeps inside its block. */
struct tc_address tc_target_address_add(struct tc_address address, uint64_t offset);

/* tc_protocol_find finds a scheme by name in any case; TC_PROTOCOL_COUNT where there is none. */
enum tc_protocol tc_protocol_find(const char *name, size_t len);
/* The port that a scheme without one means. */
uint16_t tc_protocol_port(enum tc_protocol protocol);
/* The protocol that a port without a scheme means. */
enum tc_protocol tc_protocol_of_port(uint16_t port);
/* The same for a port that a whole list is asked at: whoever says 25 there means mail. */
enum tc_protocol tc_protocol_registered(uint16_t port);

#endif
