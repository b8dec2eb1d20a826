// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/uxtext.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_both_ways(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    uxtext_write(STR("b\xc3\xbc+\\ =\xf0\x9f\x98\x80@x"), &out);
    assert_string_equal(buf_text(&out), "b\\x{FC}\\x{2B}\\x{5C}\\x{20}\\x{3D}\\x{1F600}@x");
    struct str text = test_page(buf_str(&out));
    buf_clear(&out);
    assert_int_equal(uxtext_parse(text, &out), 0);
    assert_string_equal(buf_text(&out), "b\xc3\xbc+\\ =\xf0\x9f\x98\x80@x");
    mem_destroy(mem);
}

static void test_bad_utf8_is_written_as_question_marks(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    uxtext_write(STR("a\xfc\xc3"), &out);
    assert_string_equal(buf_text(&out), "a??");
    mem_destroy(mem);
}

static void test_what_else_is_read(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    assert_int_equal(uxtext_parse(test_page(STR("\xc3\xbc\\x{fc}\\x{00FC}")), &out), 0);
    assert_string_equal(buf_text(&out), "\xc3\xbc\xc3\xbc\xc3\xbc");
    mem_destroy(mem);
}

static void test_bad_texts(void **state)
{
    static const char *const bad[] = {"\\",          "\\x",     "\\x{",    "\\x{}", "\\x{FC",
                                      "\\x{D800}",   "\\x{xx}", "\\y{FC}", "a b",   "a+b",
                                      "\\x{110000}", "a=b",     "\x01",    "\xfc",  "ab\\"};
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(uxtext_parse(test_page(str_from(bad[i])), &out), -ERR_SYNTAX);
        assert_int_equal(out.size, 0);
    }
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_bad_utf8_is_written_as_question_marks),
        cmocka_unit_test(test_what_else_is_read),
        cmocka_unit_test(test_bad_texts),
    };
    return cmocka_run_group_tests_name("proto/uxtext", tests, NULL, NULL);
}
