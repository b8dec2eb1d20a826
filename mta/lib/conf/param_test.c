// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/param.h"

static void test_the_table_is_sorted_and_every_name_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < CONF_PARAM_COUNT; i++) {
        const struct param *param = param_get((enum conf_param)i);
        assert_int_equal(param_find(param->name), i);
        assert_true(param->meaning[0] != 0);
        if (i > 0) {
            assert_true(str_compare(param_get((enum conf_param)(i - 1))->name, param->name) < 0);
        }
    }
    assert_int_equal(param_find(STR("nosuch")), CONF_PARAM_COUNT);
    assert_int_equal(param_find(STR("")), CONF_PARAM_COUNT);
}

static void test_a_misspelt_name_finds_its_neighbour(void **state)
{
    (void)state;
    assert_string_equal(param_suggest(STR("relay_host")).data, "relayhost");
    assert_string_equal(param_suggest(STR("myhostnmae")).data, "myhostname");
    assert_string_equal(param_suggest(STR("smtp_conection_timeout")).data, "smtp_connect_timeout");
    assert_int_equal(param_suggest(STR("something_else_altogether")).size, 0);
}

static void test_families_have_an_owner(void **state)
{
    struct str owner;
    enum conf_param fallback;
    (void)state;
    assert_true(param_family(STR("slow_destination_rate_delay"), &owner, &fallback));
    assert_true(str_equal(owner, STR("slow")));
    assert_int_equal(fallback, CONF_default_destination_rate_delay);
    assert_true(param_family(STR("policy_time_limit"), &owner, &fallback));
    assert_int_equal(fallback, CONF_command_time_limit);
    assert_false(param_family(STR("_time_limit"), &owner, &fallback));
    assert_false(param_family(STR("relayhost"), &owner, &fallback));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_sorted_and_every_name_is_found),
        cmocka_unit_test(test_a_misspelt_name_finds_its_neighbour),
        cmocka_unit_test(test_families_have_an_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
