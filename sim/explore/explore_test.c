// SPDX-License-Identifier: ISC
/* Random worlds are scenarios, and results can be read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "explore/generate.h"
#include "explore/shrink.h"
#include "explore/tally.h"
#include "scenario/scenario.h"

enum { TEXT_MAX = 1 << 20, ARENA_MAX = 64 << 20, SEEDS = 200 };

static void exhausted(void *argument)
{
    (void)argument;
    fail();
}

static void test_every_world_is_a_scenario(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct mem *mem = mem_create(0, exhausted, NULL);
        struct arena arena;
        struct buf text;
        struct buf report;
        arena_init(&arena, mem, ARENA_MAX);
        buf_init(&text, mem, TEXT_MAX);
        buf_init(&report, mem, TEXT_MAX);
        generate_scenario(seed, &text);
        struct syntax_problems problems = {"seed", buf_str(&text), &report, 0};
        if (scenario_parse(&arena, buf_str(&text), 0, &problems) == NULL) {
            fail_msg("seed %d: %s", (int)seed, buf_text(&report));
        }
        mem_destroy(mem);
    }
}

static void test_a_world_depends_on_its_seed_alone(void **state)
{
    (void)state;
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf texts[3];
    for (int i = 0; i < 3; i++) {
        buf_init(&texts[i], mem, TEXT_MAX);
        generate_scenario(i == 2 ? 8 : 7, &texts[i]);
    }
    assert_true(str_equal(buf_str(&texts[0]), buf_str(&texts[1])));
    assert_false(str_equal(buf_str(&texts[0]), buf_str(&texts[2])));
    mem_destroy(mem);
}

static void test_a_result_line_is_read_back(void **state)
{
    (void)state;
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf line;
    struct tally_result read;
    struct tally_result result = {
        .seed = UINT64_MAX,
        .passed = true,
        .hash = UINT64_C(0x00c0ffee00c0ffee),
        .virtual_ms = 86400000,
        .wall_us = 1234,
        .calls = 99,
    };
    result.reached[GOAL_bounced] = true;
    result.reached[GOAL_two_names] = true;
    buf_init(&line, mem, TEXT_MAX);
    tally_result_write(&result, &line);
    struct str text = str_trim_space(buf_str(&line));
    assert_true(tally_result_parse(text, &read));
    struct buf again;
    buf_init(&again, mem, TEXT_MAX);
    tally_result_write(&read, &again);
    assert_true(str_equal(buf_str(&again), buf_str(&line)));
    assert_false(tally_result_parse(str_first(text, text.size - 1), &read));
    assert_false(tally_result_parse(STR(""), &read));
    assert_false(tally_result_parse(STR("{\"seed\":1,\"result\":\"pass\"}"), &read));
    mem_destroy(mem);
}

static void test_a_goal_is_due_after_enough_seeds(void **state)
{
    (void)state;
    struct tally tally = {.count = 0};
    struct tally_result result = {.passed = true};
    for (int i = 0; i < GOAL_COUNT; i++) {
        result.reached[i] = i != GOAL_expired;
    }
    for (int i = 0; i < TALLY_GOALS_DUE - 1; i++) {
        tally_add(&tally, &result);
    }
    assert_int_equal(tally_missing_goals(&tally), 0);
    tally_add(&tally, &result);
    assert_int_equal(tally_missing_goals(&tally), 1);
}

/* Fails as long as it holds a line `x`, below an `a`, with a number of at least 7. */
static bool holds_x(void *argument, struct str text)
{
    int *tries = argument;
    (*tries)++;
    ptrdiff_t at = str_find_str(text, STR("a\n"));
    struct str rest = str_skip(text, (size_t)(at < 0 ? 0 : at));
    ptrdiff_t x = str_find_str(rest, STR("  x "));
    struct str number = str_skip(rest, (size_t)(x < 0 ? 0 : x + 4));
    return at >= 0 && x >= 0 && number.size > 0 && char_is_digit(number.data[0]) &&
           atoi(number.data) >= 7;
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static void test_only_what_fails_remains(void **state)
{
    (void)state;
    struct mem *mem = mem_create(0, exhausted, NULL);
    struct buf text;
    int tries = 0;
    const struct shrink shrink = {mem, &tries, holds_x, never};
    buf_init(&text, mem, TEXT_MAX);
    buf_put_text(&text, "head \"two words\" 9\n\na\n  y 1\n  x 4000s from <b> \"c d\"\n  z\nb 3\n");
    shrink_text(&shrink, &text);
    assert_true(holds_x(&tries, buf_str(&text)));
    assert_string_equal(buf_text(&text), "a\n  x 7s\n");
    mem_destroy(mem);
}

static void test_the_kind_of_a_failure(void **state)
{
    (void)state;
    assert_true(str_equal(shrink_kind(STR("never lost: A copy 1 to <b> was")), STR("never lost")));
    assert_true(str_equal(shrink_kind(STR("a/b.scn:7: expect queue empty at end\n    seen: 1")),
                          STR("expect queue empty at end")));
    assert_true(str_equal(shrink_kind(STR("assertion failed in smtp[7]: x.c:9")),
                          STR("assertion failed in smtp[7]: x.c:9")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_world_is_a_scenario),
        cmocka_unit_test(test_a_world_depends_on_its_seed_alone),
        cmocka_unit_test(test_a_result_line_is_read_back),
        cmocka_unit_test(test_a_goal_is_due_after_enough_seeds),
        cmocka_unit_test(test_only_what_fails_remains),
        cmocka_unit_test(test_the_kind_of_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
