/* What the facts of a survey are called, and what each means, in a sentence: page, `show` and docs
 * say the same. */
#ifndef REPORT_TRAIT_WORDS_H
#define REPORT_TRAIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a yes is worth. */
enum tc_trait_sense { TC_SENSE_NEUTRAL = 0, TC_SENSE_GOOD, TC_SENSE_BAD };

/* What a trait can be measured with alone. Where that lacks, it says why nothing was measured. */
enum tc_trait_needs {
    TC_NEEDS_TLS13 = 1 << 0,
    TC_NEEDS_OLDER = 1 << 1, /* TLS 1.2 or below */
    TC_NEEDS_BOTH = 1 << 2,  /* the two above */
    TC_NEEDS_TWO = 1 << 3,   /* any two versions */
    TC_NEEDS_DHE = 1 << 4,   /* a suite with DHE */
    TC_NEEDS_CBC = 1 << 5,   /* a suite with CBC */
    TC_NEEDS_HEARTBEAT = 1 << 6,
    TC_NEEDS_PORT_80 = 1 << 7, /* HTTP there, and an https:// target */
    TC_NEEDS_ALPN = 1 << 8,    /* or profile deep */
    TC_NEEDS_DEEP = 1 << 9     /* profile deep */
};

struct tc_trait_words {
    int64_t code; /* enum tc_trait */
    const char *title;
    const char *sentence;
    enum tc_trait_sense sense;
    const char *unit; /* of the trait's value; "" where it has none */
    unsigned needs;   /* of enum tc_trait_needs; 0: a certificate's handshake is enough */
};
/* Those that people read, in the order in which they are shown; bookkeeping (…_complete) is not
 * among them. */
const struct tc_trait_words *tc_trait_words(size_t *out_num);
/* NULL where it is none of them. */
const struct tc_trait_words *tc_trait_words_find(int64_t code);
/* Why nothing was measured, by what lacked: "asked in profile deep alone"; for 0 that no answer was
 * clear. */
const char *tc_trait_needs_words(unsigned need);
/* What --intrusive asks by this name; 0 for none. */
int64_t tc_trait_requested(const char *name);
/* Whether a fact is asked with --intrusive alone. */
bool tc_trait_is_on_request(int64_t code);
/* Whether a set without it has no gap: what is asked on request, and that answers differed, which
 * no number of equal ones rules out. */
bool tc_trait_is_said_where_found(int64_t code);

/* The other facts: versions, suites and their quality, lists, certificates. */
struct tc_fact_words {
    const char *name; /* of an anchor: "versions" */
    const char *title;
    const char *sentence;
};
const struct tc_fact_words *tc_fact_words(size_t *out_num);
/* " Yes is better.", "" where neither is. */
const char *tc_trait_better(enum tc_trait_sense sense);

/*
 * tc_suite_words says in a few words what is wrong with a suite, worst first: "export key", "no
 * encryption", "no forward secrecy, CBC". "" where nothing is. The texts are columns of table
 * `suite`.
 */
struct tc_suite_facts {
    const char *kx;
    const char *auth;
    const char *cipher;
    const char *mode;
    int64_t block_bits;
    bool forward_secrecy;
    bool is_export;
};
void tc_suite_words(char *out, size_t out_len, const struct tc_suite_facts *suite);

#endif
