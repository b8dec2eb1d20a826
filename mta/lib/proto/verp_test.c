// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/verp.h"

#include "proto/test_page.h"

static void test_addresses(void **state)
{
    static const struct {
        const char *sender;
        const char *recipient;
        const char *delimiters;
        const char *expected;
    } cases[] = {
        {"list@s.example", "joe@r.example", "+=", "list+joe=r.example@s.example"},
        {"list-owner@s.example", "joe+x@r.example", "-=", "list-owner-joe+x=r.example@s.example"},
        {"list@s.example", "joe", "+=", "list+joe@s.example"},
        {"list", "joe@r.example", "+=", "list+joe=r.example"},
        {"a@b@s.example", "c@d@r.example", "+=", "a@b+c@d=r.example@s.example"},
    };
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    (void)state;
    buf_init(&out, mem, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        verp_write(test_page(str_from(cases[i].sender)), test_page(str_from(cases[i].recipient)),
                   str_from(cases[i].delimiters), &out);
        assert_string_equal(buf_text(&out), cases[i].expected);
    }
    mem_destroy(mem);
}

static void test_delimiters(void **state)
{
    struct str allowed = STR("-=+");
    (void)state;
    assert_true(verp_delimiters_are_valid(STR("+="), allowed));
    assert_true(verp_delimiters_are_valid(STR("--"), allowed));
    assert_false(verp_delimiters_are_valid(STR(""), allowed));
    assert_false(verp_delimiters_are_valid(STR("+"), allowed));
    assert_false(verp_delimiters_are_valid(STR("+=-"), allowed));
    assert_false(verp_delimiters_are_valid(STR("+@"), allowed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_delimiters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
