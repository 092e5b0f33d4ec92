/*
 * One item of input taken apart: what a line or a CSV record asks for, before its ports and
 * addresses are spread into targets. Used inside the scanner's target files only.
 */
#ifndef TLSCENSUS_SCANNER_TARGET_ITEM_H
#define TLSCENSUS_SCANNER_TARGET_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"
#include "tlscensus/target.h"

/* RFC 1035 section 2.3.4: 255 octets on the wire are 253 characters of text; a label has 63. */
#define TARGET_NAME_MAX  253U
#define TARGET_LABEL_MAX 63U
/* A decoded name: four A-labels of 63 give at most 59 characters of 4 octets each. */
#define TARGET_UNICODE_MAX 1024U
/* INET6_ADDRSTRLEN without including the sockets' headers here. */
#define TARGET_ADDRESS_MAX 46U
/* More ports than anybody names by hand; with a CIDR block they multiply. */
#define TARGET_PORTS_MAX 256U

/* Why an item was refused: one line in words. */
struct target_reason {
    char text[256];
};

/* An IPv4 or IPv6 address in network order. An IPv4-mapped one is always held as IPv4. */
struct target_address {
    uint8_t octets[16];
    size_t len; /* 4 or 16; 0: none */
};

struct target_item {
    bool has_protocol; /* else the port decides */
    enum tc_protocol protocol;
    char host[TARGET_NAME_MAX + 1];            /* "" where addresses stands */
    char host_unicode[TARGET_UNICODE_MAX + 1]; /* "" where it is the same as host */
    struct target_address address;             /* the first of the block */
    uint64_t num_addresses;                    /* 0 for a name, 1 for an address, else a block */
    uint16_t ports[TARGET_PORTS_MAX];
    size_t num_ports; /* 0: the protocol's own */
    struct target_address pinned;
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
};

/*
 * tc_target_new makes a target in one block of memory, its texts inside, because 65,536 of them
 * wait in the scanner's window. The registrable domain is found here.
 * Errors: TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_target_new(struct tc_target **out, const struct target_parts *parts);

/* tc_protocol_find finds a scheme by name in any case; TC_PROTOCOL_COUNT where there is none. */
enum tc_protocol tc_protocol_find(const char *name, size_t len);
/* The port that a scheme without one means. */
uint16_t tc_protocol_port(enum tc_protocol protocol);
/* The protocol that a port without a scheme means (design section 4). */
enum tc_protocol tc_protocol_of_port(uint16_t port);
/* The scheme that speaks the same with implicit TLS; TC_PROTOCOL_COUNT where there is none. */
enum tc_protocol tc_protocol_implicit_twin(enum tc_protocol protocol);

#endif
