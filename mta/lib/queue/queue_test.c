// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/test_instance.h"
#include "os/os.h"
#include "queue/queue_file.h"
#include "queue/queue_message.h"
#include "queue/queue_scan.h"
#include "sys/clock.h"

#define NOW_WALL_NS (INT64_C(1795493388) * SYS_SECOND_NS)

/* One queue in a directory of its own; every test starts with empty directories. */
static struct sys *test_sys;
static const struct conf *conf;
static struct queue queue;
static struct arena arena;
static char id[QUEUE_ID_SIZE]; /* of the message that put_message() made */

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(queue_open(&queue, test_sys, conf), 0);
    arena_init(&arena, sys_mem(test_sys), 1 << 20);
    return 0;
}

static void empty(enum queue_name name)
{
    struct queue_scan scan;
    struct str found;
    assert_int_equal(queue_scan_open(&queue, name, &scan), 0);
    for (;;) {
        int kind = queue_scan_next(&scan, &found);
        if (kind == QUEUE_FOUND_ID) {
            assert_int_equal(queue_remove(&queue, name, found), 0);
        } else {
            assert_int_equal(kind, QUEUE_FOUND_END);
            break;
        }
    }
    queue_scan_close(&scan);
}

static int tear_down(void **state)
{
    (void)state;
    for (int name = 0; name < QUEUE_COUNT; name++) {
        empty((enum queue_name)name);
    }
    arena_done(&arena);
    queue_close(&queue);
    return 0;
}

static void put_time(struct queue_file *file)
{
    char time[QUEUE_RECORD_TIME_SIZE];
    queue_record_time_write(NOW_WALL_NS, time);
    queue_file_put(file, QUEUE_RECORD_ARRIVAL_TIME, str_from(time));
}

static void put_warn_time(struct queue_file *file)
{
    char text[QUEUE_RECORD_WARN_BYTES + 1];
    queue_record_warn_write(NOW_WALL_NS / SYS_SECOND_NS + 3600, text);
    queue_file_put(file, QUEUE_RECORD_WARN_TIME, str_from(text));
}

/* A message from a to b and c, which filters sent to d, with line_count lines of content. */
static void put_message(int line_count)
{
    static const char line[] = "0123456789012345678901234567890123456789012345678901234567890123";
    struct queue_file file;
    struct queue_record_size size = {.recipient_count = 2};
    assert_int_equal(queue_file_create(&queue, QUEUE_INCOMING, &file), 0);
    put_time(&file);
    queue_file_put(&file, QUEUE_RECORD_ATTRIBUTE, STR("create_time=1795493380"));
    put_warn_time(&file);
    queue_file_put(&file, QUEUE_RECORD_VERP, STR("+="));
    queue_file_put(&file, QUEUE_RECORD_SENDER, STR("a@our.example"));
    queue_file_put(&file, QUEUE_RECORD_ATTRIBUTE, STR("log_helo_name=client.example"));
    queue_file_put(&file, QUEUE_RECORD_ORIGINAL, STR("alias@our.example"));
    queue_file_put(&file, QUEUE_RECORD_DSN_NOTIFY, STR("4"));
    queue_file_put(&file, QUEUE_RECORD_RECIPIENT, STR("b@far.example"));
    queue_file_put(&file, QUEUE_RECORD_RECIPIENT, STR("c@far.example"));
    queue_file_put(&file, QUEUE_RECORD_CONTENT, STR(""));
    size.content_offset = queue_file_offset(&file);
    for (int i = 0; i < line_count; i++) {
        queue_file_put(&file, QUEUE_RECORD_LINE, str_from(line));
    }
    size.file_content_bytes = queue_file_offset(&file) - size.content_offset;
    queue_file_put(&file, QUEUE_RECORD_EXTRACTED, STR(""));
    queue_file_put(&file, QUEUE_RECORD_REDIRECT, STR("d@far.example"));
    queue_file_put(&file, QUEUE_RECORD_END, STR(""));
    memcpy(id, file.id, sizeof id);
    assert_int_equal(queue_file_commit(&file, &size), 0);
}

static int count(enum queue_name name, enum queue_found wanted)
{
    struct queue_scan scan;
    struct str found;
    int kind;
    int sum = 0;
    assert_int_equal(queue_scan_open(&queue, name, &scan), 0);
    while ((kind = queue_scan_next(&scan, &found)) > 0) {
        sum += kind == (int)wanted;
    }
    assert_int_equal(kind, 0);
    queue_scan_close(&scan);
    return sum;
}

static struct str str_id(void)
{
    return str_from(id);
}

/* ---- creation -------------------------------------------------------------------------------- */

static void test_committed_message_is_ready_in_incoming(void **state)
{
    (void)state;
    struct queue_message message;
    int64_t before_wall_ns = sys_wall_ns(test_sys) - SYS_SECOND_NS; /* stamps of files are coarse */
    put_message(3);
    assert_true(queue_id_is_long(str_id()));
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    assert_int_equal(message.stat.mode, 0700);
    assert_in_range(message.stat.mtime_wall_ns, before_wall_ns, sys_wall_ns(test_sys));
    queue_message_close(&message);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), 1);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_TEMPORARY), 0);
}

static void test_unfinished_file_has_no_id_and_is_locked(void **state)
{
    (void)state;
    struct queue_file file;
    assert_int_equal(queue_file_create(&queue, QUEUE_INCOMING, &file), 0);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), 0);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_TEMPORARY), 1);
    int fd = sys_open(test_sys, SYS_HERE, file.path, SYS_OPEN_READ, 0);
    assert_true(fd >= 0);
    assert_int_equal(sys_lock(test_sys, fd, false, 0), -ERR_LOCKED);
    sys_close(test_sys, fd);
    queue_file_abort(&file);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_TEMPORARY), 0);
}

static void test_message_is_opened_alone_or_not_at_all(void **state)
{
    (void)state;
    struct queue_message message;
    struct queue_message other;
    put_message(1);
    assert_int_equal(queue_message_open_alone(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    assert_int_equal(queue_message_open_alone(&queue, QUEUE_INCOMING, str_id(), &other),
                     -ERR_LOCKED);
    queue_message_close(&message);
    assert_int_equal(queue_message_open_alone(&queue, QUEUE_INCOMING, str_id(), &other), 0);
    queue_message_close(&other);
}

static void test_submitted_message_is_ready_in_maildrop_for_all_to_read(void **state)
{
    (void)state;
    struct queue_file file;
    struct queue_message message;
    struct queue_record record;
    struct sys_stat stat;
    assert_int_equal(queue_file_create(&queue, QUEUE_MAILDROP, &file), 0);
    assert_int_equal(count(QUEUE_MAILDROP, QUEUE_FOUND_TEMPORARY), 1);
    queue_file_put(&file, QUEUE_RECORD_SENDER, STR("a@our.example"));
    memcpy(id, file.id, sizeof id);
    assert_int_equal(queue_file_commit(&file, NULL), 0);
    int fd = queue_open_file(&queue, QUEUE_MAILDROP, str_id(), SYS_OPEN_READ, 0);
    assert_int_equal(sys_fstat(test_sys, fd, &stat), 0);
    assert_int_equal(stat.mode, 0744);
    queue_message_adopt(&queue, fd, &(struct queue_record_size){.content_offset = 0}, &message);
    assert_int_equal(queue_message_record(&message, &record), 0);
    assert_int_equal(record.type, QUEUE_RECORD_SENDER);
    assert_int_equal(queue_message_record(&message, &record), -ERR_CORRUPT);
    assert_true(message.cut);
    queue_message_close(&message);
}

static void test_too_long_record_fails_the_commit_and_removes_the_file(void **state)
{
    (void)state;
    struct queue_file file;
    struct queue_record_size size = {.content_offset = 0};
    char *data = mem_alloc(sys_mem(test_sys), QUEUE_RECORD_DATA_MAX + 1);
    assert_int_equal(queue_file_create(&queue, QUEUE_INCOMING, &file), 0);
    queue_file_put(&file, QUEUE_RECORD_LINE, str_of(data, QUEUE_RECORD_DATA_MAX + 1));
    assert_int_equal(queue_file_commit(&file, &size), -ERR_LIMIT);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_TEMPORARY), 0);
    mem_free(sys_mem(test_sys), data);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void assert_text(struct str text, const char *expected)
{
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

/* Content of 700 kilobytes goes through the write buffer and the read window several times. */
static void test_envelope_recipients_and_content_come_back(void **state)
{
    (void)state;
    enum { LINES = 10000 };
    struct queue_message message;
    struct queue_envelope envelope;
    struct queue_recipient recipient;
    put_message(LINES);
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    assert_int_equal(queue_message_envelope(&message, &arena, &envelope), 0);
    assert_text(envelope.sender, "a@our.example");
    assert_text(envelope.helo_name, "client.example");
    assert_int_equal(envelope.arrival_wall_ns, NOW_WALL_NS);
    assert_int_equal(envelope.create_wall_s, 1795493380);
    assert_int_equal(envelope.warn_wall_s, NOW_WALL_NS / SYS_SECOND_NS + 3600);
    assert_text(envelope.verp_delimiters, "+=");
    assert_text(envelope.redirect, "d@far.example");
    assert_int_equal(queue_message_recipient(&message, &arena, &recipient), 1);
    assert_text(recipient.address, "b@far.example");
    assert_text(recipient.original, "alias@our.example");
    assert_int_equal(recipient.notify_flags, QUEUE_NOTIFY_FAILURE);
    assert_int_equal(queue_message_recipient(&message, &arena, &recipient), 1);
    assert_text(recipient.address, "c@far.example");
    assert_int_equal(recipient.original.size, 0);
    assert_int_equal(recipient.notify_flags, 0);
    assert_int_equal(queue_message_recipient(&message, &arena, &recipient), 0);

    struct str line;
    bool ends_line;
    int lines = 0;
    queue_message_content(&message);
    while (queue_message_line(&message, &line, &ends_line) == 1) {
        lines++;
        assert_int_equal(line.size, 64);
        assert_true(ends_line);
    }
    assert_int_equal(lines, LINES);
    queue_message_close(&message);
}

static void test_mark_makes_a_recipient_done_once_and_for_all(void **state)
{
    (void)state;
    struct queue_message message;
    struct queue_envelope envelope;
    struct queue_recipient recipient;
    put_message(1);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
        assert_int_equal(queue_message_envelope(&message, &arena, &envelope), 0);
        assert_int_equal(queue_message_recipient(&message, &arena, &recipient), 1);
        assert_int_equal(recipient.done, round > 0);
        assert_int_equal(queue_message_mark_done(test_sys, message.fd, recipient.offset), 0);
        assert_int_equal(queue_message_mark_done(test_sys, message.fd, 1), -ERR_CORRUPT);
        queue_message_close(&message);
    }
}

static void test_a_delay_that_was_told_is_not_told_again(void **state)
{
    (void)state;
    struct queue_message message;
    struct queue_envelope envelope;
    put_message(1);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
        assert_int_equal(queue_message_envelope(&message, &arena, &envelope), 0);
        assert_int_equal(envelope.warn_wall_s == -1, round > 0);
        assert_int_equal(queue_message_mark_warned(test_sys, message.fd, envelope.warn_offset), 0);
        assert_int_equal(queue_message_mark_warned(test_sys, message.fd, 1), -ERR_CORRUPT);
        queue_message_close(&message);
    }
}

static void test_file_without_execute_bit_is_not_ready(void **state)
{
    (void)state;
    struct queue_message message;
    put_message(1);
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    assert_int_equal(sys_chmod(test_sys, message.fd, 0600), 0);
    queue_message_close(&message);
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message),
                     -ERR_UNAVAILABLE);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* Verifies the message after `damage` changed it. */
static int verify_after(void (*damage)(int fd, int64_t size), bool *unfinished)
{
    struct queue_message message;
    put_message(500);
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    damage(message.fd, message.stat.size);
    queue_message_close(&message);
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    int error = queue_message_verify(&message, unfinished);
    queue_message_close(&message);
    return error;
}

static void no_damage(int fd, int64_t size)
{
    (void)fd;
    (void)size;
}

static void cut_to_nothing(int fd, int64_t size)
{
    (void)size;
    assert_int_equal(sys_truncate(test_sys, fd, 0), 0);
}

static void cut_in_half(int fd, int64_t size)
{
    assert_int_equal(sys_truncate(test_sys, fd, size / 2), 0);
}

static void zero_a_page(int fd, int64_t size)
{
    static const char zeros[4096];
    (void)size;
    assert_int_equal(sys_pwrite(test_sys, fd, zeros, sizeof zeros, 8192), sizeof zeros);
}

static void change_a_type(int fd, int64_t size)
{
    (void)size; /* a line's record takes 66 bytes: one of these is a type */
    for (int64_t offset = 4096; offset < 4096 + 66; offset++) {
        char byte;
        assert_int_equal(sys_pread(test_sys, fd, &byte, 1, offset), 1);
        if (byte == QUEUE_RECORD_LINE) {
            assert_int_equal(sys_pwrite(test_sys, fd, "?", 1, offset), 1);
        }
    }
}

static void test_whole_file_is_told_from_unfinished_and_damaged_ones(void **state)
{
    (void)state;
    bool unfinished;
    assert_int_equal(verify_after(no_damage, &unfinished), 0);
    assert_false(unfinished);
    assert_int_equal(verify_after(cut_to_nothing, &unfinished), -ERR_CORRUPT);
    assert_true(unfinished);
    assert_int_equal(verify_after(cut_in_half, &unfinished), -ERR_CORRUPT);
    assert_true(unfinished);
    assert_int_equal(verify_after(zero_a_page, &unfinished), -ERR_CORRUPT);
    assert_true(unfinished);
    assert_int_equal(verify_after(change_a_type, &unfinished), -ERR_CORRUPT);
    assert_false(unfinished);
}

/* ---- damage at every byte -------------------------------------------------------------------- */

enum { SMALL_FILE_MAX = 1000 };

/* The bytes of a small message, whose file is left open. */
static size_t open_small(int *fd, char bytes[SMALL_FILE_MAX])
{
    put_message(2);
    *fd = queue_open_file(&queue, QUEUE_INCOMING, str_id(), SYS_OPEN_READ | SYS_OPEN_WRITE, 0);
    long size = sys_pread(test_sys, *fd, bytes, SMALL_FILE_MAX, 0);
    assert_in_range(size, 1, SMALL_FILE_MAX - 1);
    return (size_t)size;
}

static int read_lines(struct queue_message *message)
{
    struct str line;
    bool ends_line;
    int found = 1;
    queue_message_content(message);
    while (found == 1) {
        found = queue_message_line(message, &line, &ends_line);
    }
    return found;
}

/* As the queue manager and an agent read it: 0 or the first error. */
static int read_all(void)
{
    struct queue_message message;
    struct queue_envelope envelope;
    struct queue_recipient recipient;
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    int error = queue_message_envelope(&message, &arena, &envelope);
    int found = error == 0;
    while (found == 1) {
        found = queue_message_recipient(&message, &arena, &recipient);
    }
    error = found < 0 ? found : error;
    error = error == 0 ? read_lines(&message) : error;
    queue_message_close(&message);
    arena_reset(&arena);
    return error;
}

static int verify(bool *unfinished)
{
    struct queue_message message;
    assert_int_equal(queue_message_open(&queue, QUEUE_INCOMING, str_id(), &message), 0);
    int error = queue_message_verify(&message, unfinished);
    queue_message_close(&message);
    return error;
}

static void test_file_that_ends_or_is_zero_from_any_byte_on_is_unfinished(void **state)
{
    (void)state;
    static const char zeros[SMALL_FILE_MAX];
    char bytes[SMALL_FILE_MAX];
    bool unfinished;
    int fd;
    size_t size = open_small(&fd, bytes);
    for (size_t at = size - 2; at < size; at--) { /* the length of the last record is a zero */
        assert_int_equal(sys_pwrite(test_sys, fd, zeros, size - at, (int64_t)at), size - at);
        assert_int_equal(verify(&unfinished), -ERR_CORRUPT);
        assert_true(unfinished);
        assert_int_equal(sys_truncate(test_sys, fd, (int64_t)at), 0);
        assert_int_equal(verify(&unfinished), -ERR_CORRUPT);
        assert_true(unfinished);
    }
    sys_close(test_sys, fd);
}

static void test_any_byte_may_change_to_any_other(void **state)
{
    (void)state;
    char bytes[SMALL_FILE_MAX];
    bool unfinished;
    int fd;
    size_t size = open_small(&fd, bytes);
    for (size_t at = 0; at < size; at++) {
        for (int value = 0; value < 256; value += 5) {
            char byte = (char)value;
            assert_int_equal(sys_pwrite(test_sys, fd, &byte, 1, (int64_t)at), 1);
            int error = read_all();
            assert_true(error == 0 || error == -ERR_CORRUPT);
            error = verify(&unfinished);
            assert_true(error == 0 || error == -ERR_CORRUPT);
        }
        assert_int_equal(sys_pwrite(test_sys, fd, bytes + at, 1, (int64_t)at), 1);
    }
    assert_int_equal(read_all(), 0);
    sys_close(test_sys, fd);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void test_message_moves_into_a_hashed_queue_and_back(void **state)
{
    (void)state;
    put_message(1);
    assert_int_equal(queue_move(&queue, QUEUE_INCOMING, QUEUE_DEFERRED, str_id()), 0);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), 0);
    assert_int_equal(count(QUEUE_DEFERRED, QUEUE_FOUND_ID), 1);
    assert_int_equal(queue_sync(&queue, QUEUE_DEFERRED, str_id()), 0);
    assert_int_equal(queue_move(&queue, QUEUE_DEFERRED, QUEUE_ACTIVE, str_id()), 0);
    assert_int_equal(count(QUEUE_ACTIVE, QUEUE_FOUND_ID), 1);
    assert_int_equal(queue_move(&queue, QUEUE_DEFERRED, QUEUE_ACTIVE, str_id()), -ERR_NOT_FOUND);
}

static void test_a_message_is_known_in_whatever_queue_it_is(void **state)
{
    (void)state;
    put_message(1);
    assert_int_equal(queue_has_message(&queue, str_id()), 1);
    assert_int_equal(queue_move(&queue, QUEUE_INCOMING, QUEUE_DEFERRED, str_id()), 0);
    assert_int_equal(queue_has_message(&queue, str_id()), 1);
    assert_int_equal(queue_move(&queue, QUEUE_DEFERRED, QUEUE_HOLD, str_id()), 0);
    assert_int_equal(queue_has_message(&queue, str_id()), 1);
    assert_int_equal(queue_remove(&queue, QUEUE_HOLD, str_id()), 0);
    assert_int_equal(queue_has_message(&queue, str_id()), 0);
}

/* What a power cut in the middle of a rename may leave. */
static void test_second_name_of_a_message_is_dropped(void **state)
{
    (void)state;
    char old[QUEUE_PATH_SIZE];
    char new[QUEUE_PATH_SIZE];
    put_message(1);
    queue_path(&queue, QUEUE_INCOMING, str_id(), old);
    queue_path(&queue, QUEUE_ACTIVE, str_id(), new);
    assert_int_equal(sys_link(test_sys, SYS_HERE, old, SYS_HERE, new), 0);
    assert_int_equal(queue_move(&queue, QUEUE_INCOMING, QUEUE_ACTIVE, str_id()), 0);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), 0);
    assert_int_equal(count(QUEUE_ACTIVE, QUEUE_FOUND_ID), 1);
}

static void test_another_file_of_that_name_is_never_overwritten(void **state)
{
    (void)state;
    char path[QUEUE_PATH_SIZE];
    put_message(1);
    queue_path(&queue, QUEUE_ACTIVE, str_id(), path);
    int fd = sys_open(test_sys, SYS_HERE, path, SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0700);
    assert_true(fd >= 0);
    sys_close(test_sys, fd);
    assert_int_equal(queue_move(&queue, QUEUE_INCOMING, QUEUE_ACTIVE, str_id()), -ERR_EXISTS);
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), 1);
}

static void test_logs_get_their_subdirectory_when_needed(void **state)
{
    (void)state;
    unsigned flags = SYS_OPEN_WRITE | SYS_OPEN_CREATE;
    assert_int_equal(
        queue_open_file(&queue, QUEUE_DEFER, STR("4jYTq02Vy6z1bY8l"), SYS_OPEN_READ, 0),
        -ERR_NOT_FOUND);
    int fd = queue_open_file(&queue, QUEUE_DEFER, STR("4jYTq02Vy6z1bY8l"), flags, 0600);
    assert_true(fd >= 0);
    sys_close(test_sys, fd);
    assert_int_equal(count(QUEUE_DEFER, QUEUE_FOUND_ID), 1);
}

/* ---- many at once ---------------------------------------------------------------------------  */

enum { WRITERS = 20 };

static void write_one(struct sys *sys, void *argument)
{
    (void)sys;
    struct queue_file file;
    struct queue_record_size size = {.content_offset = 0};
    int *error = argument;
    *error = queue_file_create(&queue, QUEUE_INCOMING, &file);
    if (*error == 0) {
        *error = queue_file_commit(&file, &size);
    }
}

static void test_many_fibers_commit_at_once(void **state)
{
    (void)state;
    struct sys_group group;
    int errors[WRITERS];
    sys_group_init(&group);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(sys_fiber_start(test_sys, &group, write_one, &errors[i]), 0);
    }
    sys_group_join(test_sys, &group);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(errors[i], 0);
    }
    assert_int_equal(count(QUEUE_INCOMING, QUEUE_FOUND_ID), WRITERS);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static int queue_tests(struct sys *sys, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct test_instance instance;
    test_sys = sys;
    test_instance_make(&instance, sys);
    conf = instance.conf;
    for (int name = 0; name < QUEUE_COUNT; name++) {
        const char *path = queue_directory((enum queue_name)name);
        assert_int_equal(sys_mkdir(sys, SYS_HERE, path, 0700), 0);
    }
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_committed_message_is_ready_in_incoming),
        TEST(test_unfinished_file_has_no_id_and_is_locked),
        TEST(test_message_is_opened_alone_or_not_at_all),
        TEST(test_submitted_message_is_ready_in_maildrop_for_all_to_read),
        TEST(test_too_long_record_fails_the_commit_and_removes_the_file),
        TEST(test_envelope_recipients_and_content_come_back),
        TEST(test_mark_makes_a_recipient_done_once_and_for_all),
        TEST(test_a_delay_that_was_told_is_not_told_again),
        TEST(test_file_without_execute_bit_is_not_ready),
        TEST(test_whole_file_is_told_from_unfinished_and_damaged_ones),
        TEST(test_file_that_ends_or_is_zero_from_any_byte_on_is_unfinished),
        TEST(test_any_byte_may_change_to_any_other),
        TEST(test_message_moves_into_a_hashed_queue_and_back),
        TEST(test_a_message_is_known_in_whatever_queue_it_is),
        TEST(test_second_name_of_a_message_is_dropped),
        TEST(test_another_file_of_that_name_is_never_overwritten),
        TEST(test_logs_get_their_subdirectory_when_needed),
        TEST(test_many_fibers_commit_at_once),
    };
#undef TEST
    int failed = cmocka_run_group_tests_name("queue", tests, NULL, NULL);
    return test_instance_remove(&instance, failed);
}

int main(int argc, char **argv)
{
    os_run(queue_tests, argc, argv);
}
