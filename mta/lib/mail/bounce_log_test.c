// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/bounce_log.h"

static const struct bounce_record sample = {
    .recipient = STR_INIT("bob@far.test"),
    .offset = 640,
    .dsn_orig_rcpt = STR_INIT("rfc822;bob@far.test"),
    .dsn =
        {
            .status = STR_INIT("5.1.1"),
            .action = STR_INIT("failed"),
            .diag_type = STR_INIT("smtp"),
            .diag_text = STR_INIT("550 5.1.1 no such user"),
            .mta_type = STR_INIT("dns"),
            .mta_name = STR_INIT("mx.far.test"),
            .reason = STR_INIT("host mx.far.test said: 550 5.1.1 no such user"),
        },
};

static int setup(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf *log = mem_alloc(mem, sizeof(*log));
    buf_init(log, mem, 65536);
    *state = log;
    return 0;
}

static int teardown(void **state)
{
    struct buf *log = *state;
    mem_destroy(log->mem);
    return 0;
}

static void test_what_is_written_is_read(void **state)
{
    struct buf *log = *state;
    bounce_log_write(log, &sample);
    struct str rest = buf_str(log);
    struct bounce_record record;
    assert_true(bounce_log_next(&rest, &record));
    assert_true(str_equal(record.recipient, sample.recipient));
    assert_int_equal(record.offset, 640);
    assert_true(str_equal(record.dsn.diag_text, sample.dsn.diag_text));
    assert_true(str_equal(record.dsn.reason, sample.dsn.reason));
    assert_false(bounce_log_next(&rest, &record));
}

static void test_remote_text_cannot_start_a_field(void **state)
{
    struct buf *log = *state;
    struct bounce_record hostile = sample;
    hostile.dsn.reason = STR("said: 550\nrecipient=victim@our.test\n\nstatus=2.0.0");
    bounce_log_write(log, &hostile);
    struct str rest = buf_str(log);
    struct bounce_record record;
    assert_true(bounce_log_next(&rest, &record));
    assert_true(str_equal(record.recipient, sample.recipient));
    assert_true(str_equal(record.dsn.status, sample.dsn.status));
    assert_false(bounce_log_next(&rest, &record));
}

static void test_a_cut_off_record_is_skipped_at_every_byte(void **state)
{
    struct buf *log = *state;
    bounce_log_write(log, &sample);
    size_t whole = log->size;
    bounce_log_write(log, &sample);
    for (size_t size = whole; size < log->size; size++) {
        assert_int_equal(bounce_log_complete_size(str_first(buf_str(log), size)), whole);
    }
    assert_int_equal(bounce_log_complete_size(buf_str(log)), log->size);
}

static void test_zeros_behind_the_last_record_are_skipped(void **state)
{
    struct buf *log = *state;
    bounce_log_write(log, &sample);
    size_t whole = log->size;
    buf_put(log, str_of("\0\0\0\0\0\0\0\0", 8));
    assert_int_equal(bounce_log_complete_size(buf_str(log)), whole);
}

static void test_a_log_with_a_spoilt_record_is_not_sound(void **state)
{
    struct buf *log = *state;
    assert_true(bounce_log_is_sound(buf_str(log)));
    bounce_log_write(log, &sample);
    size_t whole = log->size;
    bounce_log_write(log, &sample);
    assert_true(bounce_log_is_sound(buf_str(log)));
    assert_false(bounce_log_is_sound(str_first(buf_str(log), log->size - 1)));
    log->data[str_find_str(str_skip(buf_str(log), 1), STR("\nrecipient="))] = '\0';
    assert_true(bounce_log_is_sound(str_skip(buf_str(log), whole)));
    assert_false(bounce_log_is_sound(buf_str(log)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_remote_text_cannot_start_a_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_off_record_is_skipped_at_every_byte, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_log_with_a_spoilt_record_is_not_sound, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_zeros_behind_the_last_record_are_skipped, setup,
                                        teardown),
    };
    return cmocka_run_group_tests_name("bounce_log", tests, NULL, NULL);
}
