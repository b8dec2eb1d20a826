// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/header.h"

#include "proto/test_page.h"

static const char message[] = "Subject: one\r\n two\r\n"
                              "X-Empty:\n"
                              "From : a@b\n"
                              "\n"
                              "To: not a header\n";

static void test_fields_and_body(void **state)
{
    struct str rest = test_page(str_from(message));
    struct str field;

    (void)state;
    assert_true(header_next(&rest, &field));
    assert_true(str_equal(field, STR("Subject: one\r\n two")));
    assert_true(header_next(&rest, &field));
    assert_true(str_equal(field, STR("X-Empty:")));
    assert_true(header_next(&rest, &field));
    assert_true(str_equal(field, STR("From : a@b")));
    assert_false(header_next(&rest, &field));
    assert_true(str_equal(rest, STR("To: not a header\n")));
    assert_true(str_equal(header_body(str_from(message)), STR("To: not a header\n")));
}

static void test_a_body_may_begin_without_an_empty_line(void **state)
{
    (void)state;
    assert_true(str_equal(header_body(STR("A: b\nno header\n")), STR("no header\n")));
    assert_true(str_equal(header_body(STR("A: b")), STR("")));
    assert_true(str_equal(header_body(STR("")), STR("")));
}

static void test_names_end_at_the_colon(void **state)
{
    (void)state;
    assert_int_equal(header_name_size(test_page(STR("Subject: x"))), 7);
    assert_int_equal(header_name_size(test_page(STR("Subject \t: x"))), 7);
    assert_int_equal(header_name_size(test_page(STR("Subject"))), 0);
    assert_int_equal(header_name_size(test_page(STR(": x"))), 0);
    assert_int_equal(header_name_size(test_page(STR(" a: x"))), 0);
    assert_int_equal(header_name_size(test_page(STR("a b: x"))), 0);
    assert_int_equal(header_name_size(test_page(STR("\xc3\xa4: x"))), 0);
    assert_int_equal(header_name_size(test_page(STR(""))), 0);
}

static void test_find_ignores_case(void **state)
{
    struct str value;

    (void)state;
    assert_true(header_find(str_from(message), STR("from"), &value));
    assert_true(str_equal(value, STR("a@b")));
    assert_true(header_find(str_from(message), STR("X-EMPTY"), &value));
    assert_int_equal(value.size, 0);
    assert_false(header_find(str_from(message), STR("To"), &value));
}

static void test_unfold_leaves_the_blank(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    header_unfold(STR("one\r\n two\n\tthree"), &out);
    assert_string_equal(buf_text(&out), "one two\tthree");
    mem_destroy(mem);
}

static void test_write_folds_at_blanks(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    header_write(&out, STR("To"), STR("aaaa bbbb cccc"), 12);
    assert_string_equal(buf_text(&out), "To: aaaa\n\tbbbb cccc\n");
    buf_clear(&out);
    header_write(&out, STR("To"), STR("nothing-to-cut-here but here"), 10);
    assert_string_equal(buf_text(&out), "To: nothing-to-cut-here\n\tbut here\n");
    buf_clear(&out);
    header_write(&out, STR("To"), STR(""), 10);
    assert_string_equal(buf_text(&out), "To: \n");
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_and_body),
        cmocka_unit_test(test_a_body_may_begin_without_an_empty_line),
        cmocka_unit_test(test_names_end_at_the_colon),
        cmocka_unit_test(test_find_ignores_case),
        cmocka_unit_test(test_unfold_leaves_the_blank),
        cmocka_unit_test(test_write_folds_at_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
