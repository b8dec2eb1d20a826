// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "master/master_address.h"

static const struct sys_address machine[] = {
    {.family = SYS_FAMILY_IPV4, .ip = {127, 0, 0, 1}},
    {.family = SYS_FAMILY_IPV6, .ip = {[15] = 1}},
    {.family = SYS_FAMILY_IPV4, .ip = {192, 0, 2, 1}},
};

struct example {
    const char *name;
    const char *inet_interfaces;
    const char *inet_protocols;
    const char *expected; /* "address:port ..." */
};

static const struct example examples[] = {
    {"25", "all", "all", "0.0.0.0:25 :::25 "},
    {"smtp", "all", "ipv4", "0.0.0.0:25 "},
    {"submission", "all", "ipv6", ":::587 "},
    {"2525", "loopback-only", "all", "127.0.0.1:2525 ::1:2525 "},
    {"2525", "192.0.2.1, localhost", "all", "192.0.2.1:2525 127.0.0.1:2525 ::1:2525 "},
    {"127.0.0.1:2525", "all", "all", "127.0.0.1:2525 "},
    {"[::1]:25", "192.0.2.1", "ipv4", "::1:25 "},
    {"::1:25", "192.0.2.1", "ipv4", "::1:25 "},
    {"localhost:628", "all", "ipv4", "127.0.0.1:628 "},
    {"25", "127.0.0.1 127.0.0.1", "all", "127.0.0.1:25 "},
};

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static void test_names_become_addresses(void **state)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct master_addresses *addresses = mem_alloc(mem, sizeof(*addresses));

    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct master_interfaces interfaces = {
            .inet_interfaces = str_from(examples[i].inet_interfaces),
            .inet_protocols = str_from(examples[i].inet_protocols),
            .machine = machine,
            .machine_count = sizeof(machine) / sizeof(machine[0]),
        };
        const char *complaint = NULL;
        struct buf text;
        buf_init(&text, mem, 1000);
        assert_int_equal(
            master_address_parse(str_from(examples[i].name), &interfaces, addresses, &complaint),
            0);
        for (int j = 0; j < addresses->count; j++) {
            char ip[SYS_ADDRESS_TEXT_MAX];
            buf_putf(&text, "%s:%d ", sys_address_text(&addresses->list[j], ip),
                     addresses->list[j].port);
        }
        assert_string_equal(buf_text(&text), examples[i].expected);
        buf_done(&text);
    }
    mem_free(mem, addresses);
    mem_destroy(mem);
}

static void test_what_cannot_be_served_is_explained(void **state)
{
    static const char *const names[] = {"0", "65536", "no-such-port", "mail.example:25", ":25x"};
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct master_addresses *addresses = mem_alloc(mem, sizeof(*addresses));
    struct master_interfaces interfaces = {.inet_interfaces = STR("all"),
                                           .inet_protocols = STR("all")};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *complaint = NULL;
        assert_int_not_equal(
            master_address_parse(str_from(names[i]), &interfaces, addresses, &complaint), 0);
        assert_non_null(complaint);
    }
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_become_addresses),
        cmocka_unit_test(test_what_cannot_be_served_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
