// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qmgr/qmgr_window.h"

static const struct qmgr_window_rules usual = {
    .initial = 5,
    .limit = 20,
    .positive = {QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
    .negative = {QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
    .failed_cohort_limit = 1,
};

static struct qmgr_window fresh(const struct qmgr_window_rules *rules)
{
    struct qmgr_window window;
    qmgr_window_reset(&window, rules);
    return window;
}

static void test_each_success_widens_up_to_the_limit(void **state)
{
    (void)state;
    struct qmgr_window window = fresh(&usual);
    for (int size = 5; size < 20; size++) {
        assert_int_equal(window.size, size);
        qmgr_window_succeeded(&window, &usual, window.size);
    }
    qmgr_window_succeeded(&window, &usual, window.size);
    assert_int_equal(window.size, 20);
}

static void test_an_unused_window_does_not_grow(void **state)
{
    (void)state;
    struct qmgr_window window = fresh(&usual);
    qmgr_window_succeeded(&window, &usual, 1);
    assert_int_equal(window.size, 6);
    qmgr_window_succeeded(&window, &usual, 1); /* 6 is not below 1 + 5 */
    assert_int_equal(window.size, 6);
}

static void test_failures_of_a_new_destination(void **state)
{
    (void)state;
    struct qmgr_window window = fresh(&usual);
    assert_false(qmgr_window_failed(&window, &usual));
    assert_int_equal(window.size, 3);
    assert_false(qmgr_window_failed(&window, &usual));
    assert_int_equal(window.size, 2);
    assert_true(qmgr_window_failed(&window, &usual));
}

static void test_a_success_ends_the_count_of_cohorts(void **state)
{
    (void)state;
    struct qmgr_window window = fresh(&usual);
    assert_false(qmgr_window_failed(&window, &usual));
    assert_false(qmgr_window_failed(&window, &usual));
    qmgr_window_succeeded(&window, &usual, 2);
    assert_int_equal(window.size, 3);
    assert_false(qmgr_window_failed(&window, &usual));
}

static void test_one_failure_kills_where_one_delivery_runs(void **state)
{
    (void)state;
    struct qmgr_window_rules rules = usual;
    rules.limit = 1;
    struct qmgr_window window = fresh(&rules);
    assert_int_equal(window.size, 1);
    assert_true(qmgr_window_failed(&window, &rules));
}

static void test_more_cohorts_and_no_limit(void **state)
{
    (void)state;
    struct qmgr_window_rules rules = usual;
    rules.failed_cohort_limit = 10;
    struct qmgr_window window = fresh(&rules);
    int count = 1;
    while (!qmgr_window_failed(&window, &rules)) {
        count++;
        assert_in_range(count, 1, 100);
    }
    /* 1/5 + 1/3 + 1/2, then 9 times 1: the window is 1 */
    assert_int_equal(count, 12);
    rules.failed_cohort_limit = 0;
    window = fresh(&rules);
    for (int i = 0; i < 1000; i++) {
        assert_false(qmgr_window_failed(&window, &rules));
    }
    assert_int_equal(window.size, 1);
}

static void test_a_cohort_of_successes_widens_by_one(void **state)
{
    (void)state;
    struct qmgr_window_rules rules = usual;
    rules.positive.kind = QMGR_FEEDBACK_PER_CONCURRENCY;
    struct qmgr_window window = fresh(&rules);
    for (int size = 5; size < 20; size++) {
        for (int i = 0; i < size; i++) {
            assert_int_equal(window.size, size);
            qmgr_window_succeeded(&window, &rules, window.size);
        }
    }
    assert_int_equal(window.size, 20);
}

static void test_a_cohort_of_failures_narrows_at_its_begin(void **state)
{
    (void)state;
    struct qmgr_window_rules rules = usual;
    rules.negative.kind = QMGR_FEEDBACK_PER_CONCURRENCY;
    rules.failed_cohort_limit = 0;
    struct qmgr_window window = fresh(&rules);
    assert_false(qmgr_window_failed(&window, &rules));
    assert_int_equal(window.size, 4);
    for (int i = 0; i < 3; i++) { /* 1 - 1/5 is left, and 1/8 at least must stay */
        assert_false(qmgr_window_failed(&window, &rules));
        assert_int_equal(window.size, i < 2 ? 4 : 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_success_widens_up_to_the_limit),
        cmocka_unit_test(test_an_unused_window_does_not_grow),
        cmocka_unit_test(test_failures_of_a_new_destination),
        cmocka_unit_test(test_a_success_ends_the_count_of_cohorts),
        cmocka_unit_test(test_one_failure_kills_where_one_delivery_runs),
        cmocka_unit_test(test_more_cohorts_and_no_limit),
        cmocka_unit_test(test_a_cohort_of_successes_widens_by_one),
        cmocka_unit_test(test_a_cohort_of_failures_narrows_at_its_begin),
    };
    return cmocka_run_group_tests_name("qmgr_window", tests, NULL, NULL);
}
