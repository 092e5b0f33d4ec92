/*
 * One run from target list to assessed scan: the reader, the writer and the workers side by side.
 * `scan` and `show` differ in what they do before and after.
 */
#ifndef CLI_SCAN_RUN_H
#define CLI_SCAN_RUN_H

#include "cli/rejections.h"
#include "cli/scan_settings.h"
#include "cli/stream.h"
#include "cli/target_defaults.h"
#include "tlscensus/store.h"

struct cli_scan_input {
    struct tc_target_reader *reader;
    const char *name;              /* for file:line */
    const struct cli_group *group; /* NULL: of none */
    enum tc_profile profile;
    struct cli_target_defaults defaults; /* what the reader was told */
    bool is_immediate;    /* a pipe or a terminal: each line is passed on as it comes */
    uint64_t num_targets; /* that it gave to the scan: duplicates are another's */
};

struct cli_scan_job {
    const struct cli_scan_settings *settings;
    struct tc_store *store; /* open for writing */
    struct cli_scan_input *inputs;
    size_t num_inputs;
    const char *options_json;
    bool is_resumed; /* then scan_id and started_s are the stored ones */
    int64_t started_s;
    bool shows_progress;
    bool is_for_once;          /* the database is gone when the program ends */
    struct cli_stream *stream; /* open; NULL for none */

    /* results */
    int64_t scan_id;
    struct tc_writer_counts counts;
    uint64_t num_elsewhere; /* targets of other shards: an empty shard is no empty list */
    struct tc_assess_counts findings;
    uint64_t repaired;
    bool was_interrupted;
};

/* What may be opened: a pipe's bytes come once, so nobody may look into it beforehand. */
enum cli_inputs { CLI_INPUTS_ALL = 0, CLI_INPUTS_WITHOUT_PIPES };

/*
 * cli_scan_open_inputs opens the target arguments, every --input and those of every group, the
 * deepest profile first, and pipes behind all others, which need not wait for them: of what comes
 * twice the first stands. Beside others a pipe's first line is not waited for.
 *
 * Ownership: the caller's, cli_scan_close_inputs(). Settings are borrowed as long.
 * Errors: TC_ERR_INPUT, TC_ERR_CANCELLED (a signal while a pipe's first line was waited for).
 */
TC_MUST_USE enum tc_status cli_scan_open_inputs(struct cli_scan_input **out, size_t *out_num,
                                                const struct cli_scan_settings *settings,
                                                const char *const *args, size_t num_args,
                                                struct cli_rejections *rejections,
                                                enum cli_inputs which, struct tc_error *error);
void cli_scan_close_inputs(struct cli_scan_input *inputs, size_t num_inputs);

/*
 * Whether the list gave targets, or is allowed to give none. Lines that all were refused are no
 * empty list.
 */
bool cli_scan_has_list(const struct cli_scan_job *job);

/*
 * cli_scan_run does the scan and its closing: repair, assessment, the scan's row.
 * Errors: TC_ERR_INPUT (--strict, an option that cannot be used), TC_ERR_STORE, TC_ERR_RESOLVER, …
 */
TC_MUST_USE enum tc_status cli_scan_run(struct cli_scan_job *job, struct cli_rejections *rejections,
                                        struct tc_error *error);

#endif
