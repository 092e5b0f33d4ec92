/* Everything a scan can be told, as the option table reads it. */
#ifndef CLI_SCAN_SETTINGS_H
#define CLI_SCAN_SETTINGS_H

#include "cli/options.h"
#include "cli/talk.h"
#include "cli/target_groups.h"
#include "tlscensus/scan.h"
#include "tlscensus/shard.h"
#include "tlscensus/store.h"

#define CLI_SCAN_OPTIONS_MAX 72
#define CLI_SHOW_OPTIONS_MAX 40

/* What `scan` and `show` do where no --profile is given. */
#define CLI_DEFAULT_PROFILE TC_PROFILE_STANDARD

struct cli_scan_settings {
    /* targets */
    struct cli_list inputs;
    struct cli_list wanted_groups; /* --group: of the configuration file's; none: all */
    struct cli_groups groups;      /* that are scanned too */
    struct cli_list ports;         /* of what names neither port nor scheme */
    struct cli_list labels;        /* of all targets */
    const char *host_column;
    uint64_t max_cidr;
    bool www;
    bool mx;
    unsigned expand_names; /* of one registrable domain at most; 0: none */
    bool strict;
    const char *exclude;
    const char *shard;     /* "K/N"; NULL: the whole list */
    const char *scan_uuid; /* NULL: the store makes one */
    int order;             /* 0 shuffled, 1 as-given */
    /* database */
    const char *db;         /* cli_default_db where none is named */
    int format;             /* 0 none, 1 jsonl: the stream */
    const char *output;     /* where the stream goes; NULL: standard output */
    const char *output_dir; /* NULL for none */
    const char *on_change;  /* a program; NULL for none */
    unsigned on_change_timeout_ms;
    bool resume;
    bool dry_run;
    bool allow_empty;
    unsigned confirm_after;
    /* what is examined */
    int profile; /* enum tc_profile */
    struct cli_list intrusive;
    bool incremental;
    bool keep_messages;
    /* network */
    bool ipv4;
    bool ipv6;
    struct cli_list resolvers;
    const char *proxy;
    bool proxy_resolve;
    struct tc_scan_options limits; /* its numbers are set by the table directly */
    unsigned max_duration_ms;      /* of the whole scan; 0 for no limit */
    /* trust and rules */
    const char *ca_file;
    const char *ca_path;
    const char *rules;
    const char *waivers;
    int fail_on;  /* 0 never, else severity + 1 */
    int progress; /* 0 auto, 1 json */
    struct cli_talk_settings talk;
};

/* The name by which a setting is known that nobody has set. */
extern const char cli_default_db[];

/* quick, standard, deep: NULL-ended. */
extern const char *const cli_profile_choices[];
/* never, info, low, medium, high, critical: NULL-ended. */
extern const char *const cli_fail_on_choices[];

/* Whether there is a finding at or above what --fail-on names (an index of the choices). */
bool cli_fail_on(int choice, const struct tc_assess_counts *counts);

/* The defaults that --help tells. */
void cli_scan_settings_init(struct cli_scan_settings *settings);
void cli_scan_settings_cleanup(struct cli_scan_settings *settings);

/* The whole table of `scan`; the number of rows. */
size_t cli_scan_options(struct cli_option rows[CLI_SCAN_OPTIONS_MAX],
                        struct cli_scan_settings *settings);
/* The part of it that `show` has too: network, limits that concern one host, trust, talk. */
size_t cli_show_options(struct cli_option rows[CLI_SHOW_OPTIONS_MAX],
                        struct cli_scan_settings *settings);

/*
 * cli_scan_settings_check looks at what a table cannot: options that exclude each other, names in
 * lists.
 * Errors: TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status cli_scan_settings_check(const struct cli_scan_settings *settings,
                                                   struct tc_error *error);

/* Whether results go out as they are stored. */
bool cli_scan_is_filter(const struct cli_scan_settings *settings);
/* Whether the database is made for this scan alone: a filter that was told of none. */
bool cli_scan_is_for_once(const struct cli_scan_settings *settings);
/*
 * cli_scan_filter_check looks at what a filter cannot do, before anything is opened.
 * Errors: TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status cli_scan_filter_check(const struct cli_scan_settings *settings,
                                                 struct tc_error *error);

/* The part of the list that is scanned, {1, 1} for all of it. Settings must have been checked. */
struct tc_shard cli_scan_shard(const struct cli_scan_settings *settings);

/*
 * The limits with the profile in them, and its own numbers where none were given. Settings must
 * have been checked.
 */
struct tc_scan_options cli_scan_limits(const struct cli_scan_settings *settings);
/* The same for targets that have another profile. */
struct tc_scan_options cli_profile_limits(const struct cli_scan_settings *settings,
                                          enum tc_profile profile);
/* The limits as they were given: 0 where each target's profile has a number of its own. */
struct tc_scan_options cli_asked_limits(const struct cli_scan_settings *settings);
/* Whether anything at all is scanned by a profile. */
bool cli_scan_has_profile(const struct cli_scan_settings *settings, enum tc_profile profile);
/* "at most 2 at once, 10 new a second": what one address is asked to bear. Returns `out`. */
#define CLI_LIMITS_WORDS 96
const char *cli_address_limits(char out[CLI_LIMITS_WORDS], const struct tc_scan_options *limits);

#endif
