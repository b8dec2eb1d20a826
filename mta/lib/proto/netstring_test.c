// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/netstring.h"

#include "proto/test_page.h"

struct netstring_case {
    struct str input;
    enum parse parse;
    struct str content;
    size_t used_bytes;
};

static const struct netstring_case cases[] = {
    {STR_INIT("0:,"), PARSE_OK, STR_INIT(""), 3},
    {STR_INIT("3:abc,x"), PARSE_OK, STR_INIT("abc"), 6},
    {STR_INIT("3:\0,\n,"), PARSE_OK, STR_INIT("\0,\n"), 6},
    {STR_INIT(""), PARSE_MORE, STR_INIT(""), 0},
    {STR_INIT("1"), PARSE_MORE, STR_INIT(""), 0},
    {STR_INIT("10:"), PARSE_MORE, STR_INIT(""), 0},
    {STR_INIT("3:abc"), PARSE_MORE, STR_INIT(""), 0},
    {STR_INIT("3:abcd"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT(":,"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("a"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("00:,"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("03:abc,"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("-1:,"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("21"), PARSE_BAD, STR_INIT(""), 0},
    {STR_INIT("99999999999999999999999999999999"), PARSE_BAD, STR_INIT(""), 0},
};

static void test_netstrings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str content = STR("");
        size_t used_bytes = 0;
        struct str input = test_page(cases[i].input);
        assert_int_equal(netstring_parse(input, 20, &content, &used_bytes), cases[i].parse);
        assert_true(str_equal(content, cases[i].content));
        assert_int_equal(used_bytes, cases[i].used_bytes);
    }
}

static void test_writing_nests(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf inner;
    struct buf outer;

    (void)state;
    buf_init(&inner, mem, 100);
    buf_init(&outer, mem, 100);
    netstring_write(&inner, STR("hello"));
    netstring_write(&inner, STR(""));
    netstring_write(&outer, buf_str(&inner));
    assert_string_equal(buf_text(&outer), "11:5:hello,0:,,");
    mem_destroy(mem);
}

static void test_the_head_alone(void **state)
{
    size_t content_bytes = 0;
    size_t used_bytes = 0;

    (void)state;
    assert_int_equal(netstring_parse_head(test_page(STR("123:")), 123, &content_bytes, &used_bytes),
                     PARSE_OK);
    assert_int_equal(content_bytes, 123);
    assert_int_equal(used_bytes, 4);
    assert_int_equal(netstring_parse_head(STR("123:"), 122, &content_bytes, &used_bytes),
                     PARSE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_netstrings),
        cmocka_unit_test(test_writing_nests),
        cmocka_unit_test(test_the_head_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
