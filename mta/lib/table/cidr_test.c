// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "table/cidr.h"

static bool contains(const char *network, const char *address)
{
    struct cidr cidr;
    struct sys_address parsed;
    assert_int_equal(cidr_parse(str_from(network), &cidr), 0);
    assert_int_equal(sys_address_parse(str_from(address), 0, &parsed), 0);
    return cidr_contains(&cidr, &parsed);
}

static void test_networks_contain_their_addresses(void **state)
{
    (void)state;
    assert_true(contains("10.0.0.0/8", "10.255.0.1"));
    assert_false(contains("10.0.0.0/8", "11.0.0.1"));
    assert_true(contains("192.0.2.128/25", "192.0.2.200"));
    assert_false(contains("192.0.2.128/25", "192.0.2.100"));
    assert_true(contains("0.0.0.0/0", "203.0.113.9"));
    assert_true(contains("192.0.2.1", "192.0.2.1"));
    assert_true(contains("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(contains("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(contains("[2001:db8::]/32", "2001:db8::5"));
    assert_true(contains("[::1]", "::1"));
}

static void test_families_do_not_mix(void **state)
{
    (void)state;
    assert_false(contains("::/0", "192.0.2.1"));
    assert_false(contains("0.0.0.0/0", "::1"));
}

static void test_anything_else_is_a_syntax_error(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       "10.0.0.1/8",     "10.0.0.0/33", "10.0.0.0/",
                                      "/8",     "10.0.0/24",      "10.0.0.0/-1", "10.0.0.0/8/8",
                                      "::/129", "2001:db8::1/32", "[::1",        "host.test"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cidr cidr;
        assert_int_equal(cidr_parse(str_from(bad[i]), &cidr), -ERR_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_contain_their_addresses),
        cmocka_unit_test(test_families_do_not_mix),
        cmocka_unit_test(test_anything_else_is_a_syntax_error),
    };
    return cmocka_run_group_tests_name("cidr", tests, NULL, NULL);
}
