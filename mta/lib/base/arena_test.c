// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#include <string.h>

static void test_pieces_are_zeroed_and_aligned(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct arena arena;

    (void)state;
    arena_init(&arena, mem, 100000);
    for (size_t size = 0; size < 200; size++) {
        unsigned char *data = arena_alloc(&arena, size);
        assert_non_null(data);
        assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(data[i], 0);
        }
        memset(data, 0xff, size);
    }
    arena_done(&arena);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_the_limit_holds_over_all_pieces(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct arena arena;

    (void)state;
    arena_init(&arena, mem, 64);
    assert_non_null(arena_alloc(&arena, 48));
    assert_null(arena_alloc(&arena, 17));
    assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_copy(&arena, STR("x")).data);
    assert_null(arena_copy_lower(&arena, STR("X")).data);
    assert_null(arena_printf(&arena, "%d", 1).data);
    arena_done(&arena);
    mem_destroy(mem);
}

static void test_reset_keeps_one_chunk_and_gives_zeros_again(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct arena arena;

    (void)state;
    arena_init(&arena, mem, 1000000);
    char *first = arena_alloc(&arena, 500);
    memset(first, 'x', 500);
    assert_non_null(arena_alloc(&arena, 500000));
    arena_reset(&arena);
    assert_int_equal(mem_count(mem), 1);
    char *again = arena_alloc(&arena, 500);
    assert_ptr_equal(again, first);
    assert_int_equal(again[499], 0);
    arena_done(&arena);
    arena_reset(&arena);
    mem_destroy(mem);
}

static void test_texts_end_with_nul(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct arena arena;

    (void)state;
    arena_init(&arena, mem, 1000);
    struct str copy = arena_copy(&arena, STR("text"));
    assert_string_equal(copy.data, "text");
    assert_int_equal(copy.size, 4);
    struct str printed = arena_printf(&arena, "%s-%d", "a", 7);
    assert_string_equal(printed.data, "a-7");
    assert_int_equal(printed.size, 3);
    arena_done(&arena);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_and_aligned),
        cmocka_unit_test(test_the_limit_holds_over_all_pieces),
        cmocka_unit_test(test_reset_keeps_one_chunk_and_gives_zeros_again),
        cmocka_unit_test(test_texts_end_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
