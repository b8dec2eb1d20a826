// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

#include "base/err.h"

static void test_unsigned(void **state)
{
    uint64_t value = 7;

    (void)state;
    assert_int_equal(number_parse_u64(STR("0"), 10, &value), 0);
    assert_int_equal(value, 0);
    assert_int_equal(number_parse_u64(STR("0010"), 10, &value), 0);
    assert_int_equal(value, 10);
    assert_int_equal(number_parse_u64(STR("18446744073709551615"), UINT64_MAX, &value), 0);
    assert_true(value == UINT64_MAX);
    value = 7;
    assert_int_equal(number_parse_u64(STR("18446744073709551616"), UINT64_MAX, &value), -ERR_LIMIT);
    assert_int_equal(number_parse_u64(STR("11"), 10, &value), -ERR_LIMIT);
    assert_int_equal(number_parse_u64(STR(""), 10, &value), -ERR_SYNTAX);
    assert_int_equal(number_parse_u64(STR("1 "), 10, &value), -ERR_SYNTAX);
    assert_int_equal(number_parse_u64(STR("-1"), 10, &value), -ERR_SYNTAX);
    assert_int_equal(number_parse_u64(STR("+1"), 10, &value), -ERR_SYNTAX);
    assert_int_equal(number_parse_u64(STR("99999999999999999999x"), 10, &value), -ERR_SYNTAX);
    assert_int_equal(value, 7);
}

static void test_signed(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_int_equal(number_parse_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &value),
                     0);
    assert_true(value == INT64_MIN);
    assert_int_equal(number_parse_i64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &value), 0);
    assert_true(value == INT64_MAX);
    assert_int_equal(number_parse_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &value),
                     -ERR_LIMIT);
    assert_int_equal(number_parse_i64(STR("-3"), -2, 2, &value), -ERR_LIMIT);
    assert_int_equal(number_parse_i64(STR("-"), -2, 2, &value), -ERR_SYNTAX);
    assert_int_equal(number_parse_i64(STR("--1"), -2, 2, &value), -ERR_SYNTAX);
}

static void test_hex(void **state)
{
    uint64_t value = 0;

    (void)state;
    assert_int_equal(number_parse_hex(STR("fF"), 255, &value), 0);
    assert_int_equal(value, 255);
    assert_int_equal(number_parse_hex(STR("100"), 255, &value), -ERR_LIMIT);
    assert_int_equal(number_parse_hex(STR("g"), 255, &value), -ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsigned),
        cmocka_unit_test(test_signed),
        cmocka_unit_test(test_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
