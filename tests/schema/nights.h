/*
 * Nights in a few words: what each scan of one small fleet saw, and which changes it is to tell.
 *
 * A night is words. An upper-case letter is the leaf that www.example.org at 192.0.2.1:443 showed,
 * with all else as usual; `-` is a refused connection. What follows a leaf spoils it: v= versions
 * (s SSLv3, 0 to 3 TLS 1.0 to 1.3, a question mark behind one that got no answer), c= suites and g=
 * groups (k_codes), f= findings, grade=, trust= the reason why not, name=0, chain= another one,
 * also= the leaf under its other key, o= the outcome, cut: the survey was cut short, unasked: no
 * survey (as in profile quick), as= the target's own profile. @2 goes on with the address
 * 192.0.2.2, @6 with 2001:db8::6, @n with the name alone, + with the second target,
 * mail.example.org, ++ with the third, news.example.org. Of the scan speak quick, deep, -4, one
 * (address), byhand (targets of the command line), broken (it did not finish) and again (the newest
 * broken one goes on). No word at all is an empty list.
 *
 * A change is kind:field!severity, and @2 behind it where that is its address, or + or ++ where the
 * target is another one.
 */
#ifndef NIGHTS_H
#define NIGHTS_H

#include "tlscensus/store.h"

#define NIGHTS_MAX 18

struct night {
    const char *seen;    /* NULL behind the last */
    const char *changes; /* in the order of kinds and fields; "" for none */
};

struct nights_case {
    const char *name;
    unsigned confirm_after; /* 0: the default */
    struct night nights[NIGHTS_MAX];
};

/* Plays one row; `*state` is a struct nights_case. */
void check_nights(void **state);

/* A database of our own making with the nights of a row, for closer looks. The caller closes it. */
struct tc_store *nights_new(void);
/* Plays one night, started so many days after the first. Returns the scan. */
int64_t nights_play(struct tc_store *store, int day, const char *seen, unsigned confirm_after);
/* The changes of a scan that are stored, or those of the comparison that the store holds. */
char *nights_changes(struct tc_store *store, int64_t scan_id);

#endif
