// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/attribute.h"

#include "base/err.h"
#include "proto/test_page.h"

static const struct attribute_field fields[] = {{"name", 10}, {"size", 4}};
enum { FIELD_COUNT = 2 };

struct attribute_case {
    struct str input;
    enum parse parse;
};

static const struct attribute_case cases[] = {
    {STR_INIT("name\0a b\0size\0001\0\0"), PARSE_OK},
    {STR_INIT("name\0\0size\0\0\0next"), PARSE_OK},
    {STR_INIT(""), PARSE_MORE},
    {STR_INIT("na"), PARSE_MORE},
    {STR_INIT("name"), PARSE_MORE},
    {STR_INIT("name\0a"), PARSE_MORE},
    {STR_INIT("name\0a\0size\0001234"), PARSE_MORE},
    {STR_INIT("name\0a\0size\0001\0"), PARSE_MORE},
    {STR_INIT("nama"), PARSE_BAD},                            /* unknown */
    {STR_INIT("names\0"), PARSE_BAD},                         /* unknown */
    {STR_INIT("size\0001\0name\0a\0\0"), PARSE_BAD},          /* order */
    {STR_INIT("name\0a\0name\0a\0size\0001\0\0"), PARSE_BAD}, /* duplicate */
    {STR_INIT("name\0a\0\0"), PARSE_BAD},                     /* missing */
    {STR_INIT("name\0a\0size\00012345"), PARSE_BAD},          /* over-long */
    {STR_INIT("name\0a\0size\0001\0more\0x\0\0"), PARSE_BAD}, /* unknown */
};

static void test_reading_is_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str values[FIELD_COUNT];
        size_t used_bytes = 0;
        struct str input = test_page(cases[i].input);
        assert_int_equal(attribute_parse(input, fields, FIELD_COUNT, values, &used_bytes),
                         cases[i].parse);
    }
}

static void test_what_is_written_is_read(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct str values[FIELD_COUNT];
    size_t used_bytes = 0;
    int64_t size = 0;

    (void)state;
    buf_init(&out, mem, 100);
    attribute_put(&out, "name", STR("a\0b"));
    attribute_put_int(&out, "size", -12);
    attribute_put_end(&out);
    buf_put_text(&out, "rest");
    assert_int_equal(attribute_parse(buf_str(&out), fields, FIELD_COUNT, values, &used_bytes),
                     PARSE_OK);
    assert_int_equal(used_bytes, out.size - 4);
    assert_true(str_equal(values[0], STR("a?b")));
    assert_int_equal(attribute_parse_int(values[1], -100, 100, &size), 0);
    assert_int_equal(size, -12);
    assert_int_equal(attribute_parse_int(values[1], 0, 100, &size), -ERR_LIMIT);
    mem_destroy(mem);
}

static void test_a_part_has_no_end_of_its_own(void **state)
{
    struct str values[FIELD_COUNT];
    size_t used_bytes = 0;
    struct str input = STR("name\0a\0size\0001\0name\0b");

    (void)state;
    assert_int_equal(attribute_parse_part(input, fields, FIELD_COUNT, values, &used_bytes),
                     PARSE_OK);
    assert_int_equal(used_bytes, 14);
    assert_int_equal(
        attribute_parse_part(str_skip(input, used_bytes), fields, FIELD_COUNT, values, &used_bytes),
        PARSE_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_is_strict),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_a_part_has_no_end_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
