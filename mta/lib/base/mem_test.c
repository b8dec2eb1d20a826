// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

#include <string.h>

static void jump_back(void *argument)
{
    longjmp(*(jmp_buf *)argument, 1);
}

static void test_what_is_allocated_is_counted(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    char *a = mem_alloc(mem, 10);
    char *b = mem_alloc(mem, 0);

    (void)state;
    assert_ptr_not_equal(a, b);
    assert_int_equal(mem_bytes(mem), 10);
    assert_int_equal(mem_count(mem), 2);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(a[i], 0);
    }
    a = mem_resize(mem, a, 1000);
    assert_int_equal(mem_bytes(mem), 1000);
    mem_free(mem, a);
    mem_free(mem, b);
    mem_free(mem, NULL);
    assert_int_equal(mem_bytes(mem), 0);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_resize_keeps_the_content(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    char *data = mem_resize(mem, NULL, 4);

    (void)state;
    memcpy(data, "abc", 4);
    data = mem_resize(mem, data, 100000);
    assert_string_equal(data, "abc");
    data = mem_resize(mem, data, 4);
    assert_string_equal(data, "abc");
    mem_destroy(mem);
}

static void test_destroy_releases_what_is_left(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        assert_non_null(mem_alloc(mem, i));
    }
    mem_destroy(mem); /* a leak is seen by the sanitizer */
    mem_destroy(NULL);
}

static void test_beyond_the_limit_the_handler_is_called(void **state)
{
    jmp_buf back;
    struct mem *volatile mem = mem_create(100, jump_back, &back);
    char *volatile data = NULL;

    (void)state;
    if (setjmp(back) == 0) {
        data = mem_alloc(mem, 60);
        data = mem_alloc(mem, 41);
        fail();
    }
    assert_non_null(data);
    assert_int_equal(mem_count(mem), 1);
    if (setjmp(back) == 0) {
        data = mem_resize(mem, data, 101);
        fail();
    }
    assert_int_equal(mem_bytes(mem), 60);
    mem_destroy(mem);
}

static void test_copies_end_with_nul(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);

    (void)state;
    assert_string_equal(mem_copy_str(mem, STR("text")), "text");
    assert_string_equal(mem_copy_str(mem, str_of(NULL, 0)), "");
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_allocated_is_counted),
        cmocka_unit_test(test_resize_keeps_the_content),
        cmocka_unit_test(test_destroy_releases_what_is_left),
        cmocka_unit_test(test_beyond_the_limit_the_handler_is_called),
        cmocka_unit_test(test_copies_end_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
