/* Numbers, times and spans in the words of the page. Each function writes into and returns `out`.
 */
#ifndef REPORT_HTML_WORDS_H
#define REPORT_HTML_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTML_WORDS      40 /* room for any of these */
#define SECONDS_PER_DAY 86400

/* "1,234,567" */
const char *html_words_count(char out[HTML_WORDS], int64_t number);
/* "13%", "<1%", ">99%"; "" where there is no whole */
const char *html_words_share(char out[HTML_WORDS], int64_t part, int64_t whole);
/* "in 12 d", "in 3.4 y", "in < 1 d", "expired 3 d ago" */
const char *html_words_left(char out[HTML_WORDS], int64_t days);
/* "2026-11-23" and "2026-11-23 02:00:04", UTC */
const char *html_words_date(char out[HTML_WORDS], int64_t unix_s);
const char *html_words_time(char out[HTML_WORDS], int64_t unix_s);
/* "3.1", "1,234.5": microseconds as milliseconds */
const char *html_words_ms(char out[HTML_WORDS], int64_t us);
/* "endpoint", "endpoints" */
const char *html_plural(int64_t number, const char *one, const char *many);

/* Whole days from `now_s` to `then_s`, rounded down before and after. */
int64_t html_days_between(int64_t now_s, int64_t then_s);

/*
 * html_expiry_tone says how near its end a certificate is: "crit" past it, "high", "med", or "ok".
 * The limits follow its own lifetime, so a six-day certificate is not always red.
 * Units: seconds.
 */
const char *html_expiry_tone(int64_t life_s, int64_t left_s);
/* The part of a lifetime that is over, 1 to 100. */
int html_life_used(int64_t life_s, int64_t left_s);
/* "crit", "high", "med", "low", "info" and "Critical", … for a severity of 0 to 4 */
const char *html_severity_tone(int64_t severity);
const char *html_severity_word(int64_t severity);
/* "ok", "med", "high", "crit" for a grade; "info" for none */
const char *html_grade_tone(const char *grade);

#endif
