// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/xtext.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_both_ways(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    xtext_write(STR("a+b=c d\x00\xff"), &out);
    assert_string_equal(buf_text(&out), "a+2Bb+3Dc+20d+00+FF");
    struct str text = test_page(buf_str(&out));
    buf_clear(&out);
    assert_int_equal(xtext_parse(text, &out), 0);
    assert_true(str_equal(buf_str(&out), STR("a+b=c d\x00\xff")));
    buf_clear(&out);
    assert_int_equal(xtext_parse(STR("+2b"), &out), 0);
    assert_string_equal(buf_text(&out), "+");
    mem_destroy(mem);
}

static void test_bad_texts(void **state)
{
    static const char *const bad[] = {"+", "+2", "+2G", "a b", "a=b", "\x01", "\xff", "ab+"};
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(xtext_parse(test_page(str_from(bad[i])), &out), -ERR_SYNTAX);
        assert_int_equal(out.size, 0);
    }
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_bad_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
