// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "qmgr/qmgr_feedback.h"

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum qmgr_feedback_kind kind;
        int64_t base;
    } rows[] = {
        {"1", QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
        {"0", QMGR_FEEDBACK_CONSTANT, 0},
        {" 0.5 ", QMGR_FEEDBACK_CONSTANT, QMGR_ONE / 2},
        {".25", QMGR_FEEDBACK_CONSTANT, QMGR_ONE / 10 * 2 + QMGR_ONE / 100 * 5},
        {"1/3", QMGR_FEEDBACK_CONSTANT, QMGR_ONE / 3},
        {"2 / 5", QMGR_FEEDBACK_CONSTANT, QMGR_ONE / 5 * 2},
        {"0.5/0.5", QMGR_FEEDBACK_CONSTANT, QMGR_ONE},
        {"1/concurrency", QMGR_FEEDBACK_PER_CONCURRENCY, QMGR_ONE},
        {"0.5 / concurrency", QMGR_FEEDBACK_PER_CONCURRENCY, QMGR_ONE / 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct qmgr_feedback feedback;
        assert_int_equal(qmgr_feedback_parse(str_from(rows[i].text), &feedback), 0);
        assert_int_equal(feedback.kind, rows[i].kind);
        assert_int_equal(feedback.base, rows[i].base);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "concurrency",
        "x",
        "1.5",
        "2/concurrency",
        "1/sqrt_concurrency",
        "1/",
        "1/0",
        "-1",
        "1 2",
        "1/2/3",
        "1/concurrency x",
        "0.5/0.0001",
        "99999999999999",
        "1..5",
        ".",
        "1e0",
        "/concurrency",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct qmgr_feedback feedback;
        assert_int_equal(qmgr_feedback_parse(str_from(texts[i]), &feedback), -ERR_SYNTAX);
    }
}

static void test_as_many_parts_as_places_are_a_whole(void **state)
{
    (void)state;
    const struct qmgr_feedback feedback = {QMGR_FEEDBACK_PER_CONCURRENCY, QMGR_ONE};
    for (int places = 1; places <= 1000; places++) {
        int64_t sum = qmgr_feedback_at(&feedback, places) * places;
        assert_in_range(sum, QMGR_ONE, QMGR_ONE + places);
        assert_true(places > 20 || sum == QMGR_ONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_as_many_parts_as_places_are_a_whole),
    };
    return cmocka_run_group_tests_name("qmgr_feedback", tests, NULL, NULL);
}
