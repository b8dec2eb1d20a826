// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "os/os.h"
#include "queue/queue.h"
#include "queue/queue_layout.h"
#include "sys/process.h"

static char directory[SYS_PATH_MAX];

struct fixture {
    struct sys *sys;
    struct queue_layout layout;
    struct buf problems;
};

static int set_up(void **state)
{
    struct fixture *fixture = *state;
    fixture->layout = (struct queue_layout){
        .queue_directory = directory,
        .data_directory = directory,
        .uid = sys_effective_uid(fixture->sys),
    };
    buf_init(&fixture->problems, sys_mem(fixture->sys), 10 * SYS_PATH_MAX);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    buf_done(&fixture->problems);
    return 0;
}

static void set_mode(struct sys *sys, const char *name, uint32_t mode)
{
    int fd = sys_open(sys, SYS_HERE, name, SYS_OPEN_READ | SYS_OPEN_DIRECTORY, 0);
    assert_true(fd >= 0);
    assert_int_equal(sys_chmod(sys, fd, mode), 0);
    sys_close(sys, fd);
}

static bool tells(const struct fixture *fixture, const char *text)
{
    return str_find_str(buf_str(&fixture->problems), str_from(text)) >= 0;
}

static void test_what_is_missing_is_made(void **state)
{
    struct fixture *fixture = *state;
    struct sys_stat stat;
    assert_int_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems), 0);
    assert_int_equal(sys_stat(fixture->sys, SYS_HERE, "incoming", &stat), 0);
    assert_int_equal(stat.kind, SYS_FILE_DIRECTORY);
    assert_int_equal(fixture->problems.size, 0);
}

static void test_a_directory_that_its_owner_cannot_use_is_a_problem(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems), 0);
    set_mode(fixture->sys, "hold", 0500);
    assert_int_not_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems),
                         0);
    assert_true(tells(fixture, "/hold cannot be used by its owner (mode 0500)"));
    set_mode(fixture->sys, "hold", 0700);
}

static void test_a_directory_that_others_can_write_is_a_problem(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems), 0);
    set_mode(fixture->sys, "hold", 0777);
    assert_int_not_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems),
                         0);
    assert_true(tells(fixture, "/hold may be written by others (mode 0777)"));
    set_mode(fixture->sys, "hold", 0700);
}

static void test_a_relative_path_is_a_problem_and_nothing_is_made(void **state)
{
    struct fixture *fixture = *state;
    struct sys_stat stat;
    fixture->layout.queue_directory = "spool";
    assert_int_not_equal(queue_layout_ensure(fixture->sys, &fixture->layout, &fixture->problems),
                         0);
    assert_true(tells(fixture, "queue_directory = spool: the path must begin with /"));
    assert_int_equal(sys_stat(fixture->sys, SYS_HERE, "spool", &stat), -ERR_NOT_FOUND);
}

static void remove_all(struct sys *sys)
{
    static const char *const others[] = {"pid", "flush", "saved", "private", "public"};
    for (int name = 0; name < QUEUE_COUNT; name++) {
        (void)!sys_rmdir(sys, SYS_HERE, queue_directory((enum queue_name)name));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        (void)!sys_rmdir(sys, SYS_HERE, others[i]);
    }
    (void)!sys_rmdir(sys, SYS_HERE, directory);
}

static int queue_layout_tests(struct sys *sys, int argc, char **argv)
{
    struct fixture fixture = {.sys = sys};
    const struct CMUnitTest tests[] = {
        {"what is missing is made", test_what_is_missing_is_made, set_up, tear_down, &fixture},
        {"a directory that its owner cannot use is a problem",
         test_a_directory_that_its_owner_cannot_use_is_a_problem, set_up, tear_down, &fixture},
        {"a directory that others can write is a problem",
         test_a_directory_that_others_can_write_is_a_problem, set_up, tear_down, &fixture},
        {"a relative path is a problem, and nothing is made",
         test_a_relative_path_is_a_problem_and_nothing_is_made, set_up, tear_down, &fixture},
    };
    (void)argc;
    (void)argv;
    (void)snprintf(directory, sizeof(directory), "/tmp/queue_layout_test.%d", sys_pid(sys));
    assert_int_equal(sys_mkdir(sys, SYS_HERE, directory, 0700), 0);
    assert_int_equal(sys_enter(sys, directory), 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_all(sys);
    return failed;
}

int main(int argc, char **argv)
{
    os_run(queue_layout_tests, argc, argv);
}
