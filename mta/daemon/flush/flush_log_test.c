// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "flush/flush_log.h"
#include "os/os.h"
#include "sys/clock.h"
#include "sys/process.h"

static char directory[SYS_PATH_MAX];
static char lines_seen[1000];

static void *sys_of(void **state)
{
    return *state;
}

static int see(void *argument, struct str lines)
{
    (void)argument;
    (void)snprintf(lines_seen, sizeof(lines_seen), "%.*s", STR_ARG(lines));
    return 0;
}

static int refuse(void *argument, struct str lines)
{
    (void)argument;
    (void)lines;
    return -ERR_IO;
}

static void write_log(struct sys *sys, const char *text)
{
    struct str content = str_from(text);
    int fd = sys_open(sys, SYS_HERE, "flush/far_test",
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_pwrite(sys, fd, content.data, content.size, 0), content.size);
    sys_close(sys, fd);
}

static const char *read_log(struct sys *sys)
{
    lines_seen[0] = '\0';
    assert_int_equal(flush_log_read(sys, "far_test", NULL, see, NULL), 0);
    return lines_seen;
}

static void test_a_site_has_one_name_whatever_its_letters(void **state)
{
    (void)state;
    char name[FLUSH_NAME_SIZE];
    assert_true(flush_log_name(STR("Far-9.Test"), name));
    assert_string_equal(name, "far_9_test");
    assert_true(flush_log_name(STR("[192.0.2.1]"), name));
    assert_string_equal(name, "_192_0_2_1_");
    assert_true(flush_log_name(STR("../../etc"), name));
    assert_string_equal(name, "______etc");
    assert_false(flush_log_name(STR(""), name));
}

static void test_an_id_is_added_once_and_read_once(void **state)
{
    struct sys *sys = sys_of(state);
    assert_int_equal(flush_log_add(sys, "far_test", STR("A1")), 0);
    assert_int_equal(flush_log_add(sys, "far_test", STR("B2")), 0);
    assert_int_equal(flush_log_add(sys, "far_test", STR("A1")), 0);
    assert_string_equal(read_log(sys), "A1\nB2\n");
    assert_string_equal(read_log(sys), "");
}

static void test_a_log_keeps_what_could_not_be_acted_on(void **state)
{
    struct sys *sys = sys_of(state);
    write_log(sys, "A1\n");
    assert_int_equal(flush_log_read(sys, "far_test", NULL, refuse, NULL), -ERR_IO);
    assert_string_equal(read_log(sys), "A1\n");
}

static void test_a_torn_line_takes_no_other_one_with_it(void **state)
{
    struct sys *sys = sys_of(state);
    write_log(sys, "A1\nB");
    assert_int_equal(flush_log_add(sys, "far_test", STR("C3")), 0);
    assert_string_equal(read_log(sys), "A1\nB\nC3\n");
}

static void test_the_end_of_a_longer_id_is_another_one(void **state)
{
    struct sys *sys = sys_of(state);
    write_log(sys, "FA1\n");
    assert_int_equal(flush_log_add(sys, "far_test", STR("A1")), 0);
    assert_string_equal(read_log(sys), "FA1\nA1\n");
}

static void test_only_old_logs_are_refreshed_or_removed(void **state)
{
    struct sys *sys = sys_of(state);
    int64_t now_ns = sys_wall_ns(sys);
    struct sys_stat stat;
    const struct flush_log_age young = {now_ns - 60 * SYS_SECOND_NS, now_ns - 60 * SYS_SECOND_NS};
    const struct flush_log_age old = {now_ns + 60 * SYS_SECOND_NS, now_ns + 60 * SYS_SECOND_NS};
    write_log(sys, "A1\n");
    lines_seen[0] = '\0';
    assert_int_equal(flush_log_read(sys, "far_test", &young, see, NULL), 0);
    assert_string_equal(lines_seen, "");
    assert_int_equal(flush_log_read(sys, "far_test", &old, see, NULL), 0);
    assert_string_equal(lines_seen, "A1\n");
    assert_int_equal(flush_log_read(sys, "far_test", &young, see, NULL), 0);
    assert_int_equal(sys_stat(sys, SYS_HERE, "flush/far_test", &stat), 0);
    assert_int_equal(flush_log_read(sys, "far_test", &old, see, NULL), 0);
    assert_int_equal(sys_stat(sys, SYS_HERE, "flush/far_test", &stat), -ERR_NOT_FOUND);
}

static int set_up(void **state)
{
    (void)!sys_unlink(sys_of(state), SYS_HERE, "flush/far_test");
    return 0;
}

static int flush_log_tests(struct sys *sys, int argc, char **argv)
{
    void *state = sys;
    const struct CMUnitTest tests[] = {
        {"a site has one name whatever its letters", test_a_site_has_one_name_whatever_its_letters,
         set_up, NULL, state},
        {"an id is added once and read once", test_an_id_is_added_once_and_read_once, set_up, NULL,
         state},
        {"a log keeps what could not be acted on", test_a_log_keeps_what_could_not_be_acted_on,
         set_up, NULL, state},
        {"a torn line takes no other one with it", test_a_torn_line_takes_no_other_one_with_it,
         set_up, NULL, state},
        {"the end of a longer id is another one", test_the_end_of_a_longer_id_is_another_one,
         set_up, NULL, state},
        {"only old logs are refreshed or removed", test_only_old_logs_are_refreshed_or_removed,
         set_up, NULL, state},
    };
    (void)argc;
    (void)argv;
    (void)snprintf(directory, sizeof(directory), "/tmp/flush_log_test.%d", sys_pid(sys));
    assert_int_equal(sys_mkdir(sys, SYS_HERE, directory, 0700), 0);
    assert_int_equal(sys_enter(sys, directory), 0);
    assert_int_equal(sys_mkdir(sys, SYS_HERE, "flush", 0700), 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)!sys_unlink(sys, SYS_HERE, "flush/far_test");
    (void)!sys_rmdir(sys, SYS_HERE, "flush");
    (void)!sys_rmdir(sys, SYS_HERE, directory);
    return failed;
}

int main(int argc, char **argv)
{
    os_run(flush_log_tests, argc, argv);
}
