// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/test_output.h"
#include "log/value.h"

static void test_good_utf8_stays_and_bad_is_replaced(void **state)
{
    struct buf *out = test_output_clean(state);
    log_put_text(out, STR("\xc0\xaf|\xed\xa0\x80|\xf5|\xc2\x85|\xe2\x80\xa8|\x7f|\xe2\x82\xac"));
    assert_string_equal(buf_text(out), "\?\?|\?\?\?|?|?|?|?|\xe2\x82\xac");
}

static void test_what_must_not_stand_there_is_replaced(void **state)
{
    struct str text = STR("a<b>c d,e;f:g(h)i");
    struct buf *out = test_output_clean(state);
    log_put_harmless(out, text, LOG_IN_ADDRESS);
    buf_put_char(out, '\n');
    log_put_harmless(out, text, LOG_IN_NAME);
    buf_put_char(out, '\n');
    log_put_harmless(out, text, LOG_IN_ID);
    assert_string_equal(buf_text(out), "a?b?c d,e;f:g(h)i\na?b?c?d?e?f:g?h?i\na?b?c?d?e;f?g?h?i");
    assert_int_equal(log_harmless_size(text, LOG_IN_TEXT), text.size);
    assert_int_equal(log_harmless_size(text, LOG_IN_ADDRESS), 1);
}

static void test_a_longer_text_is_cut_at_a_character(void **state)
{
    struct buf *out = test_output_clean(state);
    log_put_text(out, STR("ab\xe2\x82\xac"
                          "cd"));
    log_cut(out, 7);
    assert_string_equal(buf_text(out), "ab\xe2\x82\xac"
                                       "cd");
    log_cut(out, 6);
    assert_string_equal(buf_text(out), "ab...");
}

static void test_delays_have_two_significant_digits(void **state)
{
    static const struct {
        int64_t milli_s;
        const char *text;
    } rows[] = {
        {-5, "0"},     {0, "0"},     {4, "0"},      {5, "0.01"},   {56, "0.06"},
        {100, "0.1"},  {999, "1"},   {1000, "1"},   {1240, "1.2"}, {1250, "1.3"},
        {9949, "9.9"}, {9950, "10"}, {12400, "12"}, {12500, "13"}, {433100000, "433100"},
        {560, "0.56"}, {5000, "5"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf *out = test_output_clean(state);
        log_put_delay(out, rows[i].milli_s * 1000000);
        assert_string_equal(buf_text(out), rows[i].text);
    }
}

static void test_delays_are_read_as_they_are_written(void **state)
{
    static const struct {
        const char *text;
        int64_t delay_ns; /* -1: is not written so */
    } rows[] = {
        {"0", 0},
        {"0.01", 10000000},
        {"0.5", 500000000},
        {"1.2", 1200000000},
        {"10", 10000000000},
        {"", -1},
        {".5", -1},
        {"0.", -1},
        {"0.50", -1},
        {"1.25", -1},
        {"10.5", -1},
        {"01", -1},
        {"-1", -1},
        {"1e3", -1},
        {"0.-1", -1},
        {"9000000001", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t delay_ns = -1;
        int error = log_parse_delay(str_from(rows[i].text), &delay_ns);
        assert_int_equal(delay_ns, rows[i].delay_ns);
        assert_int_equal(error == 0, delay_ns >= 0);
    }
}

static void test_seconds_are_read_to_the_nanosecond(void **state)
{
    int64_t delay_ns = 0;
    struct buf *out = test_output_clean(state);
    log_put_seconds(out, 1234567890);
    assert_string_equal(buf_text(out), "1.234567");
    assert_int_equal(log_parse_seconds(buf_str(out), &delay_ns), 0);
    assert_int_equal(delay_ns, 1234567000);
    assert_int_equal(log_parse_seconds(STR("0.000000001"), &delay_ns), 0);
    assert_int_equal(delay_ns, 1);
    assert_int_not_equal(log_parse_seconds(STR("0.0000000001"), &delay_ns), 0);
    assert_int_not_equal(log_parse_seconds(STR("1."), &delay_ns), 0);
}

static void test_numbers_have_one_form(void **state)
{
    static const char *const bad[] = {"", "-", "-0", "007", "+1", "1 ", "9223372036854775808"};
    int64_t value = 0;
    (void)state;
    assert_int_equal(log_parse_int(STR("-12"), &value), 0);
    assert_int_equal(value, -12);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_not_equal(log_parse_int(str_from(bad[i]), &value), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_utf8_stays_and_bad_is_replaced),
        cmocka_unit_test(test_what_must_not_stand_there_is_replaced),
        cmocka_unit_test(test_a_longer_text_is_cut_at_a_character),
        cmocka_unit_test(test_delays_have_two_significant_digits),
        cmocka_unit_test(test_delays_are_read_as_they_are_written),
        cmocka_unit_test(test_seconds_are_read_to_the_nanosecond),
        cmocka_unit_test(test_numbers_have_one_form),
    };
    return cmocka_run_group_tests(tests, test_output_set_up, test_output_tear_down);
}
