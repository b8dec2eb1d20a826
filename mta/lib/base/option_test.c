// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/option.h"

static void test_letters_and_values_in_every_form(void **state)
{
    char *argv[] = {"x", "-r", "-vc", "/etc", "-d9", "-", "rest", NULL};
    struct option option;

    (void)state;
    option_init(&option, argv, "c:d:rv");
    assert_int_equal(option_next(&option), 'r');
    assert_null(option.value);
    assert_int_equal(option_next(&option), 'v');
    assert_int_equal(option_next(&option), 'c');
    assert_string_equal(option.value, "/etc");
    assert_int_equal(option_next(&option), 'd');
    assert_string_equal(option.value, "9");
    assert_int_equal(option_next(&option), OPTION_END);
    assert_string_equal(option.next[0], "-");
    assert_string_equal(option.next[1], "rest");
}

static void test_two_dashes_end_the_options(void **state)
{
    char *argv[] = {"x", "-r", "--", "-r", NULL};
    struct option option;

    (void)state;
    option_init(&option, argv, "r");
    assert_int_equal(option_next(&option), 'r');
    assert_int_equal(option_next(&option), OPTION_END);
    assert_string_equal(option.next[0], "-r");
}

static void test_an_unknown_letter_and_a_missing_value_are_bad(void **state)
{
    char *argv[] = {"x", "-q", "-:", "-c", NULL};
    struct option option;

    (void)state;
    option_init(&option, argv, "c:");
    assert_int_equal(option_next(&option), OPTION_BAD);
    assert_int_equal(option_next(&option), OPTION_BAD);
    assert_int_equal(option_next(&option), OPTION_BAD);
    assert_int_equal(option_next(&option), OPTION_END);
}

static void test_a_value_may_be_the_rest_of_the_word_only(void **state)
{
    char *argv[] = {"x", "-q", "-qRfar.test", "-rq", "rest", NULL};
    struct option option;

    (void)state;
    option_init(&option, argv, "q::r");
    assert_int_equal(option_next(&option), 'q');
    assert_string_equal(option.value, "");
    assert_int_equal(option_next(&option), 'q');
    assert_string_equal(option.value, "Rfar.test");
    assert_int_equal(option_next(&option), 'r');
    assert_int_equal(option_next(&option), 'q');
    assert_string_equal(option.value, "");
    assert_int_equal(option_next(&option), OPTION_END);
    assert_string_equal(option.next[0], "rest");
}

static void test_no_arguments_at_all(void **state)
{
    char *argv[] = {NULL};
    struct option option;

    (void)state;
    option_init(&option, argv, "c:");
    assert_int_equal(option_next(&option), OPTION_END);
    assert_null(*option.next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_and_values_in_every_form),
        cmocka_unit_test(test_two_dashes_end_the_options),
        cmocka_unit_test(test_an_unknown_letter_and_a_missing_value_are_bad),
        cmocka_unit_test(test_a_value_may_be_the_rest_of_the_word_only),
        cmocka_unit_test(test_no_arguments_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
