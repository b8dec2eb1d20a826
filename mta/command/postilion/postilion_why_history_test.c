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
#include "postilion/postilion_why_history.h"

#define HEAD "Jan  2 03:04:05 mx postfix/"

/* The log that is read, in the working directory. */
static const char file[] = "mail.log";
static struct sys *test_sys;
static struct conf *conf;
static struct postilion_why_history history; /* what was read last */

static void put_at(int64_t offset, const char *text)
{
    int fd = sys_open(test_sys, SYS_HERE, file, SYS_OPEN_WRITE | SYS_OPEN_CREATE, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_pwrite(test_sys, fd, text, strlen(text), offset), (long)strlen(text));
    sys_close(test_sys, fd);
}

static int tear_down(void **state)
{
    (void)state;
    return remove(file);
}

static void read_history(const char *id)
{
    postilion_why_history_read(test_sys, conf, str_from(id), &history);
}

static void read_history_in(const char *id, const char *text)
{
    put_at(0, text);
    read_history(id);
}

static void test_only_lines_about_the_message_count(void **state)
{
    read_history_in(
        "4Y", HEAD
        "smtpd[1]: 4Y: client=a.test[192.0.2.1]\n"
        "kernel: 4Y: removed\n" HEAD "qmgr[2]: 4Yz: removed\n" HEAD "qmgr[2]: 54Y: removed\n" HEAD
        "pickup[2]: 4Z: uid=5 from=<a> orig_id=4Yz\n" HEAD "qmgr[2]: warning: 4Yz: odd\n" HEAD
        "qmgr[2]: warning: open active/4Y: Permission denied\n" HEAD "qmgr[2]: 4Y: remov");
    (void)state;
    assert_int_equal(history.error, 0);
    assert_true(history.has_beginning);
    assert_false(history.has_end);
    assert_int_equal(history.step_count, 2);
    assert_string_equal(history.steps[0].text, "came from a.test[192.0.2.1]");
    assert_string_equal(history.steps[1].text, "open active/4Y: Permission denied");
}

static void test_a_word_of_some_text_is_no_message(void **state)
{
    (void)state;
    read_history_in("nosuch", HEAD "postsuper[1]: fatal: there is no queue nosuch\n");
    assert_false(history.is_known);
    read_history_in("4Y", HEAD "qmgr[1]: 4Y: removed\n");
    assert_true(history.is_known);
}

static void test_an_id_given_again_is_the_last_message(void **state)
{
    read_history_in("4Y", HEAD "smtpd[1]: 4Y: client=a.test[192.0.2.1]\n" HEAD
                               "cleanup[1]: 4Y: message-id=<1@a>\n" HEAD
                               "qmgr[2]: 4Y: removed\n" HEAD "pickup[1]: 4Y: uid=5 from=<a>\n" HEAD
                               "cleanup[1]: 4Y: message-id=<2@a>\n");
    (void)state;
    assert_int_equal(history.step_count, 1);
    assert_string_equal(history.steps[0].text, "submitted by the user with uid 5");
    assert_true(history.has_beginning);
    assert_false(history.has_end);
}

static void test_a_requeued_message_ends_under_its_old_id(void **state)
{
    static const char text[] =
        HEAD "postsuper[1]: 4Y: requeued\n" HEAD "pickup[1]: 4Z: uid=5 from=<a> orig_id=4Y\n";
    (void)state;
    read_history_in("4Y", text);
    assert_true(history.has_end);
    assert_false(history.has_beginning);
    assert_int_equal(history.step_count, 2);
    assert_string_equal(history.steps[1].text, "requeued as 4Z");
    read_history("4Z");
    assert_true(history.has_beginning);
    assert_string_equal(history.steps[0].text, "requeued, was 4Y before");
}

static void test_of_many_steps_the_first_and_the_last_stay(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, sys_mem(test_sys), 1 << 20);
    buf_put_text(&text, HEAD "smtpd[1]: 4Y: client=a.test[192.0.2.1]\n");
    for (int i = 0; i < 20; i++) {
        buf_putf(&text, HEAD "qmgr[1]: warning: 4Y: odd %d\n", i % 10);
    }
    read_history_in("4Y", buf_text(&text));
    assert_int_equal(history.step_count, POSTILION_WHY_STEPS);
    assert_string_equal(history.steps[0].text, "came from a.test[192.0.2.1]");
    assert_string_equal(history.steps[POSTILION_WHY_STEPS - 1].text, "4Y: odd 9");
    assert_int_equal(history.left_out_count, 1 + 20 - POSTILION_WHY_STEPS);
    buf_done(&text);
}

static void test_what_is_the_same_is_counted(void **state)
{
    static const char later[] = "Jan  2 03:05:05 mx postfix/";
    struct buf text;
    (void)state;
    buf_init(&text, sys_mem(test_sys), 1 << 20);
    buf_putf(&text, HEAD "qmgr[1]: warning: 4Y: odd\n%sqmgr[1]: warning: 4Y: odd\n", later);
    read_history_in("4Y", buf_text(&text));
    assert_int_equal(history.step_count, 1);
    assert_int_equal(history.steps[0].count, 2);
    assert_int_equal(history.steps[0].last_wall_s - history.steps[0].first_wall_s, 60);
    buf_done(&text);
}

static void test_a_long_file_is_read_from_a_whole_line_near_its_end(void **state)
{
    (void)state;
    put_at(0, HEAD "smtpd[1]: 4Y: client=a.test[192.0.2.1]\n");
    put_at(1000, HEAD "qmgr[1]: warning: 4Y: torn\n");
    put_at(POSTILION_WHY_LOG_BYTES + 900, "\n" HEAD "qmgr[1]: 4Y: placed on hold\n");
    read_history("4Y");
    assert_int_equal(history.step_count, 1);
    assert_string_equal(history.steps[0].text, "placed on hold");
    assert_false(history.has_beginning);
    assert_int_equal(history.log_begins_wall_s, history.steps[0].first_wall_s);
}

static int history_tests(struct sys *sys, int argc, char **argv)
{
    static const char *const settings[] = {"maillog_file=mail.log"};
    struct test_instance instance;
    struct buf problems;
    (void)argc;
    (void)argv;
    test_sys = sys;
    test_instance_make(&instance, sys);
    buf_init(&problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    assert_int_equal(conf_load(sys, instance.directory, settings, 1, &problems, &conf), 0);
    buf_done(&problems);
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_only_lines_about_the_message_count),
        TEST(test_a_word_of_some_text_is_no_message),
        TEST(test_an_id_given_again_is_the_last_message),
        TEST(test_a_requeued_message_ends_under_its_old_id),
        TEST(test_of_many_steps_the_first_and_the_last_stay),
        TEST(test_what_is_the_same_is_counted),
        TEST(test_a_long_file_is_read_from_a_whole_line_near_its_end),
    };
#undef TEST
    int failed = cmocka_run_group_tests_name("history", tests, NULL, NULL);
    conf_free(conf);
    return test_instance_remove(&instance, failed);
}

int main(int argc, char **argv)
{
    os_run(history_tests, argc, argv);
}
