// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/dsn_parameter.h"

#include "base/err.h"
#include "proto/queue_record.h"
#include "proto/test_page.h"

enum { LONG = DSN_ORCPT_MAX + 1 };

static void test_ret(void **state)
{
    int ret = 7;

    (void)state;
    assert_int_equal(dsn_parameter_parse_ret(test_page(STR("FULL")), &ret), 0);
    assert_int_equal(ret, QUEUE_RET_FULL);
    assert_int_equal(dsn_parameter_parse_ret(test_page(STR("hdrs")), &ret), 0);
    assert_int_equal(ret, QUEUE_RET_HEADERS);
    assert_int_equal(dsn_parameter_parse_ret(STR("BODY"), &ret), -ERR_SYNTAX);
    assert_int_equal(dsn_parameter_parse_ret(STR(""), &ret), -ERR_SYNTAX);
    assert_int_equal(ret, QUEUE_RET_HEADERS);
}

static const struct {
    const char *value;
    int notify; /* 0: bad syntax */
    const char *written;
} notify_cases[] = {
    {"NEVER", QUEUE_NOTIFY_NEVER, "NEVER"},
    {"success", QUEUE_NOTIFY_SUCCESS, "SUCCESS"},
    {"DELAY,SUCCESS,FAILURE", QUEUE_NOTIFY_SUCCESS | QUEUE_NOTIFY_FAILURE | QUEUE_NOTIFY_DELAY,
     "SUCCESS,FAILURE,DELAY"},
    {"DELAY,", QUEUE_NOTIFY_DELAY, "DELAY"},
    {"DELAY,DELAY", QUEUE_NOTIFY_DELAY, "DELAY"},
    {"NEVER,NEVER", QUEUE_NOTIFY_NEVER, "NEVER"},
    {"NEVER,SUCCESS", 0, NULL},
    {"DELAY, FAILURE", 0, NULL},
    {"ALWAYS", 0, NULL},
    {",", 0, NULL},
    {"", 0, NULL},
};

static void test_notify(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(notify_cases) / sizeof(notify_cases[0]); i++) {
        int notify = 0;
        struct buf out;
        buf_init(&out, mem, 100);
        int error = dsn_parameter_parse_notify(test_page(str_from(notify_cases[i].value)), &notify);
        assert_int_equal(error, notify_cases[i].notify == 0 ? -ERR_SYNTAX : 0);
        assert_int_equal(notify, notify_cases[i].notify);
        if (error == 0) {
            dsn_parameter_write_notify(notify, &out);
            assert_string_equal(buf_text(&out), notify_cases[i].written);
        }
        buf_done(&out);
    }
    mem_destroy(mem);
}

static void test_envelope_id(void **state)
{
    static const char *const bad[] = {"", "a+2", "a b", "a=b", "a+0Ab", "+7F", "+C3+A4"};
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    assert_int_equal(dsn_parameter_parse_envid(test_page(STR("QQ+2B3+20x")), &out), 0);
    assert_string_equal(buf_text(&out), "QQ+3 x");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(dsn_parameter_parse_envid(test_page(str_from(bad[i])), &out), -ERR_SYNTAX);
        assert_string_equal(buf_text(&out), "QQ+3 x");
    }
    struct buf again;
    buf_init(&again, mem, 1000);
    dsn_parameter_write_envid(buf_str(&out), &again);
    assert_string_equal(buf_text(&again), "QQ+2B3+20x");
    mem_destroy(mem);
}

static void test_original_recipient(void **state)
{
    static const char *const bad[] = {"bob@far.test", ";bob",       "rfc822;b+4",  "rf.c;bob",
                                      "a b;c",        "rfc822;b=c", "rfc822;b+0Dc"};
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, 1000);
    assert_int_equal(dsn_parameter_parse_orcpt(test_page(STR("rfc822;b+2Bc@far.test")), &out), 0);
    assert_string_equal(buf_text(&out), "rfc822;b+c@far.test");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(dsn_parameter_parse_orcpt(test_page(str_from(bad[i])), &out), -ERR_SYNTAX);
        assert_string_equal(buf_text(&out), "rfc822;b+c@far.test");
    }
    struct buf again;
    buf_init(&again, mem, 1000);
    dsn_parameter_write_orcpt(buf_str(&out), &again);
    assert_string_equal(buf_text(&again), "rfc822;b+2Bc@far.test");
    buf_clear(&out);
    assert_int_equal(dsn_parameter_parse_orcpt(STR("x-foo;a+3Bb"), &out), 0);
    assert_string_equal(buf_text(&out), "x-foo;a;b");
    mem_destroy(mem);
}

static void test_longest_values(void **state)
{
    char text[LONG];
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;

    (void)state;
    buf_init(&out, mem, LONG);
    memset(text, 'x', sizeof(text));
    assert_int_equal(dsn_parameter_parse_envid(str_of(text, DSN_ENVID_MAX), &out), 0);
    assert_int_equal(dsn_parameter_parse_envid(str_of(text, DSN_ENVID_MAX + 1), &out), -ERR_LIMIT);
    buf_clear(&out);
    text[1] = ';';
    assert_int_equal(dsn_parameter_parse_orcpt(str_of(text, DSN_ORCPT_MAX), &out), 0);
    assert_int_equal(dsn_parameter_parse_orcpt(str_of(text, DSN_ORCPT_MAX + 1), &out), -ERR_LIMIT);
    mem_destroy(mem);
}

static void test_orcpt_of_type_utf8(void **state)
{
    struct mem *mem = mem_create(0, NULL, NULL);
    struct buf out;
    struct buf again;

    (void)state;
    buf_init(&out, mem, 100);
    buf_init(&again, mem, 100);
    assert_int_equal(dsn_parameter_parse_orcpt(test_page(STR("UTF-8;\\x{FC}b@far.test")), &out), 0);
    assert_string_equal(buf_text(&out), "UTF-8;\xc3\xbc"
                                        "b@far.test");
    dsn_parameter_write_orcpt(buf_str(&out), &again);
    assert_string_equal(buf_text(&again), "UTF-8;\\x{FC}b@far.test");
    buf_clear(&out);
    assert_int_equal(dsn_parameter_parse_orcpt(test_page(STR("utf-8;a\\x{A}b")), &out),
                     -ERR_SYNTAX);
    assert_int_equal(dsn_parameter_parse_orcpt(test_page(STR("rfc822;+C3+BC")), &out), -ERR_SYNTAX);
    assert_int_equal(dsn_parameter_parse_orcpt(test_page(STR("rfc822;\xc3\xbc")), &out),
                     -ERR_SYNTAX);
    assert_int_equal(out.size, 0);
    mem_destroy(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ret),
        cmocka_unit_test(test_notify),
        cmocka_unit_test(test_envelope_id),
        cmocka_unit_test(test_original_recipient),
        cmocka_unit_test(test_longest_values),
        cmocka_unit_test(test_orcpt_of_type_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
