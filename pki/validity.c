/* Dates of a certificate to seconds since 1970-01-01 UTC. */
#include "reader.h"

/* Days from 1970-01-01 to a date of the Gregorian calendar, before 1970 too. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t past = year - 1; /* whole years since the year 1; RFC 5280 dates start at year 0 */
    int64_t leap_days = past < 0 ? 0 : past / 4 - past / 100 + past / 400 + 1;
    int64_t days = year * 365 + leap_days - 719528; /* 0000-01-01 is 719,528 days before 1970 */
    return days + before[month - 1] + (is_leap && month > 2 ? 1 : 0) + day - 1;
}

/* Two decimal digits between `low` and `high`. */
static bool get_two_digits(CBS *text, unsigned *out, unsigned low, unsigned high)
{
    uint8_t tens = 0;
    uint8_t ones = 0;
    if (!CBS_get_u8(text, &tens) || !CBS_get_u8(text, &ones) || tens < '0' || tens > '9' ||
        ones < '0' || ones > '9') {
        return false;
    }
    *out = (tens - '0') * 10U + (ones - '0');
    return *out >= low && *out <= high;
}

/* RFC 5280 section 4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, nothing else. */
static bool read_time(CBS *validity, int64_t *out_s)
{
    static const unsigned days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CBS text;
    unsigned tag = 0;
    unsigned century = 0;
    unsigned part[6]; /* year of the century, month, day, hour, minute, second */
    if (!CBS_get_any_asn1(validity, &text, &tag) ||
        (tag != CBS_ASN1_UTCTIME && tag != CBS_ASN1_GENERALIZEDTIME) ||
        (tag == CBS_ASN1_GENERALIZEDTIME && !get_two_digits(&text, &century, 0, 99)) ||
        !get_two_digits(&text, &part[0], 0, 99) || !get_two_digits(&text, &part[1], 1, 12) ||
        !get_two_digits(&text, &part[2], 1, 31) || !get_two_digits(&text, &part[3], 0, 23) ||
        !get_two_digits(&text, &part[4], 0, 59) || !get_two_digits(&text, &part[5], 0, 59) ||
        !CBS_mem_equal(&text, (const uint8_t *)"Z", 1)) {
        return false;
    }
    if (tag == CBS_ASN1_UTCTIME) {
        century = part[0] >= 50 ? 19 : 20;
    }
    int64_t year = (int64_t)century * 100 + part[0];
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (part[2] > days_of[part[1] - 1] + (is_leap && part[1] == 2 ? 1U : 0U)) {
        return false;
    }
    *out_s = days_from_civil(year, part[1], part[2]) * 86400 + (int64_t)part[3] * 3600 +
             (int64_t)part[4] * 60 + part[5];
    return true;
}

bool read_validity(struct reader *reader, CBS validity)
{
    int64_t not_before_s = 0;
    int64_t not_after_s = 0;
    if (!read_time(&validity, &not_before_s) || !read_time(&validity, &not_after_s) ||
        CBS_len(&validity) != 0) {
        return false;
    }
    reader->cert->not_before_s = not_before_s;
    reader->cert->not_after_s = not_after_s;
    reader->cert->has_validity = true;
    return true;
}
