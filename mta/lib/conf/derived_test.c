// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/derived.h"

static struct mem *mem;
static struct buf out;

static int set_up(void **state)
{
    (void)state;
    mem = mem_create(0, NULL, NULL);
    buf_init(&out, mem, 1000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&out);
    mem_destroy(mem);
    return 0;
}

static void test_the_host_name_gets_a_domain(void **state)
{
    (void)state;
    derived_host_name(&out, STR("vm"), STR(""));
    assert_string_equal(buf_text(&out), "vm.localdomain");
    buf_clear(&out);
    derived_host_name(&out, STR("vm"), STR("our.test"));
    assert_string_equal(buf_text(&out), "vm.our.test");
    buf_clear(&out);
    derived_host_name(&out, STR("vm.far.test"), STR("our.test"));
    assert_string_equal(buf_text(&out), "vm.far.test");
}

static void test_the_domain_is_the_name_without_its_first_label(void **state)
{
    (void)state;
    assert_true(str_equal(derived_domain(STR("mx.our.test")), STR("our.test")));
    assert_true(str_equal(derived_domain(STR("foo.bar")), STR("bar")));
    assert_true(str_equal(derived_domain(STR("foo")), STR("localdomain")));
}

static void test_networks_follow_style_interfaces_and_protocols(void **state)
{
    static const char *const texts[] = {"127.0.0.1", "192.0.2.2", "10.1.2.3", "::1", "fd00::2"};
    static const struct {
        const char *style;
        const char *interfaces;
        const char *protocols;
        const char *networks;
    } rows[] = {
        {"host", "all", "all", "127.0.0.1/32 192.0.2.2/32 10.1.2.3/32 [::1]/128 [fd00::2]/128"},
        {"host", "all", "ipv4", "127.0.0.1/32 192.0.2.2/32 10.1.2.3/32"},
        {"host", "loopback-only", "all", "127.0.0.1/32 [::1]/128"},
        {"host", "192.0.2.2, fd00::2", "ipv4, ipv6", "192.0.2.2/32 [fd00::2]/128"},
        {"class", "all", "ipv4", "127.0.0.0/8 192.0.2.0/24 10.0.0.0/8"},
        {"subnet", "127.0.0.1, 10.1.2.3", "all", "127.0.0.0/8 10.1.2.3/32"},
    };
    struct sys_address addresses[5];
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sys_address_parse(str_from(texts[i]), 0, &addresses[i]), 0);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&out);
        derived_networks(&out, str_from(rows[i].style), str_from(rows[i].interfaces),
                         str_from(rows[i].protocols), addresses, 5);
        assert_string_equal(buf_text(&out), rows[i].networks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_host_name_gets_a_domain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_domain_is_the_name_without_its_first_label, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_networks_follow_style_interfaces_and_protocols, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
