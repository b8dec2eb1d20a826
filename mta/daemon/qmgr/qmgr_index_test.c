// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "qmgr/qmgr_index.h"

enum { MANY = 1000, ID_SIZE = 16, DEFERRED = 200 * 1000, BYTES_PER_ENTRY_MAX = 40 };

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static int setup(void **state)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct qmgr_index *index = mem_alloc(mem, sizeof(*index));
    qmgr_index_init(index, mem);
    *state = index;
    return 0;
}

static int teardown(void **state)
{
    struct qmgr_index *index = *state;
    struct mem *mem = index->mem;
    qmgr_index_done(index);
    assert_int_equal(mem_count(mem), 1); /* the index itself */
    mem_destroy(mem);
    return 0;
}

static void put(struct qmgr_index *index, const char *id, int64_t due_wall_ns)
{
    assert_int_equal(qmgr_index_put(index, str_from(id), QUEUE_DEFERRED, due_wall_ns), 0);
}

static void take(struct qmgr_index *index, const char *id, int64_t due_wall_ns)
{
    struct qmgr_waiting first;
    assert_true(qmgr_index_first(index, &first));
    assert_true(str_equal(str_from(first.id), str_from(id)));
    assert_int_equal(first.due_wall_ns, due_wall_ns);
    qmgr_index_remove(index, str_from(id));
}

static bool is_empty(const struct qmgr_index *index)
{
    struct qmgr_waiting first;
    return !qmgr_index_first(index, &first);
}

static void test_earliest_first(void **state)
{
    struct qmgr_index *index = *state;
    assert_true(is_empty(index));
    put(index, "C", 300);
    put(index, "A", 100);
    put(index, "B", 200);
    take(index, "A", 100);
    take(index, "B", 200);
    take(index, "C", 300);
    assert_true(is_empty(index));
}

static void test_ids_decide_between_equal_times(void **state)
{
    struct qmgr_index *index = *state;
    put(index, "B", 100);
    put(index, "C", 100);
    put(index, "A", 100);
    take(index, "A", 100);
    take(index, "B", 100);
    take(index, "C", 100);
}

static void test_an_id_is_there_once_with_its_last_time_and_queue(void **state)
{
    struct qmgr_index *index = *state;
    put(index, "A", 100);
    put(index, "B", 200);
    assert_int_equal(qmgr_index_put(index, STR("A"), QUEUE_ACTIVE, 300), 0);
    assert_int_equal(index->count, 2);
    take(index, "B", 200);
    struct qmgr_waiting found;
    assert_true(qmgr_index_find(index, STR("A"), &found));
    assert_int_equal(found.name, QUEUE_ACTIVE);
    assert_false(qmgr_index_find(index, STR("B"), &found));
    take(index, "A", 300);
    assert_int_equal(index->count, 0);
}

static void test_remove_ignores_what_is_not_there(void **state)
{
    struct qmgr_index *index = *state;
    put(index, "A", 100);
    qmgr_index_remove(index, STR("B"));
    assert_int_equal(index->count, 1);
}

static void test_expedite_keeps_what_is_earlier(void **state)
{
    struct qmgr_index *index = *state;
    put(index, "C", 900);
    put(index, "B", 500);
    put(index, "D", 10);
    put(index, "A", 700);
    qmgr_index_expedite(index, 100);
    take(index, "D", 10);
    take(index, "A", 100);
    take(index, "B", 100);
    take(index, "C", 100);
}

/* Distinct times in a scattered order: 7 and 1009 have no common factor. */
static int64_t scattered(int i)
{
    return (int64_t)i * 7 % 1009;
}

static void test_many_come_out_in_order_after_removals(void **state)
{
    struct qmgr_index *index = *state;
    char id[ID_SIZE];
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "%d", i);
        put(index, id, scattered(i));
    }
    for (int i = 0; i < MANY; i += 3) {
        snprintf(id, sizeof(id), "%d", i);
        qmgr_index_remove(index, str_from(id));
    }
    int64_t last = -1;
    int count = 0;
    for (struct qmgr_waiting first; qmgr_index_first(index, &first); count++) {
        assert_true(first.due_wall_ns > last);
        last = first.due_wall_ns;
        qmgr_index_remove(index, str_from(first.id));
    }
    assert_int_equal(count, MANY - (MANY + 2) / 3);
}

static void test_a_long_id_is_as_good_as_a_short_one(void **state)
{
    struct qmgr_index *index = *state;
    char id[QUEUE_ID_BYTES_MAX + 1];
    memset(id, 'A', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    put(index, id, 200);
    put(index, "B", 100);
    put(index, id, 300);
    assert_int_equal(index->count, 2);
    take(index, "B", 100);
    take(index, id, 300);
    put(index, id, 1); /* is released with the index */
}

/* Letters of both cases, digits and _, and all sizes, those that are packed and others. */
static void test_ids_of_any_size_are_kept_byte_by_byte(void **state)
{
    static const char text[] = "az09AZ_bB5_zZa1_9y8Yx7Xw6WZ";
    struct qmgr_index *index = *state;
    char id[sizeof(text)];
    for (size_t size = sizeof(text) - 1; size > 0; size--) {
        snprintf(id, sizeof(id), "%.*s", (int)size, text);
        put(index, id, 100);
    }
    for (size_t size = 1; size < sizeof(text); size++) { /* a shorter text comes before a longer */
        snprintf(id, sizeof(id), "%.*s", (int)size, text);
        struct qmgr_waiting found;
        assert_true(qmgr_index_find(index, str_from(id), &found));
        take(index, id, 100);
    }
    assert_true(is_empty(index));
}

static void test_what_is_no_id_is_not_found(void **state)
{
    struct qmgr_index *index = *state;
    struct qmgr_waiting found;
    put(index, "A", 100);
    assert_false(qmgr_index_find(index, STR("A-"), &found));
    assert_false(qmgr_index_find(index, STR(""), &found));
    qmgr_index_remove(index, STR("A/../A"));
    take(index, "A", 100);
}

static void test_ids_are_in_the_order_of_bytes(void **state)
{
    static const char *const ids[] = {
        "0", "9", "A", "Z", "ZZ", "_", "_0", "a", "aaaaaaaaaaaaaaaaaaa", "z"};
    struct qmgr_index *index = *state;
    for (size_t i = sizeof(ids) / sizeof(ids[0]); i > 0; i--) {
        put(index, ids[i - 1], 100);
    }
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        take(index, ids[i], 100);
    }
}

static void test_numbers_of_removed_entries_are_used_again(void **state)
{
    struct qmgr_index *index = *state;
    char id[ID_SIZE];
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "%d", i);
        put(index, id, i);
        qmgr_index_remove(index, str_from(id));
    }
    assert_int_equal(index->entries_made, 1);
}

static void test_a_deferred_message_takes_few_bytes(void **state)
{
    struct qmgr_index *index = *state;
    char id[ID_SIZE];
    size_t bytes_before = mem_bytes(index->mem);
    for (int i = 0; i < DEFERRED; i++) {
        snprintf(id, sizeof(id), "4X%08dzB", i);
        put(index, id, scattered(i));
    }
    size_t bytes = mem_bytes(index->mem) - bytes_before;
    assert_true(bytes <= (size_t)DEFERRED * BYTES_PER_ENTRY_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_earliest_first),
        TEST(test_ids_decide_between_equal_times),
        TEST(test_an_id_is_there_once_with_its_last_time_and_queue),
        TEST(test_remove_ignores_what_is_not_there),
        TEST(test_expedite_keeps_what_is_earlier),
        TEST(test_many_come_out_in_order_after_removals),
        TEST(test_a_long_id_is_as_good_as_a_short_one),
        TEST(test_ids_of_any_size_are_kept_byte_by_byte),
        TEST(test_what_is_no_id_is_not_found),
        TEST(test_ids_are_in_the_order_of_bytes),
        TEST(test_numbers_of_removed_entries_are_used_again),
        TEST(test_a_deferred_message_takes_few_bytes),
    };
    return cmocka_run_group_tests_name("qmgr_index", tests, NULL, NULL);
}
