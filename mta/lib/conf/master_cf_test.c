// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "conf/master_cf.h"

static struct mem *mem;
static struct arena arena;
static struct buf problems;
static struct master_cf cf;

static int set_up(void **state)
{
    (void)state;
    mem = mem_create(0, NULL, NULL);
    arena_init(&arena, mem, 1 << 20);
    buf_init(&problems, mem, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&problems);
    assert_int_equal(mem_count(mem), 0);
    mem_destroy(mem);
    return 0;
}

static int parse(const char *text)
{
    arena_reset(&arena);
    buf_clear(&problems);
    return master_cf_parse(str_from(text), "master.cf", &arena, &cf, &problems);
}

static void test_eight_columns_and_their_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse("smtp inet n - - - 3 smtpd\n"
                           "pickup unix n n y 60 1 pickup\n"
                           "flush  unix - - n 1000? 0 flush\n"
                           "postlog unix-dgram n - n - 1 postlogd\n"),
                     0);
    assert_string_equal(buf_text(&problems), "");
    assert_int_equal(cf.count, 4);
    const struct master_cf_service *smtp = &cf.services[0];
    assert_string_equal(smtp->name.data, "smtp");
    assert_int_equal(smtp->type, MASTER_CF_INET);
    assert_false(smtp->is_private);
    assert_true(smtp->unprivileged);
    assert_false(smtp->chroot);
    assert_int_equal(smtp->wakeup_s, 0);
    assert_int_equal(smtp->process_limit, 3);
    assert_string_equal(smtp->command.data, "smtpd");
    const struct master_cf_service *pickup = &cf.services[1];
    assert_false(pickup->unprivileged);
    assert_true(pickup->chroot);
    assert_int_equal(pickup->wakeup_s, 60);
    assert_false(pickup->wakeup_when_used);
    const struct master_cf_service *flush = &cf.services[2];
    assert_true(flush->is_private);
    assert_int_equal(flush->wakeup_s, 1000);
    assert_true(flush->wakeup_when_used);
    assert_int_equal(flush->process_limit, 0);
    assert_int_equal(cf.services[3].type, MASTER_CF_UNIX_DGRAM);
    assert_int_equal(cf.services[3].line, 4);
    assert_string_equal(smtp->columns[3].data, "-");
    assert_string_equal(flush->columns[5].data, "1000?");
}

static void test_arguments_split_into_options_and_the_rest(void **state)
{
    (void)state;
    assert_int_equal(parse("a unix - - - - - smtpd -v -o x=1\n"
                           "  -o { y = one two } -oz=3 -vv\n"
                           "# between\n"
                           "  flags=R user=me { argv=a b } -o not_ours\n"),
                     0);
    const struct master_cf_service *service = &cf.services[0];
    assert_int_equal(service->process_limit, MASTER_CF_LIMIT_DEFAULT);
    assert_int_equal(service->verbose_count, 3);
    assert_int_equal(service->option_count, 3);
    assert_string_equal(service->options[0].data, "x=1");
    assert_string_equal(service->options[1].data, "y=one two");
    assert_string_equal(service->options[2].data, "z=3");
    assert_int_equal(service->argument_count, 5);
    assert_string_equal(service->arguments[0].data, "flags=R");
    assert_string_equal(service->arguments[2].data, "argv=a b");
    assert_string_equal(service->arguments[4].data, "not_ours");
}

static void test_the_last_duplicate_wins_with_a_warning(void **state)
{
    (void)state;
    assert_int_equal(parse("a unix - - - - 1 x\nb unix - - - - - y\na unix - - - - 2 z\n"
                           "a inet n - - - - w\n"),
                     0);
    assert_string_equal(buf_text(&problems),
                        "master.cf, line 3, column 1: warning: service a of type unix was defined "
                        "in line 1 already; the last definition counts\n");
    assert_int_equal(cf.count, 3);
    const struct master_cf_service *service = master_cf_find(&cf, STR("a"), MASTER_CF_UNIX);
    assert_string_equal(service->command.data, "z");
    assert_null(master_cf_find(&cf, STR("b"), MASTER_CF_INET));
}

static void test_problems_tell_line_and_column_and_the_rest_is_read(void **state)
{
    (void)state;
    assert_int_equal(parse("a pipe - - - - - x\n"
                           "b inet y - - - - x\n"
                           "c unix - - -\n"
                           "  1x - x\n"
                           "d unix - maybe - - - x\n"
                           "e unix - - - - -\n"
                           "f unix - - - - - x -o { a = b\n"
                           "g unix - - - - - x -o a\n"
                           "h unix - - - - - x -o\n"
                           "i unix - - - - - good\n"),
                     -ERR_SYNTAX);
    assert_string_equal(
        buf_text(&problems),
        "master.cf, line 1, column 3: \"pipe\": the type is one of inet, unix, unix-dgram, pass\n"
        "master.cf, line 2, column 8: \"y\": a service of type inet cannot be private\n"
        "master.cf, line 4, column 3: \"1x\": a number or - expected\n"
        "master.cf, line 5, column 10: \"maybe\": y, n or - expected\n"
        "master.cf, line 6, column 17: the column command is missing\n"
        "master.cf, line 7, column 23: \"{ a = b\": \"}\" is missing\n"
        "master.cf, line 8, column 23: \"a\": missing \"=\" after the name\n"
        "master.cf, line 9, column 20: \"-o\": name=value expected after -o\n");
    assert_int_equal(cf.count, 1);
    assert_string_equal(cf.services[0].command.data, "good");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_columns_and_their_defaults),
        cmocka_unit_test(test_arguments_split_into_options_and_the_rest),
        cmocka_unit_test(test_the_last_duplicate_wins_with_a_warning),
        cmocka_unit_test(test_problems_tell_line_and_column_and_the_rest_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
