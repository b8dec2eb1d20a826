// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/base64.h"

#include "base/err.h"
#include "proto/test_page.h"

struct base64_case {
    struct str bytes;
    const char *text;
};

/* RFC 4648 10, and bytes that need the last two digits. */
static const struct base64_case cases[] = {
    {STR_INIT(""), ""},
    {STR_INIT("f"), "Zg=="},
    {STR_INIT("fo"), "Zm8="},
    {STR_INIT("foo"), "Zm9v"},
    {STR_INIT("foob"), "Zm9vYg=="},
    {STR_INIT("fooba"), "Zm9vYmE="},
    {STR_INIT("foobar"), "Zm9vYmFy"},
    {STR_INIT("\xfb\xff\xfe\x00"), "+//+AA=="},
};

static void test_both_ways(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        base64_write(test_page(cases[i].bytes), &out);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_clear(&out);
        assert_int_equal(base64_parse(test_page(str_from(cases[i].text)), &out), 0);
        assert_true(str_equal(buf_str(&out), cases[i].bytes));
    }
    mem_destroy(mem);
}

static void test_only_what_writing_makes_is_read(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",   "=",    "====",     "Z===",
                                      "Zh==", "Zm9=", "Zm8\n", "Zm-v", "Zg==Zm9v", "Zm9vY=g="};
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 100);
    buf_put_text(&out, "x");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(base64_parse(test_page(str_from(bad[i])), &out), -ERR_SYNTAX);
        assert_string_equal(buf_text(&out), "x");
    }
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_only_what_writing_makes_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
