// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conf/check.h"
#include "conf/conf.h"
#include "conf/service_path.h"
#include "os/os.h"
#include "sys/fs.h"
#include "sys/process.h"

struct fixture {
    struct sys *sys;
    char directory[SYS_PATH_MAX];
    struct buf problems;
    struct buf warnings;
    struct conf *conf;
};

static void write_file(struct fixture *fixture, const char *name, const char *text)
{
    char path[2 * SYS_PATH_MAX];
    struct str content = str_from(text);
    (void)snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
    int fd = sys_open(fixture->sys, SYS_HERE, path,
                      SYS_OPEN_WRITE | SYS_OPEN_CREATE | SYS_OPEN_TRUNCATE, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_pwrite(fixture->sys, fd, content.data, content.size, 0), content.size);
    sys_close(fixture->sys, fd);
}

static void remove_file(struct fixture *fixture, const char *name)
{
    char path[2 * SYS_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
    int error = sys_unlink(fixture->sys, SYS_HERE, path);
    assert_true(error == 0 || error == -ERR_NOT_FOUND);
}

static int set_up(void **state)
{
    struct fixture *fixture = *state;
    struct sys *sys = fixture->sys;
    (void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/conf_test.%d",
                   sys_pid(sys));
    assert_int_equal(sys_mkdir(sys, SYS_HERE, fixture->directory, 0700), 0);
    buf_init(&fixture->problems, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    buf_init(&fixture->warnings, sys_mem(sys), CONF_PROBLEMS_BYTES_MAX);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    remove_file(fixture, "main.cf");
    remove_file(fixture, "master.cf");
    assert_int_equal(sys_rmdir(fixture->sys, SYS_HERE, fixture->directory), 0);
    buf_done(&fixture->problems);
    buf_done(&fixture->warnings);
    return 0;
}

/* The problems, with DIR for the test's own directory. */
static const char *shown(struct fixture *fixture, struct buf *problems, struct buf *out)
{
    struct str rest = buf_str(problems);
    struct str directory = str_from(fixture->directory);
    ptrdiff_t place = str_find_str(rest, directory);
    buf_clear(out);
    while (place >= 0) {
        buf_put(out, str_first(rest, (size_t)place));
        buf_put_text(out, "DIR");
        rest = str_skip(rest, (size_t)place + directory.size);
        place = str_find_str(rest, directory);
    }
    buf_put(out, rest);
    return buf_text(out);
}

static void assert_shown(struct fixture *fixture, struct buf *problems, const char *expected)
{
    struct buf out;
    buf_init(&out, sys_mem(fixture->sys), 2 * (size_t)CONF_PROBLEMS_BYTES_MAX);
    assert_string_equal(shown(fixture, problems, &out), expected);
    buf_done(&out);
}

static int load(struct fixture *fixture, const char *main_cf, const char *const *options, int count)
{
    write_file(fixture, "main.cf", main_cf);
    buf_clear(&fixture->problems);
    return conf_load(fixture->sys, fixture->directory, options, count, &fixture->problems,
                     &fixture->conf);
}

static void test_values_are_typed_and_refer_to_each_other(void **state)
{
    struct fixture *fixture = *state;
    static const char *const options[] = {"smtpd_timeout=1m", "extra = $mine", "biff=no"};
    int error = load(fixture,
                     "myhostname = mx.our.test\n"
                     "mine = one\n"
                     "smtpd_banner = $myhostname $mine ${mydomain}\n"
                     "message_size_limit = 20k\n"
                     "smtpd_timeout = 5\n"
                     "mine = two\n"
                     "forward_path = $home/.forward\n",
                     options, 3);
    assert_int_equal(error, 0);
    struct conf *conf = fixture->conf;
    struct str text;
    assert_string_equal(conf_text(conf, CONF_smtpd_banner).data, "mx.our.test two our.test");
    assert_string_equal(conf_text(conf, CONF_forward_path).data, "$home/.forward");
    assert_string_equal(conf_text(conf, CONF_config_directory).data, fixture->directory);
    assert_int_equal(conf_size(conf, CONF_message_size_limit), 20480);
    assert_int_equal(conf_time_ns(conf, CONF_smtpd_timeout), 60 * SYS_SECOND_NS);
    assert_int_equal(conf_int(conf, CONF_smtpd_recipient_limit), 1000);
    assert_false(conf_bool(conf, CONF_biff));
    assert_true(conf_is_set(conf, CONF_biff));
    assert_false(conf_is_set(conf, CONF_smtpd_recipient_limit));
    assert_true(conf_find(conf, STR("extra"), &text));
    assert_string_equal(text.data, "two");
    assert_false(conf_find(conf, STR("nosuch"), &text));
    conf_free(conf);
}

static void test_services_are_where_their_parameters_say(void **state)
{
    struct fixture *fixture = *state;
    int error = load(fixture, "rewrite_service_name = resolver\nqueue_service_name = q\n", NULL, 0);
    assert_int_equal(error, 0);
    const struct conf *conf = fixture->conf;
    assert_string_equal(service_path(conf, CONF_rewrite_service_name).text, "private/resolver");
    assert_string_equal(service_path(conf, CONF_queue_service_name).text, "public/q");
    assert_string_equal(service_path(conf, CONF_trace_service_name).text, "private/trace");
    conf_free(fixture->conf);
}

static void test_a_transport_has_its_own_limits_or_the_general_ones(void **state)
{
    struct fixture *fixture = *state;
    int error = load(fixture,
                     "default_destination_concurrency_limit = 7\n"
                     "slow_destination_concurrency_limit = 1\n"
                     "slow_destination_rate_delay = 2m\n",
                     NULL, 0);
    assert_int_equal(error, 0);
    const struct conf *conf = fixture->conf;
    static const char suffix[] = "_destination_concurrency_limit";
    enum conf_param fallback = CONF_default_destination_concurrency_limit;
    assert_int_equal(conf_transport_int(conf, STR("slow"), suffix, fallback), 1);
    assert_int_equal(conf_transport_int(conf, STR("local"), suffix, fallback), 2);
    assert_int_equal(conf_transport_int(conf, STR("smtp"), suffix, fallback), 7);
    assert_int_equal(conf_transport_time_ns(conf, STR("slow"), "_destination_rate_delay",
                                            CONF_default_destination_rate_delay),
                     120 * SYS_SECOND_NS);
    conf_free(fixture->conf);
}

static void test_the_level_of_compatibility_chooses_defaults(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(load(fixture, "mydestination = a.test\n", NULL, 0), 0);
    assert_string_equal(conf_text(fixture->conf, CONF_relay_domains).data, "a.test");
    assert_true(conf_bool(fixture->conf, CONF_append_dot_mydomain));
    conf_free(fixture->conf);
    assert_int_equal(load(fixture, "compatibility_level = 3.6\n", NULL, 0), 0);
    assert_string_equal(conf_text(fixture->conf, CONF_relay_domains).data, "");
    assert_false(conf_bool(fixture->conf, CONF_append_dot_mydomain));
    conf_free(fixture->conf);
}

static void test_all_problems_are_told_with_their_place(void **state)
{
    struct fixture *fixture = *state;
    static const char *const options[] = {"smtp_host_lookup", "biff=perhaps"};
    int error = load(fixture,
                     " lost\n"
                     "a = $b\n"
                     "b = ${c}\n"
                     "c = $a\n"
                     "smtpd_timeout =\n"
                     "   soon\n"
                     "message_size_limit = 10 k\n"
                     "mydestination = x, ${y\n"
                     "mynetworks_style = networks\n",
                     options, 2);
    assert_int_equal(error, -ERR_SYNTAX);
    assert_shown(
        fixture, &fixture->problems,
        "DIR/main.cf, line 1, column 1: white space at the start continues a line, but there is "
        "none before: \" lost\"\n"
        "option -o smtp_host_lookup: missing \"=\" after the name\n"
        "option -o: biff = perhaps: yes or no expected\n"
        "DIR/main.cf, line 8, column 21: mydestination = x, ${y: \"}\" is missing\n"
        "DIR/main.cf, line 7, column 22: message_size_limit = 10 k: a number of bytes expected, "
        "such as 10240000 or 10m\n"
        "DIR/main.cf, line 9, column 20: mynetworks_style = networks: one of these words expected: "
        "host subnet class\n"
        "DIR/main.cf, line 6, column 4: smtpd_timeout = soon: a time expected, such as 30s, 5m, "
        "2h, 5d or 1w\n"
        "DIR/main.cf, line 2, column 5: a = $b: the value contains itself\n");
}

static void test_a_file_that_is_not_there_is_one_problem(void **state)
{
    struct fixture *fixture = *state;
    remove_file(fixture, "main.cf");
    buf_clear(&fixture->problems);
    int error =
        conf_load(fixture->sys, fixture->directory, NULL, 0, &fixture->problems, &fixture->conf);
    assert_int_equal(error, -ERR_NOT_FOUND);
    assert_shown(fixture, &fixture->problems,
                 "cannot read DIR/main.cf: No such file or directory\n");
}

static int check(struct fixture *fixture, const char *main_cf, const char *master_cf)
{
    write_file(fixture, "main.cf", main_cf);
    write_file(fixture, "master.cf", master_cf);
    buf_clear(&fixture->problems);
    buf_clear(&fixture->warnings);
    return check_directory(fixture->sys, fixture->directory, &fixture->problems,
                           &fixture->warnings);
}

static const char services[] = "cleanup unix n - - - 0 cleanup\n"
                               "qmgr unix n - - 300 1 qmgr\n"
                               "rewrite unix - - - - - trivial-rewrite\n"
                               "bounce unix - - - - 0 bounce\n"
                               "defer unix - - - - 0 bounce\n"
                               "error unix - - - - - error\n"
                               "retry unix - - - - - error\n"
                               "smtp unix - - - - - smtp\n";

static void test_a_name_that_nobody_knows_is_an_error_with_a_suggestion(void **state)
{
    struct fixture *fixture = *state;
    int error = check(fixture,
                      "compatibility_level = 3.6\n"
                      "mydestination =\n"
                      "relay_host = x\n"
                      "mine = 1\n"
                      "myorigin = $mine $nosuch\n"
                      "smtpd_restriction_classes = strict\n"
                      "strict = reject\n"
                      "smtp_destination_rate_delay = 1s\n"
                      "slow_destination_rate_delay = 1s\n",
                      services);
    assert_int_equal(error, -ERR_SYNTAX);
    assert_shown(fixture, &fixture->problems,
                 "DIR/main.cf, line 3, column 1: unknown parameter \"relay_host\" (did you mean "
                 "\"relayhost\"?)\n"
                 "DIR/main.cf, line 9, column 1: unknown parameter "
                 "\"slow_destination_rate_delay\" (master.cf has no service \"slow\")\n");
    assert_true(str_find_str(buf_str(&fixture->warnings),
                             STR("main.cf, line 5: myorigin uses $nosuch, which is not defined")) >=
                0);
}

static void test_a_class_needs_its_transport(void **state)
{
    struct fixture *fixture = *state;
    static const char main_cf[] = "compatibility_level = 3.6\n"
                                  "mydestination =\n"
                                  "virtual_mailbox_domains = our.test\n";
    assert_int_equal(check(fixture, main_cf, services), -ERR_SYNTAX);
    assert_shown(fixture, &fixture->problems,
                 "DIR/master.cf: no service \"virtual\" of type unix, which virtual_transport "
                 "needs\n");
    assert_int_equal(check(fixture, "compatibility_level = 3.6\nmydestination =\n", services), 0);
    assert_shown(fixture, &fixture->problems, "");
}

static int conf_tests(struct sys *sys, int argc, char **argv)
{
    struct fixture fixture = {.sys = sys};
    void *state = &fixture;
    const struct CMUnitTest tests[] = {
        {"values are typed and refer to each other", test_values_are_typed_and_refer_to_each_other,
         set_up, tear_down, state},
        {"a transport has its own limits or the general ones",
         test_a_transport_has_its_own_limits_or_the_general_ones, set_up, tear_down, state},
        {"services are where their parameters say", test_services_are_where_their_parameters_say,
         set_up, tear_down, state},
        {"the level of compatibility chooses defaults",
         test_the_level_of_compatibility_chooses_defaults, set_up, tear_down, state},
        {"all problems are told with their place", test_all_problems_are_told_with_their_place,
         set_up, tear_down, state},
        {"a file that is not there is one problem", test_a_file_that_is_not_there_is_one_problem,
         set_up, tear_down, state},
        {"a name that nobody knows is an error with a suggestion",
         test_a_name_that_nobody_knows_is_an_error_with_a_suggestion, set_up, tear_down, state},
        {"a class needs its transport", test_a_class_needs_its_transport, set_up, tear_down, state},
    };
    (void)argc;
    (void)argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    os_run(conf_tests, argc, argv);
}
