// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/queue_id.h"

#include "base/err.h"
#include "proto/test_page.h"

static void test_long_ids_round_trip(void **state)
{
    static const int64_t times[] = {0, 1, 999999999, 1700000000123456789, 4102444800000001000};
    static const uint64_t inodes[] = {0, 1, 50, 51, 123456789, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < 6; k++) {
            char id[QUEUE_ID_SIZE];
            int64_t wall_s = 0;
            uint32_t microseconds = 0;
            uint64_t inode = 0;
            queue_id_write_long(times[i], inodes[k], id);
            assert_true(queue_id_is_valid(str_from(id)));
            assert_true(queue_id_is_long(str_from(id)));
            assert_int_equal(
                queue_id_parse(test_page(str_from(id)), &wall_s, &microseconds, &inode), 0);
            assert_int_equal(wall_s, times[i] / 1000000000);
            assert_int_equal(microseconds, times[i] % 1000000000 / 1000);
            assert_true(inode == inodes[k]);
        }
    }
}

static void test_known_ids(void **state)
{
    char id[QUEUE_ID_SIZE];
    int64_t wall_s = 0;
    uint32_t microseconds = 0;
    uint64_t inode = 0;

    (void)state;
    queue_id_write_long(1000000000, 51, id);
    assert_string_equal(id, "0000010000z10");
    queue_id_write_short(1700000000012345678, 0xabcdef, id);
    assert_string_equal(id, "03039ABCDEF");
    assert_false(queue_id_is_long(str_from(id)));
    assert_int_equal(queue_id_parse(str_from(id), &wall_s, &microseconds, &inode), 0);
    assert_int_equal(wall_s, -1);
    assert_int_equal(microseconds, 12345);
    assert_int_equal(inode, 0xabcdef);
}

static void test_bad_ids(void **state)
{
    static const char *const invalid[] = {"", "a/b", "a.b", "..", "a b", "a\n"};
    static const char *const unparsable[] = {"XYZ",         "12345",        "123",         "FFFFF1",
                                             "0000010000z", "0000010000za", "000001zzzzz1"};

    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        assert_false(queue_id_is_valid(test_page(str_from(invalid[i]))));
    }
    for (size_t i = 0; i < sizeof(unparsable) / sizeof(unparsable[0]); i++) {
        int64_t wall_s = 0;
        uint32_t microseconds = 0;
        uint64_t inode = 0;
        assert_int_equal(
            queue_id_parse(test_page(str_from(unparsable[i])), &wall_s, &microseconds, &inode),
            -ERR_SYNTAX);
    }
}

static void test_directories_of_hashed_queues(void **state)
{
    char id[QUEUE_ID_SIZE];
    char path[QUEUE_ID_PATH_SIZE];

    (void)state;
    assert_string_equal(queue_id_directory(STR("AB123"), 0, path), "");
    assert_string_equal(queue_id_directory(STR("AB123"), 2, path), "A/B/");
    assert_string_equal(queue_id_directory(STR("A"), 3, path), "A/_/_/");
    queue_id_write_long(1700000000000000000 + 0xF1234 * INT64_C(1000), 7, id);
    assert_string_equal(queue_id_directory(str_from(id), 5, path), "F/1/2/3/4/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_ids_round_trip),
        cmocka_unit_test(test_known_ids),
        cmocka_unit_test(test_bad_ids),
        cmocka_unit_test(test_directories_of_hashed_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
