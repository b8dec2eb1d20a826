// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "conf/master_cf.h"
#include "postilion/postilion_config.h"

static void exhausted(void *argument)
{
    (void)argument;
    fail_msg("out of memory");
}

static void test_the_services_written_can_be_read(void **state)
{
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct postilion_config config = {.smtp_port = 21001, .qmqp_port = 21002};
    struct master_cf cf;
    struct arena arena;
    struct buf text;
    struct buf problems;

    (void)state;
    arena_init(&arena, mem, 1 << 20);
    buf_init(&text, mem, 1 << 16);
    buf_init(&problems, mem, 1 << 16);
    postilion_config_master(&text, &config);
    assert_int_equal(master_cf_parse(buf_str(&text), "master.cf", &arena, &cf, &problems), 0);
    assert_string_equal(buf_text(&problems), "");
    assert_non_null(master_cf_find(&cf, STR("21001"), MASTER_CF_INET));
    assert_non_null(master_cf_find(&cf, STR("21002"), MASTER_CF_INET));
    assert_int_equal(master_cf_find(&cf, STR("qmgr"), MASTER_CF_UNIX)->wakeup_s, 300);
    assert_non_null(master_cf_find(&cf, STR("postlog"), MASTER_CF_UNIX_DGRAM));
    buf_done(&text);
    buf_done(&problems);
    arena_done(&arena);
    mem_destroy(mem);
}

static void test_names_are_checked(void **state)
{
    (void)state;
    assert_true(postilion_config_domain_ok(STR("example.com")));
    assert_true(postilion_config_domain_ok(STR("a-b.example")));
    assert_false(postilion_config_domain_ok(STR("")));
    assert_false(postilion_config_domain_ok(STR(".example")));
    assert_false(postilion_config_domain_ok(STR("example.")));
    assert_false(postilion_config_domain_ok(STR("a..b")));
    assert_false(postilion_config_domain_ok(STR("-a.b")));
    assert_false(postilion_config_domain_ok(STR("a b")));
    assert_true(postilion_config_mailbox_ok(STR("first.last+box")));
    assert_false(postilion_config_mailbox_ok(STR("..")));
    assert_false(postilion_config_mailbox_ok(STR("a/b")));
    assert_false(postilion_config_mailbox_ok(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_services_written_can_be_read),
        cmocka_unit_test(test_names_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
