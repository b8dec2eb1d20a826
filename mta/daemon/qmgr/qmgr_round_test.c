// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qmgr/qmgr_round.h"

enum { MINIMAL_S = 300, MAXIMAL_S = 4000, LIFETIME_S = 432000, RUN_S = 300 };

static int64_t backoff_s(int64_t now_wall_ns, int64_t create_wall_s)
{
    int64_t pause_ns = qmgr_round_backoff_ns(now_wall_ns, create_wall_s, MINIMAL_S * SYS_SECOND_NS,
                                             MAXIMAL_S * SYS_SECOND_NS);
    assert_int_equal(pause_ns % SYS_SECOND_NS, 0);
    return pause_ns / SYS_SECOND_NS;
}

static void test_the_pause_is_the_age_within_limits(void **state)
{
    (void)state;
    static const struct {
        int64_t age_s;
        int64_t pause_s;
    } rows[] = {
        {-10, 300}, {0, 300},     {299, 300},   {300, 300},     {301, 301},
        {500, 500}, {3999, 3999}, {4000, 4000}, {400000, 4000},
    };
    const int64_t create_s = 1000000;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t now_ns = (create_s + rows[i].age_s) * SYS_SECOND_NS;
        assert_int_equal(backoff_s(now_ns, create_s), rows[i].pause_s);
    }
}

static void test_fractions_of_a_second_do_not_add_up(void **state)
{
    (void)state;
    assert_int_equal(backoff_s(1500 * SYS_SECOND_NS + 999 * SYS_MILLI_NS, 1000), 500);
}

/* Queue runs at first_run_s and each RUN_S after it; attempts take no time. The times of attempts
 * up to the one at which the message has expired; their number is returned. */
static int attempts(int64_t first_run_s, int64_t *times, int count_max, int64_t *last)
{
    int count = 0;
    int64_t now_s = 0;
    for (;;) {
        if (count < count_max) {
            times[count] = now_s;
        }
        count++;
        if (now_s >= LIFETIME_S) {
            *last = now_s;
            return count;
        }
        int64_t due_s = now_s + backoff_s(now_s * SYS_SECOND_NS, 0);
        now_s = first_run_s + (due_s - first_run_s + RUN_S - 1) / RUN_S * RUN_S;
    }
}

static void check_attempts(int64_t first_run_s, const int64_t *expected, int expected_count,
                           int count, int64_t last)
{
    int64_t times[16];
    int64_t found_last;
    assert_in_range(expected_count, 1, 16);
    assert_int_equal(attempts(first_run_s, times, expected_count, &found_last), count);
    for (int i = 0; i < expected_count; i++) {
        assert_int_equal(times[i], expected[i]);
    }
    assert_int_equal(found_last, last);
}

static void test_five_days_between_queue_runs(void **state)
{
    (void)state;
    static const int64_t expected[] = {0, 500, 1100, 2300, 4700, 8900, 13100, 17300};
    check_attempts(-100, expected, 8, 107, 433100);
}

static void test_five_days_on_the_grid(void **state)
{
    (void)state;
    static const int64_t expected[] = {0, 300, 600, 1200, 2400, 4800, 9000, 13200};
    check_attempts(-300, expected, 8, 108, 433200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pause_is_the_age_within_limits),
        cmocka_unit_test(test_fractions_of_a_second_do_not_add_up),
        cmocka_unit_test(test_five_days_between_queue_runs),
        cmocka_unit_test(test_five_days_on_the_grid),
    };
    return cmocka_run_group_tests_name("qmgr_round", tests, NULL, NULL);
}
