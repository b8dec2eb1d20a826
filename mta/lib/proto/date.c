// SPDX-License-Identifier: ISC
#include "proto/date.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/number.h"

enum {
    DAY_S = 86400,
    ERA_DAYS = 146097,       /* of 400 years */
    ERA_START_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
    SECOND_NS = 1000000000,
    INSTANT_YEAR_END = 2262, /* when nanoseconds leave 64 bits */
    LEAP_GAP_YEARS = 8,      /* between the leap years around 1900, 2100, 2200 */
};

static const struct str month_names[12] = {
    STR_INIT("Jan"), STR_INIT("Feb"), STR_INIT("Mar"), STR_INIT("Apr"),
    STR_INIT("May"), STR_INIT("Jun"), STR_INIT("Jul"), STR_INIT("Aug"),
    STR_INIT("Sep"), STR_INIT("Oct"), STR_INIT("Nov"), STR_INIT("Dec"),
};
static const struct str weekday_names[7] = {
    STR_INIT("Sun"), STR_INIT("Mon"), STR_INIT("Tue"), STR_INIT("Wed"),
    STR_INIT("Thu"), STR_INIT("Fri"), STR_INIT("Sat"),
};

/* ---- calendar ------------------------------------------------------------------------------ */

static int64_t divide_down(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

/* Years are counted from March on, so that the leap day comes last; months in such a year have
 * lengths that 153 days for five months describe. */
static void set_day(struct date *date, int64_t days)
{
    int64_t shifted = days + ERA_START_DAYS;
    int64_t era = divide_down(shifted, ERA_DAYS);
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);

    date->day = (int)(day_of_year - (153 * month_from_march + 2) / 5) + 1;
    date->month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    date->year = era * 400 + year_of_era + (date->month <= 2 ? 1 : 0);
    date->weekday = (int)(days + 4 - divide_down(days + 4, 7) * 7);
}

static int64_t days_from_date(const struct date *date)
{
    int64_t year = date->year - (date->month <= 2 ? 1 : 0);
    int64_t era = divide_down(year, 400);
    int64_t year_of_era = year - era * 400;
    int month_from_march = date->month > 2 ? date->month - 3 : date->month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date->day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - ERA_START_DAYS;
}

struct date date_from_wall(int64_t wall_s, int utc_offset_s)
{
    assert(wall_s >= -DATE_WALL_S_MAX && wall_s <= DATE_WALL_S_MAX);
    int64_t local_s = wall_s + utc_offset_s;
    int64_t days = divide_down(local_s, DAY_S);
    int second_of_day = (int)(local_s - days * DAY_S);
    struct date date = {
        .hour = second_of_day / 3600,
        .minute = second_of_day / 60 % 60,
        .second = second_of_day % 60,
    };

    set_day(&date, days);
    return date;
}

int64_t date_to_wall_s(const struct date *date, int utc_offset_s)
{
    int64_t second_of_day = date->hour * 3600 + date->minute * 60 + date->second;

    return days_from_date(date) * DAY_S + second_of_day - utc_offset_s;
}

/* ---- writing ------------------------------------------------------------------------------- */

const char *date_write(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE])
{
    struct date date = date_from_wall(wall_s, utc_offset_s);
    int offset_minutes = (utc_offset_s < 0 ? -utc_offset_s : utc_offset_s) / 60;

    (void)snprintf(text, DATE_TEXT_SIZE, "%s, %2d %s %04lld %02d:%02d:%02d %c%02d%02d",
                   weekday_names[date.weekday].data, date.day, month_names[date.month - 1].data,
                   (long long)date.year, date.hour, date.minute, date.second,
                   utc_offset_s < 0 ? '-' : '+', offset_minutes / 60 % 100, offset_minutes % 60);
    return text;
}

const char *date_write_stamp(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE])
{
    struct date date = date_from_wall(wall_s, utc_offset_s);

    (void)snprintf(text, DATE_TEXT_SIZE, "%s %2d %02d:%02d:%02d", month_names[date.month - 1].data,
                   date.day, date.hour, date.minute, date.second);
    return text;
}

const char *date_write_listing(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE])
{
    char stamp[DATE_TEXT_SIZE];
    struct date date = date_from_wall(wall_s, utc_offset_s);

    (void)snprintf(text, DATE_TEXT_SIZE, "%s %.15s", weekday_names[date.weekday].data,
                   date_write_stamp(wall_s, utc_offset_s, stamp));
    return text;
}

const char *date_write_instant(int64_t wall_ns, char text[DATE_TEXT_SIZE])
{
    struct date date = date_from_wall(wall_ns / SECOND_NS, 0);

    (void)snprintf(text, DATE_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)date.year,
                   date.month, date.day, date.hour, date.minute, date.second,
                   (int)(wall_ns % SECOND_NS / 1000));
    return text;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Blanks, line endings and comments, which may be nested. */
static bool skip_blanks(struct str *rest)
{
    int depth = 0;

    while (rest->size > 0) {
        char c = rest->data[0];
        if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
        } else if (c == '\\' && depth > 0) {
            *rest = str_skip(*rest, 1);
        } else if (depth == 0 && !char_is_space(c)) {
            break;
        }
        *rest = str_skip(*rest, 1);
    }
    return depth == 0;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->size == 0 || rest->data[0] != c) {
        return false;
    }
    *rest = str_skip(*rest, 1);
    return true;
}

static bool take_number(struct str *rest, size_t digits_min, size_t digits_max, int *number)
{
    uint64_t value = 0;
    size_t size = 0;

    while (size < rest->size && char_is_digit(rest->data[size])) {
        size++;
    }
    if (size < digits_min || size > digits_max ||
        number_parse_u64(str_first(*rest, size), 9999, &value) != 0) {
        return false;
    }
    *rest = str_skip(*rest, size);
    *number = (int)value;
    return true;
}

static struct str take_word(struct str *rest)
{
    size_t size = 0;

    while (size < rest->size && char_is_alpha(rest->data[size])) {
        size++;
    }
    struct str word = str_first(*rest, size);
    *rest = str_skip(*rest, size);
    return word;
}

static int find_name(struct str word, const struct str *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (str_equal_fold(word, names[i])) {
            return i;
        }
    }
    return -1;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* [weekday ","] day month year */
static bool take_day(struct str *rest, struct date *date)
{
    int year = 0;

    if (!skip_blanks(rest)) {
        return false;
    }
    struct str weekday = take_word(rest);
    if (weekday.size > 0 && (find_name(weekday, weekday_names, 7) < 0 || !skip_blanks(rest) ||
                             !take_char(rest, ',') || !skip_blanks(rest))) {
        return false;
    }
    if (!take_number(rest, 1, 2, &date->day) || !skip_blanks(rest)) {
        return false;
    }
    date->month = find_name(take_word(rest), month_names, 12) + 1;
    struct str before_year = skip_blanks(rest) ? *rest : STR("");
    if (date->month == 0 || !take_number(rest, 2, 4, &year)) {
        return false;
    }
    size_t year_digits = before_year.size - rest->size;
    date->year = year_digits == 4                ? year
                 : year_digits == 2 && year < 50 ? year + 2000
                                                 : year + 1900;
    return date->day >= 1 && date->day <= days_in_month(date->year, date->month);
}

/* hour ":" minute [":" second] */
static bool take_time(struct str *rest, struct date *date)
{
    if (!skip_blanks(rest) || !take_number(rest, 1, 2, &date->hour) || !skip_blanks(rest) ||
        !take_char(rest, ':') || !skip_blanks(rest) || !take_number(rest, 2, 2, &date->minute) ||
        !skip_blanks(rest)) {
        return false;
    }
    date->second = 0;
    if (take_char(rest, ':') &&
        (!skip_blanks(rest) || !take_number(rest, 2, 2, &date->second) || !skip_blanks(rest))) {
        return false;
    }
    return date->hour <= 23 && date->minute <= 59 && date->second <= 60;
}

/* A zone by its name; military letters and unknown words mean UTC, RFC 5322 4.3. */
static int named_zone_s(struct str word)
{
    static const struct str names[] = {
        STR_INIT("EDT"), STR_INIT("EST"), STR_INIT("CDT"), STR_INIT("CST"),
        STR_INIT("MDT"), STR_INIT("MST"), STR_INIT("PDT"), STR_INIT("PST"),
    };
    static const int hours[] = {-4, -5, -5, -6, -6, -7, -7, -8};
    int index = find_name(word, names, 8);

    return index < 0 ? 0 : hours[index] * 3600;
}

static bool take_zone(struct str *rest, int *utc_offset_s)
{
    bool is_west = rest->size > 0 && rest->data[0] == '-';
    int number = 0;

    if (take_char(rest, '+') || take_char(rest, '-')) {
        if (!take_number(rest, 4, 4, &number) || number % 100 > 59) {
            return false;
        }
        int offset_s = number / 100 * 3600 + number % 100 * 60;
        *utc_offset_s = is_west ? -offset_s : offset_s;
        return true;
    }
    struct str word = take_word(rest);
    *utc_offset_s = named_zone_s(word);
    return word.size > 0;
}

int date_parse(struct str text, int64_t *wall_s, int *utc_offset_s)
{
    struct date date = {0};
    struct str rest = text;
    int offset_s = 0;

    if (!take_day(&rest, &date) || !take_time(&rest, &date) || !take_zone(&rest, &offset_s) ||
        !skip_blanks(&rest) || rest.size > 0) {
        return -ERR_SYNTAX;
    }
    *wall_s = date_to_wall_s(&date, offset_s);
    *utc_offset_s = offset_s;
    return 0;
}

/* The latest year in which the day exists and the time is not more than a day after now. */
static bool choose_year(struct date *date, int64_t now_wall_s, int utc_offset_s)
{
    int64_t latest_s = now_wall_s + DAY_S;
    int64_t latest_year = date_from_wall(latest_s, utc_offset_s).year;

    for (int back = 0; back <= LEAP_GAP_YEARS; back++) {
        date->year = latest_year - back;
        if (date->day <= days_in_month(date->year, date->month) &&
            date_to_wall_s(date, utc_offset_s) <= latest_s) {
            return true;
        }
    }
    return false;
}

int date_parse_stamp(struct str text, int64_t now_wall_s, int utc_offset_s, int64_t *wall_s)
{
    struct date date = {0};
    struct str rest = text;
    char again[DATE_TEXT_SIZE];

    date.month = find_name(take_word(&rest), month_names, 12) + 1;
    if (date.month == 0 || !skip_blanks(&rest) || !take_number(&rest, 1, 2, &date.day) ||
        !take_time(&rest, &date) || !choose_year(&date, now_wall_s, utc_offset_s)) {
        return -ERR_SYNTAX;
    }
    int64_t read_s = date_to_wall_s(&date, utc_offset_s);
    if (!str_equal(str_from(date_write_stamp(read_s, utc_offset_s, again)), text)) {
        return -ERR_SYNTAX;
    }
    *wall_s = read_s;
    return 0;
}

/* Microseconds and the Z of UTC. */
static bool take_fraction(struct str *rest, int64_t *fraction_ns)
{
    const size_t digits = 6;
    uint64_t micro_s = 0;

    if (!take_char(rest, '.') ||
        number_parse_u64(str_first(*rest, digits), 999999, &micro_s) != 0) {
        return false;
    }
    *fraction_ns = (int64_t)micro_s * 1000;
    *rest = str_skip(*rest, digits);
    return take_char(rest, 'Z');
}

int date_parse_instant(struct str text, int64_t *wall_ns)
{
    struct date date = {0};
    struct str rest = text;
    int year = 0;
    int64_t fraction_ns = 0;
    char again[DATE_TEXT_SIZE];

    if (!take_number(&rest, 4, 4, &year) || !take_char(&rest, '-') ||
        !take_number(&rest, 2, 2, &date.month) || !take_char(&rest, '-') ||
        !take_number(&rest, 2, 2, &date.day) || !take_char(&rest, 'T') ||
        !take_time(&rest, &date) || !take_fraction(&rest, &fraction_ns) || year < 1970 ||
        year >= INSTANT_YEAR_END || date.month < 1 || date.month > 12) {
        return -ERR_SYNTAX;
    }
    date.year = year;
    int64_t read_ns = date_to_wall_s(&date, 0) * SECOND_NS + fraction_ns;
    if (!str_equal(str_from(date_write_instant(read_ns, again)), text)) {
        return -ERR_SYNTAX;
    }
    *wall_ns = read_ns;
    return 0;
}
