// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "postlogd/postlogd_line.h"

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static void test_a_datagram_is_lines(void **state)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    postlogd_line_put(&out, STR("one\n"));
    postlogd_line_put(&out, STR("two\n\nthree\r \t\nfo\rur\0"));
    postlogd_line_put(&out, STR(" \n"));
    postlogd_line_put(&out, STR("caf\xc3\xa9"));
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(buf_text(&out), "one\ntwo\nthree\nfo?ur?\ncaf\xc3\xa9\n");
    buf_done(&out);
    mem_destroy(mem);
}

static void test_only_files_below_a_prefix_are_allowed(void **state)
{
    struct str prefixes = STR("/var, /dev/stdout");

    (void)state;
    assert_true(postlogd_line_file_allowed(STR("/var/log/mail.log"), prefixes));
    assert_true(postlogd_line_file_allowed(STR("/dev/stdout"), prefixes));
    assert_false(postlogd_line_file_allowed(STR("/variable/log"), prefixes));
    assert_false(postlogd_line_file_allowed(STR("/etc/passwd"), prefixes));
    assert_false(postlogd_line_file_allowed(STR("/var/../etc/passwd"), prefixes));
    assert_false(postlogd_line_file_allowed(STR("/var/log/x"), STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_datagram_is_lines),
        cmocka_unit_test(test_only_files_below_a_prefix_are_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
