/* The reader of lists: what its parts share (target_list.c, target_recognise.c, target_record.c).
 */
#ifndef TLSCENSUS_SCANNER_TARGET_READER_H
#define TLSCENSUS_SCANNER_TARGET_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target_csv.h"
#include "target_input.h"
#include "target_item.h"
#include "tlscensus/buf.h"
#include "tlscensus/target.h"

enum reader_kind { READER_ARGS = 0, READER_TEXT, READER_CSV };

struct tc_target_reader {
    enum reader_kind kind;
    struct tc_target_reader_options options; /* max_cidr is never 0 here */
    /* READER_ARGS */
    const char *const *args;
    size_t num_args;
    size_t next_arg;
    /* READER_TEXT and READER_CSV */
    struct target_input *input;
    bool is_recognised;
    struct csv_layout layout;
    struct csv_record record;
    /* The item that is being spread into targets: addresses, and for each the ports. */
    bool has_item;
    struct target_item item;
    struct tc_buf item_text; /* what the user wrote */
    uint64_t item_line;
    struct tc_label_names *label_names; /* the columns', and what all have; NULL where none */
    const char **label_values;          /* one for each: into `record`, else the default */
    const char **label_defaults;        /* likewise, where the line says nothing; or NULL */
    uint64_t next_address;
    size_t next_port;
    bool www_is_next; /* the item's names are done, now with `www.` in front */
};

/*
 * reader_recognise finds out whether the input is text or CSV and reads a header.
 * Errors: TC_ERR_INPUT, TC_ERR_IO, TC_ERR_NOMEM, TC_ERR_CANCELLED.
 */
TC_MUST_USE enum tc_status reader_recognise(struct tc_target_reader *reader,
                                            struct tc_error *error);
/* reader_record_width checks that the record has the header's number of fields. */
TC_MUST_USE enum tc_status reader_record_width(const struct tc_target_reader *reader,
                                               struct target_reason *reason);
/* reader_record_item makes the item from the record. Errors: TC_ERR_MALFORMED, TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status reader_record_item(struct tc_target_reader *reader,
                                              struct target_reason *reason);

#endif
