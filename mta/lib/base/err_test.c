// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static void test_every_code_has_name_and_sentence(void **state)
{
    (void)state;
    for (int error = 1; error < ERR_COUNT; error++) {
        assert_true(err_name(error)[0] != '\0');
        assert_true(err_sentence(error)[0] != '\0');
    }
}

static void test_both_signs_give_the_same(void **state)
{
    (void)state;
    assert_string_equal(err_name(-ERR_TIMEOUT), "TIMEOUT");
    assert_string_equal(err_name(ERR_TIMEOUT), "TIMEOUT");
    assert_string_equal(err_sentence(-ERR_REFUSED), "Connection refused");
}

static void test_unknown_codes_have_a_text(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_COUNT), "UNKNOWN");
    assert_string_equal(err_sentence(-ERR_COUNT), "Unknown error");
    assert_string_equal(err_name(INT32_MIN), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_name_and_sentence),
        cmocka_unit_test(test_both_signs_give_the_same),
        cmocka_unit_test(test_unknown_codes_have_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
