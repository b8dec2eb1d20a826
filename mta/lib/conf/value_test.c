// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "conf/value.h"

static void test_a_time_takes_the_unit_given_or_its_own(void **state)
{
    static const struct {
        const char *text;
        int error;
        int64_t seconds;
    } rows[] = {
        {"5", 0, 300},           {"5s", 0, 5},
        {"2H", 0, 7200},         {"5d", 0, 432000},
        {"1w", 0, 604800},       {"0h", 0, 0},
        {"", -ERR_SYNTAX, 0},    {"s", -ERR_SYNTAX, 0},
        {"5x", -ERR_SYNTAX, 0},  {"-5s", -ERR_LIMIT, 0},
        {"5 s", -ERR_SYNTAX, 0}, {"2147483648s", -ERR_LIMIT, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t time_ns = 0;
        assert_int_equal(value_parse_time(str_from(rows[i].text), 'm', &time_ns), rows[i].error);
        assert_int_equal(time_ns, rows[i].seconds * INT64_C(1000000000));
    }
}

static void test_a_size_may_have_a_unit(void **state)
{
    int64_t bytes = 0;
    (void)state;
    assert_int_equal(value_parse_size(STR("10240000"), &bytes), 0);
    assert_int_equal(bytes, 10240000);
    assert_int_equal(value_parse_size(STR("10M"), &bytes), 0);
    assert_int_equal(bytes, 10485760);
    assert_int_equal(value_parse_size(STR("9223372036854775807"), &bytes), 0);
    assert_int_equal(value_parse_size(STR("9007199254740992k"), &bytes), -ERR_LIMIT);
    assert_int_equal(value_parse_size(STR("10d"), &bytes), -ERR_SYNTAX);
}

static void test_a_bool_is_yes_or_no(void **state)
{
    bool value = false;
    (void)state;
    assert_int_equal(value_parse_bool(STR("YES"), &value), 0);
    assert_true(value);
    assert_int_equal(value_parse_bool(STR("no"), &value), 0);
    assert_false(value);
    assert_int_equal(value_parse_bool(STR("true"), &value), -ERR_SYNTAX);
    assert_int_equal(value_parse_bool(STR(""), &value), -ERR_SYNTAX);
}

static void test_an_int_is_not_negative(void **state)
{
    int64_t value = 0;
    (void)state;
    assert_int_equal(value_parse_int(STR("2147483647"), &value), 0);
    assert_int_equal(value, INT32_MAX);
    assert_int_equal(value_parse_int(STR("-1"), &value), -ERR_LIMIT);
    assert_int_equal(value_parse_int(STR("1x"), &value), -ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_time_takes_the_unit_given_or_its_own),
        cmocka_unit_test(test_a_size_may_have_a_unit),
        cmocka_unit_test(test_a_bool_is_yes_or_no),
        cmocka_unit_test(test_an_int_is_not_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
