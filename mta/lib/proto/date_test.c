// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/date.h"

#include "base/err.h"
#include "proto/test_page.h"

struct calendar_case {
    int64_t wall_s;
    int64_t year;
    int month;
    int day;
    int second_of_day;
    int weekday;
};

static const struct calendar_case calendar_cases[] = {
    {0, 1970, 1, 1, 0, 4},
    {-1, 1969, 12, 31, 86399, 3},
    {951782400, 2000, 2, 29, 0, 2},
    {1079568000, 2004, 3, 18, 0, 4},
    {2147483647, 2038, 1, 19, 11647, 2},
    {4107542400, 2100, 3, 1, 0, 1},
    {253402300799, 9999, 12, 31, 86399, 5},
    {-62167219200, 0, 1, 1, 0, 6},
    {-62167219201, -1, 12, 31, 86399, 5},
};

static void test_calendar(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(calendar_cases) / sizeof(calendar_cases[0]); i++) {
        const struct calendar_case *c = &calendar_cases[i];
        struct date date = date_from_wall(c->wall_s, 0);
        assert_int_equal(date.year, c->year);
        assert_int_equal(date.month, c->month);
        assert_int_equal(date.day, c->day);
        assert_int_equal(date.hour * 3600 + date.minute * 60 + date.second, c->second_of_day);
        assert_int_equal(date.weekday, c->weekday);
        assert_int_equal(date_to_wall_s(&date, 0), c->wall_s);
    }
}

static void test_each_day_of_four_centuries(void **state)
{
    int weekday = date_from_wall(-400 * INT64_C(366) * 86400, 0).weekday;

    (void)state;
    for (int64_t day = -400 * 366; day < 200 * 366; day++) {
        struct date date = date_from_wall(day * 86400, 0);
        assert_int_equal(date_to_wall_s(&date, 0), day * 86400);
        assert_int_equal(date.weekday, weekday);
        weekday = (weekday + 1) % 7;
    }
}

static void test_writing(void **state)
{
    char text[DATE_TEXT_SIZE];

    (void)state;
    assert_string_equal(date_write(1795535157, 0, text), "Tue, 24 Nov 2026 15:45:57 +0000");
    assert_string_equal(date_write(1795535157, -19800, text), "Tue, 24 Nov 2026 10:15:57 -0530");
    assert_string_equal(date_write(0, 3600, text), "Thu,  1 Jan 1970 01:00:00 +0100");
    assert_string_equal(date_write_stamp(0, 0, text), "Jan  1 00:00:00");
    assert_string_equal(date_write_stamp(1795535157, 0, text), "Nov 24 15:45:57");
    assert_string_equal(date_write_listing(1795535157, 0, text), "Tue Nov 24 15:45:57");
}

struct parse_case {
    const char *text;
    int error;
    int64_t wall_s;
    int utc_offset_s;
};

static const struct parse_case parse_cases[] = {
    {"Tue, 24 Nov 2026 15:45:57 +0000", 0, 1795535157, 0},
    {"24 Nov 2026 15:45:57 +0000", 0, 1795535157, 0},
    {"tue, 24 nov 2026 10:15:57 -0530 (somewhere (or not))", 0, 1795535157, -19800},
    {"Thu, 1 Jan 70 00:00 GMT", 0, 0, 0},
    {"1 Jan 2000 00:00:00 EST", 0, 946702800, -18000},
    {"1 Jan 00 00:00:00 UT", 0, 946684800, 0},
    {"1 Jan 100 00:00:00 UT", 0, 946684800, 0},
    {" 1 (one) Jan\r\n 1970 0 : 00 : 01 Z", 0, 1, 0},
    {"30 Jun 2015 23:59:60 +0000", 0, 1435708800, 0},
    {"29 Feb 2024 00:00:00 +0000", 0, 1709164800, 0},
    {"29 Feb 2023 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"31 Apr 2023 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"0 Jan 2023 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"1 Foo 2023 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 24:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:60:00 +0000", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:61 +0000", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:00", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:00 +000", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:00 +0060", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:00 +0000 x", -ERR_SYNTAX, 0, 0},
    {"1 Jan 2023 00:00:00 +0000 (open", -ERR_SYNTAX, 0, 0},
    {"1 Jan 12345 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"Foo, 1 Jan 2023 00:00:00 +0000", -ERR_SYNTAX, 0, 0},
    {"", -ERR_SYNTAX, 0, 0},
    {"(\\", -ERR_SYNTAX, 0, 0},
};

static void test_parsing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parse_cases) / sizeof(parse_cases[0]); i++) {
        const struct parse_case *c = &parse_cases[i];
        int64_t wall_s = 0;
        int utc_offset_s = 0;
        struct str text = test_page(str_from(c->text));
        assert_int_equal(date_parse(text, &wall_s, &utc_offset_s), c->error);
        assert_int_equal(wall_s, c->wall_s);
        assert_int_equal(utc_offset_s, c->utc_offset_s);
    }
}

struct stamp_case {
    const char *text;
    int64_t now_wall_s;
    int utc_offset_s;
    int64_t wall_s; /* -1: refused */
};

static const struct stamp_case stamp_cases[] = {
    {"Nov 24 15:45:57", 1795535157, 0, 1795535157},
    {"Nov 24 15:45:57", 1795535157, 3600, 1795531557},
    {"Nov 25 15:45:57", 1795535157, 0, 1795621557}, /* just a day after now */
    {"Nov 25 15:45:58", 1795535157, 0, 1764085558}, /* of the year before */
    {"Jan  1 00:00:00", 1798761599, 0, 1798761600}, /* on New Year's Eve */
    {"Dec 31 23:59:59", 1798761600, 0, 1798761599},
    {"Feb 29 00:00:00", 1795535157, 0, 1709164800}, /* 2024 */
    {"Feb 29 00:00:00", 4228934400, 0, 3981312000}, /* early in 2104: 2096, 2100 is no leap year */
    {"Feb 30 00:00:00", 1795535157, 0, -1},
    {"Nov  0 15:45:57", 1795535157, 0, -1},
    {"Nov 4 15:45:57", 1795535157, 0, -1},
    {"Nov 04 15:45:57", 1795535157, 0, -1},
    {"nov 24 15:45:57", 1795535157, 0, -1},
    {"Foo 24 15:45:57", 1795535157, 0, -1},
    {"Nov 24 15:45", 1795535157, 0, -1},
    {"Nov 24 15:45:60", 1795535157, 0, -1},
    {"Nov 24 5:45:57", 1795535157, 0, -1},
    {"Nov 24 15:45:57 ", 1795535157, 0, -1},
    {"Nov 24 15:45:57x", 1795535157, 0, -1},
    {"", 1795535157, 0, -1},
};

static void test_parsing_a_stamp(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stamp_cases) / sizeof(stamp_cases[0]); i++) {
        const struct stamp_case *c = &stamp_cases[i];
        int64_t wall_s = -1;
        int error =
            date_parse_stamp(test_page(str_from(c->text)), c->now_wall_s, c->utc_offset_s, &wall_s);
        assert_int_equal(error, c->wall_s < 0 ? -ERR_SYNTAX : 0);
        assert_int_equal(wall_s, c->wall_s);
    }
}

static void test_instants(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-11-24T15:45:57Z",
        "2026-11-24T15:45:57.12345Z",
        "2026-11-24T15:45:57.1234567Z",
        "2026-11-24T15:45:57.123456",
        "2026-11-24T15:45:57.123456+00:00",
        "2026-11-24 15:45:57.123456Z",
        "2026-11-24T15:45:57.123456Zx",
        "2026-13-24T15:45:57.123456Z",
        "2026-00-24T15:45:57.123456Z",
        "2026-02-29T15:45:57.123456Z",
        "2026-11-00T15:45:57.123456Z",
        "2026-11-24T15:45:60.123456Z",
        "1969-12-31T23:59:59.000000Z",
        "2262-01-01T00:00:00.000000Z",
    };
    char text[DATE_TEXT_SIZE];
    int64_t wall_ns = 0;

    (void)state;
    assert_string_equal(date_write_instant(1795535157123456789, text),
                        "2026-11-24T15:45:57.123456Z");
    assert_int_equal(date_parse_instant(test_page(str_from(text)), &wall_ns), 0);
    assert_int_equal(wall_ns, 1795535157123456000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(date_parse_instant(test_page(str_from(bad[i])), &wall_ns), -ERR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar),        cmocka_unit_test(test_each_day_of_four_centuries),
        cmocka_unit_test(test_writing),         cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_parsing_a_stamp), cmocka_unit_test(test_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
