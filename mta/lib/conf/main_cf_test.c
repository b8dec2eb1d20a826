// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/main_cf.h"

static struct mem *mem;
static struct buf joined;
static struct main_cf_reader reader;
static struct main_cf_entry entry;

static int set_up(void **state)
{
    (void)state;
    mem = mem_create(0, NULL, NULL);
    buf_init(&joined, mem, 200);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&joined);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
    return 0;
}

static void read_text(const char *text)
{
    main_cf_reader_init(&reader, str_from(text), &joined);
}

static void assert_entry(const char *name, const char *value, int line)
{
    assert_true(main_cf_next(&reader, &entry));
    assert_null(entry.problem);
    assert_true(str_equal(entry.name, str_from(name)));
    assert_true(str_equal(entry.value, str_from(value)));
    assert_int_equal(entry.line.line, line);
}

static void assert_problem(const char *text, int line)
{
    assert_true(main_cf_next(&reader, &entry));
    assert_string_equal(entry.problem, text);
    assert_int_equal(entry.line.line, line);
}

static void test_continuations_join_across_comments_and_blank_lines(void **state)
{
    (void)state;
    read_text("# first\n"
              "a = one\n"
              "  two\n"
              "# between\n"
              "\n"
              "   # indented\n"
              "\tthree \r\n"
              "b=\n"
              "c =  x = y  ");
    assert_entry("a", "one  two\tthree", 2);
    assert_entry("b", "", 8);
    assert_entry("c", "x = y", 9);
    assert_false(main_cf_next(&reader, &entry));
}

static void test_lines_that_are_no_definitions_are_reported(void **state)
{
    (void)state;
    read_text("  lost = 1\nname\n= 3\nx y = 4\nz = 5\n");
    assert_problem("white space at the start continues a line, but there is none before", 1);
    assert_problem("missing \"=\" after the name", 2);
    assert_problem("missing name before \"=\"", 3);
    assert_problem("missing \"=\" after the name", 4);
    assert_entry("z", "5", 5);
    assert_false(main_cf_next(&reader, &entry));
}

static void test_a_line_beyond_the_limit_is_reported_and_the_next_one_read(void **state)
{
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = 'x';
    }
    text[300] = '\n';
    text[302] = '=';
    text[304] = 0;
    read_text(text);
    assert_problem("the line with its continuations is too long", 1);
    assert_entry("x", "x", 2);
}

static void test_a_place_in_a_value_is_found_in_the_file(void **state)
{
    int row;
    int column;
    (void)state;
    read_text("\n\na = one\n# between\n  two\n");
    assert_entry("a", "one  two", 3);
    logical_line_position(&entry.line, entry.value_offset, &row, &column);
    assert_int_equal(row, 3);
    assert_int_equal(column, 5);
    logical_line_position(&entry.line, entry.value_offset + 5, &row, &column);
    assert_int_equal(row, 5);
    assert_int_equal(column, 3);
}

static void assert_edited(const char *text, enum main_cf_edit edit, const char *value,
                          const char *expected)
{
    struct buf out;
    buf_init(&out, mem, 1000);
    main_cf_write(str_from(text), edit, STR("a"), str_from(value), &out);
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}

static void test_an_edit_keeps_comments_and_other_lines(void **state)
{
    static const char *text = "# top\na = 1\n# inside\n  2\nb = 3\n\na = 4\n# end\n";
    (void)state;
    assert_edited(text, MAIN_CF_SET, "5", "# top\na = 5\n# inside\nb = 3\n\n# end\n");
    assert_edited(text, MAIN_CF_REMOVE, "", "# top\n# inside\nb = 3\n\n# end\n");
    assert_edited(text, MAIN_CF_COMMENT, "",
                  "# top\n#a = 1\n# inside\n#  2\nb = 3\n\n#a = 4\n# end\n");
    assert_edited("b = 1", MAIN_CF_SET, "5", "b = 1\na = 5\n");
    assert_edited("", MAIN_CF_SET, "", "a =\n");
    assert_edited("a = 1", MAIN_CF_SET, "2", "a = 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_continuations_join_across_comments_and_blank_lines),
        cmocka_unit_test(test_lines_that_are_no_definitions_are_reported),
        cmocka_unit_test(test_a_line_beyond_the_limit_is_reported_and_the_next_one_read),
        cmocka_unit_test(test_a_place_in_a_value_is_found_in_the_file),
        cmocka_unit_test(test_an_edit_keeps_comments_and_other_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
