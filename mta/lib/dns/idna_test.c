// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/idna.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_names_in_ascii(void **state)
{
    static const struct {
        const char *name;
        const char *ascii;
    } rows[] = {
        {"far.test", "far.test"},
        {"Far.Test", "Far.Test"},
        {"a_b.test", "a_b.test"},
        {"b\xc3\xbc"
         "cher.test",
         "xn--bcher-kva.test"},
        {"B\xc3\x9c"
         "CHER.test",
         "xn--bcher-kva.test"}, /* mapped to small letters */
        {"bu\xcc\x88"
         "cher.test",
         "xn--bcher-kva.test"},                 /* composed */
        {"fa\xc3\x9f.test", "xn--fa-hia.test"}, /* nontransitional: not fass */
        {"mx.\xe4\xbe\x8b\xe3\x81\x88.test", "mx.xn--r8jz45g.test"},
        {"xn--bcher-kva.test", "xn--bcher-kva.test"},
    };
    char ascii[IDNA_NAME_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(idna_to_ascii(test_page(str_from(rows[i].name)), ascii), 0);
        assert_string_equal(ascii, rows[i].ascii);
    }
}

static void test_what_is_no_host_name(void **state)
{
    static const char *const bad[] = {
        "",
        "a..test",
        "-a.test",
        "b\xc3\xbc-.test",                            /* no label ends so */
        "b\xfc.test",                                 /* no UTF-8 */
        "\xc3\xbc.1",                                 /* the last label is a number */
        "\xc3\xbc b.test",                            /* a blank */
        "\xe2\x98\x83\xe2\x80\x8b.\xe2\x80\xae.test", /* nothing that may be looked up */
    };
    char ascii[IDNA_NAME_SIZE];
    char long_name[1200];
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(idna_to_ascii(test_page(str_from(bad[i])), ascii), -ERR_SYNTAX);
    }
    memset(long_name, 'a', sizeof(long_name));
    memcpy(long_name, "\xc3\xbc.", 3);
    assert_int_equal(idna_to_ascii(str_of(long_name, 100), ascii), -ERR_SYNTAX);
    assert_int_equal(idna_to_ascii(str_of(long_name, sizeof(long_name)), ascii), -ERR_SYNTAX);
    assert_int_equal(idna_to_ascii(STR("\xc3\xbc\0.test"), ascii), -ERR_SYNTAX);
}

static void test_domains_of_addresses(void **state)
{
    (void)state;
    assert_true(idna_domain_is_valid(STR("b\xc3\xbc"
                                         "cher.test")));
    assert_true(idna_domain_is_valid(STR("[192.0.2.1]")));
    assert_false(idna_domain_is_valid(STR("[b\xc3\xbc]")));
    assert_false(idna_domain_is_valid(STR("b\xc3\xbc-.test")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_in_ascii),
        cmocka_unit_test(test_what_is_no_host_name),
        cmocka_unit_test(test_domains_of_addresses),
    };
    return cmocka_run_group_tests_name("dns/idna", tests, NULL, NULL);
}
