/*
 * The page while it is written: the scan, its numbers, and what sections share.
 * html.c opens it, html_stats.c walks the scan once and counts, then each section writes itself.
 */
#ifndef REPORT_HTML_REPORT_H
#define REPORT_HTML_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "feature_set.h"
#include "html_arena.h"
#include "html_changes.h"
#include "html_dict.h"
#include "html_history.h"
#include "html_row.h"
#include "html_words.h"
#include "html_worst.h"
#include "html_writer.h"
#include "labels.h"

#define HTML_DEFAULT_ROWS    2000U
#define HTML_DEFAULT_DETAILS 50U
#define HTML_MAX_ACTIONS     12
#define HTML_MAX_WHERE       12
#define HTML_MAX_PLACES      260 /* observations that the hosts of one rule come from */
#define HTML_MAX_GROUPS      100
#define HTML_KEY_HOSTS       8
#define HTML_KEY_OWNERS      6
#define HTML_MAX_LINES       100                         /* waived findings, keys, rejected lines */
#define HTML_NUMBER_MAX      ((int64_t)1000000000000000) /* seconds, microseconds, bytes, counts */
#define HTML_MAX_DAYS        4096                        /* days left that are told apart */
#define HTML_NO_GROUP        "(none)"                    /* of what lacks the label */

struct html_scan {
    const char *profile; /* in words, where targets have several */
    bool has_quick;      /* targets that were examined so */
    bool has_survey;
    const char *state;
    int64_t started_s;
    int64_t finished_s;
    int64_t as_of_s;
    const char *tool_version;
    const char *vantage;
    const char *notices;
    const char *trust_store;
    const char *trust_store_sha256;
    const char *input_sha256;
    const char *shard;
    int64_t targets;
    int64_t open_targets;
    int64_t rejected;
    bool has_earlier;
    int64_t observations;
};

/* Counts of endpoints, so each has `endpoints` or `seen` for its denominator. */
struct html_totals {
    int64_t endpoints;
    int64_t seen;
    int64_t rows;  /* of the table: agreeing addresses are one */
    int64_t dated; /* with a readable end */
    int64_t expired;
    int64_t exp7;
    int64_t exp30;
    int64_t first_days; /* the longest expired; valid where expired > 0 */
    int64_t broken;     /* chain, name or trust */
    int64_t incomplete;
    int64_t untrusted;
    int64_t mismatched;
    int64_t unjudged; /* no verdict on chain or name */
    int64_t act;
    int64_t partial;
    int64_t lost_dns;
    int64_t lost_tcp;
    int64_t lost_starttls;
    int64_t lost_tls;
    int64_t findings; /* standing */
};

/* "3 of 60 endpoints need action" */
const char *html_action_words(struct html_arena *arena, const struct html_totals *totals);

struct html_group {
    int64_t endpoints;
    int64_t seen;
    int64_t grades[5]; /* good, B, C, failed, none */
    int64_t expired;
    int64_t exp30;
    int64_t act;
    int64_t findings[5]; /* by severity */
    int64_t next_days;
    char *next_host; /* owned; NULL where none expires */
    char *next_link;
};

/* Endpoints by answer; those that were not measured are in neither number. */
struct html_answers {
    int64_t yes;
    int64_t no;
};

/* Counts of endpoints that were surveyed. */
struct html_survey {
    int64_t endpoints;
    int64_t cut_short;
    struct html_answers versions[TC_SET_NUM_VERSIONS];
    struct html_answers legacy; /* TLS 1.1 or older */
    struct html_answers post_quantum;
    int64_t weakest[TC_SUITE_NUM_QUALITIES];
};

struct html_stats {
    struct html_totals totals;
    struct html_survey survey;
    struct html_dict grades;
    struct html_dict versions;
    struct html_dict exchanges;
    struct html_dict keys;
    struct html_dict issuers;
    struct html_dict depths;
    struct html_dict groups;
    struct html_dict owners;
    struct html_group *group_facts; /* one for each entry of groups */
    size_t group_capacity;
    int64_t days[HTML_MAX_DAYS]; /* the last one: that many or more */
    struct html_worst top;       /* the worst rows, worst first */
};

struct html_rule {
    int64_t id;
    const char *name;
    int64_t severity;
    const char *title;
    const char *why;
    const char *remedy;
    const char *source;
    const char *cap;
    bool is_trust;
    int64_t standing;
    int64_t waived;
    int64_t worst;
    int64_t worst_count;
    struct html_worst places; /* observations where it stands */
};

/* What registry_name calls a code point. */
struct html_code {
    const char *kind;
    int64_t code;
    const char *name; /* versions as the page says them: "TLS 1.3" */
};

/* A leaf key that more than one host uses. */
struct html_key {
    const char *hash; /* the first bytes of its SPKI's SHA-256 */
    const char *key;
    int64_t hosts;
    int64_t certificates;
    const char *listed[HTML_KEY_HOSTS]; /* the first hosts, and how links name them */
    const char *links[HTML_KEY_HOSTS];
    size_t num_listed;
    const char *owners[HTML_KEY_OWNERS];
    size_t num_owners;
    bool has_more_owners;
};

struct html_report {
    struct html_writer *writer;
    struct tc_store *store;
    int64_t scan_id;
    const struct tc_html_options *options;
    struct tc_error *error;
    enum tc_status status;     /* the first failure; sections stop by themselves */
    struct html_arena lasting; /* texts of the whole page */
    struct html_arena passing; /* texts of the row at hand, of queries other than the walk */
    struct html_scan scan;
    struct html_stats stats;
    struct html_code *codes; /* names of code points, sorted by kind and code */
    size_t num_codes;
    struct html_rule *rules; /* those with a finding, worst first */
    size_t num_rules;
    struct html_key keys[HTML_MAX_LINES]; /* the most shared */
    size_t num_keys;
    int64_t all_keys;
    struct html_changes changes;
    struct html_history *histories; /* of the rows with details, by observation */
    size_t num_histories;
    struct tc_label_columns labels;
    const char *title;
    const char *split;       /* --split-value as it is shown, or NULL */
    const char *group_label; /* as the input's header has it; "" groups by registrable domain */
    const char *group_head;  /* "Department" */
    const char *owner_label; /* "" where the owner is the group */
    const char *owner_head;
    size_t max_rows;
    size_t max_details;
    bool is_windowed;      /* more rows than are rendered: the script draws them */
    struct html_set *sets; /* of the scan, by id */
    size_t num_sets;
    int64_t num_numbered;         /* of them, in the data block */
    struct tc_accepts *accepts;   /* the set that was read last; NULL before the first */
    struct tc_rows *other_chains; /* of one observation */
    struct html_walk *walk;       /* for rows by target */
    struct html_data *data;       /* where the data block is made while counting, or NULL */
};

/* ---- queries (html_query.c) ---- */

/* Opens a query and binds :scan_id; NULL after a failure. */
struct tc_rows *html_query(struct html_report *report, const char *sql);
/* Opens a query over the chosen part of a scan: binds :group_label and :split too. */
struct tc_rows *html_query_split(struct html_report *report, const char *sql);
/* The next row; false at the end and after a failure. */
bool html_query_next(struct html_report *report, struct tc_rows *rows);
void html_fail(struct html_report *report, enum tc_status status);
/* A column as an integer within ±HTML_NUMBER_MAX; HTML_UNKNOWN for NULL. */
int64_t html_int(const struct tc_rows *rows, int column);
/* The same, 0 for NULL. Ids, which no arithmetic is done on, are read by tc_rows_int(). */
int64_t html_number(const struct tc_rows *rows, int column);
/* Whether rows of this group belong to the page (--split-value). */
bool html_wants_group(const struct html_report *report, const char *group);
/* The name of a code point, or "0x1234"; "" for HTML_UNKNOWN. `kind` as in registry_name. */
const char *html_code_name(struct html_report *report, const char *kind, int64_t code);
/* The group, or what a handshake without one did. */
const char *html_exchange_name(struct html_report *report, const struct html_row *row);
/* "good", … index into html_group.grades */
unsigned html_grade_slot(const char *grade);
/* What fails: chain, name or trust, dates apart. */
bool html_row_is_broken(const struct html_row *row);
/* Days left, or HTML_UNKNOWN. */
int64_t html_row_days(const struct html_report *report, const struct html_row *row);
/* "host:port", port left out where it is 443 and `short_form` */
const char *html_endpoint_name(struct html_arena *arena, const char *host, int64_t port,
                               bool short_form);
/* "of 1,234 endpoints", for the whole page */
const char *html_of_endpoints(struct html_report *report, int64_t number);
const struct html_rule *html_find_rule(const struct html_report *report, int64_t rule_id);

/* ---- setting up ---- */

struct html_request {
    struct tc_output *output;
    struct tc_store *store;
    int64_t scan_id;
    const struct tc_html_options *options;
    bool has_data; /* the page has the script's data */
};
/* Writes one page of a report that is set up: sections, or something of its own. */
typedef void (*html_body)(struct html_report *report, void *context);
/* Reads and counts the scan, calls `body`, cleans up; one moment of the database (html.c). */
TC_MUST_USE enum tc_status html_report_write(const struct html_request *request, html_body body,
                                             void *context, struct tc_error *error);

/* Reads the scan, labels, registry names and rules (html_load.c). */
void html_load(struct html_report *report);
/* Walks the scan once and fills report->stats (html_stats.c). */
void html_count_stats(struct html_report *report);
/* Reads the flags of feature sets, before the walk (html_sets.c). */
void html_load_sets(struct html_report *report);
/* NULL where there is none of that id. */
const struct html_set *html_find_set(const struct html_report *report, int64_t feature_set_id);
/* Counts what was found on the endpoints of a row. */
void html_count_set(struct html_report *report, const struct html_row *row);
void html_sets_cleanup(struct html_report *report);
/* Notes an observation for each rule that stands there, of which the worst are kept. */
void html_note_places(struct html_report *report, const struct html_row *row);
/* Reads the shared keys (html_groups.c). */
void html_load_keys(struct html_report *report);
/* Reads what changed, after labels (html_changes.c). */
void html_load_changes(struct html_report *report);
void html_stats_cleanup(struct html_stats *stats);

/* ---- walking (html_walk.c) ---- */

struct html_walk;
TC_MUST_USE struct html_walk *html_walk_open(struct html_report *report);
/* All targets of the scan, for the first time: the places of rules are noted on the way. */
void html_walk_count(struct html_walk *walk);
/* One target. */
void html_walk_target(struct html_walk *walk, int64_t target_id);
/* The next row, until NULL. It is valid until the next call. */
const struct html_row *html_walk_next(struct html_walk *walk);
/* The row of one of the worst, found again; NULL after a failure. */
const struct html_row *html_walk_find(struct html_walk *walk, const struct html_top *top);
void html_walk_free(struct html_walk *walk);

/* ---- sections: each writes itself, or nothing where it has nothing to say ---- */

void html_section_glance(struct html_writer *writer, const void *context);
void html_section_changes(struct html_writer *writer, const void *context);
void html_section_expiry(struct html_writer *writer, const void *context);
void html_section_posture(struct html_writer *writer, const void *context);
void html_section_departments(struct html_writer *writer, const void *context);
void html_section_findings(struct html_writer *writer, const void *context);
void html_section_keys(struct html_writer *writer, const void *context);
void html_section_endpoints(struct html_writer *writer, const void *context);
void html_section_unreachable(struct html_writer *writer, const void *context);
void html_section_details(struct html_writer *writer, const void *context);
/* What the facts of a survey mean (html_survey.c). */
void html_section_facts(struct html_writer *writer, const void *context);
void html_section_method(struct html_writer *writer, const void *context);
void html_section_data(struct html_writer *writer, const void *context);

/* ---- the data block for the script (html_data.c) ---- */

struct html_data;
/* Where there may be more rows than are rendered: begins the block, which takes rows as they come.
 */
struct html_data *html_data_begin(struct html_report *report);
void html_data_take(struct html_data *data, const struct html_row *row);
void html_data_free(struct html_data *data);

/* ---- pieces that pages and sections share; the context of the first three is the report ---- */

void html_part_meta(struct html_writer *writer, const void *context);
void html_part_warning(struct html_writer *writer, const void *context);
void html_part_style(struct html_writer *writer, const void *context);

/* How much changed since which scan, for the glance; the context is the report. */
void html_part_since(struct html_writer *writer, const void *context);

/* How answers, grades and problems went over the last scans; the context is the report. */
void html_part_trend(struct html_writer *writer, const void *context);

/* A row of the table of departments. */
struct html_department {
    const char *name;
    const char *base; /* what its link begins with, as it stands */
    const char *link; /* and goes on with, percent-encoded */
    const struct html_group *facts;
};
/* Sorts them, those with most to do first, and writes the first `max`. */
void html_department_rows(struct html_report *report, struct html_department *departments,
                          size_t num, size_t max);

/* What the groups are called together: "Departments", "Domains", "By Unit of study". */
const char *html_groups_head(struct html_report *report);

/* Pieces that are there where a survey was made (html_survey.c). */
void html_survey_panels(struct html_report *report);
void html_survey_anchors(struct html_report *report);
void html_part_survey_filters(struct html_writer *writer, const void *context);

struct html_bar {
    const char *label;
    const char *key; /* of a link: "show", "q", …; NULL for plain text */
    const char *value;
    const char *tone;
    int64_t count;
    int64_t largest; /* of the bars beside it */
    int64_t whole;   /* of which count is a part */
};
/* A bar: label, length, number, share. */
void html_bar(struct html_writer *writer, const struct html_bar *bar);
/* A severity's shape; the context is its tone. */
void html_part_icon(struct html_writer *writer, const void *tone);
/* Text in a paragraph that links to the filtered table; the context is a struct html_more. */
struct html_more {
    const char *link;
    const char *text;
};
void html_part_more(struct html_writer *writer, const void *more);

#endif
