// SPDX-License-Identifier: ISC
/* proto/date - wall time as people and programs write it
 *
 * Grammar   date and time of RFC 5322 3.3, reading also 4.3 (two-digit years, zone names, no
 *           weekday, comments); time stamp of RFC 3164 4.1.2; instant in UTC of RFC 3339 5.6
 * Units     wall time in seconds since 1970-01-01 UTC, offset in seconds east of UTC
 * Limits    years 0 to 9999 when reading; any 64-bit second within +/- DATE_WALL_S_MAX otherwise
 * Memory    none; texts are written into the caller's array and returned
 * Blocks    never
 */
#ifndef PROTO_DATE_H
#define PROTO_DATE_H

#include <stdint.h>

#include "base/attribute.h"
#include "base/str.h"

#define DATE_WALL_S_MAX INT64_C(4000000000000000)

enum { DATE_TEXT_SIZE = 64 };

struct date {
    int64_t year;
    int month;   /* 1 to 12 */
    int day;     /* 1 to 31 */
    int hour;    /* 0 to 23 */
    int minute;  /* 0 to 59 */
    int second;  /* 0 to 59 */
    int weekday; /* 0 is Sunday */
};

/* The calendar date at that place; the proleptic Gregorian calendar. */
struct date date_from_wall(int64_t wall_s, int utc_offset_s);
/* Its inverse; weekday is ignored. */
int64_t date_to_wall_s(const struct date *date, int utc_offset_s);

/* Tue, 24 Nov 2026 03:45:57 +0000 */
const char *date_write(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE]);
/* Nov 24 03:45:57, the day in two columns */
const char *date_write_stamp(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE]);
/* Tue Nov 24 03:45:57, as queue listings show it */
const char *date_write_listing(int64_t wall_s, int utc_offset_s, char text[DATE_TEXT_SIZE]);
/* 2026-11-24T03:45:57.123456Z; not before 1970 */
const char *date_write_instant(int64_t wall_ns, char text[DATE_TEXT_SIZE]);

/* 0 or -ERR_SYNTAX; a second of 60 is the first second of the next minute. */
MUST_USE int date_parse(struct str text, int64_t *wall_s, int *utc_offset_s);
/* Exactly what date_write_stamp() writes, in the year that makes it the latest time not more than
 * a day after now; 0 or -ERR_SYNTAX. */
MUST_USE int date_parse_stamp(struct str text, int64_t now_wall_s, int utc_offset_s,
                              int64_t *wall_s);
/* Exactly what date_write_instant() writes; 0 or -ERR_SYNTAX. */
MUST_USE int date_parse_instant(struct str text, int64_t *wall_ns);

#endif
