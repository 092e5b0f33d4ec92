/*
 * What one feature set holds, read for people: suites with their quality in words, lists, and every
 * trait with yes, no or not measured. Page and `show` draw the same from it.
 */
#ifndef REPORT_ACCEPTS_H
#define REPORT_ACCEPTS_H

#include "feature_set.h"
#include "html_arena.h"
#include "trait_words.h"

/* A suite that is accepted. */
struct tc_accepted_suite {
    int64_t version;
    const char *version_name;
    enum tc_tristate server_order; /* of this version's suites: yes the server's, no the client's */
    int64_t code;
    const char *name;
    enum tc_suite_quality quality;
    const char *words; /* what is wrong with it, "" for nothing */
    bool is_dhe;
    bool is_cbc;
};

/* The suites of one version, or of several that accept the same in the same order. */
struct tc_suite_list {
    const char *versions; /* "TLS 1.1, TLS 1.0" */
    enum tc_tristate server_order;
    size_t first; /* in suites */
    size_t num;
};
#define TC_MAX_SUITE_LISTS 8

enum tc_accepts_list {
    TC_LIST_ACCEPTED = 0, /* versions */
    TC_LIST_REFUSED,
    TC_LIST_UNKNOWN,
    TC_LIST_GROUPS13,
    TC_LIST_GROUPS12,
    TC_LIST_SIGNATURES,
    TC_LIST_ALPN,
    TC_NUM_LISTS
};

struct tc_accepted_trait {
    const struct tc_trait_words *words;
    const char *version_name; /* "" where it plays no part */
    enum tc_tristate supported;
    int64_t value; /* in words->unit; 0 for none */
};

/* A line with a label of its own: Diffie-Hellman parameters, fingerprints. */
struct tc_accepted_line {
    const char *label;
    const char *text;
    bool is_weak;
};

#define TC_MAX_ACCEPTED_LINES 8
#define TC_MAX_REQUESTED      4

/* Texts are visible (html_arena.h) and live until the next read. */
struct tc_accepts {
    struct html_arena arena;
    struct tc_rows *suite_rows;
    struct tc_rows *feature_rows;
    bool says_versions; /* "TLS 1.3" as people say it, else as the exports have it: "TLSv1.3" */
    struct tc_accepted_suite *suites; /* newest version first, each in its order */
    size_t num_suites;
    size_t suites_capacity;
    struct tc_suite_list suite_lists[TC_MAX_SUITE_LISTS];
    size_t num_suite_lists;
    const char *lists[TC_NUM_LISTS];  /* "a, b, c"; "" where there is nothing */
    struct tc_accepted_trait *traits; /* in the order of tc_trait_words() */
    size_t num_traits;
    size_t traits_capacity;
    struct tc_accepted_line lines[TC_MAX_ACCEPTED_LINES];
    size_t num_lines;
    const char *cut_short;  /* why the survey is not complete; "" where it is */
    const char *confirmed;  /* that it repeats an earlier one, in words; "" where it does not */
    enum tc_tristate tls13; /* is accepted */
    unsigned num_older;     /* of the five versions below, accepted */
    unsigned num_older_refused;
    enum tc_tristate group_order[2];     /* of TLS 1.2 and below, of TLS 1.3: as server_order */
    bool is_deep;                        /* something was asked that profile deep alone asks */
    int64_t requested[TC_MAX_REQUESTED]; /* traits that the scan asked with --intrusive */
    size_t num_requested;
};

/*
 * tc_accepts_open prepares to read sets of a scan; tc_accepts_read reads one and forgets the one
 * before.
 * Ownership: the caller ends with tc_accepts_cleanup(), after a failure too. The zero state is {0}.
 */
TC_MUST_USE enum tc_status tc_accepts_open(struct tc_accepts *accepts, struct tc_store *store,
                                           int64_t scan_id, struct tc_error *error);
TC_MUST_USE enum tc_status tc_accepts_read(struct tc_accepts *accepts, int64_t feature_set_id,
                                           struct tc_error *error);
void tc_accepts_cleanup(struct tc_accepts *accepts);

/* "in the server's order", "the client's order counts", "" where that was not measured. */
const char *tc_order_words(enum tc_tristate server_order);
/* "recommended", "weak: no forward secrecy, CBC" */
const char *tc_accepted_quality(struct html_arena *arena, const struct tc_accepted_suite *suite);
/* "session tickets (7200 s)", "downgrade sentinel in TLS 1.2" */
const char *tc_accepted_title(struct html_arena *arena, const struct tc_accepted_trait *trait);
/*
 * tc_accepts_unmeasured says what was not measured, a line for each reason: "asked in profile deep
 * alone: copes with large hellos". It returns the number of lines.
 */
#define TC_MAX_UNMEASURED 12
size_t tc_accepts_unmeasured(struct tc_accepts *accepts, const char *out[TC_MAX_UNMEASURED]);
/* Whether what was found is what one would rather not see. */
bool tc_accepted_is_bad(const struct tc_accepted_trait *trait);

#endif
