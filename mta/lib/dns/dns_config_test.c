// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns_config.h"

static void assert_address(const struct sys_address *address, const char *expected)
{
    char text[SYS_ADDRESS_TEXT_MAX];
    assert_string_equal(sys_address_text(address, text), expected);
}

static void test_servers_and_options(void **state)
{
    (void)state;
    struct dns_config config;
    dns_config_parse(STR("# comment\nsearch a.test\nnameserver 192.0.2.1\nnameserver bad\n"
                         "nameserver\t2001:db8::1\noptions ndots:2 timeout:7 attempts:3 rotate\n"),
                     &config);
    assert_int_equal(config.server_count, 2);
    assert_address(&config.servers[0], "192.0.2.1");
    assert_int_equal(config.servers[0].port, 53);
    assert_address(&config.servers[1], "2001:db8::1");
    assert_int_equal(config.timeout_ns, 7 * SYS_SECOND_NS);
    assert_int_equal(config.attempts, 3);
}

static void test_without_servers_this_machine_is_asked(void **state)
{
    (void)state;
    struct dns_config config;
    dns_config_parse(STR(""), &config);
    assert_int_equal(config.server_count, 1);
    assert_address(&config.servers[0], "127.0.0.1");
    assert_int_equal(config.timeout_ns, 5 * SYS_SECOND_NS);
    assert_int_equal(config.attempts, 2);
}

static void test_limits(void **state)
{
    (void)state;
    struct dns_config config;
    dns_config_parse(STR("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                         "nameserver 192.0.2.4\noptions timeout:1000 attempts:0\n"),
                     &config);
    assert_int_equal(config.server_count, DNS_SERVERS_MAX);
    assert_int_equal(config.timeout_ns, DNS_TIMEOUT_S_MAX * SYS_SECOND_NS);
    assert_int_equal(config.attempts, 1);
}

static void test_hosts(void **state)
{
    (void)state;
    struct str rest = STR("# hosts\n\n192.0.2.1\ta.test a # ours\nbad b.test\n::1 localhost");
    struct sys_address address;
    struct str names;
    struct str name;
    assert_true(dns_config_next_host(&rest, &address, &names));
    assert_address(&address, "192.0.2.1");
    assert_true(str_next_token(&names, " \t", &name));
    assert_true(str_equal(name, STR("a.test")));
    assert_true(str_next_token(&names, " \t", &name));
    assert_true(str_equal(name, STR("a")));
    assert_false(str_next_token(&names, " \t", &name));
    assert_true(dns_config_next_host(&rest, &address, &names));
    assert_address(&address, "::1");
    assert_false(dns_config_next_host(&rest, &address, &names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_servers_and_options),
        cmocka_unit_test(test_without_servers_this_machine_is_asked),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests_name("dns_config", tests, NULL, NULL);
}
