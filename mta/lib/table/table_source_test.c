// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/err.h"
#include "table/table_source.h"

static struct mem *mem;
static struct table_source source;

static int set_up(void **state)
{
    (void)state;
    mem = mem_create(0, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    table_source_done(&source);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
    return 0;
}

static void assert_entry(const char *key, const char *value, int line_number)
{
    struct table_source_entry entry;
    assert_int_equal(table_source_next(&source, &entry), 1);
    assert_int_equal(entry.key.size, strlen(key));
    assert_memory_equal(entry.key.data, key, entry.key.size);
    assert_int_equal(entry.value.size, strlen(value));
    assert_memory_equal(entry.value.data, value, entry.value.size);
    assert_int_equal(source.line_number, line_number);
}

static void assert_result(int result)
{
    struct table_source_entry entry;
    assert_int_equal(table_source_next(&source, &entry), result);
}

static void test_key_and_value_are_parted_by_white_space(void **state)
{
    (void)state;
    table_source_init(&source, mem, STR("a b\nc\t  d e \r\nalone\n"));
    assert_entry("a", "b", 1);
    assert_entry("c", "d e", 2);
    assert_entry("alone", "", 3);
    assert_result(0);
    assert_result(0);
}

static void test_comments_do_not_end_a_continued_line(void **state)
{
    (void)state;
    table_source_init(&source, mem, STR("# first\n\na b\n  # between\n\n  more\nc d"));
    assert_entry("a", "b  more", 3);
    assert_entry("c", "d", 7);
    assert_result(0);
}

static void test_quotes_keep_white_space_in_a_key(void **state)
{
    (void)state;
    table_source_init(&source, mem,
                      STR("\"john \\\"x\\\" doe\"@a.test value\n\"open value\nb c\n"));
    assert_entry("\"john \\\"x\\\" doe\"@a.test", "value", 1);
    assert_result(-ERR_SYNTAX);
    assert_entry("b", "c", 3);
}

static void test_a_first_line_cannot_be_continued(void **state)
{
    (void)state;
    table_source_init(&source, mem, STR("  a b\nc d\n"));
    assert_result(-ERR_SYNTAX);
    assert_entry("c", "d", 2);
}

static void test_an_over_long_line_is_skipped(void **state)
{
    (void)state;
    size_t size = TABLE_SOURCE_LINE_MAX + 10;
    char *text = mem_alloc(mem, size);
    memset(text, 'x', size);
    memcpy(text + size - 5, "\na b\n", 5);
    table_source_init(&source, mem, str_of(text, size));
    assert_result(-ERR_LIMIT);
    assert_entry("a", "b", 2);
    mem_free(mem, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_key_and_value_are_parted_by_white_space, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_comments_do_not_end_a_continued_line, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_quotes_keep_white_space_in_a_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_first_line_cannot_be_continued, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_over_long_line_is_skipped, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("table_source", tests, NULL, NULL);
}
