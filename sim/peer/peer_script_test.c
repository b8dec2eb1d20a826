// SPDX-License-Identifier: ISC
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "peer/peer_script.h"

#define SECOND_NS INT64_C(1000000000)

enum { ARENA_MAX = 1 << 20 };

struct fixture {
    struct mem *mem;
    struct arena arena;
    struct buf report;
    struct peer_script script;
};

static void exhausted(void *argument)
{
    (void)argument;
    fail();
}

static void begin(struct fixture *f)
{
    f->mem = mem_create(0, exhausted, NULL);
    arena_init(&f->arena, f->mem, ARENA_MAX);
    buf_init(&f->report, f->mem, ARENA_MAX);
    peer_script_init(&f->script);
}

static bool add(struct fixture *f, const char *text)
{
    struct syntax_problems problems = {"rule", str_from(text), &f->report, 0};
    struct syntax_line *line = arena_alloc(&f->arena, sizeof(*line));
    return syntax_line_parse(&f->arena, str_from(text), 1, NULL, &problems, line) &&
           peer_script_add(&f->script, line, &f->arena, &problems);
}

static int code_at(struct fixture *f, enum peer_stage stage, const char *path, int connection,
                   int64_t second)
{
    const struct peer_situation at = {second * SECOND_NS, connection, 1};
    const struct peer_rule *rule = peer_script_find(&f->script, stage, str_from(path), &at);
    return rule == NULL ? 0 : rule->code;
}

static void test_the_first_rule_that_applies_decides(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_true(add(&f, "rcpt <bob@far.test> => 450 4.2.0 \"one\" \"two\""));
    assert_true(add(&f, "rcpt <*@far.test> => 550"));
    assert_true(add(&f, "rcpt => 451"));
    assert_int_equal(code_at(&f, PEER_STAGE_RCPT, "BOB@far.test", 1, 0), 450);
    assert_int_equal(code_at(&f, PEER_STAGE_RCPT, "carl@far.test", 1, 0), 550);
    assert_int_equal(code_at(&f, PEER_STAGE_RCPT, "carl@near.test", 1, 0), 451);
    assert_int_equal(code_at(&f, PEER_STAGE_MAIL, "bob@far.test", 1, 0), 0);
    assert_int_equal(f.script.rules->line_count, 2);
    mem_destroy(f.mem);
}

static void test_rules_hold_for_times_and_connections(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_true(add(&f, "banner => 421 from 10s until 20s"));
    assert_true(add(&f, "banner => 450 until first + 5s"));
    assert_true(add(&f, "banner => 554 connection 3.."));
    assert_int_equal(code_at(&f, PEER_STAGE_BANNER, "", 1, 12), 421);
    assert_int_equal(code_at(&f, PEER_STAGE_BANNER, "", 1, 9), 450); /* first was at 12 s */
    assert_int_equal(code_at(&f, PEER_STAGE_BANNER, "", 2, 20), 0);
    assert_int_equal(code_at(&f, PEER_STAGE_BANNER, "", 3, 20), 554);
    mem_destroy(f.mem);
}

static void test_rules_hold_for_a_number_of_open_connections(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_true(add(&f, "banner => 421 open 4.."));
    struct peer_situation at = {0, 9, 3};
    assert_null(peer_script_find(&f.script, PEER_STAGE_BANNER, STR(""), &at));
    at.open_count = 4;
    assert_non_null(peer_script_find(&f.script, PEER_STAGE_BANNER, STR(""), &at));
    mem_destroy(f.mem);
}

static void test_connect_rules_tell_when_they_change(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_true(add(&f, "connect => refuse from 100s until 200s"));
    assert_true(peer_script_next_change(&f.script, 0) == 100 * SECOND_NS);
    assert_true(peer_script_next_change(&f.script, 100 * SECOND_NS) == 200 * SECOND_NS);
    assert_true(peer_script_next_change(&f.script, 200 * SECOND_NS) == INT64_MAX);
    mem_destroy(f.mem);
}

static void test_what_no_stage_can_do_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "connect => 421",
        "connect => refuse connection 1",
        "connect => refuse until first + 3s",
        "data <bob@far.test> => 450",
        "rcpt => accept then reset",
        "rcpt => 199",
        "banner 220",
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(add(&f, wrong[i]));
    }
    assert_int_equal(f.script.count, 0);
    mem_destroy(f.mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_rule_that_applies_decides),
        cmocka_unit_test(test_rules_hold_for_times_and_connections),
        cmocka_unit_test(test_rules_hold_for_a_number_of_open_connections),
        cmocka_unit_test(test_connect_rules_tell_when_they_change),
        cmocka_unit_test(test_what_no_stage_can_do_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
