// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "service/service_arguments.h"

#define PARSE(arguments, ...) parse(arguments, (char *[]){__VA_ARGS__, NULL})

static int parse(struct service_arguments *arguments, char **argv)
{
    int argc = 0;

    while (argv[argc] != NULL) {
        argc++;
    }
    return service_arguments_parse(arguments, argc, argv);
}

static void test_what_master_writes_is_read(void **state)
{
    struct service_arguments arguments;

    (void)state;
    assert_int_equal(PARSE(&arguments, "smtpd", "-n", "25", "-t", "inet", "-u", "-R", "-l", "100",
                           "-s", "2", "-v", "-v", "-o", "a=b", "-o", "c=d"),
                     0);
    assert_string_equal(arguments.name, "25");
    assert_string_equal(arguments.transport, "inet");
    assert_true(arguments.unprivileged);
    assert_true(arguments.chroot);
    assert_int_equal(arguments.sessions_max, 100);
    assert_int_equal(arguments.listener_count, 2);
    assert_int_equal(arguments.verbose_count, 2);
    assert_string_equal(arguments.overrides[0], "a=b");
    assert_string_equal(arguments.overrides[1], "c=d");
    assert_int_equal(arguments.override_count, 2);
    assert_int_equal(arguments.rest_count, 0);
}

static void test_the_daemons_own_arguments_follow(void **state)
{
    struct service_arguments arguments;

    (void)state;
    assert_int_equal(
        PARSE(&arguments, "pipe", "-nx", "-tunix", "-vv", "flags=R", "user=mail", "-o"), 0);
    assert_int_equal(arguments.verbose_count, 2);
    assert_int_equal(arguments.rest_count, 3);
    assert_string_equal(arguments.rest[0], "flags=R");
    assert_string_equal(arguments.rest[2], "-o");
}

static void test_mistakes_are_named(void **state)
{
    struct service_arguments arguments;

    (void)state;
    assert_int_equal(PARSE(&arguments, "smtpd"), -ERR_SYNTAX);
    assert_non_null(arguments.complaint);
    assert_int_equal(PARSE(&arguments, "smtpd", "-n", "25", "-t", "inet", "-l", "x"), -ERR_SYNTAX);
    assert_int_equal(PARSE(&arguments, "smtpd", "-n", "25", "-t", "inet", "-q"), -ERR_SYNTAX);
    assert_int_equal(PARSE(&arguments, "smtpd", "-n", "25", "-t"), -ERR_SYNTAX);
    assert_int_equal(PARSE(&arguments, "smtpd", "-n", "25", "-t", "inet", "-s", "65"), -ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_master_writes_is_read),
        cmocka_unit_test(test_the_daemons_own_arguments_follow),
        cmocka_unit_test(test_mistakes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
