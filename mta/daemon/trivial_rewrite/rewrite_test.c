// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trivial_rewrite/rewrite.h"

struct row {
    const char *address;
    const char *full;
};

static void assert_rows(const struct rewrite_rules *rules, const struct row *rows, size_t count)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    buf_init(&out, mem, 1000);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&out);
        rewrite_address(rules, str_from(rows[i].address), &out);
        assert_string_equal(buf_text(&out), rows[i].full);
    }
    buf_done(&out);
    mem_destroy(mem);
}

static void test_an_address_is_completed_as_postfix_does(void **state)
{
    static const struct rewrite_rules rules = {
        .swap_bangpath = true, .allow_percent_hack = true, .origin = STR_INIT("origin.test")};
    static const struct row rows[] = {
        {"", ""},
        {"user", "user@origin.test"},
        {"user+ext", "user+ext@origin.test"},
        {"user@host", "user@host"},
        {"user%host.test", "user@host.test"},
        {"user%a%b.test", "user%a@b.test"},
        {"user%host@x.test", "user%host@x.test"},
        {"host!user", "user@host"},
        {"a!b!user", "b!user@a"},
        {"host!user%x.test", "user%x.test@host"},
        {"host!user@x.test", "host!user@x.test"},
        {"@a.test,@b.test:user@c.test", "user@c.test"},
        {"@a.test:user", "user@origin.test"},
        {"user@", "user@"},
        {"user@.", "user@."},
        {"user@host.", "user@host"},
        {"user@host.test..", "user@host.test.."},
        {"user@[192.0.2.1]", "user@[192.0.2.1]"},
        {"a@b@c.test", "a@b@c.test"},
        {"a b@x.test", "a b@x.test"},
        {"user%", "user@"},
        {"%host", "@host"},
        {"!user", "user@"},
        {"user@our.test%x", "user@our.test%x"},
    };
    (void)state;
    assert_rows(&rules, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_a_domain_without_dot_is_completed_when_asked(void **state)
{
    static const struct rewrite_rules rules = {.swap_bangpath = true,
                                               .origin = STR_INIT("origin.test"),
                                               .dot_domain = STR_INIT("our.test")};
    static const struct row rows[] = {
        {"user@host", "user@host.our.test"},
        {"host!user", "user@host.our.test"},
        {"user@host.", "user@host"},
        {"user@host.test", "user@host.test"},
        {"user@", "user@"},
        {"user@[192.0.2.1]", "user@[192.0.2.1]"},
        {"user%host", "user%host@origin.test"},
    };
    (void)state;
    assert_rows(&rules, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_without_an_origin_addresses_stay_as_they_are(void **state)
{
    static const struct rewrite_rules rules = {.allow_percent_hack = true};
    static const struct row rows[] = {
        {"user", "user"}, {"user@host", "user@host"}, {"user%host", "user@host"}, {"a!b", "a!b"}};
    (void)state;
    assert_rows(&rules, rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_address_is_completed_as_postfix_does),
        cmocka_unit_test(test_a_domain_without_dot_is_completed_when_asked),
        cmocka_unit_test(test_without_an_origin_addresses_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
