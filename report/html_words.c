#include "html_words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *html_words_count(char out[HTML_WORDS], int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)number);
    char *to = out;
    for (int i = 0; i < len; i++) {
        int rest = len - i;
        if (i > 0 && rest % 3 == 0 && digits[i - 1] != '-') {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *html_words_share(char out[HTML_WORDS], int64_t part, int64_t whole)
{
    if (whole <= 0) {
        out[0] = '\0';
        return out;
    }
    int64_t percent = (part * 200 + whole) / (whole * 2); /* to the nearest */
    if (part > 0 && percent == 0) {
        snprintf(out, HTML_WORDS, "<1%%");
    } else if (part < whole && percent == 100) {
        snprintf(out, HTML_WORDS, ">99%%");
    } else {
        snprintf(out, HTML_WORDS, "%lld%%", (long long)percent);
    }
    return out;
}

const char *html_words_left(char out[HTML_WORDS], int64_t days)
{
    if (days < 0) {
        char count[HTML_WORDS];
        snprintf(out, HTML_WORDS, "expired %.20s d ago", html_words_count(count, -days));
    } else if (days == 0) {
        snprintf(out, HTML_WORDS, "in < 1 d");
    } else if (days < 730) {
        snprintf(out, HTML_WORDS, "in %lld d", (long long)days);
    } else {
        long long tenths = (long long)(days * 40 / 1461); /* of years of 365.25 days */
        snprintf(out, HTML_WORDS, "in %lld.%lld y", tenths / 10, tenths % 10);
    }
    return out;
}

const char *html_words_date(char out[HTML_WORDS], int64_t unix_s)
{
    time_t seconds = (time_t)unix_s;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || strftime(out, HTML_WORDS, "%Y-%m-%d", &parts) == 0) {
        snprintf(out, HTML_WORDS, "?");
    }
    return out;
}

const char *html_words_time(char out[HTML_WORDS], int64_t unix_s)
{
    time_t seconds = (time_t)unix_s;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, HTML_WORDS, "%Y-%m-%d %H:%M:%S", &parts) == 0) {
        snprintf(out, HTML_WORDS, "?");
    }
    return out;
}

const char *html_words_ms(char out[HTML_WORDS], int64_t us)
{
    char whole[HTML_WORDS];
    int64_t tenths = (us + 50) / 100;
    snprintf(out, HTML_WORDS, "%.30s.%d", html_words_count(whole, tenths / 10), (int)(tenths % 10));
    return out;
}

const char *html_plural(int64_t number, const char *one, const char *many)
{
    return number == 1 ? one : many;
}

int64_t html_days_between(int64_t now_s, int64_t then_s)
{
    int64_t left = then_s - now_s;
    return left / SECONDS_PER_DAY - (left % SECONDS_PER_DAY < 0 ? 1 : 0);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

const char *html_expiry_tone(int64_t life_s, int64_t left_s)
{
    bool is_short = life_s <= (int64_t)10 * SECONDS_PER_DAY;
    int64_t now = is_short ? life_s / 8 : smaller(life_s / 12, (int64_t)3 * SECONDS_PER_DAY);
    int64_t soon = is_short ? life_s / 4 : smaller(life_s / 6, (int64_t)14 * SECONDS_PER_DAY);
    if (left_s < 0) {
        return "crit";
    }
    return left_s < now ? "high" : left_s < soon ? "med" : "ok";
}

int html_life_used(int64_t life_s, int64_t left_s)
{
    if (life_s <= 0 || left_s <= 0) {
        return 100;
    }
    int64_t used = left_s >= life_s ? 0 : (life_s - left_s) / (life_s / 100 + 1);
    return used < 1 ? 1 : used > 100 ? 100 : (int)used;
}

const char *html_severity_tone(int64_t severity)
{
    static const char *const k_tones[] = {"info", "low", "med", "high", "crit"};
    return severity >= 0 && severity <= 4 ? k_tones[severity] : "info";
}

const char *html_severity_word(int64_t severity)
{
    static const char *const k_words[] = {"Info", "Low", "Medium", "High", "Critical"};
    return severity >= 0 && severity <= 4 ? k_words[severity] : "Info";
}

const char *html_grade_tone(const char *grade)
{
    switch (grade[0]) {
    case 'A':
        return "ok";
    case 'B':
        return "med";
    case 'C':
    case 'D':
        return "high";
    case '\0':
        return "info";
    default:
        return "crit";
    }
}
