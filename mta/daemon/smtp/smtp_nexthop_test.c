// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "smtp/smtp_nexthop.h"

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host;
        uint16_t port;
        bool looks_up_mx;
    } rows[] = {
        {"example.test", "example.test", 25, true},
        {"example.test:587", "example.test", 587, true},
        {"example.test:submission", "example.test", 587, true},
        {"[mx.test]", "mx.test", 25, false},
        {"[mx.test]:10025", "mx.test", 10025, false},
        {"[192.0.2.1]", "192.0.2.1", 25, false},
        {"[2001:db8::1]:26", "2001:db8::1", 26, false},
        {"[ipv6:2001:db8::1]", "2001:db8::1", 25, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct smtp_nexthop nexthop;
        assert_int_equal(smtp_nexthop_parse(str_from(rows[i].text), 25, &nexthop), 0);
        assert_true(str_equal(nexthop.host, str_from(rows[i].host)));
        assert_int_equal(nexthop.port, rows[i].port);
        assert_int_equal(nexthop.looks_up_mx, rows[i].looks_up_mx);
    }
}

static void test_anything_else_is_a_syntax_error(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "[",   "[]",        "[mx.test",      "[mx.test]25",
        "mx.test:", ":25", "mx.test:0", "mx.test:65536", "mx.test:nowhere"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct smtp_nexthop nexthop;
        assert_int_equal(smtp_nexthop_parse(str_from(bad[i]), 25, &nexthop), -ERR_SYNTAX);
    }
}

static void test_lists_are_split_at_commas_and_blanks(void **state)
{
    (void)state;
    struct str rest = STR("a.test, [b.test]:26 c.test");
    struct str text;
    assert_true(smtp_nexthop_next(&rest, &text));
    assert_true(str_equal(text, STR("a.test")));
    assert_true(smtp_nexthop_next(&rest, &text));
    assert_true(str_equal(text, STR("[b.test]:26")));
    assert_true(smtp_nexthop_next(&rest, &text));
    assert_true(str_equal(text, STR("c.test")));
    assert_false(smtp_nexthop_next(&rest, &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_anything_else_is_a_syntax_error),
        cmocka_unit_test(test_lists_are_split_at_commas_and_blanks),
    };
    return cmocka_run_group_tests_name("smtp_nexthop", tests, NULL, NULL);
}
