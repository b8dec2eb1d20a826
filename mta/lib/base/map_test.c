// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"

#include <stdio.h>

#include "base/err.h"

static void test_walks_go_in_order_of_insertion(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct map map;
    int values[400];
    int i = 0;

    (void)state;
    map_init(&map, mem, 400);
    for (i = 0; i < 400; i++) {
        char key[16];
        int size = snprintf(key, sizeof(key), "key %d", i * 7919 % 400);
        assert_int_equal(map_put(&map, str_of(key, (size_t)size), &values[i]), 0);
    }
    i = 0;
    for (struct map_entry *e = map_next(&map, NULL); e != NULL; e = map_next(&map, e)) {
        assert_ptr_equal(e->value, &values[i++]);
    }
    assert_int_equal(i, 400);
    assert_ptr_equal(map_get(&map, STR("key 0")), &values[0]);
    map_done(&map);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
}

static void test_put_replaces_and_the_limit_counts_entries(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct map map;
    int a = 0;
    int b = 0;

    (void)state;
    map_init(&map, mem, 1);
    assert_int_equal(map_put(&map, STR("k\0x"), &a), 0);
    assert_int_equal(map_put(&map, STR("k\0x"), &b), 0);
    assert_ptr_equal(map_get(&map, STR("k\0x")), &b);
    assert_null(map_get(&map, STR("k\0y")));
    assert_int_equal(map_put(&map, STR("other"), &a), -ERR_LIMIT);
    assert_int_equal(map.count, 1);
    map_done(&map);
    mem_destroy(mem);
}

static void test_removed_entries_are_gone(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct map map;
    int values[3];

    (void)state;
    map_init(&map, mem, 10);
    assert_null(map_remove(&map, STR("a")));
    assert_int_equal(map_put(&map, STR("a"), &values[0]), 0);
    assert_int_equal(map_put(&map, STR("b"), &values[1]), 0);
    assert_int_equal(map_put(&map, STR("c"), &values[2]), 0);
    assert_ptr_equal(map_remove(&map, STR("b")), &values[1]);
    assert_null(map_remove(&map, STR("b")));
    assert_null(map_get(&map, STR("b")));
    const struct map_entry *first = map_next(&map, NULL);
    assert_ptr_equal(first->value, &values[0]);
    assert_ptr_equal(map_next(&map, first)->value, &values[2]);
    map_done(&map);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks_go_in_order_of_insertion),
        cmocka_unit_test(test_put_replaces_and_the_limit_counts_entries),
        cmocka_unit_test(test_removed_entries_are_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
