// SPDX-License-Identifier: ISC
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/net.h"

static const char *reprint(const char *text, char out[SYS_ADDRESS_TEXT_MAX])
{
    struct sys_address address;
    int error = sys_address_parse(str_from(text), 25, &address);
    return error == 0 ? sys_address_text(&address, out) : err_name(error);
}

static void test_text_forms(void **state UNUSED)
{
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::1", "2001:db8::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
    };
    char out[SYS_ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(reprint(rows[i].in, out), rows[i].out);
    }
}

static void test_anything_else_is_a_syntax_error(void **state UNUSED)
{
    static const char *const rows[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        "1..3.4",
        "-1.2.3.4",
        "a.b.c.d",
        ":",
        ":::",
        "1:",
        ":1",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "[::1]",
        "::1/64",
    };
    char out[SYS_ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(reprint(rows[i], out), "SYNTAX");
    }
}

/* The C library writes the same text, but for ::a.b.c.d, which RFC 4291 deprecates: the first
 * word is never 0 here. */
static void test_ipv6_agrees_with_the_c_library(void **state UNUSED)
{
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        struct sys_address address = {.family = SYS_FAMILY_IPV6};
        struct sys_address again;
        for (int i = 0; i < 16; i++) {
            random = random * 1664525 + 1013904223;
            address.ip[i] = (random >> 28) < 11 ? 0 : (uint8_t)(random >> 16);
        }
        address.ip[0] |= 0x20;
        char ours[SYS_ADDRESS_TEXT_MAX];
        char theirs[SYS_ADDRESS_TEXT_MAX];
        assert_non_null(inet_ntop(AF_INET6, address.ip, theirs, sizeof(theirs)));
        assert_string_equal(sys_address_text(&address, ours), theirs);
        assert_int_equal(sys_address_parse(str_from(ours), 0, &again), 0);
        assert_true(sys_address_equal_ip(&address, &again));
    }
}

static void test_unix_paths_have_a_limit(void **state UNUSED)
{
    char path[SYS_UNIX_PATH_MAX];
    char out[SYS_ADDRESS_TEXT_MAX];
    struct sys_address address;
    memset(path, 'x', sizeof(path));
    assert_int_equal(sys_address_unix(str_from("private/cleanup"), &address), 0);
    assert_string_equal(sys_address_text(&address, out), "private/cleanup");
    assert_int_equal(sys_address_unix(str_of(path, sizeof(path) - 1), &address), 0);
    assert_int_equal(sys_address_unix(str_of(path, sizeof(path)), &address), -ERR_NAME_TOO_LONG);
    assert_int_equal(sys_address_unix(STR(""), &address), -ERR_INVALID);
    assert_int_equal(sys_address_unix(STR("a\0b"), &address), -ERR_INVALID);
}

static void test_port_does_not_make_addresses_differ(void **state UNUSED)
{
    struct sys_address a;
    struct sys_address b;
    struct sys_address c;
    assert_int_equal(sys_address_parse(STR("192.0.2.1"), 25, &a), 0);
    assert_int_equal(sys_address_parse(STR("192.0.2.1"), 26, &b), 0);
    assert_int_equal(sys_address_parse(STR("c000:201::"), 25, &c), 0);
    assert_true(sys_address_equal_ip(&a, &b));
    assert_false(sys_address_equal_ip(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_forms),
        cmocka_unit_test(test_anything_else_is_a_syntax_error),
        cmocka_unit_test(test_ipv6_agrees_with_the_c_library),
        cmocka_unit_test(test_unix_paths_have_a_limit),
        cmocka_unit_test(test_port_does_not_make_addresses_differ),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
