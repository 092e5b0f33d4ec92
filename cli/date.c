#include "cli/date.h"

/* Days since 1970-01-01, Gregorian: years begin in March, so that the leap day comes last. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Reads exactly `digits` decimal digits at `*text` and moves behind them. */
static bool read_digits(int *out, const char **text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9') {
            return false;
        }
        value = value * 10 + (**text - '0');
    }
    *out = value;
    return true;
}

static bool read_char(const char **text, char wanted)
{
    if (**text != wanted) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_time_of_day(int *out_s, const char **text)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!read_char(text, 'T') || !read_digits(&hour, text, 2) || !read_char(text, ':') ||
        !read_digits(&minute, text, 2) || !read_char(text, ':') || !read_digits(&second, text, 2) ||
        !read_char(text, 'Z')) {
        return false;
    }
    *out_s = hour * 3600 + minute * 60 + second;
    return hour <= 23 && minute <= 59 && second <= 59;
}

bool cli_parse_date(int64_t *out_s, const char *text)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int second_of_day = 0;
    if (!read_digits(&year, &text, 4) || !read_char(&text, '-') || !read_digits(&month, &text, 2) ||
        !read_char(&text, '-') || !read_digits(&day, &text, 2)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    if (*text != '\0' && !read_time_of_day(&second_of_day, &text)) {
        return false;
    }
    *out_s = days_from_civil(year, month, day) * 86400 + second_of_day;
    return *text == '\0';
}
