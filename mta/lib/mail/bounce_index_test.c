// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/bounce_index.h"

static void put(struct buf *log, struct str recipient, int64_t offset, struct str reason)
{
    const struct bounce_record record = {
        .recipient = recipient,
        .offset = offset,
        .dsn = {.status = STR_INIT("4.0.0"), .action = STR_INIT("delayed"), .reason = reason},
    };
    bounce_log_write(log, &record);
}

static void test_the_last_record_of_a_recipient_counts(void **state)
{
    (void)state;
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf log;
    struct bounce_index index;
    struct bounce_record record;
    buf_init(&log, mem, 65536);
    put(&log, STR("bob@far.test"), 10, STR("old"));
    put(&log, STR("bob@far.test"), 20, STR("other"));
    put(&log, STR("bob@far.test"), 10, STR("new"));
    assert_int_equal(bounce_index_init(&index, mem, buf_str(&log)), 0);

    assert_true(bounce_index_find(&index, 10, &record));
    assert_true(str_equal(record.dsn.reason, STR("new")));
    assert_false(bounce_index_find(&index, 30, &record));

    struct str rest = index.log;
    assert_true(bounce_index_next(&index, &rest, &record));
    assert_true(str_equal(record.dsn.reason, STR("other")));
    assert_true(bounce_index_next(&index, &rest, &record));
    assert_true(str_equal(record.dsn.reason, STR("new")));
    assert_false(bounce_index_next(&index, &rest, &record));
    bounce_index_done(&index);
    mem_destroy(mem);
}

static void test_aliases_are_told_apart_by_their_addresses(void **state)
{
    (void)state;
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf log;
    struct bounce_index index;
    struct bounce_record record;
    buf_init(&log, mem, 65536);
    put(&log, STR("team@our.test"), 0, STR("old"));
    put(&log, STR("boss@our.test"), 0, STR("other"));
    put(&log, STR("team@our.test"), 0, STR("new"));
    assert_int_equal(bounce_index_init(&index, mem, buf_str(&log)), 0);

    struct str rest = index.log;
    assert_true(bounce_index_next(&index, &rest, &record));
    assert_true(str_equal(record.recipient, STR("boss@our.test")));
    assert_true(bounce_index_next(&index, &rest, &record));
    assert_true(str_equal(record.dsn.reason, STR("new")));
    assert_false(bounce_index_next(&index, &rest, &record));
    bounce_index_done(&index);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_record_of_a_recipient_counts),
        cmocka_unit_test(test_aliases_are_told_apart_by_their_addresses),
    };
    return cmocka_run_group_tests_name("bounce_index", tests, NULL, NULL);
}
