/* What the facts of a survey are called, and what each means, in a sentence: page, `show` and docs
 * say the same. */
#ifndef REPORT_TRAIT_WORDS_H
#define REPORT_TRAIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a yes is worth. */
enum tc_trait_sense { TC_SENSE_NEUTRAL = 0, TC_SENSE_GOOD, TC_SENSE_BAD };

struct tc_trait_words {
    int64_t code; /* enum tc_trait */
    const char *title;
    const char *sentence;
    enum tc_trait_sense sense;
    const char *unit; /* of the trait's value; "" where it has none */
};
/* Those that people read, in the order in which they are shown; bookkeeping (…_complete) is not
 * among them. */
const struct tc_trait_words *tc_trait_words(size_t *out_num);
/* NULL where it is none of them. */
const struct tc_trait_words *tc_trait_words_find(int64_t code);
/* Whether a fact is asked with --intrusive alone. */
bool tc_trait_is_on_request(int64_t code);

/* The other facts: versions, suites and their quality, lists, certificates. */
struct tc_fact_words {
    const char *name; /* of an anchor: "versions" */
    const char *title;
    const char *sentence;
};
const struct tc_fact_words *tc_fact_words(size_t *out_num);

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
