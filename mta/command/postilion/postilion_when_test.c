// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postilion/postilion_when.h"

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static void expect_span(int64_t seconds, const char *expected)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf out;
    buf_init(&out, mem, 100);
    postilion_when_put_span(&out, seconds);
    assert_string_equal(buf_text(&out), expected);
    mem_destroy(mem);
}

static void expect_when(int64_t wall_s, int64_t now_wall_s, int utc_offset_s, const char *expected)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf out;
    buf_init(&out, mem, 100);
    postilion_when_put(&out, wall_s, now_wall_s, utc_offset_s);
    assert_string_equal(buf_text(&out), expected);
    mem_destroy(mem);
}

static void a_span_has_its_largest_units(void **state)
{
    (void)state;
    expect_span(0, "0s");
    expect_span(59, "59s");
    expect_span(60, "1m");
    expect_span(719, "11m");
    expect_span(3600, "1h");
    expect_span(3660, "1h1m");
    expect_span(86399, "23h59m");
    expect_span(86400, "1d");
    expect_span(5 * 86400 - 1, "4d23h");
}

static void a_time_says_how_far_it_is(void **state)
{
    (void)state;
    expect_when(1795510562, 1795510562, 0, "Tue Nov 24 08:56:02, now");
    expect_when(1795510562, 1795510262, 0, "Tue Nov 24 08:56:02, in 5m");
    expect_when(1795510562, 1795510567, 3600, "Tue Nov 24 09:56:02, 5s ago");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_has_its_largest_units),
        cmocka_unit_test(a_time_says_how_far_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
