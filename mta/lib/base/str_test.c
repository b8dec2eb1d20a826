// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static void test_comparison_is_by_byte_then_size(void **state)
{
    (void)state;
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_true(str_compare(STR(""), str_of(NULL, 0)) == 0);
    assert_true(str_equal(STR("a\0b"), STR("a\0b")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
    assert_true(str_equal(STR(""), str_of(NULL, 0)));
}

static void test_folding_knows_only_ascii(void **state)
{
    (void)state;
    assert_true(str_equal_fold(STR("Mail"), STR("mAIL")));
    assert_false(str_equal_fold(STR("\xc4"), STR("\xe4")));
    assert_false(str_equal_fold(STR("["), STR("{")));
    assert_true(str_starts_with_fold(STR("FROM:x"), STR("from:")));
    assert_true(str_ends_with_fold(STR("a.EXAMPLE"), STR(".example")));
    assert_false(str_starts_with(STR("a"), STR("ab")));
    assert_false(str_ends_with(STR("b"), STR("ab")));
}

static void test_ascii_has_no_high_bit(void **state)
{
    (void)state;
    assert_true(str_is_ascii(STR("")));
    assert_true(str_is_ascii(STR("\0a\x7f")));
    assert_false(str_is_ascii(STR("a\x80")));
    assert_false(str_is_ascii(STR("\xff")));
}

static void test_find_gives_index_or_minus_one(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("a@b@c"), '@'), 1);
    assert_int_equal(str_find_last(STR("a@b@c"), '@'), 3);
    assert_int_equal(str_find(STR("abc"), '@'), -1);
    assert_int_equal(str_find(str_of(NULL, 0), '@'), -1);
    assert_int_equal(str_find_str(STR("aabab"), STR("bab")), 2);
    assert_int_equal(str_find_str(STR("aa"), STR("aaa")), -1);
    assert_int_equal(str_find_str(STR("aa"), STR("")), 0);
}

static void test_parts_are_clamped(void **state)
{
    (void)state;
    assert_true(str_equal(str_first(STR("abc"), 9), STR("abc")));
    assert_true(str_equal(str_skip(STR("abc"), 9), STR("")));
    assert_true(str_equal(str_skip(STR("abc"), 1), STR("bc")));
    assert_null(str_skip(str_of(NULL, 0), 3).data);
}

static void test_trim_takes_both_ends(void **state)
{
    (void)state;
    assert_true(str_equal(str_trim(STR(" \ta b\t ")), STR("a b")));
    assert_true(str_equal(str_trim(STR("a\r\n")), STR("a\r\n")));
    assert_true(str_equal(str_trim_space(STR("\r\n a\v\f")), STR("a")));
    assert_true(str_equal(str_trim(STR(" \t ")), STR("")));
}

static void test_next_gives_one_part_more_than_separators(void **state)
{
    static const char *const expected[] = {"", "a", "", "b", ""};
    struct str rest = STR(",a,,b,");
    struct str part;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_true(str_next(&rest, ',', &part));
        assert_true(str_equal(part, str_from(expected[i])));
    }
    assert_false(str_next(&rest, ',', &part));
}

static void test_next_of_an_empty_text_is_one_empty_part(void **state)
{
    struct str rest = STR("");
    struct str part = STR("x");

    (void)state;
    assert_true(str_next(&rest, ',', &part));
    assert_int_equal(part.size, 0);
    assert_false(str_next(&rest, ',', &part));
}

static void test_tokens_are_never_empty(void **state)
{
    struct str rest = STR(" ,a, b\t,");
    struct str part;

    (void)state;
    assert_true(str_next_token(&rest, " \t,", &part));
    assert_true(str_equal(part, STR("a")));
    assert_true(str_next_token(&rest, " \t,", &part));
    assert_true(str_equal(part, STR("b")));
    assert_false(str_next_token(&rest, " \t,", &part));
}

static void test_character_classes_are_ascii(void **state)
{
    (void)state;
    for (int i = -128; i < 128; i++) {
        char c = (char)i;
        assert_int_equal(char_is_digit(c), i >= '0' && i <= '9');
        assert_int_equal(char_is_print(c), i >= 32 && i <= 126);
        if (i < 0) {
            assert_false(char_is_alnum(c) || char_is_space(c));
            assert_int_equal(char_lower(c), c);
            assert_int_equal(char_upper(c), c);
        }
    }
    assert_int_equal(char_lower('Z'), 'z');
    assert_int_equal(char_upper('a'), 'A');
    assert_true(char_is_space('\v') && !char_is_space('\0'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison_is_by_byte_then_size),
        cmocka_unit_test(test_folding_knows_only_ascii),
        cmocka_unit_test(test_ascii_has_no_high_bit),
        cmocka_unit_test(test_find_gives_index_or_minus_one),
        cmocka_unit_test(test_parts_are_clamped),
        cmocka_unit_test(test_trim_takes_both_ends),
        cmocka_unit_test(test_next_gives_one_part_more_than_separators),
        cmocka_unit_test(test_next_of_an_empty_text_is_one_empty_part),
        cmocka_unit_test(test_tokens_are_never_empty),
        cmocka_unit_test(test_character_classes_are_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
