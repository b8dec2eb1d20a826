// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

#include "base/err.h"

static void test_content_grows_and_ends_with_nul(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf buf;

    (void)state;
    buf_init(&buf, mem, 100000);
    assert_string_equal(buf_text(&buf), "");
    for (int i = 0; i < 1000; i++) {
        buf_putf(&buf, "%03d,", i);
    }
    assert_int_equal(buf.size, 4000);
    assert_int_equal(buf_text(&buf)[4000], 0);
    assert_true(str_ends_with(buf_str(&buf), STR("998,999,")));
    buf_done(&buf);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_what_does_not_fit_is_left_out_whole(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf buf;

    (void)state;
    buf_init(&buf, mem, 5);
    buf_put_text(&buf, "abc");
    assert_int_equal(buf_error(&buf), 0);
    buf_put_text(&buf, "def");
    assert_int_equal(buf_error(&buf), -ERR_LIMIT);
    buf_put_char(&buf, 'g');
    assert_string_equal(buf_text(&buf), "abc");
    buf_clear(&buf);
    buf_put_text(&buf, "12345");
    assert_int_equal(buf_error(&buf), 0);
    assert_string_equal(buf_text(&buf), "12345");
    buf_done(&buf);
    mem_destroy(mem);
}

static void test_drop_and_truncate(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf buf;

    (void)state;
    buf_init(&buf, mem, 100);
    buf_drop_first(&buf, 0);
    buf_truncate(&buf, 0);
    buf_put(&buf, STR("one two"));
    buf_drop_first(&buf, 4);
    assert_string_equal(buf_text(&buf), "two");
    buf_truncate(&buf, 1);
    assert_string_equal(buf_text(&buf), "t");
    buf_put(&buf, str_of(NULL, 0));
    assert_string_equal(buf_text(&buf), "t");
    buf_done(&buf);
    mem_destroy(mem);
}

static void test_reserved_room_becomes_content(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf buf;

    (void)state;
    buf_init(&buf, mem, 10);
    char *room = buf_reserve(&buf, 10);
    assert_non_null(room);
    room[0] = 'x';
    buf_grew(&buf, 1);
    assert_string_equal(buf_text(&buf), "x");
    assert_null(buf_reserve(&buf, 10));
    buf_done(&buf);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_grows_and_ends_with_nul),
        cmocka_unit_test(test_what_does_not_fit_is_left_out_whole),
        cmocka_unit_test(test_drop_and_truncate),
        cmocka_unit_test(test_reserved_room_becomes_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
