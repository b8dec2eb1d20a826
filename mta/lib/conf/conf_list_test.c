// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "conf/conf_list.h"

/* The items, each with a | behind. */
static void assert_items(const char *list, const char *expected)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct str rest = str_from(list);
    struct str item;
    buf_init(&out, mem, 1000);
    while (conf_list_next(&rest, &item)) {
        buf_putf(&out, "%.*s|", STR_ARG(item));
    }
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
    mem_destroy(mem);
}

static void test_items_end_at_commas_and_white_space(void **state)
{
    (void)state;
    assert_items("", "");
    assert_items(" , ,\t", "");
    assert_items("a b,c , d\n e", "a|b|c|d|e|");
}

static void test_braces_keep_an_item_together(void **state)
{
    (void)state;
    assert_items("hash:/a, inline:{ a = b, c = d } x", "hash:/a|inline:{ a = b, c = d }|x|");
    assert_items("{ check_client_access hash:/a , permit } b",
                 "check_client_access hash:/a , permit|b|");
    assert_items("{a}{b}, {}", "{a}{b}||");
    assert_items("{a {b} c}", "a {b} c|");
    assert_items("{never closed, x", "{never closed, x|");
    assert_items("a}b c", "a}b|c|");
}

static void test_a_word_is_found_whatever_its_case(void **state)
{
    (void)state;
    assert_true(conf_list_has(STR("ipv4, IPv6"), STR("ipv6")));
    assert_false(conf_list_has(STR("ipv4, IPv6"), STR("ipv")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_end_at_commas_and_white_space),
        cmocka_unit_test(test_braces_keep_an_item_together),
        cmocka_unit_test(test_a_word_is_found_whatever_its_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
