// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"
#include "sys/fiber.h"

/* Each test runs in a process of its own, whose end tells the result. */
static int status_of(int (*program)(struct sys *sys, int argc, char **argv))
{
    int status = -1;
    char *argv[] = {(char[]){"fiber_test"}, NULL};
    int pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        os_run(program, 1, argv);
    }
    (void)waitpid(pid, &status, 0);
    return status;
}

/* Each call keeps its array, and uses it after the next call. */
static int recurse(int depth)
{
    volatile char data[1024];
    data[0] = (char)depth;
    int deeper = depth > 0 ? recurse(depth - 1) : 0;
    return deeper + data[0];
}

static void recurse_deep(struct sys *sys UNUSED, void *argument UNUSED)
{
    (void)recurse(1000000);
}

static int overflow_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_group group;
    sys_group_init(&group);
    if (sys_fiber_start(sys, &group, recurse_deep, NULL) != 0) {
        return 1;
    }
    sys_group_join(sys, &group);
    return 0;
}

static void test_a_stack_overflow_hits_the_guard(void **state UNUSED)
{
    int status = status_of(overflow_main);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : WEXITSTATUS(status) > 1);
}

static void recurse_shallow(struct sys *sys UNUSED, void *argument)
{
    *(int *)argument = recurse(SYS_STACK_BYTES / 1024 / 2);
}

static int half_main(struct sys *sys, int argc UNUSED, char **argv UNUSED)
{
    struct sys_group group;
    int sum = 0;
    sys_group_init(&group);
    if (sys_fiber_start(sys, &group, recurse_shallow, &sum) != 0) {
        return 1;
    }
    sys_group_join(sys, &group);
    return sum > 0 ? 0 : 1;
}

static void test_half_of_a_stack_is_there(void **state UNUSED)
{
    assert_int_equal(status_of(half_main), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stack_overflow_hits_the_guard),
        cmocka_unit_test(test_half_of_a_stack_is_there),
    };
    return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
